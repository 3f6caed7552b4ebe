"""Text and Markdown files to pages of rows.

Encodings are tried strictly, in the order in which Korean files have them: UTF-8, UTF-16 with its mark, CP949 (which holds
EUC-KR). A line is a paragraph, unless the file was wrapped by hand: then its lines get the places of printed lines, and the
chunker puts them together as it does with those of a PDF. Markdown loses its marks of emphasis and headings, so that clauses
are recognised; pipe tables become one table each. What a browser would not show (comments, front matter) is left out.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Literal

from tasks.read.plausible import fault_of, mix_of
from tasks.read.refusal import Reason, Unusable, guarded, leave_out
from tasks.read.rows import LEFT, WIDTH, Layout, Paragraph, new_page, paged, paragraphs, row_pages, tidy, width_of
from tasks.records import Block, Box, Dropped, Kept, Page, Source
from tasks.text.sentences import ends_sentence

MAX_BYTES = 64 << 20
MARKDOWN = (".md", ".markdown")
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
ENCODINGS = ("utf-8", "cp949")  # CP949 is EUC-KR and more
MAX_CONTROLS = 0.001  # of the characters: more is no text
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b]")

FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
COMMENT = re.compile(r"<!--(.*?)(?:-->|\Z)", re.DOTALL)
TITLE = re.compile(r"\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
RULE = re.compile(r"\s{0,3}(?:[-=*_]\s*){3,}$")
EMPHASIS = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
QUOTE = re.compile(r"\s{0,3}>\s?")
DELIMITER = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")
FENCE = re.compile(r"\s{0,3}(?:```|~~~)")

LINE, LETTER = 16.0, 10.0  # of lines that were wrapped by hand, points
LINES = 60  # a page
FULL = 0.88  # of the widest line: so wide is a line that went on
ENOUGH_LINES = 8
WRAPPED = 0.3  # of the lines must be full and go on
LONGEST = 130  # columns: nobody wraps later
RAGGED = 2  # columns: lines cut after so many letters differ by a syllable at most


def read_plain(path: Path, source: Source) -> Kept[Page]:
    """The pages of a text or Markdown file. A file that cannot be used is dropped whole; nothing raises."""
    return guarded(source, lambda: _read(path, source))


def _read(path: Path, source: Source) -> Kept[Page]:
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise Unusable("too_large", f"has more than {MAX_BYTES >> 20} MiB of text; split it")
    if not data.strip():
        raise Unusable("empty", "the file has no text")
    text = decoded(data).replace("\r\n", "\n").replace("\r", "\n")
    if source.path.lower().endswith(MARKDOWN):
        return _markdown(text, source)
    return Kept(_text_pages(text, source), [])


def decoded(data: bytes) -> str:
    """The text of a file's bytes. Raises Unusable where no encoding makes sense of them."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return _checked(data, encoding)
    for encoding in ENCODINGS:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8" or not fault_of(mix_of(text)):
            return _checked(data, encoding)
    raise Unusable("undecodable", "is neither UTF-8 nor UTF-16 nor CP949 (EUC-KR) text; save it as UTF-8")


