"""However a run ends, killed, closed, interrupted or in an error: nothing is bought again, and nobody waits for ever."""

from __future__ import annotations

import logging
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from bad_server import BadServer, Part, Seen, bad_server, error, good, model, ok, then, words

from tasks.errors import JeongdapError, LlmError, StoreError
from tasks.llm import commits, pool, sender
from tasks.llm.asks import Answer
from tasks.llm.calls import Calls
from tasks.llm.engine import Engine, ask_all_sync

pytestmark = pytest.mark.slow  # a server in each test

PATIENCE = 60  # seconds after which a test that hangs fails


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(sender, "LONGEST_WAIT", 0.05)
    monkeypatch.setattr(commits, "SPARE_BYTES", 2**16)
    monkeypatch.setattr(pool, "POLL_SECONDS", 0.05)


@pytest.fixture
def calls(tmp_path: Path) -> Iterator[Calls]:
    with Calls(tmp_path / "calls.sqlite") as store:
        yield store


def in_thread(work: Callable[[], Any]) -> Future[Any]:
    """What `work` gives, in a daemon thread, so that one that hangs ends no test run."""
    future: Future[Any] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as exc:  # noqa: BLE001 - to be raised where it is waited for
            future.set_exception(exc)

    threading.Thread(target=run, daemon=True).start()
    return future


def holds(calls: Calls) -> tuple[int, int]:
    """Holds that are left, and calls that count as unseen."""
    with calls.database.reading() as db:
        (held,) = db.execute("SELECT count(*) FROM holds").fetchone()
        (unseen,) = db.execute("SELECT coalesce(sum(unseen), 0) FROM spent").fetchone()
    return held, unseen


def slowly(seconds: float) -> Callable[[Seen], Iterator[Part]]:
    def act(seen: Seen) -> Iterator[Part]:
        if seen.method == "POST":
            yield seconds
        yield from good(seen)

    return act


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_equal_asks_of_two_threads_are_one_call(calls: Calls) -> None:
    with bad_server(slowly(0.2)) as server, Engine(server.endpoint, model(server), calls) as engine:
        first, second = (in_thread(lambda: engine.ask(words(3))) for _ in range(2))
        answers: list[Answer] = first.result(PATIENCE) + second.result(PATIENCE)
        assert server.asked == 3
    assert [answer.problem for answer in answers] == [""] * 6
    assert sum(answer.bought for answer in answers) == 3


def test_equal_asks_of_two_engines_are_one_call(calls: Calls) -> None:
    with bad_server(slowly(0.2)) as server:
        engines = [Engine(server.endpoint, model(server), calls) for _ in range(2)]
        futures = [in_thread(lambda engine=engine: engine.ask(words(3))) for engine in engines]
        assert [a.problem for future in futures for a in future.result(PATIENCE)] == [""] * 6
        assert server.asked == 3
        for engine in engines:
            engine.close()


def test_an_ask_that_fails_ends_nothing_else(calls: Calls) -> None:
    def act(seen: Seen) -> Iterator[Part]:
        yield error("400 Bad Request") if "number 0" in seen.prompt else ok()

    with bad_server(act) as server, Engine(server.endpoint, model(server), calls) as engine:
        assert [answer.problem for answer in engine.ask(words(5))] == ["http_error", *[""] * 4]
        assert engine.ask(words(1, start=7))[0].problem == ""


def test_an_error_of_all_reaches_every_thread_and_the_next_ask_begins_anew(calls: Calls) -> None:
    with bad_server(slowly(0.05)) as server, Engine(server.endpoint, model(server, concurrency=2), calls) as engine:
        futures = [in_thread(lambda n=n: engine.ask(words(20, start=100 * n))) for n in range(5)]
        until(lambda: server.asked >= 6)
        server.act = then(error("401 Unauthorized", "wrong key"))
        for future in futures:
            with pytest.raises(LlmError, match="refused our key"):
                future.result(PATIENCE)
        server.act = good
        bought, kept = server.asked, calls.counts().replies
        for n in range(5):
            assert [answer.problem for answer in engine.ask(words(20, start=100 * n))] == [""] * 20
        assert server.asked - bought == 100 - kept  # a try after an error buys nothing again
    assert holds(calls) == (0, 0)


