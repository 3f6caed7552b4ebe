"""One request to an OpenAI-compatible endpoint, and what came of it as a value: no retries, no policy.

The import of openai takes seconds: import this module inside the function that needs it.
"""

from __future__ import annotations

import asyncio
import contextlib
import email.utils
import logging
import random
import re
import ssl
import time
import zlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp
import httpx2
import openai
from openai._types import RequestOptions

from tasks.errors import LlmError
from tasks.llm.asks import NO_TEXT, Endpoint, envelope, is_completion
from tasks.llm.local import refuse_if_public
from tasks.settings import ModelSettings

JSON: RequestOptions = {"headers": {"Content-Type": "application/json"}, "idempotency_key": "none"}  # or the SDK makes one a call
CONNECT_SECONDS = 10.0
PROBE_SECONDS = 5.0
LONGEST_RETRY_AFTER = 120.0
KEPT_OF_OVERSIZED = 64 * 2**10
FILTERED = ("content_filter", "content_policy_violation")  # an error status, but a refusal of this text alone
LONGEST_SAID = 500
FAILURES = (openai.OpenAIError, httpx2.HTTPError, aiohttp.ClientError, OSError, ValueError)  # what a call may raise
# What was never sent. The transport makes a ConnectTimeout of a connection that breaks later, too, so only its causes tell.
UNSENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError, aiohttp.InvalidURL)
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
TALKING = ("openai._base_client", "httpx2")  # loggers that repeat what a server says


@dataclass(frozen=True, slots=True)
class Received:
    """A status 200 that was paid for: a chat completion, or the head of a response that was longer than any completion."""

    text: str
    request_id: str
    oversized: bool = False


@dataclass(frozen=True, slots=True)
class Throttled:
    """Too many requests. `wait` is what the server asks for, in seconds."""

    said: str
    wait: float | None
    no_credit: bool


@dataclass(frozen=True, slots=True)
class Broken:
    """What another try may mend. `billed`: the server may have done the work, and nobody will see its reply."""

    said: str
    billed: bool = False
    timed_out: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """What another try will not mend. `filtered`: a refusal of this text by the provider's filter."""

    status: int
    said: str
    filtered: bool = False


@dataclass(frozen=True, slots=True)
class Unusable:
    """No endpoint that we could talk to: the certificate, a redirect."""

    said: str


Outcome = Received | Throttled | Broken | Refused | Unusable


