from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from set_pages import SHARED, block, page, source_of

from tasks.clean.furniture import clean_pages
from tasks.read.pdf import read_pdf
from tasks.records import Block, Box, Page
from tasks.settings import CleanSettings

SETTINGS = CleanSettings()
HEADER_Y, FIRST_Y, FOOTER_Y = 30, 63, 800


def body(*lines: str, y: float = FIRST_Y) -> list[Block]:
    return [block(line, 40, y + 16 * i) for i, line in enumerate(lines)]


def law(count: int, first: str = "이 법은 다음과 같이 정한다") -> list[Page]:
    return [
        page(
            n,
            [
                block(f"법제처 {n} 국가법령정보센터", 40, FOOTER_Y),
                block("근로기준법", 500, HEADER_Y),
                *body(f"{first} {n}", "둘째 줄"),
            ],
        )
        for n in range(1, count + 1)
    ]


def texts(pages: list[Page]) -> list[list[str]]:
    return [[b.text for b in p.blocks] for p in pages]


def test_running_lines_go_with_their_reason_and_the_text_stays():
    kept = clean_pages(law(4), SETTINGS)
    assert texts(kept.rows) == [[f"이 법은 다음과 같이 정한다 {n}", "둘째 줄"] for n in range(1, 5)]
    assert Counter(d.reason for d in kept.dropped) == {"running_header": 4, "running_footer": 4}
    first = kept.dropped[0]
    assert (first.type, first.step, first.id) == ("Block", "clean", kept.rows[0].id)
    assert Block.model_validate_json(first.record).text == "법제처 1 국가법령정보센터"


@pytest.mark.parametrize("form", ["- {n} -", "{n}", "{n} / 9", "제 {n} 쪽", "Page {n} of 9", "[{n}]"])
def test_page_numbers_go(form):
    pages = [page(n, [*body(f"글 {n}", "글"), block(form.format(n=n), 290, FOOTER_Y)]) for n in range(1, 5)]
    kept = clean_pages(pages, SETTINGS)
    assert texts(kept.rows) == [[f"글 {n}", "글"] for n in range(1, 5)]
    assert {d.reason for d in kept.dropped} == {"page_number"}


def test_roman_page_numbers_go():
    pages = [
        page(n, [*body("글", "글"), block(f"- {roman} -", 290, FOOTER_Y)]) for n, roman in enumerate(["i", "ii", "iii", "iv"], 1)
    ]
    assert {d.reason for d in clean_pages(pages, SETTINGS).dropped} == {"page_number"}


def test_a_clause_line_that_happens_to_repeat_on_every_page_stays():
    """It stands where the first line of a page stands, in the margin, at one height, but it opens an item."""
    pages = [page(n, [*body("② 제1항을 준용한다.", y=40), *body("제2조(준용) 같다.", "글", y=90)]) for n in range(1, 6)]
    assert texts(clean_pages(pages, SETTINGS).rows) == texts(pages)


def test_a_line_of_text_that_repeats_close_to_its_neighbours_stays():
    pages = [page(n, body("보험금을 지급합니다.", f"글 {n}", "글", y=50)) for n in range(1, 6)]
    assert texts(clean_pages(pages, SETTINGS).rows) == texts(pages)


def test_the_only_line_of_every_page_is_its_text():
    pages = [page(n, body(f"제목 {n}")) for n in range(1, 6)]
    assert texts(clean_pages(pages, SETTINGS).rows) == texts(pages)


def test_a_repeated_line_in_the_middle_of_the_page_stays():
    pages = [page(n, [*body("가나다라마"[n - 1], "글"), block("이하 여백", 250, 400)]) for n in range(1, 6)]
    assert texts(clean_pages(pages, SETTINGS).rows) == texts(pages)


def test_a_title_that_equals_the_header_stays_because_it_stands_lower():
    pages = law(4)
    pages[0] = pages[0].model_copy(update={"blocks": (*pages[0].blocks[:2], block("근로기준법", 260, 55), *pages[0].blocks[2:])})
    assert "근로기준법" in texts(clean_pages(pages, SETTINGS).rows)[0]


