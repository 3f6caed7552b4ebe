from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from set_pages import SHARED

from tasks.read.grids import crosses, cut, find_grids, main_direction, same_cell, turned, turned_back
from tasks.read.layer import read_layer
from tasks.read.sheet import FLAGS, VECTOR
from tasks.read.tables import Table, find_tables

ROWS = (("구분", "지급사유", "금액"), ("사망", "재해로 사망한 경우", "1,000만원"), ("골절", "골절로 진단된 경우", "30만원"))
WIDTHS = (80.0, 200.0, 80.0)
X, Y, HEIGHT, SIZE = 60.0, 100.0, 22.0, 9.0


def paper() -> pymupdf.Page:
    """An A4 page; it holds its document."""
    return pymupdf.open().new_page(width=595, height=842)


def write(page: pymupdf.Page, x: float, y: float, text: str) -> None:
    page.insert_text((x, y), text, fontname="korea", fontsize=SIZE)


def rule(page: pymupdf.Page, *lines: tuple[float, float, float, float]) -> None:
    for x0, y0, x1, y1 in lines:
        page.draw_line((x0, y0), (x1, y1), width=0.5)


def edges(widths: Sequence[float] = WIDTHS) -> list[float]:
    return [X + sum(widths[:k]) for k in range(len(widths) + 1)]


def draw_table(page: pymupdf.Page, rows: Sequence[Sequence[str]] = ROWS, sides: bool = True) -> None:
    """Every line of the grid in one stroke; the cells' texts in them. Without sides, the left and the right edge are open."""
    xs, bottom = edges(), Y + HEIGHT * len(rows)
    rule(page, *((xs[0], Y + HEIGHT * r, xs[-1], Y + HEIGHT * r) for r in range(len(rows) + 1)))
    rule(page, *((x, Y, x, bottom) for x in (xs if sides else xs[1:-1])))
    fill(page, rows)


def fill(page: pymupdf.Page, rows: Sequence[Sequence[str]]) -> None:
    for r, row in enumerate(rows):
        for x, text in zip(edges(), row, strict=False):
            if text:
                write(page, x + 4, Y + HEIGHT * r + 15, text)


def tables_of(page: pymupdf.Page) -> list[Table]:
    lines = read_layer(page).lines
    return find_tables(find_grids(vectors_of(page), main_direction(line.direction for line in lines)), lines)


def vectors_of(page: pymupdf.Page) -> list[dict[str, Any]]:
    return [b for b in page.get_textpage(flags=FLAGS).extractDICT()["blocks"] if b["type"] == VECTOR]


def rows_of(page: pymupdf.Page) -> tuple[tuple[str, ...], ...]:
    (table,) = tables_of(page)
    return table.rows


def test_a_ruled_table_comes_with_its_rows_its_box_and_its_lines():
    page = paper()
    write(page, X, 80, "별표 1")
    draw_table(page)
    (table,) = tables_of(page)
    assert table.rows == ROWS
    assert table.box == pytest.approx((X, Y, X + sum(WIDTHS), Y + 3 * HEIGHT), abs=1)
    assert table.lines == tuple(range(1, 10))
    assert table.markdown.split("\n")[:2] == ["| 구분 | 지급사유 | 금액 |", "| --- | --- | --- |"]


def test_signs_of_markdown_in_a_cell_are_escaped():
    page = paper()
    draw_table(page, [("a|b", "c\\d", "e"), ("1", "2", "3")])
    assert tables_of(page)[0].markdown == "| a\\|b | c\\\\d | e |\n| --- | --- | --- |\n| 1 | 2 | 3 |"


@pytest.mark.parametrize("shaded", [(0,), (0, 2), (2,)])
def test_open_sides_stay_open_beside_a_shaded_row(shaded):
    page = paper()
    for r in shaded:
        page.draw_rect((X, Y + HEIGHT * r, X + sum(WIDTHS), Y + HEIGHT * (r + 1)), color=None, fill=(0.8, 0.9, 1))
    draw_table(page, sides=False)
    assert rows_of(page) == ROWS


