"""The lines of a clause to flowing text, each line with its place in it.

What stood between two lines: a line end before every item and where a paragraph ends, a tab between the cells of a table row,
else a space or nothing, because Korean PDFs also break lines inside words. A ruled table is a paragraph of its own, and still one
where it goes on over the next page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tasks.chunk.lines import Layout
from tasks.chunk.rows import continued, head_of
from tasks.text.outline import Item, Mark, Number, mark
from tasks.text.sentences import ends_sentence
from tasks.text.spacing import Spacing

Join = Literal["", " ", "\t", "\n"]
AHEAD = 3  # numbers that a list may skip


@dataclass(frozen=True, slots=True)
class Place:
    """Line `line` stands at `start..end` of the text; `cut` ranks the line end before it (0: none).

    For a table, `head` is where in the text its head stands, which may be on the page before; empty for a table without one.
    """

    line: int
    start: int
    end: int
    cut: int
    head: tuple[int, int] | None = None

    @property
    def rows(self) -> int:
        """Where the rows of a table begin."""
        return max(self.start, self.head[1]) if self.head else self.start


@dataclass(frozen=True, slots=True)
class Flow:
    """The text of a clause and the places of its lines in it."""

    text: str
    places: tuple[Place, ...]

    def head_above(self, start: int) -> tuple[int, int] | None:
        """Where the head of the table stands in whose rows a piece begins."""
        inside = (place.head for place in self.places if place.head and place.rows <= start < place.end)
        head = next(inside, None)
        return head if head and head[0] < head[1] else None

    def said(self, piece: tuple[int, int]) -> str:
        """The text of a piece; a piece that begins among the rows of a table repeats its head."""
        head = self.head_above(piece[0])
        return (self.text[slice(*head)] if head else "") + self.text[slice(*piece)]

    def is_inside_table(self, at: int) -> bool:
        """Whether a place in the text is between the ends of a table."""
        return any(place.head and place.start < at < place.end for place in self.places)


CUTS: dict[str, int] = {"paragraph": 1, "dotted": 1, "item": 2, "subitem": 3, "note": 3}
OTHER_CUT = 4


class Flower:
    """Joins the lines of one document."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.spacing = Spacing(line.text for line in layout.lines if not line.is_table)

    def flow(self, lines: Sequence[int], opening: int = 0) -> Flow:
        """The text of some lines, in this order, of which the first `opening` are a title of their own."""
        parts: list[str] = []
        places: list[Place] = []
        lists, at = _Lists(), 0
        for k, i in enumerate(lines):
            line = self.layout.lines[i]
            if line.is_table:
                place, said = self._table(i, places, at)
                parts.append(said)
                places.append(place)
                at = place.end
                continue
            words = line.text
            opened = lists.opens(words, self._before(parts, places))
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

    @staticmethod
    def _before(parts: Sequence[str], places: Sequence[Place]) -> str:
        """The end of the text so far, as far as a sentence may go on."""
        return "".join(parts[-4:]) if places and not places[-1].head else ""

    def _table(self, i: int, places: Sequence[Place], at: int) -> tuple[Place, str]:
        """A table as it is, or what it adds to the table that ended the page before, and the line end before it."""
        text, gap = self.layout.lines[i].text, "\n" if places else ""
        start = at + len(gap)
        above = next((p for p in places if p.head and p.head == places[-1].head), None)
        if above and above.head and places[-1].line == i - 1 and self.layout.goes_on(i - 1):
            rows = continued(head_of(self.layout.lines[above.line].text), text)
            if rows:
                return Place(i, start, start + len(rows), 0, above.head), gap + rows
        return Place(i, start, start + len(text), OTHER_CUT if gap else 0, (start, start + len(head_of(text)))), gap + text

    def join(self, i: int, j: int) -> Join:
        """What stood between two lines of which the second opens no item."""
        a, b = self.layout.lines[i], self.layout.lines[j]
        if j != i + 1 or a.is_table or b.is_table:
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
