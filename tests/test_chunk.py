from __future__ import annotations

import json
import string
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from set_pages import SHARED, block, page, set_pages, source_of

from tasks.chunk.cut import cut, describe
from tasks.chunk.spans import regions_of
from tasks.clean.clean import clean_pages
from tasks.read.pdf import read_pdf
from tasks.records import Block, Chunk, Document, Kept, Page, Source
from tasks.settings import ChunkSettings, CleanSettings
from tasks.text.normal import comparable
from tasks.text.sentences import sentences
from tasks.text.tokens import estimate_tokens

SOURCE = Source(id="d" * 32, path="pdf/별솔_건강보험.pdf", size=1)
LAW = [
    "제1장 총칙",
    "제1조(목적) 이 약관은 회사와 계약자 사이의 권리와 의무를 정하는 것을 목적으로 합니다.",
    "제2조(정의) ① 이 약관에서 쓰는 말의 뜻은 다음과 같습니다.",
    "1. 계약자: 회사와 계약을 맺고 보험료를 낼 의무를 지는 사람을 말합니다.",
    "2. 피보험자: 보험사고의 대상이 되는 사람을 말합니다. 다만, 제5조(보험금)에 따라 바뀔 수 있습니다.",
    "② 그 밖의 말은 관계 법령에 따릅니다.",
    "제3조 삭제 <2020. 1. 1.>",
    "제2장 보험금",
    "제4조(청구) 보험금은 3년 안에 청구하여야 합니다.",
    "부칙 <제2024-1호,2024. 1. 1.>",
    "제1조(시행일) 이 약관은 2024년 1월 1일부터 시행한다.",
]


def chunked(pages: list[Page], max_tokens: int = 700) -> Kept[Chunk]:
    return cut(describe(SOURCE, pages), pages, ChunkSettings(max_tokens=max_tokens))


def assert_spans_cover(chunk: Chunk) -> None:
    at = 0
    for span in chunk.spans:
        assert at <= span.start < span.end <= len(chunk.text)
        assert not chunk.text[at : span.start].strip()
        at = span.end
    assert not chunk.text[at:].strip()


def assert_nothing_lost(pages: list[Page], kept: Kept[Chunk]) -> None:
    there = {(p.number, b.box) for p in pages for b in p.blocks if p.origin == "text" and b.text.strip()}
    in_chunks = {(s.page, s.box) for chunk in kept.rows for s in chunk.spans}
    dropped = {(int(d.id.rsplit("-p", 1)[1]), Block.model_validate_json(d.record).box) for d in kept.dropped if d.type == "Block"}
    assert in_chunks | dropped == there
    assert not in_chunks & dropped


def test_a_clause_has_the_path_of_titles_a_key_and_its_text():
    kept = chunked(set_pages(LAW))
    assert [(c.clause, c.heading[1:], c.part) for c in kept.rows] == [
        ("제1조", ("제1장 총칙", "제1조(목적)"), 1),
        ("제2조", ("제1장 총칙", "제2조(정의)"), 1),
        ("제3조", ("제1장 총칙", "제3조 삭제"), 1),
        ("제4조", ("제2장 보험금", "제4조(청구)"), 1),
        ("부칙<2024.1.1>/제1조", ("부칙 <제2024-1호,2024. 1. 1.>", "제1조(시행일)"), 1),
    ]
    assert kept.rows[1].text == "\n".join(LAW[2:6])
    assert {c.heading[0] for c in kept.rows} == {"별솔 건강보험"}
    assert [d.reason for d in kept.dropped] == ["heading"] * 3


def test_every_line_has_its_page_its_box_and_its_characters():
    pages = set_pages(LAW, letters=30, per_page=7)
    kept = chunked(pages)
    for chunk in kept.rows:
        assert_spans_cover(chunk)
        for span in chunk.spans:
            (line,) = [b.text for p in pages if p.number == span.page for b in p.blocks if b.box == span.box]
            assert chunk.text[span.start : span.end] == line
    assert_nothing_lost(pages, kept)


def test_the_id_is_of_the_content_and_not_of_the_place():
    first, later = chunked(set_pages(LAW, per_page=40)), chunked(set_pages(LAW, per_page=3))
    assert [c.id for c in first.rows] == [c.id for c in later.rows]
    assert first.rows[1].pages != later.rows[1].pages


