"""When two running texts count as the same: with their digits masked, and up to what OCR reads a little differently each time."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tasks.text.normal import comparable

DIGITS = re.compile(r"\d+")
LONGEST = 80  # characters; a longer line is no running line
TOLERANCE = 5  # one wrong letter in so many


def masked(text: str) -> str:
    """The comparable form of a text with each number as one sign; of a text of signs alone, the text itself."""
    return DIGITS.sub("#", comparable(text)) or text


def nearest(text: str, known: Sequence[str]) -> str | None:
    """The first of the known texts that differs by no more than OCR errs, if any."""
    allowed = len(text) // TOLERANCE
    if not allowed:
        return text if text in known else None
    return next((other for other in known if is_within(text, other, allowed)), None)


def is_within(a: str, b: str, allowed: int) -> bool:
    """Whether at most so many letters have to be put in, taken out or changed to turn one text into the other."""
    if max(len(a), len(b)) > LONGEST or abs(len(a) - len(b)) > allowed:
        return a == b
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, start=1):
        diagonal, row[0] = row[0], i
        for j, right in enumerate(b, start=1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (left != right))
        if min(row) > allowed:
            return False
    return row[-1] <= allowed
