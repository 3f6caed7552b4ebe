"""Which clauses have rows, and which have none: what a reader of the dataset will not be able to ask about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tasks.records import Chunk, Pair


@dataclass(frozen=True, slots=True)
class Covered:
    """A clause and how many rows rest on it. `short`: too short to be asked about, which is no gap."""

    chunk: Chunk
    rows: int
    short: bool

    @property
    def is_gap(self) -> bool:
        """Whether it should have rows and has none."""
        return not self.rows and not self.short


def coverage(chunks: Sequence[Chunk], pairs: Iterable[Pair], min_chars: int) -> list[Covered]:
    """Each chunk with the number of its rows, in the order of the document; a linked clause counts as one that is covered."""
    counts = Counter(chunk for pair in pairs for chunk in (pair.chunk, *pair.linked))
    return [Covered(chunk, counts[chunk.id], len(chunk.text) < min_chars) for chunk in chunks]


def share(covered: Sequence[Covered]) -> float:
    """The share of clauses with a row among those that should have one; 1 where there are none."""
    asked = [clause for clause in covered if not clause.short]
    return sum(clause.rows > 0 for clause in asked) / len(asked) if asked else 1.0
