"""MuPDF devices in Python: what a page draws besides text and paths, in which order, and the glyphs that are looked for.

A callback costs microseconds, and a page has many glyphs: a device asks for no more calls than it needs, and looks at whole
text objects where it can.
"""

# mypy: disallow-untyped-calls=False
# ruff: noqa: D102 (the callbacks are MuPDF's, and named by it)
from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from pymupdf import mupdf

from tasks.read.boxes import Rect, within

RGB = tuple[int, int, int]
RGB_SPACE = mupdf.FzColorspace(mupdf.FzColorspace.Fixed_RGB)
GRAY_SPACE = mupdf.FzColorspace(mupdf.FzColorspace.Fixed_GRAY)
BLACK = mupdf.new_floats(1)  # a float *, for which ll_fz_stroke_text takes no tuple
mupdf.floats_setitem(BLACK, 0, 0.0)
UNIT = mupdf.FzRect(mupdf.FzRect.Fixed_UNIT)
NORMAL_BLEND = 0
BLANK = -1  # a glyph number that draws nothing
EDGE = 1.0  # points by which the box of an outline may go beyond its ink
TEXT_CALLS = ("fill_text", "stroke_text", "clip_text", "clip_stroke_text")


@dataclass
class Survey:
    """What a page draws besides text and paths."""

    images: list[Rect] = field(default_factory=list)
    paints: bool = False  # images, shadings or patterns: they may cover text
    clipped: bool = False  # any clip at all but the page itself
    clips: list[Rect] = field(default_factory=list)  # clips that are no rectangle
    veils: list[Rect] = field(default_factory=list)  # soft masks, translucent groups, blend modes
    retold: bool = False  # ActualText replaces what glyphs say
    type3: set[tuple[int, int]] = field(default_factory=set)  # where glyphs of Type3 fonts that draw themselves stand


@dataclass
class Order:
    """In which order a page draws its text objects and its paints, and which text a clip cuts."""

    texts: list[Rect] = field(default_factory=list)
    paints: list[tuple[Rect, int]] = field(default_factory=list)  # each with the number of text objects before it
    cut: list[Rect] = field(default_factory=list)
    type3: set[str] = field(default_factory=set)  # names of Type3 fonts


class Glyph(NamedTuple):
    """A glyph that was looked for: its place in the list, its number, where its ink goes, and which wanted ones it is."""

    item: Any
    number: int
    box: Rect
    wanted: list[int]


Colour = Callable[[], "RGB | None"]
Match = Callable[[float, float, int, "RGB | None"], list[int]]  # x, y, letter, colour -> wanted ones


class Ink(NamedTuple):
    """Glyphs of one text object, to be drawn alone. Those of Type3 fonts are `free` to draw what they like."""

    text: mupdf.FzText
    ctm: Any
    stroke: Any
    free: bool

    def draw(self, device: mupdf.FzDevice) -> None:
        """Draw them in black on a device for grey."""
        params = mupdf.FzColorParams()
        to, text = device.m_internal, self.text.m_internal
        if self.stroke is None:
            mupdf._mupdf.ll_fz_fill_text(to, text, self.ctm, GRAY_SPACE.m_internal, BLACK, 1.0, params.internal())
        else:
            mupdf.ll_fz_stroke_text(to, text, self.stroke, self.ctm, GRAY_SPACE.m_internal, BLACK, 1.0, params.internal())


class Device(mupdf.FzDevice2):  # type: ignore[misc]
    """A device in Python. MuPDF ignores what its callbacks raise, so the first exception is kept for `Sheet.run`."""

    calls: Sequence[str] = ()

    def __init__(self) -> None:
        super().__init__()
        self.fault: Exception | None = None
        for call in self.calls:
            getattr(self, f"use_virtual_{call}")()

    def guard(self, what: Callable[..., Any], *args: Any) -> None:
        """Call it; what it raises is kept."""
        try:
            what(*args)
        except Exception as exc:  # noqa: BLE001  whatever it is, the run must be known to have failed
            self.fault = self.fault or exc


