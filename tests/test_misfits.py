from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.text.misfits import misfits
from tasks.text.particles import attach, final, reading


def wrong(text: str) -> list[str]:
    return [found.word + found.particle for found in misfits(text)]


@pytest.mark.parametrize(
    "sentence",
    [
        "회사은 지급한다.",
        "계약자이 해지한다.",
        "보험금를 지급한다.",
        "위원장는 정한다.",
        "법원가 정한다.",
        "대통령령로 정한다. 서면로 알린다.",
        "서울으로 보낸다.",
        "회사으로부터 받는다.",
        "회사과 계약자는 정한다.",
        "약관와 다르다.",
        "절차이 끝난다.",
        "당국가 정한다.",
        "이자은 없다.",
        "것를 말한다.",
        "대리인가 청구한다.",
        "“위원회”이라 한다.",
        "“갑”라 한다.",
        "「은행법」는 다르다.",
        "회사(갑)은 지급한다.",
        "제3조(정의)을 따른다.",
        "10km을 넘는다.",
        "3를 곱한다.",
        "OTP을 쓴다.",
        "URL으로 옮긴다.",
        "token를 쓴다.",
    ],
)
def test_a_particle_that_does_not_fit_is_found(sentence: str) -> None:
    assert wrong(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "국가는 물가와 원가를 평가한다. 전문가 감정가 증가",
        "효과 초과 부과 외과 내과 사과 여과 성과를 말한다",
        "나이 차이 사이 추이 새로이 어린이 오토바이 보험나이를 따른다",
        "있는 없는 받는 찾는 넣는 않는 넘는 다듬는 살아남는 입는 사람",
        "죄를 지은 자와 이은 줄, 마을 가을 노을",
        "근로 경로 통로 선로 대로 폭로하다",
        "무엇인가 가능한가? 누군가 언젠가 예비인가",
        "본인가 신청을 받은 은행",
        "회사(갑)는 계약자(을)를 만난다.",
        "위원회(이하 “위원회”라 한다)는 지방은행(이하 “은행”이라 한다)을 본다.",
        "10km를 3을 곱하고 PC는 OTP를, SMS는 URL로, 10kg을 5%를 넘는다. 1과 2와 3은",
        "국제금융로 10, 종로3가 12",
        "서울로 물로 것으로 회사로 법률로써 대통령령으로",
        "GAP을 GAP를 CORE는 server는",
        "(행정인사과) 조사과장",
    ],
)
def test_words_that_end_like_a_particle_are_left_alone(sentence: str) -> None:
    assert wrong(sentence) == []


def test_what_brackets_and_letters_decide_is_not_sure() -> None:
    assert [found.sure for found in misfits("회사은 회사(갑)은 OTP을 3를 ")] == [True, False, False, False]
    assert [found.fitting for found in misfits("서울으로 회사은")] == ["로", "는"]


SYLLABLES = st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=2, max_size=6)
FORMS = st.sampled_from(["은", "는", "이", "가", "을", "를", "과", "와", "로", "으로"])


@given(SYLLABLES, FORMS)
def test_a_fitted_particle_is_never_wrong(word: str, form: str) -> None:
    assert wrong(f"{attach(word, form)} 지급한다.") == []


@given(st.text(max_size=200))
def test_whatever_the_text_the_finds_stand_in_it_and_the_fitting_form_fits(text: str) -> None:
    for found in misfits(text):
        assert found.particle in text
        assert attach(found.word, found.particle).endswith(found.fitting)


@pytest.mark.parametrize(
    ("word", "index"),
    [("회사(갑)", 0), ("갑(회사)", 17), ("5%", 0), ("10kg", 16), ("3km", 0), ("GAP", None), ("server", None), ("login", 4)],
)
def test_what_is_read_aloud_decides(word: str, index: int | None) -> None:
    assert reading(word) == index
    assert index is None or final(word) == index
