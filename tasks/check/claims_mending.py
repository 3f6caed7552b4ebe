"""Read past the noise of OCR: a syllable that differs from the evidence, between syllables that do not, is a misread one.

What says something of its own is never mended: 이하 stays 이하 where the evidence has 이상. Only a syllable outside all marks is,
and one inside a name that nobody knows and that is one stroke group away (계악자).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from tasks.text.hangul import is_syllable, one_apart

SIDE: Final = 2  # equal letters on each side


def mended(text: str, model: str, fixed: Iterable[tuple[int, int]], names: Iterable[tuple[int, int]]) -> str:
    """The text with single misread syllables as the model has them; nothing in the spans `fixed`, little in `names`."""
    known: dict[tuple[str, str], set[str]] = {}
    for left, char, right, _ in _walk(model):
        known.setdefault((left, right), set()).add(char)
    held, loose = _inside(fixed), _inside(names)
    letters = list(text)
    for left, char, right, at in _walk(text):
        others = known.get((left, right), set())
        if len(others) == 1 and char not in others and at not in held and is_syllable(char):
            (other,) = others
            if is_syllable(other) and (at not in loose or one_apart(char, other)):
                letters[at] = other
    return "".join(letters)


def _walk(text: str) -> Iterator[tuple[str, str, str, int]]:
    """Each letter with its neighbours on both sides, spaces not counted, and where it stands."""
    places = [place for place, char in enumerate(text) if not char.isspace()]
    flat = "".join(text[place] for place in places)
    for index in range(len(flat)):
        yield flat[max(0, index - SIDE) : index], flat[index], flat[index + 1 : index + 1 + SIDE], places[index]


def _inside(spans: Iterable[tuple[int, int]]) -> set[int]:
    return {place for start, end in spans for place in range(start, end)}
