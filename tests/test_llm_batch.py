from __future__ import annotations

import json
import logging
import os
import random
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flow_runs import jeongdap, new_project, small_examples
from hypothesis import given
from hypothesis import strategies as st
from llm_server import RunningServer, closed_port, make_asks, running_server
from llm_server import settings as live_settings

from tasks.errors import BudgetError, LlmError
from tasks.llm import batch, batch_wire
from tasks.llm.asks import Answer, Ask, Endpoint
from tasks.llm.batch_store import Grip
from tasks.llm.batch_wire import BatchWire, RawLine, _Splitter, request_line
from tasks.llm.calls import Calls
from tasks.llm.engine import Engine, ask_all_sync
from tasks.llm.guard import Guard
from tasks.llm.offline import FaultPlan
from tasks.llm.offline_batches import BatchPlan
from tasks.settings import BatchSettings, BudgetSettings, Cap, ModelSettings, PiiSettings, PriceSettings

pytestmark = pytest.mark.slow  # a server in each test

URL = {"base_url": "http://here/v1"}  # what the settings say; the built-in writer would cost nothing
PRICES = PriceSettings(input=1, output=2, batch_factor=0.5)


def settings(**changes: Any) -> ModelSettings:
    """Batch mode; keys of `[batch]` and of the model together."""
    own = {name: changes.pop(name) for name in list(changes) if name in BatchSettings.model_fields}
    return live_settings(
        **{"mode": "batch", "batch": BatchSettings(**{"poll_seconds": 0.02, **own}), "prices": PRICES, **changes}
    )


@pytest.fixture(autouse=True)
def quick_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "LISTED_SECONDS", 0.1)


@pytest.fixture
def calls(tmp_path: Path) -> Iterator[Calls]:
    with Calls(tmp_path / "calls.sqlite") as store:
        yield store


def seen(server: RunningServer) -> dict[str, Any]:
    """What the batch half of the server has counted."""
    with urllib.request.urlopen(server.endpoint.base_url.removesuffix("/v1") + "/ctl/batches", timeout=10) as reply:
        return dict(json.loads(reply.read()))


def until(condition: Callable[[], Any], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.01)


def query(calls: Calls, sql: str) -> list[tuple[Any, ...]]:
    with calls.database.reading() as db:
        return db.execute(sql).fetchall()


def is_clean(calls: Calls) -> bool:
    """Nothing is held, open or left on disk."""
    left = [query(calls, f"SELECT count(*) FROM {name}") for name in ("holds", "batch_items")]
    states = {state for (state,) in query(calls, "SELECT state FROM batches")}
    folder = calls.path.parent / "batches"
    return left == [[(0,)], [(0,)]] and states <= {"done"} and not (folder.is_dir() and list(folder.iterdir()))


def problems(answers: list[Answer]) -> Counter[str]:
    return Counter(answer.problem for answer in answers)


def in_background(engine: Engine, asks: list[Ask]) -> Future[list[Answer]]:
    done: Future[list[Answer]] = Future()

    def ask() -> None:
        try:
            done.set_result(engine.ask(asks))
        except BaseException as exc:  # noqa: BLE001 - the test looks at it
            done.set_exception(exc)

    threading.Thread(target=ask, daemon=True).start()
    return done


def test_asks_go_through_one_batch_and_the_second_run_asks_nothing(calls: Calls, tmp_path: Path) -> None:
    asks = make_asks(30)
    with running_server() as server:
        with Engine(server.endpoint, settings(), calls, run="monday") as engine:
            first = engine.ask(asks)
            tally = engine.tally
        second = ask_all_sync(asks, server.endpoint, settings(), calls)
        assert server.stats()["requests"] == 0
        assert seen(server)["batches"] == 1
        assert seen(server)["answered"] == {answer.call: 1 for answer in first}
    assert [answer.ask for answer in first] == asks
    assert all(not answer.problem and answer.bought for answer in first)
    assert [answer.value for answer in second] == [answer.value for answer in first]
    assert (tally.done, tally.bought, tally.in_batch) == (30, 30, 0)
    assert query(calls, "SELECT run, problem, count(*), count(DISTINCT batch) FROM calls WHERE batch<>'' GROUP BY 1, 2") == [
        ("monday", "", 30, 1)
    ]
    assert is_clean(calls)


