"""A conversation as one text that people can read and mend: the first answer, then `질문:` and `답변:` in turn.

The transcript is the stored form. Whoever needs turns splits it, so an edit in a review field is an edit of the turns.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

MARKS = {"ko": ("질문: ", "답변: "), "en": ("Question: ", "Answer: ")}
MARK = re.compile(r"^(질문|답변|Question|Answer): ", re.MULTILINE)
ASKS = ("질문", "Question")

Turn = tuple[str, str]  # a question and its answer


def transcript(turns: Sequence[Turn], language: str) -> str:
    """The answer of the first turn and all that follows it."""
    asks, answers = MARKS[language]
    first, *others = turns
    return "\n\n".join([first[1], *(f"{asks}{question}\n\n{answers}{answer}" for question, answer in others)])


def turns_of(question: str, answer: str) -> list[Turn]:
    """The turns of a first question and a transcript; one turn where the text holds no complete second one."""
    parts = MARK.split(answer)
    texts = [part.strip() for part in parts[2::2]]
    asks = [mark in ASKS for mark in parts[1::2]]
    if not texts or len(texts) % 2 or asks != [True, False] * (len(texts) // 2) or not all([parts[0].strip(), *texts]):
        return [(question, answer)]
    return [(question, parts[0].strip()), *zip(texts[::2], texts[1::2], strict=True)]


def can_stand(text: str) -> bool:
    """Whether a text may be part of a transcript: no line of it looks like a mark."""
    return MARK.search(text) is None
