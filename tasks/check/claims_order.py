"""Are steps told in their order? 신청서를 제출한 후 심사를 받는다 is not 심사를 받은 후 신청서를 제출한다.

A text is cut where one thing follows another (한 후, 다음으로, 먼저, numbered lines); each piece of the answer is found in the
evidence by its letters. Two that changed places across such a cut, in the answer and in the evidence, are told in another order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from typing import Final

from tasks.check.claims_reading import letters, pairs_of, share

# A cut after which something later begins; the sentence end is none by itself.
_THEN: Final = re.compile(
    r"(?<=[한된은난친낸온할])\s?(?:후|뒤|다음)(?:에|에는)?(?=[\s,])|고\s?나서|(?:그\s?)?(?:다음으로|다음에는?(?=[\s,])|이어서?(?=[\s,])|이후(?:에는?)?(?=[\s,])|그\s?후|그런\s?다음|마지막으로|끝으로|최종적으로)"
    r"|\n\s*(?:\d{1,2}[.)]|[①-⑳]|[가-하]\.|단계\s?\d)\s*|(?:^|(?<=\s))(?:[①-⑳]|\d단계\s?[:：]?|(?:첫|둘|셋|넷|다섯)째,?)"
    r"|\b(?:and then|then|next|finally|afterwards|after that|thereafter)\b"
)
_FIRST: Final = re.compile(r"먼저|우선(?=[\s,으])|\bfirst\b|^\s*(?:1[.)]|①)\s*")
_END: Final = re.compile(r"(?<=[다요음함])\.(?=\s|$)|\n")
ALIKE: Final = 0.55  # of two steps' pairs of letters are in those of the evidence
VOTES: Final = 3  # pairs of letters that only the other step has
MORE: Final = 1.5  # so much more is the exchanged order like the evidence than the order as told

Steps = list[tuple[str, frozenset[str], bool]]  # a step, its pairs of letters, whether it follows the one before it


def steps_exchanged(answer: str, evidence: str) -> Iterator[tuple[str, str]]:
    """Pairs of steps that the answer tells the other way round."""
    here, there = _steps(answer), _steps(evidence)
    if not any(follows for _, _, follows in there):
        return
    for one, two in pairwise(here):
        if two[2] and _exchanged(one[1], two[1], [pairs for _, pairs, _ in there]):
            yield one[0], two[0]


def _exchanged(one: frozenset[str], two: frozenset[str], steps: Sequence[frozenset[str]]) -> bool:
    """Whether some two steps of the evidence are like these the other way round, and none so much as they are told."""
    straight = swapped = 0
    for first, second in combinations(steps, 2):
        early, late = first - second, second - first
        straight = max(straight, len(one & early) + len(two & late))
        if min(len(one & late), len(two & early)) >= VOTES and share(one | two, first | second) >= ALIKE:
            swapped = max(swapped, len(one & late) + len(two & early))
    return swapped >= MORE * straight and swapped > 0


def _steps(text: str) -> Steps:
    """The pieces of a text, and whether each follows the one before it in time."""
    steps: Steps = []
    follows, start = False, 0
    cuts = [(match.start(), match.end(), True) for match in _THEN.finditer(text)]
    cuts += [(match.start(), match.end(), False) for match in _END.finditer(text)]
    for begin, end, then in [*sorted(cuts), (len(text), len(text), False)]:
        piece = _FIRST.sub("", text[start:begin]).strip() if begin > start else ""
        if len(piece) >= 3:
            steps.append((piece, pairs_of(letters(piece)), follows))
            follows = then
        else:
            follows = follows or then
        start = max(start, end)
    return steps
