from __future__ import annotations

import random

import pymupdf
import pytest
from set_pages import draw, drawn_width

from tasks.read.layer import read_layer
from tasks.read.order import in_reading_order

LEFT = [f"{n}번째 줄은 왼쪽 단에서 이어지는 글이고" for n in range(10, 30)]
RIGHT = [f"{n}번째 줄은 오른쪽 단에서 이어지는 글" for n in range(10, 30)]
Placed = tuple[float, float, str]


def at(lines: list[str], x: float = 50, y: float = 120) -> list[Placed]:
    return [(x, y + 16 * n, line) for n, line in enumerate(lines)]


def read(path, drawn: list[Placed]) -> list[str]:
    draw(path, [drawn])
    with pymupdf.open(path) as document:
        return [line.text for line in read_layer(document[0]).lines]


def by_rows(*columns: list[Placed]) -> list[Placed]:
    return [line for row in zip(*columns, strict=True) for line in row]


def test_a_page_drawn_from_its_foot_is_read_from_its_head(tmp_path):
    assert read(tmp_path / "a.pdf", at(LEFT)[::-1]) == LEFT


@pytest.mark.parametrize("seed", range(3))
def test_a_page_drawn_in_any_order_is_read_column_by_column_between_what_goes_across(tmp_path, seed):
    title, last = (
        "제목은 두 단 위에 한 줄로 길게 놓여 있으며 오른쪽 끝까지 이어집니다",
        "두 단 아래에도 한 줄이 왼쪽에서 오른쪽 끝까지 길게 이어집니다",
    )
    drawn = [(50, 90, title), *at(LEFT), *at(RIGHT, 310), (50, 460, last)]
    random.Random(seed).shuffle(drawn)
    assert read(tmp_path / "a.pdf", drawn) == [title, *LEFT, *RIGHT, last]


def test_columns_drawn_row_by_row_are_read_one_after_the_other(tmp_path):
    assert read(tmp_path / "a.pdf", by_rows(at(LEFT), at(RIGHT, 310))) == [*LEFT, *RIGHT]


def test_words_of_a_line_drawn_in_any_order_are_put_together(tmp_path):
    drawn = []
    for n, line in enumerate(LEFT):
        x = 50.0
        for word in line.split():
            drawn.append((x, 120.0 + 16 * n, word))
            x += drawn_width(word) + 4
    assert read(tmp_path / "a.pdf", drawn[::-1]) == LEFT


@pytest.mark.parametrize(
    "drawn",
    [
        [*at(LEFT), *at(RIGHT, 310)],  # columns
        [(290, 800, "- 1 -"), (50, 40, "머리글"), *at(LEFT)],  # foot and head first
        by_rows(at(["용어"] * 12), at(RIGHT[:12], 310)),  # a table without rulings
        by_rows(at([f"{n}항목" for n in range(12)]), at(["1,000"] * 12, 200), at(["2,000"] * 12, 310)),
        by_rows(
            at([line[: 9 + n % 9] for n, line in enumerate(LEFT)]), at([line[: 9 + n % 7] for n, line in enumerate(RIGHT)], 310)
        ),
    ],
)
def test_an_order_that_makes_sense_stays(tmp_path, drawn):
    draw(tmp_path / "a.pdf", [drawn])
    with pymupdf.open(tmp_path / "a.pdf") as document:
        lines = read_layer(document[0]).lines
    assert [line.text for line in lines] == [text for _, _, text in drawn]
    assert in_reading_order(lines) is lines
