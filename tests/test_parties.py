from __future__ import annotations

from tasks.text.parties import english_swapped, swapped

TERMS = "회사 계약자 피보험자 보험수익자"


def test_a_party_is_swapped_with_its_particle() -> None:
    assert "계약자는 계약을 해지할 수 있습니다." in swapped("회사는 계약을 해지할 수 있습니다.", TERMS)
    assert swapped("대통령령으로 정한다.", "") == ["총리령으로 정한다."]


def test_two_parties_of_one_sentence_change_places() -> None:
    assert "계약자는 회사에 보험금을 지급합니다." in swapped("회사는 계약자에게 보험금을 지급합니다.", TERMS)


def test_only_a_party_that_the_context_knows_takes_a_place() -> None:
    assert swapped("이용자는 통지하여야 한다.", "이용자만 나오는 글") == []
    assert swapped("이용자는 통지하여야 한다.", "금융회사와 이용자") == ["금융회사는 통지하여야 한다."]


def test_a_party_inside_another_word_or_an_enumeration_stays() -> None:
    assert swapped("보험계약자유의 원칙에 따른다.", TERMS) == []
    assert swapped("계약자 또는 피보험자는 알려야 합니다.", TERMS) == []


def test_english_parties_change_places_and_keep_their_capitals() -> None:
    context = "insurer and policyholder"
    assert english_swapped("The insurer pays the policyholder.", context) == ["The policyholder pays the insurer."]
    assert english_swapped("Insurer pays.", context) == ["Policyholder pays."]
    assert english_swapped("The insurer pays.", "nobody else") == []
