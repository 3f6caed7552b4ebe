"""The one place that talks to a language model: many asks at a time, nothing lost, nothing paid twice.

A pool of workers shares one iterator of asks. A reply is stored before it is read, and an ask that the store can answer
never reaches the network. Errors are of three kinds. What would fail for every ask (wrong key, wrong model, server gone)
stops the run with an LlmError that names the cure. What may pass (429, 5xx, a broken connection) is tried again. What only
this ask brings about is its own answer, with a problem, and costs nobody else anything.

The import of openai takes seconds: import this module inside the function that needs it.
"""

from __future__ import annotations

import asyncio
import contextlib
import email.utils
import json
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2
import openai

from tasks.errors import LlmError
from tasks.llm.asks import Answer, Ask, Endpoint, Judgement, Problem, call_key, envelope, is_completion, judge, next_request
from tasks.llm.calls import Calls, Reply
from tasks.llm.guard import Guard
from tasks.llm.local import refuse_if_public
from tasks.settings import ModelSettings

__all__ = ["Answer", "Ask", "Endpoint", "ask_all", "ask_all_sync"]

MAX_ERRORS = 6  # 5xx and broken connections of one ask; with the waits below about 16 seconds
TIMEOUT_WEIGHT = 2  # a call that hangs is given up after three
FIRST_WAIT, LONGEST_WAIT = 0.5, 8.0
LONGEST_RETRY_AFTER = 120.0
STALL_SECONDS = 600.0  # so long only 429s: stop, the next run goes on
FEW_FAILURES = 3  # from here on more failed than answered asks mean that the endpoint is at fault
FILTERED = ("content_filter", "content_policy_violation")  # an error status, but a refusal of this text alone
CONNECT_SECONDS = 10.0
PROBE_SECONDS = 5.0


class _AskFailedError(Exception):
    """One ask cannot be answered; the others can."""

    def __init__(self, detail: str, problem: Problem = "http_error") -> None:
        super().__init__(detail)
        self.problem = problem


class _NoCompletionError(Exception):
    """Status 200, but from something that is no model: a login page, a gateway's error. Nothing was bought."""


@dataclass(slots=True)
class _Health:
    """What the run has seen of its endpoint."""

    replies: int = 0
    failures: int = 0
    last_reply: float = 0.0


@dataclass(frozen=True, slots=True)
class _Job:
    """A request that is still open: its key, one ask that makes it, and what its replies so far were worth."""

    key: str
    ask: Ask
    past: list[Judgement]


class _Answers:
    """The answers of a run in the order of its asks. Equal asks share a key and are asked once."""

    def __init__(
        self, asks: Sequence[Ask], model: ModelSettings, guard: Guard | None, on_done: Callable[[Answer], None] | None
    ) -> None:
        self._on_done = on_done
        self._done: dict[int, Answer] = {}
        self._places: dict[str, list[int]] = {}
        self._asks: list[Ask] = []
        for place, ask in enumerate(asks):
            sent = guard.ask(ask) if guard else ask
            self._asks.append(sent or ask)
            if sent:
                self._places.setdefault(call_key(sent, model), []).append(place)
            else:
                self._done[place] = Answer(ask, "", None, "pii_unchecked", "looking for personal data failed; not sent", False)

    def jobs(self, calls: Calls) -> list[_Job]:
        """One job a key."""
        asks = ((key, self._asks[places[0]]) for key, places in self._places.items())
        return [_Job(key, ask, [judge(response, ask.reply) for response in calls.stored(key)]) for key, ask in asks]

    def settle(self, key: str, judgement: Judgement, bought: bool) -> None:
        """The answer to every ask of a key; the first of them bought it."""
        for place in self._places[key]:
            first = place == self._places[key][0]
            answer = Answer(self._asks[place], key, judgement.value, judgement.problem, judgement.detail, bought and first)
            self._done[place] = answer
            if self._on_done:
                self._on_done(answer)

    def in_order(self) -> list[Answer]:
        """All of them."""
        return [self._done[place] for place in range(len(self._asks))]


def ask_all_sync(
    asks: Sequence[Ask],
    endpoint: Endpoint,
    model: ModelSettings,
    calls: Calls,
    on_done: Callable[[Answer], None] | None = None,
    guard: Guard | None = None,
) -> list[Answer]:
    """`ask_all` for a thread without an event loop."""
    return asyncio.run(ask_all(asks, endpoint, model, calls, on_done, guard))


