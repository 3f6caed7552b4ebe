from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from set_pages import SHARED, block, page, source_of

from tasks.clean.clean import clean_pages
from tasks.clean.paging import page_number
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


@pytest.mark.parametrize("unit", ["(단위: 천원)", "[단위 : 억원, %]"])
def test_the_unit_of_a_table_stays_though_it_stands_above_every_one(unit):
    pages = [page(n, [block(unit, 450, HEADER_Y), *body(f"글 {n}", "글")]) for n in range(1, 6)]
    assert clean_pages(pages, SETTINGS).dropped == []


@pytest.mark.parametrize("total", ["합계 {n},234", "계 {n}.5%", "소계 {n}억원"])
def test_totals_at_the_foot_of_the_pages_stay(total):
    pages = [
        page(n, [block("근로기준법", 500, HEADER_Y), *body(f"글 {n}", "글"), block(total.format(n=n), 40, FOOTER_Y)])
        for n in range(1, 6)
    ]
    kept = clean_pages(pages, SETTINGS)
    assert [page.blocks[-1].text for page in kept.rows] == [total.format(n=n) for n in range(1, 6)]
    assert {d.reason for d in kept.dropped} == {"running_header"}


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


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("- 12 -", 12),
        ("12/64", 12),
        ("12 / 총 64", 12),
        ("Ⅳ-12", 12),
        ("IV - 12", 12),
        ("제12쪽", 12),
        ("p. 12", 12),
        ("Page 12 of 64", 12),
        ("총 64쪽 중 12쪽", 12),
        ("| 12 |", 12),
        ("xiv", 14),
        ("Ⅳ", 4),
        ("제12조", None),
        ("12.", None),
        ("12명", None),
        ("2.75%", None),
        ("1588-0000번", None),
        ("", None),
    ],
)
def test_what_a_page_number_looks_like(text, number):
    assert page_number(text) == number


def test_ocr_takes_letters_for_digits_of_a_page_number():
    assert page_number("- l2 -", ocr=True) == 12
    assert page_number("- l2 -") is None
    assert page_number("II", ocr=True) == 2


def test_page_numbers_go_that_stand_well_inside_a_small_page_with_the_name_beside_them():
    pages = [
        page(n, [*body(f"글 {'가나다라마바'[n]}", "글"), block("별솔손해보험", 40, 715), block(str(n + 4), 290, 715)])
        for n in range(1, 6)
    ]
    kept = clean_pages(pages, SETTINGS)
    assert texts(kept.rows) == [[f"글 {'가나다라마바'[n]}", "글"] for n in range(1, 6)]
    assert Counter(d.reason for d in kept.dropped) == {"page_number": 5, "running_footer": 5}


def test_page_numbers_that_begin_anew_in_each_chapter_go():
    shown = ["Ⅰ-1", "Ⅰ-2", "Ⅰ-3", "Ⅱ-1", "Ⅱ-2", "Ⅲ-1", "Ⅳ-1", "Ⅳ-2"]
    pages = [page(n, [*body("글", f"{text}에 관한 글"), block(text, 290, FOOTER_Y)]) for n, text in enumerate(shown, 1)]
    assert {d.reason for d in clean_pages(pages, SETTINGS).dropped} == {"page_number"}
    assert all(len(p.blocks) == 2 for p in clean_pages(pages, SETTINGS).rows)


def test_figures_of_a_table_that_reaches_the_foot_of_every_page_stay():
    figures = ["1000", "1045", "1101", "1189", "1230", "1342"]
    rows = [[block(figure, 290, FOOTER_Y - 16 * k) for k in range(30)] for figure in figures]
    pages = [page(n, row) for n, row in enumerate(rows, 1)]
    assert texts(clean_pages(pages, SETTINGS).rows) == texts(pages)


def test_names_of_sections_of_one_page_go_where_all_other_pages_have_one():
    names = ["보통약관"] * 4 + ["골절 특별약관", "질병 특별약관"] + ["별표"] * 3
    pages = [page(n, [block(name, 500, HEADER_Y), *body("글", "글", y=90)]) for n, name in enumerate(names, 1)]
    pages.append(page(10, [block("이 줄은 더 큰 글자로 쓴 제목", 200, HEADER_Y, letter=14), *body("글", "글", y=90)]))
    assert texts(clean_pages(pages, SETTINGS).rows) == [["글", "글"]] * 9 + [["이 줄은 더 큰 글자로 쓴 제목", "글", "글"]]


