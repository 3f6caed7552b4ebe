"""What a build costs, before, while and after it: the console script against a real endpoint, with a real Prefect."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flow_runs import EXAMPLES, JEONGDAP, jeongdap, new_project
from llm_server import RunningServer, running_server

from flows.services import prefect_api
from tasks.llm.calls import Calls
from tasks.llm.offline import FaultPlan
from tasks.llm.prices import NANO
from tasks.llm.spending import spending_of
from tasks.store import Store

pytestmark = [pytest.mark.prefect, pytest.mark.slow]

DOCUMENT = EXAMPLES / "expense-and-travel-policy.pdf"
PRICES = "[models.writer.prices]\ninput = 0.15\noutput = 0.6\n"


@pytest.fixture(scope="module", autouse=True)
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with prefect_api(tmp_path_factory.mktemp("prefect"), 4200) as url:
        yield url


@pytest.fixture
def server() -> Iterator[RunningServer]:
    with running_server(FaultPlan(latency=0.05)) as running:
        yield running


def priced(folder: Path, server: RunningServer, more: str = "") -> Path:
    """A project of one document whose model is the server and has prices."""
    project = new_project(folder / "project", DOCUMENT)
    set_up(project, server, more)
    return project


def set_up(project: Path, server: RunningServer, more: str = "") -> None:
    model = f'[models.writer]\nbase_url = "{server.endpoint.base_url}"\nkey_env = ""\nconcurrency = 4\n{PRICES}'
    (project / "jeongdap.toml").write_text(f'[project]\nname = "test"\n{model}{more}')


def artifacts(url: str, key: str) -> list[dict[str, Any]]:
    """The artifacts with a key, newest first."""
    body = {"artifacts": {"key": {"any_": [key]}}, "sort": "UPDATED_DESC"}
    request = urllib.request.Request(f"{url}/artifacts/filter", json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as reply:
        return list(json.loads(reply.read()))


def test_a_build_costs_what_it_says_and_the_estimate_foretold_its_calls(
    tmp_path: Path, server: RunningServer, prefect_server: str
) -> None:
    project = priced(tmp_path, server)
    before = jeongdap("build", "-C", str(project), "--dry-run")
    assert server.stats()["requests"] == 0
    said = jeongdap("build", "-C", str(project), "--until", "generate")["llm"]
    assert said["calls"] == server.stats()["requests"] == before["calls"] + 1  # and the probe
    assert said["cost"] == pytest.approx((0.15 * said["prompt_tokens"] + 0.6 * said["completion_tokens"]) / 1e6, rel=1e-4)
    assert said["prompt_tokens"] == pytest.approx(before["prompt_tokens"], rel=0.02)
    with Calls(Store(project).root / "calls.sqlite") as calls:
        assert said["cost"] == pytest.approx(spending_of(calls.database).cost / NANO)
    table = json.loads(artifacts(prefect_server, "build-calls")[0]["data"])
    assert table["kind"] == ["choice", "probe", "qa"]
    assert sum(table["replies"]) == said["calls"]
    assert sum(table["tokens in"]) == said["prompt_tokens"]
    after = jeongdap("build", "-C", str(project), "--dry-run")
    assert (after["calls"], after["cost"], after["stored"]) == (0, 0, before["asks"])


def test_a_budget_stops_a_build_with_its_own_code_and_a_higher_one_goes_on(
    tmp_path: Path, server: RunningServer, prefect_server: str
) -> None:
    project = priced(tmp_path, server, "[budget.project]\nmax_tokens = 40000\n")
    estimate = jeongdap("build", "-C", str(project), "--dry-run")
    assert [fit["fits"] for fit in estimate["budget"]] == [False]
    told = jeongdap("build", "-C", str(project), "--until", "generate", code=3)["error"]
    assert "raise budget.project.max_tokens" in told
    bought = int(re.search(r"LLM calls bought: (\d+)", told)[1])
    assert 0 < bought == server.stats()["requests"]
    assert "LLM calls bought" in artifacts(prefect_server, "build-calls")[0]["description"]
    set_up(project, server)
    left = jeongdap("build", "-C", str(project), "--dry-run")
    said = jeongdap("build", "-C", str(project), "--until", "generate")["llm"]
    assert said["calls"] == left["calls"]
    assert said["project_calls"] == bought + said["calls"] == estimate["calls"] + 1


def test_a_line_tells_how_it_went_and_nothing_when_all_was_stored(tmp_path: Path, server: RunningServer) -> None:
    project = priced(tmp_path, server)
    command = [JEONGDAP, "build", "-C", str(project), "--until", "generate"]
    first = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True).stderr
    (line,) = re.findall(r"^generate: .*$", first, re.M)
    assert re.fullmatch(r"generate: (\d+) of \1 asks answered in .*, 0 failed, \d+ calls, .* tokens in, .* out, [\d.]+ USD", line)
    assert not re.search("http|retrieved|Traceback", first, re.I)
    Store(project).forget(Store(project).manifests("generate")[0])
    assert "generate:" not in subprocess.run(command, capture_output=True, text=True, timeout=300, check=True).stderr


def test_on_a_terminal_a_bar_moves_and_figures_stand_below_it(tmp_path: Path) -> None:
    with running_server(FaultPlan(latency=0.4)) as server:
        project = priced(tmp_path, server)
        screen = on_a_terminal([JEONGDAP, "build", "-C", str(project), "--until", "generate"])
    counted = [int(done) for done in re.findall(r"generate .*?(\d+)/\d+", screen)]
    assert len(set(counted)) > 2
    assert counted == sorted(counted)
    assert re.search(
        r"[\d.]+/s, \d+ s left, 4 calls at a time, .* tokens in, .* out, [\d.]+ USD so far, [\d.]+ USD to come", screen
    )


def on_a_terminal(command: list[str]) -> str:
    """What a command writes to a terminal, without what moves the cursor."""
    parent, child = pty.openpty()
    with subprocess.Popen(command, stdout=child, stderr=child, env={**os.environ, "TERM": "xterm", "COLUMNS": "140"}) as process:
        os.close(child)
        written = b""
        while part := read(parent):
            written += part
    os.close(parent)
    assert process.returncode == 0, written.decode()
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", written.decode()).replace("\r", "\n")


def read(terminal: int) -> bytes:
    """Some of what was written; nothing when the other side is closed."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


def test_a_check_of_the_endpoint_is_told_on_the_command_line(tmp_path: Path, server: RunningServer) -> None:
    project = priced(tmp_path, server)
    done = subprocess.run([JEONGDAP, "check", "-C", str(project)], capture_output=True, text=True, timeout=120, check=False)
    assert "json_schema enforced; max_tokens; tells usage: yes" in done.stdout
    assert done.stderr == ""
    assert sys.executable in done.stdout
