"""The whole way, as a user runs it: the console script on small real PDFs, with a real Prefect and a real endpoint."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from flow_runs import EXAMPLES, JEONGDAP, SETTINGS, jeongdap, new_project, own_processes, small_examples, wait_until_gone

from flows.services import offline_writer, prefect_api
from tasks.records import Pair, Preference
from tasks.store import Store

pytestmark = [pytest.mark.prefect, pytest.mark.slow]


def made(project: Path) -> tuple[list[tuple], list[tuple]]:
    """Rows of the newest build, without what names the run."""
    store = Store(project)
    current = store.current()
    assert current is not None
    pairs = [p.model_dump(exclude={"lineage": {"run"}}) for p in store.rows(current, "dedup", Pair)]
    preferences = [p.model_dump() for p in store.rows(current, "prefer", Preference)]
    return pairs, preferences


@pytest.fixture(scope="module", autouse=True)
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One server for all runs; the tests of the embedded one are in test_services.py."""
    home = tmp_path_factory.mktemp("prefect")
    with prefect_api(home, 4200) as url:
        os.environ["PREFECT_API_URL"] = url
        yield


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    """A project after an undisturbed build, and what the command said."""
    project = new_project(tmp_path_factory.mktemp("flows") / "undisturbed", *small_examples())
    return project, jeongdap("build", "-C", str(project), "--until", "prefer")


def test_a_build_makes_checked_rows_of_every_document(built: tuple[Path, dict]):
    project, said = built
    pairs, preferences = made(project)
    assert {p["path"] for p in pairs} == {f"pdf/{pdf.name}" for pdf in small_examples()}
    assert preferences
    assert all(p["evidence"] and p["evidence"][0]["regions"] for p in pairs)
    assert said["llm_calls"] > 0
    assert own_processes(project) == []


def test_in_is_kept_plus_dropped_where_a_step_only_filters(built: tuple[Path, dict]):
    steps = built[1]["steps"]
    for before, after in (("generate", "check"), ("check", "dedup")):
        assert steps[after]["kept"] + steps[after]["dropped"] == steps[before]["kept"]


def test_a_second_build_calls_nothing_and_changes_nothing(built: tuple[Path, dict]):
    project, said = built
    before = made(project)
    again = jeongdap("build", "-C", str(project), "--until", "prefer")
    assert again["llm_calls"] == 0
    assert again["steps"] == said["steps"]
    assert made(project) == before


def test_an_estimate_calls_nothing_and_leaves_the_build_in_view(built: tuple[Path, dict]):
    project, said = built
    before = made(project)
    estimate = jeongdap("build", "-C", str(project), "--dry-run")
    assert estimate["calls"] == 0 < estimate["stored"] == estimate["asks"]
    assert estimate["replies_stored"] == said["llm_calls"]
    assert made(project) == before


def test_pandas_opens_every_stage(built: tuple[Path, dict]):
    tables = list((built[0] / ".jeongdap" / "stages").rglob("*.parquet"))
    assert len(tables) > 10
    for table in tables:
        pd.read_parquet(table)


def test_a_deleted_stage_is_made_again_without_buying_a_reply(built: tuple[Path, dict], tmp_path: Path):
    project = tmp_path / "copy"
    shutil.copytree(built[0], project)
    before = made(project)
    shutil.rmtree(project / ".jeongdap" / "stages" / "generate")
    assert jeongdap("build", "-C", str(project), "--until", "prefer")["llm_calls"] == 0
    assert made(project) == before


