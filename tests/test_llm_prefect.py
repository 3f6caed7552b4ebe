"""The engine inside a real Prefect flow: a retry buys nothing again, and whatever ends the flow settles the ledger."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flow_runs import JEONGDAP, new_project, small_examples
from llm_server import RunningServer, running_server
from test_read_pool import wait_until
from test_read_prefect import _deployed, ask

from flows.services import prefect_api
from tasks.llm.offline import FaultPlan
from tasks.settings import OFFLINE_MODEL

pytestmark = [pytest.mark.prefect, pytest.mark.slow, pytest.mark.timeout(400)]
SECONDS = 20  # of a call: longer than we wait for one that is cancelled


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
def model() -> Iterator[RunningServer]:
    """An endpoint whose calls take long."""
    with running_server(FaultPlan(latency=SECONDS)) as running:
        yield running


@pytest.fixture
def project(tmp_path: Path, model: RunningServer) -> Path:
    made = new_project(tmp_path / "slow", small_examples()[0])
    text = f'[models.writer]\nbase_url = "{model.endpoint.base_url}"\nmodel = "{OFFLINE_MODEL}"\nkey_env = ""\n'
    forms = 'structured = "json_schema"\ntoken_parameter = "max_tokens"\n'  # no probe: it would take its time, too
    (made / "jeongdap.toml").write_text((made / "jeongdap.toml").read_text() + text + forms)
    return made


def in_ledger(project: Path) -> tuple[int, int]:
    """Calls that are held as being in flight, and calls whose replies nobody saw."""
    with sqlite3.connect(project / ".jeongdap" / "calls.sqlite") as db:
        (held,) = db.execute("SELECT count(*) FROM holds").fetchone()
        (unseen,) = db.execute("SELECT coalesce(sum(unseen), 0) FROM spent").fetchone()
    db.close()
    return int(held), int(unseen)


def is_sending(project: Path) -> bool:
    return (project / ".jeongdap" / "calls.sqlite").exists() and in_ledger(project)[0] > 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_build_that_is_stopped_while_it_writes_ends_soon_and_settles(server: str, project: Path, model: RunningServer, number):
    run = subprocess.Popen(
        [JEONGDAP, "build", "-C", str(project), "--until", "generate"],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # whoever runs the tests may ignore it
    )
    try:
        assert wait_until(lambda: model.stats()["requests"] > 0, seconds=120)
        os.killpg(run.pid, number)
        _, told = run.communicate(timeout=SECONDS - 5)
    finally:
        run.kill()
        run.wait()
    assert run.returncode == (130 if number == signal.SIGINT else -signal.SIGTERM), told
    assert "Traceback" not in told
    held, unseen = in_ledger(project)
    assert held == 0
    assert unseen == model.stats()["requests"]


def test_a_deployed_build_that_is_cancelled_while_it_writes_settles(server: str, project: Path):
    code = f"""
        from prefect import serve
        from prefect.types.entrypoint import EntrypointType
        from flows.build import build
        parameters = {{"project": {str(project)!r}, "until": "generate"}}
        serve(build.to_deployment("writes", parameters=parameters, entrypoint_type=EntrypointType.MODULE_PATH))
    """
    environment = os.environ | {"PREFECT_RUNNER_POLL_FREQUENCY": "1", "PREFECT_RUNNER_SERVER_ENABLE": "false"}
    serving = subprocess.Popen([sys.executable, "-P", "-c", textwrap.dedent(code)], env=environment, start_new_session=True)
    try:
        deployment = _deployed(f"{server}/deployments/name/build/writes")
        flow_run = f"{server}/flow_runs/{ask(f'{server}/deployments/{deployment}/create_flow_run', {})['id']}"
        assert wait_until(lambda: is_sending(project), seconds=120)
        ask(f"{flow_run}/set_state", {"state": {"type": "CANCELLING"}})
        assert wait_until(lambda: ask(flow_run)["state"]["type"] == "CANCELLED", seconds=90)
    finally:
        os.killpg(serving.pid, signal.SIGKILL)
        serving.wait()
    held, unseen = in_ledger(project)
    assert held == 0
    assert unseen > 0


RETRY = """
import sys
from pathlib import Path
from prefect import flow
from llm_server import make_asks, settings
from flows import steps
from flows.steps import GENERATE, Stage, run_batches
from tasks.errors import LlmError
from tasks.llm.asks import Endpoint
from tasks.llm.calls import Calls
from tasks.llm.engine import Engine
from tasks.records import Kept
from tasks.store import Store

url, project, may_pass = sys.argv[1], Path(sys.argv[2]), sys.argv[3] == "may pass"
steps.make_batch = steps.make_batch.with_options(retry_delay_seconds=0)
tries = []

@flow
def writes():
    with Calls(project / "calls.sqlite") as calls, Engine(Endpoint(url, ""), settings(), calls) as engine:
        def write(stages):
            tries.append(engine.ask(make_asks(12)))
            if len(tries) == 1:
                raise LlmError("the endpoint is gone", may_pass)
            return [Kept([], [])]
        run_batches(Store(project), [Stage.of(GENERATE, "a", ["b"])], {Stage.of(GENERATE, "a", ["b"]).key: 12}, 100, write)

try:
    writes()
except LlmError as exc:
    print(exc)
print(len(tries), sum(answer.bought for answer in tries[-1]))
"""


@pytest.mark.parametrize(("kind", "tries"), [("may pass", "2 0"), ("for good", "1 12")])
def test_a_retry_of_a_task_buys_nothing_again(server: str, tmp_path: Path, kind: str, tries: str):
    here = Path(__file__).parent
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(here), str(here.parent)])}
    with running_server() as running:
        command: list[Any] = [sys.executable, "-c", RETRY, running.endpoint.base_url, tmp_path, kind]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=200, check=True)
        assert running.stats()["paid"] == 12
        assert running.stats()["paid_twice"] == 0
    assert done.stdout.splitlines()[-1] == tries
