"""What an OCR engine is: a picture in, lines out. Which one reads is decided here.

An engine reads one picture at a time and does nothing in parallel; the pool runs several processes. It need not know of
columns, of pages on their side or of points: `tasks.read.ocr.page` hands it upright pieces and turns pixels into points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]  # height × width, grey: 0 is black, 255 white


@dataclass(frozen=True, slots=True)
class OcrLine:
    """A line as read: its text, its box in pixels from the top left (x0, y0, x1, y1) and how sure the engine is (0..1)."""

    text: str
    box: tuple[float, float, float, float]
    confidence: float


class Engine(Protocol):
    """An OCR engine, ready to read. Making one may take seconds; it is made once a process."""

    @property
    def name(self) -> str:
        """What it is called in settings and on pages: "tesseract", "paddleocr"."""

    @property
    def version(self) -> str:
        """Version, model and language, as they are stored with every page it read."""

    def read(self, picture: Picture, dpi: int) -> list[OcrLine]:
        """The lines of an upright picture of one column, in reading order. Raises OcrError."""
