"""The text layer of a PDF page to lines.

MuPDF makes a word space out of a gap, but never after a Hangul syllable, so files that draw no space glyphs (Hancom exports)
come out without spaces. On a page where it made a space itself, or where Hangul has hardly any, the characters are taken one
by one and a gap of more than 0.15 em is a space (precision .999, recall 1.000 against pypdfium2). Other pages draw their
spaces, and need no such care. Lines come in the order of the file: sorting them would interleave columns.
"""

# mypy: disallow-untyped-calls=False
# (pymupdf says that it is typed, and is not)
from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple

import pymupdf

from tasks.read.grids import Grid, crosses, cut, find_grids, main_direction, same_cell
from tasks.read.hidden import Hidden, find_hidden
from tasks.read.plausible import Mix, lone_space_code, mix_of
from tasks.read.sheet import Sheet
from tasks.text.normal import stored

TEXT, VECTOR = 0, 3  # types of blocks
SYNTHETIC = 512  # char_flags of a space that MuPDF made out of a gap
DRAWN = 16 | 32  # char_flags of filled and of stroked characters
GAP_EM = 0.15
SAME_LINE_EM = 0.8  # MuPDF itself begins a new line at a wider gap
FEW_SPACES = 0.12  # per syllable; laws have .23-.34, files without space glyphs below .08
# Bullets and marks of symbol fonts without a character map, which come out as private-use codes.
SYMBOLS = str.maketrans(
    {0xF06C: "●", 0xF06E: "■", 0xF06F: "□", 0xF071: "❑", 0xF075: "◆", 0xF076: "❖", 0xF09F: "•", 0xF0A2: "○", 0xF0A7: "▪"}
    | {0xF0A8: "◻", 0xF0B7: "•", 0xF0D8: "➢", 0xF0DF: "←", 0xF0E0: "→", 0xF0E8: "➔", 0xF0FC: "✓", 0xF0FE: "☑"}
)
WHITE = re.compile(r"[\s\xa0]+")


class Line(NamedTuple):
    """A line on the page: its text, its box (unrotated), its direction and font size."""

    text: str
    box: tuple[float, float, float, float]
    direction: tuple[float, float]
    size: float


@dataclass(frozen=True, slots=True)
class Layer:
    """The text of a page that a reader of the page sees, what he does not, and the vector graphics among it.

    `unseen` characters are drawn with no ink (an OCR layer). `by_character`: spaces had to be looked for between characters.
    """

    lines: list[Line]
    mix: Mix
    vectors: list[dict[str, Any]]
    grids: list[Grid]
    unseen: int
    hidden: list[Hidden]
    by_character: bool


def read_layer(page: pymupdf.Page, by_character: bool = False) -> Layer:
    """Lines with text in the order of the file, their spaces repaired, pieces of one line put together.

    `by_character` says that the characters will be needed, as on the page before. It saves time and changes nothing else.
    """
    sheet = Sheet(page)
    blocks = _extracted(sheet, by_character)
    findings = find_hidden(sheet, blocks)
    blocks, hidden = findings.part(blocks)
    raw = _raw_lines(blocks)
    text = "".join(_text_of(span) for line in raw for span in line["spans"])
    code = lone_space_code(text) or " "
    text = text.replace(code, " ")
    mix = mix_of(text)
    vectors = [b for b in blocks if b["type"] == VECTOR]
    grids = find_grids(vectors, main_direction(line["dir"] for line in raw))
    astray = any(crosses(grids, line["bbox"]) for line in raw)
    need_characters = astray or _made_a_space(raw) or text.count(" ") < FEW_SPACES * mix.syllables
    if need_characters and not by_character:
        raw = _raw_lines(findings.part(_extracted(sheet, True))[0])
    if astray:
        raw = [piece for line in raw for piece in cut(line, grids)]
    text_of = _text_with_gaps_between_characters if need_characters else _text_with_gaps_between_spans
    lines = _put_together((_line(line, text_of(line).replace(code, " ")) for line in raw), grids)
    return Layer(lines, mix, vectors, grids, _unseen(raw), hidden, need_characters)


def _extracted(sheet: Sheet, by_character: bool) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = (sheet.text.extractRAWDICT() if by_character else sheet.text.extractDICT())["blocks"]
    return blocks


def _text_of(span: dict[str, Any]) -> str:
    text: str | None = span.get("text")
    return "".join([char["c"] for char in span["chars"]]) if text is None else text


def _raw_lines(blocks: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for block in blocks if block["type"] == TEXT for line in block["lines"]]


def _line(raw: dict[str, Any], text: str) -> Line:
    return Line(_clean(text), _trimmed(raw, text), raw["dir"], raw["spans"][0]["size"])


