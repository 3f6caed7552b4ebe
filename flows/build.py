"""build: from PDFs to a queue that people can review. It ends when the queue is in Argilla.

A document goes through read, clean, chunk, generate and check on its own; dedup and prefer see the whole corpus. What is
finished is never done again, so a run that was killed goes on where it stopped.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Literal, get_args

from prefect import flow, runtime
from prefect.artifacts import create_table_artifact
from prefect.task_runners import ThreadPoolTaskRunner

from flows.funnel import funnel
from flows.progress import say, warn
from flows.services import offline_writer
from flows.steps import CHECK, CHUNK, CLEAN, DEDUP, DOCUMENT, GENERATE, PREFER, READ, SOURCES, Stage, Step, run, run_all
from tasks.errors import InputError, SettingsError
from tasks.llm.calls import Calls
from tasks.llm.endpoint import Endpoint
from tasks.read.files import find_sources
from tasks.read.pool import ReadPool
from tasks.records import Chunk, Document, Page, Pair, Preference, Record, Source
from tasks.settings import ModelSettings, Settings, load_settings, secret
from tasks.store import STATE_FOLDER, Current, Kept, Manifest, Store

Until = Literal["read", "clean", "chunk", "generate", "check", "dedup", "prefer", "review"]
ORDER: tuple[Until, ...] = get_args(Until)
READ_THREADS = 8  # threads only wait for the reading processes, whose number is a setting


@dataclass
class Build:
    """One run over the steps of a project: what it works on and what it has made."""

    project: Path
    settings: Settings
    store: Store
    run: str
    made: dict[str, tuple[Manifest, ...]] = field(default_factory=dict)
    bought: int = 0
    pushed: int = 0

    def keep(self, step: Step[Record], manifests: Sequence[Manifest]) -> None:
        """Note the stages of a step, and make them the current ones once the step is whole."""
        self.made[step.name] = tuple(manifests)
        self.store.set_current(Current(run=self.run, keys={name: tuple(m.key for m in ms) for name, ms in self.made.items()}))

    @property
    def manifests(self) -> list[Manifest]:
        """All stages of this run, in the order of the steps."""
        return [manifest for manifests in self.made.values() for manifest in manifests]


def run_name() -> str:
    """How a run is called in Prefect's UI."""
    return f"{runtime.flow_run.flow_name} {Path(runtime.flow_run.parameters['project']).resolve().name}"


@flow(
    name="build",
    description="PDFs → pages → chunks → question and answer pairs → review queue",
    flow_run_name=run_name,
    task_runner=ThreadPoolTaskRunner(max_workers=READ_THREADS),
    persist_result=False,
)
def build(project: str, until: Until = "review", limit: int | None = None) -> Build:
    """Take a project's PDFs through the steps up to `until`; `limit` generates from that many chunks at most.

    Raises SettingsError, InputError (nothing usable), LlmError, ReviewError, ServiceError and StoreError.
    """
    work = open_build(Path(project))
    last = ORDER.index(until)
    steps = (read_pages, clean_pages, cut_chunks, generate_pairs, check_pairs, deduplicate_pairs, prefer_answers, push_queue)
    for number, step in enumerate(steps[: last + 1]):
        say(f"{ORDER[number]} …")
        step(work, limit) if step is generate_pairs else step(work)
    table = funnel(work.manifests)
    create_table_artifact(key="build-funnel", table=table.to_dict("list"), description=f"{work.project.name}: rows by step")
    return work


def open_build(project: Path) -> Build:
    """A new run of a project."""
    project = project.resolve()
    settings = load_settings(project)
    return Build(project, settings, Store(project), run=f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.urandom(2).hex()}")


