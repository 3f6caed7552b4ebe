"""The steps as Prefect tasks. This module alone knows both the pure functions of `tasks/` and Prefect.

Every step has one shape: its key is the hash of all that shapes its result; a finished stage with that key is taken as it
is; else the function runs and its rows are written. So resume after a crash, caching and lineage are one mechanism, and
Prefect's own result cache stays off. A Prefect task is one document or one corpus, never a page, a chunk or a call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from prefect import Task, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from pydantic import BaseModel

from flows.progress import tick
from tasks.clean.corpus import Fingerprint
from tasks.errors import LlmError
from tasks.records import Chunk, Document, Kept, Page, Pair, Preference, Record, Source
from tasks.store import Manifest, Store, stage_key

R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Step(Generic[R]):
    """Name, version (raised when the code of a step changes its result) and record type of a step."""

    name: str
    version: int
    record: type[R]


SOURCES = Step("sources", 1, Source)
READ = Step("read", 2, Page)
CLEAN = Step("clean", 2, Page)
FINGERPRINT = Step("fingerprint", 1, Fingerprint)
DOCUMENT = Step("document", 1, Document)
CHUNK = Step("chunk", 2, Chunk)
GENERATE = Step("generate", 2, Pair)
TOP_UP = Step("top_up", 1, Pair)
EVOLVE = Step("evolve", 1, Pair)
CHECK = Step("check", 2, Pair)
JUDGE = Step("judge", 1, Pair)
DEDUP = Step("dedup", 1, Pair)
PREFER = Step("prefer", 1, Preference)


@dataclass(frozen=True, slots=True)
class Stage(Generic[R]):
    """A stage to be: the step, its key, what it is called in logs and what it is made from."""

    step: Step[R]
    key: str
    label: str
    inputs: tuple[str, ...]

    @staticmethod
    def of(
        step: Step[R], label: str, inputs: Sequence[str], settings: BaseModel | None = None, extras: Sequence[str] = ()
    ) -> Stage[R]:
        """The stage that these inputs, settings and extras (prompt hashes, model) lead to."""
        return Stage(step, stage_key(step.name, step.version, inputs, settings, extras), label, tuple(inputs))

    def done(self, store: Store) -> Manifest | None:
        """Its manifest, if it has been made before."""
        return store.manifest(self.step.name, self.key)

    def make(self, store: Store, function: Callable[[], Kept[R]]) -> Manifest:
        """Its manifest, made now unless it has been made before."""
        return self.done(store) or self.write(store, function())

    def write(self, store: Store, kept: Kept[R]) -> Manifest:
        """Its manifest, of rows that were made."""
        return store.write(self.step.name, self.step.version, self.key, self.label, self.inputs, kept, self.step.record)


def _may_pass(task: Task[..., Any], run: TaskRun, state: State[Any]) -> bool:
    """Whether another try may help: an endpoint that was there and is gone. What was bought is not bought again."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, LlmError) and error.may_pass


@task(persist_result=False, cache_policy=NO_CACHE)
def make(stage: Stage[R], store: Store, function: Callable[[], Kept[R]]) -> Manifest:
    """Run the step and write its rows."""
    manifest = stage.make(store, function)
    get_run_logger().info("%s: %d kept, %d dropped", stage.label, manifest.kept, manifest.dropped)
    return manifest


@task(persist_result=False, cache_policy=NO_CACHE, retries=1, retry_delay_seconds=30, retry_condition_fn=_may_pass)
def make_batch(
    stages: Sequence[Stage[R]], store: Store, function: Callable[[Sequence[Stage[R]]], Sequence[Kept[R]]]
) -> list[Manifest]:
    """Run the step for several stages at once and write their rows."""
    made = [stage.write(store, kept) for stage, kept in zip(stages, function(stages), strict=True)]
    get_run_logger().info("%d stages: %d kept, %d dropped", len(made), sum(m.kept for m in made), sum(m.dropped for m in made))
    return made


def run(store: Store, stage: Stage[R], function: Callable[[], Kept[R]]) -> Manifest:
    """The manifest of a stage; a Prefect task run only if there is something to do."""
    return stage.done(store) or _named(stage)(stage, store, function)


def run_all(store: Store, work: Sequence[tuple[Stage[R], Callable[[], Kept[R]]]]) -> list[Manifest]:
    """`run` for several stages of one step at once, in the flow's task runner; manifests in the order given."""
    done = {stage.key: manifest for stage, _ in work if (manifest := stage.done(store))}
    todo = {stage.key: (stage, function) for stage, function in work if stage.key not in done}
    futures = {key: _named(stage).submit(stage, store, function) for key, (stage, function) in todo.items()}
    for number, (key, future) in enumerate(futures.items(), start=1):
        done[key] = future.result()
        tick(todo[key][0].step.name, number, len(futures), todo[key][0].label)
    return [done[stage.key] for stage, _ in work]


def run_batches(
    store: Store,
    stages: Sequence[Stage[R]],
    sizes: Mapping[str, int],
    size: int,
    function: Callable[[Sequence[Stage[R]]], Sequence[Kept[R]]],
) -> list[Manifest]:
    """`run_all` with a Prefect task for as many stages as have `size` together; `sizes` are those of the stages to do, by key."""
    done = {stage.key: manifest for stage in stages if stage.key not in sizes and (manifest := stage.done(store))}
    todo = {stage.key: stage for stage in stages if stage.key not in done}
    batches: list[list[Stage[R]]] = []
    filled = size
    for stage in todo.values():
        if filled >= size:
            batches.append([])
            filled = 0
        batches[-1].append(stage)
        filled += sizes[stage.key]
    futures = [_batch_named(batch).submit(batch, store, function) for batch in batches]
    done |= {manifest.key: manifest for future in futures for manifest in future.result()}
    return [done[stage.key] for stage in stages]


def _batch_named(batch: Sequence[Stage[R]]) -> Task[..., list[Manifest]]:
    more = f" and {len(batch) - 1} more" if len(batch) > 1 else ""
    return make_batch.with_options(name=batch[0].step.name, task_run_name=f"{batch[0].step.name} {batch[0].label}{more}")


def _named(stage: Stage[R]) -> Task[..., Manifest]:
    return make.with_options(name=stage.step.name, task_run_name=f"{stage.step.name} {stage.label}")
