from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.errors import SettingsError
from tasks.generate.generate import Prompts, generate, load_prompts, make_orders
from tasks.generate.kinds import KINDS, Material
from tasks.generate.replies import ChoiceReply, QaReply
from tasks.llm.asks import Answer, Ask
from tasks.records import Box, Chunk, Span
from tasks.settings import GenerateSettings, ModelSettings

MODEL = ModelSettings(model="m-1", temperature=0.3)


def make_chunk(
    number: int = 1,
    text: str = "회사는 청구서류를 접수한 날부터 3영업일 이내에 보험금을 지급하여야 합니다.\n"
    "계약자는 보험증권을 받은 날부터 15일 이내에 청약을 철회할 수 있습니다.\n"
    "피보험자는 주소를 옮기면 곧바로 회사에 알려야 합니다.",
    language: Literal["ko", "en"] = "ko",
) -> Chunk:
    heading = ("별솔 약관", f"제{number}조(보험금의 지급)")
    span = Span(page=number, box=Box(x0=0, y0=0, x1=9, y1=9), start=0, end=len(text))
    return Chunk(
        id=Chunk.make_id(heading, f"제{number}조", 1, text),
        document="d",
        path="pdf/별솔.pdf",
        language=language,
        heading=heading,
        clause=f"제{number}조",
        part=1,
        text=text,
        spans=(span,),
    )


def asks_of(*given: Any) -> list[Ask]:
    return [order.ask for order in make_orders(*given)]


def qa(number: int) -> dict[str, Any]:
    return {
        "type": "fact",
        "question": f" 질문 {number}은 무엇인가요?\n",
        "answer": f"답변 {number}입니다.",
        "quotes": ["3영업일 이내에"],
    }


def choice(number: int, wrong: int = 3) -> dict[str, Any]:
    distractors = [{"text": f"오답 {number}-{n}입니다.", "error": "number"} for n in range(wrong)]
    return {"question": f"질문 {number}?", "correct": f"정답 {number}입니다.", "quotes": ["3영업일"], "distractors": distractors}


def answering(qa_items: int = 3, choice_items: int = 1, problem: Any = "") -> Any:
    def ask(asks: Sequence[Ask]) -> list[Answer]:
        values = {
            "qa": QaReply.model_validate({"items": [qa(n) for n in range(qa_items)]}),
            "choice": ChoiceReply.model_validate({"items": [choice(n) for n in range(choice_items)]}),
        }
        return [Answer(a, f"key-{a.id[:4]}-{a.kind}", None if problem else values[a.kind], problem, "why", True) for a in asks]

    return ask


def prompts(settings: GenerateSettings | None = None) -> Prompts:
    return load_prompts(settings or GenerateSettings(), ["ko", "en"], None)


def test_every_item_of_a_reply_is_a_pair_with_its_lineage() -> None:
    chunk = make_chunk()
    kept = generate([chunk], GenerateSettings(), MODEL, prompts(), answering(), "run-7", {"d": "별솔 건강보험 약관"})
    assert Counter(pair.kind for pair in kept.rows) == {"qa": 3, "choice": 1}
    assert kept.dropped == []
    pair = kept.rows[0]
    assert (pair.question, pair.answer, pair.chunk, pair.evidence) == ("질문 0은 무엇인가요?", "답변 0입니다.", chunk.id, ())
    assert (pair.lineage.model, pair.lineage.run, pair.lineage.sampling.temperature) == ("m-1", "run-7", 0.3)
    assert pair.lineage.prompt_hash == prompts()["qa", "ko"].hash
    assert pair.lineage.call.endswith("-qa")


def test_the_right_option_is_not_always_the_first_and_stands_where_it_stood_before() -> None:
    chunks = [make_chunk(n) for n in range(1, 30)]
    settings = GenerateSettings(kinds={"choice": 1})
    rows = [generate(chunks, settings, MODEL, prompts(settings), answering(), run).rows for run in ("a", "b")]
    places = [[option.correct for option in pair.options].index(True) for pair in rows[0]]
    assert set(places) == {0, 1, 2, 3}
    assert [pair.options for pair in rows[1]] == [pair.options for pair in rows[0]]
    assert [pair.id for pair in rows[1]] == [pair.id for pair in rows[0]]
    for pair in rows[0]:
        (right,) = [option for option in pair.options if option.correct]
        assert (right.answer, right.error) == (pair.answer, "")


