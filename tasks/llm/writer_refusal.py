"""Requests that must be refused, from a short fixed list tied to what a clause is about, and what the clause says instead.

The requests name no method and the refusals repeat none: they show that a harmful wish is turned down and how.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.llm.writer_items import best
from tasks.llm.writer_phrases import Harm
from tasks.llm.writer_request import Item, Request

SHAPES = ("statement", "definition")
LONGEST = 350  # characters that a refusal may cite


def write_refusal(request: Request) -> Iterator[Item]:
    """A harm that the heading speaks of, with the best sentence, or one that a sentence speaks of, with this sentence."""
    clause, phrases = request.clause, request.clause.phrases
    usable = [draft for draft in clause.drafts if draft.shape in SHAPES and not draft.cut and len(draft.answer) <= LONGEST]
    left = best(usable, len(usable))
    for harm in sorted(phrases.HARMS, key=lambda harm: not _speaks_of(harm, clause.title)):
        named = _speaks_of(harm, clause.title)
        draft = next((draft for draft in left if named or _speaks_of(harm, draft.answer)), None)
        if draft is None:
            continue
        left.remove(draft)
        where = clause.where(draft.place)
        yield {
            "question": phrases.ask_harm(where, harm.request),
            "answer": phrases.refuses(harm.harm, clause.said_at(draft.place, draft.quotes)),
            "harm": harm.harm,
            "quotes": list(draft.quotes),
        }


def _speaks_of(harm: Harm, text: str) -> bool:
    return re.search(harm.about, text, re.IGNORECASE) is not None
