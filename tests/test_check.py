from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.check.check import Library, check_pairs
from tasks.check.evidence import Clause
from tasks.generate.kinds import make_pair
from tasks.records import Box, Chunk, Lineage, Option, Pair, Sampling, Span
from tasks.settings import CheckSettings
from tasks.text.normal import comparable, locate

LINES = (
    "제9조(보험금의 지급절차)",
    "① 회사는 청구서류를 접수한 날부터 13영업일 이내에 보험금(주계약)을 지급합니다.",
    "② 계약자는 제7조에 따라 15일 이내에 청약을 철회할 수 있습니다.",
)
LINEAGE = Lineage(
    prompt="qa", prompt_hash="h", model="m", sampling=Sampling(temperature=0, top_p=1, max_tokens=9), call="k", run="r", code="0"
)


def make_chunk(*lines: str) -> Chunk:
    spans, start = [], 0
    for number, line in enumerate(lines, start=1):
        spans.append(Span(page=number, box=Box(x0=10, y0=number, x1=90, y1=number + 1), start=start, end=start + len(line)))
        start += len(line) + 1
    text = "\n".join(lines)
    heading = ("약관", "제9조(보험금의 지급절차)")
    return Chunk(
        id=Chunk.make_id(heading, "제9조", 1, text),
        document="d",
        path="pdf/a.pdf",
        language="ko",
        heading=heading,
        clause="제9조",
        part=1,
        text=text,
        spans=tuple(spans),
    )


CHUNK = make_chunk(*LINES)
QUOTE = "청구서류를 접수한 날부터 13영업일 이내에"


def pair(
    answer: str = "회사는 13영업일 이내에 지급합니다.", *quotes: str, question: str = "언제까지 지급하나요?", **changes: Any
) -> Pair:
    options = changes.pop("options", ())
    return make_pair(CHUNK, changes.pop("kind", "qa"), question, answer, list(quotes), LINEAGE, options).model_copy(
        update=changes
    )


def reasons(*pairs: Pair) -> list[str]:
    return [dropped.reason for dropped in check_pairs(pairs, Library([CHUNK]), CheckSettings()).dropped]


def test_a_quote_keeps_the_words_of_the_clause_and_its_places_on_the_page() -> None:
    (row,) = check_pairs(
        [pair("회사는 13영업일 이내에 지급합니다.", "접수한날부터 13 영업일 이내에")], Library([CHUNK]), CheckSettings()
    ).rows
    (evidence,) = row.evidence
    assert evidence.quote == "접수한 날부터 13영업일 이내에" == CHUNK.text[evidence.start : evidence.end]
    assert [region.page for region in evidence.regions] == [2]
    assert row.page == 2


def test_a_quote_over_two_lines_has_the_boxes_of_both() -> None:
    (row,) = check_pairs(
        [pair("보험금을 지급합니다.", "보험금(주계약)을 지급합니다. ② 계약자는")], Library([CHUNK]), CheckSettings()
    ).rows
    assert [region.page for region in row.evidence[0].regions] == [2, 3]


def test_brackets_at_the_ends_of_a_quote_stay_with_it() -> None:
    (row,) = check_pairs([pair("보험금", "보험금(주계약)", "(주계약)을 지급")], Library([CHUNK]), CheckSettings()).rows
    assert [evidence.quote for evidence in row.evidence] == ["보험금(주계약)", "(주계약)을 지급"]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (pair("13영업일입니다.", "회사는 보험금을 지급하지 않습니다"), "quote_not_in_clause"),
        (pair("13영업일입니다.", QUOTE, "없는 문장입니다"), "quote_not_in_clause"),
        (pair("3영업일 이내에 지급합니다.", "3영업일 이내에"), "quote_not_in_clause"),  # inside 13영업일
        (pair("13영업일입니다.", "회사"), "quote_not_in_clause"),
        (pair("13영업일입니다."), "no_quote"),
        (pair("13영업일입니다.", "  ", "()"), "no_quote"),
        (pair("10영업일 이내에 지급합니다.", QUOTE), "number_not_in_evidence"),
        (pair("13개월 이내에 지급합니다.", QUOTE), "number_not_in_evidence"),
        (pair("15일 이내에 지급합니다.", QUOTE), "number_not_in_evidence"),  # of another paragraph
        (pair("제12조에 따라 지급합니다.", QUOTE), "number_not_in_evidence"),
        (pair("13영업일입니다.", QUOTE, question="뭐?"), "question_length"),
        (pair("네", QUOTE), "answer_length"),
        (pair("13영업일입니다.", QUOTE, chunk="0" * 32), "unknown_chunk"),
    ],
)
def test_what_does_not_rest_on_its_clause_is_dropped_with_the_reason(wrong: Pair, reason: str) -> None:
    assert reasons(wrong) == [reason]


def test_an_answer_may_cite_what_the_clause_cites_and_count_its_own_list() -> None:
    assert reasons(pair("제9조 제1항에 따라 13영업일 이내에 지급합니다.", QUOTE), pair("제7조에 따릅니다.", QUOTE)) == []
    assert reasons(pair("4. 회사는 지급합니다.\n5) 13영업일 이내에 지급합니다.", QUOTE)) == []


def choice(*wrong: str, right: str = "13영업일 이내에 지급합니다.") -> Pair:
    options = [Option(text=right, answer=right, correct=True, error="")]
    options += [Option(text=text, answer=text, correct=False, error="number") for text in wrong]
    return pair(right, QUOTE, kind="choice", options=tuple(options))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (choice("3일 이내에 지급합니다.", "13개월 이내에 지급합니다."), None),
        (choice("3일 이내에 지급합니다.", "13 영업일 이내에 지급합니다"), "distractor_equals_answer"),
        (choice("3일 이내에 지급합니다.", "십삼 영업일 이내에 지급합니다."), "distractor_equals_answer"),
        (choice("3일 이내에 지급합니다.", "「13영업일」 이내에 지급합니다."), "distractor_equals_answer"),
        (choice("3일 이내에 지급합니다."), "too_few_options"),
        (choice("3일 이내에 지급합니다.", "3일  이내에 지급합니다."), "too_few_options"),
        (choice(), "too_few_options"),
        (pair("13영업일입니다.", QUOTE, kind="choice"), "too_few_options"),
    ],
)
def test_options_must_differ_in_more_than_form(row: Pair, reason: str | None) -> None:
    assert reasons(row) == ([reason] if reason else [])


@given(st.integers(0, 5), st.integers(0, 5))
def test_nothing_gets_lost(good: int, bad: int) -> None:
    rows = [pair(f"13영업일 이내에 지급합니다{'.' * n}", QUOTE) for n in range(good)]
    rows += [pair(f"13영업일 이내에 지급합니다{'!' * n}", "없는 문장") for n in range(bad)]
    kept = check_pairs(rows, Library([CHUNK]), CheckSettings())
    assert (len(kept.rows), len(kept.dropped)) == (good, bad)
    assert [row.model_copy(update={"evidence": ()}) for row in kept.rows] == rows[:good]


@given(st.text(max_size=60), st.data())
def test_every_piece_of_a_clause_is_located_as_itself(text: str, data: st.DataObject) -> None:
    clause = Clause(make_chunk(text))
    start = data.draw(st.integers(0, len(text)))
    quote = text[start : data.draw(st.integers(start, len(text)))]
    found = clause.locate(quote)
    if found is None:
        assert not comparable(quote) or any(c.isdigit() for c in text) or locate(quote, text) is None
    else:
        assert comparable(text[slice(*found)]) == comparable(quote)
