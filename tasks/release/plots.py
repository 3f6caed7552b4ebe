"""The card's pictures. Labels are English, so that no Korean font is needed. This module owns the import of matplotlib."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from tasks.records import SPLITS
from tasks.release.card import FunnelStep
from tasks.release.manifest import Count

KEPT, DROPPED = "#2b6cb0", "#cbd5e0"


def draw_plots(folder: Path, counts: Sequence[Count], funnel: Sequence[FunnelStep]) -> None:
    """plots/funnel.png and plots/kinds.png below a folder."""
    (folder / "plots").mkdir()
    _save(_funnel(funnel), folder / "plots/funnel.png")
    _save(_kinds(counts), folder / "plots/kinds.png")


def _funnel(steps: Sequence[FunnelStep]) -> Figure:
    return _bars(
        [s.step for s in steps], {"kept": [s.kept for s in steps], "dropped": [s.dropped for s in steps]}, (KEPT, DROPPED)
    )


def _kinds(counts: Sequence[Count]) -> Figure:
    tally = {(f"{count.type} {count.kind}", count.split): count.rows for count in counts}
    names = sorted({name for name, _ in tally}, reverse=True)
    return _bars(names, {s: [tally.get((name, s), 0) for name in names] for s in SPLITS}, (KEPT, "#dd6b20", "#38a169"))


def _bars(names: Sequence[str], parts: Mapping[str, Sequence[int]], colours: Sequence[str]) -> Figure:
    """Horizontal bars, one a name, of stacked parts."""
    figure = Figure(figsize=(7, 1.1 + 0.35 * max(1, len(names))), layout="constrained")
    axes = figure.subplots()
    left = [0] * len(names)
    for (part, widths), colour in zip(parts.items(), colours, strict=True):
        axes.barh(range(len(names)), widths, left=left, label=part, color=colour)
        left = [at + width for at, width in zip(left, widths, strict=True)]
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlabel("rows")
    figure.legend(loc="outside upper right", ncols=len(parts), frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def _save(figure: Figure, path: Path) -> None:
    figure.savefig(path, dpi=110, metadata={"Software": None})
