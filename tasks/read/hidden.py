"""Text that a reader of the page cannot see, parted from the text that is seen.

White or tiny text, text under a picture or outside the page is how instructions to a model get into a document. Suspicion is
cheap: a look at colours, sizes, flags and at what is painted over or under a span. Proof is a drawing: the page is drawn with
and without the suspected glyphs, and a glyph whose ink changes next to nothing is hidden. What cannot be checked counts as
hidden. The invisible text of a scan's OCR layer is kept where the scan shows something in its place.
"""

# mypy: disallow-untyped-calls=False
from __future__ import annotations

import math
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Any, Literal, NamedTuple

import numpy as np
import pymupdf
from numpy.typing import NDArray
from pymupdf import mupdf

from tasks.read.sheet import FLAGS, RGB, Glyph, Glyphs, Picture, Rect, Sheet, Survey, cell, touch

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
NOWHERE: Rect = (0.0, 0.0, 0.0, 0.0)
Block = dict[str, Any]
Key = tuple[int, int, int]  # block, line, span
Verdict = HiddenReason | Literal["seen", ""]  # "": not decided

TINY_PT = 1.0
TINY_SHARE = 1 / 5000  # of the longer side: 12 pt on a page of 365 m is nothing
NARROW = 0.12  # advance per letter and size; the narrowest letters have .2
CONTRAST = 16.0  # of 255: grey .94 on white is not seen, .92 is
LIGHT = 80.0  # farther from white than this needs no look on white paper
NEAR = 40.0  # so close to a ground drawn before needs a look
OVERLAP = 0.35  # of the letter height, in both directions: an underline is thinner
MANY = 4  # thin strips that lie over a span
SEEN = 0.2  # share of a glyph's ink that must show
FULL = 64  # of 255: ink of thinner edges says nothing
LETTER_PX = 16
MAX_ZOOM = 8.0
GOOD_ZOOM = 0.4  # of what letters should have; less, and the area is drawn in parts
MAX_PIXELS = 4_000_000
MAX_DRAWINGS = 16
MAX_PAIRS = 50_000_000  # spans × paints; more is not looked at, but drawn
PAIRS_AT_ONCE = 500_000
FEW_VECTORS = 500
THIN = 0.3  # em: too thin to hide a letter alone; below OVERLAP, as a letter is taller than its size
SAME_PLACE = 0.02, 0.1  # em + pt: two passes over one page give one origin
DOUBLE = 0.25  # em: the same letter so near is one letter, drawn twice for bold or shadow
DRAWN = mupdf.FZ_STEXT_FILLED | mupdf.FZ_STEXT_STROKED | mupdf.FZ_STEXT_CLIPPED
WEIGHTS = np.array([0.299, 0.587, 0.114], np.float32)  # of red, green, blue in what the eye takes for a difference
ALIKE = 0.5  # share of letters
MAX_RIDERS = 3  # letters that a glyph may mean beyond its first, as in ligatures


class Hidden(NamedTuple):
    """Text that is not seen, its box on the unrotated page, and why."""

    text: str
    box: Rect
    reason: HiddenReason


@dataclass(frozen=True)
class Findings:
    """What is hidden on a page, to be parted from its text in either shape, dict or rawdict."""

    verdicts: dict[Key, list[Verdict]] | None  # None: the check failed
    raw: list[Block] = field(default_factory=list)
    told: list[Hidden] = field(default_factory=list)
    text: pymupdf.TextPage | None = None  # what the glyphs say, where the text of the sheet says otherwise

    def part(self, blocks: list[Block]) -> tuple[list[Block], list[Hidden]]:
        """The blocks of the sheet's text without hidden text, and that text."""
        if self.verdicts is None:
            everything: dict[Key, list[Verdict]] = {k: ["unchecked"] * len(_letters(span)) for k, span in _spans_of(blocks)}
            return _without(blocks, blocks, everything)
        if self.text is not None:
            blocks = _shaped_as(self.text, blocks)
        kept, hidden = _without(blocks, self.raw, self.verdicts)
        return kept, self.told + hidden


def part_hidden(sheet: Sheet, blocks: list[Block]) -> tuple[list[Block], list[Hidden]]:
    """The blocks of `sheet.text` without their hidden text, and that text. Never raises."""
    return find_hidden(sheet, blocks).part(blocks)


