"""Which split a document belongs to: a family, that is a text with all its revisions, is whole in one split.

Rows of one clause resemble each other, so a split by rows would put nearly every test row's clause into train. And a family
stays where an earlier release put it: a test row must never turn up in the train split of the next version.
"""

from __future__ import annotations

from collections.abc import Mapping

from tasks.records import SPLITS, Split
from tasks.settings import ReleaseSettings


def assign_splits(families: Mapping[str, int], settings: ReleaseSettings, previous: Mapping[str, Split]) -> dict[str, Split]:
    """The split of every family (family id → rows), as near to the target shares as whole families allow.

    Families of an earlier release keep their split. The others go, the largest first, where most rows are missing, and
    first of all to train while it is empty: so train is empty only when earlier releases put every family elsewhere.
    """
    splits = {family: previous[family] for family in families if family in previous}
    missing = _targets(sum(families.values()), settings)
    for family, split in splits.items():
        missing[split] -= families[family]
    for family in sorted(families.keys() - splits.keys(), key=lambda f: (-families[f], f)):
        split = "train" if "train" not in splits.values() else max(SPLITS, key=lambda s: missing[s])
        splits[family] = split
        missing[split] -= families[family]
    return splits


def _targets(rows: int, settings: ReleaseSettings) -> dict[Split, float]:
    train = 1 - settings.validation - settings.test
    return {"train": rows * train, "validation": rows * settings.validation, "test": rows * settings.test}
