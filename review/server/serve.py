"""A real argilla-server 2.8.0 with its UI, in one process on SQLite: `python serve.py --home DIR --port N`.

No Docker, Elasticsearch or Redis: `search` and `jobs` stand in for the last two. It listens on 127.0.0.1 only, and makes its
credentials itself: `owner.json` and `secret.key` in the home folder, readable by their owner alone. Three places of
argilla-server are replaced at run time, so every other version is refused.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import fcntl
import hashlib
import json
import os
import re
import secrets
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
import types
from collections.abc import Callable, Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

import jobs

SUPPORTED = "2.8.0"
HOST = "127.0.0.1"
OWNER = "owner"
LOCK_WAIT = 8  # seconds: a killed server needs a moment to let go of its database
SHUTDOWN_WAIT = 3  # seconds for requests under way

App = Callable[..., Any]


def main() -> None:
    """Boot and serve until SIGTERM, or until standard input closes if asked to."""
    options = _options()
    if options.stop_with_stdin:
        threading.Thread(target=_stop_at_eof, daemon=True).start()
    os.umask(0o077)  # the database holds password hashes and everyone's API keys
    home = options.home.resolve()
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    _refuse_other_versions()
    lock = _lock(home / "server.lock")
    listener = _listen(options.port)
    _set_environment(home, options.port)
    app = _load(home)
    _prepare_database(home)
    _serve(app, listener)
    os.close(lock)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A real argilla-server in one process on SQLite.")
    parser.add_argument("--home", type=Path, required=True, help="folder of the database and the credentials")
    parser.add_argument("--port", type=int, default=6900)
    parser.add_argument("--stop-with-stdin", action="store_true", help="stop when standard input closes")
    return parser.parse_args()


def _stop_at_eof() -> None:
    # The other end of the pipe closes whenever the parent dies, also by kill -9.
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(SHUTDOWN_WAIT + 2)
    os._exit(1)


def _refuse_other_versions() -> None:
    if (found := version("argilla-server")) != SUPPORTED:
        sys.exit(f"argilla-server {found} is installed; this program works with {SUPPORTED} only")


def _lock(path: Path) -> int:
    """Two servers on one database would not see each other's jobs."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    for _ in range(LOCK_WAIT * 10):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return handle
        except BlockingIOError:
            time.sleep(0.1)
    sys.exit(f"another server already runs on {path.parent}")


def _listen(port: int) -> socket.socket:
    """Bound before the long imports, so that a busy port is known at once; nobody is answered until the server listens."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as exc:
        sys.exit(f"port {port} on {HOST} cannot be used ({exc.strerror}); choose another with --port")
    return listener


def _set_environment(home: Path, port: int) -> None:
    for name in [name for name in os.environ if name.startswith("ARGILLA_")]:
        del os.environ[name]  # they may be meant for a client
    os.environ |= {
        "ARGILLA_HOME_PATH": str(home),
        "ARGILLA_DATABASE_URL": f"sqlite+aiosqlite:///{home}/argilla.db?check_same_thread=False",
        "ARGILLA_DATABASE_SQLITE_TIMEOUT": "30",
        "ARGILLA_SEARCH_ENGINE": "sqlite",
        "ARGILLA_AUTH_SECRET_KEY": _secret(home / "secret.key", lambda: secrets.token_hex(32)),
        "ARGILLA_CORS_ORIGINS": json.dumps([f"http://{HOST}:{port}", f"http://localhost:{port}"]),
        "ARGILLA_DOCS_ENABLED": "0",
        "ARGILLA_SHOW_HUGGINGFACE_SPACE_PERSISTENT_STORAGE_WARNING": "0",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_OFFLINE": "1",
    }
    # Upstream leaves a 14 MB copy of the UI in the temporary folder at every start.
    copies = home / "tmp"
    shutil.rmtree(copies, ignore_errors=True)
    copies.mkdir()
    tempfile.tempdir = str(copies)


def _secret(path: Path, make: Callable[[], str]) -> str:
    """The content of a file that only its owner may read; made on first use."""
    draft = path.with_suffix(".new")
    if not path.exists():
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(make())
        draft.replace(path)
    return path.read_text("utf-8")


def _load(home: Path) -> App:
    """argilla-server's app with our stand-ins."""
    jobs.install()
    _leave_out_hub()
    import argilla_server._app as upstream
    import argilla_server.api.handlers.v1.jobs as handler

    handler.Job = jobs.Job
    _parse_settings_once()
    return _with_policy(upstream.app, _inline_scripts((home / "tmp").rglob("*.html")))


