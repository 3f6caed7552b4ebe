"""Draw the example documents: `sources/*.md` become `pdf/*.pdf`, the same bytes on every run.

A source is a front matter and one paragraph a line; sources are read top to bottom and set in one pass, like a typewriter
with a ruler. A PDF is written glyph by glyph with a character map of our own, because a font may draw two characters with
one glyph (space and no-break space, · and ・) and a reader has to get back the one that the source holds.
Marks at the start of a line:

    # text   part (centred, in the contents)          = text   title line
    ## text  article (in the contents)                ^ text   centred line
    ### text subheading                               | a | b | table row: a head or none, then |---|--:|, dashes give widths
    % plain            no running head and foot here  | ^ |     a cell that continues the one above
    % page             page break                     % gap 20           empty space in points
    % toc title        contents under a title
    % running text     running head on the right      % break char|word  where Korean lines may break
    % spaces glyph|move                               words apart by a space glyph, or by a pen move as in Hancom exports

Anything else is a paragraph; ①, 1., 가., 1.1, • and ※ hang. Run: `python -m examples.render [OUT_FOLDER]`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

import pymupdf

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "sources"
PDFS = HERE / "pdf"
NANUM = Path("/usr/share/fonts/truetype/nanum")

Role = Literal["body", "furniture"]
Align = Literal["left", "center", "right"]
Spaces = Literal["glyph", "move"]
Break = Literal["char", "word"]

SIZES = {"A4": (595.3, 841.9), "A5": (419.5, 595.3)}
# Family -> regular, bold: a file name in NANUM, or one of the fonts that come with PyMuPDF.
FAMILIES = {
    "NanumGothic": ("NanumGothic.ttf", "NanumGothicBold.ttf"),
    "NanumMyeongjo": ("NanumMyeongjo.ttf", "NanumMyeongjoBold.ttf"),
    "Times": ("tiro", "tibo"),
}
MOVE = 0.4  # em between words where no space is drawn
TRACKING = 0.05  # em: the most that a full line is stretched to meet the right margin
LEADING = 1.62
# Marker of a hanging paragraph -> how far it is set in, in em.
HANGS = ((r"[①-⑳] ", 0.0), (r"\d+\.\d+ ", 0.0), (r"\d+\. ", 1.0), (r"[가-하]\. ", 2.2), (r"• ", 1.0), (r"※ ", 0.0))
OPENERS, CLOSERS = "(「『【《“‘[", ")」』】》”’].,:;%"
CHAR_TOKENS = re.compile(rf' |[{re.escape(OPENERS)}"]*(?:[0-9A-Za-z.,~$/@-]+|.)[{re.escape(CLOSERS)}"]*')
WORD_TOKENS = re.compile(r" |[^ ]+")


class FontsMissingError(Exception):
    """The Nanum fonts are not on this machine."""


class SourceError(Exception):
    """A source holds something that cannot be drawn: names the source."""


@dataclass(frozen=True, slots=True)
class Source:
    """A parsed example: front matter and lines."""

    name: str
    meta: dict[str, str]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Face:
    """One font file with its metrics."""

    name: str
    path: str
    font: Any

    def glyph(self, char: str) -> int:
        """The glyph number of a character. Raises SourceError when the font has none."""
        number = self.font.has_glyph(ord(char))
        if not number:
            raise SourceError(f"{self.font.name} has no glyph for {char!r} (U+{ord(char):04X})")
        return int(number)

    def width(self, text: str, size: float, spaces: Spaces = "glyph") -> float:
        """How far the pen moves for `text`."""
        space = MOVE if spaces == "move" else _advance(self.font, " ")
        return size * (sum(_advance(self.font, char) for char in text if char != " ") + text.count(" ") * space)


@cache
def _advance(font: Any, char: str) -> float:
    return float(font.glyph_advance(ord(char)))


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text at a point; `tracking` is the extra space after each character."""

    x: float
    y: float
    text: str
    face: Face
    size: float
    role: Role
    spaces: Spaces = "glyph"
    tracking: float = 0.0


@dataclass(frozen=True, slots=True)
class Rule:
    """A line, or a filled box when `fill` is set."""

    x0: float
    y0: float
    x1: float
    y1: float
    fill: bool = False


