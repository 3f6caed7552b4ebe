"""A page that MuPDF has interpreted once: its text, what else it draws, and pictures of it with and without chosen glyphs.

Interpreting a page is most of the cost of reading it, and a display list keeps the result: the text pass, the survey and any
drawing run over the list. A glyph is left out of a drawing by blanking it in the list and putting it back afterwards, so the
two pictures differ in nothing but that glyph. Coordinates are those of the page before rotation, in points.
"""

# mypy: disallow-untyped-calls=False
from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import pymupdf
from numpy.typing import NDArray
from pymupdf import mupdf

from tasks.read.boxes import Rect
from tasks.read.devices import (
    BLANK,
    GRAY_SPACE,
    RGB_SPACE,
    Finder,
    Follower,
    Glyph,
    Ink,
    Listener,
    Match,
    Order,
    Survey,
    Surveyor,
)

# Without TEXT_CLIP: what stands outside the page or a clip is to be seen here, so that it can be reported.
FLAGS = (pymupdf.TEXTFLAGS_RAWDICT & ~(pymupdf.TEXT_PRESERVE_IMAGES | pymupdf.TEXT_CLIP)) | pymupdf.TEXT_COLLECT_VECTORS
TEXT, VECTOR = 0, 3  # types of blocks in MuPDF's dictionaries
IDENTITY = mupdf.FzMatrix()
EVERYWHERE = mupdf.FzRect(mupdf.FzRect.Fixed_INFINITE)


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

    def inner(self, box: Rect) -> NDArray[np.uint8]:
        """As `part`, without the pixels that lie across the edge."""
        x0, y0 = math.ceil(box[0] * self.zoom) - self.x, math.ceil(box[1] * self.zoom) - self.y
        x1, y1 = math.floor(box[2] * self.zoom) - self.x, math.floor(box[3] * self.zoom) - self.y
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
        found = mupdf.FzStextPage(EVERYWHERE)
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
        device = Surveyor(self.bounds)
        self.run(device)
        return device.survey

    def retold(self) -> list[tuple[str, str]]:
        """Every ActualText, and the letters of the glyphs that are drawn in its stead."""
        device = Listener()
        self.run(device)
        return device.pairs

    def order(self) -> Order:
        """In which order text and paints are drawn, and which text a clip cuts."""
        device = Follower(self.bounds, self.has_type3)
        self.run(device)
        return device.order

    def find(self, match: Match, areas: Sequence[Rect]) -> Glyphs:
        """The glyphs in some areas that `match` wants."""
        device = Finder(match, areas)
        if areas:
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

    def __init__(self, sheet: Sheet, found: list[Glyph], inks: list[Ink]) -> None:
        self.found = found
        self._sheet = sheet
        self._inks = inks

    def ink(self, area: Rect, zoom: float) -> Picture:
        """Where they would leave ink if nothing hid them: one channel, 255 is full."""
        frame = _frame(area, zoom)
        pixmap = _white(GRAY_SPACE, frame)
        device = mupdf.fz_new_draw_device(mupdf.FzMatrix(zoom, 0, 0, zoom, 0, 0), pixmap)
        for ink in sorted(self._inks, key=lambda ink: not ink.free):  # these may paint in white
            ink.draw(device)
        mupdf.fz_close_device(device)
        return Picture(frame.x0, frame.y0, zoom, 255 - _pixels(pixmap))


@contextmanager
def blanked(glyphs: Iterable[Glyph]) -> Iterator[None]:
    """While it lasts, their sheet is drawn without these glyphs."""
    gone = list(glyphs)
    for glyph in gone:
        glyph.item.gid = BLANK
    try:
        yield
    finally:
        for glyph in gone:
            glyph.item.gid = glyph.number


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