async def ask_all(
    asks: Sequence[Ask],
    endpoint: Endpoint,
    model: ModelSettings,
    calls: Calls,
    on_done: Callable[[Answer], None] | None = None,
    guard: Guard | None = None,
) -> list[Answer]:
    """An answer for every ask, in order. Raises LlmError when the endpoint is down or refuses us; what was bought is kept.

    `on_done` is called with each answer as it comes. `guard` masks personal data in what is sent and in what is stored.
    """
    answers = _Answers(asks, model, guard, on_done)
    todo = []
    for job in answers.jobs(calls):
        if next_request(job.ask, model, job.past) is None:
            answers.settle(job.key, _verdict(job.past), bought=False)
        else:
            todo.append(job)
    if todo:
        async with _client(endpoint, model) as client:
            await _pool(todo, _Run(client, endpoint, model, calls, answers, guard).work, model.concurrency)
    return answers.in_order()


def _verdict(past: Sequence[Judgement]) -> Judgement:
    return next((judgement for judgement in past if not judgement.problem), past[-1])


async def _pool(jobs: Sequence[_Job], work: Callable[[_Job], Awaitable[None]], workers: int) -> None:
    """Do the jobs with a few workers over one iterator; the first error stops all and is raised as it is."""
    queue = iter(jobs)

    async def worker() -> None:
        for job in queue:
            await work(job)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(workers, len(jobs))):
                group.create_task(worker())
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None


@contextlib.asynccontextmanager
async def _client(endpoint: Endpoint, model: ModelSettings) -> AsyncIterator[openai.AsyncOpenAI]:
    if not (endpoint.api_key.isascii() and endpoint.api_key.isprintable()):
        raise LlmError(f"the API key in {model.key_env} holds characters that no HTTP header can carry; set it anew")
    if model.local_only:
        refuse_if_public(endpoint.base_url)
    # A proxy from the environment must not get what is meant for this machine, or for the private network alone.
    near = model.local_only or urlsplit(endpoint.base_url).hostname in ("localhost", "127.0.0.1", "::1")
    connections = model.concurrency + 8
    http = openai.DefaultAioHttpClient(
        limits=httpx2.Limits(max_connections=connections, max_keepalive_connections=connections),
        timeout=httpx2.Timeout(model.seconds, connect=CONNECT_SECONDS),
        trust_env=not near,
        follow_redirects=not model.local_only,
    )
    key = endpoint.api_key.strip() or "none"  # a local server may want no key, the SDK insists on one
    client = openai.AsyncOpenAI(base_url=endpoint.base_url, api_key=key, max_retries=0, http_client=http)
    async with client:
        yield client


