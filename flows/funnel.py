"""How many rows came into a step, stayed and went, and why: the summary of a build as a pandas table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from tasks.store import Manifest

COLUMNS = ["step", "stages", "kept", "dropped", "reasons"]


def funnel(manifests: Iterable[Manifest]) -> pd.DataFrame:
    """A row a step in the order of the manifests: stages, rows kept and dropped, and the drop reasons with their counts."""
    manifests = list(manifests)
    if not manifests:
        return pd.DataFrame(columns=COLUMNS)
    stages = pd.DataFrame([{"step": m.step, "kept": m.kept, "dropped": m.dropped} for m in manifests])
    table = stages.groupby("step", sort=False).agg(stages=("kept", "size"), kept=("kept", "sum"), dropped=("dropped", "sum"))
    table["reasons"] = [_told(reason_counts(m for m in manifests if m.step == step)) for step in table.index]
    return table.reset_index()[COLUMNS]


def reason_counts(manifests: Iterable[Manifest]) -> pd.Series[int]:
    """Rows dropped by reason, most frequent first."""
    rows = [(outcome.reason, outcome.rows) for manifest in manifests for outcome in manifest.reasons]
    counts = pd.DataFrame(rows, columns=["reason", "rows"]).groupby("reason")["rows"].sum()
    return counts.sort_values(ascending=False, kind="stable")


def told(table: pd.DataFrame) -> list[Sequence[str]]:
    """The table as rows of text for a terminal or Markdown."""
    return [[str(value) for value in row] for row in table.itertuples(index=False)]


def _told(counts: pd.Series[int]) -> str:
    return ", ".join(f"{reason} {rows}" for reason, rows in counts.items())
