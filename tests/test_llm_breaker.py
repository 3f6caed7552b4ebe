from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest
from virtual_time import now, run

from tasks.llm.breaker import FIRST_PAUSE, LEAST, LONGEST_PAUSE, LOOK_SECONDS, TRIAL_SECONDS, WINDOW, Breaker


def virtual() -> Breaker:
    return Breaker(clock=lambda: now())


def broken() -> Breaker:
    """Open since now."""
    breaker = virtual()
    fail(breaker, LEAST)
    return breaker


def fail(breaker: Breaker, asks: int) -> None:
    for ask in range(asks):
        breaker.record(f"failing {ask}", False)


def is_open(outcomes: list[tuple[str, bool]]) -> bool:
    async def main() -> bool:
        breaker = virtual()
        for key, ok in outcomes:
            breaker.record(key, ok)
        await asyncio.sleep(1)
        return breaker.open_seconds > 0

    return run(main)


def test_ten_distinct_asks_that_fail_open_it_nine_do_not() -> None:
    dead = [(f"ask {n}", False) for n in range(10)]
    assert not is_open(dead[:-1])
    assert is_open(dead)


def test_ten_in_a_row_open_it_after_any_number_of_replies() -> None:
    good = [(f"good {n}", True) for n in range(10_000)]
    dead = [(f"ask {n}", False) for n in range(LEAST)]
    assert not is_open(good + dead[:-1])
    assert is_open(good + dead)


def test_more_than_half_of_the_last_fifty_open_it_half_do_not() -> None:
    good = [(f"good {n}", True) for n in range(WINDOW)]
    half = [(f"ask {n}", n % 2 == 0) for n in range(50)]
    late = [(f"late {n}", n % 3 == 2) for n in range(35)]  # 24 failures, at the end
    assert not is_open(good + half)
    assert not is_open(good + late)
    assert not is_open(good + half + [("one more", True)])
    assert is_open(good + half + [("good again", True), ("one", False), ("two", False)])


def test_a_poison_ask_may_fail_as_often_as_it_likes() -> None:
    assert not is_open([(f"good {n}", True) for n in range(5)] + [("poison", False)] * 1000)


@pytest.mark.parametrize("seed", range(5))
def test_poison_asks_left_over_at_the_end_of_a_run_do_not_open_it(seed: int) -> None:
    poison = [f"poison {n}" for n in range(60)]
    asks = [*poison, *[f"good {n}" for n in range(6000)]]
    rng = random.Random(seed)
    rng.shuffle(asks)
    retries = [key for _ in range(5) for key in rng.sample(poison, len(poison))]
    assert not is_open([(key, key not in poison) for key in [*asks, *retries]])


def test_an_ask_that_succeeds_at_last_counts_as_a_success() -> None:
    flaky = [(f"ask {n}", False) for n in range(LEAST - 1)]
    mended = [(key, True) for key, _ in flaky]
    assert not is_open(flaky + mended + [("ask 100", False), ("ask 101", False)])


def test_an_ask_that_worked_before_can_fail_anew() -> None:
    keys = [f"ask {n}" for n in range(LEAST)]
    good, bad = [(key, True) for key in keys], [(key, False) for key in keys]
    assert is_open(good + bad)
    assert not is_open(bad[:-1] + good + [(f"good {n}", True) for n in range(WINDOW)] + bad[:-1])
    assert is_open(bad[:-1] + good + [(f"good {n}", True) for n in range(WINDOW)] + bad)


@pytest.mark.parametrize("workers", [16, 64, 256])
def test_a_server_that_dies_is_noticed_within_a_second(workers: int) -> None:
    async def main() -> None:
        breaker, todo, sent = virtual(), iter(range(10**9)), []

        async def work() -> None:
            for number in todo:
                ok = False
                while not ok:
                    await breaker.passed(str(number))
                    sent.append(now())
                    ok = now() < 100
                    await asyncio.sleep(1 if ok else 0.01)
                    breaker.record(str(number), ok)
                    await asyncio.sleep(0 if ok else 0.5)

        tasks = [asyncio.create_task(work()) for _ in range(workers)]
        await asyncio.sleep(102)
        assert breaker.open_seconds > 1
        assert sum(time > 100 for time in sent) <= workers
        for task in tasks:
            task.cancel()

    run(main)


def test_nobody_waits_while_it_is_closed() -> None:
    async def main() -> None:
        breaker = virtual()
        fail(breaker, LEAST - 1)
        await breaker.passed("ask")
        assert (now(), breaker.open_seconds) == (0, 0)

    run(main)


async def passing(breaker: Breaker, times: dict[str, float], key: str) -> None:
    await breaker.passed(key)
    times[key] = now()


