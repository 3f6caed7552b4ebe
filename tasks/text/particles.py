"""Korean particles that fit the word before them: 회사는, 위원장은; 대통령령으로, 총리령으로, 서울로.

The final consonant of the last syllable decides; ㄹ counts as none for 로. A digit or a Latin letter counts by its Korean
reading (3은, 2는, PC는). Quotes are looked through; what stands in brackets behind a word is not read aloud, so the word before
them decides (회사(갑)는): all 386 places in 24 statutes where the two readings differ do so.
"""

from __future__ import annotations

import re

# (after a vowel, after a final consonant)
PAIRS = (("는", "은"), ("가", "이"), ("를", "을"), ("로", "으로"), ("와", "과"), ("란", "이란"), ("라", "이라"), ("나", "이나"))
BY_FORM = {form: pair for pair in PAIRS for form in pair}

RIEUL = 8
# Final consonant (index as in Unicode) of the Korean reading: 영 일 이 삼 사 오 육 칠 팔 구, and of letter names.
READING = dict(zip("0123456789", (21, 8, 0, 16, 0, 0, 1, 8, 8, 0), strict=True)) | {"l": 8, "m": 16, "n": 4, "r": 8}
LOOSE = re.compile(r"[\s.,]+$")
BEHIND = re.compile(r"(?<=[\w%」』”’\"'])\s?\([^()]{0,200}\)$")  # "(갑)" of "회사(갑)"
LOOKED_THROUGH = re.compile(r"[\s\"'“”‘’()\[\]<>「」『』〈〉《》.,]+$")


# What ends in a unit or an abbreviation is read by its whole name: 5km는 (킬로미터), 5%는 (퍼센트), 5kg은 (킬로그램).
UNITS = {"kg": 16, "mg": 16, "g": 16, "km": 0, "m": 0, "cm": 0, "mm": 0, "l": 0, "ml": 0, "%": 0, "p": 0}
MEASURE = re.compile(r"\d\s?(%p?|[A-Za-z]+)$")
DIGITS = re.compile(r"(?<![\d/:$€₩¥.\-~])\d[\d,]*(?:\.\d+)?$")
LETTERS = re.compile(r"(?<![A-Za-z])[A-Z]{1,5}$")
AS_A_WORD = re.compile(r"[^AEIOU][AEIOU][^AEIOULMNR]$|[^AEIOU]E$")  # GAP, CORE: a word or letter by letter, who knows
# Endings of English words that leave one Korean reading: 로그인, 토큰, 시스템, 이메일; 데이터, 정보 in vowels; 패스워드, 액세스.
ENGLISH_ENDINGS = (
    (re.compile(r"[a-z]ng$"), 21),
    (re.compile(r"[a-z]n$"), 4),
    (re.compile(r"[a-z]m$"), 16),
    (re.compile(r"[a-z]l$"), 8),
)
ENGLISH_OPEN = re.compile(r"[A-Za-z][a-z]+[aiouysxdfvz]$")


def bare(word: str) -> str:
    """The word without the brackets behind it and without quotes around it."""
    return LOOKED_THROUGH.sub("", BEHIND.sub("", LOOSE.sub("", word)))


def reading(word: str) -> int | None:
    """Like `final`, but None where it takes a dictionary to say how the word is read (an English word, a sign)."""
    word = bare(word)
    last = word[-1:]
    if "가" <= last <= "힣":
        return (ord(last) - 0xAC00) % 28
    if match := MEASURE.search(word):
        return UNITS.get(match[1].lower())
    if last.isdigit():
        return READING.get(last) if DIGITS.search(word) else None
    return _latin(word)


def _latin(word: str) -> int | None:
    if match := LETTERS.search(word):
        return None if AS_A_WORD.search(match[0]) else READING.get(match[0][-1].lower(), 0)
    found = next((index for ending, index in ENGLISH_ENDINGS if ending.search(word)), None)
    return 0 if found is None and ENGLISH_OPEN.search(word) else found


def final(word: str) -> int:
    """Index of the final consonant of a word's last syllable; 0 when it ends in a vowel, a guess where `reading` has none."""
    known = reading(word)
    return READING.get(bare(word)[-1:].lower(), 0) if known is None else known


def particle(word: str, form: str) -> str:
    """The form of a particle that fits `word`; `form` is either form of its pair. A particle without a pair stays."""
    if form not in BY_FORM:
        return form
    open_, closed = BY_FORM[form]
    consonant = final(word)
    if open_ == "로" and consonant == RIEUL:
        return open_
    return closed if consonant else open_


def attach(word: str, form: str) -> str:
    """The word with the particle that fits it."""
    return word + particle(word, form)
