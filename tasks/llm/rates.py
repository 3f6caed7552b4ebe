"""Requests and tokens a minute, as an endpoint's contract counts them: never more than that in any 60 seconds.

A token bucket cannot promise that and use all of it: with a burst b and a refill of r a minute it lets b + r through. So
this is a sliding log: what was admitted in the last 60 seconds, each at its time, is at most the limit. What an ask will
use is known only when it is answered: it reserves the most it can use, and what it did not use is given back at the time
it was reserved for, so nothing is admitted twice.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

WINDOW_SECONDS = 60.0
LOOK_SECONDS = 0.1  # only the first in the queue looks, so this costs nothing


@dataclass(slots=True)
class Spend:
    """What an ask may spend, since when. Only its bucket changes it."""

    time: float
    amount: float


class Bucket:
    """At most `per_minute` in any window of 60 seconds, first come first served; 0 means no limit. For one event loop.

    `clock` (seconds) must be monotonic; `sleep` waits in its time.
    """

    def __init__(
        self,
        per_minute: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.per_minute = per_minute
        self._clock = clock
        self._sleep = sleep
        self._log: deque[Spend] = deque()
        self._spent = 0.0  # the sum of the log
        self._turn = asyncio.Lock()

    async def reserve(self, amount: float) -> Spend:
        """Wait until `amount` may be spent; returns what `settle` wants to know.

        Nobody overtakes a big ask; one that is more than the limit waits for an empty window and then goes alone.
        """
        if not self.per_minute:
            return Spend(float("-inf"), amount)
        async with self._turn:
            while not self._fits(amount):
                await self._sleep(LOOK_SECONDS)
            return self._spend(amount)

    def settle(self, spend: Spend, used: float) -> None:
        """Give back what was not used, or take what was used beyond. A spend that is never settled counts in full."""
        start = self._forget_old()
        if spend.time > start:
            used = max(0.0, used)  # a server's word
            self._spent += used - spend.amount
            spend.amount = used

    def _fits(self, amount: float) -> bool:
        self._forget_old()
        return self._spent + min(amount, self.per_minute) <= self.per_minute

    def _spend(self, amount: float) -> Spend:
        spend = Spend(self._clock(), amount)
        self._log.append(spend)
        self._spent += amount
        return spend

    def _forget_old(self) -> float:
        """Drop what is before the window; returns when that starts."""
        start = self._clock() - WINDOW_SECONDS
        while self._log and self._log[0].time <= start:
            self._spent -= self._log.popleft().amount
        if not self._log:
            self._spent = 0.0  # rounding errors end here
        return start