class _PaintDevice(Device):
    """Hears what may cover text, paths aside."""

    calls: Sequence[str] = ("fill_image", "fill_image_mask", "fill_shade", "begin_tile")

    def painted(self, box: Rect, image: bool) -> None:
        """An image, a shading or a pattern is drawn."""
        raise NotImplementedError

    def fill_image(self, ctx: Any, image: Any, ctm: Any, *style: Any) -> None:
        self.guard(lambda: self.painted(_unit_square(ctm), True))

    def fill_image_mask(self, ctx: Any, image: Any, ctm: Any, *style: Any) -> None:
        self.guard(lambda: self.painted(_unit_square(ctm), True))

    def fill_shade(self, ctx: Any, shade: Any, ctm: Any, *style: Any) -> None:
        self.guard(lambda: self.painted(_rect(mupdf.ll_fz_bound_shade(shade, ctm)), False))

    def begin_tile(self, ctx: Any, area: Any, view: Any, xstep: float, ystep: float, ctm: Any, *ids: int) -> int:
        self.guard(lambda: self.painted(_rect(mupdf.ll_fz_transform_rect(area, ctm)), False))
        return 0


class Surveyor(_PaintDevice):
    """Looks for what makes a page suspicious."""

    calls = (
        *_PaintDevice.calls,
        *("clip_path", "clip_stroke_path", "clip_image_mask", "begin_mask", "begin_group", "ignore_text", "begin_metatext"),
    )

    def __init__(self, bounds: Rect) -> None:
        super().__init__()
        self.bounds = bounds
        self.survey = Survey()

    def painted(self, box: Rect, image: bool) -> None:
        self.survey.paints = True
        if image:
            self.survey.images.append(box)

    def clip_path(self, ctx: Any, path: Any, even_odd: int, ctm: Any, scissor: Any) -> None:
        self.guard(self._clip, path, ctm)

    def _clip(self, path: Any, ctm: Any) -> None:
        box = _rect(mupdf.ll_fz_bound_path(path, None, ctm))
        self.survey.clipped |= not _holds(box, self.bounds)
        if not mupdf.ll_fz_path_is_rect(path, ctm):
            self.survey.clips.append(box)

    def clip_stroke_path(self, ctx: Any, path: Any, stroke: Any, ctm: Any, scissor: Any) -> None:
        self.guard(lambda: self._shaped_clip(_rect(mupdf.ll_fz_bound_path(path, stroke, ctm))))

    def clip_image_mask(self, ctx: Any, image: Any, ctm: Any, scissor: Any) -> None:
        self.guard(lambda: self._shaped_clip(_unit_square(ctm)))

    def _shaped_clip(self, box: Rect) -> None:
        self.survey.clipped = True
        self.survey.clips.append(box)

    def begin_mask(self, ctx: Any, area: Any, *style: Any) -> None:
        self.guard(lambda: self.survey.veils.append(_rect(area)))

    def begin_group(self, ctx: Any, area: Any, space: Any, isolated: int, knockout: int, blend: int, alpha: float) -> None:
        if alpha < 1 or blend != NORMAL_BLEND:
            self.guard(lambda: self.survey.veils.append(_rect(area)))

    def ignore_text(self, ctx: Any, text: Any, ctm: Any) -> None:
        self.guard(self._ignore, text, ctm)

    def _ignore(self, text: Any, ctm: Any) -> None:
        for span, items in _spans(text):
            if mupdf.ll_fz_font_t3_procs(span.font):
                self.survey.type3.update(cell(*_point(item, ctm)) for item in items)

    def begin_metatext(self, ctx: Any, kind: int, text: str) -> None:
        self.survey.retold |= kind == mupdf.FZ_METATEXT_ACTUALTEXT


class _TextDevice(Device):
    """Hears all text that is drawn: the text, the matrix, how to get its colour, its stroke where it has one."""

    calls: Sequence[str] = TEXT_CALLS

    def heard(self, text: Any, ctm: Any, colour: Colour, stroke: Any) -> None:
        raise NotImplementedError

    def fill_text(self, ctx: Any, text: Any, ctm: Any, space: Any, colour: Any, alpha: float, params: Any) -> None:
        self.guard(self.heard, text, ctm, lambda: _rgb(space, colour), None)

    def stroke_text(self, ctx: Any, text: Any, stroke: Any, ctm: Any, *style: Any) -> None:
        self.guard(self.heard, text, ctm, _no_colour, stroke)

    def clip_text(self, ctx: Any, text: Any, ctm: Any, scissor: Any) -> None:
        self.guard(self.heard, text, ctm, _no_colour, None)

    def clip_stroke_text(self, ctx: Any, text: Any, stroke: Any, ctm: Any, scissor: Any) -> None:
        self.guard(self.heard, text, ctm, _no_colour, stroke)


