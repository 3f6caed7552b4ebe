"""A page that MuPDF has interpreted once: its text, what else it draws, and pictures of it with and without chosen glyphs.

Interpreting a page is most of the cost of reading it, and a display list keeps the result: the text pass, the survey and any
drawing run over the list. A glyph is left out of a drawing by blanking it in the list and putting it back afterwards, so the
two pictures differ in nothing but that glyph. Coordinates are those of the page before rotation, in points.
"""

# mypy: disallow-untyped-calls=False
from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pymupdf
from numpy.typing import NDArray
from pymupdf import mupdf

Rect = tuple[float, float, float, float]
RGB = tuple[int, int, int]
# Without TEXT_CLIP: what stands outside the page or a clip is to be seen here, so that it can be reported.
FLAGS = (pymupdf.TEXTFLAGS_RAWDICT & ~(pymupdf.TEXT_PRESERVE_IMAGES | pymupdf.TEXT_CLIP)) | pymupdf.TEXT_COLLECT_VECTORS
IDENTITY = mupdf.FzMatrix()
EVERYWHERE = mupdf.FzRect(mupdf.FzRect.Fixed_INFINITE)
RGB_SPACE = mupdf.FzColorspace(mupdf.FzColorspace.Fixed_RGB)
GRAY_SPACE = mupdf.FzColorspace(mupdf.FzColorspace.Fixed_GRAY)
BLACK = mupdf.new_floats(1)  # a float *, for which ll_fz_stroke_text takes no tuple
mupdf.floats_setitem(BLACK, 0, 0.0)
UNIT = mupdf.FzRect(mupdf.FzRect.Fixed_UNIT)
NORMAL_BLEND = 0
BLANK = -1  # a glyph number that draws nothing


@dataclass
class Survey:
    """What a page draws besides text and paths."""

    images: list[Rect] = field(default_factory=list)
    paints: list[Rect] = field(default_factory=list)  # images, shadings and patterns: they may cover text
    clips: list[Rect] = field(default_factory=list)  # clips that are no rectangle
    veils: list[Rect] = field(default_factory=list)  # soft masks, translucent groups, blend modes
    clipped: bool = False  # any clip at all but the page itself
    retold: bool = False  # ActualText replaces what glyphs say
    type3: set[tuple[int, int]] = field(default_factory=set)  # where glyphs of Type3 fonts that draw themselves stand


class Glyph(NamedTuple):
    """A glyph that was looked for: its place in the list, its number, where its ink goes, and which wanted ones it is."""

    item: Any
    number: int
    box: Rect
    wanted: list[int]


Match = Callable[[float, float, int, "RGB | None"], list[int]]  # x, y, letter, colour -> wanted ones


class Picture(NamedTuple):
    """Pixels of a part of the page."""

    x: int
    y: int
    zoom: float
    pixels: NDArray[np.uint8]

    def part(self, box: Rect) -> NDArray[np.uint8]:
        """The pixels of a box; empty outside the picture."""
        x0, y0 = math.floor(box[0] * self.zoom) - self.x, math.floor(box[1] * self.zoom) - self.y
        x1, y1 = math.ceil(box[2] * self.zoom) - self.x, math.ceil(box[3] * self.zoom) - self.y
        return self.pixels[max(y0, 0) : max(y1, 0), max(x0, 0) : max(x1, 0)]


