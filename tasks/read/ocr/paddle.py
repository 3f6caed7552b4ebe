"""PaddleOCR reads a picture. The only module that imports paddleocr, and only when an engine is made: it takes seconds.

PaddleOCR finds pieces of lines, each with a box and a confidence. A piece ends where a gap is wide, so a row of a page may be
several pieces: they are put back into rows, and pieces that a mere word space keeps apart into one line.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from tasks.errors import OcrError
from tasks.read.ocr.engine import OcrLine, Picture
from tasks.read.ocr.paddle_files import SHARED_LIBRARIES, library_cure
from tasks.settings import OcrSettings, PaddleSettings

SAME_ROW = 0.5  # of the lower piece's height: lines are at least 1.2 em apart, and boxes about 1.4 em high
SAME_LINE = 1.0  # a gap of less than a line's height is a wide word space, if no line is drawn in it
DOUBTFUL = 0.6  # what is read rightly has .8 and more
EDGE, DARK, RULED = 2, 200, 0.95  # pixels that a box reaches over a table line; grey levels; share of the row's height
MANY = 20_000  # pieces a picture; PaddleOCR takes the lowest 1000 and drops the top of a full page without a word

# As many processes as cores read already. Without the arena a process rests at 0.6 instead of 1.7 GiB, and takes a sixth longer.
ONNX = {"intra_op_num_threads": 1, "inter_op_num_threads": 1, "enable_cpu_mem_arena": False}


class PaddleEngine:
    """PaddleOCR with two models loaded. `settings` and `version` are those of `find_models`."""

    name = "paddleocr"

    def __init__(self, settings: OcrSettings, version: str) -> None:
        self.version = version
        self._pipeline = _load(settings.paddle)

    def read(self, picture: Picture, dpi: int) -> list[OcrLine]:
        """All lines of a picture in reading order, doubtful ones on their own. Raises OcrError."""
        colour = np.repeat(picture[:, :, np.newaxis], 3, axis=2)
        try:
            with _quiet():
                (result,) = self._pipeline.predict(colour)
        except Exception as exc:  # PaddleOCR, OpenCV and onnxruntime raise whatever they like
            raise OcrError(
                f"PaddleOCR could not read a picture of {picture.shape[1]} × {picture.shape[0]} pixels: {exc}"
            ) from exc
        pieces = [
            OcrLine(text.strip(), _box(polygon), float(score))
            for text, score, polygon in zip(result["rec_texts"], result["rec_scores"], result["rec_polys"], strict=True)
        ]
        return reading_order([piece for piece in pieces if piece.text], picture)


def reading_order(pieces: Sequence[OcrLine], picture: Picture) -> list[OcrLine]:
    """Rows from top to bottom, pieces from left to right; pieces that a mere word space keeps apart become one line.

    A doubtful piece stays alone, so that it can be taken out, and so do pieces with a table line between them.
    """
    rows: list[list[OcrLine]] = []
    for piece in sorted(pieces, key=_middle):
        if rows and _on_one_row(rows[-1][-1], piece):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [line for row in rows for line in _put_together(sorted(row, key=lambda piece: piece.box[0]), picture)]


def _put_together(row: Sequence[OcrLine], picture: Picture) -> list[OcrLine]:
    lines = [row[0]]
    for piece in row[1:]:
        if _belong_together(lines[-1], piece, picture):
            lines[-1] = _joined(lines[-1], piece)
        else:
            lines.append(piece)
    return lines


def _belong_together(left: OcrLine, right: OcrLine, picture: Picture) -> bool:
    near = right.box[0] - left.box[2] < SAME_LINE * min(_height(left), _height(right))
    return near and min(left.confidence, right.confidence) >= DOUBTFUL and not _ruled(left, right, picture)


def _ruled(left: OcrLine, right: OcrLine, picture: Picture) -> bool:
    """Whether a line is drawn between the two, from top to bottom."""
    top, bottom = int(min(left.box[1], right.box[1])), int(max(left.box[3], right.box[3]))
    start, end = sorted((int(left.box[2]), int(right.box[0])))
    gap = picture[top:bottom, max(0, start - EDGE) : end + EDGE]
    return gap.size > 0 and bool(((gap < DARK).mean(axis=0) >= RULED).any())


def _middle(line: OcrLine) -> float:
    return (line.box[1] + line.box[3]) / 2


def _height(line: OcrLine) -> float:
    return line.box[3] - line.box[1]


def _on_one_row(above: OcrLine, piece: OcrLine) -> bool:
    return _middle(piece) - _middle(above) < SAME_ROW * min(_height(above), _height(piece))


def _joined(left: OcrLine, right: OcrLine) -> OcrLine:
    a, b = left.box, right.box
    box = min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])
    weights = len(left.text), len(right.text)
    mean = (left.confidence * weights[0] + right.confidence * weights[1]) / sum(weights)
    confidence = max(mean, min(left.confidence, right.confidence))  # rounding must not make it doubtful
    return OcrLine(f"{left.text} {right.text}", box, confidence)


def _box(polygon: Any) -> tuple[float, float, float, float]:
    points = np.asarray(polygon, dtype=float)
    (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
    return float(x0), float(y0), float(x1), float(y1)


def _load(paddle: PaddleSettings) -> Any:
    """A PaddleOCR object. Takes seconds and needs nothing but the two folders."""
    os.environ["PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK"] = "True"  # read at import
    options = {"engine_config": ONNX} if paddle.engine == "onnxruntime" else {}
    try:
        with _quiet():
            from paddleocr import PaddleOCR

            logging.getLogger("paddlex").setLevel(logging.ERROR)
            engine = PaddleOCR(
                text_detection_model_name=paddle.detection,
                text_detection_model_dir=paddle.detection_dir,
                text_recognition_model_name=paddle.recognition,
                text_recognition_model_dir=paddle.recognition_dir,
                use_doc_orientation_classify=False,  # each of the three would fetch a model of its own
                use_doc_unwarping=False,
                use_textline_orientation=False,
                device="cpu",
                engine=paddle.engine,
                cpu_threads=1,
                enable_mkldnn=paddle.mkldnn,
                **options,
            )
            engine.paddlex_pipeline._pipeline.text_det_model.post_op.max_candidates = MANY
            return engine
    except ImportError as exc:
        if any(library in str(exc) for library in SHARED_LIBRARIES) or "libglib" in str(exc):
            raise OcrError(library_cure(tuple(SHARED_LIBRARIES.values()))) from exc
        raise OcrError(f"PaddleOCR cannot be imported: {exc}") from exc
    except Exception as exc:  # paddlex raises bare Exception, onnxruntime types of its own
        raise OcrError(f"PaddleOCR does not start with {paddle.detection_dir} and {paddle.recognition_dir}: {exc}") from exc


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """What PaddleOCR prints goes to standard error: standard output may be somebody's answer."""
    with contextlib.redirect_stdout(sys.stderr):
        yield
