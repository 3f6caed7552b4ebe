from __future__ import annotations

from pathlib import Path

import pytest
from flow_runs import new_project
from llm_server import make_asks, running_server, settings

from flows.report import calls_html, write_report
from flows.spending import Bill, bill_of
from tasks.llm.calls import Calls
from tasks.llm.engine import Engine
from tasks.llm.offline import FaultPlan
from tasks.llm.spending import Latency, Line, Problem, Spending
from tasks.records import Kept, Source
from tasks.settings import PriceSettings
from tasks.store import Current, Store


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose run "r" has read a file and asked a model that makes mistakes."""
    project = new_project(tmp_path / "p")
    store = Store(project)
    store.write("sources", 1, "k", "sources", [], Kept([Source(id="a" * 32, path="pdf/a.pdf", size=1)], []), Source)
    store.set_current(Current(run="r", keys={"sources": ("k",)}))
    plan = FaultPlan(shares={"broken_json": 0.3})
    with running_server(plan) as server, Calls(store.root / "calls.sqlite") as calls:
        model = settings(base_url=server.endpoint.base_url, prices=PriceSettings(input=1, output=2))
        for run, asks in (("q", make_asks(5)), ("r", make_asks(25)[5:])):
            with Engine(server.endpoint, model, calls, run) as engine:
                engine.ask(asks)
    return project


def test_a_report_tells_what_the_run_and_the_project_bought(project: Path) -> None:
    page = write_report(project).read_text()
    bill = bill_of(project, "r", "USD")
    assert all(line in page for line in bill.lines())
    assert "invalid_json" in page
    assert "In this run" in page
    assert "In all runs of the project" in page
    assert "95 of 100 within" in page
    run, everything = f"<td class=n>{bill.run.replies}</td>", f"<td class=n>{bill.project.replies}</td>"
    assert page.index(run) < page.index(everything)
    assert "http" not in page.replace("data:", "")


def test_a_report_of_a_project_without_calls_says_so(tmp_path: Path) -> None:
    assert calls_html(bill_of(tmp_path, "r", "USD")) == ["<p class=quiet>none was made</p>"]


def test_what_a_server_or_a_setting_says_is_escaped() -> None:
    bad = "<script>alert(1)</script>"
    spending = Spending((Line(bad, bad, 1, 1, 1, 10, 5, 1, 0, 1),), 11, 0, 1, 0)
    bill = Bill(spending, spending, (Problem(bad, bad, 1),), (Latency(bad, bad, 0.1, 0.2),), "USD")
    page = "".join(calls_html(bill))
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_the_share_that_came_from_a_cache_is_shown() -> None:
    spending = Spending((Line("qa", "m", 4, 4, 0, 10_000, 2500, 10, 0, 0),), 10_010, 0, 0, 0)
    page = "".join(calls_html(Bill(spending, spending, currency="USD")))
    assert "25 %" in page
    assert "10,000" in page
