from __future__ import annotations

import random

import pytest
from set_pages import SHARED, source_of

from tasks.read.pdf import read_pdf
from tasks.text.spacing import Spacing
from tasks.text.tokens import estimate_tokens

LINES = [
    "회사는 보험수익자에게 약정한 보험금을 지급합니다.",
    "계약자는 보험금의 지급을 청구할 수 있습니다.",
    "회사는 지급사유를 조사하고 보험금을 지급하여야 합니다.",
    "피보험자가 보험금의 청구를 하여야 합니다.",
]


@pytest.mark.parametrize(
    ("left", "right", "space"),
    [
        ("약정한 보험", "금을 지급합니다.", False),
        ("회사는 보험금을", "지급하여야 합니다.", True),
        ("보험금을 지급하", "여야 합니다.", False),
        ("지급사유(상해의", "결과", True),
        ("지급사유(", "상해의 결과)", False),
        ("보험금을 지급합니다", ".", False),
        ("The insurer", "pays", True),
        ("", "지급", True),
    ],
)
def test_the_document_tells_where_its_words_end(left, right, space):
    assert Spacing(LINES).is_space(left, right) is space


def test_a_particle_never_begins_a_word():
    assert not Spacing([]).is_space("위원회의 회의", "는 공개한다.")
    assert Spacing([]).is_space("위원회의 회의를", "공개한다.")


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is not there")
def test_known_lines_cut_at_random_are_mended_as_they_were():
    path = SHARED / "law" / "전자금융거래법_19734.pdf"
    lines = [b.text.strip() for p in read_pdf(path, source_of(path)).rows for b in p.blocks if len(b.text) > 10]
    rng = random.Random(1)
    rng.shuffle(lines)
    spacing, right = Spacing(lines[200:]), 0
    for line in lines[:200]:
        at = rng.randrange(2, len(line) - 2)
        right += spacing.is_space(line[:at], line[at:]) == (line[at - 1] == " " or line[at] == " ")
    assert right >= 190


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("보험금 지급", 4), ("policy", 2), ("1,000", 5), ("保險", 2)])
def test_estimated_tokens(text, tokens):
    assert estimate_tokens(text) == tokens