@pytest.mark.parametrize("max_tokens", [64, 70, 85, 150])
def test_a_long_clause_is_cut_where_sentences_end(max_tokens):
    kept = chunked(set_pages(LAW), max_tokens)
    parts = [c for c in kept.rows if c.clause == "제2조"]
    assert [c.part for c in parts] == list(range(1, len(parts) + 1))
    assert all(estimate_tokens(c.text) <= max_tokens for c in parts)
    whole = sentences("\n".join(LAW[2:6]))
    assert [s for c in parts for s in sentences(c.text)] == whole


def test_a_long_paragraph_is_cut_between_its_sentences():
    told = [f"{i}번째로 회사는 계약자에게 그 사실을 지체 없이 알려야 합니다." for i in range(1, 9)]
    parts = chunked(set_pages(["제1조(통지) " + " ".join(told)]), 64).rows
    assert len(parts) > 2
    assert [s for c in parts for s in sentences(c.text)] == ["제1조(통지) " + told[0], *told[1:]]


def test_parts_begin_at_paragraphs_if_they_fit():
    (first, second) = [c for c in chunked(set_pages(LAW), 78).rows if c.clause == "제2조"]
    assert first.text.startswith("제2조(정의) ①")
    assert second.text == "② 그 밖의 말은 관계 법령에 따릅니다."


def test_a_sentence_over_the_budget_is_cut_at_a_comma_and_only_then():
    endless = "제1조(범위) 회사는 " + ", ".join(f"{i}번째로 정한 사유" for i in range(1, 60)) + "에 지급합니다."
    parts = chunked(set_pages(["제1조(범위) 짧다.", endless.replace("제1조", "제2조")]), 100).rows[1:]
    assert len(parts) > 3
    assert all(c.text.endswith(",") for c in parts[:-1])
    assert all(estimate_tokens(c.text) <= 100 for c in parts)


def test_pages_without_text_are_named():
    pages = set_pages(LAW[:2])
    pages += [page(2, [], "blank", "no_text"), page(3, [block("ㅁㅁ", 30, 70)], "needs_ocr", "bad_text"), page(4, [])]
    dropped = [d for d in chunked(pages).dropped if d.type == "Page"]
    assert [(d.id[-3:], d.reason, d.detail) for d in dropped] == [
        ("-p2", "blank", "no_text"),
        ("-p3", "needs_ocr", "bad_text"),
        ("-p4", "blank", "only running lines"),
    ]


def test_text_before_the_first_clause_becomes_a_chunk_or_is_too_short():
    notes = "이 안내는 약관의 주요 내용을 쉽게 풀어 쓴 것으로, 실제 계약의 내용은 약관에 따릅니다."
    kept = chunked(set_pages([notes, *LAW]))
    assert (kept.rows[0].clause, kept.rows[0].text, len(kept.rows[0].heading)) == ("머리말", notes, 1)
    assert [d.reason for d in chunked(set_pages(["2024판", *LAW])).dropped] == ["too_short"] + ["heading"] * 3


def test_no_pages_give_no_chunks():
    assert chunked([]) == Kept([], [])


def test_an_article_printed_twice_has_two_keys():
    """Law prints show an article again that changes on a later date."""
    kept = chunked(
        set_pages(
            [
                "제1조(목적) 정한다.",
                "제2조(벌칙) 처한다.",
                "제2조(벌칙) 벌한다.",
                "[시행일: 2025. 10. 23.] 제2조",
                "제3조(끝) 끝난다.",
            ]
        )
    )
    assert [c.clause for c in kept.rows] == ["제1조", "제2조", "제2조#2", "제3조"]


