from __future__ import annotations

from collections import Counter
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st
from review_rows import rows, verdict

from review.settle import Reason, settle_pairs, settle_preferences, without_rejected

CHUNKS, PAIRS, PREFERENCES = rows(4)
FIRST = PAIRS[0]


def reasons(verdicts: list, min_submitted: int = 1) -> list[str]:
    return [dropped.reason for dropped in settle_pairs([FIRST], verdicts, min_submitted).dropped]


def test_an_approved_pair_is_kept_as_it_was() -> None:
    (kept,) = settle_pairs([FIRST], [verdict(FIRST.id)], 1).rows
    assert (kept.pair, kept.question, kept.answer) == (FIRST, FIRST.question, FIRST.answer)


def test_an_edited_pair_is_kept_with_what_was_edited() -> None:
    (kept,) = settle_pairs([FIRST], [verdict(FIRST.id, "edit", answer="고친 답")], 1).rows
    assert (kept.question, kept.answer) == (FIRST.question, "고친 답")


def test_a_preference_is_kept_with_its_edited_better_answer() -> None:
    (kept,) = settle_preferences(PREFERENCES[:1], [verdict(PREFERENCES[0].id, "edit", queue="dpo", answer="고친 답")], 1).rows
    assert (kept.chosen, kept.preference) == ("고친 답", PREFERENCES[0])


def test_a_preference_goes_when_its_pair_was_rejected() -> None:
    said = [verdict(p.id, queue="dpo") for p in PREFERENCES[:2]] + [verdict(FIRST.id, "reject"), verdict(PAIRS[1].id)]
    settled = without_rejected(settle_preferences(PREFERENCES[:2], said, 1), settle_pairs(PAIRS, said, 1))
    assert [row.preference for row in settled.rows] == [PREFERENCES[1]]
    assert [(d.id, d.reason) for d in settled.dropped] == [(PREFERENCES[0].id, "pair_rejected")]


def test_verdicts_of_one_queue_settle_nothing_in_the_other() -> None:
    assert [d.reason for d in settle_pairs([FIRST], [verdict(FIRST.id, queue="dpo")], 1).dropped] == ["not_reviewed"]


def test_a_pair_nobody_looked_at_is_not_reviewed() -> None:
    assert reasons([verdict("another record")]) == ["not_reviewed"]


def test_a_rejected_pair_says_why() -> None:
    (dropped,) = settle_pairs([FIRST], [verdict(FIRST.id, "reject", reason="useless", comment="이미 있음")], 1).dropped
    assert (dropped.reason, dropped.detail, dropped.step) == ("rejected", "useless 이미 있음", "settle")


def test_the_last_verdict_of_a_person_counts() -> None:
    changed_mind = [verdict(FIRST.id, "reject", minutes=5), verdict(FIRST.id, "approve", minutes=1)]
    assert reasons(changed_mind) == ["rejected"]


def test_one_verdict_is_too_few_where_two_are_wanted() -> None:
    twice_the_same_person = [verdict(FIRST.id), verdict(FIRST.id, minutes=1)]
    assert reasons(twice_the_same_person, 2) == ["too_few_verdicts"]


def test_people_who_disagree_are_a_conflict() -> None:
    approve, reject = verdict(FIRST.id), verdict(FIRST.id, "reject", annotator="lee")
    assert reasons([approve, reject], 2) == reasons([approve, reject], 1) == ["conflict"]
    edits = [verdict(FIRST.id, "edit", annotator=name, answer=f"{name}의 답") for name in ("kim", "lee")]
    assert reasons(edits, 2) == ["conflict"]


def test_two_people_agree_when_their_texts_differ_in_spacing_only() -> None:
    edits = [verdict(FIRST.id, "edit", "kim", 0, answer="3 개월 이내"), verdict(FIRST.id, "edit", "lee", 1, answer="3개월 이내")]
    (kept,) = settle_pairs([FIRST], edits, 2).rows
    assert (kept.answer, kept.verdict.annotator) == ("3개월 이내", "lee")


def test_two_people_who_reject_for_different_reasons_agree() -> None:
    rejections = [verdict(FIRST.id, "reject", name, reason=reason) for name, reason in (("kim", "useless"), ("lee", "language"))]
    assert reasons(rejections, 2) == ["rejected"]


VERDICTS = st.lists(
    st.builds(
        verdict,
        record=st.sampled_from([pair.id for pair in PAIRS]),
        decision=st.sampled_from(["approve", "edit", "reject"]),
        annotator=st.sampled_from(["kim", "lee", "park"]),
        minutes=st.integers(0, 100),
    ),
    max_size=20,
)


@given(VERDICTS, st.integers(1, 3))
def test_every_pair_is_kept_or_dropped_once_for_a_reason_of_the_list(verdicts: list, min_submitted: int) -> None:
    settled = settle_pairs(PAIRS, verdicts, min_submitted)
    assert Counter([row.pair.id for row in settled.rows] + [d.id for d in settled.dropped]) == Counter(p.id for p in PAIRS)
    assert {d.reason for d in settled.dropped} <= set(get_args(Reason))
