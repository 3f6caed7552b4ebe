from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from tasks.records import SPLITS
from tasks.release.splits import assign_splits
from tasks.settings import ReleaseSettings

FAMILIES = st.dictionaries(st.text("abcdef0123456789", min_size=1, max_size=8), st.integers(1, 500), max_size=20)
SETTINGS = st.builds(ReleaseSettings, validation=st.floats(0, 0.45), test=st.floats(0, 0.45))
PREVIOUS = st.dictionaries(st.text("abcdef0123456789", min_size=1, max_size=8), st.sampled_from(SPLITS), max_size=20)


@given(FAMILIES, SETTINGS, PREVIOUS)
def test_every_family_has_one_split_and_keeps_its_earlier_one(families, settings, previous):
    splits = assign_splits(families, settings, previous)
    assert splits.keys() == families.keys()
    assert all(splits[f] == previous[f] for f in families.keys() & previous.keys())


@given(FAMILIES, SETTINGS, PREVIOUS)
def test_train_is_never_empty_while_there_is_a_new_family(families, settings, previous):
    splits = assign_splits(families, settings, previous)
    if families.keys() - previous.keys():
        assert "train" in splits.values()


@given(FAMILIES, SETTINGS, st.randoms(use_true_random=False))
def test_the_order_of_the_families_does_not_matter(families, settings, random):
    shuffled = dict(random.sample(list(families.items()), len(families)))
    assert assign_splits(families, settings, {}) == assign_splits(shuffled, settings, {})


@given(FAMILIES, SETTINGS)
def test_a_second_release_of_the_same_families_moves_nothing(families, settings):
    first = assign_splits(families, settings, {})
    assert assign_splits({**families, "new": 3}, settings, first).items() >= first.items()


@given(FAMILIES, SETTINGS)
def test_no_split_exceeds_its_target_by_more_than_one_family(families, settings):
    splits = assign_splits(families, settings, {})
    rows = Counter()
    for family, split in splits.items():
        rows[split] += families[family]
    total, largest = sum(families.values()), max(families.values(), default=0)
    targets = {"validation": settings.validation, "test": settings.test, "train": 1 - settings.validation - settings.test}
    assert all(rows[split] <= total * share + largest + 1e-6 for split, share in targets.items())


def test_one_family_is_all_train():
    assert assign_splits({"a": 7}, ReleaseSettings(validation=0.45, test=0.45), {}) == {"a": "train"}


def test_ten_equal_families_are_split_eight_to_one_to_one():
    splits = assign_splits({f"f{i}": 10 for i in range(10)}, ReleaseSettings(), {})
    assert Counter(splits.values()) == {"train": 8, "validation": 1, "test": 1}
    assert (splits["f8"], splits["f9"]) == ("validation", "test")


def test_a_test_family_never_becomes_train_even_if_it_is_the_only_one_left():
    assert assign_splits({"a": 5}, ReleaseSettings(), {"a": "test"}) == {"a": "test"}


@given(FAMILIES)
def test_a_share_of_zero_gets_nothing(families):
    assert set(assign_splits(families, ReleaseSettings(validation=0, test=0), {}).values()) <= {"train"}