class Sheet:
    """A page, interpreted once."""

    def __init__(self, page: pymupdf.Page) -> None:
        rotation = page.rotation
        if rotation:
            page.set_rotation(0)
        try:
            self.list = page.get_displaylist().this
            self.bounds: Rect = tuple(page.rect)
            self.has_type3 = _has_type3(page)
        finally:
            if rotation:
                page.set_rotation(rotation)
        self.text = self.text_with(FLAGS)

    def text_with(self, flags: int) -> pymupdf.TextPage:
        """The text of the page, taken with these flags."""
        options = mupdf.FzStextOptions()
        options.flags = flags
        area = mupdf.FzRect(*self.bounds) if flags & pymupdf.TEXT_CLIP else EVERYWHERE
        found = mupdf.FzStextPage(area)
        self.run(mupdf.fz_new_stext_device(found, options))
        return pymupdf.TextPage(found)

    def run(self, device: mupdf.FzDevice, area: mupdf.FzRect = EVERYWHERE) -> None:
        """Send everything that is drawn to a device. What a device of ours raises is raised here."""
        mupdf.fz_run_display_list(self.list, device, IDENTITY, area, mupdf.FzCookie())
        mupdf.fz_close_device(device)
        if fault := getattr(device, "fault", None):
            raise fault

    def survey(self) -> Survey:
        """What the page draws besides text and paths."""
        device = _Surveyor(self.bounds)
        self.run(device)
        return device.survey

    def retold(self) -> list[tuple[str, str]]:
        """Every ActualText, and the letters of the glyphs that are drawn in its stead."""
        device = _Listener()
        self.run(device)
        return device.pairs

    def find(self, match: Match, area: Rect) -> Glyphs:
        """The glyphs in an area that `match` wants."""
        device = _Finder(match, area)
        self.run(device)
        return Glyphs(self, device.glyphs, device.inks)

    def picture(self, area: Rect, zoom: float) -> Picture:
        """The page as it is shown on white paper. The caller bounds the pixels."""
        frame = _frame(area, zoom)
        pixmap = _white(RGB_SPACE, frame)
        self.run(mupdf.fz_new_draw_device(mupdf.FzMatrix(zoom, 0, 0, zoom, 0, 0), pixmap), mupdf.FzRect(*area))
        return Picture(frame.x0, frame.y0, zoom, _pixels(pixmap))


class Glyphs:
    """Glyphs found on a sheet."""

    def __init__(self, sheet: Sheet, found: list[Glyph], inks: list[_Ink]) -> None:
        self.found = found
        self._sheet = sheet
        self._inks = inks

    @contextmanager
    def blanked(self) -> Iterator[None]:
        """While it lasts, the sheet is drawn without them."""
        for glyph in self.found:
            glyph.item.gid = BLANK
        try:
            yield
        finally:
            for glyph in self.found:
                glyph.item.gid = glyph.number

    def ink(self, area: Rect, zoom: float) -> Picture:
        """Where they would leave ink if nothing hid them: one channel, 255 is full."""
        frame = _frame(area, zoom)
        pixmap = _white(GRAY_SPACE, frame)
        device = mupdf.fz_new_draw_device(mupdf.FzMatrix(zoom, 0, 0, zoom, 0, 0), pixmap)
        for ink in self._inks:
            ink.draw(device)
        mupdf.fz_close_device(device)
        return Picture(frame.x0, frame.y0, zoom, 255 - _pixels(pixmap))


class _Ink(NamedTuple):
    text: mupdf.FzText
    ctm: Any
    stroke: Any

    def draw(self, device: mupdf.FzDevice) -> None:
        params = mupdf.FzColorParams()
        to, text = device.m_internal, self.text.m_internal
        if self.stroke is None:
            mupdf._mupdf.ll_fz_fill_text(to, text, self.ctm, GRAY_SPACE.m_internal, BLACK, 1.0, params.internal())
        else:
            mupdf.ll_fz_stroke_text(to, text, self.stroke, self.ctm, GRAY_SPACE.m_internal, BLACK, 1.0, params.internal())


class _Device(mupdf.FzDevice2):  # type: ignore[misc]
    """A device in Python. MuPDF ignores what its callbacks raise, so the first exception is kept for `Sheet.run`."""

    calls: Sequence[str] = ()

    def __init__(self) -> None:
        super().__init__()
        self.fault: Exception | None = None
        for call in self.calls:
            getattr(self, f"use_virtual_{call}")()

    def guard(self, what: Callable[..., Any], *args: Any) -> Any:
        try:
            return what(*args)
        except Exception as exc:  # noqa: BLE001  whatever it is, the run must be known to have failed
            self.fault = self.fault or exc
            return None


