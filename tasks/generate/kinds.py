"""The kinds of rows that can be asked for. A new kind is a reply form (`replies.py`), what of a document its prompt shows, a
function that makes pairs of the reply, a line in `KINDS`, and a prompt file a language.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from pydantic import BaseModel

from tasks.generate import replies
from tasks.generate.counts import wanted
from tasks.generate.materials import Clauses, Material
from tasks.generate.replies import (
    ChoiceItem,
    ChoiceReply,
    ConversationItem,
    ConversationReply,
    EvolveItem,
    EvolveReply,
    MultiHopItem,
    MultiHopReply,
    QaItem,
    QaReply,
    ReasoningItem,
    ReasoningReply,
    RefusalReply,
    RewriteItem,
    RewriteReply,
    ScenarioItem,
    ScenarioReply,
    ShortItem,
    ShortReply,
    SummaryReply,
    TrueFalseItem,
    TrueFalseReply,
    UnanswerableReply,
)
from tasks.generate.scenario import narrative
from tasks.records import Chunk, Language, Lineage, Option, Pair
from tasks.text.dialogue import transcript
from tasks.text.normal import stored

__all__ = ["KINDS", "Kind", "Material", "make_pair", "replies"]

Materials = Callable[[Chunk, Clauses, int], Iterator[Material]]
AUDIENCES: Final = ("new_clerk", "customer", "child")
JUDGE_IT: Final[dict[Language, str]] = {
    "ko": "다음 설명이 맞는지 틀린지 판단하고, 그 까닭을 말해 주세요.",
    "en": "Say whether the following statement is true or false, and why.",
}
VERDICTS: Final[dict[Language, tuple[str, str]]] = {"ko": ("맞습니다.", "틀립니다."), "en": ("True.", "False.")}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of rows: its prompt, the form of its reply, what it is asked about, and how a reply becomes pairs, one an item."""

    prompt: str
    reply: type[BaseModel]
    materials: Materials
    to_pairs: Callable[[Any, Material, Lineage], list[Pair]]


def _of_clause(kind: str, chunk: Chunk, clauses: Clauses, most: int) -> Iterator[Material]:
    """The clause itself, for as many rows as it is worth."""
    if count := wanted(kind, chunk, most):
        yield Material(chunk, count)


def _of_reference(chunk: Chunk, clauses: Clauses, most: int) -> Iterator[Material]:
    """The clause with each clause that it refers to, `most` of them."""
    for linked, _ in zip(clauses.referred(chunk), range(most), strict=False):
        values = {"linked_heading": " > ".join(linked.heading), "linked_text": linked.text}
        yield Material(chunk, 1, values, linked=linked)


def _of_sibling(chunk: Chunk, clauses: Clauses, most: int) -> Iterator[Material]:
    """The clause with a neighbour, whose content is asked for in vain."""
    if most and (sibling := clauses.sibling(chunk)):
        yield Material(chunk, most, {"sibling_heading": " > ".join(sibling.heading), "sibling_text": sibling.text})


def _of_audience(chunk: Chunk, clauses: Clauses, most: int) -> Iterator[Material]:
    """The clause for `most` audiences; which one comes first changes from clause to clause."""
    first = int(chunk.id[:8], 16)
    for number in range(min(most, len(AUDIENCES))):
        yield Material(chunk, 1, {"audience": AUDIENCES[(first + number) % len(AUDIENCES)]})


def _of_typology(chunk: Chunk, clauses: Clauses, most: int) -> Iterator[Material]:
    if count := wanted("scenario", chunk, most):
        yield Material(chunk, count, {"avoid": ""})


def _of_parent(chunk: Chunk, clauses: Clauses, most: int) -> Iterator[Material]:
    """Pairs evolve in rounds of their own (`evolve.py`), not with their clause."""
    return iter(())


def _qa(item: QaItem, material: Material, lineage: Lineage) -> Pair:
    return make_pair(material.chunk, "qa", item.question, item.answer, item.quotes, lineage, subtype=item.type)


def _choice(item: ChoiceItem, material: Material, lineage: Lineage) -> Pair:
    """Where the right option stands is chance, seeded by chunk and question."""
    options = _options(material.chunk, item)
    return make_pair(material.chunk, "choice", item.question, item.correct, item.quotes, lineage, options=options)


def _short(item: ShortItem, material: Material, lineage: Lineage) -> Pair:
    return make_pair(material.chunk, "short", item.question, item.short, item.quotes, lineage)


def _true_false(item: TrueFalseItem, material: Material, lineage: Lineage) -> Pair:
    language = material.chunk.language
    question = f"{JUDGE_IT[language]}\n\n{item.statement.strip()}"
    answer = f"{VERDICTS[language][0 if item.true else 1]} {item.explanation.strip()}"
    subtype = "true" if item.true else "false"
    return make_pair(material.chunk, "true_false", question, answer, item.quotes, lineage, subtype=subtype)


