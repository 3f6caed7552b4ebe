"""Where the text of an upright page stands: lines, columns, cells of ruled tables, in reading order.

Only boxes are looked at. White space decides: a page is cut into rows where no ink is, a row into parts at wide gaps, and so
on until lines are left. Two things must be known before, because white space between lines says nothing about them: the
gutter between columns (a tall white strip with lines that fill their column on both sides) and the lines of ruled tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from tasks.read.ocr.picture import EIGHT, Boxes, Mask

Box = tuple[int, int, int, int]
Group = NDArray[np.int64]  # indices of boxes

# All in letters (the height of a full letter of the page).
ONE_LINE = 1.8  # taller is more than a line; pieces of letters are as low as .6 of a letter, two lines as high as 2.2
SAME_ROW = 0.08  # of the height of both: parts of large letters are closer than this
WIDE_GAP = 3.0  # between parts of one line, such as the two ends of a running head
CELL_GAP = 1.0  # between parts of a row that is more than a line tall
GUTTER = 0.9
GUTTER_HEIGHT = 9.0  # about six lines
COLUMN_WIDTH = 8.0
COLUMN_LINES = 4
COLUMN_FILL = 0.6  # lines fill their column; cells of a table without rulings do not
MAX_DEPTH = 12


@dataclass(frozen=True, slots=True)
class Table:
    """A ruled table: its box and those of its cells, by rows."""

    box: Box
    cells: tuple[Box, ...]


def lines_of(boxes: Boxes, letter: float, tables: Sequence[Table] = ()) -> list[Group]:
    """The boxes of ink grouped into lines, in reading order; a line never crosses a table line."""
    inside = [_within(boxes, table.box) for table in tables]
    outside = np.nonzero(~np.any(inside, axis=0))[0] if tables else np.arange(len(boxes))
    found = [(_top(boxes[group]), [group]) for group in _lines(boxes, outside, letter, 0)]
    for table, held in zip(tables, inside, strict=True):
        at = next((i for i, (top, _) in enumerate(found) if top >= table.box[1]), len(found))
        found.insert(at, (table.box[1], list(_lines_of_cells(boxes, held, table, letter))))
    return [group for _, groups in found for group in groups]


def _lines_of_cells(boxes: Boxes, held: Mask, table: Table, letter: float) -> Iterator[Group]:
    cell_of = cells_of(boxes, table)
    for cell in range(len(table.cells) + 1):
        yield from _lines(boxes, np.nonzero(held & (cell_of == cell))[0], letter, 0)


def cells_of(boxes: Boxes, table: Table) -> NDArray[np.int64]:
    """The number of the cell each box stands in; one more than the last for those in none."""
    cell_of = np.full(len(boxes), len(table.cells))
    for number, cell in enumerate(table.cells):
        cell_of[_within(boxes, cell)] = number
    return cell_of


def _lines(boxes: Boxes, chosen: Group, letter: float, depth: int) -> Iterator[Group]:
    for row in _rows(boxes[chosen], letter):
        held = chosen[row]
        own = _own_letter(boxes[held], letter)
        tall = _height(boxes[held]) >= ONE_LINE * own
        parts = list(_apart(boxes[held], 0, CELL_GAP * letter if tall else WIDE_GAP * own))
        if tall and len(parts) > 1 and depth < MAX_DEPTH:
            for part in parts:
                yield from _lines(boxes, held[part], letter, depth + 1)
        elif tall:
            yield from (held[part] for part in _close_lines(boxes[held], letter))
        else:
            yield from (held[part] for part in parts)


def _rows(boxes: Boxes, letter: float) -> Iterator[Group]:
    """Rows with white between them. The white over the final consonants of a heading in large letters is none."""
    rows = list(_apart(boxes, 1, 0.0))
    while rows:
        row = rows.pop(0)
        if rows and 1.3 * letter < _height(boxes[row]) < ONE_LINE * _own_letter(boxes[row], 0):
            both = np.concatenate([row, rows[0]])
            gap = _top(boxes[rows[0]]) - int(boxes[row, 3].max())
            if gap < SAME_ROW * _height(boxes[both]):
                row, rows = both, rows[1:]
        yield row


def _own_letter(boxes: Boxes, letter: float) -> float:
    """The letters of a row, which are larger than the page's in a heading."""
    return max(letter, float(np.percentile(boxes[:, 3] - boxes[:, 1], 90)))


