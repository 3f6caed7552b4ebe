"""OCR of one page of a file: draw it, read the picture, put what was read back in the page's own points. For worker processes."""

# mypy: disallow-untyped-calls=False
# (pymupdf says that it is typed, and is not)
from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import pymupdf

from tasks.errors import OcrError
from tasks.read.formats import PICTURES
from tasks.read.ocr.engine import Engine, OcrLine, Picture
from tasks.read.ocr.engines import EngineChoice, make
from tasks.read.ocr.page import PageText, read_picture
from tasks.read.render import render
from tasks.read.wire import NO_TEXT, OcrFailed, OcrRead, OcrRequest
from tasks.records import Block, Box, Dropped, Page

STEP = "read"
WHITE = 255


def read_page(request: OcrRequest) -> OcrRead | OcrFailed:
    """What the engine reads on a page, or why it cannot. Nothing raises."""
    try:
        picture, dpi = _drawn(request)
        read = _read(picture, dpi, request.engine)
    except _EngineError as exc:
        return OcrFailed(detail=f"failed: {exc}")
    except OcrError as exc:
        return OcrFailed(detail=str(exc))
    except Exception as exc:  # noqa: BLE001  MuPDF and OCR libraries raise what they like; one bad page is one bad page
        return OcrFailed(detail=f"{type(exc).__name__}: {' '.join(str(exc).split())}"[:300])
    scale = request.page.width / picture.shape[1]
    left_out = [(_block(dropped.line, scale), dropped.reason) for dropped in read.dropped]
    return OcrRead(
        blocks=tuple(_block(line, scale) for line in read.lines),
        engine=f"{request.engine.engine} {request.engine.version}",
        dpi=dpi,
        dropped=[Dropped.of(block, request.page.id, STEP, reason, NO_TEXT) for block, reason in left_out],
    )


class _EngineError(OcrError):
    """It is the engine that cannot read, not the page that cannot be read."""


def _read(picture: Picture, dpi: int, choice: EngineChoice) -> PageText:
    try:
        return read_picture(picture, dpi, _engine(choice))
    except OcrError as exc:
        raise _EngineError(str(exc)) from exc


@lru_cache(maxsize=1)
def _engine(choice: EngineChoice) -> Engine:
    return make(choice)


@lru_cache(maxsize=1)
def _document(path: Path) -> pymupdf.Document:
    suffix = path.suffix.lower()
    return pymupdf.open(path, filetype=suffix.lstrip(".") if suffix in PICTURES else "pdf")


def _drawn(request: OcrRequest) -> tuple[Picture, int]:
    """The page as a grey picture, and its dpi. A picture file has the size that the page says, not what MuPDF makes of it."""
    page, settings = _document(Path(request.file))[request.page.number - 1], request.engine.settings
    larger = request.page.width / page.rect.width
    picture, dpi = render(page, round(settings.dpi * larger), settings.max_megapixels)
    if request.around_text:
        _whiten(picture, request.page)
    return picture, max(1, round(dpi / larger))


def _whiten(picture: Picture, page: Page) -> None:
    """Paint over what the text layer holds."""
    scale = picture.shape[1] / page.width
    for block in page.blocks:
        x0, y0, x1, y1 = (max(0, round(v * scale)) for v in (block.box.x0, block.box.y0, block.box.x1, block.box.y1))
        picture[y0:y1, x0:x1] = WHITE


def _block(line: OcrLine, scale: float) -> Block:
    x0, y0, x1, y1 = (round(float(v) * scale, 2) for v in line.box)
    return Block(text=line.text, box=Box(x0=x0, y0=y0, x1=x1, y1=y1), confidence=round(float(np.clip(line.confidence, 0, 1)), 4))
