"""The budget: what a call may cost is held before it is sent, and what it did cost takes the place of the hold.

So spent + held never exceeds a cap, whatever is in flight, in however many processes. A hold also says who sends a request:
nobody else sends it meanwhile. A sender that died leaves its holds behind; its calls may have been billed, so they count as
spent, in full.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from tasks.llm.calls import Reply, insert
from tasks.llm.owners import is_alive
from tasks.llm.prices import Usage, money, nano
from tasks.settings import BudgetSettings, Cap


@dataclass(frozen=True, slots=True)
class Hold:
    """The most that one call can use: tokens in and out, cost in billionths of the currency."""

    key: str
    tokens: int
    cost: int


class Claim(Enum):
    """What came of a wish to send a request: it may be sent, another process has it in flight, or replies came meanwhile."""

    OURS = "ours"
    BUSY = "busy"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class OverBudget:
    """A hold did not fit below a cap: which, and in numbers."""

    said: str


@dataclass(frozen=True, slots=True)
class Sum:
    """Tokens and cost together."""

    tokens: int
    cost: int


@dataclass(slots=True)
class _Used:
    """What counts against a cap, while holds are added."""

    name: str
    cap: Cap
    sum: Sum


@dataclass(frozen=True, slots=True)
class Ledger:
    """The budget as one sender of one run sees it. Methods work in an open transaction that holds the write lock."""

    budget: BudgetSettings
    run: str
    owner: str
    owners: Path

    def claim(self, db: sqlite3.Connection, hold: Hold, known: int) -> Claim | OverBudget:
        """Hold what a call may cost. `known` is how many replies to it we have read."""
        return self.claim_all(db, [(hold, known)])[0]

    def claim_all(self, db: sqlite3.Connection, wanted: Iterable[tuple[Hold, int]]) -> list[Claim | OverBudget]:
        """`claim` for several calls; what was used before is summed up once."""
        limits = (("run", self.budget.run, self.run), ("project", self.budget.project, None))
        caps = [_Used(name, cap, used(db, run)) for name, cap, run in limits if cap.max_tokens or cap.max_cost]
        return [self._claim(db, hold, known, caps) for hold, known in wanted]

    def _claim(self, db: sqlite3.Connection, hold: Hold, known: int, caps: list[_Used]) -> Claim | OverBudget:
        taken = db.execute("SELECT owner FROM holds WHERE key=?", (hold.key,)).fetchone()
        if taken and self._alive(db, taken[0]):
            return Claim.BUSY
        if taken:
            self.bury(db, taken[0])
        (stored,) = db.execute("SELECT count(*) FROM calls WHERE key=?", (hold.key,)).fetchone()
        if stored != known:
            return Claim.STALE
        for cap in caps:
            if said := self._exceeds(cap.name, cap.cap, cap.sum, hold):
                return OverBudget(said)
        db.execute("INSERT INTO holds VALUES (?,?,?,?,?)", (hold.key, self.owner, self.run, hold.tokens, hold.cost))
        for cap in caps:
            cap.sum = Sum(cap.sum.tokens + hold.tokens, cap.sum.cost + hold.cost)
        return Claim.OURS

    def settle(self, db: sqlite3.Connection, key: str, reply: Reply) -> int:
        """Store a reply and what it cost; its attempt number. A reply that does not tell its usage costs what was held."""
        held = self._take(db, key) or Sum(0, 0)
        told = reply.prompt_tokens is not None and reply.completion_tokens is not None
        tokens = (reply.prompt_tokens or 0) + (reply.completion_tokens or 0) if told else held.tokens
        self._spend(db, self.run, Sum(tokens, reply.cost if told and reply.cost is not None else held.cost))
        return insert(db, key, reply)

    def release(self, db: sqlite3.Connection, key: str) -> None:
        """A call that the server did not take costs nothing."""
        self._take(db, key)

    def lose(self, db: sqlite3.Connection, key: str) -> None:
        """A call that was sent and whose reply we shall never see may have been billed."""
        if held := self._take(db, key):
            self._unseen(db, self.run, held)

    def bury(self, db: sqlite3.Connection, owner: str) -> None:
        """What a dead sender had in flight may have been billed, each to its own run."""
        rows = db.execute("DELETE FROM holds WHERE owner=? RETURNING run, tokens, cost", (owner,)).fetchall()
        for run, tokens, cost in rows:
            self._unseen(db, run, Sum(tokens, cost))

    def bury_all(self, db: sqlite3.Connection) -> None:
        """`bury` every sender that is dead."""
        for (owner,) in db.execute("SELECT DISTINCT owner FROM holds").fetchall():
            if not self._alive(db, owner):
                self.bury(db, owner)

    def _alive(self, db: sqlite3.Connection, owner: str) -> bool:
        """A batch lives on at the server while nobody here waits for it."""
        if db.execute("SELECT 1 FROM batches WHERE id=? AND state<>'done'", (owner,)).fetchone():
            return True
        return is_alive(self.owners, owner)

    def _exceeds(self, name: str, cap: Cap, before: Sum, hold: Hold) -> str:
        if cap.max_tokens and before.tokens + hold.tokens > cap.max_tokens:
            return (
                f"{before.tokens} of {cap.max_tokens} tokens are spent or in flight, the next call may use {hold.tokens}; "
                f"raise budget.{name}.max_tokens"
            )
        if cap.max_cost and before.cost + hold.cost > nano(cap.max_cost):
            shown = [money(cost, self.budget.currency) for cost in (before.cost, nano(cap.max_cost), hold.cost)]
            return (
                f"{shown[0]} of {shown[1]} are spent or in flight, the next call may cost {shown[2]}; "
                f"raise budget.{name}.max_cost"
            )
        return ""

    def _take(self, db: sqlite3.Connection, key: str) -> Sum | None:
        """End our hold; None where there is none (any more)."""
        row = db.execute("DELETE FROM holds WHERE key=? AND owner=? RETURNING tokens, cost", (key, self.owner)).fetchall()
        return Sum(*row[0]) if row else None

    def _spend(self, db: sqlite3.Connection, run: str, what: Sum) -> None:
        db.execute(
            "INSERT INTO spent (run, tokens, cost) VALUES (?1, ?2, ?3)"
            " ON CONFLICT (run) DO UPDATE SET tokens = tokens + ?2, cost = cost + ?3",
            (run, what.tokens, what.cost),
        )

    def _unseen(self, db: sqlite3.Connection, run: str, what: Sum) -> None:
        self._spend(db, run, what)
        db.execute("UPDATE spent SET unseen = unseen + 1, unseen_cost = unseen_cost + ? WHERE run=?", (what.cost, run))


def used(db: sqlite3.Connection, run: str | None) -> Sum:
    """What a run (None: all of them together) has spent and holds."""
    where, values = ("", ()) if run is None else (" WHERE run=?", (run,))
    sums = [
        db.execute(f"SELECT coalesce(sum(tokens), 0), coalesce(sum(cost), 0) FROM {table}{where}", values).fetchone()
        for table in ("spent", "holds")
    ]
    return Sum(sum(tokens for tokens, _ in sums), sum(cost for _, cost in sums))


def usages(reply: Reply) -> Iterator[Usage]:
    """The usage that a reply tells, if it does."""
    if reply.prompt_tokens is not None and reply.completion_tokens is not None:
        yield Usage(reply.prompt_tokens, reply.completion_tokens, reply.cached_tokens or 0)
