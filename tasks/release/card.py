"""README.md of a release: the Hub's header, and what a training team must know before it trusts the rows.

The first paragraph says who wrote and who checked the rows; if that was a rule-based writer or a script, it says so there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from tasks.records import SPLITS, Record
from tasks.release.contents import Contents
from tasks.release.formats import to_yaml
from tasks.release.manifest import ReleaseManifest
from tasks.release.markdown import escape, fenced, table
from tasks.release.rows import DpoRow, LineageRow, SftRow
from tasks.settings import OFFLINE_MODEL
from tasks.store import Outcome

DEMO_ANNOTATOR: Final = "demo-"  # accounts of the scripted reviewer begin so
TYPES: Final = ("sft", "dpo")
PLOTS: Final = {"plots/funnel.png": "Rows kept and dropped by each step", "plots/kinds.png": "Rows by kind and split"}

COLUMNS: Final = {
    "id": "the row's id, the same over releases while the row is the same, and in `lineage.parquet`",
    "kind": "what sort of question: the name of the prompt that wrote it",
    "origin": "where the rejected answer comes from",
    "language": "language of the row",
    "messages": "the conversation: `role` and `content`",
    "prompt": "the turns before the answer: `role` and `content`",
    "chosen": "the better answer, a list of one assistant turn",
    "rejected": "the worse answer, a list of one assistant turn",
    "title": "title of the source document",
    "path": "its file",
    "page": "page of the first piece of evidence",
    "heading": "titles above the clause",
    "clause": "key of the clause",
}


class FunnelStep(Record):
    """What a step kept and dropped, with the number of rows for each reason."""

    step: str
    kept: int
    dropped: int
    reasons: tuple[Outcome, ...]


class CardFacts(Record):
    """What the card tells that the rows do not: the way to them, the verdicts behind them, and what it took.

    `decisions` counts the verdicts of all annotators by decision; `agreement` is None where it was not measured.
    """

    funnel: tuple[FunnelStep, ...]
    decisions: tuple[Outcome, ...]
    agreement: float | None
    calls: int
    prompt_tokens: int
    completion_tokens: int


USE: Final = """\
- TRL: `SFTTrainer` takes the config `sft` (`assistant_only_loss=True` learns from the answers alone), `DPOTrainer` the `dpo`.
- LLaMA-Factory: `dataset_dir: formats/llamafactory` and `dataset: {name}_sft` or `{name}_dpo`. For evaluation name our own
  split, `eval_dataset: {name}_sft_validation`; `val_size` would split rows of one document at random.
