"""Stop sending to a server that is down, and find out with one call at a time when it is up again.

Failures are counted by ask, not by call: what tells a dead server from a poison prompt is that different asks fail. An ask
counts at the place where it was first heard of, with its latest outcome, and its further failures say nothing new; so the
poison prompts that are left over at the end of a run, and fail again and again, never look like a dead server.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

WINDOW = 50  # distinct asks
LEAST = 10  # fewer are no evidence; so many in a row are, whatever was before
SHARE = 0.5
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 60.0  # seconds
TRIAL_SECONDS = 60.0  # a trial without an outcome after that long does not keep the next one back
LOOK_SECONDS = 0.1  # only the first in the queue looks, so this costs nothing


@dataclass(slots=True)
class _Outage:
    """When it began, when the next trial may pass, the pause after which it does, and the asks on trial. Seconds."""

    since: float
    next_trial: float
    pause: float = FIRST_PAUSE
    trials: set[str] = field(default_factory=set)


class Breaker:
    """Closed: every call passes. Open: all wait, but one trial after a pause. For one event loop.

    Opens when more than half of the last 50 distinct asks failed, or the last 10 all did. A trial that succeeds closes it,
    one that fails doubles the pause. `clock` (seconds) must be monotonic; `sleep` waits in its time.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._turn = asyncio.Lock()
        self._outage: _Outage | None = None
        self._latest: dict[str, bool] = {}  # of the last distinct asks, in the order in which they were first heard of
        self._failed: set[str] = set()  # asks whose latest outcome was a failure, however long ago

    @property
    def open_seconds(self) -> float:
        """How long nothing but trials was sent; 0 when closed."""
        return self._clock() - self._outage.since if self._outage else 0.0

    async def passed(self, key: str) -> None:
        """Wait until a call for the ask `key` may be sent; its outcome is to be told with `record`."""
        if self._outage is None:
            return
        async with self._turn:
            while self._outage and self._clock() < self._outage.next_trial:
                await self._sleep(LOOK_SECONDS)
            if self._outage:
                self._outage.trials.add(key)
                self._outage.next_trial = self._clock() + TRIAL_SECONDS

    def record(self, key: str, ok: bool) -> None:
        """The outcome of a call: not `ok` is a server error (5xx), a broken connection or a timeout, all else is `ok`."""
        if self._outage is None:
            self._count(key, ok)
        elif key in self._outage.trials:  # calls that were under way when it opened decide nothing
            self._decide(self._outage, key, ok)

    def _count(self, key: str, ok: bool) -> None:
        if ok:
            self._failed.discard(key)
        elif key in self._failed:
            return
        else:
            self._failed.add(key)
        self._latest[key] = ok  # an ask that is known keeps its place
        if len(self._latest) > WINDOW:
            del self._latest[next(iter(self._latest))]
        if not ok and self._is_down():
            now = self._clock()
            self._outage = _Outage(now, now + FIRST_PAUSE)

    def _is_down(self) -> bool:
        outcomes = list(self._latest.values())
        if len(outcomes) < LEAST:
            return False
        return outcomes.count(False) > SHARE * len(outcomes) or not any(outcomes[-LEAST:])

    def _decide(self, outage: _Outage, key: str, ok: bool) -> None:
        outage.trials.discard(key)
        if ok:
            self._outage = None
            self._latest.clear()
            self._failed.clear()
        else:
            outage.pause = min(2 * outage.pause, LONGEST_PAUSE)
            outage.next_trial = self._clock() + outage.pause
