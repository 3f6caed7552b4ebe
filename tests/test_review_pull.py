from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from review.pull import to_verdict
from tasks.records import Verdict

SUGGESTED = {"edited_question": "몇 개월인가요?", "edited_answer": "3개월입니다.", "edited_chosen": "3개월입니다."}


def submitted(queue: Any = "qa", status: str = "submitted", **values: Any) -> Verdict | None:
    response = {
        "values": {question: {"value": value} for question, value in values.items()},
        "status": status,
        "updated_at": "2026-11-21T10:00:00.123456",
    }
    return to_verdict(queue, "r", SUGGESTED, response, "kim")


def test_an_approval_brings_no_texts_although_the_screen_submits_the_suggested_ones() -> None:
    verdict = submitted(decision="approve", edited_question=SUGGESTED["edited_question"], edited_answer="3개월입니다.")
    assert verdict is not None
    assert (verdict.decision, verdict.question, verdict.answer, verdict.annotator) == ("approve", "", "", "kim")
    assert verdict.time == datetime(2026, 11, 21, 10, 0, 0, 123456, tzinfo=UTC)


def test_an_edit_brings_only_the_text_that_was_changed() -> None:
    verdict = submitted(decision="edit", edited_question=SUGGESTED["edited_question"], edited_answer="6개월입니다.")
    assert verdict is not None
    assert (verdict.decision, verdict.question, verdict.answer) == ("edit", "", "6개월입니다.")


def test_an_edit_without_a_change_is_an_approval() -> None:
    for same in ({}, {"edited_answer": ""}, {"edited_answer": "3개월입니다. \n"}, {"edited_answer": "3개월입니다.\u00a0"}):
        verdict = submitted(decision="edit", **same)
        assert verdict is not None
        assert verdict.decision == "approve"


def test_an_approval_with_a_changed_text_is_an_edit() -> None:
    verdict = submitted("dpo", decision="approve", edited_chosen="계약일부터 3개월입니다.")
    assert verdict is not None
    assert (verdict.decision, verdict.answer) == ("edit", "계약일부터 3개월입니다.")


def test_a_rejection_stays_one_whatever_was_typed() -> None:
    verdict = submitted(decision="reject", reason="useless", comment=" 흔함 ", edited_answer="다른 답")
    assert verdict is not None
    assert (verdict.decision, verdict.answer, verdict.reason, verdict.comment) == ("reject", "", "useless", "흔함")


def test_a_reason_that_is_not_on_the_list_is_no_reason() -> None:
    verdict = submitted(decision="reject", reason="<b>")
    assert verdict is not None
    assert verdict.reason == ""


@pytest.mark.parametrize("values", [{}, {"decision": "perhaps"}, {"edited_answer": "글만"}])
def test_a_response_that_decides_nothing_is_no_verdict(values: dict[str, str]) -> None:
    assert submitted(**values) is None


@pytest.mark.parametrize("status", ["draft", "discarded"])
def test_only_what_was_submitted_counts(status: str) -> None:
    assert submitted(status=status, decision="approve") is None


def test_a_response_without_values_is_no_verdict() -> None:
    response = {"values": None, "status": "submitted", "updated_at": "2026-11-21T10:00:00"}
    assert to_verdict("qa", "r", {}, response, "kim") is None
