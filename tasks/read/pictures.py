"""Picture files to pages that need OCR. Only the head of a picture is read here; it is decoded when OCR draws the page."""

# mypy: disallow-untyped-calls=False
# (pymupdf says that it is typed, and is not)
from __future__ import annotations

from pathlib import Path

import pymupdf

from tasks.read.refusal import Unusable, guarded
from tasks.records import Kept, Page, Source

MAX_PIXELS = 200_000_000  # A0 at 300 dpi has 140 million
MAX_PAGES = 5_000  # of one TIFF
USUAL_DPI = 200
DPI = range(60, 1201)
NO_DPI = 96  # what MuPDF says of a picture that does not say it


def read_pictures(path: Path, source: Source) -> Kept[Page]:
    """A page for each picture of a file, to be read by OCR. A file that cannot be used is dropped whole; nothing raises."""
    return guarded(source, lambda: _read(path, source))


def _read(path: Path, source: Source) -> Kept[Page]:
    if not path.stat().st_size:
        raise Unusable("empty", "the file has no bytes")
    try:
        with pymupdf.open(path, filetype=path.suffix.lstrip(".").lower()) as document:
            if document.page_count > MAX_PAGES:
                raise Unusable("too_large", f"holds {document.page_count:,} pictures, more than {MAX_PAGES:,}")
            return Kept([_page(document[at], source) for at in range(document.page_count)], [])
    except Unusable:
        raise
    except Exception as exc:  # MuPDF raises a dozen unrelated types, some derived from Exception alone
        raise Unusable("broken", f"{type(exc).__name__}: {' '.join(str(exc).split())}"[:300]) from exc


def _page(page: pymupdf.Page, source: Source) -> Page:
    info = page.get_image_info()[0]
    across, down = info["width"], info["height"]
    if across * down > MAX_PIXELS:
        raise Unusable("too_large", f"has {across:,} × {down:,} pixels, more than {MAX_PIXELS // 10**6} million; save it smaller")
    dpi = info["xres"] if info["xres"] in DPI and info["xres"] != NO_DPI else USUAL_DPI
    return Page(
        document=source.id,
        path=source.path,
        number=page.number + 1,
        width=round(across * 72 / dpi, 2),
        height=round(down * 72 / dpi, 2),
        origin="needs_ocr",
        engine="",
        reason="image_file",
        blocks=(),
    )
