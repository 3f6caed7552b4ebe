"""What calls cost: whole billionths of the currency, so that sums are exact and a cap is a cap."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tasks.settings import ModelSettings

NANO = 1_000_000_000
PER_TOKEN = NANO // 1_000_000  # of a price that is given for a million tokens
CHAT_TEMPLATE_TOKENS = 64  # what a server may put around the messages


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call as its server reports them; `cached` ones are part of `prompt`."""

    prompt: int
    completion: int
    cached: int = 0

    @property
    def total(self) -> int:
        """Tokens in and out."""
        return self.prompt + self.completion


def cost_of(model: ModelSettings, usage: Usage, batch: bool = False) -> int | None:
    """What a call cost, in billionths; None where the model's prices are not known. The built-in writer is free."""
    if model.offline:
        return 0
    prices = model.prices
    if prices is None:
        return None
    cached = min(usage.cached, usage.prompt)
    cached_price = prices.input if prices.cached_input is None else prices.cached_input
    cost = (usage.prompt - cached) * prices.input + cached * cached_price + usage.completion * prices.output
    return math.ceil(cost * PER_TOKEN * (prices.batch_factor if batch else 1))


def most(request: bytes, max_tokens: int) -> Usage:
    """More than a request can use: a token is at least a byte, and a reply is cut at its limit."""
    return Usage(prompt=len(request) + CHAT_TEMPLATE_TOKENS, completion=max_tokens)


def nano(amount: float) -> int:
    """An amount of money in billionths."""
    return round(amount * NANO)


def money(cost: int, currency: str) -> str:
    """An amount for people: two digits after the point, or three that count where it is small."""
    amount = cost / NANO
    digits = 2 if cost == 0 or amount >= 1 else 2 - math.floor(math.log10(amount))
    return f"{amount:,.{digits}f} {currency}"
