"""Which lines are a table of contents: they name every clause, and would open each of them twice.

Two signs: dots that lead to a page number, and a run of headings with nothing between them that come again later.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tasks.chunk.lines import Line
from tasks.text.normal import comparable
from tasks.text.outline import ENOUGH_LEADERS, has_leaders, heading, squeezed

PAGE_NUMBER = re.compile(r"\s*[-–]?\s*(?:\d{1,4}|[ivxl]{1,6})\s*[-–]?$")
TITLES = frozenset({"목차", "차례", "contents", "tableofcontents", "약관목차"})
SHORTEST_RUN = 5  # headings in a row
AGAIN = 0.6  # share of them that must come again


def contents_lines(lines: Sequence[Line]) -> set[int]:
    """Indices of the lines that belong to a table of contents."""
    found = _with_leaders(lines) | _repeated_runs(lines)
    found |= {i for i in _titles(lines) if i + 1 in found or i - 1 in found}
    return {i for i in found if not lines[i].is_table}


def _with_leaders(lines: Sequence[Line]) -> set[int]:
    pages: dict[int, list[int]] = {}
    for i, line in enumerate(lines):
        if has_leaders(line.text):
            pages.setdefault(line.page, []).append(i)
    return {i for led in pages.values() if len(led) >= ENOUGH_LEADERS for i in range(led[0], led[-1] + 1)}


def _repeated_runs(lines: Sequence[Line]) -> set[int]:
    keys = [_key(line.text) for line in lines]
    last = {key: i for i, key in enumerate(keys) if key}
    found: set[int] = set()
    run: list[int] = []
    for i in range(len(lines) + 1):
        if i < len(lines) and keys[i] and _is_bare(lines[i].text):
            run.append(i)
        elif i == len(lines) or not PAGE_NUMBER.fullmatch(lines[i].text):
            found |= _contents_of(run, {j for j in run if last[keys[j]] > j})
            run = []
    return found


def _contents_of(run: Sequence[int], again: set[int]) -> set[int]:
    """The part of a run of headings that is a table of contents; the text may begin right behind it."""
    if len(again) < SHORTEST_RUN:
        return set()
    part = [j for j in run if j <= max(again)]
    return set(range(part[0], part[-1] + 1)) if len(again) >= AGAIN * len(part) else set()


def _key(text: str) -> str:
    opened = heading(text)
    return comparable(opened.title if opened.level == "article" else PAGE_NUMBER.sub("", opened.title)) if opened else ""


def _is_bare(text: str) -> bool:
    """Whether a heading has nothing behind it but a page number."""
    opened = heading(text)
    return opened is not None and not re.sub(r"<[^>]*>", "", PAGE_NUMBER.sub("", text[opened.end :])).strip()


def is_contents_title(text: str) -> bool:
    """Whether a line says no more than that a table of contents follows."""
    return comparable(squeezed(text)) in TITLES


def _titles(lines: Sequence[Line]) -> set[int]:
    return {i for i, line in enumerate(lines) if is_contents_title(line.text)}
