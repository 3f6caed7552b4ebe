"""No personal data leaves the machine in a prompt, and none that a model wrote is stored.

Prompts are made of pages that were masked already; this is the last door. It fails closed: what cannot be checked is not
sent, and what a model wrote and cannot be checked is stored without its words.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from tasks.clean.pii import mask, mask_reply, scrub
from tasks.llm.asks import Ask
from tasks.settings import PiiSettings


@dataclass(frozen=True, slots=True)
class Guard:
    """Masks what is sent and what comes back, by the project's settings."""

    settings: PiiSettings

    def ask(self, ask: Ask) -> Ask | None:
        """The ask as it may be sent; None when it could not be checked."""
        return scrub(lambda: replace(ask, user=mask(ask.user, self.settings).text))

    def response(self, text: str) -> str:
        """A chat completion as it may be stored: the words of its messages masked, all else as it came."""
        completion = json.loads(text)
        messages = [choice["message"] for choice in completion["choices"]]
        changed = [_mask(message, self._masked) for message in messages]
        return json.dumps(completion, ensure_ascii=False) if any(changed) else text

    def _masked(self, words: str) -> str:
        masked = scrub(lambda: mask_reply(words, self.settings).text)
        return "" if masked is None else masked


def _mask(message: dict[str, Any], masked: Callable[[str], str]) -> bool:
    """Mask the strings of a message in place; whether anything changed."""
    before = dict(message)
    for name, value in before.items():
        if isinstance(value, str) and name != "role":
            message[name] = masked(value)
    return message != before