def test_regions_are_the_boxes_of_the_lines_that_a_quote_touches():
    pages = set_pages(LAW, letters=20, per_page=8)
    chunk = next(c for c in chunked(pages).rows if c.clause == "제2조")
    at = chunk.text.index("보험사고의 대상이")
    regions = regions_of(chunk, at, at + len("보험사고의 대상이"))
    assert 1 <= len(regions) <= 2
    assert {r.page for r in regions} <= {s.page for s in chunk.spans}
    everything = regions_of(chunk, 0, len(chunk.text))
    assert [(r.page, r.box) for r in everything] == [(s.page, s.box) for s in chunk.spans]
    assert regions_of(chunk, at, at) == ()


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["제{}조(제목) ", "① ", "{}. ", "제{}장 ", "부칙 ", "", "[별표 {}] ", "가. ", "【이유】"]),
            st.text("가나다라. ,()<>1한다", max_size=80),
        ),
        max_size=12,
    ),
    st.integers(8, 60),
    st.integers(64, 200),
)
def test_whatever_the_lines_say_nothing_is_lost_and_spans_cover(parts, letters, max_tokens):
    paragraphs = [" ".join((mark.format(n) + text).split()) for n, (mark, text) in enumerate(parts, 1)]
    pages = set_pages([p for p in paragraphs if p], letters=letters, per_page=9)
    kept = chunked(pages, max_tokens)
    assert_nothing_lost(pages, kept)
    for chunk in kept.rows:
        assert_spans_cover(chunk)
    assert len({c.id for c in kept.rows}) == len(kept.rows)
    assert len({(c.clause, c.part) for c in kept.rows}) == len(kept.rows)


@given(st.integers(12, 60), st.booleans(), st.integers(3, 50))
def test_lines_of_any_width_give_the_same_words_back(letters, inside_words, per_page):
    chunks = chunked(set_pages(LAW, letters, inside_words, per_page)).rows
    assert comparable("".join(c.text for c in chunks)) == comparable(
        "".join(p for p in LAW if "장 " not in p and "부칙" not in p)
    )


