from __future__ import annotations

import pytest
from set_pages import SHARED, block, page, set_pages, source_of, wrap

from tasks.chunk.flow import Flow, Flower
from tasks.chunk.lines import Layout, lines_of
from tasks.chunk.split import split
from tasks.read.pdf import read_pdf
from tasks.records import Page
from tasks.text.outline import mark

SENTENCES = (
    "회사는 보험수익자에게 약정한 보험금을 지급하고, 계약자는 회사에 보험료를 납입할 의무를 집니다. "
    "다만, 회사가 지급사유를 조사하는 데 시간이 걸리는 때에는 보험수익자에게 그 사유를 알리고 보험금의 일부를 먼저 "
    "지급할 수 있습니다. "
    "보험수익자가 보험금의 지급을 청구하는 때에는 회사가 정한 서류를 제출하여야 합니다."
)


def flowed(pages: list[Page]) -> Flow:
    lines = lines_of(pages)
    return Flower(Layout(lines)).flow(range(len(lines)))


def placed(*lines: tuple[str, float, float]) -> list[Page]:
    return [page(1, [block(text, x, y) for text, x, y in lines])]


def test_lines_broken_between_words_get_their_spaces_back():
    """Four sentences say little of a document's spaces, so even odds come up; most joins are right all the same."""
    joins = wrong = 0
    for letters in range(18, 50):
        text = flowed(set_pages([SENTENCES], letters, inside_words=False)).text.replace("\n", " ")
        assert text.replace(" ", "") == SENTENCES.replace(" ", "")
        joins += len(wrap(SENTENCES, letters, inside_words=False)) - 1
        wrong += abs(text.count(" ") - SENTENCES.count(" "))
    assert wrong <= 0.2 * joins


@pytest.mark.parametrize("letters", [22, 31, 40])
def test_lines_broken_inside_words_are_mended_as_far_as_the_document_tells(letters):
    text = flowed(set_pages([SENTENCES] * 3, letters, inside_words=True)).text
    assert text.replace(" ", "").replace("\n", "") == (SENTENCES * 3).replace(" ", "")
    joins = len(wrap(SENTENCES, letters)) * 3 - 3
    wrong = abs(text.count(" ") - 3 * SENTENCES.count(" "))
    assert wrong <= joins / 3


def test_a_trailing_space_decides():
    pages = placed(("약관에서 정하는 보험 ", 30, 70), ("금액을 모두 한꺼번에 지급", 30, 86))
    assert flowed(pages).text == "약관에서 정하는 보험 금액을 모두 한꺼번에 지급"


def test_paragraphs_and_items_begin_on_lines_of_their_own():
    lines = [
        "① 회사는 다음을 지급합니다.",
        "1. 암진단비",
        "1의2. 수술비",
        "2. 입원비",
        "가. 상해",
        "나. 질병",
        "② 제1항은 같습니다.",
    ]
    assert flowed(set_pages(lines)).text == "\n".join(lines)


def test_a_date_broken_over_the_line_end_opens_no_item():
    pages = placed(("자로 본다.<개정 2013. 12.", 30, 70), ("3.>", 40, 86), ("2. 둘째", 30, 102))
    assert flowed(pages).text.startswith("자로 본다.<개정 2013. 12. 3.>\n")


def test_the_end_of_a_verb_at_the_start_of_a_line_is_no_third_item():
    pages = set_pages(["가. 첫째로 정한다.", "다. 그러나 이것은 셋째가 될 수 없다."])
    lines = lines_of(pages)
    assert mark(lines[1].text) is not None
    assert flowed(placed(("가. 첫째로 정하고자 한", 30, 70), ("다. 그러나", 30, 86), ("타. 넷째", 30, 102))).text.count("\n") <= 1


def test_a_short_line_ends_its_paragraph():
    assert flowed(set_pages(["첫 문단은 짧습니다.", "둘째 문단도 짧지만 조금 더 깁니다."])).text.count("\n") == 1


def test_a_line_of_another_size_stands_apart():
    pages = [page(1, [block("별솔손해보험", 30, 70, 13), block("2026년 1월 1일", 30, 86, 10)])]
    assert flowed(pages).text == "별솔손해보험\n2026년 1월 1일"


def test_cells_of_a_row_are_told_apart_by_tabs_and_rows_by_line_ends():
    rows = [("구분", "금액"), ("암", "1,000만원"), ("골절", "30만원")]
    pages = placed(*((text, 40 + 150 * k, 100 + 16 * i) for i, row in enumerate(rows) for k, text in enumerate(row)))
    assert flowed(pages).text == "구분\t금액\n암\t1,000만원\n골절\t30만원"


def test_a_sentence_goes_on_on_the_next_page():
    pages = set_pages([SENTENCES] * 3, 24, inside_words=False, per_page=4)
    assert len(pages) > 4
    assert flowed(pages).text.replace("\n", " ") == " ".join([SENTENCES] * 3)


def test_places_are_where_the_lines_stand():
    pages = set_pages([SENTENCES, "① 둘째 문단입니다."], 25)
    flow = flowed(pages)
    lines = lines_of(pages)
    assert [flow.text[p.start : p.end] for p in flow.places] == [line.text for line in lines]


def test_pieces_are_cut_at_the_coarsest_place_that_helps():
    flow = flowed(set_pages(["① 하나입니다.", "② 둘입니다.", "1. 가", "2. 나"]))
    assert [flow.text[a:b] for a, b in split(flow, 12)] == ["① 하나입니다.", "② 둘입니다.\n1. 가\n2. 나"]
    assert [flow.text[a:b] for a, b in split(flow, 100)] == [flow.text]


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is not there")
def test_no_word_of_a_statute_is_lost_or_moved():
    path = SHARED / "law" / "전자서명법_18479.pdf"
    pages = read_pdf(path, source_of(path)).rows
    text = flowed(pages).text
    assert "".join(text.split()) == "".join("".join(b.text.split()) for p in pages for b in p.blocks)
