"""Text from PDFs and people inside Markdown: it must stay text.

A title may hold a pipe, a link, HTML or a line end; in a card it is shown as it is and does nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_ACTIVE = re.compile(r"([\\`*_{}\[\]()#+!|~])")
_SHOWN = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escape(text: str, longest: int = 200) -> str:
    """One line of inert text, cut at `longest` characters."""
    line = " ".join(text.split())
    line = line if len(line) <= longest else line[: longest - 1] + "…"
    line = "".join(_SHOWN.get(c, c) for c in line).replace("://", ":&#47;&#47;")
    return _ACTIVE.sub(r"\\\1", line)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; cells that are strings are escaped."""
    lines = [head, ["---"] * len(head), *([_cell(value) for value in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def fenced(text: str, language: str) -> str:
    """A code block whose fence is longer than any run of backticks in it."""
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", text))])
    return f"{fence}{language}\n{text}\n{fence}"


def _cell(value: object) -> str:
    return escape(value) if isinstance(value, str) else f"{value:,}" if isinstance(value, int) else str(value)
