from __future__ import annotations

from collections import Counter

import pytest
from set_pages import SHARED, block, page, source_of

from tasks.chunk.describe import describe
from tasks.clean.clean import clean_pages
from tasks.clean.corpus import Fingerprint, boilerplate_of, drop_boilerplate, fingerprint, repeated
from tasks.read.pdf import read_pdf
from tasks.records import Block, Page
from tasks.settings import CleanSettings

SETTINGS = CleanSettings()
NOTICE = "이 보험계약은 예금자보호법에 따라 예금보험공사가 보호합니다."
REVIEW = "준법감시인 심의필 제2026-{n}호"
COPYRIGHT = "Copyright 별솔손해보험주식회사 All rights reserved."
CLAUSE = "이 약관에서 정하지 아니한 사항은 대한민국 법령을 준용합니다."


def text_page(number: int, *texts: str) -> Page:
    return page(number, [block(text, 40, 60 + 16 * k) for k, text in enumerate(texts)])


def terms(n: int) -> list[Page]:
    name = "가나다라마바사아자차"[n]
    return [
        text_page(1, f"무배당 {name}보험 약관", f"2026년 {n}월 1일부터 시행되는 약관", NOTICE, REVIEW.format(n=n)),
        text_page(
            2, f"제1조(목적) 이 약관은 {name}보험에 관하여 정합니다.", "제2조(준용규정)", CLAUSE, f"{name}로 끝나는 약관입니다."
        ),
        text_page(3, "고객상담센터 안내 전화 1588-0000", COPYRIGHT),
    ]


def corpus(count: int, families: int | None = None) -> list[Fingerprint]:
    return [fingerprint(f"d{n}", f"f{n % (families or count)}", terms(n)) for n in range(count)]


def dropped(pages: list[Page], marks: frozenset[str]) -> list[str]:
    return [Block.model_validate_json(d.record).text for d in drop_boilerplate(pages, marks).dropped]


def test_notices_of_most_families_go_and_their_clauses_stay():
    marks = repeated(corpus(6), SETTINGS)
    assert dropped(terms(3), marks) == [NOTICE, REVIEW.format(n=3), "고객상담센터 안내 전화 1588-0000", COPYRIGHT]
    assert {d.reason for d in drop_boilerplate(terms(3), marks).dropped} == {"boilerplate"}
    assert CLAUSE in "".join(p.text for p in drop_boilerplate(terms(3), marks).rows)


def test_titles_and_dates_of_effect_stay_although_they_differ_in_their_numbers_only():
    kept = drop_boilerplate(terms(3), repeated(corpus(6), SETTINGS)).rows
    assert [b.text for b in kept[0].blocks] == ["무배당 라보험 약관", "2026년 3월 1일부터 시행되는 약관"]


def test_revisions_of_few_families_repeat_nothing():
    assert not repeated(corpus(9, families=3), SETTINGS)
    assert not repeated(corpus(3), SETTINGS)
    assert not repeated([], SETTINGS)


def test_half_of_the_families_must_say_so():
    others = [
        fingerprint(f"x{n}", f"x{n}", [text_page(1, f"서로 다른 안내문 제{c}호입니다")]) for n, c in enumerate("가나다라마")
    ]
    assert repeated([*corpus(4), *others[:4]], SETTINGS)
    assert not repeated([*corpus(4), *others], SETTINGS)


def test_a_paragraph_counts_however_it_is_broken():
    words = "이 보험계약은 예금자보호법에 따라 해약환급금에 기타지급금을 합하여 보호합니다."

    def cover(n: int) -> list[Page]:
        at = 10 + 3 * n
        return [
            text_page(1, f"{'가나다라마'[n]}보험 안내장입니다.", words[:at], words[at:]),
            text_page(2, "제1조(목적) 정합니다."),
        ]

    marks = repeated([fingerprint(f"d{n}", f"f{n}", cover(n)) for n in range(5)], SETTINGS)
    assert "".join(dropped(cover(2), marks)) == words


def test_rules_on_a_last_page_without_any_mark_stay():
    def rules(n: int) -> list[Page]:
        return [
            text_page(1, f"{'가나다라마'[n]}규정", "제1조(목적) 정한다."),
            text_page(2, "이 규정은 공고한 날부터 효력을 가진다."),
        ]

    assert not repeated([fingerprint(f"d{n}", f"f{n}", rules(n)) for n in range(5)], SETTINGS)


def test_the_end_of_a_clause_on_the_last_page_stays():
    def unfinished(n: int) -> list[Page]:
        return [text_page(1, "제1조(목적) 이 약관에서 정하지 않은 사항은"), text_page(2, "대한민국의 관련 법령에 따릅니다.")]

    assert not repeated([fingerprint(f"d{n}", f"f{n}", unfinished(n)) for n in range(5)], SETTINGS)


def test_a_document_depends_on_its_own_part_of_the_boilerplate_only():
    prints = corpus(6)
    marks = repeated(prints, SETTINGS)
    more = marks | {"0" * 16}
    assert boilerplate_of(prints[3], marks) == boilerplate_of(prints[3], more) == marks
    first = clean_pages(terms(3), SETTINGS).rows
    assert drop_boilerplate(first, boilerplate_of(prints[3], marks)).rows == drop_boilerplate(terms(3), marks).rows


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is not there")
def test_a_corpus_of_statutes_and_decisions_loses_no_clause():
    read: dict[str, list[Page]] = {}
    prints = []
    for path in [*sorted((SHARED / "law").glob("*.pdf"))[::3], *sorted((SHARED / "decisions").glob("*.pdf"))]:
        source = source_of(path)
        pages = clean_pages(read_pdf(path, source).rows, SETTINGS).rows
        read[source.path] = pages
        prints.append(fingerprint(source.id, describe(source, pages).family, pages))
    marks = repeated(prints, CleanSettings(boilerplate_share=0.01, boilerplate_families=2))
    gone = Counter(text for pages in read.values() for text in dropped(pages, marks))
    assert not [text for text in gone if text.startswith("제") or text.endswith("다.")]