def read_pages(work: Build) -> None:
    """Every PDF in the source folder becomes pages; what cannot be read is named with its reason."""
    found = find_sources(work.project, work.settings.sources.folder)
    listing = Stage.of(SOURCES, "sources", [f"{s.id} {s.path}" for s in found.rows] + [f"{d.id} {d.reason}" for d in found.dropped])
    sources = run(work.store, listing, lambda: found)
    libraries = [f"pymupdf {version('pymupdf')}"]
    with ReadPool(work.settings.read) as pool:
        todo = [
            (Stage.of(READ, s.path, [s.id, s.path], work.settings.read, libraries), lambda s=s: pool.read(s, work.project))
            for s in found.rows
        ]
        pages = run_all(work.store, todo)
    work.keep(SOURCES, [sources])
    work.keep(READ, pages)
    _refuse_nothing(work, [sources, *pages])


def clean_pages(work: Build) -> None:
    """Running heads, feet and page numbers leave the pages."""
    from tasks.clean.furniture import clean_pages

    def clean(read: Manifest) -> Kept[Page]:
        return clean_pages(work.store.read(read, Page), work.settings.clean)

    stages = [(Stage.of(CLEAN, m.label, [m.key], work.settings.clean), lambda m=m: clean(m)) for m in _of(work, READ)]
    work.keep(CLEAN, run_all(work.store, stages))


def cut_chunks(work: Build) -> None:
    """Documents get their title, language and family; their pages are cut along the outline."""
    from tasks.chunk.cut import cut, describe

    def described(sources: dict[str, Source], clean: Manifest) -> Kept[Document]:
        pages = work.store.read(clean, Page)
        return Kept([describe(sources[pages[0].document], pages)] if pages else [], [])

    def chunks(document: Manifest, clean: Manifest) -> Kept[Chunk]:
        documents = work.store.read(document, Document)
        return cut(documents[0], work.store.read(clean, Page), work.settings.chunk) if documents else Kept([], [])

    clean = _of(work, CLEAN)
    sources = {s.id: s for m in _of(work, SOURCES) for s in work.store.read(m, Source)}
    documents = run_all(
        work.store, [(Stage.of(DOCUMENT, m.label, [m.key]), lambda m=m: described(sources, m)) for m in clean]
    )
    work.keep(DOCUMENT, documents)
    pairs = zip(documents, clean, strict=True)
    stages = [
        (Stage.of(CHUNK, m.label, [d.key, m.key], work.settings.chunk), lambda d=d, m=m: chunks(d, m)) for d, m in pairs
    ]
    work.keep(CHUNK, run_all(work.store, stages))


def generate_pairs(work: Build, limit: int | None) -> None:
    """A model writes rows from every chunk; replies that were bought before are taken from the store."""
    from tasks.generate.generate import generate, load_prompts

    model = work.settings.models["writer"]
    prompts = load_prompts(work.settings.generate, work.project)
    shaping = [*(p.hash for p in prompts.values()), model.model, str(model.temperature), str(model.top_p), str(model.max_tokens), model.structured]
    stages, left = [], limit
    for chunk in _of(work, CHUNK):
        take = chunk.kept if left is None else min(left, chunk.kept)
        left = None if left is None else left - take
        extras = [*shaping, *([f"first {take}"] if take < chunk.kept else [])]
        stages.append((Stage.of(GENERATE, chunk.label, [chunk.key], work.settings.generate, extras), chunk, take))
    made = []
    with contextlib.ExitStack() as stack:
        calls = stack.enter_context(Calls(work.store.root / "calls.sqlite"))
        before, ask = calls.counts().bought, None
        for stage, chunk, take in stages:
            if not stage.done(work.store) and ask is None:
                ask = asker(stack.enter_context(endpoint(work.project, model)), model, calls)
            rows = lambda c=chunk, n=take, a=ask: generate(  # noqa: E731
                work.store.read(c, Chunk)[:n], work.settings.generate, model, prompts, a, work.run
            )
            made.append(run(work.store, stage, rows))
        work.bought = calls.counts().bought - before
    work.keep(GENERATE, made)
