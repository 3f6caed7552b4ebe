"""A picture of a whole page, read by any engine: turned upright, straightened, split into columns, read, put back.

An engine wants one upright column. Whether lines run across or up the page shows in the profile of its ink, and full stops
stand at the foot of a line. That is a guess; reading decides: a page that makes no sense is read the other ways round, a band
of it first, and the better reading counts.
Boxes come back in pixels of the picture as it was given.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
from scipy import ndimage

from tasks.read.ocr.engine import Engine, OcrLine, Picture
from tasks.read.ocr.layout import Box, Table, cells_of, columns_of, lines_of, tables_of
from tasks.read.ocr.picture import (
    EIGHT,
    Boxes,
    Mask,
    even_out,
    faint_ink_of,
    ink_of,
    letter_height,
    lies_on_its_side,
    pieces_of,
    resized,
    rotated,
    rulings_of,
    skew_of,
)
from tasks.read.plausible import fault_of, is_plausible, mix_of

Turn = Literal[0, 90, 180, 270]  # degrees clockwise
LineReason = Literal["low_confidence", "no_letters"]

ANALYSIS_DPI = 100  # enough to see lines, columns and table lines
SIDEWAYS = 1.5  # how much sharper the turned profile must be: upright pages .16-.55, pages on their side 4 and more
SMALLEST_SKEW = 0.15  # degrees: two pixels over a line at 200 dpi
CONVINCING = 0.7  # mean confidence: pages the right way up have .85 and more
BAND_LINES = 4.0  # letters × 2 of height are read to find out which way is up
MIN_CONFIDENCE = 0.4
LONGEST_LINE = 1000  # pieces of ink; more are noise


@dataclass(frozen=True, slots=True)
class DroppedLine:
    """A line that is no text, and why."""

    line: OcrLine
    reason: LineReason


@dataclass(frozen=True, slots=True)
class PageText:
    """What was read, in reading order; what was left out; and what was done to the picture."""

    lines: tuple[OcrLine, ...]
    dropped: tuple[DroppedLine, ...]
    turn: Turn  # how far the picture was turned clockwise to stand upright
    skew: float  # degrees by which its lines fell to the right
    columns: int
    tables: tuple[tuple[float, float, float, float], ...]

    @property
    def text(self) -> str:
        """The lines, one below the other."""
        return "\n".join(line.text for line in self.lines)

    @property
    def confidence(self) -> float:
        """Mean over the characters; 0 without any."""
        letters = sum(len(line.text) for line in self.lines)
        return sum(line.confidence * len(line.text) for line in self.lines) / letters if letters else 0.0

    @property
    def worth(self) -> float:
        """How much was read that makes sense; compares readings of one page."""
        good = sum(line.confidence * sum(map(is_plausible, line.text)) for line in self.lines)
        return good * (0.2 if fault_of(mix_of(self.text)) else 1.0) * self.confidence


def read_picture(picture: Picture, dpi: int, engine: Engine) -> PageText:
    """Read a page that may lie on its side, upside down or askew, and have columns. Raises OcrError."""
    ink = ink_of(even_out(_small(picture, dpi)[0]))
    if not ink.any():
        return PageText((), (), 0, 0.0, 1, ())
    side = lies_on_its_side(ink)
    ways: tuple[Turn, Turn] = (90, 270) if side > SIDEWAYS else (0, 180)
    guess = ways[0] if _dots_below(np.rot90(ink, -ways[0] // 90)) >= 0 else ways[1]
    first = _read_turned(picture, dpi, engine, guess)
    if _is_convincing(first):
        return first
    turn = _best_turn(picture, dpi, engine, get_args(Turn))
    other = first if turn == guess else _read_turned(picture, dpi, engine, turn)
    return max(first, other, key=lambda page: page.worth)


def _dots_below(ink: Mask) -> int:
    """How many more dots (full stops, commas) stand at the foot of the lines than at their head."""
    pieces = pieces_of(ink)
    letter = letter_height(pieces, ANALYSIS_DPI)
    boxes = pieces.boxes[(pieces.widths < 4 * letter) & (pieces.heights < 2 * letter)]
    small = (boxes[:, 2:] - boxes[:, :2]).max(axis=1) < 0.4 * letter
    return sum(_dots_of_line(boxes[line], small[line]) for line in lines_of(boxes, letter) if len(line) <= LONGEST_LINE)


def _dots_of_line(boxes: Boxes, small: Mask) -> int:
    """Dots have no ink above or below, which the parts of a letter have."""
    x0, x1 = boxes[:, 0], boxes[:, 2]
    dots = boxes[small & (((x0[:, None] < x1) & (x0 < x1[:, None])).sum(axis=1) == 1)]
    top, bottom = boxes[:, 1].min(), boxes[:, 3].max()
    place = ((dots[:, 1] + dots[:, 3]) / 2 - top) / (bottom - top)
    return int(np.count_nonzero(place > 0.7)) - int(np.count_nonzero(place < 0.3))


def _is_convincing(page: PageText) -> bool:
    return page.confidence >= CONVINCING and fault_of(mix_of(page.text)) is None


def _best_turn(picture: Picture, dpi: int, engine: Engine, turns: Sequence[Turn]) -> Turn:
    """Which turn makes a band of the page read best."""

    def worth(turn: Turn) -> float:
        band = _busiest(np.rot90(picture, -turn // 90), dpi)
        return _page(engine.read(np.ascontiguousarray(band), dpi)).worth

    return max(turns, key=worth)


def _busiest(picture: Picture, dpi: int) -> Picture:
    """The rows with most ink, some lines high."""
    small, small_dpi = _small(picture, dpi)
    profile = ink_of(even_out(small)).sum(axis=1).astype(float)
    height = min(len(profile), round(BAND_LINES * 2 * small_dpi * 10 / 72))
    inked = np.convolve(np.sqrt(profile), np.ones(height), "valid")
    scale, start = dpi / small_dpi, int(np.argmax(inked))
    return picture[int(start * scale) : int((start + height) * scale)]


@dataclass(frozen=True, slots=True)
class _Straight:
    """The page upright and straight, and the way back from it."""

    picture: Picture
    turn: Turn
    skew: float
    given: tuple[int, int]  # height, width of the picture as it was given

    def back(self, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        """A box on this picture as a box on the given one."""
        height, width = self.given if self.turn in (0, 180) else self.given[::-1]
        angle = math.radians(self.skew)
        x0, y0, x1, y1 = box
        corners = np.array([(x0, y0), (x1, y0), (x0, y1), (x1, y1)]) - np.array(self.picture.shape[::-1]) / 2
        turned = corners @ np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
        x, y = turned[:, 0] + width / 2, turned[:, 1] + height / 2
        if self.turn == 180:
            x, y = width - x, height - y
        elif self.turn == 90:
            x, y = y, width - x
        elif self.turn == 270:
            x, y = height - y, x
        most_y, most_x = self.given
        return (
            float(np.clip(x.min(), 0, most_x)),
            float(np.clip(y.min(), 0, most_y)),
            float(np.clip(x.max(), 0, most_x)),
            float(np.clip(y.max(), 0, most_y)),
        )


def _read_turned(picture: Picture, dpi: int, engine: Engine, turn: Turn) -> PageText:
    page = _straightened(picture, dpi, turn)
    parts, tables = _parts(page.picture, dpi)
    lines = [line for part in parts for line in _read_part(page.picture, dpi, engine, part)]
    done = _page(_by_cells(lines, tables))
    return PageText(
        lines=tuple(replace(line, box=page.back(line.box)) for line in done.lines),
        dropped=tuple(replace(d, line=replace(d.line, box=page.back(d.line.box))) for d in done.dropped),
        turn=turn,
        skew=page.skew,
        columns=len(parts),
        tables=tuple(page.back(table.box) for table in tables),
    )


def _straightened(picture: Picture, dpi: int, turn: Turn) -> _Straight:
    upright = np.rot90(picture, -turn // 90)
    skew = skew_of(ink_of(even_out(_small(upright, dpi)[0])))
    if abs(skew) < SMALLEST_SKEW:
        return _Straight(np.ascontiguousarray(upright), turn, 0.0, picture.shape)
    return _Straight(rotated(np.ascontiguousarray(upright), skew), turn, skew, picture.shape)


def _parts(picture: Picture, dpi: int) -> tuple[list[Box], list[Table]]:
    """Columns and other parts in reading order, and ruled tables."""
    small, small_dpi = _small(picture, dpi)
    small = even_out(small)
    ink = ink_of(small)
    pieces = pieces_of(ink)
    letter = letter_height(pieces, small_dpi)
    rulings = rulings_of(faint_ink_of(small), letter)
    tables = tables_of(rulings, letter)
    if tables or any(lines.any() for lines in rulings):
        pieces = pieces_of(ink & ~ndimage.binary_dilation(rulings[0] | rulings[1], EIGHT))
    letters = (pieces.widths < 8 * letter) & (pieces.heights < 5 * letter) & (pieces.areas > 2)
    parts = columns_of(pieces.boxes[letters], letter, tables, (small.shape[1], small.shape[0]))
    scale = dpi / small_dpi
    whole = (0, 0, picture.shape[1], picture.shape[0])
    if len(parts) == 1:
        return [whole], [_scaled(table, scale) for table in tables]
    return [_grown(part, scale, whole) for part in parts], [_scaled(table, scale) for table in tables]


def _scaled(table: Table, scale: float) -> Table:
    def larger(box: Box) -> Box:
        x0, y0, x1, y1 = (round(side * scale) for side in box)
        return x0, y0, x1, y1

    return Table(larger(table.box), tuple(map(larger, table.cells)))


def _grown(part: Box, scale: float, whole: Box) -> Box:
    x0, y0, x1, y1 = part
    return int(x0 * scale), int(y0 * scale), min(whole[2], math.ceil(x1 * scale)), min(whole[3], math.ceil(y1 * scale))


def _read_part(picture: Picture, dpi: int, engine: Engine, part: Box) -> Iterator[OcrLine]:
    x, y, x1, y1 = part
    for line in engine.read(np.ascontiguousarray(picture[y:y1, x:x1]), dpi):
        a, b, c, d = line.box
        yield replace(line, box=(a + x, b + y, c + x, d + y))


def _by_cells(lines: list[OcrLine], tables: Sequence[Table]) -> list[OcrLine]:
    """The lines of a ruled table cell by cell, row by row; the others stay in the order in which they were read."""
    for table in tables:
        boxes: Boxes = np.array([line.box for line in lines], dtype=np.int64).reshape(-1, 4)
        cell_of = cells_of(boxes, table)
        inside = [i for i in range(len(lines)) if cell_of[i] < len(table.cells)]
        ordered = sorted(inside, key=lambda i: cell_of[i])
        before = lines[:]
        for place, index in zip(inside, ordered, strict=True):
            lines[place] = before[index]
    return lines


def _page(lines: Sequence[OcrLine]) -> PageText:
    kept, dropped = sift(lines)
    return PageText(tuple(kept), tuple(dropped), 0, 0.0, 1, ())


def sift(lines: Sequence[OcrLine]) -> tuple[list[OcrLine], list[DroppedLine]]:
    """Lines that are text, and what an engine made of dirt, codes and pictures."""
    kept: list[OcrLine] = []
    dropped: list[DroppedLine] = []
    for line in lines:
        if reason := _no_text(line):
            dropped.append(DroppedLine(line, reason))
        else:
            kept.append(line)
    return kept, dropped


def _no_text(line: OcrLine) -> LineReason | None:
    if not any(char.isalnum() and is_plausible(char) for char in line.text):
        return "no_letters"
    return "low_confidence" if line.confidence < MIN_CONFIDENCE else None


def _small(picture: Picture, dpi: int) -> tuple[Picture, int]:
    """The picture at about 100 dpi, where it is larger."""
    factor = max(1, round(dpi / ANALYSIS_DPI))
    return (picture, dpi) if factor == 1 else (resized(picture, 1 / factor), round(dpi / factor))