def find_hidden(sheet: Sheet, blocks: list[Block]) -> Findings:
    """What is hidden among the blocks of `sheet.text`, in either shape. Never raises."""
    try:
        return _findings(sheet, blocks)
    except Exception:  # noqa: BLE001  MuPDF raises a dozen unrelated types; unchecked text is not to be trusted
        return Findings(None)


def _findings(sheet: Sheet, blocks: list[Block]) -> Findings:
    survey = sheet.survey()
    if survey.retold and (told := _false_words(sheet)):
        text = sheet.text_with(FLAGS | pymupdf.TEXT_IGNORE_ACTUALTEXT)
        raw, verdicts = _judged(sheet, survey, text, _shaped_as(text, blocks))
        return Findings(verdicts, raw, told, text)
    raw, verdicts = _judged(sheet, survey, sheet.text, blocks)
    return Findings(verdicts, raw)


def _judged(
    sheet: Sheet, survey: Survey, text: pymupdf.TextPage, blocks: list[Block]
) -> tuple[list[Block], dict[Key, list[Verdict]]]:
    """The blocks with characters, and what became of the suspects among them."""
    suspects = _suspects(sheet, survey, blocks)
    if not suspects:
        return [], {}
    raw = text.extractRAWDICT()["blocks"]
    try:
        return raw, _Trial(sheet, survey, raw, suspects).verdicts()
    except Exception:  # noqa: BLE001  as above
        return raw, {key: ["unchecked"] * len(_at(raw, key)["chars"]) for key in suspects}


# Suspicion


def _suspects(sheet: Sheet, survey: Survey, blocks: list[Block]) -> dict[Key, HiddenReason]:
    """Spans that may be hidden, each with the reason it would have."""
    found: dict[Key, HiddenReason] = {}
    rest: list[tuple[Key, dict[str, Any]]] = []
    x0, y0, x1, y1 = sheet.bounds
    tiny = _smallest(sheet)
    letters = _shape(blocks)
    for key, span in _spans_of(blocks):
        box, size = span["bbox"], span["size"]
        narrow = NARROW * size * len(span[letters])
        if size < tiny or (box[2] - box[0] < narrow and box[3] - box[1] < narrow):
            found[key] = "tiny"
        elif reason := _pale(span["color"], span["alpha"], span["char_flags"]):
            found[key] = reason
        elif box[0] >= x0 and box[1] >= y0 and box[2] <= x1 and box[3] <= y1:
            rest.append((key, span))
        else:
            found[key] = "outside"
    if sheet.has_type3:
        return found | {key: "invisible" for key, _ in rest}
    if survey.clipped:
        found |= _cut_off(sheet, rest)
    if rest and (paint := _paint(blocks, survey, found, rest)):
        found |= _overlapped(rest, np.array(paint))
    for veils, why in _veils(survey):
        found |= {key: why for key, span in rest if any(touch(span["bbox"], veil) for veil in veils)}
    return found


def _smallest(sheet: Sheet) -> float:
    """The smallest size that is read, in points."""
    x0, y0, x1, y1 = sheet.bounds
    return max(TINY_PT, TINY_SHARE * max(x1 - x0, y1 - y0))


@lru_cache(4096)
def _pale(colour: int, alpha: int, flags: int) -> HiddenReason | None:
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


def _cut_off(sheet: Sheet, spans: list[tuple[Key, dict[str, Any]]]) -> dict[Key, HiddenReason]:
    """Spans that are not the same when clips are heeded."""
    whole = {_outline(span) for _, span in _spans_of(sheet.text_with(FLAGS | pymupdf.TEXT_CLIP).extractDICT()["blocks"])}
    return {key: "clipped" for key, span in spans if _outline(span) not in whole}


def _outline(span: dict[str, Any]) -> tuple[float, ...]:
    return (*(round(v, 1) for v in span["bbox"]), len(_letters(span)))


Paint = tuple[float, float, float, float, float, int]  # box, place in the order of drawing, colour (-1: many)


