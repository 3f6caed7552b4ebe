from __future__ import annotations

import time

import pytest
from claim_cases import NOTICE, PAY, RIGHT, WRONG, Right, Wrong
from hypothesis import given
from hypothesis import strategies as st

from tasks.check.claims import Context, compare
from tasks.check.findings import Finding
from tasks.text.references import references_of


def found(answer: str, *evidence: str, context: Context | None = None) -> list[Finding]:
    return list(compare(answer, evidence, context or Context(), "ko"))


@pytest.mark.parametrize("case", WRONG, ids=lambda case: f"{case.check}: {case.answer[:40]}")
def test_what_the_evidence_does_not_say_is_found(case: Wrong):
    assert (case.reason, case.hard) in {
        (finding.reason, finding.hard) for finding in compare(case.answer, [case.evidence], Context(), case.language)
    }


@pytest.mark.parametrize("case", RIGHT, ids=lambda case: case.what)
def test_other_words_for_the_same_are_accepted(case: Right):
    assert list(compare(case.answer, [case.evidence], Context(), case.language)) == []


@pytest.mark.parametrize("case", WRONG, ids=lambda case: f"{case.check}: {case.answer[:40]}")
def test_the_evidence_itself_is_accepted(case: Wrong):
    assert list(compare(case.evidence, [case.evidence], Context(), case.language)) == []


def test_a_finding_shows_the_words_at_fault():
    (finding,) = found("회사는 서류를 접수한 날부터 5영업일 이내에 보험금을 지급합니다.", PAY)
    assert "5 영업일" in finding.detail
    assert "3 영업일" in finding.detail


def test_a_number_of_the_heading_may_be_told():
    answer = "4세대 약관에서 회사는 서류를 접수한 날부터 3영업일 이내에 보험금을 지급합니다."
    assert found(answer, PAY)[0].reason == "number_not_in_evidence"
    assert not found(answer, PAY, context=Context(heading=("4세대 약관",)))


def test_a_reference_to_a_clause_that_does_not_exist_is_proof():
    exists = references_of(["제1조", "제9조 ①", "제9조 ②"])
    heading = ("제9조(보험금의 지급)",)
    answer = "{}에 따르면 회사는 서류를 접수한 날부터 3영업일 이내에 보험금을 지급합니다."
    for cited, hard in (("제9조", None), ("제1조", False), ("제99조", True)):
        findings = found(answer.format(cited), PAY, context=Context(heading=heading, references=exists))
        assert [finding.hard for finding in findings] == ([] if hard is None else [hard])


def test_an_exception_that_stands_in_the_clause_behind_the_quote_is_a_doubt():
    rule = NOTICE.split(" 다만")[0]
    answer = "사용자는 근로자를 해고하려면 반드시 적어도 30일 전에 예고를 해야 합니다."
    findings = found(answer, rule, context=Context(clause=NOTICE))
    assert ("exception_dropped", False) in {(finding.reason, finding.hard) for finding in findings}
    assert not found(answer.replace("반드시 ", ""), rule)


def test_a_contradiction_far_from_the_evidence_is_a_doubt():
    (finding,) = found("그 밖의 사항은 별도로 협의하여 정하며 통상 45일 정도가 걸립니다.", PAY)
    assert finding == Finding("number_not_in_evidence", finding.detail, hard=False)


def test_several_quotes_are_one_evidence():
    assert not found(
        "회사는 3영업일 이내에 지급하고, 조사가 필요하면 30영업일까지 늦출 수 있습니다.",
        PAY,
        "다만, 조사가 필요한 경우에는 30영업일까지 늦출 수 있습니다.",
    )


@given(st.text(max_size=200), st.text(max_size=200), st.sampled_from(["ko", "en"]))
def test_any_text_can_be_compared(answer, evidence, language):
    list(compare(answer, [evidence], Context(), language))


@given(st.text(alphabet="회사는계약자에게 3개월 이내또는하여야한다.,다만\n12조제", max_size=120))
def test_a_text_agrees_with_itself(text):
    assert not [finding for finding in compare(text, [text], Context(), "ko") if finding.hard]


def test_hostile_repetition_takes_no_quadratic_time():
    def seconds(times: int) -> float:
        text = "회사는 3영업일 이내에 지급하지 아니할 수 없다 또는 모두 " * times
        begun = time.process_time()
        found(text, text)
        return time.process_time() - begun

    seconds(1)
    assert seconds(40) < 60 * max(seconds(4), 0.005)


def test_no_evidence_is_no_error():
    assert [finding.reason for finding in found("3영업일 이내에 지급합니다.")] == ["number_not_in_evidence"]
