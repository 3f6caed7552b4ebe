"""Scenarios: events in time by people with roles, and what must hold in them whoever wrote them.

Time does not run backwards, nobody pays what his account does not hold, money moves between accounts of the scenario, and every
role acts. The pattern of a scenario, who does what to whom in which order, tells whether the next one is new.
"""

from __future__ import annotations

from collections.abc import Iterable

from tasks.generate.replies import EventItem, ScenarioItem
from tasks.records import Language

FEWEST_EVENTS = 3
HOURS = 24
NOVEL = 0.6  # share of a pattern's steps that may be those of an earlier one


def faults(item: ScenarioItem) -> list[str]:
    """What does not hold in a scenario, in words; empty when all does."""
    return [*_of_time(item.events), *_of_people(item), *_of_money(item)]


def _of_time(events: list[EventItem]) -> Iterable[str]:
    if len(events) < FEWEST_EVENTS:
        yield f"{len(events)} events, {FEWEST_EVENTS} are the least"
    times = [(event.day, event.hour) for event in events]
    if times != sorted(times):
        yield "time runs backwards"
    if any(day < 0 or not 0 <= hour < HOURS for day, hour in times):
        yield "a day or an hour that does not exist"


def _of_people(item: ScenarioItem) -> Iterable[str]:
    acting = {event.role for event in item.events}
    if unknown := sorted(acting - set(item.roles)):
        yield f"acts but has no role: {', '.join(unknown)}"
    if idle := sorted(set(item.roles) - acting):
        yield f"has a role but does nothing: {', '.join(idle)}"


def _of_money(item: ScenarioItem) -> Iterable[str]:
    balances = {account.name: account.balance for account in item.accounts}
    if len(balances) < len(item.accounts):
        yield "two accounts of one name"
    for event in item.events:
        if not event.source and not event.target:
            if event.amount:
                yield f"an amount without an account: {event.action}"
            continue
        if event.amount <= 0 or event.source == event.target:
            yield f"no movement of money: {event.action}"
        if unknown := {event.source, event.target} - {""} - set(balances):
            yield f"an account that is not there: {', '.join(sorted(unknown))}"
            continue
        if event.source:
            balances[event.source] -= event.amount
            if balances[event.source] < 0:
                yield f"{event.source} pays more than it holds: {event.action}"
        if event.target:
            balances[event.target] += event.amount


def narrative(item: ScenarioItem, language: Language) -> str:
    """The scenario as people read it: who holds which account, and the events in time."""
    ko = language == "ko"
    day, roles, accounts, events = ("일째", "등장인물", "계좌", "경과") if ko else ("day", "People", "Accounts", "Events")
    held = [f"- {account.name} ({account.holder}): {account.balance:,}" for account in item.accounts]
    lines = [f"- {_time(event, day, ko)} {event.role}: {event.action}{_moved(event)}" for event in item.events]
    blocks = [item.title.strip(), f"{roles}: {', '.join(item.roles)}"]
    blocks += [f"{accounts}:\n" + "\n".join(held)] if held else []
    return "\n\n".join([*blocks, f"{events}:\n" + "\n".join(lines)])


def _time(event: EventItem, day: str, ko: bool) -> str:
    return f"{event.day + 1}{day} {event.hour:02d}시" if ko else f"{day} {event.day + 1}, {event.hour:02d}:00"


def _moved(event: EventItem) -> str:
    return f" [{event.source or '-'} → {event.target or '-'}: {event.amount:,}]" if event.source or event.target else ""


def pattern(item: ScenarioItem) -> tuple[str, ...]:
    """Who does what: a step an event, by role, whether money comes or goes, and the sign."""
    return tuple(f"{event.role}{'>' if event.source else ''}{'<' if event.target else ''}{event.sign}" for event in item.events)


def is_novel(steps: tuple[str, ...], known: Iterable[tuple[str, ...]]) -> bool:
    """Whether a pattern shares less than `NOVEL` of its steps with each one that is known (Jaccard)."""
    own = set(steps)
    return all(len(own & set(other)) <= NOVEL * len(own | set(other)) for other in known)
