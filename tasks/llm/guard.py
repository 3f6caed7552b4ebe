"""No personal data leaves the machine in a prompt, and none that a model wrote is stored.

Prompts are made of pages that were masked already; this is the last door. It fails closed: what cannot be checked is not
sent, and what a model wrote and cannot be checked is stored without its words.
"""

from __future__ import annotations

import json
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
        choices = [choice for choice in completion["choices"] if isinstance(choice, dict)]
        masked = [choice | {"message": self._masked(choice.get("message"))} for choice in choices]
        return text if masked == choices else json.dumps(completion | {"choices": masked}, ensure_ascii=False)

    def _masked(self, value: Any) -> Any:
        """Every string in a message but the role; servers put words into fields of their own, too."""
        if isinstance(value, dict):
            return {name: part if name == "role" else self._masked(part) for name, part in value.items()}
        if isinstance(value, list):
            return [self._masked(part) for part in value]
        return self._words(value) if isinstance(value, str) else value

    def _words(self, words: str) -> str:
        masked = scrub(lambda: mask_reply(words, self.settings).text)
        return "" if masked is None else masked
