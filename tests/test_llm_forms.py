"""Finding out how an endpoint wants to be asked: against servers that want all sorts of things, and some that want nothing."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from bad_server import RESET, BadServer, Part, Seen, bad_server, error, good, model, ok, reply, words

from tasks.errors import LlmError
from tasks.llm import commits, forms, sender
from tasks.llm.asks import Form
from tasks.llm.calls import Calls
from tasks.llm.engine import Engine, ask_all_sync

pytestmark = pytest.mark.slow  # a server in each test

ENFORCED = ok(reply('{"colour": "teal"}'))
HELLO = ok(reply("Hello!"))
NO_SCHEMAS = error("400 Bad Request", "response_format of type json_schema is not supported")
NO_MAX_TOKENS = error("400 Bad Request", "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(sender, "LONGEST_WAIT", 0.05)
    monkeypatch.setattr(commits, "SPARE_BYTES", 2**16)


@pytest.fixture
def calls(tmp_path: Path) -> Iterator[Calls]:
    with Calls(tmp_path / "calls.sqlite") as store:
        yield store


def form_of(body: dict[str, Any]) -> tuple[str, str]:
    """How a request asks: its form, and the parameter that limits its reply."""
    structured = body.get("response_format", {}).get("type", "prompt")
    return structured, "max_completion_tokens" if "max_completion_tokens" in body else "max_tokens"


def is_probe(seen: Seen) -> bool:
    return "say hello" in seen.prompt


def server_that(probe: Callable[[str, str], Iterable[Part]], real: Callable[[str, str], bytes] = lambda *_: ok()) -> Any:
    """A server that answers probes by their form, and real asks."""

    def act(seen: Seen) -> Iterable[Part]:
        if seen.method == "GET":
            return good(seen)
        form = form_of(seen.body)
        return probe(*form) if is_probe(seen) else [real(*form)]

    return bad_server(act)


def run(server: BadServer, calls: Calls, count: int = 5, **changes: Any) -> tuple[str, str]:
    """Ask, and tell in which form: all in the same, all answered."""
    settings = model(server, **{"structured": "auto", "token_parameter": "auto", **changes})
    start = len(server.seen)
    answers = ask_all_sync(words(count, start=start * 100), server.endpoint, settings, calls)
    assert [answer.problem for answer in answers] == [""] * count
    (form,) = {form_of(seen.body) for seen in server.seen[start:] if seen.method == "POST" and not is_probe(seen)}
    return form


def probes(server: BadServer) -> int:
    return sum(is_probe(seen) for seen in server.seen)


def picky(*refused: str, ignored: bool = False, old: bool = True) -> Callable[[str, str], list[Part]]:
    """Probe answers of a server that refuses some forms, and ignores schemas; one that is not `old` refuses max_tokens."""

    def probe(structured: str, parameter: str) -> list[Part]:
        if not old and parameter == "max_tokens":
            return [NO_MAX_TOKENS]
        if structured in refused:
            return [NO_SCHEMAS]
        return [ENFORCED if structured == "json_schema" and not ignored else HELLO]

    return probe


def strictly(*refused: str, old: bool = True) -> Callable[[str, str], bytes]:
    def real(structured: str, parameter: str) -> bytes:
        return error("400 Bad Request") if structured in refused or (not old and parameter == "max_tokens") else ok()

    return real


@pytest.mark.parametrize(
    ("probe", "real", "form", "most"),
    [
        (picky(), strictly(), ("json_schema", "max_tokens"), 1),
        (picky(ignored=True), strictly(), ("json_object", "max_tokens"), 2),
        (picky("json_schema"), strictly("json_schema"), ("json_object", "max_tokens"), 2),
        (picky("json_schema", "json_object"), strictly("json_schema", "json_object"), ("prompt", "max_tokens"), 3),
        (picky("json_object", ignored=True), strictly("json_object"), ("prompt", "max_tokens"), 3),
        (picky(old=False), strictly(old=False), ("json_schema", "max_completion_tokens"), 2),
        (picky("json_schema", "json_object", old=False), strictly("json_schema", "json_object", old=False),
         ("prompt", "max_completion_tokens"), 4),
    ],
)  # fmt: skip
def test_a_server_is_asked_as_it_wants_and_the_next_run_knows(
    calls: Calls, probe: Any, real: Any, form: tuple[str, str], most: int
) -> None:
    with server_that(probe, real) as server:
        assert run(server, calls) == form
        assert 1 <= probes(server) <= most
        found = probes(server)
        assert run(server, calls) == form
        assert probes(server) == found


def test_what_is_set_is_not_asked(calls: Calls) -> None:
    with server_that(picky("json_schema")) as server:
        assert run(server, calls, structured="prompt", token_parameter="max_completion_tokens") == (
            "prompt",
            "max_completion_tokens",
        )
        assert probes(server) == 0


def test_what_was_found_out_never_overrules_what_is_set(calls: Calls) -> None:
    with server_that(picky("json_schema", old=False)) as server:
        assert run(server, calls) == ("json_object", "max_completion_tokens")
        assert run(server, calls, structured="prompt") == ("prompt", "max_completion_tokens")
        assert run(server, calls, token_parameter="max_tokens") == ("json_object", "max_tokens")


def test_a_form_that_was_set_is_not_taken_for_found_out(calls: Calls) -> None:
    with server_that(picky("json_schema"), strictly("json_schema")) as server:
        assert run(server, calls, structured="prompt") == ("prompt", "max_tokens")
        assert run(server, calls) == ("json_object", "max_tokens")


@pytest.mark.parametrize(
    "answer",
    [
        [error("500 Internal Server Error")],
        [RESET],
        [],
        [b"HTTP/1.1 200 OK\r\n\r\n{"],
        [ok(reply('{"colour": "te', "length"))],
        [ok({"choices": [{}]})],
        [ok({"choices": []})],
        [b"rubbish"],
        [ok(reply(None))],
    ],
)
def test_a_probe_that_comes_to_no_end_refuses_no_run(calls: Calls, answer: list[Part]) -> None:
    with server_that(lambda *_: answer) as server:
        assert run(server, calls) == ("json_schema", "max_tokens")


def test_a_probe_that_comes_to_no_end_is_made_again_in_the_next_run(calls: Calls) -> None:
    with server_that(lambda *_: [error("500 Oh")]) as server:
        run(server, calls)
        before = probes(server)
        server.act = server_act = lambda seen: [ENFORCED if is_probe(seen) else ok()]
        run(server, calls)
        assert probes(server) == before + 1
        assert server.act is server_act


def test_a_refusal_that_is_not_about_the_form_is_said_and_not_remembered(calls: Calls) -> None:
    """As a wrong parameter in `extra`: once it is mended, schemas are tried again."""
    wrong = error("422 Unprocessable", "unknown parameter: reasoning_effort")
    with server_that(lambda *_: [wrong], lambda *_: wrong) as server:
        with pytest.raises(LlmError, match="reasoning_effort"):
            run(server, calls)
        server.act = lambda seen: [ENFORCED if is_probe(seen) else ok()]
        assert run(server, calls) == ("json_schema", "max_tokens")


def test_a_server_that_learned_another_form_is_asked_anew_by_the_next_run(calls: Calls) -> None:
    with server_that(picky(), strictly()) as server:
        assert run(server, calls) == ("json_schema", "max_tokens")

        def act(seen: Seen) -> Iterable[Part]:
            form = form_of(seen.body)
            return picky("json_schema")(*form) if is_probe(seen) else [strictly("json_schema")(*form)]

        server.act = act
        with pytest.raises(LlmError, match="400"):
            ask_all_sync(words(20, 7), server.endpoint, model(server, structured="auto", token_parameter="auto"), calls)
        assert run(server, calls) == ("json_object", "max_tokens")


@pytest.mark.parametrize(
    ("status", "cure"), [("401 Unauthorized", "set OPENAI_API_KEY"), ("404 Not Found", "mend `model` or `base_url`")]
)
def test_a_wrong_key_or_model_stops_at_the_probe_with_the_cure(calls: Calls, status: str, cure: str) -> None:
    with server_that(lambda *_: [error(status)]) as server, pytest.raises(LlmError, match=cure):
        run(server, calls)
    assert server.asked == 1


@pytest.mark.parametrize("years", [-5, 5])
def test_what_was_found_long_ago_or_in_the_future_is_found_out_anew(calls: Calls, years: int) -> None:
    with server_that(picky()) as server:
        run(server, calls)
        then = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=365 * years)
        with calls.database.transaction() as db:
            db.execute("UPDATE endpoints SET time=?", (then.isoformat(),))
        run(server, calls)
        assert probes(server) == 2


@pytest.mark.parametrize("found", ["", "{}", "[]", '{"structured": "telepathy"}', "\0"])
def test_a_memory_that_makes_no_sense_is_none(calls: Calls, found: str) -> None:
    with server_that(picky()) as server:
        run(server, calls)
        with calls.database.transaction() as db:
            db.execute("UPDATE endpoints SET found=?", (found,))
        assert run(server, calls) == ("json_schema", "max_tokens")
        assert probes(server) == 2


def test_a_probe_is_stored_and_counted_and_answers_nothing_else(calls: Calls) -> None:
    with server_that(picky()) as server:
        run(server, calls, count=3)
    with calls.database.reading() as db:
        kinds = dict(db.execute("SELECT kind, count(*) FROM calls GROUP BY kind"))
        (tokens,) = db.execute("SELECT tokens FROM spent").fetchone()
    assert kinds == {forms.KIND: 1, "word": 3}
    assert tokens == 60


def test_an_engine_can_be_asked_what_its_endpoint_can(calls: Calls) -> None:
    with server_that(picky("json_schema")) as server:
        settings = model(server, structured="auto", token_parameter="auto")
        with Engine(server.endpoint, settings, calls) as engine:
            found = engine.probe(30)
        assert found is not None
        assert (found.schema_is, found.form(settings), found.tells_usage) == ("refused", Form("json_object", "max_tokens"), True)
        json.dumps(found.model_dump())
