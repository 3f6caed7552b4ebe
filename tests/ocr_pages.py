"""Pages drawn for OCR tests: Korean text in columns, tables and bars, as a grey picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from tasks.read.ocr.engine import Picture

FONT = Path("/usr/share/fonts/truetype/nanum/NanumGothic.ttf")
DPI = 200
LETTER = 28  # pixels: 10 points
PITCH = 44


def font(size: int = LETTER) -> ImageFont.FreeTypeFont:
    """The test font; without it the test is skipped."""
    if not FONT.exists():
        pytest.skip(f"no font at {FONT}: apt install fonts-nanum")
    return ImageFont.truetype(FONT, size)


class Sheet:
    """White paper to write on."""

    def __init__(self, width: int = 1200, height: int = 800) -> None:
        self.image = Image.new("L", (width, height), 255)
        self.draw = ImageDraw.Draw(self.image)

    def write(self, x: int, y: int, lines: Sequence[str], size: int = LETTER, fill: int = 0) -> None:
        """Lines from this corner on."""
        for number, line in enumerate(lines):
            self.draw.text((x, y + number * PITCH * size // LETTER), line, font=font(size), fill=fill)

    def table(self, xs: Sequence[int], ys: Sequence[int]) -> None:
        """Ruled lines at these places."""
        for x in xs:
            self.draw.line((x, ys[0], x, ys[-1]), fill=0, width=2)
        for y in ys:
            self.draw.line((xs[0], y, xs[-1], y), fill=0, width=2)

    @property
    def picture(self) -> Picture:
        """The sheet as an array."""
        return np.array(self.image)


TERMS = (
    "제1조(목적) ① 이 약관은 회사와 계약자 사이에 체결된",
    "보험계약의 성립과 유지에 필요한 사항을 정합니다.",
    "② 회사는 청약을 받은 날부터 30일 이내에 승낙하거나",
    "거절하여야 하며, 그 뜻을 계약자에게 알려 드립니다.",
    "③ 보험료를 납입하지 아니한 때에는 계약을 해지할 수",
    "있습니다. 다만, 회사는 14일 이상의 기간을 정합니다.",
)
LEFT = (
    "제1조(목적) 이 규정은 임직원이",
    "지켜야 할 기본적인 사항을 정하고",
    "업무를 공정하게 처리하는 것을 그",
    "목적으로 한다. 다른 법령이 있으면",
    "그 법령에서 정하는 바에 따른다.",
    "제2조(정의) 이 규정에서 사용하는",
    "용어의 뜻은 다음과 같이 정한다.",
    "임원이란 대표이사와 이사를 말하며",
    "직원이란 회사와 근로계약을 맺은",
)
RIGHT = (
    "사람을 말한다. 다만, 일용직으로",
    "근무하는 사람은 여기서 제외한다.",
    "제3조(적용 범위) 이 규정은 모든",
    "임직원에게 적용하고, 파견 직원에",
    "대하여는 따로 정하는 기준에 의한",
    "다. 회사의 자회사는 이 규정을 그",
    "사정에 맞게 고쳐서 적용할 수 있다",
    "제4조(비밀의 유지) 임직원은 업무",
    "수행 중 알게 된 비밀을 지켜야 한다",
)