def test_who_comes_while_the_engine_ends_in_an_error_is_told_and_what_is_in_flight_is_kept(calls: Calls) -> None:
    """The others' calls have their time to come, though somebody asks again at once."""

    def act(seen: Seen) -> Iterator[Part]:
        if seen.number == 3:
            yield 0.1
            yield error("401 Unauthorized")
        else:
            yield 0.8
            yield ok()

    with bad_server(act) as server, Engine(server.endpoint, model(server), calls) as engine:
        first = in_thread(lambda: engine.ask(words(4)))
        until(lambda: engine._pool is not None and engine._pool._ending is not None)
        with pytest.raises(LlmError, match="refused our key"):
            in_thread(lambda: engine.ask(words(1, start=50))).result(PATIENCE)
        with pytest.raises(LlmError, match="refused our key"):
            first.result(PATIENCE)
        assert calls.counts().replies == 3
        assert holds(calls) == (0, 0)


def test_after_an_error_nothing_new_is_sent(calls: Calls) -> None:
    """Also not by those who had a call in flight: theirs come, and that is all."""

    def act(seen: Seen) -> Iterator[Part]:
        if seen.number == 0:
            yield 0.3
            yield error("401 Unauthorized")
        elif seen.number < 4:
            yield 0.6
            yield [ok({"choices": [{}]}), error("500 Oh"), error("429 Slow", retry_after="20")][seen.number - 1]
        else:
            yield 5.0

    with bad_server(act) as server, Engine(server.endpoint, model(server, concurrency=4), calls) as engine:
        begun = time.monotonic()
        with pytest.raises(LlmError, match="refused our key"):
            engine.ask(words(4))
        assert server.asked == 4
        assert time.monotonic() - begun < 15
    assert holds(calls) == (0, 0)


def test_an_engine_that_is_closed_in_the_middle_ends_soon_and_settles(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "GRACE_SECONDS", 0.3)
    with bad_server(slowly(60)) as server:
        engine = Engine(server.endpoint, model(server, concurrency=8), calls)
        future = in_thread(lambda: engine.ask(words(100)))
        until(lambda: server.asked == 8)
        begun = time.monotonic()
        engine.close()
        assert time.monotonic() - begun < 20
        with pytest.raises(LlmError, match="stopped"):
            future.result(PATIENCE)
        assert holds(calls) == (0, 8)  # what waited for its turn was not sent, and costs nothing
        with pytest.raises(LlmError, match="stopped"):
            engine.ask(words(1))
        server.act = good
        answers = ask_all_sync(words(100), server.endpoint, model(server), calls)
    assert [answer.problem for answer in answers] == [""] * 100


def test_what_comes_within_the_grace_is_kept(calls: Calls) -> None:
    with bad_server(slowly(0.5)) as server:
        engine = Engine(server.endpoint, model(server, concurrency=8), calls)
        future = in_thread(lambda: engine.ask(words(100)))
        until(lambda: server.asked == 8)
        engine.close()
        with pytest.raises(LlmError):
            future.result(PATIENCE)
        assert server.asked == calls.counts().replies == 8
        assert holds(calls) == (0, 0)


def test_closing_again_and_again_and_asking_at_the_same_time_leaves_nobody_waiting(calls: Calls) -> None:
    dice = random.Random(1)
    with bad_server(slowly(0.005)) as server:
        for n in range(25):
            engine = Engine(server.endpoint, model(server), calls)
            futures = [in_thread(partial(engine.ask, words(3, start=10 * n + 3 * m))) for m in range(3)]
            time.sleep(dice.uniform(0, 0.15))
            for closing in [in_thread(engine.close) for _ in range(2)]:
                closing.result(PATIENCE)
            for future in futures:
                assert future.exception(PATIENCE) is None or isinstance(future.exception(), LlmError)
        assert holds(calls)[0] == 0


def test_closing_while_an_error_ends_the_engine_leaves_nobody_waiting(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "GRACE_SECONDS", 0.2)

    def act(seen: Seen) -> Iterator[Part]:
        yield 0.1 if seen.number == 0 else 30
        yield error("401 Unauthorized")

    with bad_server(act) as server:
        engine = Engine(server.endpoint, model(server), calls)
        future = in_thread(lambda: engine.ask(words(10)))
        until(lambda: engine._pool is not None and engine._pool._ending is not None)
        begun = time.monotonic()
        in_thread(engine.close).result(PATIENCE)
        assert time.monotonic() - begun < 20
        with pytest.raises(LlmError):
            future.result(PATIENCE)
        assert holds(calls) == (0, 3)