def _apart(boxes: Boxes, axis: int, gap: float) -> Iterator[Group]:
    """Groups with more than `gap` white between them, along x (0) or y (1)."""
    if not len(boxes):
        return
    order = np.argsort(boxes[:, axis], kind="stable")
    ends = np.maximum.accumulate(boxes[order, axis + 2])
    cuts = np.nonzero(boxes[order, axis][1:] - ends[:-1] > gap)[0] + 1
    yield from np.split(order, cuts)


def _close_lines(boxes: Boxes, letter: float) -> list[Group]:
    """Lines so close that their ink overlaps in height: cut where little ink is."""
    top, height = _top(boxes), _height(boxes)
    profile = np.zeros(height + 1)
    small = boxes[boxes[:, 3] - boxes[:, 1] < 1.5 * _own_letter(boxes, letter)]
    np.add.at(profile, small[:, 1] - top, small[:, 2] - small[:, 0])
    np.add.at(profile, small[:, 3] - top, small[:, 0] - small[:, 2])
    profile = np.cumsum(profile)
    bands, _ = ndimage.label(profile >= 0.2 * np.percentile(profile, 90)) if profile.any() else (profile, 0)
    middles = np.array(
        [(s[0].start + s[0].stop) / 2 for s in ndimage.find_objects(bands.astype(int)) if s[0].stop - s[0].start > 0.3 * letter]
    )
    if len(middles) < 2:
        return [np.arange(len(boxes))]
    nearest = np.abs((boxes[:, 1] + boxes[:, 3])[:, None] / 2 - top - middles).argmin(axis=1)
    return [np.nonzero(nearest == band)[0] for band in np.unique(nearest)]


def tables_of(rulings: tuple[Mask, Mask], letter: float) -> list[Table]:
    """Ruled tables, from the top: where horizontal and vertical lines meet and leave two or more cells between them."""
    walls = ndimage.binary_dilation(rulings[0] | rulings[1], EIGHT, iterations=2)
    meeting, _ = ndimage.label(walls, EIGHT)
    rooms, _ = ndimage.label(~walls)
    found = []
    for number, frame in enumerate(ndimage.find_objects(meeting), 1):
        if frame[0].stop - frame[0].start < 1.5 * letter or frame[1].stop - frame[1].start < 3 * letter:
            continue
        if not (rulings[0][frame].any() and rulings[1][frame].any() and (meeting[frame] == number).any()):
            continue
        cells = _rooms(rooms, frame, letter)
        if len(cells) >= 2:
            found.append(Table(_box(frame), tuple(sorted(cells, key=lambda cell: (round(cell[1] / letter), cell[0])))))
    return sorted(_outermost(found), key=lambda table: table.box[1])


def _rooms(rooms: NDArray[np.int32], frame: tuple[slice, slice], letter: float) -> list[Box]:
    """The white rooms that end inside the frame."""
    part = rooms[frame]
    rim = np.concatenate([part[0], part[-1], part[:, 0], part[:, -1]])
    part = np.where(np.isin(part, rim), 0, part)
    y, x = frame[0].start, frame[1].start
    boxes = [_box(room) for room in ndimage.find_objects(part) if room]
    large = [b for b in boxes if b[2] - b[0] > 0.5 * letter and b[3] - b[1] > 0.5 * letter]
    return [(x0 + x, y0 + y, x1 + x, y1 + y) for x0, y0, x1, y1 in large]


def _outermost(tables: list[Table]) -> list[Table]:
    """Tables that do not stand inside another one."""

    def holds(a: Box, b: Box) -> bool:
        return a != b and a[0] <= b[0] and a[1] <= b[1] and a[2] >= b[2] and a[3] >= b[3]

    return [t for t in tables if not any(holds(other.box, t.box) for other in tables)]


def columns_of(boxes: Boxes, letter: float, tables: Sequence[Table], size: tuple[int, int]) -> list[Box]:
    """Parts of a page (width, height) that are read one after the other; one part for a page without columns."""
    walls = np.array([table.box for table in tables], dtype=np.int64).reshape(-1, 4)
    return list(_columns(boxes, walls, letter, (0, 0, *size), 0))


