"""Which text of a page may be hidden: a look at colours, sizes, flags and at what is painted over or under each span.

Two kinds of suspects. Most of them, as the white heading on its dark band, are drawn in their own opaque colour and nothing is
drawn over them: only a ground of that colour hides them. All others have to be drawn with and without their glyphs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pymupdf import mupdf

from tasks.read.boxes import Rect, touch
from tasks.read.devices import Order, Survey, bare_font
from tasks.read.sheet import TEXT, VECTOR, Sheet

HiddenReason = Literal[
    "same_colour",  # as the ground, or nearly
    "transparent",  # or behind a soft mask or a translucent group
    "invisible",  # drawn without fill and stroke, or with glyphs that are blank
    "tiny",
    "outside",  # of the page
    "clipped",
    "covered",  # by what is painted later
    "actual_text",  # the file says that its glyphs mean another text
    "unchecked",
]
Block = dict[str, Any]
Span = dict[str, Any]
Key = tuple[int, int, int]  # block, line, span

TINY_PT = 1.0
TINY_SHARE = 1 / 5000  # of the longer side: 12 pt on a page of 365 m is nothing
NARROW = 0.12  # advance per letter and size; the narrowest letters have .2
LIGHT = 80.0  # farther from white than this needs no look on white paper
NEAR = 40.0  # so close to a ground drawn before needs a look
OVERLAP = 0.35  # of the letter height, in both directions: an underline is thinner
MANY = 4  # thin strips that lie over a span
MAX_PAIRS = 50_000_000  # spans × paints; more is not looked at, but drawn
PAIRS_AT_ONCE = 500_000
MANY_VECTORS = 500
SOME_VECTORS = 12  # more are compared with all spans at once
THIN = 0.3  # em: too thin to hide a letter alone; below OVERLAP, as a letter is taller than its size
DRAWN = mupdf.FZ_STEXT_FILLED | mupdf.FZ_STEXT_STROKED | mupdf.FZ_STEXT_CLIPPED
WEIGHTS = np.array([0.299, 0.587, 0.114], np.float32)  # of red, green, blue in what the eye takes for a difference
ANY_COLOUR, NO_COLOUR = -1, -2
SAME: HiddenReason = "same_colour"
COVERED: HiddenReason = "covered"
INVISIBLE: HiddenReason = "invisible"


class Candidate(NamedTuple):
    """A span that is drawn on the page in a colour of its own, and its number in the order of drawing."""

    number: int
    key: Key
    span: Span


class Paint(NamedTuple):
    """What is painted in a box, and how many spans were drawn before it."""

    x0: float
    y0: float
    x1: float
    y1: float
    before: int
    colour: int


class Suspects(NamedTuple):
    """Spans that may be hidden, with the reason they would have.

    Only their ground may hide those `by_ground`. Where there are `boxes`, only the letters that these touch may be hidden.
    """

    reasons: dict[Key, HiddenReason]
    by_ground: set[Key]
    boxes: dict[Key, list[Rect]]


def find_suspects(sheet: Sheet, survey: Survey, blocks: list[Block]) -> Suspects:
    """The spans that may be hidden."""
    reasons, candidates, light = _by_looks(sheet, blocks)
    if not candidates:
        return Suspects(reasons, set(), {})
    order = sheet.order() if survey.paints or survey.clipped or sheet.has_type3 else Order()
    paints = _vectors(blocks, candidates) + _light_letters(blocks, light) + _others(order, blocks)
    on, boxes = _overlapped(candidates, paints) if paints else (set(), {})
    on |= {c.key for c in light}
    found = dict.fromkeys(boxes, COVERED)
    for why, veils in _veils(survey, order):
        for c in candidates:
            if any(touch(c.span["bbox"], veil) for veil in veils):
                found[c.key] = why
                boxes[c.key] = [*boxes.get(c.key, ()), *veils]
    by_ground = on - boxes.keys()
    found |= dict.fromkeys(by_ground, SAME)
    if order.type3:  # nobody knows what their glyphs draw
        strange = {c.key for c in candidates if bare_font(c.span["font"]) in order.type3}
        found |= dict.fromkeys(strange, INVISIBLE)
        on, by_ground = on | strange, by_ground - strange
    return Suspects(reasons | found, by_ground, {key: some for key, some in boxes.items() if key not in on})


def _by_looks(sheet: Sheet, blocks: list[Block]) -> tuple[dict[Key, HiddenReason], list[Candidate], list[Candidate]]:
    """Suspects by size, place and flags; the others; and the light ones among these."""
    reasons: dict[Key, HiddenReason] = {}
    candidates: list[Candidate] = []
    light: list[Candidate] = []
    x0, y0, x1, y1 = sheet.bounds
    tiny = smallest(sheet)
    letters = shape_of(blocks)
    for number, (key, span) in enumerate(spans_of(blocks)):
        box, size = span["bbox"], span["size"]
        narrow = NARROW * size * len(span[letters])
        if size < tiny or (box[2] - box[0] < narrow and box[3] - box[1] < narrow):
            reasons[key] = "tiny"
            continue
        fault = _fault(span["color"], span["alpha"], span["char_flags"])
        if fault == "invisible" or fault == "transparent":
            reasons[key] = fault
        elif not (box[0] >= x0 and box[1] >= y0 and box[2] <= x1 and box[3] <= y1):
            reasons[key] = "outside"
        else:
            candidates.append(Candidate(number, key, span))
            if fault:
                light.append(candidates[-1])
    return reasons, candidates, light


def smallest(sheet: Sheet) -> float:
    """The smallest size that is read, in points."""
    x0, y0, x1, y1 = sheet.bounds
    return max(TINY_PT, TINY_SHARE * max(x1 - x0, y1 - y0))


@lru_cache(4096)
def _fault(colour: int, alpha: int, flags: int) -> HiddenReason | None:
    if not flags & DRAWN:
        return "invisible"
    if alpha < 128:
        return "transparent"
    return "same_colour" if _apart(colour, 0xFFFFFF) * alpha / 255 < LIGHT else None


@lru_cache(4096)
def _apart(a: int, b: int) -> float:
    """How far apart two colours are to the eye, 0 to 255."""
    channels = (((a >> shift) & 255) - ((b >> shift) & 255) for shift in (16, 8, 0))
    return math.sqrt(sum(float(w) * d * d for w, d in zip(WEIGHTS, channels, strict=True)))


def _veils(survey: Survey, order: Order) -> Iterator[tuple[HiddenReason, Sequence[Rect]]]:
    if survey.clips or order.cut:
        yield "clipped", survey.clips + order.cut
    if survey.veils:
        yield "transparent", survey.veils


# What is painted


def _vectors(blocks: list[Block], candidates: list[Candidate]) -> list[Paint]:
    """Filled and stroked shapes that may hide text."""
    vectors: list[Paint] = []
    before = 0
    for block in blocks:
        if block["type"] == TEXT:
            before += sum(len(line["spans"]) for line in block["lines"])
        elif block["type"] == VECTOR and block["alpha"]:
            x0, y0, x1, y1 = block["bbox"]
            vectors.append(Paint(x0, y0, x1, y1, before, block["color"]))
    if not vectors or len(vectors) >= MANY_VECTORS:
        return vectors
    sizes = {c.span["size"] for c in candidates}
    vectors = _without_lone_lines(vectors, THIN * min(sizes), 2 * max(sizes))
    if len(vectors) >= SOME_VECTORS:
        return vectors
    colours = {c.span["color"] for c in candidates}
    return [v for v in vectors if any(_apart(v.colour, colour) < NEAR for colour in colours) or _lies_over(v, candidates)]


def _without_lone_lines(vectors: list[Paint], thin: float, letter: float) -> list[Paint]:
    """Without rulings and underlines. Lines that stand so close that several cross one letter stay: they may hide it."""
    flat = [v for v in vectors if v.y1 - v.y0 < thin]
    upright = [v for v in vectors if v.y1 - v.y0 >= thin > v.x1 - v.x0]
    thick = [v for v in vectors if v.y1 - v.y0 >= thin <= v.x1 - v.x0]
    return thick + (flat if _crowded(flat, 1, letter) else []) + (upright if _crowded(upright, 0, letter) else [])


def _crowded(lines: list[Paint], axis: int, letter: float) -> bool:
    if len(lines) < MANY:
        return False
    places = sorted({round(4 * line[axis]) / 4 for line in lines})
    return any(b - a < letter for a, b in zip(places, places[MANY - 1 :], strict=False))


def _lies_over(paint: Paint, candidates: list[Candidate]) -> bool:
    return any(c.number < paint.before and touch(c.span["bbox"], paint[:4]) for c in candidates)


def _light_letters(blocks: list[Block], light: list[Candidate]) -> list[Paint]:
    """A light letter may be a white block over others."""
    return [Paint(*box, c.number, NO_COLOUR) for c in light for box in _pieces(c.span, line_of(blocks, c.key)["dir"])]


def _pieces(span: Span, direction: tuple[float, float]) -> Iterator[Rect]:
    """The boxes of a slanted span's letters, each with some room: its own box would hold half of the page."""
    x0, y0, x1, y1 = span["bbox"]
    x, y = abs(direction[0]), abs(direction[1])
    letters = len(letters_of(span))
    if min(x, y) < 0.1 or letters < 2:
        yield x0, y0, x1, y1
        return
    a0, a1 = (x0, x1) if direction[0] > 0 else (x1, x0)
    b0, b1 = (y0, y1) if direction[1] > 0 else (y1, y0)
    room = 0.8 * span["size"]
    for i in range(letters):
        at_x, at_y = a0 + (i + 0.5) / letters * (a1 - a0), b0 + (i + 0.5) / letters * (b1 - b0)
        yield max(at_x - room, x0), max(at_y - room, y0), min(at_x + room, x1), min(at_y + room, y1)


