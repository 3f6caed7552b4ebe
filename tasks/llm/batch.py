"""Requests through the endpoint's batch API: half the price, within a day, over as many runs as it takes.

Each look at the endpoint takes every batch one step further: it is searched for and submitted, then watched, then its replies
are stored. A step that fails is taken again at the next look, so an outage of hours costs nothing but time, and a run that is
stopped at any point leaves to the next one what that needs to go on. A batch is looked after by one process at a time; it is
never cancelled.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from tasks.errors import LlmError
from tasks.llm.asks import Form, Judgement, judge, next_request, verdict
from tasks.llm.batch_store import BatchStore, Grip, Item, Row
from tasks.llm.batch_wire import BatchWire, Came, RawLine, Remote, TroubleError, request_line
from tasks.llm.calibrate import estimate_prompt
from tasks.llm.forms import KIND as PROBE
from tasks.llm.jobs import Job, Verdict
from tasks.llm.ledger import Claim, OverBudget
from tasks.llm.sender import Bought, hold_of, over_budget
from tasks.llm.wire import Outcome, Refused, Throttled, Unusable

if TYPE_CHECKING:
    from tasks.llm.pool import Pool

log = logging.getLogger("jeongdap.llm")

NO_BATCH_API = (404, 405)
STRANGER_SECONDS = 20.0  # an endpoint that has never answered gets so long, one that has:
PREPARING_SECONDS = 600.0  # before the batch is there
PATIENT_SECONDS = 86_400.0  # after that, for its work is being done
LISTED_SECONDS = 30.0  # after that a new batch is in the endpoint's list, or was never made
GIVEN_UP = timedelta(hours=48)  # twice the window: a batch that nobody knows any more, or that nobody can ask for


@dataclass(slots=True, eq=False)
class _Batch:
    """A batch that this process looks after. `doubt`: since when it may be at the endpoint although we know no id of it."""

    row: Row
    jobs: dict[str, Job]
    adopted: bool
    doubt: float | None
    remote: str
    file: str = ""
    not_before: float = 0.0
    troubled: float | None = None

    @property
    def short(self) -> str:
        """Its name for people."""
        return self.remote or self.row.id[:12]


@dataclass(slots=True)
class _Results:
    """What the files of a batch said; `jobs` are all that may want it."""

    jobs: dict[str, Job] = field(default_factory=dict)
    replies: int = 0
    seen: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    refused: dict[str, Refused] = field(default_factory=dict)
    oddities: Counter[str] = field(default_factory=Counter)


class Batches:
    """The jobs of a pool that go through batches, and all batches of its endpoint and model that nobody else looks after."""

    def __init__(self, pool: Pool, store: BatchStore) -> None:
        self._pool = pool
        self._sender = pool.sender
        self._model = pool.model
        self._store = store
        self._wire = BatchWire(pool.sender.wire, int(pool.model.max_reply_mib * 2**20))
        self._ready: deque[Job] = deque()
        self._waiting: list[Job] = []  # for requests that somebody else has in flight
        self._over: list[Job] = []  # did not fit beside the batches that are open
        self._said = OverBudget("")
        self._open: list[_Batch] = []
        self._grips: dict[str, Grip] = {}
        self._rounds: Counter[str] = Counter()
        self._bought: set[str] = set()
        self._answered = False
        self._wake = asyncio.Event()

    def put(self, job: Job) -> None:
        """Take a job."""
        self._ready.append(job)
        self._wake.set()

    async def run(self) -> None:
        """Work until cancelled. Raises LlmError, BudgetError and StoreError."""
        try:
            while True:
                self._wake.clear()
                await self._adopt()
                await self._look_for_waiting()
                await self._begin_all()
                if not any([await self._step(batch) for batch in list(self._open)]):
                    await self._pause()
        finally:
            for grip in self._grips.values():
                grip.close()

    async def _pause(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._model.batch.poll_seconds):
                await self._wake.wait()

    # Which batches are ours to look after

    async def _adopt(self) -> None:
        for row in self._store.unfinished():
            if row.id in self._grips or (grip := self._store.grip(row.id)) is None:
                continue
            self._grips[row.id] = grip
            if now := [again for again in self._store.unfinished() if again.id == row.id]:
                log.info("batch %s of an earlier run is looked after again", now[0].remote or row.id[:12])
                self._open.append(_Batch(now[0], {}, adopted=True, doubt=time.monotonic(), remote=now[0].remote))
            else:
                self._grips.pop(row.id).close(done=True)
        await self._refuse_strangers()

    async def _refuse_strangers(self) -> None:
        """Requests of ours that wait at an endpoint which we are not set to ask would wait for ever."""
        for row, endpoint, keys in self._store.elsewhere():
            if not any(map(self._pool.is_open, keys)) or (grip := self._store.grip(row.id)) is None:
                continue
            if row.age < GIVEN_UP:
                grip.close()
                raise LlmError(
                    f"{self._sender.where}: some of the requests are in a batch that was sent to {endpoint}; set base_url back "
                    f"to that until it is fetched, or wait until it is {GIVEN_UP.days} days old"
                )
            log.warning("batch %s at %s is given up; what it may have cost counts as spent", row.remote or row.id[:12], endpoint)
            await self._store.close(row, lambda _: True)
            grip.close(done=True)

    async def _look_for_waiting(self) -> None:
        """Jobs whose requests nobody has in flight any more are ours again, with the replies that came."""
        if not self._waiting:
            return
        held = await self._store.held()
        waiting, self._waiting = self._waiting, []
        for job in waiting:
            if job.key in held:
                self._waiting.append(job)
            else:
                self._again(job)

    def _again(self, job: Job) -> None:
        job.past = [judge(response, job.ask.reply) for response in self._pool.calls.stored(job.key)]
        self._ready.append(job)

    # From jobs to a batch

    async def _begin_all(self) -> None:
        """Write down batches of all jobs that are ready and that the budget allows."""
        while self._ready:
            self._sender.stop_if_full()
            jobs, items = await self._fill(await self._pool.form())
            if items:
                await self._begin(jobs, items)
                items.clear()  # some hundred MiB that are in the store now
        if self._over and not self._open:
            raise over_budget(self._said)

    async def _fill(self, form: Form) -> tuple[list[Job], list[Item]]:
        """Jobs for one batch, and their requests. A job that needs none is settled, one that had its rounds is asked live."""
        jobs: list[Job] = []
        items: list[Item] = []
        room = int(self._model.batch.max_mib * 2**20)
        while self._ready and len(jobs) < self._model.batch.max_requests:
            await asyncio.sleep(0)  # it takes seconds, and we may be told to stop
            job = self._ready.popleft()
            item = self._item(job, form)
            size = len(request_line(item.key, item.request)) if item else 0
            if item is None:
                continue
            if size > room and jobs:
                self._ready.appendleft(job)
                break
            if size > room or self._rounds[job.key] >= self._model.batch.rounds:
                self._pool.ask_live(job)
                continue
            room -= size
            jobs.append(job)
            items.append(item)
        return jobs, items

    def _item(self, job: Job, form: Form) -> Item | None:
        body = next_request(job.ask, self._model, form, job.past)
        if body is None:
            self._pool.settle(job, Verdict(verdict(job.past), job.key in self._bought))
            return None
        request = json.dumps(body, ensure_ascii=False)
        hold = hold_of(job.key, body, request, self._model, batch=True)
        return Item(job.key, job.ask.kind, request.encode(), estimate_prompt(body), len(job.past), hold)

    async def _begin(self, jobs: Sequence[Job], items: Sequence[Item]) -> None:
        name = self._store.name(items)
        if (grip := self._store.grip(name)) is None:  # another process begins the same
            self._waiting += jobs
            return
        self._grips[name] = grip
        row, claims = await self._store.begin(name, items)
        ours: dict[str, Job] = {}
        for job, claim in zip(jobs, claims, strict=True):
            self._place(job, claim, ours)
        if not ours:
            self._grips.pop(name).close(done=True)
            return
        self._rounds.update(ours.keys())
        self._pool.count.batched(len(ours))
        self._open.append(_Batch(row, ours, adopted=False, doubt=None, remote=""))

    def _place(self, job: Job, claim: Claim | OverBudget, ours: dict[str, Job]) -> None:
        if isinstance(claim, OverBudget):
            self._said = claim
            self._over.append(job)
        elif claim is Claim.OURS:
            ours[job.key] = job
        elif claim is Claim.BUSY:
            self._waiting.append(job)
        else:
            self._again(job)

    # One step of a batch

    async def _step(self, batch: _Batch) -> bool:
        """Whether the batch is done, so that others may go on."""
        if time.monotonic() < batch.not_before:
            return False
        try:
            done = await (self._watch(batch) if batch.remote else self._submit(batch))
        except TroubleError as trouble:
            outcome = trouble.outcome
        else:
            return self._well(batch, done)
        return await self._troubled(batch, outcome)

    def _well(self, batch: _Batch, done: bool) -> bool:
        batch.troubled = None
        self._answered = True
        return done

    async def _submit(self, batch: _Batch) -> bool:
        """Have it at the endpoint, once: whatever became of an earlier try is found out first."""
        remote = await self._wire.find(batch.row.id)
        if remote is None and batch.doubt is not None and time.monotonic() - batch.doubt < LISTED_SECONDS:
            return False
        batch.doubt = None
        if remote is None and batch.adopted:  # it was never sent, so its requests are open again
            await self._close(batch)
            return True
        if remote is None:
            remote = await self._create(batch)
        await self._store.submitted(batch.row.id, remote.id)
        batch.remote = remote.id
        log.info("batch %s is at %s", batch.short, self._sender.where)
        return False

    async def _create(self, batch: _Batch) -> Remote:
        if not batch.file:
            with self._pool.calls.database.errors():
                path = await asyncio.to_thread(self._store.write_file, batch.row.id)
            batch.file = await self._wire.upload(path)
        try:
            return await self._wire.create(batch.file, batch.row.id)
        except TroubleError as trouble:
            batch.doubt = None if isinstance(trouble.outcome, Refused | Throttled) else time.monotonic()
            raise

    async def _watch(self, batch: _Batch) -> bool:
        remote = await self._wire.get(batch.remote)
        if not remote.ended:
            return False
        if remote.status == "failed":
            await self._failed(batch, remote)
        else:
            await self._finish(batch, remote.status, await self._fetch(batch, remote))
        return True

    async def _failed(self, batch: _Batch, remote: Remote) -> None:
        """Nothing of it was done. At the endpoint's limit its jobs wait for the other batches; else the run cannot go on."""
        await self._close(batch)
        said = f"{self._sender.where}: batch {batch.short} failed: {self._sender.wire.said(remote.why)}"
        if batch.adopted:
            log.warning("%s; its requests are sent again", said)
        elif remote.is_too_much_now and self._open:
            log.warning("%s; its requests wait for other batches", said)
            self._over += batch.jobs.values()
            self._rounds.subtract(batch.jobs.keys())
        else:
            raise LlmError(f"{said}; nothing of it was billed, all replies are kept; mend that, or set batch.max_requests lower")

    # Results

    async def _fetch(self, batch: _Batch, remote: Remote) -> _Results:
        """Store all replies of a batch. Doing it again changes nothing."""
        results = _Results({job.key: job for job in self._waiting} | batch.jobs)
        for file in (remote.output_file_id, remote.error_file_id):
            if file:
                async for lines in self._wire.lines(file):
                    await self._read(batch, lines, results)
        return results

    async def _read(self, batch: _Batch, raws: Iterable[RawLine], results: _Results) -> None:
        read = [self._wire.read(raw) for raw in raws]
        lines = [line for line in read if line]
        results.oddities += Counter(broken=len(read) - len(lines))
        items = self._store.items(batch.row.id, (line.key for line in lines))
        came: list[Came] = []
        for line in lines:
            if line.key not in items:
                results.oddities["unknown"] += 1
            elif line.key in results.seen:
                results.oddities["repeated"] += 1
            else:
                results.seen.add(line.key)
                if isinstance(line, Came):
                    came.append(line)
                elif line.refused:
                    results.refused[line.key] = line.refused
                elif line.billed:
                    results.lost.add(line.key)
        await self._keep(batch.row, came, items, results.jobs)
        results.replies += len(came)

    async def _keep(self, row: Row, came: Sequence[Came], items: dict[str, tuple[str, str, int]], jobs: dict[str, Job]) -> None:
        replies = [(c.key, self._sender.reply(c.received, *items[c.key], batch=row.id, run=row.run)) for c in came]
        attempts = await self._store.settle(row, replies)
        for (key, reply), attempt in zip(replies, attempts, strict=True):
            if attempt is not None:
                self._sender.health.replies += 1
                self._bought.add(key)
                self._pool.bought(Bought(reply, attempt), jobs.get(key))

    async def _finish(self, batch: _Batch, status: str, results: _Results) -> None:
        # An item without a line was not done in the time; where all are said to be done, or lines are broken, it was.
        blind = status == "completed" or results.oddities["broken"] > 0
        await self._close(batch, results.lost, results.seen if blind else None)
        self._tell(batch, status, results)
        jobs = [*batch.jobs.values(), *(job for job in self._waiting if job.key in results.seen)]
        self._waiting = [job for job in self._waiting if job.key not in results.seen]
        for job in jobs:
            if job.key in results.refused:
                failed = self._sender.refused(results.refused[job.key], job.ask.kind)
                self._pool.settle(job, Verdict(Judgement(None, failed.problem, failed.detail), False))
            elif job.key in batch.jobs:
                self._ready.append(job)
            else:
                self._again(job)
        self._ready += self._over
        self._over = []

    def _tell(self, batch: _Batch, status: str, results: _Results) -> None:
        said = f"batch {batch.short} is {status}: {results.replies} replies"
        if results.refused:
            said += f", {len(results.refused)} refused"
        odd = ", ".join(f"{number} {what}" for what, number in results.oddities.items())
        log.log(logging.WARNING if odd else logging.INFO, "%s", f"{said}; lines that are no use: {odd}" if odd else said)

    async def _close(self, batch: _Batch, lost: set[str] | None = None, seen: set[str] | None = None) -> None:
        """It is done: `lost` keys, and those not `seen` where that is given, may have been billed."""
        await self._store.close(batch.row, lambda key: key in (lost or ()) or (seen is not None and key not in seen))
        self._open.remove(batch)
        self._grips.pop(batch.row.id).close(done=True)
        self._pool.count.batched(-len(batch.jobs))

    # Troubles

    async def _troubled(self, batch: _Batch, outcome: Outcome) -> bool:
        if isinstance(outcome, Unusable):
            raise LlmError(f"{self._sender.where}: {outcome.said}")
        if isinstance(outcome, Refused):
            return await self._refused(batch, outcome)
        if isinstance(outcome, Throttled):
            if outcome.no_credit:
                raise self._sender.no_credit(outcome)
            batch.not_before = time.monotonic() + (outcome.wait or 0.0)
        self._wait_or_stop(batch, getattr(outcome, "said", "an answer that is too long"))
        return False

    def _wait_or_stop(self, batch: _Batch, said: str) -> None:
        now = time.monotonic()
        if batch.troubled is None:
            batch.troubled = now
            log.warning("batch %s: %s; trying again every %g s", batch.short, said, self._model.batch.poll_seconds)
        patience = PATIENT_SECONDS if batch.remote else PREPARING_SECONDS
        answered = self._answered or self._sender.health.replies > 0 or bool(batch.remote)
        if now - batch.troubled > (patience if answered else STRANGER_SECONDS):
            kept = "the batch goes on there, and a later run fetches it" if batch.remote else "all replies are kept"
            raise LlmError(f"{self._sender.where}: {said} for {now - batch.troubled:.0f} s; {kept}", may_pass=answered)

    async def _refused(self, batch: _Batch, refused: Refused) -> bool:
        """What will not change: a batch that is gone, a wrong key, no batch API."""
        missing = refused.status in NO_BATCH_API
        if missing and batch.remote:
            return await self._gone(batch, refused)
        if not batch.remote and (missing or batch.doubt is None):
            await self._close(batch, seen=None if batch.doubt is None else set())
        if missing:
            raise LlmError(
                f'{self._sender.where}: has no batch API ({refused.said}); set mode = "live" for this model in jeongdap.toml'
            )
        self._sender.refused(refused, PROBE)  # raises for a wrong key
        raise LlmError(f'{self._sender.where}: takes no batch ({refused.said}); mend that, or set mode = "live" for this model')

    async def _gone(self, batch: _Batch, refused: Refused) -> bool:
        """The endpoint does not know a batch that was sent there."""
        if not self._model.offline and batch.row.age < GIVEN_UP:
            raise LlmError(
                f"{self._sender.where}: does not know batch {batch.remote}, which an earlier run sent there ({refused.said}); if "
                f"{self._model.key_env} is the key of another account now, set the former one; when the batch is "
                f"{GIVEN_UP.days} days old it is given up"
            )
        log.warning("batch %s is not known any more; what it may have cost counts as spent", batch.short)
        await self._finish(batch, "completed", _Results())
        return True
