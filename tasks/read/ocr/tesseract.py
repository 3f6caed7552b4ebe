"""Tesseract as an OCR engine: its command line, one process per picture, never its libraries.

The page is set afresh as a galley first (`galley.py`) and read with page segmentation mode 6 in one run. A row that comes
back empty or half read is read once more, alone and larger: nothing gets lost silently. Mode 3 would lose 6 to 20 % of the
characters of a Korean page at an unchanged confidence of 90, and Korean with English (`kor+eng`) reads worse than `kor`: so
English reads only the lines of which Korean is not sure.
"""

from __future__ import annotations

import html
import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from tasks.errors import OcrError
from tasks.read.ocr.engine import OcrLine, Picture
from tasks.read.ocr.galley import Galley, Row, Type, set_galley, type_of
from tasks.read.ocr.tesseract_program import die_with_parent, find_installed
from tasks.records import Language

LETTER = 22  # pixels: 18 to 26 read Korean alike, larger ones worse and slower
LETTER_AGAIN = 30
READ_SHARE = 0.6  # of a row's width must be covered by characters
SURE = 0.6
LOST_SHARE, FEW_ROWS = 0.3, 4
CIRCLED = {str(number): chr(0x2460 + number - 1) for number in range(1, 21)}
HOCR = re.compile(
    r"x_wconf (?P<word>\d+)|<span class='ocrx_cinfo' title='x_bboxes (?P<box>[\d ]+); x_conf [^']*'>(?P<char>[^<]*)</span>"
)
DOUBLE_QUOTE = re.compile(r'["“”]')
MOSTLY_STRAIGHT = 0.85  # of a page's double quotes: then all were straight; curly ones read as a mix
OPENS = re.compile(r"(?:^|[\s(\[<{「『〈《‘])$")


@dataclass(frozen=True, slots=True)
class Glyph:
    """A character on the galley: where it stands, whether Tesseract begins a word with it, its word's confidence (0..1).

    Only its left edge can be relied upon: before a space Tesseract lets a character reach far into the next word.
    """

    char: str
    x: float
    y: float
    starts_word: bool
    confidence: float


Reading = tuple[Row, list[Glyph]]


class Tesseract:
    """Debian's Tesseract with one language. Raises OcrError when the program or the language is missing."""

    name = "tesseract"

    def __init__(self, language: Language = "ko", seconds: float = 60.0) -> None:
        self._seconds = seconds
        self._korean = language == "ko"
        installed = find_installed(language)
        self._program, self._model, self._latin, self.version = installed

    def read(self, picture: Picture, dpi: int) -> list[OcrLine]:
        """The lines of an upright picture, in reading order; what no word was found in has no line. Raises OcrError."""
        type_ = type_of(picture, dpi)
        if not type_.lines:
            return []
        rows = self._rows(set_galley(type_, type_.lines, LETTER), self._model)
        lost = _unsure(rows)
        if 0 < len(lost) <= max(FEW_ROWS, LOST_SHARE * len(rows)):  # else the page is upside down, or no text
            again = self._rows(set_galley(type_, [type_.lines[number] for number in lost], LETTER_AGAIN), self._model)
            for number, new in zip(lost, again, strict=True):
                if _worth(new[1]) > _worth(rows[number][1]):
                    rows[number] = new
        if self._latin and (foreign := _unsure(rows)):
            self._read_as_latin(type_, rows, foreign, self._latin)
        lines = [_line(row, glyphs, self._korean) for row, glyphs in rows if glyphs]
        return _with_double_quotes(lines) if self._korean else lines

    def _read_as_latin(self, type_: Type, rows: list[Reading], numbers: Sequence[int], model: str) -> None:
        """Take the other model's reading of some rows where that is the surer one; of all, if most of them turn out so."""
        galley = set_galley(type_, [type_.lines[number] for number in numbers], LETTER)
        taken = 0
        for number, new in zip(numbers, self._rows(galley, model), strict=True):
            if _is_read(*new) and _confidence(new[1]) > _confidence(rows[number][1]):
                rows[number] = new
                taken += 1
        if taken > len(rows) / 2 and len(numbers) < len(rows):
            others = sorted(set(range(len(rows))) - set(numbers))
            self._read_as_latin(type_, rows, [*numbers, *others], model)

    def _rows(self, galley: Galley, model: str) -> list[Reading]:
        rows: list[Reading] = [(row, []) for row in galley.rows]
        for glyph in _glyphs(self._run(galley.picture, model)):
            rows[galley.row_at(glyph.y)][1].append(glyph)
        return rows

    def _run(self, picture: Picture, model: str) -> str:
        command = [self._program, "stdin", "stdout", "--psm", "6", "-l", model, "--dpi", "150"]
        command += ["-c", "tessedit_do_invert=0"]  # what is white on black was turned before
        command += ["-c", "hocr_char_boxes=1", "hocr"]  # TSV ends at words, and the Korean model's words are no words
        try:
            done = subprocess.run(
                command,
                input=b"P5 %d %d 255\n" % picture.shape[::-1] + np.ascontiguousarray(picture).tobytes(),
                capture_output=True,
                timeout=self._seconds,
                env=os.environ | {"OMP_THREAD_LIMIT": "1"},  # more threads burn more CPU and are no faster
                preexec_fn=die_with_parent,
            )
        except subprocess.TimeoutExpired:
            raise OcrError(f"tesseract took longer than {self._seconds:g} s for one picture") from None
        except OSError as exc:
            raise OcrError(f"{self._program} could not be started: {exc}") from exc
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip()[-300:]
            raise OcrError(f"tesseract failed with exit code {done.returncode}: {said}")
        if b"ocr_page" not in done.stdout:
            raise OcrError(f"{self._program} answered something else than hOCR: {done.stdout[:80]!r}")
        return done.stdout.decode("utf-8", "replace")


