from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from set_pages import block, page

from tasks.chunk.contents import contents_lines
from tasks.chunk.lines import lines_of
from tasks.clean.junk import drop_junk, shortened
from tasks.records import Block, Box, Page


def sheet(*texts: str, origin: str = "text") -> Page:
    return page(1, [block(text, 40, 60 + 16 * k) for k, text in enumerate(texts)], origin=origin)


def left(*texts: str) -> list[str]:
    return [b.text for p in drop_junk([sheet(*texts)]).rows for b in p.blocks]


@pytest.mark.parametrize(
    "line",
    [
        *("……..", "................", "· · · · · ·", "-----", "- - - - - -", "────────", "━━━", "????", "!!!!", "■■■■"),
        *("=-=-=-=-", "* * *", "_____", "~~~", "\ue0a1\uf0b7"),
    ],
)
def test_lines_of_nothing_but_repeats_go(line):
    kept = drop_junk([sheet("글", line, "다음 글")])
    assert [b.text for b in kept.rows[0].blocks] == ["글", "다음 글"]
    assert [d.reason for d in kept.dropped] == ["repeat"]
    assert Block.model_validate_json(kept.dropped[0].record).text == line


@pytest.mark.parametrize(
    "line",
    [
        *("-", "○", "...", "……", "○○○", "○○○○", "★★★☆☆", "■■■□□", "□□□", "×××", "--", "1.", "***", "(", "---|", "%"),
        *("피고 ○○○은", "안건번호 제2023-21-***호", "1234-****-****-5678", "■■■ 대표이사", "정보를 수집...", "말하자면…… 그렇다"),
        *(
            "제1조부터 제3조까지 ― 같다",
            "① 가, 나, 다",
            "2024. 1. 1.",
            "(주)별솔",
            "https://www.law.go.kr///",
            "1,234,567원",
            "보험금\ufffd지급",
        ),
    ],
)
def test_signs_that_people_repeat_on_purpose_stay(line):
    assert left(line) == [line]


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("보험료 ............ 10,000원", "보험료 10,000원"),
        ("보험료……………10,000원 ", "보험료 10,000원 "),
        ("지급합니다. ........ 12", "지급합니다. 12"),
        ("성명 ······", "성명"),
        ("계약금 금 ________원을 지급한다.", "계약금 금 _원을 지급한다."),
        ("왜 그런가????", "왜 그런가?"),
        ("주의!!!!", "주의!"),
        ("구분 ------ 금액", "구분 금액"),
        ("2024~~~~2025", "2024~2025"),
        ("\uf0b7 보험금을 지급합니다", "• 보험금을 지급합니다"),
        ("보험금\ue001지급", "보험금 지급"),
        ("보험금 \ufffd\ufffd 지급", "보험금 지급"),
    ],
)
def test_repeats_inside_a_line_are_shortened_and_counted(line, after):
    kept = drop_junk([sheet("글", line)])
    assert [b.text for b in kept.rows[0].blocks] == ["글", after]
    assert [(d.reason, Block.model_validate_json(d.record).text) for d in kept.dropped] == [("shortened", line)]


@given(st.text(alphabet="가나12.…·-–_~?!#*○■,=|\ue001\ufffd ", max_size=40))
def test_shortening_keeps_every_word_and_number_and_is_done_at_once(line):
    after = shortened(line)
    assert re.findall(r"[가나]+|\d+", after) == re.findall(r"[가나]+|\d+", line)
    assert shortened(after) == after


@given(st.lists(st.text(alphabet="가1.…-_?○| \ue001", min_size=1, max_size=12), max_size=8))
def test_every_block_stays_as_it_is_or_is_among_the_dropped(lines):
    before = sheet(*lines)
    kept = drop_junk([before])
    short = sum(d.reason == "shortened" for d in kept.dropped)
    after = [b for p in kept.rows for b in p.blocks]
    changed = [b for b in after if b not in before.blocks]
    dropped = [Block.model_validate_json(d.record) for d in kept.dropped]
    assert len(changed) <= short
    assert len(after) + len(dropped) - short == len(before.blocks)
    assert not Counter(before.blocks) - Counter(after) - Counter(dropped)


