"""The batch half of the offline endpoint: files and batches, as OpenAI's API has them, each line answered like a live call.

Results come in any order, and the plan makes it as bad as real servers are: requests that expire, lines that are no use,
answers that are lost after the work was done. All is kept in memory.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

Answer = Callable[[bytes], Awaitable[Response]]
Refuse = Callable[[Request], Response | None]
EXPIRED = {"code": "batch_expired", "message": "This request could not be executed before the completion window expired."}
PAGE = 20


@dataclass(frozen=True)
class BatchPlan:
    """How bad it is. `shares` of the requests of a batch meet a fault (`expired`, `vanished`, `500`, `400`, `repeated`,
    `oversized`), the first time that they come. `faults` are the first so many calls of a route that go wrong, as in
    `{"create:lost": 1}`: routes are `list`, `upload`, `create`, `poll` and `content`, what happens is a status, `lost` (done,
    and a 500 for an answer), `cut` or `html`; `after` are the calls of a route that go well before that.

    `seconds` is how long a batch takes, `slow` how long each route does, after its work is done. `broken` and `unknown` lines
    are added to each result, `padding` bytes to an oversized one. The first `failing` batches fail with `failure`, and those
    that come while `most_open` others are not done as well. A new one is not listed for `unlisted_seconds`. `absent`: there
    is no batch API. `forget`: batches are not known when they are asked for.
    """

    seconds: float = 0.0
    shares: dict[str, float] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)
    after: dict[str, int] = field(default_factory=dict)
    slow: dict[str, float] = field(default_factory=dict)
    broken: int = 0
    unknown: int = 0
    padding: int = 2**20
    failing: int = 0
    failure: str = "invalid_json_line"
    most_open: int = 0
    unlisted_seconds: float = 0.0
    absent: bool = False
    forget: bool = False


@dataclass
class BatchStats:
    """What it has seen: calls by route, how often each request was answered, and the most requests and bytes in one file."""

    calls: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    met: Counter[str] = field(default_factory=Counter)
    batches: int = 0
    most_requests: int = 0
    most_bytes: int = 0

    def report(self) -> dict[str, Any]:
        """As JSON."""
        return dict(vars(self))


class OfflineBatches:
    """The routes, on top of `answer`: what a chat completion gets. `refuse` says whether a key is refused."""

    def __init__(self, app: FastAPI, answer: Answer, refuse: Refuse, plan: BatchPlan) -> None:
        self.plan = plan
        self.stats = BatchStats()
        self._answer = answer
        self._refuse = refuse
        self._left = Counter(plan.faults)
        self._files: dict[str, bytes] = {}
        self._batches: dict[str, dict[str, Any]] = {}
        self._made: dict[str, float] = {}
        self._seen: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        for path, method, route in (
            ("/v1/files", "POST", self.upload),
            ("/v1/files/{file}/content", "GET", self.content),
            ("/v1/batches", "POST", self.create),
            ("/v1/batches", "GET", self.listing),
            ("/v1/batches/{batch}", "GET", self.poll),
        ):
            app.add_api_route(path, route, methods=[method], response_model=None)
        app.add_api_route("/ctl/batches", self.stats.report, methods=["GET"], response_model=None)

    async def upload(self, request: Request) -> Response:
        """POST /files."""
        return await self._route("upload", request, lambda: self._upload(request))

    async def content(self, request: Request, file: str) -> Response:
        """GET /files/{file}/content."""
        return await self._route("content", request, lambda: self._content(file))

    async def create(self, request: Request) -> Response:
        """POST /batches."""
        return await self._route("create", request, lambda: self._create(request))

    async def listing(self, request: Request, limit: int = PAGE, after: str = "") -> Response:
        """GET /batches, newest first."""
        return await self._route("list", request, lambda: self._list(limit, after))

    async def poll(self, request: Request, batch: str) -> Response:
        """GET /batches/{batch}."""
        return await self._route("poll", request, lambda: self._poll(batch))

    async def _route(self, name: str, request: Request, work: Callable[[], Awaitable[Response]]) -> Response:
        if self.plan.absent:
            return _error(404, "Not Found")
        if refusal := self._refuse(request):
            return refusal
        begun = self.stats.calls[name] >= self.plan.after.get(name, 0)
        fault = next((fault for fault, left in self._left.items() if begun and left and fault.startswith(f"{name}:")), "")
        self._left[fault] -= bool(fault)
        how = fault.partition(":")[2]
        if how.isdigit():
            return _error(int(how), f"{name} went wrong", {"Retry-After": "0.05"} if how == "429" else None)
        done = await work()
        self.stats.calls[name] += 1
        await asyncio.sleep(self.plan.slow.get(name, 0.0))
        if how == "html":
            return Response("<html>Please sign in</html>", media_type="text/html")
        if how == "cut":
            return StreamingResponse(_cut(bytes(done.body)), headers={"content-length": str(len(done.body))})
        return _error(500, "the answer was lost") if how == "lost" else done

    async def _upload(self, request: Request) -> Response:
        form = _form(request.headers.get("content-type", ""), await request.body())
        if form.get("purpose") != b"batch" or "file" not in form:
            return _error(400, "not a batch file")
        id = f"file-{uuid.uuid4().hex}"
        self._files[id] = form["file"]
        return JSONResponse({"id": id, "object": "file", "bytes": len(form["file"]), "purpose": "batch", "status": "processed"})

    async def _content(self, file: str) -> Response:
        if file not in self._files:
            return _error(404, f"No such File object: {file}")
        return Response(self._files[file], media_type="application/octet-stream")

    async def _create(self, request: Request) -> Response:
        body = json.loads(await request.body())
        if body.get("completion_window") != "24h" or body.get("input_file_id") not in self._files:
            return _error(400, "Invalid completion_window or input_file_id")
        open_now = [batch for batch in self._batches.values() if batch["status"] in ("validating", "in_progress")]
        self.stats.batches += 1
        batch: dict[str, Any] = {
            "id": f"batch_{uuid.uuid4().hex}",
            "object": "batch",
            "endpoint": body["endpoint"],
            "errors": None,
            "input_file_id": body["input_file_id"],
            "completion_window": "24h",
            "status": "validating",
            "output_file_id": None,
            "error_file_id": None,
            "created_at": int(time.time()),
            "request_counts": {"total": 0, "completed": 0, "failed": 0},
            "metadata": body.get("metadata"),
        }
        self._batches[batch["id"]] = batch
        self._made[batch["id"]] = time.monotonic()
        shown = dict(batch)
        code = "token_limit_exceeded" if 0 < self.plan.most_open <= len(open_now) else ""
        code = code or (self.plan.failure if self.stats.batches <= self.plan.failing else "")
        task = asyncio.create_task(self._work(batch, code))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return JSONResponse(shown)

    async def _list(self, limit: int, after: str) -> Response:
        listed = time.monotonic() - self.plan.unlisted_seconds
        newest = [batch for id, batch in self._batches.items() if self._made[id] <= listed][::-1]
        start = next((place + 1 for place, batch in enumerate(newest) if batch["id"] == after), 0)
        page = newest[start : start + limit]
        return JSONResponse({"object": "list", "data": page, "has_more": start + limit < len(newest)})

    async def _poll(self, batch: str) -> Response:
        if batch not in self._batches or self.plan.forget:
            return _error(404, f"No batch found with id '{batch}'.")
        return JSONResponse(self._batches[batch])

    async def _work(self, batch: dict[str, Any], code: str) -> None:
        raw = self._files[batch["input_file_id"]]
        fault = {"code": code, "message": f"{code} in this file", "line": 1, "param": None} if code else _invalid(raw)
        if fault:
            batch.update(status="failed", errors={"object": "list", "data": [fault]})
            return
        lines = [json.loads(line) for line in raw.splitlines()]
        self.stats.most_requests = max(self.stats.most_requests, len(lines))
        self.stats.most_bytes = max(self.stats.most_bytes, len(raw))
        batch["status"] = "in_progress"
        await asyncio.sleep(self.plan.seconds)
        output, errors = await self._answer_all(lines)
        batch["status"] = "finalizing"
        counts = {"total": len(lines), "completed": len(output), "failed": len(lines) - len(output)}
        batch.update(
            status="expired" if any(EXPIRED["code"] in line for line in errors) else "completed",
            output_file_id=self._put(output),
            error_file_id=self._put(errors),
            request_counts=counts,
        )

    async def _answer_all(self, lines: list[dict[str, Any]]) -> tuple[list[str], list[str]]:
        output: list[str] = []
        errors: list[str] = []
        for line in lines:
            fault = self._fault(line["custom_id"])
            self.stats.met.update([fault] if fault else [])
            if fault in ("expired", "500", "400"):
                errors.append(_line(line["custom_id"], *_failure(fault)))
            elif fault != "vanished":
                answer = await self._answer(json.dumps(line["body"]).encode())
                (output if answer.status_code == 200 else errors).extend(self._result(line["custom_id"], answer, fault))
        output += ['{"id": "batch_req_1", "custom_id": "'] * self.plan.broken
        output += [_line(f"nobody-{number}", {"status_code": 200, "body": {}}, None) for number in range(self.plan.unknown)]
        random.shuffle(output)
        return output, errors

    def _result(self, key: str, answer: Response, fault: str) -> list[str]:
        self.stats.answered[key] += answer.status_code == 200
        try:
            body = json.loads(bytes(answer.body))
        except (ValueError, AttributeError):  # what a live call would see as a broken connection, or a page
            body = "" if isinstance(answer, StreamingResponse) else bytes(answer.body).decode("utf-8", "replace")
        if fault == "oversized":
            body["choices"][0]["message"]["content"] = "x" * self.plan.padding
        response = {"status_code": answer.status_code, "request_id": f"req_{key[:8]}", "body": body}
        return [_line(key, response, None)] * (2 if fault == "repeated" else 1)

    def _fault(self, key: str) -> str:
        self._seen[key] += 1
        if self._seen[key] > 1:
            return ""
        dice = int(hashlib.sha256(key.encode()).hexdigest()[:12], 16) / 16**12
        for fault, share in self.plan.shares.items():
            dice -= share
            if dice < 0:
                return fault
        return ""

    def _put(self, lines: list[str]) -> str | None:
        if not lines:
            return None
        id = f"file-{uuid.uuid4().hex}"
        self._files[id] = "".join(f"{line}\n" for line in lines).encode()
        return id


def _line(key: str, response: dict[str, Any] | None, error: dict[str, str] | None) -> str:
    return json.dumps({"id": f"batch_req_{uuid.uuid4().hex}", "custom_id": key, "response": response, "error": error})


def _failure(fault: str) -> tuple[dict[str, Any] | None, dict[str, str] | None]:
    """Response and error of a request that was not answered."""
    if fault == "expired":
        return None, EXPIRED
    error = {"message": "The server had an error" if fault == "500" else "The request is not valid", "code": fault}
    return {"status_code": int(fault), "request_id": "", "body": {"error": error}}, None


def _invalid(raw: bytes) -> dict[str, Any] | None:
    """Why a file is refused as a whole."""
    if not raw.strip():
        return {"code": "empty_file", "message": "The input file is empty.", "line": None}
    seen: set[str] = set()
    for number, line in enumerate(raw.splitlines(), start=1):
        try:
            request = json.loads(line)
            known = request["custom_id"] in seen
            seen.add(request["custom_id"])
            well = (request["method"], request["url"]) == ("POST", "/v1/chat/completions") and isinstance(request["body"], dict)
        except (ValueError, KeyError, TypeError):
            return {"code": "invalid_json_line", "message": "This line is not parseable as valid JSON.", "line": number}
        if known or not well:
            code = "duplicate_custom_id" if known else "invalid_request"
            return {"code": code, "message": f"The request is no good: {code}", "line": number}
    return None


def _form(kind: str, body: bytes) -> dict[str, bytes]:
    """The parts of a multipart form by name."""
    boundary = kind.partition("boundary=")[2].strip('"').encode()
    parts: dict[str, bytes] = {}
    for part in body.split(b"--" + boundary)[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        name = head.partition(b'name="')[2].partition(b'"')[0].decode()
        parts[name] = content.removesuffix(b"\r\n")
    return parts


async def _cut(body: bytes) -> AsyncIterator[bytes]:
    """Half of a body whose whole length was promised."""
    yield body[: len(body) // 2]


def _error(status: int, message: str, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"error": {"message": message, "type": "error", "code": str(status)}}, status, headers)
