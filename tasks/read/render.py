"""A page of a PDF as a picture for OCR. The size is known, and checked, before anything is drawn.

A page can be kilometres wide, so the resolution is lowered until the picture fits its budget of pixels. A page that is one
scanned picture of lower resolution is drawn at that one's own: blowing up a fax makes it larger, and worse to read.
"""

# mypy: disallow-untyped-calls=False
# (pymupdf says that it is typed, and is not)
from __future__ import annotations

import math

import numpy as np
import pymupdf

from tasks.errors import OcrError
from tasks.read.ocr.engine import Picture

LOWEST_DPI = 72
WHOLE_PAGE = 0.9  # of the page is covered by its one picture


def render(page: pymupdf.Page, dpi: int, max_megapixels: float) -> tuple[Picture, int]:
    """The page in grey as it is shown, and its dpi: the one asked for or less. Raises OcrError when it cannot fit."""
    width, height = page.rect.width / 72, page.rect.height / 72
    if not (math.isfinite(width * height) and width * height > 0):
        raise OcrError(f"page {page.number + 1} has no size to draw it in: {page.rect}")
    most = int(math.sqrt(max_megapixels * 1e6 / (width * height)))
    if most < LOWEST_DPI:
        raise OcrError(
            f"page {page.number + 1} measures {width:.0f} × {height:.0f} inches: more than {max_megapixels:g} megapixels even at "
            f"{LOWEST_DPI} dpi; raise [ocr] max_megapixels to read it"
        )
    dpi = min(dpi, most, max(LOWEST_DPI, scanned_dpi(page) or dpi))
    pixels = page.get_pixmap(dpi=dpi, colorspace=pymupdf.csGRAY, alpha=False)
    rows = np.frombuffer(pixels.samples_mv, dtype=np.uint8).reshape(pixels.height, pixels.stride)
    return rows[:, : pixels.width].copy(), dpi


def scanned_dpi(page: pymupdf.Page) -> int | None:
    """The resolution of the one picture that makes up the page; None for any other page."""
    pictures = page.get_image_info()
    if len(pictures) != 1 or not page.rect:
        return None
    box = pymupdf.Rect(pictures[0]["bbox"])
    if abs(box & page.rect * page.derotation_matrix) < WHOLE_PAGE * abs(page.rect) or not box.width:
        return None
    pixels, points = max(pictures[0]["width"], pictures[0]["height"]), max(box.width, box.height)
    return math.ceil(float(pixels / points * 72))