def _others(order: Order, blocks: list[Block]) -> list[Paint]:
    """Images and the like. Before them come the spans that touch a text object drawn before, and all spans before those."""
    if not order.paints:
        return []
    x0, y0, x1, y1 = np.array([span["bbox"] for _, span in spans_of(blocks)]).T
    leading = (y1 - y0) / 5  # boxes of lines that stand close reach into each other
    y0, y1 = y0 + leading, y1 - leading
    last: list[int] = [0]
    for a0, b0, a1, b1 in order.texts[: max(before for _, before in order.paints)]:
        touched = np.flatnonzero((x0 < a1) & (x1 > a0) & (y0 < b1) & (y1 > b0))
        last.append(max(last[-1], int(touched[-1]) + 1 if touched.size else 0))
    return [Paint(*box, last[before], ANY_COLOUR) for box, before in order.paints]


# What it is painted over


def _overlapped(candidates: list[Candidate], paints: list[Paint]) -> tuple[set[Key], dict[Key, list[Rect]]]:
    """The spans on something that may have their colour, and those under anything, with its boxes."""
    if len(candidates) * len(paints) > MAX_PAIRS:
        return set(), {c.key: [c.span["bbox"]] for c in candidates}
    on: set[Key] = set()
    under: dict[Key, list[Rect]] = {}
    table = np.array(paints)
    step = max(1, PAIRS_AT_ONCE // len(paints))
    for start in range(0, len(candidates), step):
        some = candidates[start : start + step]
        for candidate, is_on, over in zip(some, *_meetings(some, table), strict=True):
            if is_on:
                on.add(candidate.key)
            if over.any():
                under[candidate.key] = [tuple(box) for box in table[over, :4].tolist()]
    return on, under


def _meetings(candidates: list[Candidate], paints: NDArray[Any]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """For each span (row), whether something like its colour lies under it; and what is painted over it (columns)."""
    boxes = np.array([c.span["bbox"] for c in candidates])
    x0, y0, x1, y1 = boxes.T[:, :, np.newaxis]
    a0, b0, a1, b1, before, colours = paints.T
    width, height = np.minimum(x1, a1) - np.maximum(x0, a0), np.minimum(y1, b1) - np.maximum(y0, b0)
    lies = (width > 0) & (height > 0)
    if not lies.any():
        return lies.any(axis=1), lies
    letter = np.minimum(x1 - x0, y1 - y0)
    big = (width > OVERLAP * letter) & (height > OVERLAP * letter)
    later = before > np.array([c.number for c in candidates])[:, np.newaxis]
    near = _near(np.array([c.span["color"] for c in candidates]), colours.astype(np.int64))

    def hidden(which: NDArray[np.bool_]) -> NDArray[np.bool_]:
        strips = (which.sum(axis=1) >= MANY) & ((width * height * which).sum(axis=1) > letter[:, 0] ** 2 / 2)
        found: NDArray[np.bool_] = (big & which).any(axis=1) | strips
        return found

    over = later & lies
    return hidden(~later & near & lies), over & hidden(over)[:, np.newaxis]


def _near(rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which colours are so alike that the one may not show on the other."""
    apart = np.zeros((len(rows), len(columns)))
    for weight, shift in zip(WEIGHTS, (16, 8, 0), strict=True):
        apart += weight * np.subtract.outer((rows >> shift) & 255, (columns >> shift) & 255) ** 2.0
    near: NDArray[np.bool_] = ((columns >= 0) & (apart < NEAR * NEAR)) | (columns == ANY_COLOUR)
    return near


# Blocks


def spans_of(blocks: list[Block]) -> Iterator[tuple[Key, Span]]:
    """All spans, in the order of drawing."""
    for i, block in enumerate(blocks):
        for j, line in enumerate(block.get("lines", ())):
            for k, span in enumerate(line["spans"]):
                yield (i, j, k), span


def line_of(blocks: list[Block], key: Key) -> dict[str, Any]:
    """The line of a span."""
    line: dict[str, Any] = blocks[key[0]]["lines"][key[1]]
    return line


def span_at(blocks: list[Block], key: Key) -> Span:
    """The span with this key."""
    span: Span = line_of(blocks, key)["spans"][key[2]]
    return span


def shape_of(blocks: list[Block]) -> str:
    """The key of a span's letters."""
    return next(("chars" if "chars" in span else "text" for _, span in spans_of(blocks)), "text")


def letters_of(span: Span) -> Any:
    """The letters of a span in either shape."""
    return span["chars"] if "chars" in span else span["text"]
