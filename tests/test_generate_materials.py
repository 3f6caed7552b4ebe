from __future__ import annotations

import pytest
from test_generate import make_chunk

from tasks.generate.counts import wanted
from tasks.generate.coverage import coverage, share
from tasks.generate.kinds import KINDS
from tasks.generate.materials import Clauses, article_of
from tasks.records import Chunk

PAYS = make_chunk(
    8, "회사는 제7조 제2항의 서류를 접수한 날부터 3영업일 이내에 보험금을 지급합니다. 「상법」 제9조는 적용하지 않습니다."
)
FIRST = make_chunk(7, "① 보험수익자는 청구서를 내야 합니다.")
SECOND = make_chunk(7, "② 청구금액이 50만원 이하이면 처방전을 낼 수 있습니다.")
NINTH = make_chunk(9, "계약자는 청약을 철회할 수 있습니다.")
CLAUSES = Clauses([FIRST, SECOND, PAYS, NINTH])


def test_a_reference_is_the_part_of_the_article_that_holds_the_paragraph() -> None:
    assert list(CLAUSES.referred(PAYS)) == [SECOND]


def test_an_article_of_another_law_is_none_of_ours() -> None:
    assert NINTH not in CLAUSES.referred(PAYS)
    assert list(Clauses([PAYS, NINTH]).referred(PAYS)) == []


def test_the_article_of_a_chunk_is_read_off_its_heading() -> None:
    assert [article_of(chunk) for chunk in (PAYS, FIRST)] == ["8", "7"]
    assert article_of(PAYS.model_copy(update={"heading": ("약관", "제5조의2(정의)")})) == "5의2"
    assert article_of(PAYS.model_copy(update={"heading": ("약관", "머리말")})) == ""


def test_a_sibling_stands_under_another_heading() -> None:
    assert CLAUSES.sibling(FIRST) == PAYS
    assert CLAUSES.sibling(NINTH) == PAYS
    assert Clauses([FIRST]).sibling(FIRST) is None


@pytest.mark.parametrize(
    ("kind", "text", "count"),
    [
        ("qa", "회사는 청구를 받은 날부터 곧 보험금을 지급합니다.", 1),
        ("short", "회사는 보험금을 지급하여야 합니다.", 0),
        ("short", "회사는 3영업일 이내에 보험금을 지급합니다.", 1),
        ("reasoning", "이 약관은 보험계약에 관한 사항을 정합니다.", 0),
        ("reasoning", "서류가 모자라는 경우에는 지급을 늦출 수 있습니다.", 1),
        ("summary", "회사는 3영업일 이내에 보험금을 지급합니다.", 0),
        ("scenario", "회사는 3영업일 이내에 보험금을 지급합니다.", 0),
        ("scenario", "대포통장을 모아 자금세탁에 쓰는 인출책과 전달책이 있습니다.", 2),
    ],
)
def test_a_clause_is_asked_for_as_much_as_it_holds(kind: str, text: str, count: int) -> None:
    assert wanted(kind, make_chunk(1, text), 5) == count


def test_every_kind_that_is_asked_of_a_clause_gets_no_more_than_the_settings_say() -> None:
    for kind in KINDS.values():
        assert sum(material.count for material in kind.materials(PAYS, CLAUSES, 2)) <= 2


def test_coverage_counts_rows_by_clause_and_names_the_gaps() -> None:
    class Row:
        def __init__(self, chunk: Chunk, *linked: Chunk) -> None:
            self.chunk, self.linked = chunk.id, tuple(other.id for other in linked)

    covered = coverage([FIRST, SECOND, PAYS, NINTH], [Row(PAYS, SECOND), Row(PAYS)], min_chars=21)  # type: ignore[list-item]
    assert [clause.rows for clause in covered] == [0, 1, 2, 0]
    assert [clause.is_gap for clause in covered] == [len(FIRST.text) >= 21, False, False, len(NINTH.text) >= 21]
    assert share([]) == 1
    assert share([clause for clause in covered if not clause.short]) == 2 / sum(not clause.short for clause in covered)
