"""What a page number looks like, and which number it is: "- 12 -", "12/64", "Ⅳ-12", "제12쪽", "p. 12", "iv"."""

from __future__ import annotations

import re
import unicodedata

NUMERAL = r"(?:\d{1,5}|[ivxl]{1,7}|[\u2160-\u217f])"
PAGE_NUMBER = re.compile(
    rf"(?i)[-–—―~·•|\s\[(<〔]*(?:page\s*|pg?\.?\s*|제\s*)?(?:(?:[a-z]|{NUMERAL})\s?[-–—]\s?)?(?P<number>{NUMERAL})"
    r"(?:\s*(?:/|of|중)\s*(?:총\s*)?\d{1,5})?\s*(?:쪽|면|페이지)?[-–—―~·•|\s\])>〕]*"
)
OF_ALL = re.compile(r"총\s*\d{1,5}\s*(?:쪽|면|페이지)\s*중\s*(?:제\s*)?(?P<number>\d{1,5})\s*(?:쪽|면|페이지)")
LONGEST = 24  # characters
ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50}
MISREAD = str.maketrans("lI|OoSB", "1110058")  # what OCR makes of digits


def page_number(text: str, ocr: bool = False) -> int | None:
    """The number of a text that is nothing but a page number, else None. What OCR read may have letters for digits."""
    if len(text) > LONGEST or not text:
        return None
    match = PAGE_NUMBER.fullmatch(text) or OF_ALL.fullmatch(text)
    if not match and ocr and any(c.isdigit() for c in text):
        match = PAGE_NUMBER.fullmatch(text.translate(MISREAD))
    return _value(match["number"]) if match else None


def _value(numeral: str) -> int:
    if numeral.isdecimal():
        return int(numeral)
    if len(numeral) == 1 and numeral not in "ivxlIVXL":
        return int(unicodedata.numeric(numeral))
    values = [ROMAN[c] for c in numeral.lower()]
    return sum(-v if v < max(values[i:]) else v for i, v in enumerate(values))
