"""Why a row is, or is not, in the release: its way through the steps, told from what the store holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tasks.errors import InputError
from tasks.records import Chunk, Document, Page, Pair, Preference, Record, Source
from tasks.store import Store

MIN_PREFIX = 8
RECORDS: dict[str, type[Record]] = {
    "sources": Source,
    "read": Page,
    "clean": Page,
    "document": Document,
    "chunk": Chunk,
    "generate": Pair,
    "top_up": Pair,
    "evolve": Pair,
    "check": Pair,
    "judge": Pair,
    "dedup": Pair,
    "prefer": Preference,
}


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a row at one step."""

    step: str
    said: str


def fate(project: Path, row: str) -> list[Event]:
    """The way of a row, page, chunk or document. Raises InputError when no step knows the id."""
    if len(row) < MIN_PREFIX:
        raise InputError(f"{row}: give at least {MIN_PREFIX} characters of an id")
    events = [*_build_events(Store(project), row), *_review_events(project, row), *_release_events(project, row)]
    if not events:
        raise InputError(f"{row}: no step of the newest build, no verdict and no release knows this id; ids: jeongdap rows STEP")
    return events


def _build_events(store: Store, row: str) -> Iterator[Event]:
    for step, record in RECORDS.items():
        for manifest in store.manifests(step):
            for kept in store.read(manifest, record):
                if str(getattr(kept, "id", "")).startswith(row):
                    yield Event(step, f"kept: {_title(kept)}")
            for dropped in store.read_dropped(manifest):
                if dropped.id.startswith(row):
                    yield Event(step, f"dropped: {dropped.reason}" + (f" ({dropped.detail})" if dropped.detail else ""))


def _title(record: Record) -> str:
    match record:
        case Page():
            return f"{record.path}, page {record.number}, {record.origin}" + (f" ({record.reason})" if record.reason else "")
        case Chunk():
            return f"{record.path}, {' > '.join(record.heading)}"
        case Pair():
            return f"{record.path}, page {record.page}: {record.question}"
        case Preference():
            return f"from pair {record.pair}: {record.prompt}"
        case Source() | Document():
            return record.path
    return ""


def _review_events(project: Path, row: str) -> Iterator[Event]:
    from review.history import recall

    for verdict in recall(project):
        if verdict.record.startswith(row):
            told = f" ({verdict.reason})" if verdict.reason else ""
            yield Event("review", f"{verdict.decision} by {verdict.annotator}, {verdict.time:%Y-%m-%d %H:%M} UTC{told}")


def _release_events(project: Path, row: str) -> Iterator[Event]:
    for lineage in sorted((project / "releases").glob("*/lineage.parquet")):
        table = pd.read_parquet(lineage, columns=["id", "split"])
        for found in table[table["id"].str.startswith(row)].itertuples():
            yield Event("release", f"in {lineage.parent.name}, split {found.split}")
