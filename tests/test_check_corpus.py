"""The suite that the answer checks are measured on is itself right: how a case was made is known here, not how it is judged."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

import pytest

from benchmarks import check_peers
from benchmarks.check_corpus import FALSE_KINDS, TRUE_KINDS, Case, Part, Row, Text, cases, rows, texts
from benchmarks.check_corpus_source import STATUTES, split
from benchmarks.check_corpus_text import _flipped
from benchmarks.check_corpus_words import (
    DATE,
    PAIRS,
    hangul_number,
    mixed,
    particle_after,
    parties,
    plain,
    quantities,
    replaced,
    spoken,
    value,
    verb,
)
from benchmarks.report import SHARED_DATA

PARTS: tuple[Part, Part] = ("seen", "held_out")


def has_data(test):
    """Reads sixteen statutes and makes all cases once: some seconds."""
    missing = not (SHARED_DATA / "law").is_dir()
    return pytest.mark.slow(pytest.mark.skipif(missing, reason=f"{SHARED_DATA}/law: the documents are not here")(test))


@pytest.fixture(scope="module")
def all_cases() -> dict[Part, list[Case]]:
    return {part: cases(SHARED_DATA, part) for part in PARTS}


@pytest.fixture(scope="module")
def all_texts() -> list[Text]:
    return [t for part in PARTS for t in texts(SHARED_DATA, part)]


@pytest.fixture(scope="module")
def all_rows() -> list[Row]:
    return [r for part in PARTS for r in rows(SHARED_DATA, part)]


# --- word forms --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3", 3),
        ("1,000", 1000),
        ("5천", 5000),
        ("1천만", 10**7),
        ("2천5백만", 25 * 10**6),
        ("3억5천만", 350_000_000),
        ("오천만", 5 * 10**7),
    ],
)
def test_a_number_has_one_value_however_it_is_written(text, number):
    assert value(text) == number


@pytest.mark.parametrize("number", [1, 10, 15, 30, 100, 3000, 10_000, 25_000_000, 100_000_000, 350_000_000, 1_200_000_000])
def test_written_numbers_keep_their_value(number):
    assert value(mixed(number)) == value(mixed(number, thousands=True)) == value(hangul_number(number)) == number


def test_what_is_no_number_is_refused():
    with pytest.raises(ValueError, match="세"):
        value("세")


def test_equal_quantities_are_equal_and_dates_and_articles_are_none():
    assert (
        [q.same for q in quantities("100분의 30")]
        == [q.same for q in quantities("30%")]
        == [q.same for q in quantities("30퍼센트")]
    )
    assert [q.same for q in quantities("12개월")] == [q.same for q in quantities("1년")]
    assert not quantities("제12조제3항제1호, 2024년 3월 1일, 3월 31일")


@pytest.mark.parametrize(
    ("sentence", "forms"),
    [
        ("알려야 한다", ("알려야 합니다", "알려야 해요", "알려야 함")),
        ("할 수 있다", ("할 수 있습니다", "할 수 있어요", "할 수 있음")),
        ("받는다", ("받습니다", "받아요", "받음")),
        ("것으로 본다", ("것으로 봅니다", "것으로 봐요", "것으로 봄")),
        ("무효이다", ("무효입니다", "무효예요", "무효임")),
        ("기준에 따른다", ("기준에 따릅니다", "기준에 따라요", "기준에 따름")),
    ],
)
def test_sentences_change_their_style_and_come_back(sentence, forms):
    assert tuple(spoken(sentence, s) for s in ("합니다", "해요", "함")) == forms
    assert plain(forms[0]) == sentence


def test_particles_follow_what_is_spoken():
    assert [particle_after(w, "을") for w in ("계약", "회사", "별표 3", "별표 2", "URL", "API", "30%")] == [
        "을",
        "를",
        "을",
        "를",
        "을",
        "를",
        "를",
    ]
    assert [particle_after(w, "으로") for w in ("서울", "서면", "팩스", "별표 7", "별표 3")] == ["로", "으로", "로", "로", "으로"]
    assert all(_flipped("계약", p) == p[1] and _flipped("회사", p) == p[0] for p in PAIRS)


def test_a_replaced_role_takes_its_own_particle():
    assert replaced("계약자는 알린다", 0, 3, "보험회사") == "보험회사는 알린다"
    assert replaced("임대인은 알린다", 0, 3, "채무자") == "채무자는 알린다"


def test_roles_in_lists_are_not_taken_for_one_role():
    assert not parties("계약자 또는 피보험자는 회사가 아닌 자에게")
    assert [name for _, _, name in parties("회사는 계약자에게 지급한다")] == ["회사", "계약자"]


def test_sentences_end_outside_brackets_only():
    assert split("갑(을을 말한다. 이하 같다)은 병이다. 정이다.") == ["갑(을을 말한다. 이하 같다)은 병이다.", "정이다."]
    assert split("다음과 같다: 끝") == []


# --- the cases ---------------------------------------------------------------------------------------------------------------


@has_data
def test_parts_share_no_document(all_cases):
    assert not set(STATUTES["seen"]) & set(STATUTES["held_out"])
    sources = [{re.sub(r" 제\d+조.*|, Section.*", "", c.source) for c in all_cases[part]} for part in PARTS]
    assert sources[0]
    assert sources[1]
    assert not sources[0] & sources[1]


@has_data
def test_equal_calls_give_equal_cases(all_cases):
    assert cases(SHARED_DATA, "held_out") == all_cases["held_out"]


@has_data
def test_every_class_has_cases_enough(all_cases):
    korean = Counter(c.kind for part in PARTS for c in all_cases[part] if c.language == "ko")
    english = Counter(c.kind for part in PARTS for c in all_cases[part] if c.language == "en")
    assert all(korean[kind] >= 200 for kind in (*FALSE_KINDS, *TRUE_KINDS)), korean
    assert all(count >= (60 if kind != "clause_order" else 40) for kind, count in english.items()), english
    assert set(english) >= set(FALSE_KINDS)


@has_data
def test_kinds_say_whether_a_case_is_good(all_cases):
    for part in PARTS:
        assert all(c.good == (c.kind in TRUE_KINDS) for c in all_cases[part])


@has_data
def test_no_answer_is_both_right_and_wrong(all_cases):
    for part in PARTS:
        labels = defaultdict(set)
        for c in all_cases[part]:
            labels[c.evidence, re.sub(r"\s", "", c.answer)].add(c.good)
        assert all(len(found) == 1 for found in labels.values())


@has_data
def test_a_wrong_answer_is_never_a_quote(all_cases):
    for part in PARTS:
        for c in all_cases[part]:
            assert c.good or c.answer.rstrip(".") not in c.evidence, c
            assert c.answer
            assert c.evidence


@has_data
def test_right_answers_bring_no_new_quantity(all_cases):
    for part in PARTS:
        for c in all_cases[part]:
            if c.good and c.language == "ko" and c.kind not in ("ocr_noise", "spacing", "combined"):
                assert {q.same for q in quantities(c.answer)} <= {q.same for q in quantities(c.evidence)}, c


@has_data
def test_changed_quantities_differ_in_value(all_cases):
    """Not 12개월 for 1년, not 30% for 100분의 30. Exchanged ones keep their values and change places."""
    for part in PARTS:
        for c in all_cases[part]:
            if (
                c.kind in ("number", "unit")
                and c.language == "ko"
                and not re.search("numeral|hangul|exchanged|달러|point|분$", c.variant)
            ):
                assert {q.same for q in quantities(c.answer)} - {q.same for q in quantities(c.evidence)}, c
            if c.variant == "exchanged" and c.kind == "number":
                told = [q.same for q in quantities(c.answer)]
                shown = [q.same for q in quantities(c.evidence)]
                assert sorted(told) != told or told != shown
                assert set(told) <= set(shown), c


@has_data
def test_changed_dates_stand_nowhere_in_the_evidence(all_cases):
    for part in PARTS:
        for c in all_cases[part]:
            if c.kind == "date" and c.language == "ko" and "note" in c.variant:
                dates = [{tuple(map(int, m.group("y", "m", "d"))) for m in DATE.finditer(t)} for t in (c.answer, c.evidence)]
                assert dates[0], c
                assert not dates[0] & dates[1], c


@has_data
def test_a_turned_sentence_is_turned_once(all_cases):
    """The mood at the end of a negated or remodelled answer is not the one of any sentence of its evidence with the same verb."""
    seen = 0
    for part in PARTS:
        for c in all_cases[part]:
            if c.kind == "negation" and c.language == "ko" and c.variant.endswith(("cannot", "_can", "need_not", "may_not")):
                told = verb(plain(c.answer.rstrip(".")) or "")
                shown = [verb(plain(s[:-1]) or "") for s in split(re.sub(r"^(?:제\S+조\S*\(.*?\) )?(?:[①-⑳] )?", "", c.evidence))]
                same = [s for s in shown if told and s and s.stem == told.stem and s.before[-6:] == told.before[-6:]]
                seen += bool(same)
                assert all(told and s.mood != told.mood for s in same), c
    assert seen > 50


@has_data
def test_noise_spares_numbers(all_cases):
    for part in PARTS:
        for c in all_cases[part]:
            if c.kind == "ocr_noise":
                assert set(re.findall(r"\d+", c.answer)) <= set(re.findall(r"\d+", c.evidence)), c


@has_data
def test_named_references_stand_in_the_evidence_only_when_right(all_cases):
    for part in PARTS:
        for c in all_cases[part]:
            named = set(re.findall(r"제\d+조(?:의\d+)?", c.answer.replace(" ", "")))
            shown = set(re.findall(r"제\d+조(?:의\d+)?", c.evidence.replace(" ", "")))
            if c.kind == "source_reference" and c.language == "ko":
                assert named <= shown, c
            if c.kind == "reference" and c.variant in ("article", "with_of") and c.language == "ko":
                assert named - shown, c


# --- form and questions ------------------------------------------------------------------------------------------------------


@has_data
def test_every_kind_of_text_and_row_is_there_in_both_labels(all_texts, all_rows):
    counts = Counter((t.kind, t.language, t.good) for t in (*all_texts, *all_rows))
    assert all(n >= 200 for (_, language, _), n in counts.items() if language == "ko"), counts
    assert all(n >= 60 for n in counts.values()), counts
    assert {(kind, good) for kind, _, good in counts} == {
        (kind, good)
        for kind in ("register", "particles", "drift", "self_contained", "leak", "question_language")
        for good in (True, False)
    }


@has_data
def test_texts_and_rows_have_one_label(all_texts, all_rows):
    labels = defaultdict(set)
    for t in all_texts:
        labels[t.kind, t.text].add(t.good)
    for r in all_rows:
        labels[r.kind, r.question, r.answer].add(r.good)
    assert all(len(found) == 1 for found in labels.values())


@has_data
def test_a_question_that_leaks_holds_the_answer_and_a_good_one_does_not(all_rows):
    for r in all_rows:
        if r.kind == "leak":
            answer = next(q.written for q in quantities(r.answer))
            assert (answer in r.question) != r.good, r


@has_data
def test_good_korean_texts_hold_no_foreign_sentence(all_texts):
    for t in all_texts:
        if t.kind == "drift" and t.language == "ko":
            foreign = re.search(
                r"[ぁ-ヿ]|[一-鿿]{2,}(?!\))|[A-Za-z]+ [A-Za-z]+ [A-Za-z]+ [A-Za-z]+", re.sub(r"\([^)]*\)", "", t.text)
            )
            assert bool(foreign) != t.good, t


# --- the peers ---------------------------------------------------------------------------------------------------------------


def test_partial_ratio_finds_a_part_and_measures_a_change():
    assert check_peers.own_partial_ratio("30일 이내", "접수한 날부터 30일 이내에 지급한다") == 100
    assert check_peers.own_partial_ratio("", "가") == 0
    assert check_peers.own_partial_ratio("abcd", "abed") == pytest.approx(75, abs=11)


def test_own_partial_ratio_is_that_of_rapidfuzz():
    fuzz = pytest.importorskip("rapidfuzz.fuzz", reason="rapidfuzz is not installed")
    pairs = [
        ("3영업일 이내에 지급합니다", "접수한 날부터 3영업일 이내에 보험금을 지급한다"),
        ("가나다", "나다라마"),
        ("abc", "cab"),
        ("그", "이 조"),
    ]
    for a, b in pairs:
        assert check_peers.own_partial_ratio(a, b) == pytest.approx(fuzz.partial_ratio(a, b))


def test_the_citation_score_of_a_verbatim_citation_is_mostly_given():
    assert check_peers.citation_score(["가나다라"], ["가나다라"], "마바사아") == pytest.approx(70, abs=1)
    assert check_peers.citation_score([], ["가"], "가") == 0
