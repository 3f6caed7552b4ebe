from __future__ import annotations

import pytest

from tasks.read.plausible import KS_X_1001, fault_of, is_plausible, letters_missing, lone_space_code, mix_of

TERMS = (
    "회사는 피보험자가 보험기간 중에 상해의 직접 결과로써 사망한 경우(질병으로 인한 사망은 제외합니다)에는 "
    "보험수익자에게 보험가입금액을 지급합니다. 다만, 계약자가 제3조에 따라 알리지 않은 때에는 3영업일 이내에 "
    "그 사유를 통지하고, 보험금의 50%를 지급할 수 있습니다. "
)


def fault(text: str) -> str | None:
    return fault_of(mix_of(text))


def test_euc_kr_never_fails_so_only_two_byte_syllables_are_of_ks_x_1001():
    assert len(KS_X_1001) == 2350
    assert "뷁".encode("euc_kr")
    assert "뷁" not in KS_X_1001


def test_real_text_is_trusted():
    assert fault(TERMS * 3) is None


def test_an_english_page_is_trusted():
    assert fault("The insurer pays the sum insured within 10 days. " * 5) is None


def test_a_shifted_character_map_is_found():
    assert fault("".join(chr(ord(c) + 7) if "가" <= c <= "힐" else c for c in TERMS)) == "implausible_hangul"


@pytest.mark.parametrize("shift", [0xE000 - 0xAC00, 0x1200 - 0xAC00])
def test_private_use_and_foreign_scripts_are_bad_text(shift):
    assert fault("".join(chr(min(ord(c) + shift, 0xF8FF)) if "가" <= c <= "힣" else c for c in TERMS)) == "bad_text"


def test_text_that_lost_its_digits_and_points_is_not_trusted():
    assert fault("".join(c for c in TERMS * 3 if c not in "0123456789.,()%")) == "signs_missing"


def test_a_document_that_lost_its_letters_is_not_trusted_but_a_table_of_figures_is():
    lost = mix_of('"( , 2015 1144) [ , 2015. 12. 18.] 【 】 , ‘ ’ 71 5 , 59 , 2 5 ' * 4)
    figures = mix_of("1년 437,400 14,346 (3.3%) 16,787 (3.8%) 2년 874,800 경과기간 " * 4)
    assert letters_missing([lost])
    assert not letters_missing([figures])
    assert not letters_missing([lost, mix_of(TERMS * 2)])


def test_a_short_text_says_nothing():
    assert fault("") is None
    assert fault("ዀዀዀ") is None
    assert not letters_missing([mix_of("1 2 3")])


def test_one_control_code_alone_is_the_space():
    assert lone_space_code("제1조\x01목적\x01\n") == "\x01"
    assert lone_space_code("제1조\x01목적\x02") is None
    assert lone_space_code("제1조 목적") is None


@pytest.mark.parametrize(
    ("char", "good"),
    [
        ("가", True),
        ("①", True),
        ("甲", True),
        ("Ａ", True),
        ("%", True),
        ("\ufffd", False),
        ("\ue001", False),
        ("ዀ", False),
        ("\x03", False),
    ],
)
def test_which_characters_a_page_may_hold(char, good):
    assert is_plausible(char) is good
