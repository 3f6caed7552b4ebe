"""Chunks to pairs: one ask a chunk and kind, a pair for every item that comes back.

The function is handed how to ask, so it knows no endpoint and no store. Nothing gets lost on the way: a chunk that is too
short, an ask that failed, an item more than was asked for are dropped rows with a reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, Literal

from pydantic import BaseModel

from prompts.loader import Prompt, PromptError, load
from tasks.errors import SettingsError
from tasks.generate.kinds import KINDS
from tasks.generate.materials import Clauses, Material
from tasks.generate.replies import ScenarioReply
from tasks.generate.scenario import faults
from tasks.llm.asks import Answer, Ask, sampling_of
from tasks.records import Chunk, Dropped, Kept, Language, Lineage, Pair
from tasks.settings import GenerateSettings, ModelSettings
from tasks.store import CODE_VERSION

STEP: Final = "generate"
VERSION: Final = 2

# Beside these, a failed ask is dropped with the problem of its answer (tasks/llm/asks.py).
Reason = Literal["too_short", "nothing_written", "more_than_asked", "repeated", "inconsistent"]
TOKENS_PER_ITEM = 320  # a question, an answer and a quote in Korean; for estimates only

Prompts = Mapping[tuple[str, Language], Prompt]


def load_prompts(settings: GenerateSettings, languages: Iterable[Language], project: Path | None) -> Prompts:
    """The prompts of the kinds asked for. Raises SettingsError for an unknown kind or a bad prompt file."""
    for kind in settings.kinds:
        if kind not in KINDS:
            raise SettingsError(f"generate.kinds.{kind}: unknown kind; known are {', '.join(sorted(KINDS))}")
    try:
        return {
            (kind, language): load(KINDS[kind].prompt, language, project)
            for kind, count in settings.kinds.items()
            for language in sorted(set(languages))
            if count
        }
    except PromptError as exc:
        raise SettingsError(str(exc)) from exc


@dataclass(frozen=True, slots=True)
class Order:
    """One ask, and what it is about."""

    ask: Ask
    material: Material


def generate(
    chunks: Sequence[Chunk],
    settings: GenerateSettings,
    model: ModelSettings,
    prompts: Prompts,
    ask: Callable[[Sequence[Ask]], list[Answer]],
    run: str,
    titles: Mapping[str, str] | None = None,
    around: Sequence[Chunk] | None = None,
) -> Kept[Pair]:
    """The pairs that a model writes from chunks of one document. `titles` names documents by id; without, the file name does.

    `around` are all chunks of the document where `chunks` are only some. In = out: every item that came back, every failed ask
    and every chunk that was not asked about is a row or a dropped row.
    """
    orders = make_orders(chunks, settings, prompts, titles or {}, around)
    kept = written(orders, ask([order.ask for order in orders]), model, run)
    short = [_without(chunk, "too_short", f"{len(chunk.text)} characters") for chunk in _short(chunks, settings)]
    return Kept(kept.rows, [*short, *kept.dropped])


def written(orders: Sequence[Order], answers: Sequence[Answer], model: ModelSettings, run: str) -> Kept[Pair]:
    """The pairs in the answers to orders; one that comes twice counts once."""
    rows: dict[str, Pair] = {}
    dropped: list[Dropped] = []
    for order, answer in zip(orders, answers, strict=True):
        made, lost = _pairs(answer, order.material, _lineage(answer, model, run))
        for pair in made:
            if pair.id in rows:
                lost.append(_drop(pair, "repeated", f"the same item came twice for chunk {pair.chunk}"))
            rows.setdefault(pair.id, pair)
        dropped += lost
    return Kept(list(rows.values()), dropped)


def make_orders(
    chunks: Sequence[Chunk],
    settings: GenerateSettings,
    prompts: Prompts,
    titles: Mapping[str, str],
    around: Sequence[Chunk] | None = None,
    sample: int = 0,
) -> list[Order]:
    """The asks about chunks; all asks of a chunk together, which is what prompt caches want.

    `sample` numbers further replies to the same asks.
    """
    return [
        order(
            kind,
            material,
            prompts[kind, material.chunk.language],
            titles.get(material.chunk.document) or _title(material.chunk.path),
            sample,
        )
        for kind, material in materials(chunks, settings, around)
    ]


def materials(
    chunks: Sequence[Chunk], settings: GenerateSettings, around: Sequence[Chunk] | None = None
) -> Iterator[tuple[str, Material]]:
    """What is asked about, by kind: an ask each."""
    clauses = Clauses(around or chunks)
    for chunk in chunks:
        if len(chunk.text) >= settings.min_chars:
            for kind, most in settings.kinds.items():
                yield from ((kind, material) for material in KINDS[kind].materials(chunk, clauses, most))


def order(kind: str, material: Material, prompt: Prompt, title: str, sample: int = 0) -> Order:
    """The ask for rows of a kind about some material."""
    chunk = material.chunk
    values = {"document": title, "heading": " > ".join(chunk.heading), "text": chunk.text, **material.values}
    user = prompt.user(values, material.count)
    return Order(Ask(chunk.id, kind, prompt.system, user, KINDS[kind].reply, prompt.hash, sample), material)


def _pairs(answer: Answer, material: Material, lineage: Lineage) -> tuple[list[Pair], list[Dropped]]:
    kind, chunk = answer.ask.kind, material.chunk
    if answer.value is None:
        return [], [_without(chunk, answer.problem, f"{kind}: {answer.detail}")]
    sound, lost = _sound(answer.value, chunk)
    pairs = KINDS[kind].to_pairs(sound, material, lineage)
    if not pairs and not lost:
        return [], [_without(chunk, "nothing_written", f"{kind}: the model found nothing to ask")]
    most = material.count
    more = [_drop(pair, "more_than_asked", f"{most} asked, {len(pairs)} written") for pair in pairs[most:]]
    return pairs[:most], [*lost, *more]


def _sound(reply: BaseModel, chunk: Chunk) -> tuple[BaseModel, list[Dropped]]:
    """A reply without the scenarios whose time or money does not add up."""
    if not isinstance(reply, ScenarioReply):
        return reply, []
    found = [(item, faults(item)) for item in reply.items]
    lost = [_without(chunk, "inconsistent", f"{item.title}: {'; '.join(wrong)}"[:500]) for item, wrong in found if wrong]
    return reply.model_copy(update={"items": [item for item, wrong in found if not wrong]}), lost


def _lineage(answer: Answer, model: ModelSettings, run: str) -> Lineage:
    return Lineage(
        prompt=KINDS[answer.ask.kind].prompt,
        prompt_hash=answer.ask.version,
        model=model.model,
        sampling=sampling_of(model),
        call=answer.call,
        run=run,
        code=CODE_VERSION,
    )


def _short(chunks: Iterable[Chunk], settings: GenerateSettings) -> Iterator[Chunk]:
    return (chunk for chunk in chunks if len(chunk.text) < settings.min_chars)


def _title(path: str) -> str:
    return PurePosixPath(path).stem


def _without(chunk: Chunk, reason: str, detail: str) -> Dropped:
    return Dropped.of(chunk, chunk.id, STEP, reason, detail)


def _drop(pair: Pair, reason: Reason, detail: str) -> Dropped:
    return Dropped.of(pair, pair.id, STEP, reason, detail)
