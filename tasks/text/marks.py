"""A mark is a stretch of a text that says one thing of a closed kind: a comparator, a denial, a party, a scope word.

The modules that find marks read the text as `tasks.text.numbers.numbers_out` leaves it: lower case, NFKC, a number one character.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Mark(NamedTuple):
    """Characters `start..end` say `value`; `note` says more (the role of a party, the particle of a comparator)."""

    start: int
    end: int
    value: str
    note: str = ""


Rules = Sequence[tuple[str, str]]  # value, pattern


def compiled(rules: Rules) -> re.Pattern[str]:
    """One pattern of all rules, the first that fits wins; the index of the rule is in the name of its group."""
    return re.compile("|".join(f"(?P<r{index}>{pattern})" for index, (_, pattern) in enumerate(rules)))


def marks(text: str, pattern: re.Pattern[str], rules: Rules) -> Iterator[Mark]:
    """The marks of a text by rules and their compiled pattern, from left to right without overlaps."""
    for match in pattern.finditer(text):
        group = match.lastgroup or ""
        yield Mark(match.start(), match.end(), rules[int(group[1:])][0])
