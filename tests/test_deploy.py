"""Schedules: both flows are deployed under readable names, and a schedule really starts a run."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flows.deploy import deployments_of
from flows.project import create_project
from tasks.errors import SettingsError
from tasks.settings import ScheduleSettings

pytestmark = pytest.mark.prefect

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "pdf" / "expense-and-travel-policy.pdf"


def test_both_flows_are_deployed_by_module_path(tmp_path: Path):
    build, publish = deployments_of(tmp_path, ScheduleSettings())
    assert [build.flow_name, publish.flow_name] == ["build", "publish"]
    assert {build.name, publish.name} == {tmp_path.name}
    assert build.entrypoint == "flows.build.build"
    assert str(build.schedules[0].schedule.cron) == "0 2 * * *"
    assert build.schedules[0].schedule.timezone == "Asia/Seoul"


def test_an_empty_cron_line_schedules_nothing(tmp_path: Path):
    build, _ = deployments_of(tmp_path, ScheduleSettings(build=""))
    assert not build.schedules


def test_a_wrong_cron_line_names_the_file(tmp_path: Path):
    with pytest.raises(SettingsError, match=r"jeongdap\.toml: schedule"):
        deployments_of(tmp_path, ScheduleSettings(build="whenever"))


@pytest.mark.slow
def test_a_schedule_starts_a_run_and_sigterm_ends_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """With SQLAlchemy 2.1 the scheduler failed silently and no run ever came: hence the pin."""
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    project = create_project(tmp_path / "scheduled")
    shutil.copy(EXAMPLE, project / "pdf")
    settings = project / "jeongdap.toml"
    text = settings.read_text().replace('"0 2 * * *"', '"* * * * *"').replace('"*/30 * * * *"', '""')
    # An Argilla of one's own that is down: serve needs none, and the run ends there after its rows are made.
    text = text.replace('url = "embedded"', 'url = "http://127.0.0.1:9"')
    settings.write_text(text)
    command = [str(Path(sys.executable).with_name("jeongdap")), "serve", "-C", str(project)]
    environment = {**os.environ, "ARGILLA_API_KEY": "none"}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment) as served:
        deadline = time.monotonic() + 300
        while not (project / ".jeongdap" / "stages" / "prefer").exists() and time.monotonic() < deadline:
            assert served.poll() is None, served.stderr.read() if served.stderr else ""
            time.sleep(0.5)
        served.send_signal(signal.SIGTERM)
        served.wait(60)
    assert (project / ".jeongdap" / "stages" / "prefer").exists()
    assert not [p for p in Path("/proc").glob("[0-9]*/cmdline") if str(project).encode() in _command(p)]


def _command(entry: Path) -> bytes:
    try:
        return entry.read_bytes()
    except OSError:
        return b""