def _leave_out_hub() -> None:
    """Import and export to the Hugging Face Hub are off; their library is a third of the boot time."""

    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise RuntimeError("the embedded server does not talk to the Hugging Face Hub")

    hub = types.ModuleType("datasets")
    hub.__dict__.update(Dataset=refuse, NamedSplit=refuse, load_dataset=refuse, features=types.SimpleNamespace())
    sys.modules["datasets"] = hub


def _parse_settings_once() -> None:
    """Upstream builds a pydantic TypeAdapter for every suggestion and metadata value: most of the CPU of a bulk push."""
    from argilla_server.models import database
    from pydantic import TypeAdapter

    question: TypeAdapter[Any] = TypeAdapter(database.QuestionSettings)
    metadata: TypeAdapter[Any] = TypeAdapter(database.MetadataPropertySettings)
    database.Question.parsed_settings = property(lambda row: question.validate_python(row.settings))
    database.MetadataProperty.parsed_settings = property(lambda row: metadata.validate_python(row.settings))


def _inline_scripts(pages: Iterable[Path]) -> list[str]:
    """CSP sources of the scripts that stand in the UI's own pages."""
    scripts = {script for page in pages for script in re.findall(r"<script>(.*?)</script>", page.read_text("utf-8"), re.S)}
    digests = (hashlib.sha256(script.encode()).digest() for script in sorted(scripts))
    return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]


def _with_policy(app: App, scripts: list[str]) -> App:
    """The UI puts some values into its pages as HTML: under this policy no script of theirs runs, and nothing is fetched."""
    policy = (
        f"default-src 'self'; script-src 'self' {' '.join(scripts)}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' data: blob:; connect-src 'self'; "
        "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    )
    headers = [
        (b"content-security-policy", policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
    ]

    async def wrapped(scope: Any, receive: Any, send: Any) -> None:
        async def answer(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *headers]
            await send(message)

        await app(scope, receive, answer)

    return wrapped


def _prepare_database(home: Path) -> None:
    import alembic.config
    import search
    from argilla_server.database import ALEMBIC_CONFIG_FILE

    alembic.config.main(argv=["-c", ALEMBIC_CONFIG_FILE, "upgrade", "head"])
    search.install_schema()
    asyncio.run(_keep_owner(json.loads(_secret(home / "owner.json", _new_owner))))


def _new_owner() -> str:
    return json.dumps({"username": OWNER, "password": secrets.token_urlsafe(12), "api_key": secrets.token_urlsafe(32)}, indent=1)


async def _keep_owner(credentials: dict[str, str]) -> None:
    """The owner's account is what the credentials file says: delete the file to reset a lost password."""
    from argilla_server.contexts import accounts
    from argilla_server.database import AsyncSessionLocal, async_engine
    from argilla_server.models import User, UserRole

    async with AsyncSessionLocal() as session:
        owner = await accounts.get_user_by_username(session, OWNER)
        values = {"api_key": credentials["api_key"], "password_hash": accounts.hash_password(credentials["password"])}
        if owner is None:
            await User.create(session, first_name=OWNER, username=OWNER, role=UserRole.owner, **values)
        elif owner.api_key != credentials["api_key"]:
            await owner.update(session, **values)
    await async_engine.dispose()


def _serve(app: App, listener: socket.socket) -> None:
    import uvicorn

    config = uvicorn.Config(
        app, workers=1, access_log=False, log_level="warning", timeout_graceful_shutdown=SHUTDOWN_WAIT, lifespan="on"
    )
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