CLIP_CALLS = ("clip_path", "clip_stroke_path", "clip_image_mask", "end_mask", "pop_clip")


class Follower(_PaintDevice, _TextDevice):
    """Follows the order of drawing, and the clips."""

    calls = (*_PaintDevice.calls, *TEXT_CALLS, "ignore_text", *CLIP_CALLS)

    def __init__(self, bounds: Rect, has_type3: bool) -> None:
        super().__init__()
        self.order = Order()
        self.has_type3 = has_type3
        self.clips = [bounds]

    def painted(self, box: Rect, image: bool) -> None:
        self.order.paints.append((box, len(self.order.texts)))

    def heard(self, text: Any, ctm: Any, colour: Colour, stroke: Any) -> None:
        box = _rect(mupdf.ll_fz_bound_text(text, stroke, ctm))
        if self.has_type3 and self._note_type3(text):  # such a glyph may be anything, a box over other text as well
            self.painted(box, False)
        self.order.texts.append(box)
        if len(self.clips) > 1 and not _holds(self.clips[-1], _without_edge(box)):
            self.order.cut.append(box)

    def fill_text(self, ctx: Any, text: Any, ctm: Any, *style: Any) -> None:
        self.guard(self.heard, text, ctm, _no_colour, None)

    def ignore_text(self, ctx: Any, text: Any, ctm: Any) -> None:
        if self.has_type3:
            self.guard(self._note_type3, text)

    def _note_type3(self, text: Any) -> bool:
        found = _type3_fonts(text)
        self.order.type3.update(found)
        return bool(found)

    def clip_path(self, ctx: Any, path: Any, even_odd: int, ctm: Any, scissor: Any) -> None:
        self.guard(lambda: self._clip(_rect(mupdf.ll_fz_bound_path(path, None, ctm))))

    def clip_stroke_path(self, ctx: Any, path: Any, stroke: Any, ctm: Any, scissor: Any) -> None:
        self.guard(lambda: self._clip(_rect(mupdf.ll_fz_bound_path(path, stroke, ctm))))

    def clip_image_mask(self, ctx: Any, image: Any, ctm: Any, scissor: Any) -> None:
        self.guard(lambda: self._clip(_unit_square(ctm)))

    def clip_text(self, ctx: Any, text: Any, ctm: Any, scissor: Any) -> None:
        super().clip_text(ctx, text, ctm, scissor)
        self.guard(lambda: self._clip(_rect(mupdf.ll_fz_bound_text(text, None, ctm))))

    def clip_stroke_text(self, ctx: Any, text: Any, stroke: Any, ctm: Any, scissor: Any) -> None:
        super().clip_stroke_text(ctx, text, stroke, ctm, scissor)
        self.guard(lambda: self._clip(_rect(mupdf.ll_fz_bound_text(text, stroke, ctm))))

    def end_mask(self, ctx: Any, *how: Any) -> None:
        self.clips.append(self.clips[-1])

    def pop_clip(self, ctx: Any) -> None:
        self.guard(self.clips.pop)

    def _clip(self, box: Rect) -> None:
        self.clips.append(within(box, self.clips[-1]))


class Finder(_TextDevice):
    """Finds the glyphs in some areas that `match` wants."""

    def __init__(self, match: Match, areas: Sequence[Rect]) -> None:
        super().__init__()
        self.match, self.areas = match, np.array(areas).reshape(-1, 4).T
        self.glyphs: list[Glyph] = []
        self.inks: list[Ink] = []

    def heard(self, text: Any, ctm: Any, colour: Colour, stroke: Any) -> None:
        if not self._is_in_areas(_rect(mupdf.ll_fz_bound_text(text, stroke, ctm))):
            return
        ink = mupdf.FzText()
        before = len(self.glyphs)
        rgb = colour()
        a, b, c, d, e, f = ctm.a, ctm.b, ctm.c, ctm.d, ctm.e, ctm.f
        for span, items in _spans(text):
            for item in items:
                x, y = item.x, item.y
                if wanted := self.match(x * a + y * c + e, x * b + y * d + f, item.ucs, rgb):
                    self._take(span, item, ctm, wanted, ink)
        if len(self.glyphs) > before:
            self.inks.append(Ink(ink, _copy(ctm), stroke, bool(_type3_fonts(text))))

    def _is_in_areas(self, box: Rect) -> bool:
        x0, y0, x1, y1 = self.areas
        return bool(((box[0] < x1) & (x0 < box[2]) & (box[1] < y1) & (y0 < box[3])).any())

    def _take(self, span: Any, item: Any, ctm: Any, wanted: list[int], ink: mupdf.FzText) -> None:
        if item.gid == BLANK:  # the second letter of a ligature
            self.glyphs.append(Glyph(item, BLANK, (0, 0, 0, 0), wanted))
            return
        place = _copy(span.trm)
        place.e, place.f = item.x, item.y
        box = _rect(mupdf.ll_fz_bound_glyph(span.font, item.gid, mupdf.ll_fz_concat(place, ctm)))
        self.glyphs.append(Glyph(item, item.gid, box, wanted))
        mupdf.ll_fz_show_glyph(
            ink.m_internal, span.font, place, item.gid, item.ucs, span.wmode, span.bidi_level, span.markup_dir, span.language
        )


