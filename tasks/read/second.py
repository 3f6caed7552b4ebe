"""A second opinion on a page: its text as pdfium reads it.

pdfium opens some files that MuPDF refuses, and finds word spaces where the pen moved. It reorders lines on turned pages, so
it is asked only where MuPDF fails or its spaces stay implausible. Where MuPDF fails nobody has looked for hidden text: then the
page is drawn with and without its text, and a line that makes no difference is not seen.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from tasks.read.letters import in_order
from tasks.records import Block, Box

HUNDREDTHS = 100  # pdfium turns page coordinates into whole device units; these are hundredths of a point
DPI = 100
MAX_PIXELS = 8_000_000
CONTRAST = 16  # of 255, as in tasks.read.hidden
INK = 0.02  # of a line's box; letters leave .1 and more
UNMAPPED_SPACE = "\ufffe"
SURROGATES = range(0xD800, 0xE000)


class SecondOpinion:
    """A PDF as pdfium opens it. Raises pypdfium2.PdfiumError when it cannot."""

    def __init__(self, path: Path) -> None:
        self._document = pypdfium2.PdfDocument(path)

    def close(self) -> None:
        """Close the file."""
        self._document.close()

    @property
    def pages(self) -> int:
        """How many pages it has."""
        return len(self._document)

    def size(self, number: int) -> tuple[float, float]:
        """Width and height of a page (from 1) as shown, in points."""
        width, height = self._document[number - 1].get_size()
        return float(width), float(height)

    def seen(self, number: int, blocks: Sequence[Block]) -> list[bool]:
        """Which lines of a page (from 1) leave ink. Spoils the page for further questions. Raises PdfiumError, ValueError."""
        page = self._document[number - 1]
        width, height = page.get_size()
        scale = min(DPI / 72, math.sqrt(MAX_PIXELS / (width * height)))
        before = _drawn(page, scale)
        for text in list(page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_TEXT,), max_depth=1)):
            page.remove_obj(text)
        changed = np.abs(before - _drawn(page, scale)) >= CONTRAST
        return [_leaves_ink(changed, block.box, scale) for block in blocks]

    def blocks(self, number: int) -> tuple[Block, ...]:
        """The lines of a page (from 1), where they are shown. Raises PdfiumError."""
        page = self._document[number - 1]
        text = page.get_textpage()
        characters = ((i, _character(text, i)) for i in range(text.count_chars()))
        lines = (list(line) for ends, line in groupby(characters, lambda pair: pair[1] in "\r\n") if not ends)
        return tuple(_blocks(page, text, lines))


def _drawn(page: pypdfium2.PdfPage, scale: float) -> NDArray[np.int16]:
    """The page in grey."""
    return np.asarray(page.render(scale=scale, grayscale=True).to_numpy(), dtype=np.int16).squeeze()


def _leaves_ink(changed: NDArray[np.bool_], box: Box, scale: float) -> bool:
    x0, y0, x1, y1 = (max(0, math.floor(v * scale)) for v in (box.x0, box.y0, box.x1, box.y1))
    part = changed[y0 : y1 + 1, x0 : x1 + 1]
    return bool(part.size) and float(part.mean()) >= INK


def _character(text: pypdfium2.PdfTextPage, index: int) -> str:
    code = pdfium.FPDFText_GetUnicode(text, index)
    return "" if code in SURROGATES else chr(code).replace(UNMAPPED_SPACE, " ")


def _blocks(page: pypdfium2.PdfPage, text: pypdfium2.PdfTextPage, lines: Iterator[list[tuple[int, str]]]) -> Iterator[Block]:
    for line in lines:
        words = " ".join(in_order("".join(c for _, c in line)).split())
        if words:
            boxes = [_shown(page, text.get_charbox(i, loose=True)) for i, c in line if c.strip()]
            yield Block(text=words, box=_around(boxes))


def _shown(page: pypdfium2.PdfPage, box: tuple[float, float, float, float]) -> Box:
    """A box of the page's own coordinates (origin at the bottom left, not turned) as it is shown."""
    left, bottom, right, top = box
    (ax, ay), (bx, by) = _point(page, left, bottom), _point(page, right, top)
    return Box(x0=min(ax, bx), y0=min(ay, by), x1=max(ax, bx), y1=max(ay, by))


def _point(page: pypdfium2.PdfPage, x: float, y: float) -> tuple[float, float]:
    width, height = (round(v * HUNDREDTHS) for v in page.get_size())
    across, down = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDF_PageToDevice(page, 0, 0, width, height, 0, x, y, across, down)
    return across.value / HUNDREDTHS, down.value / HUNDREDTHS


def _around(boxes: list[Box]) -> Box:
    whole = boxes[0]
    for box in boxes[1:]:
        whole = whole.union(box)
    return whole