def test_the_reply_is_the_one_that_a_live_call_brings(calls: Calls, tmp_path: Path) -> None:
    asks = make_asks(3)
    with running_server() as server, Calls(tmp_path / "live.sqlite") as live:
        batched = ask_all_sync(asks, server.endpoint, settings(), calls)
        called = ask_all_sync(asks, server.endpoint, live_settings(), live)
    assert [(a.call, a.value) for a in batched] == [(a.call, a.value) for a in called]


def test_files_are_split_at_the_limits(calls: Calls) -> None:
    with running_server() as server:
        assert problems(ask_all_sync(make_asks(25), server.endpoint, settings(max_requests=10), calls)) == {"": 25}
        counted = seen(server)
    assert (counted["batches"], counted["most_requests"]) == (3, 10)


def test_files_are_split_by_size_and_what_no_file_can_hold_is_asked_live(calls: Calls) -> None:
    asks = make_asks(20)
    asks[7] = replace(asks[7], user=asks[7].user + "\n별솔 " * 3000)
    with running_server() as server:
        answers = ask_all_sync(asks, server.endpoint, settings(max_mib=0.02), calls)
        counted = seen(server)
        assert server.stats()["requests"] == 1
    assert problems(answers) == {"": 20}
    assert counted["batches"] > 2
    assert counted["most_bytes"] <= 0.02 * 2**20
    assert set(counted["answered"].values()) == {1}
    assert is_clean(calls)


@pytest.mark.parametrize(
    "faults",
    [
        {"list:500": 2},
        {"list:html": 1},
        {"upload:500": 2},
        {"upload:429": 2},
        {"upload:lost": 1},
        {"create:500": 2},
        {"create:429": 1},
        {"create:lost": 1},
        {"create:lost": 1, "list:500": 3},
        {"create:html": 1},
        {"poll:503": 30},
        {"poll:429": 2},
        {"poll:html": 2},
        {"content:500": 2},
        {"content:cut": 2},
        {"content:429": 1},
        {"list:429": 1, "upload:500": 1, "create:lost": 1, "poll:500": 1, "content:cut": 1},
    ],
    ids=str,
)
def test_whatever_goes_wrong_on_the_way_each_request_is_answered_once(
    calls: Calls, faults: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_wire, "LINES_AT_A_TIME", 1)
    asks = make_asks(12)
    with running_server(FaultPlan(batch=BatchPlan(faults=faults))) as server:
        answers = ask_all_sync(asks, server.endpoint, settings(), calls)
        assert seen(server)["answered"] == {answer.call: 1 for answer in answers}
        assert seen(server)["batches"] == 1
    assert problems(answers) == {"": 12}
    assert calls.counts().replies == 12
    assert query(calls, "SELECT sum(unseen) FROM spent") == [(0,)]
    assert is_clean(calls)


@pytest.mark.parametrize(("fault", "unseen"), [("expired", 0), ("500", 0), ("vanished", 1)])
def test_what_did_not_come_goes_into_the_next_batch(calls: Calls, fault: str, unseen: int) -> None:
    with running_server(FaultPlan(batch=BatchPlan(shares={fault: 0.4}))) as server:
        answers = ask_all_sync(make_asks(30), server.endpoint, settings(), calls)
        counted = seen(server)
        assert server.stats()["requests"] == 0
    assert problems(answers) == {"": 30}
    assert counted["batches"] == 2
    assert set(counted["answered"].values()) == {1}
    assert query(calls, "SELECT unseen FROM spent") == [(unseen * counted["met"][fault],)]  # no line, no word on its price
    assert is_clean(calls)


def test_a_request_without_a_line_in_a_batch_that_expired_was_not_done(calls: Calls) -> None:
    with running_server(FaultPlan(batch=BatchPlan(shares={"expired": 0.3, "vanished": 0.3}))) as server:
        assert problems(ask_all_sync(make_asks(20), server.endpoint, settings(), calls)) == {"": 20}
    assert query(calls, "SELECT unseen FROM spent") == [(0,)]


def test_a_batch_that_may_be_there_is_not_forgotten_when_the_key_is_refused(calls: Calls) -> None:
    asks = make_asks(3)
    plan = BatchPlan(faults={"create:lost": 1, "list:401": 1}, after={"list": 1})
    with running_server(FaultPlan(batch=plan)) as server:
        with pytest.raises(LlmError, match="refused our key"):
            ask_all_sync(asks, server.endpoint, settings(), calls)
        assert problems(ask_all_sync(asks, server.endpoint, settings(), calls)) == {"": 3}
        assert set(seen(server)["answered"].values()) == {1}
        assert seen(server)["batches"] == 1


