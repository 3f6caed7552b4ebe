from __future__ import annotations

import pytest

from tasks.text.scope import family, scope_words


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("전부 또는 일부", ["share:either"]),
        ("재산의 전부를", ["share:all"]),
        ("업무의 일부를", ["share:part"]),
        ("각 호의 어느 하나", ["share:one"]),
        ("매년 1회", ["often:year"]),
        ("회사 또는 계약자", ["join:or"]),
        ("회사 및 계약자", ["join:and"]),
        ("예외 없이", ["sure:always"]),
        ("아무런 조건 없이", ["sure:always"]),
        ("이에 대한 예외는 없다", ["sure:always"]),
        ("경우에 한하여", ["only:yes"]),
        ("연대하여", ["together:yes"]),
        ("<일부개정>", []),
    ],
)
def test_scope_words_are_read(text, values):
    assert [mark.value for mark in scope_words(text)] == values


def test_values_of_one_family_exclude_each_other():
    assert family("share:all") == family("share:part") != family("often:year")
