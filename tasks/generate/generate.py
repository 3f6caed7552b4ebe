"""Chunks to pairs: one ask a chunk and kind, a pair for every item that comes back.

The function is handed how to ask, so it knows no endpoint and no store. Nothing gets lost on the way: a chunk that is too
short, an ask that failed, an item more than was asked for are dropped rows with a reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Final, Literal

from prompts.loader import Prompt, PromptError, load
from tasks.errors import SettingsError
from tasks.generate.kinds import KINDS
from tasks.llm.asks import Answer, Ask, sampling_of
from tasks.records import Chunk, Dropped, Kept, Language, Lineage, Pair
from tasks.settings import GenerateSettings, ModelSettings
from tasks.store import CODE_VERSION

STEP: Final = "generate"
VERSION: Final = 1

# Beside these, a failed ask is dropped with the problem of its answer (tasks/llm/asks.py).
Reason = Literal["too_short", "nothing_written", "more_than_asked", "repeated"]
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


def generate(
    chunks: Sequence[Chunk],
    settings: GenerateSettings,
    model: ModelSettings,
    prompts: Prompts,
    ask: Callable[[Sequence[Ask]], list[Answer]],
    run: str,
    titles: Mapping[str, str] | None = None,
) -> Kept[Pair]:
    """The pairs that a model writes from chunks. `titles` names the documents by id; without, the file name does.

    In = out: every item that came back, every failed ask and every chunk that was not asked about is a row or a dropped row.
    """
    by_id = {chunk.id: chunk for chunk in chunks}
    dropped = [_without(chunk, "too_short", f"{len(chunk.text)} characters") for chunk in _short(chunks, settings)]
    rows: dict[str, Pair] = {}
    for answer in ask(make_asks(chunks, settings, prompts, titles or {})):
        chunk = by_id[answer.ask.id]
        made, lost = _pairs(answer, chunk, settings, _lineage(answer, model, run))
        for pair in made:
            if pair.id in rows:
                lost.append(_drop(pair, "repeated", f"the same item came twice for chunk {chunk.id}"))
            rows.setdefault(pair.id, pair)
        dropped += lost
    return Kept(list(rows.values()), dropped)


def make_asks(chunks: Sequence[Chunk], settings: GenerateSettings, prompts: Prompts, titles: Mapping[str, str]) -> list[Ask]:
    """One ask a chunk and kind; all asks of a chunk together, which is what prompt caches want."""
    return [
        Ask(
            id=chunk.id,
            kind=kind,
            system=prompt.system,
            user=prompt.user(titles.get(chunk.document) or _title(chunk.path), " > ".join(chunk.heading), chunk.text, count),
            reply=KINDS[kind].reply,
            version=prompt.hash,
        )
        for chunk in chunks
        if len(chunk.text) >= settings.min_chars
        for kind, count in settings.kinds.items()
        if count and (prompt := prompts[kind, chunk.language])
    ]


def _pairs(answer: Answer, chunk: Chunk, settings: GenerateSettings, lineage: Lineage) -> tuple[list[Pair], list[Dropped]]:
    kind = answer.ask.kind
    if answer.value is None:
        return [], [_without(chunk, answer.problem, f"{kind}: {answer.detail}")]
    pairs = KINDS[kind].to_pairs(answer.value, chunk, lineage)
    if not pairs:
        return [], [_without(chunk, "nothing_written", f"{kind}: the model found nothing to ask")]
    wanted = settings.kinds[kind]
    return pairs[:wanted], [_drop(pair, "more_than_asked", f"{wanted} asked, {len(pairs)} written") for pair in pairs[wanted:]]


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
