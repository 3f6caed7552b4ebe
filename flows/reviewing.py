"""The flows' side of the review: which server, what was ever sent there, and the two moves, push and pull.

People take days, and builds go on meanwhile. So every push is noted with the stages it sent, and what is published is
chosen from all rows ever sent: a verdict outlives the build that asked for it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from review.embedded import ReviewServer, serve_argilla

from tasks.errors import SettingsError, StoreError
from tasks.records import Chunk, Document, Pair, Preference
from tasks.settings import Settings, secret
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
        with serve_argilla(project, settings.review.port) as server:
            yield server
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


def _rows(current: Current) -> tuple[tuple[str, ...], ...]:
    return tuple(current.keys.get(step, ()) for step in ("chunk", "dedup", "prefer"))
