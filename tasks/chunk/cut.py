"""Pages to chunks: one clause, or some paragraphs of a long one, each with the places of its lines.

Nothing is lost in silence: every block of every page is in a chunk or among the dropped, a page without text is dropped whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from tasks.chunk.clauses import Clause, clauses
from tasks.chunk.contents import contents_lines
from tasks.chunk.describe import describe
from tasks.chunk.flow import Flow, Flower
from tasks.chunk.lines import Layout, Line, lines_of
from tasks.chunk.split import Piece, split
from tasks.records import Chunk, Document, Dropped, Kept, Language, Page, Span
from tasks.settings import ChunkSettings
from tasks.text.tokens import estimate_tokens

__all__ = ["Reason", "cut", "describe"]

STEP = "chunk"
Reason = Literal["blank", "needs_ocr", "table_of_contents", "heading", "too_short"]
PREAMBLE: dict[Language, str] = {"ko": "머리말", "en": "preamble"}
FEW_TOKENS = 12  # text outside all clauses below this is a stamp or a stray line


def cut(document: Document, pages: Sequence[Page], settings: ChunkSettings) -> Kept[Chunk]:
    """The chunks of a document, clause by clause; a clause over the budget in parts that end where sentences end."""
    kept: Kept[Chunk] = Kept([], list(_pages_without_text(pages)))
    lines = lines_of([page for page in pages if _has_text(page)])
    layout = Layout(lines)
    contents = contents_lines(lines)
    kept.dropped.extend(_dropped(lines, sorted(contents), "table_of_contents", "names the clauses"))
    flower = Flower(layout)
    for clause in clauses(layout, contents, document.title, PREAMBLE[document.language]):
        if clause.is_bare:
            kept.dropped.extend(_dropped(lines, clause.lines, "heading", " > ".join(clause.heading)))
            continue
        flow = flower.flow(clause.lines, clause.opening)
        if clause.level == "preamble" and estimate_tokens(flow.text) < FEW_TOKENS:
            kept.dropped.extend(_dropped(lines, clause.lines, "too_short", clause.key))
            continue
        kept.rows.extend(_chunks(document, clause, flow, lines, settings))
    return kept


def _has_text(page: Page) -> bool:
    return page.origin in ("text", "ocr") and any(block.text.strip() for block in page.blocks)


def _pages_without_text(pages: Iterable[Page]) -> Iterator[Dropped]:
    for page in pages:
        if page.origin == "needs_ocr":
            yield Dropped.of(page, page.id, STEP, "needs_ocr", page.reason)
        elif not _has_text(page):
            yield Dropped.of(page, page.id, STEP, "blank", page.reason if page.origin == "blank" else "only running lines")


def _dropped(lines: Sequence[Line], indices: Iterable[int], reason: Reason, detail: str) -> Iterator[Dropped]:
    for i in indices:
        yield Dropped.of(lines[i].block, lines[i].page_id, STEP, reason, detail)


def _chunks(document: Document, clause: Clause, flow: Flow, lines: Sequence[Line], settings: ChunkSettings) -> Iterator[Chunk]:
    heading = (document.title, *clause.heading)
    for part, piece in enumerate(split(flow, settings.max_tokens), start=1):
        text = flow.said(piece)
        yield Chunk(
            id=Chunk.make_id(heading, clause.key, part, text),
            document=document.id,
            path=document.path,
            language=document.language,
            heading=heading,
            clause=clause.key,
            part=part,
            text=text,
            spans=tuple(_spans(flow, piece, lines)),
        )


def _spans(flow: Flow, piece: Piece, lines: Sequence[Line]) -> Iterator[Span]:
    start, end = piece
    head = flow.head_above(start)
    repeated = head[1] - head[0] if head else 0
    for place in flow.places:
        begins = head is not None and place.start == head[0]
        if place.start < end and start < place.end:
            at = 0 if begins else max(place.start, start) - start + repeated
            yield _span(lines[place.line], at, min(place.end, end) - start + repeated)
        elif begins:
            yield _span(lines[place.line], 0, repeated - 1)


def _span(line: Line, start: int, end: int) -> Span:
    return Span(page=line.page, box=line.box, start=start, end=end)
