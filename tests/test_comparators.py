from __future__ import annotations

import pytest

from tasks.text.comparators import agree, comparators
from tasks.text.numbers import numbers_out


def said(text: str, english: bool = False) -> list[str]:
    return [mark.value for mark in comparators(numbers_out(text)[0], english)]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("5명 이상의 위원", [">="]),
        ("5천만원 이하의 벌금", ["<="]),
        ("100분의 50을 초과하는", [">"]),
        ("10%를 넘어", [">"]),
        ("18세 미만인 사람", ["<"]),
        ("3영업일 이내에", ["within"]),
        ("30일 안에", ["within"]),
        ("만료일 전까지", ["before", "until"]),
        ("다음 날부터", ["from"]),
        ("1년이 지난 날", ["after"]),
        ("해고하려면", ["toward"]),
        ("최소 3일", [">="]),
        ("1억원을 한도로", ["<="]),
    ],
)
def test_a_comparator_is_read(text, values):
    assert said(text) == values


@pytest.mark.parametrize(
    "text",
    ["이하 같다", "(이하 “회사”라 한다)", "이상 징후가 있는", "초과근무 수당", "전부를", "후견인은", "이하 이 조에서 같다"],
)
def test_a_word_that_looks_like_one_is_none(text):
    assert said(text) == []


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("at least 3 days", [">="]),
        ("no more than 5%", ["<="]),
        ("within 30 days after receipt", ["within", "after"]),
        ("more than 10 years", [">"]),
        ("no earlier than 3 months", ["after"]),
        ("60 days or more", [">="]),
    ],
)
def test_an_english_comparator_is_read(text, values):
    assert said(text, english=True) == values


def test_what_sets_the_same_limit_agrees():
    assert agree("within", "<=")
    assert agree("until", "within")
    assert not agree("<", "<=")
    assert not agree(">", ">=")
    assert not agree("before", "after")
