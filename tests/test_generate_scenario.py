from __future__ import annotations

from typing import Any

import pytest

from tasks.generate.replies import ScenarioItem
from tasks.generate.scenario import faults, is_novel, narrative, pattern

GOOD: dict[str, Any] = {
    "title": "쪼개어 보내기",
    "roles": ["총책", "자금 운반책", "준법감시인"],
    "accounts": [
        {"name": "가", "holder": "총책", "balance": 3_000_000},
        {"name": "나", "holder": "자금 운반책", "balance": 0},
    ],
    "events": [
        {
            "day": 0,
            "hour": 9,
            "role": "총책",
            "action": "보낸다",
            "source": "가",
            "target": "나",
            "amount": 900_000,
            "sign": "기준액 바로 아래",
        },
        {
            "day": 0,
            "hour": 10,
            "role": "자금 운반책",
            "action": "찾는다",
            "source": "나",
            "target": "",
            "amount": 900_000,
            "sign": "곧 인출",
        },
        {
            "day": 1,
            "hour": 9,
            "role": "준법감시인",
            "action": "거래를 살펴본다",
            "source": "",
            "target": "",
            "amount": 0,
            "sign": "",
        },
    ],
    "question": "무엇이 의심스러운가요?",
    "answer": "기준액 바로 아래의 금액을 받아 곧바로 찾은 점이 의심스럽습니다.",
    "quotes": [],
}


def scenario(**changes: Any) -> ScenarioItem:
    return ScenarioItem.model_validate(GOOD | changes)


def events(place: int, **changes: Any) -> dict[str, Any]:
    return {"events": [event | (changes if number == place else {}) for number, event in enumerate(GOOD["events"])]}


def test_a_scenario_in_which_all_adds_up_has_no_fault() -> None:
    assert faults(scenario()) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        (events(1, day=0, hour=8), "time runs backwards"),
        (events(2, hour=24), "does not exist"),
        (events(0, amount=3_000_001), "pays more than it holds"),
        (events(1, source="다"), "an account that is not there"),
        (events(2, amount=5), "an amount without an account"),
        (events(0, target="가"), "no movement of money"),
        (events(2, role="행인"), "acts but has no role"),
        ({"events": GOOD["events"][:2]}, "the least"),
        ({"accounts": GOOD["accounts"][:1] * 2}, "two accounts of one name"),
    ],
)
def test_what_does_not_add_up_is_named(changes: dict[str, Any], fault: str) -> None:
    assert any(fault in said for said in faults(scenario(**changes)))


def test_money_that_came_can_go() -> None:
    assert faults(scenario(**events(1, amount=900_001))) == ["나 pays more than it holds: 찾는다"]


def test_the_narrative_tells_time_people_and_money() -> None:
    told = narrative(scenario(), "ko")
    assert "1일째 09시 총책: 보낸다 [가 → 나: 900,000]" in told
    assert "2일째 09시 준법감시인: 거래를 살펴본다" in told
    assert "- 가 (총책): 3,000,000" in told


def test_a_pattern_that_was_there_is_not_novel() -> None:
    same, other = pattern(scenario()), pattern(scenario(**events(0, sign="다른 나라로")))
    assert not is_novel(same, [same])
    assert is_novel(other, [same])
    assert is_novel(same, [])
