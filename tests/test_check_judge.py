from __future__ import annotations

from typing import Any

import pytest
from test_check import CHUNK, QUOTE, pair

from prompts.loader import load
from tasks.check.judge import judged, make_asks
from tasks.generate.replies import CRITERIA, JudgeReply
from tasks.llm.asks import Answer
from tasks.records import Doubt
from tasks.settings import JudgeSettings, ModelSettings, Settings

PAIR = pair("회사는 13영업일 이내에 지급합니다.", QUOTE).model_copy(update={"doubts": (Doubt(reason="repeats", detail="…"),)})
(ASK,) = make_asks([PAIR], {CHUNK.id: CHUNK}, "별솔 약관", {"ko": load("judge", "ko")})


def answer(problem: Any = "", **scores: int) -> Answer:
    items = [{"criterion": name, "score": scores.get(name, 5), "reason": f"까닭 {name}"} for name in CRITERIA]
    reply = None if problem else JudgeReply.model_validate({"scores": items})
    return Answer(ASK, "key", reply, problem, "why", True)


def test_the_judge_sees_source_question_answer_and_quotes() -> None:
    for text in (CHUNK.text, PAIR.question, PAIR.answer, QUOTE, "별솔 약관"):
        assert text in ASK.user


def test_scores_are_kept_and_a_low_one_is_a_doubt_with_the_reason() -> None:
    (row,) = judged([PAIR], [answer(complete=3)], JudgeSettings()).rows
    assert [score.score for score in row.scores] == [5, 3, 5, 5, 5]
    assert [doubt.reason for doubt in row.doubts] == ["repeats", "judged_low"]
    assert row.doubts[1].detail == "complete 3/5: 까닭 complete"


def test_a_score_below_the_bar_drops_the_row_with_the_reason() -> None:
    kept = judged([PAIR], [answer(faithful=1)], JudgeSettings(drop_below=2))
    assert kept.rows == []
    assert [(d.reason, d.detail) for d in kept.dropped] == [("judged_low", "faithful 1/5: 까닭 faithful")]


def test_a_row_that_was_not_judged_says_so() -> None:
    (row,) = judged([PAIR], [answer(problem="refusal")], JudgeSettings(drop_below=5)).rows
    assert (row.scores, row.doubts[-1].reason) == ((), "not_judged")


@pytest.mark.parametrize(
    ("models", "judge", "said"),
    [
        ({"writer": ModelSettings()}, {"ask": True}, "no \\[models.judge\\]"),
        ({"writer": ModelSettings(), "judge": ModelSettings()}, {"ask": True}, "writer's own model"),
    ],
)
def test_no_model_judges_itself_unless_it_is_told_to(models: Any, judge: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Settings(project={"name": "x"}, models=models, judge=judge)
    both = {"writer": ModelSettings(), "judge": ModelSettings()}
    assert Settings(project={"name": "x"}, models=both, judge={"ask": True, "own_model": True}).judge.ask
