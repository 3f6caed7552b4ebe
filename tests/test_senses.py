from __future__ import annotations

import pytest

from tasks.text.parties import parties, same_party
from tasks.text.polarity import same_sense, senses


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("지급한다", []),
        ("지급하지 아니한다", ["not"]),
        ("지급하지 않습니다", ["not"]),
        ("해지할 수 있다", ["can"]),
        ("해지할 수 없어요", ["cannot"]),
        ("알려야 한다", ["must"]),
        ("하여서는 아니 된다", ["cannot"]),
        ("하면 안 됩니다", ["cannot"]),
        ("하지 아니할 수 있다", ["need not"]),
        ("통지하지 않아도 된다", ["need not"]),
        ("통지할 필요가 없다", ["need not"]),
        ("보상하지 않을 수 없다", ["must"]),
        ("보상하지 아니하면 아니 된다", ["must"]),
        ("제공하여도 된다", ["can"]),
        ("책임이 없다", ["none"]),
        ("알리는 것이 바람직합니다", ["should"]),
    ],
)
def test_senses_are_read(text, values):
    assert [mark.value for mark in senses(text)] == values


def test_a_duty_is_no_permission():
    assert same_sense("must", "")
    assert same_sense("not", "cannot")
    assert not same_sense("must", "can")
    assert not same_sense("not", "need not")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("회사는 계약자에게", [("회사", "topic"), ("계약자", "dative")]),
        ("당사가", [("회사", "subject")]),
        ("신용정보회사등은", [("신용정보회사", "topic")]),
        ("신용정보제공ㆍ이용자가", [("신용정보제공ㆍ이용자", "subject")]),
        ("투자와 이자를 승인은", []),
        ("무효인 행위", []),
    ],
)
def test_parties_are_read_with_their_role(text, wanted):
    assert [(mark.value, mark.note) for mark in parties(text)] == wanted


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("보험수익자", "수익자", True),
        ("고용노동부장관", "장관", True),
        ("계악자", "계약자", True),
        ("피상속인", "상속인", False),
        ("주채무자", "채무자", False),
        ("감사", "검사", False),
        ("매도인", "매수인", False),
        ("한국은행", "은행", False),
    ],
)
def test_names_of_one_party(one, other, same):
    assert same_party(one, other) is same
