"""The text layer of a PDF page to lines.

MuPDF makes a word space out of a gap, but never after a Hangul syllable, so files that draw no space glyphs (Hancom exports)
come out without spaces. On a page where it made a space itself, or where Hangul has hardly any, the characters are taken one
by one and a gap of more than 0.15 em is a space (precision .999, recall 1.000 against pypdfium2); where letters are set apart, a
gap that is so much wider than theirs. Other pages draw their spaces, and need no such care. Lines come in the order of the
file, unless it makes no sense (`tasks.read.order`).
"""

# mypy: disallow-untyped-calls=False
# (pymupdf says that it is typed, and is not)
from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from operator import itemgetter
from typing import Any, NamedTuple

import pymupdf

from tasks.read.boxes import Rect
from tasks.read.grids import Grid, crosses, cut, find_grids, main_direction, same_cell
from tasks.read.hidden import Findings, Hidden, find_hidden
from tasks.read.letters import honest, in_order, lie_on_one_another, said_by, said_once, with_spaces
from tasks.read.order import in_reading_order
from tasks.read.plausible import CONTROL, Mix, mix_of
from tasks.read.sheet import TEXT, VECTOR, Sheet

SYNTHETIC = 512  # char_flags of a space that MuPDF made out of a gap
DRAWN = 16 | 32  # char_flags of filled and of stroked characters
GAP_EM = 0.15
SAME_LINE_EM = 0.8  # MuPDF itself begins a new line at a wider gap
FEW_SPACES = 0.12  # per syllable; laws have .23-.34, files without space glyphs below .08
APART_EM = 0.3  # letters so far apart, and all alike, are words of one letter, or nobody can tell
OFTEN = 0.4  # of the letters: with a space before so many, the letters are set apart
EVEN = 1.4  # the widest gap of a justified line against the narrowest
JUSTIFIED_EM = 1.3  # more is a gap between columns
FEWEST_GAPS = 3  # of a justified line
SPACED_OUT_EM = 4.0  # between the letters of a title, and behind a list mark
UNEVEN = 3.0  # the widest gap between the letters of a title against the narrowest
DIGIT = re.compile(r"\d")
LETTER = re.compile(r"[가-힣\u4e00-\u9fff]|\d{1,2}")
LIST_MARK = re.compile(r"[①-⑳㉑-㉟○●◎■□▪◆◇▶▷▸►•◦·※✓✔✗✘☒➢❖☑☐❑◻*-]|[(]?(?:\d{1,2}|[가-하])[.)]|제\s?\d{1,3}\s?[편장절관조]")


class Line(NamedTuple):
    """A line on the page: its text, its box (unrotated), its direction and font size."""

    text: str
    box: Rect
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
    blocks, hidden = findings.part(honest(sheet, blocks))
    raw = _raw_lines(blocks)
    if doubled := lie_on_one_another(raw):
        raw = said_once(raw if by_character else _characters(sheet, findings))
    if has_codes := CONTROL.search(text := _text(raw)) is not None:
        raw = with_spaces(raw)
        text = _text(raw)
    mix = mix_of(text)
    vectors = [b for b in blocks if b["type"] == VECTOR]
    grids = find_grids(vectors, main_direction(line["dir"] for line in raw))
    astray = any(crosses(grids, line["bbox"]) for line in raw)
    need_characters = doubled or astray or _made_a_space(raw) or text.count(" ") < FEW_SPACES * mix.syllables
    if need_characters and not (by_character or doubled):
        raw = _characters(sheet, findings)
        raw = with_spaces(raw) if has_codes else raw
    if astray:
        raw = [piece for line in raw for piece in cut(line, grids)]
    spaced = _text_with_gaps_between_characters if need_characters else _text_with_gaps_between_spans
    lines = _put_together(in_reading_order([said for line in raw if (said := _line(line, spaced(line))).text]), grids)
    return Layer(lines, mix, vectors, grids, _unseen(raw), hidden, need_characters)


def _extracted(sheet: Sheet, by_character: bool) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = (sheet.text.extractRAWDICT() if by_character else sheet.text.extractDICT())["blocks"]
    return blocks


def _characters(sheet: Sheet, findings: Findings) -> list[dict[str, Any]]:
    """The lines that are seen, character by character."""
    return _raw_lines(findings.part(honest(sheet, _extracted(sheet, True)))[0])


def _text(lines: Iterable[dict[str, Any]]) -> str:
    return "\n".join(["".join(map(said_by, line["spans"])) for line in lines])


def _raw_lines(blocks: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for block in blocks if block["type"] == TEXT for line in block["lines"]]


def _line(raw: dict[str, Any], text: str) -> Line:
    return Line(_clean(text), _trimmed(raw, text), raw["dir"], raw["spans"][0]["size"])


def _put_together(lines: Iterable[Line], grids: list[Grid]) -> list[Line]:
    found: list[Line] = []
    row: list[Line] = []
    for line in lines:
        gap = _gap_on_same_line(row[-1], line) if row else None
        if gap is None or not same_cell(grids, row[-1].box, line.box):
            found += _one_or_many(row)
            row = [line]
        elif gap <= SAME_LINE_EM * line.size:
            row[-1] = _joined(row[-1], line, gap)
        else:
            row.append(line)
    return found + _one_or_many(row)