def test_leaders_of_a_table_of_contents_stay_for_the_chunker():
    contents = [f"제{n}조(목적) {'·' * 30} {n}" for n in range(1, 6)]
    pages = [sheet("목 차", *contents)]
    kept = drop_junk(pages)
    assert kept.rows == pages
    assert not kept.dropped
    assert contents_lines(lines_of(kept.rows)) == set(range(6))


def test_cells_of_a_table_are_shortened_and_its_ruling_stays():
    text = "| 구분 | 금액 |\n| ---- | ----- |\n| 보험료 | ........ 100 |\n| - | - |"
    kept = drop_junk([page(1, [table(text)])])
    assert [b.text for b in kept.rows[0].blocks] == ["| 구분 | 금액 |\n| ---- | ----- |\n| 보험료 | 100 |\n| - | - |"]


def test_pages_that_wait_for_ocr_stay_as_they_are():
    pages = [sheet("????", "성명 ______", origin="needs_ocr")]
    assert drop_junk(pages).rows == pages


def table(text: str) -> Block:
    return Block(text=text, box=Box(x0=40, y0=60, x1=550, y1=300), kind="table")


FORM = [
    *("[별지 제2호 서식]", "개인정보 열람 요구서", "접수번호", "접수일", "처리기간", "10일 이내", "성 명", "생년월일"),
    *("주 소", "전화번호", "요구 내용", "□ 개인정보의 항목", "□ 보유 기간", "위와 같이 요구합니다.", "20 년 월 일"),
    *("신청인 (서명 또는 인)", "○○○ 귀하"),
]


def test_a_blank_form_goes_whole():
    kept = drop_junk([sheet(*FORM)])
    assert kept.rows == []
    assert [(d.reason, d.type) for d in kept.dropped] == [("blank_form", "Page")]
    assert Page.model_validate_json(kept.dropped[0].record) == sheet(*FORM)


def test_a_form_of_which_the_labels_and_blanks_share_lines_goes():
    giver = ["위임인 성명: ______ (인)", "주소: ________________", "연락처: ______"]
    lines = ["위 임 장", *giver, *(line.replace("위임인", "수임인") for line in giver)]
    assert left(*lines, "년 월 일") == []


@pytest.mark.parametrize(
    "more",
    [
        ["제3조(열람) 정보주체는 개인정보의 열람을 요구할 수 있다."],
        ["정보주체는 개인정보의 수집 및 이용에 동의하지 않을 권리가 있으며, 동의하지 않으면 서비스가 제한됩니다."] * 3,
        ["홍길동", "991231-3000002", "010-0000-1234", "110-000-123456", "서울특별시 별솔구"],
    ],
    ids=["a clause", "terms of consent", "filled in"],
)
def test_a_form_that_says_something_stays(more):
    assert len(left(*FORM, *more)) == len(FORM) + len(more)


def test_a_short_clause_on_a_page_of_labels_stays():
    lines = [*FORM, "제3조(열람)"]
    assert left(*lines) == lines


def test_labels_and_boxes_without_a_place_to_sign_stay():
    lines = ["고객 정보", "성명", "주소", "연락처", "이메일", "□ 남", "□ 여", "귀하의 정보"]
    assert left(*lines) == lines


def test_rows_of_masks_stay():
    assert left("○△○△○△○△", "---○○○---") == ["○△○△○△○△", "---○○○---"]


def test_a_list_of_documents_and_a_check_list_stay():
    documents = ["보험금 청구서류", "보험금 청구서", "신분증 사본", "사망진단서", "주소", "성명", "연락처", "계좌번호"]
    checks = [
        "전산실 점검표",
        *[f"□ 전산실 {what} 확인" for what in ("출입", "전원", "온도", "습도", "소화기", "잠금")],
        "확인자 (서명)",
    ]
    assert left(*documents) == documents
    assert left(*checks) == checks


def test_a_blank_table_goes_and_a_table_of_figures_stays():
    blank = table("| 성명 | | 생년월일 | |\n| --- | --- | --- | --- |\n| 주소 | | | |\n| 연락처 | | 이메일 | |")
    figures = table("| 성명 | 생년월일 | 주소 |\n| --- | --- | --- |\n| | | 1998 |\n| | | |\n| | | |")
    kept = drop_junk([page(1, [blank, figures, block("글", 40, 500)])])
    assert [b.text for b in kept.rows[0].blocks] == [figures.text, "글"]
    assert [d.reason for d in kept.dropped] == ["blank_form"]
