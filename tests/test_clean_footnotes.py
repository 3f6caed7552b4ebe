from __future__ import annotations

import pytest
from set_pages import block, page

from tasks.clean.footnotes import drop_footnotes
from tasks.records import Block, Page

BODY, SMALL = 12.0, 9.5
LINE = "위치정보법은 위치정보사업자 등이 개인위치정보주체의 동의없이 개인위치"
REFERENCE = "규정을 제외하고 있다(제25조 제2항).1)"


def lines(*texts: str, y: float, letter: float = BODY, x: float = 57) -> list[Block]:
    return [block(text, x, y + 1.6 * letter * k, letter) for k, text in enumerate(texts)]


def sheet(
    number: int, notes: list[Block], reference: str = "규정을 제외하고 있다(제25조 제2항).1)", origin: str = "text"
) -> Page:
    return page(number, [*lines(LINE, LINE, reference, LINE, y=127), *notes], origin=origin)


def stayed(*pages: Page) -> list[list[str]]:
    return [[b.text for b in p.blocks] for p in drop_footnotes(pages).rows]


def test_a_footnote_goes_with_the_lines_that_continue_it():
    notes = lines(
        "1) 위치정보법 제26조 제1항이 적용되는 경우에는, 같은 조", "제4항에 따라 통보절차를 이행하여야 한다.", y=720, letter=SMALL
    )
    kept = drop_footnotes([sheet(1, notes)])
    assert [d.reason for d in kept.dropped] == ["footnote", "footnote"]
    assert [b.text for b in kept.rows[0].blocks] == [LINE, LINE, REFERENCE, LINE]


@pytest.mark.parametrize(
    ("reference", "note"),
    [
        ("정하고 있다.1)", "1) 대법원 판결 참조."),
        ("정하고 있다. 1)", "1) 대법원 판결 참조."),
        ("정하고 있다.주1)", "주1) 대법원 판결 참조."),
        ("정하고 있다[3].", "[3] 대법원 판결 참조."),
        ("정하고 있다.²", "² 대법원 판결 참조."),
        ("금융회사* 및 보험회사", "* 은행법에 따른 은행을 말한다."),
        ("정하고 있다.12", "12 대법원 판결 참조."),
    ],
)
def test_marks_of_footnotes(reference, note):
    assert note not in stayed(sheet(1, lines(note, y=740, letter=SMALL), reference))[0]


@pytest.mark.parametrize(
    ("reference", "note"),
    [
        ("정하고 있다.", "1) 대법원 판결 참조."),  # nothing refers to it
        ("다음 (1) 기재와 같다.", "1) 대법원 판결 참조."),
        ("정하고 있다.1)", "※ 이 표는 예시입니다."),
        ("정하고 있다.1)", "주) 이 표는 예시입니다."),
        ("정하고 있다.1)", "1. 소송을 제기한 경우"),  # an item
        ("정하고 있다.1)", "2) 대법원 판결 참조."),
        ("제2023-21-***호", "* 은행법에 따른 은행을 말한다."),
    ],
)
def test_in_doubt_small_lines_stay(reference, note):
    assert note in stayed(sheet(1, lines(note, y=740, letter=SMALL), reference))[0]


def test_a_note_in_the_size_of_the_text_stays():
    note = lines("1) 상호 및 명칭", y=740)
    assert stayed(sheet(1, note))[0][-1] == "1) 상호 및 명칭"


def test_a_note_under_a_table_stays():
    cells = [block(text, 57 + 120 * k, 700, SMALL) for k, text in enumerate(["3개월", "54,900", "0 (0.0%)"])]
    note = lines("1) 납입보험료는 세전 금액입니다.", y=730, letter=SMALL)
    assert stayed(sheet(1, [*cells, *note]))[0][-1] == "1) 납입보험료는 세전 금액입니다."
    table = Block(text="| 3개월 | 54,900 |", box=cells[0].box.union(cells[2].box), kind="table")
    assert stayed(sheet(1, [table, *note]))[0][-1] == "1) 납입보험료는 세전 금액입니다."


def test_small_quoted_law_above_the_notes_stays_when_a_gap_parts_them():
    quoted = lines("제15조(위치정보의 수집 등의 금지)", "누구든지 수집하여서는 아니된다.", y=640, letter=SMALL)
    note = lines("1) 대법원 판결 참조.", y=740, letter=SMALL)
    assert stayed(sheet(1, [*quoted, *note]))[0][-2:] == ["제15조(위치정보의 수집 등의 금지)", "누구든지 수집하여서는 아니된다."]
    close = lines("누구든지 수집하여서는 아니된다.", "1) 대법원 판결 참조.", y=724, letter=SMALL)
    assert stayed(sheet(1, close))[0][-1] == "1) 대법원 판결 참조."


def test_notes_must_count_up():
    both = "정하고 있다.1) 또한 같다.2) 나아가 같다.4)"
    good = lines("1) 대법원 판결 참조.", "2) 같은 판결 참조.", y=720, letter=SMALL)
    bad = lines("1) 대법원 판결 참조.", "4) 같은 판결 참조.", y=720, letter=SMALL)
    assert len(stayed(sheet(1, good, both))[0]) == 4
    assert len(stayed(sheet(1, bad, both))[0]) == 6


def test_numbers_and_unfinished_notes_go_on_on_the_next_page():
    first = sheet(1, lines("1) 위치정보법 제26조가 적용되는 경우에는 같은", y=740, letter=SMALL))
    second = sheet(2, lines("조 제4항에 따른다.", "2) 원문에는 표시가 없다.", y=720, letter=SMALL), reference="정하고 있다.")
    assert [len(p) for p in stayed(first, second)] == [4, 4]
    assert [len(p) for p in stayed(second)] == [6]


def test_each_of_two_columns_has_its_own_notes():
    left = [
        *lines(*["왼쪽 단의 본문이 여기에 있다"] * 5, "그렇다.1)", y=127, x=40),
        *lines("1) 왼쪽 각주.", y=700, letter=SMALL, x=40),
    ]
    right = lines(*["오른쪽 단의 본문이 끝까지 이어진다"] * 32, y=127, x=320)
    kept = drop_footnotes([page(1, [*left, *right])])
    assert [Block.model_validate_json(d.record).text for d in kept.dropped] == ["1) 왼쪽 각주."]


def test_a_mark_drawn_apart_from_its_note_goes_with_it():
    apart = [block("1)", 57, 740, SMALL), block("대법원 판결 참조.", 72, 740, SMALL)]
    assert len(stayed(sheet(1, apart))[0]) == 4


def test_a_page_number_that_was_left_below_the_notes_stays():
    notes = [*lines("1) 대법원 판결 참조.", y=740, letter=SMALL), *lines("- 5 -", y=800, x=290)]
    assert stayed(sheet(1, notes))[0][-2:] == [LINE, "- 5 -"]


def test_on_scanned_pages_notes_must_be_clearly_smaller():
    note = lines("1) 대법원 판결 참조.", y=740, letter=10.6)
    assert len(stayed(sheet(1, note))[0]) == 4
    assert len(stayed(sheet(1, note, origin="ocr"))[0]) == 5


def test_notes_alone_on_a_page_or_high_up_stay():
    notes = lines("1) 대법원 판결 참조.", y=200, letter=SMALL)
    assert len(stayed(page(1, [*lines("정하고 있다.1)", y=127), *notes]))[0]) == 2
    assert len(stayed(page(1, lines("1) 대법원 판결 참조.", y=740, letter=SMALL)))[0]) == 1
