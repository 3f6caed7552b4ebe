"""HWPX files (Hancom Office, KS X 6101) to pages.

The text is XML, so it is exact: words, tables and the numbers that Hancom Office makes itself. It also stores where its lines
stood when it last showed the document (`linesegarray`): where that is there and makes sense, lines get the pages and boxes of
the printed document, each broken between two words. Other programs write no such places, or zeros: then a paragraph is a row
(`tasks.read.rows`). Headers, footers, notes, hidden comments and deleted text are left out, each with a reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

from tasks.read.cells import Cell, as_paragraphs, table_rows
from tasks.read.numbering import Counters, Level
from tasks.read.package import Element, Package, child, number
from tasks.read.refusal import Reason, Unusable, guarded, leave_out
from tasks.read.rows import Paragraph, new_page, paged, row_pages, tidy, width_of
from tasks.records import Block, Box, Dropped, Kept, Page, Source

OLE = "is a HWP 5 file and no HWPX; open it in Hancom Office and save it as HWPX or PDF"
SECTION = re.compile(r"(?:^|/)section(\d+)\.xml$", re.IGNORECASE)
UNIT = 1 / 100  # HWPUNIT, 1/7200 inch, in points
LEFT_OUT: Final[dict[str, Reason]] = {
    "header": "running_header",
    "footer": "running_footer",
    "footNote": "footnote",
    "endNote": "endnote",
    "hiddenComment": "hidden",
    "fieldBegin": "hidden",  # a memo
}
DRAWN = frozenset({"rect", "ellipse", "arc", "polygon", "curve", "container", "pic", "ole", "connectLine", "line"})
# How many character positions a control takes in a line's `textpos`; all others take eight.
ONE = frozenset({"lineBreak", "hyphen", "nbSpace", "fwSpace"})
NONE = frozenset(
    {"markpenBegin", "markpenEnd", "insertBegin", "insertEnd", "deleteBegin", "deleteEnd", "titleMark", "linesegarray"}
)
CONTROL = 8
NUMBERED = frozenset({"TABLE", "PICTURE", "FIGURE", "EQUATION"})  # captions; the numbers of notes stay with the notes
SHORT_END = 0.78  # of the column: the last line of a paragraph is never taken for a full one
MIN_ADVANCES = 2


class Line(NamedTuple):
    """A line as it stood on the page, in HWPUNIT: its first character position, its place in the column, its height.

    `text` is the height of its letters: less than that of the line where a table or a picture stands in it.
    """

    start: int
    top: int
    height: int
    text: int
    left: int
    width: int


@dataclass(slots=True)
class Piece:
    """A paragraph as stored: its text with the position of every character, its lines, and what is anchored in it."""

    lines: list[Line]
    breaks_page: bool
    words: list[str] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    after: list[Paragraph] = field(default_factory=list)
    height: int = 0  # of a table in it
    text: str = ""

    def add(self, words: str, at: int) -> int:
        """Words from a position on; returns the position behind them."""
        self.words.append(words)
        if not self.lines:
            return at
        if words.isascii() or max(words, default="") <= "\uffff":
            self.positions.extend(range(at, at + len(words)))
            return at + len(words)
        for char in words:
            self.positions.append(at)
            at += 2 if char > "\uffff" else 1
        return at


@dataclass(frozen=True, slots=True)
class Sheet:
    """The paper of a section in HWPUNIT: its size, where the text begins, its columns."""

    width: int = 59528
    height: int = 84186
    left: int = 8504
    top: int = 9920
    text_width: int = 42520
    columns: int = 1
    gap: int = 0


def read_hwpx(path: Path, source: Source) -> Kept[Page]:
    """The pages of a HWPX file. A file that cannot be used is dropped whole; nothing raises."""
    return guarded(source, lambda: _read(path, source))


def _read(path: Path, source: Source) -> Kept[Page]:
    with Package(path, OLE) as package:
        _check_open(package)
        names = _sections(package)
        reader = _Reader(_Lists(package.part(_header(package))))
        sections = [reader.section(root) for name in names if (root := package.part(name)) is not None]
    if not any(piece.text.strip() or piece.after for _, pieces in sections for piece in pieces):
        raise Unusable("no_text", "opens, but has no text; does it hold pictures only? Save it as PDF")
    dropped = [_dropped(f"{source.id}-p1", reason, words) for reason, words in reader.left_out]
    if _has_layout([piece for _, pieces in sections for piece in pieces]):
        return Kept(_set_pages(source, sections), dropped)
    sheets = list(_row_sheets(sections))
    if len(sheets) > 1:
        return Kept(row_pages(source, "hwpx", "page_breaks", sheets), dropped)
    return Kept(row_pages(source, "hwpx", "no_layout", paged(sheets[0])), dropped)


def _check_open(package: Package) -> None:
    manifest = package.part("META-INF/manifest.xml")
    if manifest is not None and manifest.find(".//encryption-data") is not None:
        raise Unusable("encrypted", "is protected by a password; save an unprotected copy")


def _header(package: Package) -> str:
    return next((name for name in sorted(package.names) if name.lower().endswith("contents/header.xml")), "")


def _sections(package: Package) -> list[str]:
    """The parts with text, in the order of the package's spine, else of their numbers."""
    found = {name: int(match[1][:9]) for name in package.names if (match := SECTION.search(name))}
    if not found:
        raise Unusable("wrong_type", "holds no section of a HWPX document; was it renamed?")
    content = next((name for name in sorted(package.names) if name.lower().endswith("content.hpf")), "")
    root = package.part(content)
    items = {} if root is None else {item.get("id"): item.get("href", "") for item in root.iter("item")}
    order = [] if root is None else [items.get(ref.get("idref"), "") for ref in root.iter("itemref")]
    ranks = {name.rsplit("/", 1)[-1]: rank for rank, name in reversed(list(enumerate(order)))}
    return sorted(found, key=lambda name: (ranks.get(name.rsplit("/", 1)[-1], len(ranks)), found[name], name))


