"""Word files to pages of rows.

The text, its order, tables and the numbers that Word makes itself are in the file; where lines stand is not. Word leaves marks
where its pages ended when it last showed the file: with them the page numbers are the printed ones, else breaks set by hand
count. Headers, footers, notes, hidden and deleted text are left out, each with a reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tasks.read.cells import Cell, as_paragraphs, table_rows
from tasks.read.numbering import Counters, Level
from tasks.read.package import Element, Package, child, number
from tasks.read.refusal import Reason, Unusable, guarded, leave_out
from tasks.read.rows import Paragraph, paged, row_pages, tidy
from tasks.records import Block, Box, Dropped, Kept, Page, Source

OLE = "is an old Word file or has a password; save it as DOCX or PDF without one"
DOCUMENT = "officeDocument"
WRAPPERS = frozenset({"sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag", "hyperlink", "fldSimple", "dir", "bdo"})
LEFT_OUT: Final[dict[str, Reason]] = {
    "header": "running_header",
    "footer": "running_footer",
    "footnotes": "footnote",
    "endnotes": "endnote",
}
PRIVATE = re.compile("[\ue000-\uf8ff]")  # bullets of symbol fonts
TITLE_STYLES = frozenset({"Title", "제목"})
BREAK = "\f"
MAX_NESTED = 20  # styles based on styles


def read_docx(path: Path, source: Source) -> Kept[Page]:
    """The pages of a Word file. A file that cannot be used is dropped whole; nothing raises."""
    return guarded(source, lambda: _read(path, source))


def _read(path: Path, source: Source) -> Kept[Page]:
    with Package(path, OLE) as package:
        start = next((name for kind, name in package.related("").values() if kind == DOCUMENT), "word/document.xml")
        body = child(package.part(start), "body")
        if body is None:
            raise Unusable("wrong_type", "holds no Word document; was it renamed?")
        parts = package.related(start)
        named = {kind: package.part(name) for kind, name in parts.values() if kind in ("styles", "numbering")}
        reader = _Reader(_Lists(named.get("numbering"), named.get("styles")), body.find(".//lastRenderedPageBreak") is not None)
        reader.read(body)
        others = [(kind, package.part(name)) for kind, name in sorted(set(parts.values())) if kind in LEFT_OUT]
    if not any(reader.sheets):
        raise Unusable("no_text", "opens, but has no text; does it hold pictures only? Save it as PDF")
    first = f"{source.id}-p1"
    dropped = [_dropped(first, "hidden", words) for words in reader.hidden]
    dropped += [_dropped(first, "picture", "")] * reader.pictures
    dropped += [_dropped(first, LEFT_OUT[kind], words) for kind, part in others for words in _texts(part)]
    if len(reader.sheets) > 1:
        return Kept(row_pages(source, "docx", "page_breaks", reader.sheets), dropped)
    return Kept(row_pages(source, "docx", "no_layout", paged(reader.sheets[0])), dropped)


def _dropped(page_id: str, reason: Reason, words: str) -> Dropped:
    return leave_out(Block(text=words, box=Box(x0=0, y0=0, x1=0, y1=0)), page_id, reason, "left out of the text of a Word file")


def _all(part: Element | None, tag: str) -> Iterator[Element]:
    return iter(()) if part is None else part.iter(tag)


def _texts(part: Element | None) -> Iterator[str]:
    """The paragraphs of a header, a footer or of notes."""
    for paragraph in _all(part, "p"):
        if words := tidy("".join(t.text or "" for t in paragraph.iter("t"))):
            yield words


class _Lists:
    """The lists of a document: which paragraph counts in which, and what Word writes before it."""

    def __init__(self, numbering: Element | None, styles: Element | None) -> None:
        self._counters = Counters()
        self._styles = {style.get("styleId", ""): style for style in _all(styles, "style")}
        abstract = {a.get("abstractNumId"): _levels(a) for a in _all(numbering, "abstractNum")}
        self._lists: dict[str, tuple[str, dict[int, Level]]] = {}
        self._fresh: set[str] = set()  # lists that begin anew where they are first used
        for num in _all(numbering, "num"):
            key, base = num.get("numId", ""), child(num, "abstractNumId")
            name = (base.get("val") if base is not None else None) or ""
            self._lists[key] = name, abstract.get(name, {})
            if num.find("lvlOverride/startOverride") is not None:
                self._fresh.add(key)

    def number(self, properties: Element | None) -> str:
        """What stands before a paragraph with these properties."""
        key, at = self._place(properties)
        if key not in self._lists:
            return ""
        name, levels = self._lists[key]
        if key in self._fresh:
            self._fresh.discard(key)
            self._counters.restart(name)
        return self._counters.next(name, at, levels)

    def is_title(self, properties: Element | None) -> bool:
        """Whether the paragraph has the style of a document's title."""
        style = self._styles.get(_value(child(properties, "pStyle")))
        return style is not None and bool(TITLE_STYLES & {style.get("styleId"), _value(child(style, "name"))})

    def _place(self, properties: Element | None) -> tuple[str, int]:
        """The list of a paragraph and its level: its own, or that of its style, or of the style that is based on."""
        for _ in range(MAX_NESTED):
            if (own := child(properties, "numPr")) is not None and child(own, "numId") is not None:
                return _value(child(own, "numId")), number(child(own, "ilvl"), "val")
            style = self._styles.get(_value(child(properties, "pStyle")) or _value(child(properties, "basedOn")))
            if style is None:
                return "", 0
            properties = Element("pPr")
            properties.extend([*(child(style, "pPr") or ()), *style.findall("basedOn")])
        return "", 0


