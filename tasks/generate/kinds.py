"""The kinds of rows that can be asked for. A new kind is a reply form, a function that makes pairs of it, a line in
`KINDS`, and a prompt file a language.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ConfigDict

from tasks.records import Chunk, Lineage, Option, Pair
from tasks.text.normal import stored


class _Reply(BaseModel):
    """Base of all reply forms: what a model adds on its own is an error, so that it is noticed."""

    model_config = ConfigDict(extra="forbid")


class QaItem(_Reply):
    """A question, its answer, and the sentences it rests on."""

    question: str
    answer: str
    quotes: list[str]


class QaReply(_Reply):
    """The reply to a `qa` prompt."""

    items: list[QaItem]


class Distractor(_Reply):
    """A wrong answer as a full sentence, and what is wrong with it."""

    text: str
    error: str


class ChoiceItem(_Reply):
    """A multiple-choice question: the right answer as a full sentence, and wrong ones."""

    question: str
    correct: str
    quotes: list[str]
    distractors: list[Distractor]


class ChoiceReply(_Reply):
    """The reply to a `choice` prompt."""

    items: list[ChoiceItem]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of rows: the name of its prompt, the form of the reply, and how a reply becomes pairs, one an item, in order."""

    prompt: str
    reply: type[BaseModel]
    to_pairs: Callable[[BaseModel, Chunk, Lineage], list[Pair]]


def qa_pairs(reply: BaseModel, chunk: Chunk, lineage: Lineage) -> list[Pair]:
    """A pair for every item of a QaReply."""
    assert isinstance(reply, QaReply)
    return [make_pair(chunk, "qa", item.question, item.answer, item.quotes, (), lineage) for item in reply.items]


def choice_pairs(reply: BaseModel, chunk: Chunk, lineage: Lineage) -> list[Pair]:
    """A pair for every item of a ChoiceReply; where its right option stands is chance, seeded by chunk and question."""
    assert isinstance(reply, ChoiceReply)
    return [
        make_pair(chunk, "choice", item.question, item.correct, item.quotes, _options(chunk, item), lineage)
        for item in reply.items
    ]


def make_pair(
    chunk: Chunk, kind: str, question: str, answer: str, quotes: list[str], options: tuple[Option, ...], lineage: Lineage
) -> Pair:
    """A pair of what a model wrote, without the white space and the control characters around and in it."""
    question, answer, clean = tidy(question), tidy(answer), tuple(tidy(quote) for quote in quotes)
    return Pair(
        id=Pair.make_id(chunk.id, kind, question, answer, clean, options),
        chunk=chunk.id,
        document=chunk.document,
        path=chunk.path,
        language=chunk.language,
        kind=kind,
        question=question,
        answer=answer,
        quotes=clean,
        evidence=(),
        options=options,
        parent=None,
        lineage=lineage,
    )


def tidy(text: str) -> str:
    """Stored form of a text that a model wrote: trainers compare answers by their text, so no blanks at the ends."""
    return stored(text).strip()


def _options(chunk: Chunk, item: ChoiceItem) -> tuple[Option, ...]:
    correct = tidy(item.correct)
    wrong = [Option(text=tidy(d.text), answer=tidy(d.text), correct=False, error=tidy(d.error)) for d in item.distractors]
    options = [Option(text=correct, answer=correct, correct=True, error=""), *wrong]
    random.Random(f"{chunk.id}:{tidy(item.question)}").shuffle(options)
    return tuple(options)


KINDS: Final[dict[str, Kind]] = {
    "qa": Kind("qa", QaReply, qa_pairs),
    "choice": Kind("choice", ChoiceReply, choice_pairs),
}