class _Surveyor(_Device):
    calls = (
        *("fill_image", "fill_image_mask", "fill_shade", "begin_tile", "clip_path", "clip_stroke_path", "clip_image_mask"),
        *("begin_mask", "begin_group", "ignore_text", "begin_metatext"),
    )

    def __init__(self, bounds: Rect) -> None:
        super().__init__()
        self.bounds = bounds
        self.survey = Survey()

    def fill_image(self, ctx: Any, image: Any, ctm: Any, *style: Any) -> None:
        self.guard(self._image, ctm)

    def fill_image_mask(self, ctx: Any, image: Any, ctm: Any, *style: Any) -> None:
        self.guard(self._image, ctm)

    def _image(self, ctm: Any) -> None:
        self.survey.images.append(_unit_square(ctm))
        self.survey.paints.append(_unit_square(ctm))

    def fill_shade(self, ctx: Any, shade: Any, ctm: Any, *style: Any) -> None:
        self.guard(lambda: self.survey.paints.append(_rect(mupdf.ll_fz_bound_shade(shade, ctm))))

    def begin_tile(self, ctx: Any, area: Any, view: Any, xstep: float, ystep: float, ctm: Any, *ids: int) -> int:
        self.guard(lambda: self.survey.paints.append(_transformed(area, ctm)))
        return 0

    def clip_path(self, ctx: Any, path: Any, even_odd: int, ctm: Any, scissor: Any) -> None:
        self.guard(self._clip, path, ctm)

    def _clip(self, path: Any, ctm: Any) -> None:
        box = _rect(mupdf.ll_fz_bound_path(path, None, ctm))
        self.survey.clipped |= not _holds(box, self.bounds)
        if not mupdf.ll_fz_path_is_rect(path, ctm):
            self.survey.clips.append(box)

    def clip_stroke_path(self, ctx: Any, path: Any, stroke: Any, ctm: Any, scissor: Any) -> None:
        self.guard(lambda: self.survey.clips.append(_rect(mupdf.ll_fz_bound_path(path, stroke, ctm))))

    def clip_image_mask(self, ctx: Any, image: Any, ctm: Any, scissor: Any) -> None:
        self.guard(lambda: self.survey.clips.append(_unit_square(ctm)))

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


TEXT_CALLS = ("fill_text", "stroke_text", "clip_text", "clip_stroke_text")


class _TextDevice(_Device):
    """Hears all text that is drawn: the text, the matrix, its colour where it has one, its stroke where it has one."""

    calls: Sequence[str] = TEXT_CALLS

    def heard(self, text: Any, ctm: Any, colour: RGB | None, stroke: Any) -> None:
        raise NotImplementedError

    def fill_text(self, ctx: Any, text: Any, ctm: Any, space: Any, colour: Any, alpha: float, params: Any) -> None:
        self.guard(lambda: self.heard(text, ctm, _rgb(space, colour), None))

    def stroke_text(self, ctx: Any, text: Any, stroke: Any, ctm: Any, *style: Any) -> None:
        self.guard(self.heard, text, ctm, None, stroke)

    def clip_text(self, ctx: Any, text: Any, ctm: Any, scissor: Any) -> None:
        self.guard(self.heard, text, ctm, None, None)

    def clip_stroke_text(self, ctx: Any, text: Any, stroke: Any, ctm: Any, scissor: Any) -> None:
        self.guard(self.heard, text, ctm, None, stroke)


class _Finder(_TextDevice):
    def __init__(self, match: Match, area: Rect) -> None:
        super().__init__()
        self.match, self.area = match, area
        self.glyphs: list[Glyph] = []
        self.inks: list[_Ink] = []

    def heard(self, text: Any, ctm: Any, colour: RGB | None, stroke: Any) -> None:
        if not touch(_rect(mupdf.ll_fz_bound_text(text, stroke, ctm)), self.area):
            return
        ink = mupdf.FzText()
        before = len(self.glyphs)
        for span, items in _spans(text):
            for item in items:
                if wanted := self.match(*_point(item, ctm), item.ucs, colour):
                    self._take(span, item, ctm, wanted, ink)
        if len(self.glyphs) > before:
            self.inks.append(_Ink(ink, _copy(ctm), stroke))

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


