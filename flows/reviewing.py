"""The flows' side of the review: which server, what was ever sent there, and the two moves, push and pull.

People take days, and builds go on meanwhile. So every push is noted with the stages it sent, and what is published is
chosen from all rows ever sent: a verdict outlives the build that asked for it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from pydantic import TypeAdapter, ValidationError

from flows.progress import tick
from review.embedded import argilla_home, serve_argilla
from review.history import remember
from review.pull import QueueStatus, count_records, pull, review_status, withdrawn
from review.push import push
from review.rest import ReviewServer
from tasks.errors import InputError, SettingsError, StoreError
from tasks.records import Chunk, Document, Pair, Preference, Verdict
from tasks.settings import Settings, load_settings, secret
from tasks.store import Current, Store, write_atomic

SNAPSHOTS = TypeAdapter(list[Current])


@dataclass(frozen=True, slots=True)
class Sent:
    """All rows that were ever sent to the queues, each once, the newest first, with what they were made from."""

    pairs: list[Pair]
    preferences: list[Preference]
    chunks: dict[str, Chunk]
    documents: dict[str, Document]


@dataclass(frozen=True, slots=True)
class PushSummary:
    """How many rows were new to the queues, and how many were there already."""

    new: int
    there: int
    url: str

    def counts(self) -> Mapping[str, object]:
        """For --json."""
        return {"new_records": self.new, "already_there": self.there}

    def lines(self) -> list[str]:
        """For people."""
        return [f"{self.new} new records in {self.url}, {self.there} were there already"]


@contextlib.contextmanager
def review_server(project: Path, settings: Settings) -> Iterator[ReviewServer]:
    """The project's Argilla: its own embedded one, running for the time of the context, or the one the settings name."""
    if settings.review.embedded:
        with serve_argilla(project, settings.review.port) as argilla:
            yield argilla.server
        return
    key = secret(project, settings.review.key_env)
    if not key:
        where = f"export it, or put it into {project / '.env'}"
        raise SettingsError(f"review.key_env names {settings.review.key_env}, which is not set; {where}")
    yield ReviewServer(settings.review.url, key)


def snapshots(store: Store) -> list[Current]:
    """The builds whose rows were sent, oldest first."""
    path = store.root / "pushed.json"
    try:
        return SNAPSHOTS.validate_json(path.read_bytes())
    except FileNotFoundError:
        return []
    except (OSError, ValidationError) as exc:
        raise StoreError(f"{path}: cannot be read: {exc}; restore it from a backup, or delete it and push again") from exc


def note_sent(store: Store, current: Current) -> None:
    """Remember that the rows of a build are in the queues."""
    known = snapshots(store)
    if not any(_rows(known_one) == _rows(current) for known_one in known):
        write_atomic(store.root / "pushed.json", SNAPSHOTS.dump_json([*known, current], indent=1))


def was_sent(store: Store, current: Current) -> bool:
    """Whether just these rows were sent before."""
    return any(_rows(known) == _rows(current) for known in snapshots(store))


def sent(store: Store) -> Sent:
    """Everything that was ever sent; where two builds made the same row, the newer one's account of it counts."""
    found = Sent([], [], {}, {})
    pairs: dict[str, Pair] = {}
    preferences: dict[str, Preference] = {}
    for build in reversed(snapshots(store)):
        for pair in store.rows(build, "dedup", Pair):
            pairs.setdefault(pair.id, pair)
        for preference in store.rows(build, "prefer", Preference):
            preferences.setdefault(preference.id, preference)
        for chunk in store.rows(build, "chunk", Chunk):
            found.chunks.setdefault(chunk.id, chunk)
        for document in store.rows(build, "document", Document):
            found.documents.setdefault(document.id, document)
    return Sent(list(pairs.values()), list(preferences.values()), found.chunks, found.documents)