def _checked(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise Unusable("undecodable", f"begins as {encoding} text does, and is none; save it as UTF-8") from None
    if len(CONTROL.findall(text)) > MAX_CONTROLS * len(text):
        raise Unusable("wrong_type", "holds control characters, and so no text; was it renamed?")
    return text


def _text_pages(text: str, source: Source) -> list[Page]:
    sheets = text.split("\f")
    if wrapped := _wrapped(text):
        return _line_pages(sheets, source, " " if wrapped == "words" else "")
    if len(sheets) > 1:
        return row_pages(source, "plain", "page_breaks", [paragraphs(sheet) for sheet in sheets])
    return row_pages(source, "plain", "no_layout", paged(paragraphs(text)))


def _wrapped(text: str) -> Literal["", "words", "letters"]:
    """Whether many lines are about as wide as the widest one and go on in the next; and if so, whether they end with words."""
    lines = [line.rstrip() for line in re.split(r"[\n\f]", text)]
    widths = [width_of(line, 2) for line in lines]
    filled = [w for w in widths if w]
    if len(filled) < ENOUGH_LINES or (widest := max(filled)) > LONGEST:
        return ""
    full = [w for (a, b), w in zip(pairwise(lines), widths, strict=False) if w >= FULL * widest and b and not ends_sentence(a)]
    if len(full) < WRAPPED * len(filled):
        return ""
    return "words" if max(full) - min(full) > RAGGED else "letters"


def _line_pages(sheets: Sequence[str], source: Source, end: str) -> list[Page]:
    """Pages of lines as printed with letters of one width."""
    found: list[Page] = []
    for sheet in sheets:
        lines = sheet.splitlines()
        for at in range(0, max(1, len(lines)), LINES):
            blocks = tuple(_line_blocks(lines[at : at + LINES], end))
            size = (WIDTH, 2 * LEFT + LINES * LINE + 200)
            reason: Layout = "page_breaks" if len(sheets) > 1 and len(lines) <= LINES else "no_layout"
            found.append(new_page(source, "plain", reason, len(found) + 1, size, blocks))
    return found


def _line_blocks(lines: Sequence[str], end: str) -> Iterator[Block]:
    for row, line in enumerate(lines):
        if text := tidy(line):
            x0 = LEFT + width_of(line[: len(line) - len(line.lstrip())], LETTER)
            y0 = LEFT + 100 + LINE * row
            yield Block(text=text + end, box=Box(x0=x0, y0=y0, x1=x0 + width_of(text, LETTER), y1=y0 + LETTER))


def _markdown(text: str, source: Source) -> Kept[Page]:
    left_out: list[tuple[Reason, str]] = []
    if front := FRONT_MATTER.match(text):
        left_out.append(("front_matter", front[1]))
        text = text[front.end() :]
    left_out += [("hidden", comment) for comment in COMMENT.findall(text) if comment.strip()]
    rows = list(_markdown_rows(COMMENT.sub("", text).replace("\f", "\n").split("\n")))
    pages = row_pages(source, "markdown", "no_layout", paged(rows))
    return Kept(pages, [_dropped(source, reason, words) for reason, words in left_out])


def _dropped(source: Source, reason: Reason, words: str) -> Dropped:
    block = Block(text=tidy(words), box=Box(x0=0, y0=0, x1=0, y1=0))
    return leave_out(block, f"{source.id}-p1", reason, "is not shown where Markdown is")


def _markdown_rows(lines: Sequence[str]) -> Iterator[Paragraph]:
    at, fenced = 0, False
    while at < len(lines):
        fenced ^= bool(FENCE.match(lines[at]))
        rows = 0 if fenced else _table_rows(lines, at)
        if rows:
            yield Paragraph("\n".join(tidy(line) for line in lines[at : at + rows]), "table")
        else:
            yield from _markdown_line(lines[at], fenced)
        at += rows or 1


def _table_rows(lines: Sequence[str], at: int) -> int:
    """How many lines of a pipe table begin here: a head, a delimiter row with as many cells, rows."""
    if at + 1 >= len(lines) or "|" not in lines[at] or not ("|" in lines[at + 1] and DELIMITER.match(lines[at + 1])):
        return 0
    end = at + 2
    while end < len(lines) and "|" in lines[end]:
        end += 1
    return end - at


def _markdown_line(line: str, fenced: bool) -> Iterator[Paragraph]:
    if fenced:
        yield from paragraphs(line)
    elif not RULE.match(line):
        title = TITLE.match(line)
        level, words = (len(title[1]), title[2]) if title else (0, line)
        if words := tidy(EMPHASIS.sub(r"\2", QUOTE.sub("", words))):
            yield Paragraph(words, is_title=level == 1)
