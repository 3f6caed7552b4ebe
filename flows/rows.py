"""What a step made or dropped, as a table with the columns that people ask for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from flows.coverage import coverage_table, covered_clauses
from tasks.errors import InputError, SettingsError
from tasks.records import Chunk, Dropped, Page, Pair, Preference, Record
from tasks.settings import load_settings
from tasks.store import Store

SHOWN_ROWS = 50
SHOWN_WIDTH = 60

Row = dict[str, Any]


def page_row(page: Page) -> Row:
    """Path page origin engine reason detail text."""
    shown = {"path": page.path, "page": page.number, "origin": page.origin, "engine": page.engine}
    return {**shown, "reason": page.reason, "detail": page.detail, "text": page.text}


def chunk_row(chunk: Chunk) -> Row:
    """Id path heading clause text page_from page_to."""
    first, last = chunk.pages
    shown = {"id": chunk.id, "path": chunk.path, "heading": " > ".join(chunk.heading), "clause": chunk.clause}
    return {**shown, "text": chunk.text, "page_from": first, "page_to": last}


def pair_row(pair: Pair) -> Row:
    """Id kind path page question answer quote subtype doubts."""
    shown = {"id": pair.id, "kind": pair.kind, "path": pair.path, "page": pair.page}
    doubts = "; ".join(f"{doubt.reason}: {doubt.detail}" for doubt in pair.doubts)
    said = {"question": pair.question, "answer": pair.answer, "quote": "\n".join(pair.quotes)}
    return {**shown, **said, "subtype": pair.subtype, "doubts": doubts}


def preference_row(preference: Preference) -> Row:
    """Id origin prompt chosen rejected."""
    shown = {"id": preference.id, "origin": preference.origin, "prompt": preference.prompt}
    return {**shown, "chosen": preference.chosen, "rejected": preference.rejected}


def dropped_row(dropped: Dropped) -> Row:
    """Id step reason detail path."""
    path = json.loads(dropped.record).get("path", "")  # files, pages, chunks and pairs have one
    return {"id": dropped.id, "step": dropped.step, "reason": dropped.reason, "detail": dropped.detail, "path": path}


# What `rows STEP` reads: the stages (a file that never became pages was dropped by `sources`), and how a row is shown.
VIEWS: dict[str, tuple[tuple[str, ...], type[Record], Callable[[Any], Row], list[str]]] = {
    "read": (("sources", "read"), Page, page_row, ["path", "page", "origin", "engine", "reason", "detail", "text"]),
    "clean": (("clean",), Page, page_row, ["path", "page", "origin", "engine", "reason", "detail", "text"]),
    "chunk": (("chunk",), Chunk, chunk_row, ["id", "path", "heading", "clause", "text", "page_from", "page_to"]),
    **{
        step: ((step,), Pair, pair_row, ["id", "kind", "path", "page", "question", "answer", "quote", "subtype", "doubts"])
        for step in ("generate", "top_up", "evolve", "check", "judge", "dedup")
    },
    "prefer": (("prefer",), Preference, preference_row, ["id", "origin", "prompt", "chosen", "rejected"]),
}
MADE_BY = {"top_up": "check", "evolve": "check", "judge": "check"}  # what no step of its own makes
DROPPED_COLUMNS = ["id", "step", "reason", "detail", "path"]


def step_rows(project: Path, step: str, dropped: bool) -> pd.DataFrame:
    """The rows that a step kept (or dropped) in the newest build. Raises InputError when it has not come to that step."""
    store = Store(project)
    stages, record, row, columns = VIEWS[step]
    if not store.manifests(step):
        until = MADE_BY.get(step, step)
        raise InputError(f"{project}: no build has made rows of {step} yet; run: jeongdap build -C {project} --until {until}")
    if dropped:
        lost = [dropped_row(d) for name in stages for m in store.manifests(name) for d in store.read_dropped(m)]
        return pd.DataFrame(lost, columns=DROPPED_COLUMNS)
    kept = [row(r) for m in store.manifests(step) for r in store.read(m, record)]
    return pd.DataFrame(kept, columns=columns)


def clause_rows(project: Path) -> pd.DataFrame:
    """Every clause of the newest build and how many rows it has. Raises InputError when no build has come to rows."""
    store = Store(project)
    if not store.manifests("dedup"):
        raise InputError(f"{project}: no build has come to rows yet; run: jeongdap build -C {project} --until dedup")
    return coverage_table(covered_clauses(store, "dedup", load_settings(project).generate))


def write(table: pd.DataFrame, out: Path) -> None:
    """Write a table as .parquet, .jsonl or .csv (a leading = + - @ is quoted, so that no spreadsheet takes it for a formula)."""
    try:
        match out.suffix.lower():
            case ".parquet":
                table.to_parquet(out, index=False)
            case ".jsonl":
                table.to_json(out, orient="records", lines=True, force_ascii=False)
            case ".csv":
                table.map(_harmless).to_csv(out, index=False)
            case other:
                raise SettingsError(f"--out {out}: unknown ending {other!r}; known: .parquet, .jsonl, .csv")
    except OSError as exc:
        raise SettingsError(f"--out {out}: cannot be written: {exc}") from exc


def show(table: pd.DataFrame) -> None:
    """The first rows on the screen; cells are cut, and control characters of untrusted text are not sent to the terminal."""
    view = Table(show_lines=False, expand=False)
    for column in table.columns:
        view.add_column(str(column), overflow="fold")
    for values in table.head(SHOWN_ROWS).itertuples(index=False):
        view.add_row(*(Text(_shortened(str(value))) for value in values))
    console = Console()
    console.print(view)
    if len(table) > SHOWN_ROWS:
        console.print(f"… the first {SHOWN_ROWS}; all of them: --out FILE")


def _shortened(text: str) -> str:
    line = "".join(c if c.isprintable() else " " for c in text)
    return line if len(line) <= SHOWN_WIDTH else line[: SHOWN_WIDTH - 1] + "…"


def _harmless(value: Any) -> Any:
    return "'" + value if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
