"""What calls cost, in words and tables: while a model writes, after a build, and in reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tasks.llm.calls import Calls
from tasks.llm.prices import NANO, money
from tasks.llm.spending import NOTHING, Latency, Line, Problem, Spending, latencies_of, problems_of, spending_of
from tasks.llm.tally import Tally
from tasks.store import Store

COLUMNS = ["kind", "model", "asks", "replies", "bad replies", "tokens in", "cached", "tokens out", "cost"]
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Bill:
    """What a run has spent, and the project over all its runs; the run's bad replies and how long its calls took."""

    run: Spending = NOTHING
    project: Spending = NOTHING
    problems: tuple[Problem, ...] = ()
    latencies: tuple[Latency, ...] = ()
    currency: str = ""

    def counts(self) -> Mapping[str, object]:
        """For --json; money in the currency, None where it is not known."""
        return {
            "calls": self.run.replies,
            "bad_replies": self.run.bad,
            "prompt_tokens": self.run.prompt_tokens,
            "cached_tokens": self.run.cached_tokens,
            "completion_tokens": self.run.completion_tokens,
            "unseen_calls": self.run.unseen,
            "cost": _amount(self.run),
            "project_calls": self.project.replies,
            "project_tokens": self.project.tokens,
            "project_cost": _amount(self.project),
            "currency": self.currency,
        }

    def lines(self) -> list[str]:
        """For people: what this run bought, what of it nobody saw, and what the project has spent so far."""
        run, project = self.run, self.project
        bad = f", {run.bad:,} of them of no use" if run.bad else ""
        cached = f" ({run.cached_tokens:,} from its cache)" if run.cached_tokens else ""
        used = f"; {run.prompt_tokens:,} tokens in{cached}, {run.completion_tokens:,} out" if run.replies else ""
        lines = [f"LLM calls bought: {run.replies:,}{bad}{used}{_cost(run, self.currency)}"]
        if run.unseen:
            counted = f": {money(run.unseen_cost, self.currency)}" if run.unseen_cost else ""
            lines.append(f"calls whose reply was never seen: {run.unseen:,}; perhaps billed, so they count in full{counted}")
        if project.replies > run.replies or project.unseen > run.unseen:
            told = f"{project.replies:,} calls, {project.tokens:,} tokens{_cost(project, self.currency)}"
            lines.append(f"the project over all its runs: {told}")
        return lines


def bill_of(project: Path, run: str, currency: str) -> Bill:
    """The bill of a run, from the project's calls; an empty one where none was ever made."""
    path = Store(project).root / "calls.sqlite"
    if not path.exists():
        return Bill(currency=currency)
    with Calls(path) as calls:
        db = calls.database
        problems, latencies = tuple(problems_of(db, run)), tuple(latencies_of(db, run))
        return Bill(spending_of(db, run), spending_of(db), problems, latencies, currency)


def calls_table(spending: Spending, currency: str) -> pd.DataFrame:
    """What was bought by kind and model."""
    rows = [
        (
            *(line.kind, line.model or UNKNOWN, line.asks, line.replies, line.bad),
            *(line.prompt_tokens, line.cached_tokens, line.completion_tokens),
            line_cost(line, currency),
        )
        for line in spending.lines
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def line_cost(line: Line, currency: str) -> str:
    """What the replies of a line cost; those without a price are counted beside it."""
    if line.unpriced == line.replies:
        return UNKNOWN
    more = f" and {line.unpriced:,} replies without a price" if line.unpriced else ""
    return money(line.cost, currency) + more


def _cost(spending: Spending, currency: str) -> str:
    """What all of it cost, behind a semicolon; nothing where nothing costs."""
    if _amount(spending) is None:
        return "; cost unknown: no prices are set"
    return f"; {money(spending.cost, currency)}" if spending.cost else ""


def _amount(spending: Spending) -> float | None:
    return None if spending.unpriced and not spending.cost else spending.cost / NANO


def figures(tally: Tally, currency: str) -> str:
    """How far a model is, while it writes."""
    left = tally.seconds_left
    parts = [
        f"{tally.rate:.1f}/s",
        f"{duration(left)} left" if left is not None else "",
        f"{tally.in_batch:,} in batches" if tally.in_batch else f"{tally.limit} calls at a time" if tally.limit else "",
        f"{tally.failed:,} failed" if tally.failed else "",
        _tokens(tally),
        f"{money(tally.cost, currency)} so far" if currency else "",
        f"{money(round(tally.to_come), currency)} to come" if currency and tally.asked else "",
    ]
    return ", ".join(part for part in parts if part)


def final_figures(tally: Tally, currency: str) -> str:
    """How it went, when a model has written."""
    parts = [
        f"{tally.done:,} of {tally.total:,} asks answered in {duration(tally.seconds)}",
        f"{tally.stored:,} of them by the store" if tally.stored else "",
        f"{tally.failed:,} failed",
        f"{tally.bought:,} calls",
        _tokens(tally),
        money(tally.cost, currency) if currency else "",
    ]
    return ", ".join(part for part in parts if part)


def _tokens(tally: Tally) -> str:
    return f"{short(tally.prompt_tokens)} tokens in, {short(tally.completion_tokens)} out"


def short(number: int) -> str:
    """A number that may be large: 950, 12.3k, 4.6M."""
    for size, letter in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if number >= size:
            return f"{number / size:.1f}{letter}"
    return str(number)


def duration(seconds: float) -> str:
    """A time for people, in its two largest units."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest:02} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02} min"
