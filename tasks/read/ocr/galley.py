"""A galley: the lines of a picture cut out and set afresh, one below the other, all letters of one size.

Tesseract's own search for lines is what fails first: it takes table lines, codes and headings for text, mixes cells and loses
lines without a word. On a galley there is nothing left to search for. The letters get the size at which the Korean model reads
best, what stands between the lines (rulings, specks, neighbours) is gone, and every row that comes back empty is known.
A digit in a circle, which the model does not know, is set without its circle; whoever reads the galley puts it back. Where
the words part is measured on the ink, too: the Korean model sets spaces inside words and forgets others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from tasks.read.ocr.engine import Picture
from tasks.read.ocr.layout import Group, lines_of, tables_of
from tasks.read.ocr.picture import (
    EIGHT,
    Boxes,
    Mask,
    Pieces,
    bars_inverted,
    circles_in,
    distances,
    even_out,
    faint_ink_of,
    ink_of,
    letter_height,
    pieces_of,
    resized,
    rulings_of,
)

PITCH = 2.0  # rows are so many letters apart
EDGE = 0.15  # white kept around a line, in letters
SMALLEST = 0.65  # a line without tall letters (a dash, a full stop) is not blown up beyond this
LARGEST_LETTERS = (8, 5)  # pieces wider or taller are pictures
SMALL = 10  # a piece of less than (letter / SMALL)² pixels is a full stop beside letters, else dirt
USUAL_GAP = 0.36  # between words: letters of a word stand closer than .32 of a line's height, words farther than .4
VALLEY = np.arange(0.22, 0.5, 0.02)
ENOUGH_GAPS = 20

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Row:
    """A line on the galley: where it was cut from, what of it is ink, how it was scaled and placed.

    `circles` (from, to) and `starts` (of words, but for the first) are places on the galley along the row.
    """

    cut: tuple[int, int, int, int]
    ink: tuple[int, int, int, int]
    scale: float
    left: int
    top: int
    circles: tuple[tuple[float, float], ...]
    starts: tuple[float, ...]

    def back(self, box: Box) -> Box:
        """A box on the galley as a box on the picture."""
        x0, y0, x1, y1 = box
        x, y = self.cut[0] - self.left / self.scale, self.cut[1] - self.top / self.scale
        return x0 / self.scale + x, y0 / self.scale + y, x1 / self.scale + x, y1 / self.scale + y


@dataclass(frozen=True, slots=True)
class Galley:
    """The picture of the rows, and the rows from the top, `pitch` pixels apart."""

    picture: Picture
    rows: tuple[Row, ...]
    pitch: int

    def row_at(self, y: float) -> int:
        """The number of the row at a height."""
        return min(len(self.rows) - 1, max(0, int(y / self.pitch - 0.5)))


@dataclass(frozen=True, slots=True)
class Type:
    """What a galley is set from: the evened picture, its ink without rulings and dirt, and the lines of the ink."""

    picture: Picture
    ink: Mask
    pieces: Pieces
    circles: Boxes
    lines: tuple[Group, ...]
    letter: float
    gap: float  # between words, in heights of a line


def type_of(picture: Picture, dpi: int) -> Type:
    """Find the lines of a picture of upright text."""
    picture = even_out(picture)
    ink = ink_of(picture)
    pieces = pieces_of(ink)
    picture, ink, pieces = bars_inverted(picture, ink, pieces, letter_height(pieces, dpi))
    letter = letter_height(pieces, dpi)
    rulings = rulings_of(faint_ink_of(picture), letter)
    if any(lines.any() for lines in rulings):
        ink = ink & ~ndimage.binary_dilation(rulings[0] | rulings[1], EIGHT)
        pieces = pieces_of(ink)
    width, height = LARGEST_LETTERS
    letters = (pieces.widths < width * letter) & (pieces.heights < height * letter)
    large = letters & (pieces.areas >= (letter / SMALL) ** 2)
    chosen = np.nonzero(large)[0]
    lines = [chosen[line] for line in lines_of(pieces.boxes[chosen], letter, tables_of(rulings, letter))]
    lines = _with_dots(lines, pieces.boxes, np.nonzero(letters & ~large)[0], letter)
    return Type(picture, ink, pieces, circles_in(picture, letter), tuple(lines), letter, _gap_of(lines, pieces.boxes, letter))


def _gap_of(lines: list[Group], boxes: Boxes, letter: float) -> float:
    """What parts the gaps between letters from those between words: the valley between the two heaps."""
    gaps = [(found[:, 1] - found[:, 0]) / _line_height(boxes[line], letter) for line in lines for found in [_gaps(boxes[line])]]
    widths = np.concatenate([*gaps, np.zeros(0)])
    if np.count_nonzero(widths > USUAL_GAP) < ENOUGH_GAPS:
        return USUAL_GAP
    near = [np.count_nonzero(np.abs(widths - gap) < 0.04) + abs(gap - USUAL_GAP) for gap in VALLEY]
    return float(VALLEY[int(np.argmin(near))])


def _gaps(boxes: Boxes) -> NDArray[np.int64]:
    """White between the pieces of a line: from, to."""
    order = np.argsort(boxes[:, 0])
    start, end = np.maximum.accumulate(boxes[order, 2])[:-1], boxes[order, 0][1:]
    gaps: Boxes = np.stack([start, end], axis=1)[end > start]
    return gaps


def _line_height(boxes: Boxes, letter: float) -> float:
    return max(float(boxes[:, 3].max() - boxes[:, 1].min()), SMALLEST * letter)


def _with_dots(lines: list[Group], boxes: Boxes, small: Group, letter: float) -> list[Group]:
    """The lines with the dots that stand in or right behind them; none where as many lie about elsewhere: that is dirt."""
    x, y = (boxes[small, 0] + boxes[small, 2]) / 2, (boxes[small, 1] + boxes[small, 3]) / 2
    found = []
    for line in lines:
        x0, y0, x1, y1 = _hull(boxes[line])
        found.append(small[(x > x0 - letter) & (x < x1 + letter) & (y > y0) & (y < y1 + 0.1 * letter)])
    if sum(map(len, found)) < len(small) / 2:
        return lines
    return [np.concatenate([line, dots]) for line, dots in zip(lines, found, strict=True)]


def set_galley(type_: Type, lines: Sequence[Group], size: int) -> Galley:
    """Set some of the lines with letters of `size` pixels."""
    pitch = round(PITCH * size)
    cuts = [_cut(type_, line, size, pitch // 2 + number * pitch) for number, line in enumerate(lines)]
    canvas = np.full((pitch * (len(cuts) + 1), max((c.shape[1] for c, _ in cuts), default=0) + 2 * size), 255, dtype=np.uint8)
    rows = []
    for cut, row in cuts:
        top = row.top + max(0, (pitch - cut.shape[0]) // 2)
        canvas[top : top + cut.shape[0], size : size + cut.shape[1]] = cut
        rows.append(replace(row, top=top))
    return Galley(canvas, tuple(rows), pitch)


def _cut(type_: Type, line: Group, size: int, at: int) -> tuple[Picture, Row]:
    boxes = type_.pieces.boxes[line]
    x0, y0, x1, y1 = hull = _hull(boxes)
    letter = _line_height(boxes, type_.letter)
    edge, scale = max(1, round(EDGE * letter)), size / letter
    top, left = max(0, y0 - edge), max(0, x0 - edge)
    here = np.s_[top : y1 + edge, left : x1 + edge]
    picture = type_.picture[here]
    cut = np.where(ndimage.binary_dilation(_of_line(type_, line, here), EIGHT, iterations=2), picture, 255).astype(np.uint8)
    rings = _inside(type_.circles, hull) - (left, top, left, top)
    for ring in rings:
        _uncircle(cut, ring)
    gaps = _gaps(boxes)
    wide = gaps[gaps[:, 1] - gaps[:, 0] > type_.gap * letter]
    row = Row(
        cut=(left, top, left + cut.shape[1], top + cut.shape[0]),
        ink=hull,
        scale=scale,
        left=size,
        top=at,
        circles=tuple((size + r[0] * scale, size + r[2] * scale) for r in rings.tolist()),
        starts=tuple(size + (end - left) * scale for _, end in wide.tolist()),
    )
    return resized(cut, scale), row


def _of_line(type_: Type, line: Group, here: tuple[slice, slice]) -> Mask:
    """The ink of this line alone; neighbours reach into its box."""
    found: Mask = type_.ink[here] & np.isin(type_.pieces.labels[here], line + 1)
    return found


def _uncircle(cut: Picture, ring: Boxes) -> None:
    """Take away the circle and let its digit fill the place."""
    x0, y0, x1, y1 = np.maximum(ring, 0)
    part = cut[y0:y1, x0:x1]
    alone = np.where(distances(part.shape) < 0.74, part, 255).astype(np.uint8)
    dark = np.nonzero(alone < 128)
    if not len(dark[0]):
        return
    digit = alone[dark[0].min() : dark[0].max() + 1, dark[1].min() : dark[1].max() + 1]
    digit = resized(digit, min(0.85 * part.shape[0] / digit.shape[0], 0.8 * part.shape[1] / digit.shape[1]))
    part[:] = 255
    top, left = (part.shape[0] - digit.shape[0]) // 2, (part.shape[1] - digit.shape[1]) // 2
    part[top : top + digit.shape[0], left : left + digit.shape[1]] = digit


def _inside(boxes: Boxes, hull: tuple[int, int, int, int]) -> Boxes:
    x0, y0, x1, y1 = hull
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    return boxes[(x > x0) & (x < x1) & (y > y0) & (y < y1)]


def _hull(boxes: Boxes) -> tuple[int, int, int, int]:
    x0, y0 = boxes[:, :2].min(axis=0).tolist()
    x1, y1 = boxes[:, 2:].max(axis=0).tolist()
    return x0, y0, x1, y1
