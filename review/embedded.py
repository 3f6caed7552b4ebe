"""Runs the embedded Argilla: its environment, its process, its credentials.

`serve_argilla` starts `review/server/serve.py` in an environment of its own and stops it at the end; a server of the same
project that already runs is used and left alone. The server's standard input is a pipe of ours: it stops when we die, however.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from review.locks import locked
from review.rest import ReviewServer, call
from tasks.errors import ReviewError, ServiceError
from tasks.records import Record
from tasks.store import STATE_FOLDER, write_atomic

HOST = "127.0.0.1"
SERVER_FOLDER = Path(__file__).parent / "server"
CACHE_NAME = "argilla-server-2.8.0"
BOOT_SECONDS = 240.0
STOP_SECONDS = 8.0
# Everything else (keys of models, proxies, Python paths) is none of the server's business.
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR")
LOG = logging.getLogger("jeongdap.review")


@dataclass(frozen=True, slots=True)
class Credentials:
    """The owner's account on an embedded server, and the file (mode 0600) that holds it."""

    username: str
    password: str = field(repr=False)
    api_key: str = field(repr=False)
    path: Path


@dataclass(frozen=True, slots=True)
class EmbeddedArgilla:
    """A running embedded server. `started` is False when it already ran."""

    server: ReviewServer
    credentials: Credentials
    started: bool


class Running(Record):
    """What `server.json` says: a hint that is checked by a call with the project's own key."""

    pid: int
    port: int


def argilla_home(project: Path) -> Path:
    """Where the embedded server of a project keeps its database, credentials and log."""
    return project.resolve() / STATE_FOLDER / "argilla"


def read_credentials(project: Path) -> Credentials:
    """The owner's account. Raises ServiceError before the server's first start."""
    path = argilla_home(project) / "owner.json"
    try:
        return Credentials(path=path, **json.loads(path.read_bytes()))
    except FileNotFoundError:
        raise ServiceError(f"{path}: the embedded review server has not run yet; start it: jeongdap review serve") from None
    except (OSError, ValueError, TypeError) as exc:
        raise ServiceError(
            f"{path}: cannot be read ({exc}); delete it, the next start of the server makes new credentials"
        ) from exc


def find_running(project: Path) -> EmbeddedArgilla | None:
    """The embedded server of this project, if one runs."""
    try:
        running = Running.model_validate_json((argilla_home(project) / "server.json").read_bytes())
    except (OSError, ValidationError):
        return None
    return _answering(project, running.port, started=False, seconds=20)  # it may be busy with a push


@contextmanager
def serve_argilla(project: Path, port: int) -> Iterator[EmbeddedArgilla]:
    """The project's embedded server, for the duration of the block."""
    home = argilla_home(project)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _Owned() as owned:
        with locked(home):  # two commands at once: the second finds the server of the first
            running = find_running(project) or owned.start(project, home, port)
        yield running


class _Owned:
    """Stops the process that it started, if it started one."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.note: Path | None = None

    def start(self, project: Path, home: Path, port: int) -> EmbeddedArgilla:
        """Start a server and wait until it answers."""
        python, port = server_python(), free_port(port)
        self.process = _spawn(python, home, port)
        running = _wait(self.process, project, home / "server.log", port)
        self.note = home / "server.json"
        write_atomic(self.note, Running(pid=self.process.pid, port=port).model_dump_json().encode())
        return running

    def __enter__(self) -> _Owned:
        return self

    def __exit__(self, *_: object) -> None:
        if self.note is not None:
            self.note.unlink(missing_ok=True)  # before the stop: nobody shall find a server that is going
        if self.process is not None:
            _stop(self.process)


def free_port(preferred: int) -> int:
    """`preferred` if nobody has it, else one that the system picks."""
    for port in (preferred, 0):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
            return int(probe.getsockname()[1])
    raise ServiceError(f"no free port on {HOST}")


def _spawn(python: Path, home: Path, port: int) -> subprocess.Popen[bytes]:
    log = home / "server.log"
    if log.exists():
        log.replace(log.with_suffix(".log.old"))
    command = [str(python), "-s", str(SERVER_FOLDER / "serve.py"), "--home", str(home), "--port", str(port), "--stop-with-stdin"]
    with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as output:
        return subprocess.Popen(
            command,
            cwd=home,
            env={name: os.environ[name] for name in PASSED_ON if name in os.environ} | {"PYTHONUTF8": "1"},
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C is ours to handle
        )


def _wait(process: subprocess.Popen[bytes], project: Path, log: Path, port: int) -> EmbeddedArgilla:
    deadline = time.monotonic() + BOOT_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise ServiceError(f"the review server stopped while it started: {_last_line(log)} (log: {log})")
        if running := _answering(project, port, started=True, seconds=5):
            return running
        time.sleep(0.2)
    raise ServiceError(f"the review server did not start in {BOOT_SECONDS:.0f} s (log: {log})")


def _answering(project: Path, port: int, *, started: bool, seconds: float) -> EmbeddedArgilla | None:
    """The server on `port` if it knows this project's key."""
    try:
        credentials = read_credentials(project)
        server = ReviewServer(f"http://{HOST}:{port}", credentials.api_key)
        me = call(server, "GET", "/api/v1/me", seconds=seconds)
    except (ServiceError, ReviewError):
        return None
    mine = isinstance(me, dict) and me.get("username") == credentials.username
    return EmbeddedArgilla(server, credentials, started) if mine else None


