"""What a check says about a row: a reason from a closed list, what it saw, and whether that is proof or doubt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

Reason = Literal[
    # the answer against its evidence
    "number_not_in_evidence",
    "unit_differs",
    "polarity_differs",
    "comparator_differs",
    "party_differs",
    "reference_unknown",
    "exception_dropped",
    "scope_differs",
    "order_differs",
    # the question
    "question_not_answerable",
    "question_points_nowhere",
    "question_language",
    "question_copies_demonstration",
    "question_leaks_answer",
    # language and form
    "register_mixed",
    "register_wrong",
    "particle_wrong",
    "answer_language",
    "foreign_script",
    "broken_markdown",
    "repeats",
    "model_leftovers",
    "truncated",
    # safety
    "unsafe",
    "unhedged_advice",
    "follows_the_source",
    "leaks_prompt",
]
REASONS: tuple[Reason, ...] = get_args(Reason)


@dataclass(frozen=True, slots=True)
class Finding:
    """`hard`: proof, the row goes. Else doubt: people decide, and are shown `detail`, a short text with the words at fault."""

    reason: Reason
    detail: str
    hard: bool


Findings = Iterator[Finding]
