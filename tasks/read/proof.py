"""Which letters of suspected text are seen: the page is drawn with and without their glyphs.

A glyph whose ink changes next to nothing is hidden. The drawing is as fine as the smallest suspect needs, and no larger than
the suspects' place on the page. What cannot be found, or would cost too much to look at, is not seen.
"""

# mypy: disallow-untyped-calls=False
from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice, product
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasks.read.boxes import Rect, touch, union, within
from tasks.read.devices import RGB, Glyph, Survey, cell
from tasks.read.sheet import Glyphs, Picture, Sheet, blanked
from tasks.read.suspicion import DRAWN, WEIGHTS, Block, HiddenReason, Key, Suspects, smallest, span_at

Verdict = HiddenReason | Literal["seen", ""]  # "": not decided

CONTRAST = 16.0  # of 255: grey .94 on white is not seen, .92 is
SEEN = 0.2  # share of a glyph's ink that must show
FULL = 64  # of 255: ink of thinner edges says nothing
LETTER_PX = 16
MAX_ZOOM = 8.0
GOOD_ZOOM = 0.4  # of what letters should have; less, and the area is drawn in parts
MAX_PIXELS = 4_000_000
MAX_DRAWINGS = 16
MAX_LAYERS = 5
SAME_PLACE = 0.02, 0.1  # em + pt: two passes over one page give one origin
CELLS = 8  # of the index of places, in each direction from the largest letter
DOUBLE = 0.25  # em: the same letter so near is one letter, drawn twice for bold or shadow
MAX_RIDERS = 3  # letters that a glyph may mean beyond its first, as in ligatures
NOWHERE: Rect = (0.0, 0.0, 0.0, 0.0)


class _Letter(NamedTuple):
    key: Key
    place: int
    c: str
    origin: tuple[float, float]
    box: Rect
    size: float
    colour: RGB


class Trial:
    """The suspected letters of a page before the drawing."""

    def __init__(self, sheet: Sheet, survey: Survey, raw: list[Block], suspects: Suspects) -> None:
        self.sheet, self.survey, self.raw = sheet, survey, raw
        self.suspects, self.boxes = suspects.reasons, suspects.boxes
        self.verdict: dict[Key, list[Verdict]] = {}
        self.letters: list[_Letter] = []
        self.shown: list[_Letter] = []  # letters of Type3 fonts: seen where the page shows anything
        self.layers: list[_Letter] = []  # invisible letters over a picture: as above, but by span

    def verdicts(self) -> dict[Key, list[Verdict]]:
        """What became of each letter of each suspect. Raises ValueError when that would cost too much."""
        for key in self.suspects:
            self._sort(key)
        glyphs = self.sheet.find(_Finding(self.letters).match, [_padded(letter) for letter in self.letters])
        by_letter: dict[int, list[Glyph]] = defaultdict(list)
        for glyph in glyphs.found:
            for number in glyph.wanted:
                by_letter[number].append(glyph)
        for number, found in by_letter.items():  # another letter at its place may be what hides it
            same = [glyph for glyph in found if glyph.item.ucs == ord(self.letters[number].c)]
            by_letter[number] = same or found
        self._tiny(by_letter)
        self._draw(glyphs, by_letter)
        for key in self.suspects:
            self._settle(key)
        return self.verdict

    def _sort(self, key: Key) -> None:
        span = span_at(self.raw, key)
        flags = span["char_flags"] & DRAWN
        colour = span["color"] >> 16, (span["color"] >> 8) & 255, span["color"] & 255
        verdict = self.verdict[key] = [""] * len(span["chars"])
        for i, char in enumerate(span["chars"]):
            letter = _Letter(key, i, char["c"], char["origin"], char["bbox"], span["size"], colour)
            if _is_outside(letter.box, self.sheet.bounds):
                verdict[i] = "outside"
            elif letter.c.isspace() or char["synthetic"]:
                continue
            elif flags and self._is_beside_all(letter):
                verdict[i] = "seen"
            elif flags:
                self.letters.append(letter)
            elif self._is_type3(letter):
                self.shown.append(letter)
            elif self._over_picture(letter):
                self.layers.append(letter)
            else:
                verdict[i] = "invisible"

    def _is_beside_all(self, letter: _Letter) -> bool:
        boxes = self.boxes.get(letter.key)
        return boxes is not None and not any(touch(_padded(letter), box) for box in boxes)

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
        limit = smallest(self.sheet)
        for _, letter in small:
            if max(extent[letter.key]) < limit or min(extent[letter.key]) < limit / 2:
                self.verdict[letter.key][letter.place] = "tiny"

    def _draw(self, glyphs: Glyphs, by_letter: dict[int, list[Glyph]]) -> None:
        undecided = [n for n, letter in enumerate(self.letters) if not self.verdict[letter.key][letter.place]]
        ink: dict[int, float] = defaultdict(float)
        seen: dict[int, float] = defaultdict(float)
        layers = self._layers(undecided)
        for n in (n for layer in layers[MAX_LAYERS:] for n in layer):
            self.verdict[self.letters[n].key][self.letters[n].place] = "unchecked"
        layers = layers[:MAX_LAYERS]
        undecided = [n for layer in layers for n in layer]
        for area, zoom in self._places([self.letters[n] for n in undecided], (g for n in undecided for g in by_letter[n])):
            page = self.sheet.picture(area, zoom)
            self._look(page)
            shape = glyphs.ink(area, zoom) if layers else page
            for layer in layers:
                with blanked(glyph for n in layer for glyph in by_letter[n]):
                    bare = self.sheet.picture(area, zoom)
                change = page._replace(pixels=_difference(page.pixels, bare.pixels))
                for n in layer:
                    for box in (_tight(glyph.box, self.letters[n].box) for glyph in by_letter[n]):
                        a, b = _ink_seen(shape.part(box), change.part(box))
                        ink[n] += a
                        seen[n] += b
        for n in undecided:
            letter = self.letters[n]
            self.verdict[letter.key][letter.place] = self._judged(letter, bool(by_letter[n]), ink[n], seen[n])

    def _layers(self, numbers: Iterable[int]) -> list[list[int]]:
        """Letters of spans that lie on one another in different layers: the ink of the one is not to speak for the other."""
        spans: dict[Key, list[int]] = defaultdict(list)
        for n in numbers:
            spans[self.letters[n].key].append(n)
        layers: list[tuple[list[int], list[Rect]]] = []
        for some in spans.values():
            box = union(self.letters[n].box for n in some)
            layer = next((layer for layer in layers if not any(_lie_together(box, other) for other in layer[1])), None)
            if layer is None:
                layers.append(layer := ([], []))
            layer[0].extend(some)
            layer[1].append(box)
        return [numbers for numbers, _ in layers]

    def _places(self, letters: list[_Letter], glyphs: Iterable[Glyph]) -> list[tuple[Rect, float]]:
        """Where to look, and how closely. Raises ValueError when that is too much."""
        soft = [*self.shown, *self.layers]
        boxes = [*(letter.box for letter in letters), *(glyph.box for glyph in glyphs), *(_padded(letter) for letter in soft)]
        size = min((letter.size for letter in (*letters, *soft)), default=10.0)
        page = self.sheet.bounds
        areas = list(islice(_areas([within(box, page) for box in boxes if touch(box, page)], size), MAX_DRAWINGS + 1))
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
            letters = any(char["c"].isalnum() for char in span_at(self.raw, key)["chars"])
            self.verdict[key] = ["invisible" if letters else "seen"] * len(verdict)
            return
        last = decided[0]
        riders = 0
        for i, v in enumerate(verdict):
            riders = riders + 1 if not v and _has_no_width(span_at(self.raw, key)["chars"][i]["bbox"]) else 0
            last = verdict[i] = v or ("actual_text" if riders > MAX_RIDERS else last)


