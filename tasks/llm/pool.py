"""The workers of an engine, inside its event loop: a queue of jobs, each asked until it has a verdict."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import math
from collections.abc import AsyncIterator, Sequence
from typing import Any

from tasks.errors import LlmError
from tasks.llm.asks import Endpoint, Form, Judgement, judge, next_request, verdict
from tasks.llm.batch import Batches
from tasks.llm.batch_store import BatchStore
from tasks.llm.calibrate import estimate_prompt, rates_of
from tasks.llm.calls import Calls, judged
from tasks.llm.commits import Commits
from tasks.llm.forms import KIND as PROBE
from tasks.llm.forms import Found, Said, probe, remember, remembered
from tasks.llm.guard import Guard
from tasks.llm.jobs import Job, Verdict
from tasks.llm.ledger import Ledger
from tasks.llm.owners import Owner
from tasks.llm.sender import Bought, Elsewhere, Failed, Parcel, Sender
from tasks.llm.tally import Count
from tasks.llm.wire import wire_to
from tasks.settings import BudgetSettings, ModelSettings

WORKERS_FOR_A_CALL = 1.25  # while some have their replies written, others send
SHARE_OF_POISON = 0.1  # asks of earlier runs that may all have failed, and are the first of this one
STOPPED = "the run was stopped; all replies are kept, the next build goes on"
POLL_SECONDS = 0.5  # how often we look whether another process has its reply
GRACE_SECONDS = 2.0  # for calls in flight when we are told to stop
ERROR_GRACE_SECONDS = 60.0  # the same when something went wrong: what is paid for should come


class Pool:
    """Workers over one queue. The first error that concerns all jobs ends them all with it."""

    def __init__(self, sender: Sender, calls: Calls, count: Count) -> None:
        self.sender = sender
        self.model = sender.model
        self.calls = calls
        self.count = count
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[Job] = asyncio.Queue()
        self._open: dict[str, list[Job]] = {}  # jobs by key: equal ones wait for the first
        self._error: BaseException | None = None
        self._ending: asyncio.Task[None] | None = None
        self._form: Form | None = None
        self._recalled = False  # whether the form was found out by an earlier run
        self._finding = asyncio.Lock()
        rates = rates_of(calls.database, self.model)
        self._ratio = rates.ratio
        sender.health.credit = int(SHARE_OF_POISON * rates.calls)
        store = BatchStore(calls.database, sender.commits, sender.ledger, self.model, calls.path.parent / "batches")
        self._batches = Batches(self, store)
        self._workers = [
            self._loop.create_task(self._work()) for _ in range(math.ceil(self.model.concurrency * WORKERS_FOR_A_CALL))
        ]
        self._workers.append(self._loop.create_task(self._run_batches()))

    @property
    def ended(self) -> bool:
        """Whether all its jobs came to an end, and it takes no more."""
        return self._ending is not None and self._ending.done()

    def put(self, jobs: Sequence[Job]) -> None:
        """Queue jobs, from any thread."""
        self._loop.call_soon_threadsafe(self._put, jobs)

    def _put(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            if self._error:
                job.done.set_exception(self._error)
            elif waiting := self._open.get(job.key):
                waiting.append(job)
            else:
                self._open[job.key] = [job]
                (self._batches.put if self.model.mode == "batch" else self.ask_live)(job)

    def ask_live(self, job: Job) -> None:
        """Leave a job to the workers."""
        self._queue.put_nowait(job)

    def is_open(self, key: str) -> bool:
        """Whether somebody waits for the answer to a request."""
        return key in self._open

    async def _work(self) -> None:
        while not self._error:
            job = await self._queue.get()
            try:
                self.settle(job, await self._ask(job))
            except Exception as exc:  # noqa: BLE001 - whatever it is, those who wait must hear of it
                self.end(exc, ERROR_GRACE_SECONDS)

    async def _run_batches(self) -> None:
        try:
            await self._batches.run()
        except Exception as exc:  # noqa: BLE001 - whatever it is, those who wait must hear of it
            self.end(exc, ERROR_GRACE_SECONDS)

    def settle(self, job: Job, verdict: Verdict) -> None:
        """Answer a job and all that wait for the same."""
        for place, waiting in enumerate(self._open.pop(job.key)):
            self.count.settled(waiting.asks, failed=waiting.asks if verdict.judgement.problem else 0)
            waiting.done.set_result(verdict if place == 0 else Verdict(verdict.judgement, False))

    async def _ask(self, job: Job) -> Verdict:
        """Ask until there is a good reply or nothing left to ask."""
        bought = False
        while True:
            form = await self.form()
            if (body := next_request(job.ask, self.model, form, job.past)) is None:
                return Verdict(verdict(job.past), bought)
            got = await self.sender.buy(self._parcel(job.key, job.ask.kind, body, len(job.past)))
            if isinstance(got, Failed):
                self._doubt_form(got)
                return Verdict(Judgement(None, got.problem, got.detail), bought)
            if isinstance(got, Bought):
                bought = True
                self._judge(job, got)
            else:
                await asyncio.sleep(POLL_SECONDS)
                job.past = [judge(response, job.ask.reply) for response in self.calls.stored(job.key)]

    def _parcel(self, key: str, kind: str, body: dict[str, Any], known: int) -> Parcel:
        return Parcel.of(key, kind, body, known, estimate_prompt(body), self._ratio, self.model)

    def bought(self, got: Bought, job: Job | None) -> None:
        """A reply came out of a batch; nobody may be waiting for it any more."""
        if job:
            self._judge(job, got)
        else:
            self.count.bought(got.reply)

    def _judge(self, job: Job, got: Bought) -> None:
        judgement = judge(got.reply.response, job.ask.reply)
        job.past.append(judgement)
        self.count.bought(got.reply)
        self.sender.commits.soon(lambda db: judged(db, job.key, got.attempt, judgement.problem))

    async def form(self) -> Form:
        """How the endpoint wants to be asked: by the settings, by what was found before, or by asking it, once."""
        if self._form:
            return self._form
        async with self._finding:
            if self._form is None:
                self._form = await self._found_form()
        return self._form

    async def _found_form(self) -> Form:
        if "auto" not in (self.model.structured, self.model.token_parameter):
            return Form.set_in(self.model)
        found = remembered(self.calls.database, self.model)
        self._recalled = found is not None
        found = found or await self.find_out()
        return found.form(self.model) if found else Form.set_in(self.model)

    def _doubt_form(self, failed: Failed) -> None:
        """A server that refuses what it took before may have learned another form: the next run asks it anew."""
        if failed.refused and self._recalled:
            self._recalled = False
            self.sender.commits.soon(lambda db: remember(db, self.model, None))

    async def find_out(self) -> Found | None:
        """Ask the endpoint what it can, and remember it; None when it did not come to an end."""
        if found := await probe(self._probe, self.model):
            await self.sender.commits.write(lambda db: remember(db, self.model, found))
        return found

    async def _probe(self, body: dict[str, Any]) -> Said | None:
        """One probe call, stored and paid for like any other; its key is of its own, its replies answer nothing else."""
        key = hashlib.sha256(json.dumps([PROBE, body], sort_keys=True).encode()).hexdigest()
        while isinstance(got := await self.sender.buy(self._parcel(key, PROBE, body, self.calls.asked(key))), Elsewhere):
            await asyncio.sleep(POLL_SECONDS)
        if isinstance(got, Bought):
            self.count.bought(got.reply)
            return Said(response=got.reply.response)
        return Said(refused=got.detail) if isinstance(got, Failed) and got.refused else None

    def end(self, error: BaseException, grace: float) -> asyncio.Task[None]:
        """End every open job with an error. Calls in flight have `grace` seconds to come, everything else ends now.

        Where it is ending already, that can only shorten the grace.
        """
        if self._ending is None:
            self._error = error
            self.sender.stopping = True
            self._ending = self._loop.create_task(self._end(error))
        self._loop.call_later(grace, self._cancel_workers)
        return self._ending

    async def _end(self, error: BaseException) -> None:
        for worker in self._workers:
            if worker not in self.sender.in_flight:
                worker.cancel()
        await asyncio.wait(self._workers)
        for job in [job for jobs in self._open.values() for job in jobs]:
            job.done.set_exception(error)
        self._open.clear()

    def _cancel_workers(self) -> None:
        for worker in self._workers:
            worker.cancel()


@contextlib.asynccontextmanager
async def open_pool(
    endpoint: Endpoint, model: ModelSettings, calls: Calls, run: str, budget: BudgetSettings, guard: Guard | None, count: Count
) -> AsyncIterator[Pool]:
    """A pool that is connected to its endpoint and its ledger; at the end of the context it is stopped and all is written."""
    owners = calls.path.parent / "senders"
    with contextlib.ExitStack() as stack:
        with calls.database.errors():
            owner = Owner(owners)
        stack.callback(owner.close)
        commits = Commits(calls.database)
        stack.callback(commits.close)
        ledger = Ledger(budget, run, owner.id, owners)
        await commits.write(ledger.bury_all)
        async with wire_to(endpoint, model) as wire:
            pool = Pool(Sender(wire, model, endpoint.base_url, commits, ledger, guard), calls, count)
            try:
                yield pool
            finally:
                await pool.end(LlmError(STOPPED), GRACE_SECONDS)