def test_a_batch_that_is_not_listed_yet_is_waited_for(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "LISTED_SECONDS", 0.5)
    plan = BatchPlan(faults={"create:lost": 1}, unlisted_seconds=0.3)
    with running_server(FaultPlan(batch=plan)) as server:
        assert problems(ask_all_sync(make_asks(3), server.endpoint, settings(), calls)) == {"": 3}
        assert seen(server)["batches"] == 1


def test_what_does_not_come_in_so_many_rounds_is_asked_live(calls: Calls) -> None:
    with running_server(FaultPlan(batch=BatchPlan(shares={"expired": 0.5}))) as server:
        answers = ask_all_sync(make_asks(20), server.endpoint, settings(rounds=1), calls)
        counted = seen(server)
        live = server.stats()["requests"]
    assert problems(answers) == {"": 20}
    assert counted["batches"] == 1
    assert live == counted["met"]["expired"] > 0
    assert len(counted["answered"]) == 20 - live


def test_a_request_that_is_refused_fails_alone_and_is_not_sent_again(calls: Calls) -> None:
    with running_server(FaultPlan(batch=BatchPlan(shares={"400": 0.2}))) as server:
        answers = ask_all_sync(make_asks(30), server.endpoint, settings(), calls)
        counted = seen(server)
    refused = counted["met"]["400"]
    assert problems(answers) == {"": 30 - refused, "http_error": refused}
    assert counted["batches"] == 1
    assert "not valid" in next(answer.detail for answer in answers if answer.problem)
    assert is_clean(calls)


def test_when_most_requests_are_refused_the_run_stops_and_keeps_what_came(calls: Calls) -> None:
    with running_server(FaultPlan(batch=BatchPlan(shares={"400": 0.8}))) as server, pytest.raises(LlmError, match="asks failed"):
        ask_all_sync(make_asks(30), server.endpoint, settings(), calls)
    assert calls.counts().replies > 0
    assert is_clean(calls)


def test_a_filtered_prompt_is_a_refusal(calls: Calls) -> None:
    with running_server(FaultPlan(always={"별솔": "filtered"})) as server:
        assert problems(ask_all_sync(make_asks(5), server.endpoint, settings(), calls)) == {"refusal": 5}


@pytest.mark.parametrize(("fault", "batches"), [("broken_json", 2), ("truncated", 2), ("wrong_schema", 2)])
def test_a_reply_that_is_no_use_is_followed_up_in_the_next_batch(calls: Calls, fault: Any, batches: int) -> None:
    with running_server(FaultPlan(shares={fault: 1.0})) as server:
        answers = ask_all_sync(make_asks(6), server.endpoint, settings(), calls)
        assert seen(server)["batches"] == batches
        assert server.stats()["requests"] == 0
    assert problems(answers) == {"": 6}
    assert calls.counts().replies == 12
    assert calls.counts().bad == 6


def test_a_status_200_without_a_completion_is_not_stored_but_counts_as_spent(calls: Calls) -> None:
    with running_server(FaultPlan(shares={"no_completion": 1.0})) as server:
        answers = ask_all_sync(make_asks(3), server.endpoint, settings(), calls)
    assert problems(answers) == {"": 3}
    assert calls.counts().replies == 3
    assert query(calls, "SELECT unseen FROM spent") == [(3,)]


def test_lines_that_are_no_use_are_counted_and_told(calls: Calls, caplog: pytest.LogCaptureFixture) -> None:
    plan = BatchPlan(shares={"repeated": 0.5}, broken=2, unknown=3)
    with running_server(FaultPlan(batch=plan)) as server, caplog.at_level(logging.INFO, "jeongdap"):
        answers = ask_all_sync(make_asks(20), server.endpoint, settings(), calls)
        repeated = seen(server)["met"]["repeated"]
    assert problems(answers) == {"": 20}
    assert calls.counts().replies == 20
    (said,) = [record.getMessage() for record in caplog.records if "no use" in record.getMessage()]
    assert {"2 broken", "3 unknown", f"{repeated} repeated"} == set(said.rpartition(": ")[2].split(", "))


def test_a_line_that_is_too_long_counts_as_a_bad_reply(calls: Calls) -> None:
    with running_server(FaultPlan(batch=BatchPlan(shares={"oversized": 0.3}, padding=400_000))) as server:
        answers = ask_all_sync(make_asks(20), server.endpoint, settings(max_reply_mib=0.2), calls)
        oversized = seen(server)["met"]["oversized"]
    assert problems(answers) == {"": 20}
    assert calls.counts().bad == oversized > 0
    assert query(calls, "SELECT max(length(response)) < 20000 FROM calls") == [(1,)]


