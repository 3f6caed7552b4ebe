"""The writer and its file: full disks, locks, other formats, broken files, and writes that cannot be done."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from bad_server import Part, Seen, bad_server, good, model, ok, words

from tasks.errors import StoreError
from tasks.llm import asks as asks_module
from tasks.llm import commits as module
from tasks.llm import database, forms, sender
from tasks.llm.asks import call_key
from tasks.llm.calls import Calls, Reply
from tasks.llm.commits import Commits
from tasks.llm.database import Database
from tasks.llm.engine import Engine, ask_all_sync

MIB = 2**20
FORMAT_1 = """CREATE TABLE calls (
    key TEXT NOT NULL, attempt INTEGER NOT NULL, time TEXT NOT NULL, kind TEXT NOT NULL, status INTEGER NOT NULL,
    finish TEXT NOT NULL, problem TEXT, model TEXT NOT NULL, request_id TEXT NOT NULL, latency REAL NOT NULL,
    prompt_tokens INTEGER, completion_tokens INTEGER, cached_tokens INTEGER, request TEXT NOT NULL, response TEXT NOT NULL,
    PRIMARY KEY (key, attempt)
) WITHOUT ROWID"""


@pytest.fixture(autouse=True)
def small_spare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SPARE_BYTES", MIB)


def write_all(path: Path, main: Callable[[Commits, Database], Coroutine[Any, Any, None]]) -> None:
    async def run() -> None:
        file = Database(path)
        with contextlib.closing(file):
            commits = Commits(file)
            with contextlib.closing(commits):
                await main(commits, file)

    asyncio.run(run())


def put(run: str) -> Callable[[sqlite3.Connection], str]:
    def write(db: sqlite3.Connection) -> str:
        db.execute("INSERT INTO spent (run, tokens) VALUES (?, 1)", (run,))
        return run

    return write


def bad(db: sqlite3.Connection) -> None:
    db.execute("INSERT INTO spent (run, tokens) VALUES (?, ?)", ("bad", 2**70))


def runs(file: Database) -> list[str]:
    with file.reading() as db:
        return [run for (run,) in db.execute("SELECT run FROM spent ORDER BY run")]


def test_a_write_that_cannot_be_done_takes_no_other_with_it(tmp_path: Path) -> None:
    async def main(commits: Commits, file: Database) -> None:
        results = await asyncio.gather(
            *(commits.write(put(f"{n}")) for n in range(3)), commits.write(bad), commits.write(put("3")), return_exceptions=True
        )
        assert [results[n] for n in (0, 1, 2, 4)] == ["0", "1", "2", "3"]
        assert isinstance(results[3], OverflowError)
        assert runs(file) == ["0", "1", "2", "3"]

    write_all(tmp_path / "calls.sqlite", main)


def test_a_write_that_raises_in_the_middle_leaves_nothing_behind(tmp_path: Path) -> None:
    def half(db: sqlite3.Connection) -> None:
        put("half")(db)
        raise ZeroDivisionError

    async def main(commits: Commits, file: Database) -> None:
        with pytest.raises(ZeroDivisionError):
            await commits.write(half)
        assert await commits.write(put("whole")) == "whole"
        assert runs(file) == ["whole"]

    write_all(tmp_path / "calls.sqlite", main)


def test_what_nobody_waits_for_is_written_in_its_turn_and_before_the_end(tmp_path: Path) -> None:
    def take_back(db: sqlite3.Connection) -> None:
        db.execute("DELETE FROM spent WHERE run='a'")

    async def main(commits: Commits, file: Database) -> None:
        waiting = asyncio.create_task(commits.write(put("a")))
        await asyncio.sleep(0)
        waiting.cancel()
        commits.after(take_back)
        commits.after(put("b"))
        commits.soon(put("c"))
        with contextlib.suppress(asyncio.CancelledError):
            await waiting

    write_all(tmp_path / "calls.sqlite", main)
    with contextlib.closing(Database(tmp_path / "calls.sqlite")) as file:
        assert runs(file) == ["b", "c"]


def test_a_failure_that_nobody_waits_for_makes_no_noise(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def main(commits: Commits, file: Database) -> None:
        commits.soon(bad)
        commits.after(bad)
        assert await commits.write(put("a")) == "a"
        assert runs(file) == ["a"]

    with caplog.at_level(logging.DEBUG):
        write_all(tmp_path / "calls.sqlite", main)
        gc.collect()
    assert "never retrieved" not in caplog.text


def hold_lock(path: Path, seconds: float) -> threading.Thread:
    """Another connection that writes for so long; it has the lock when this returns."""
    locked = threading.Event()

    def hold() -> None:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            locked.set()
            time.sleep(seconds)
            other.execute("ROLLBACK")

    thread = threading.Thread(target=hold)
    thread.start()
    assert locked.wait(10)
    return thread


@pytest.mark.parametrize("busy", [5.0, 0.05])
def test_a_file_that_others_lock_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, busy: float) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", busy)
    monkeypatch.setattr(module, "AGAIN_SECONDS", 0.05)
    threads: list[threading.Thread] = []

    def act(seen: Seen) -> Iterator[Part]:
        if seen.number == 5:
            threads.append(hold_lock(tmp_path / "calls.sqlite", 1.0))
        yield ok()

    with bad_server(act) as server, Calls(tmp_path / "calls.sqlite") as calls:
        answers = ask_all_sync(words(30), server.endpoint, model(server), calls)
        threads[0].join()
        assert server.asked == calls.counts().replies == 30
    assert [answer.problem for answer in answers] == [""] * 30


def test_a_file_that_stays_locked_ends_with_its_name_and_the_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    monkeypatch.setattr(module, "AGAIN_SECONDS", 0.05)
    monkeypatch.setattr(module, "LOCKED_SECONDS", 0.3)
    with bad_server(good) as server, Calls(tmp_path / "calls.sqlite") as calls:
        thread = hold_lock(calls.path, 2.0)
        with pytest.raises(StoreError, match=r"calls\.sqlite.*locked"):
            ask_all_sync(words(3), server.endpoint, model(server), calls)
        thread.join()
        assert server.asked == 0
        answers = ask_all_sync(words(3), server.endpoint, model(server), calls)
    assert [answer.problem for answer in answers] == [""] * 3


def test_many_open_a_new_file_at_once(tmp_path: Path) -> None:
    failed: list[StoreError] = []

    def open_it(path: Path, start: threading.Barrier) -> None:
        start.wait()
        try:
            Calls(path).close()
        except StoreError as exc:
            failed.append(exc)

    for n in range(10):
        start = threading.Barrier(6)
        threads = [threading.Thread(target=open_it, args=(tmp_path / f"{n}" / "calls.sqlite", start)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failed == []


def test_replies_of_format_1_still_answer_and_count(tmp_path: Path) -> None:
    path = tmp_path / "calls.sqlite"
    with bad_server(good) as server:
        asks, settings = words(3), model(server)
        with contextlib.closing(sqlite3.connect(path)) as old:
            old.execute(FORMAT_1)
            old.execute("PRAGMA user_version=1")
            text = ok().split(b"\r\n\r\n")[1].decode()
            for ask in asks[:2]:
                values = (
                    call_key(ask, settings),
                    0,
                    "2026-01-01T00:00:00+00:00",
                    "word",
                    200,
                    "stop",
                    "",
                    "m",
                    "",
                    1.0,
                    10,
                    5,
                    None,
                )
                old.execute(f"INSERT INTO calls VALUES ({','.join('?' * 15)})", (*values, "{}", text))
            old.commit()
        for _ in range(2):
            with Calls(path) as calls:
                answers = ask_all_sync(asks, server.endpoint, settings, calls)
        assert server.asked == 1
        with Calls(path) as calls, calls.database.reading() as db:
            assert db.execute("SELECT sum(tokens) FROM spent").fetchone() == (45,)
    assert [answer.problem for answer in answers] == [""] * 3


def test_a_newer_format_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "calls.sqlite"
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA user_version=99")
    with pytest.raises(StoreError, match=r"calls\.sqlite.*another version.*99"):
        Calls(path)
    with contextlib.closing(sqlite3.connect(path)) as other:
        assert other.execute("PRAGMA user_version").fetchone() == (99,)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "calls.sqlite"
    path.write_bytes(b"not a database at all " * 1000)
    with pytest.raises(StoreError, match=r"calls\.sqlite.*move it away"):
        Calls(path)


def test_a_file_that_is_broken_inside_is_named(tmp_path: Path) -> None:
    path = tmp_path / "calls.sqlite"
    with Calls(path) as calls:
        for n in range(200):
            calls.put(f"{n}", Reply("k", 200, "stop", "m", "", 1.0, 1, 1, None, "{}", "x" * 2000))
    data = bytearray(path.read_bytes())
    data[4096 : len(data)] = os.urandom(len(data) - 4096)
    path.write_bytes(data)
    with bad_server(good) as server:
        with pytest.raises(StoreError, match=r"calls\.sqlite"), Calls(path) as calls:
            ask_all_sync(words(3), server.endpoint, model(server), calls)
        assert server.asked == 0


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="file"):
        Calls(tmp_path / "file" / "calls.sqlite")


@contextlib.contextmanager
def mounted(folder: Path, options: str) -> Iterator[Path]:
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"a file system cannot be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_read_only_folder_is_named(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "size=8m") as disk:
        with bad_server(good) as server, Calls(disk / "calls.sqlite") as calls:
            ask_all_sync(words(1), server.endpoint, model(server), calls)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        with pytest.raises(StoreError, match=r"calls\.sqlite"):
            Calls(disk / "calls.sqlite")


def test_a_disk_without_room_for_the_spare_sends_nothing(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "size=4m") as disk, bad_server(good) as server, Calls(disk / "calls.sqlite") as calls:
        (disk / "other").write_bytes(bytes(int(3.5 * MIB)))
        with pytest.raises(StoreError, match=r"no room for 1 MiB.*nothing was sent"):
            ask_all_sync(words(3), server.endpoint, model(server), calls)
        assert server.asked == 0
        (disk / "other").unlink()
        assert ask_all_sync(words(1), server.endpoint, model(server), calls)[0].problem == ""


@pytest.mark.parametrize("others", [False, True])
def test_a_full_disk_keeps_what_is_in_flight_and_goes_on_when_there_is_room(tmp_path: Path, others: bool) -> None:
    """`others`: another process finds the disk full first, and takes the spare room away."""
    with mounted(tmp_path / "disk", "size=16m") as disk:
        filler, release = disk / "other", threading.Event()

        def act(seen: Seen) -> Iterator[Part]:
            if seen.number == 8:
                fill(filler)
                if others:
                    (disk / "calls.spare").unlink()
                release.set()
            yield 0.2 if release.is_set() else 0.0
            yield ok(text="x" * 1000)

        with bad_server(act) as server, Calls(disk / "calls.sqlite") as calls:
            asks, settings = words(200), model(server, concurrency=8)
            with pytest.raises(StoreError, match=r"disk.*(full|space)"):
                ask_all_sync(asks, server.endpoint, settings, calls)
            assert server.asked == calls.counts().replies < 200
            filler.unlink()
            answers = ask_all_sync(asks, server.endpoint, settings, calls)
            assert server.asked == calls.counts().replies == 200
            with calls.database.reading() as db:
                assert db.execute("SELECT count(*), (SELECT sum(unseen) FROM spent) FROM holds").fetchone() == (0, 0)
    assert [answer.problem for answer in answers] == [""] * 200


def fill(path: Path) -> None:
    """Write until the disk is full."""
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        for size in (MIB, 2**16, 2**12, 1):
            with contextlib.suppress(OSError):
                while file.write(bytes(size)) == size:
                    pass


@pytest.mark.parametrize("years", [-30, 30])
def test_a_clock_that_jumps_moves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, years: int) -> None:
    import datetime

    shift = datetime.timedelta(days=365 * years)
    real_time = time.time

    class Jumping(datetime.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.datetime.now(tz) + (shift if jumped.is_set() else datetime.timedelta())

    jumped = threading.Event()
    monkeypatch.setattr(forms, "datetime", Jumping)
    monkeypatch.setattr("tasks.llm.calls.datetime", Jumping)
    monkeypatch.setattr(time, "time", lambda: real_time() + (shift.total_seconds() if jumped.is_set() else 0))
    monkeypatch.setattr(sender, "FIRST_WAIT", 0.01)

    def act(seen: Seen) -> Iterator[Part]:
        if seen.number == 10:
            jumped.set()
        body = seen.body.get("response_format", {}).get("json_schema", {}).get("name")
        yield ok(asks_reply(body))

    with bad_server(act) as server, Calls(tmp_path / "calls.sqlite") as calls:
        settings = model(server, structured="auto", requests_per_minute=10_000)
        with Engine(server.endpoint, settings, calls) as engine:
            first = engine.ask(words(30))
        second = ask_all_sync(words(40), server.endpoint, settings, calls)
        assert calls.counts().replies == server.asked
        assert server.asked <= 44  # each ask once; what was found out is asked anew, for its date makes no sense
    assert [answer.problem for answer in first + second] == [""] * 70


def asks_reply(name: str | None) -> Any:
    from bad_server import reply

    return reply('{"colour": "teal"}' if name == forms.KIND else '{"word": "a"}')


def test_nothing_is_charged_twice_when_the_same_reply_cannot_be_stored(tmp_path: Path) -> None:
    """Whatever keeps a reply from being stored: the others are, and its call counts."""
    reply = Reply("k", 200, "stop", "m", "", 1.0, 1, 1, None, "{}", "\ud800")
    with Calls(tmp_path / "calls.sqlite") as calls, pytest.raises(UnicodeEncodeError):
        calls.put("a", reply)
    assert asks_module.envelope('{"model": "\\ud800\\u0000"}')["model"] == "��"