def test_a_running_foot_goes_that_stands_higher_on_one_page_or_is_broken_in_two():
    pages = law(6)
    moved, broken = list(pages[0].blocks), list(pages[5].blocks)
    moved[0] = block("법제처 1 국가법령정보센터", 40, FOOTER_Y - 26)
    broken[:1] = [block("법제처 6 국가법령정보센", 40, FOOTER_Y - 15), block("터", 290, FOOTER_Y)]
    pages[0], pages[5] = (p.model_copy(update={"blocks": tuple(b)}) for p, b in ((pages[0], moved), (pages[5], broken)))
    assert texts(clean_pages(pages, SETTINGS).rows) == [[f"이 법은 다음과 같이 정한다 {n}", "둘째 줄"] for n in range(1, 7)]


def test_a_title_on_a_page_without_a_running_head_stays():
    pages = law(5)
    pages[0] = pages[0].model_copy(update={"blocks": (pages[0].blocks[0], block("근로기준법", 260, 55), *body("글", y=120))})
    assert texts(clean_pages(pages, SETTINGS).rows)[0] == ["근로기준법", "글"]


def test_running_lines_that_ocr_read_differently_go_and_so_do_they_among_pages_of_text():
    read = [
        "국가법렁정보센터 제1편",
        "국가법령정보센더 제1편",
        "국가 법령정보센터 제l편",
        "국가법령징보센터 제1편",
        "국가법령정보센터 제1편",
    ]
    heights = [FOOTER_Y, FOOTER_Y + 4, FOOTER_Y - 2, FOOTER_Y + 3, FOOTER_Y]
    pages = [
        page(n, [*body("가나다라마"[n - 1] * 9, "글", y=120), block(text, 40, y)], origin="text" if n == 5 else "ocr")
        for n, (text, y) in enumerate(zip(read, heights, strict=True), 1)
    ]
    assert all(len(p.blocks) == 2 for p in clean_pages(pages, SETTINGS).rows)
    as_text = [p.model_copy(update={"origin": "text"}) for p in pages]
    assert not clean_pages(as_text, SETTINGS).dropped


def test_a_tab_beside_the_text_goes_and_a_first_column_stays():
    wide = "보험금을 지급하지 않는 사유는 다음 각 호와 같으며 그 밖의 사항은 따로 정합니다"
    tab = Block(text="보통약관", box=Box(x0=570, y0=300, x1=582, y1=360))
    pages = [page(n, [*body(wide, f"글 {n}", wide), block("구분", 40, 300), block("금액", 300, 300), tab]) for n in range(1, 5)]
    kept = clean_pages(pages, SETTINGS)
    assert {Block.model_validate_json(d.record).text: d.reason for d in kept.dropped} == {"보통약관": "side_tab"}
    assert texts(kept.rows)[0] == [wide, "글 1", wide, "구분", "금액"]


def test_a_watermark_across_the_text_goes_and_a_line_in_the_same_place_stays():
    slanted = Block(text="대외비", box=Box(x0=150, y0=250, x1=400, y1=500))
    flat = Block(text="사본", box=Box(x0=100, y0=60, x1=130, y1=75))
    pages = [
        page(n, [*body(f"{'가나다라'[n - 1]}로 시작하는 글이 계속됩니다", "글"), slanted, flat, block("이하 여백", 40, 300)])
        for n in range(1, 5)
    ]
    kept = clean_pages(pages, SETTINGS)
    assert Counter((Block.model_validate_json(d.record).text, d.reason) for d in kept.dropped) == {
        ("대외비", "watermark"): 4,
        ("사본", "watermark"): 4,
    }
    assert texts(kept.rows)[0] == ["가로 시작하는 글이 계속됩니다", "글", "이하 여백"]


