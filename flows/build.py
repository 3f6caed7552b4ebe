"""build: from PDFs to a queue that people can review. It ends when the queue is in Argilla.

A document goes through read, clean, chunk, generate and check on its own; dedup and prefer see the whole corpus. What is
finished is never done again, so a run that was killed goes on where it stopped.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from prefect import flow, runtime
from prefect.artifacts import create_progress_artifact, create_table_artifact, update_progress_artifact
from prefect.task_runners import ThreadPoolTaskRunner

from flows.funnel import funnel
from flows.progress import Watch, say, warn
from flows.steps import (
    CHECK,
    CHUNK,
    CLEAN,
    DEDUP,
    DOCUMENT,
    EVOLVE,
    FINGERPRINT,
    GENERATE,
    JUDGE,
    PREFER,
    READ,
    SOURCES,
    TOP_UP,
    Stage,
    Step,
    run,
    run_all,
    run_batches,
)
from flows.until import Until
from tasks.clean.corpus import Fingerprint
from tasks.errors import InputError, JeongdapError, StoreError
from tasks.records import Chunk, Document, Dropped, Kept, Page, Pair, Source
from tasks.settings import Settings, load_settings
from tasks.store import Current, Manifest, Store

if TYPE_CHECKING:
    from flows.writing import Part, Writer
    from tasks.generate.generate import Prompts

UNANSWERED = "http_error"  # an ask that the endpoint failed to answer, which it may not do the next time
LOST = ("crashed", "timeout", "unreadable", "changed")  # what another try may read
NAMED = 20  # warnings of one kind; who has more of them needs a list
ASKS_AT_A_TIME = 1000  # in one Prefect task: some minutes of work
READ_THREADS = 8  # threads only wait for the reading processes, whose number is a setting


@dataclass
class Build:
    """One run over the steps of a project: what it works on and what it has made so far."""

    project: Path
    settings: Settings
    store: Store
    run: str
    limit: int | None = None
    made: dict[str, tuple[Manifest, ...]] = field(default_factory=dict)
    pushed: int = 0

    def keep(self, step: Step[Any], manifests: Sequence[Manifest]) -> None:
        """Note the stages of a step that is whole now, and make them the ones that `rows` and `why` look at.

        As long as they are those of the build before, that one stays in view with its later steps.
        """
        self.made[step.name] = tuple(manifests)
        before, now = self.store.current(), self.current
        if before is None or any(before.keys.get(name) != keys for name, keys in now.keys.items()):
            self.store.set_current(now)

    @property
    def current(self) -> Current:
        """The stages of this run."""
        return Current(run=self.run, keys={name: tuple(m.key for m in ms) for name, ms in self.made.items()})

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
    task_runner=ThreadPoolTaskRunner[Any](max_workers=READ_THREADS),  # type: ignore[arg-type]  # invariant in its future
    persist_result=False,
)
def build(project: str, until: Until = Until.REVIEW, limit: int | None = None) -> Build:
    """Take a project's PDFs through the steps up to `until`; `limit` generates from that many chunks at most.

    Raises SettingsError, InputError (nothing usable), LlmError, ReviewError, ServiceError and StoreError.
    """
    work = open_build(Path(project), limit)
    steps = list(STEPS.items())[: list(STEPS).index(until) + 1]
    progress = create_progress_artifact(0.0, key="build-progress", description=f"{work.project.name}: {until}")
    assert isinstance(progress, UUID)  # a coroutine only where there is an event loop
    try:
        for number, (name, step) in enumerate(steps, start=1):
            say(f"{name} …")
            step(work)
            update_progress_artifact(progress, 100 * number / len(steps), description=f"{work.project.name}: {name} is done")
    except JeongdapError:
        for line in tell_calls(work):
            say(line)
        raise
    tell_calls(work)
    table = {str(name): list(column) for name, column in funnel(work.manifests).items()}
    create_table_artifact(table=table, key="build-funnel", description=f"{work.project.name}: rows by step")
    return work


def tell_calls(work: Build) -> list[str]:
    """Tell Prefect what this run bought; the same in words. Nothing where nothing was bought."""
    from flows.spending import bill_of, calls_table

    bill = bill_of(work.project, work.run, work.settings.budget.currency)
    if not (bill.run.replies or bill.run.unseen):
        return []
    lines = bill.lines()
    table = {str(name): list(column) for name, column in calls_table(bill.run, bill.currency).items()}
    create_table_artifact(table=table, key="build-calls", description=f"{work.project.name}: {'; '.join(lines)}")
    return lines


def open_build(project: Path, limit: int | None = None) -> Build:
    """A new run of a project."""
    project = project.resolve()
    settings = load_settings(project)
    return Build(project, settings, Store(project), f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.urandom(2).hex()}", limit)


def read_pages(work: Build) -> None:
    """Every source becomes pages, by its text layer or by OCR; what cannot be read is named with its reason."""
    from tasks.read.files import find_sources
    from tasks.read.ocr.engines import resolve
    from tasks.read.pool import ReadPool
    from tasks.read.read import Reader

    found = find_sources(work.project, work.settings.sources.folder)
    listing = [[s.id, s.path] for s in found.rows] + [[d.id, d.reason] for d in found.dropped]
    sources = run(work.store, Stage.of(SOURCES, "sources", [" ".join(entry) for entry in listing]), lambda: found)
    engine = resolve(work.settings.ocr, work.project)
    library = [f"pymupdf {version('pymupdf')}", f"{engine.engine} {engine.version}"]
    with ReadPool(work.settings.read, work.settings.ocr) as pool:
        reader = Reader(work.project, pool, work.settings.ocr, engine)
        stages = [Stage.of(READ, s.path, [s.id, s.path], work.settings.ocr, library) for s in found.rows]
        before = [take_back(work, stage) for stage in stages]
        todo = zip(stages, found.rows, before, strict=True)
        pages = run_all(work.store, [(stage, partial(reader.read, source, known)) for stage, source, known in todo])
    work.keep(SOURCES, [sources])
    work.keep(READ, pages)
    name_lost(work)
    name_unread(work)


def take_back(work: Build, stage: Stage[Page]) -> Kept[Page] | None:
    """What an earlier build read of a source, if it lost something that another try may bring: its stage is forgotten.

    The machine may have been busy, an OCR engine out of order, the file out of reach; a page too large to draw stays so.
    """
    from tasks.read.wire import lost_to_ocr

    try:
        done = stage.done(work.store)
        lost = done is not None and any(outcome.reason in LOST for outcome in done.reasons)
        if done is None or not (lost or any(lost_to_ocr(page["detail"]) for page in work.store.columns(done, ["detail"]))):
            return None
        before = Kept(work.store.read(done, Page), work.store.read_dropped(done))
    except StoreError:
        if stage.done(work.store):
            raise
        return None  # another build of this project took it back meanwhile
    work.store.forget(done)
    return before


def name_lost(work: Build) -> None:
    """Name every file and page that could not be read. Raises InputError when nothing usable is left."""
    manifests = [*work.made[SOURCES.name], *work.made[READ.name]]
    dropped = [d for m in manifests if m.dropped for d in work.store.read_dropped(m)]
    files = [d for d in dropped if d.type == Source.__name__]
    pages = [d for d in dropped if d.type == Page.__name__]
    warn_some(work, [f"not read: {Source.model_validate_json(d.record).path}: {d.reason} ({d.detail})" for d in files])
    warn_some(work, list(_lost_pages(pages)))
    if not any(m.kept for m in work.made[READ.name]):
        told = f"; all of them: jeongdap rows read --dropped -C {work.project}" if files or pages else ""
        raise InputError(f"{work.project / work.settings.sources.folder}: no document in it can be used{told}")


def _lost_pages(dropped: Sequence[Dropped]) -> Iterator[str]:
    """A line for each file that lost pages."""
    by_file: dict[str, list[tuple[int, Dropped]]] = {}
    for d in dropped:
        page = Page.model_validate_json(d.record)
        by_file.setdefault(page.path, []).append((page.number, d))
    for path, lost in by_file.items():
        number, first = lost[0]
        more = f" and {len(lost) - 1} more of its pages" if len(lost) > 1 else ""
        yield f"not read: {path}, page {number}{more}: {first.reason} ({first.detail})"


def warn_some(work: Build, warnings: Sequence[str]) -> None:
    """The first warnings of a kind, and how many more there are."""
    for warning in warnings[:NAMED]:
        warn(warning)
    if len(warnings) > NAMED:
        warn(f"… and {len(warnings) - NAMED} more of this kind; all of them: jeongdap rows read --dropped -C {work.project}")


def _most(counted: Counter[str]) -> str:
    return counted.most_common(1)[0][0]


def name_unread(work: Build) -> None:
    """Name every document with pages that need OCR and have not been read by it, or whose text it was to confirm and did not."""
    from tasks.read.wire import lost_to_ocr

    warnings = []
    for manifest in work.made[READ.name]:
        pages = work.store.columns(manifest, ["origin", "reason", "detail"])
        unread = Counter(page["detail"] or page["reason"] for page in pages if page["origin"] == "needs_ocr")
        if unread:
            number = "1 page needs OCR and was" if unread.total() == 1 else f"{unread.total()} pages need OCR and were"
            warnings.append(f"{manifest.label}: {number} left out ({_most(unread)}); see: jeongdap check --ocr")
        elif failed := Counter(page["detail"] for page in pages if lost_to_ocr(page["detail"])):
            warnings.append(f"{manifest.label}: OCR failed ({_most(failed)}); the next build tries again")
    warn_some(work, warnings)


def clean_pages(work: Build) -> None:
    """What the printer added leaves the pages, and so does what says nothing; personal data is masked.

    What most families of documents say outside their clauses shows only when all are clean: these documents get a second pass.
    """
    from tasks.clean.clean import clean_pages
    from tasks.clean.corpus import boilerplate_of, drop_boilerplate, repeated
    from tasks.clean.pii import mask_pages

    clean, pii = work.settings.clean, work.settings.pii

    def stage(read: Manifest, boilerplate: Iterable[str] = ()) -> Stage[Page]:
        return Stage.of(CLEAN, read.label, [read.key, read.sha256, *boilerplate], clean, [pii.model_dump_json()])

    def cleaned(read: Manifest) -> Kept[Page]:
        kept = clean_pages(work.store.read(read, Page), clean)
        masked = mask_pages(kept.rows, pii)
        return Kept(masked.rows, [*kept.dropped, *masked.dropped])

    def without(first: Manifest, boilerplate: Set[str]) -> Kept[Page]:
        kept = drop_boilerplate(work.store.read(first, Page), boilerplate)
        return Kept(kept.rows, [*work.store.read_dropped(first), *kept.dropped])

    reads = work.made[READ.name]
    firsts = run_all(work.store, [(stage(read), partial(cleaned, read)) for read in reads])
    prints = fingerprints(work, firsts)
    common = repeated(prints.values(), clean)
    marked = [
        (r, first, boilerplate_of(prints[r.label], common)) for r, first in zip(reads, firsts, strict=True) if r.label in prints
    ]
    again = [(stage(r, sorted(own)), partial(without, first, own)) for r, first, own in marked if own]
    second = {manifest.label: manifest for manifest in run_all(work.store, again)}
    work.keep(CLEAN, [second.get(first.label, first) for first in firsts])


def fingerprints(work: Build, cleaned: Sequence[Manifest]) -> dict[str, Fingerprint]:
    """What each document says outside its clauses, as hashes, by its path; none for a document without pages."""
    from tasks.chunk.cut import describe
    from tasks.clean.corpus import fingerprint

    sources = {s.path: s for m in work.made[SOURCES.name] for s in work.store.read(m, Source)}

    def taken(clean: Manifest) -> Kept[Fingerprint]:
        pages = work.store.read(clean, Page)
        source = sources[clean.label]
        return Kept([fingerprint(source.id, describe(source, pages).family, pages)] if pages else [], [])

    stages = run_all(work.store, [(Stage.of(FINGERPRINT, m.label, [m.key]), partial(taken, m)) for m in cleaned])
    return {m.label: row for m in stages for row in work.store.read(m, Fingerprint)}


def cut_chunks(work: Build) -> None:
    """Documents get title, language and family; their pages are cut along the outline."""
    from tasks.chunk.cut import cut, describe

    sources = {s.path: s for m in work.made[SOURCES.name] for s in work.store.read(m, Source)}

    def described(clean: Manifest) -> Kept[Document]:
        pages = work.store.read(clean, Page)
        return Kept([describe(sources[clean.label], pages)] if pages else [], [])

    def chunks(document: Manifest, clean: Manifest) -> Kept[Chunk]:
        documents = work.store.read(document, Document)
        return cut(documents[0], work.store.read(clean, Page), work.settings.chunk) if documents else Kept([], [])

    clean = work.made[CLEAN.name]
    documents = run_all(work.store, [(Stage.of(DOCUMENT, m.label, [m.key]), partial(described, m)) for m in clean])
    work.keep(DOCUMENT, documents)
    stages = [
        (Stage.of(CHUNK, c.label, [d.key, c.key], work.settings.chunk), partial(chunks, d, c))
        for d, c in zip(documents, clean, strict=True)
    ]
    work.keep(CHUNK, run_all(work.store, stages))


def generate_pairs(work: Build) -> None:
    """A model writes rows from every chunk. Its endpoint is only looked for when there is something to ask."""
    from flows.writing import Writer

    with Writer(work.project, work.store, work.settings, work.run) as writer:
        plan = plan_rows(work.store, writer, work.made[DOCUMENT.name], work.made[CHUNK.name], work.limit)
        for stage, _ in plan:
            if (done := stage.done(work.store)) and not is_answered(done):
                work.store.forget(done)  # what failed is asked again; all other replies are in the store
        todo = {stage.key: part for stage, part in plan if not stage.done(work.store)}
        sizes = {key: writer.asks_of(part) for key, part in todo.items()}
        writer.expect(sum(sizes.values()))
        with Watch(GENERATE.name, lambda: writer.tally, writer.currency):
            made = run_batches(
                work.store,
                [stage for stage, _ in plan],
                sizes,
                ASKS_AT_A_TIME if writer.model.mode == "live" else sum(sizes.values()) + 1,  # a batch wants them all at once
                lambda some: writer.write([todo[stage.key] for stage in some]),
            )
    work.keep(GENERATE, made)


def plan_rows(
    store: Store, writer: Writer, documents: Sequence[Manifest], chunks: Sequence[Manifest], limit: int | None
) -> list[tuple[Stage[Pair], Part]]:
    """The stage and the part of every document, in order; no more than `limit` chunks together."""
    from flows.writing import Part

    plan, left = [], limit
    for document, cut in zip(documents, chunks, strict=True):
        first = cut.kept if left is None else min(left, cut.kept)
        left = None if left is None else left - first
        extras = [*writer.shaping, *([f"first {first}"] if first < cut.kept else [])]
        stage = Stage.of(GENERATE, cut.label, [cut.key], writer.kinds, extras)
        plan.append((stage, Part(document, cut, first)))
    return plan


def is_answered(generated: Manifest) -> bool:
    """Whether a stage of rows has nothing that another run would ask for again."""
    return not any(outcome.reason == UNANSWERED for outcome in generated.reasons)


def check_pairs(work: Build) -> None:
    """What is proved wrong about a pair drops it, with the reason; what is doubtful is noted for people.

    Rows that passed are made harder, round by round, and what got better is checked like any other.
    """
    from flows.writing import LANGUAGES
    from tasks.generate.generate import load_prompts

    prompts = load_prompts(work.settings.generate, LANGUAGES, work.project)

    def check(rows: Sequence[Manifest]) -> list[Manifest]:
        beside = zip(rows, work.made[DOCUMENT.name], work.made[CHUNK.name], strict=True)
        return run_all(work.store, [check_stage(work, prompts, *one) for one in beside])

    checked = [check(work.made[GENERATE.name])]
    added: list[Manifest] = []
    for turn in range(work.settings.generate.top_up):
        added += (more := top_up_pairs(work, checked, turn))
        checked.append(check(more))
    evolved: list[Manifest] = []
    parents = checked
    for turn in range(work.settings.generate.evolve_rounds if work.settings.generate.kinds.get("evolve") else 0):
        evolved += (children := evolve_pairs(work, parents, turn))
        parents = [check(children)]
        checked += parents
    for step, made in ((TOP_UP, added), (EVOLVE, evolved)):
        if made:
            work.keep(step, made)
    work.keep(CHECK, [manifest for made in checked for manifest in made])
    if work.settings.judge.ask:
        work.keep(JUDGE, [manifest for made in checked for manifest in judge_pairs(work, made)])


def check_stage(
    work: Build, prompts: Prompts, rows: Manifest, document: Manifest, chunks: Manifest
) -> tuple[Stage[Pair], Callable[[], Kept[Pair]]]:
    """The check of the rows of one document."""
    from tasks.check.check import Library, check_pairs

    def checked() -> Kept[Pair]:
        title = "".join(d.title for d in work.store.read(document, Document))
        library = Library(work.store.read(chunks, Chunk), title, prompts)
        return check_pairs(work.store.read(rows, Pair), library, work.settings.check)

    # The rows themselves and not only their key: failed asks may be answered in a later run.
    inputs = [rows.key, rows.sha256, document.key, chunks.key]
    return Stage.of(CHECK, rows.label, inputs, work.settings.check), checked


def top_up_pairs(work: Build, checked: Sequence[Sequence[Manifest]], turn: int) -> list[Manifest]:
    """One round: the clauses that no row rests on are asked about again."""
    return _written_after(work, TOP_UP, checked, turn, lambda writer, part, pairs: writer.top_up(part, pairs, turn + 1))


def judge_pairs(work: Build, checked: Sequence[Manifest]) -> list[Manifest]:
    """Rows that passed, with a second model's opinion of each."""
    from flows.writing import LANGUAGES, Part, Writer
    from prompts.loader import load

    made = []
    settings = work.settings.judge
    with Writer(work.project, work.store, work.settings, work.run, "judge") as judge, Watch(JUDGE.name, lambda: judge.tally, ""):
        prompts = [load("judge", language, work.project).hash for language in LANGUAGES]
        for rows, document, chunks in zip(checked, work.made[DOCUMENT.name], work.made[CHUNK.name], strict=True):
            stage = Stage.of(JUDGE, rows.label, [rows.key, rows.sha256], settings, [*prompts, judge.model.model])
            pairs = work.store.read(rows, Pair)
            made.append(run(work.store, stage, partial(judge.judge, Part(document, chunks, chunks.kept), pairs, settings)))
    return made


