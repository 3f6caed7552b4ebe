"""Which clauses of the newest build have rows, as a table."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from tasks.generate.coverage import Covered, coverage, share
from tasks.records import Chunk, Pair
from tasks.settings import GenerateSettings
from tasks.store import Store

COLUMNS = ["id", "path", "heading", "clause", "page_from", "chars", "rows", "gap"]


def covered_clauses(store: Store, step: str, settings: GenerateSettings) -> list[Covered]:
    """Each chunk of the newest build with the number of rows that a step kept of it."""
    pairs = [pair for manifest in store.manifests(step) for pair in store.read(manifest, Pair)]
    chunks = [chunk for manifest in store.manifests("chunk") for chunk in store.read(manifest, Chunk)]
    return coverage(chunks, pairs, settings.min_chars)


def coverage_table(covered: Iterable[Covered]) -> pd.DataFrame:
    """A row a clause, those without rows first."""
    rows = [
        (
            c.chunk.id,
            c.chunk.path,
            " > ".join(c.chunk.heading),
            c.chunk.clause,
            c.chunk.pages[0],
            len(c.chunk.text),
            c.rows,
            c.is_gap,
        )
        for c in sorted(covered, key=lambda c: not c.is_gap)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def coverage_line(covered: list[Covered]) -> str:
    """The share of clauses that have rows, in words."""
    asked = [clause for clause in covered if not clause.short]
    gaps = sum(clause.is_gap for clause in covered)
    told = f"{len(asked) - gaps} of {len(asked)} clauses have rows ({share(covered):.0%})"
    return f"{told}; those without: jeongdap rows coverage" if gaps else told