def test_open_sides_double_lines_boxes_and_shades_are_rulings_too():
    (opened, doubled, boxed, shaded) = (paper() for _ in range(4))
    draw_table(opened, sides=False)
    draw_table(doubled)
    rule(doubled, (X, Y + 3, X + sum(WIDTHS), Y + 3), (X + 3, Y, X + 3, Y + 3 * HEIGHT))
    for page, style in ((boxed, {"color": (0, 0, 0), "width": 0.5}), (shaded, {"color": None, "fill": (0.8, 0.8, 0.9)})):
        for r in range(3):
            for x0, x1 in zip(edges(), edges()[1:], strict=False):
                page.draw_rect((x0, Y + r * HEIGHT, x1, Y + (r + 1) * HEIGHT), **style)
        fill(page, ROWS)
    assert rows_of(opened) == rows_of(doubled) == rows_of(boxed) == rows_of(shaded) == ROWS


def test_dashes_make_a_ruling():
    page = paper()
    xs = edges()
    for y in (Y, Y + HEIGHT, Y + 2 * HEIGHT, Y + 3 * HEIGHT):
        page.draw_line((xs[0], y), (xs[-1], y), width=0.5, dashes="[2 2] 0")
    for x in xs:
        page.draw_line((x, Y), (x, Y + 3 * HEIGHT), width=0.5, dashes="[1 3] 0")
    fill(page, ROWS)
    assert rows_of(page) == ROWS


def test_what_a_merged_cell_says_is_said_in_every_row_and_column_that_it_covers():
    page = paper()
    xs = edges()
    rule(
        page,
        *((xs[0], Y + HEIGHT * r, xs[-1], Y + HEIGHT * r) for r in (0, 1, 2, 4)),
        (xs[1], Y + 3 * HEIGHT, xs[-1], Y + 3 * HEIGHT),
    )
    rule(page, *((x, Y, x, Y + 4 * HEIGHT) for x in (xs[0], xs[1], xs[3])), (xs[2], Y, xs[2], Y + HEIGHT))
    rule(page, (xs[2], Y + 2 * HEIGHT, xs[2], Y + 4 * HEIGHT))
    fill(page, [("종목", "사유", "금액"), ("상해", "약관에 따름"), ("질병", "진단", "10"), ("", "입원", "20")])
    assert rows_of(page) == (
        ("종목", "사유", "금액"),
        ("상해", "약관에 따름", "약관에 따름"),
        ("질병", "진단", "10"),
        ("질병", "입원", "20"),
    )


def test_a_head_of_two_rows_becomes_one():
    page = paper()
    xs = edges()
    rule(page, *((xs[0], Y + HEIGHT * r, xs[-1], Y + HEIGHT * r) for r in (0, 2, 3)), (xs[1], Y + HEIGHT, xs[-1], Y + HEIGHT))
    rule(page, *((x, Y, x, Y + 3 * HEIGHT) for x in (xs[0], xs[1], xs[3])), (xs[2], Y + HEIGHT, xs[2], Y + 3 * HEIGHT))
    fill(page, [("구분", "지급금액"), ("", "1형", "2형"), ("암", "100", "200")])
    assert rows_of(page) == (("구분", "지급금액 1형", "지급금액 2형"), ("암", "100", "200"))


def test_an_edge_that_no_cell_ends_at_makes_no_row():
    page = paper()
    draw_table(page)
    rule(page, (X, Y + 1.5 * HEIGHT, X + 30, Y + 1.5 * HEIGHT))
    assert rows_of(page) == ROWS


def test_a_title_and_a_note_over_the_whole_width_stay_lines():
    page = paper()
    xs, bottom = edges(), Y + 5 * HEIGHT
    rule(page, *((xs[0], Y + HEIGHT * r, xs[-1], Y + HEIGHT * r) for r in range(6)))
    rule(page, *((x, Y, x, bottom) for x in (xs[0], xs[-1])), *((x, Y + HEIGHT, x, bottom - HEIGHT) for x in xs[1:-1]))
    fill(page, [("[별표 1] 지급기준",), *ROWS, ("※ 금액은 세전입니다.",)])
    (table,) = tables_of(page)
    assert table.rows == ROWS
    assert table.box[1] == pytest.approx(Y + HEIGHT, abs=1)
    assert [read_layer(page).lines[i].text for i in (0, 10)] == ["[별표 1] 지급기준", "※ 금액은 세전입니다."]
    assert not {0, 10} & set(table.lines)


