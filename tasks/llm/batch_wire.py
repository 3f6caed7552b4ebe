"""The batch half of an OpenAI-compatible endpoint: files, batches and lines, as values.

Whatever goes wrong with a call is one exception that carries its outcome; nothing is tried again here.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx2
from pydantic import BaseModel, ValidationError

from tasks.llm.asks import NO_TEXT, is_completion
from tasks.llm.wire import CONNECT_SECONDS, FAILURES, FILTERED, KEPT_OF_OVERSIZED, Broken, Outcome, Received, Refused, Wire

T = TypeVar("T", bound=BaseModel)

URL = "/v1/chat/completions"  # of every line, and of the batch
WINDOW = "24h"
OURS = "jeongdap"  # the name of our batch id in the metadata
PAGE, MOST_PAGES = 100, 50  # batches of a listing
LINES_AT_A_TIME = 100
UPLOAD = httpx2.Timeout(3600.0, connect=CONNECT_SECONDS)  # the answer is waited for from the first byte of the file on
PASSING = (408, 409, 429)  # and 5xx: what another try may mend
LINE_BREAKS = {char.encode(): f"\\u{ord(char):04x}".encode() for char in "\x85\u2028\u2029"}  # to some readers of lines
CUSTOM_ID = re.compile(rb'"custom_id"\s*:\s*"([0-9a-f]{64})"')


class TroubleError(Exception):
    """A call brought no result; `outcome` says what it brought."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome)
        self.outcome = outcome


class _Fault(BaseModel):
    code: str | None = None
    message: str | None = None
    line: int | None = None


class _Faults(BaseModel):
    data: list[_Fault] | None = None


class Remote(BaseModel):
    """A batch as the endpoint shows it, as far as we need it."""

    id: str
    status: str
    output_file_id: str | None = None
    error_file_id: str | None = None
    errors: _Faults | None = None
    metadata: dict[str, Any] | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self.status in ("completed", "failed", "expired", "cancelled")

    @property
    def faults(self) -> list[_Fault]:
        """Why it failed."""
        return (self.errors and self.errors.data) or []

    @property
    def is_too_much_now(self) -> bool:
        """Whether it failed because other batches are under way."""
        return any(fault.code == "token_limit_exceeded" for fault in self.faults)

    @property
    def why(self) -> str:
        """Why it failed, in the server's words."""
        said = [f"line {fault.line}: {fault.message}" if fault.line else str(fault.message) for fault in self.faults[:3]]
        return "; ".join(said) or "without a reason"


class _Page(BaseModel):
    data: list[Remote]
    has_more: bool = False


class _File(BaseModel):
    id: str


@dataclass(frozen=True, slots=True)
class Came:
    """A line with a reply that was paid for."""

    key: str
    received: Received


@dataclass(frozen=True, slots=True)
class Erred:
    """A line without one. `refused`: another try would not mend it; `billed`: the server did the work all the same."""

    key: str
    refused: Refused | None
    billed: bool = False


@dataclass(frozen=True, slots=True)
class RawLine:
    """A line as it came; of an oversized one only the head."""

    text: bytes
    oversized: bool = False