- Axolotl: the sections in `formats/axolotl/`.
- Unsloth and others: `formats/alpaca/`, `formats/sharegpt/`; line n there is line n of the same split in `sft/` or `dpo/`.
- `lineage.parquet` has a row for each row of this release under the same `id`, `manifest.json` the SHA-256 of each file,
  `CHANGES.md` what differs from the release before."""
SPLIT_RULE: Final = (
    "A document and its revisions are whole in one split, for SFT and DPO alike: no DPO test row comes from a document that is "
    "in SFT train. A document keeps its split from release to release."
)


def write_card(contents: Contents, manifest: ReleaseManifest, facts: CardFacts, plots: Sequence[str]) -> str:
    """README.md. `plots` are the pictures that were drawn."""
    sections = {
        "Rows": _rows_section(contents, manifest),
        "Use": _use_section(contents, manifest),
        "Columns": _columns_section(),
        "An example": _example_section(contents),
        "How the rows were made": _way_section(manifest, facts, plots),
        "Review": _review_section(contents, facts),
        "Splits": _splits_section(contents),
        "Sources and licence": _sources_section(manifest),
    }
    head = f"---\n{_header(contents, manifest)}---\n\n# {escape(manifest.name)} {manifest.version}\n\n{_opening(contents)}\n"
    return head + "".join(f"\n## {title}\n\n{text}\n" for title, text in sections.items())


# ---------------------------------------------------------------- the Hub's header
def _header(contents: Contents, manifest: ReleaseManifest) -> str:
    languages = {row.language for row in contents.sft} | {row.language for row in contents.dpo}
    configs = [config for kind in TYPES if (config := _config(kind, contents))]
    return to_yaml(
        {
            "pretty_name": f"{manifest.name} {manifest.version}",
            "language": sorted(languages),
            "license": manifest.licence,
            "task_categories": ["question-answering", "text-generation"],
            "size_categories": [_size(len(contents.lineage))],
            "tags": ["sft", "dpo", "human-verified" if not _scripted(contents.lineage) else "demo", "jeongdap"],
            "configs": configs,
        }
    )


def _config(kind: str, contents: Contents) -> dict[str, object] | None:
    """An empty split is left out: `load_dataset` fails on a Parquet file without rows."""
    files = [{"split": split, "path": f"{kind}/{split}.parquet"} for split in SPLITS if contents.count(kind, split)]
    return {"config_name": kind, "data_files": files} if files else None


def _size(rows: int) -> str:
    limits = {1_000: "n<1K", 10_000: "1K<n<10K", 100_000: "10K<n<100K", 1_000_000: "100K<n<1M", 10_000_000: "1M<n<10M"}
    return next((name for limit, name in limits.items() if rows < limit), "n>10M")


# ---------------------------------------------------------------- what to know first
def _opening(contents: Contents) -> str:
    documents = len({row.document for row in contents.lineage})
    counts = (
        f"{len(contents.sft):,} SFT rows and {len(contents.dpo):,} DPO rows from {documents:,} document{'s' * (documents != 1)}"
    )
    written, scripted, total = _extractive(contents.lineage), _scripted(contents.lineage), len(contents.lineage)
    words = [f"{counts}, each with the page, the boxes and the quote that it rests on."]
    if written:
        by = f"written by the built-in extractive writer (`{OFFLINE_MODEL}`), not by a language model"
        words.append(f"**{_share(written, total)} {by}.**")
    if scripted:
        words.append(f"**{_share(scripted, total)} reviewed by a script, not by people: do not train on them.**")
    if not scripted:
        words.append("Every row was read and approved, or edited, by a person.")
    return " ".join(words)


def _share(part: int, total: int) -> str:
    return f"All {total:,} rows were" if part == total else f"{part:,} of the {total:,} rows were"


def _extractive(lineage: Iterable[LineageRow]) -> int:
    return sum(row.model == OFFLINE_MODEL for row in lineage)


def _scripted(lineage: Iterable[LineageRow]) -> int:
    return sum(row.annotator.startswith(DEMO_ANNOTATOR) for row in lineage)


# ---------------------------------------------------------------- sections
def _rows_section(contents: Contents, manifest: ReleaseManifest) -> str:
    rows = {(count.type, count.split, count.kind): count.rows for count in manifest.counts}
    names = sorted({(count.type, count.kind) for count in manifest.counts}, reverse=True)
    lines = [(kind, name, *(rows.get((kind, split, name), 0) for split in SPLITS)) for kind, name in names]
    totals = [(kind, "all", *(contents.count(kind, split) for split in SPLITS)) for kind in TYPES]
    return table(["config", "kind", *SPLITS], [*lines, *totals])


def _use_section(contents: Contents, manifest: ReleaseManifest) -> str:
    loads = [f'load_dataset("releases/{manifest.version}", "{kind}")' for kind in TYPES if _config(kind, contents)]
    code = "\n".join(["from datasets import load_dataset", "", *loads])
    return f"{fenced(code, 'python')}\n\n{USE.format(name=manifest.name)}"


def _columns_section() -> str:
    rows = [f"| `{name}` | {_marks(name)} | {what} |" for name, what in COLUMNS.items()]
    lineage = ", ".join(f"`{name}`" for name in LineageRow.model_fields)
    return "\n".join(["| column | in | what |", "| --- | --- | --- |", *rows, "", f"`lineage.parquet`: {lineage}."])


def _marks(name: str) -> str:
    return ", ".join(kind for kind, row in (("sft", SftRow), ("dpo", DpoRow)) if name in row.model_fields)


def _example_section(contents: Contents) -> str:
    rows: list[SftRow | DpoRow] = [*contents.sft, *contents.dpo]
    return fenced(rows[0].model_dump_json(indent=2), "json")


def _way_section(manifest: ReleaseManifest, facts: CardFacts, plots: Sequence[str]) -> str:
    steps = [(s.step, s.kept, s.dropped, ", ".join(f"{o.reason} {o.rows}" for o in s.reasons)) for s in facts.funnel]
    models = ", ".join(f"{escape(m.name)} ({m.rows:,} rows)" for m in manifest.models)
    took = f"{facts.calls:,} model calls, {facts.prompt_tokens:,} prompt tokens and {facts.completion_tokens:,} completion tokens"
    parts = [
        table(["step", "kept", "dropped", "reasons"], steps),
        f"Written by {models}. The whole build took {took}.",
        table(["prompt", "hash", "rows"], [(p.name, p.hash, p.rows) for p in manifest.prompts]),
        *(f"![{PLOTS[plot]}]({plot})" for plot in plots),
    ]
    return "\n\n".join(parts)


def _review_section(contents: Contents, facts: CardFacts) -> str:
    annotators = sorted(Counter(row.annotator for row in contents.lineage).items())
    decided = ", ".join(f"{escape(o.reason)} {o.rows:,}" for o in facts.decisions) or "none"
    agreement = "not measured" if facts.agreement is None else f"{facts.agreement:.2f}"
    people = table(["annotator", "rows", "edited"], [(name, rows, _edited(contents, name)) for name, rows in annotators])
    summary = f"Verdicts: {decided}. Agreement between annotators: {agreement}."
    return f"{summary} Released rows by the annotator whose verdict settled them:\n\n{people}"


def _edited(contents: Contents, annotator: str) -> int:
    return sum(row.annotator == annotator and row.decision == "edit" for row in contents.lineage)


def _splits_section(contents: Contents) -> str:
    empty = [f"`{kind}/{split}`" for kind in TYPES for split in SPLITS if not contents.count(kind, split)]
    return f"{SPLIT_RULE} Empty in this release: {', '.join(empty)}." if empty else SPLIT_RULE


def _sources_section(manifest: ReleaseManifest) -> str:
    documents = table(["document", "file", "split", "rows"], [(d.title, d.path, d.split, d.rows) for d in manifest.documents])
    return f"{documents}\n\nLicence of this dataset: {escape(manifest.licence)}."