@pytest.mark.parametrize("point", ["read", "chunk", "generate", "calls", "dedup"])
def test_a_killed_build_goes_on_to_the_same_result(built: tuple[Path, dict], tmp_path: Path, point: str):
    """kill -9 as soon as the first trace of a step appears; nothing is left running, and the next run ends the same."""
    project = new_project(tmp_path / "killed", *small_examples())
    state = project / ".jeongdap"
    trace = {"calls": state / "calls.sqlite"}.get(point, state / "stages" / point)
    command = [JEONGDAP, "build", "-C", str(project), "--until", "prefer"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 300
    while not trace.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert trace.exists()
    wait_until_gone(project)
    jeongdap("build", "-C", str(project), "--until", "prefer")
    assert made(project) == made(built[0])
    assert not [p for p in state.rglob(".*.*") if p.is_dir() and (p / "manifest.json").exists()]


def test_ctrl_c_leaves_a_state_that_the_next_run_resumes(built: tuple[Path, dict], tmp_path: Path):
    project = new_project(tmp_path / "stopped", *small_examples())
    process = subprocess.Popen(
        [JEONGDAP, "build", "-C", str(project), "--until", "prefer"],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # whoever runs the tests may ignore it
    )
    while not (project / ".jeongdap" / "stages" / "read").exists() and process.poll() is None:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130, told
    assert "the next run goes on" in told
    assert "Traceback" not in told
    wait_until_gone(project)
    jeongdap("build", "-C", str(project), "--until", "prefer")
    assert made(project) == made(built[0])


def test_bad_files_are_named_and_the_rest_goes_on(tmp_path: Path):
    good = small_examples()[0]
    project = new_project(tmp_path / "mixed", good)
    (project / "pdf" / "empty.pdf").write_bytes(b"")
    (project / "pdf" / "page.pdf").write_text("<html><body>not a pdf</body></html>")
    (project / "pdf" / "cut.pdf").write_bytes(good.read_bytes()[:2000])
    said = jeongdap("build", "-C", str(project), "--until", "chunk")
    assert said["steps"]["read"]["kept"] > 0
    out = tmp_path / "dropped.jsonl"
    jeongdap("rows", "read", "--dropped", "-C", str(project), "--out", str(out))
    told = out.read_text()
    assert all(name in told for name in ("empty.pdf", "page.pdf", "cut.pdf"))


def test_nothing_usable_ends_with_1_and_the_reason(tmp_path: Path):
    project = new_project(tmp_path / "useless")
    (project / "pdf" / "empty.pdf").write_bytes(b"")
    assert "empty.pdf" in jeongdap("build", "-C", str(project), "--until", "read", code=1)["error"]


def test_no_pdf_at_all_ends_with_1(tmp_path: Path):
    project = new_project(tmp_path / "bare")
    assert str(project / "pdf") in jeongdap("build", "-C", str(project), "--until", "read", code=1)["error"]


def test_an_endpoint_that_is_down_is_named_and_state_is_kept(tmp_path: Path):
    project = new_project(tmp_path / "down", small_examples()[0])
    (project / "jeongdap.toml").write_text(SETTINGS + '[models.writer]\nbase_url = "http://127.0.0.1:9/v1"\nkey_env = ""\n')
    assert "http://127.0.0.1:9/v1" in jeongdap("build", "-C", str(project), "--until", "generate", code=1)["error"]
    (project / "jeongdap.toml").write_text(SETTINGS)
    assert jeongdap("build", "-C", str(project), "--until", "generate")["steps"]["generate"]["kept"] > 0


def test_any_endpoint_works_by_settings_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Base URL, model and key from the environment; each way of asking for a structured reply."""
    monkeypatch.setenv("SOME_KEY", "secret-of-the-test")
    with offline_writer(tmp_path) as url:
        for structured in ("json_schema", "json_object", "prompt"):
            project = new_project(tmp_path / structured, small_examples()[0])
            model = f'base_url = "{url}"\nmodel = "jeongdap-extractive"\nkey_env = "SOME_KEY"\nstructured = "{structured}"\n'
            (project / "jeongdap.toml").write_text(SETTINGS + "[models.writer]\n" + model)
            assert jeongdap("build", "-C", str(project), "--until", "check")["steps"]["check"]["kept"] > 0
            files = [path for path in (project / ".jeongdap").rglob("*") if path.is_file()]
            assert not [path for path in files if b"secret-of-the-test" in path.read_bytes()]


def test_what_an_endpoint_failed_to_answer_is_asked_again_and_nothing_else(tmp_path: Path):
    """A prompt that always gets a 500 costs its chunk alone; when the endpoint is well again, only that is asked."""
    project = new_project(tmp_path / "poison", EXAMPLES / "expense-and-travel-policy.pdf")
    plan = json.dumps({"always": {"13.1": "500"}})
    command = [sys.executable, "-P", "-m", "tasks.llm.offline", "--until-stdin-closes", "--plan"]

    def build(plan: str) -> dict:
        with subprocess.Popen([*command, plan], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
            url = json.loads(server.stdout.readline())["url"]
            (project / "jeongdap.toml").write_text(SETTINGS + f'[models.writer]\nbase_url = "{url}"\nkey_env = ""\n')
            said = jeongdap("build", "-C", str(project), "--until", "check")
            server.terminate()
        return said

    first = build(plan)
    lost = jeongdap("rows", "generate", "--dropped", "-C", str(project), "--out", str(tmp_path / "lost.jsonl"))["rows"]
    assert "http_error" in (tmp_path / "lost.jsonl").read_text()
    second = build("{}")
    assert 0 < second["llm_calls"] <= lost < first["llm_calls"]
    assert second["steps"]["check"]["kept"] > first["steps"]["check"]["kept"]


def test_a_missing_key_names_its_variable(tmp_path: Path):
    project = new_project(tmp_path / "keyless", small_examples()[0])
    (project / "jeongdap.toml").write_text(
        SETTINGS + '[models.writer]\nbase_url = "http://127.0.0.1:9/v1"\nkey_env = "NO_SUCH_KEY_HERE"\n'
    )
    assert "NO_SUCH_KEY_HERE" in jeongdap("build", "-C", str(project), "--until", "generate", code=2)["error"]
