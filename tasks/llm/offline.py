"""The extractive writer behind a real OpenAI-compatible endpoint on loopback, for machines without a model.

The pipeline talks to it as to any other server, so what runs in a demo and in the tests is what runs in production. The
same request gets the same content. A fault plan makes it as bad as real servers are; which request meets which fault is
decided by a hash of the prompt, so a run can be repeated.

    python -m tasks.llm.offline --port 0        # prints one JSON line with the base URL
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, fields
from typing import Any, Literal, cast, get_args

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from tasks.llm.offline_batches import BatchPlan, OfflineBatches
from tasks.llm.writer import write_reply
from tasks.settings import OFFLINE_MODEL
from tasks.text.tokens import estimate_tokens

Fault = Literal[
    "429",
    "no_credit",
    "500",
    "reset",
    "hang",
    "drip",
    "filtered",
    "no_completion",
    "broken_json",
    "wrong_schema",
    "truncated",
    "refusal",
]
FAULTS: tuple[Fault, ...] = get_args(Fault)
ERRORS: dict[Fault, tuple[int, str, str]] = {
    "429": (429, "rate_limit_exceeded", "Rate limit reached"),
    "no_credit": (429, "insufficient_quota", "You exceeded your current quota"),
    "500": (500, "server_error", "The server had an error"),
    "filtered": (400, "content_filter", "The prompt was filtered"),
}


@dataclass(frozen=True)
class FaultPlan:
    """How bad the server is. `shares` of the prompts meet a fault, `always` maps a text in the prompt to one.

    With `first_only` a fault hits the first request for a prompt and not its retries; `always` hits every one. `batch` is how
    bad the batch API is.
    """

    shares: dict[Fault, float] = field(default_factory=dict)
    always: dict[str, Fault] = field(default_factory=dict)
    first_only: bool = True
    retry_after: float = 0.05
    hang_seconds: float = 30.0
    latency: float = 0.0
    api_key: str = ""
    seed: int = 1
    batch: BatchPlan = field(default_factory=BatchPlan)


@dataclass
class Stats:
    """What the server has seen. A prompt is paid when it got a completion, good or bad."""

    requests: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)
    paid: Counter[str] = field(default_factory=Counter)

    def report(self) -> dict[str, Any]:
        """Requests, prompts paid for, and how many of those payments were not the first."""
        twice = sum(self.paid.values()) - len(self.paid)
        return {"requests": self.requests, "paid": len(self.paid), "paid_twice": twice, "faults": dict(self.faults)}


def create_app(plan: FaultPlan | None = None) -> FastAPI:
    """The application: /v1/models, /v1/chat/completions, files and batches, and /ctl for tests."""
    app = FastAPI(title=OFFLINE_MODEL, docs_url=None, redoc_url=None, openapi_url=None)
    server = _Server(plan or FaultPlan())
    app.add_api_route("/v1/models", server.models, methods=["GET"], response_model=None)
    app.add_api_route("/v1/chat/completions", server.complete, methods=["POST"], response_model=None)
    app.add_api_route("/ctl/stats", server.stats.report, methods=["GET"], response_model=None)
    OfflineBatches(app, server.answer, server.refuse, server.plan.batch)
    return app


class _Server:
    def __init__(self, plan: FaultPlan) -> None:
        self.plan = plan
        self.stats = Stats()

    async def models(self) -> dict[str, Any]:
        model = {"id": OFFLINE_MODEL, "object": "model", "created": 0, "owned_by": "jeongdap"}
        return {"object": "list", "data": [model]}

    async def complete(self, request: Request) -> Response:
        self.stats.requests += 1
        return self.refuse(request) or await self.answer(await request.body())

    def refuse(self, request: Request) -> Response | None:
        """What who has the wrong key gets."""
        key = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self.plan.api_key and key != self.plan.api_key:
            return _error(401, f"Incorrect API key provided: {key}", "invalid_api_key")  # some servers do repeat it
        return None

    async def answer(self, request: bytes) -> Response:
        """What a request gets, as its body or as a line of a batch."""
        try:
            body = json.loads(request)
            messages = [(str(m["role"]), str(m["content"])) for m in body["messages"]]
        except (ValueError, KeyError, TypeError, RecursionError) as exc:
            return _error(400, f"not a chat completion request: {exc!r}", "invalid_request_error")
        if body.get("stream"):
            return _error(400, "streaming is not supported", "invalid_request_error")
        if body.get("model") != OFFLINE_MODEL:
            return _error(404, f"The model {body.get('model')!r} does not exist", "model_not_found")
        return await self._reply(body, messages)

    async def _reply(self, body: dict[str, Any], messages: list[tuple[str, str]]) -> Response:
        fault = self._fault(messages)
        if fault:
            self.stats.faults[fault] += 1
        await asyncio.sleep(self.plan.hang_seconds if fault == "hang" else self.plan.latency)
        if fault in ERRORS:
            status, code, message = ERRORS[fault]
            return _error(status, message, code, {"Retry-After": f"{self.plan.retry_after:g}"} if fault == "429" else None)
        if fault == "no_completion":
            return Response("<html>Please sign in</html>", media_type="text/html")
        if fault == "reset":
            return _Broken()
        if fault == "drip":
            return StreamingResponse(_drip(self.plan.hang_seconds), media_type="application/json")
        self.stats.paid[_digest(body)] += 1
        return JSONResponse(_completion(body, messages, fault), headers={"x-request-id": f"req_{_digest(body)[:16]}"})

    def _fault(self, messages: list[tuple[str, str]]) -> Fault | None:
        """Decided by the prompt as first sent: a correction that is appended does not change the dice."""
        prompt = "\n".join(text for _, text in messages[:2])
        for text, fault in self.plan.always.items():
            if text in prompt:
                return fault
        digest = _digest(prompt)
        self.stats.seen[digest] += 1
        attempt = self.stats.seen[digest]
        if self.plan.first_only and attempt > 1:
            return None
        dice = int(_digest([self.plan.seed, digest, attempt])[:12], 16) / 16**12
        for fault in FAULTS:
            dice -= self.plan.shares.get(fault, 0.0)
            if dice < 0:
                return fault
        return None


class _Broken(Response):
    """A response that promises more bytes than it sends: the connection breaks in the middle."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"id": "chatcmpl', "more_body": False})


