"""Can the text layer of a page be trusted? A cheap rule on the characters alone.

PDF text can be wrong without looking wrong to a parser: a font with a false character map yields other syllables,
private-use codes or another script, a damaged one loses its digits. The limits come from 3,027 real Korean pages
(2.15 M syllables); each stands beside its figure.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import Literal

OcrReason = Literal["image_page", "bad_text", "implausible_hangul", "signs_missing", "letters_missing"]

# `ch.encode("euc_kr")` never fails in CPython: syllables outside KS X 1001 become make-up sequences of 8 bytes.
KS_X_1001 = frozenset(ch for ch in map(chr, range(0xAC00, 0xD7A4)) if len(ch.encode("euc_kr")) == 2)
# The 100 most frequent syllables of Korean legal and insurance text.
FREQUENT = frozenset(
    "의정에한하이보제기는사다원관자지을인수조가로부여개를장공위서고상시은업경계해대회비및용전일항법리으등신터입금적호급진행과년성약만요우간있단주암도험무료당통치따재할세별데산야구유중라직소처나특건연국내동"
)
MAX_RARE = 0.03  # syllables outside KS X 1001: worst real page 0.24 %, shifted maps 6-93 %
MIN_FREQUENT = 0.35  # real pages at least .52, shifted maps .00-.25
MAX_BAD = 0.15  # characters that no Korean or English text holds
MIN_SIGNS = 0.02  # digits and , . ( ) per syllable: real pages at least .034, a file that lost them .000-.007
MIN_LETTERS = 0.11  # letters among the characters of a document; tables of figures .13, a file that lost its Hangul .05
MAX_HOLES = 0.02  # unknown letters inside words: one in fifty is one in every other sentence; no real page has any
SORTS = 7  # of characters
FEW = 50  # fewer good characters than this are no text layer
ENOUGH_SYLLABLES = 50
ENOUGH_FOR_SIGNS = 200
ENOUGH_CHARACTERS = 30

SIGNS = frozenset("0123456789.,()")
# Without the codes of symbol fonts, U+F000 to U+F0FF. One unknown sign at the start of a word is a bullet.
UNKNOWN = re.compile("[\ufffd\ue000-\uefff\uf100-\uf8ff]")
HOLE = re.compile(rf"(?<=\S){UNKNOWN.pattern}+|{UNKNOWN.pattern}{{2,}}")
LETTER = re.compile(r"[^\W\d_]")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Mix:
    """How many characters of which sort a page has; spaces do not count."""

    all: int
    good: int
    syllables: int
    rare: int
    frequent: int
    signs: int
    letters: int
    holes: int = 0  # unknown letters inside words


def mix_of(text: str) -> Mix:
    """Count the sorts of characters."""
    holes = sum(map(len, HOLE.findall(text))) if UNKNOWN.search(text) else 0
    by_sorts: dict[int, int] = {}
    for char, number in Counter(text).items():
        sorts = _sorts(char)
        by_sorts[sorts] = by_sorts.get(sorts, 0) + number
    counts = [sum(number for sorts, number in by_sorts.items() if sorts & 1 << bit) for bit in range(SORTS)]
    return Mix(*[*counts, holes])


def fault_of(mix: Mix) -> OcrReason | None:
    """What is wrong with a text layer; None when it can be used, or when there is too little to say."""
    if mix.syllables >= ENOUGH_SYLLABLES and (mix.rare > MAX_RARE * mix.syllables or mix.frequent < MIN_FREQUENT * mix.syllables):
        return "implausible_hangul"
    if mix.all >= ENOUGH_CHARACTERS and (mix.all - mix.good > MAX_BAD * mix.all or mix.holes > MAX_HOLES * mix.all):
        return "bad_text"
    if mix.syllables >= ENOUGH_FOR_SIGNS and mix.signs < MIN_SIGNS * mix.syllables:
        return "signs_missing"
    return None


def letters_missing(mixes: list[Mix]) -> bool:
    """Whether a whole document lost its letters and kept digits and punctuation."""
    total = sum(m.all for m in mixes)
    return total >= 2 * FEW and sum(m.letters for m in mixes) < MIN_LETTERS * total


def lone_space_code(text: str) -> str | None:
    """The control code that stands for the word space: some generators map it so. It is the only one on its page."""
    if text.isprintable():
        return None
    codes = set(CONTROL.findall(text))
    return codes.pop() if len(codes) == 1 else None


@cache
def _sorts(char: str) -> int:
    """The fields of `Mix` that a character counts for: a bit each, in their order."""
    if char.isspace():
        return 0
    syllable = "가" <= char <= "힣"
    counts = (
        True,
        is_plausible(char),
        syllable,
        syllable and char not in KS_X_1001,
        syllable and char in FREQUENT,
        char in SIGNS,
        LETTER.match(char) is not None,
    )
    return sum(1 << bit for bit, counted in enumerate(counts) if counted)


def is_plausible(char: str) -> bool:
    """Hangul, Latin, digits, Hanja, kana, Greek, symbols; not U+FFFD, private use, controls, other scripts."""
    code = ord(char)
    if code == 0xFFFD or 0xE000 <= code < 0xF900 or code >= 0xF0000:
        return False
    if code < 0x250 or any(low <= code < high for low, high in SCRIPTS):
        return unicodedata.category(char) != "Cc"
    return unicodedata.category(char)[0] in "PSN"


SCRIPTS = (
    (0x0370, 0x0400),  # Greek
    (0x1100, 0x1200),  # Hangul jamo
    (0x3040, 0x3100),  # kana
    (0x3130, 0x3190),  # Hangul compatibility jamo
    (0x4E00, 0xA000),  # Hanja
    (0xAC00, 0xD7A4),  # Hangul syllables
    (0xF900, 0xFB07),  # Hanja, compatibility; Latin ligatures
    (0xFF00, 0xFFF0),  # full-width forms
)
