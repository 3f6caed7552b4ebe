"""Ruled tables: the lines of a page that stand in the cells of a grid, as one Markdown table.

Every row can be read alone: what a merged cell says is said in each row and column that it covers. Nothing else is said twice,
and nothing is left out. Frames are no tables: a box around a paragraph, one column of boxes, the outlines of a form with whole
sections in them keep their lines as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Protocol

from tasks.read.boxes import Rect
from tasks.read.grids import OUTSIDE, Direction, Grid, turned, turned_back
from tasks.text.markdown_table import markdown_table
from tasks.text.outline import mark
from tasks.text.sentences import ends_sentence
from tasks.text.spacing import Spacing

LONGEST_CELL = 1_000  # characters; more is running text
LONGEST_SECTION = 60  # characters of a cell over the whole width that heads the rows below
LONGEST_LABEL = 40  # characters of a cell of the second or third head row
DEEPEST_HEAD = 3  # rows
FILLED = 0.3  # of the cells
STICKS_OUT = 10.0  # points by which a line in a cell may be wider than the table
OFTEN = 0.25  # of the breaks; from here on the lines in the tables of the page end where words end
ROOM = 1.3  # letters behind a line; one that was broken inside a word leaves less than one
STACKED = 3  # lines side by side in all cells of a row: rows without rulings
NUMBER = re.compile(r"[-–△▲()+~\d,.%원만천억명건회]*\d[-–△▲()+~\d,.%원만천억명건회]*|[-–]")
# All that is left of a word when a cell is narrower than it; the others are words of their own.
LAST_SYLLABLE = re.compile(r"(?![및등각또그전후중])[가-힣][.,)]?")
AND = re.compile(r"(?:및|또는)(?:\s|$)")
# Card numbers, accounts and addresses of the net, broken because the cell is narrower.
BROKEN_TOKEN = re.compile(r"\d-\d+\n\d+$|@[\w.-]*\n[\w.-]+$|(?:://|www\.)[^\s]*\n[^\s]+$")
Cells = tuple[tuple[int, ...], ...]


class Placed(Protocol):
    """A line of text on the page: `tasks.read.layer.Line`."""

    @property
    def text(self) -> str:
        """Its text; a trailing space tells that it was broken between two words."""

    @property
    def box(self) -> Rect:
        """Where it stands, unrotated."""

    @property
    def direction(self) -> Direction:
        """Where it runs."""

    @property
    def size(self) -> float:
        """Of its letters."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table on the page: its box (unrotated), its rows, the first of which is the head, and the lines it is made of."""

    box: Rect
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]

    @property
    def markdown(self) -> str:
        """As a pipe table."""
        return markdown_table(self.rows)


def find_tables(grids: Sequence[Grid], lines: Sequence[Placed]) -> list[Table]:
    """The tables of a page, in the order of their first lines. Inner grids come first: what holds one is a frame."""
    filled = [_Filled(grid, lines) for grid in sorted(grids, key=lambda g: g.area)]
    breaks = _Breaks(lines, [room for each in filled for room in each.rooms()])
    found: list[Table] = []
    for each in filled:
        taken = {i for table in found for i in table.lines}
        found += [table for table in each.tables(breaks, [t.box for t in found]) if not taken & set(table.lines)]
    return sorted(found, key=lambda table: table.lines)


class _Breaks:
    """What stood between two lines of a cell: a space, or nothing, because Korean PDFs also break lines inside words."""

    def __init__(self, lines: Sequence[Placed], rooms: Sequence[float]) -> None:
        self._lines = lines
        ragged = sum(room > ROOM for room in rooms)
        self._between_words = ragged > 1 and ragged >= OFTEN * len(rooms)

    @cached_property
    def _spacing(self) -> Spacing:
        """Learnt only where it is needed."""
        return Spacing(line.text for line in self._lines)

    def is_space(self, i: int, j: int, room: float) -> bool:
        """Whether a space stood between two lines, of which the first leaves so many letters of room."""
        left, right = self._lines[i].text, self._lines[j].text.strip()
        if room < 1 and BROKEN_TOKEN.search(f"{left}\n{right}"):
            return False
        if left.endswith(" ") or AND.match(right) or (left[-1:].isdigit() and right[:1].isdigit()) or room > ROOM:
            return True
        if " " not in left and LAST_SYLLABLE.fullmatch(right):
            return False  # the cell is narrower than the word
        return self._between_words or ends_sentence(left) or mark(right) is not None or self._spacing.is_space(left, right)


