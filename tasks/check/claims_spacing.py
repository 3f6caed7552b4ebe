"""Read an answer with the spaces of its evidence: 보험금을지급하지 아니한 다 says what 보험금을 지급하지 아니한다 says.

Marks are found by words, so a space that was lost or added would hide one. Between two letters whose neighbours (two on each
side) stand alike in the evidence, the answer gets the evidence's space or none; elsewhere it keeps its own.
"""

from __future__ import annotations

import re
from typing import Final

_SPACES: Final = re.compile(r"[ \t\u00a0\u200b]+")
SIDE: Final = 2


def respaced(text: str, model: str) -> str:
    """The text with the spaces of the model wherever both have the same letters."""
    known = _gaps(model)
    pieces: list[str] = []
    for key, char, spaced in _walk(text):
        there = known.get(key)
        pieces.append(" " if (spaced if there is None else there) and pieces else "")
        pieces.append(char)
    return "".join(pieces)


def _gaps(text: str) -> dict[str, bool | None]:
    """By the letters around a gap whether it is a space; None where the text has it both ways."""
    gaps: dict[str, bool | None] = {}
    for key, _, spaced in _walk(text):
        gaps[key] = spaced if gaps.get(key, spaced) == spaced else None
    return gaps


def _walk(text: str) -> list[tuple[str, str, bool]]:
    """For each letter: the letters around the gap before it, the letter, whether there is a space in the gap."""
    letters: list[str] = []
    spaced: list[bool] = []
    for word in _SPACES.split(text):
        letters += word
        spaced += [True] + [False] * (len(word) - 1) if word else []
    flat = "".join(letters)
    return [(flat[max(0, i - SIDE) : i + SIDE], flat[i], spaced[i] and i > 0) for i in range(len(flat))]
