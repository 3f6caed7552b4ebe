from __future__ import annotations

import email.utils
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from llm_server import closed_port, make_asks, running_server, settings

from tasks.errors import LlmError
from tasks.generate.replies import QaReply
from tasks.llm import sender
from tasks.llm.asks import Endpoint
from tasks.llm.calls import Calls
from tasks.llm.engine import ask_all_sync
from tasks.llm.guard import Guard
from tasks.llm.offline import Fault, FaultPlan
from tasks.llm.wire import retry_after
from tasks.settings import PiiSettings


@pytest.fixture
def calls(tmp_path: Path) -> Iterator[Calls]:
    with Calls(tmp_path / "calls.sqlite") as store:
        yield store


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries without the waits that real servers need."""
    monkeypatch.setattr(sender, "FIRST_WAIT", 0.02)
    monkeypatch.setattr(sender, "LONGEST_WAIT", 0.1)


def test_every_ask_is_answered_in_order_and_the_second_run_asks_nothing(calls: Calls) -> None:
    asks = make_asks(30)
    with running_server() as server:
        first = ask_all_sync(asks, server.endpoint, settings(), calls)
        second = ask_all_sync(asks, server.endpoint, settings(), calls)
        stats = server.stats()
    assert [answer.ask for answer in first] == asks
    assert all(isinstance(answer.value, QaReply) and answer.value.items and answer.bought for answer in first)
    assert stats["requests"] == stats["paid"] == 30
    assert [answer.value for answer in second] == [answer.value for answer in first]
    assert not any(answer.bought for answer in second)


def test_what_is_stored_needs_no_endpoint(calls: Calls) -> None:
    asks = make_asks(3)
    with running_server() as server:
        ask_all_sync(asks, server.endpoint, settings(), calls)
    answers = ask_all_sync(asks, Endpoint(f"http://127.0.0.1:{closed_port()}/v1", ""), settings(), calls)
    assert [answer.problem for answer in answers] == ["", "", ""]


def test_equal_asks_are_paid_once_and_both_answered(calls: Calls) -> None:
    ask = make_asks(1)[0]
    with running_server() as server:
        answers = ask_all_sync([ask, ask], server.endpoint, settings(), calls)
        assert server.stats()["requests"] == 1
    assert [answer.bought for answer in answers] == [True, False]


def test_nothing_is_lost_and_nothing_is_bought_twice_under_faults(calls: Calls, impatient: None) -> None:
    asks = make_asks(200)
    shares = {
        "429": 0.1,
        "500": 0.1,
        "reset": 0.05,
        "broken_json": 0.05,
        "wrong_schema": 0.04,
        "truncated": 0.04,
        "no_completion": 0.02,
    }
    with running_server(FaultPlan(shares=shares, retry_after=0.01)) as server:
        answers = ask_all_sync(asks, server.endpoint, settings(), calls)
        stats = server.stats()
        again = ask_all_sync(asks, server.endpoint, settings(), calls)
        assert server.stats()["requests"] == stats["requests"]
    assert set(stats["faults"]) == set(shares)
    assert [answer.problem for answer in answers] == [""] * 200
    assert stats["paid_twice"] == 0
    assert [answer.value for answer in again] == [answer.value for answer in answers]


def test_a_broken_reply_is_kept_and_asked_for_again_with_its_error(calls: Calls) -> None:
    with running_server(FaultPlan(shares={"broken_json": 1.0})) as server:
        (answer,) = ask_all_sync(make_asks(1), server.endpoint, settings(), calls)
    assert answer.problem == ""
    assert calls.asked(answer.call) == 2
    counts = calls.counts()
    assert (counts.replies, counts.bad) == (2, 1)
    assert counts.prompt_tokens > 0


@pytest.mark.parametrize(
    ("fault", "problem", "asked"),
    [
        ("broken_json", "invalid_json", 3),
        ("wrong_schema", "invalid_schema", 3),
        ("truncated", "truncated", 2),
        ("refusal", "refusal", 1),
    ],
)
def test_a_model_that_cannot_answer_is_asked_so_often_and_never_again(
    calls: Calls, fault: Fault, problem: str, asked: int
) -> None:
    asks = make_asks(1)
    with running_server(FaultPlan(always={"별솔": fault})) as server:
        (answer,) = ask_all_sync(asks, server.endpoint, settings(), calls)
        (again,) = ask_all_sync(asks, server.endpoint, settings(), calls)
        assert server.stats()["requests"] == asked
    assert (answer.problem, again.problem) == (problem, problem)
    assert calls.asked(answer.call) == asked


def test_a_prompt_that_always_fails_costs_only_itself(calls: Calls, impatient: None) -> None:
    asks = make_asks(40)
    with running_server(FaultPlan(always={"제7조(보험금의 지급)": "500"})) as server:
        answers = ask_all_sync(asks, server.endpoint, settings(), calls)
    assert Counter(answer.problem for answer in answers) == {"": 39, "http_error": 1}
    (failed,) = [answer for answer in answers if answer.problem]
    assert failed.ask.id == "chunk-7"
    assert "500" in failed.detail


def test_a_filtered_prompt_is_a_refusal_and_no_fault_of_the_endpoint(calls: Calls) -> None:
    with running_server(FaultPlan(always={"별솔": "filtered"})) as server:
        answers = ask_all_sync(make_asks(5), server.endpoint, settings(), calls)
    assert [answer.problem for answer in answers] == ["refusal"] * 5


def test_a_single_failing_ask_is_no_dead_endpoint(calls: Calls, impatient: None) -> None:
    with running_server(FaultPlan(always={"별솔": "500"})) as server:
        (answer,) = ask_all_sync(make_asks(1), server.endpoint, settings(), calls)
    assert answer.problem == "http_error"


def test_a_server_that_fails_for_every_ask_stops_the_run(calls: Calls, impatient: None) -> None:
    with running_server(FaultPlan(always={"별솔": "500"})) as server, pytest.raises(LlmError, match=r"errors alone.*HTTP 500"):
        ask_all_sync(make_asks(20), server.endpoint, settings(), calls)


def test_a_login_page_with_status_200_is_no_reply_and_is_not_stored(calls: Calls, impatient: None) -> None:
    with running_server(FaultPlan(always={"별솔": "no_completion"})) as server, pytest.raises(LlmError) as caught:
        ask_all_sync(make_asks(5), server.endpoint, settings(), calls)
    assert re.search(r"no chat completion.*Please sign in", str(caught.value))
    assert calls.counts().replies == 0


@pytest.mark.parametrize("fault", ["hang", "drip"])
def test_a_call_that_does_not_end_is_cut_at_its_deadline_and_asked_again(calls: Calls, impatient: None, fault: Fault) -> None:
    with running_server(FaultPlan(shares={fault: 0.2}, hang_seconds=60)) as server:
        start = time.monotonic()
        answers = ask_all_sync(make_asks(20), server.endpoint, settings(seconds=0.5, concurrency=20), calls)
        assert time.monotonic() - start < 15
        assert server.stats()["faults"][fault] > 0
    assert [answer.problem for answer in answers] == [""] * 20


def test_many_429s_cost_no_attempt(calls: Calls, impatient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = FaultPlan(shares={"429": 0.6}, first_only=False, retry_after=0.01)
    with running_server(plan) as server:
        answers = ask_all_sync(make_asks(30), server.endpoint, settings(), calls)
        assert server.stats()["faults"]["429"] > 20
    assert [answer.problem for answer in answers] == [""] * 30


def test_endless_429s_end_with_a_message(calls: Calls, impatient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "STALL_SECONDS", 0.5)
    with running_server(FaultPlan(always={"별솔": "429"}, retry_after=0.01)) as server, pytest.raises(LlmError, match="too many"):
        ask_all_sync(make_asks(3), server.endpoint, settings(), calls)


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [
        ({"retry-after": "2"}, 2, 2.5),
        ({"retry-after": "0.5"}, 0.5, 0.7),
        ({"retry-after-ms": "300"}, 0.3, 0.4),
        ({"retry-after": email.utils.format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)}, 120, 150),
        ({"retry-after": "86400"}, 120, 150),
    ],
)
def test_a_server_says_how_long_to_wait_and_is_believed_within_reason(headers: dict[str, str], least: float, most: float) -> None:
    assert least <= (retry_after(httpx2.Headers(headers)) or 0) <= most


@pytest.mark.parametrize("value", ["", "soon", "-3", "inf", "nan", "1.2.3", "Wed, 21 Oct 2015 07:28:00 GMT"])
def test_a_wait_that_makes_no_sense_is_ours_to_choose(value: str) -> None:
    assert retry_after(httpx2.Headers({"retry-after": value})) is None


def test_an_empty_account_is_no_queue(calls: Calls) -> None:
    with running_server(FaultPlan(always={"별솔": "no_credit"})) as server, pytest.raises(LlmError, match="no credit left"):
        ask_all_sync(make_asks(3), server.endpoint, settings(), calls)


def test_a_wrong_key_stops_at_once_and_names_the_variable_but_not_the_key(calls: Calls) -> None:
    with running_server(FaultPlan(api_key="right")) as server:
        with pytest.raises(LlmError) as caught:
            ask_all_sync(make_asks(20), server.endpoint, settings(key_env="MY_KEY"), calls)
        assert server.stats()["requests"] <= 10  # of 20: those that were on their way
    assert "MY_KEY" in str(caught.value)
    assert server.endpoint.base_url in str(caught.value)
    assert "test-key" not in str(caught.value)


def test_a_wrong_model_stops_at_once_and_names_it(calls: Calls) -> None:
    with running_server() as server, pytest.raises(LlmError, match="no model 'gpt-nothing'"):
        ask_all_sync(make_asks(2), server.endpoint, settings(model="gpt-nothing"), calls)


def test_an_endpoint_that_is_down_is_named(calls: Calls, impatient: None) -> None:
    url = f"http://127.0.0.1:{closed_port()}/v1"
    with pytest.raises(LlmError, match="does not answer") as caught:
        ask_all_sync(make_asks(2), Endpoint(url, ""), settings(), calls)
    assert url in str(caught.value)


def test_a_key_that_no_header_can_carry_is_refused_before_the_network(calls: Calls) -> None:
    with pytest.raises(LlmError, match="MY_KEY"):
        ask_all_sync(make_asks(1), Endpoint("http://127.0.0.1:9/v1", "열쇠\n"), settings(key_env="MY_KEY"), calls)


def test_the_endpoint_never_shows_its_key() -> None:
    assert "secret" not in repr(Endpoint("http://x/v1", "secret"))


def test_loopback_is_not_reached_through_a_proxy(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port()}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with running_server() as server:
        (answer,) = ask_all_sync(make_asks(1), server.endpoint, settings(), calls)
    assert answer.problem == ""


@pytest.mark.parametrize("structured", ["json_schema", "json_object", "prompt"])
def test_a_server_that_knows_no_schemas_still_answers_in_form(calls: Calls, structured: str) -> None:
    with running_server() as server:
        (answer,) = ask_all_sync(make_asks(1), server.endpoint, settings(structured=structured), calls)
    assert isinstance(answer.value, QaReply)
    assert answer.value.items


CLIENT = """
import sys
from pathlib import Path
from llm_server import make_asks, settings
from tasks.llm.asks import Endpoint
from tasks.llm.calls import Calls
from tasks.llm.engine import ask_all_sync
url, store, count = sys.argv[1:]
answers = ask_all_sync(make_asks(int(count)), Endpoint(url, "test-key"), settings(concurrency=4), Calls(Path(store)))
print(sum(answer.problem == "" for answer in answers))
"""


def start_client(url: str, store: Path, count: int) -> subprocess.Popen[str]:
    here = Path(__file__).parent
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(here), str(here.parent)])}
    command = [sys.executable, "-c", CLIENT, url, str(store), str(count)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_killed_in_the_middle_and_run_again_nothing_stored_is_paid_twice(tmp_path: Path) -> None:
    store, count, concurrency = tmp_path / "calls.sqlite", 120, 4
    with running_server(FaultPlan(latency=0.05)) as server:
        child = start_client(server.endpoint.base_url, store, count)
        while server.stats()["paid"] < count // 2:
            time.sleep(0.02)
        child.send_signal(signal.SIGKILL)
        child.communicate(timeout=10)
        time.sleep(0.5)  # the server finishes what was in flight
        with Calls(store) as calls:
            kept = calls.counts().replies
        before = server.stats()
        assert before["paid"] - concurrency <= kept < count
        done, _ = start_client(server.endpoint.base_url, store, count).communicate(timeout=60)
        after = server.stats()
    assert done.strip() == str(count)
    assert after["paid"] == count
    assert after["requests"] - before["requests"] == count - kept  # what is stored is not asked for again
    assert after["paid_twice"] == before["paid"] - kept <= concurrency  # in flight at the kill: billed, never seen


@pytest.mark.slow
def test_two_processes_share_the_file(tmp_path: Path) -> None:
    store = tmp_path / "calls.sqlite"
    with running_server() as server:
        children = [start_client(server.endpoint.base_url, store, 60) for _ in range(2)]
        assert [child.communicate(timeout=60)[0].strip() for child in children] == ["60", "60"]
    with Calls(store) as calls:
        assert calls.counts().bad == 0
        assert 60 <= calls.counts().replies <= 120


def test_personal_data_is_neither_sent_nor_stored(calls: Calls, tmp_path: Path) -> None:
    number = "900101-1234567"
    asks = [replace(ask, user=f"{ask.user}\n\n주민등록번호 {number}") for ask in make_asks(2)]
    with running_server() as server:
        answers = ask_all_sync(asks, server.endpoint, settings(), calls, guard=Guard(PiiSettings()))
    assert [answer.problem for answer in answers] == ["", ""]
    stored = (tmp_path / "calls.sqlite").read_bytes() + b"".join(p.read_bytes() for p in tmp_path.glob("calls.sqlite-*"))
    assert number.encode() not in stored
    assert "[주민등록번호]".encode() in stored
