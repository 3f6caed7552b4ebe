"""Korean particles that fit the word before them: 회사는, 위원장은; 대통령령으로, 총리령으로, 서울로.

The final consonant of the last syllable decides; ㄹ counts as none for 로. A digit or a Latin letter counts by its Korean
reading (3은, 2는, PC는); brackets and quotes are looked through.
"""

from __future__ import annotations

import re

# (after a vowel, after a final consonant)
PAIRS = (("는", "은"), ("가", "이"), ("를", "을"), ("로", "으로"), ("와", "과"), ("란", "이란"), ("라", "이라"), ("나", "이나"))
BY_FORM = {form: pair for pair in PAIRS for form in pair}

RIEUL = 8
# Final consonant (index as in Unicode) of the Korean reading: 영 일 이 삼 사 오 육 칠 팔 구, and of letter names.
READING = dict(zip("0123456789", (21, 8, 0, 16, 0, 0, 1, 8, 8, 0), strict=True)) | {"l": 8, "m": 16, "n": 4, "r": 8}
LOOKED_THROUGH = re.compile(r"[\s\"'“”‘’()\[\]<>「」『』〈〉《》.,]+$")


def final(word: str) -> int:
    """Index of the final consonant of a word's last syllable; 0 when it ends in a vowel."""
    last = LOOKED_THROUGH.sub("", word)[-1:].lower()
    if "가" <= last <= "힣":
        return (ord(last) - 0xAC00) % 28
    return READING.get(last, 0)


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
