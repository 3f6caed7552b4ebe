"""An endpoint that misbehaves on demand, byte by byte: raw sockets, so that nothing between us and the client mends it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import BaseModel

from tasks.llm.asks import Ask, Endpoint
from tasks.settings import ModelSettings

RESET: Final = "reset"  # what follows is never sent: the connection breaks
Part = bytes | float | str  # bytes to send, seconds to wait, or RESET
KEY = "sk-distinctive/Zq83+hJt5vKw=="


class Word(BaseModel):
    word: str


@dataclass(frozen=True)
class Seen:
    """A request as it came."""

    number: int
    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def prompt(self) -> str:
        """What the user said first."""
        return next((str(m["content"]) for m in self.body.get("messages", []) if m["role"] == "user"), "")


Act = Callable[[Seen], Iterable[Part]]


@dataclass
class BadServer:
    """Where it listens and what it has seen; `act` may be changed at any time. `up` False: nothing is accepted."""

    act: Act
    endpoint: Endpoint = field(default_factory=lambda: Endpoint("", ""))
    seen: list[Seen] = field(default_factory=list)
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    most_at_once: int = 0
    _at_once: int = 0
    _server: asyncio.Server | None = None
    _port: int = 0
    _tls: ssl.SSLContext | None = None

    @property
    def asked(self) -> int:
        """How many completions were asked for."""
        return sum(seen.method == "POST" for seen in self.seen)

    async def listen(self, tls: ssl.SSLContext | None) -> None:
        self._tls = tls or self._tls
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port, ssl=self._tls, limit=2**22)
        self._port = self._server.sockets[0].getsockname()[1]
        self.endpoint = Endpoint(f"http{'s' if self._tls else ''}://127.0.0.1:{self._port}/v1", KEY)

    def down(self) -> None:
        """Stop accepting."""
        assert self._server
        self.loop.call_soon_threadsafe(self._server.close)

    def up(self) -> None:
        """Accept again, on the same port."""
        asyncio.run_coroutine_threadsafe(self.listen(None), self.loop).result(10)

    async def end(self) -> None:
        """Break off whatever is going on."""
        assert self._server
        self._server.close()
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError), contextlib.closing(writer):
            seen = await self._read(reader, writer)
            self.seen.append(seen)
            for part in self.act(seen):
                if isinstance(part, bytes):
                    writer.write(part)
                    await writer.drain()
                elif isinstance(part, str):
                    writer.transport.abort()
                    break
                else:
                    await asyncio.sleep(part)
        self._at_once -= 1

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Seen:
        first = await reader.readexactly(1)
        if not first.isalpha():
            raise ConnectionError(writer.write(error("400 Bad Request")))
        head = (first + await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        return Seen(len(self.seen), method, path, headers, json.loads(body or b"{}"))


@contextlib.contextmanager
def bad_server(act: Act, tls: ssl.SSLContext | None = None) -> Iterator[BadServer]:
    server = BadServer(act)
    thread = threading.Thread(target=server.loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(server.listen(tls), server.loop).result(10)
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(server.end(), server.loop).result(10)
        server.loop.call_soon_threadsafe(server.loop.stop)
        thread.join(10)
        server.loop.close()


def http(body: bytes, status: str = "200 OK", version: str = "HTTP/1.1", **headers: str) -> bytes:
    """A whole response. Underscores in header names stand for dashes; a header of None text is left out."""
    fields = {"Content-Type": "application/json", "Content-Length": str(len(body)), "Connection": "close"}
    fields |= {name.replace("_", "-").title(): value for name, value in headers.items()}
    lines = [f"{version} {status}", *(f"{name}: {value}" for name, value in fields.items() if value)]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def reply(content: Any = '{"word": "안녕"}', finish: Any = "stop", usage: Any = (10, 5), **more: Any) -> dict[str, Any]:
    """A chat completion. A pair for usage is tokens in and out."""
    if isinstance(usage, tuple):
        usage = {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)}
    message = {"role": "assistant", "content": content, "refusal": None}
    choices = [{"index": 0, "finish_reason": finish, "message": message}]
    return {"id": "c", "object": "chat.completion", "model": "m", "choices": choices, "usage": usage} | more


def ok(value: Any = None, **headers: str) -> bytes:
    """Status 200 with a value as JSON; a good reply when there is none."""
    return http(json.dumps(reply() if value is None else value).encode(), **headers)


def error(status: str, message: str = "no", code: str | None = None, **headers: str) -> bytes:
    return http(json.dumps({"error": {"message": message, "type": "e", "code": code}}).encode(), status, **headers)


def good(seen: Seen) -> Iterable[Part]:
    """What a server should do."""
    yield ok({"object": "list", "data": []}) if seen.method == "GET" else ok()


def then(*answers: bytes | list[Part]) -> Act:
    """One answer after the other to what is asked of it; the last one again and again."""
    count = iter(range(10**9))

    def act(seen: Seen) -> Iterable[Part]:
        if seen.method == "GET":
            return [ok({"object": "list", "data": []})]
        answer = answers[min(next(count), len(answers) - 1)]
        return [answer] if isinstance(answer, bytes) else answer

    return act


def words(count: int, start: int = 0) -> list[Ask]:
    """Small asks, all different."""
    return [Ask(f"w{n}", "word", "Say one word.", f"Word number {n}, please.", Word) for n in range(start, start + count)]


def model(server: BadServer, **changes: Any) -> ModelSettings:
    known = {"structured": "json_object", "token_parameter": "max_tokens", "max_tokens": 64, "concurrency": 4, "seconds": 20}
    return ModelSettings(**{"base_url": server.endpoint.base_url, "model": "m", **known, **changes})
