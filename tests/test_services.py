"""The embedded Prefect server: it starts, is shared, and never outlives who started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flows.services import answers, offline_writer, prefect_api
from review.embedded import free_port
from tasks.errors import ServiceError

pytestmark = pytest.mark.prefect

HOLD = """
import sys, time
from pathlib import Path
from flows.services import prefect_api
with prefect_api(Path(sys.argv[1]), 4200) as url:
    print(url, flush=True)
    time.sleep(300)
"""


def hold(project: Path) -> tuple[subprocess.Popen[str], str]:
    """A process that keeps the project's server running."""
    environment = {k: v for k, v in os.environ.items() if k != "PREFECT_API_URL"}
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(project)], stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def gone(url: str) -> bool:
    deadline = time.monotonic() + 20
    while answers(f"{url}/health") and time.monotonic() < deadline:
        time.sleep(0.1)
    return not answers(f"{url}/health")


def test_a_second_command_uses_the_server_of_the_first_and_a_kill_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    first, url = hold(tmp_path)
    try:
        with prefect_api(tmp_path, 4200) as shared:
            assert shared == url
        assert answers(f"{url}/health"), "the second command must not stop the first one's server"
    finally:
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
    assert gone(url)


def test_a_users_own_server_is_used_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with offline_writer(tmp_path / "some-server") as url:
        monkeypatch.setenv("PREFECT_API_URL", url)
        with prefect_api(tmp_path, 4200) as used:
            assert used == url
    assert not (tmp_path / ".jeongdap" / "prefect" / "server.json").exists()


def test_a_users_own_server_that_is_down_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    with pytest.raises(ServiceError, match=r"http://127\.0\.0\.1:9/api, where nothing answers"), prefect_api(tmp_path, 4200):
        pass


def test_a_busy_port_is_passed_over():
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port(port) != port


def test_the_writer_answers_only_while_it_is_needed(tmp_path: Path):
    with offline_writer(tmp_path) as url:
        assert answers(f"{url}/models")
    assert not answers(f"{url}/models")


def test_a_server_that_cannot_start_names_its_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    home = tmp_path / ".jeongdap" / "prefect"
    home.mkdir(parents=True)
    (home / "prefect.db").mkdir()
    with pytest.raises(ServiceError, match=r"server\.log"), prefect_api(tmp_path, 4200):
        pass