def _dropped(page_id: str, reason: Reason, words: str) -> Dropped:
    return leave_out(Block(text=words, box=Box(x0=0, y0=0, x1=0, y1=0)), page_id, reason, "left out of the text of a HWPX file")


class _Lists:
    """The lists of a document: which paragraph shape counts in which, and what Hancom Office writes before it."""

    def __init__(self, header: Element | None) -> None:
        self._counters = Counters()
        self._shapes: dict[str, tuple[str, str, int]] = {}
        self._lists: dict[str, dict[int, Level]] = {}
        self._bullets: dict[str, str] = {}
        for element in () if header is None else header.iter():
            if element.tag == "numbering":
                self._lists[element.get("id", "")] = {number(h, "level", 1) - 1: _level(h) for h in element.iter("paraHead")}
            elif element.tag == "bullet":
                self._bullets[element.get("id", "")] = element.get("char", "•")
            elif element.tag == "paraPr" and (heading := element.find(".//heading")) is not None:
                shape = heading.get("type", "NONE"), heading.get("idRef", ""), number(heading, "level")
                self._shapes[element.get("id", "")] = shape

    def number(self, paragraph: Element, outline: str) -> str:
        """What stands before a paragraph; `outline` is the list that the section uses for its outline."""
        kind, name, at = self._shapes.get(paragraph.get("paraPrIDRef", ""), ("NONE", "", 0))
        if kind == "BULLET":
            char = self._bullets.get(name, "•")
            return "•" if "\ue000" <= char <= "\uf8ff" else char
        if kind == "OUTLINE":
            name = outline
        return "" if kind == "NONE" else self._counters.next(f"{kind} {name}", at, self._lists.get(name, {}))


def _level(head: Element) -> Level:
    return Level(number(head, "start", 1), head.get("numFormat", "DIGIT"), (head.text or head.get("text") or "").strip())


