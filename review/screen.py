"""One record as annotators see it: its fields in harmless Markdown, what to filter by, and the texts they may edit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from review.doubts import doubts_shown
from review.markdown import escape_markdown, mark_ranges
from review.schema import Words
from tasks.errors import ReviewError
from tasks.records import Chunk, Language, Option, Pair, Preference
from tasks.text.normal import stored

PAGE = Words("{page}쪽", "page {page}")
NOT_AGENT = re.compile(r"[^a-zA-Z0-9_:./ -]+")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The model's text for a question that asks for a text."""

    question: str
    text: str
    agent: str


@dataclass(frozen=True, slots=True)
class ReviewRecord:
    """A record before it knows of any server. `id` is the pair's or the preference's."""

    id: str
    fields: Mapping[str, str]
    metadata: Mapping[str, str | int]
    suggestions: tuple[Suggestion, ...]


def pair_record(pair: Pair, chunk: Chunk, language: Language, linked: Sequence[Chunk] = ()) -> ReviewRecord:
    """A question and its answer for the QA queue; `linked` are the other chunks that it rests on."""
    fields = {"question": escape_markdown(pair.question), "answer": escape_markdown(pair.answer)}
    if pair.options:
        fields["options"] = _options(pair.options)
    fields["source"] = _source(pair, chunk, language, linked)
    texts = {"edited_question": pair.question, "edited_answer": pair.answer}
    return ReviewRecord(pair.id, fields, _metadata(pair, pair.kind), _suggestions(texts, pair.lineage.model))


def preference_record(preference: Preference, pair: Pair, chunk: Chunk, language: Language) -> ReviewRecord:
    """Two answers for the DPO queue."""
    fields = {
        "prompt": escape_markdown(preference.prompt),
        "chosen": escape_markdown(preference.chosen),
        "rejected": escape_markdown(preference.rejected),
        "source": _source(pair, chunk, language),
    }
    suggestions = _suggestions({"edited_chosen": preference.chosen}, pair.lineage.model)
    return ReviewRecord(preference.id, fields, _metadata(pair, preference.origin), suggestions)


def pair_records(pairs: Iterable[Pair], chunks: Iterable[Chunk], language: Language) -> list[ReviewRecord]:
    """The QA queue."""
    known = {chunk.id: chunk for chunk in chunks}
    return [
        pair_record(pair, _known(known, pair.chunk, pair.id), language, [known[id_] for id_ in pair.linked if id_ in known])
        for pair in pairs
    ]


def preference_records(
    preferences: Iterable[Preference], pairs: Iterable[Pair], chunks: Iterable[Chunk], language: Language
) -> list[ReviewRecord]:
    """The DPO queue."""
    known_pairs, known = {pair.id: pair for pair in pairs}, {chunk.id: chunk for chunk in chunks}
    records = []
    for preference in preferences:
        if preference.pair not in known_pairs:
            raise ReviewError(f"preference {preference.id}: its pair {preference.pair} is not among the pairs; build again")
        pair = known_pairs[preference.pair]
        records.append(preference_record(preference, pair, _known(known, pair.chunk, pair.id), language))
    return records


def _known(chunks: Mapping[str, Chunk], chunk: str, record: str) -> Chunk:
    if chunk not in chunks:
        raise ReviewError(f"pair {record}: its chunk {chunk} is not among the chunks; build again")
    return chunks[chunk]


def agent_name(model: str) -> str:
    """A model's name in the characters that Argilla takes for an agent."""
    name = NOT_AGENT.sub("-", model).strip()[:200]
    return name if re.search(r"[a-zA-Z0-9]", name) else "model"


def _suggestions(texts: Mapping[str, str], model: str) -> tuple[Suggestion, ...]:
    return tuple(Suggestion(question, stored(text), agent_name(model)) for question, text in texts.items())


def _options(options: Iterable[Option]) -> str:
    return "<br>".join(f"{'✔' if option.correct else '✘'} {escape_markdown(option.text)}" for option in options)


def _source(pair: Pair, chunk: Chunk, language: Language, linked: Sequence[Chunk] = ()) -> str:
    """What to look at, then each clause under its heading path with its evidence marked, then file name and page."""
    page = PAGE.of(language).format(page=pair.page or chunk.pages[0])
    place = f"{escape_markdown(PurePosixPath(pair.path).name)} · {page}"
    parts = [doubts_shown(pair.doubts, language), *_clause(pair, chunk, ""), f"<i>{place}</i>"]
    parts += [part for other in linked for part in _clause(pair, other, other.id)]
    return "\n\n".join(part for part in parts if part)


def _clause(pair: Pair, chunk: Chunk, name: str) -> Iterator[str]:
    """A clause; `name` is what the evidence in it calls its chunk."""
    heading = escape_markdown(" > ".join(chunk.heading))
    yield f"<b>{heading}</b>" if heading else ""
    yield mark_ranges(chunk.text, ((evidence.start, evidence.end) for evidence in pair.evidence if evidence.chunk == name))


def _metadata(pair: Pair, kind: str) -> dict[str, str | int]:
    return {
        "kind": kind,
        "document": stored(pair.path),
        "page": pair.page,
        "language": pair.language,
        "model": stored(pair.lineage.model),
    }