class Wire:
    """A connection pool to one endpoint. `post` never raises what the other side brought about."""

    def __init__(self, client: openai.AsyncOpenAI, endpoint: Endpoint, model: ModelSettings) -> None:
        self.client = client
        self._model = model
        self._key = _pattern_of(endpoint.api_key.strip())

    async def post(self, request: bytes) -> Outcome:
        """Send a chat completion request, as JSON; the outcome within the model's `seconds`."""
        try:
            async with asyncio.timeout(self._model.seconds):
                response = await self.client.post("/chat/completions", cast_to=httpx2.Response, content=request, options=JSON)
        except FAILURES as exc:
            return self.failure(exc)
        return self._ok(self.hide(response.text), self.hide(response.headers.get("x-request-id", "")))

    def failure(self, exc: Exception) -> Outcome:
        """What one of FAILURES means."""
        if isinstance(exc, openai.APIStatusError):
            return self._status(exc)
        return self._connection(exc)

    async def is_up(self) -> bool:
        """Whether the server answers anything but an error of its own."""
        try:
            await self.client.get("/models", cast_to=httpx2.Response, options={"timeout": PROBE_SECONDS})
        except openai.APIStatusError as exc:
            return exc.status_code < 500  # not every server lists its models
        except FAILURES:
            return False
        return True

    def hide(self, text: str) -> str:
        """A text of the server's without our key, which some repeat."""
        return self._key.sub("***", text) if self._key else text

    def said(self, text: str) -> str:
        """A text of the server's as people may see it: without our key, on one line, not long."""
        return _short(self.hide(text))

    def _ok(self, text: str, request_id: str) -> Outcome:
        """What a status 200 is. One that tells its usage was paid for, whatever it holds; one that breaks off may have been."""
        used = envelope(text)
        if is_completion(text) or used["prompt_tokens"] or used["completion_tokens"]:
            return Received(text, _short(request_id, 200))
        cut = text.lstrip().startswith("{") and not text.rstrip().endswith("}")
        return Broken(f"HTTP 200 that is no chat completion: {_short(text, 200)}", billed=cut)

    def _status(self, exc: openai.APIStatusError) -> Outcome:
        said = _short(self.hide(f"HTTP {exc.status_code}: {exc.message}"))
        if exc.status_code == 429:
            return Throttled(said, retry_after(exc.response.headers), exc.code == "insufficient_quota")
        if 300 <= exc.status_code < 400:
            where = _short(self.hide(exc.response.headers.get("location", "nowhere")), 200)
            return Unusable(f"redirects to {where}; set base_url to where it really is")
        if exc.status_code in (408, 409) or exc.status_code >= 500:
            return Broken(said)
        return Refused(exc.status_code, said, exc.code in FILTERED)

    def _connection(self, exc: Exception) -> Outcome:
        chain = list(_causes(exc))
        unsent = any(isinstance(cause, UNSENT) for cause in chain)
        for cause in chain:
            if isinstance(cause, _OversizedError):
                return Received(self.hide(cause.head), "", oversized=True) if cause.status == 200 else Broken(str(cause))
            if unsent and _is_bad_tls(cause):
                said = _short(self.hide(str(cause)), 200)
                return Unusable(f"TLS failed ({said}); mend base_url, or let SSL_CERT_FILE name its CA's certificate")
        if any(isinstance(cause, TimeoutError) for cause in chain):
            return Broken(f"no reply within {self._model.seconds:g} s", billed=not unsent, timed_out=True)
        cause = exc.__cause__ or exc
        said = _short(self.hide(str(cause)), 200) or type(cause).__name__
        return Broken(f"connection failed: {said}", billed=not unsent)


@contextlib.asynccontextmanager
async def wire_to(endpoint: Endpoint, model: ModelSettings) -> AsyncIterator[Wire]:
    """The connections to an endpoint. Raises LlmError for a key that cannot be sent and SettingsError for a host that may not
    be asked, before anything is sent.
    """
    if not (endpoint.api_key.isascii() and endpoint.api_key.isprintable()):
        raise LlmError(f"the API key in {model.key_env} holds characters that no HTTP header can carry; set it anew")
    if model.local_only:
        refuse_if_public(endpoint.base_url)
    # A proxy from the environment must not get what is meant for this machine, or for the private network alone.
    near = model.local_only or urlsplit(endpoint.base_url).hostname in ("localhost", "127.0.0.1", "::1")
    connections = model.concurrency + 8
    cap = _Cap(int(model.max_reply_mib * 2**20))
    http = openai.DefaultAioHttpClient(
        limits=httpx2.Limits(max_connections=connections, max_keepalive_connections=connections),
        timeout=httpx2.Timeout(model.seconds, connect=CONNECT_SECONDS),
        verify=httpx2.create_ssl_context(),  # knows SSL_CERT_FILE, whatever is done about proxies
        trust_env=not near,
        follow_redirects=False,  # a POST would become a GET, and our key go elsewhere
        event_hooks={"response": [cap.put_on]},
    )
    client = openai.AsyncOpenAI(
        base_url=endpoint.base_url,
        api_key=endpoint.api_key.strip() or "none",  # a local server may want no key, the SDK insists on one
        max_retries=0,
        http_client=http,
        default_headers={"Accept-Encoding": "identity"},
    )
    wire = Wire(client, endpoint, model)
    with _hidden_in_logs(wire):
        async with client:
            yield wire


