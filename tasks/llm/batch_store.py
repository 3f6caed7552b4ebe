"""Batches in the store: what is in them, how far they are, and which process waits for them.

A batch is written down, with its requests and what it may cost, before anything is sent; so whoever finds it knows what to
look for at the endpoint.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Self

from tasks.llm.batch_wire import request_line
from tasks.llm.calls import Reply
from tasks.llm.commits import Commits
from tasks.llm.database import Database
from tasks.llm.ledger import Claim, Hold, Ledger, OverBudget
from tasks.settings import ModelSettings


@dataclass(frozen=True, slots=True)
class Item:
    """One request of a batch, as UTF-8. `known` is how many replies to it we have read, `estimate` its prompt's tokens."""

    key: str
    kind: str
    request: bytes
    estimate: int
    known: int
    hold: Hold


@dataclass(frozen=True, slots=True)
class Row:
    """A batch that is not done. `remote` is its id at the endpoint, empty as long as we do not know that it is there."""

    id: str
    run: str
    time: str
    remote: str = ""

    @property
    def age(self) -> timedelta:
        """How long ago it was made."""
        return datetime.now(UTC) - datetime.fromisoformat(self.time)


class Grip:
    """That this process looks after a batch: a lock that is lost however the process ends."""

    def __init__(self, path: Path, file: int) -> None:
        self._path, self._file = path, file

    @classmethod
    def take(cls, path: Path) -> Self | None:
        """None when another one has it. Look into the store again once you have it: it may be done."""
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return None
        return cls(path, file)

    def close(self, done: bool = False) -> None:
        """Leave the batch to others, or, when it is done, to nobody."""
        if done:
            with contextlib.suppress(OSError):
                self._path.unlink()
        os.close(self._file)