def _paint(
    blocks: list[Block], survey: Survey, light: dict[Key, HiddenReason], spans: list[tuple[Key, dict[str, Any]]]
) -> list[Paint]:
    """What is painted on a page, letters and lone lines aside."""
    vectors: list[Paint] = [(*b["bbox"], i, b["color"]) for i, b in enumerate(blocks) if b["type"] == 3 and b["alpha"]]
    if vectors and len(vectors) < FEW_VECTORS:
        sizes = {span["size"] for _, span in spans}
        vectors = _without_lone_lines(vectors, THIN * min(sizes), 2 * max(sizes))
        colours = {span["color"] for _, span in spans}
        texts = [(i, block["bbox"]) for i, block in enumerate(blocks) if block["type"] == 0]
        vectors = [v for v in vectors if _may_hide(v, colours, texts)]
    # A light letter may be a white block over others. Where pictures stand in the order is not known: last is on the safe side.
    letters: list[Paint] = [(*_at(blocks, key)["bbox"], key[0] + 0.5, -1) for key, why in light.items() if why == "same_colour"]
    return vectors + letters + [(*box, len(blocks), -1) for box in survey.paints]


def _without_lone_lines(vectors: list[Paint], thin: float, letter: float) -> list[Paint]:
    """Without rulings and underlines. Lines that stand so close that several cross one letter stay: they may hide it."""
    flat = [v for v in vectors if v[3] - v[1] < thin]
    upright = [v for v in vectors if v[3] - v[1] >= thin > v[2] - v[0]]
    thick = [v for v in vectors if v[3] - v[1] >= thin <= v[2] - v[0]]
    return thick + (flat if _crowded(flat, 1, letter) else []) + (upright if _crowded(upright, 0, letter) else [])


def _may_hide(paint: Paint, colours: set[int], texts: list[tuple[int, Rect]]) -> bool:
    """Whether it has the colour of a text, or lies over a text that was drawn before."""
    x0, y0, x1, y1, order, colour = paint
    if any(_apart(colour, text) < NEAR for text in colours):
        return True
    return any(i < order and b[0] < x1 and x0 < b[2] and b[1] < y1 and y0 < b[3] for i, b in texts)


def _crowded(lines: list[Paint], axis: int, letter: float) -> bool:
    places = sorted({round(4 * line[axis]) / 4 for line in lines})
    return any(b - a < letter for a, b in zip(places, places[MANY - 1 :], strict=False))


def _veils(survey: Survey) -> list[tuple[list[Rect], HiddenReason]]:
    both: list[tuple[list[Rect], HiddenReason]] = [(survey.veils, "transparent"), (survey.clips, "clipped")]
    return [(veils, why) for veils, why in both if veils]


