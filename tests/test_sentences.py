from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.text.sentences import ends_sentence, sentence_spans, sentences


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("회사는 지급합니다. 다만, 그러하지 아니하다.", ["회사는 지급합니다.", "다만, 그러하지 아니하다."]),
        ("이 법은 2025. 2. 23. 시행한다. 끝", ["이 법은 2025. 2. 23. 시행한다.", "끝"]),
        ("가. 계약자: 사람을 말합니다.", ["가. 계약자: 사람을 말합니다."]),
        ("1. 임금\n1의2. 보수\n② 삭제", ["1. 임금", "1의2. 보수", "② 삭제"]),
        ("가족(함께 사는 자를 말한다. 이하 같다)은 뺀다. 끝", ["가족(함께 사는 자를 말한다. 이하 같다)은 뺀다.", "끝"]),
        ("적용한다.<개정 2018. 12. 21.> 다만, 뺀다.", ["적용한다.<개정 2018. 12. 21.>", "다만, 뺀다."]),
        ("적용한다. <개정 2018. 12. 21.> 다만, 뺀다.", ["적용한다. <개정 2018. 12. 21.>", "다만, 뺀다."]),
        ("받을 수 있나요? 네.", ["받을 수 있나요?", "네."]),
        ("“아니 된다.”라고 규정하고 있다. 끝", ["“아니 된다.”라고 규정하고 있다.", "끝"]),
        ("이율은 3.5%입니다. 끝", ["이율은 3.5%입니다.", "끝"]),
        ("닫히지 않은 (괄호다. 다음 문장이다.", ["닫히지 않은 (괄호다.", "다음 문장이다."]),
        (
            "The insurer pays, e.g. for Mr. Kim, up to No. 5. Claims are paid.",
            ["The insurer pays, e.g. for Mr. Kim, up to No. 5. Claims are paid."],
        ),
        (
            "Book early. Claims older than 90 days are rejected! See 4.5 below.",
            ["Book early.", "Claims older than 90 days are rejected!", "See 4.5 below."],
        ),
        ("", []),
        (" \n ", []),
    ],
)
def test_where_sentences_end(text, wanted):
    assert sentences(text) == wanted


@pytest.mark.parametrize(
    ("line", "ended"),
    [
        ("지급합니다.", True),
        ("말한다.<개정 2013. 12. 3.>", True),
        ("2025. 2. 23.", False),
        ("1. 임금", False),
        ("가.", False),
        ("균형 있는", False),
        ("", False),
    ],
)
def test_whether_a_line_ends_a_sentence(line, ended):
    assert ends_sentence(line) is ended


@given(st.text(alphabet="가다나.?()“”「」<> \n1한", max_size=60))
def test_sentences_cover_all_but_white_space(text):
    spans = sentence_spans(text)
    assert "".join(text[a:b] for a, b in spans).replace(" ", "") == "".join(text.split())
    assert all(a < b for a, b in spans)
    assert spans == sorted(spans)


@pytest.mark.timeout(5)
def test_a_hundred_thousand_brackets_take_no_time():
    assert len(sentences("(" * 50_000 + ")" * 50_000 + "「" * 50_000)) == 1


def test_a_syllable_that_is_no_item_mark_ends_a_sentence() -> None:
    assert sentences("사고가 없을 것. 다만, 경미한 사고는 제외한다.")[0] == "사고가 없을 것."
