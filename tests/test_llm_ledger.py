"""The ledger against a model of it in plain Python, whatever senders do and however they die."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tasks.errors import StoreError
from tasks.llm.calls import Reply
from tasks.llm.database import Database
from tasks.llm.ledger import Claim, Hold, Ledger, OverBudget, used
from tasks.llm.owners import Owner, is_alive
from tasks.settings import BudgetSettings, Cap

KEYS = [f"k{n}" for n in range(5)]
RUNS = ["first", "second"]
NANO = 10**9


def reply(tokens: int | None, cost: int | None) -> Reply:
    return Reply("k", 200, "stop", "m", "", 1.0, tokens, None if tokens is None else 0, None, "{}", "{}", cost=cost)


@dataclass
class Sender:
    """A sender and the asks whose replies it has read."""

    owner: Owner
    ledger: Ledger
    known: dict[str, int] = field(default_factory=dict)


@dataclass
class Held:
    sender: Sender
    tokens: int
    cost: int


class LedgerMachine(RuleBasedStateMachine):
    @initialize(
        caps=st.lists(st.tuples(st.sampled_from([0, 30, 100, 400]), st.sampled_from([0, 50, 200, 900])), min_size=2, max_size=2)
    )
    def begin(self, caps: list[tuple[int, int]]) -> None:
        self.stack = contextlib.ExitStack()
        self.folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.file = self.stack.enter_context(contextlib.closing(Database(self.folder / "calls.sqlite")))
        run, project = (Cap(max_tokens=tokens, max_cost=cost / NANO) for tokens, cost in caps)
        self.budget = BudgetSettings(run=run, project=project)
        self.caps = caps
        self.senders: list[Sender] = []
        self.dead: list[Sender] = []
        self.held: dict[str, Held] = {}
        self.spent = {run: [0, 0, 0, 0] for run in RUNS}  # tokens, cost, unseen, cost of those
        self.replies = dict.fromkeys(KEYS, 0)
        for run in RUNS:
            self.start(run)

    def teardown(self) -> None:
        for sender in self.senders:
            sender.owner.close()
        self.stack.close()

    def sum(self, run: str | None) -> tuple[int, int]:
        spent = [self.spent[r] for r in RUNS if run in (None, r)]
        held = [h for h in self.held.values() if run in (None, h.sender.ledger.run)]
        return sum(s[0] for s in spent) + sum(h.tokens for h in held), sum(s[1] for s in spent) + sum(h.cost for h in held)

    def spend(self, held: Held, tokens: int, cost: int, unseen: bool) -> None:
        spent = self.spent[held.sender.ledger.run]
        spent[0] += tokens
        spent[1] += cost
        spent[2] += unseen
        spent[3] += cost if unseen else 0

    def bury(self, sender: Sender) -> None:
        for key in [key for key, held in self.held.items() if held.sender is sender]:
            held = self.held.pop(key)
            self.spend(held, held.tokens, held.cost, unseen=True)

    @precondition(lambda self: len(self.senders) < 4)
    @rule(run=st.sampled_from(RUNS))
    def start(self, run: str) -> None:
        owner = Owner(self.folder / "senders")
        sender = Sender(owner, Ledger(self.budget, run, owner.id, self.folder / "senders"), dict(self.replies))
        self.senders.append(sender)
        with self.file.transaction() as db:
            sender.ledger.bury_all(db)
        for dead in self.dead:
            self.bury(dead)

    @precondition(lambda self: len(self.senders) > 1)
    @rule(data=st.data())
    def die(self, data: Any) -> None:
        sender = self.senders.pop(data.draw(st.integers(0, len(self.senders) - 1)))
        sender.owner.close()
        self.dead.append(sender)

    @rule(
        data=st.data(),
        keys=st.lists(st.sampled_from(KEYS), min_size=1, max_size=3),
        tokens=st.integers(1, 60),
        stale=st.booleans(),
    )
    def claim(self, data: Any, keys: list[str], tokens: int, stale: bool) -> None:
        sender = data.draw(st.sampled_from(self.senders))
        if not stale:
            sender.known = dict(self.replies)
        wanted = [(Hold(key, tokens, 3 * tokens), sender.known[key]) for key in keys]
        with self.file.transaction() as db:
            got = sender.ledger.claim_all(db, wanted)
        assert [c if isinstance(c, Claim) else OverBudget for c in got] == [
            self.expected(sender, key, tokens, known) for key, (_, known) in zip(keys, wanted, strict=True)
        ]

    def expected(self, sender: Sender, key: str, tokens: int, known: int) -> Any:
        held = self.held.get(key)
        if held and held.sender in self.senders:
            return Claim.BUSY
        if held:
            self.bury(held.sender)
        if known != self.replies[key]:
            return Claim.STALE
        for (most_tokens, most_cost), run in zip(self.caps, (sender.ledger.run, None), strict=True):
            before = self.sum(run)
            if most_tokens and before[0] + tokens > most_tokens:
                return OverBudget
            if most_cost and before[1] + 3 * tokens > most_cost:
                return OverBudget
        self.held[key] = Held(sender, tokens, 3 * tokens)
        return Claim.OURS

    @rule(data=st.data(), key=st.sampled_from(KEYS), how=st.sampled_from(["told", "untold", "unpriced", "lost", "released"]))
    def finish(self, data: Any, key: str, how: str) -> None:
        """Also of what is not held, or not by this sender: then only what a reply told is spent."""
        sender = data.draw(st.sampled_from(self.senders))
        held = self.held.get(key)
        mine = held if held and held.sender is sender else None
        if mine:
            del self.held[key]
        own = mine or Held(sender, 0, 0)
        with self.file.transaction() as db:
            if how == "lost":
                sender.ledger.lose(db, key)
            elif how == "released":
                sender.ledger.release(db, key)
            elif mine:
                self.settle(db, sender, key, own, how)
        if how == "lost" and mine:
            self.spend(own, own.tokens, own.cost, unseen=True)

    def settle(self, db: Any, sender: Sender, key: str, own: Held, how: str) -> None:
        tokens = None if how == "untold" else own.tokens // 2
        cost = own.cost // 2 if how == "told" else None
        assert sender.ledger.settle(db, key, reply(tokens, cost)) == self.replies[key]
        self.replies[key] += 1
        self.spend(own, own.tokens if tokens is None else tokens, own.cost if cost is None else cost, unseen=False)

    @invariant()
    def the_file_is_as_the_model(self) -> None:
        if not hasattr(self, "file"):
            return
        with self.file.reading() as db:
            rows = {run: rest for run, *rest in db.execute("SELECT run, tokens, cost, unseen, unseen_cost FROM spent")}
            held = {key: tuple(rest) for key, *rest in db.execute("SELECT key, owner, run, tokens, cost FROM holds")}
            sums = {run: used(db, run) for run in (None, *RUNS)}
        assert all(rows.get(run, [0, 0, 0, 0]) == self.spent[run] for run in RUNS)
        assert held == {k: (h.sender.owner.id, h.sender.ledger.run, h.tokens, h.cost) for k, h in self.held.items()}
        for (most_tokens, most_cost), runs in zip(self.caps, (RUNS, [None]), strict=True):
            for run in runs:
                assert not most_tokens or sums[run].tokens <= most_tokens
                assert not most_cost or sums[run].cost <= most_cost


LedgerMachine.TestCase.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
TestLedgerIsItsModel = LedgerMachine.TestCase


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Database]:
    with contextlib.closing(Database(tmp_path / "calls.sqlite")) as file:
        yield file


def test_two_who_look_do_not_take_each_other_for_the_owner(tmp_path: Path) -> None:
    import fcntl

    owner = Owner(tmp_path)
    path = tmp_path / f"{owner.id}.lock"
    copy = path.read_bytes()
    assert is_alive(tmp_path, owner.id)
    owner.close()
    path.write_bytes(copy)  # as after a kill
    with path.open("rb") as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        assert not is_alive(tmp_path, owner.id)


def test_an_owner_that_cannot_be_looked_at_is_not_taken_for_dead(file: Database, tmp_path: Path) -> None:
    """Too many open files, no permission: what is in flight elsewhere must not be sent again."""
    folder = tmp_path / "senders"
    with contextlib.closing(Owner(folder)) as first, contextlib.closing(Owner(folder)) as second:
        with file.transaction() as db:
            assert Ledger(BudgetSettings(), "", first.id, folder).claim(db, Hold("k", 1, 1), 0) is Claim.OURS
        (folder / f"{first.id}.lock").unlink()
        (folder / f"{first.id}.lock").symlink_to(f"{first.id}.lock")  # cannot be opened: a loop
        with pytest.raises(StoreError), file.transaction() as db:
            Ledger(BudgetSettings(), "", second.id, folder).claim(db, Hold("k", 1, 1), 0)
        (folder / f"{first.id}.lock").unlink()


def test_an_owner_dies_with_its_process_and_not_with_a_child_of_another(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tasks.llm.owners import Owner\n"
        "o = Owner(Path(sys.argv[1])); print(o.id, flush=True); sys.stdin.read()"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout
    owner = child.stdout.readline().strip()
    assert is_alive(tmp_path, owner)
    child.kill()
    child.wait()
    assert not is_alive(tmp_path, owner)
    assert not is_alive(tmp_path, "nobody")


def test_a_child_that_a_dead_process_forked_does_not_keep_it_alive(tmp_path: Path) -> None:
    code = (
        "import os, sys, time; from pathlib import Path; from tasks.llm.owners import Owner\n"
        "o = Owner(Path(sys.argv[1]))\n"
        "child = os.fork()\n"
        "if not child:\n    time.sleep(60)\n"
        "print(o.id, child, flush=True)\n"
        "sys.stdin.read()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    owner, child = process.stdout.readline().split()
    try:
        assert is_alive(tmp_path, owner)
        process.kill()
        process.wait()
        deadline = time.monotonic() + 30  # the child may not have begun yet
        while is_alive(tmp_path, owner) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not is_alive(tmp_path, owner)
    finally:
        os.kill(int(child), 9)


def test_what_was_settled_is_not_lost_as_well(file: Database, tmp_path: Path) -> None:
    with contextlib.closing(Owner(tmp_path / "senders")) as owner:
        ledger = Ledger(BudgetSettings(), "r", owner.id, tmp_path / "senders")
        with file.transaction() as db:
            ledger.claim(db, Hold("k", 10, 20), 0)
            ledger.settle(db, "k", reply(5, 7))
            ledger.lose(db, "k")
            assert db.execute("SELECT tokens, cost, unseen FROM spent").fetchall() == [(5, 7, 0)]
