"""Writes of many calls at a time: one thread, one transaction for all that has queued up meanwhile.

Nobody goes on before what he wrote is on disk. When the disk is full, room that was kept for this is given up, so that what
is in flight can still be stored; from then on nothing new may be begun.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import os
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from tasks.errors import StoreError
from tasks.llm.database import Database

T = TypeVar("T")
Write = Callable[[sqlite3.Connection], T]

GATHER_SECONDS = 0.05  # a commit costs a trip to the disk, whatever it holds
MOST_WRITES = 256  # in one transaction
SPARE_BYTES = 16 * 2**20
LOCKED_SECONDS = 300.0  # another program may look at the file for so long, and no reply is lost
AGAIN_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class _Item:
    """A write and who waits for it, if anybody does."""

    write: Write[Any]
    done: asyncio.Future[Any] | None


class Commits:
    """The writer of a database, for the event loop that it is made in."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._loop = asyncio.get_running_loop()
        self._later: collections.deque[_Item] = collections.deque()
        self._spare = _Spare(database.path.with_suffix(".spare"))
        self._queue: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="calls.sqlite", daemon=True)
        self._thread.start()

    @property
    def full(self) -> bool:
        """Whether the disk was full, for us or for another process: begin nothing new."""
        return not self._spare.is_kept

    async def write(self, write: Write[T]) -> T:
        """What `write` returns, once its transaction is on disk. Raises StoreError."""
        done: asyncio.Future[T] = self._loop.create_future()
        self._queue.put(_Item(write, done))
        return await done

    def after(self, write: Write[Any]) -> None:
        """Have something written after all that was handed in before; nobody waits for it."""
        self._queue.put(_Item(write, None))

    def soon(self, write: Write[Any]) -> None:
        """Have something written that nobody waits for, together with what comes next."""
        self._later.append(_Item(write, None))

    def close(self) -> None:
        """End when all is written."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while items := self._gather():
            self._commit(items)
        if self._later:
            self._commit(list(self._later))

    def _gather(self) -> list[_Item]:
        """All that has queued up, at least one; nothing when closed."""
        items: list[_Item] = []
        while (item := self._queue.get()) is not None:
            if not items:
                time.sleep(GATHER_SECONDS)
                items += [self._later.popleft() for _ in range(len(self._later))]
            items.append(item)
            if len(items) >= MOST_WRITES or self._queue.empty():
                return items
        if items:
            self._queue.put(None)
        return items

    def _commit(self, items: list[_Item]) -> None:
        try:
            results = self._patiently([item.write for item in items])
        except BaseException as exc:  # noqa: BLE001 - whatever it is, those who wait must hear of it
            if len(items) > 1 and not (_is_locked(exc) or _is_full(exc)):
                for item in items:  # one write that cannot be done takes no other with it
                    self._commit([item])
                return
            error = exc
            self._tell(items, lambda done, _: done.set_exception(error))
        else:
            self._tell(items, lambda done, place: done.set_result(results[place]))

    def _patiently(self, writes: list[Write[Any]]) -> list[Any]:
        """Again while the file is locked; once more in the spare room when the disk is full."""
        deadline = time.monotonic() + LOCKED_SECONDS
        while True:
            try:
                with self._database.transaction() as db:
                    return [write(db) for write in writes]
            except StoreError as exc:
                if _is_locked(exc) and time.monotonic() < deadline:
                    time.sleep(AGAIN_SECONDS)
                elif not (_is_full(exc) and self._spare.give_up()):
                    raise

    def _tell(self, items: list[_Item], tell: Callable[[asyncio.Future[Any], int], None]) -> None:
        def told() -> None:
            for place, item in enumerate(items):
                if item.done and not item.done.done():  # else who waited was cancelled
                    tell(item.done, place)

        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(told)


def _is_locked(exc: BaseException) -> bool:
    return getattr(exc.__cause__, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _is_full(exc: BaseException) -> bool:
    code = getattr(exc.__cause__, "sqlite_errorcode", 0)
    return code & 0xFF == sqlite3.SQLITE_FULL or code in (sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE)


class _Spare:
    """Room on the disk that nobody else can take: for the replies of calls that are in flight when the rest is full."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._given_up = False
        try:
            if not (path.exists() and path.stat().st_size == SPARE_BYTES):
                path.write_bytes(os.urandom(SPARE_BYTES))  # zeros are no room where files are compressed
        except OSError as exc:
            path.unlink(missing_ok=True)
            raise StoreError(f"{path}: no room for {SPARE_BYTES >> 20} MiB ({exc}); free some space; nothing was sent") from exc

    @property
    def is_kept(self) -> bool:
        """Whether nobody needed the room yet."""
        return not self._given_up and self._path.exists()

    def give_up(self) -> bool:
        """Free the room; False when we did that before. Another process may have been faster: the room is ours all the same."""
        if self._given_up:
            return False
        self._given_up = True
        with contextlib.suppress(OSError):
            self._path.unlink()
        return True
