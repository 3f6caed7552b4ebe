"""Sends one request until it is bought or has failed for good: the order of the gates, what is tried again and what stops all.

Errors are of three kinds. What would fail for every ask (wrong key, wrong model, server gone, budget spent) is raised and
stops the run, with the cure. What may pass (429, 5xx, a broken connection) is tried again. What only this ask brings about
is a `Failed`, and costs nobody else anything.
"""

from __future__ import annotations

import asyncio
import json
import math
import random
import time
from dataclasses import dataclass
from functools import partial
from typing import Any

from tasks.errors import BudgetError, LlmError, StoreError
from tasks.llm.asks import Problem, envelope
from tasks.llm.breaker import Breaker
from tasks.llm.calls import Reply
from tasks.llm.commits import Commits
from tasks.llm.forms import KIND as PROBE
from tasks.llm.gate import Gate
from tasks.llm.guard import Guard
from tasks.llm.ledger import Claim, Hold, Ledger, OverBudget
from tasks.llm.prices import Usage, cost_of, most
from tasks.llm.rates import Bucket, Spend
from tasks.llm.wire import Broken, Outcome, Received, Refused, Throttled, Unusable, Wire
from tasks.settings import ModelSettings

MAX_ERRORS = 6  # 5xx and broken connections of one ask; with the waits below about 16 seconds
TIMEOUT_WEIGHT = 2  # a call that hangs is given up after three
FIRST_WAIT, LONGEST_WAIT, ALONE_WAIT = 0.5, 8.0, 2.0
STALL_SECONDS = 600.0  # so long nothing but 429s, or a server that is down: stop, the next run goes on
FEW_FAILURES = 3  # from here on more failed than answered asks mean that the endpoint is at fault


@dataclass(frozen=True, slots=True)
class Parcel:
    """A request that is ready to send. `known` is how many replies to its key we have read, `estimate` the tokens of its prompt
    as estimated from the text, `room` the tokens it is likely to use at most, `hold` the most that it can use.
    """

    key: str
    kind: str
    request: str
    known: int
    estimate: int
    room: int
    hold: Hold

    @staticmethod
    def of(key: str, kind: str, body: dict[str, Any], known: int, estimate: int, ratio: float, model: ModelSettings) -> Parcel:
        """The parcel of a request body; `ratio` are the tokens that are billed for an estimated one."""
        request = json.dumps(body, ensure_ascii=False)
        room = math.ceil(estimate * ratio) + _limit(body, model)
        return Parcel(key, kind, request, known, estimate, room, hold_of(key, body, request, model))


def hold_of(key: str, body: dict[str, Any], request: str, model: ModelSettings, batch: bool = False) -> Hold:
    """The most that a request can use; `request` is its body as JSON."""
    bound = most(request.encode(), _limit(body, model))
    return Hold(key, bound.total, cost_of(model, bound, batch) or 0)


@dataclass(frozen=True, slots=True)
class Bought:
    """A reply that came and is stored."""

    reply: Reply
    attempt: int


@dataclass(frozen=True, slots=True)
class Failed:
    """The request cannot be answered; others can. `refused`: its form, by a status that says so."""

    problem: Problem
    detail: str
    refused: bool = False


class Elsewhere:
    """Somebody else sends this request, or its reply has come meanwhile: look into the store again."""


@dataclass(slots=True)
class _Health:
    """What we have seen of the endpoint. `credit` are failures that its replies to earlier runs make up for."""

    replies: int
    failures: int
    last_reply: float
    credit: int = 0


