"""The built-in prompts: what stands in their demonstrations must itself pass what is asked of a model's reply."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

import prompts
from prompts.loader import OURS, VARIABLE, Prompt, load, variables
from tasks.generate.kinds import KINDS
from tasks.generate.replies import CRITERIA, JudgeReply, ScenarioReply
from tasks.generate.scenario import faults
from tasks.text.normal import comparable
from tasks.text.numbers import numbers_agree
from tasks.text.register import endings

REPLIES: dict[str, type[BaseModel]] = {name: kind.reply for name, kind in KINDS.items()} | {"judge": JudgeReply}
EVERY = pytest.mark.parametrize(("kind", "lang"), [(kind, lang) for kind in sorted(REPLIES) for lang in ("ko", "en")])
KOREAN = pytest.mark.parametrize("kind", sorted(REPLIES))
FENCE = "0" * 16
OF_SOURCE = {"quotes", "quote"}
CLAIMS = {"answer", "correct", "explanation", "short", "text", "reason", "missing", "harm"}
SENTENCES = {"answer", "correct", "explanation", "statement", "text", "reason"}
CASES = {"reasoning", "evolve"}  # their questions bring facts of a case, numbers too
LONGEST = {"scenario": 3150}  # characters of task and demonstration in Korean; they are paid with every cold call
LONGEST_ELSE = 2800
SECTION = re.compile(r"\b[Ss]ection ([\d.]*\d)")  # stands in the source as a mark without the word
FOLDER = Path(prompts.__file__).parent


@cache
def shown(kind: str, lang: str) -> tuple[dict[str, str], Any]:
    """The demonstration: the values of its input, which must be the input part filled in, and its output."""
    prompt = load(kind, lang)
    parts = re.fullmatch(r"(?:입력|Input)\n\n(.*)\n\n(?:출력|Output)\n\n(\{.*\})", prompt.demonstration, re.DOTALL)
    assert parts, "a demonstration is an input and an output on one line"
    pieces = re.split(VARIABLE, prompt.input)
    named = [
        re.escape(piece) if place % 2 == 0 else FENCE if piece == "fence" else f"(?P<{piece}>.+?)"
        for place, piece in enumerate(pieces)
    ]
    values = re.fullmatch("".join(named), parts[1], re.DOTALL)
    assert values, "the demonstration's input is not the input part filled in"
    return values.groupdict(), json.loads(parts[2])


def form(prompt: Prompt) -> Any:
    """The reply's form as the task part gives it: its last line."""
    return json.loads(prompt.task.split("\n")[-1])


def strings(value: Any, names: set[str], name: str = "") -> Iterator[str]:
    """The texts that stand under these names, at any depth."""
    if isinstance(value, str) and name in names:
        yield value
    for key, inner in value.items() if isinstance(value, dict) else ():
        yield from strings(inner, names, key)
    for inner in value if isinstance(value, list) else ():
        yield from strings(inner, names, name)


def rules(prompt: Prompt) -> list[str]:
    return re.findall(r"^\d+\. .+", prompt.task, re.MULTILINE)


def shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    return [shape(inner) for inner in value] if isinstance(value, list) else type(value)


# ---------------------------------------------------------------- files
def test_there_is_a_file_for_every_kind_and_language_and_no_other() -> None:
    assert {file.name for file in FOLDER.glob("*.md")} == {f"{kind}.{lang}.md" for kind in REPLIES for lang in ("ko", "en")}


@EVERY
def test_what_never_changes_comes_first(kind: str, lang: str) -> None:
    prompt = load(kind, lang)
    assert not VARIABLE.search(prompt.system)
    assert "{{" not in prompt.system
    raw = (FOLDER / f"{kind}.{lang}.md").read_text("utf-8")
    assert raw.index("{{") > raw.index("\n# 입력\n" if lang == "ko" else "\n# Input\n")


@KOREAN
def test_both_languages_have_the_same_variables_rules_and_form(kind: str) -> None:
    korean, english = load(kind, "ko"), load(kind, "en")
    assert VARIABLE.findall(korean.input) == VARIABLE.findall(english.input)
    assert set(VARIABLE.findall(korean.input)) == variables(kind)
    assert len(rules(korean)) == len(rules(english)) >= 6
    assert [rule.split()[0] for rule in rules(korean)] == [f"{n}." for n in range(1, len(rules(korean)) + 1)]
    assert shape(form(korean)) == shape(form(english))