INTERRUPTED = """
import os, signal, sys, threading
from pathlib import Path
from bad_server import bad_server, model, words
from tasks.llm.calls import Calls
from tasks.llm.engine import Engine
from test_llm_kill import holds, slowly, until
with bad_server(slowly(60)) as server, Calls(Path(sys.argv[1])) as calls:
    def interrupt():
        until(lambda: server.asked == 4)
        os.kill(os.getpid(), signal.SIGINT)
    threading.Thread(target=interrupt).start()
    try:
        with Engine(server.endpoint, model(server), calls) as engine:
            engine.ask(words(20))
    except KeyboardInterrupt:
        print("interrupted", *holds(calls))
"""


def environment() -> dict[str, str]:
    here = Path(__file__).parent
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(here), str(here.parent)])}


@pytest.mark.slow
def test_ctrl_c_settles_and_ends(tmp_path: Path) -> None:
    command = [sys.executable, "-c", INTERRUPTED, str(tmp_path / "calls.sqlite")]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=PATIENCE)
    assert done.stdout.split() == ["interrupted", "0", "4"]
    assert done.stderr == ""


def test_an_end_in_an_error_makes_no_noise(calls: Calls, caplog: pytest.LogCaptureFixture, recwarn: Any) -> None:
    import gc

    with caplog.at_level(logging.WARNING):
        for act in (then(error("401 Unauthorized")), then(error("404 Not Found")), slowly(0.01)):
            with bad_server(act) as server:
                with Engine(server.endpoint, model(server, concurrency=8), calls) as engine:
                    future = in_thread(lambda engine=engine: engine.ask(words(40)))
                    until(lambda server=server: server.asked > 2)
                assert future.exception(PATIENCE) is None or isinstance(future.exception(), JeongdapError)
        gc.collect()
    assert caplog.text == ""
    assert [str(warning.message) for warning in recwarn if "unclosed" in str(warning.message)] == []


def test_a_store_that_breaks_in_the_middle_reaches_all_and_the_next_ask_works(tmp_path: Path) -> None:
    with bad_server(slowly(0.02)) as server, Calls(tmp_path / "calls.sqlite") as calls:
        with Engine(server.endpoint, model(server), calls) as engine:
            futures = [in_thread(lambda n=n: engine.ask(words(30, start=100 * n))) for n in range(3)]
            until(lambda: server.asked > 10)
            (tmp_path / "calls.spare").unlink()  # as when another process found the disk full
            for future in futures:
                with pytest.raises(StoreError, match="full"):
                    future.result(PATIENCE)
            assert server.asked == calls.counts().replies
            assert [answer.problem for answer in engine.ask(words(30))] == [""] * 30
        assert holds(calls) == (0, 0)


CLIENT = """
import sys
from pathlib import Path
from bad_server import KEY, words
from tasks.llm import commits, pool
commits.SPARE_BYTES, pool.POLL_SECONDS = 2**16, 0.05
from tasks.llm.asks import Endpoint
from tasks.llm.calls import Calls
from tasks.llm.engine import ask_all_sync
from tasks.settings import ModelSettings
url, store, count, structured = sys.argv[1:]
known = {"base_url": url, "model": "m", "token_parameter": "max_tokens", "max_tokens": 64, "concurrency": 4}
settings = ModelSettings(**known, structured=structured)
with Calls(Path(store)) as calls:
    print(sum(a.problem == "" for a in ask_all_sync(words(int(count)), Endpoint(url, KEY), settings, calls)))
"""


def start(server: BadServer, store: Path, count: int, structured: str = "json_object") -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CLIENT, server.endpoint.base_url, str(store), str(count), structured]
    return subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True)


