"""What the picture of a page tells before anything is read."""

from __future__ import annotations

import numpy as np
import pymupdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ocr_pages import DPI, LEFT, LETTER, RIGHT, TERMS, Sheet

from tasks.errors import OcrError
from tasks.read.ocr.engine import OcrLine, Picture
from tasks.read.ocr.galley import set_galley, type_of
from tasks.read.ocr.layout import columns_of, lines_of, tables_of
from tasks.read.ocr.page import read_picture, sift
from tasks.read.ocr.picture import (
    circles_in,
    even_out,
    faint_ink_of,
    ink_of,
    letter_height,
    lies_on_its_side,
    pieces_of,
    resized,
    rotated,
    rulings_of,
    skew_of,
)
from tasks.read.render import render


def terms() -> Picture:
    sheet = Sheet(900, 400)
    sheet.write(60, 50, TERMS)
    return sheet.picture


def two_columns(gap: int = 60) -> Picture:
    sheet = Sheet(1200, 700)
    sheet.write(300, 40, ["회사 내부 규정에 관한 전체 제목 한 줄"])
    sheet.write(80, 140, LEFT)
    sheet.write(80 + 15 * LETTER + gap, 140, RIGHT)
    return sheet.picture


class Squares:
    """An engine that reads every line of ink as a word: where things stand, without an OCR program."""

    name, version = "squares", "1"

    def __init__(self) -> None:
        self.seen: list[tuple[int, ...]] = []

    def read(self, picture: Picture, dpi: int) -> list[OcrLine]:
        self.seen.append(picture.shape)
        type_ = type_of(picture, dpi)
        found = []
        for line in type_.lines:
            boxes = type_.pieces.boxes[line]
            x0, y0 = map(float, boxes[:, :2].min(axis=0))
            x1, y1 = map(float, boxes[:, 2:].max(axis=0))
            found.append(OcrLine("한글로 적은 줄", (x0, y0, x1, y1), 0.9))
        return found


@pytest.mark.parametrize("angle", [-3.0, -1.2, -0.3, 0.0, 0.5, 1.0, 4.0])
def test_the_angle_of_the_lines_is_found_to_a_tenth_of_a_degree(angle: float) -> None:
    assert skew_of(ink_of(rotated(terms(), -angle))) == pytest.approx(angle, abs=0.1)


def test_lines_that_run_up_the_page_are_told_from_lines_that_run_across() -> None:
    ink = ink_of(terms())
    assert lies_on_its_side(ink) < 0.67
    assert lies_on_its_side(np.rot90(ink)) > 1.5


def test_a_shadow_over_the_page_leaves_its_ink_as_it_was() -> None:
    clean = terms()
    shadow = np.linspace(0.45, 1.0, clean.shape[1])
    shaded = (clean * shadow).astype(np.uint8)
    assert np.mean(ink_of(even_out(shaded)) != ink_of(clean)) < 0.01


def test_each_line_of_a_page_is_one_group_from_the_top() -> None:
    type_ = type_of(terms(), DPI)
    tops = [type_.pieces.boxes[line, 1].min() for line in type_.lines]
    assert len(tops) == len(TERMS)
    assert tops == sorted(tops)


def test_digits_in_circles_are_found_and_zeros_and_letters_are_not() -> None:
    sheet = Sheet(900, 200)
    sheet.write(40, 40, ["① ② ⑩ ⑮ 010 이 응 @ 60,000원 (8) ◯"])
    assert len(circles_in(sheet.picture, LETTER)) == 4