def push_build(project: Path, settings: Settings, store: Store, build: Current) -> PushSummary:
    """Send the rows of a build that the queues do not have. Where all of them are known to be there, nothing is started."""
    pairs, preferences = store.rows(build, "dedup", Pair), store.rows(build, "prefer", Preference)
    if settings.review.embedded and was_sent(store, build) and (argilla_home(project) / "argilla.db").exists():
        return PushSummary(0, len(pairs) + len(preferences), "the embedded Argilla")
    chunks, done = store.rows(build, "chunk", Chunk), 0

    def progress(batch: int) -> None:
        nonlocal done
        done += batch
        tick("review", done, len(pairs) + len(preferences), "records")

    with review_server(project, settings) as server:
        counts = count_records(server, settings.review.workspace, settings.project.name)
        if was_sent(store, build) and counts["qa"] >= len(pairs) and counts["dpo"] >= len(preferences):
            return PushSummary(0, len(pairs) + len(preferences), server.url)
        report = push(
            server, settings.project.name, settings.project.language, settings.review, pairs, preferences, chunks, progress
        )
    note_sent(store, build)
    return PushSummary(report.new, report.already_there, server.url)


def push_newest(project: Path) -> PushSummary:
    """Send the rows of the newest build. Raises InputError when it has not come that far."""
    project = project.resolve()
    settings, store = load_settings(project), Store(project)
    build = store.current()
    if build is None or "prefer" not in build.keys:
        raise InputError(f"{project}: the newest build has no rows to review; run: jeongdap build -C {project} --until prefer")
    return push_build(project, settings, store, build)


def pull_verdicts(project: Path, settings: Settings) -> list[Verdict]:
    """Fetch what people submitted and keep it; all verdicts that were ever fetched and not taken back, oldest first."""
    where = (settings.review.workspace, settings.project.name)
    with review_server(project, settings) as server:
        known, taken_back = remember(project, pull(server, *where)), withdrawn(server, *where)
    return [verdict for verdict in known if (verdict.record, verdict.annotator) not in taken_back]


@dataclass(frozen=True, slots=True)
class PullSummary:
    """The verdicts that are known now."""

    verdicts: Sequence[Verdict]

    def counts(self) -> Mapping[str, object]:
        """For --json."""
        decisions = pd.Series([v.decision for v in self.verdicts], dtype=str).value_counts()
        return {"verdicts": len(self.verdicts), **{str(name): int(n) for name, n in decisions.items()}}

    def lines(self) -> list[str]:
        """For people."""
        return [", ".join(f"{name} {n}" for name, n in self.counts().items())]


@dataclass(frozen=True, slots=True)
class StatusSummary:
    """How far each queue is."""

    queues: Sequence[QueueStatus]

    def counts(self) -> Mapping[str, object]:
        """For --json."""
        return {
            q.queue: {"records": q.records, "submitted": q.submitted, "pending": q.pending, **q.decisions} for q in self.queues
        }

    def lines(self) -> list[str]:
        """For people."""
        if not self.queues:
            return ["no queue yet; run: jeongdap build"]
        return [
            f"{q.dataset}: {q.records} records, {q.submitted} answered, {q.pending} open"
            + "".join(f", {name} {n}" for name, n in q.decisions.items())
            + (f"  (by {', '.join(f'{who} {n}' for who, n in q.annotators.items())})" if q.annotators else "")
            for q in self.queues
        ]


def pull_project(project: Path) -> PullSummary:
    """`pull_verdicts` of a project folder."""
    project = project.resolve()
    return PullSummary(pull_verdicts(project, load_settings(project)))


def status(project: Path) -> StatusSummary:
    """How far the review of a project is."""
    project = project.resolve()
    settings = load_settings(project)
    with review_server(project, settings) as server:
        return StatusSummary(review_status(server, settings.review.workspace, settings.project.name))


def _rows(current: Current) -> tuple[tuple[str, ...], ...]:
    return tuple(current.keys.get(step, ()) for step in ("chunk", "dedup", "prefer"))