def test_one_trial_passes_and_its_success_lets_all_others_through() -> None:
    async def main() -> None:
        breaker, times = broken(), {}
        tasks = [asyncio.create_task(passing(breaker, times, key)) for key in "abcdef"]
        await asyncio.sleep(FIRST_PAUSE + 3)
        assert list(times) == ["a"]
        assert times["a"] == pytest.approx(FIRST_PAUSE, abs=LOOK_SECONDS)
        assert breaker.open_seconds == pytest.approx(FIRST_PAUSE + 3)
        breaker.record("a", True)
        assert breaker.open_seconds == 0
        await asyncio.gather(*tasks)
        assert list(times) == list("abcdef")
        assert now() <= FIRST_PAUSE + 3 + LOOK_SECONDS
        for ask in range(LEAST - 1):  # the failures from before are forgotten
            breaker.record(f"other {ask}", False)
        await asyncio.sleep(1)
        assert breaker.open_seconds == 0

    run(main)


def test_asks_that_failed_before_it_closed_count_anew_after_it() -> None:
    async def main() -> None:
        breaker = broken()
        await breaker.passed("trial")
        breaker.record("trial", True)
        fail(breaker, LEAST)
        await asyncio.sleep(1)
        assert breaker.open_seconds == 1

    run(main)


def test_a_failing_trial_doubles_the_pause_up_to_the_longest() -> None:
    async def main() -> list[float]:
        breaker, pauses = broken(), []
        for _ in range(7):
            start = now()
            await breaker.passed("ask")
            pauses.append(now() - start)
            breaker.record("ask", False)
        assert breaker.open_seconds == pytest.approx(sum(pauses))
        await breaker.passed("ask")
        breaker.record("ask", True)
        fail(breaker, LEAST)
        start = now()
        await breaker.passed("ask")
        assert now() - start == pytest.approx(FIRST_PAUSE, abs=LOOK_SECONDS)
        return pauses

    assert run(main) == pytest.approx([5, 10, 20, 40, 60, 60, 60], abs=2 * LOOK_SECONDS)
    assert LONGEST_PAUSE == 60


def test_calls_that_were_under_way_when_it_opened_decide_nothing() -> None:
    async def main() -> None:
        breaker, times = broken(), {}
        task = asyncio.create_task(passing(breaker, times, "trial"))
        breaker.record("under way", True)
        fail(breaker, 40)
        await asyncio.sleep(FIRST_PAUSE + 1)
        assert list(times) == ["trial"]
        fail(breaker, 40)
        breaker.record("under way", True)
        assert breaker.open_seconds == FIRST_PAUSE + 1
        breaker.record("trial", False)
        await breaker.passed("next")
        assert now() == pytest.approx(FIRST_PAUSE + 1 + 2 * FIRST_PAUSE, abs=2 * LOOK_SECONDS)
        await task

    run(main)


def test_a_trial_that_never_tells_its_outcome_is_followed_by_another() -> None:
    async def main() -> None:
        breaker = broken()
        await breaker.passed("dies")
        await breaker.passed("next")
        assert now() == pytest.approx(FIRST_PAUSE + TRIAL_SECONDS, abs=2 * LOOK_SECONDS)
        breaker.record("next", True)
        assert breaker.open_seconds == 0

    run(main)


def test_a_slow_trial_still_closes_it() -> None:
    async def main() -> None:
        breaker = broken()
        await breaker.passed("slow")
        await breaker.passed("next")
        breaker.record("next", False)
        assert breaker.open_seconds > 0
        breaker.record("slow", True)
        assert breaker.open_seconds == 0

    run(main)


@pytest.mark.parametrize("cancelled", [0, 1])
def test_a_cancelled_waiter_keeps_nobody_back(cancelled: int) -> None:
    async def main() -> None:
        breaker, times = broken(), {}
        tasks = [asyncio.create_task(passing(breaker, times, key)) for key in "abc"]
        await asyncio.sleep(1)
        tasks[cancelled].cancel()
        await asyncio.sleep(FIRST_PAUSE)
        first = "b" if cancelled == 0 else "a"
        assert list(times) == [first]
        breaker.record(first, True)
        await asyncio.gather(*tasks, return_exceptions=True)
        assert len(times) == 2

    run(main)


def test_the_clock_is_the_one_that_was_given() -> None:
    time = 1e6

    async def sleep(seconds: float) -> Any:
        nonlocal time
        time += seconds

    breaker = Breaker(clock=lambda: time, sleep=sleep)
    fail(breaker, LEAST)
    asyncio.run(breaker.passed("trial"))
    assert breaker.open_seconds == pytest.approx(FIRST_PAUSE, abs=LOOK_SECONDS)
