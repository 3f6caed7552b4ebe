"""The endpoint that the LLM benchmark measures against: an OpenAI-compatible server on loopback that keeps the books.

It decides everything by the number of the prompt, so every client meets the same latencies and the same faults. A call
costs it a fraction of what it costs the lightest client: HTTP is read by hand, a reply waits on a timer and not in a task.
What a client says of itself is never believed: what was paid, paid twice and how full the slots were is counted here.

    python -m benchmarks.llm_server        # prints its URL; POST /ctl/start {plan}, GET /ctl/mark, GET /ctl/report

A call holds one of `cap` slots for its latency (lognormal). Above the cap it waits in line, or gets a 429.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import heapq
import json
import math
import random
import re
import time
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from benchmarks.llm_peers.task import MODEL, cpu_seconds, good_reply

Fault = Literal["429", "500", "broken", "truncated", "poison"]
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
MARK = re.compile(rb"JD-(\d{6})")
TOKENS_PER_CHAR = 0.7
JUST_SENT = 0.25  # seconds that a client may need to read and to store a reply
MODELS = {"object": "list", "data": [{"id": MODEL, "object": "model", "created": 0, "owned_by": "benchmark"}]}


@dataclass(frozen=True, slots=True)
class Plan:
    """How the server behaves. Shares are of the prompts; a fault hits the first call of a prompt, `poison` every one.

    `median` in seconds, `sigma` of the logarithm, `over` what a call above `cap` gets, `retry_after` in seconds.
    """

    prompts: int
    cap: int
    median: float = 1.0
    sigma: float = 0.5
    over: Literal["wait", "429"] = "wait"
    retry_after: float = 1.0
    seed: int = 1
    throttled: float = 0.0
    failed: float = 0.0
    broken: float = 0.0
    truncated: float = 0.0
    poison: float = 0.0

    def faults(self) -> dict[int, Fault]:
        """Which prompt meets what: exact shares, drawn at random."""
        order = list(range(self.prompts))
        random.Random(self.seed).shuffle(order)
        shares: dict[Fault, float] = {
            "429": self.throttled,
            "500": self.failed,
            "broken": self.broken,
            "truncated": self.truncated,
            "poison": self.poison,
        }
        return {order.pop(): fault for fault, share in shares.items() for _ in range(round(share * self.prompts))}

    def latency(self, number: int, attempt: int) -> float:
        """Seconds that a call takes."""
        return self.median * math.exp(self.sigma * random.Random(f"{self.seed} {number} {attempt}").gauss(0, 1))


@dataclass(slots=True)
class Books:
    """What has happened since the start. Times are seconds of the monotonic clock."""

    cap: int
    cpu: float = field(default_factory=cpu_seconds)
    requests: int = 0
    other: int = 0
    chars: int = 0
    connections: int = 0
    running: int = 0
    most: int = 0
    busy: float = 0.0
    moved: float = 0.0
    first: float = 0.0
    last: float = 0.0
    last_good: float = 0.0
    busy_good: float = 0.0
    outcomes: Counter[str] = field(default_factory=Counter)
    formats: Counter[str] = field(default_factory=Counter)
    attempts: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    good: dict[int, list[float]] = field(default_factory=dict)
    left: set[int] = field(default_factory=set)
    marks: list[float] = field(default_factory=list)
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def move(self, step: int) -> None:
        """Account the slot-seconds, then change the number of calls that hold a slot."""
        now = time.monotonic()
        self.busy += self.running * (now - self.moved)
        self.moved = now
        self.running += step
        self.most = max(self.most, self.running)

    def report(self) -> dict[str, Any]:
        """The figures."""
        span, span_good = self.last - self.first, self.last_good - self.first
        return {
            "requests": self.requests,
            "other": self.other,
            "chars": round(self.chars / self.requests) if self.requests else 0,
            "connections": self.connections,
            "most": self.most,
            "outcomes": dict(self.outcomes),
            "formats": dict(self.formats),
            "good": len(self.good),
            "good_twice": sum(len(times) - 1 for times in self.good.values()),
            "paid": sum(self.outcomes[name] for name in ("good", "broken", "truncated", "left")),
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "span": span,
            "span_good": span_good,
            "ideal": makespan(self.latencies, self.cap),
            "utilisation": self.busy / self.cap / span if span else 0.0,
            "utilisation_good": self.busy_good / self.cap / span_good if span_good else 0.0,
            "again": self.again(),
            "cpu": cpu_seconds() - self.cpu,
        }

    def again(self) -> dict[str, float]:
        """Prompts bought again after the marks (a kill each), by when their first good reply had gone out.

        A reply that left here some milliseconds before the kill may not have been read yet, let alone stored: `age` is that
        of the oldest one that was bought again, in seconds.
        """
        found = {"stored": 0, "just_sent": 0, "in_flight": 0, "age": 0.0}
        for mark in self.marks:
            for number, times in self.good.items():
                before = [time for time in times if time <= mark]
                if before and len(before) < len(times):
                    age = mark - before[0]
                    found["stored" if age > JUST_SENT else "just_sent"] += 1
                    found["age"] = max(found["age"], age)
                elif not before and number in self.left:
                    found["in_flight"] += 1
        return found


def makespan(latencies: Iterable[float], slots: int) -> float:
    """Seconds that a perfect client needs: each call starts in the slot that is free first (list scheduling, Graham 1966)."""
    free = [0.0] * slots
    end = 0.0
    for latency in latencies:
        done = heapq.heappop(free) + latency
        heapq.heappush(free, done)
        end = max(end, done)
    return end


@dataclass(slots=True)
class Call:
    """A call that holds a slot, or waits for one."""

    connection: Connection
    number: int
    fault: Fault | None
    latency: float
    prompt_tokens: int
    tool: str
    timer: asyncio.TimerHandle | None = None


class Mock:
    """The model: slots, faults and the books."""

    def __init__(self) -> None:
        self.start(Plan(prompts=0, cap=64))

    def start(self, plan: Plan) -> None:
        """A new run."""
        self.plan = plan
        self.books = Books(plan.cap)
        self.faults = plan.faults()
        self.waiting: deque[Call] = deque()

    def chat(self, connection: Connection, body: bytes) -> None:
        """A chat completion is asked for."""
        request = json.loads(body)
        found, books = MARK.search(body), self.books
        if request.get("stream"):
            connection.error(400, "streaming is not supported", "invalid_request_error")
            return
        chars = _chars(request)
        if found is None:  # a probe of the client
            books.other += 1
            connection.completion("probe", _probe_reply(request), "stop", chars)
            return
        number = int(found[1])
        books.requests += 1
        books.chars += chars
        tool = _tool(request)
        books.formats[f"tool {tool}" if tool else (request.get("response_format") or {}).get("type", "none")] += 1
        books.attempts[number] += 1
        books.first = books.first or time.monotonic()
        fault = self.faults.get(number)
        if fault != "poison" and books.attempts[number] > 1:
            fault = None
        latency = self.plan.latency(number, books.attempts[number])
        self._admit(Call(connection, number, fault, latency, int(chars * TOKENS_PER_CHAR), tool))

    def _admit(self, call: Call) -> None:
        if call.fault == "poison":
            self._refuse(call, 500, "poison")
        elif call.fault == "429":
            self._refuse(call, 429, "429")
        elif self.books.running < self.plan.cap:
            self._run(call)
        elif self.plan.over == "429":
            self._refuse(call, 429, "429 over the cap")
        else:
            call.connection.call = call
            self.waiting.append(call)

    def _refuse(self, call: Call, status: int, outcome: str) -> None:
        self.books.outcomes[outcome] += 1
        self.books.last = time.monotonic()
        if status == 429:
            call.connection.error(429, "Rate limit reached", "rate_limit_exceeded", self.plan.retry_after)
        else:
            call.connection.error(status, "The server had an error", "server_error")

    def _run(self, call: Call) -> None:
        self.books.move(+1)
        self.books.latencies.append(call.latency)
        call.connection.call = call
        call.timer = asyncio.get_running_loop().call_later(call.latency, self._end, call)

    def _end(self, call: Call) -> None:
        self._free(call)
        content, books = good_reply(call.number), self.books
        books.outcomes[call.fault or "good"] += 1
        if call.fault == "500":
            call.connection.error(500, "The server had an error", "server_error")
            return
        if call.fault is None:
            books.good.setdefault(call.number, []).append(books.last)
            books.last_good, books.busy_good = books.last, books.busy
        cut = {"broken": len(content) * 2 // 3, "truncated": len(content) // 2}.get(call.fault or "", len(content))
        content = content[:cut]
        self._bill(call.prompt_tokens, content)
        finish = "length" if call.fault == "truncated" else "tool_calls" if call.tool else "stop"
        call.connection.completion(f"chatcmpl-{call.number}", content, finish, call.prompt_tokens, call.tool)

    def _free(self, call: Call) -> None:
        """Give the slot to the next in line."""
        call.connection.call = None
        self.books.move(-1)
        self.books.last = time.monotonic()
        if self.waiting:
            self._run(self.waiting.popleft())

    def _bill(self, prompt_tokens: int, content: str) -> None:
        self.books.prompt_tokens += prompt_tokens
        self.books.completion_tokens += _tokens(content)

    def lost(self, call: Call) -> None:
        """The client went away. A real server does not notice: the call is billed, and its slot was in use."""
        if call.timer is None:
            self.waiting.remove(call)
            return
        call.timer.cancel()
        self.books.outcomes["left"] += 1
        self.books.left.add(call.number)
        self._bill(call.prompt_tokens, good_reply(call.number))
        self._free(call)


class Connection(asyncio.Protocol):
    """HTTP/1.1 as far as clients of one JSON endpoint need it: one request after the other, bodies with a length."""

    def __init__(self, mock: Mock) -> None:
        self.mock = mock
        self.buffer = bytearray()
        self.answering = False
        self.call: Call | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count it."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.mock.books.connections += 1

    def connection_lost(self, exc: Exception | None) -> None:
        """Drop what it was waiting for."""
        if self.call:
            self.mock.lost(self.call)

    def data_received(self, data: bytes) -> None:
        """Collect a whole request."""
        self.buffer += data
        self._next()

    def _next(self) -> None:
        end = self.buffer.find(b"\r\n\r\n")
        if self.answering or end < 0:
            return
        head = bytes(self.buffer[:end])
        length = LENGTH.search(head)
        total = end + 4 + (int(length[1]) if length else 0)
        if len(self.buffer) < total:
            return
        body = bytes(self.buffer[end + 4 : total])
        del self.buffer[:total]
        self.answering = True
        method, path, _ = head.split(b" ", 2)
        self._route(method, path.decode(), body)

    def _route(self, method: bytes, path: str, body: bytes) -> None:
        if path.endswith("/chat/completions"):
            self.mock.chat(self, body)
        elif path == "/ctl/start":
            self.mock.start(Plan(**json.loads(body)))
            self.send(200, {})
        elif path == "/ctl/mark":
            self.mock.books.marks.append(time.monotonic())
            self.send(200, {})
        elif path == "/ctl/report":
            self.send(200, self.mock.books.report())
        elif method == b"GET":
            self.send(200, MODELS)
        else:
            self.error(404, f"no such path: {path}", "invalid_request_error")

    def completion(self, name: str, content: str, finish: str, prompt_tokens: int, tool: str = "") -> None:
        """A chat completion; its content is the call of a tool when the client wants its reply so."""
        tokens = _tokens(content)
        message: dict[str, Any] = {"role": "assistant", "content": None if tool else content, "refusal": None}
        if tool:
            message["tool_calls"] = [{"id": "call", "type": "function", "function": {"name": tool, "arguments": content}}]
        usage = {"prompt_tokens": prompt_tokens, "completion_tokens": tokens, "total_tokens": prompt_tokens + tokens}
        choice = {"index": 0, "finish_reason": finish, "logprobs": None, "message": message}
        reply = {"id": name, "object": "chat.completion", "created": 1700000000, "model": MODEL}
        self.send(200, {**reply, "choices": [choice], "usage": usage})

    def error(self, status: int, message: str, code: str, retry_after: float | None = None) -> None:
        """An error as OpenAI words it."""
        after = b"" if retry_after is None else b"Retry-After: %g\r\n" % retry_after
        self.send(status, {"error": {"message": message, "type": code, "code": code}}, after)

    def send(self, status: int, value: Any, headers: bytes = b"") -> None:
        """Write a reply; then look whether the next request is here already."""
        body = json.dumps(value, ensure_ascii=False).encode()
        head = b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s\r\n" % (status, len(body), headers)
        self.answering = False
        if not self.transport.is_closing():
            self.transport.write(head + body)
            self._next()


def _chars(request: dict[str, Any]) -> int:
    """Characters of the messages; content may come in parts."""
    contents = [message.get("content") or "" for message in request.get("messages", [])]
    texts = [[one] if isinstance(one, str) else [part.get("text", "") for part in one] for one in contents]
    return sum(len(text) for parts in texts for text in parts)


def _tool(request: dict[str, Any]) -> str:
    """The tool that must be called; empty when the reply is wanted as text."""
    tools = request.get("tools") or []
    return str(tools[0]["function"]["name"]) if tools else ""


def _probe_reply(request: dict[str, Any]) -> str:
    """What a client that looks for our abilities wants to see."""
    wanted = request.get("response_format") or {}
    schema = wanted.get("json_schema", {}).get("schema", {})
    return json.dumps(_minimal(schema, schema.get("$defs", {}))) if wanted else "ok"


def _minimal(schema: dict[str, Any], definitions: dict[str, Any]) -> Any:
    """A value that fits a JSON schema, of the plain kind that probes use."""
    if "$ref" in schema:
        return _minimal(definitions[schema["$ref"].split("/")[-1]], definitions)
    if "enum" in schema or "const" in schema:
        return schema.get("enum", [schema.get("const")])[0]
    if "anyOf" in schema:
        return _minimal(schema["anyOf"][0], definitions)
    kind = schema.get("type", "object")
    if kind == "object":
        return {name: _minimal(part, definitions) for name, part in schema.get("properties", {}).items()}
    if kind == "array":
        return [_minimal(schema.get("items", {}), definitions)] * schema.get("minItems", 1)
    return {"integer": schema.get("minimum", 1), "number": schema.get("minimum", 1), "boolean": True, "null": None}.get(
        kind, "ok"
    )


def _tokens(text: str) -> int:
    return max(1, int(len(text) * TOKENS_PER_CHAR))


async def serve(port: int) -> None:
    """Until killed."""
    mock = Mock()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(mock), "127.0.0.1", port, backlog=4096)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


def main() -> None:
    """Run on a free port, or the one that is named."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.llm_server")
    parser.add_argument("--port", type=int, default=0)
    asyncio.run(serve(parser.parse_args().port))


def plan_json(plan: Plan) -> bytes:
    """What POST /ctl/start wants."""
    return json.dumps(dataclasses.asdict(plan)).encode()


if __name__ == "__main__":
    main()
