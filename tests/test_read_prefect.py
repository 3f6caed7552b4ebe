"""Reading inside a real Prefect flow: whatever ends the flow, no process that reads outlives it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flow_runs import JEONGDAP, jeongdap, new_project, small_examples
from test_read_pool import bomb, children_of, is_alive, wait_until

from flows.services import prefect_api

pytestmark = [pytest.mark.prefect, pytest.mark.slow, pytest.mark.timeout(400)]
SLOW = "[read]\nworkers = 2\nseconds_per_page = 300\n"
MORE_THAN_THREADS = 20


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One Prefect server for all tests."""
    before = dict(os.environ)
    with prefect_api(tmp_path_factory.mktemp("prefect"), 4200) as url:
        os.environ["PREFECT_API_URL"] = url
        yield url
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two files that cost for ever, and more others than a flow has threads."""
    made = new_project(tmp_path / "slow")
    (made / "jeongdap.toml").write_text((made / "jeongdap.toml").read_text() + SLOW)
    for number in range(MORE_THAN_THREADS):
        bomb(made / "pdf" / f"{number}.pdf", "x" * (number + 1))
    return made


def below(pid: int) -> set[int]:
    """The processes that a process started, and those that they started."""
    found, left = set(), [pid]
    while left:
        new = children_of(left.pop())
        found.update(new)
        left += new
    return found


def readers(pid: int) -> set[int]:
    """The reading processes below a process."""
    return {child for child in below(pid) if b"tasks.read.worker" in _command(child)}


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def ask(url: str, body: dict[str, Any] | None = None) -> Any:
    """A request to Prefect's API."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as reply:
        return json.loads(reply.read())


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_a_build_that_is_stopped_while_it_reads_ends_soon_and_leaves_no_reader(server, project, number, code):
    run = subprocess.Popen(
        [JEONGDAP, "build", "-C", str(project), "--until", "read"],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # whoever runs the tests may ignore it
    )
    try:
        assert wait_until(lambda: len(readers(run.pid)) == 2, seconds=120)
        time.sleep(1)
        started = below(run.pid)
        os.killpg(run.pid, number)
        _, told = run.communicate(timeout=30)
    finally:
        run.kill()
        run.wait()
    assert run.returncode == code, told
    assert "Traceback" not in told
    assert wait_until(lambda: not any(map(is_alive, started)))
    for path in (project / "pdf").iterdir():
        path.unlink()
    (project / "pdf" / "a.pdf").write_bytes(small_examples()[0].read_bytes())
    assert jeongdap("build", "-C", str(project), "--until", "read")["steps"]["read"]["kept"] > 0


def test_a_deployed_build_that_is_cancelled_while_it_reads_leaves_no_reader(server, project):
    code = f"""
        from prefect import serve
        from prefect.types.entrypoint import EntrypointType
        from flows.build import build
        parameters = {{"project": {str(project)!r}, "until": "read"}}
        serve(build.to_deployment("test", parameters=parameters, entrypoint_type=EntrypointType.MODULE_PATH))
    """
    environment = os.environ | {"PREFECT_RUNNER_POLL_FREQUENCY": "1", "PREFECT_RUNNER_SERVER_ENABLE": "false"}
    serving = subprocess.Popen([sys.executable, "-P", "-c", textwrap.dedent(code)], env=environment, start_new_session=True)
    try:
        deployment = _deployed(f"{server}/deployments/name/build/test")
        flow_run = f"{server}/flow_runs/{ask(f'{server}/deployments/{deployment}/create_flow_run', {})['id']}"
        assert wait_until(lambda: len(readers(serving.pid)) == 2, seconds=120)
        started = readers(serving.pid)
        ask(f"{flow_run}/set_state", {"state": {"type": "CANCELLING"}})
        assert wait_until(lambda: ask(flow_run)["state"]["type"] == "CANCELLED", seconds=90)
        assert wait_until(lambda: not any(map(is_alive, started)))
    finally:
        os.killpg(serving.pid, signal.SIGKILL)
        serving.wait()


def _deployed(url: str) -> str:
    """The id of a deployment, as soon as it is there."""
    end = time.monotonic() + 120
    while True:
        try:
            return str(ask(url)["id"])
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.5)
