from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.check.questions import (
    CHECKS,
    answerable,
    asks,
    copies_demonstration,
    language,
    leaks_answer,
    points_nowhere,
)
from tasks.check.seen import Seen, findings

CLAUSE = (
    "제9조(보험금의 지급절차) ① 회사는 청구서류를 접수한 날부터 3영업일 이내에 보험금을 지급합니다.\n"
    "② 조사가 필요한 경우에는 30영업일까지 늦출 수 있습니다. 이 경우 계약자에게 서면으로 알려야 합니다."
)
ENGLISH = "Section 9 Payment. 9.1 The insurer shall pay the claim within 7 business days of receiving the documents."
DEMONSTRATION = """문서: 한빛 생활안심보험 약관
제14조(보험금의 청구와 지급) ② 회사는 서류를 접수한 날부터 7영업일 이내에 보험금을 지급합니다.
「한빛 생활안심보험 약관」 제14조(보험금의 청구와 지급) 제2항에 따르면, 회사는 보험금을 언제까지 지급하나요?"""
QUESTION = "「별솔 건강보험 약관」 제9조(보험금의 지급절차)에 따르면, 회사는 보험금을 언제까지 지급하나요?"
ANSWER = "회사는 청구서류를 접수한 날부터 3영업일 이내에 보험금을 지급합니다."


def seen(question: str, answer: str = ANSWER, **more: object) -> Seen:
    english = more.get("language") == "en"
    given = {
        "question": question,
        "answer": answer,
        "language": "ko",
        "clause": ENGLISH if english else CLAUSE,
        "names": "Example Policy" if english else "별솔 건강보험 약관 > 제9조(보험금의 지급절차)",
        "demonstration": DEMONSTRATION,
    }
    return Seen(**(given | more))  # type: ignore[arg-type]


def found(question: str, answer: str = ANSWER, checks: object = CHECKS, **more: object) -> set[tuple[str, bool]]:
    return {(f.reason, f.hard) for f in findings(seen(question, answer, **more), checks)}  # type: ignore[arg-type]


LEAK = "회사는 청구서류를 접수한 날부터 3영업일 이내에 보험금을 지급할 때 며칠 이내에 지급하나요?"
FAULTS = [
    (asks, "회사는 보험금을 지급합니다.", "question_not_answerable", True),
    (points_nowhere, "이 조항에 따르면 회사는 보험금을 언제까지 지급하나요?", "question_points_nowhere", True),
    (points_nowhere, "이 경우 보험금을 언제까지 늦출 수 있나요?", "question_points_nowhere", True),
    (language, "When must the insurer pay the benefit?", "question_language", True),
    (
        copies_demonstration,
        "「한빛 생활안심보험 약관」 제14조에 따르면, 회사는 보험금을 언제까지 지급하나요?",
        "question_copies_demonstration",
        True,
    ),
    (leaks_answer, LEAK, "question_leaks_answer", True),
    (answerable, "「여객자동차 운수사업법」에 따르면 회사는 보험금을 언제까지 지급하나요?", "question_not_answerable", False),
    (answerable, "회사는 보험금을 90일 안에 지급할 때 이자를 얼마나 더하나요?", "question_not_answerable", False),
]


@pytest.mark.parametrize(("check", "question", "reason", "hard"), FAULTS)
def test_each_fault_is_found_by_its_check_alone(check: object, question: str, reason: str, hard: bool) -> None:
    assert (reason, hard) in found(question)
    assert (reason, hard) not in found(question, checks=[other for other in CHECKS if other is not check])


def test_every_check_has_a_row_that_needs_it() -> None:
    assert {check for check, *_ in FAULTS} == set(CHECKS)


