from __future__ import annotations

import pytest

from tasks.text.polarity import english_flipped, flipped


@pytest.mark.parametrize(
    ("sentence", "opposite"),
    [
        ("회사는 보험금을 지급합니다.", "회사는 보험금을 지급하지 않습니다."),
        ("회사는 보험금을 지급하지 않습니다.", "회사는 보험금을 지급합니다."),
        ("계약을 해지할 수 있습니다.", "계약을 해지할 수 없습니다."),
        ("계약을 해지할 수 없다.", "계약을 해지할 수 있다."),
        ("손해액에서 뺍니다.", "손해액에서 빼지 않습니다."),
        ("그 효력을 잃습니다.", "그 효력을 잃지 않습니다."),
        ("신고하여야 한다.", "신고하지 아니할 수 있다."),
        ("회사에 알려야 합니다.", "회사에 알리지 않아도 됩니다."),
        ("정보를 유통시켜서는 아니 된다.", "정보를 유통시켜도 된다."),
        ("폭행을 하지 못한다.", "폭행을 할 수 있다."),
        ("승낙한 것으로 봅니다.", "승낙한 것으로 보지 않습니다."),
        ("대통령령으로 정한다.", "대통령령으로 정하지 아니한다."),
    ],
)
def test_the_predicate_alone_is_turned_round(sentence: str, opposite: str) -> None:
    assert flipped(sentence) == opposite


@pytest.mark.parametrize("sentence", ["제목", "다음과 같다.", "이것은 약관이다.", ""])
def test_what_cannot_be_turned_round_in_good_grammar_is_left(sentence: str) -> None:
    assert flipped(sentence) is None


@pytest.mark.parametrize(
    ("sentence", "opposite"),
    [
        ("The insurer shall pay.", "The insurer need not pay."),
        ("You may not smoke.", "You may smoke."),
        ("Claims are paid monthly.", "Claims are not paid monthly."),
        ("Employees can leave.", "Employees cannot leave."),
    ],
)
def test_english_turns_its_first_modal_verb(sentence: str, opposite: str) -> None:
    assert english_flipped(sentence) == opposite


def test_english_without_a_modal_verb_is_left() -> None:
    assert english_flipped("Cancel the room in time.") is None
