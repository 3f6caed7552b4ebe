"""The API key is in no file, log, message or traceback, whatever a server does with it."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from bad_server import KEY, RESET, Part, Seen, bad_server, error, http, model, ok, reply, words

from tasks.errors import JeongdapError
from tasks.llm import breaker, commits, sender
from tasks.llm.asks import Answer, Endpoint
from tasks.llm.calls import Calls
from tasks.llm.engine import Engine, ask_all_sync
from tasks.llm.wire import TALKING
from tasks.settings import BudgetSettings, Cap

pytestmark = pytest.mark.slow  # a server in each test

SECRET = "Zq83"  # what is in the middle of the key, in a form that no encoding here changes


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(sender, "LONGEST_WAIT", 0.05)
    monkeypatch.setattr(sender, "STALL_SECONDS", 0.3)
    monkeypatch.setattr(breaker, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(commits, "SPARE_BYTES", 2**16)


@pytest.fixture
def logs() -> Iterator[list[str]]:
    """Everything that any logger says, at the lowest level, with its tracebacks."""
    said: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(f"{record.getMessage()} {record.args} {record.exc_info} {record.stack_info}")

    root, listener = logging.getLogger(), Listener()
    names = [name for name in logging.root.manager.loggerDict if isinstance(logging.getLogger(name), logging.Logger)]
    levels = {
        name: logging.getLogger(name).level for name in (*names, "openai", "openai._base_client", "httpx2", "aiohttp", "asyncio")
    }
    before = root.level
    root.setLevel(1)
    root.addHandler(listener)
    for name in levels:
        logging.getLogger(name).setLevel(1)
    yield said
    root.removeHandler(listener)
    root.setLevel(before)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def echo(seen: Seen) -> str:
    """What we sent as our key."""
    return seen.headers["authorization"].removeprefix("Bearer ")


def escaped(key: str) -> str:
    return "".join(f"\\u{ord(char):04X}" for char in key)


REFUSAL = json.dumps({"choices": [{"finish_reason": "stop", "message": {"refusal": "KEY"}}]})
Says = Callable[[str], bytes | str]
ECHOES: dict[str, Says] = {
    "401": lambda key: error("401 Unauthorized", f"Incorrect API key provided: {key}"),
    "401 in the reason": lambda key: error(f"401 Wrong key {key}", "no", x_request_id=key),
    "403": lambda key: error("403 Forbidden", f"key={key}!", code=key),
    "404": lambda key: error("404 Not Found", key),
    "400": lambda key: error("400 Bad Request", f"Bearer {key}"),
    "402": lambda key: error("402 Payment Required", key),
    "429": lambda key: error("429 Too Many Requests", key, retry_after_ms="5"),
    "429 for good": lambda key: error("429 Too Many Requests", key, "insufficient_quota"),
    "500": lambda key: error("500 Oh", f"Authorization: Bearer {key}"),
    "500 without JSON": lambda key: http(f"<html>{key}</html>".encode(), "500 Oh", content_type="text/html"),
    "redirect": lambda key: http(b"", "307 Go", location=f"http://127.0.0.1:1/?key={key}"),
    "HTML with 200": lambda key: http(f"<html>{key}</html>".encode()),
    "200 with an error": lambda key: ok({"error": {"message": key}}),
    "headers": lambda key: ok(x_request_id=key, x_key=key, server=key, set_cookie=f"key={key}"),
    "reply": lambda key: ok(reply(json.dumps({"word": key}))),
    "bad reply": lambda key: ok(reply(f"your key is {key}")),
    "refusal": lambda key: ok({"choices": [{"finish_reason": "stop", "message": {"refusal": key}}]}),
    "finish": lambda key: ok(reply(finish=key)),
    "model": lambda key: ok(reply(model=key, id=key, system_fingerprint=key)),
    "wrong field": lambda key: ok(reply(json.dumps({key: 1}))),
    "JSON of another writer": lambda key: http(json.dumps(reply(json.dumps({"word": key}))).replace("/", "\\/").encode()),
    "JSON all escaped": lambda key: http(json.dumps(reply("KEY")).replace("KEY", escaped(key)).encode()),
    "refusal all escaped": lambda key: http(REFUSAL.replace("KEY", escaped(key)).encode()),
    "no HTTP": lambda key: f"{key} what?\r\n\r\n".encode(),
    "a bad header": lambda key: f"HTTP/1.1 200 OK\r\n{key}\r\n\r\n".encode(),
    "a bad chunk": lambda key: f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{key}\r\n".encode(),
    "a cut reply": lambda key: http(f'{{"choices": "{key}'.encode(), content_length="9999"),
    "a bad length": lambda key: http(b"{}", content_length=key),
    "an oversized reply": lambda key: http(f"{key} ".encode() * 40_000),
    "a reset": lambda key: RESET,
}  # fmt: skip


def files(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("padded", [False, pytest.param(True, marks=pytest.mark.slow)])
@pytest.mark.parametrize("how", ECHOES)
def test_a_key_that_is_echoed_is_found_nowhere(
    tmp_path: Path, logs: list[str], capfd: pytest.CaptureFixture[str], how: str, padded: bool
) -> None:
    shown: list[str] = []

    def act(seen: Seen) -> Iterable[Part]:
        assert echo(seen) == KEY
        if how == "a reset" or seen.method == "POST":
            return [ECHOES[how](echo(seen))]
        return [ok({"data": [KEY]})]

    with bad_server(act) as server, Calls(tmp_path / "calls.sqlite") as calls:
        endpoint = Endpoint(server.endpoint.base_url, f" {KEY} " if padded else KEY)
        settings = model(server, max_reply_mib=0.25, structured="auto", concurrency=12)
        with Engine(endpoint, settings, calls) as engine:
            shown += attempt(engine)
            shown.append(repr(engine.endpoint))
        assert server.asked > 0
        shown.append(everything(calls))
        stored = files(tmp_path)
    out, err = capfd.readouterr()
    text = "\n".join([*shown, *logs, out, err])
    assert logs
    assert KEY not in text
    assert SECRET not in text
    assert SECRET.encode() not in stored
    assert "Zq83".encode("utf-16-le") not in stored


def attempt(engine: Engine) -> list[str]:
    """Ask, and tell all that is to be seen of what came of it."""
    try:
        return [shown(answer) for answer in engine.ask(words(16))]
    except JeongdapError as exc:
        local = traceback.TracebackException.from_exception(exc, capture_locals=False)
        return [str(exc), repr(exc), "".join(local.format()), "".join(traceback.format_exception(exc)), *chain(exc)]


def chain(exc: BaseException | None) -> Iterator[str]:
    while exc is not None:
        yield f"{exc!r} {exc.args}"
        exc = exc.__cause__ or exc.__context__


def shown(answer: Answer) -> str:
    return f"{answer.value!r} {answer.problem} {answer.detail}"


def everything(calls: Calls) -> str:
    """All rows of all tables, with what their JSON says when it is read."""
    with calls.database.reading() as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        rows: list[Any] = [row for table in tables for row in db.execute(f"SELECT * FROM {table}")]
        read = [json.loads(text) for (text,) in db.execute("SELECT response FROM calls")]
    return f"{rows} {read}"


def test_a_key_is_in_no_error_of_ours(tmp_path: Path, logs: list[str]) -> None:
    with Calls(tmp_path / "calls.sqlite") as calls:
        for key in (f"{KEY}\n", f"{KEY}키", f"\0{KEY}"):
            with bad_server(lambda seen: [ok()]) as server, pytest.raises(JeongdapError) as caught:
                ask_all_sync(words(1), Endpoint(server.endpoint.base_url, key), model(server), calls)
            assert SECRET not in "".join(traceback.format_exception(caught.value)) + "".join(chain(caught.value))
        with bad_server(lambda seen: [ok()]) as server:
            budget = BudgetSettings(run=Cap(max_tokens=1))
            with Engine(server.endpoint, model(server), calls, budget=budget) as engine, pytest.raises(JeongdapError) as caught:
                engine.ask(words(1))
            assert SECRET not in "".join(traceback.format_exception(caught.value))
        gone = Endpoint("http://127.0.0.1:9/v1", KEY)
        with pytest.raises(JeongdapError) as caught:
            ask_all_sync(words(1, start=9), gone, model(server), calls)
        assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert SECRET not in "\n".join(logs)
    assert SECRET.encode() not in files(tmp_path)


def test_a_key_of_three_letters_does_not_tear_replies_apart(tmp_path: Path) -> None:
    with bad_server(lambda seen: [ok(reply('{"word": "abcabc"}'))]) as server, Calls(tmp_path / "calls.sqlite") as calls:
        (answer,) = ask_all_sync(words(1), Endpoint(server.endpoint.base_url, "abc"), model(server), calls)
    assert getattr(answer.value, "word", "") == "abcabc"


def test_no_logger_keeps_a_filter_when_an_engine_is_closed(tmp_path: Path) -> None:
    loggers = [logging.getLogger(name) for name in TALKING]
    before = [list(logger.filters) for logger in loggers]
    with bad_server(lambda seen: [ok()]) as server, Calls(tmp_path / "calls.sqlite") as calls:
        with Engine(server.endpoint, model(server), calls) as engine:
            engine.ask(words(1))
            assert all(logger.filters for logger in loggers)
        assert [list(logger.filters) for logger in loggers] == before
