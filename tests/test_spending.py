from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from llm_server import make_asks, running_server, settings

from flows.spending import Bill, bill_of, calls_table
from tasks.llm.calibrate import FEW, rates_of
from tasks.llm.calls import Calls, Reply
from tasks.llm.engine import Engine
from tasks.llm.offline import FaultPlan
from tasks.llm.prices import NANO, money
from tasks.llm.spending import Latency, Line, Spending, latencies_of, problems_of, spending_of
from tasks.settings import PriceSettings

PRICES = PriceSettings(input=1, cached_input=0.5, output=2)


@pytest.fixture(scope="module")
def bought(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Calls]:
    """A project in which two runs have asked, the second one a server with faults."""
    project = tmp_path_factory.mktemp("bought")
    calls = Calls(project / ".jeongdap" / "calls.sqlite")
    faults = FaultPlan(shares={"broken_json": 0.2, "truncated": 0.1})
    for run, asks, plan in (("one", make_asks(20), FaultPlan()), ("two", make_asks(60)[20:], faults)):
        with running_server(plan) as server:
            model = settings(base_url=server.endpoint.base_url, prices=PRICES)
            with Engine(server.endpoint, model, calls, run) as engine:
                engine.ask(asks)
    return project, calls


def test_what_a_run_and_the_project_bought_adds_up(bought: tuple[Path, Calls]) -> None:
    _, calls = bought
    one, two, project = (spending_of(calls.database, run) for run in ("one", "two", None))
    (line,) = one.lines
    assert (line.kind, line.asks, line.replies, line.bad, line.unpriced) == ("qa", 20, 20, 0, 0)
    assert line.cost == one.cost == line.prompt_tokens * 1000 + line.completion_tokens * 2000
    assert two.lines[0].asks == 40 < two.replies == 40 + two.bad
    assert project.replies == one.replies + two.replies == calls.counts().replies
    assert (project.tokens, project.cost) == (one.tokens + two.tokens, one.cost + two.cost)
    assert project.unseen == 0


def test_bad_replies_are_counted_by_their_problem(bought: tuple[Path, Calls]) -> None:
    _, calls = bought
    counted = Counter({problem.problem: problem.replies for problem in problems_of(calls.database, "two")})
    assert set(counted) == {"invalid_json", "truncated"}
    assert counted.total() == spending_of(calls.database, "two").bad
    assert problems_of(calls.database, "one") == []


def test_half_of_the_calls_are_no_slower_than_the_median(tmp_path: Path) -> None:
    with Calls(tmp_path / "calls.sqlite") as calls:
        for number in range(1, 101):
            reply = Reply(
                "qa", 200, "stop", "m", "", float(number), 1, 1, 0, "{}", "{}", asked="m", batch="b" if number > 100 else ""
            )
            calls.put(str(number), reply)
        assert latencies_of(calls.database) == [Latency("qa", "m", 50.0, 95.0)]


def test_a_batch_has_no_latency(tmp_path: Path) -> None:
    with Calls(tmp_path / "calls.sqlite") as calls:
        calls.put("k", Reply("qa", 200, "stop", "m", "", 40_000.0, 1, 1, 0, "{}", "{}", batch="b"))
        assert latencies_of(calls.database) == []


def test_a_call_that_nobody_saw_the_end_of_is_told_and_counts(tmp_path: Path) -> None:
    """The server resets some connections: those calls may have been billed."""
    (tmp_path / ".jeongdap").mkdir()
    with running_server(FaultPlan(shares={"reset": 0.1})) as server, Calls(tmp_path / ".jeongdap" / "calls.sqlite") as calls:
        model = settings(base_url=server.endpoint.base_url, prices=PRICES)
        with Engine(server.endpoint, model, calls, "r") as engine:
            engine.ask(make_asks(40))
        spent = spending_of(calls.database, "r")
    assert spent.unseen > 0
    assert spent.cost == spent.unseen_cost + sum(line.cost for line in spent.lines)
    bill = bill_of(tmp_path, "r", "EUR")
    assert f"calls whose reply was never seen: {spent.unseen}; perhaps billed" in "\n".join(bill.lines())
    assert money(spent.unseen_cost, "EUR") in "\n".join(bill.lines())


