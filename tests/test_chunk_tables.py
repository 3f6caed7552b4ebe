from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from set_pages import block, page, set_pages

from tasks.chunk.cut import cut, describe
from tasks.chunk.lines import Layout, lines_of
from tasks.chunk.rows import continued, head_of
from tasks.records import Block, Box, Chunk, Page, Source
from tasks.settings import ChunkSettings
from tasks.text.markdown_table import markdown_table
from tasks.text.tokens import estimate_tokens

SOURCE = Source(id="d" * 32, path="pdf/별솔_건강보험.pdf", size=1)
HEAD = ("보장종목", "지급사유", "지급금액")
ROWS = [(f"종목{k}", f"{k}번째 사유에 해당하는 것으로 진단된 경우", f"{k}0만원") for k in range(1, 9)]
BEFORE, AFTER = "제3조(지급) 회사는 다음 표에 따라 보험금을 지급합니다.", "② 표의 금액은 세금을 떼기 전의 금액입니다."


def table(rows: Sequence[Sequence[str]], y: float = 120, width: float = 400) -> Block:
    return Block(kind="table", text=markdown_table(rows), box=Box(x0=60, y0=y, x1=60 + width, y1=y + 16 * len(rows)))


def chunked(pages: list[Page], max_tokens: int = 700) -> list[Chunk]:
    kept = cut(describe(SOURCE, pages), pages, ChunkSettings(max_tokens=max_tokens))
    for chunk in kept.rows:
        at = 0
        for span in chunk.spans:
            assert at <= span.start < span.end <= len(chunk.text)
            assert not chunk.text[at : span.start].strip()
            at = span.end
        assert not chunk.text[at:].strip()
    return kept.rows


def one_page(rows: Sequence[Sequence[str]] = (HEAD, *ROWS)) -> list[Page]:
    return [page(1, [block(BEFORE, 60, 90), table(rows), block(AFTER, 60, 300)])]


def test_a_table_is_a_paragraph_of_its_own_with_its_box():
    (chunk,) = chunked(one_page())
    assert chunk.text == "\n".join([BEFORE, markdown_table([HEAD, *ROWS]), AFTER])
    assert [chunk.text[s.start : s.end] for s in chunk.spans] == [BEFORE, markdown_table([HEAD, *ROWS]), AFTER]
    assert chunk.spans[1].box == one_page()[0].blocks[1].box


def test_a_sentence_is_not_joined_to_a_table():
    broken = "회사는 다음 표에 따라 정하는 금액을"
    pages = [page(1, [block(broken, 60, 104), table([HEAD, ROWS[0]]), block("한꺼번에 지급합니다.", 60, 170)])]
    assert chunked(pages)[0].text.split("\n")[0::4] == [broken, "한꺼번에 지급합니다."]


@pytest.mark.parametrize("cell", ["제1조(목적)", "부칙", "1.", "①", "【이유】", "[별표 1]", "목차"])
def test_what_a_cell_says_opens_nothing(cell):
    rows = [(cell, "내용"), (cell, "제2조(정의) 뜻")]
    (chunk,) = chunked(one_page(rows))
    assert chunk.clause == "제3조"
    assert markdown_table(rows) in chunk.text


def test_a_table_that_is_no_markdown_opens_nothing_either():
    odd = Block(kind="table", text="제4조(한도)\t1억원", box=Box(x0=60, y0=120, x1=400, y1=140))
    (chunk,) = chunked([page(1, [block(BEFORE, 60, 90), odd, block(AFTER, 60, 300)])])
    assert chunk.text == "\n".join([BEFORE, odd.text, AFTER])


def test_tables_do_not_tell_how_large_the_letters_are():
    lines = lines_of([page(1, [block(BEFORE, 60, 90), *(table([HEAD, *ROWS], 120 + 200 * k) for k in range(3))])])
    assert Layout(lines).size == Layout(lines[:1]).size


def test_a_tall_table_is_no_title():
    pages = [
        page(
            1,
            [
                table([("문서번호", "SB-1"), ("시행일", "2026. 3. 1.")], 60),
                *(block(t, 60, 200 + 16 * k) for k, t in enumerate([BEFORE, AFTER])),
            ],
        )
    ]
    assert describe(SOURCE, pages).title == "별솔 건강보험"
    assert str(describe(SOURCE, pages).effective) == "2026-03-01"
    assert [c.clause for c in chunked(pages)] == ["머리말", "제3조"]


