"""Every reply that was paid for, in `.jeongdap/calls.sqlite`, stored before anybody looks into it.

A request is known by the hash of everything that shapes its answer, so it is never paid twice: not in a second run, not
after a kill, not by another process. Bad replies are kept too and count against the request, or a model that cannot answer
would be asked again in every run.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tasks.errors import StoreError

VERSION = 1
BUSY_SECONDS = 30  # another process may hold the write lock for a checkpoint

SCHEMA = """
CREATE TABLE IF NOT EXISTS calls (
    key TEXT NOT NULL, attempt INTEGER NOT NULL, time TEXT NOT NULL, kind TEXT NOT NULL, status INTEGER NOT NULL,
    finish TEXT NOT NULL, problem TEXT, model TEXT NOT NULL, request_id TEXT NOT NULL, latency REAL NOT NULL,
    prompt_tokens INTEGER, completion_tokens INTEGER, cached_tokens INTEGER, request TEXT NOT NULL, response TEXT NOT NULL,
    PRIMARY KEY (key, attempt)
) WITHOUT ROWID
"""


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply as it came: what was sent, what came back, and what the envelope says about it.

    Token counts are None where the server does not tell them.
    """

    kind: str
    status: int
    finish: str
    model: str
    request_id: str
    latency: float
    prompt_tokens: int | None
    completion_tokens: int | None
    cached_tokens: int | None
    request: str
    response: str


@dataclass(frozen=True, slots=True)
class Counts:
    """What the file holds: replies, those of them that were no use, and the tokens that servers reported."""

    replies: int
    bad: int
    prompt_tokens: int
    completion_tokens: int


class Calls:
    """The replies on disk. Safe for several threads and several processes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._guard():
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # prompts hold the sources' text: for the owner only
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=BUSY_SECONDS)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")  # survives kill -9; a power cut may lose the last replies
            self._create()

    def _create(self) -> None:
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version not in (0, VERSION):
            raise StoreError(f"{self.path}: was written by another version of jeongdap (format {version}, ours {VERSION})")
        self._db.execute(SCHEMA)
        self._db.execute(f"PRAGMA user_version={VERSION}")

    def stored(self, key: str) -> list[str]:
        """The responses bought for a request, oldest first."""
        with self._guard():
            rows = self._db.execute("SELECT response FROM calls WHERE key=? ORDER BY attempt", (key,)).fetchall()
        return [response for (response,) in rows]

    def asked(self, key: str) -> int:
        """How many replies were bought for a request."""
        with self._guard():
            (number,) = self._db.execute("SELECT count(*) FROM calls WHERE key=?", (key,)).fetchone()
        return int(number)

    def put(self, key: str, reply: Reply) -> int:
        """Store a reply; returns its attempt number, the next free one whoever else is writing."""
        values = (
            datetime.now(UTC).isoformat(),
            *(reply.kind, reply.status, reply.finish, reply.model, reply.request_id, reply.latency),
            *(reply.prompt_tokens, reply.completion_tokens, reply.cached_tokens, reply.request, reply.response),
        )
        with self._guard():
            row = self._db.execute(
                "INSERT INTO calls (key, attempt, time, kind, status, finish, model, request_id, latency, prompt_tokens,"
                " completion_tokens, cached_tokens, request, response)"
                " SELECT ?1, coalesce(max(attempt) + 1, 0), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13"
                " FROM calls WHERE key = ?1 RETURNING attempt",
                (key, *values),
            ).fetchall()
        return int(row[0][0])

    def judged(self, key: str, attempt: int, problem: str) -> None:
        """Note what came of a reply: empty when it was used. For people and reports; a resumed run judges anew."""
        with self._guard():
            self._db.execute("UPDATE calls SET problem=? WHERE key=? AND attempt=?", (problem, key, attempt))

    def counts(self) -> Counts:
        """Totals over the whole file."""
        with self._guard():
            row = self._db.execute(
                "SELECT count(*), coalesce(sum(problem <> ''), 0), coalesce(sum(prompt_tokens), 0),"
                " coalesce(sum(completion_tokens), 0) FROM calls"
            ).fetchone()
        return Counts(*row)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def __enter__(self) -> Calls:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextlib.contextmanager
    def _guard(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as exc:
            raise StoreError(
                f"{self.path}: cannot be used: {exc}; free some space, mend the permissions or move it away"
            ) from exc
