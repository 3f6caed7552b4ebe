"""The run report: one HTML file with everything inside, for operators."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from flows.funnel import funnel, reason_counts
from flows.rows import dropped_row
from flows.spending import Bill, bill_of, calls_table
from tasks.errors import InputError
from tasks.records import Page, Pair
from tasks.settings import load_settings
from tasks.store import CODE_VERSION, Manifest, Store, write_atomic

STEPS = ("sources", "read", "clean", "document", "chunk", "generate", "top_up", "evolve", "check", "judge", "dedup", "prefer")
SHOWN = ("generate", "evolve", "check", "dedup", "prefer")  # steps whose rows are the same thing, so that bars compare
SAMPLE_ROWS = 20
RIGHT = {"cost", "cached"}  # text that is read as a number
STYLE = """
body { font: 15px/1.5 system-ui, "Noto Sans KR", NanumGothic, sans-serif; margin: 2rem auto; max-width: 64rem; color: #222 }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 }
th, td { border-bottom: 1px solid #ddd; padding: .35rem .6rem; text-align: left; vertical-align: top }
th { background: #f5f5f5 } td.n, th.n { text-align: right; white-space: nowrap }
h1 { margin-bottom: 0 } .quiet { color: #666 } img { max-width: 100% }
"""


def write_report(project: Path) -> Path:
    """Write `reports/<run>.html` for the newest build. Raises InputError before the first build."""
    store = Store(project)
    current = store.current()
    if current is None:
        raise InputError(f"{project}: nothing was built yet; run: jeongdap build -C {project}")
    manifests = [m for step in STEPS for m in store.manifests(step)]
    parts = [
        f"<h1>{html.escape(project.resolve().name)}</h1>",
        f"<p class=quiet>run {html.escape(current.run)} · jeongdap {CODE_VERSION} · {datetime.now(UTC):%Y-%m-%d %H:%M} UTC</p>",
        "<h2>Rows by step</h2>",
        table_html(funnel(manifests)),
        *_plot([m for m in manifests if m.step in SHOWN]),
        "<h2>Documents</h2>",
        table_html(_documents(store)),
        "<h2>Why rows were dropped</h2>",
        table_html(_reasons(manifests)),
        "<h2>Calls of the model and what they cost</h2>",
        *calls_html(bill_of(project, current.run, load_settings(project).budget.currency)),
        "<h2>Rows as they went to review</h2>",
        table_html(_sample(store)),
    ]
    title = html.escape(project.resolve().name)
    page = f"<!doctype html><html lang=ko><meta charset=utf-8><title>{title}</title><style>{STYLE}</style>{''.join(parts)}</html>"
    target = project / "reports" / f"{current.run}.html"
    target.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(target, page.encode())
    return target


def table_html(table: pd.DataFrame) -> str:
    """A table as HTML, all text escaped."""
    if table.empty:
        return "<p class=quiet>nothing</p>"
    numeric = {c for c in table.columns if pd.api.types.is_numeric_dtype(table[c])}

    def cell(tag: str, column: str, value: object) -> str:
        kind = " class=n" if column in numeric or column in RIGHT else ""
        told = f"{value:,}" if column in numeric and tag == "td" else str(value)
        return f"<{tag}{kind}>{html.escape(told)}</{tag}>"

    head = "".join(cell("th", c, c) for c in table.columns)
    rows = (zip(table.columns, values, strict=True) for values in table.itertuples(index=False))
    body = "".join(f"<tr>{''.join(cell('td', c, v) for c, v in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def calls_html(bill: Bill) -> list[str]:
    """What the run and the project bought, why replies were of no use, and how long calls took."""
    if not (bill.project.replies or bill.project.unseen):
        return ["<p class=quiet>none was made</p>"]
    return [
        *(f"<p>{html.escape(line)}</p>" for line in bill.lines()),
        "<h3>In this run</h3>",
        table_html(_with_share(calls_table(bill.run, bill.currency))),
        "<h3>In all runs of the project</h3>",
        table_html(_with_share(calls_table(bill.project, bill.currency))),
        "<h3>Replies of this run that were of no use</h3>",
        table_html(pd.DataFrame([(p.kind, p.problem, p.replies) for p in bill.problems], columns=["kind", "problem", "replies"])),
        "<h3>Seconds from request to reply in this run</h3>",
        table_html(
            pd.DataFrame(
                [(t.kind, t.model, round(t.median, 2), round(t.p95, 2)) for t in bill.latencies],
                columns=["kind", "model", "median", "95 of 100 within"],
            )
        ),
    ]


def _with_share(calls: pd.DataFrame) -> pd.DataFrame:
    """The cached tokens as a share of those that went in."""
    shares = [f"{100 * cached / tokens:.0f} %" if tokens else "" for cached, tokens in calls[["cached", "tokens in"]].to_numpy()]
    return calls.assign(cached=shares)


def _documents(store: Store) -> pd.DataFrame:
    pages = [p for m in store.manifests("read") for p in store.read(m, Page)]
    counted = pd.DataFrame([{"path": p.path, "origin": p.origin} for p in pages], columns=["path", "origin"])
    by_origin = counted.groupby(["path", "origin"]).size().unstack(fill_value=0)
    rows = pd.Series([p.path for m in store.manifests("dedup") for p in store.read(m, Pair)], dtype=str).value_counts()
    by_origin["rows"] = rows.reindex(by_origin.index).fillna(0).astype(int)
    lost = [dropped_row(d) for step in ("sources", "read") for m in store.manifests(step) for d in store.read_dropped(m)]
    not_read = pd.DataFrame([(row["path"], row["reason"]) for row in lost], columns=["path", "not read"])
    return by_origin.reset_index().merge(not_read, on="path", how="outer").astype(object).fillna("")


def _reasons(manifests: Iterable[Manifest]) -> pd.DataFrame:
    manifests = list(manifests)
    steps = list(dict.fromkeys(m.step for m in manifests))
    counts = [
        (step, reason, rows) for step in steps for reason, rows in reason_counts(m for m in manifests if m.step == step).items()
    ]
    return pd.DataFrame(counts, columns=["step", "reason", "rows"])


def _sample(store: Store) -> pd.DataFrame:
    pairs = [p for m in store.manifests("dedup") for p in store.read(m, Pair)]
    every = max(1, len(pairs) // SAMPLE_ROWS)
    shown = [(p.kind, f"{p.path}, p. {p.page}", p.question, p.answer, " / ".join(p.quotes)) for p in pairs[::every][:SAMPLE_ROWS]]
    return pd.DataFrame(shown, columns=["kind", "source", "question", "answer", "quote"])


def _plot(manifests: list[Manifest]) -> list[str]:
    if not manifests:
        return []
    from matplotlib.figure import Figure

    table = funnel(manifests)
    figure = Figure(figsize=(8, 0.6 * len(table) + 0.8), layout="constrained")
    axes = figure.subplots()
    axes.barh(table["step"], table["kept"], label="kept", color="#3b7dd8")
    axes.barh(table["step"], table["dropped"], left=table["kept"], label="dropped", color="#d8a03b")
    axes.invert_yaxis()
    axes.legend(frameon=False)
    axes.set_xlabel("rows")
    axes.spines[["top", "right"]].set_visible(False)
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=120)
    return [
        f'<img alt="rows kept and dropped by step" src="data:image/png;base64,{base64.b64encode(picture.getvalue()).decode()}">'
    ]
