"""Pages for tests: drawn as real PDFs with pymupdf's own Korean font, or set as records without a PDF."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pymupdf

from tasks.chunk.lines import width_in_letters
from tasks.records import Block, Box, Page, Source, bytes_id

LETTER = 10.0
SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "data"


def draw(path: Path, pages: Sequence[Sequence[tuple[float, float, str]]], rotate: int = 0) -> Source:
    """A PDF with texts at given places (x, baseline), and its source record; the project is the folder of the file."""
    with pymupdf.open() as document:
        for texts in pages:
            page = document.new_page(width=595, height=842)
            for x, y, text in texts:
                page.insert_text((x, y), text, fontname="korea", fontsize=LETTER)
            page.set_rotation(rotate)
        path.write_bytes(document.tobytes())
    return source_of(path)


def source_of(path: Path) -> Source:
    """The source record of a file."""
    return Source(id=bytes_id(path.read_bytes()), path=path.name, size=path.stat().st_size)


def drawn_width(text: str) -> float:
    """Width of a text as `draw` draws it."""
    return float(pymupdf.get_text_length(text, fontname="korea", fontsize=LETTER))


def block(text: str, x: float, y: float, letter: float = LETTER) -> Block:
    """A line of text at a place."""
    return Block(text=text, box=Box(x0=x, y0=y, x1=x + letter * width_in_letters(text.strip()), y1=y + letter))


def page(number: int, blocks: Iterable[Block], origin: str = "text", reason: str = "text_layer") -> Page:
    """A page of given blocks."""
    return Page(
        document="d" * 32,
        path="law.pdf",
        number=number,
        width=595,
        height=842,
        origin=origin,  # type: ignore[arg-type]
        engine="pymupdf",
        reason=reason,
        blocks=tuple(blocks),
    )


def wrap(paragraph: str, letters: float = 50, inside_words: bool = True) -> list[str]:
    """A paragraph in lines of so many letters, broken inside words as law prints are, or between them."""
    lines, line = [], ""
    for piece in paragraph if inside_words else paragraph.replace(" ", " \0").split("\0"):
        if width_in_letters((line + piece).rstrip()) > letters:
            lines.append(line.strip())
            line = ""
        line += piece
    return [text for text in [*lines, line.strip()] if text]


def set_pages(paragraphs: Sequence[str], letters: float = 50, inside_words: bool = True, per_page: int = 40) -> list[Page]:
    """Pages on which paragraphs stand one below the other; the first line of each hangs out by one letter."""
    placed = [(line, 40 if k else 30) for p in paragraphs for k, line in enumerate(wrap(p, letters, inside_words))]
    chunks = [placed[i : i + per_page] for i in range(0, len(placed), per_page)]
    return [
        page(number, [block(line, x, 70 + 16 * row) for row, (line, x) in enumerate(lines)])
        for number, lines in enumerate(chunks, start=1)
    ]