class _Hider(logging.Filter):
    """Takes our key out of what libraries log."""

    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self._wire = wire

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self._wire.hide(record.getMessage()), ()
        return True


@contextlib.contextmanager
def _hidden_in_logs(wire: Wire) -> Iterator[None]:
    hider = _Hider(wire)
    loggers = [logging.getLogger(name) for name in TALKING]
    for logger in loggers:
        logger.addFilter(hider)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(hider)


class _OversizedError(httpx2.HTTPError):
    """A response that is longer than any reply we asked for."""

    def __init__(self, status: int, head: bytes, limit: int) -> None:
        super().__init__(f"HTTP {status} with more than {limit} bytes")
        self.status = status
        self.head = head.decode("utf-8", "replace").replace("\0", "")


@dataclass(frozen=True, slots=True)
class _Cap:
    """How many bytes of a response are read."""

    most: int

    async def put_on(self, response: httpx2.Response) -> None:
        """Called for each response before its body is read."""
        if response.request.url.path.endswith("/content"):
            return  # a file of many replies: who reads its lines caps each of them
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        packed = response.headers.pop("content-encoding", "").strip().lower() in ("gzip", "x-gzip", "deflate")
        response.stream = _Capped(response.stream, response.status_code, self.most, packed)
        response.encoding = "utf-8"  # JSON is nothing else, and a server may name any codec of Python's


class _Capped(httpx2.AsyncByteStream):
    """A response up to its cap. One that is packed, which we never ask for, is unpacked here: a little can be very much."""

    def __init__(self, stream: httpx2.AsyncByteStream, status: int, most: int, packed: bool) -> None:
        self._stream, self._status, self._most = stream, status, most
        self._unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32) if packed else None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size, head = 0, b""
        async for raw in self._stream:
            part = self._unpacked(raw, self._most - size + 1)
            size += len(part)
            head += part[: KEPT_OF_OVERSIZED - len(head)]
            if size > self._most:
                raise _OversizedError(self._status, head, self._most)
            yield part

    def _unpacked(self, raw: bytes, most: int) -> bytes:
        try:
            return self._unpacker.decompress(raw, most) if self._unpacker else raw
        except zlib.error as exc:
            raise httpx2.DecodingError(f"cannot be unpacked: {exc}") from exc

    async def aclose(self) -> None:
        await self._stream.aclose()


def retry_after(headers: httpx2.Headers) -> float | None:
    """Seconds that a server asks us to wait, and a little more, lest all workers return together."""
    seconds = None
    with contextlib.suppress(ValueError, TypeError, OverflowError, OSError):
        if milliseconds := headers.get("retry-after-ms"):
            seconds = float(milliseconds) / 1000
        elif value := headers.get("retry-after", ""):
            number = value.replace(".", "", 1).isdigit()
            seconds = float(value) if number else email.utils.parsedate_to_datetime(value).timestamp() - time.time()
    if seconds is None or not 0 < seconds < float("inf"):
        return None
    return min(seconds, LONGEST_RETRY_AFTER) * random.uniform(1.0, 1.25)


def _causes(exc: BaseException | None) -> Iterator[BaseException]:
    while exc is not None:
        yield exc
        exc = exc.__cause__ or exc.__context__


def _is_bad_tls(cause: BaseException) -> bool:
    """A certificate or a protocol, which stay as they are; a server that hangs up in the handshake may be back soon."""
    return isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError)


def _pattern_of(key: str) -> re.Pattern[str] | None:
    """The key as it is and as JSON may write it; None for one so short that it is part of any text."""
    if len(key) <= 3:
        return None
    return re.compile("".join(rf"(?:\\?{re.escape(char)}|\\u00(?i:{ord(char):02x}))" for char in key))


def _short(text: str, longest: int = LONGEST_SAID) -> str:
    """A server's words on one line that a terminal, a file and a database take."""
    return " ".join(CONTROL.sub(" ", NO_TEXT.sub("\ufffd", text)).split())[:longest]
