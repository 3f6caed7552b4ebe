"""Pages for text that has no layout of its own: a paragraph is a row, one below the other.

Every later step needs a page and a box. Where a file knows its paragraphs, and nobody knows where they will be printed, each gets
a row of a simple long page: one block a paragraph, so no word and no sentence is ever broken. Rows stand so far apart that no
two of them look like lines of one paragraph, and clear of the margins, where running heads are looked for. Such pages say so:
their reason is `no_layout`, or `page_breaks` where at least the page numbers come from the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from tasks.records import Block, BlockKind, Box, Page, Source
from tasks.text.normal import stored

Layout = Literal["no_layout", "page_breaks", "layout"]

WIDTH = 595.0  # A4, points
LEFT, RIGHT = 60.0, 535.0
LETTER = 11.0
STEP = 5 * LETTER  # more than four line heights are never the distance of two lines of a paragraph
TITLE = 1.5  # times the height of the text
ROWS = 60  # a page
MARGIN = 0.12  # of the height of the page


class Paragraph(NamedTuple):
    """A paragraph, or a table; `is_title` of the whole document."""

    text: str
    kind: BlockKind = "text"
    is_title: bool = False


def paragraphs(text: str) -> list[Paragraph]:
    """The lines of a text as paragraphs, white space put in order, empty ones left out."""
    return [Paragraph(line) for raw in text.splitlines() if (line := tidy(raw))]


def tidy(text: str) -> str:
    """NFC, no control characters, single spaces."""
    return " ".join(stored(text.replace("\t", " ")).split())


def paged(found: Sequence[Paragraph]) -> list[Sequence[Paragraph]]:
    """Paragraphs on pages of so many rows."""
    return [found[at : at + ROWS] for at in range(0, len(found), ROWS)]


def row_pages(source: Source, engine: str, reason: Layout, sheets: Iterable[Sequence[Paragraph]]) -> list[Page]:
    """Pages of rows, numbered from 1."""
    return [row_page(source, engine, reason, number, sheet) for number, sheet in enumerate(sheets, start=1)]


def row_page(source: Source, engine: str, reason: Layout, number: int, sheet: Sequence[Paragraph]) -> Page:
    """One page of rows, as long as it must be; blank without any."""
    height = max(ROWS, len(sheet)) * STEP / (1 - 2 * MARGIN)
    blocks = tuple(_row(row, MARGIN * height + STEP * at) for at, row in enumerate(sheet))
    return new_page(source, engine, reason, number, (WIDTH, round(height, 2)), blocks)


def new_page(
    source: Source, engine: str, reason: Layout, number: int, size: tuple[float, float], blocks: tuple[Block, ...]
) -> Page:
    """A page of text; blank without any."""
    return Page(
        document=source.id,
        path=source.path,
        number=number,
        width=size[0],
        height=size[1],
        origin="text" if blocks else "blank",
        engine=engine if blocks else "",
        reason=reason if blocks else "no_text",
        blocks=blocks,
    )


def width_of(text: str, letter: float) -> float:
    """About how wide a text is drawn whose Hangul syllables are `letter` wide."""
    wide = sum(c >= "\u1100" for c in text)
    return letter * (wide + 0.5 * (len(text) - wide))


def _row(row: Paragraph, top: float) -> Block:
    letter = LETTER * (TITLE if row.is_title else 1)
    right = min(RIGHT, LEFT + width_of(row.text, letter))
    box = Box(x0=LEFT, y0=round(top, 2), x1=round(right, 2), y1=round(top + letter, 2))
    return Block(text=row.text, box=box, kind=row.kind)