def test_a_batch_that_fails_is_told_in_the_servers_words_and_the_next_run_sends_another(calls: Calls) -> None:
    asks = make_asks(3)
    with running_server(FaultPlan(batch=BatchPlan(failing=1))) as server:
        with pytest.raises(LlmError, match=r"failed: line 1: invalid_json_line in this file.*nothing of it was billed"):
            ask_all_sync(asks, server.endpoint, settings(), calls)
        assert is_clean(calls)
        assert problems(ask_all_sync(asks, server.endpoint, settings(), calls)) == {"": 3}
        assert seen(server)["batches"] == 2


def test_where_only_some_batches_may_be_open_the_others_wait(calls: Calls) -> None:
    with running_server(FaultPlan(batch=BatchPlan(most_open=1, seconds=2.0))) as server:
        answers = ask_all_sync(make_asks(30), server.endpoint, settings(max_requests=10), calls)
        counted = seen(server)
        assert server.stats()["requests"] == 0
    assert problems(answers) == {"": 30}
    assert counted["batches"] > 3
    assert set(counted["answered"].values()) == {1}


def test_a_batch_costs_half(calls: Calls, tmp_path: Path) -> None:
    asks = make_asks(5)
    with running_server() as server, Calls(tmp_path / "live.sqlite") as live:
        ask_all_sync(asks, server.endpoint, settings(**URL), calls)
        ask_all_sync(asks, server.endpoint, live_settings(prices=PRICES, **URL), live)
        ((called,),) = query(live, "SELECT sum(cost) FROM calls")
    ((batched, spent),) = query(calls, "SELECT sum(calls.cost), spent.cost FROM calls, spent")
    assert 0 < batched == spent == called // 2


def budget_for(calls: Calls, requests: float) -> BudgetSettings:
    """Room for so many requests at the most that they can use."""
    with running_server(FaultPlan(batch=BatchPlan(seconds=60))) as server:
        engine = Engine(server.endpoint, settings(**URL), calls)
        asked = in_background(engine, make_asks(1))
        until(lambda: seen(server)["batches"] == 1)
        ((tokens, cost),) = query(calls, "SELECT tokens, cost FROM holds")
        engine.close()
        with suppress(LlmError):
            asked.result(10)
    return BudgetSettings(run=Cap(max_cost=cost / 1e9 * requests, max_tokens=int(tokens * requests)))


@pytest.mark.parametrize("limited", ["max_cost", "max_tokens"])
def test_what_does_not_fit_the_budget_waits_for_the_batch_before(calls: Calls, tmp_path: Path, limited: str) -> None:
    with Calls(tmp_path / "other.sqlite") as other:
        most = budget_for(other, 4.5).run
    budget = BudgetSettings(run=Cap(**{limited: getattr(most, limited)}))
    with running_server() as server:
        with Engine(server.endpoint, settings(**URL), calls, budget=budget) as engine:
            answers = engine.ask(make_asks(9))
        counted = seen(server)
    assert problems(answers) == {"": 9}
    assert counted["batches"] >= 3
    assert counted["most_requests"] == 4
    ((tokens, cost),) = query(calls, "SELECT tokens, cost FROM spent")
    assert 0 < tokens <= most.max_tokens
    assert 0 < cost <= most.max_cost * 1e9


def test_when_nothing_fits_the_run_stops_by_the_budget(calls: Calls) -> None:
    budget = BudgetSettings(run=Cap(max_tokens=100))
    with running_server() as server:
        with pytest.raises(BudgetError, match=r"budget.run.max_tokens"):
            Engine(server.endpoint, settings(), calls, budget=budget).ask(make_asks(3))
        assert seen(server)["batches"] == 0
    assert is_clean(calls)


def test_a_batch_that_nobody_waits_for_counts_against_the_budget(calls: Calls) -> None:
    with running_server(FaultPlan(batch=BatchPlan(seconds=60))) as server:
        engine = Engine(server.endpoint, settings(), calls, run="first")
        asked = in_background(engine, make_asks(5))
        until(lambda: seen(server)["batches"] == 1)
        engine.close()
        with pytest.raises(LlmError, match="stopped"):
            asked.result(10)
        ((held,),) = query(calls, "SELECT sum(tokens) FROM holds")
        budget = BudgetSettings(project=Cap(max_tokens=held))
        with Engine(server.endpoint, live_settings(), calls, "second", budget) as live, pytest.raises(BudgetError):
            live.ask(make_asks(6)[5:])


