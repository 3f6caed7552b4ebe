"""The lines of a clause to flowing text, each line with its place in it.

What stood between two lines: a line end before every item and where a paragraph ends, a tab between the cells of a table row,
else a space or nothing, because Korean PDFs also break lines inside words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tasks.chunk.lines import Layout
from tasks.text.outline import Item, Mark, Number, mark
from tasks.text.sentences import ends_sentence
from tasks.text.spacing import Spacing

Join = Literal["", " ", "\t", "\n"]
AHEAD = 3  # numbers that a list may skip


@dataclass(frozen=True, slots=True)
class Place:
    """Line `line` stands at `start..end` of the text; `cut` ranks the line end before it (0: none)."""

    line: int
    start: int
    end: int
    cut: int


@dataclass(frozen=True, slots=True)
class Flow:
    """The text of a clause and the places of its lines in it."""

    text: str
    places: tuple[Place, ...]


CUTS: dict[str, int] = {"paragraph": 1, "dotted": 1, "item": 2, "subitem": 3, "note": 3}
OTHER_CUT = 4


class Flower:
    """Joins the lines of one document."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.spacing = Spacing(line.text for line in layout.lines)

    def flow(self, lines: Sequence[int], opening: int = 0) -> Flow:
        """The text of some lines, in this order, of which the first `opening` are a title of their own."""
        parts: list[str] = []
        places: list[Place] = []
        lists, at = _Lists(), 0
        for k, i in enumerate(lines):
            words = self.layout.lines[i].text
            opened = lists.opens(words, "".join(parts[-4:]))
            cut = 0
            if k:
                join = "\n" if opened or k == opening else self.join(lines[k - 1], i)
                cut = (CUTS[opened.item] if opened else OTHER_CUT) if join == "\n" else 0
                parts.append(join)
                at += len(join)
            places.append(Place(i, at, at + len(words), cut))
            parts.append(words)
            at += len(words)
        return Flow("".join(parts), tuple(places))

    def join(self, i: int, j: int) -> Join:
        """What stood between two lines of which the second opens no item."""
        a, b = self.layout.lines[i], self.layout.lines[j]
        if j != i + 1:
            return "\n"
        if self.layout.next_cell(i):
            return "\t"
        if self.layout.paragraph_ends(i) and not self._is_open(a.text, b.text):
            return "\n"
        whole_words = self.layout.breaks_between_words(i) and not self.layout.is_cell(i)
        if a.spaced or whole_words or (ends_sentence(a.text) and b.text[0].isalnum()):
            return " "
        return " " if self.spacing.is_space(a.text, b.text) else ""

    @staticmethod
    def _is_open(left: str, right: str) -> bool:
        """Whether a mark like <개정 2018. 12. 21.> comes next, or was broken over the line end."""
        return right.startswith("<") or (left.rfind("<") > left.rfind(">") and ">" in right)


class _Lists:
    """Which items may come next, so that "3. 5.>" or "다. 그러나" at the start of a wrapped line opens none."""

    def __init__(self) -> None:
        self._last: dict[str, Number] = {}

    def opens(self, line: str, before: str) -> Mark | None:
        found = mark(line)
        if not found or found.item == "note":
            return found
        if before.rfind("<") > before.rfind(">") or before.endswith(("년", "월", "제")):
            return None
        if not self._may_come(found):
            return None
        self._last[found.item] = found.number
        for deeper in ORDER[ORDER.index(found.item) + 1 :]:
            self._last.pop(deeper, None)
        return found

    def _may_come(self, found: Mark) -> bool:
        """The next number of its list. The first mark may have stood inside a line; "다." is also the end of every verb."""
        new, last = found.number, self._last.get(found.item, (0,))
        if found.item == "dotted":
            return new[-1] == 1 or (new[:-1] == last[:-1] and last[-1] < new[-1] <= last[-1] + AHEAD)
        if found.item == "subitem":
            return new[0] == 1 or new[0] in (last[0], last[0] + 1) or (new[0], last[0]) == (2, 0)
        return new[0] == 1 or last[0] <= new[0] <= last[0] + AHEAD


ORDER: tuple[Item, ...] = ("paragraph", "dotted", "item", "subitem")
