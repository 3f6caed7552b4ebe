"""The servers that jeongdap runs itself on one machine, each only for as long as somebody needs it.

A server that already runs for this project is used and left running; one that was started here is stopped here. Every child
holds the other end of a pipe as its standard input and ends when that closes, so nothing outlives a killed parent.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ValidationError

from flows.prefect_server import server_environment
from flows.progress import LOGGER_NAME
from review.embedded import free_port
from tasks.errors import ServiceError
from tasks.store import STATE_FOLDER, write_atomic

START_SECONDS = 180  # a first start migrates a database: 16 CPU s, more on a loaded machine
STOP_SECONDS = 15


class Running(BaseModel):
    """A server of this project that somebody started: where it listens and its process."""

    url: str
    pid: int


@contextlib.contextmanager
def prefect_api(project: Path, port: int) -> Iterator[str]:
    """The URL of a Prefect API, set in the environment for the time of the context. Must be entered before prefect is imported.

    PREFECT_API_URL in the environment names a server of the user's own; else the project's embedded server is used.
    Raises ServiceError when it does not answer, or does not start.
    """
    home = project / STATE_FOLDER / "prefect"
    own = os.environ.get("PREFECT_API_URL")
    if own and not reachable(own):
        raise ServiceError(
            f"PREFECT_API_URL is {own}, where nothing answers; start that server, or unset it to use an embedded one"
        )
    with contextlib.ExitStack() as stack:
        url = own or stack.enter_context(_embedded_prefect(home, port))
        home.mkdir(parents=True, exist_ok=True)  # Prefect warns at import where its home is missing
        os.environ.update(_client_environment(home, url))
        try:
            yield url
        finally:
            _flush_logs()
            if not own:
                os.environ.pop("PREFECT_API_URL", None)


@contextlib.contextmanager
def offline_writer(project: Path) -> Iterator[str]:
    """The base URL of the built-in extractive writer, running for the time of the context. Raises ServiceError."""
    log = project / STATE_FOLDER / "writer.log"
    command = [sys.executable, "-P", "-m", "tasks.llm.offline", "--port", "0", "--until-stdin-closes"]
    with _child(command, log, os.environ.copy(), talks=True) as child:
        line = child.stdout.readline() if child.stdout else b""
        try:
            url = str(json.loads(line)["url"])
        except (ValueError, KeyError, TypeError):
            raise ServiceError(f"the extractive writer did not start; its log: {log}") from None
        yield url


def answers(url: str) -> bool:
    """Whether a GET of the URL gives 200."""
    with contextlib.suppress(urllib.error.URLError, OSError, ValueError), urllib.request.urlopen(url, timeout=5) as reply:
        return bool(reply.status == 200)
    return False


def reachable(url: str) -> bool:
    """Whether anything answers there over HTTP, be it with a refusal."""
    try:
        urllib.request.urlopen(url, timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except (urllib.error.URLError, OSError, ValueError):
        return False
    return True


@contextlib.contextmanager
def _embedded_prefect(home: Path, port: int) -> Iterator[str]:
    record = home / "server.json"
    if running := _running(record):
        yield running.url
        return
    home.mkdir(parents=True, exist_ok=True)
    port = free_port(port)
    url = f"http://127.0.0.1:{port}/api"
    log = home / "server.log"
    command = [sys.executable, "-P", "-m", "flows.prefect_server", "--home", str(home.resolve()), "--port", str(port)]
    with _child(command, log, {**os.environ, **server_environment(home.resolve(), port)}) as child:
        _wait(child, f"{url}/health", "the Prefect server", log)
        write_atomic(record, Running(url=url, pid=child.pid).model_dump_json().encode())
        try:
            yield url
        finally:
            record.unlink(missing_ok=True)


def _client_environment(home: Path, url: str) -> dict[str, str]:
    return {
        "PREFECT_HOME": str(home.resolve()),
        "PREFECT_API_URL": url,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        # What we say goes to Prefect's UI too; the terminal is ours, and an error is told there once, by the command line.
        "PREFECT_LOGGING_EXTRA_LOGGERS": LOGGER_NAME,
        "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",  # what is said outside a flow is for the terminal alone
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": os.environ.get("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL"),
    }


def _flush_logs() -> None:
    """Send what Prefect still holds back, while its server is there to take it."""
    if "prefect" in sys.modules:
        from prefect.logging.handlers import APILogHandler

        APILogHandler().flush()


def _running(record: Path) -> Running | None:
    try:
        running = Running.model_validate_json(record.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
    return running if answers(f"{running.url}/health") else None


@contextlib.contextmanager
def _child(command: list[str], log: Path, environment: dict[str, str], talks: bool = False) -> Iterator[subprocess.Popen[bytes]]:
    """A child process that writes to `log`; one that `talks` says something to us on its standard output instead."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        # A session of its own, so that Ctrl-C reaches the parent first, which then ends its children in order.
        child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if talks else out,
            stderr=out,
            env=environment,
            start_new_session=True,
        )
    try:
        yield child
    finally:
        _stop(child)


def _stop(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe:
            pipe.close()


def _wait(child: subprocess.Popen[bytes], url: str, name: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not answers(url):
        if child.poll() is not None:
            raise ServiceError(f"{name} ended with code {child.returncode} before it was ready; its log: {log}")
        if time.monotonic() > deadline:
            raise ServiceError(f"{name} was not ready after {START_SECONDS} s at {url}; its log: {log}")
        time.sleep(0.2)
