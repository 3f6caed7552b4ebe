"""`.jeongdap/calls.sqlite`: every reply that was paid for, what was spent, and what is being spent right now.

One file, so that a reply, its price and the end of its reservation are one transaction. Writers wait for each other, whether
they are threads or processes; readers never wait.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from tasks.errors import StoreError

VERSION = 2
BUSY_SECONDS = 30.0  # another process may hold the write lock
AGAIN_SECONDS = 0.02

SCHEMA = (
    """CREATE TABLE IF NOT EXISTS calls (
    key TEXT NOT NULL, attempt INTEGER NOT NULL, time TEXT NOT NULL, kind TEXT NOT NULL, status INTEGER NOT NULL,
    finish TEXT NOT NULL, problem TEXT, model TEXT NOT NULL, request_id TEXT NOT NULL, latency REAL NOT NULL,
    prompt_tokens INTEGER, completion_tokens INTEGER, cached_tokens INTEGER, request TEXT NOT NULL, response TEXT NOT NULL,
    run TEXT NOT NULL DEFAULT '', endpoint TEXT NOT NULL DEFAULT '', asked TEXT NOT NULL DEFAULT '',
    batch TEXT NOT NULL DEFAULT '', cost INTEGER, estimate INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (key, attempt)
) WITHOUT ROWID""",
    # All that reports and estimates ask for, so that they need not read the texts.
    """CREATE INDEX IF NOT EXISTS calls_facts ON calls (
    endpoint, asked, kind, run, batch, time, problem, latency, prompt_tokens, completion_tokens, cached_tokens, cost, estimate
)""",
    # What counts against the caps. `unseen` calls were in flight when their process or connection broke: they count in full.
    """CREATE TABLE IF NOT EXISTS spent (
    run TEXT PRIMARY KEY, tokens INTEGER NOT NULL DEFAULT 0, cost INTEGER NOT NULL DEFAULT 0,
    unseen INTEGER NOT NULL DEFAULT 0, unseen_cost INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID""",
    # What may be spent by calls in flight, and who sends them: a request is in flight once, whichever process has it.
    """CREATE TABLE IF NOT EXISTS holds (
    key TEXT PRIMARY KEY, owner TEXT NOT NULL, run TEXT NOT NULL, tokens INTEGER NOT NULL, cost INTEGER NOT NULL
) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS holds_owner ON holds (owner)",
    """CREATE TABLE IF NOT EXISTS endpoints (
    endpoint TEXT NOT NULL, model TEXT NOT NULL, time TEXT NOT NULL, found TEXT NOT NULL, PRIMARY KEY (endpoint, model)
) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS batches (
    id TEXT PRIMARY KEY, endpoint TEXT NOT NULL, model TEXT NOT NULL, run TEXT NOT NULL, time TEXT NOT NULL,
    state TEXT NOT NULL, remote TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS batch_items (
    batch TEXT NOT NULL, key TEXT NOT NULL, kind TEXT NOT NULL, request BLOB NOT NULL, estimate INTEGER NOT NULL,
    PRIMARY KEY (batch, key)
)""",
)
FROM_1 = (
    *(
        f"ALTER TABLE calls ADD COLUMN {column}"
        for column in (
            "run TEXT NOT NULL DEFAULT ''",
            "endpoint TEXT NOT NULL DEFAULT ''",
            "asked TEXT NOT NULL DEFAULT ''",
            "batch TEXT NOT NULL DEFAULT ''",
            "cost INTEGER",
            "estimate INTEGER NOT NULL DEFAULT 0",
        )
    ),
    *SCHEMA[1:],
    "INSERT INTO spent (run, tokens) SELECT '', coalesce(sum(coalesce(prompt_tokens, 0) + coalesce(completion_tokens, 0)), 0)"
    " FROM calls",
)


class Database:
    """The file, open for one process: a connection that reads and one that writes, each usable from any thread.

    Raises StoreError, which names the file, for whatever SQLite or the disk refuses.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._reading, self._writing = threading.RLock(), threading.RLock()
        with self.errors():
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # prompts hold the sources' text: for the owner only
            self._writer = self._connect()
            with self.transaction() as db:
                _create(db, path)
            self._reader = self._connect()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=BUSY_SECONDS)
        _use_wal(connection)
        connection.execute("PRAGMA synchronous=FULL")  # a reply that was paid for also outlives a power cut
        return connection

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One transaction that holds the write lock from its start; rolled back when anything is raised in it."""
        with self._writing, self.errors():
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._writer.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection that reads what is committed."""
        with self._reading, self.errors():
            yield self._reader

    @contextlib.contextmanager
    def errors(self) -> Iterator[None]:
        """Turn what SQLite and the disk say into a StoreError; `__cause__` keeps the original."""
        try:
            yield
        except (sqlite3.Error, OSError) as exc:
            raise StoreError(
                f"{self.path}: cannot be used: {exc}; free some space, mend the permissions or move it away"
            ) from exc

    def close(self) -> None:
        """Close the file."""
        with self._reading, self._writing:
            self._reader.close()
            self._writer.close()


def _use_wal(connection: sqlite3.Connection) -> None:
    """SQLite does not wait for others who open a new file at the same time, so we do."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as exc:
            if exc.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(AGAIN_SECONDS)
        else:
            return


def _create(db: sqlite3.Connection, path: Path) -> None:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version not in (0, 1, VERSION):
        raise StoreError(f"{path}: was written by another version of jeongdap (format {version}, ours {VERSION})")
    for statement in {0: SCHEMA, 1: FROM_1, VERSION: ()}[version]:
        db.execute(statement)
    db.execute(f"PRAGMA user_version={VERSION}")