def test_short_chunks_are_not_asked_about() -> None:
    asked: list[Ask] = []

    def ask(asks: Sequence[Ask]) -> list[Answer]:
        asked.extend(asks)
        return []

    kept = generate([make_chunk(text="짧다.")], GenerateSettings(), MODEL, prompts(), ask, "r")
    assert (asked, kept.rows, [(d.type, d.reason) for d in kept.dropped]) == ([], [], [("Chunk", "too_short")])


def test_a_failed_ask_is_a_dropped_chunk_with_the_problem_as_its_reason() -> None:
    kept = generate([make_chunk()], GenerateSettings(), MODEL, prompts(), answering(problem="refusal"), "r")
    assert [(d.type, d.reason, d.detail) for d in kept.dropped] == [
        ("Chunk", "refusal", "qa: why"),
        ("Chunk", "refusal", "choice: why"),
    ]


def test_a_model_that_finds_nothing_to_ask_is_on_record() -> None:
    kept = generate([make_chunk()], GenerateSettings(), MODEL, prompts(), answering(0, 1), "r")
    assert [d.reason for d in kept.dropped] == ["nothing_written"]
    assert len(kept.rows) == 1


def test_control_characters_and_lone_surrogates_of_a_model_never_reach_a_row() -> None:
    reply = QaReply.model_validate(
        {"items": [{"type": "fact", "question": "무엇\x00인가요?\ud800", "answer": "답\u0007", "quotes": ["가\x0b"]}]}
    )
    (pair,) = KINDS["qa"].to_pairs(
        reply,
        Material(make_chunk(), 3),
        generate([make_chunk()], GenerateSettings(), MODEL, prompts(), answering(), "r").rows[0].lineage,
    )
    assert (pair.question, pair.answer, pair.quotes) == ("무엇인가요?", "답", ("가",))


@given(st.integers(0, 6), st.integers(0, 4), st.integers(1, 4), st.integers(0, 3), st.integers(0, 2))
def test_nothing_gets_lost_on_the_way(qa_items: int, choice_items: int, qa_count: int, long: int, short: int) -> None:
    chunks = [*(make_chunk(n) for n in range(1, long + 1)), *(make_chunk(90 + n, "짧다.") for n in range(short))]
    settings = GenerateSettings(kinds={"qa": qa_count, "choice": 1})
    kept = generate(chunks, settings, MODEL, prompts(settings), answering(qa_items, choice_items), "r")
    empty = long * ((qa_items == 0) + (choice_items == 0))
    assert len(kept.rows) + len(kept.dropped) == long * (qa_items + choice_items) + empty + short
    assert len({pair.id for pair in kept.rows}) == len(kept.rows)


def test_the_same_item_twice_is_one_row_and_one_dropped_row() -> None:
    def ask(asks: Sequence[Ask]) -> list[Answer]:
        reply = QaReply.model_validate({"items": [qa(1), qa(1)]})
        return [Answer(a, "key", reply, "", "", True) for a in asks]

    settings = GenerateSettings(kinds={"qa": 3})
    kept = generate([make_chunk()], settings, MODEL, prompts(settings), ask, "r")
    assert (len(kept.rows), [d.reason for d in kept.dropped]) == (1, ["repeated"])


def test_a_prompt_holds_title_heading_and_text_and_follows_the_language_of_the_chunk() -> None:
    asks = asks_of([make_chunk(), make_chunk(2, language="en")], GenerateSettings(kinds={"qa": 2}), prompts(), {"d": "큰 제목"})
    assert [ask.kind for ask in asks] == ["qa", "qa"]
    assert "문서: 큰 제목\n위치: 별솔 약관 > 제1조(보험금의 지급)\n" in asks[0].user
    assert "Document: 큰 제목" in asks[1].user
    assert asks_of([make_chunk()], GenerateSettings(kinds={"qa": 1}), prompts(), {})[0].user.count("문서: 별솔\n") == 1


def test_an_unknown_kind_or_a_bad_prompt_is_a_mistake_in_the_settings(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"generate\.kinds\.poem.*choice, .*qa, "):
        load_prompts(GenerateSettings(kinds={"poem": 1}), ["ko"], None)
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "qa.ko.md").write_text("# Task\n")
    with pytest.raises(SettingsError, match=r"qa\.ko\.md"):
        load_prompts(GenerateSettings(kinds={"qa": 1}), ["ko"], tmp_path)
    assert load_prompts(GenerateSettings(kinds={"qa": 0}), ["ko"], tmp_path) == {}
