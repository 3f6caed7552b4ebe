"""A glance at the ground under text that is surely drawn, opaque and on top: does it stand out?

One small picture of the page, five pixels to a letter. Text of a colour that is far from nearly every pixel around its strokes
cannot be hidden: either its strokes differ from the ground, or the ground itself draws them. What is not proven here is looked
at closely (`tasks.read.proof`), so in doubt the answer is no.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pymupdf
from numpy.typing import NDArray

from tasks.read.boxes import Rect, union, within
from tasks.read.sheet import Sheet
from tasks.read.suspicion import WEIGHTS, Block, Key, Span, line_of, span_at

PX = 5.0  # for the size of the smallest letters
MAX_PIXELS = 1_000_000
FAR = 64.0  # of 255; a fifth of a pixel that far, at least, differs plainly
MOST_NEAR = 0.25  # of the pixels around any letter: a bar that covers the small letters alone is more
INK = 16.0  # between the pixels of one column, where there are strokes
MOST_BLANK = 0.75  # of the columns: spaces, and the room between letters
ABOVE, BELOW = 0.8, 0.1  # em from the base line: where the ink is
OPAQUE = 255
FILLED, STROKED = pymupdf.mupdf.FZ_STEXT_FILLED, pymupdf.mupdf.FZ_STEXT_STROKED


def stand_out(sheet: Sheet, blocks: list[Block], keys: Iterable[Key]) -> set[Key]:
    """Those of the spans that are proven to be seen."""
    zones = {key: zone for key in keys if (zone := _zone(span_at(blocks, key), line_of(blocks, key)))}
    if not zones:
        return set()
    area = within(union(zones.values()), sheet.bounds)
    zoom = PX / min(span_at(blocks, key)["size"] for key in zones)
    if zoom * zoom * (area[2] - area[0]) * (area[3] - area[1]) > MAX_PIXELS:
        return set()
    picture = sheet.picture(area, zoom)
    found = set()
    for key, zone in zones.items():
        span = span_at(blocks, key)
        pixels = picture.inner(zone)
        if abs(line_of(blocks, key)["dir"][0]) < 0.5:
            pixels = pixels.swapaxes(0, 1)
        if _stands_out(pixels, span["color"], round(zoom * span["size"])):
            found.add(key)
    return found


def _zone(span: Span, line: dict[str, Any]) -> Rect | None:
    """Where the ink of a span is; none for text that is slanted, outlined, translucent or set from top to bottom."""
    x, y = line["dir"]
    drawn = span["char_flags"] & (FILLED | STROKED)
    if drawn != FILLED or span["alpha"] != OPAQUE or line["wmode"] or max(abs(x), abs(y)) < 0.999:
        return None
    x0, y0, x1, y1 = span["bbox"]
    (ox, oy), size = span["origin"], span["size"]
    if abs(x) > abs(y):
        top, bottom = oy - ABOVE * size * x, oy + BELOW * size * x
        return x0, min(top, bottom), x1, max(top, bottom)
    top, bottom = ox + ABOVE * size * y, ox - BELOW * size * y
    return min(top, bottom), y0, max(top, bottom), y1


def _stands_out(pixels: NDArray[np.uint8], colour: int, letter: int) -> bool:
    height, width = pixels.shape[:2]
    if not height or not width:
        return False
    apart = pixels - np.array([colour >> 16, (colour >> 8) & 255, colour & 255], np.float32)
    apart = np.sqrt((apart * apart) @ WEIGHTS)
    if np.count_nonzero(apart.max(0) - apart.min(0) < INK) > MOST_BLANK * width:
        return False
    near = apart < FAR
    step = max(1, min(letter, width))
    most = MOST_NEAR * step * height
    if np.count_nonzero(near) <= most:
        return True
    sums = np.concatenate(([0], np.cumsum(near.sum(axis=0))))
    return bool((sums[step:] - sums[:-step]).max() <= most)