@pytest.mark.parametrize("lines", [[(40, 60, 550, 60), (40, 800, 550, 800)], [(60, 112, 200, 112)] * 4])
def test_head_rules_and_underlines_are_no_table(lines):
    page = paper()
    fill(page, ROWS)
    rule(page, *lines)
    assert find_grids(vectors_of(page)) == []


def test_a_box_around_a_paragraph_a_column_of_boxes_and_a_coloured_band_are_no_table():
    for height, steps in ((60, 1), (20, 3)):
        for style in ({"color": (0, 0, 0)}, {"color": None, "fill": (0.9, 0.9, 0.9)}):
            page = paper()
            for k in range(steps):
                page.draw_rect((X, Y + k * height, X + 300, Y + (k + 1) * height), **style)
            fill(page, [("첫 줄입니다.",), ("둘째 줄입니다.",), ("셋째 줄입니다.",)])
            assert tables_of(page) == []


def test_a_grid_with_hardly_a_word_in_it_is_no_table():
    page = paper()
    draw_table(page, [("가", "", ""), ("", "나", ""), ("", "", "다"), *[("", "", "")] * 4])
    assert tables_of(page) == []


def test_bars_and_gridlines_of_a_chart_are_no_table():
    page = paper()
    rule(page, *((X, Y + 40 * k, X + 300, Y + 40 * k) for k in range(6)), (X, Y, X, Y + 200))
    for k, height in enumerate((120, 80, 160, 60)):
        page.draw_rect((X + 20 + 70 * k, Y + 200 - height, X + 50 + 70 * k, Y + 200), color=None, fill=(0.2, 0.4, 0.8))
        write(page, X + 22 + 70 * k, Y + 212, f"{k + 1}분기")
        write(page, X + 25 + 70 * k, Y + 195 - height, f"{height}")
    assert tables_of(page) == []


def draw_form(page: pymupdf.Page, inner: bool, said: str = "") -> None:
    """A form: a label and a box with a whole section, or with a table, beside it; two rows with short cells below."""
    rule(page, *((40, y, 550, y) for y in (60, 560, 590, 620)), *((x, 60, x, 620) for x in (40, 130, 550)))
    write(page, 45, 80, "상품의 특징")
    for k in range(0 if inner else 28):
        write(page, 135, 80 + 16 * k, f"{k}{said}")
    for y, row in ((580, ("회사", "별솔손해보험")), (610, ("전화", "1588-0000"))):
        write(page, 45, y, row[0])
        write(page, 135, y, row[1])


@pytest.mark.parametrize(
    "said", ["번째로 이 보험은 사망과 후유장해를 보장하며 그 밖에는 약관에 따릅니다.", "번째 줄은 " + "표보다 넓다." * 8]
)
def test_a_frame_around_whole_sections_keeps_their_lines(said):
    page = paper()
    draw_form(page, False, said)
    (table,) = tables_of(page)
    assert table.rows == (("회사", "별솔손해보험"), ("전화", "1588-0000"))