@pytest.mark.parametrize(
    "question",
    [
        "해당 내용은 무엇인가요?",
        "본 약관에서 보험금을 언제까지 지급하나요?",
        "위 표에서 사망보험금은 얼마인가요?",
        "다음 중 옳은 것은 무엇인가요?",
        "주어진 본문에 따르면 언제까지 지급하나요?",
        "그 기간은 며칠인가요?",
        "상기 규정에 따라 누가 지급하나요?",
        "「별솔 건강보험 약관」의 위 표에 따르면 보험금은 얼마인가요?",
        "앞서 설명한 절차는 무엇인가요?",
    ],
)
def test_a_question_that_points_nowhere_goes(question: str) -> None:
    assert ("question_points_nowhere", True) in found(question)


@pytest.mark.parametrize(
    "question", ["이를 언제까지 알려야 하나요?", "제2항에 따라 누구에게 알려야 하나요?", "전항의 경우 언제까지 지급하나요?"]
)
def test_a_pronoun_or_a_bare_paragraph_is_a_doubt(question: str) -> None:
    assert ("question_points_nowhere", False) in found(question)


@pytest.mark.parametrize(
    "question",
    [
        QUESTION,
        "「별솔 건강보험 약관」 제9조에 따르면, 이 약관에서 보험금은 언제까지 지급하나요?",
        "조사가 필요하여 보험금 지급을 늦추는 경우, 이 경우에 누구에게 알려야 하나요?",
        "회사가 청구서류를 접수한 날부터 보험금을 지급해야 하는 기한을 설명하시오.",
        "보험금을 늦출 수 있나요?",
        "제9조 제2항에 따르면 계약자에게 어떤 방법으로 알려야 하나요?",
        "보험금 청구에 대한 이자와 동의는 무엇인가요?",
    ],
)
def test_good_questions_pass(question: str) -> None:
    assert found(question) == set()


def test_options_and_lists_of_its_own_give_the_next_ones_a_meaning() -> None:
    question = "보험금의 지급에 관하여 다음 중 옳은 것은 무엇인가요?"
    assert ("question_points_nowhere", True) in found(question)
    assert found(question, options=("가", "나")) == set()
    assert found(question + "\n① 3영업일\n② 30영업일") == set()


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("According to section 9 of the \"Example Policy\", when must the insurer pay a claim?", set()),
        ("When must the insurer pay a claim?", set()),
        ("What does this clause say about the claim?", {("question_points_nowhere", True)}),
        ("According to the above, when must the insurer pay the claim?", {("question_points_nowhere", True)}),
        ("Which of the following is true?", {("question_points_nowhere", True)}),
        ("When must it pay the claim?", {("question_points_nowhere", False)}),
        ("보험금은 언제까지 지급하나요?", {("question_language", True)}),
    ],
)  # fmt: skip
def test_english_questions(question: str, expected: set[tuple[str, bool]]) -> None:
    answer = "The insurer shall pay the claim within 7 business days of receiving the documents."
    assert {f for f in found(question, answer, language="en") if f[0] != "question_not_answerable"} == expected


def test_yes_or_no_and_a_restated_condition_leak_nothing() -> None:
    assert (
        found(
            "회사는 접수한 날부터 3영업일 이내에 보험금을 지급하나요?",
            "네, 회사는 접수한 날부터 3영업일 이내에 보험금을 지급합니다.",
        )
        == set()
    )
    asked = "조사가 필요한 경우에는 보험금 지급을 언제까지 늦출 수 있나요?"
    assert found(asked, "조사가 필요한 경우에는 30영업일까지 늦출 수 있습니다.") == set()


def test_the_title_of_the_clause_tells_nothing_of_the_answer() -> None:
    titled = "제9조(3영업일 이내 지급)에 따르면, 청구서류를 받은 회사는 언제까지 보험금을 내주나요?"
    assert found(titled, "3영업일 이내에 지급합니다.") == set()


@given(st.text(max_size=200), st.text(max_size=100), st.sampled_from(["ko", "en"]))
def test_whatever_is_asked_the_checks_answer(question: str, answer: str, language: str) -> None:
    assert all(f.detail for f in findings(seen(question, answer, language=language), CHECKS))