def test_a_bill_tells_run_and_project(bought: tuple[Path, Calls]) -> None:
    project, calls = bought
    bill = bill_of(project, "two", "USD")
    first, last = bill.lines()
    two, everything = (spending_of(calls.database, run) for run in ("two", None))
    assert first.startswith(f"LLM calls bought: {two.replies}, {two.bad} of them of no use; {two.prompt_tokens:,} tokens in, ")
    assert first.endswith(money(two.cost, "USD"))
    assert last == f"the project over all its runs: {everything.replies} calls, {everything.tokens:,} tokens; " + money(
        everything.cost, "USD"
    )
    counts = json.loads(json.dumps(bill.counts()))
    assert counts["cost"] == pytest.approx(two.cost / NANO)
    assert counts["project_calls"] == everything.replies


def test_a_project_without_calls_has_an_empty_bill_and_no_new_file(tmp_path: Path) -> None:
    assert bill_of(tmp_path, "r", "USD").lines() == ["LLM calls bought: 0"]
    assert list(tmp_path.iterdir()) == []


def test_unknown_prices_are_no_zero() -> None:
    unpriced = Spending((Line("qa", "m", 2, 2, 0, 1000, 0, 10, 0, 2),), 1010, 0, 0, 0)
    bill = Bill(unpriced, unpriced, currency="USD")
    assert bill.lines() == ["LLM calls bought: 2; 1,000 tokens in, 10 out; cost unknown: no prices are set"]
    assert bill.counts()["cost"] is None
    assert calls_table(unpriced, "USD")["cost"].tolist() == ["unknown"]


def test_replies_without_a_price_are_told_beside_the_cost_of_the_others() -> None:
    mixed = Spending((Line("qa", "m", 5, 5, 0, 1000, 0, 10, 2 * NANO, 3),), 1010, 2 * NANO, 0, 0)
    assert calls_table(mixed, "USD")["cost"].tolist() == ["2.00 USD and 3 replies without a price"]


@pytest.mark.parametrize(
    ("cost", "told"),
    [
        (0, "0.00 USD"),
        (NANO, "1.00 USD"),
        (1_234_567 * NANO, "1,234,567.00 USD"),
        (NANO // 2, "0.500 USD"),
        (45_000, "0.0000450 USD"),
        (1, "0.00000000100 USD"),
    ],
)
def test_money_is_written_for_people(cost: int, told: str) -> None:
    assert money(cost, "USD") == told


def test_rates_are_what_the_endpoint_billed(bought: tuple[Path, Calls]) -> None:
    _, calls = bought
    with calls.database.reading() as db:
        (url,) = db.execute("SELECT DISTINCT endpoint FROM calls WHERE run='two'").fetchone()
    rates = rates_of(calls.database, settings(base_url=url))
    two = spending_of(calls.database, "two")
    assert rates.calls == two.replies >= FEW
    assert rates.again == {"qa": two.replies / 40}
    assert rates.replies == {"qa": two.completion_tokens / two.replies}
    assert rates.ratio == pytest.approx(1.0, abs=0.05)  # this server counts as we do
    assert rates.cached == 0


def test_a_few_calls_or_another_endpoint_tell_nothing(bought: tuple[Path, Calls]) -> None:
    _, calls = bought
    rates = rates_of(calls.database, settings(base_url="http://elsewhere/v1"))
    assert (rates.calls, rates.ratio, rates.again) == (0, 1.0, {})


def test_a_cache_is_counted_as_a_share_of_the_prompt(tmp_path: Path) -> None:
    with Calls(tmp_path / "calls.sqlite") as calls:
        for number in range(FEW):
            reply = Reply(
                "qa", 200, "stop", "m", "", 1.0, 200, 10, 50, "{}", "{}", endpoint="http://x/v1", asked="m", estimate=100
            )
            calls.put(str(number), reply)
        rates = rates_of(calls.database, settings(base_url="http://x/v1", model="m"))
    assert (rates.calls, rates.ratio, rates.cached) == (FEW, 2.0, 0.25)