def test_headers_of_left_and_right_pages_are_counted_apart():
    pages = [page(n, [block("약관" if n % 2 else "건강보험", 40, HEADER_Y), *body(f"글 {n}", "글")]) for n in range(1, 10)]
    assert texts(clean_pages(pages, SETTINGS).rows) == [[f"글 {n}", "글"] for n in range(1, 10)]


def test_a_section_name_goes_that_runs_over_some_pages_only():
    names = ["보통약관"] * 4 + ["골절 특별약관"] * 3 + ["별표"] * 3
    pages = [page(n, [block(name, 500, HEADER_Y), *body(f"글 {n}", "글")]) for n, name in enumerate(names, 1)]
    assert texts(clean_pages(pages, SETTINGS).rows) == [[f"글 {n}", "글"] for n in range(1, 11)]


def test_what_stands_beside_a_running_line_goes_too():
    names = ["안내", "보통약관", "별표", "부록"]
    pages = [
        page(n, [block("건강보험 약관", 40, HEADER_Y), block(name, 500, HEADER_Y + 1), *body("글", "글")])
        for n, name in enumerate(names, 1)
    ]
    assert texts(clean_pages(pages, SETTINGS).rows) == [["글", "글"]] * 4


def test_two_pages_must_agree_and_one_page_proves_nothing():
    assert texts(clean_pages(law(2), SETTINGS).rows) == [[f"이 법은 다음과 같이 정한다 {n}", "둘째 줄"] for n in (1, 2)]
    assert texts(clean_pages(law(1), SETTINGS).rows) == texts(law(1))
    assert clean_pages([], SETTINGS).rows == []


def test_a_share_of_pages_decides():
    pages = law(10)
    pages[3:] = [p.model_copy(update={"blocks": p.blocks[2:]}) for p in pages[3:]]
    assert not clean_pages(pages, CleanSettings(repeat_share=0.9)).dropped
    assert len(clean_pages(pages, CleanSettings(repeat_share=0.3)).dropped) == 6


def test_the_header_of_a_page_shown_sideways_goes_with_the_others():
    pages = law(4)
    side = Block(text="근로기준법", box=Box(x0=842 - 40, y0=500, x1=842 - 30, y1=550))
    text = Block(text="옆으로 선 글", box=Box(x0=500, y0=40, x1=510, y1=100))
    pages.append(pages[0].model_copy(update={"number": 5, "width": 842, "height": 595, "blocks": (side, text)}))
    assert texts(clean_pages(pages, SETTINGS).rows)[4] == ["옆으로 선 글"]


@given(
    st.lists(
        st.lists(
            st.tuples(st.sampled_from(["근로기준법", "- 1 -", "① 가", "글", "법 7"]), st.floats(0, 842), st.floats(0, 500)),
            max_size=6,
        ),
        max_size=6,
    )
)
def test_every_block_is_kept_or_named(placed):
    pages = [page(n, [block(text, x, y) for text, y, x in blocks]) for n, blocks in enumerate(placed, 1)]
    kept = clean_pages(pages, SETTINGS)
    assert [p.number for p in kept.rows] == [p.number for p in pages]
    after = Counter(b for p in kept.rows for b in p.blocks) + Counter(Block.model_validate_json(d.record) for d in kept.dropped)
    assert after == Counter(b for p in pages for b in p.blocks)


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is not there")
def test_statutes_lose_their_running_lines_and_nothing_else():
    for path in sorted((SHARED / "law").glob("*.pdf"))[:8]:
        kept = clean_pages(read_pdf(path, source_of(path)).rows, SETTINGS)
        assert not any("국가법령정보센터" in text for page_texts in texts(kept.rows[1:]) for text in page_texts)
        headers = {Block.model_validate_json(d.record).text for d in kept.dropped if d.reason == "running_header"}
        assert len(headers) == 1
