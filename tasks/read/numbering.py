"""Numbers that a word processor makes itself: "제1장", "제3조", "①", "가." are in no text of a file that uses them.

HWPX and DOCX say the same in different words: a list has levels, each with a first number, a way to count and a pattern that may
hold the numbers of the levels above.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

SYLLABLES = "가나다라마바사아자차카타파하"
JAMO = "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ"
SINO = ("일", "이", "삼", "사", "오", "육", "칠", "팔", "구")
HANJA = ("一", "二", "三", "四", "五", "六", "七", "八", "九")
ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"))
ROMAN_ONES = ((9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
MAX_COUNT = 10_000  # nobody counts further; a hostile file may try
PLACE = re.compile(r"[%^](\d)")


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list. `pattern` holds %1 or ^1 for the number of the first level, and so on; a bullet holds none."""

    start: int
    sort: str
    pattern: str


@dataclass(slots=True)
class Counters:
    """Where the lists of a document stand."""

    _lists: dict[str, dict[int, int]] = field(default_factory=dict)

    def next(self, name: str, at: int, levels: Mapping[int, Level]) -> str:
        """The number of the next paragraph of a list at level `at` (from 0), as it is shown."""
        if at not in levels:
            return ""
        counts = self._lists.setdefault(name, {})
        counts[at] = min(MAX_COUNT, counts.get(at, levels[at].start - 1) + 1)
        for deeper in [level for level in counts if level > at]:
            del counts[deeper]

        def count(place: re.Match[str]) -> str:
            level = int(place[1]) - 1
            if level not in levels:
                return ""
            return counted(counts.setdefault(level, levels[level].start), levels[level].sort)

        return PLACE.sub(count, levels[at].pattern)

    def restart(self, name: str) -> None:
        """Begin a list anew."""
        self._lists.pop(name, None)


def counted(n: int, sort: str) -> str:
    """A number as a word processor writes it; in digits where the way to count is not known."""
    if n < 1 or n > MAX_COUNT:
        return str(n)
    return SORTS.get(sort, str)(n)


def _letters(alphabet: str) -> Callable[[int], str]:
    """From the first letter to the last, then each of them twice: a … z, aa, bb …"""
    return lambda n: alphabet[(n - 1) % len(alphabet)] * min(9, 1 + (n - 1) // len(alphabet))


def _circled(n: int) -> str:
    for first, last, code in ((1, 20, 0x2460), (21, 35, 0x3251), (36, 50, 0x32B1)):
        if first <= n <= last:
            return chr(code + n - first)
    return f"({n})"


def _roman(n: int) -> str:
    text = ""
    for value, letters in (*ROMAN, *ROMAN_ONES):
        text += letters * (n // value)
        n %= value
    return text


def _sino(digits: tuple[str, ...], tens: tuple[str, ...]) -> Callable[[int], str]:
    def written(n: int) -> str:
        text = ""
        for power, name in zip((1000, 100, 10, 1), tens, strict=True):
            digit, n = n // power, n % power
            if digit:
                text += ("" if digit == 1 and name else digits[min(9, digit) - 1]) + name
        return text

    return written


SORTS: Final[dict[str, Callable[[int], str]]] = {
    # HWPX
    "CIRCLED_DIGIT": _circled,
    "ROMAN_CAPITAL": lambda n: _roman(n).upper(),
    "ROMAN_SMALL": _roman,
    "LATIN_CAPITAL": _letters("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    "LATIN_SMALL": _letters("abcdefghijklmnopqrstuvwxyz"),
    "HANGUL_SYLLABLE": _letters(SYLLABLES),
    "HANGUL_JAMO": _letters(JAMO),
    "HANGUL_PHONETIC": _sino(SINO, ("천", "백", "십", "")),
    "IDEOGRAPH": _sino(HANJA, ("千", "百", "十", "")),
    # DOCX
    "none": lambda n: "",
    "decimalZero": lambda n: f"{n:02}",
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
    "upperRoman": lambda n: _roman(n).upper(),
    "lowerRoman": _roman,
    "upperLetter": _letters("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    "lowerLetter": _letters("abcdefghijklmnopqrstuvwxyz"),
    "ganada": _letters(SYLLABLES),
    "chosung": _letters(JAMO),
    "koreanDigital": _sino(SINO, ("천", "백", "십", "")),
    "koreanCounting": _sino(SINO, ("천", "백", "십", "")),
    "ideographDigital": _sino(HANJA, ("千", "百", "十", "")),
    "chineseCounting": _sino(HANJA, ("千", "百", "十", "")),
}
