"""Take away or turn round any one check, and the cases of tests/claim_cases.py notice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from claim_cases import RIGHT, WRONG

from tasks.check import claims
from tasks.check.claims import CHECKS, Case, Check, Context, compare
from tasks.check.findings import Finding

NAMES = [check.__name__ for check in CHECKS]


def wrong_cases_missed() -> list[str]:
    return [
        case.answer
        for case in WRONG
        if (case.reason, case.hard)
        not in {(finding.reason, finding.hard) for finding in compare(case.answer, [case.evidence], Context(), case.language)}
    ]


def right_cases_refused() -> list[str]:
    return [case.answer for case in RIGHT if list(compare(case.answer, [case.evidence], Context(), case.language))]


def inverted(check: Check) -> Check:
    def opposite(case: Case) -> Iterator[Finding]:
        if not list(check(case)):
            yield Finding("number_not_in_evidence", "nothing was found", hard=True)

    return opposite


def test_all_checks_together_miss_nothing():
    assert not wrong_cases_missed()
    assert not right_cases_refused()


@pytest.mark.parametrize("name", NAMES)
def test_without_one_check_a_wrong_answer_passes(name, monkeypatch):
    monkeypatch.setattr(claims, "CHECKS", tuple(check for check in CHECKS if check.__name__ != name))
    assert wrong_cases_missed()


@pytest.mark.parametrize("name", NAMES)
def test_with_one_check_turned_round_wrong_passes_and_right_does_not(name, monkeypatch):
    turned = tuple(inverted(check) if check.__name__ == name else check for check in CHECKS)
    monkeypatch.setattr(claims, "CHECKS", turned)
    assert wrong_cases_missed()
    assert right_cases_refused()


@pytest.mark.parametrize("name", NAMES)
def test_every_check_has_a_case_that_it_alone_finds(name, monkeypatch):
    monkeypatch.setattr(claims, "CHECKS", tuple(check for check in CHECKS if check.__name__ == name))
    mine = [case for case in WRONG if case.check == name]
    assert mine
    for case in mine:
        found = compare(case.answer, [case.evidence], Context(), case.language)
        assert (case.reason, case.hard) in {(finding.reason, finding.hard) for finding in found}
