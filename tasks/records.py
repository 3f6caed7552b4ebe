"""What every step hands to the next: frozen records with content-hash ids.

A record read back from disk or from a model is a trust boundary, so unknown fields are refused. Ids are blake2b-128 of the
content: a re-run makes the same ids, and an unchanged clause keeps its rows, and people's verdicts on them, when the
document around it is revised. There is no `metadata: dict`; what a step needs to say has a field.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

Language = Literal["ko", "en"]
Origin = Literal["text", "ocr", "blank", "needs_ocr"]
BlockKind = Literal["text", "table"]
Decision = Literal["approve", "edit", "reject"]
PreferenceOrigin = Literal["distractor", "sampled", "revised"]
Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")


R = TypeVar("R", bound="Record")


def content_id(*parts: Any) -> str:
    """32 hex characters (blake2b-128) of JSON-able parts; equal parts give equal ids on every machine."""
    canonical = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(canonical.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def bytes_id(data: bytes) -> str:
    """32 hex characters (blake2b-128) of raw bytes."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


class Record(BaseModel):
    """Base of all records: frozen, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Box(Record):
    """A rectangle on a page in points (1/72 inch), origin at the top left of the page as it is shown."""

    x0: float
    y0: float
    x1: float
    y1: float

    def union(self, other: Box) -> Box:
        """The smallest box that holds both."""
        return Box(x0=min(self.x0, other.x0), y0=min(self.y0, other.y0), x1=max(self.x1, other.x1), y1=max(self.y1, other.y1))


class Source(Record):
    """A file in the source folder: id of its bytes, path relative to the project, size in bytes."""

    id: str
    path: str
    size: int


class Document(Record):
    """One source file. `id` is of the bytes; `family` is shared by the revisions of one text."""

    id: str
    family: str
    title: str
    path: str
    pages: int
    language: Language
    effective: date | None


class Block(Record):
    """A line of text, or a whole table, where it stands on the page. `confidence` (0..1) comes from OCR only."""

    text: str
    box: Box
    kind: BlockKind = "text"
    confidence: float | None = None


class Page(Record):
    """One page: its number (from 1), its size in points, where its text came from and why.

    `detail` says more about the reason where there is more to say. Text that OCR read has the resolution of the picture it was
    read from and the mean confidence of its lines (0..1).
    """

    document: str
    path: str
    number: int
    width: float
    height: float
    origin: Origin
    engine: str
    reason: str
    blocks: tuple[Block, ...]
    detail: str = ""
    dpi: int | None = None
    confidence: float | None = None

    @property
    def id(self) -> str:
        """Document id and page number; a page has no life outside its file."""
        return f"{self.document}-p{self.number}"

    @property
    def text(self) -> str:
        """The blocks in reading order, a line each."""
        return "\n".join(block.text for block in self.blocks)


class Span(Record):
    """Characters `start..end` of a chunk's text stand in `box` on `page`."""

    page: int
    box: Box
    start: int
    end: int


class Chunk(Record):
    """A piece of a document that stands on its own: a clause, or some paragraphs of a long one.

    `heading` is the path of titles above and including it, `clause` a key of that path that does not depend on page
    numbers, `part` counts the pieces of one clause from 1. Spans cover the text but for the line ends between them.
    """

    id: str
    document: str
    path: str
    language: Language
    heading: tuple[str, ...]
    clause: str
    part: int
    text: str
    spans: tuple[Span, ...]

    @staticmethod
    def make_id(heading: tuple[str, ...], clause: str, part: int, text: str) -> str:
        """Of the content alone: the same clause in a revised file keeps its id."""
        return content_id("chunk", list(heading), clause, part, text)

    @property
    def pages(self) -> tuple[int, int]:
        """First and last page."""
        return min(s.page for s in self.spans), max(s.page for s in self.spans)


class Region(Record):
    """A box on a page."""

    page: int
    box: Box


class Evidence(Record):
    """A verbatim quote: characters `start..end` of a chunk's text, and where they stand in the PDF.

    `chunk` is the id of a linked chunk, empty for the pair's own.
    """

    quote: str
    start: int
    end: int
    regions: tuple[Region, ...]
    chunk: str = ""


