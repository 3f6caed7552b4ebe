"""A release before it is a folder: its rows by split, its lineage, and the hash by which two releases are the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tasks.records import SPLITS, Dropped, Split, VerifiedPair, VerifiedPreference, content_id
from tasks.release.formats import Rows
from tasks.release.rows import DpoRow, Drafted, LineageRow, SftRow, Sources, by_split, dpo_rows, sft_rows
from tasks.release.splits import assign_splits
from tasks.settings import ProjectSettings, ReleaseSettings

LAYOUT: Final = 1  # raised when the files of a release change: then an unchanged dataset is published once more
WHEN: Final = {"run", "call", "code", "time"}  # lineage that may change while the data stay the same


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything a release says. `families` are all that ever had a split, so that one that comes back keeps it."""

    rows: Rows
    lineage: Sequence[LineageRow]
    families: Mapping[str, Split]
    dropped: Sequence[Dropped]
    hash: str

    def count(self, kind: str, split: Split) -> int:
        """Rows of one type in one split."""
        return len({"sft": self.rows.sft, "dpo": self.rows.dpo}[kind][split])

    @property
    def sft(self) -> list[SftRow]:
        """All SFT rows."""
        return [row for split in SPLITS for row in self.rows.sft[split]]

    @property
    def dpo(self) -> list[DpoRow]:
        """All DPO rows."""
        return [row for split in SPLITS for row in self.rows.dpo[split]]


def make_contents(
    sft: Sequence[VerifiedPair],
    dpo: Sequence[VerifiedPreference],
    sources: Sources,
    settings: ReleaseSettings,
    project: ProjectSettings,
    previous: Mapping[str, Split],
) -> Contents:
    """Verified records as the contents of a release; `previous` are the families' splits so far."""
    good_sft, bad_sft = sft_rows(sft, sources, settings.system)
    good_dpo, bad_dpo = dpo_rows(dpo, sources, settings.system)
    drafts: list[Drafted[SftRow] | Drafted[DpoRow]] = [*good_sft, *good_dpo]
    families = Counter(draft.origin.document.family for draft in drafts)
    splits = assign_splits(families, settings, previous)
    rows = Rows(project.name, by_split(good_sft, splits), by_split(good_dpo, splits))
    lineage = [draft.lineage(splits[draft.origin.document.family]) for draft in drafts]
    return Contents(rows, lineage, {**previous, **splits}, [*bad_sft, *bad_dpo], _hash(rows, lineage, settings, project))


def _hash(rows: Rows, lineage: Sequence[LineageRow], settings: ReleaseSettings, project: ProjectSettings) -> str:
    data = [row.model_dump(mode="json") for split in SPLITS for row in [*rows.sft[split], *rows.dpo[split]]]
    behind = [row.model_dump(mode="json", exclude=WHEN) for row in lineage]
    return content_id("release", LAYOUT, settings.model_dump(), project.model_dump(), data, behind)