@dataclass(slots=True)
class _Reader:
    """Walks over the sections of a document."""

    lists: _Lists
    left_out: list[tuple[Reason, str]] = field(default_factory=list)
    outline: str = "1"
    deleted: bool = False

    def section(self, root: Element) -> tuple[Sheet, list[Piece]]:
        """The paper of a section and its paragraphs."""
        properties = root.find(".//secPr")
        self.outline = (None if properties is None else properties.get("outlineShapeIDRef")) or self.outline
        return _sheet(root), [self.piece(p) for p in root if p.tag == "p"]

    def piece(self, paragraph: Element) -> Piece:
        """A paragraph with all that is in it."""
        prefix = self.lists.number(paragraph, self.outline)
        found = Piece(list(_lines(paragraph)), number(paragraph, "pageBreak") == 1)
        at = 0
        for run in paragraph:
            if run.tag == "run":
                at = self._run(run, found, at)
        found.text = "".join(found.words)
        if prefix and found.text.strip():
            found.text = f"{prefix} {found.text}"
            found.positions = [0] * (len(prefix) + 1) + found.positions  # used only where there are lines
        return found

    def _run(self, run: Element, piece: Piece, at: int) -> int:
        for part in run:
            if part.tag == "t":
                at = self._words(part, piece, at)
            elif part.tag == "tbl":
                self._table(part, piece)
                at += CONTROL
            elif part.tag == "ctrl":
                for control in part:
                    self._control(control, piece, at)
                    at += CONTROL
            elif part.tag not in NONE:
                self._object(part, piece, at)
                at += CONTROL
        return at

    def _words(self, element: Element, piece: Piece, at: int) -> int:
        at = self._add(element.text or "", piece, at)
        for sign in element:
            if sign.tag in ("deleteBegin", "deleteEnd"):
                self.deleted = sign.tag == "deleteBegin"
            elif sign.tag not in NONE:
                piece.add({"lineBreak": "\n", "hyphen": "-"}.get(sign.tag, " "), at)
                at += 1 if sign.tag in ONE else CONTROL
            at = self._add(sign.tail or "", piece, at)
        return at

    def _add(self, words: str, piece: Piece, at: int) -> int:
        if not self.deleted:
            return piece.add(words, at)
        if words.strip():
            self.left_out.append(("hidden", tidy(words)))
        return at + len(words)

    def _object(self, part: Element, piece: Piece, at: int) -> None:
        """What is set among the words: a drawing with text in it, a picture, composed letters, an equation."""
        if part.tag in DRAWN:
            piece.after += self._paragraphs(part)
            self.left_out += [("picture", "")] * sum(1 for _ in part.iter("img"))
        elif part.tag == "compose":
            piece.add(part.get("composeText", ""), at)
        elif part.tag in ("dutmal", "equation"):
            words = part.find("mainText" if part.tag == "dutmal" else "script")
            piece.add(tidy("" if words is None else words.text or ""), at)

    def _table(self, table: Element, piece: Piece) -> None:
        for caption in table.findall("caption"):
            piece.after += self._paragraphs(caption)
        piece.after += as_paragraphs(table_rows(self._cells(table)))
        piece.height = max(piece.height, number(child(table, "sz"), "height"))

    def _control(self, control: Element, piece: Piece, at: int) -> None:
        if control.tag == "autoNum" and control.get("numType") in NUMBERED:
            piece.add(control.get("num", ""), at)
        if reason := LEFT_OUT.get(control.tag):
            words = " ".join(p.text for p in self._paragraphs(control))
            if words:
                self.left_out.append((reason, words))

    def _paragraphs(self, container: Element) -> list[Paragraph]:
        """The paragraphs somewhere in a container, without their places."""
        found: list[Paragraph] = []
        for part in container:
            if part.tag == "p":
                found += _rows_of(self.piece(part))
            else:
                found += self._paragraphs(part)
        return found

    def _cells(self, table: Element) -> Iterator[Cell]:
        for row, line in enumerate(table.findall("tr")):
            for column, cell in enumerate(line.findall("tc")):
                place, span = child(cell, "cellAddr"), child(cell, "cellSpan")
                text = "\n".join(p.text for p in self._paragraphs(cell))
                yield Cell(
                    text,
                    max(0, number(place, "rowAddr", row)),
                    max(0, number(place, "colAddr", column)),
                    max(1, number(span, "rowSpan", 1)),
                    max(1, number(span, "colSpan", 1)),
                )


def _sheet(root: Element) -> Sheet:
    paper, margin = root.find(".//secPr/pagePr"), root.find(".//secPr/pagePr/margin")
    if paper is None:
        return Sheet()
    width, height = (max(1, number(paper, side, size)) for side, size in (("width", 59528), ("height", 84186)))
    if paper.get("landscape") == "NARROWLY":
        width, height = height, width
    columns = root.find(".//colPr")
    edges = {side: number(margin, side) for side in ("left", "right", "top", "header", "gutter")}
    left = edges["left"] + edges["gutter"]
    return Sheet(
        width,
        height,
        left,
        edges["top"] + edges["header"],
        max(1, width - left - edges["right"]),
        max(1, number(columns, "colCount", 1, limit=20)),
        number(columns, "sameGap"),
    )


def _lines(paragraph: Element) -> Iterator[Line]:
    for segment in paragraph.findall("linesegarray/lineseg"):
        names = ("textpos", "vertpos", "vertsize", "textheight", "horzpos", "horzsize")
        yield Line(*(number(segment, name) for name in names))


