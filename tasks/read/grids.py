"""The rulings of a page to grids of cells.

MuPDF hands out every drawn line and box as a rectangle, in the same pass as the text. Rulings that meet make a grid; where no
ruling parts two fields of it, they are one merged cell. Most pages have a head rule and a foot rule at most, and are done at
once. All places are turned so that the text runs to the right: a table drawn sideways is a table like any other.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from tasks.read.boxes import Rect, union

Direction = tuple[float, float]
RIGHT: Direction = (1.0, 0.0)
OUTSIDE = -1
FEWEST_VECTORS = 3  # a box with a cross in it is the least table
MOST_VECTORS = 20_000  # drawings, not rulings
MOST_CROSSINGS = 400_000
MOST_FIELDS = 6_000
THICK = 6.0  # points: a ruling is thinner, a row higher
DOT = 2.0  # points
SHORTEST = 8.0  # points; dots and dashes are put together before
SAME_LINE = 1.5  # points between two pieces of one ruling
MEET = 3.0  # points that may be missing where two rulings meet, or between two dashes
SNAP = 4.0  # points between two rulings that are one edge: double lines, cells drawn one by one
RULED = 0.8  # of the side of a field
WHITE = 0xF5  # every colour value from here on: a background, not a shade
GAP_EM = 0.15  # between two words


class Ruling(NamedTuple):
    """A straight line: where it stands on the one axis, from where to where it runs on the other."""

    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Grid:
    """Fields between the edges `xs` and `ys`. `cells` has a number for each field, equal for fields of one merged cell."""

    direction: Direction
    xs: tuple[float, ...]
    ys: tuple[float, ...]
    cells: tuple[tuple[int, ...], ...]

    def cell_at(self, x: float, y: float) -> int:
        """The cell at a place (turned), or OUTSIDE."""
        column, row = bisect_right(self.xs, x) - 1, bisect_right(self.ys, y) - 1
        inside = 0 <= column < len(self.xs) - 1 and 0 <= row < len(self.ys) - 1
        return self.cells[row][column] if inside else OUTSIDE

    def box(self, rows: range, columns: range) -> Rect:
        """The box (turned) of some rows and columns."""
        return self.xs[columns.start], self.ys[rows.start], self.xs[columns.stop], self.ys[rows.stop]

    @property
    def area(self) -> float:
        """In square points."""
        return (self.xs[-1] - self.xs[0]) * (self.ys[-1] - self.ys[0])


def turned(box: Rect, direction: Direction) -> Rect:
    """A box as it stands when text of this direction runs to the right."""
    x0, y0, x1, y1 = box
    if abs(direction[0]) >= abs(direction[1]):
        return box if direction[0] > 0 else (-x1, -y1, -x0, -y0)
    return (y0, -x1, y1, -x0) if direction[1] > 0 else (-y1, x0, -y0, x1)


def turned_back(box: Rect, direction: Direction) -> Rect:
    """The box on the page that `turned` has turned."""
    x, y = direction
    return turned(box, direction if abs(x) >= abs(y) else (x, -y))


def main_direction(directions: Iterable[Direction]) -> Direction:
    """The direction that most lines have."""
    found = Counter((round(x), round(y)) for x, y in directions).most_common(1)
    return (float(found[0][0][0]), float(found[0][0][1])) if found else RIGHT


def find_grids(vectors: Sequence[dict[str, Any]], direction: Direction = RIGHT) -> list[Grid]:
    """The grids among the vector blocks of a page, seen along the text. At least two rows and two columns each."""
    if not FEWEST_VECTORS <= len(vectors) <= MOST_VECTORS:
        return []
    across, down = _rulings(vectors, direction)
    if len(across) < 2 or not down or len(across) * len(down) > MOST_CROSSINGS:
        return []
    return [grid for part in _connected(across, down) if (grid := _grid(*part, direction))]


def _rulings(vectors: Iterable[dict[str, Any]], direction: Direction) -> tuple[list[Ruling], list[Ruling]]:
    across: list[Ruling] = []
    down: list[Ruling] = []
    for vector in vectors:
        if not vector["isrect"] or not vector["alpha"]:
            continue
        x0, y0, x1, y1 = turned(vector["bbox"], direction)
        width, height = x1 - x0, y1 - y0
        if height <= DOT or (2 * height <= width and height <= THICK):
            across.append(Ruling((y0 + y1) / 2, x0, x1))
        if width <= DOT or (2 * width <= height and width <= THICK):
            down.append(Ruling((x0 + x1) / 2, y0, y1))
        elif min(width, height) > THICK and (vector["stroked"] or not _is_white(vector["color"])):
            across += Ruling(y0, x0, x1), Ruling(y1, x0, x1)
            down += Ruling(x0, y0, y1), Ruling(x1, y0, y1)
    return _pieced(across), _pieced(down)


def _is_white(color: int) -> bool:
    return all(color >> shift & 0xFF >= WHITE for shift in (0, 8, 16))


def _pieced(rulings: list[Ruling]) -> list[Ruling]:
    """Rulings whose pieces, dashes or dots are put together."""
    found: list[Ruling] = []
    for same in _clusters(rulings, SAME_LINE):
        at = same[0].at
        found += (Ruling(at, start, end) for start, end in _intervals(same, MEET) if end - start >= SHORTEST)
    return found


def _clusters(rulings: Iterable[Ruling], width: float) -> Iterator[list[Ruling]]:
    """Rulings that stand within so many points."""
    same: list[Ruling] = []
    for ruling in sorted(rulings):
        if same and ruling.at - same[0].at > width:
            yield same
            same = []
        same.append(ruling)
    if same:
        yield same


def _intervals(rulings: Iterable[Ruling], gap: float) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for _, start, end in sorted(rulings, key=lambda r: r.start):
        if found and start <= found[-1][1] + gap:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


class _Sets:
    """Numbers that are put together, set by set (union-find)."""

    def __init__(self, size: int) -> None:
        self._above = list(range(size))

    def root(self, i: int) -> int:
        while self._above[i] != i:
            self._above[i] = i = self._above[self._above[i]]
        return i

    def join(self, i: int, j: int) -> None:
        self._above[self.root(i)] = self.root(j)


def _connected(across: Sequence[Ruling], down: Sequence[Ruling]) -> Iterator[tuple[list[Ruling], list[Ruling]]]:
    """Rulings that meet, directly or through others."""
    sets = _Sets(len(across) + len(down))
    for j, v in enumerate(down, start=len(across)):
        for i, h in enumerate(across):
            if h.start - MEET <= v.at <= h.end + MEET and v.start - MEET <= h.at <= v.end + MEET:
                sets.join(i, j)
    parts: dict[int, tuple[list[Ruling], list[Ruling]]] = {}
    for i, ruling in enumerate([*across, *down]):
        parts.setdefault(sets.root(i), ([], []))[i >= len(across)].append(ruling)
    return (part for part in parts.values() if len(part[0]) + len(part[1]) >= 4 and all(part))


def _grid(across: list[Ruling], down: list[Ruling], direction: Direction) -> Grid | None:
    closed_down, closed_across = down + _open_sides(across, down), across + _open_sides(down, across)
    columns, rows = list(_clusters(closed_down, SNAP)), list(_clusters(closed_across, SNAP))
    if len(columns) < 3 or len(rows) < 3 or len(columns) * len(rows) > MOST_FIELDS:
        return None
    xs, ys = ([_middle(edge) for edge in edges] for edges in (columns, rows))
    cells = _cells(_ruled(columns, ys), _ruled(rows, xs))
    return Grid(direction, tuple(xs), tuple(ys), cells) if _are_boxes(cells) else None


def _middle(edge: Sequence[Ruling]) -> float:
    return (edge[0].at + edge[-1].at) / 2


def _open_sides(rulings: Sequence[Ruling], others: Sequence[Ruling]) -> list[Ruling]:
    """Edges that are not drawn, or beside a shaded row only: where two rulings or more begin, or end, outermost of all."""
    found = []
    outermost = (min((other.at for other in others), default=math.inf), max((other.at for other in others), default=-math.inf))
    for at in (min(r.start for r in rulings), max(r.end for r in rulings)):
        ending = [r.at for r in rulings if min(abs(r.start - at), abs(r.end - at)) <= SNAP]
        beyond = at <= outermost[0] + SNAP or at >= outermost[1] - SNAP
        if len(ending) > 1 and beyond:
            found.append(Ruling(at, min(ending), max(ending)))
    return found


def _ruled(edges: Sequence[Sequence[Ruling]], stops: Sequence[float]) -> list[list[bool]]:
    """For each edge, whether it is drawn between each two stops."""
    found = []
    for edge in edges:
        drawn = _intervals(edge, MEET)
        found.append([_covered(drawn, a, b) >= RULED * (b - a) for a, b in pairwise(stops)])
    return found


def _covered(drawn: Iterable[tuple[float, float]], a: float, b: float) -> float:
    return sum(max(0.0, min(b, end) - max(a, start)) for start, end in drawn)


def _cells(down: list[list[bool]], across: list[list[bool]]) -> tuple[tuple[int, ...], ...]:
    """Fields with no ruling between them are one cell; what is open to the outside is none."""
    rows, columns = len(across) - 1, len(down) - 1
    outside = rows * columns
    sets = _Sets(outside + 1)

    def field(row: int, column: int) -> int:
        return row * columns + column if 0 <= row < rows and 0 <= column < columns else outside

    for row in range(rows):
        for edge in range(columns + 1):
            if not down[edge][row]:
                sets.join(field(row, edge - 1), field(row, edge))
    for column in range(columns):
        for edge in range(rows + 1):
            if not across[edge][column]:
                sets.join(field(edge - 1, column), field(edge, column))
    nowhere = sets.root(outside)
    roots = ([sets.root(field(row, column)) for column in range(columns)] for row in range(rows))
    return tuple(tuple(OUTSIDE if root == nowhere else root for root in row) for row in roots)


def _are_boxes(cells: Sequence[Sequence[int]]) -> bool:
    """Whether every merged cell is a rectangle."""
    places: dict[int, list[tuple[int, int]]] = {}
    for r, row in enumerate(cells):
        for c, cell in enumerate(row):
            places.setdefault(cell, []).append((r, c))
    places.pop(OUTSIDE, None)
    return bool(places) and all(
        (here[-1][0] - here[0][0] + 1) * (max(c for _, c in here) - min(c for _, c in here) + 1) == len(here)
        for here in places.values()
    )


def crosses(grids: Iterable[Grid], box: Rect) -> bool:
    """Whether a line of text begins in one cell and ends in another, or outside."""
    for grid in grids:
        x0, y0, x1, y1 = turned(box, grid.direction)
        middle = (y0 + y1) / 2
        if grid.cell_at(x0 + 1, middle) != grid.cell_at(x1 - 1, middle):
            return True
    return False


def same_cell(grids: Iterable[Grid], one: Rect, other: Rect) -> bool:
    """Whether the middles of two boxes lie in the same cell of every grid."""
    return all(_cell_of(grid, one) == _cell_of(grid, other) for grid in grids)


def _cell_of(grid: Grid, box: Rect) -> int:
    x0, y0, x1, y1 = turned(box, grid.direction)
    return grid.cell_at((x0 + x1) / 2, (y0 + y1) / 2)


def cut(line: dict[str, Any], grids: Sequence[Grid]) -> list[dict[str, Any]]:
    """A line of `rawdict` in pieces that lie in one cell each. No word is cut, even if it sticks out of its cell."""
    pieces: list[list[tuple[dict[str, Any], dict[str, Any]]]] = []
    before: tuple[int, ...] = ()
    for word in _words(line):
        box = union(char["bbox"] for _, char in word)
        cells = tuple(_cell_of(grid, box) for grid in grids)
        if pieces and cells == before:
            pieces[-1] += word
        else:
            pieces.append(word)
        before = cells
    return [_piece(line, piece) for piece in pieces] if len(pieces) > 1 else [line]


def _words(line: dict[str, Any]) -> Iterator[list[tuple[dict[str, Any], dict[str, Any]]]]:
    """The characters of a line with their spans, word by word, each with the white space behind it."""
    word: list[tuple[dict[str, Any], dict[str, Any]]] = []
    end = 0.0
    for span in line["spans"]:
        for char in span["chars"]:
            x0, _, x1, _ = turned(char["bbox"], line["dir"])
            space = char["c"].isspace()
            if word and not space and (word[-1][1]["c"].isspace() or x0 - end > GAP_EM * span["size"]):
                yield word
                word = []
            word.append((span, char))
            end = x1
    if word:
        yield word


def _piece(line: dict[str, Any], characters: Sequence[tuple[dict[str, Any], dict[str, Any]]]) -> dict[str, Any]:
    last = max((i for i, (_, char) in enumerate(characters) if not char["c"].isspace()), default=-1)
    spans: list[dict[str, Any]] = []
    before: dict[str, Any] | None = None
    for span, char in characters[: last + 1]:
        if span is not before:
            spans.append({**span, "chars": []})
            before = span
        spans[-1]["chars"].append(char)
    for span in spans:
        span["bbox"] = union(char["bbox"] for char in span["chars"])
    spans = spans or line["spans"][:1]
    return {**line, "spans": spans, "bbox": union(span["bbox"] for span in spans)}