class BatchWire:
    """Calls to one endpoint. Every method raises TroubleError."""

    def __init__(self, wire: Wire, most_bytes: int) -> None:
        self._wire = wire
        self._most_bytes = most_bytes

    async def find(self, batch: str) -> Remote | None:
        """The batch that carries our id, unless it failed: then nothing was done."""
        after: dict[str, str] = {}
        for _ in range(MOST_PAGES):
            page = _parsed(_Page, await self._get(f"/batches?limit={PAGE}", after))
            for remote in page.data:
                if (remote.metadata or {}).get(OURS) == batch and remote.status != "failed":
                    return remote
            if not page.has_more or not page.data:
                return None
            after = {"after": page.data[-1].id}
        return None

    async def upload(self, path: Path) -> str:
        """Put a file of requests there; its id."""
        with path.open("rb") as file, _troubles(self._wire):
            response = await self._wire.client.post(
                "/files",
                cast_to=httpx2.Response,
                body={"purpose": "batch"},
                files=[("file", (path.name, file, "application/jsonl"))],
                options={"headers": {"Content-Type": "multipart/form-data"}, "timeout": UPLOAD},
            )
        return _parsed(_File, self._wire.hide(response.text)).id

    async def create(self, file: str, batch: str) -> Remote:
        """Have the requests of a file answered."""
        body = {"input_file_id": file, "endpoint": URL, "completion_window": WINDOW, "metadata": {OURS: batch}}
        with _troubles(self._wire):
            response = await self._wire.client.post("/batches", cast_to=httpx2.Response, body=body)
        return _parsed(Remote, self._wire.hide(response.text))

    async def get(self, remote: str) -> Remote:
        """How far a batch is."""
        return _parsed(Remote, await self._get(f"/batches/{remote}"))

    async def lines(self, file: str) -> AsyncIterator[list[RawLine]]:
        """The lines of a result file, some at a time, as they come."""
        splitter = _Splitter(self._most_bytes)
        waiting: list[RawLine] = []
        with _troubles(self._wire):
            async with self._wire.client.files.with_streaming_response.content(file) as response:
                async for part in response.iter_bytes():
                    waiting += splitter.feed(part)
                    if len(waiting) >= LINES_AT_A_TIME:
                        yield waiting
                        waiting = []
        yield [*waiting, *splitter.rest()]

    def read(self, raw: RawLine) -> Came | Erred | None:
        """What a line says; None when it says nothing that we understand."""
        if raw.oversized:
            found = CUSTOM_ID.search(raw.text)
            return Came(found[1].decode(), Received("", "", oversized=True)) if found else None
        line = _object(raw.text)
        key = line.get("custom_id")
        if not isinstance(key, str):
            return None
        response = line.get("response")
        response = response if isinstance(response, dict) else {}
        if response.get("status_code") == 200:
            return self._reply(key, response)
        return Erred(key, self._refusal(response))

    def _reply(self, key: str, response: dict[str, Any]) -> Came | Erred:
        text = json.dumps(response.get("body"), ensure_ascii=False)
        text = self._wire.hide(json.dumps(response.get("body")) if NO_TEXT.search(text) else text)
        if not is_completion(text):
            return Erred(key, None, billed=True)
        request = response.get("request_id")
        return Came(key, Received(text, request if isinstance(request, str) else ""))

    def _refusal(self, response: dict[str, Any]) -> Refused | None:
        """The refusal of one request; None when another try may mend it."""
        status, body = response.get("status_code"), response.get("body")
        if not isinstance(status, int) or not 400 <= status < 500 or status in PASSING:
            return None
        error = body.get("error") if isinstance(body, dict) else None
        error = error if isinstance(error, dict) else {}
        said = self._wire.said(f"HTTP {status}: {error.get('message') or body}")
        return Refused(status, said, error.get("code") in FILTERED)

    async def _get(self, path: str, query: dict[str, str] | None = None) -> str:
        with _troubles(self._wire):
            response = await self._wire.client.get(path, cast_to=httpx2.Response, options={"params": query or {}})
        return self._wire.hide(response.text)


@contextlib.contextmanager
def _troubles(wire: Wire) -> Iterator[None]:
    try:
        yield
    except FAILURES as exc:
        raise TroubleError(wire.failure(exc)) from None  # which might tell our key


def _parsed(kind: type[T], text: str) -> T:
    try:
        return kind.model_validate_json(text)
    except ValidationError:
        raise TroubleError(Broken(f"HTTP 200 that is no answer of a batch API: {' '.join(text.split())[:200]}")) from None


def _object(text: bytes) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


class _Splitter:
    """Cuts what comes in pieces of any size at its line ends. A line that is too long is cut off, and its rest passed over."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._open = bytearray()
        self._oversized = False

    def feed(self, part: bytes) -> list[RawLine]:
        """The lines that end in this piece."""
        *ended, rest = part.split(b"\n")
        lines = []
        for piece in ended:
            self._grow(piece)
            lines += self.rest()
        self._grow(rest)
        return lines

    def rest(self) -> list[RawLine]:
        """The line that is open, unless it is empty."""
        text, oversized = bytes(self._open), self._oversized
        self._open.clear()
        self._oversized = False
        return [RawLine(text, oversized)] if text.strip() else []

    def _grow(self, piece: bytes) -> None:
        if not self._oversized:
            self._open += piece
        if len(self._open) > self._most:
            self._oversized = True
            del self._open[min(self._most, KEPT_OF_OVERSIZED) :]


def request_line(key: str, request: bytes) -> bytes:
    """The line of a batch file for a request, given as JSON."""
    for char, escaped in LINE_BREAKS.items():
        request = request.replace(char, escaped)
    return f'{{"custom_id": "{key}", "method": "POST", "url": "{URL}", "body": '.encode() + request + b"}\n"