def evolve_pairs(work: Build, checked: Sequence[Sequence[Manifest]], turn: int) -> list[Manifest]:
    """One round: rows that passed, made harder; those that did not get better are dropped."""
    most = work.settings.generate.kinds["evolve"]
    return _written_after(work, EVOLVE, checked, turn, lambda writer, part, pairs: writer.evolve(part, pairs, most, turn))


def _written_after(
    work: Build,
    step: Step[Pair],
    checked: Sequence[Sequence[Manifest]],
    turn: int,
    write: Callable[[Writer, Part, list[Pair]], Kept[Pair]],
) -> list[Manifest]:
    """What a model writes, document by document, when it is known which rows passed."""
    from flows.writing import Part, Writer

    made, left = [], work.limit
    with (
        Writer(work.project, work.store, work.settings, work.run) as writer,
        Watch(step.name, lambda: writer.tally, writer.currency),
    ):
        for document, chunks, *before in zip(work.made[DOCUMENT.name], work.made[CHUNK.name], *checked, strict=True):
            first = chunks.kept if left is None else min(left, chunks.kept)
            left = None if left is None else left - first
            inputs = [chunks.key, *(text for manifest in before for text in (manifest.key, manifest.sha256))]
            extras = [*writer.shaping, f"round {turn}", f"first {first}"]
            stage = Stage.of(step, chunks.label, inputs, work.settings.generate, extras)
            if (done := stage.done(work.store)) and not is_answered(done):
                work.store.forget(done)
            pairs = [pair for manifest in before for pair in work.store.read(manifest, Pair)]
            made.append(run(work.store, stage, partial(write, writer, Part(document, chunks, first), pairs)))
    return made


