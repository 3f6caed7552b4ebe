"""What the rows of the tables in a clause say: the value of one column where the columns before it have these values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tasks.chunk.rows import cells_of, head_of
from tasks.text.sentences import ends_sentence

ROW = re.compile(r"\|.*\|")
DIGIT = re.compile(r"\d")
WORD = re.compile(r"\w")
LONGEST_CONDITIONS = 100  # characters
LONGEST_VALUE = 80


@dataclass(frozen=True, slots=True)
class Fact:
    """In the one row where the named columns have these values, column `name` has `value`. Head row and row are its quotes."""

    conditions: tuple[tuple[str, str], ...]
    name: str
    value: str
    quotes: tuple[str, str]


def is_row(line: str) -> bool:
    """Whether a line is a row of a table."""
    return ROW.fullmatch(line) is not None


def facts(text: str) -> Iterator[Fact]:
    """At most one for each row; rows that cannot be told apart, or whose columns have no names, have none."""
    table: list[str] = []
    for line in [*text.split("\n"), ""]:
        if is_row(line):
            table.append(line)
        elif table:
            yield from _facts(table)
            table = []


def _facts(table: Sequence[str]) -> Iterator[Fact]:
    if not head_of("\n".join(table)):
        return
    names = cells_of(table[0])
    rows = [cells_of(line) for line in table[2:]]
    for line, row in zip(table[2:], rows, strict=True):
        keys = _keys(row, rows)
        if keys and len(row) == len(names) == len(set(names)) and (target := _target(row, keys)):
            conditions = tuple(zip(names[:keys], row[:keys], strict=True))
            named = all(WORD.search(word) for pair in (*conditions, (names[target], row[target])) for word in pair)
            if named and sum(len(name + value) for name, value in conditions) <= LONGEST_CONDITIONS:
                yield Fact(conditions, names[target], row[target], (table[0], line))


def _keys(row: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """How many columns from the left tell the row from all others; 0 if that takes all of them."""
    return next((n for n in range(1, len(row)) if sum(list(other[:n]) == list(row[:n]) for other in rows) == 1), 0)


def _target(row: Sequence[str], keys: int) -> int:
    """The column to ask for: the first one with a figure, else the first one that says something; 0 if there is none."""
    said = [c for c in range(keys, len(row)) if 0 < len(row[c]) <= LONGEST_VALUE and not ends_sentence(row[c])]
    return next((c for c in said if DIGIT.search(row[c])), said[0] if said else 0)
