"""What the glyphs of a page say, where the file tells it wrongly or twice.

Letters are drawn two to four times, a little apart, to look bold or to cast a shadow: they are said once. Glyphs without a
character come out of MuPDF under their number in the font, which is some other letter: they are unknown, and must count as that.
Fonts of symbols call a tick "4" or "ü", and a bullet "l".
"""

# mypy: disallow-untyped-calls=False
# (pymupdf says that it is typed, and is not)
from __future__ import annotations

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise
from typing import Any, Final

import pymupdf

from tasks.read.boxes import union
from tasks.read.plausible import CONTROL, lone_space_code
from tasks.read.sheet import FLAGS, TEXT, Sheet
from tasks.text.normal import stored

Raw = dict[str, Any]  # a block, line, span or character of MuPDF's dictionaries
UNKNOWN = "\ufffd"
GUESSED = 128 | 256  # char_flags: a number for a character; what follows on the line bears the flag, too
WHITE = re.compile(r"[\s\xa0\u115f\u1160\u3164\uffa0]+")  # and the fillers of Hangul, which are as blank
# What is printable, and yet wants to be put in order: fillers, ligatures.
ODD = re.compile("[\u115f\u1160\u3164\uffa0\ufb00-\ufb06]")
TWICE_EM = 0.15  # between the copies of a letter; the narrowest letters are .2 em wide
ACROSS = (1.0, 0.0)
CELL = 4.0  # points: the copies of no letter stand farther apart
OVERLAP_EM = 0.3  # by which two lines lie on one another before their letters are compared
MOST_NEIGHBOURS = 20  # of a line, or of a letter, that are looked at

DINGBATS = {0x21 + i: 0x2701 + i for i in range(0x5E)} | {0x2A: 0x261B, 0x2B: 0x261E, 0x25: 0x260E, 0x48: 0x2605, 0x6C: 0x25CF}
DINGBATS |= {0x6E: 0x25A0, 0x73: 0x25B2, 0x74: 0x25BC, 0x75: 0x25C6, 0x77: 0x25D7}
# As Wingdings, by code; the same glyphs also come as private-use codes from U+F000 on.
WINGDINGS = {0x6C: "●", 0x6E: "■", 0x6F: "□", 0x71: "❑", 0x75: "◆", 0x76: "❖", 0x9F: "•", 0xA1: "○", 0xA2: "○", 0xA7: "▪"}
WINGDINGS |= {0xA8: "◻", 0xB7: "•", 0xD8: "➢", 0xDF: "←", 0xE0: "→", 0xE8: "➔", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑"}
WINGDINGS |= {0x77: "◆", 0xE1: "↑", 0xE2: "↓", 0xF0: "⇨", 0x2A: "✉", 0x28: "☎", 0x46: "☞"}
SYMBOLS: Final = str.maketrans({0xF000 + code: sign for code, sign in WINGDINGS.items()})
IN_ORDER: Final = SYMBOLS | {
    **dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))),
    0xAD: "-",  # a drawn one is a hyphen: "02-123-4567" in files that have one glyph for both
    **{0xFB00 + i: text for i, text in enumerate(("ff", "fi", "fl", "ffi", "ffl", "st", "st"))},
}
SYMBOL_FONTS: Final[dict[str, dict[int, Any]]] = {
    "zapfdingbats": dict(DINGBATS),
    "zadb": dict(DINGBATS),
    "wingdings": dict(WINGDINGS),
}
SYMBOL_FONT = re.compile(r"(?:^|\+)(ZapfDingbats|ZaDb|Wingdings)(?:-Regular|MT|,.*)?$", re.I)


def in_order(text: str) -> str:
    """NFC, white space as spaces, no characters without a shape, ligatures as their letters, symbols of known fonts."""
    if text.isprintable() and unicodedata.is_normalized("NFC", text) and not ODD.search(text):
        return text
    return stored(WHITE.sub(" ", text.translate(IN_ORDER)))


def said_by(span: Raw) -> str:
    """What a span says, in either shape."""
    text: str | None = span.get("text")
    return "".join([char["c"] for char in span["chars"]]) if text is None else text


def honest(sheet: Sheet, blocks: Sequence[Raw]) -> list[Raw]:
    """The blocks with what is really known of their letters, in the shape in which they come."""
    sorts = {
        (span["char_flags"], span["font"])
        for block in blocks
        if block["type"] == TEXT
        for line in block["lines"]
        for span in line["spans"]
    }
    found = list(blocks)
    if any(flags & GUESSED for flags, _ in sorts):
        found = _without_guesses(found, sheet.text_with(FLAGS & ~pymupdf.TEXT_CID_FOR_UNKNOWN_UNICODE).extractDICT()["blocks"])
    if any(SYMBOL_FONT.search(font) for _, font in sorts):
        found = [_each_span(block, _as_symbols) for block in found]
    return found


