"""The picture of a page as numbers: even light, ink, its pieces, table lines, the angle of the text.

Everything rests on one idea: after the light is evened out, one threshold tells ink from paper, and the connected pieces of
ink say the rest (how tall the letters are, what is a speck, what a table line). numpy, scipy and Pillow are enough for that,
and run where OpenCV's system libraries are missing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from tasks.read.ocr.engine import Picture

Mask = NDArray[np.bool_]  # True is ink
Boxes = NDArray[np.int64]  # n × 4: x0, y0, x1, y1

BLOCK = 32  # pixels; paper is the bright part of a block that holds more than a line
DARKEST_PAPER = 64
MAX_SKEW = 6.0  # degrees
SKEW_POINTS = 60_000
EIGHT = np.ones((3, 3), dtype=bool)


@dataclass(frozen=True, slots=True)
class Pieces:
    """The connected pieces of ink: which pixel belongs to which (0: none, else index + 1), their boxes and areas."""

    labels: NDArray[np.int32]
    boxes: Boxes
    areas: NDArray[np.int64]

    @property
    def widths(self) -> NDArray[np.int64]:
        """Width of each piece."""
        return self.boxes[:, 2] - self.boxes[:, 0]

    @property
    def heights(self) -> NDArray[np.int64]:
        """Height of each piece."""
        return self.boxes[:, 3] - self.boxes[:, 1]

    def mask(self, chosen: Mask) -> Mask:
        """The pixels of the chosen pieces."""
        found: Mask = np.concatenate([[False], chosen])[self.labels]
        return found


def even_out(picture: Picture) -> Picture:
    """The picture on white paper: shadows, grey paper and light shading gone."""
    height, width = picture.shape
    half = np.pad(picture, ((0, -height % BLOCK), (0, -width % BLOCK)), mode="edge")[::2, ::2]
    rows, columns, side = half.shape[0] // (BLOCK // 2), half.shape[1] // (BLOCK // 2), BLOCK // 2
    blocks = half.reshape(rows, side, columns, side).swapaxes(1, 2).reshape(rows, columns, -1)
    paper = np.partition(blocks, int(0.8 * side * side), axis=2)[:, :, int(0.8 * side * side)]
    paper = ndimage.uniform_filter(ndimage.maximum_filter(paper, 3), 3)
    whole = Image.fromarray(np.maximum(paper, DARKEST_PAPER)).resize((columns * BLOCK, rows * BLOCK), Image.Resampling.BILINEAR)
    scaled = picture.astype(np.uint16) * 255 // np.asarray(whole)[:height, :width]
    even: Picture = np.minimum(scaled, 255).astype(np.uint8)
    return even


def threshold_of(picture: Picture) -> int:
    """Otsu's threshold: what is not brighter is ink."""
    counts = np.bincount(picture.ravel(), minlength=256).astype(float)
    below, dark = np.cumsum(counts), np.cumsum(counts * np.arange(256))
    both = below * (below[-1] - below)
    spread = np.divide((dark[-1] * below / below[-1] - dark) ** 2, both, out=np.zeros(256), where=both > 0)
    return int(np.argmax(spread))


def ink_of(picture: Picture) -> Mask:
    """Where the ink is in a picture of even light."""
    ink: Mask = picture <= min(threshold_of(picture), 224)  # a blank page has a threshold, too: its own noise
    return ink


