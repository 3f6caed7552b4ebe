"""In which scripts a text is written, and where it drifts into one that does not belong there.

A model that loses its language writes 支付합니다, 보험金, ページ or long English in a Korean answer. What the source has is no
drift, and neither is what Korean legal text does anyway: 고의(故意), 甲과 乙, abbreviations, names in brackets, Greek letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from tasks.records import Language
from tasks.text.normal import comparable

HANGUL = re.compile(r"[가-힣\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]")
LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
HAN = r"\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
KANA = r"\u3041-\u3096\u3099-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f"
OTHER = (
    r"\u0400-\u052f\u0530-\u1093\u10a0-\u10ff\u1200-\u139f\u1780-\u17ff\u1c80-\u1cbf\u2d00-\u2dff"
    r"\ua640-\ua69f\ufb50-\ufdff\ufe70-\ufefe"
)
FOREIGN = re.compile(rf"[{HAN}]+|[{KANA}]+|[{OTHER}](?:[{OTHER}\s]*[{OTHER}])?|[\u0370-\u03ff\u1f00-\u1fff]{{3,}}|\ufffd+")
WIDE_MARKS = re.compile("[。、，；：？！]")  # punctuation of Chinese and Japanese
GLOSS = re.compile(rf"(?<=[가-힣」』])\s?[(（［\[]\s*[{HAN}\s·ㆍ,、]+\s*[)）］\]]")  # 고의(故意)
# Signs rather than words: parties of a case, 前, 新, countries of a newspaper; only by themselves.
SIGN = re.compile(rf"(?<![{HAN}가-힣])[甲乙丙丁戊前後現新舊大小中對故全各美日韓英獨佛北南男女父母子金銀株](?![{HAN}])")
ENGLISH_RUN = re.compile(r"(?<![\dA-Za-z@./_])[A-Za-z][A-Za-z'’\-]*(?:[ ,;:/&.\n]{1,3}(?:\d+ )?[A-Za-z][A-Za-z'’\-]*)*")
WORD = re.compile(r"[A-Za-z][A-Za-z'’\-]*")
BRACKETS = re.compile(
    r"[(\[（][^()\[\]（）]*[)\]）]|“[^“”]*”|\"[^\"\n]*\"|‘[^‘’]*’|`[^`\n]*`|https?://\S+|(?<!\S)\S{1,99}@\S+|(?<![\w\-.])[\w\-]+(?:\.[\w\-]+){2,}",
    re.ASCII,
)
_WORDS = (
    "a an the of to in on at by for with from and or is are was were be been shall must may will can not this that which it its"
    " you your if when as"
)
FUNCTION_WORDS = frozenset(_WORDS.split())
LONG = 4  # words of English in a row
SENTENCE = 3  # small words in a row, and letters of a word that counts
LONG_NAME = 8  # words of a name in brackets
DIACRITICS = re.compile(
    r"[A-Za-z\u00c0-\u024f]*[\u0102-\u0103\u0110-\u0111\u01a0-\u01b0\u1ea0-\u1ef9][\w\u0300-\u036f]*"
)  # letters of Vietnamese
HANGUL_RUN = re.compile(r"[가-힣]+(?:[ ,.]?[가-힣]+)*")


class Drift(NamedTuple):
    """A piece of text in a script or a language that does not belong there. Not `sure`: a word or two of English."""

    words: str
    start: int
    sure: bool = True


def drifts(text: str, language: Language, known: str = "") -> Iterator[Drift]:
    """Where a text leaves its language; what stands in `known` too (the source, its title) is no drift."""
    pieces = [*_foreign(text, language), *(_english(text) if language == "ko" else _korean(text))]
    if pieces:
        source = comparable(known)
        yield from (drift for drift in pieces if comparable(drift.words) not in source or "\ufffd" in drift.words)


def _foreign(text: str, language: Language) -> Iterator[Drift]:
    if text.isascii():
        return
    found = [pattern for pattern in (FOREIGN, DIACRITICS, WIDE_MARKS) if pattern.search(text)]
    plain = SIGN.sub(" ", GLOSS.sub(_blank, text)) if found and language == "ko" else text
    for pattern in found:
        yield from (Drift(match[0], match.start()) for match in pattern.finditer(plain))


def _english(text: str) -> Iterator[Drift]:
    """Runs of English words: a sentence or a part of one, longer than a name may be."""
    if not LATIN.search(text):
        return
    for match in BRACKETS.finditer(text):
        if (words := WORD.findall(match[0])) and len(words) > LONG_NAME and not HANGUL.search(match[0]):
            yield Drift(match[0], match.start())
    for match in ENGLISH_RUN.finditer(BRACKETS.sub(_blank, text)):
        words = WORD.findall(match[0])
        small = [word for word in words if word.islower()]
        long = len(small) >= SENTENCE or (len(words) >= LONG and small) or len(words) > LONG_NAME
        if long or (len(words) > 1 and FUNCTION_WORDS.intersection(small)):
            yield Drift(match[0], match.start())
        elif any(len(word) >= SENTENCE for word in small):
            yield Drift(match[0], match.start(), sure=False)


def _korean(text: str) -> Iterator[Drift]:
    return (Drift(match[0], match.start()) for match in HANGUL_RUN.finditer(text))


def _blank(match: re.Match[str]) -> str:
    """As many blanks, so that offsets stay."""
    return " " * len(match[0])


ABBREVIATION = re.compile(r"\b[A-Z][A-Z0-9&/\-]{0,9}\b|https?://\S+|(?<!\S)\S{1,99}@\S+|`[^`\n]*`")


def share_of_hangul(text: str, known: str = "") -> float | None:
    """Hangul among the letters that count: no abbreviations, no addresses, no words of the source; None without letters."""
    if not LATIN.search(text) and not FOREIGN.search(text):
        return 1.0 if HANGUL.search(text) else None
    plain = ABBREVIATION.sub(" ", BRACKETS.sub(" ", text))
    hangul, source = len(HANGUL.findall(plain)), known.casefold()
    latin = sum(len(word) for word in WORD.findall(plain) if word.casefold() not in source)
    other = sum(len(match[0]) for match in FOREIGN.finditer(plain) if match[0] not in known)
    total = hangul + latin + other
    return hangul / total if total else None


def language_of(text: str) -> Language | None:
    """Korean or English, by the script of most letters; None where there are none of either."""
    hangul, latin = len(HANGUL.findall(text)), len(LATIN.findall(text))
    if not hangul and not latin:
        return None
    return "ko" if hangul * 3 >= latin else "en"
