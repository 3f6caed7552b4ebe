from __future__ import annotations

import re

import pytest
from review_rows import chunk, pair, preference, rows

from review.screen import agent_name, pair_record, pair_records, preference_record, preference_records
from tasks.errors import ReviewError
from tasks.records import Option


def test_a_record_bears_the_pairs_id_and_shows_the_clause_with_its_evidence_marked() -> None:
    clause = chunk(3)
    shown = pair_record(pair(clause), clause, "ko")
    assert shown.id == pair(clause).id
    assert shown.fields["source"] == (
        "<b>제3관 보험금 &gt; 제3조(보험금의 지급사유)</b>\n\n"
        "회사는 피보험자에게 보험금을 지급합니다.<br><mark>다만, 계약일부터 3개월 이내에는 3.5%만 지급합니다.</mark>\n\n"
        "<i>약관.pdf · 4쪽</i>"
    )
    assert "options" not in shown.fields


def test_the_page_is_said_in_the_projects_language() -> None:
    clause = chunk(3)
    assert pair_record(pair(clause), clause, "en").fields["source"].endswith("<i>약관.pdf · page 4</i>")


def test_options_of_a_multiple_choice_question_show_which_one_is_right() -> None:
    options = tuple(Option(text=text, answer=text, correct=text == "둘", error="") for text in ("하나*", "둘"))
    shown = pair_record(pair(chunk(1), kind="choice", options=options), chunk(1), "ko")
    assert shown.fields["options"] == "✘ 하나&#42;<br>✔ 둘"
    assert shown.metadata["kind"] == "choice"


def test_what_people_edit_is_the_models_text_itself_and_the_decision_is_not_suggested() -> None:
    shown = pair_record(pair(chunk(1), question="<b>얼마</b>인가요?"), chunk(1), "ko")
    assert {s.question: s.text for s in shown.suggestions} == {
        "edited_question": "<b>얼마</b>인가요?",
        "edited_answer": "일부만 받습니다.",
    }


def test_a_preference_shows_both_answers_and_the_source_of_its_pair() -> None:
    source = pair(chunk(2))
    shown = preference_record(preference(source), source, chunk(2), "ko")
    assert [shown.fields[name] for name in ("prompt", "chosen", "rejected")] == [
        source.question,
        source.answer,
        "전액을 받습니다.",
    ]
    assert "<mark>" in shown.fields["source"]
    assert shown.metadata == {
        "kind": "distractor",
        "document": "pdf/약관.pdf",
        "page": 3,
        "language": "ko",
        "model": "jeongdap-extractive",
    }


def test_nothing_of_a_hostile_pdf_reaches_the_page_as_mark_up() -> None:
    evil = "<img src=x onerror=alert(1)></mark><script>alert(2)</script>"
    clause = chunk(1, text=evil, heading=(evil,), path=f"pdf/{evil}.pdf")
    fields = pair_record(pair(clause, question=evil, answer=evil), clause, "ko").fields
    for text in fields.values():
        assert set(re.findall(r"<[^>]*>", text)) <= {"<b>", "</b>", "<i>", "</i>", "<mark>", "</mark>", "<br>"}
        assert text.count("<mark>") == text.count("</mark>") <= 1


@pytest.mark.parametrize(
    ("model", "agent"),
    [("gpt-5:mini", "gpt-5:mini"), ("모델/7B", "-/7B"), ("정답", "model"), ("a" * 300, "a" * 200), ("", "model")],
)
def test_a_models_name_becomes_one_that_argilla_takes(model: str, agent: str) -> None:
    assert agent_name(model) == agent


def test_a_pair_without_its_clause_and_a_preference_without_its_pair_are_named() -> None:
    chunks, pairs, preferences = rows(2)
    with pytest.raises(ReviewError, match=pairs[1].id):
        pair_records(pairs, chunks[:1], "ko")
    with pytest.raises(ReviewError, match=preferences[1].id):
        preference_records(preferences, pairs[:1], chunks, "ko")