def _glyphs(hocr: str) -> Iterator[Glyph]:
    confidence, starts_word = 0.0, True
    for found in HOCR.finditer(hocr):
        if found["word"]:
            confidence, starts_word = float(found["word"]) / 100, True
        else:
            x, y0, _, y1 = map(float, found["box"].split())
            yield Glyph(html.unescape(found["char"]), x, (y0 + y1) / 2, starts_word, confidence)
            starts_word = False


def _is_read(row: Row, glyphs: Sequence[Glyph]) -> bool:
    """Whether characters cover the row from end to end, and Tesseract is sure of them."""
    if not glyphs:
        return False
    x = [glyph.x for glyph in glyphs]
    width = max(x) - min(x) + (row.ink[3] - row.ink[1]) * row.scale  # of the last one, too
    return width / row.scale >= READ_SHARE * (row.ink[2] - row.ink[0]) and _confidence(glyphs) >= SURE


def _unsure(rows: Sequence[Reading]) -> list[int]:
    return [number for number, (row, glyphs) in enumerate(rows) if not _is_read(row, glyphs)]


def _worth(glyphs: Sequence[Glyph]) -> float:
    return sum(glyph.confidence for glyph in glyphs)


def _confidence(glyphs: Sequence[Glyph]) -> float:
    return _worth(glyphs) / len(glyphs) if glyphs else 0.0


def _line(row: Row, glyphs: Sequence[Glyph], korean: bool) -> OcrLine:
    marked = _circled(row, glyphs)
    starts = {min(range(len(marked)), key=lambda i: abs(marked[i].x - start)) for start in row.starts}
    text = marked[0].char
    for number, (a, b) in enumerate(pairwise(marked), 1):
        # Where words part, the ink knows for Hangul, the model for all else.
        of_ink = korean and (_is_hangul(a.char) or _is_hangul(b.char) or not b.starts_word)
        text += (" " if (number in starts if of_ink else b.starts_word) else "") + b.char
    x0, y0, x1, y1 = map(float, row.ink)
    return OcrLine(text, (x0, y0, x1, y1), _confidence(glyphs))


def _is_hangul(char: str) -> bool:
    return "가" <= char <= "힣"


def _circled(row: Row, glyphs: Sequence[Glyph]) -> list[Glyph]:
    """Digits that stand where a circle was taken away, circled again."""
    left = list(glyphs)
    for start, end in row.circles:
        slack = (end - start) / 4
        held = [g for g in left if start - slack <= g.x < end - slack]
        if held and (sign := CIRCLED.get("".join(g.char for g in held))):
            at = left.index(held[0])
            left[at : at + len(held)] = [replace(held[0], char=sign, x=start)]
    return left


def _with_double_quotes(lines: list[OcrLine]) -> list[OcrLine]:
    quotes = [char for line in lines for char in DOUBLE_QUOTE.findall(line.text)]
    if quotes.count('"') >= MOSTLY_STRAIGHT * len(quotes):
        return [replace(line, text=DOUBLE_QUOTE.sub('"', line.text)) for line in lines]
    return [replace(line, text=_with_quotes(line.text)) for line in lines]


def _with_quotes(text: str) -> str:
    """Curly double quotes by their place: the Korean model takes the one for the other."""
    parts = DOUBLE_QUOTE.split(text)
    fixed, is_open = parts[0], False
    for part in parts[1:]:
        is_open = not is_open and OPENS.search(fixed) is not None
        fixed += ("“" if is_open else "”") + part
    return fixed
