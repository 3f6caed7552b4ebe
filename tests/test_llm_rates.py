from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from virtual_time import now, run

from tasks.llm.rates import LOOK_SECONDS, WINDOW_SECONDS, Bucket, Spend


def virtual(per_minute: float) -> Bucket:
    return Bucket(per_minute, clock=lambda: now())


async def in_parallel(bucket: Bucket, amounts: list[float]) -> list[Spend]:
    return await asyncio.gather(*[bucket.reserve(amount) for amount in amounts])


def test_the_first_minute_lets_through_no_more_than_any_other() -> None:
    spends = run(lambda: in_parallel(virtual(100), [1] * 300))
    in_each = [sum(minute <= spend.time / 60 < minute + 1 for spend in spends) for minute in range(3)]
    assert in_each == [100, 100, 100]


def test_the_limit_is_used_fully() -> None:
    spends = run(lambda: in_parallel(virtual(90), [7] * 241))
    assert spends[-1].time == pytest.approx(241 // 12 * WINDOW_SECONDS, rel=0.002)  # 12 of 7 go into 90


def test_what_was_spent_comes_back_after_60_seconds_bit_by_bit() -> None:
    async def main() -> None:
        bucket = virtual(100)
        await bucket.reserve(70)
        await asyncio.sleep(30)
        await bucket.reserve(30)
        assert (await bucket.reserve(70)).time == pytest.approx(60, abs=LOOK_SECONDS)
        assert (await bucket.reserve(30)).time == pytest.approx(90, abs=LOOK_SECONDS)

    run(main)


def test_what_was_not_used_is_given_back_at_once() -> None:
    async def main() -> None:
        bucket = virtual(1000)
        first = await bucket.reserve(1000)
        waiting = asyncio.create_task(bucket.reserve(600))
        await asyncio.sleep(1)
        bucket.settle(first, 400)
        assert (await waiting).time <= 1 + LOOK_SECONDS

    run(main)


def test_what_was_used_beyond_is_taken_from_the_next() -> None:
    async def main() -> None:
        bucket = virtual(1000)
        bucket.settle(await bucket.reserve(100), 950)
        assert (await bucket.reserve(60)).time >= WINDOW_SECONDS

    run(main)


def test_a_refund_for_what_the_window_has_left_behind_gives_nothing() -> None:
    async def main() -> None:
        bucket = virtual(1000)
        slow = await bucket.reserve(1000)
        await asyncio.sleep(70)
        await bucket.reserve(1000)
        bucket.settle(slow, 10)
        assert (await bucket.reserve(10)).time >= 70 + WINDOW_SECONDS

    run(main)


def test_settling_twice_is_the_last_word_not_a_second_refund() -> None:
    async def main() -> None:
        bucket = virtual(1000)
        spend = await bucket.reserve(1000)
        bucket.settle(spend, 500)
        bucket.settle(spend, 500)
        await bucket.reserve(500)
        assert (await bucket.reserve(1)).time >= WINDOW_SECONDS

    run(main)


@pytest.mark.parametrize("used", [-5000.0, float("nan")])
def test_a_usage_that_cannot_be_gives_no_credit(used: float) -> None:
    async def main() -> None:
        bucket = virtual(1000)
        bucket.settle(await bucket.reserve(100), used)
        await bucket.reserve(1000)
        assert (await bucket.reserve(1)).time >= WINDOW_SECONDS

    run(main)


def test_a_usage_without_end_blocks_for_a_minute_and_no_longer() -> None:
    async def main() -> None:
        bucket = virtual(1000)
        bucket.settle(await bucket.reserve(100), float("inf"))
        assert (await bucket.reserve(1000)).time <= WINDOW_SECONDS + LOOK_SECONDS

    run(main)


def test_a_big_ask_is_not_overtaken_by_small_ones() -> None:
    spends = run(lambda: in_parallel(virtual(1000), [600, 900, *[50] * 20]))
    assert spends[1].time == pytest.approx(WINDOW_SECONDS, abs=LOOK_SECONDS)
    assert [spend.time for spend in spends] == sorted(spend.time for spend in spends)


def test_an_ask_beyond_the_limit_goes_alone_and_not_never() -> None:
    before, beyond, after = run(lambda: in_parallel(virtual(1000), [1, 5000, 1]))
    assert beyond.time - before.time >= WINDOW_SECONDS
    assert after.time - beyond.time >= WINDOW_SECONDS
    assert after.time <= 2 * WINDOW_SECONDS + 2 * LOOK_SECONDS


def test_zero_is_no_limit() -> None:
    async def main() -> None:
        bucket = virtual(0)
        for spend in await in_parallel(bucket, [1e9] * 1000):
            bucket.settle(spend, 1)
        assert now() == 0

    run(main)


def test_a_cancelled_waiter_spends_nothing_and_keeps_nobody_back() -> None:
    async def main() -> None:
        bucket = virtual(100)
        await bucket.reserve(100)
        first, second = (asyncio.create_task(bucket.reserve(100)) for _ in range(2))
        await asyncio.sleep(1)
        first.cancel()
        assert (await second).time <= WINDOW_SECONDS + LOOK_SECONDS

    run(main)


def test_the_clock_is_the_one_that_was_given() -> None:
    time = 1e6

    async def sleep(seconds: float) -> None:
        nonlocal time
        time += seconds

    async def main() -> None:
        bucket = Bucket(10, clock=lambda: time, sleep=sleep)
        for _ in range(25):
            await bucket.reserve(1)

    asyncio.run(main())
    assert time == pytest.approx(1e6 + 2 * WINDOW_SECONDS, abs=1)


ASKS = st.lists(
    st.tuples(
        st.integers(0, 40),  # seconds after the one before
        st.integers(0, 120),  # reserved
        st.integers(0, 120),  # used, at most what was reserved
        st.integers(0, 100),  # seconds until it is settled
        st.none() | st.integers(0, 30),  # seconds until it is cancelled, if it still waits
    ),
    max_size=40,
)


@given(per_minute=st.integers(1, 100), asks=ASKS)
def test_no_window_of_60_seconds_holds_more_than_the_limit(per_minute: int, asks: list[Any]) -> None:
    spends: list[Spend] = []
    limit = float(per_minute)

    async def ask(bucket: Bucket, reserved: int, used: int, seconds: int, patience: int | None) -> None:
        async with asyncio.timeout(patience) as waiting:
            spend = await bucket.reserve(reserved)
            waiting.reschedule(None)
        spends.append(Spend(spend.time, min(used, reserved)))
        await asyncio.sleep(seconds)
        bucket.settle(spend, min(used, reserved))

    async def main() -> None:
        bucket, tasks = virtual(per_minute), []
        for gap, *rest in asks:
            await asyncio.sleep(gap)
            tasks.append(asyncio.create_task(ask(bucket, *rest)))
        await asyncio.gather(*tasks, return_exceptions=True)

    run(main)
    for first in spends:
        window = [s.amount for s in spends if first.time <= s.time < first.time + 60]
        assert sum(window) <= max(limit, *window, 0)  # what is more than the limit goes alone


@settings(max_examples=40)
@given(st.lists(st.integers(0, 300), max_size=8))
def test_everybody_is_served_in_turn(amounts: list[int]) -> None:
    order: list[int] = []

    async def ask(bucket: Bucket, place: int) -> None:
        await bucket.reserve(amounts[place])
        order.append(place)

    async def main() -> None:
        bucket = virtual(100)
        await asyncio.gather(*[ask(bucket, place) for place in range(len(amounts))])

    run(main)
    assert order == list(range(len(amounts)))
