"""Tables of word processors to rows of cells: a merged cell is repeated in every place that it covers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from tasks.read.refusal import Unusable
from tasks.read.rows import Paragraph
from tasks.text.markdown_table import markdown_table

MAX_CELLS = 200_000  # of one table; a hostile file says that a cell covers a million rows
MAX_LETTERS = 20_000_000  # of one table with its repeated cells


class Cell(NamedTuple):
    """A cell: what it says, where it begins and how many rows and columns it covers."""

    text: str
    row: int
    column: int
    rows: int = 1
    columns: int = 1


def table_rows(cells: Iterable[Cell]) -> list[list[str]]:
    """The rows of a table; places that no cell covers are empty."""
    found = list(cells)
    height = max((cell.row for cell in found), default=-1) + 1
    width = max((cell.column + cell.columns for cell in found), default=0)
    if height * width > MAX_CELLS:
        raise Unusable("too_large", f"has a table of {height:,} × {width:,} cells")
    if sum(len(cell.text) * min(cell.rows, height) * cell.columns for cell in found) > MAX_LETTERS:
        raise Unusable("too_large", f"has a table of more than {MAX_LETTERS:,} letters")
    grid = [[""] * width for _ in range(height)]
    for cell in found:
        for row in grid[cell.row : cell.row + cell.rows]:
            row[cell.column : cell.column + cell.columns] = [cell.text] * cell.columns
    return grid


def as_paragraphs(rows: list[list[str]]) -> list[Paragraph]:
    """A table as one paragraph. What has one column only is a frame around text, and stays text."""
    if all(len(row) < 2 for row in rows):
        return [Paragraph(line) for row in rows for cell in row for line in cell.split("\n") if line]
    if not any(cell for row in rows for cell in row):
        return []
    return [Paragraph(markdown_table(rows), "table")]