def test_cells_of_a_ruled_table_are_found_row_by_row() -> None:
    sheet = Sheet(900, 400)
    sheet.table((60, 300, 800), (60, 140, 220, 300))
    rulings = rulings_of(ink_of(sheet.picture), LETTER)
    (table,) = tables_of(rulings, LETTER)
    assert [(x0 // 100, y0 // 80) for x0, y0, _, _ in table.cells] == [(x, y) for y in (0, 1, 2) for x in (0, 3)]


def test_an_underline_and_a_frame_of_one_cell_are_no_table() -> None:
    sheet = Sheet(900, 400)
    sheet.draw.line((60, 50, 800, 50), fill=0, width=2)
    sheet.table((60, 800), (100, 300))
    assert not tables_of(rulings_of(ink_of(sheet.picture), LETTER), LETTER)


def test_a_line_never_crosses_a_table_line() -> None:
    sheet = Sheet(900, 400)
    sheet.table((60, 300, 800), (60, 140, 220))
    sheet.write(240, 80, ["칸칸칸칸"])  # runs over the ruling
    sheet.write(70, 80, ["왼쪽"])
    type_ = type_of(sheet.picture, DPI)
    for line in type_.lines:
        boxes = type_.pieces.boxes[line]
        assert not (boxes[:, 0].min() < 290 and boxes[:, 2].max() > 310)


@pytest.mark.parametrize("gap", [40, 60, 120])
def test_columns_are_split_below_the_heading_that_spans_them(gap: int) -> None:
    picture = two_columns(gap)
    pieces = pieces_of(ink_of(picture))
    parts = columns_of(pieces.boxes, letter_height(pieces, DPI), (), picture.shape[::-1])
    assert len(parts) == 3
    heading, left, right = parts
    assert heading[3] <= 150
    assert left[2] <= right[0] + 1


def test_short_items_beside_each_other_are_no_columns() -> None:
    lines = ("가. 나이", "나. 성별", "다. 주소", "라. 직업", "마. 소득", "바. 재산", "사. 가족", "아. 병력")
    sheet = Sheet(1200, 500)
    sheet.write(80, 60, lines)
    sheet.write(500, 60, [line + " 항목" * (number % 4) for number, line in enumerate(lines)])
    pieces = pieces_of(ink_of(sheet.picture))
    assert len(columns_of(pieces.boxes, LETTER, (), (1200, 500))) == 1


@pytest.mark.parametrize("size", [(1, 1), (3, 40), (200, 2), (600, 600)])
@pytest.mark.parametrize("kind", ["black", "noise", "grey"])
def test_pictures_that_are_no_pages_are_read_as_well(size: tuple[int, int], kind: str) -> None:
    noise = np.random.default_rng(3).integers(0, 256, size, dtype=np.uint8)
    picture = {"black": np.zeros(size, dtype=np.uint8), "noise": noise, "grey": np.full(size, 90, dtype=np.uint8)}[kind]
    assert isinstance(read_picture(picture, DPI, Squares()).text, str)


def test_a_page_of_one_column_is_read_in_one_piece() -> None:
    engine = Squares()
    read_picture(terms(), DPI, engine)
    assert engine.seen == [terms().shape]


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("angle", [0.0, 1.5])
def test_boxes_come_back_on_the_picture_as_it_was_given(turn: int, angle: float) -> None:
    given_ = np.rot90(rotated(terms(), -angle), turn // 90)
    page = read_picture(given_, DPI, Squares())
    assert page.turn == turn
    inked = ink_of(given_)
    for line in page.lines:
        x0, y0, x1, y1 = (round(side) for side in line.box)
        assert inked[y0:y1, x0:x1].mean() > 0.03
        inked[max(0, y0 - 2) : y1 + 2, max(0, x0 - 2) : x1 + 2] = False
    assert inked.mean() < 0.001


def test_a_blank_page_has_no_lines_and_needs_no_engine() -> None:
    engine = Squares()
    assert read_picture(np.full((500, 400), 250, dtype=np.uint8), DPI, engine).lines == ()
    assert not engine.seen


def test_what_an_engine_made_of_dirt_is_left_out_with_a_reason() -> None:
    box = (0.0, 0.0, 10.0, 10.0)
    good, dirt, dots = OcrLine("제1조", box, 0.9), OcrLine("띠은", box, 0.2), OcrLine(".,~", box, 0.9)
    kept, dropped = sift([good, dirt, dots])
    assert kept == [good]
    assert [(d.line, d.reason) for d in dropped] == [(dirt, "low_confidence"), (dots, "no_letters")]


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500), st.integers(1, 60), st.integers(1, 60)), max_size=60))
def test_no_ink_gets_lost_between_the_lines(found: list[tuple[int, int, int, int]]) -> None:
    boxes = np.array([(x, y, x + w, y + h) for x, y, w, h in found], dtype=np.int64).reshape(-1, 4)
    lines = lines_of(boxes, 20.0)
    assert sorted(index for line in lines for index in line.tolist()) == list(range(len(boxes)))