class Doubt(Record):
    """Why people should look twice at a row: a reason of `tasks/check/findings.py`, and the words at fault."""

    reason: str
    detail: str


class Option(Record):
    """One option of a multiple-choice question. `answer` is the option as a full sentence, `error` what is wrong with it."""

    text: str
    answer: str
    correct: bool
    error: str


class Sampling(Record):
    """The sampling parameters that were sent."""

    temperature: float
    top_p: float
    max_tokens: int


class Lineage(Record):
    """Who wrote a row: prompt, model, call and run."""

    prompt: str
    prompt_hash: str
    model: str
    sampling: Sampling
    call: str
    run: str
    code: str


class Score(Record):
    """A judge's opinion of a row by one criterion, 1 to 5, and why."""

    criterion: str
    score: int
    reason: str


class Pair(Record):
    """A question and its answer, with the evidence it rests on.

    `subtype` is a finer kind: the type of a question, the mode of an evolution, an audience. `linked` are further chunks that the
    row needs: the clause referred to, the documents of a RAFT row. `parent` is the pair that it was evolved from. The answer of
    a conversation is its transcript (tasks/text/dialogue.py).
    """

    id: str
    chunk: str
    document: str
    path: str
    language: Language
    kind: str
    question: str
    answer: str
    quotes: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    options: tuple[Option, ...]
    parent: str | None
    lineage: Lineage
    subtype: str = ""
    linked: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    scores: tuple[Score, ...] = ()

    @staticmethod
    def make_id(chunk: str, kind: str, question: str, answer: str, quotes: tuple[str, ...], options: tuple[Option, ...]) -> str:
        """Of what a reviewer sees and of the clause it is about."""
        return content_id("pair", chunk, kind, question, answer, list(quotes), [o.model_dump() for o in options])

    @property
    def page(self) -> int:
        """The page of the first piece of evidence; 0 before the evidence is located."""
        return self.evidence[0].regions[0].page if self.evidence and self.evidence[0].regions else 0


class Preference(Record):
    """A prompt with a better and a worse answer. `error` says what the worse one gets wrong, `margin` how clearly."""

    id: str
    pair: str
    prompt: str
    chosen: str
    rejected: str
    origin: PreferenceOrigin
    error: str
    margin: float | None

    @staticmethod
    def make_id(pair: str, prompt: str, chosen: str, rejected: str) -> str:
        """Of what a reviewer sees."""
        return content_id("preference", pair, prompt, chosen, rejected)


class Verdict(Record):
    """What one person decided about one record. Edited fields are empty unless the decision is `edit`.

    For a pair: `question` and `answer` are the edited texts. For a preference: `answer` is the edited chosen answer.
    """

    record: str
    queue: Literal["qa", "dpo"]
    decision: Decision
    question: str
    answer: str
    reason: str
    comment: str
    annotator: str
    time: datetime

    @property
    def id(self) -> str:
        """One verdict a person, record and moment."""
        return content_id("verdict", self.record, self.annotator, self.time.isoformat())


class VerifiedPair(Record):
    """A pair that people stand behind: question and answer as approved or edited, and the verdict that settled it."""

    pair: Pair
    question: str
    answer: str
    verdict: Verdict


class VerifiedPreference(Record):
    """A preference that people stand behind, its chosen answer as approved or edited."""

    preference: Preference
    chosen: str
    verdict: Verdict


class Dropped(Record):
    """A record that a step did not keep: why, and the record itself as JSON."""

    id: str
    step: str
    reason: str
    detail: str
    type: str
    record: str

    @staticmethod
    def of(record: Record, record_id: str, step: str, reason: str, detail: str) -> Dropped:
        """The dropped form of any record."""
        return Dropped(
            id=record_id,
            step=step,
            reason=reason,
            detail=detail,
            type=type(record).__name__,
            record=record.model_dump_json(),
        )


@dataclass(frozen=True, slots=True)
class Kept(Generic[R]):
    """What a step returns: in = rows + dropped, always."""

    rows: list[R]
    dropped: list[Dropped]
