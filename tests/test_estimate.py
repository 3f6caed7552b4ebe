from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from llm_server import make_asks, running_server, settings

from flows.estimate import BuildEstimate, Expected, Fit, Forecast, as_table, fits_of, needed_by
from tasks.generate.generate import TOKENS_PER_ITEM
from tasks.llm.asks import Ask, call_key
from tasks.llm.calibrate import Rates, rates_of
from tasks.llm.calls import Calls
from tasks.llm.engine import Engine
from tasks.llm.guard import Guard
from tasks.llm.ledger import Sum
from tasks.llm.offline import FaultPlan
from tasks.llm.prices import NANO
from tasks.llm.spending import in_batches, spending_of
from tasks.settings import BudgetSettings, Cap, GenerateSettings, ModelSettings, PiiSettings, PriceSettings

URL = "http://127.0.0.1:9/v1"  # nobody asks it
PRICES = PriceSettings(input=1, cached_input=0.5, output=2)
KINDS = GenerateSettings(kinds={"qa": 2})


@pytest.fixture
def calls(tmp_path: Path) -> Iterator[Calls]:
    with Calls(tmp_path / "calls.sqlite") as store:
        yield store


def forecast(calls: Calls, model: ModelSettings | None = None, rates: Rates | None = None) -> Forecast:
    return Forecast(model or settings(base_url=URL, prices=PRICES), KINDS, Guard(PiiSettings()), calls, rates or Rates())


def estimated(asks: list[Ask], calls: Calls, model: ModelSettings, rates: Rates | None = None, **budget: Cap) -> BuildEstimate:
    known = rates or Rates()
    expected = [("a.pdf", ask.kind, forecast(calls, model, known).of(ask)) for ask in asks]
    fits = list(fits_of(BudgetSettings(**budget), Sum(0, 0), needed_by([e for _, _, e in expected])))
    return BuildEstimate(as_table(expected), model, "USD", known.calls, 0, 0, fits)


def test_what_the_store_answers_needs_no_call_and_nothing_else_is_left_out(calls: Calls) -> None:
    with running_server() as server:
        model = settings(base_url=server.endpoint.base_url, prices=PRICES)
        with Engine(server.endpoint, model, calls) as engine:
            engine.ask(make_asks(10))
    told = [forecast(calls, model).of(ask).calls for ask in make_asks(30)]
    assert told == [0.0] * 10 + [1.0] * 20


def test_an_ask_whose_replies_were_all_bad_is_not_asked_again(calls: Calls) -> None:
    with running_server(FaultPlan(always={"별솔": "refusal"})) as server, Engine(server.endpoint, settings(), calls) as engine:
        engine.ask(make_asks(3))
    assert [forecast(calls, settings()).of(ask).calls for ask in make_asks(4)] == [0, 0, 0, 1]


def test_personal_data_is_masked_before_the_store_is_asked(calls: Calls) -> None:
    asks = [replace(ask, user=f"{ask.user}\n\n주민등록번호 900101-1234567") for ask in make_asks(2)]
    with running_server() as server, Engine(server.endpoint, settings(), calls, guard=Guard(PiiSettings())) as engine:
        engine.ask(asks)
    assert [forecast(calls, settings()).of(ask).calls for ask in asks] == [0, 0]


def test_equal_asks_are_counted_once(calls: Calls) -> None:
    ask = make_asks(1)[0]
    one = forecast(calls)
    assert [one.of(ask).calls, one.of(ask).calls, one.of(replace(ask, sample=1)).calls] == [1, 0, 1]


def test_what_waits_in_a_batch_is_not_bought_again(calls: Calls) -> None:
    asks = make_asks(3)
    keys = [call_key(ask, settings()) for ask in asks]
    with calls.database.transaction() as db:
        for batch, state, key in (("b", "submitted", keys[0]), ("c", "done", keys[1])):
            db.execute("INSERT INTO batches (id, endpoint, model, run, time, state) VALUES (?,'e','m','r','t',?)", (batch, state))
            db.execute("INSERT INTO batch_items VALUES (?,?,'qa','{}',1)", (batch, key))
    told = Forecast(settings(), KINDS, Guard(PiiSettings()), calls, Rates(), in_batches(calls.database))
    assert [told.of(ask).calls for ask in asks] == [0, 1, 1]


def test_calibrated_tokens_and_cost_are_those_that_are_billed_then(calls: Calls) -> None:
    """A server whose replies are broken now and then: what 200 asks cost is foretold from what 200 others did."""
    faults = FaultPlan(shares={"broken_json": 0.15})
    with running_server(faults) as server:
        model = settings(base_url=server.endpoint.base_url, prices=PRICES)
        with Engine(server.endpoint, model, calls, "past") as engine:
            engine.ask(make_asks(200))
        rates = rates_of(calls.database, model)
        told = [forecast(calls, model, rates).of(ask) for ask in make_asks(400)[200:]]
        with Engine(server.endpoint, model, calls, "now") as engine:
            engine.ask(make_asks(400)[200:])
    spent = spending_of(calls.database, "now")
    assert sum(e.calls for e in told) == pytest.approx(spent.replies, rel=0.1)
    assert sum(e.prompt_tokens for e in told) == pytest.approx(spent.prompt_tokens, rel=0.1)
    assert sum(e.completion_tokens for e in told) == pytest.approx(spent.completion_tokens, rel=0.1)
    assert sum(e.cost for e in told) == pytest.approx(spent.cost, rel=0.1)


