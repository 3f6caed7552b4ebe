"""The label of a number in a table stands at the head of its column, in any text whose cells are parted by tabs or pipes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.clean.pii_labels import PLACEHOLDER, last_label

LONGEST_ROW = 2000  # characters of a row; a longer line is no row
PARTING = re.compile(r"[\t|]")
FIGURE = re.compile(r"\d[\d .-]{3}\d|\d\d[가-힣] ?\d{4}")
RULING = re.compile(r"[\s|:-]*")

Heads = tuple[str, ...]


class Columns:
    """The rows of all tables of a text, and what stands over their cells."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._heads = dict(_rows(text)) if PARTING.search(text) else {}

    def head(self, start: int) -> str | None:
        """The label over the cell of this place, "" when there is none; None where no column of a table has one."""
        line = self.line(start)
        heads = self._heads.get(line)
        if heads is None:
            return None
        column = len(PARTING.findall(self._text, line, start))
        return heads[column] if column < len(heads) else ""

    def line(self, at: int) -> int:
        """Where the line of a place begins."""
        return self._text.rfind("\n", max(0, at - LONGEST_ROW), at) + 1 or max(0, at - LONGEST_ROW)

    def cell(self, start: int) -> int:
        """Where the cell of a place begins: its line where there are no cells."""
        line = self.line(start)
        return max(line, self._text.rfind("\t", line, start) + 1, self._text.rfind("|", line, start) + 1)

    def left_of(self, cell: int) -> str:
        """The text of the cell left of the one that begins here; empty for the first."""
        line = self.line(cell)
        return self._text[self.cell(cell - 1) : cell - 1] if cell > line else ""


def _rows(text: str) -> Iterator[tuple[int, Heads]]:
    """Where a row with figures begins, and the labels over its cells."""
    heads: Heads = ()
    at = 0
    for line in text.split("\n"):
        cells = PARTING.split(line) if len(line) <= LONGEST_ROW else []
        if len(cells) != len(heads):
            heads = ("",) * len(cells) if len(cells) > 1 else ()
        if heads and not RULING.fullmatch(line):
            if FIGURE.search(line):
                if any(heads):
                    yield at, heads
            elif not PLACEHOLDER.search(line):
                heads = tuple(last_label(cell) or head for cell, head in zip(cells, heads, strict=True))
        at += len(line) + 1