def _put_together(lines: Iterable[Line], grids: list[Grid]) -> list[Line]:
    found: list[Line] = []
    for line in lines:
        if not line.text:
            continue
        gap = _gap_on_same_line(found[-1], line) if found else None
        if gap is not None and same_cell(grids, found[-1].box, line.box):
            found[-1] = _joined(found[-1], line, gap)
        else:
            found.append(line)
    return found


def _unseen(lines: Iterable[dict[str, Any]]) -> int:
    """Characters that leave no ink. Type3 glyphs (Hancom exports) look so, too, and are seen."""
    return sum(
        len(_text_of(span)) for line in lines for span in line["spans"] if not span["alpha"] and not span["char_flags"] & DRAWN
    )


def _made_a_space(lines: list[dict[str, Any]]) -> bool:
    return any(span["char_flags"] & SYNTHETIC for line in lines for span in line["spans"])


def _clean(text: str) -> str:
    """NFC, single spaces, at most one trailing space: it tells that the line broke between two words."""
    if not (text.isprintable() and unicodedata.is_normalized("NFC", text)):
        text = stored(WHITE.sub(" ", text.translate(SYMBOLS)))
    words = text.split()
    return " ".join(words) + (" " if words and text.endswith(" ") else "")


def _text_with_gaps_between_spans(line: dict[str, Any]) -> str:
    text, end = "", -math.inf
    start_of, end_of = _axis(line["dir"])
    for span in line["spans"]:
        piece, box = _text_of(span), span["bbox"]
        if text and start_of(box) - end > GAP_EM * span["size"] and not (text[-1].isspace() or piece[:1].isspace()):
            text += " "
        text, end = text + piece, end_of(box)
    return text


def _text_with_gaps_between_characters(line: dict[str, Any]) -> str:
    text: list[str] = []
    start_of, end_of = _axis(line["dir"])
    end, after_space = math.inf, True
    for span in line["spans"]:
        gap = GAP_EM * span["size"]
        for char in span["chars"]:
            c, box = char["c"], char["bbox"]
            space = c.isspace()
            if not (space or after_space) and start_of(box) - end > gap:
                text.append(" ")
            text.append(c)
            end, after_space = end_of(box), space
    return "".join(text)


Edge = Callable[[tuple[float, float, float, float]], float]
NOWHERE: tuple[Edge, Edge] = (lambda b: 0.0, lambda b: 0.0)
ACROSS: tuple[Edge, Edge] = (itemgetter(0), itemgetter(2))
AXES: dict[tuple[int, int], tuple[Edge, Edge]] = {
    (1, 0): ACROSS,
    (0, 1): (lambda b: b[1], lambda b: b[3]),
    (-1, 0): (lambda b: -b[2], lambda b: -b[0]),
    (0, -1): (lambda b: -b[3], lambda b: -b[1]),
}


def _axis(direction: tuple[float, float]) -> tuple[Edge, Edge]:
    """Where a character box begins and ends in writing direction; slanted lines have no gaps."""
    if direction == (1.0, 0.0):
        return ACROSS
    if max(abs(direction[0]), abs(direction[1])) < 0.99:
        return NOWHERE
    return AXES[round(direction[0]), round(direction[1])]


def _trimmed(line: dict[str, Any], text: str) -> tuple[float, float, float, float]:
    """The box of a line without the white space around its text (a space is about 0.3 em wide)."""
    x0, y0, x1, y1 = line["bbox"]
    if line["dir"][0] < 0.99 or not (text[:1].isspace() or text[-1:].isspace()):
        return x0, y0, x1, y1
    space = 0.3 * line["spans"][0]["size"]
    left, right = len(text) - len(text.lstrip()), len(text) - len(text.rstrip())
    cut = min(1.0, (x1 - x0) / 2 / (space * (left + right))) if left + right and space else 0.0
    return x0 + left * space * cut, y0, x1 - right * space * cut, y1


def _gap_on_same_line(a: Line, b: Line) -> float | None:
    """The gap between two pieces on one baseline, close to each other; None when they are two lines."""
    if a.direction[0] < 0.99 or b.direction[0] < 0.99:
        return None
    shared = min(a.box[3], b.box[3]) - max(a.box[1], b.box[1])
    gap = b.box[0] - a.box[2]
    close = -GAP_EM * b.size <= gap <= SAME_LINE_EM * b.size
    return gap if close and shared > 0.6 * min(a.box[3] - a.box[1], b.box[3] - b.box[1]) else None


def _joined(a: Line, b: Line, gap: float) -> Line:
    space = " " if gap > GAP_EM * b.size and not a.text.endswith(" ") else ""
    box = (a.box[0], min(a.box[1], b.box[1]), b.box[2], max(a.box[3], b.box[3]))
    return Line(a.text + space + b.text, box, a.direction, a.size)