def test_personal_data_is_neither_sent_nor_stored(calls: Calls, tmp_path: Path) -> None:
    number = "900101-1234567"
    asks = [replace(ask, user=f"{ask.user}\n\n주민등록번호 {number}") for ask in make_asks(4)]
    with running_server(FaultPlan(batch=BatchPlan(seconds=0.5))) as server:
        engine = Engine(server.endpoint, settings(), calls, guard=Guard(PiiSettings()))
        asked = in_background(engine, asks)
        until(lambda: seen(server)["batches"] == 1)
        files = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
        assert problems(asked.result(30)) == {"": 4}
        engine.close()
    files += b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert number.encode() not in files
    assert "[주민등록번호]".encode() in files


def test_a_reply_is_masked_before_it_is_stored(calls: Calls) -> None:
    ask = make_asks(1)[0]
    with running_server(FaultPlan(batch=BatchPlan(seconds=0.3))) as server:
        first = Engine(server.endpoint, settings(), calls)
        asked = in_background(first, [replace(ask, user=ask.user.replace("15일", "900101-1234567번"))])
        until(lambda: seen(server)["batches"] == 1)
        first.close()
        with suppress(LlmError):
            asked.result(10)
        with Engine(server.endpoint, settings(), calls, guard=Guard(PiiSettings())) as second:
            asked = in_background(second, make_asks(2)[1:])
            until(lambda: calls.counts().replies >= 1)
            asked.result(30)
    responses = [response for (response,) in query(calls, "SELECT response FROM calls")]
    assert len(responses) == 2
    assert not any("900101-1234567" in response for response in responses)


def test_a_wrong_key_stops_at_once_and_the_right_one_goes_on(calls: Calls, caplog: pytest.LogCaptureFixture) -> None:
    asks = make_asks(3)
    with running_server(FaultPlan(api_key="test-key")) as server, caplog.at_level(logging.DEBUG, "jeongdap"):
        wrong = Endpoint(server.endpoint.base_url, "wrong-secret")
        with pytest.raises(LlmError, match=r"refused our key.*MY_KEY") as caught:
            ask_all_sync(asks, wrong, settings(key_env="MY_KEY"), calls)
        assert is_clean(calls)
        assert problems(ask_all_sync(asks, server.endpoint, settings(), calls)) == {"": 3}
    assert "wrong-secret" not in str(caught.value)
    assert "wrong-secret" not in caplog.text


@pytest.mark.parametrize("route", ["list", "upload", "create", "poll", "content"])
def test_a_key_that_is_refused_on_the_way_stops_the_run_and_loses_nothing(calls: Calls, route: str) -> None:
    asks = make_asks(3)
    with running_server(FaultPlan(batch=BatchPlan(faults={f"{route}:401": 1}))) as server:
        with pytest.raises(LlmError, match="refused our key"):
            ask_all_sync(asks, server.endpoint, settings(), calls)
        assert problems(ask_all_sync(asks, server.endpoint, settings(), calls)) == {"": 3}
        assert set(seen(server)["answered"].values()) == {1}
    assert is_clean(calls)


def test_an_endpoint_without_a_batch_api_says_so_and_can_be_asked_live(calls: Calls) -> None:
    asks = make_asks(3)
    with running_server(FaultPlan(batch=BatchPlan(absent=True))) as server:
        with pytest.raises(LlmError, match=r'no batch API.*mode = "live"'):
            ask_all_sync(asks, server.endpoint, settings(), calls)
        assert is_clean(calls)
        assert problems(ask_all_sync(asks, server.endpoint, live_settings(), calls)) == {"": 3}


def test_an_endpoint_that_never_answers_ends_the_run(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "STRANGER_SECONDS", 0.1)
    url = f"http://127.0.0.1:{closed_port()}/v1"
    with pytest.raises(LlmError, match="connection failed"):
        ask_all_sync(make_asks(2), Endpoint(url, ""), settings(), calls)