def _multi_hop(item: MultiHopItem, material: Material, lineage: Lineage) -> Pair:
    assert material.linked
    quotes = [*item.quotes, *item.linked_quotes]
    return make_pair(material.chunk, "multi_hop", item.question, item.answer, quotes, lineage, linked=(material.linked.id,))


def _conversation(item: ConversationItem, material: Material, lineage: Lineage) -> Pair:
    turns = [(tidy(turn.question), tidy(turn.answer)) for turn in item.turns] or [("", "")]
    quotes = list(dict.fromkeys(quote for turn in item.turns for quote in turn.quotes))
    answer = transcript(turns, material.chunk.language)
    return make_pair(material.chunk, "conversation", turns[0][0], answer, quotes, lineage)


def _reasoning(item: ReasoningItem, material: Material, lineage: Lineage) -> Pair:
    steps = [f"{number}. {step.text.strip()}" for number, step in enumerate(item.steps, start=1)]
    answer = "\n".join([*steps, "", item.answer.strip()]) if steps else item.answer
    quotes = [step.quote for step in item.steps]
    return make_pair(material.chunk, "reasoning", item.question, answer, quotes, lineage)


def _plain(kind: str, item: Any, material: Material, lineage: Lineage) -> Pair:
    """For forms that are a question, an answer and quotes."""
    return make_pair(material.chunk, kind, item.question, item.answer, item.quotes, lineage)


def _rewrite(item: RewriteItem, material: Material, lineage: Lineage) -> Pair:
    return make_pair(material.chunk, "rewrite", item.question, item.answer, item.quotes, lineage, subtype=item.audience)


def _evolve(item: EvolveItem, material: Material, lineage: Lineage) -> Pair:
    parent = material.parent
    assert parent
    return make_pair(
        material.chunk, "evolve", item.question, item.answer, item.quotes, lineage, subtype=item.mode, parent=parent.id
    )


def _scenario(item: ScenarioItem, material: Material, lineage: Lineage) -> Pair:
    question = f"{narrative(item, material.chunk.language)}\n\n{item.question.strip()}"
    return make_pair(material.chunk, "scenario", question, item.answer, item.quotes, lineage, subtype=tidy(item.title)[:80])


def _each(make: Callable[[Any, Material, Lineage], Pair], reply: Any, material: Material, lineage: Lineage) -> list[Pair]:
    return [make(item, material, lineage) for item in reply.items]


def make_pair(
    chunk: Chunk,
    kind: str,
    question: str,
    answer: str,
    quotes: Sequence[str],
    lineage: Lineage,
    options: tuple[Option, ...] = (),
    subtype: str = "",
    parent: str | None = None,
    linked: tuple[str, ...] = (),
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
        parent=parent,
        lineage=lineage,
        subtype=subtype,
        linked=linked,
    )


def tidy(text: str) -> str:
    """Stored form of a text that a model wrote: trainers compare answers by their text, so no blanks at the ends."""
    return stored(text).strip()


def _options(chunk: Chunk, item: ChoiceItem) -> tuple[Option, ...]:
    correct = tidy(item.correct)
    wrong = [Option(text=tidy(d.text), answer=tidy(d.text), correct=False, error=d.error) for d in item.distractors]
    options = [Option(text=correct, answer=correct, correct=True, error=""), *wrong]
    random.Random(f"{chunk.id}:{tidy(item.question)}").shuffle(options)
    return tuple(options)


def _kind(name: str, reply: type[BaseModel], materials: Materials, make: Callable[[Any, Material, Lineage], Pair]) -> Kind:
    return Kind(name, reply, materials, partial(_each, make))


def _clause_kind(name: str, reply: type[BaseModel], make: Callable[[Any, Material, Lineage], Pair]) -> Kind:
    return _kind(name, reply, partial(_of_clause, name), make)


KINDS: Final[dict[str, Kind]] = {
    "qa": _clause_kind("qa", QaReply, _qa),
    "choice": _clause_kind("choice", ChoiceReply, _choice),
    "short": _clause_kind("short", ShortReply, _short),
    "true_false": _clause_kind("true_false", TrueFalseReply, _true_false),
    "multi_hop": _kind("multi_hop", MultiHopReply, _of_reference, _multi_hop),
    "conversation": _clause_kind("conversation", ConversationReply, _conversation),
    "reasoning": _clause_kind("reasoning", ReasoningReply, _reasoning),
    "summary": _clause_kind("summary", SummaryReply, partial(_plain, "summary")),
    "unanswerable": _kind("unanswerable", UnanswerableReply, _of_sibling, partial(_plain, "unanswerable")),
    "refusal": _clause_kind("refusal", RefusalReply, partial(_plain, "refusal")),
    "rewrite": _kind("rewrite", RewriteReply, _of_audience, _rewrite),
    "evolve": _kind("evolve", EvolveReply, _of_parent, _evolve),
    "scenario": _kind("scenario", ScenarioReply, _of_typology, _scenario),
}
