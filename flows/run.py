"""One run of a flow from the command line: with its Prefect API around it, and a summary for people at its end."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pandas as pd

from flows.coverage import coverage_line, covered_clauses
from flows.services import prefect_api
from flows.until import Until
from tasks.settings import load_settings

if TYPE_CHECKING:
    from flows.spending import Bill
    from tasks.release.publish import Release
    from tasks.store import Manifest

WIDTH = 100  # of what is printed


@dataclass(frozen=True, slots=True)
class BuildSummary:
    """What a build did: the funnel, calls that were bought, asks that nothing came of, and records that were new to the queue.

    `cpu_seconds` are of the flow and the processes that it waited for; imports and servers are left out.
    """

    project: Path
    run: str
    table: pd.DataFrame
    bill: Bill
    failed: int
    new_records: int
    offline: bool
    until: Until
    cpu_seconds: float
    coverage: str = ""

    def counts(self) -> Mapping[str, object]:
        """For --json."""
        numbers = self.table.set_index("step")[["kept", "dropped"]].astype(int)
        steps = {str(step): dict(row) for step, row in numbers.to_dict("index").items()}
        return {
            "run": self.run,
            "steps": steps,
            "llm_calls": self.bill.run.replies,
            "llm": {**self.bill.counts(), "failed_asks": self.failed},
            "new_records": self.new_records,
            "cpu_seconds": round(self.cpu_seconds, 2),
        }

    def lines(self) -> list[str]:
        """For people."""
        lines = [*_funnel_lines(self.table), "", *self.bill.lines()]
        if self.failed:
            lines.append(f"asks that nothing came of: {self.failed:,}; why: jeongdap rows generate --dropped -C {self.project}")
        if self.coverage:
            lines.append(self.coverage)
        lines.append(f"new records in the review queue: {self.new_records}")
        if self.offline:
            lines.append(
                "Rows by the built-in extractive writer (rules, not a language model): set [models.writer] for real data."
            )
        if not self.bill.run.replies and not self.new_records and self.until is Until.REVIEW:
            lines.append("Nothing changed since the last build.")
        return lines


def _funnel_lines(table: pd.DataFrame) -> Iterator[str]:
    """The funnel for a terminal: a line a step, its reasons below each other where they are many."""
    head = f"{'step':<12}{'stages':>8}{'kept':>8}{'dropped':>8}   "
    yield f"{head}reasons"
    for row in table.itertuples(index=False):
        first = f"{row.step:<12}{row.stages:>8}{row.kept:>8}{row.dropped:>8}   "
        reasons = textwrap.wrap(str(row.reasons), WIDTH - len(head), break_long_words=False) or [""]
        yield f"{first}{reasons[0]}".rstrip()
        yield from (" " * len(head) + more for more in reasons[1:])


@dataclass(frozen=True, slots=True)
class PublishSummary:
    """What publish did: how the verdicts settled, and the release that came of it, if any."""

    release: Path | None
    version: str
    settled: Mapping[str, int]
    new: bool

    @staticmethod
    def of(release: Release | None, settled: Mapping[str, int]) -> PublishSummary:
        """The summary of a release, or of none."""
        if release is None:
            return PublishSummary(None, "", settled, new=False)
        return PublishSummary(release.folder, release.version, settled, release.new)

    def counts(self) -> Mapping[str, object]:
        """For --json."""
        return {"release": str(self.release) if self.release else None, "new": self.new, **self.settled}

    def lines(self) -> list[str]:
        """For people."""
        told = ", ".join(f"{name} {n}" for name, n in self.settled.items()) or "nothing was sent to review yet"
        if self.new:
            return [f"settled: {told}", f"release {self.version}: {self.release}"]
        if self.release:
            return [f"settled: {told}", f"nothing changed since {self.version}: {self.release}"]
        return [f"settled: {told}", "nothing to release yet: no row has a settled verdict"]


def run_build(project: Path, until: Until, limit: int | None) -> BuildSummary:
    """Build a project and tell what came of it."""
    settings = load_settings(project)
    with prefect_api(project, settings.prefect.port):
        from flows.build import build
        from flows.funnel import funnel
        from flows.spending import bill_of

        begun = sum(os.times()[:4])
        work = build(str(project), until, limit)
        used = sum(os.times()[:4]) - begun
    offline = settings.models["writer"].offline and "generate" in work.made
    bill = bill_of(project, work.run, settings.budget.currency)
    failed = unanswered(work.made.get("generate", ()))
    told = ""
    if "dedup" in work.made and limit is None:
        told = coverage_line(covered_clauses(work.store, "dedup", settings.generate))
    return BuildSummary(project, work.run, funnel(work.manifests), bill, failed, work.pushed, offline, until, used, told)


def unanswered(generated: Iterable[Manifest]) -> int:
    """How many asks got no usable answer, in the stages of rows; each is a dropped row with its problem for a reason."""
    from tasks.llm.asks import Problem

    problems = {problem for problem in get_args(Problem) if problem}
    return sum(outcome.rows for manifest in generated for outcome in manifest.reasons if outcome.reason in problems)


def run_publish(project: Path) -> PublishSummary:
    """Publish a project and tell what came of it."""
    settings = load_settings(project)
    with prefect_api(project, settings.prefect.port):
        from flows.publish import publish

        return publish(str(project))