def _last_line(log: Path) -> str:
    lines = log.read_text("utf-8", "replace").strip().splitlines() if log.exists() else []
    return lines[-1] if lines else "it said nothing"


def _stop(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert process.stdin is not None
    process.stdin.close()


def environment_home() -> Path:
    """Where the server's environment is: beside its lock file in a checkout, else in the user's cache."""
    checkout = SERVER_FOLDER.parent.parent / "pyproject.toml"
    if checkout.is_file() and os.access(SERVER_FOLDER, os.W_OK):
        return SERVER_FOLDER
    cache = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(cache) if Path(cache).is_absolute() else Path.home() / ".cache") / "jeongdap" / CACHE_NAME


def server_python() -> Path:
    """The interpreter of the server's environment, which is made on first use. Raises ServiceError with the cure."""
    home = environment_home()
    folder = home / ".venv"
    python, mark = folder / "bin" / "python", folder / "jeongdap-lock.sha256"
    wanted = hashlib.sha256((SERVER_FOLDER / "uv.lock").read_bytes()).hexdigest()
    try:
        home.mkdir(parents=True, exist_ok=True)
        with locked(home):
            if not (python.exists() and mark.exists() and mark.read_text("utf-8") == wanted):
                _make_environment(folder)
                write_atomic(mark, wanted.encode())
    except OSError as exc:
        raise ServiceError(f"{home}: the review server's environment cannot be made: {exc}") from exc
    return python


def _make_environment(folder: Path) -> None:
    LOG.info("installing the review server into %s (once, about 440 MB)", folder)
    if uv := _find_uv():
        _run([uv, "sync", "--frozen", "--project", str(SERVER_FOLDER), "--python", _base_python()], folder)
        return
    if _works(folder):  # made by a uv that cannot be found now
        return
    _run([sys.executable, "-m", "venv", "--clear", str(folder)], folder)
    pins = folder / "requirements.txt"
    pins.write_text(requirements((SERVER_FOLDER / "uv.lock").read_text("utf-8")), "utf-8")
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
    _run([*pip, "-r", str(pins)], folder)


def _find_uv() -> str | None:
    in_checkout = SERVER_FOLDER.parent.parent / ".setup" / "uv" / "bin" / "uv"  # where scripts/setup.sh puts it
    return os.environ.get("UV") or shutil.which("uv") or (str(in_checkout) if in_checkout.exists() else None)


def _works(folder: Path) -> bool:
    python = folder / "bin" / "python"
    probe = [str(python), "-c", "import argilla_server, uvicorn"]
    with tempfile.TemporaryDirectory() as home:  # the import makes its home folder
        environment = {"ARGILLA_HOME_PATH": home, "TMPDIR": home}
        return python.exists() and subprocess.run(probe, env=environment, capture_output=True, check=False).returncode == 0


def requirements(lock: str) -> str:
    """The pins of a uv.lock, with hashes, for pip."""
    lines = []
    for package in tomllib.loads(lock)["package"]:
        files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
        if not files:  # the project itself
            continue
        markers = " or ".join(package.get("resolution-markers", []))
        hashes = " ".join(f"--hash={file['hash']}" for file in files)
        lines.append(f"{package['name']}=={package['version']}{f' ; {markers}' if markers else ''} {hashes}")
    return "\n".join(lines) + "\n"


def _base_python() -> str:
    return str(Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}")


def _run(command: Sequence[str], folder: Path) -> None:
    done = subprocess.run(command, env=_tool_environment(os.environ, folder), capture_output=True, text=True, check=False)
    if done.returncode:
        tail = "\n".join((done.stderr or done.stdout).strip().splitlines()[-8:])
        raise ServiceError(
            f"the review server's environment {folder} cannot be made; `{' '.join(command)}` said:\n{tail}\n"
            "Cure: check the network to the package index, install uv (https://docs.astral.sh/uv) or Python's venv module, "
            "or set review.url to an Argilla server that runs elsewhere"
        )


def _tool_environment(environment: Mapping[str, str], folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in environment.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME")}
    return {"UV_LINK_MODE": "hardlink"} | kept | {"UV_PROJECT_ENVIRONMENT": str(folder)}
