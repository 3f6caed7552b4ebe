from __future__ import annotations

import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.dedup.keys import dedup_key, jaccard, shingles
from tasks.dedup.leaders import REASONS, deduplicate
from tasks.records import Box, Evidence, Lineage, Option, Pair, Region, Sampling
from tasks.settings import DedupSettings

SETTINGS = DedupSettings()
LINEAGE = Lineage(
    prompt="qa.ko",
    prompt_hash="p",
    model="m",
    sampling=Sampling(temperature=0.7, top_p=1, max_tokens=9),
    call="c",
    run="r",
    code="0",
)
EVIDENCE = Evidence(quote="근거", start=0, end=2, regions=(Region(page=1, box=Box(x0=1, y0=2, x1=3, y1=4)),))


def pair(
    question: str,
    answer: str = "약관에 따라 지급합니다.",
    kind: str = "qa",
    options: tuple[str, ...] = (),
    parent: str | None = None,
    evidence: int = 1,
    chunk: str = "c",
) -> Pair:
    made = tuple(
        Option(text=o, answer=f"정답은 {o}입니다.", correct=i == 0, error="" if i == 0 else "값") for i, o in enumerate(options)
    )
    return Pair(
        id=Pair.make_id(chunk, kind, question, answer, ("근거",), made),
        chunk=chunk,
        document="d",
        path="pdf/약관.pdf",
        language="ko",
        kind=kind,
        question=question,
        answer=answer,
        quotes=("근거",),
        evidence=(EVIDENCE,) * evidence,
        options=made,
        parent=parent,
        lineage=LINEAGE,
    )


def questions(pairs):
    return {p.question for p in pairs}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("보험금은 언제까지 청구할 수 있나요?", "보험금은  언제까지 청구할수 있나요"),
        ("보험금은 언제까지 청구할 수 있나요?", unicodedata.normalize("NFD", "보험금은 언제까지 청구할 수 있나요?")),
        ("「약관」에서 정한 기간은 3개월인가요?", "'약관'에서 정한 기간은 ３개월인가요"),
        ("암보험을 삼 개월 이내에 해지할 수 있나요?", "암보험을 삼 개월 이내에, 해지할 수 있나요?"),
    ],
)
def test_spacing_punctuation_and_unicode_forms_are_exact_duplicates(one, other):
    kept = deduplicate([pair(one), pair(other)], SETTINGS)
    assert len(kept.rows) == 1
    assert [d.reason for d in kept.dropped] == ["exact_duplicate"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("암보험에 가입한 후 3개월 이내에 해지할 수 있나요?", "암보험에 가입한 후 삼 개월 이내에 해지할 수 있나요?"),
        ("보험계약자는 언제까지 보험금을 청구할 수 있나요?", "보험계약자가 언제까지 보험금을 청구할 수 있나요?"),
        ("회사는 보험금을 언제까지 지급해야 하나요?", "회사는 보험금을 언제까지 지급하여야 하나요?"),
    ],
)
def test_a_changed_particle_or_number_form_is_a_near_duplicate(one, other):
    kept = deduplicate([pair(one), pair(other)], SETTINGS)
    leader, (gone,) = kept.rows[0], kept.dropped
    assert gone.reason == "near_duplicate"
    assert leader.id in gone.detail
    similarity = float(gone.detail.rsplit(" ", 1)[1])
    assert SETTINGS.threshold <= similarity < 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("암보험에 가입한 후 3개월 이내에 해지할 수 있나요?", "암보험에 가입한 후 6개월 이내에 해지할 수 있나요?"),
        ("암보험에 가입한 후 두 달 이내에 해지할 수 있나요?", "암보험에 가입한 후 세 달 이내에 해지할 수 있나요?"),
        ("제15조 제1항에 따른 보험금은 얼마인가요?", "제16조 제1항에 따른 보험금은 얼마인가요?"),
        ("제15조 ①에 따른 보험금은 얼마인가요?", "제15조 ②에 따른 보험금은 얼마인가요?"),
        ("입원 3일 후 5일 동안 받는 돈은?", "입원 5일 후 3일 동안 받는 돈은?"),
    ],
)
def test_questions_with_other_numbers_are_never_merged(one, other):
    assert questions(deduplicate([pair(one), pair(other)], DedupSettings(threshold=0.1)).rows) == {one, other}


def test_equal_questions_with_other_numbers_in_the_answer_are_never_merged():
    rows = [pair("대기 기간은 며칠인가요?", "90일입니다."), pair("대기 기간은 며칠인가요?", "180일입니다.")]
    assert len(deduplicate(rows, SETTINGS).rows) == 2


def test_equal_questions_with_other_numbers_in_the_options_are_never_merged():
    text = "대기 기간은 며칠인가요?"
    rows = [pair(text, kind="choice", options=("90일", "60일")), pair(text, kind="choice", options=("90일", "30일"))]
    assert len(deduplicate(rows, SETTINGS).rows) == 2
    shuffled = [rows[0], rows[0].model_copy(update={"id": "x", "options": rows[0].options[::-1]})]
    assert len(deduplicate(shuffled, SETTINGS).rows) == 1


