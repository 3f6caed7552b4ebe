from __future__ import annotations

from collections import Counter
from pathlib import Path

import pymupdf
import pytest

from tasks.check import form, language
from tasks.check.seen import Seen, findings
from tasks.text.misfits import misfits
from tasks.text.scripts import drifts
from tasks.text.sentences import sentences

CHECKS = (*language.CHECKS, *form.CHECKS)
GOOD = "회사는 청구서류를 접수한 날부터 3영업일 이내에 보험금을 지급합니다. 다만, 조사가 필요한 경우에는 늦출 수 있습니다."


def seen(answer: str, language: str = "ko", **more: object) -> Seen:
    question = "회사는 보험금을 언제까지 지급하나요?" if language == "ko" else "When does the insurer pay?"
    return Seen(**({"question": question, "answer": answer, "language": language} | more))  # type: ignore[arg-type]


def found(answer: str, checks: object = CHECKS, **more: object) -> set[tuple[str, bool]]:
    return {(f.reason, f.hard) for f in findings(seen(answer, **more), checks)}  # type: ignore[arg-type]


# A row that only one check faults, for each check: take the check away, and nothing is left.
FAULTS = [
    (language.one_register, "회사는 보험금을 지급합니다. 계약자는 보험료를 낸다.", "register_mixed", True),
    (language.wanted_register, "회사는 보험금을 지급한다.", "register_wrong", False),
    (language.particles, "회사은 보험금을 지급합니다.", "particle_wrong", True),
    (language.particles, "회사는 OTP을 지급합니다.", "particle_wrong", False),
    (language.language, "Kim Park Lee Choi", "answer_language", True),
    (language.scripts, "회사는 보험금을 支付합니다.", "foreign_script", True),
    (language.scripts, "회사는 보험금을 promptly 지급합니다.", "foreign_script", False),
    (form.markdown, "회사는 보험금을 **지급합니다.", "broken_markdown", True),
    (form.markdown, "다음과 같습니다.\n```\n지급", "broken_markdown", True),
    (form.markdown, "| 구분 | 금액 |\n| --- | --- |\n| 사망 | 1억 | 2억 |", "broken_markdown", True),
    (form.markdown, "회사는 보험금을 지급합니다.\n## 예외", "broken_markdown", False),
    (form.repeats, "회사는 보험금을 지급합니다. 회사는 보험금을 지급합니다.", "repeats", True),
    (form.repeats, "보험금 보험금 보험금 보험금 지급합니다.", "repeats", True),
    (form.repeats, "회사는 지급지급지급지급지급지급지급합니다.", "repeats", True),
    (form.leftovers, "물론입니다! 회사는 보험금을 지급합니다.", "model_leftovers", True),
    (form.leftovers, "답변: 회사는 보험금을 지급합니다.", "model_leftovers", True),
    (form.leftovers, '회사는 보험금을 지급합니다.", "quotes": ["회사는', "model_leftovers", True),
    (form.leftovers, "회사는 {{count}}일 이내에 지급합니다.", "model_leftovers", True),
    (form.leftovers, "회사는 [여기에 금액 입력]을 지급합니다.", "model_leftovers", True),
    (form.leftovers, "주어진 본문에 따르면 회사는 보험금을 지급합니다.", "model_leftovers", False),
    (form.truncated, "회사는 보험금을 지급합니다. 다만, 조사가 필요하여 서류를", "truncated", True),
    (form.truncated, "회사는 보험금을 지급합니다. 다만 조사가 필요한 경우", "truncated", False),
]


@pytest.mark.parametrize(("check", "answer", "reason", "hard"), FAULTS)
def test_each_fault_is_found_by_its_check_alone(check: object, answer: str, reason: str, hard: bool) -> None:
    assert (reason, hard) in found(answer)
    assert (reason, hard) not in found(answer, [other for other in CHECKS if other is not check])


def test_every_check_has_a_row_that_needs_it() -> None:
    assert {check for check, *_ in FAULTS} == set(CHECKS)


@pytest.mark.parametrize(
    "answer",
    [
        GOOD,
        "3년",
        "1억원",
        "네, 받을 수 있습니다.",
        "다음과 같습니다.\n1. 청구서\n2. 사고증명서를 제출함\n3. 신분증",
        "제3조는 “회사는 보험금을 지급하여야 한다.”라고 정합니다.",
        "| 구분 | 금액 |\n| --- | --- |\n| 사망 | 1억원 |\n| 장해 | 2억원 |",
        "**지급 기한**은 3영업일입니다.\n\n## 예외\n\n- 조사가 필요한 경우",
        "고의(故意)로 해친 경우에는 지급하지 않습니다.",
        "성명은 홍** 씨로 가립니다.",
    ],
)
def test_good_answers_pass(answer: str) -> None:
    assert found(answer) == set()


def test_good_english_passes_and_bad_english_does_not() -> None:
    assert found("The insurer pays within 7 business days.", language="en") == set()
    assert found("The insurer shall 지급 the claim.", language="en") == {("foreign_script", True)}
    assert ("answer_language", True) in found(GOOD, language="en")
    assert found("As an AI language model, I cannot tell.", language="en") == {("model_leftovers", True)}
    assert found("The insurer pays within 7 days. It may extend the", language="en") == {("truncated", True)}


def test_what_the_source_has_is_the_source_s() -> None:
    clause = "회사은 ○○에 [이름]을 적을 것. 다만, 그러하지 아니하다. Peer to Peer 방식을 쓴다."
    assert found("회사은 ○○에 [이름]을 적을 것. 다만, 그러하지 아니하다.", clause=clause, register=None) == set()
    assert found("Peer to Peer 방식을 씁니다.", clause=clause) == set()


@pytest.mark.parametrize("register", ["합니다체", "한다체", None])
def test_the_wanted_register_is_a_setting(register: str | None) -> None:
    expected = {("register_wrong", False)} if register == "한다체" else set()
    assert found(GOOD, register=register) == expected


@pytest.mark.slow
def test_statutes_as_they_are_fail_neither_particles_nor_drift(shared_data: Path) -> None:
    said: list[str] = []
    for path in sorted(shared_data.glob("law/*.pdf")):
        with pymupdf.open(path) as document:
            text = "\n".join(page.get_text() for page in document)
        said += [" ".join(s.split()) for s in sentences(text.replace("다.\n", "다.\0").replace("\n", " ").replace("\0", "\n"))]
    alarms = Counter(f"{m.word}{m.particle}" for s in said for m in misfits(s) if m.sure)
    foreign = Counter(drift.words for s in said for drift in drifts(s, "ko", s[:0]) if drift.sure)
    assert len(said) > 5000
    assert alarms.total() < 0.002 * len(said), alarms
    assert foreign.total() < 0.002 * len(said), foreign