class _Filled:
    """A grid with the lines that stand in its cells."""

    def __init__(self, grid: Grid, lines: Sequence[Placed]) -> None:
        self.grid, self.lines = grid, lines
        self.boxes = [turned(line.box, grid.direction) for line in lines]
        self.held: dict[int, list[int]] = {}
        self.overrun: set[int] = set()
        for i, (x0, y0, x1, y1) in enumerate(self.boxes):
            cell = grid.cell_at((x0 + x1) / 2, (y0 + y1) / 2)
            if x0 < grid.xs[0] - STICKS_OUT or x1 > grid.xs[-1] + STICKS_OUT:
                self.overrun.add(cell)
            elif cell != OUTSIDE:
                self.held.setdefault(cell, []).append(i)
        places = ((cell, row.index(cell), row.count(cell)) for row in grid.cells for cell in set(row) - {OUTSIDE})
        self.sides = {cell: (grid.xs[first], grid.xs[first + count]) for cell, first, count in places}
        left = [self.boxes[i][0] - self.sides[cell][0] for cell, held in self.held.items() for i in held]
        self.padding = max(0.0, min(left, default=0.0))

    def rooms(self) -> Iterator[float]:
        """The room behind each line that surely goes on in the next one of its cell."""
        for cell, held in self.held.items():
            for i, j in pairwise(held):
                if (
                    self.lines[i].text.strip()[-1:].isalpha()
                    and self.lines[j].text[:1].isalpha()
                    and not mark(self.lines[j].text)
                ):
                    yield self._room(i, cell)

    def tables(self, breaks: _Breaks, inner: Sequence[Rect]) -> Iterator[Table]:
        """The tables of the grid: all of it, or the parts between rows of running text or with tables of their own."""
        frames = self.overrun | {self._cell_of(turned(box, self.grid.direction)) for box in inner}
        if not self._runs_along():
            return
        for rows in self._parts(frames):
            cells = tuple(self.grid.cells[r] for r in rows)
            shown = self._shown(cells, breaks)
            if shown and _is_table(shown) and self._is_filled(cells):
                lines = sorted({i for row in cells for cell in row for i in self.held.get(cell, ())})
                whole = self.grid.box(rows, range(len(cells[0])))
                yield Table(turned_back(whole, self.grid.direction), shown, tuple(lines))

    def _cell_of(self, box: Rect) -> int:
        return self.grid.cell_at((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)

    def _runs_along(self) -> bool:
        """Whether most of the text runs as the grid was seen."""
        here = [self.lines[i] for held in self.held.values() for i in held]
        along = sum(len(line.text) for line in here if _dot(line.direction, self.grid.direction) > 0.9)
        return along > sum(len(line.text) for line in here) / 2

    def _parts(self, frames: set[int]) -> Iterator[range]:
        """Runs of rows without running text, without a title above and a note below that go over the whole width."""
        running = self._running_rows(frames)
        start = 0
        for stop in [*sorted(running), len(self.grid.cells)]:
            rows = [*range(start, stop)]
            while rows and self._is_over_all(rows[0]):
                rows.pop(0)
            while rows and self._is_over_all(rows[-1]):
                rows.pop()
            if len(rows) > 1:
                yield range(rows[0], rows[-1] + 1)
            start = stop + 1

    def _is_over_all(self, row: int) -> bool:
        cells = set(self.grid.cells[row])
        return len(cells - {OUTSIDE}) <= 1

    def _running_rows(self, frames: set[int]) -> set[int]:
        cells = self.grid.cells
        frames = frames - {OUTSIDE}
        running = {r for r, row in enumerate(cells) if any(cell in frames or self._is_running(cell, r) for cell in set(row))}
        grown = True
        while grown:  # a cell that reaches into such a row takes its other rows along
            reach = {cell for r in running for cell in cells[r]} - {OUTSIDE}
            more = {r for r, row in enumerate(cells) if reach & set(row)}
            grown, running = more > running, more | running
        return running

    def _is_running(self, cell: int, row: int) -> bool:
        if cell == OUTSIDE:
            return False
        said = sum(len(self.lines[i].text) for i in self.held.get(cell, ()))
        return said > (LONGEST_SECTION if self._is_over_all(row) else LONGEST_CELL)

    def _is_filled(self, cells: Cells) -> bool:
        there = {cell for row in cells for cell in row if cell != OUTSIDE}
        return sum(cell in self.held for cell in there) >= FILLED * len(there)

    def _shown(self, cells: Cells, breaks: _Breaks) -> tuple[tuple[str, ...], ...]:
        """The texts of the cells, without rows and columns that say nothing or are only halves of merged cells."""
        cells = _turned(_without_twins(_turned(_without_twins(cells))))
        depth = _head_rows(cells)
        rows = [row for r in range(len(cells)) for row in self._rows(cells, r, breaks)]
        if depth > 1 and all(len(text) <= LONGEST_LABEL for row in rows[:depth] for text in row):
            rows[:depth] = [tuple(" ".join(dict.fromkeys(filter(None, label))) for label in zip(*rows[:depth], strict=True))]
        spoken = [c for c in range(len(rows[0])) if any(row[c] for row in rows)]
        return tuple(tuple(row[c] for c in spoken) for row in rows if any(row))

    def _rows(self, cells: Cells, r: int, breaks: _Breaks) -> list[tuple[str, ...]]:
        """The row, or the rows that stand in it without rulings between them."""
        return self._stacked(cells, r) or [tuple(self._text(cell, breaks) for cell in cells[r])]

    def _stacked(self, cells: Cells, r: int) -> list[tuple[str, ...]]:
        held = [self.held.get(cell, []) for cell in cells[r]]
        deep = {len(lines) for lines in held if lines}
        beside = {cell for row in (cells[r - 1 : r] + cells[r + 1 : r + 2]) for cell in row}
        merged = bool(beside & set(cells[r])) or len(set(cells[r])) < len(cells[r])
        if merged or len(deep) != 1 or min(deep) < STACKED or not self._level(held):
            return []
        texts = [[self.lines[i].text.strip() for i in lines] or [""] * min(deep) for lines in held]
        if not any(all(NUMBER.fullmatch(text.replace(" ", "")) for text in column) for column in texts):
            return []
        return list(zip(*texts, strict=True))

    def _level(self, held: Sequence[Sequence[int]]) -> bool:
        """Whether the lines of the cells stand side by side."""
        for beside in zip(*(lines for lines in held if lines), strict=True):
            middles = [(self.boxes[i][1] + self.boxes[i][3]) / 2 for i in beside]
            if max(middles) - min(middles) > self.lines[beside[0]].size / 2:
                return False
        return True

    def _text(self, cell: int, breaks: _Breaks) -> str:
        lines = self.held.get(cell, [])
        texts = [self.lines[i].text.strip() for i in lines]
        if len(texts) > 1 and all(len(text) == 1 and not text.isdigit() for text in texts):
            return "".join(texts)  # written downwards
        text = texts[0] if texts else ""
        for (i, j), right in zip(pairwise(lines), texts[1:], strict=True):
            text += (" " if breaks.is_space(i, j, self._room(i, cell)) else "") + right
        return text

    def _room(self, i: int, cell: int) -> float:
        """Letters that would still fit behind a line in its cell."""
        left, right = self.sides[cell]
        x0, _, x1, _ = self.boxes[i]
        return (right - left - 2 * self.padding - (x1 - x0)) / max(1.0, self.lines[i].size)


def _dot(one: Direction, other: Direction) -> float:
    return one[0] * other[0] + one[1] * other[1]


def _turned(cells: Cells) -> Cells:
    return tuple(zip(*cells, strict=True))


def _without_twins(cells: Cells) -> Cells:
    """Without rows of the very same cells as the row before: an edge that no cell ends at."""
    return cells[:1] + tuple(row for before, row in pairwise(cells) if row != before)


def _head_rows(cells: Cells) -> int:
    """How many rows make the head: where a cell of the first row goes over several columns, their names stand below it."""
    first = cells[0]
    if len(set(first)) == len(first):
        return 1
    depth = max(sum(row[c] == cell for row in cells) for c, cell in enumerate(first))
    split = all(cells[1][c] != cell for c, cell in enumerate(first) if first.count(cell) > 1)
    return depth if 1 < depth <= min(DEEPEST_HEAD, len(cells) - 1) and split else 1


def _is_table(rows: Sequence[Sequence[str]]) -> bool:
    """Two rows and two columns at least that say something."""
    return len(rows) > 1 and len(rows[0]) > 1 and sum(any(row[1:]) for row in rows) > 1