def test_a_dead_endpoint_is_waited_for_as_long_as_the_batch_may_take(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "PATIENT_SECONDS", 0.1)
    asks = make_asks(3)
    with running_server(FaultPlan(batch=BatchPlan(faults={"poll:500": 30}))) as server:
        with pytest.raises(LlmError, match="the batch goes on there"):
            ask_all_sync(asks, server.endpoint, settings(), calls)
        monkeypatch.setattr(batch, "PATIENT_SECONDS", 60.0)
        assert problems(ask_all_sync(asks, server.endpoint, settings(), calls)) == {"": 3}
        assert seen(server)["batches"] == 1


def begun(server: RunningServer, calls: Calls, asks: list[Ask], **changes: Any) -> None:
    """A run that is stopped when its batch is at the endpoint."""
    engine = Engine(server.endpoint, settings(**changes), calls, run="first")
    asked = in_background(engine, asks)
    until(lambda: query(calls, "SELECT 1 FROM batches WHERE state='submitted'"))
    assert engine.tally.in_batch == len(asks)
    engine.close()
    with pytest.raises(LlmError, match="stopped"):
        asked.result(10)


def test_a_run_that_is_stopped_leaves_its_batch_to_the_next(calls: Calls) -> None:
    asks = make_asks(10)
    with running_server(FaultPlan(batch=BatchPlan(seconds=0.5))) as server:
        begun(server, calls, asks)
        assert query(calls, "SELECT count(*) FROM holds") == [(10,)]
        with Engine(server.endpoint, settings(), calls, run="second") as engine:
            answers = engine.ask(asks)
        assert seen(server)["batches"] == 1
        assert seen(server)["answered"] == {answer.call: 1 for answer in answers}
    assert problems(answers) == {"": 10}
    assert query(calls, "SELECT run, unseen FROM spent") == [("first", 0)]  # who sent it pays
    assert query(calls, "SELECT count(*) FROM calls WHERE problem=''") == [(10,)]
    assert is_clean(calls)


def test_a_live_run_waits_for_the_batch_of_an_earlier_one(calls: Calls) -> None:
    asks = make_asks(6)
    with running_server(FaultPlan(batch=BatchPlan(seconds=0.5))) as server:
        begun(server, calls, asks[:4])
        patient = settings(mode="live")
        assert problems(ask_all_sync(asks, server.endpoint, patient, calls)) == {"": 6}
        assert server.stats()["requests"] == 2
        assert set(seen(server)["answered"].values()) == {1}
    assert is_clean(calls)


def test_what_an_earlier_batch_did_not_bring_is_sent_again(calls: Calls) -> None:
    asks = make_asks(20)
    with running_server(FaultPlan(batch=BatchPlan(seconds=0.3, shares={"expired": 0.3, "400": 0.1}))) as server:
        begun(server, calls, asks)
        answers = ask_all_sync(asks, server.endpoint, settings(), calls)
        counted = seen(server)
    assert problems(answers) == {"": 20 - counted["met"]["400"], "http_error": counted["met"]["400"]}
    assert counted["batches"] == 2
    assert is_clean(calls)