def _value(element: Element | None) -> str:
    return "" if element is None else element.get("val", "")


def _levels(abstract: Element) -> dict[int, Level]:
    found = {}
    for level in abstract.iter("lvl"):
        sort = _value(child(level, "numFmt")) or "decimal"
        pattern = _value(child(level, "lvlText"))
        pattern = PRIVATE.sub("•", pattern) if sort == "bullet" else pattern
        found[number(level, "ilvl")] = Level(number(child(level, "start"), "val", 1), sort, pattern)
    return found


@dataclass(slots=True)
class _Reader:
    """Walks over the body. `rendered` says that Word left marks where its pages ended: then only these count."""

    lists: _Lists
    rendered: bool
    sheets: list[list[Paragraph]] = field(default_factory=lambda: [[]])
    hidden: list[str] = field(default_factory=list)
    pictures: int = 0

    def read(self, container: Iterable[Element]) -> None:
        """The paragraphs and tables of a container, in order."""
        for element in container:
            if element.tag == "p":
                self._paragraph(element)
            elif element.tag == "tbl":
                self.sheets[-1] += as_paragraphs(self._rows(element))
            elif element.tag in WRAPPERS:
                self.read(element)

    def _paragraph(self, element: Element) -> None:
        properties = child(element, "pPr")
        if child(properties, "pageBreakBefore") is not None and not self.rendered and self.sheets[-1]:
            self.sheets.append([])
        boxes: list[Element] = []
        text = "".join(self._text(element, boxes))
        before, text = _leading_breaks(text)
        self.sheets += [[] for _ in range(before)]
        here = self.sheets[-1]
        self.sheets += [[] for _ in range(text.count(BREAK))]
        lines = [line for raw in text.replace(BREAK, " ").split("\n") if (line := tidy(raw))]
        if lines:
            lines[0] = tidy(f"{self.lists.number(properties)} {lines[0]}")
            here += [Paragraph(line, is_title=self.lists.is_title(properties)) for line in lines]
        for box in boxes:
            self.read(box)
        if not self.rendered and _ends_page(child(properties, "sectPr")):
            self.sheets.append([])

    def _text(self, element: Element, boxes: list[Element]) -> Iterator[str]:
        for part in element:
            if part.tag == "r":
                yield from self._run(part, boxes)
            elif part.tag in WRAPPERS:
                yield from self._text(part, boxes)

    def _run(self, run: Element, boxes: list[Element]) -> Iterator[str]:
        hidden = child(run, "rPr", "vanish")
        if hidden is not None and hidden.get("val") not in ("0", "false", "off"):
            if words := tidy("".join(t.text or "" for t in run.iter("t"))):
                self.hidden.append(words)
            return
        for part in run:
            if part.tag == "t":
                yield (part.text or "").replace(BREAK, " ").replace("\n", " ")
            elif part.tag in ("drawing", "pict", "object", "AlternateContent"):
                self.pictures += any(inner.tag in ("blip", "imagedata") for inner in part.iter())
                boxes += _text_boxes(part)
            else:
                yield self._sign(part)

    def _sign(self, part: Element) -> str:
        if part.tag == "br":
            page = part.get("type") == "page"
            return ("" if self.rendered else BREAK) if page else "\n"
        if part.tag == "lastRenderedPageBreak":
            return BREAK
        return {"tab": " ", "ptab": " ", "cr": "\n", "noBreakHyphen": "-", "sym": "•"}.get(part.tag, "")

    def _rows(self, table: Element) -> list[list[str]]:
        return table_rows(self._cells(table))

    def _cells(self, table: Element) -> Iterator[Cell]:
        above: dict[int, str] = {}
        for row, line in enumerate(_inside(table, "tr")):
            column = number(child(line, "trPr", "gridBefore"), "val", limit=1000)
            for cell in _inside(line, "tc"):
                span = max(1, number(child(cell, "tcPr", "gridSpan"), "val", 1, limit=1000))
                merge = child(cell, "tcPr", "vMerge")
                goes_on = merge is not None and merge.get("val") != "restart" and column in above
                text = above[column] if goes_on else self._cell_text(cell)
                above[column] = text
                yield Cell(text, row, column, 1, span)
                column += span

    def _cell_text(self, cell: Element) -> str:
        """The lines of a cell; a table in it is told row by row."""
        inner = _Reader(self.lists, rendered=True, hidden=self.hidden)
        inner.read(cell)
        self.pictures += inner.pictures
        return "\n".join(p.text for sheet in inner.sheets for p in sheet)


def _inside(element: Element, tag: str) -> Iterator[Element]:
    """The rows of a table or the cells of a row, also where they are wrapped."""
    for part in element:
        if part.tag == tag:
            yield part
        elif part.tag in WRAPPERS:
            yield from _inside(part, tag)


def _text_boxes(part: Element) -> list[Element]:
    """The contents of text boxes; each is stored twice, for new and old versions of Word, and counts once."""
    if part.tag == "AlternateContent":
        return [box for choice in part.findall("Choice")[:1] for box in choice.iter("txbxContent")]
    return list(part.iter("txbxContent"))


def _leading_breaks(text: str) -> tuple[int, str]:
    """How many pages end before the first word, and the rest."""
    rest = text.lstrip(" \n" + BREAK)
    return text[: len(text) - len(rest)].count(BREAK), rest


def _ends_page(section: Element | None) -> bool:
    return section is not None and _value(child(section, "type")) in ("", "nextPage", "oddPage", "evenPage")