async def _drip(seconds: float) -> AsyncIterator[bytes]:
    """A body that never quite ends: no single read takes long."""
    for _ in range(int(seconds / 0.1)):
        yield b" "
        await asyncio.sleep(0.1)


def _completion(body: dict[str, Any], messages: list[tuple[str, str]], fault: Fault | None) -> dict[str, Any]:
    content: str | None = write_reply(messages, body.get("response_format"))
    finish, refusal = "stop", None
    assert content is not None
    if fault == "broken_json":
        content = content[: -max(3, len(content) // 3)]
    elif fault == "wrong_schema":
        content = json.dumps({"answer": content}, ensure_ascii=False)
    elif fault == "truncated":
        content, finish = content[: len(content) // 2], "length"
    elif fault == "refusal":
        content, refusal = None, "I can't help with that."
    prompt = sum(estimate_tokens(text) for _, text in messages)
    completion = estimate_tokens(content or "")
    return {
        "id": f"chatcmpl-{_digest(body)[:24]}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": OFFLINE_MODEL,
        "choices": [
            {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": content, "refusal": refusal}}
        ],
        "usage": {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion},
    }


def _error(status: int, message: str, code: str, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"error": {"message": message, "type": code, "code": code}}, status, headers)


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def serve(
    port: int = 0, host: str = "127.0.0.1", plan: FaultPlan | None = None, until_stdin_closes: bool = False, out: Any = None
) -> None:
    """Serve until stopped. Port 0 takes a free one. One JSON line with the base URL is written when clients can connect."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(512)
        url = f"http://{host}:{listener.getsockname()[1]}/v1"
        out = out or sys.stdout
        out.write(json.dumps({"url": url, "pid": os.getpid()}) + "\n")
        out.flush()
        server = uvicorn.Server(uvicorn.Config(create_app(plan), log_level="critical", access_log=False, lifespan="off"))
        if until_stdin_closes:
            threading.Thread(target=_stop_at_eof, args=(server,), daemon=True).start()
        server.run(sockets=[listener])


def _stop_at_eof(server: uvicorn.Server) -> None:
    """Standard input is a pipe from the parent: it closes when the parent ends, however it ends."""
    while sys.stdin.buffer.read(4096):
        pass
    server.should_exit = server.force_exit = True


def main(argv: list[str] | None = None) -> None:
    """The server as a process of its own."""
    parser = argparse.ArgumentParser(prog="python -m tasks.llm.offline", description="Serve the extractive writer on loopback.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end with the parent process")
    parser.add_argument(
        "--plan", default="{}", help=f"fault plan as JSON, for tests: {', '.join(f.name for f in fields(FaultPlan))}"
    )
    options = parser.parse_args(argv)
    given = cast("dict[str, Any]", json.loads(options.plan))
    plan = FaultPlan(**given | {"batch": BatchPlan(**given.get("batch", {}))})
    serve(options.port, options.host, plan, options.until_stdin_closes)


if __name__ == "__main__":
    main()