def _columns(boxes: Boxes, walls: Boxes, letter: float, part: Box, depth: int) -> Iterator[Box]:
    held = boxes[_within(boxes, part)]
    gutter = _gutter(np.concatenate([held, walls[_within(walls, part)]]), letter, part) if depth < MAX_DEPTH else None
    if gutter is None or not all(_is_column(held[_within(held, side)], letter) for side in _sides(part, gutter)):
        yield part
        return
    x0, _, x1, _ = part
    left, right = _sides(part, gutter)
    for piece in ((x0, part[1], x1, gutter[1]), left, right, (x0, gutter[3], x1, part[3])):
        if _within(held, piece).any():
            yield from _columns(held[_within(held, piece)], walls, letter, piece, depth + 1)


def _sides(part: Box, gutter: Box) -> tuple[Box, Box]:
    middle = (gutter[0] + gutter[2]) // 2
    return (part[0], gutter[1], middle, gutter[3]), (middle, gutter[1], part[2], gutter[3])


def _gutter(boxes: Boxes, letter: float, part: Box) -> Box | None:
    """The tallest white strip with ink on both sides."""
    unit = max(1, round(letter / 4))
    grid = _grid(boxes, part, unit)
    wide, tall = max(1, round(GUTTER * letter / unit)), GUTTER_HEIGHT * letter / unit
    if grid.shape[0] < tall or grid.shape[1] <= wide + 2:
        return None
    sums = np.cumsum(np.pad(grid, ((0, 0), (1, 0))), axis=1)
    white = sums[:, wide:] == sums[:, :-wide]  # no ink from this column on for the width of a gutter
    best: tuple[int, Box] | None = None
    for x in range(1, white.shape[1]):
        for top, bottom in _runs(white[:, x]):
            left, right = sums[top:bottom, x] > 0, sums[top:bottom, -1] > sums[top:bottom, x + wide]
            used = np.nonzero(left & right)[0]
            if not len(used):
                continue
            height = int(used[-1] - used[0] + 1)
            if height < tall or min(left[used[0] :].mean(), right[used[0] :].mean()) < 0.3:
                continue
            if best is None or height > best[0]:
                left_x, y = part[0] + x * unit, part[1]
                best = height, (left_x, y + top * unit, left_x + wide * unit, min(y + bottom * unit, part[3]))
    return best[1] if best else None


def _grid(boxes: Boxes, part: Box, unit: int) -> NDArray[np.int64]:
    """1 where a box is, a cell per `unit` pixels."""
    grid = np.zeros(((part[3] - part[1]) // unit + 1, (part[2] - part[0]) // unit + 1), dtype=np.int64)
    low = np.maximum(boxes[:, :2] - part[:2], 0) // unit
    high = (boxes[:, 2:] - part[:2] - 1) // unit + 1
    for (x0, y0), (x1, y1) in zip(low, high, strict=True):
        grid[y0:y1, x0:x1] = 1
    return grid


def _runs(white: Mask) -> Iterator[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], white, [False]]).astype(np.int8)))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _is_column(boxes: Boxes, letter: float) -> bool:
    """Some lines, most of which fill the width."""
    rows = [boxes[row] for row in _apart(boxes, 1, 0.0)]
    lines = [row for row in rows if _height(row) > 0.4 * letter]
    if len(lines) < COLUMN_LINES:
        return False
    width = int(boxes[:, 2].max() - boxes[:, 0].min())
    filled = np.array([row[:, 2].max() - row[:, 0].min() for row in lines])
    return width >= COLUMN_WIDTH * letter and float(np.median(filled)) >= COLUMN_FILL * width


def _within(boxes: Boxes, part: Box) -> Mask:
    """Which boxes have their middle in a part."""
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    found: Mask = (x >= part[0]) & (x < part[2]) & (y >= part[1]) & (y < part[3])
    return found


def _top(boxes: Boxes) -> int:
    return int(boxes[:, 1].min())


def _height(boxes: Boxes) -> int:
    return int(boxes[:, 3].max() - boxes[:, 1].min())


def _box(frame: tuple[slice, slice]) -> Box:
    return frame[1].start, frame[0].start, frame[1].stop, frame[0].stop