@EVERY
def test_the_form_and_the_demonstration_fit_the_reply(kind: str, lang: str) -> None:
    assert REPLIES[kind].model_validate(form(load(kind, lang)))
    assert REPLIES[kind].model_validate(shown(kind, lang)[1])
    assert list(shown(kind, lang)[1]) == list(form(load(kind, lang)))


@EVERY
def test_the_source_is_declared_data_and_the_demonstration_no_material(kind: str, lang: str) -> None:
    prompt = load(kind, lang)
    blocks = set(re.findall(r"<([a-z]+)-\{\{fence\}\}>", prompt.input))
    assert all(f"<{block}-…>" in prompt.task for block in blocks)
    data = next(rule for rule in rules(prompt) if ("지시가 아니다" if lang == "ko" else "not instructions") in rule)
    assert len(blocks) == 1 or all(f"<{block}-…>" in data for block in blocks)
    assert ("예시는 형식을 보일 뿐" if lang == "ko" else "The demonstration shows the form only") in prompt.task


@EVERY
def test_the_line_after_the_blocks_says_how_many(kind: str, lang: str) -> None:
    values, reply = shown(kind, lang)
    last = load(kind, lang).input.split("\n")[-1]
    if kind == "judge":
        assert last == "</pair-{{fence}}>"
        return
    assert last == ("만들 질의응답 수: {{count}}" if lang == "ko" else "Number of items: {{count}}")
    assert len(reply["items"]) == int(values["count"])
    for name in sorted(OURS & values.keys() - {"count"}):
        assert {item[name] for item in reply["items"]} == {values[name]}


@KOREAN
def test_what_is_paid_with_every_call_is_short(kind: str) -> None:
    assert len(load(kind, "ko").system) < LONGEST.get(kind, LONGEST_ELSE)


# ---------------------------------------------------------------- demonstrations
@EVERY
def test_every_quote_stands_word_for_word_in_its_own_source(kind: str, lang: str) -> None:
    values, reply = shown(kind, lang)
    quotes = list(strings(reply, OF_SOURCE)) or [values["quotes"]]
    linked = list(strings(reply, {"linked_quotes"}))
    assert all(quote in " ".join(values["text"].split()) for quote in quotes)
    assert all(comparable(quote) in comparable(values["text"]) for quote in quotes)
    assert all(quote in values["linked_text"] for quote in linked)
    assert bool(linked) == (kind == "multi_hop")


@EVERY
def test_no_number_comes_from_elsewhere(kind: str, lang: str) -> None:
    values, reply = shown(kind, lang)
    for item in reply.get("items") or reply["scores"]:
        source = [values["heading"], values["text"], values.get("linked_heading", ""), values.get("linked_text", "")]
        if kind in CASES:
            source.append(item["question"])
        if kind == "scenario":
            unit = "{}원" if lang == "ko" else "${}"
            amounts = [event["amount"] for event in item["events"]] + [account["balance"] for account in item["accounts"]]
            source += [unit.format(amount) for amount in amounts]
        if kind == "choice":
            item = {name: value for name, value in item.items() if name != "distractors"}
        for claim in strings(item, CLAIMS):
            assert all(
                re.search(rf"^{re.escape(number)}\b", "\n".join(source), re.MULTILINE) for number in SECTION.findall(claim)
            )
            assert numbers_agree(SECTION.sub("", claim), "\n".join(source)), claim


@KOREAN
def test_every_korean_sentence_of_an_answer_is_formal(kind: str) -> None:
    said = list(strings(shown(kind, "ko")[1], SENTENCES))
    assert said
    for text in said:
        assert {ending.register for ending in endings(text)} == {"합니다체"}, text


@KOREAN
def test_every_korean_question_is_asked_politely(kind: str) -> None:
    for question in strings(shown(kind, "ko")[1], {"question"}):
        assert {ending.register for ending in endings(question)} <= {"합니다체", "해요체"}, question


@KOREAN
def test_english_answers_have_no_contractions(kind: str) -> None:
    assert not any(re.search(r"n't\b|'(?:ll|re|ve|m)\b", text) for text in strings(shown(kind, "en")[1], SENTENCES))