def _one_or_many(row: list[Line]) -> list[Line]:
    """Pieces of a row, put together where they are one justified line, a title with its letters far apart, or a list mark."""
    if len(row) < 2:
        return row
    gaps = [(b.box[0] - a.box[2]) / (b.size or 1.0) for a, b in pairwise(row)]
    texts = [line.text.strip() for line in row]
    even = len(gaps) >= FEWEST_GAPS and max(gaps) <= min(JUSTIFIED_EM, EVEN * min(gaps)) and not all(map(DIGIT.search, texts))
    spelt = len(row) > 2 and max(gaps) <= UNEVEN * min(gaps) and all(map(LETTER.fullmatch, texts)) and texts[0].isalpha()
    if even or spelt:
        return [reduce(lambda a, b: _joined(a, b, b.size), row)]
    if LIST_MARK.fullmatch(texts[0]):
        return [_joined(row[0], row[1], row[1].size), *row[2:]]
    return row


def _unseen(lines: Iterable[dict[str, Any]]) -> int:
    """Characters that leave no ink. Type3 glyphs (Hancom exports) look so, too, and are seen."""
    return sum(
        len(said_by(span)) for line in lines for span in line["spans"] if not span["alpha"] and not span["char_flags"] & DRAWN
    )


def _made_a_space(lines: list[dict[str, Any]]) -> bool:
    return any(span["char_flags"] & SYNTHETIC for line in lines for span in line["spans"])


def _clean(text: str) -> str:
    """NFC, single spaces, at most one trailing space: it tells that the line broke between two words."""
    text = in_order(text)
    words = text.split()
    return " ".join(words) + (" " if words and text.endswith(" ") else "")


def _text_with_gaps_between_spans(line: dict[str, Any]) -> str:
    if len(line["spans"]) == 1:
        return said_by(line["spans"][0])
    text, end = "", -math.inf
    start_of, end_of = _axis(line["dir"])
    for span in line["spans"]:
        piece, box = said_by(span), span["bbox"]
        if text and start_of(box) - end > GAP_EM * span["size"] and not (text[-1].isspace() or piece[:1].isspace()):
            text += " "
        text, end = text + piece, end_of(box)
    return text


def _text_with_gaps_between_characters(line: dict[str, Any]) -> str:
    text: list[str] = []
    start_of, end_of = _axis(line["dir"])
    end, after_space, made = math.inf, True, 0
    for span in line["spans"]:
        gap = GAP_EM * span["size"]
        for char in span["chars"]:
            c, box = char["c"], char["bbox"]
            space = c.isspace()
            if not (space or after_space) and start_of(box) - end > gap:
                text.append(" ")
                made += 1
            elif space and char.get("synthetic"):
                made += 1
            text.append(c)
            end, after_space = end_of(box), space
    return "".join(text) if made < OFTEN * (len(text) - made) else _text_of_letters_apart(line) or "".join(text)


def _text_of_letters_apart(line: dict[str, Any]) -> str:
    """The text of a line whose letters are set apart; empty where they are too far apart, or not alike."""
    letters = [(char, span["size"]) for span in line["spans"] for char in span["chars"] if not char.get("synthetic")]
    start_of, end_of = _axis(line["dir"])
    gaps = [(start_of(b["bbox"]) - end_of(a["bbox"])) / (size or 1.0) for (a, _), (b, size) in pairwise(letters)]
    if not gaps:
        return ""
    usual = sorted(gaps)[len(gaps) // 4]
    if not 0 < usual <= APART_EM or sum(gap > usual + GAP_EM for gap in gaps) >= OFTEN * len(gaps):
        return ""
    pieces = (c["c"] if gap <= usual + GAP_EM else " " + c["c"] for gap, (c, _) in zip(gaps, letters[1:], strict=True))
    return "".join([letters[0][0]["c"], *pieces])


Edge = Callable[[Rect], float]
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


def _trimmed(line: dict[str, Any], text: str) -> Rect:
    """The box of a line without the white space around its text (a space is about 0.3 em wide)."""
    x0, y0, x1, y1 = line["bbox"]
    if line["dir"][0] < 0.99 or not (text[:1].isspace() or text[-1:].isspace()):
        return x0, y0, x1, y1
    space = 0.3 * line["spans"][0]["size"]
    left, right = len(text) - len(text.lstrip()), len(text) - len(text.rstrip())
    cut = min(1.0, (x1 - x0) / 2 / (space * (left + right))) if left + right and space else 0.0
    return x0 + left * space * cut, y0, x1 - right * space * cut, y1


def _gap_on_same_line(a: Line, b: Line) -> float | None:
    """The gap between two pieces on one baseline, not far from each other; None when they are two lines."""
    if a.direction[0] < 0.99 or b.direction[0] < 0.99:
        return None
    shared = min(a.box[3], b.box[3]) - max(a.box[1], b.box[1])
    gap = b.box[0] - a.box[2]
    close = -GAP_EM * b.size <= gap <= SPACED_OUT_EM * b.size
    return gap if close and shared > 0.6 * min(a.box[3] - a.box[1], b.box[3] - b.box[1]) else None


def _joined(a: Line, b: Line, gap: float) -> Line:
    space = " " if gap > GAP_EM * b.size and not a.text.endswith(" ") else ""
    box = (a.box[0], min(a.box[1], b.box[1]), b.box[2], max(a.box[3], b.box[3]))
    return Line(a.text + space + b.text, box, a.direction, a.size)