class _Listener(_TextDevice):
    calls = (*TEXT_CALLS, "ignore_text", "begin_metatext", "end_metatext")

    def __init__(self) -> None:
        super().__init__()
        self.pairs: list[tuple[str, str]] = []
        self.open: list[tuple[bool, str, list[str]]] = []

    def heard(self, text: Any, ctm: Any, colour: RGB | None, stroke: Any) -> None:
        for _, _, shown in self.open:
            shown.extend(chr(item.ucs) for _, items in _spans(text) for item in items if item.ucs > 0)

    def ignore_text(self, ctx: Any, text: Any, ctm: Any) -> None:
        self.guard(self.heard, text, ctm, None, None)

    def begin_metatext(self, ctx: Any, kind: int, text: str) -> None:
        self.open.append((kind == mupdf.FZ_METATEXT_ACTUALTEXT, text, []))

    def end_metatext(self, ctx: Any) -> None:
        self.guard(self._end)

    def _end(self) -> None:
        is_actual, text, shown = self.open.pop()
        if is_actual:
            self.pairs.append((text, "".join(shown)))


FONT, SUBTYPE, XOBJECT = (mupdf.pdf_new_name(name) for name in ("Font", "Subtype", "XObject"))


def _has_type3(page: pymupdf.Page) -> bool:
    """Whether a font of the page draws its glyphs by commands of its own, which may draw anything or nothing."""
    of_pdf = mupdf.pdf_page_from_fz_page(page.this)
    if not of_pdf.m_internal:  # MuPDF opens other formats under the name of PDF
        return False
    resources = mupdf.pdf_page_resources(of_pdf)
    if mupdf.pdf_dict_len(mupdf.pdf_dict_get(resources, XOBJECT)):
        return any(kind == "Type3" for _, _, kind, *_ in page.get_fonts())
    fonts = mupdf.pdf_dict_get(resources, FONT)
    kinds = (mupdf.pdf_dict_get(mupdf.pdf_dict_get_val(fonts, i), SUBTYPE) for i in range(mupdf.pdf_dict_len(fonts)))
    return any(mupdf.pdf_to_name(kind) == "Type3" for kind in kinds)


def cell(x: float, y: float) -> tuple[int, int]:
    """The square point in which a place lies."""
    return math.floor(x), math.floor(y)


def touch(a: Rect, b: Rect) -> bool:
    """Whether two boxes share more than an edge."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _spans(text: Any) -> Iterator[tuple[Any, list[Any]]]:
    span = text.head
    while span:
        view = mupdf.FzTextSpan(span)
        yield span, [view.items(i) for i in range(span.len)]
        span = span.next


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


def _unit_square(ctm: Any) -> Rect:
    return _rect(mupdf.ll_fz_transform_rect(UNIT.internal(), ctm))


def _transformed(area: Any, ctm: Any) -> Rect:
    return _rect(mupdf.ll_fz_transform_rect(area, ctm))


def _rect(rect: Any) -> Rect:
    return rect.x0, rect.y0, rect.x1, rect.y1


def _holds(outer: Rect, inner: Rect) -> bool:
    return outer[0] <= inner[0] and outer[1] <= inner[1] and outer[2] >= inner[2] and outer[3] >= inner[3]


def _frame(area: Rect, zoom: float) -> mupdf.FzIrect:
    x0, y0, x1, y1 = (v * zoom for v in area)
    left, top = math.floor(x0), math.floor(y0)
    return mupdf.FzIrect(left, top, max(math.ceil(x1), left + 1), max(math.ceil(y1), top + 1))


def _white(space: mupdf.FzColorspace, frame: mupdf.FzIrect) -> mupdf.FzPixmap:
    # No separations: pymupdf.Pixmap has an empty set of them, with which black becomes (8, 7, 6).
    pixmap = mupdf.fz_new_pixmap_with_bbox(space, frame, mupdf.FzSeparations(), 0)
    mupdf.fz_clear_pixmap_with_value(pixmap, 255)
    return pixmap


def _pixels(pixmap: mupdf.FzPixmap) -> NDArray[np.uint8]:
    view = pymupdf.Pixmap("raw", pixmap)
    rows = np.frombuffer(view.samples, np.uint8).reshape(view.height, view.stride)
    return rows[:, : view.width * view.n].reshape(view.height, view.width, view.n)