def faint_ink_of(picture: Picture) -> Mask:
    """Ink and what may be ink: thin lines break at the usual threshold."""
    ink: Mask = picture <= min((threshold_of(picture) + 255) // 2, 224)
    return ink


def pieces_of(ink: Mask) -> Pieces:
    """The connected pieces of ink, corners touching included."""
    labels, number = ndimage.label(ink, EIGHT)
    found = [(s[1].start, s[0].start, s[1].stop, s[0].stop) for s in ndimage.find_objects(labels)]
    boxes = np.array(found, dtype=np.int64).reshape(-1, 4)
    return Pieces(labels, boxes, np.bincount(labels.ravel(), minlength=number + 1)[1:])


def letter_height(pieces: Pieces, dpi: int) -> float:
    """The height of a full letter of the page's main text in pixels; 10 points where there is nothing to measure."""
    heights = pieces.heights
    usual = heights[(heights >= 0.03 * dpi) & (heights <= 0.5 * dpi) & (pieces.widths <= dpi)]
    return float(np.percentile(usual, 90)) if len(usual) >= 5 else dpi * 10 / 72


def rulings_of(ink: Mask, letter: float) -> tuple[Mask, Mask]:
    """Horizontal and vertical table lines: long, straight and thin."""
    return _straight(ink, letter, 1, 4.0), _straight(ink, letter, 0, 2.5)


def _straight(ink: Mask, letter: float, axis: int, letters: float) -> Mask:
    length = max(3, int(letters * letter)) | 1
    runs = ndimage.minimum_filter1d(ink.view(np.uint8), length, axis=axis, mode="constant")
    if not runs.any():
        return np.zeros_like(ink)
    pieces = pieces_of(ndimage.maximum_filter1d(runs, length, axis=axis, mode="constant").astype(bool))
    thick = pieces.heights if axis == 1 else pieces.widths
    return pieces.mask(thick <= max(4.0, 0.4 * letter))


def skew_of(ink: Mask) -> float:
    """By how many degrees the lines of text fall towards the right (negative: rise)."""
    return _sharpest(*_points(ink))[0]


def lies_on_its_side(ink: Mask) -> float:
    """How much sharper the lines of text are when the page is turned by 90 degrees; 1 is undecided."""
    x, y = _points(ink)
    upright, turned = _sharpest(x, y)[1], _sharpest(y, x)[1]
    return turned / upright if upright > 0 else 1.0


def _points(ink: Mask) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    y, x = np.nonzero(ink)
    step = len(y) // SKEW_POINTS + 1
    return x[::step].astype(np.float32), y[::step].astype(np.float32)


def _sharpest(x: NDArray[np.float32], y: NDArray[np.float32]) -> tuple[float, float]:
    """The angle at which rows of ink and rows of paper differ most, and by how much."""
    best, sharpness = 0.0, _sharpness(x, y, 0.0)
    for step, reach in ((0.5, MAX_SKEW), (0.1, 0.5), (0.02, 0.1)):
        middle = best
        for angle in middle + np.arange(-reach, reach + step / 2, step):
            if (found := _sharpness(x, y, float(angle))) > sharpness:
                best, sharpness = float(angle), found
    return best, sharpness


def _sharpness(x: NDArray[np.float32], y: NDArray[np.float32], angle: float) -> float:
    if not len(x):
        return 0.0
    rows = y - x * np.tan(np.radians(angle), dtype=np.float32)
    profile = np.bincount((rows - rows.min()).astype(np.int32)).astype(float)
    return float(np.square(np.diff(profile)).sum() / len(x) ** 2)


def rotated(picture: Picture, angle: float) -> Picture:
    """The picture turned anticlockwise by some degrees around its centre, large enough for its corners."""
    turned = Image.fromarray(picture).rotate(angle, resample=Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    return np.asarray(turned)


def resized(picture: Picture, factor: float) -> Picture:
    """The picture at another scale."""
    if factor == 1:
        return picture
    height, width = (max(1, round(side * factor)) for side in picture.shape)
    how = Image.Resampling.BOX if factor < 0.6 else Image.Resampling.BICUBIC if factor <= 1 else Image.Resampling.LANCZOS
    return np.asarray(Image.fromarray(picture).resize((width, height), how))


def bars_inverted(picture: Picture, ink: Mask, pieces: Pieces, letter: float) -> tuple[Picture, Mask, Pieces]:
    """White letters on dark bars made black on white, so that they are not taken for one big blot."""
    boxes = pieces.boxes
    full = pieces.areas > 0.55 * pieces.widths * pieces.heights
    bars = boxes[full & (pieces.widths > 3 * letter) & (pieces.heights > 0.9 * letter)]
    if not len(bars):
        return picture, ink, pieces
    picture, ink = picture.copy(), ink.copy()
    for x0, y0, x1, y1 in bars:
        picture[y0:y1, x0:x1] = 255 - picture[y0:y1, x0:x1]
        ink[y0:y1, x0:x1] ^= True
    return picture, ink, pieces_of(ink)


def circles_in(picture: Picture, letter: float) -> Boxes:
    """The boxes of rings around something, as in ① or ㉑."""
    pieces = pieces_of(faint_ink_of(picture))
    near = (pieces.widths > 0.6 * letter) & (pieces.widths < 1.5 * letter)
    near &= np.abs(pieces.widths - pieces.heights) <= np.maximum(2, 0.15 * pieces.widths)
    return np.array([box for box in pieces.boxes[near] if _is_circled(picture[box[1] : box[3], box[0] : box[2]])]).reshape(-1, 4)


def _is_circled(picture: Picture) -> bool:
    ink = picture <= (int(picture.min()) + 255) // 2
    distance, middle = distances(ink.shape), (np.array(ink.shape) - 1) / 2
    angle = np.arange(64) * np.pi / 32

    def around(radius: float) -> Picture:
        y, x = (np.round(m + radius * m * f(angle)).astype(int) for m, f in zip(middle, (np.sin, np.cos), strict=True))
        on: Picture = picture[y, x]
        return on

    ring = np.minimum.reduce([around(radius) for radius in (1.0, 0.95, 0.9, 0.85)])
    inside, corners = ink[distance < 0.67], ink[distance > 1.12]
    return bool(
        (ring < 200).mean() > 0.92
        and (ring.astype(float) + 40 < around(0.74)).mean() > 0.65  # white between the ring and what it holds
        and 0.05 < inside.mean() < 0.6
        and (not len(corners) or corners.mean() < 0.1)
        and (inside.mean() < 0.32 or ndimage.label(ink, EIGHT)[1] > 1)  # @ is in one piece
    )


def distances(shape: tuple[int, ...]) -> NDArray[np.float64]:
    """How far each pixel is from the middle; 1 at the middle of an edge."""
    y, x = (np.linspace(-1, 1, side) for side in shape)
    return np.hypot(y[:, None], x[None, :])
