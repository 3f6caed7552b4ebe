"""What is asked of a pool, and what comes of it."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field

from tasks.llm.asks import Ask, Judgement


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a job, and whether it was bought now."""

    judgement: Judgement
    bought: bool


@dataclass(slots=True, eq=False)
class Job:
    """A request that is still open: its key, one of the `asks` that make it, and what its replies so far were worth."""

    key: str
    ask: Ask
    past: list[Judgement]
    asks: int = 1
    done: Future[Verdict] = field(default_factory=Future)
