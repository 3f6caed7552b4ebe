"""Was an exception left out? A rule with a 다만 behind it, or with 제외하고 in it, is another rule without.

An answer that tells the rule and says no word of the exception is in doubt; one that adds 항상 or 반드시 to it is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tasks.check.claims_reading import Reading, letters, pairs_of, share

BEGINS: Final = re.compile(r"\s*(?:다만|단|그러나)(?=[\s,])|\s*(?:however|provided that|provided, however)\b")
INSIDE: Final = re.compile(
    r"[은는을를]?\s?제외(?:하고|한|하며|합니다|한다)|외에는|[이가]?\s?아닌\s?한|지\s?(?:아니하는|않는|아니한|않은)\s?한(?=[\s,])|에도\s?불구하고"
    r"|\b(?:unless|except|excluding|other than|save for)\b"
)
SAYS_ONE: Final = re.compile(
    r"다만|그러나|(?<![가-힣])단(?=[\s,])|예외(?!(?:는|가|도|를|\s?규정은|\s?규정이)?\s?(?:없|인정되지|인정하지|허용되지|두지))|제외|외에는|불구하고|아닌\s?한|[않하]는\s?한|아니한\s?한|원칙"
    r"|\b(?:however|unless|except|exception|excluding|other than|save for|provided|but|in general|generally)\b"
)
TOLD: Final = 0.5  # of the rule's pairs of letters are in the answer
UNTOLD: Final = 0.35  # less of the exception's own pairs is in the answer


def exceptions_left_out(answer: Reading, evidence: Reading, clause: Reading) -> Iterator[tuple[str, bool]]:
    """The exceptions to what the answer tells that it does not tell, and whether the evidence itself holds them."""
    for held, (rule, exception) in _exceptions(evidence, clause):
        own = pairs_of(letters(exception)) - pairs_of(letters(rule))
        if _tells(answer, rule) and share(own, answer_pairs(answer)) < UNTOLD and not SAYS_ONE.search(answer.text):
            yield exception, held


def answer_pairs(answer: Reading) -> frozenset[str]:
    """The pairs of letters of a whole answer."""
    return pairs_of(letters(answer.text))


def _exceptions(evidence: Reading, clause: Reading) -> Iterator[tuple[bool, tuple[str, str]]]:
    """(the evidence holds it, (rule, exception))."""
    for rule, exception in _pairs(evidence):
        yield True, (rule, exception)
    known = {letters(sentence) for sentence in evidence.sentences}
    for rule, exception in _pairs(clause):
        if letters(rule) in known and letters(exception) not in known:
            yield False, (rule, exception)


def _pairs(reading: Reading) -> Iterator[tuple[str, str]]:
    for index, sentence in enumerate(reading.sentences):
        if index and BEGINS.match(sentence):
            yield reading.sentences[index - 1], sentence
        for match in INSIDE.finditer(sentence):
            yield sentence[match.end() :], sentence[max(0, match.start() - 16) : match.start()]


def _tells(answer: Reading, rule: str) -> bool:
    """Whether the answer tells the rule: half of it, or a sentence of the answer that is of nothing else."""
    wanted = pairs_of(letters(rule))
    return len(wanted) > 5 and share(wanted, answer_pairs(answer)) >= TOLD
