from __future__ import annotations

import pytest

from tasks.text.references import references_of, same_clause


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("제12조의2제3항제1호", {("12-2", "3", "1"), ("12-2", "", "")}),
        ("제12조 제3항", {("12", "3", ""), ("12", "", "")}),
        ("제12조 ③", {("12", "3", ""), ("12", "", "")}),
        ("제1항 및 제2항", {("", "1", ""), ("", "2", "")}),
        ("제1항제2항", {("", "1", ""), ("", "2", "")}),
        ("3개월 이내", set()),
    ],
)
def test_references_are_read(text, wanted):
    assert references_of([text]) == wanted


def test_a_shorter_reference_names_the_same_clause():
    assert same_clause(("12", "", ""), ("12", "3", ""))
    assert same_clause(("", "3", ""), ("12", "3", ""))
    assert not same_clause(("12", "3", ""), ("12", "4", ""))
    assert not same_clause(("12", "", ""), ("12-2", "", ""))
    assert not same_clause(("", "3", ""), ("12", "", ""))
