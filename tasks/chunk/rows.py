"""The rows of a table in the text: the head, which every part of it repeats, and where a table goes on over the next page."""

from __future__ import annotations

import re
from collections.abc import Sequence

RULE = re.compile(r"\|(?:\s*:?-+:?\s*\|)+")
CELL_END = re.compile(r"(?<!\\)(?:\\\\)*\|")
ESCAPED = re.compile(r"\\([\\|])")
DIGIT = re.compile(r"\d")


def head_of(table: str) -> str:
    """The head row of a Markdown table and the rule below it, with their line ends; empty if it has none, or no row below."""
    parts = table.split("\n", 2)
    return "\n".join([*parts[:2], ""]) if len(parts) == 3 and RULE.fullmatch(parts[1]) else ""


def continued(head: str, after: str) -> str:
    """What a table adds to one with this head on the page before: rows without the same head; empty if it is another table."""
    repeated = head_of(after)
    if not head or not repeated or _columns(head) != _columns(repeated):
        return ""
    if head == repeated:
        return after[len(repeated) :]
    first, rest = repeated.split("\n", 1)[0], after[len(repeated) :]
    return "" if _is_head(first, rest.split("\n")) else f"{first}\n{rest}"


def cells_of(row: str) -> list[str]:
    """The cells of a row, as they were before their signs of Markdown were escaped."""
    return [ESCAPED.sub(r"\1", cell.strip()) for cell in CELL_END.split(row)[1:-1]]


def _columns(head: str) -> int:
    return len(cells_of(head.split("\n", 1)[0]))


def _is_head(first: str, rows: Sequence[str]) -> bool:
    """Whether a row names its columns: one of them has figures in every other row, and none in this."""
    columns = zip(*map(cells_of, rows), strict=False)
    return any(
        not DIGIT.search(name) and all(map(DIGIT.search, column)) for name, column in zip(cells_of(first), columns, strict=False)
    )
