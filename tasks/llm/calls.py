"""Every reply that was paid for, in `.jeongdap/calls.sqlite`, stored before anybody looks into it.

A request is known by the hash of everything that shapes its answer, so it is never paid twice: not in a second run, not
after a kill, not by another process. Bad replies are kept too and count against the request, or a model that cannot answer
would be asked again in every run.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tasks.llm.database import Database


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply as it came: what was sent, what came back, and what the envelope says about it.

    Token counts are None where the server does not tell them. `model` is what the server calls itself, `asked` what it was
    asked for, at `endpoint`. `batch` is the id of its batch, empty for a live call. `cost` is in billionths of the currency,
    None where prices or usage are not known; `estimate` are the prompt's tokens as estimated from its text.
    """

    kind: str
    status: int
    finish: str
    model: str
    request_id: str
    latency: float
    prompt_tokens: int | None
    completion_tokens: int | None
    cached_tokens: int | None
    request: str
    response: str
    run: str = ""
    endpoint: str = ""
    asked: str = ""
    batch: str = ""
    cost: int | None = None
    estimate: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """What the file holds: replies, those of them that were no use, and the tokens that servers reported."""

    replies: int
    bad: int
    prompt_tokens: int
    completion_tokens: int


def insert(db: sqlite3.Connection, key: str, reply: Reply) -> int:
    """Store a reply in an open transaction; returns its attempt number, the next free one whoever else is writing."""
    values = (
        datetime.now(UTC).isoformat(),
        *(reply.kind, reply.status, reply.finish, reply.model, reply.request_id, reply.latency),
        *(reply.prompt_tokens, reply.completion_tokens, reply.cached_tokens, reply.request, reply.response),
        *(reply.run, reply.endpoint, reply.asked, reply.batch, reply.cost, reply.estimate),
    )
    row = db.execute(
        "INSERT INTO calls (key, attempt, time, kind, status, finish, model, request_id, latency, prompt_tokens,"
        " completion_tokens, cached_tokens, request, response, run, endpoint, asked, batch, cost, estimate)"
        " SELECT ?1, coalesce(max(attempt) + 1, 0), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13,"
        " ?14, ?15, ?16, ?17, ?18, ?19"
        " FROM calls WHERE key = ?1 RETURNING attempt",
        (key, *values),
    ).fetchall()
    return int(row[0][0])


def judged(db: sqlite3.Connection, key: str, attempt: int, problem: str) -> None:
    """Note what came of a reply: empty when it was used. For people and reports; a resumed run judges anew."""
    db.execute("UPDATE calls SET problem=? WHERE key=? AND attempt=?", (problem, key, attempt))


class Calls:
    """The replies on disk. Safe for several threads and several processes."""

    def __init__(self, path: Path) -> None:
        self.database = Database(path)
        self.path = path

    def stored(self, key: str) -> list[str]:
        """The responses bought for a request, oldest first."""
        with self.database.reading() as db:
            rows = db.execute("SELECT response FROM calls WHERE key=? ORDER BY attempt", (key,)).fetchall()
        return [response for (response,) in rows]

    def asked(self, key: str) -> int:
        """How many replies were bought for a request."""
        with self.database.reading() as db:
            (number,) = db.execute("SELECT count(*) FROM calls WHERE key=?", (key,)).fetchone()
        return int(number)

    def put(self, key: str, reply: Reply) -> int:
        """Store a reply in a transaction of its own; returns its attempt number."""
        with self.database.transaction() as db:
            return insert(db, key, reply)

    def judged(self, key: str, attempt: int, problem: str) -> None:
        """`judged` in a transaction of its own."""
        with self.database.transaction() as db:
            judged(db, key, attempt, problem)

    def counts(self) -> Counts:
        """Totals over the whole file."""
        with self.database.reading() as db:
            row = db.execute(
                "SELECT count(*), coalesce(sum(problem <> ''), 0), coalesce(sum(prompt_tokens), 0),"
                " coalesce(sum(completion_tokens), 0) FROM calls"
            ).fetchone()
        return Counts(*row)

    def close(self) -> None:
        """Close the file."""
        self.database.close()

    def __enter__(self) -> Calls:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