class _Run:
    """One run against one endpoint."""

    def __init__(
        self,
        client: openai.AsyncOpenAI,
        endpoint: Endpoint,
        model: ModelSettings,
        calls: Calls,
        answers: _Answers,
        guard: Guard | None,
    ) -> None:
        self.client = client
        self.endpoint = endpoint
        self.model = model
        self.calls = calls
        self.answers = answers
        self.guard = guard
        self.health = _Health(last_reply=time.monotonic())

    async def work(self, job: _Job) -> None:
        """Ask until there is a good reply or nothing left to ask, storing every reply before reading it."""
        bought = False
        while (body := next_request(job.ask, self.model, job.past)) is not None:
            try:
                reply = await self._reply(job.ask, body)
            except _AskFailedError as exc:
                self.answers.settle(job.key, Judgement(None, exc.problem, str(exc)), bought)
                return
            attempt = self.calls.put(job.key, reply)
            bought = True
            job.past.append(judge(reply.response, job.ask.reply))
            self.calls.judged(job.key, attempt, job.past[-1].problem)
        self.answers.settle(job.key, _verdict(job.past), bought)

    async def _reply(self, ask: Ask, body: dict[str, Any]) -> Reply:
        """A chat completion, whatever it holds."""
        errors = throttled = 0
        while True:
            start = time.monotonic()
            try:
                async with asyncio.timeout(self.model.seconds):
                    response = await self.client.post("/chat/completions", cast_to=httpx2.Response, body=body)
                return self._received(ask, body, response, time.monotonic() - start)
            except openai.RateLimitError as exc:
                throttled += 1
                await self._throttled(exc, throttled)
                continue
            except openai.APIStatusError as exc:
                if exc.status_code not in (408, 409) and exc.status_code < 500:
                    raise self._refused(exc) from None
                errors, reason = errors + 1, self._status(exc)
            except (openai.APITimeoutError, TimeoutError):
                errors, reason = errors + TIMEOUT_WEIGHT, f"no reply within {self.model.seconds:g} s"
            except (openai.APIConnectionError, httpx2.HTTPError) as exc:
                errors, reason = errors + 1, f"connection failed: {exc.__cause__ or exc}"
            except _NoCompletionError as exc:
                errors, reason = errors + 1, str(exc)
            if errors >= MAX_ERRORS:
                await self._give_up(reason)
            await asyncio.sleep(_wait(errors))

    def _received(self, ask: Ask, body: dict[str, Any], response: httpx2.Response, latency: float) -> Reply:
        if not is_completion(response.text):
            raise _NoCompletionError(f"HTTP 200 that is no chat completion: {' '.join(response.text.split())[:200]}")
        self.health.replies += 1
        self.health.last_reply = time.monotonic()
        return Reply(
            kind=ask.kind,
            status=response.status_code,
            request_id=response.headers.get("x-request-id", ""),
            latency=latency,
            request=json.dumps(body, ensure_ascii=False),
            response=self.guard.response(response.text) if self.guard else response.text,
            **envelope(response.text),
        )

    async def _throttled(self, exc: openai.RateLimitError, times: int) -> None:
        """A 429 costs an ask nothing but time, unless no reply at all comes any more."""
        if exc.code == "insufficient_quota":
            raise LlmError(f"{self._where}: the account has no credit left ({self._status(exc)})")
        silent = time.monotonic() - self.health.last_reply
        if silent > STALL_SECONDS:
            raise LlmError(f"{self._where}: only 'too many requests' for {silent:.0f} s; run again later, all replies are kept")
        await asyncio.sleep(_retry_after(exc.response.headers) or _wait(times))

    def _refused(self, exc: openai.APIStatusError) -> Exception:
        """The error to raise for a status that will not change: of this ask alone, or of the whole run."""
        status, code = self._status(exc), exc.status_code
        if code == 401 or (code == 403 and not self.health.replies):
            return LlmError(f"{self._where}: refused our key ({status}); set {self.model.key_env} in the environment or in .env")
        if code == 404:
            return LlmError(
                f"{self._where}: has no model {self.model.model!r}, or is no OpenAI-compatible base URL ({status}); "
                f"mend `model` or `base_url` in jeongdap.toml"
            )
        if exc.code in FILTERED:
            return _AskFailedError(status, "refusal")
        self._count_failure(status)
        return _AskFailedError(status)

    async def _give_up(self, reason: str) -> None:
        """An ask has failed too often. If the endpoint is alive the fault is the ask's own; else the run is over."""
        self._count_failure(reason)
        if not await self._alive():
            raise LlmError(f"{self._where}: does not answer ({reason}); all replies are kept, run again when it is up")
        raise _AskFailedError(reason)

    def _count_failure(self, reason: str) -> None:
        self.health.failures += 1
        if self.health.failures >= FEW_FAILURES and self.health.failures > self.health.replies:
            raise LlmError(f"{self._where}: {self.health.failures} asks failed, the last with: {reason}; all replies are kept")

    async def _alive(self) -> bool:
        try:
            await self.client.get("/models", cast_to=httpx2.Response, options={"timeout": PROBE_SECONDS})
        except openai.APIStatusError as exc:
            return exc.status_code < 500  # not every server lists its models
        except (openai.APIConnectionError, httpx2.HTTPError, TimeoutError):
            return False
        return True

    @property
    def _where(self) -> str:
        return self.endpoint.base_url

    def _status(self, exc: openai.APIStatusError) -> str:
        """HTTP status and the server's own words, without the key that some servers repeat in them."""
        text = f"HTTP {exc.status_code}: {exc.message}"
        if self.endpoint.api_key:
            text = text.replace(self.endpoint.api_key, "***")
        return " ".join(text.split())[:500]


def _wait(times: int) -> float:
    return min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** (times - 1)) * random.uniform(0.75, 1.25)


def _retry_after(headers: httpx2.Headers) -> float | None:
    """Seconds that a server asks us to wait, and a little more, lest all workers return together."""
    seconds = None
    with contextlib.suppress(ValueError, TypeError):
        if milliseconds := headers.get("retry-after-ms"):
            seconds = float(milliseconds) / 1000
        elif value := headers.get("retry-after", ""):
            number = value.replace(".", "", 1).isdigit()
            seconds = float(value) if number else email.utils.parsedate_to_datetime(value).timestamp() - time.time()
    if seconds is None or not 0 < seconds < float("inf"):
        return None
    return min(seconds, LONGEST_RETRY_AFTER) * random.uniform(1.0, 1.25)
