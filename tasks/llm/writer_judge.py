"""Scores of a pair against its clause: which share of the answer's words stands there. It says that it compares words."""

from __future__ import annotations

import re
from bisect import bisect_right

from tasks.llm.writer_request import Item, Request
from tasks.text.normal import comparable
from tasks.text.numbers import numbers_agree

WORD = re.compile(r"[가-힣]{2,}|[A-Za-z]{3,}")
STEPS = (20, 40, 60, 80)  # percent of the words from which on there is a point more
NUMBERS_DIFFER = 1


def write_scores(request: Request) -> list[Item]:
    """The same score for every criterion: word comparison cannot tell one from another."""
    clause, answer = request.clause, request.pair[1]
    share = shared_words(answer, f"{clause.source.heading}\n{clause.source.text}")
    agree = numbers_agree(answer, f"{clause.source.document}\n{clause.source.heading}\n{clause.source.text}")
    score = 1 + bisect_right(STEPS, share) if agree else NUMBERS_DIFFER
    reason = clause.phrases.compared(share)
    return [{"criterion": criterion, "score": score, "reason": reason} for criterion in request.criteria]


def shared_words(answer: str, source: str) -> int:
    """Percent of the words of an answer whose beginning stands in a source; particles and endings change, beginnings do not."""
    known = comparable(source)
    words = [comparable(word) for word in WORD.findall(answer)]
    return 100 * sum((word[:2] if "가" <= word[0] <= "힣" else word[:5]) in known for word in words) // max(1, len(words))