def test_lines_that_lie_on_one_another_and_both_repeat_stay():
    name, value = block("보험가입금액", 40, 300), Block(text="1억원", box=Box(x0=60, y0=302, x1=90, y1=312))
    pages = [page(n, [*body(f"글 {n}", "글"), name, value]) for n in range(1, 5)]
    assert not clean_pages(pages, SETTINGS).dropped


def test_a_first_column_left_of_the_wide_lines_stays():
    wide = block("보험금을 지급하지 않는 사유는 다음 각 호와 같으며 그 밖의 사항은 따로", 100, 200)
    pages = [page(n, [wide, block(f"글 {n}", 100, 220), block("구분", 40, 300), block("금액", 300, 300)]) for n in range(1, 5)]
    assert not clean_pages(pages, SETTINGS).dropped


def table(text: str, y: float, height: float = 60) -> Block:
    return Block(text=text, box=Box(x0=40, y0=y, x1=550, y1=y + height), kind="table")


def test_all_filters_run_one_after_another():
    note = block("1) 대법원 판결 참조.", 40, 740, letter=8)
    pages = [
        page(n, [*law(4)[n - 1].blocks, block("이 법에서 정하고 있다.1)", 40, 120), block("-----", 40, 200), note])
        for n in range(1, 5)
    ]
    kept = clean_pages(pages, SETTINGS)
    assert Counter(d.reason for d in kept.dropped) == {"running_header": 4, "running_footer": 4, "repeat": 4, "footnote": 4}
    assert texts(kept.rows)[3] == ["이 법은 다음과 같이 정한다 4", "둘째 줄", "이 법에서 정하고 있다.1)"]


def test_a_head_drawn_as_a_table_goes_and_a_table_with_other_figures_on_each_page_stays():
    head = "| 별솔손해보험 | 문서번호 | IT-07 |\n| --- | --- | --- |\n| 내규 | 쪽 | {n}/9 |"
    figures = "| 경과 | 환급금 | 이율 | 비고 |\n| --- | --- | --- | --- |\n| {n}년 | {n}00 | {n}.5 | {n} |"
    pages = [
        page(n, [table(head.format(n=n), 30), *body(f"글 {n}", y=120), table(figures.format(n=n), 140)]) for n in range(1, 6)
    ]
    kept = clean_pages(pages, SETTINGS)
    assert {d.reason for d in kept.dropped} == {"running_header"}
    assert texts(kept.rows) == [[f"글 {n}", figures.format(n=n)] for n in range(1, 6)]


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
    assert not [d for d in kept.dropped if d.reason == "shortened"]
    after = Counter(b for p in kept.rows for b in p.blocks) + Counter(Block.model_validate_json(d.record) for d in kept.dropped)
    assert after == Counter(b for p in pages for b in p.blocks)


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is not there")
def test_statutes_decisions_and_terms_lose_running_lines_one_footnote_and_nothing_else():
    reasons: Counter[str] = Counter()
    for path in [
        *sorted((SHARED / "law").glob("*.pdf"))[:8],
        *sorted((SHARED / "decisions").glob("*.pdf")),
        SHARED / "made" / "terms_v1.pdf",
    ]:
        pages = read_pdf(path, source_of(path)).rows
        kept = clean_pages(pages, SETTINGS)
        reasons.update(d.reason for d in kept.dropped if d.reason not in ("running_header", "running_footer", "page_number"))
        middle = [b for p in pages for b in p.blocks if 0.1 * p.height < b.box.y0 and b.box.y1 < 0.9 * p.height]
        stayed = {id(b) for p in kept.rows for b in p.blocks}
        gone = [b.text for b in middle if id(b) not in stayed]
        assert len(gone) == (3 if "2023구합75386" in path.name else 0), path.name
    assert reasons == {"footnote": 3}


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is not there")
def test_statutes_lose_their_running_lines_and_nothing_else():
    for path in sorted((SHARED / "law").glob("*.pdf"))[:8]:
        kept = clean_pages(read_pdf(path, source_of(path)).rows, SETTINGS)
        assert not any("국가법령정보센터" in text for page_texts in texts(kept.rows[1:]) for text in page_texts)
        headers = {Block.model_validate_json(d.record).text for d in kept.dropped if d.reason == "running_header"}
        assert len(headers) == 1