class _Finding:
    """Tells which of the wanted letters a drawn glyph is: by its place, and by colour or letter."""

    def __init__(self, letters: list[_Letter]) -> None:
        self.letters = letters
        reaches = [DOUBLE * letter.size + SAME_PLACE[1] for letter in letters]
        self.step = max([4.0, *(reach / CELLS for reach in reaches if math.isfinite(reach))])
        self.cells: dict[tuple[int, int], list[int]] = defaultdict(list)
        for n, (letter, reach) in enumerate(zip(letters, reaches, strict=True)):
            x, y = letter.origin
            (i0, j0), (i1, j1) = self._cell(x - reach, y - reach), self._cell(x + reach, y + reach)
            for at in product(range(i0, i1 + 1), range(j0, j1 + 1)):
                self.cells[at].append(n)

    def _cell(self, x: float, y: float) -> tuple[int, int]:
        return math.floor(x / self.step), math.floor(y / self.step)

    def match(self, x: float, y: float, letter: int, colour: RGB | None) -> list[int]:
        """The wanted letters that a glyph at this place is."""
        near = self.cells.get(self._cell(x, y), ())
        return [n for n in near if self._is(self.letters[n], x, y, letter, colour)]

    @staticmethod
    def _is(wanted: _Letter, x: float, y: float, letter: int, colour: RGB | None) -> bool:
        far = max(abs(wanted.origin[0] - x), abs(wanted.origin[1] - y))
        if letter == ord(wanted.c):
            return far <= DOUBLE * wanted.size + SAME_PLACE[1]
        if far > SAME_PLACE[0] * wanted.size + SAME_PLACE[1]:
            return False
        return colour is None or max(abs(a - b) for a, b in zip(wanted.colour, colour, strict=True)) <= 2


def _lie_together(a: Rect, b: Rect) -> bool:
    x0, y0, x1, y1 = within(a, b)
    half = min(a[2] - a[0], a[3] - a[1], b[2] - b[0], b[3] - b[1]) / 2
    return x1 - x0 > half and y1 - y0 > half


def _has_no_width(box: Rect) -> bool:
    return min(box[2] - box[0], box[3] - box[1]) <= 0


def _is_outside(box: Rect, page: Rect) -> bool:
    x0, y0, x1, y1 = box
    a0, b0, a1, b1 = within(box, page)
    return not (a1 >= a0 and b1 >= b0 and (a1 - a0) * (b1 - b0) >= SEEN * (x1 - x0) * (y1 - y0))


def _padded(letter: _Letter) -> Rect:
    pad = 0.3 * letter.size
    x0, y0, x1, y1 = letter.box
    return x0 - pad, y0 - pad, x1 + pad, y1 + pad


def _tight(glyph: Rect, letter: Rect) -> Rect:
    """Outlines of fonts come with a margin that takes in the neighbours; a glyph that stands elsewhere keeps its own box."""
    return within(glyph, letter) if touch(glyph, letter) else glyph


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
