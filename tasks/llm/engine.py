"""The one place that talks to a language model: many asks at a time, nothing lost, nothing paid twice.

An `Engine` is one endpoint for the time of a run. It has a thread with an event loop and a pool of workers over one queue;
any thread may put asks to it and wait for their answers. A reply is stored before it is read, and an ask that the store can
answer never reaches the network.

The import of openai takes seconds: import this module inside the function that needs it.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, wait
from types import TracebackType
from typing import Self

from tasks.errors import LlmError
from tasks.llm.asks import Answer, Ask, Endpoint, Judgement, call_key, is_settled, judge, verdict
from tasks.llm.calls import Calls
from tasks.llm.forms import Found
from tasks.llm.guard import Guard
from tasks.llm.jobs import Job
from tasks.llm.pool import STOPPED, Pool, open_pool
from tasks.llm.tally import Count, Tally
from tasks.settings import BudgetSettings, ModelSettings

__all__ = ["Answer", "Ask", "Endpoint", "Engine", "ask_all_sync"]


class Engine:
    """One endpoint, open from `with` to its end. Nothing is sent, and no thread begun, before an ask needs it.

    `run` is what the calls are charged to, `budget` what limits it. `guard` masks personal data in what is sent and stored.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        model: ModelSettings,
        calls: Calls,
        run: str = "",
        budget: BudgetSettings | None = None,
        guard: Guard | None = None,
    ) -> None:
        self.endpoint = endpoint
        self.model = model
        self.calls = calls
        self.run = run
        self.budget = budget or BudgetSettings()
        self.guard = guard
        self._count = Count()
        self._expected = 0
        self._lock = threading.Lock()
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pool: Pool | None = None
        self._thread: threading.Thread | None = None
        self._stop: asyncio.Event | None = None

    @property
    def tally(self) -> Tally:
        """How far it is."""
        pool = self._pool
        return self._count.now(int(pool.sender.gate.limit) if pool else 0)

    def expect(self, asks: int) -> None:
        """That so many asks will come, for people to see how many are left."""
        self._expected += asks
        self._count.expect(asks)

    def ask(self, asks: Sequence[Ask]) -> list[Answer]:
        """An answer for every ask, in order.

        Raises LlmError when the endpoint is down or refuses us, BudgetError, and StoreError; what was bought is kept.
        """
        with self._lock:
            known = min(self._expected, len(asks))
            self._expected -= known
        self._count.expect(len(asks) - known)
        batch = _Batch(asks, self.model, self.calls, self.guard)
        self._count.settled(len(asks) - batch.open, failed=batch.failed, stored=len(asks) - batch.open)
        if batch.jobs:
            with self._lock:
                self._started()[0].put(batch.jobs)
        return batch.answers()

    def probe(self, seconds: float) -> Found | None:
        """What the endpoint can, asked anew, paid for and remembered; None when that did not come to an end in time.

        Raises what `ask` raises.
        """
        with self._lock:
            pool, loop = self._started()
            asked = asyncio.run_coroutine_threadsafe(pool.find_out(), loop)
        try:
            return asked.result(seconds)
        except TimeoutError:
            asked.cancel()
            return None

    def _started(self) -> tuple[Pool, asyncio.AbstractEventLoop]:
        """The pool, in a thread of its own from the first ask on; a new one after an error, which another try may not meet.

        Who holds the lock until his jobs are handed in is heard: to stop takes it, too.
        """
        if self._closed:
            raise LlmError(STOPPED)
        if self._pool and self._pool.ended:
            self._end()
        if self._pool is None:
            self._loop, self._stop = asyncio.new_event_loop(), asyncio.Event()
            ready: Future[Pool] = Future()
            self._thread = threading.Thread(target=self._serve, args=(self._loop, self._stop, ready), name="llm", daemon=True)
            self._thread.start()
            self._pool = ready.result()
        assert self._loop
        return self._pool, self._loop

    def _serve(self, loop: asyncio.AbstractEventLoop, stop: asyncio.Event, ready: Future[Pool]) -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(self._main(stop, ready))

    async def _main(self, stop: asyncio.Event, ready: Future[Pool]) -> None:
        try:
            async with open_pool(self.endpoint, self.model, self.calls, self.run, self.budget, self.guard, self._count) as pool:
                ready.set_result(pool)
                await stop.wait()
        except BaseException as exc:
            if ready.done():
                raise
            ready.set_exception(exc)

    def close(self) -> None:
        """Stop within seconds: what is in flight and does not come at once is given up, and counted as spent."""
        with self._lock:
            self._closed = True
            self._end()

    def _end(self) -> None:
        if self._thread and self._loop and self._stop:
            with contextlib.suppress(RuntimeError):  # it has ended
                self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()
        self._thread = self._loop = self._pool = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class _Batch:
    """The asks of one call of `Engine.ask` and their answers. Equal asks share a key and are asked once."""

    def __init__(self, asks: Sequence[Ask], model: ModelSettings, calls: Calls, guard: Guard | None) -> None:
        self._model = model
        self._calls = calls
        self._guard = guard
        self._asks: list[Ask] = []
        self._done: dict[int, Answer] = {}
        self._places: dict[str, list[int]] = {}
        self.jobs: list[Job] = []
        for place, ask in enumerate(asks):
            self._place(place, ask)
        for key, places in self._places.items():
            self._open(key, self._asks[places[0]])

    def _place(self, place: int, ask: Ask) -> None:
        sent = self._guard.ask(ask) if self._guard else ask
        self._asks.append(sent or ask)
        if sent:
            self._places.setdefault(call_key(sent, self._model), []).append(place)
        else:
            self._done[place] = Answer(ask, "", None, "pii_unchecked", "looking for personal data failed; not sent", False)

    def _open(self, key: str, ask: Ask) -> None:
        """What the store answers is answered; the rest is a job for the pool."""
        past = [judge(response, ask.reply) for response in self._calls.stored(key)]
        if is_settled(past):
            self._settle(key, verdict(past), bought=False)
        else:
            self.jobs.append(Job(key, ask, past, asks=len(self._places[key])))

    @property
    def open(self) -> int:
        """How many asks the store could not answer."""
        return sum(job.asks for job in self.jobs)

    @property
    def failed(self) -> int:
        """How many of the others have a problem for an answer."""
        return sum(answer.problem != "" for answer in self._done.values())

    def answers(self) -> list[Answer]:
        """All of them, in order, once they are there."""
        wait([job.done for job in self.jobs], return_when=FIRST_EXCEPTION)  # one wake-up, not one a job
        for job in self.jobs:
            got = job.done.result()
            self._settle(job.key, got.judgement, got.bought)
        return [self._done[place] for place in range(len(self._asks))]

    def _settle(self, key: str, judgement: Judgement, bought: bool) -> None:
        """The answer to every ask of a key; the first of them bought it."""
        first, *others = self._places[key]
        for place, new in ((first, bought), *((other, False) for other in others)):
            self._done[place] = Answer(self._asks[place], key, judgement.value, judgement.problem, judgement.detail, new)


def ask_all_sync(
    asks: Sequence[Ask],
    endpoint: Endpoint,
    model: ModelSettings,
    calls: Calls,
    guard: Guard | None = None,
) -> list[Answer]:
    """`Engine.ask` of an engine for these asks alone, without a budget."""
    with Engine(endpoint, model, calls, guard=guard) as engine:
        return engine.ask(asks)
