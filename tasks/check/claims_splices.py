"""Are a condition and what follows from it of one rule? 대리인을 지정한 때에는 지체 없이 알린다, made of two rules, is neither.

A sentence of an answer is cut behind its last condition (…경우에는, …때에는). Where the one half stands in one sentence of the
evidence and the other half in another one, which has a condition of its own, the answer joins what does not belong together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tasks.check.claims_reading import Reading, letters, pairs_of, share

_CONDITION: Final = re.compile(r"(?:경우에?는?|때에?는?|[하되으이]면)(?=[\s,])|\b(?:if|when|where) [^,]*,")
_NEXT: Final = re.compile(r"(?<=[며고되]),\s")
_ENDING: Final = re.compile(r"(?:습니다|니다|어요|아요|해요|다|음|함)?[.\s]*$")
_GOES_ON: Final = re.compile(r"\s*(?:이\s?경우|이\s?때|다만|단,|그러나|in (?:this|that) case|however)")
HELD, FOREIGN = 0.85, 0.5  # of the half's pairs in its own sentence at least, in the other one at most
SHORTEST: Final = 6  # pairs of letters of a half


def splices(answer: Reading, evidence: Reading) -> Iterator[tuple[str, str]]:
    """Conditions of the answer with the consequence that another sentence of the evidence has."""
    rules = [(rule, pairs_of(letters(rule))) for sentence in evidence.sentences for rule in _NEXT.split(sentence)]
    if len(rules) < 2:
        return
    for sentence in (clause for whole in answer.sentences for clause in _NEXT.split(whole)):
        cuts = list(_CONDITION.finditer(sentence))
        if not cuts:
            continue
        condition, consequence = sentence[: cuts[-1].end()], _ENDING.sub("", sentence[cuts[-1].end() :])
        one, two = _home(condition, rules), _home(consequence, rules)
        if one is None or two is None or one == two or _GOES_ON.match(rules[two][0]) or not _CONDITION.search(rules[two][0]):
            continue
        if _foreign(condition, rules[two][1]) and _foreign(consequence, rules[one][1]):
            yield condition.strip(), consequence.strip()


def _home(half: str, rules: list[tuple[str, frozenset[str]]]) -> int | None:
    """The sentence that holds a half."""
    wanted = pairs_of(letters(half))
    if len(wanted) < SHORTEST:
        return None
    best = max(range(len(rules)), key=lambda index: share(wanted, rules[index][1]))
    return best if share(wanted, rules[best][1]) >= HELD else None


def _foreign(half: str, rule: frozenset[str]) -> bool:
    return share(pairs_of(letters(half)), rule) <= FOREIGN
