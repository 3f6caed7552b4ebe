"""Verified records as the rows of a release: SFT, DPO, and for each of them a row of lineage under the same id.

Only what people settled comes in, and their edits are the last word on the text; so the last gates stand here, behind the
edits: no empty text, no preference whose two answers are one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Generic, Literal, TypeVar

from tasks.errors import StoreError
from tasks.records import (
    Chunk,
    Decision,
    Document,
    Dropped,
    Language,
    Pair,
    PreferenceOrigin,
    Record,
    Region,
    Split,
    Verdict,
    VerifiedPair,
    VerifiedPreference,
)
from tasks.text.dialogue import Turn, turns_of
from tasks.text.normal import comparable, stored

STEP: Final = "release"
Reason = Literal["empty_text", "equal_answers", "repeated_id"]
ANSWER_LEAD: Final[Mapping[Language, str]] = {"ko": "정답: ", "en": "Answer: "}


class Message(Record):
    """One turn."""

    role: Literal["system", "user", "assistant"]
    content: str


class SftRow(Record):
    """A conversation to learn from, and where it comes from."""

    id: str
    kind: str
    language: Language
    messages: tuple[Message, ...]
    title: str
    path: str
    page: int
    heading: str
    clause: str


class DpoRow(Record):
    """A prompt with a better and a worse answer, and where it comes from."""

    id: str
    origin: PreferenceOrigin
    language: Language
    prompt: tuple[Message, ...]
    chosen: tuple[Message, ...]
    rejected: tuple[Message, ...]
    title: str
    path: str
    page: int
    heading: str
    clause: str


class LineageRow(Record):
    """Everything behind the row with this id: source, quotes and boxes, prompt, model and call, verdict, split."""

    id: str
    type: Literal["sft", "dpo"]
    split: Split
    kind: str
    pair: str
    chunk: str
    document: str
    family: str
    title: str
    path: str
    heading: str
    clause: str
    pages: tuple[int, ...]
    regions: tuple[Region, ...]
    quotes: tuple[str, ...]
    prompt: str
    prompt_hash: str
    model: str
    call: str
    run: str
    code: str
    decision: Decision
    annotator: str
    time: datetime


Row = TypeVar("Row", SftRow, DpoRow)


@dataclass(frozen=True, slots=True)
class Origin:
    """The pair behind a row, its clause and its document."""

    pair: Pair
    chunk: Chunk
    document: Document


@dataclass(frozen=True, slots=True)
class Sources:
    """Where pairs, chunks and documents are looked up."""

    pairs: Mapping[str, Pair]
    chunks: Mapping[str, Chunk]
    documents: Mapping[str, Document]

    def origin(self, pair: Pair) -> Origin:
        """What stands behind a pair. Raises StoreError when its clause or its document is unknown."""
        try:
            return Origin(pair, self.chunks[pair.chunk], self.documents[pair.document])
        except KeyError as exc:
            raise StoreError(f"row {pair.id}: its clause or document {exc} is in no stage; build again, then publish") from None

    def pair(self, verified: VerifiedPreference) -> Pair:
        """The pair a preference was made from. Raises StoreError when it is unknown."""
        try:
            return self.pairs[verified.preference.pair]
        except KeyError as exc:
            raise StoreError(f"row {verified.preference.id}: its pair {exc} is in no stage; build again, then publish") from None


@dataclass(frozen=True, slots=True)
class Drafted(Generic[Row]):
    """A row that goes into the release once its split is known."""

    row: Row
    origin: Origin
    verdict: Verdict

    def lineage(self, split: Split) -> LineageRow:
        """The lineage row of the row."""
        pair, regions = self.origin.pair, tuple(region for evidence in self.origin.pair.evidence for region in evidence.regions)
        return LineageRow(
            id=self.row.id,
            type="sft" if isinstance(self.row, SftRow) else "dpo",
            split=split,
            kind=pair.kind,
            pair=pair.id,
            chunk=pair.chunk,
            document=pair.document,
            family=self.origin.document.family,
            title=self.row.title,
            path=pair.path,
            heading=self.row.heading,
            clause=self.row.clause,
            pages=tuple(sorted({region.page for region in regions})),
            regions=regions,
            quotes=tuple(evidence.quote for evidence in pair.evidence),
            prompt=pair.lineage.prompt,
            prompt_hash=pair.lineage.prompt_hash,
            model=pair.lineage.model,
            call=pair.lineage.call,
            run=pair.lineage.run,
            code=pair.lineage.code,
            decision=self.verdict.decision,
            annotator=self.verdict.annotator,
            time=self.verdict.time,
        )


Fit = tuple[list["Drafted[Row]"], list[Dropped]]


def sft_rows(verified: Iterable[VerifiedPair], sources: Sources, system: str) -> Fit[SftRow]:
    """SFT rows in the order of their ids, and what was not fit to be one."""
    kept: dict[str, Drafted[SftRow]] = {}
    dropped = []
    for one in sorted(verified, key=lambda v: (v.pair.id, v.verdict.time, v.model_dump_json())):
        if reason := _pair_fault(one, kept):
            dropped.append(Dropped.of(one, one.pair.id, STEP, reason, ""))
        else:
            kept[one.pair.id] = _sft(one, sources.origin(one.pair), system)
    return list(kept.values()), dropped


def dpo_rows(verified: Iterable[VerifiedPreference], sources: Sources, system: str) -> Fit[DpoRow]:
    """DPO rows in the order of their ids, and what was not fit to be one."""
    kept: dict[str, Drafted[DpoRow]] = {}
    dropped = []
    for one in sorted(verified, key=lambda v: (v.preference.id, v.verdict.time, v.model_dump_json())):
        if reason := _preference_fault(one, kept):
            dropped.append(Dropped.of(one, one.preference.id, STEP, reason, ""))
        else:
            kept[one.preference.id] = _dpo(one, sources.origin(sources.pair(one)), system)
    return list(kept.values()), dropped


def by_split(drafts: Sequence[Drafted[Row]], splits: Mapping[str, Split]) -> dict[Split, list[Row]]:
    """The rows of each split; `splits` says where a family goes."""
    rows: dict[Split, list[Row]] = {"train": [], "validation": [], "test": []}
    for draft in drafts:
        rows[splits[draft.origin.document.family]].append(draft.row)
    return rows


def _pair_fault(one: VerifiedPair, kept: Mapping[str, object]) -> Reason | None:
    if one.pair.id in kept:
        return "repeated_id"
    return None if clean(one.question) and clean(one.answer) else "empty_text"


def _preference_fault(one: VerifiedPreference, kept: Mapping[str, object]) -> Reason | None:
    if one.preference.id in kept:
        return "repeated_id"
    if not (clean(one.preference.prompt) and clean(one.chosen) and clean(one.preference.rejected)):
        return "empty_text"
    return "equal_answers" if comparable(one.chosen) == comparable(one.preference.rejected) else None


def _sft(one: VerifiedPair, origin: Origin, system: str) -> Drafted[SftRow]:
    pair = one.pair
    turns = turns_of(_question(one), _answer(one)) if pair.kind == "conversation" else [(_question(one), _answer(one))]
    (question, answer), *others = turns
    row = SftRow(
        id=pair.id,
        kind=pair.kind,
        language=pair.language,
        messages=(*_asked(question, system), Message(role="assistant", content=answer), *_more(others)),
        title=clean(origin.document.title),
        path=pair.path,
        page=pair.page,
        heading=heading(origin.chunk),
        clause=origin.chunk.clause,
    )
    return Drafted(row, origin, one.verdict)


def _more(turns: Iterable[Turn]) -> Iterator[Message]:
    for question, answer in turns:
        yield Message(role="user", content=question)
        yield Message(role="assistant", content=answer)


def _dpo(one: VerifiedPreference, origin: Origin, system: str) -> Drafted[DpoRow]:
    row = DpoRow(
        id=one.preference.id,
        origin=one.preference.origin,
        language=origin.pair.language,
        prompt=_asked(one.preference.prompt, system),
        chosen=(Message(role="assistant", content=clean(one.chosen)),),
        rejected=(Message(role="assistant", content=clean(one.preference.rejected)),),
        title=clean(origin.document.title),
        path=origin.pair.path,
        page=origin.pair.page,
        heading=heading(origin.chunk),
        clause=origin.chunk.clause,
    )
    return Drafted(row, origin, one.verdict)


def clean(text: str) -> str:
    """Text as it is released: NFC, no control characters, no white space around it (templates strip it, and then look for it)."""
    return stored(text).strip()


def heading(chunk: Chunk) -> str:
    """The titles above a clause, as people read them."""
    return clean(" > ".join(chunk.heading))


def _asked(question: str, system: str) -> tuple[Message, ...]:
    lead = (Message(role="system", content=clean(system)),) if clean(system) else ()
    return *lead, Message(role="user", content=clean(question))


def _question(one: VerifiedPair) -> str:
    """A multiple-choice question with its options under it."""
    options = [f"{number}) {clean(option.text)}" for number, option in enumerate(one.pair.options, start=1)]
    return "\n".join([clean(one.question), *options])


def _answer(one: VerifiedPair) -> str:
    """A multiple-choice answer as "정답: 2) 3개월", with the full sentence under it where the option says less."""
    answer = clean(one.answer)
    right = [(number, clean(option.text)) for number, option in enumerate(one.pair.options, start=1) if option.correct]
    lead = [ANSWER_LEAD[one.pair.language] + ", ".join(f"{number}) {text}" for number, text in right)] if right else []
    said = any(comparable(text) == comparable(answer) for _, text in right)
    return "\n".join(lead if said else [*lead, answer])
