"""Lines in the order in which they are read, where the file has another.

Nearly every file draws its text in that order, and sorting would do harm: it interleaves columns and takes forms apart. Print
drivers, though, draw a page from its foot, in any order, or two columns row by row. That shows: line after line stands above
the one before it, or at the right of it. Only then lines are sorted: column by column between the lines that go across both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import TypeVar

from tasks.read.boxes import Rect
from tasks.read.tables import Placed

L = TypeVar("L", bound=Placed)

FEWEST_BACK = 5  # lines that stand above the one before, in its column
OFTEN_BACK = 0.2  # of the lines of the page; a foot drawn before the text, or a form, has two or three
FEWEST_ROWS = 8  # of two columns
OFTEN_ACROSS = 0.6  # of the lines
FULL = 2.0  # letters that the lines of a column may be short of its edge; cells of a table are shorter
COLUMN_WIDTH = 0.25  # of the text, for half of the lines of a column
GUTTER = 8.0  # points
HALF = 0.5  # of the height of a line


def in_reading_order(lines: list[L]) -> list[L]:
    """The lines as they are, or sorted where the order of the file makes no sense."""
    level = [(a, b) for a, b in pairwise(lines) if 2 * (b.box[1] - a.box[1]) < a.box[3] - a.box[1]]
    if len(level) < FEWEST_BACK or not (_goes_back(level, len(lines)) or _goes_across(level, len(lines))):
        return lines
    upright = [line for line in lines if line.direction[0] > 0.99]
    others = [line for line in lines if line.direction[0] <= 0.99]
    return [*_sorted(upright), *others] if len(upright) > len(others) else lines


def _goes_back(level: Sequence[tuple[Placed, Placed]], lines: int) -> bool:
    back = sum(_is_before(a.box, b.box) for a, b in level if a.direction[0] > 0.99 < b.direction[0])
    return back >= max(FEWEST_BACK, OFTEN_BACK * lines)


def _is_before(a: Rect, b: Rect) -> bool:
    """Whether the second of two lines stands above the first, in the same column, or left of it, in the same row."""
    return (b[3] < a[1] + HALF * (a[3] - a[1]) and b[0] < a[2] and a[0] < b[2]) or _are_beside(b, a)


def _goes_across(level: Sequence[tuple[Placed, Placed]], lines: int) -> bool:
    """Whether most lines stand in rows of two that are lines of running text."""
    rows = [(a, b) for a, b in level if _are_beside(a.box, b.box)]
    if len(rows) < FEWEST_ROWS or 2 * len(rows) < OFTEN_ACROSS * lines:
        return False
    width = max(b.box[2] for _, b in rows) - min(a.box[0] for a, _ in rows)
    sides: list[list[Placed]] = [list(side) for side in zip(*rows, strict=True)]
    apart = min(b.box[0] for b in sides[1]) - max(a.box[2] for a in sides[0]) >= GUTTER
    return apart and all(_is_column(side, width) for side in sides)


def _are_beside(a: Rect, b: Rect) -> bool:
    return b[0] > a[2] and abs(a[1] - b[1]) < HALF * (a[3] - a[1])


def _is_column(lines: Sequence[Placed], width: float) -> bool:
    """Whether lines are wide, and most of them as wide as all can be."""
    edge = max(line.box[2] for line in lines)
    full = sum(edge - line.box[2] <= FULL * line.size for line in lines)
    return median(line.box[2] - line.box[0] for line in lines) >= COLUMN_WIDTH * width and full >= OFTEN_ACROSS * len(lines)


def _sorted(lines: Sequence[L]) -> list[L]:
    """Rows from top to bottom; where there are two columns, each by itself between the lines that cross the gutter."""
    gutter = _gutter(lines)
    if gutter is None:
        return list(_by_rows(lines))
    found: list[L] = []
    left: list[L] = []
    right: list[L] = []
    for line in _by_rows(lines):
        if line.box[0] < gutter < line.box[2]:
            found += [*left, *right, line]
            left, right = [], []
        else:
            (left if line.box[2] <= gutter else right).append(line)
    return [*found, *left, *right]


def _gutter(lines: Sequence[Placed]) -> float | None:
    """Where two columns are parted, in the middle of the text."""
    x0, x1 = min(line.box[0] for line in lines), max(line.box[2] for line in lines)
    middle = (x0 + x1) / 2
    left, right = [a for a in lines if a.box[2] <= middle + GUTTER], [b for b in lines if b.box[0] >= middle - GUTTER]
    if min(len(left), len(right)) < FEWEST_ROWS or len(left) + len(right) < OFTEN_ACROSS * len(lines):
        return None
    if any(median(line.box[2] - line.box[0] for line in side) < COLUMN_WIDTH * (x1 - x0) for side in (left, right)):
        return None
    end, start = max(a.box[2] for a in left), min(b.box[0] for b in right)
    return (end + start) / 2 if start > end else None


def _by_rows(lines: Sequence[L]) -> Iterator[L]:
    """Rows from top to bottom, the lines of a row from left to right."""
    row: list[L] = []
    for line in sorted(lines, key=lambda line: (line.box[1] + line.box[3]) / 2):
        middle = (line.box[1] + line.box[3]) / 2
        if row and middle - (row[0].box[1] + row[0].box[3]) / 2 > HALF * (row[0].box[3] - row[0].box[1]):
            yield from sorted(row, key=lambda line: line.box[0])
            row = []
        row.append(line)
    yield from sorted(row, key=lambda line: line.box[0])