def test_without_calls_of_the_endpoint_replies_are_as_long_as_the_rows_asked_for(calls: Calls) -> None:
    told = forecast(calls).of(make_asks(1)[0])
    assert told.completion_tokens == 2 * TOKENS_PER_ITEM
    assert told.cost == round(told.prompt_tokens) * 1000 + 2 * TOKENS_PER_ITEM * 2000


def test_a_reply_is_never_longer_than_its_limit(calls: Calls) -> None:
    assert forecast(calls, settings(max_tokens=100)).of(make_asks(1)[0]).completion_tokens == 100


def test_a_batch_costs_what_batches_cost_and_a_cache_what_caches_do(calls: Calls) -> None:
    ask = make_asks(1)[0]
    live, batch = (forecast(calls, settings(base_url=URL, prices=PRICES, mode=mode)).of(ask).cost for mode in ("live", "batch"))
    assert batch == pytest.approx(live / 2)
    cached = forecast(calls, rates=Rates(calls=500, cached=1.0)).of(ask)
    assert cached.cost == round(cached.prompt_tokens) * 500 + 2 * TOKENS_PER_ITEM * 2000


def test_a_cap_fits_when_the_last_call_still_has_room() -> None:
    asks = [Expected(1, 100, 50, 10, most_tokens=400, most_cost=90), Expected(1, 100, 50, 10, most_tokens=500, most_cost=80)]
    assert needed_by(asks) == Sum(300 + 500, 20 + 90)
    assert needed_by([Expected(), Expected()]) == needed_by([]) == Sum(0, 0)


def test_run_and_project_are_limited_apart() -> None:
    budget = BudgetSettings(run=Cap(max_cost=1.0), project=Cap(max_cost=2.0, max_tokens=1000))
    fits = list(fits_of(budget, Sum(900, round(1.5 * NANO)), Sum(100, round(0.75 * NANO))))
    assert [(fit.name, fit.fits) for fit in fits] == [
        ("budget.run.max_cost", True),
        ("budget.project.max_cost", False),
        ("budget.project.max_tokens", True),
    ]
    assert str(fits[1]).startswith(
        "budget.project.max_cost = 2.00 USD: 1.50 USD spent or in flight, about 0.750 USD needed: does not fit: raise"
    )
    assert (
        str(fits[2]) == "budget.project.max_tokens = 1,000 tokens: 900 tokens spent or in flight, about 100 tokens needed: fits"
    )


def test_what_needs_nothing_fits_into_a_budget_that_is_spent() -> None:
    assert Fit("budget.project.max_tokens", 10, 20, 0).fits


def test_an_estimate_tells_kinds_documents_cost_and_caps(calls: Calls) -> None:
    asks = [*make_asks(2), replace(make_asks(3)[2], kind="choice")]
    kinds = GenerateSettings(kinds={"qa": 2, "choice": 1})
    model = settings(base_url=URL, prices=PRICES)
    told = Forecast(model, kinds, Guard(PiiSettings()), calls, Rates())
    expected = [(f"{n % 2}.pdf", ask.kind, told.of(ask)) for n, ask in enumerate(asks)]
    fits = list(fits_of(BudgetSettings(run=Cap(max_tokens=10)), Sum(0, 0), needed_by([e for _, _, e in expected])))
    estimate = BuildEstimate(as_table(expected), model, "USD", 0, 0, 0, fits)
    counts = json.loads(json.dumps(estimate.counts()))
    assert counts["calls"] == counts["asks"] == 3
    assert {kind: numbers["calls"] for kind, numbers in counts["kinds"].items()} == {"qa": 2, "choice": 1}
    assert {path: numbers["calls"] for path, numbers in counts["documents"].items()} == {"0.pdf": 2, "1.pdf": 1}
    assert counts["cost"] == pytest.approx(sum(numbers["cost"] for numbers in counts["kinds"].values()))
    assert counts["cost"] > 0
    assert counts["completion_tokens"] == 5 * TOKENS_PER_ITEM
    assert (counts["budget"][0]["cap"], counts["budget"][0]["fits"]) == ("budget.run.max_tokens", False)
    page = "\n".join(estimate.lines())
    for words in (
        "qa",
        "choice",
        "0.pdf",
        "about 3 calls",
        "nothing was called",
        "estimated from the text alone",
        "does not fit",
    ):
        assert words in page


def test_an_estimate_without_prices_says_how_to_set_them(calls: Calls) -> None:
    model = settings(base_url=URL)
    estimate = estimated(make_asks(2), calls, model, Rates(calls=77))
    page = "\n".join(estimate.lines())
    assert "[models.writer.prices]" in page
    assert "USD" not in page
    assert "calibrated from 77 calls of this endpoint" in page
    assert estimate.counts()["cost"] is None


def test_the_built_in_writer_costs_nothing(calls: Calls) -> None:
    estimate = estimated(make_asks(2), calls, settings())
    assert "cost: none" in estimate.lines()
    assert estimate.counts()["cost"] == 0


def test_many_documents_are_not_all_shown(calls: Calls) -> None:
    expected = [(f"{n:02}.pdf", "qa", Expected(calls=n)) for n in range(50)]
    estimate = BuildEstimate(as_table(expected), settings(), "USD", 0, 0, 0, [])
    page = "\n".join(estimate.lines())
    assert "49.pdf" in page
    assert "29.pdf" not in page
    assert "30 more documents" in page
    assert len(estimate.counts()["documents"]) == 50


def test_nothing_to_ask_is_said(calls: Calls) -> None:
    estimate = BuildEstimate(as_table([]), settings(), "USD", 0, 0, 0, [])
    assert estimate.lines()[-1].startswith("no call is needed")
    assert json.loads(json.dumps(estimate.counts()))["calls"] == 0
