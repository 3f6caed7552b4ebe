"""Korean particles that do not fit the word before them: 회사은, 위원장는, 서울으로, 회사(갑)은.

Without a dictionary only what can be decided is said. A particle that is also the end of a word (있는, 국가, 효과, 차이, 근로)
is told from it by lists of such words (`tasks.text.particle_words`). In 24 statutes this finds the statutes' own misprints
(각 전자문서을) and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.text.particle_words import CERTAIN, NOUN, OWN, STEM, VERB_FINALS
from tasks.text.particles import particle, reading

LONGEST_WORD = 300  # characters, with the brackets behind it
NIEUN = 4
PAIRS = {")": "(", "]": "["}


@dataclass(frozen=True, slots=True)
class Misfit:
    """A particle that does not fit. `sure`: a Hangul syllable right before it decides, no digit, abbreviation or bracket."""

    word: str
    particle: str
    fitting: str
    sure: bool


END = r"(?=[\s.,?!:;~…·)\]」』”’\"']|$)"
AFTER = r"(?<=[가-힣\w%)\]」』”’\"'])"
PARTICLE = re.compile(
    rf"{AFTER}(?:(?P<form>은|는|이|가|을|를|과|와|이란|란){END}"
    rf"|(?P<ro>으로|로)(?:[서써의는도만]|부터)*{END}"
    r"|(?<=[”’\"'])(?P<called>이라|라)(?=\s?(?:한다|합니다|하고|하며|함은)))"
)
HANGUL = re.compile(r"[가-힣]+$")


def misfits(text: str) -> Iterator[Misfit]:
    """The particles of a text that do not fit, in order."""
    for match in PARTICLE.finditer(text):
        form = match["form"] or match["ro"] or match["called"]
        word, over_brackets = _word_before(text, match.start())
        if not word or reading(word) is None or (fitting := particle(word, form)) == form:
            continue
        hangul = HANGUL.search(word)
        if hangul and not over_brackets and _is_word_end(hangul[0], form, text[match.end() :][:3]):
            continue
        if not (word[-1:].isdigit() and form == "가"):  # a street: 종로3가
            yield Misfit(word[-20:], form, fitting, sure=bool(hangul) and not over_brackets)


def _word_before(text: str, at: int) -> tuple[str, bool]:
    """The word that decides, and whether brackets stand between it and the particle."""
    start = max(0, at - LONGEST_WORD)
    before = text[start:at]
    if before[-1:] not in PAIRS:
        return _last_word(before), False
    opened = _opened(before, before[-1], PAIRS[before[-1]])
    if opened is None or before[opened - 1 : opened].isspace():
        return "", True  # what the bracket belongs to is not told
    return _last_word(before[:opened] if before[:opened].strip() else before), True


def _last_word(text: str) -> str:
    return text.rstrip("\"'”’」』)]").split()[-1] if text.split() else ""


def _opened(text: str, close: str, open_: str) -> int | None:
    """Where the bracket that closes a text was opened."""
    depth = 0
    for at in range(len(text) - 1, -1, -1):
        depth += (text[at] == close) - (text[at] == open_)
        if depth == 0:
            return at
    return None


def _is_word_end(word: str, form: str, after: str) -> bool:
    """Whether what looks like a particle is the end of the word itself (국가, 차이, 있는), or may be."""
    whole = word + form
    if CERTAIN.search(whole):
        return True
    if form == "는":
        return (ord(word[-1]) - 0xAC00) % 28 in VERB_FINALS or STEM.search(word) is not None
    if form == "가" and (ord(word[-1]) - 0xAC00) % 28 == NIEUN and after.lstrip().startswith("?"):
        return True
    if form == "과" and not re.match(r"\s[가-힣(「『“\"‘']", after):
        return True  # nothing follows that it would join: the name of an office
    if form == "로" and re.match(r"\s?\d", after):
        return True  # a street and its number: 국제금융로 10
    return form in OWN and not NOUN.search(word) and OWN[form].search(whole) is not None
