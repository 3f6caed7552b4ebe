from __future__ import annotations

import sqlite3
import stat
import threading
from pathlib import Path

import pytest

from tasks.errors import StoreError
from tasks.llm.calls import Calls, Reply


def reply(response: str = "{}", tokens: int | None = 10) -> Reply:
    return Reply("qa", 200, "stop", "m", "req_1", 0.5, tokens, tokens, None, "{}", response)


def test_replies_come_back_in_the_order_they_were_bought(tmp_path: Path) -> None:
    with Calls(tmp_path / "calls.sqlite") as calls:
        assert [calls.put("a", reply(text)) for text in ("one", "two", "three")] == [0, 1, 2]
        assert calls.put("b", reply("other")) == 0
        assert calls.stored("a") == ["one", "two", "three"]
        assert (calls.asked("a"), calls.asked("nobody")) == (3, 0)


def test_a_reply_survives_the_process(tmp_path: Path) -> None:
    with Calls(tmp_path / "deep" / "calls.sqlite") as calls:
        calls.put("a", reply("kept 한글 \x00 \u2028"))
    with Calls(tmp_path / "deep" / "calls.sqlite") as calls:
        assert calls.stored("a") == ["kept 한글 \x00 \u2028"]


def test_counts_are_over_the_whole_file_and_unknown_tokens_count_nothing(tmp_path: Path) -> None:
    with Calls(tmp_path / "calls.sqlite") as calls:
        calls.judged("a", calls.put("a", reply()), "invalid_json")
        calls.judged("a", calls.put("a", reply(tokens=None)), "")
        counts = calls.counts()
    assert (counts.replies, counts.bad, counts.prompt_tokens, counts.completion_tokens) == (2, 1, 10, 10)


def test_only_the_owner_can_read_the_prompts(tmp_path: Path) -> None:
    path = tmp_path / "calls.sqlite"
    with Calls(path) as calls:
        calls.put("a", reply())
        for file in (path, path.with_name("calls.sqlite-wal")):
            assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_two_writers_of_one_request_lose_nothing(tmp_path: Path) -> None:
    def write(name: str) -> None:
        with Calls(tmp_path / "calls.sqlite") as calls:
            for number in range(100):
                calls.put("same", reply(f"{name}{number}"))

    threads = [threading.Thread(target=write, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Calls(tmp_path / "calls.sqlite") as calls:
        assert sorted(calls.stored("same")) == sorted(f"{name}{number}" for name in "ab" for number in range(100))


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "calls.sqlite"
    path.write_bytes(b"this is no database at all, but long enough to be looked at" * 20)
    with pytest.raises(StoreError, match=r"calls\.sqlite"):
        Calls(path)


def test_a_file_of_another_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "calls.sqlite"
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version=99")
    with pytest.raises(StoreError, match="format 99"):
        Calls(path)


def test_a_folder_in_the_way_is_an_error_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "calls.sqlite").mkdir()
    with pytest.raises(StoreError, match=r"calls\.sqlite"):
        Calls(tmp_path / "calls.sqlite")
