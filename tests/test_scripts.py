from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.text.scripts import drifts, language_of, share_of_hangul


@pytest.mark.parametrize(
    "text",
    [
        "보험금을 支付합니다.",
        "보험金을 지급합니다.",
        "ページ를 봅니다.",
        "보험금をお지급합니다.",
        "보험금을 3영업일以内에 지급합니다.",
        "회사는 страхование 합니다.",
        "회사는 của 지급합니다.",
        "การจ่าย 지급",
        "보험금을 지급합니다。",
        "보험금을 pay the claim 합니다.",
        "회사는 you must pay within 30 days 지급합니다.",
        "보험료를 the company 지급",
        "보험� 지급",
    ],
)
def test_another_script_or_long_english_is_drift(text: str) -> None:
    assert any(drift.sure for drift in drifts(text, "ko"))


@pytest.mark.parametrize(
    "text",
    [
        "고의(故意)로 해친 경우",
        "파기(破棄 )하여",
        "甲은 乙에게 지급한다.",
        "금융감독원(Financial Supervisory Service)에",
        "OTP와 SMS를 쓴다.",
        "Financial Supervisory Service에 낸다.",
        "α와 β의 합",
        "50㎡, 3㎏, 5℃, 10km",
        "www.privacy.go.kr 또는 help@example.com",
        "ㄱ. 첫째 ㆍ 둘째",
    ],
)
def test_what_korean_legal_text_does_is_no_drift(text: str) -> None:
    assert [drift for drift in drifts(text, "ko") if drift.sure] == []


def test_what_the_source_has_is_no_drift() -> None:
    assert list(drifts("Peer to Peer 방식", "ko", "Peer to Peer 방식의 공유")) == []
    assert list(drifts("The term 약관 means terms.", "en", "약관")) == []
    assert [drift.words for drift in drifts("The insurer shall 지급 the claim.", "en", "약관")] == ["지급"]


def test_one_word_of_english_is_a_doubt() -> None:
    assert [drift.sure for drift in drifts("보험금은 immediately 지급됩니다.", "ko")] == [False]


@given(
    st.text(alphabet="가나다라마바사 .,()·ㆍ0123456789%\nABC", max_size=100),
    st.sampled_from(["支付", "保険", "ページ", "право", "ราคา"]),
)
def test_drift_is_found_wherever_it_stands(text: str, foreign: str) -> None:
    assert list(drifts(text, "ko")) == []
    assert [drift.words for drift in drifts(f"{text} 나{foreign}를", "ko")] == [foreign]


def test_abbreviations_and_words_of_the_source_do_not_count_against_hangul() -> None:
    assert share_of_hangul("OTP 또는 USB") == 1.0
    assert share_of_hangul("login", "login 버튼") is None
    assert share_of_hangul("The insurer pays 보험금") < 0.5
    assert language_of("123") is None
    assert language_of("The insurer pays the claim (보험).") == "en"
