"""What was bought and what it cost, as the tables of `.jeongdap/calls.sqlite` have it: for a run, or for the whole project."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tasks.llm.database import Database


@dataclass(frozen=True, slots=True)
class Line:
    """The replies of one kind of asks to one model: so many asks got them, so many were of no use.

    `cached_tokens` are part of `prompt_tokens`. `cost` is in billionths and leaves out the `unpriced` replies, whose prices or
    usage are not known.
    """

    kind: str
    model: str
    asks: int
    replies: int
    bad: int
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    cost: int
    unpriced: int


@dataclass(frozen=True, slots=True)
class Problem:
    """How many replies of a kind were of no use for one reason."""

    kind: str
    problem: str
    replies: int


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds from request to reply: half of the live calls took at most `median`, 95 of 100 at most `p95`."""

    kind: str
    model: str
    median: float
    p95: float


@dataclass(frozen=True, slots=True)
class Spending:
    """All of it. `tokens` and `cost` (billionths) are what counts against the caps.

    In them are the `unseen` calls, with `unseen_cost`: sent, perhaps billed, and their replies never came.
    """

    lines: tuple[Line, ...]
    tokens: int
    cost: int
    unseen: int
    unseen_cost: int

    @property
    def replies(self) -> int:
        """Replies that were paid for."""
        return sum(line.replies for line in self.lines)

    @property
    def bad(self) -> int:
        """Those of them that were of no use."""
        return sum(line.bad for line in self.lines)

    @property
    def prompt_tokens(self) -> int:
        """Tokens in, as far as servers told them."""
        return sum(line.prompt_tokens for line in self.lines)

    @property
    def cached_tokens(self) -> int:
        """Those of them that an endpoint had in its cache."""
        return sum(line.cached_tokens for line in self.lines)

    @property
    def completion_tokens(self) -> int:
        """Tokens out, as far as servers told them."""
        return sum(line.completion_tokens for line in self.lines)

    @property
    def unpriced(self) -> int:
        """Replies whose cost is not known."""
        return sum(line.unpriced for line in self.lines)


NOTHING = Spending((), 0, 0, 0, 0)


def spending_of(database: Database, run: str | None = None) -> Spending:
    """What a run (None: all of them together) has bought and spent."""
    where, values = _of(run)
    with database.reading() as db:
        lines = db.execute(
            "SELECT kind, asked, count(DISTINCT key), count(*), coalesce(sum(problem <> ''), 0), coalesce(sum(prompt_tokens), 0),"
            " coalesce(sum(cached_tokens), 0), coalesce(sum(completion_tokens), 0), coalesce(sum(cost), 0), sum(cost IS NULL)"
            f" FROM calls{where} GROUP BY kind, asked ORDER BY kind, asked",
            values,
        ).fetchall()
        sums = db.execute(
            "SELECT coalesce(sum(tokens), 0), coalesce(sum(cost), 0), coalesce(sum(unseen), 0), coalesce(sum(unseen_cost), 0)"
            f" FROM spent{where}",
            values,
        ).fetchone()
    return Spending(tuple(Line(*line) for line in lines), *sums)


def problems_of(database: Database, run: str | None = None) -> list[Problem]:
    """Why replies of a run (None: of all runs) were of no use, most frequent first."""
    where, values = _of(run, "problem <> ''")
    with database.reading() as db:
        rows = db.execute(
            f"SELECT kind, problem, count(*) FROM calls{where} GROUP BY kind, problem ORDER BY count(*) DESC, kind, problem",
            values,
        ).fetchall()
    return [Problem(*row) for row in rows]


def latencies_of(database: Database, run: str | None = None) -> list[Latency]:
    """How long the live calls of a run (None: of all runs) took; a batch has no latency that means anything."""
    where, values = _of(run, "batch = ''")
    with database.reading() as db:
        rows = db.execute(f"SELECT kind, asked, latency FROM calls{where} ORDER BY kind, asked, latency", values).fetchall()
    groups: dict[tuple[str, str], list[float]] = {}
    for kind, model, latency in rows:
        groups.setdefault((kind, model), []).append(latency)
    return [Latency(kind, model, _rank(own, 0.5), _rank(own, 0.95)) for (kind, model), own in groups.items()]


def in_batches(database: Database) -> frozenset[str]:
    """The keys of requests that are in a batch now: what they cost is held, their replies come with it."""
    with database.reading() as db:
        rows = db.execute("SELECT i.key FROM batch_items i JOIN batches b ON b.id = i.batch WHERE b.state <> 'done'").fetchall()
    return frozenset(key for (key,) in rows)


def _of(run: str | None, condition: str = "") -> tuple[str, tuple[str, ...]]:
    conditions = [*(["run = ?"] if run is not None else []), *([condition] if condition else [])]
    return (f" WHERE {' AND '.join(conditions)}" if conditions else ""), (() if run is None else (run,))


def _rank(ordered: Sequence[float], share: float) -> float:
    """The nearest-rank percentile of values in order."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
