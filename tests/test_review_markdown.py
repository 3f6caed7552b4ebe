from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.markdown import escape_markdown, mark_ranges, unescape_markdown
from tasks.text.normal import stored

ACTIVE = st.text(alphabet="<>&*_`~[]()!#+-=|$\\:/@.0123456789 \n\t가나w", max_size=60)


@given(ACTIVE | st.text(max_size=60))
def test_escaped_text_comes_back_as_it_was_stored(text: str) -> None:
    assert unescape_markdown(escape_markdown(text)) == stored(text).replace("\r", "")


@given(ACTIVE)
def test_no_character_that_means_something_is_left(text: str) -> None:
    written = escape_markdown(text)
    assert not re.match(r"\s|[+=:-]|#|\d{1,9}[.)]", written)
    escaped = written.replace("<br>", "")
    assert not re.search(r"[<>*_`~\[\]|$\\@\n]", escaped)
    assert not re.search(r"&(?!#\d+;|amp;|lt;|gt;)", escaped)
    assert "://" not in escaped
    assert not re.search(r"\bwww\.", escaped, re.IGNORECASE)


@pytest.mark.parametrize(
    "text", ["3.5%", "제12조(보험금의 지급사유) ① 회사는", "1,000만원 이상 - 2년", "A/B 형", "2024. 1. 1.부터"]
)
def test_ordinary_clauses_stay_readable_in_the_source_of_the_field(text: str) -> None:
    assert escape_markdown("가 " + text) == "가 " + text


def test_a_number_that_begins_a_text_does_not_become_a_list() -> None:
    assert escape_markdown("1. 회사는") == "1&#46; 회사는"


def test_the_evidence_is_marked_and_everything_else_is_escaped() -> None:
    assert mark_ranges("가 <b> 나 *다*", [(6, 7)]) == "가 &lt;b&gt; <mark>나</mark> &#42;다&#42;"


def test_overlapping_evidence_is_one_mark() -> None:
    assert mark_ranges("가나다라마", [(3, 4), (1, 3), (0, 2)]) == "<mark>가나다라</mark>마"


@given(ACTIVE, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60))))
def test_marks_never_change_the_text(text: str, ranges: list[tuple[int, int]]) -> None:
    marked = mark_ranges(text, ranges)
    assert marked.count("<mark>") == marked.count("</mark>")
    assert unescape_markdown(re.sub("</?mark>", "", marked)) == text