class TestDescription:
    def described(self, *lines: tuple[str, float], rest: tuple[str, ...] = tuple(LAW), path: str = SOURCE.path) -> Document:
        first = page(1, [block(text, 100, 60 + 30 * i, size) for i, (text, size) in enumerate(lines)])
        later = [p.model_copy(update={"number": p.number + 1}) for p in set_pages(rest)]
        return describe(SOURCE.model_copy(update={"path": path}), [first, *later] if lines else later)

    def test_the_largest_letters_of_the_first_page_are_the_title(self):
        document = self.described(("무배당 별솔 건강보험", 20), ("(2601)", 13), ("보험약관", 24), ("별솔손해보험주식회사", 10))
        assert document.title == "무배당 별솔 건강보험 보험약관"
        assert (document.id, document.language, document.path) == (SOURCE.id, "ko", SOURCE.path)

    def test_without_one_the_file_name_is(self):
        assert self.described().title == "별솔 건강보험"
        assert describe(SOURCE, []).title == "별솔 건강보험"

    def test_a_short_name_of_a_law_is_no_part_of_it(self):
        assert self.described(("신용정보의 이용에 관한 법률 ( 약칭: 신용정보법 )", 14)).title == "신용정보의 이용에 관한 법률"

    def test_a_decision_is_known_by_its_number(self):
        document = self.described(("손해배상(기)", 14), ("[대법원, 2011. 9. 2., 2008다42430]", 10))
        assert document.title == "손해배상(기) (2008다42430)"
        assert document.family != self.described(("손해배상(기)", 14), ("[대법원, 2012. 9. 2., 2009다1]", 10)).family

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("별솔 건강보험(2601) 약관", "별솔 건강보험(2607) 약관"),
            ("정보보안 내규 v1.2", "정보보안 내규 v2.0"),
            ("표준약관 제3판", "표준약관 제4판"),
            ("전자금융감독규정 제2025-4호", "전자금융감독규정 제2026-7호"),
            ("근로기준법 2024. 10. 22.", "근로기준법 2025. 2. 23."),
            ("근로기준법", "근로 기준법"),
        ],
    )
    def test_revisions_are_of_one_family(self, one, other):
        assert self.described((one, 14)).family == self.described((other, 14)).family

    @pytest.mark.parametrize(
        ("one", "other"), [("근로기준법", "근로기준법 시행령"), ("제1특약", "제2특약"), ("표준약관", "표준지침")]
    )
    def test_different_texts_are_of_different_families(self, one, other):
        assert self.described((one, 14)).family != self.described((other, 14)).family

    @pytest.mark.parametrize(
        ("line", "day"),
        [
            ("[시행 2025. 2. 23.] [법률 제20520호, 2024. 10. 22., 일부개정]", date(2025, 2, 23)),
            ("2026년 1월 1일 시행", date(2026, 1, 1)),
            ("시행일: 2026-01-01", date(2026, 1, 1)),
            ("Effective January 5, 2026", date(2026, 1, 5)),
            ("Effective date 2 March 2026", date(2026, 3, 2)),
            ("[시행 2025. 13. 45.]", date(2024, 1, 1)),
            ("이 약관은 2011. 3. 29. 법률 제10465호로 제정되어 2011. 9. 30.부터 시행된 개인정보 보호법에 따라", date(2024, 1, 1)),
        ],
    )
    def test_the_day_of_effect_stands_at_the_head_else_in_the_last_supplement(self, line, day):
        assert self.described((line, 10)).effective == day

    def test_no_day_is_no_day(self):
        assert self.described(rest=tuple(LAW[:4])).effective is None

    def test_the_language_is_that_of_most_letters(self):
        assert self.described(rest=("The insurer pays the sum insured.", "제1조")).language == "en"
        assert self.described(rest=("회사는 CT, MRI 검사 비용을 지급합니다.",)).language == "ko"


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is not there")
class TestOnKnownFiles:
    def chunks(self, path: Path) -> tuple[list[Page], Kept[Chunk]]:
        source = source_of(path)
        pages = clean_pages(read_pdf(path, source).rows, CleanSettings()).rows
        return pages, cut(describe(source, pages), pages, ChunkSettings())

    def test_the_articles_of_the_terms_are_the_clauses(self):
        pages, kept = self.chunks(SHARED / "made" / "terms_v1.pdf")
        known = json.loads((SHARED / "made" / "terms_v1.articles.json").read_text("utf-8"))["articles"]
        wanted = Counter((a["part"], f"{a['label']}({a['title']})") for a in known)
        assert (
            Counter({(c.clause, c.heading[1], c.heading[-1]) for c in kept.rows if c.heading[-1].startswith("제")}).total() == 100
        )
        assert Counter((h[1], h[-1]) for h in {c.heading for c in kept.rows} if h[-1].startswith("제")) == wanted
        assert_nothing_lost(pages, kept)

    def test_their_texts_are_those_that_were_set(self):
        _, kept = self.chunks(SHARED / "made" / "terms_v1.pdf")
        texts: dict[tuple[str, str], str] = {}
        for c in kept.rows:
            texts[c.heading[1:2] and c.heading[1], c.heading[-1]] = (
                texts.get((c.heading[1:2] and c.heading[1], c.heading[-1]), "") + c.text
            )
        known = json.loads((SHARED / "made" / "terms_v1.articles.json").read_text("utf-8"))["articles"]
        for article in known:
            title = f"{article['label']}({article['title']})"
            assert comparable(texts[article["part"], title]) == comparable(title + article["text"])

    def test_revisions_share_a_family_and_most_ids(self):
        _, old = self.chunks(SHARED / "law" / "전자금융감독규정_2025-4.pdf")
        _, again = self.chunks(SHARED / "law" / "전자금융감독규정_2025-4_다시받음.pdf")
        _, new = self.chunks(SHARED / "law" / "전자금융감독규정_2026-7.pdf")
        assert [c.id for c in old.rows] == [c.id for c in again.rows]
        shared = {c.id for c in old.rows} & {c.id for c in new.rows}
        assert len(shared) > 0.8 * len(new.rows)

    def test_a_printed_table_of_contents_makes_no_clauses(self):
        _, kept = self.chunks(SHARED / "law" / "개인정보안전성확보조치기준_2023-6.pdf")
        assert Counter(c.clause for c in kept.rows if c.part == 1).most_common(1)[0][1] == 1
        assert sum(d.reason == "table_of_contents" for d in kept.dropped) == 21

    def test_decisions_are_cut_at_their_headings(self):
        _, kept = self.chunks(SHARED / "decisions" / "판례_2008다42430.pdf")
        assert {"판시사항", "판결요지", "주문", "이유/1", "이유/2", "이유/3"} <= {c.clause for c in kept.rows}
        assert all(set(c.text) - set(string.whitespace) for c in kept.rows)