def test_what_holds_a_table_is_a_frame():
    page = paper()
    draw_form(page, True)
    page.draw_rect((140, 90, 540, 500), color=(1, 1, 1))
    rule(page, *((200, y, 400, y) for y in (200, 230, 260)), *((x, 200, x, 260) for x in (200, 300, 400)))
    for (x, y), text in zip(((205, 220), (305, 220), (205, 250), (305, 250)), ("나이", "보험료", "40세", "27,600"), strict=True):
        write(page, x, y, text)
    assert [t.rows for t in tables_of(page)] == [
        (("회사", "별솔손해보험"), ("전화", "1588-0000")),
        (("나이", "보험료"), ("40세", "27,600")),
    ]


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_table_set_sideways_reads_like_any_other(turn):
    page = paper()
    matrix = pymupdf.Matrix(-turn)
    middle = pymupdf.Point(300, 400)

    def place(x: float, y: float) -> pymupdf.Point:
        return pymupdf.Point(x - 240, y - 130) * matrix + middle

    for r in range(4):
        page.draw_line(place(X, Y + r * HEIGHT), place(X + sum(WIDTHS), Y + r * HEIGHT), width=0.5)
    for x in edges():
        page.draw_line(place(x, Y), place(x, Y + 3 * HEIGHT), width=0.5)
    for r, row in enumerate(ROWS):
        for x, text in zip(edges(), row, strict=False):
            page.insert_text(place(x + 4, Y + r * HEIGHT + 15), text, fontname="korea", fontsize=SIZE, rotate=turn)
    (table,) = tables_of(page)
    assert table.rows == ROWS
    corners = [place(X, Y), place(X + sum(WIDTHS), Y + 3 * HEIGHT)]
    wanted = [f(p[k] for p in corners) for f in (min, max) for k in (0, 1)]
    assert table.box == pytest.approx(wanted, abs=1)


class TestLinesOfACell:
    def cell(self, *lines: str, width: float = 80) -> str:
        """What a cell of this width says, beside cells that fill the page with the words of the lines."""
        page = paper()
        bottom = Y + HEIGHT + 12 * len(lines)
        rule(page, *((X, y, 400, y) for y in (Y, Y + HEIGHT, bottom)), *((x, Y, x, bottom) for x in (X, X + width, 400)))
        for x, text in ((X + 4, "사유"), (X + width + 4, "금액")):
            write(page, x, Y + 15, text)
        for k, line in enumerate(lines):
            write(page, X + 4, Y + HEIGHT + 10 + 12 * k, line)
        write(page, X + width + 4, Y + HEIGHT + 10, "30만원")
        return rows_of(page)[1][0]

    def test_where_the_next_word_would_have_fitted_none_was_broken(self):
        assert self.cell("골절로", "진단된 경우", width=100) == "골절로 진단된 경우"

    def test_the_last_syllable_of_a_word_that_is_wider_than_the_cell(self):
        assert self.cell("경과기", "간", width=36) == "경과기간"
        assert self.cell("경과기", "및", width=36) == "경과기 및"

    def test_two_numbers_are_never_made_one(self):
        assert self.cell("1,208,746", "1,276,281", width=48) == "1,208,746 1,276,281"

    def test_a_card_number_is_one(self):
        assert self.cell("4111-1111-1111-11", "11", width=90) == "4111-1111-1111-1111"

    def test_letters_set_one_below_the_other_are_a_word(self):
        assert self.cell("보", "장", "내", "용", width=24) == "보장내용"


def test_figures_one_below_the_other_without_rulings_are_rows():
    page = paper()
    xs = edges()
    rule(page, *((xs[0], y, xs[-1], y) for y in (Y, Y + HEIGHT, Y + 5 * HEIGHT)), *((x, Y, x, Y + 5 * HEIGHT) for x in xs))
    figures = [(f"{k}년", f"{k}00,000", f"{k}.5%") for k in range(1, 5)]
    fill(page, [("기간", "보험료", "이율"), *figures])
    assert rows_of(page) == (("기간", "보험료", "이율"), *figures)