def test_kinds_are_compared_among_themselves_only():
    rows = [pair("대기 기간은 며칠인가요?"), pair("대기 기간은 며칠인가요?", kind="choice")]
    assert len(deduplicate(rows, SETTINGS).rows) == 2


def test_the_same_row_twice_is_an_exact_duplicate_of_itself():
    row = pair("대기 기간은 며칠인가요?")
    kept = deduplicate([row, row], SETTINGS)
    assert kept.rows == [row]
    assert [(d.id, d.reason) for d in kept.dropped] == [(row.id, "exact_duplicate")]
    assert Pair.model_validate_json(kept.dropped[0].record) == row


def test_the_best_row_stays_an_original_before_an_evolved_one_then_more_evidence_then_the_fuller_answer():
    evolved = pair("보험금은 언제 청구하나요?", "길고 자세한 답으로서 약관에 따라 지급합니다.", parent="p", evidence=3)
    short = pair("보험금은 언제 청구하나요", "지급합니다.", evidence=2)
    full = pair("보험금은  언제 청구하나요", "약관에 따라 지급합니다.", evidence=2)
    thin = pair("보험금은  언제  청구하나요", "약관에 따라 회사가 반드시 지급합니다.", evidence=1)
    assert deduplicate([thin, short, evolved, full], SETTINGS).rows == [full]


def test_a_row_joins_only_a_leader_that_it_is_similar_to_itself():
    """No chains: b is near a, c is near b and not near a, so c stays."""
    a, b, c = "가나다라마바사아자차카타파하", "가나다라마바사아자차카타거너", "버서다라마바사아자차카타거너"
    sets = [shingles(dedup_key(t), 2) for t in (a, b, c)]
    threshold = 0.6
    assert jaccard(sets[0], sets[1]) >= threshold <= jaccard(sets[1], sets[2])
    assert jaccard(sets[0], sets[2]) < threshold
    rows = [pair(a, "세 가지 가운데 가장 긴 답입니다"), pair(b, "세 가지 가운데 짧은 답"), pair(c, "세 가지 답")]
    assert questions(deduplicate(rows, DedupSettings(threshold=threshold)).rows) == {a, c}


@pytest.mark.parametrize("odd", ["", " ", "가", "😀", "?", "각", "①", "\u200b", "👨‍👩‍👧", "ᄀ", "?!"])
def test_odd_texts_pass_and_repeat_only_themselves(odd):
    rows = [pair(odd, chunk="1"), pair(odd, chunk="2"), pair("보험금은 언제 청구하나요?"), pair("😂")]
    kept = deduplicate(rows, SETTINGS)
    assert len(kept.rows) == 3
    assert [d.reason for d in kept.dropped] == ["exact_duplicate"]


def test_texts_of_punctuation_alone_are_no_duplicates_of_each_other():
    assert len(deduplicate([pair("?"), pair("!"), pair("")], SETTINGS).rows) == 3


def test_no_rows_give_no_rows():
    assert deduplicate([], SETTINGS).rows == []


WORDS = ["보험금은", "보험금을", "언제", "청구", "할 수 있나요", "3개월", "6개월", "삼 개월", "회사는", "지급하나요", "?", " "]
ROWS = st.lists(
    st.builds(
        pair,
        st.lists(st.sampled_from(WORDS), max_size=5).map("".join),
        st.sampled_from(["지급합니다.", "3일 안에 지급합니다.", "5일 안에 지급합니다."]),
        parent=st.sampled_from([None, "p"]),
        evidence=st.integers(1, 2),
        chunk=st.sampled_from(["1", "2"]),
    ),
    max_size=12,
)


@settings(max_examples=60)
@given(ROWS, st.randoms(use_true_random=False), st.sampled_from([0.01, 0.3, 0.7, 1.0]))
def test_the_result_is_a_partition_that_does_not_depend_on_the_order(rows, random, threshold):
    chosen = DedupSettings(threshold=threshold)
    kept = deduplicate(rows, chosen)
    assert deduplicate(random.sample(rows, len(rows)), chosen) == kept
    assert sorted([p.model_dump_json() for p in kept.rows] + [d.record for d in kept.dropped]) == sorted(
        p.model_dump_json() for p in rows
    )
    assert {d.reason for d in kept.dropped} <= set(REASONS)
    assert deduplicate(kept.rows, chosen).dropped == []


def test_candidates_miss_almost_none_of_the_pairs_at_the_threshold():
    syllables = [chr(0xAC00 + 28 * n) for n in range(200)]
    texts = ["".join(syllables[(7 * i + 31 * k * k) % 200] for k in range(24)) for i in range(60)]
    changed = [text[:8] + "훕" + text[9:16] + "뾰" + text[17:] for text in texts]
    similar = [jaccard(shingles(one, 2), shingles(other, 2)) for one, other in zip(texts, changed, strict=True)]
    assert all(SETTINGS.threshold <= s < 0.75 for s in similar)
    alone = len(deduplicate([pair(text) for text in texts], SETTINGS).rows)
    kept = deduplicate([pair(text) for text in [*texts, *changed]], SETTINGS)
    assert len(kept.rows) <= alone + 2


def test_importing_dedup_does_not_import_datasketch():
    code = "import sys, tasks.dedup.leaders; sys.exit('datasketch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