def test_a_batch_at_another_endpoint_is_named_and_given_up_in_the_end(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    asks = make_asks(3)
    with running_server(FaultPlan(batch=BatchPlan(seconds=60))) as here, running_server() as there:
        begun(here, calls, asks, **URL)
        with pytest.raises(LlmError, match="http://here/v1"):
            ask_all_sync(asks, there.endpoint, settings(base_url="http://there/v1"), calls)
        monkeypatch.setattr(batch, "GIVEN_UP", timedelta(0))
        assert problems(ask_all_sync(asks, there.endpoint, settings(base_url="http://there/v1"), calls)) == {"": 3}
    assert query(calls, "SELECT run, unseen FROM spent ORDER BY run") == [("", 0), ("first", 3)]
    assert is_clean(calls)


def test_a_batch_that_the_endpoint_forgot_is_named_and_given_up_in_the_end(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    asks = make_asks(3)
    with running_server(FaultPlan(batch=BatchPlan(forget=True))) as server:
        url = {**URL, "key_env": "MY_KEY"}
        with pytest.raises(LlmError, match=r"does not know batch.*MY_KEY"):
            ask_all_sync(asks, server.endpoint, settings(**url), calls)
        monkeypatch.setattr(batch, "GIVEN_UP", timedelta(0))
        assert problems(ask_all_sync(asks, server.endpoint, settings(**url), calls)) == {"": 3}  # live, in the end
    assert query(calls, "SELECT unseen FROM spent") == [(9,)]
    assert is_clean(calls)


def test_the_built_in_writer_forgets_with_every_run_and_is_asked_again(calls: Calls) -> None:
    asks = make_asks(3)
    with running_server(FaultPlan(batch=BatchPlan(seconds=60))) as server:
        begun(server, calls, asks)
    with running_server() as server:
        assert problems(ask_all_sync(asks, server.endpoint, settings(), calls)) == {"": 3}


def test_a_store_that_was_lost_finds_its_batch_at_the_endpoint(calls: Calls, tmp_path: Path) -> None:
    asks = make_asks(5)
    with running_server(FaultPlan(batch=BatchPlan(seconds=0.3))) as server, Calls(tmp_path / "new" / "calls.sqlite") as new:
        begun(server, calls, asks)
        assert problems(ask_all_sync(asks, server.endpoint, settings(), new)) == {"": 5}
        assert seen(server)["batches"] == 1


def test_two_runs_at_once_buy_everything_once(tmp_path: Path) -> None:
    asks = make_asks(30)

    def one(mine: list[Ask], server: RunningServer) -> Counter[str]:
        with Calls(tmp_path / "calls.sqlite") as own:
            return problems(ask_all_sync(mine, server.endpoint, settings(max_requests=7), own))

    with running_server(FaultPlan(batch=BatchPlan(seconds=0.1))) as server, ThreadPoolExecutor(3) as pool:
        runs = [pool.submit(one, mine, server) for mine in (asks, asks, asks[10:])]
        assert [run.result(60) for run in runs] == [{"": 30}, {"": 30}, {"": 20}]
        answered = seen(server)["answered"]
    assert len(answered) == 30
    assert set(answered.values()) == {1}
    with Calls(tmp_path / "calls.sqlite") as calls:
        assert is_clean(calls)


def test_one_process_has_a_batch_and_loses_it_when_it_ends(tmp_path: Path) -> None:
    first = Grip.take(tmp_path / "a.lock")
    assert first
    assert Grip.take(tmp_path / "a.lock") is None
    first.close()
    again = Grip.take(tmp_path / "a.lock")
    assert again
    again.close(done=True)
    assert not list(tmp_path.iterdir())


def test_no_character_of_a_prompt_breaks_a_line() -> None:
    text = "".join(map(chr, (0x0B, 0x0C, 0x1C, 0x1D, 0x1E, 0x85, 0x2028, 0x2029)))
    line = request_line("k", json.dumps({"text": text}, ensure_ascii=False).encode()).decode()
    assert len(line.splitlines()) == 1
    assert json.loads(line)["body"]["text"] == text


@given(st.lists(st.binary(max_size=30).map(lambda part: part.replace(b"\n", b"")), max_size=20), st.data())
def test_lines_are_the_same_however_they_come_in(lines: list[bytes], data: st.DataObject) -> None:
    whole = b"\n".join(lines)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    splitter = _Splitter(20)
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    got = [line for piece in pieces for line in splitter.feed(piece)] + splitter.rest()
    assert [(line.text, line.oversized) for line in got] == [(line[:20], len(line) > 20) for line in lines if line[:20].strip()]


class Plain:
    """The part of a `Wire` that reading lines needs."""

    def hide(self, text: str) -> str:
        return text

    def said(self, text: str) -> str:
        return text


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda j: st.lists(j, max_size=3) | st.dictionaries(st.text(max_size=5), j, max_size=3),
)
LINE = st.fixed_dictionaries(
    {"custom_id": st.just("a" * 64) | JSON},
    optional={
        "response": st.fixed_dictionaries({"status_code": st.sampled_from([200, 400, 404, 500, "200"]) | JSON, "body": JSON})
        | JSON,
        "error": JSON,
    },
)


@given(LINE.map(lambda line: json.dumps(line).encode()) | st.binary(max_size=40), st.booleans())
def test_no_line_makes_reading_fail(text: bytes, oversized: bool) -> None:
    BatchWire(Plain(), 100).read(RawLine(text, oversized))  # type: ignore[arg-type]


def test_half_a_character_in_a_reply_can_be_stored(calls: Calls) -> None:
    completion = {"choices": [{"finish_reason": "stop", "message": {"content": "\ud800"}}]}
    line = json.dumps({"custom_id": "a", "response": {"status_code": 200, "body": completion}}).encode()
    came = BatchWire(Plain(), 1000).read(RawLine(line))  # type: ignore[arg-type]
    assert came
    came.received.text.encode()  # type: ignore[union-attr]


CLIENT = """
import sys
from pathlib import Path
from llm_server import make_asks
from test_llm_batch import settings
from tasks.llm import batch
from tasks.llm.asks import Endpoint
from tasks.llm.calls import Calls
from tasks.llm.engine import ask_all_sync
batch.LISTED_SECONDS = 0.1
url, store, count = sys.argv[1:]
answers = ask_all_sync(make_asks(int(count)), Endpoint(url, "test-key"), settings(max_requests=25), Calls(Path(store)))
print(sum(answer.problem == "" for answer in answers))
"""


def start_client(server: RunningServer, store: Path, count: int) -> subprocess.Popen[str]:
    here = Path(__file__).parent
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(here), str(here.parent)])}
    command = [sys.executable, "-c", CLIENT, server.endpoint.base_url, str(store), str(count)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def kill(child: subprocess.Popen[str]) -> None:
    child.send_signal(signal.SIGKILL)
    child.communicate(timeout=10)


def check_resumed(server: RunningServer, store: Path, count: int) -> None:
    """After the kill a run gets everything, and nothing was bought twice by all runs together."""
    with Calls(store) as calls:
        answers = ask_all_sync(make_asks(count), server.endpoint, settings(max_requests=25), calls)
        assert problems(answers) == {"": count}
        answered = seen(server)["answered"]
        assert answered == {answer.call: 1 for answer in answers}
        assert calls.counts().replies == count
        assert query(calls, "SELECT sum(unseen) FROM spent") == [(0,)]
        assert is_clean(calls)


@pytest.mark.slow
@pytest.mark.parametrize("times", [1])
@pytest.mark.parametrize("route", ["list", "upload", "create", "poll", "content"])
def test_killed_while_an_answer_is_on_its_way(tmp_path: Path, route: str, times: int) -> None:
    """The server has done the work of that call, and the client never hears of it."""
    store = tmp_path / "calls.sqlite"
    with running_server(FaultPlan(batch=BatchPlan(slow={route: 0.4}, shares={"400": 0.0}))) as server:
        child = start_client(server, store, 50)
        until(lambda: seen(server)["calls"].get(route, 0) >= times)
        kill(child)
        check_resumed(server, store, 50)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_killed_at_any_time(tmp_path: Path, seed: int) -> None:
    store, dice = tmp_path / "calls.sqlite", random.Random(seed)
    with running_server(
        FaultPlan(batch=BatchPlan(seconds=0.2, slow=dict.fromkeys(["upload", "create", "content"], 0.05)))
    ) as server:
        child = start_client(server, store, 100)
        until(store.exists)
        time.sleep(dice.uniform(0.0, 1.5))
        kill(child)
        check_resumed(server, store, 100)


@pytest.mark.slow
def test_killed_while_replies_are_stored(tmp_path: Path) -> None:
    store = tmp_path / "calls.sqlite"
    with running_server() as server:
        child = start_client(server, store, 60)
        until(store.exists)
        with Calls(store) as calls:
            until(lambda: calls.counts().replies > 0)
            kill(child)
        check_resumed(server, store, 60)


@pytest.mark.slow
def test_two_processes_buy_everything_once_and_one_takes_over_from_the_other(tmp_path: Path) -> None:
    store = tmp_path / "calls.sqlite"
    with running_server(FaultPlan(batch=BatchPlan(seconds=3))) as server:
        children = [start_client(server, store, 60) for _ in range(2)]
        until(lambda: seen(server)["batches"] == 3, 60)
        time.sleep(0.5)  # both know of all of it now
        kill(children[0])
        assert children[1].communicate(timeout=60)[0].strip() == "60"
        assert set(seen(server)["answered"].values()) == {1}
        check_resumed(server, store, 60)


@pytest.mark.slow
@pytest.mark.prefect
def test_a_build_sends_all_that_it_asks_as_one_batch(tmp_path: Path) -> None:
    project = new_project(tmp_path / "project", *small_examples()[:2])
    toml = project / "jeongdap.toml"
    toml.write_text(toml.read_text() + '[models.writer]\nmode = "batch"\n[models.writer.batch]\npoll_seconds = 0.2\n')
    assert jeongdap("build", "-C", str(project), "--until", "generate")["steps"]["generate"]["kept"] > 0
    with Calls(project / ".jeongdap" / "calls.sqlite") as calls:
        assert query(calls, "SELECT count(*) FROM batches") == [(1,)]
        assert query(calls, "SELECT count(*) > 10, min(batch) = max(batch) FROM calls WHERE kind<>'probe'") == [(1, 1)]
        assert is_clean(calls)