@dataclass(slots=True)
class Sheet:
    """One page as it is being filled."""

    runs: list[Run] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    plain: bool = False
    running: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the contents."""

    level: int
    title: str
    page: int


@dataclass(frozen=True, slots=True)
class Column:
    """A table column: width in points and alignment."""

    width: float
    align: Align


@dataclass(frozen=True, slots=True)
class Table:
    """A measured table. A cell `^` continues the one above."""

    columns: tuple[Column, ...]
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    head_height: float
    heights: tuple[float, ...]

    def opening(self, page: float) -> float:
        """What has to stay together at its start: a small table whole, else head and three rows."""
        whole = self.head_height + sum(self.heights)
        return whole + 4 if whole < page * 0.4 else self.head_height + sum(self.heights[:3]) + 4


def load(path: Path) -> Source:
    """Read a source file."""
    front, _, body = path.read_text(encoding="utf-8").removeprefix("---\n").partition("\n---\n")
    meta = dict(line.split(": ", 1) for line in front.splitlines())
    return Source(path.stem, meta, tuple(line for line in body.splitlines() if line.strip()))


def body_text(source: Source) -> str:
    """The text of a source without markup and white space, in reading order."""
    texts = (" ".join(_cells(line)) if line.startswith("|") else _plain(line) for line in source.lines)
    return re.sub(r"\s+", "", "".join(texts))


def _plain(line: str) -> str:
    return "" if line.startswith("%") else re.sub(r"^(#+|=|\^) ", "", line)


def _cells(line: str) -> list[str]:
    return [] if _is_ruler(line) else [cell for cell in _row(line) if cell != "^"]


def _is_ruler(line: str) -> bool:
    return bool(re.fullmatch(r"[|:-]+", line))


@cache
def load_faces(family: str) -> tuple[Face, Face]:
    """Regular and bold. Raises FontsMissingError when a file is absent."""
    regular, bold = FAMILIES[family]
    return _face("R", regular), _face("B", bold)


def _face(name: str, file: str) -> Face:
    if not file.endswith(".ttf"):
        return Face(name, "", pymupdf.Font(file))
    path = NANUM / file
    if not path.exists():
        raise FontsMissingError(f"{path}: not found; install the Nanum fonts (Debian: apt-get install fonts-nanum)")
    return Face(name, str(path), pymupdf.Font(fontfile=str(path)))


def wrap(text: str, face: Face, size: float, width: float, at: Break, spaces: Spaces) -> list[str]:
    """Break `text` into lines of at most `width`; a word longer than a line is cut."""
    lines, line = [], ""
    for token in _tokens(text, face, size, width, at):
        if line and token != " " and face.width(line + token, size, spaces) > width:
            lines.append(line.strip())
            line = ""
        line += token
    return [*lines, line.strip()]


def _tokens(text: str, face: Face, size: float, width: float, at: Break) -> Iterator[str]:
    for match in (CHAR_TOKENS if at == "char" else WORD_TOKENS).finditer(text):
        token = match.group()
        if face.width(token, size) <= width:
            yield token
        else:
            yield from CHAR_TOKENS.findall(token)


class Layout:
    """Sets a source on sheets. `contents` are the entries of the run before: page numbers are known only afterwards."""

    def __init__(self, source: Source, faces: tuple[Face, Face], contents: Sequence[Entry]) -> None:
        self.source = source
        self.regular, self.bold = faces
        self.contents = contents
        self.entries: list[Entry] = []
        self.width, self.height = SIZES[source.meta["page"]]
        self.size = float(source.meta["size"])
        self.margin = self.width * 0.11
        self.top, self.bottom = self.margin + 14, self.height - self.margin - 6
        self.spaces: Spaces = "move" if source.meta.get("spaces") == "move" else "glyph"
        self.break_at: Break = "word"
        self.running = ""
        self.sheets: list[Sheet] = []
        self.new_sheet()
        self._set_all()
        self._add_furniture()

    @property
    def sheet(self) -> Sheet:
        """The page that is being filled."""
        return self.sheets[-1]

    @property
    def leading(self) -> float:
        """From one line of text to the next."""
        return self.size * LEADING

    @property
    def measure(self) -> float:
        """The width between the margins."""
        return self.width - 2 * self.margin

    def new_sheet(self) -> None:
        """Begin a page."""
        self.sheets.append(Sheet(running=self.running))
        self.y = self.top

    def need(self, height: float) -> None:
        """Begin a page unless `height` is left on this one."""
        if self.y + height > self.bottom:
            self.new_sheet()

    def put(self, x: float, text: str, face: Face, size: float, role: Role = "body", tracking: float = 0.0) -> None:
        """Draw text; the pen's height is the top of the line."""
        baseline = self.y + size * 1.1
        self.sheet.runs.append(Run(x, baseline, text, face, size, role, self.spaces, tracking))

    def _set_all(self) -> None:
        blocks = list(_blocks(self.source.lines))
        for number, block in enumerate(blocks):
            if block[0].startswith("#"):
                self.need(self._opening(blocks[number:]))
            if block[0].startswith("|"):
                self._table(self._make_table(block))
            else:
                self._line(block[0])

    def _opening(self, blocks: Sequence[Sequence[str]]) -> float:
        """Height of a heading with as much of what follows as has to stay with it."""
        block = blocks[0]
        if block[0].startswith("#"):
            return self.leading * 2.2 + (self._opening(blocks[1:]) if len(blocks) > 1 else 0.0)
        if block[0].startswith("|"):
            return self._make_table(block).opening(self.bottom - self.top)
        following = self._opening(blocks[1:]) if len(blocks) > 1 and blocks[1][0].startswith("|") else 0.0
        return self.leading * 3 + following

    def _line(self, line: str) -> None:
        mark, _, rest = line.partition(" ")
        match mark:
            case "%":
                self._directive(*rest.split(" ", 1))
            case "#":
                self._part(rest)
            case "##":
                self._article(rest)
            case "###":
                self._heading(rest, self.size + 0.5, before=0.5)
            case "=":
                self._centred(rest, self.bold, self.size * 2)
            case "^":
                self._centred(rest, self.regular, self.size + 0.5)
            case _:
                self._paragraph(line)

    def _directive(self, name: str, value: str = "") -> None:
        match name:
            case "plain":
                self.sheet.plain = True
            case "page":
                self.new_sheet()
            case "gap":
                self.y += float(value)
            case "running":
                self.running = self.sheet.running = value
            case "break":
                self.break_at = "char" if value == "char" else "word"
            case "spaces":
                self.spaces = "move" if value == "move" else "glyph"
            case "toc":
                self._table_of_contents(value)
            case _:
                raise SourceError(f"{self.source.name}: unknown directive {name!r}")

    def _centred(self, text: str, face: Face, size: float, role: Role = "body") -> None:
        for line in wrap(text, face, size, self.measure, "word", self.spaces):
            self.need(size * LEADING)
            self.put((self.width - face.width(line, size, self.spaces)) / 2, line, face, size, role)
            self.y += size * LEADING

    def _part(self, text: str) -> None:
        if self.y > self.top:
            self.y += self.leading
        self.running = text
        if self.y == self.top:
            self.sheet.running = text
        self.entries.append(Entry(1, text, len(self.sheets)))
        self._centred(text, self.bold, self.size + 3)
        self.y += self.leading * 0.35

    def _article(self, text: str) -> None:
        self.entries.append(Entry(2, text, len(self.sheets)))
        self._heading(text, self.size + 1, before=0.6)

    def _heading(self, text: str, size: float, before: float) -> None:
        if self.y > self.top:
            self.y += self.leading * before
        for line in wrap(text, self.bold, size, self.measure, "word", self.spaces):
            self.put(self.margin, line, self.bold, size)
            self.y += size * LEADING

    def _paragraph(self, text: str) -> None:
        inset, hang = self._hang(text)
        size = self.size - 0.5 if text.startswith("※") else self.size
        width = self.measure - inset - hang
        marker = re.match("|".join(pattern for pattern, _ in HANGS), text)
        start = marker.group() if marker else ""
        lines = wrap(text[len(start) :], self.regular, size, width, self.break_at, self.spaces)
        for number, line in enumerate(lines):
            self._keep_together(number, len(lines))
            first = number == 0
            drawn = start + line if first else line
            room = width + (hang if first else 0.0)
            tracking = 0.0 if number == len(lines) - 1 else self._tracking(drawn, size, room)
            self.put(self.margin + inset + (0.0 if first else hang), drawn, self.regular, size, tracking=tracking)
            self.y += self.leading
        self.y += self.leading * 0.12

    def _hang(self, text: str) -> tuple[float, float]:
        for pattern, inset in HANGS:
            if match := re.match(pattern, text):
                return inset * self.size, self.regular.width(match.group(), self.size, self.spaces)
        return 0.0, 0.0

    def _keep_together(self, number: int, count: int) -> None:
        """No first line alone at the foot of a page, no last line alone at the head of the next."""
        at_risk = 2 if (number == 0 and count > 1) or number == count - 2 else 1
        if number == 0 and count == 3:
            at_risk = 3
        self.need(at_risk * self.leading)

    def _tracking(self, line: str, size: float, room: float) -> float:
        slack = room - self.regular.width(line, size, self.spaces)
        each = slack / max(len(line) - 1, 1)
        return each if each <= TRACKING * size else 0.0

    def _table_of_contents(self, title: str) -> None:
        self._centred(title, self.bold, self.size + 3, "furniture")
        dot = self.regular.width("·", self.size)
        for entry in self.contents:
            face = self.bold if entry.level == 1 else self.regular
            inset = (entry.level - 1) * self.size * 1.2
            self.need(self.leading)
            if entry.level == 1 and self.y > self.top:
                self.y += self.leading * 0.25
            number = str(entry.page)
            right = self.width - self.margin - self.regular.width(number, self.size)
            left = self.margin + inset + face.width(entry.title + " ", self.size)
            count = int((right - left - dot) / dot)
            self.put(self.margin + inset, entry.title, face, self.size, "furniture")
            self.put(right - (count + 1) * dot, "·" * count, self.regular, self.size, "furniture")
            self.put(right, number, self.regular, self.size, "furniture")
            self.y += self.leading

    def _make_table(self, lines: Sequence[str]) -> Table:
        at = next(number for number, line in enumerate(lines) if _is_ruler(line))
        columns = _columns(lines[at], self.measure)
        rows = tuple(_row(line) for line in lines[at + 1 :])
        head = _row(lines[0]) if at else ()
        heights = tuple(self._row_height(row, columns) for row in rows)
        return Table(columns, head, rows, self._row_height(head, columns) if head else 0.0, heights)

    def _table(self, table: Table) -> None:
        self.need(table.opening(self.bottom - self.top))
        self.y += self.leading * 0.3
        self._table_head(table, "body")
        for number, (row, height) in enumerate(zip(table.rows, table.heights, strict=True)):
            if self.y + height > self.bottom:
                self.new_sheet()
                self._table_head(table, "furniture")
            end = self.y + height + sum(table.heights[number + 1 : number + 2])
            below = table.rows[number + 1] if number + 1 < len(table.rows) and end <= self.bottom else ()
            self._table_row(row, table.columns, height, below=below)
        self.y += self.leading * 0.5

    def _table_head(self, table: Table, role: Role) -> None:
        self.sheet.rules.append(Rule(self.margin, self.y, self.width - self.margin, self.y))
        if table.head:
            self._table_row(table.head, table.columns, table.head_height, role, is_head=True)

    def _cell_lines(self, cell: str, column: Column, face: Face) -> list[str]:
        text = "" if cell == "^" else cell
        return wrap(text, face, self._cell_size, column.width - self.size, self.break_at, self.spaces)

    @property
    def _cell_size(self) -> float:
        return self.size - 0.8

    def _row_height(self, row: Sequence[str], columns: Sequence[Column]) -> float:
        lines = max(len(self._cell_lines(cell, column, self.bold)) for cell, column in zip(row, columns, strict=True))
        return lines * self._cell_size * 1.45 + self.size * 0.6

    def _table_row(
        self,
        row: Sequence[str],
        columns: Sequence[Column],
        height: float,
        role: Role = "body",
        below: Sequence[str] = (),
        is_head: bool = False,
    ) -> None:
        left, top = self.margin, self.y
        for number, (cell, column) in enumerate(zip(row, columns, strict=True)):
            joined = bool(below) and below[number] == "^"
            self._frame(left, top, column.width, height, closed=not joined, fill=is_head)
            self._cell(cell, column, left, is_head, role)
            self.y, left = top, left + column.width
        self.y = top + height

    def _frame(self, x: float, y: float, width: float, height: float, closed: bool, fill: bool) -> None:
        right, below = x + width, y + height
        self.sheet.rules += [Rule(x, y, right, below, fill=True)] if fill else []
        self.sheet.rules += [Rule(x, y, x, below), Rule(right, y, right, below)]
        self.sheet.rules += [Rule(x, below, right, below)] if closed else []

    def _cell(self, cell: str, column: Column, left: float, is_head: bool, role: Role) -> None:
        face = self.bold if is_head else self.regular
        self.y += self.size * 0.3
        for line in self._cell_lines(cell, column, face):
            slack = column.width - self.size - face.width(line, self._cell_size, self.spaces)
            shift = {"left": 0.0, "center": slack / 2, "right": slack}["center" if is_head else column.align]
            if line:
                self.put(left + self.size / 2 + shift, line, face, self._cell_size, role)
            self.y += self._cell_size * 1.45

    def _add_furniture(self) -> None:
        """Running heads and feet, when the number of pages is known."""
        meta, size = self.source.meta, self.size - 1.5
        for number, sheet in enumerate(self.sheets, 1):
            if sheet.plain:
                continue
            foot = meta["footer"].format(page=number, pages=len(self.sheets))
            self._furnish(sheet, (self.width - self.regular.width(foot, size)) / 2, self.height - 28, foot, size)
            if head := meta.get("header"):
                running = sheet.running
                right = self.width - self.margin - self.regular.width(running, size)
                self._furnish(sheet, right, self.margin - 8, running, size)
                self._furnish(sheet, self.margin, self.margin - 8, head, size)
                sheet.rules.append(Rule(self.margin, self.margin - 3, self.width - self.margin, self.margin - 3))

    def _furnish(self, sheet: Sheet, x: float, y: float, text: str, size: float) -> None:
        if text:
            spaces = sheet.runs[-1].spaces if sheet.runs else self.spaces
            sheet.runs.insert(0, Run(x, y, text, self.regular, size, "furniture", spaces))