class BatchStore:
    """The batches of one endpoint and model."""

    def __init__(self, database: Database, commits: Commits, ledger: Ledger, model: ModelSettings, folder: Path) -> None:
        self._database = database
        self._commits = commits
        self._ledger = ledger
        self._endpoint = (model.base_url, model.model)
        self.folder = folder

    def unfinished(self) -> list[Row]:
        """All that are not done, oldest first."""
        query = "SELECT id, run, time, remote FROM batches WHERE endpoint=? AND model=? AND state<>'done' ORDER BY time, id"
        with self._database.reading() as db:
            return [Row(*row) for row in db.execute(query, self._endpoint).fetchall()]

    def elsewhere(self) -> list[tuple[Row, str, list[str]]]:
        """Batches for this model that are not done and at other endpoints: which, where, and the keys of its requests."""
        query = "SELECT id, run, time, remote, endpoint FROM batches WHERE endpoint<>? AND model=? AND state<>'done'"
        keys = "SELECT key FROM holds WHERE owner=?"
        with self._database.reading() as db:
            found = [(Row(*row), endpoint) for *row, endpoint in db.execute(query, self._endpoint).fetchall()]
            return [(row, endpoint, [key for (key,) in db.execute(keys, (row.id,))]) for row, endpoint in found]

    def grip(self, batch: str) -> Grip | None:
        """The lock of a batch, unless somebody has it."""
        with self._database.errors():
            return Grip.take(self.folder / f"{batch}.lock")

    def name(self, items: Sequence[Item]) -> str:
        """The id of a batch: a hash of its content, and of how many there were before that were the same."""
        content = hashlib.sha256(repr(self._endpoint).encode())
        for item in items:
            content.update(item.key.encode() + item.request)
        with self._database.reading() as db:
            for number in count():
                name = hashlib.sha256(content.digest() + b"%d" % number).hexdigest()
                if not db.execute("SELECT 1 FROM batches WHERE id=?", (name,)).fetchone():
                    return name
        raise AssertionError

    async def begin(self, batch: str, items: Sequence[Item]) -> tuple[Row, list[Claim | OverBudget]]:
        """Write down a batch of those items that are ours to send, and hold what it may cost."""
        row = Row(batch, self._ledger.run, datetime.now(UTC).isoformat())
        return row, await self._commits.write(partial(self._begin, row=row, items=items))

    def _begin(self, db: sqlite3.Connection, row: Row, items: Sequence[Item]) -> list[Claim | OverBudget]:
        claims = self._of(row).claim_all(db, [(item.hold, item.known) for item in items])
        ours = [item for item, claim in zip(items, claims, strict=True) if claim is Claim.OURS]
        if ours:
            db.execute("INSERT INTO batches VALUES (?,?,?,?,?,'preparing','')", (row.id, *self._endpoint, row.run, row.time))
            rows = ((row.id, item.key, item.kind, item.request, item.estimate) for item in ours)
            db.executemany("INSERT INTO batch_items VALUES (?,?,?,?,?)", rows)
        return claims

    def write_file(self, batch: str) -> Path:
        """The file of a batch's requests, as it is uploaded."""
        path = self.folder / f"{batch}.jsonl"
        with self._database.reading() as db, path.open("wb") as file:
            path.chmod(0o600)
            for key, request in db.execute("SELECT key, request FROM batch_items WHERE batch=?", (batch,)):
                file.write(request_line(key, request))
        return path

    async def submitted(self, batch: str, remote: str) -> None:
        """It is at the endpoint, under that id."""
        values = (remote, batch)
        await self._commits.write(lambda db: db.execute("UPDATE batches SET state='submitted', remote=? WHERE id=?", values))
        (self.folder / f"{batch}.jsonl").unlink(missing_ok=True)

    def items(self, batch: str, keys: Iterable[str]) -> dict[str, tuple[str, str, int]]:
        """Kind, request and estimate of those keys that are in a batch."""
        wanted = list(keys)
        marks = ",".join("?" * len(wanted))
        query = f"SELECT key, kind, request, estimate FROM batch_items WHERE batch=? AND key IN ({marks})"
        with self._database.reading() as db:
            return {
                key: (kind, request.decode(), estimate) for key, kind, request, estimate in db.execute(query, (batch, *wanted))
            }

    async def settle(self, row: Row, replies: Sequence[tuple[str, Reply]]) -> list[int | None]:
        """Store replies and what they cost; their attempt numbers, None for one that this batch had brought before."""
        return await self._commits.write(lambda db: [self._settle(db, row, key, reply) for key, reply in replies])

    def _settle(self, db: sqlite3.Connection, row: Row, key: str, reply: Reply) -> int | None:
        if db.execute("SELECT 1 FROM calls WHERE key=? AND batch=?", (key, row.id)).fetchone():
            return None
        return self._of(row).settle(db, key, reply)

    async def close(self, row: Row, is_lost: Callable[[str], bool]) -> None:
        """The batch is done: what is still held of it was lost, so it may have been billed, or costs nothing."""
        await self._commits.write(partial(self._close, row=row, is_lost=is_lost))
        (self.folder / f"{row.id}.jsonl").unlink(missing_ok=True)

    def _close(self, db: sqlite3.Connection, row: Row, is_lost: Callable[[str], bool]) -> None:
        ledger = self._of(row)
        for (key,) in db.execute("SELECT key FROM holds WHERE owner=?", (row.id,)).fetchall():
            (ledger.lose if is_lost(key) else ledger.release)(db, key)
        db.execute("DELETE FROM batch_items WHERE batch=?", (row.id,))
        db.execute("UPDATE batches SET state='done' WHERE id=?", (row.id,))

    async def held(self) -> set[str]:
        """The keys of all requests that anybody alive has in flight."""
        await self._commits.write(self._ledger.bury_all)
        with self._database.reading() as db:
            return {key for (key,) in db.execute("SELECT key FROM holds")}

    def _of(self, row: Row) -> Ledger:
        return replace(self._ledger, owner=row.id, run=row.run)
