"""Hangul syllables by their parts: 약 is ㅇ, ㅑ and ㄱ."""

from __future__ import annotations


def is_syllable(char: str) -> bool:
    """Whether a character is a precomposed Hangul syllable."""
    return "가" <= char <= "힣"


def parts(char: str) -> tuple[int, int, int]:
    """Initial, vowel and final of a syllable, as in Unicode."""
    code = ord(char) - 0xAC00
    return code // 588, code // 28 % 21, code % 28


def one_apart(one: str, other: str) -> bool:
    """Whether two syllables differ in exactly one of their parts, as misread ones mostly do."""
    if not (is_syllable(one) and is_syllable(other)):
        return False
    return sum(a != b for a, b in zip(parts(one), parts(other), strict=True)) == 1