def test_a_row_of_the_galley_leads_back_to_its_place() -> None:
    type_ = type_of(terms(), DPI)
    galley = set_galley(type_, type_.lines, 22)
    for row in galley.rows:
        x0, y0, x1, y1 = row.ink
        width, height = (x1 - x0) * row.scale, (y1 - y0) * row.scale
        left = row.left + (x0 - row.cut[0]) * row.scale
        top = row.top + (y0 - row.cut[1]) * row.scale
        assert row.back((left, top, left + width, top + height)) == pytest.approx((x0, y0, x1, y1))
        assert galley.row_at(top + height / 2) == galley.rows.index(row)


def test_thin_lines_survive_where_the_usual_threshold_breaks_them() -> None:
    sheet = Sheet(900, 300)
    sheet.table((60, 300, 800), (60, 140, 220))
    small = resized(sheet.picture, 1 / 3)
    assert len(tables_of(rulings_of(faint_ink_of(small), LETTER / 3), LETTER / 3)) == 1


def scan(width: float, height: float, dpi: int) -> pymupdf.Page:
    document = pymupdf.open()
    page = document.new_page(width=width, height=height)
    grey = np.full((round(height * dpi / 72), round(width * dpi / 72)), 200, dtype=np.uint8)
    pixels = pymupdf.Pixmap(pymupdf.csGRAY, grey.shape[1], grey.shape[0], grey.tobytes(), False)
    page.insert_image(page.rect, pixmap=pixels)
    return page


def test_a_page_is_drawn_in_grey_at_the_dpi_asked_for() -> None:
    page = pymupdf.open().new_page(width=144, height=72)
    picture, dpi = render(page, 200, 40)
    assert (picture.shape, dpi, picture.dtype) == ((200, 400), 200, np.uint8)


def test_a_large_page_gets_fewer_dpi_and_a_huge_one_an_error_before_it_is_drawn() -> None:
    page = pymupdf.open().new_page(width=7200, height=7200)
    picture, dpi = render(page, 200, 100)
    assert dpi == 100
    assert picture.size <= 100e6
    huge = pymupdf.open().new_page(width=14400, height=14400)
    with pytest.raises(OcrError, match="max_megapixels"):
        render(huge, 200, 100)


def test_a_fax_is_not_blown_up() -> None:
    assert render(scan(300, 400, 100), 200, 40)[1] in (100, 101)
    assert render(scan(300, 400, 300), 200, 40)[1] == 200


def test_a_page_with_text_beside_its_picture_is_drawn_as_asked() -> None:
    page = pymupdf.open().new_page(width=300, height=400)
    page.insert_image(pymupdf.Rect(0, 0, 300, 100), pixmap=pymupdf.Pixmap(pymupdf.csGRAY, 30, 10, bytes(300), False))
    assert render(page, 200, 40)[1] == 200


def test_columns_are_read_one_after_the_other_as_pieces() -> None:
    engine = Squares()
    page = read_picture(two_columns(), DPI, engine)
    assert page.columns == 3
    lefts = [line.box[0] < 80 + 15 * LETTER for line in page.lines[1:]]
    assert lefts == [True] * len(LEFT) + [False] * len(RIGHT)


class ByHeight(Squares):
    """An engine that returns its lines by their height on the page, across the cells, as PaddleOCR does."""

    def read(self, picture: Picture, dpi: int) -> list[OcrLine]:
        return sorted(super().read(picture, dpi), key=lambda line: (line.box[1], line.box[0]))


def test_the_lines_of_a_cell_stay_together_whatever_order_an_engine_has() -> None:
    sheet = Sheet(900, 300)
    sheet.table((60, 400, 800), (60, 200, 280))
    sheet.write(80, 75, ["첫째 칸 위", "첫째 칸 아래"])
    sheet.write(420, 75, ["둘째 칸 위", "둘째 칸 아래"])
    page = read_picture(sheet.picture, DPI, ByHeight())
    assert [line.box[0] < 400 for line in page.lines] == [True, True, False, False]