def _overlapped(spans: list[tuple[Key, dict[str, Any]]], paint: NDArray[Any]) -> dict[Key, HiddenReason]:
    if len(spans) * len(paint) > MAX_PAIRS:
        return {key: "covered" for key, _ in spans}
    found: dict[Key, HiddenReason] = {}
    step = max(1, PAIRS_AT_ONCE // len(paint))
    for start in range(0, len(spans), step):
        found |= _painted_over(spans[start : start + step], paint)
    return found


def _painted_over(spans: list[tuple[Key, dict[str, Any]]], paint: NDArray[Any]) -> dict[Key, HiddenReason]:
    """Spans (rows) against everything painted (columns)."""
    boxes = np.array([span["bbox"] for _, span in spans])
    x0, y0, x1, y1 = boxes.T[:, :, np.newaxis]
    a0, b0, a1, b1, order, colours = paint.T
    width, height = np.minimum(x1, a1) - np.maximum(x0, a0), np.minimum(y1, b1) - np.maximum(y0, b0)
    lies = (width > 0) & (height > 0)
    rows = np.flatnonzero(lies.any(axis=1))
    if not rows.size:
        return {}
    width, height, lies = width[rows], height[rows], lies[rows]
    letter = np.minimum(x1 - x0, y1 - y0)[rows]
    big = (width > OVERLAP * letter) & (height > OVERLAP * letter)
    later = order > np.array([spans[row][0][0] for row in rows])[:, np.newaxis]
    under = ~later & _near(np.array([spans[row][1]["color"] for row in rows]), colours.astype(np.int64))
    found: dict[Key, HiddenReason] = {}
    reasons: tuple[tuple[HiddenReason, NDArray[Any]], ...] = (("same_colour", under & lies), ("covered", later & lies))
    for reason, which in reasons:
        strips = (which.sum(axis=1) >= MANY) & ((width * height * which).sum(axis=1) > letter[:, 0] ** 2 / 2)
        found |= {spans[rows[i]][0]: reason for i in np.flatnonzero((big & which).any(axis=1) | strips)}
    return found


def _near(rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which colours are so alike that the one may not show on the other."""
    apart = np.zeros((len(rows), len(columns)))
    for weight, shift in zip(WEIGHTS, (16, 8, 0), strict=True):
        apart += weight * np.subtract.outer((rows >> shift) & 255, (columns >> shift) & 255) ** 2.0
    near: NDArray[np.bool_] = (columns >= 0) & (apart < NEAR * NEAR)
    return near


# ActualText


def _false_words(sheet: Sheet) -> list[Hidden]:
    return [Hidden(actual, sheet.bounds, "actual_text") for actual, shown in sheet.retold() if not _same_words(actual, shown)]


def _same_words(actual: str, shown: str) -> bool:
    """Whether a text may stand for these glyphs: fonts without names for their glyphs need it, and hyphens, and ligatures."""
    a, b = _bare(actual), _bare(shown)
    nameless = sum(unicodedata.category(c)[0] not in "LNPSZ" or c == "\ufffd" for c in shown)
    if len(a) <= 2 or nameless * 2 > len(shown) >= len(a) / 2:
        return True
    shared = sum((Counter(a) & Counter(b)).values())
    return shared >= ALIKE * max(len(a), len(b))


def _bare(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def _shaped_as(text: pymupdf.TextPage, blocks: list[Block]) -> list[Block]:
    found: list[Block] = (text.extractRAWDICT() if _shape(blocks) == "chars" else text.extractDICT())["blocks"]
    return found


# Proof


class _Letter(NamedTuple):
    key: Key
    place: int
    c: str
    origin: tuple[float, float]
    box: Rect
    size: float
    colour: RGB


class _Trial:
    """The suspected letters of a page before the drawing."""

    def __init__(self, sheet: Sheet, survey: Survey, raw: list[Block], suspects: dict[Key, HiddenReason]) -> None:
        self.sheet, self.survey, self.raw, self.suspects = sheet, survey, raw, suspects
        self.verdict: dict[Key, list[Verdict]] = {}
        self.letters: list[_Letter] = []
        self.shown: list[_Letter] = []  # letters of Type3 fonts: seen where the page shows anything
        self.layers: list[_Letter] = []  # invisible letters over a picture: as above, but by span

    def verdicts(self) -> dict[Key, list[Verdict]]:
        for key in self.suspects:
            self._sort(key)
        where = _union(_padded(letter) for letter in self.letters) if self.letters else NOWHERE
        glyphs = self.sheet.find(_Finding(self.letters).match, where)
        by_letter: dict[int, list[Glyph]] = defaultdict(list)
        for glyph in glyphs.found:
            for number in glyph.wanted:
                by_letter[number].append(glyph)
        self._tiny(by_letter)
        self._draw(glyphs, by_letter)
        for key in self.suspects:
            self._settle(key)
        return self.verdict

    def _sort(self, key: Key) -> None:
        span = _at(self.raw, key)
        flags = span["char_flags"] & DRAWN
        colour = span["color"] >> 16, (span["color"] >> 8) & 255, span["color"] & 255
        verdict = self.verdict[key] = [""] * len(span["chars"])
        for i, char in enumerate(span["chars"]):
            letter = _Letter(key, i, char["c"], char["origin"], char["bbox"], span["size"], colour)
            if _is_outside(letter.box, self.sheet.bounds):
                verdict[i] = "outside"
            elif letter.c.isspace() or char["synthetic"]:
                continue
            elif flags:
                self.letters.append(letter)
            elif self._is_type3(letter):
                self.shown.append(letter)
            elif self._over_picture(letter):
                self.layers.append(letter)
            else:
                verdict[i] = "invisible"

    def _is_type3(self, letter: _Letter) -> bool:
        x, y = cell(*letter.origin)
        return any((x + dx, y + dy) in self.survey.type3 for dx in (-1, 0, 1) for dy in (-1, 0, 1))

    def _over_picture(self, letter: _Letter) -> bool:
        x, y = (letter.box[0] + letter.box[2]) / 2, (letter.box[1] + letter.box[3]) / 2
        return any(b[0] <= x <= b[2] and b[1] <= y <= b[3] for b in self.survey.images)

    def _tiny(self, by_letter: dict[int, list[Glyph]]) -> None:
        """Sizes lie (a font may draw large glyphs at size 0.5), outlines do not."""
        small = [(n, letter) for n, letter in enumerate(self.letters) if self.suspects[letter.key] == "tiny"]
        extent: dict[Key, tuple[float, float]] = defaultdict(lambda: (0.0, 0.0))
        for n, letter in small:
            for x0, y0, x1, y1 in (glyph.box for glyph in by_letter[n]):
                widest, tallest = extent[letter.key]
                extent[letter.key] = max(widest, x1 - x0), max(tallest, y1 - y0)
        limit = _smallest(self.sheet)
        for _, letter in small:
            if max(extent[letter.key]) < limit or min(extent[letter.key]) < limit / 2:
                self.verdict[letter.key][letter.place] = "tiny"

    def _draw(self, glyphs: Glyphs, by_letter: dict[int, list[Glyph]]) -> None:
        undecided = [n for n, letter in enumerate(self.letters) if not self.verdict[letter.key][letter.place]]
        ink: dict[int, float] = defaultdict(float)
        seen: dict[int, float] = defaultdict(float)
        for area, zoom in self._places([self.letters[n] for n in undecided], (g for n in undecided for g in by_letter[n])):
            page = self.sheet.picture(area, zoom)
            self._look(page)
            if not undecided:
                continue
            with glyphs.blanked():
                bare = self.sheet.picture(area, zoom)
            change, shape = page._replace(pixels=_difference(page.pixels, bare.pixels)), glyphs.ink(area, zoom)
            for n in undecided:
                for box in (_tight(glyph.box, self.letters[n].box) for glyph in by_letter[n]):
                    a, b = _ink_seen(shape.part(box), change.part(box))
                    ink[n] += a
                    seen[n] += b
        for n in undecided:
            letter = self.letters[n]
            self.verdict[letter.key][letter.place] = self._judged(letter, bool(by_letter[n]), ink[n], seen[n])

    def _places(self, letters: list[_Letter], glyphs: Iterable[Glyph]) -> list[tuple[Rect, float]]:
        """Where to look, and how closely. Raises ValueError when that is too much."""
        soft = [*self.shown, *self.layers]
        boxes = [*(letter.box for letter in letters), *(glyph.box for glyph in glyphs), *(_padded(letter) for letter in soft)]
        size = min((letter.size for letter in (*letters, *soft)), default=10.0)
        page = self.sheet.bounds
        areas = list(islice(_areas([_within(box, page) for box in boxes if touch(box, page)], size), MAX_DRAWINGS + 1))
        if len(areas) > MAX_DRAWINGS:
            raise ValueError("too many places to look at")
        return [(area, _zoom(area, size)) for area in areas]

    def _judged(self, letter: _Letter, found: bool, ink: float, seen: float) -> Verdict:
        if not found:
            return "" if letter.place and _has_no_width(letter.box) else "unchecked"
        if not ink:
            return "seen" if seen else ""
        return "seen" if seen >= SEEN * ink else self.suspects[letter.key]

    def _look(self, page: Picture) -> None:
        for letter in self.shown:
            if _shows_something(page.part(_padded(letter))):
                self.verdict[letter.key][letter.place] = "seen"
        spans: dict[Key, list[_Letter]] = defaultdict(list)
        for letter in self.layers:
            spans[letter.key].append(letter)
        for letters in spans.values():
            if any(_shows_something(page.part(_padded(letter))) for letter in letters):
                for letter in letters:
                    self.verdict[letter.key][letter.place] = "seen"

    def _settle(self, key: Key) -> None:
        """Spaces and letters without ink go with their neighbours; a span without any ink is seen by nobody."""
        verdict = self.verdict[key]
        decided = [v for v in verdict if v]
        if not decided:
            letters = any(char["c"].isalnum() for char in _at(self.raw, key)["chars"])
            self.verdict[key] = ["invisible" if letters else "seen"] * len(verdict)
            return
        last = decided[0]
        riders = 0
        for i, v in enumerate(verdict):
            riders = riders + 1 if not v and _has_no_width(_at(self.raw, key)["chars"][i]["bbox"]) else 0
            last = verdict[i] = v or ("actual_text" if riders > MAX_RIDERS else last)


class _Finding:
    """Tells which of the wanted letters a drawn glyph is: by its place, and by colour or letter."""

    def __init__(self, letters: list[_Letter]) -> None:
        self.letters = letters
        self.step = max([4.0, *(DOUBLE * letter.size for letter in letters if math.isfinite(letter.size))])
        self.cells: dict[tuple[int, int], list[int]] = defaultdict(list)
        for n, letter in enumerate(letters):
            self.cells[self._cell(*letter.origin)].append(n)

    def _cell(self, x: float, y: float) -> tuple[int, int]:
        return math.floor(x / self.step), math.floor(y / self.step)

    def match(self, x: float, y: float, letter: int, colour: RGB | None) -> list[int]:
        """The wanted letters that a glyph at this place is."""
        i, j = self._cell(x, y)
        around = ((i + di, j + dj) for di in (-1, 0, 1) for dj in (-1, 0, 1))
        return [n for at in around for n in self.cells.get(at, ()) if self._is(self.letters[n], x, y, letter, colour)]

    @staticmethod
    def _is(wanted: _Letter, x: float, y: float, letter: int, colour: RGB | None) -> bool:
        far = max(abs(wanted.origin[0] - x), abs(wanted.origin[1] - y))
        if letter == ord(wanted.c):
            return far <= DOUBLE * wanted.size + SAME_PLACE[1]
        if far > SAME_PLACE[0] * wanted.size + SAME_PLACE[1]:
            return False
        return colour is None or max(abs(a - b) for a, b in zip(wanted.colour, colour, strict=True)) <= 2


def _has_no_width(box: Rect) -> bool:
    return min(box[2] - box[0], box[3] - box[1]) <= 0


def _is_outside(box: Rect, page: Rect) -> bool:
    x0, y0, x1, y1 = box
    a0, b0, a1, b1 = _within(box, page)
    return not (a1 >= a0 and b1 >= b0 and (a1 - a0) * (b1 - b0) >= SEEN * (x1 - x0) * (y1 - y0))


def _padded(letter: _Letter) -> Rect:
    pad = 0.3 * letter.size
    x0, y0, x1, y1 = letter.box
    return x0 - pad, y0 - pad, x1 + pad, y1 + pad


def _within(box: Rect, page: Rect) -> Rect:
    return max(box[0], page[0]), max(box[1], page[1]), min(box[2], page[2]), min(box[3], page[3])


def _tight(glyph: Rect, letter: Rect) -> Rect:
    """Outlines of fonts come with a margin that takes in the neighbours; a glyph that stands elsewhere keeps its own box."""
    return _within(glyph, letter) if touch(glyph, letter) else glyph


def _areas(boxes: list[Rect], size: float) -> Iterator[Rect]:
    """Areas to draw that hold all boxes: one where letters of this size are large enough in it, else parts of it."""
    if not boxes:
        return
    table = np.array(boxes)
    area = float(table[:, 0].min()), float(table[:, 1].min()), float(table[:, 2].max()), float(table[:, 3].max())
    if len(boxes) == 1 or _zoom(area, size) >= GOOD_ZOOM * _zoom(NOWHERE, size):
        yield area
        return
    axis = 0 if area[2] - area[0] > area[3] - area[1] else 1
    boxes = sorted(boxes, key=lambda b: b[axis])
    cut = int(np.argmax(np.diff([b[axis] for b in boxes]))) + 1  # at the widest gap
    yield from _areas(boxes[:cut], size)
    yield from _areas(boxes[cut:], size)


def _zoom(area: Rect, size: float) -> float:
    pixels = max((area[2] - area[0]) * (area[3] - area[1]), 1e-6)
    wanted = min(max(LETTER_PX / max(size, 1e-6), 1e-3), MAX_ZOOM)
    return min(wanted, math.sqrt(MAX_PIXELS / pixels))


def _difference(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> NDArray[Any]:
    """How far apart two pictures are at each pixel, 0 to 255, one channel."""
    apart = a.astype(np.float32) - b
    return np.sqrt((apart * apart) @ WEIGHTS)[:, :, np.newaxis]


def _ink_seen(ink: NDArray[np.uint8], change: NDArray[Any]) -> tuple[float, float]:
    """How much ink a glyph has, and how much of it the eye sees. A glyph may bring a light colour of its own."""
    full = ink.astype(np.float32) / 255
    full[ink < FULL] = 0
    if not full.any():
        return 0.0, float((change >= CONTRAST).sum())
    return float(full.sum()), float(full[change >= CONTRAST * full].sum())


def _shows_something(pixels: NDArray[np.uint8]) -> bool:
    if not pixels.size:
        return False
    flat = pixels.reshape(-1, 3)
    return float(np.sqrt(((flat.max(0).astype(np.float32) - flat.min(0)) ** 2) @ WEIGHTS)) >= CONTRAST


# Blocks


def _spans_of(blocks: list[Block]) -> Iterator[tuple[Key, dict[str, Any]]]:
    for i, block in enumerate(blocks):
        for j, line in enumerate(block.get("lines", ())):
            for k, span in enumerate(line["spans"]):
                yield (i, j, k), span


def _at(blocks: list[Block], key: Key) -> dict[str, Any]:
    span: dict[str, Any] = blocks[key[0]]["lines"][key[1]]["spans"][key[2]]
    return span


def _shape(blocks: list[Block]) -> str:
    """The key of a span's letters."""
    return next(("chars" if "chars" in span else "text" for _, span in _spans_of(blocks)), "text")


def _letters(span: dict[str, Any]) -> Any:
    return span["chars"] if "chars" in span else span["text"]


def _without(blocks: list[Block], raw: list[Block], verdicts: dict[Key, list[Verdict]]) -> tuple[list[Block], list[Hidden]]:
    """The blocks without hidden letters; what is left of a span that loses some is a span for each run of letters."""
    if all(v == "seen" for verdict in verdicts.values() for v in verdict):
        return blocks, []
    kept: list[Block] = []
    hidden: list[Hidden] = []
    for i, block in enumerate(blocks):
        if "lines" not in block:
            kept.append(block)
            continue
        lines = []
        for j, line in enumerate(block["lines"]):
            spans: list[dict[str, Any]] = []
            for k, span in enumerate(line["spans"]):
                if (verdict := verdicts.get((i, j, k))) is None:
                    spans.append(span)
                else:
                    seen, unseen = _split(span, _at(raw, (i, j, k)), verdict)
                    spans += seen
                    hidden += unseen
            if spans:
                lines.append(
                    line if spans == line["spans"] else line | {"spans": spans, "bbox": _union(s["bbox"] for s in spans)}
                )
        if lines:
            kept.append(block | {"lines": lines})
    return kept, hidden


def _split(span: dict[str, Any], raw: dict[str, Any], verdict: list[Verdict]) -> tuple[list[dict[str, Any]], list[Hidden]]:
    if all(v == "seen" for v in verdict):
        return [span], []
    chars = raw.get("chars")
    if chars is None or len(_letters(span)) != len(chars):  # cannot be cut: it goes whole
        return [], [Hidden(_said(raw), span["bbox"], next((v for v in verdict if v and v != "seen"), "unchecked"))]
    seen: list[dict[str, Any]] = []
    unseen: list[Hidden] = []
    start = 0
    for end in range(1, len(verdict) + 1):
        if end < len(verdict) and verdict[end] == verdict[start]:
            continue
        run, why = chars[start:end], verdict[start]
        box = _union(c["bbox"] for c in run)
        if why == "seen":
            part = {"chars": run} if "chars" in span else {"text": span["text"][start:end]}
            seen.append(span | part | {"bbox": box, "origin": run[0]["origin"]})
        else:
            unseen.append(Hidden("".join(c["c"] for c in run), box, why or "unchecked"))
        start = end
    return seen, unseen


def _said(span: dict[str, Any]) -> str:
    return span["text"] if "text" in span else "".join(c["c"] for c in span["chars"])


def _union(boxes: Iterable[Rect]) -> Rect:
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return min(x0), min(y0), max(x1), max(y1)