class TestLinesThatCrossARuling:
    def crossing(self, texts: Sequence[tuple[float, str]]) -> tuple[pymupdf.Page, list[str]]:
        page = paper()
        rule(page, *((X, Y + HEIGHT * r, X + 90, Y + HEIGHT * r) for r in range(3)))
        rule(page, *((X + 30 * c, Y, X + 30 * c, Y + 2 * HEIGHT) for c in range(4)))
        for x, text in texts:
            write(page, x, Y + 15, text)
        raw = page.get_textpage(flags=FLAGS).extractRAWDICT()["blocks"]
        grids = find_grids(vectors_of(page))
        lines = [line for block in raw if block["type"] == 0 for line in block["lines"]]
        assert any(crosses(grids, line["bbox"]) for line in lines)
        pieces = [piece for line in lines for piece in cut(line, grids)]
        return page, ["".join(c["c"] for span in piece["spans"] for c in span["chars"]) for piece in pieces]

    def test_cells_close_to_each_other_are_cut_apart(self):
        _, pieces = self.crossing([(X + 2, "100"), (X + 32, "200"), (X + 62, "300")])
        assert [piece.strip() for piece in pieces] == ["100", "200", "300"]

    def test_no_word_is_cut(self):
        _, pieces = self.crossing([(X + 2, "1,234,567")])
        assert pieces == ["1,234,567"]

    def test_pieces_of_two_cells_are_not_put_together(self):
        page, _ = self.crossing([(X + 2, "100"), (X + 32, "200")])
        grids = find_grids(vectors_of(page))
        left, right, other = (X + 2, Y + 5, X + 28, Y + 15), (X + 32, Y + 5, X + 58, Y + 15), (X + 3, Y + 6, X + 9, Y + 15)
        assert not same_cell(grids, left, right)
        assert same_cell(grids, left, other)


BOXES = st.tuples(*[st.integers(0, 60).map(float)] * 4).map(
    lambda b: (min(b[0], b[2]), min(b[1], b[3]), max(b[0], b[2]), max(b[1], b[3]))
)


class Placed:
    """A line of one word."""

    def __init__(self, k: int, box: tuple[float, float, float, float]) -> None:
        self.text, self.box, self.direction, self.size = f"<{k}>", box, (1.0, 0.0), 9.0


@given(st.lists(st.tuples(BOXES, st.booleans()), max_size=40), st.lists(BOXES, max_size=30))
def test_whatever_is_drawn_every_word_is_in_one_table_or_stays_a_line(drawn, words):
    vectors = [{"bbox": box, "isrect": True, "stroked": stroked, "alpha": 255, "color": 0, "type": 3} for box, stroked in drawn]
    lines = [Placed(k, box) for k, box in enumerate(words)]
    tables = find_tables(find_grids(vectors), lines)
    taken = [i for table in tables for i in table.lines]
    assert len(taken) == len(set(taken))
    for table in tables:
        said = {word for row in table.rows for cell in row for word in re.findall(r"<\d+>", cell)}
        assert said == {lines[i].text for i in table.lines}
        assert len({len(row) for row in table.rows}) == 1


@given(BOXES, st.sampled_from([(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)]))
def test_a_box_turned_and_turned_back_is_the_box(box, direction):
    assert turned_back(turned(box, direction), direction) == box


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is not there")
class TestOnKnownFiles:
    def found(self, name: str) -> Iterator[tuple[int, Table]]:
        with pymupdf.open(SHARED / name) as document:
            for page in document:
                yield from ((page.number + 1, table) for table in tables_of(page))

    @pytest.mark.parametrize("name", ["terms_v1", "terms_v2"])
    def test_every_cell_of_the_terms_is_found_exactly(self, name):
        found = list(self.found(f"made/{name}.pdf"))
        for known in json.loads((SHARED / "made" / f"{name}.tables.json").read_text("utf-8")):
            rows: list[list[str]] = [known["head"]]
            for row in known["rows"]:
                rows.append([above if cell is None else cell for cell, above in zip(row, rows[-1], strict=True)])
            parts = [found.pop(0) for _ in known["pages"]]
            assert [number for number, _ in parts] == known["pages"]
            assert {table.rows[0] for _, table in parts} == {tuple(rows[0])}
            assert [list(row) for _, table in parts for row in table.rows[1:]] == rows[1:]
        assert not found

    @pytest.mark.parametrize("path", sorted(Path(SHARED / "law").glob("*.pdf"))[::6], ids=lambda p: p.stem)
    def test_statutes_have_none(self, path):
        assert list(self.found(f"law/{path.name}")) == []