def _columns(ruler: str, measure: float) -> tuple[Column, ...]:
    marks = ruler.strip("|").split("|")
    dashes = [mark.count("-") for mark in marks]
    return tuple(Column(measure * n / sum(dashes), _align(mark)) for mark, n in zip(marks, dashes, strict=True))


def _align(mark: str) -> Align:
    if mark.endswith(":"):
        return "center" if mark.startswith(":") else "right"
    return "left"


def _row(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line.strip().strip("|").split("|"))


def _blocks(lines: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The lines one by one, those of a table together."""
    for is_table, group in groupby(lines, key=lambda line: line.startswith("|")):
        members = tuple(group)
        yield from (members,) if is_table else ((line,) for line in members)


def lay_out(source: Source, faces: tuple[Face, Face]) -> Layout:
    """Set a source, again and again until its contents show the right pages."""
    layout = Layout(source, faces, ())
    while list(layout.contents) != layout.entries:
        layout = Layout(source, faces, layout.entries)
    return layout


def draw(layout: Layout) -> bytes:
    """Write the sheets as a PDF."""
    document = pymupdf.open()
    xrefs: dict[str, int] = {}
    for sheet in layout.sheets:
        page = document.new_page(width=layout.width, height=layout.height)
        fonts = {run.face.name: run.face for run in sheet.runs}
        xrefs |= {name: _insert_font(page, face) for name, face in fonts.items()}
        content = document.get_new_xref()
        document.update_object(content, "<<>>")
        document.update_stream(content, _content(sheet, layout.height).encode("ascii"))
        page.set_contents(content)
    document.subset_fonts()
    for name, xref in xrefs.items():
        _map_characters(document, xref, _used(layout, name))
    _describe(document, layout)
    data: bytes = document.tobytes(garbage=4, deflate=True, deflate_fonts=True, use_objstms=1, no_new_id=True)
    return data


def _insert_font(page: Any, face: Face) -> int:
    source = {"fontfile": face.path} if face.path else {"fontbuffer": face.font.buffer}
    return int(page.insert_font(fontname=face.name, **source))


def _content(sheet: Sheet, height: float) -> str:
    rules = [_rule_operators(rule, height) for rule in sorted(sheet.rules, key=lambda rule: not rule.fill)]
    texts = [operators for run in sheet.runs for operators in _text_operators(run, height)]
    return "\n".join(["0.5 w", *rules, "0 g BT", *texts, "ET"])


def _rule_operators(rule: Rule, height: float) -> str:
    x0, y0, x1, y1 = rule.x0, height - rule.y0, rule.x1, height - rule.y1
    if rule.fill:
        return f"0.91 g {x0:.2f} {y1:.2f} {x1 - x0:.2f} {y0 - y1:.2f} re f"
    return f"0.35 G {x0:.2f} {y0:.2f} m {x1:.2f} {y1:.2f} l S"


def _text_operators(run: Run, height: float) -> Iterator[str]:
    x = run.x
    for piece in run.text.split(" ") if run.spaces == "move" else [run.text]:
        glyphs = "".join(f"{run.face.glyph(char):04x}" for char in piece)
        yield f"/{run.face.name} {run.size:g} Tf {run.tracking:.3f} Tc 1 0 0 1 {x:.2f} {height - run.y:.2f} Tm <{glyphs}> Tj"
        x += run.face.width(piece, run.size) + run.tracking * (len(piece) + 1) + MOVE * run.size


def _used(layout: Layout, name: str) -> dict[int, str]:
    """Glyph -> character of one face. Raises SourceError when two characters of the source share a glyph."""
    used: dict[int, str] = {}
    for run in (run for sheet in layout.sheets for run in sheet.runs if run.face.name == name):
        for char in run.text:
            if used.setdefault(glyph := run.face.glyph(char), char) != char:
                raise SourceError(
                    f"{layout.source.name}: {char!r} and {used[glyph]!r} look the same in this font; use one of them"
                )
    return used


def _map_characters(document: Any, font: int, used: dict[int, str]) -> None:
    """Replace the font's ToUnicode map."""
    pairs = [f"<{glyph:04x}> <{char.encode('utf-16-be').hex()}>" for glyph, char in sorted(used.items())]
    blocks = [pairs[i : i + 100] for i in range(0, len(pairs), 100)]
    lines = [line for block in blocks for line in (f"{len(block)} beginbfchar", *block, "endbfchar")]
    head = "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def /CMapName /Example def"
    space = "1 begincodespacerange <0000> <ffff> endcodespacerange"
    tail = "endcmap CMapName currentdict /CMap defineresource pop end end"
    kind, reference = document.xref_get_key(font, "ToUnicode")
    if kind != "xref":
        raise SourceError(f"font object {font} has no ToUnicode map")
    document.update_stream(int(reference.split()[0]), "\n".join([head, space, *lines, tail]).encode("ascii"))


def _describe(document: Any, layout: Layout) -> None:
    meta = layout.source.meta
    stamp = f"D:{meta['date'].replace('-', '')}090000+09'00'"
    document.set_metadata(
        {
            "title": meta["title"],
            "author": meta["author"],
            "producer": "jeongdap examples",
            "creationDate": stamp,
            "modDate": stamp,
        }
    )
    document.set_language(meta["language"])


def render(source: Source) -> bytes:
    """A source as a PDF."""
    return draw(lay_out(source, load_faces(source.meta["font"])))


def main(arguments: Sequence[str]) -> int:
    """Render every source into a folder (default: `pdf/` beside this file)."""
    folder = Path(arguments[0]) if arguments else PDFS
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(SOURCES.glob("*.md")):
        try:
            data = render(load(path))
        except (FontsMissingError, SourceError) as exc:
            print(f"{path.name}: {exc}", file=sys.stderr)
            return 1
        target = folder / f"{path.stem}.pdf"
        target.write_bytes(data)
        print(f"{target}: {len(data) // 1000} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
