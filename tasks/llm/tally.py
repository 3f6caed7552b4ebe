"""How far a run is with its asks: what people see while it works."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field, replace

from tasks.llm.calls import Reply


@dataclass(frozen=True, slots=True)
class Tally:
    """Asks and what they used so far. `bought` are replies that were paid for in this run, good or bad; `cost` in billionths.

    `seconds` is how long it took, `limit` how many calls may be in flight now, `in_batch` how many requests wait for a batch.
    """

    total: int = 0
    done: int = 0
    failed: int = 0
    stored: int = 0
    bought: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: int = 0
    seconds: float = 0.0
    limit: int = 0
    in_batch: int = 0

    @property
    def asked(self) -> int:
        """Asks that were settled by calls of this run."""
        return self.done - self.stored

    @property
    def rate(self) -> float:
        """Asks a second."""
        return self.asked / self.seconds if self.seconds else 0.0

    @property
    def to_come(self) -> float:
        """What the asks that are left will cost if they are like those before, in billionths."""
        return self.cost / self.asked * (self.total - self.done) if self.asked else 0.0

    @property
    def seconds_left(self) -> float | None:
        """How long it will take; None before the first reply."""
        return (self.total - self.done) / self.rate if self.rate else None


@dataclass(slots=True)
class Count:
    """A tally that is being written, from several threads."""

    _now: Tally = field(default_factory=Tally)
    _begun: float | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def expect(self, asks: int) -> None:
        """So many asks more, which were not counted before."""
        with self._lock:
            self._begun = self._begun or time.monotonic()
            self._now = replace(self._now, total=self._now.total + asks)

    def bought(self, reply: Reply) -> None:
        """A reply came."""
        with self._lock:
            now = self._now
            self._now = replace(
                now,
                bought=now.bought + 1,
                prompt_tokens=now.prompt_tokens + (reply.prompt_tokens or 0),
                completion_tokens=now.completion_tokens + (reply.completion_tokens or 0),
                cost=now.cost + (reply.cost or 0),
            )

    def batched(self, requests: int) -> None:
        """So many requests more (or less) wait for a batch."""
        with self._lock:
            self._now = replace(self._now, in_batch=self._now.in_batch + requests)

    def settled(self, asks: int, failed: int = 0, stored: int = 0) -> None:
        """So many asks have their answers; of these, so many a problem, and so many from the store."""
        with self._lock:
            now = self._now
            self._now = replace(now, done=now.done + asks, failed=now.failed + failed, stored=now.stored + stored)

    def now(self, limit: int = 0) -> Tally:
        """The tally as it stands."""
        with self._lock:
            seconds = time.monotonic() - self._begun if self._begun is not None else 0.0
            return replace(self._now, seconds=seconds, limit=limit)
