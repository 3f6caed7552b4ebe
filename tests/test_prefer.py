from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.prefer.distractors import Reason, is_sentence, prefer
from tasks.records import Lineage, Option, Pair, Preference, Sampling
from tasks.settings import PreferSettings
from tasks.text.normal import comparable

SETTINGS = PreferSettings()
LINEAGE = Lineage(
    prompt="choice.ko",
    prompt_hash="p",
    model="m",
    sampling=Sampling(temperature=0.7, top_p=1, max_tokens=9),
    call="c",
    run="r",
    code="0",
)
ANSWER = "보험금은 3개월 이내에 청구하여야 합니다."


def choice(*wrong: str, answer: str = ANSWER, kind: str = "choice", language: str = "ko") -> Pair:
    options = tuple(
        Option(text=w[:9], answer=w, correct=w == answer, error="" if w == answer else "number") for w in (*wrong, answer)
    )
    question = "보험금은 언제까지 청구하여야 하나요?"
    return Pair(
        id=Pair.make_id("c", kind, question, answer, (), options),
        chunk="c",
        document="d",
        path="pdf/약관.pdf",
        language=language,
        kind=kind,
        question=question,
        answer=answer,
        quotes=(),
        evidence=(),
        options=options,
        parent=None,
        lineage=LINEAGE,
    )


def test_the_wrong_option_of_the_nearest_length_becomes_the_rejected_answer():
    near, far = "보험금은 6개월 이내에 청구하여야 합니다.", "가입한 뒤 언제든지 기간의 제한 없이 청구하실 수가 있습니다."
    (row,) = prefer([choice(far, near)], SETTINGS).rows
    pair = choice(far, near)
    assert (row.prompt, row.chosen, row.rejected) == (pair.question, ANSWER, near)
    assert (row.pair, row.origin, row.error) == (pair.id, "distractor", "number")
    assert row.id == Preference.make_id(pair.id, pair.question, ANSWER, near)


def test_the_order_of_the_options_does_not_matter():
    wrong = [f"보험금은 {n}개월 이내에 청구하여야 합니다." for n in (6, 9, 4)]
    chosen = {prefer([choice(*order)], SETTINGS).rows[0].rejected for order in (wrong, wrong[::-1], wrong[1:] + wrong[:1])}
    assert len(chosen) == 1


def test_several_a_question_on_request():
    wrong = [f"보험금은 {n}개월 이내에 청구하여야 합니다." for n in (6, 9, 4)]
    assert len({r.rejected for r in prefer([choice(*wrong, *wrong)], PreferSettings(per_question=2)).rows}) == 2


@pytest.mark.parametrize(
    ("pair", "reason"),
    [
        (choice(), "no_distractor"),
        (choice("6개월"), "not_a_sentence"),
        (choice("보험금은 6개월 이내에 청구하여야 합니다.", answer="3개월"), "not_a_sentence"),
        (choice("보험금은  3개월 이내에 '청구'하여야 합니다."), "equal_answers"),
        (choice("없습니다."), "length_ratio"),
    ],
)
def test_a_question_without_a_fit_distractor_is_dropped_with_its_reason(pair, reason):
    kept = prefer([pair], SETTINGS)
    assert kept.rows == []
    assert [(d.id, d.step, d.reason) for d in kept.dropped] == [(pair.id, "prefer", reason)]
    assert Pair.model_validate_json(kept.dropped[0].record) == pair


def test_other_kinds_are_no_input():
    kept = prefer([choice("보험금은 6개월 이내에 청구하여야 합니다.", kind="qa")], SETTINGS)
    assert (kept.rows, kept.dropped) == ([], [])


@pytest.mark.parametrize(
    ("text", "language", "yes"),
    [
        ("지급합니다.", "ko", True),
        ("지급한다", "ko", True),
        ("지급해요.", "ko", True),
        ("지급함.", "ko", True),
        ("약관(제3조)에 따라 지급합니다.)", "ko", True),
        ("지급함", "ko", False),
        ("3개월", "ko", False),
        ("", "ko", False),
        ("The insurer pays within 3 days.", "en", True),
        ("3 days", "en", False),
        ("Yes.", "en", False),
    ],
)
def test_a_sentence_is_known_by_its_ending(text, language, yes):
    assert is_sentence(text, language) is yes


@given(
    st.lists(
        st.lists(st.sampled_from(["보험금은 ", "6개월 ", "이내에 ", "지급합니다.", "한다", "x"]), max_size=6).map("".join),
        max_size=5,
    )
)
def test_a_pair_is_kept_or_dropped_and_chosen_never_equals_rejected(wrong):
    pair = choice(*wrong)
    kept = prefer([pair], SETTINGS)
    assert bool(kept.rows) != bool(kept.dropped)
    assert all(comparable(row.chosen) != comparable(row.rejected) for row in kept.rows)
    assert {d.reason for d in kept.dropped} <= set(get_args(Reason))
