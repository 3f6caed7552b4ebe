"""What a build would ask of the model, before it asks: calls and tokens by document, from the newest chunks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from flows.writing import LANGUAGES
from tasks.errors import InputError
from tasks.generate.generate import Estimate, estimate, load_prompts
from tasks.records import Chunk
from tasks.settings import load_settings
from tasks.store import Store


@dataclass(frozen=True, slots=True)
class BuildEstimate:
    """Calls, prompt and reply tokens by document. Tokens are estimated from the text, replies from the rows asked for."""

    table: pd.DataFrame
    known: int

    def counts(self) -> Mapping[str, object]:
        """For --json."""
        totals = {name: int(self.table[name].sum()) for name in ("calls", "prompt_tokens", "completion_tokens")}
        return {**totals, "replies_stored": self.known, "cost": None}

    def lines(self) -> list[str]:
        """For people."""
        totals = self.counts()
        tokens = f"{totals['prompt_tokens']} prompt and {totals['completion_tokens']} reply tokens"
        return [
            self.table.to_string(index=False),
            "",
            f"at most {totals['calls']} calls, about {tokens}",
            f"replies that are stored already ({self.known}) are not asked for again; nothing was called",
            "cost: no prices are known for this endpoint",
        ]


def estimate_build(project: Path, limit: int | None) -> BuildEstimate:
    """Estimate the generation of the newest chunks. Raises InputError when nothing was cut yet."""
    project = project.resolve()
    settings, store = load_settings(project), Store(project)
    if not store.manifests("chunk"):
        raise InputError(f"{project}: no chunks yet; run: jeongdap build -C {project} --until chunk (it calls no model)")
    prompts = load_prompts(settings.generate, LANGUAGES, project)
    rows: list[tuple[str, Estimate]] = []
    left = limit
    for manifest in store.manifests("chunk"):
        chunks = store.read(manifest, Chunk)[:left]
        left = None if left is None else left - len(chunks)
        rows.append((manifest.label, estimate(chunks, settings.generate, prompts)))
    columns = ["document", "calls", "prompt_tokens", "completion_tokens"]
    table = pd.DataFrame([(d, e.calls, e.prompt_tokens, e.completion_tokens) for d, e in rows], columns=columns)
    return BuildEstimate(table, _stored_replies(store))


def _stored_replies(store: Store) -> int:
    path = store.root / "calls.sqlite"
    if not path.exists():
        return 0
    from tasks.llm.calls import Calls

    with Calls(path) as calls:
        return calls.counts().replies