def test_a_table_tells_nothing_about_the_lines_around_it():
    pages = set_pages([BEFORE, AFTER] * 4, 30)
    blocks = pages[0].blocks
    middle = len(blocks) // 2
    with_table = page(1, [*blocks[:middle], table([HEAD, *ROWS], 900, 520), *blocks[middle:]])
    plain, mixed = Layout(lines_of(pages)), Layout(lines_of([with_table]))
    assert plain.size == mixed.size
    assert not mixed.is_tall(middle)
    assert mixed.paragraph_ends(middle - 1)
    assert not mixed.follows(middle)
    for i in range(middle - 1):
        assert (plain.room(i), plain.paragraph_ends(i)) == (mixed.room(i), mixed.paragraph_ends(i))


def test_a_table_within_the_budget_is_kept_whole():
    budget = estimate_tokens(markdown_table([HEAD, *ROWS])) + 5
    assert any(markdown_table([HEAD, *ROWS]) in c.text for c in chunked(one_page(), budget))
    assert len(chunked(one_page(), budget)) > 1


@pytest.mark.parametrize("max_tokens", [64, 90, 150])
def test_a_table_over_the_budget_is_cut_between_rows_and_every_part_repeats_the_head(max_tokens):
    parts = chunked(one_page(), max_tokens)
    head = head_of(markdown_table([HEAD, *ROWS]))
    tables = [c for c in parts if "| --- |" in c.text]
    assert len(tables) > 1
    for c in tables:
        assert c.text.count(head) == 1
        assert estimate_tokens(c.text) <= max_tokens
        assert one_page()[0].blocks[1].box in [s.box for s in c.spans]
    rows = [line for c in tables for line in c.text.replace(head, "").split("\n") if line.startswith("|")]
    assert rows == markdown_table([HEAD, *ROWS]).split("\n")[2:]


def test_a_row_is_never_cut():
    long = ("종목", ", ".join(f"{k}번째로 정한 사유에 해당하는 때." for k in range(40)), "10만원")
    parts = chunked(one_page([HEAD, long, *ROWS]), 64)
    assert any(markdown_table([HEAD, long]) in c.text for c in parts)


class TestOverTwoPages:
    def parts(self, second: Sequence[Sequence[str]], width: float = 400, max_tokens: int = 700) -> list[Chunk]:
        first = page(1, [block(BEFORE, 60, 90), table([HEAD, *ROWS[:4]])])
        return chunked([first, page(2, [table(second, 60, width), block(AFTER, 60, 300)])], max_tokens)

    @pytest.mark.parametrize("second", [[HEAD, *ROWS[4:]], ROWS[4:]])
    def test_it_is_one_whether_the_head_is_repeated_or_not(self, second):
        (chunk,) = self.parts(second)
        assert chunk.text == "\n".join([BEFORE, markdown_table([HEAD, *ROWS]), AFTER])
        assert [s.page for s in chunk.spans] == [1, 1, 2, 2]

    def test_a_part_on_the_second_page_repeats_the_head_of_the_first(self):
        parts = self.parts([HEAD, *ROWS[4:]], max_tokens=90)
        last = next(c for c in parts if "종목8" in c.text)
        head = head_of(markdown_table([HEAD]) + "\n|")
        assert last.text.startswith(head)
        assert [s.page for s in last.spans][:2] == [1, 2]
        assert last.text[last.spans[0].start : last.spans[0].end] == head.strip()

    @pytest.mark.parametrize(
        ("second", "width"),
        [([HEAD, *ROWS[4:]], 300), ([HEAD[:2], *(row[:2] for row in ROWS)], 400), ([("나이", "성별", "보험료"), *ROWS[4:]], 400)],
    )
    def test_another_width_other_columns_or_another_head_make_another_table(self, second, width):
        assert markdown_table(second) in self.parts(second, width)[0].text


def test_rows_go_on_only_below_a_head():
    assert continued(head_of("| a |\n| --- |\n| b |"), "| a |\n| --- |\n| c |") == "| c |"
    assert continued("", "| a |\n| --- |\n| c |") == ""
    assert head_of("| a |\n| --- |") == head_of("그냥 글") == ""
    assert continued(head_of("| a\\|b |\n| --- |\n| c |"), "| a | b |\n| --- | --- |\n| c | d |") == ""


CELLS = st.text("가나다12|\\ .", max_size=12)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=3), min_size=2, max_size=12), st.booleans(), st.integers(64, 200))
def test_whatever_the_cells_say_no_row_is_lost(rows, on_two_pages, max_tokens):
    pages = one_page(rows)
    if on_two_pages:
        pages.append(page(2, [table(rows, 60)]))
    texts = [c.text for c in chunked(pages, max_tokens)]
    found = [line for text in texts for line in text.split("\n")]
    for line in markdown_table(rows).split("\n"):
        assert line.strip() in [other.strip() for other in found]