class Sender:
    """Everything that stands between a request and one endpoint."""

    def __init__(
        self, wire: Wire, model: ModelSettings, where: str, commits: Commits, ledger: Ledger, guard: Guard | None
    ) -> None:
        self.wire = wire
        self.model = model
        self.where = where
        self.commits = commits
        self.ledger = ledger
        self.guard = guard
        self.gate = Gate(model.concurrency)
        self.breaker = Breaker()
        self.requests = Bucket(model.requests_per_minute)
        self.tokens = Bucket(model.tokens_per_minute)
        self.health = _Health(0, 0, time.monotonic())
        self.in_flight: set[asyncio.Task[Any]] = set()
        self.stopping = False  # what is in flight may come, nothing new is sent
        self._held = 0
        self._settled = asyncio.Event()

    async def buy(self, parcel: Parcel) -> Bought | Failed | Elsewhere:
        """Send until there is a reply, and store it. Raises LlmError, BudgetError and StoreError."""
        errors = throttled = 0
        begun = failing = time.monotonic()
        excused = False
        while True:
            outcome = await self._once(parcel)
            if isinstance(outcome, Bought | Elsewhere):
                return outcome
            if isinstance(outcome, Refused):
                return self.refused(outcome, parcel.kind)
            if isinstance(outcome, Unusable):
                raise LlmError(f"{self.where}: {outcome.said}")
            if isinstance(outcome, Throttled):
                throttled += 1
                await self._throttled(outcome, throttled, begun)
                continue
            failing = failing if errors else time.monotonic()
            # While the whole endpoint is down, that is no fault of the ask's.
            errors += 0 if self.breaker.open_seconds else TIMEOUT_WEIGHT if outcome.timed_out else 1
            if errors >= MAX_ERRORS:
                up = await self.wire.is_up()
                if up and (excused or not self._was_down(failing)):
                    return self._failed(outcome.said, parcel.kind)
                if not up:
                    self._stop_if_silent(outcome.said, begun)
                errors, excused = 0, up
            await self._stop_if_down(outcome)
            # A server that answers others meanwhile is not better for a longer rest.
            longest = ALONE_WAIT if self.health.last_reply > failing else LONGEST_WAIT
            await asyncio.sleep(min(longest, _wait(max(1, errors))))

    async def _once(self, parcel: Parcel) -> Bought | Elsewhere | Throttled | Broken | Refused | Unusable:
        return await self._send(parcel) if await self._claimed(parcel) else Elsewhere()

    async def _claimed(self, parcel: Parcel) -> bool:
        """Hold what the call may cost; where that is too much, wait for calls in flight to cost less than they might."""
        while True:
            self.stop_if_full()
            settled = self._settled
            try:
                claim = await self.commits.write(partial(self.ledger.claim, hold=parcel.hold, known=parcel.known))
            except asyncio.CancelledError:
                self.commits.after(partial(self.ledger.release, key=parcel.key))  # it may have become ours meanwhile
                raise
            if claim is Claim.OURS:
                self._held += 1
                return True
            if not isinstance(claim, OverBudget):
                return False
            if not self._held:
                raise over_budget(claim)
            await settled.wait()

    def stop_if_full(self) -> None:
        """Raise StoreError when the disk is full: nothing new may be begun."""
        if self.commits.full:
            raise StoreError(f"{self.ledger.owners.parent}: the disk is full; what was in flight is kept; free some space")

    async def _send(self, parcel: Parcel) -> Bought | Throttled | Broken | Refused | Unusable:
        task = asyncio.current_task()
        assert task
        unfinished = self.ledger.release
        try:
            epoch = await self.gate.enter()
            try:
                await self.requests.reserve(1)
                room = await self.tokens.reserve(parcel.room)
                await self.breaker.passed(parcel.key)
                if self.stopping:
                    raise asyncio.CancelledError
                self.in_flight.add(task)
                unfinished = self.ledger.lose
                start = time.monotonic()
                outcome = await self.wire.post(parcel.request.encode())
                self._note(parcel.key, outcome, epoch)
                self._give_back(room, outcome)
                if not isinstance(outcome, Received):  # what stops the run stops it before the next call takes the slot
                    await self.commits.write(partial(self._unbought(outcome), key=parcel.key))
                    return outcome
            finally:
                self.gate.leave()
            reply = self.reply(outcome, parcel.kind, parcel.request, parcel.estimate, time.monotonic() - start)
            return Bought(reply, await self.commits.write(partial(self.ledger.settle, key=parcel.key, reply=reply)))
        except BaseException:
            self.commits.after(partial(unfinished, key=parcel.key))  # does nothing where it is settled already
            raise
        finally:
            self.in_flight.discard(task)
            if self.stopping:
                task.cancel()
            self._held -= 1
            self._settled.set()
            self._settled = asyncio.Event()

    def _unbought(self, outcome: Outcome) -> Any:
        return self.ledger.lose if isinstance(outcome, Broken) and outcome.billed else self.ledger.release

    def _give_back(self, room: Spend, outcome: Outcome) -> None:
        """What a call did not use of its tokens a minute; of what the server may have used all the same, nothing."""
        if isinstance(outcome, Received):
            told = envelope(outcome.text)
            self.tokens.settle(room, float((told["prompt_tokens"] or 0) + (told["completion_tokens"] or 0)) or room.amount)
        elif not (isinstance(outcome, Broken) and outcome.billed):
            self.tokens.settle(room, 0.0)

    def _note(self, key: str, outcome: Outcome, epoch: int) -> None:
        """What an outcome says about the endpoint."""
        self.breaker.record(key, not isinstance(outcome, Broken))
        if isinstance(outcome, Throttled):
            self.gate.throttled(epoch)
        if isinstance(outcome, Received):
            self.gate.succeeded()
            self.health.replies += 1
            self.health.last_reply = time.monotonic()

    def reply(
        self, received: Received, kind: str, request: str, estimate: int, latency: float = 0.0, batch: str = "", run: str = ""
    ) -> Reply:
        """What is stored of a response. `batch` is the id of the batch that brought it, `run` the run that sent that."""
        facts = envelope(received.text)
        told = facts["prompt_tokens"] is not None and facts["completion_tokens"] is not None
        usage = Usage(facts["prompt_tokens"], facts["completion_tokens"], facts["cached_tokens"] or 0) if told else None
        return Reply(
            kind=kind,
            status=200,
            request_id=received.request_id,
            latency=latency,
            request=request,
            response=self._kept(received),
            run=run or self.ledger.run,
            endpoint=self.model.base_url,
            asked=self.model.model,
            batch=batch,
            cost=cost_of(self.model, usage, batch=bool(batch)) if usage else None,
            estimate=estimate,
            **(facts | {"finish": "oversized"} if received.oversized else facts),
        )

    def _kept(self, received: Received) -> str:
        """What is stored of a response. One that was cut cannot be searched for personal data, so its words are not kept."""
        if received.oversized:
            return json.dumps({"oversized": f"a response of more than {self.model.max_reply_mib:g} MiB"})
        return self.guard.response(received.text) if self.guard else received.text

    async def _throttled(self, throttled: Throttled, times: int, begun: float) -> None:
        """A 429 costs an ask nothing but time, unless no reply at all comes any more."""
        if throttled.no_credit:
            raise self.no_credit(throttled)
        silent = self._silent(begun)
        if silent > STALL_SECONDS:
            said = f"{self.where}: only 'too many requests' for {silent:.0f} s; run again later, all replies are kept"
            raise LlmError(said, may_pass=self.health.replies > 0)
        await asyncio.sleep(throttled.wait or _wait(times))

    def no_credit(self, told: Throttled | Refused) -> LlmError:
        """Nobody gets anything for this key any more."""
        return LlmError(f"{self.where}: the account has no credit left ({told.said}); all replies are kept")

    def refused(self, refused: Refused, kind: str) -> Failed:
        """What a status that will not change means: for this ask, or, raised, for the whole run."""
        status = refused.status
        if status == 401 or (status == 403 and not self.health.replies):
            raise LlmError(
                f"{self.where}: refused our key ({refused.said}); set {self.model.key_env} in the environment or in .env"
            )
        if status == 404:
            raise LlmError(
                f"{self.where}: has no model {self.model.model!r}, or is no OpenAI-compatible base URL ({refused.said}); "
                f"mend `model` or `base_url` in jeongdap.toml"
            )
        if status == 402:
            raise self.no_credit(refused)
        if refused.filtered:
            return Failed("refusal", refused.said)
        if kind != PROBE:
            self._count_failure(refused.said)
        return Failed("http_error", refused.said, refused=status in (400, 422))

    def _failed(self, reason: str, kind: str) -> Failed:
        """An ask has failed too often, and the endpoint is alive: the fault is the ask's own."""
        if kind != PROBE:
            self._count_failure(reason)
        return Failed("http_error", reason)

    def _was_down(self, since: float) -> bool:
        """Whether an endpoint that has answered before answered nobody since then: so it may have come back only now."""
        return bool(self.health.replies) and self.health.last_reply < since

    def _stop_if_silent(self, reason: str, begun: float) -> None:
        """A server that has answered before gets time to come back, one that never has gets none."""
        if not self.health.replies or self._silent(begun) > STALL_SECONDS:
            raise self._down(reason)

    def _silent(self, begun: float) -> float:
        """Seconds without a reply; before we asked nobody was silent."""
        return time.monotonic() - max(begun, self.health.last_reply)

    def _count_failure(self, reason: str) -> None:
        self.health.failures += 1
        if self.health.failures >= FEW_FAILURES and self.health.failures > self.health.replies + self.health.credit:
            raise LlmError(f"{self.where}: {self.health.failures} asks failed, the last with: {reason}; all replies are kept")

    async def _stop_if_down(self, broken: Broken) -> None:
        """The same, when so many asks fail that only trials are sent."""
        down = self.breaker.open_seconds
        if down > STALL_SECONDS or (down and not self.health.replies and not (self.health.credit and await self.wire.is_up())):
            raise self._down(broken.said)

    def _down(self, reason: str) -> LlmError:
        said = f"{self.where}: does not answer, or with errors alone ({reason}); all replies are kept, run again when it is up"
        return LlmError(said, may_pass=self.health.replies > 0)


def over_budget(claim: OverBudget) -> BudgetError:
    """The run ends here."""
    return BudgetError(f"stopped by the budget: {claim.said}; all replies are kept, the next build goes on")


def _limit(body: dict[str, Any], model: ModelSettings) -> int:
    """Tokens that a request allows its reply."""
    return int(body.get("max_tokens") or body.get("max_completion_tokens") or model.max_tokens)


def _wait(times: int) -> float:
    return float(min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** (times - 1)) * random.uniform(0.75, 1.25))
