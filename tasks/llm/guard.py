"""No personal data leaves the machine in a prompt, and none that a model wrote is stored.

Prompts are made of pages that were masked already; this is the last door. It fails closed: what cannot be checked is not
sent, and what a model wrote and cannot be checked is stored without its words.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from tasks.clean.pii import mask, mask_reply, scrub
from tasks.llm.asks import NO_TEXT, Ask
from tasks.settings import PiiSettings

TECHNICAL = ("role", "id", "model", "object", "finish_reason", "system_fingerprint")
UNCHECKED = json.dumps({"unchecked": "a response that could not be searched for personal data"})


@dataclass(frozen=True, slots=True)
class Guard:
    """Masks what is sent and what comes back, by the project's settings."""

    settings: PiiSettings

    def ask(self, ask: Ask) -> Ask | None:
        """The ask as it may be sent; None when it could not be checked."""
        return scrub(lambda: replace(ask, user=mask(ask.user, self.settings).text))

    def response(self, text: str) -> str:
        """A response as it may be stored: its words masked, all else as it came."""
        return scrub(lambda: self._masked_response(text)) or UNCHECKED

    def _masked_response(self, text: str) -> str:
        completion = json.loads(text)
        masked = self._masked(completion)
        if masked == completion:
            return text
        words = json.dumps(masked, ensure_ascii=False)
        return json.dumps(masked) if NO_TEXT.search(words) else words

    def _masked(self, value: Any) -> Any:
        """Every string but technical ones; servers put words into fields of their own, too."""
        if isinstance(value, dict):
            return {name: part if name in TECHNICAL else self._masked(part) for name, part in value.items()}
        if isinstance(value, list):
            return [self._masked(part) for part in value]
        return self._words(value) if isinstance(value, str) else value

    def _words(self, words: str) -> str:
        masked = scrub(lambda: mask_reply(words, self.settings).text)
        return "" if masked is None else masked
