"""How many tokens requests will really use: the estimate from the text, corrected by what this endpoint has billed before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from tasks.llm.database import Database
from tasks.settings import ModelSettings
from tasks.text.tokens import estimate_tokens

LAST = 500  # calls that are looked at
FEW = 20  # fewer tell nothing


@dataclass(frozen=True, slots=True)
class Rates:
    """What an endpoint bills: tokens for one that was estimated in a prompt, and the share of them that its cache had.

    By kind: the mean tokens of a reply, and the mean calls for an ask, of which bad replies need more than one. `calls` is how
    many calls that rests on; 0: nothing is known.
    """

    calls: int = 0
    ratio: float = 1.0
    cached: float = 0.0
    replies: Mapping[str, float] = field(default_factory=dict)
    again: Mapping[str, float] = field(default_factory=dict)


def rates_of(database: Database, model: ModelSettings) -> Rates:
    """What the last calls of an endpoint and model used, bad replies among them."""
    with database.reading() as db:
        rows = db.execute(
            "SELECT kind, key, estimate, prompt_tokens, completion_tokens, coalesce(cached_tokens, 0) FROM calls"
            " WHERE endpoint=? AND asked=? AND estimate > 0 AND prompt_tokens IS NOT NULL AND completion_tokens IS NOT NULL"
            " ORDER BY time DESC LIMIT ?",
            (model.base_url, model.model, LAST),
        ).fetchall()
    if len(rows) < FEW:
        return Rates()
    tokens: dict[str, list[int]] = {}
    asks: dict[str, set[str]] = {}
    for kind, key, _, _, completion, _ in rows:
        tokens.setdefault(kind, []).append(completion)
        asks.setdefault(kind, set()).add(key)
    billed = sum(prompt for _, _, _, prompt, _, _ in rows)
    return Rates(
        calls=len(rows),
        ratio=billed / sum(estimate for _, _, estimate, _, _, _ in rows),
        cached=sum(cached for _, _, _, _, _, cached in rows) / billed if billed else 0.0,
        replies={kind: sum(own) / len(own) for kind, own in tokens.items()},
        again={kind: len(own) / len(asks[kind]) for kind, own in tokens.items()},
    )


def estimate_prompt(body: Mapping[str, Any]) -> int:
    """Tokens of the messages of a request, from their text alone."""
    return sum(_cached(message["content"]) for message in body["messages"])


@lru_cache(maxsize=256)
def _cached(text: str) -> int:
    return estimate_tokens(text)