def twice(server: BadServer) -> int:
    """How many requests were sent that had been sent before."""
    asked = Counter(seen.prompt for seen in server.seen if seen.method == "POST")
    return sum(asked.values()) - len(asked)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_killed_anywhere_nothing_stored_is_bought_again(tmp_path: Path, seed: int) -> None:
    dice, count = random.Random(seed), 60
    with bad_server(slowly(0.03)) as server:
        child = start(server, tmp_path / "calls.sqlite", count)
        most = dice.randint(1, count - 5)
        until(lambda: server.asked >= most)
        time.sleep(dice.uniform(0, 0.05))
        child.send_signal(signal.SIGKILL)
        child.wait()
        with Calls(tmp_path / "calls.sqlite") as calls:
            kept = calls.counts().replies
        before = server.asked
        done = start(server, tmp_path / "calls.sqlite", count)
        assert done.communicate(timeout=PATIENCE)[0].split() == [str(count)]
        assert server.asked - before == count - kept
        with Calls(tmp_path / "calls.sqlite") as calls:
            held, unseen = holds(calls)
        assert held == 0
        assert before - kept <= unseen <= 5  # what was in flight counts as spent, and what was about to be sent


@pytest.mark.slow
@pytest.mark.parametrize("number", [2, 3])
def test_processes_share_one_file_and_buy_nothing_twice(tmp_path: Path, number: int) -> None:
    with bad_server(slowly(0.02)) as server:
        children = [start(server, tmp_path / "calls.sqlite", 80) for _ in range(number)]
        assert [child.communicate(timeout=PATIENCE)[0].split() for child in children] == [["80"]] * number
        assert server.asked == 80


@pytest.mark.slow
def test_processes_that_find_out_the_form_together_both_know_it(tmp_path: Path) -> None:
    def act(seen: Seen) -> Iterator[Part]:
        if seen.method == "POST":
            yield 0.2 if "hello" in seen.prompt else 0.01
        refused = seen.body.get("response_format", {}).get("type") == "json_schema"
        yield error("400 Bad Request", "json_schema is not supported") if refused else ok()

    with bad_server(act) as server:
        children = [start(server, tmp_path / "calls.sqlite", 20, "auto") for _ in range(3)]
        assert [child.communicate(timeout=PATIENCE)[0].split() for child in children] == [["20"]] * 3


@pytest.mark.slow
def test_the_others_take_over_what_a_killed_process_had_in_flight(tmp_path: Path) -> None:
    with bad_server(slowly(0.1)) as server:
        children = [start(server, tmp_path / "calls.sqlite", 60) for _ in range(3)]
        until(lambda: server.asked >= 20)
        children[0].send_signal(signal.SIGKILL)
        assert [child.communicate(timeout=PATIENCE)[0].split() for child in children[1:]] == [["60"]] * 2
        assert twice(server) <= 5  # what its workers had in flight, or came and was not stored yet
        with Calls(tmp_path / "calls.sqlite") as calls:
            held, unseen = holds(calls)
            assert (held, calls.counts().replies) == (0, 60)
            assert twice(server) <= unseen <= 5


MANY = """
import resource, sys
from pathlib import Path
from bad_server import KEY, Word, then, ok
from tasks.llm.asks import Ask, Endpoint
from tasks.llm.calls import Calls
from tasks.llm import engine
from tasks.settings import ModelSettings
url, store, count = sys.argv[1:]
asks = [Ask(f"w{n}", "word", "Say one word.", f"Word number {n}, please.", Word) for n in range(int(count))]
settings = ModelSettings(base_url=url, model="m", structured="json_object", token_parameter="max_tokens", concurrency=32)
with Calls(Path(store)) as calls, engine.Engine(Endpoint(url, KEY), settings, calls) as run:
    run.ask(asks[:200])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answers = run.ask(asks)
    print(sum(a.problem == "" for a in answers), (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.slow
def test_twenty_thousand_asks_take_a_few_kilobytes_each(tmp_path: Path) -> None:
    with bad_server(good) as server:
        command = [sys.executable, "-c", MANY, server.endpoint.base_url, str(tmp_path / "calls.sqlite"), "3000"]
        done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=500)
        assert server.asked == 3_000
    good_, mib = map(int, done.stdout.split())
    assert good_ == 3_000
    assert mib < 120  # 6 KB an ask: the asks, their jobs and answers


def test_a_pool_of_threads_with_one_engine(calls: Calls) -> None:
    with bad_server(slowly(0.001)) as server, Engine(server.endpoint, model(server, concurrency=16), calls) as engine:
        with ThreadPoolExecutor(8) as threads:
            results = list(threads.map(lambda n: engine.ask(words(10, start=5 * n)), range(16)))
        assert all(answer.problem == "" for answers in results for answer in answers)
        assert server.asked == 85
        tally = engine.tally
    assert (tally.total, tally.done, tally.failed, tally.bought) == (160, 160, 0, 85)
