"""How many calls are in flight: as many as the server bears, which only trying tells.

The limit falls by a fifth when the server says "too many requests", and grows again with every round of replies: half of
the way back to where it was cut, then one by one, as TCP does it (BIC, Xu, Harfoush and Rhee 2004). What keeps it from
collapsing: one cut an epoch, for a call that started before the cut knows nothing about the limit after it; and none at all
while 429s are a small share of the outcomes, for those are noise. The share is watched with a CUSUM test (Page 1954): a 429
adds the pressure that the successes of the tolerated share take away, so pressure builds up only above that share.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque

CUT = 0.8
SHARE = 0.15  # 429s up to this share of the outcomes are noise: 5 % at random collapsed a gate that obeyed every one
WEIGHT = (1 - SHARE) / SHARE
PATIENCE = 40.0  # pressure that makes a cut, or the limit where that is more: 429s come at once, successes much later
NEAR, PASSED = 0.95, 1.1  # of the ceiling, where the last cut was: from here on slower, from there on it is forgotten
SLOWER = 4
FEW = 25.0  # near a low ceiling a round is too few replies to try again
STRIDE = 0.1  # of the limit, at a time, when no ceiling is known


class Gate:
    """At most `limit` calls between `enter` and `leave`, first come first served. For one event loop, no I/O, no clock.

    `limit` moves between 1 and `most`; its whole part counts. After a cut more calls than that may be `running` still.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.limit = float(most)
        self.running = 0
        self._epoch = 0
        self._pressure = 0.0
        self._successes = 0
        self._ceiling = math.inf
        self._waiting: deque[asyncio.Future[None]] = deque()  # while anybody waits, no slot is free

    async def enter(self) -> int:
        """Wait for a slot, to be given back with `leave`; returns the epoch that `throttled` wants to know."""
        if self.running < int(self.limit):
            self.running += 1
        else:
            await self._turn()
        return self._epoch

    def leave(self) -> None:
        """Give the slot of a call back, however the call ended."""
        self.running -= 1
        self._admit()

    def succeeded(self) -> None:
        """The server took a call."""
        self._pressure = max(0.0, self._pressure - 1)
        self._successes += 1
        if self._successes >= self._round():
            self._grow()

    def throttled(self, epoch: int) -> None:
        """The server turned down a call that entered in this epoch: a 429."""
        if epoch != self._epoch:
            return
        self._pressure += WEIGHT
        if self._pressure > max(PATIENCE, self.limit):
            self._cut()

    async def _turn(self) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # it had its slot already
                self.leave()
            raise

    def _admit(self) -> None:
        while self._waiting and self.running < int(self.limit):
            turn = self._waiting.popleft()
            if not turn.done():  # else its caller was cancelled
                self.running += 1
                turn.set_result(None)

    def _round(self) -> float:
        """How many successes the next step up needs."""
        near = self.limit + 1 > NEAR * self._ceiling
        return SLOWER * max(FEW, self.limit) if near else self.limit

    def _grow(self) -> None:
        stride = (self._ceiling - self.limit) / 2 if self._ceiling < math.inf else STRIDE * self.limit
        self.limit = min(self.most, self.limit + max(1.0, stride))
        self._successes = 0
        if self.limit > PASSED * self._ceiling:
            self._ceiling = math.inf
        self._admit()

    def _cut(self) -> None:
        self._ceiling = self.limit if self.limit > 1 else math.inf  # who takes no call at all has no ceiling to come near to
        self.limit = max(1.0, CUT * self.limit)
        self._epoch += 1
        self._pressure = 0.0
        self._successes = 0