def deduplicate_pairs(work: Build) -> None:
    """Of near-duplicates over the whole corpus the best stays."""
    from tasks.dedup.leaders import deduplicate

    passed = JUDGE if JUDGE.name in work.made else CHECK
    stage = Stage.of(DEDUP, "all documents", [m.key for m in work.made[passed.name]], work.settings.dedup)

    def deduplicated() -> Kept[Pair]:
        return deduplicate(work.store.rows(work.current, passed.name, Pair), work.settings.dedup)

    work.keep(DEDUP, [run(work.store, stage, deduplicated)])


def prefer_answers(work: Build) -> None:
    """Multiple-choice questions become preferences: the right answer over a wrong one."""
    from tasks.prefer.distractors import prefer

    stage = Stage.of(PREFER, "all documents", [m.key for m in work.made[DEDUP.name]], work.settings.prefer)
    work.keep(
        PREFER, [run(work.store, stage, lambda: prefer(work.store.rows(work.current, "dedup", Pair), work.settings.prefer))]
    )


def push_queue(work: Build) -> None:
    """Rows that the queue does not have yet go to Argilla."""
    from flows.reviewing import push_build

    work.pushed = push_build(work.project, work.settings, work.store, work.current).new


STEPS: dict[Until, Callable[[Build], None]] = {
    Until.READ: read_pages,
    Until.CLEAN: clean_pages,
    Until.CHUNK: cut_chunks,
    Until.GENERATE: generate_pairs,
    Until.CHECK: check_pairs,
    Until.DEDUP: deduplicate_pairs,
    Until.PREFER: prefer_answers,
    Until.REVIEW: push_queue,
}
