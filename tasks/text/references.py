"""References to clauses: 제12조의2 제3항 제1호, section 12. What they name, and whether one names what another one does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from tasks.text.marks import Mark
from tasks.text.numbers import PLACE, Number, numbers_out

Reference = tuple[str, str, str]  # article (12, 12-2), paragraph, item; "" where it is not named
UNITS: Final = {"조": 0, "절": 0, "항": 1, "호": 2}


def references(text: str, numbers: Sequence[Number]) -> Iterator[tuple[Mark, Reference]]:
    """The references of a text whose numbers are out. A run of falling units is one: 제12조 제3항 제1호, not 제1항 제2항."""
    places = [place for place, char in enumerate(text) if char == PLACE]
    index = 0
    while index < len(places):
        stop = index
        levels: list[int] = []
        while stop < len(places) and (level := UNITS.get(numbers[stop][1], -1)) >= 0:
            if levels and (level <= levels[-1] or not _JOINS.fullmatch(text, places[stop - 1] + 1, places[stop])):
                break
            levels.append(level)
            stop += 1
        if not levels:
            index += 1
            continue
        parts = ["", "", ""]
        for level, (value, _) in zip(levels, numbers[index:stop], strict=True):
            parts[level] = value
        start = places[index]
        start -= len(_ORDINAL.search(text[max(0, start - 2) : start])[0])  # type: ignore[index]  # matches the empty string
        yield Mark(start, places[stop - 1] + 1, "|".join(parts), "|".join(parts)), (parts[0], parts[1], parts[2])
        index = stop


_JOINS: Final = re.compile(r"[\s,.(]*(?:제|의)?[\s(]*")
_ORDINAL: Final = re.compile(r"(?:제\s?)?$")


def references_of(texts: Iterable[str]) -> frozenset[Reference]:
    """The references that texts hold, and the article of each alone."""
    found = {reference for text in texts for _, reference in references(*numbers_out(text))}
    return frozenset(found | {(article, "", "") for article, _, _ in found if article})


def same_clause(one: Reference, other: Reference) -> bool:
    """Whether two references can name one clause: what both name is equal, and they share something."""
    shared = [(a, b) for a, b in zip(one, other, strict=True) if a and b]
    return bool(shared) and all(a == b for a, b in shared)
