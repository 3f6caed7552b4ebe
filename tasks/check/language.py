"""Is the row in its language, from end to end, and in one register? Korean endings, particles and scripts.

What a text says by its letters is proof (two registers, a Chinese word, 회사은); what needs a reading is doubt (OTP을, an English
word that the source does not have, another register than the wanted one).
"""

from __future__ import annotations

from typing import Final

from tasks.check.findings import Finding, Findings
from tasks.check.seen import Check, Seen
from tasks.text.misfits import misfits
from tasks.text.normal import comparable
from tasks.text.register import Ending, prose
from tasks.text.scripts import drifts, language_of, share_of_hangul

LEAST_HANGUL: Final = 0.5  # of the letters that count, in a Korean answer
MOST_SHOWN: Final = 80  # characters of a text in a finding


def one_register(seen: Seen) -> Findings:
    """Every sentence of an answer ends alike; items of a list may end in nouns."""
    ends = seen.endings
    if len({end.register for end in ends}) > 1 and _is_quoted(ends, seen.clause):
        return
    first = next(iter(ends), None)
    other = next((end for end in ends if first and end.register != first.register), None)
    if first and other:
        yield Finding("register_mixed", f"{first.register}: {_tail(first)} / {other.register}: {_tail(other)}", hard=True)


def wanted_register(seen: Seen) -> Findings:
    """The one register of an answer is the wanted one."""
    registers = {end.register: end for end in seen.endings}
    if seen.register and len(registers) == 1 and seen.register not in registers:
        ((register, end),) = registers.items()
        yield Finding("register_wrong", f"{register} for {seen.register}: {_tail(end)}", hard=False)


def _is_quoted(ends: list[Ending], clause: str) -> bool:
    """A law may mix what it commands (…할 것) with what it says (…한다); whoever copies it keeps that."""
    source = comparable(prose(clause))
    return all(comparable(end.sentence) in source for end in ends)


def _tail(end: Ending) -> str:
    return f"…{end.sentence[-20:]}" if len(end.sentence) > 20 else end.sentence


def particles(seen: Seen) -> Findings:
    """Particles fit the words before them; a misprint that the source has too is the source's."""
    if seen.language != "ko":
        return
    for text in seen.texts:
        for found in misfits(text.replace("*", "").replace("`", "")):
            written = found.word + found.particle
            if written not in seen.clause:
                yield Finding("particle_wrong", f"{written}: {found.word}{found.fitting}", hard=found.sure)


def language(seen: Seen) -> Findings:
    """The answer is in the row's language."""
    found = language_of(seen.answer)
    share = share_of_hangul(seen.answer, seen.known) if seen.language == "ko" else None
    if seen.language == "en" and found == "ko":
        yield Finding("answer_language", f"Korean in an English row: {seen.answer[:MOST_SHOWN]}", hard=True)
    elif share is not None and share < LEAST_HANGUL:
        yield Finding("answer_language", f"{share:.0%} of its letters are Hangul: {seen.answer[:MOST_SHOWN]}", hard=True)


def scripts(seen: Seen) -> Findings:
    """No text of the row leaves its language for a script or for words that the source does not have."""
    for text in seen.texts:
        for drift in drifts(text, seen.language, seen.known):
            yield Finding("foreign_script", f"not in the source: {drift.words[:MOST_SHOWN]}", hard=drift.sure)


CHECKS: Final[tuple[Check, ...]] = (one_register, wanted_register, particles, language, scripts)