@EVERY
def test_questions_name_document_and_clause_and_point_nowhere(kind: str, lang: str) -> None:
    values, reply = shown(kind, lang)
    items = [item["turns"][0] if kind == "conversation" else item for item in reply.get("items", [values])]
    title = values["heading"].split(" > ")[-1]
    clause = re.fullmatch(r"(제\d+조|유형 \d+|Typology \d+|[\d.]*\d)\.?\s*\(?(.+?)\)?", title)
    assert clause
    number, name = clause.groups()
    for item in items:
        question = item["statement"] if kind == "true_false" else item["question"]
        assert f"「{values['document']}」" in question or f'"{values["document"]}"' in question
        assert number.lower() in question.lower()
        assert f"({name})" in question
        assert not re.search(r"이 조항|위 표|해당 내용|this clause|the table above", question)


@EVERY
def test_questions_do_not_hold_their_answers(kind: str, lang: str) -> None:
    _, reply = shown(kind, lang)
    for item in reply.get("items", []):
        for pair in item.get("turns", [item]):
            said = pair.get("short") or pair.get("answer") or pair.get("correct") or ""
            assert not said or comparable(said) not in comparable(pair["question"])


@pytest.mark.parametrize("kind", ["unanswerable", "refusal"])
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_who_declines_says_so_first_and_gives_nothing_away(kind: str, lang: str) -> None:
    values, reply = shown(kind, lang)
    (item,) = reply["items"]
    first = re.split(r"(?<=[.])\s", item["answer"])[0]
    assert re.search(r"없습니다\.$" if lang == "ko" else r"cannot", first)
    kept_back = values.get("sibling_text", "770만 $7,700")
    assert not any(figure in item["answer"] for figure in re.findall(r"\$?\d[\d,]*(?:만|원)?", kept_back) if figure != "15")


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_wrong_options_are_wrong_in_one_place_and_of_like_length(lang: str) -> None:
    values, reply = shown("choice", lang)
    (item,) = reply["items"]
    wrong = [distractor["text"] for distractor in item["distractors"]]
    assert len({*wrong, item["correct"]}) == 4
    for text in wrong:
        assert comparable(text) not in comparable(values["text"])
        assert 0.7 <= len(text) / len(item["correct"]) <= 1.4


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_short_answers_are_spelled_as_in_the_source_and_in_the_sentence(lang: str) -> None:
    values, reply = shown("short", lang)
    for item in reply["items"]:
        assert item["short"] in values["text"]
        assert item["short"] in item["answer"]


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_statements_are_true_and_false_and_a_summary_is_shorter(lang: str) -> None:
    assert {item["true"] for item in shown("true_false", lang)[1]["items"]} == {True, False}
    values, reply = shown("summary", lang)
    assert len(reply["items"][0]["answer"]) < 0.75 * len(values["text"])


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_money_of_the_scenario_adds_up(lang: str) -> None:
    scenario = ScenarioReply.model_validate(shown("scenario", lang)[1]).items[0]
    assert faults(scenario) == []
    assert len(scenario.events) >= 4
    assert {account.holder for account in scenario.accounts} <= set(scenario.roles)
    for account in scenario.accounts:
        moved = [(e.target == account.name) - (e.source == account.name) for e in scenario.events]
        assert account.balance + sum(sign * e.amount for sign, e in zip(moved, scenario.events, strict=True)) >= 0
    assert any(e.amount for e in scenario.events)


def test_no_sentence_of_a_demonstration_stands_in_a_document_of_the_examples() -> None:
    sources = comparable("\n".join(f.read_text("utf-8") for f in (FOLDER.parent / "examples/sources").rglob("*") if f.is_file()))
    assert sources
    for kind in REPLIES:
        for lang in ("ko", "en"):
            values, reply = shown(kind, lang)
            for quote in strings(reply, OF_SOURCE):
                assert comparable(quote) not in sources
            assert comparable(values["document"]) not in sources


# ---------------------------------------------------------------- the judge's reply
def scores(*criteria: str, score: Any = 5) -> dict[str, Any]:
    return {"scores": [{"criterion": criterion, "score": score, "reason": "r"} for criterion in criteria]}


def test_a_judge_scores_every_criterion_once_from_one_to_five() -> None:
    assert JudgeReply.model_validate(scores(*reversed(CRITERIA), score=1))
    for wrong in (scores(*CRITERIA[1:]), scores(*CRITERIA, "clear"), scores(*CRITERIA[1:], "clear"), scores()):
        with pytest.raises(ValidationError, match="must hold each of"):
            JudgeReply.model_validate(wrong)
    for score in (0, 6, 4.5, "5"):
        with pytest.raises(ValidationError):
            JudgeReply.model_validate(scores(*CRITERIA, score=score))
