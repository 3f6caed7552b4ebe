from __future__ import annotations

from itertools import pairwise

import pytest

from benchmarks.pii_documents import ALIKES, KINDS, OPEN, documents

PLAIN = ("company_rules", "summary", "judgment")


@pytest.fixture(scope="module")
def made() -> list:
    return documents(7, 3 * len(KINDS))


def test_the_same_seed_gives_the_same_documents(made: list) -> None:
    assert documents(7, 3 * len(KINDS)) == made
    assert documents(8, 3 * len(KINDS)) != made
    assert documents(7, 5) == made[:5]


def test_marks_point_at_values(made: list) -> None:
    for sample in made:
        marks = sorted((*sample.values, *sample.alikes), key=lambda mark: mark.start)
        assert all(a.end <= b.start for a, b in pairwise(marks))
        for mark in marks:
            told = sample.text[mark.start : mark.end]
            assert told
            assert told == told.strip()
            assert mark.spelling.startswith("broken ") or "\n" not in told


@pytest.mark.parametrize(
    ("kind", "least"), [("resident", 13), ("foreigner", 13), ("business", 10), ("corporate", 13), ("card", 15), ("account", 11)]
)
def test_numbers_keep_their_length_when_broken(made: list, kind: str, least: int) -> None:
    told = [s.text[m.start : m.end] for s in made for m in s.values if m.kind == kind]
    assert told
    assert all(sum(c.isdigit() or c == "*" for c in each) >= least for each in told)


def test_about_one_value_in_twenty_is_broken(made: list) -> None:
    marks = [mark for sample in made for mark in sample.values]
    assert 0.02 < sum(mark.spelling.startswith("broken ") for mark in marks) / len(marks) < 0.1


def test_rules_summaries_and_judgments_hold_look_alikes_only(made: list) -> None:
    for i, sample in enumerate(made):
        plain = KINDS[i % len(KINDS)].__name__ in PLAIN
        assert plain is not bool(sample.values)
        assert {mark.kind for mark in sample.alikes} <= set(ALIKES)
        assert 20 < sample.text.count("\n") < 140


def test_every_class_and_what_is_unjudged_are_there() -> None:
    kinds = {mark.kind for sample in documents(3, 100) for mark in sample.values}
    judged = "resident foreigner passport driver business corporate account card phone email address name vehicle ip"
    assert kinds == {*judged.split(), f"{OPEN}name", f"{OPEN}address", f"{OPEN}phone"}