class Listener(_TextDevice):
    """Hears every ActualText, and the letters of the glyphs that are drawn in its stead."""

    calls = (*TEXT_CALLS, "ignore_text", "begin_metatext", "end_metatext")

    def __init__(self) -> None:
        super().__init__()
        self.pairs: list[tuple[str, str]] = []
        self.open: list[tuple[bool, str, list[str]]] = []

    def heard(self, text: Any, ctm: Any, colour: Colour, stroke: Any) -> None:
        for _, _, shown in self.open:
            shown.extend(chr(item.ucs) for _, items in _spans(text) for item in items if item.ucs > 0)

    def ignore_text(self, ctx: Any, text: Any, ctm: Any) -> None:
        self.guard(self.heard, text, ctm, _no_colour, None)

    def begin_metatext(self, ctx: Any, kind: int, text: str) -> None:
        self.open.append((kind == mupdf.FZ_METATEXT_ACTUALTEXT, text, []))

    def end_metatext(self, ctx: Any) -> None:
        self.guard(self._end)

    def _end(self) -> None:
        is_actual, text, shown = self.open.pop()
        if is_actual:
            self.pairs.append((text, "".join(shown)))


def bare_font(name: str) -> str:
    """The name of a font without the mark of a subset."""
    return name[7:] if name[6:7] == "+" else name


def cell(x: float, y: float) -> tuple[int, int]:
    """The square point in which a place lies."""
    return math.floor(x), math.floor(y)


def _holds(outer: Rect, inner: Rect) -> bool:
    return outer[0] <= inner[0] and outer[1] <= inner[1] and outer[2] >= inner[2] and outer[3] >= inner[3]


def _without_edge(box: Rect) -> Rect:
    x0, y0, x1, y1 = box
    edge = EDGE if min(x1 - x0, y1 - y0) > 4 * EDGE else 0.0
    return x0 + edge, y0 + edge, x1 - edge, y1 - edge


def _spans(text: Any) -> Iterator[tuple[Any, list[Any]]]:
    span = text.head
    while span:
        view = mupdf.FzTextSpan(span)
        yield span, [view.items(i) for i in range(span.len)]
        span = span.next


def _type3_fonts(text: Any) -> set[str]:
    found = set()
    span = text.head
    while span:
        if mupdf.ll_fz_font_t3_procs(span.font):
            found.add(bare_font(mupdf.ll_fz_font_name(span.font)))
        span = span.next
    return found


def _point(item: Any, ctm: Any) -> tuple[float, float]:
    return item.x * ctm.a + item.y * ctm.c + ctm.e, item.x * ctm.b + item.y * ctm.d + ctm.f


def _copy(matrix: Any) -> Any:
    return mupdf.ll_fz_make_matrix(matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f)


def _rgb(space: Any, colour: Any) -> RGB | None:
    if not space:
        return None
    params = mupdf.FzColorParams()
    red, green, blue, *_ = mupdf.ll_fz_convert_color(space, colour, RGB_SPACE.m_internal, None, params.internal())
    return int(red * 255), int(green * 255), int(blue * 255)


def _no_colour() -> None:
    return None


def _unit_square(ctm: Any) -> Rect:
    return _rect(mupdf.ll_fz_transform_rect(UNIT.internal(), ctm))


def _rect(rect: Any) -> Rect:
    return rect.x0, rect.y0, rect.x1, rect.y1
