"""CHANGES.md: which rows came, changed and went since the previous release.

A row is the same row while its id is: an edit by an annotator changes it, a changed clause makes a new one and retires the old.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tasks.records import SPLITS, Split
from tasks.release.formats import Rows
from tasks.release.markdown import table
from tasks.release.rows import DpoRow, SftRow

LISTED = 200  # rows named for each kind of change; all of them are in the files
Side = Mapping[str, tuple[str, SftRow | DpoRow]]  # id → split and row


@dataclass(frozen=True, slots=True)
class Changes:
    """Ids of the rows of one type that differ between two releases."""

    added: Sequence[str]
    changed: Sequence[str]
    retired: Sequence[str]


def compare(now: Side, before: Side) -> Changes:
    """What is new, what differs in text, source or split, and what is gone."""
    return Changes(
        added=sorted(now.keys() - before.keys()),
        changed=sorted(i for i in now.keys() & before.keys() if now[i] != before[i]),
        retired=sorted(before.keys() - now.keys()),
    )


def write_changes(version: str, previous: str, now: Rows, before: Rows) -> str:
    """CHANGES.md."""
    lines = [f"# {version}", "", f"Since {previous}:" if previous else "The first release.", ""]
    for name, new, old in (("SFT", side(now.sft), side(before.sft)), ("DPO", side(now.dpo), side(before.dpo))):
        changes = compare(new, old)
        lines += [f"## {name}: {len(changes.added)} added, {len(changes.changed)} changed, {len(changes.retired)} retired", ""]
        for word, ids, rows in (
            ("added", changes.added, new),
            ("changed", changes.changed, new),
            ("retired", changes.retired, old),
        ):
            lines += _listed(word, ids, rows)
    return "\n".join(lines)


def side(splits: Mapping[Split, Sequence[SftRow | DpoRow]]) -> Side:
    """The rows of all splits by id."""
    return {row.id: (split, row) for split in SPLITS for row in splits[split]}


def _listed(word: str, ids: Sequence[str], rows: Side) -> list[str]:
    if not ids:
        return []
    shown = [(row_id, rows[row_id][0], _asked(rows[row_id][1])) for row_id in ids[:LISTED]]
    more = [f"\n… and {len(ids) - LISTED:,} more {word}."] if len(ids) > LISTED else []
    return [f"### {word.capitalize()}", "", table(["id", "split", "question"], shown), *more, ""]


def _asked(row: SftRow | DpoRow) -> str:
    messages = row.messages if isinstance(row, SftRow) else row.prompt
    return next((message.content for message in messages if message.role == "user"), "")
