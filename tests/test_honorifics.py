from __future__ import annotations

import pytest

from tasks.text.honorifics import without_honorifics


@pytest.mark.parametrize(
    ("polite", "plain"),
    [
        ("제출하셔야 합니다", "제출하여야 합니다"),
        ("해지하실 수 있습니다", "해지할 수 있습니다"),
        ("지급해 드립니다", "지급합니다"),
        ("알려 주셔야 합니다", "알려야 합니다"),
        ("두실 수 있습니다", "둘 수 있습니다"),
        ("받으실 수 없습니다", "받을 수 없습니다"),
        ("계약자님께서는", "계약자는"),
        ("가입하신 날", "가입한 날"),
    ],
)
def test_honorifics_are_taken_out(polite, plain):
    assert without_honorifics(polite) == plain


@pytest.mark.parametrize("text", ["사실을 알린다", "시행한 날", "확실한 경우", "실시하여야 한다", "신청하는 자"])
def test_plain_words_stay(text):
    assert without_honorifics(text) == text
