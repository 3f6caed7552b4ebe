"""A row as the checks of its question, its language, its form and its safety see it: texts, and nothing to look up.

A check is a function of it that yields findings. A module of checks names them in `CHECKS`, so that a test can take one away
and see that it was needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from tasks.check.findings import Findings
from tasks.records import Language
from tasks.text.register import Ending, Register, endings


@dataclass(frozen=True)
class Seen:
    """A question, its answer, and what they were made from.

    `clause` is the text of the chunk, `names` what else may be named (headings, the document's title), `options` the answers
    of a choice. `demonstration` and `system` are parts of the prompt, `canaries` strings that were put into the source to
    be seen in no output. `register` is the wanted one, None for any.
    """

    question: str
    answer: str
    language: Language
    clause: str = ""
    names: str = ""
    options: tuple[str, ...] = ()
    demonstration: str = ""
    system: str = ""
    canaries: tuple[str, ...] = ()
    register: Register | None = "합니다체"

    @cached_property
    def known(self) -> str:
        """What the row may take its words from."""
        return f"{self.names}\n{self.clause}"

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """All that a reader of the row sees."""
        return tuple(dict.fromkeys((self.question, self.answer, *self.options)))

    @cached_property
    def endings(self) -> list[Ending]:
        """How the sentences of a Korean answer end, without the items of lists that end in nouns."""
        if self.language != "ko":
            return []
        return [end for end in endings(self.answer) if not (end.listed and end.register == "명사형")]


Check = Callable[[Seen], Findings]


def findings(seen: Seen, checks: Iterable[Check]) -> Findings:
    """What the checks find, in their order."""
    for check in checks:
        yield from check(seen)
