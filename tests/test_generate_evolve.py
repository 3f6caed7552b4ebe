from __future__ import annotations

from collections import Counter

import pytest
from test_generate import MODEL, answering, make_chunk, prompts

from tasks.generate.evolve import MODES, eliminate, to_evolve
from tasks.generate.generate import generate
from tasks.generate.kinds import make_pair
from tasks.records import Pair
from tasks.settings import GenerateSettings

CHUNKS = [make_chunk(number) for number in range(1, 41)]
PARENTS = generate(CHUNKS, GenerateSettings(kinds={"qa": 1, "choice": 1}), MODEL, prompts(), answering(), "r").rows
BY_ID = {pair.id: pair for pair in PARENTS}


def child(question: str, answer: str) -> Pair:
    parent = next(pair for pair in PARENTS if pair.kind == "qa")
    return make_pair(CHUNKS[0], "evolve", question, answer, ["3영업일"], parent.lineage, parent=parent.id)


def test_questions_that_stand_alone_evolve_and_all_modes_come_up() -> None:
    found = list(to_evolve(PARENTS, {chunk.id: chunk for chunk in CHUNKS}, 1, 0))
    assert len(found) == 40
    assert {material.parent.kind for material in found if material.parent} == {"qa"}
    assert set(Counter(material.values["mode"] for material in found)) == set(MODES)


def test_a_row_has_another_mode_in_the_next_round() -> None:
    chunks = {chunk.id: chunk for chunk in CHUNKS}
    first, second = ([m.values["mode"] for m in to_evolve(PARENTS, chunks, 1, turn)] for turn in (0, 1))
    assert all(one != other for one, other in zip(first, second, strict=True))


@pytest.mark.parametrize(
    ("question", "answer", "reason"),
    [
        ("질문 0은 무엇인가요?", "답변 0 입니다.", "no_gain"),
        ("어떤 서류를 언제까지 내야 하나요?", "죄송하지만 답변을 드릴 수 없습니다. 다른 질문을 해 주세요.", "refusal"),
        ("어떤 서류를 언제까지 내야 하나요?", "네.", "empty"),
        ("주어진 질문을 더 어렵게 하면 무엇인가요?", "서류를 접수한 날부터 3영업일 이내에 지급합니다.", "leaked_prompt"),
        (
            "서류가 모자라면 회사는 언제까지 무엇을 하여야 하나요?",
            "서류를 다시 받은 날부터 3영업일 이내에 지급하여야 합니다.",
            None,
        ),
    ],
)
def test_what_did_not_get_better_is_dropped_with_the_reason(question: str, answer: str, reason: str | None) -> None:
    kept = eliminate([child(question, answer)], BY_ID)
    assert [dropped.reason for dropped in kept.dropped] == ([reason] if reason else [])
    assert len(kept.rows) + len(kept.dropped) == 1