def _without_guesses(blocks: list[Raw], known: Sequence[Raw]) -> list[Raw]:
    """The blocks with U+FFFD for letters that MuPDF has guessed; as they are where the two do not match."""
    lines = [line for block in blocks for line in block.get("lines", ())]
    others = [line for block in known for line in block.get("lines", ())]
    said = [_said(line) for line in lines]
    truth = [_said(line) for line in others]
    if [len(text) for text in said] != [len(text) for text in truth]:
        return blocks
    codes: dict[str, set[str]] = defaultdict(set)
    for line, text in zip(lines, truth, strict=True):
        for font, c, true in zip(_fonts(line), _said(line), text, strict=True):
            if true == UNKNOWN:
                codes[font].add(c)
    spaces = {font: next(iter(found)) for font, found in codes.items() if len(found) == 1 and CONTROL.match(next(iter(found)))}
    texts = iter(truth)
    return [_told(block, texts, spaces) for block in blocks]


def _said(line: Raw) -> str:
    return "".join(said_by(span) for span in line["spans"])


def _fonts(line: Raw) -> Iterator[str]:
    return (span["font"] for span in line["spans"] for _ in said_by(span))


def _told(block: Raw, texts: Iterator[str], spaces: dict[str, str]) -> Raw:
    """A block that says for each of its lines what comes next; a font's only code without a letter is its space."""
    if "lines" not in block:
        return block
    lines = []
    for line in block["lines"]:
        text, at, spans = next(texts), 0, []
        for span in line["spans"]:
            old = said_by(span)
            new = text[at : at + len(old)]
            space = spaces.get(span["font"])
            spans.append(_saying(span, "".join(" " if n == UNKNOWN and o == space else n for o, n in zip(old, new, strict=True))))
            at += len(old)
        lines.append(line | {"spans": spans})
    return block | {"lines": lines}


def _saying(span: Raw, text: str) -> Raw:
    if "text" in span:
        return span | {"text": text}
    return span | {"chars": [char | {"c": c} for char, c in zip(span["chars"], text, strict=True)]}


def with_spaces(lines: list[Raw]) -> list[Raw]:
    """Lines with spaces for the control code that is a font's only one: some generators map the space so."""
    said: dict[str, list[str]] = defaultdict(list)
    for line in lines:
        for span in line["spans"]:
            said[span["font"]].append(said_by(span))
    codes = {font: code for font, texts in said.items() if (code := lone_space_code("".join(texts)))}

    def spaced(span: Raw) -> Raw:
        code = codes.get(span["font"])
        return _saying(span, said_by(span).replace(code, " ")) if code else span

    return [line | {"spans": [spaced(span) for span in line["spans"]]} for line in lines] if codes else lines


def _each_span(block: Raw, change: Any) -> Raw:
    if "lines" not in block:
        return block
    return block | {"lines": [line | {"spans": [change(span) for span in line["spans"]]} for line in block["lines"]]}


def _as_symbols(span: Raw) -> Raw:
    font = SYMBOL_FONT.search(span["font"])
    return _saying(span, said_by(span).translate(SYMBOL_FONTS[font[1].lower()])) if font else span


def lie_on_one_another(lines: Sequence[Raw]) -> bool:
    """Whether two lines that run to the right share so much of a place that letters may be drawn twice."""
    boxes = sorted([(y0, y1, x0, x1) for line in lines if line["dir"] == ACROSS for x0, y0, x1, y1 in (line["bbox"],)])
    for at, ((y0, y1, x0, x1), (below, *_)) in enumerate(pairwise(boxes), start=1):
        half = (y1 - y0) / 2
        if below > y0 + half:
            continue
        for a0, b0, left, right in islice(boxes, at, at + MOST_NEIGHBOURS):
            if a0 > y0 + half:
                break
            if min(x1, right) - max(x0, left) > OVERLAP_EM * 2 * half and min(y1, b0) - a0 > half:
                return True
    return False


def said_once(lines: Iterable[Raw]) -> list[Raw]:
    """Lines of `rawdict` without the letters that are drawn again next to themselves."""
    seen: dict[tuple[str, int, int], list[tuple[float, float]]] = defaultdict(list)
    found = []
    for line in lines:
        spans = []
        for span in line["spans"]:
            chars = [char for char in span["chars"] if not _is_again(char, span["size"], seen)]
            if len(chars) == len(span["chars"]):
                spans.append(span)
            elif chars:
                spans.append(span | {"chars": chars, "bbox": union(char["bbox"] for char in chars)})
        if spans:
            found.append(line if spans == line["spans"] else line | {"spans": spans, "bbox": union(s["bbox"] for s in spans)})
    return found


def _is_again(char: Raw, size: float, seen: dict[tuple[str, int, int], list[tuple[float, float]]]) -> bool:
    """Whether the letter is known at about this place; if not, it is from now on."""
    c, (x, y), box = char["c"], char["origin"], char["bbox"]
    if not math.isfinite(x + y):
        return False
    near = min(CELL, TWICE_EM * size, max(box[2] - box[0], box[3] - box[1]) / 2)
    column, row = math.floor(x / CELL), math.floor(y / CELL)
    for i in (column - 1, column, column + 1):
        for j in (row - 1, row, row + 1):
            for a, b in seen.get((c, i, j), ())[:MOST_NEIGHBOURS]:
                if abs(a - x) <= near and abs(b - y) <= near:
                    return True
    seen[c, column, row].append((x, y))
    return False