def _has_layout(pieces: Sequence[Piece]) -> bool:
    """Whether every line has a place that can be true: on a page each stands below the one before it."""
    lines = [line for piece in pieces for line in piece.lines]
    if not all(piece.lines for piece in pieces) or any(line.width <= 0 or line.height <= 0 for line in lines):
        return False
    advances = sum(b.top > a.top for a, b in pairwise(lines))
    return advances >= MIN_ADVANCES and advances > len(lines) / 2


def _rows_of(piece: Piece) -> list[Paragraph]:
    own = [Paragraph(line) for raw in piece.text.split("\n") if (line := tidy(raw))]
    return [*own, *piece.after]


def _row_sheets(sections: Iterable[tuple[Sheet, list[Piece]]]) -> Iterator[list[Paragraph]]:
    """Paragraphs page by page, as far as page breaks are set by hand."""
    sheet: list[Paragraph] = []
    for piece in (piece for _, pieces in sections for piece in pieces):
        if piece.breaks_page and sheet:
            yield sheet
            sheet = []
        sheet += _rows_of(piece)
    yield sheet


def _set_pages(source: Source, sections: Iterable[tuple[Sheet, list[Piece]]]) -> list[Page]:
    found: list[Page] = []
    for sheet, pieces in sections:
        pages: list[list[Block]] = []
        place = _Place(sheet)
        for piece in pieces:
            for page, block in place.blocks(piece):
                pages += [[] for _ in range(page + 1 - len(pages))]
                pages[page].append(block)
        size = round(sheet.width * UNIT, 2), round(sheet.height * UNIT, 2)
        for blocks in pages:
            found.append(new_page(source, "hwpx", "layout", len(found) + 1, size, tuple(blocks)))
    return found


@dataclass(slots=True)
class _Place:
    """Where the lines of a section stand: a line that is higher than the one before it begins a column or a page."""

    sheet: Sheet
    column: int = 0
    top: int = -1

    def blocks(self, piece: Piece) -> Iterator[tuple[int, Block]]:
        """Pages, from 0, and blocks of a paragraph."""
        if piece.breaks_page and self.top >= 0:
            self._new_page()
        for at, (line, text) in enumerate(zip(piece.lines, _broken(piece), strict=True)):
            if line.top < self.top:
                self.column += 1
            self.top = line.top
            if text.strip():
                yield self._page(), self._line(line, text, at + 1 == len(piece.lines))
        for row in piece.after:
            last = piece.lines[-1]
            height = max(last.height, piece.height) if row.kind == "table" else last.height
            yield self._page(), Block(text=row.text, kind=row.kind, box=self._box(last, last.width, height))

    def _new_page(self) -> None:
        self.column = (self._page() + 1) * self.sheet.columns
        self.top = -1

    def _page(self) -> int:
        return self.column // self.sheet.columns

    def _line(self, line: Line, text: str, is_last: bool) -> Block:
        words = tidy(text)
        letter = line.text if 0 < line.text < line.height else line.height
        line = line._replace(top=line.top + line.height - letter)
        width = min(line.width, int(width_of(words, letter)))
        if is_last:
            width = min(width, int(SHORT_END * line.width))
        elif text.endswith(" "):
            width = line.width
        return Block(text=words + (" " if text.endswith(" ") else ""), box=self._box(line, width, letter))

    def _box(self, line: Line, width: int, height: int) -> Box:
        column = self.column % self.sheet.columns
        step = (self.sheet.text_width + self.sheet.gap) // self.sheet.columns
        x0 = self.sheet.left + column * step + line.left
        y0 = self.sheet.top + line.top
        x1, y1 = min(x0 + width, self.sheet.width), min(y0 + height, self.sheet.height)
        return Box(x0=round(x0 * UNIT, 2), y0=round(y0 * UNIT, 2), x1=round(x1 * UNIT, 2), y1=round(y1 * UNIT, 2))


def _broken(piece: Piece) -> Iterator[str]:
    """The text of each line. A word that went over the end of a line stays whole on the first one."""
    cuts, at = [0], 0
    for line in piece.lines[1:]:
        while at < len(piece.text) and piece.positions[at] < line.start:
            at += 1
        while 0 < at < len(piece.text) and not (piece.text[at - 1].isspace() or piece.text[at].isspace()):
            at += 1
        while at < len(piece.text) and piece.text[at].isspace():
            at += 1
        cuts.append(at)
    for start, end in pairwise([*cuts, len(piece.text)]):
        yield piece.text[start:end].replace("\n", " ")
