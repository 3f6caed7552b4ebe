from __future__ import annotations

from pathlib import Path

import pytest
from flow_runs import new_project
from llm_server import closed_port, running_server

from flows import doctor
from flows.doctor import Finding, examine, told
from tasks.llm import sender
from tasks.llm.calls import Calls
from tasks.llm.forms import Found
from tasks.llm.offline import FaultPlan
from tasks.llm.spending import spending_of
from tasks.store import Store


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries without the waits that real servers need."""
    monkeypatch.setattr(sender, "FIRST_WAIT", 0.02)
    monkeypatch.setattr(sender, "LONGEST_WAIT", 0.1)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return new_project(tmp_path / "p")


def model_finding(project: Path, url: str, more: str = "", key_env: str = "") -> Finding:
    model = f'[project]\nname = "test"\n[models.writer]\nbase_url = "{url}"\nkey_env = "{key_env}"\n{more}'
    (project / "jeongdap.toml").write_text(model)
    (finding,) = [finding for finding in examine(project) if finding.subject == "models.writer"]
    return finding


def test_an_endpoint_is_asked_what_it_can_and_that_is_paid_for(project: Path) -> None:
    with running_server() as server:
        finding = model_finding(project, server.endpoint.base_url)
        assert server.stats()["requests"] == 1
        again = model_finding(project, server.endpoint.base_url)
        assert server.stats()["requests"] == 2  # what is remembered may be out of date
    assert finding.state == again.state == "ok"
    assert "json_schema enforced; max_tokens; tells usage: yes; " in finding.said
    assert finding.said.endswith(" ms")
    with Calls(Store(project).root / "calls.sqlite") as calls:
        (line,) = spending_of(calls.database).lines
    assert (line.kind, line.replies) == ("probe", 2)


def test_the_built_in_writer_is_not_started(project: Path) -> None:
    (project / "jeongdap.toml").write_text('[project]\nname = "test"\n')
    (finding,) = [finding for finding in examine(project) if finding.subject == "models.writer"]
    assert finding.state == "note"
    assert "rules, not a language model" in finding.said
    assert not Store(project).root.exists()


def test_a_refused_key_is_a_failure_and_is_not_shown(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_KEY", "secret-of-the-test")
    with running_server(FaultPlan(api_key="right")) as server:
        finding = model_finding(project, server.endpoint.base_url, key_env="SOME_KEY")
    assert finding.state == "fail"
    assert "secret-of-the-test" not in finding.said + finding.cure


def test_an_endpoint_that_is_down_is_a_failure(project: Path) -> None:
    url = f"http://127.0.0.1:{closed_port()}/v1"
    finding = model_finding(project, url)
    assert (finding.state, url in finding.said) == ("fail", True)


def test_an_endpoint_that_only_fails_is_noted(project: Path) -> None:
    with running_server(FaultPlan(always={"hello": "500"})) as server:
        finding = model_finding(project, server.endpoint.base_url)
    assert finding.state == "note"
    assert "no reply" in finding.said
    assert finding.cure


def test_an_endpoint_that_takes_too_long_holds_nobody_up(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "PROBE_SECONDS", 0.3)
    with running_server(FaultPlan(always={"hello": "429"}, first_only=False)) as server:
        finding = model_finding(project, server.endpoint.base_url)
    assert finding.state == "note"
    assert "no reply" in finding.said


def test_a_budget_that_is_spent_also_holds_for_check(project: Path) -> None:
    with running_server() as server:
        finding = model_finding(project, server.endpoint.base_url, "[budget.project]\nmax_tokens = 10\n")
        assert server.stats()["requests"] == 0
    assert finding.state == "note"
    assert "budget.project.max_tokens" in finding.said


def test_money_without_prices_is_a_failure_of_the_settings(project: Path) -> None:
    (project / "jeongdap.toml").write_text(
        '[project]\nname = "test"\n[models.writer]\nbase_url = "http://127.0.0.1:9/v1"\n[budget.run]\nmax_cost = 1\n'
    )
    (finding,) = [finding for finding in examine(project) if finding.subject == "settings"]
    assert finding.state == "fail"
    assert "[models.writer.prices]" in finding.said


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (
            Found(structured="json_object", token_parameter="max_tokens", schema_is="ignored", tells_usage=True),
            "json_schema ignored: json_object is used; max_tokens; tells usage: yes",
        ),
        (
            Found(structured="prompt", token_parameter="max_completion_tokens", schema_is="refused", tells_usage=False),
            "json_schema refused: the prompt alone is used; max_completion_tokens; tells usage: no",
        ),
    ],
)
def test_what_an_endpoint_cannot_is_told_with_what_is_done_then(found: Found, words: str) -> None:
    assert told(found) == words
