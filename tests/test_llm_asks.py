from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from llm_server import make_asks, settings
from pydantic import BaseModel, ValidationError

from tasks.generate.replies import ChoiceReply, QaReply
from tasks.llm.asks import (
    CORRECTION,
    Ask,
    Form,
    Judgement,
    call_key,
    envelope,
    is_settled,
    judge,
    next_request,
    request_body,
    sampling_of,
    strict_schema,
)
from tasks.settings import ModelSettings

GOOD = {"items": [{"type": "fact", "question": "무엇인가요?", "answer": "이것입니다.", "quotes": ["이것입니다."]}]}


def response(content: Any, finish: str | None = "stop", **message: Any) -> str:
    return json.dumps({"choices": [{"finish_reason": finish, "message": {"role": "assistant", "content": content, **message}}]})


def bad(problem: Any) -> Judgement:
    return Judgement(None, problem, "why")


def body_of(ask: Ask, model: ModelSettings) -> dict[str, Any]:
    return request_body(ask, model, Form.set_in(model))


def test_a_good_reply_is_its_value() -> None:
    judgement = judge(response(json.dumps(GOOD)), QaReply)
    assert judgement.problem == ""
    assert judgement.value == QaReply.model_validate(GOOD)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (response(json.dumps(GOOD)[:-5]), "invalid_json"),
        (response(json.dumps(GOOD) + " and more"), "invalid_json"),
        (response(json.dumps(GOOD).replace("items", "items\\u0000")), "invalid_json"),
        (response(json.dumps({"items": [{**GOOD["items"][0], "answer": "half \ud83d"}]})), "invalid_json"),
        (response('{"items": [NaN]}'), "invalid_json"),
        (response("[" * 100_000), "invalid_json"),
        (response(""), "invalid_json"),
        (response(json.dumps({"rows": []})), "invalid_schema"),
        (response(json.dumps({"items": [{"question": 1, "answer": "a", "quotes": []}]})), "invalid_schema"),
        (response(json.dumps({"items": [{**GOOD["items"][0], "score": 1}]})), "invalid_schema"),
        (response("null"), "invalid_schema"),
        (response(json.dumps(GOOD), finish="length"), "truncated"),
        (response(None, refusal="I can't help with that."), "refusal"),
        (response(None, finish="content_filter"), "refusal"),
        (response(json.dumps(GOOD), finish=None), "invalid_reply"),
        (response(None), "invalid_reply"),
        (response(None, finish="tool_calls"), "invalid_reply"),
        ("<html>sign in</html>", "invalid_reply"),
        ('{"choices": []}', "invalid_reply"),
        ('{"choices": [{"message": null}]}', "invalid_reply"),
    ],
)
def test_every_bad_reply_has_its_name(text: str, problem: str) -> None:
    judgement = judge(text, QaReply)
    assert (judgement.value, judgement.problem) == (None, problem)
    assert judgement.detail
    assert len(judgement.detail) < 1000


@given(
    st.one_of(
        st.text(),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
        ).map(json.dumps),
    )
)
def test_no_response_whatever_raises(text: str) -> None:
    assert judge(text, QaReply).problem == "invalid_reply"
    assert envelope(text)["finish"] == ""


def test_one_markdown_fence_around_the_json_is_looked_through_and_nothing_else() -> None:
    assert judge(response(f"```json\n{json.dumps(GOOD)}\n```"), QaReply).problem == ""
    assert judge(response(f"Here you are:\n```json\n{json.dumps(GOOD)}\n```"), QaReply).problem == "invalid_json"


def test_usage_may_be_missing_or_nonsense() -> None:
    assert envelope(response("{}"))["prompt_tokens"] is None
    assert (
        envelope(json.dumps({"usage": {"prompt_tokens": "7", "completion_tokens": True}, "choices": [{}]}))["completion_tokens"]
        is None
    )
    full = {"usage": {"prompt_tokens": 7, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 5}}, "model": "m-1"}
    found = envelope(json.dumps(full))
    assert (found["prompt_tokens"], found["completion_tokens"], found["cached_tokens"], found["model"]) == (7, 3, 5, "m-1")


def test_the_key_is_of_all_that_shapes_the_answer_and_of_nothing_else() -> None:
    ask, model = make_asks(1)[0], settings()
    key = call_key(ask, model)
    same = [settings(base_url="http://other/v1"), settings(key_env="OTHER"), settings(concurrency=1), settings(seconds=1)]
    assert {call_key(ask, other) for other in same} == {key}
    assert call_key(replace(ask, id="another chunk"), model) == key
    models = [
        settings(model="m"),
        settings(temperature=0.1),
        settings(top_p=0.5),
        settings(max_tokens=99),
        settings(structured="prompt"),
    ]
    asks = [
        replace(ask, user="x"),
        replace(ask, system="x"),
        replace(ask, version="x"),
        replace(ask, sample=1),
        replace(ask, reply=ChoiceReply),
    ]
    keys = [call_key(ask, other) for other in models] + [call_key(other, model) for other in asks]
    assert len({key, *keys}) == 1 + len(keys)


def test_the_token_parameter_has_the_name_that_the_settings_say() -> None:
    body = body_of(make_asks(1)[0], settings(token_parameter="max_completion_tokens", max_tokens=77))
    assert body["max_completion_tokens"] == 77
    assert "max_tokens" not in body
    assert sampling_of(settings(max_tokens=77)).max_tokens == 77


def test_the_schema_is_asked_for_as_the_settings_say() -> None:
    ask = make_asks(1)[0]
    assert body_of(ask, settings())["response_format"]["json_schema"]["strict"] is True
    assert body_of(ask, settings(structured="json_object"))["response_format"] == {"type": "json_object"}
    assert "response_format" not in body_of(ask, settings(structured="prompt"))


def test_what_follows_a_bad_reply_is_decided_by_the_stored_replies_alone() -> None:
    ask, model = make_asks(1)[0], settings(max_tokens=100)
    first = next_request(ask, model, Form.set_in(model), [])
    assert first == body_of(ask, model)
    second = next_request(ask, model, Form.set_in(model), [bad("invalid_json")])
    assert second is not None
    assert second["messages"][:2] == first["messages"]
    assert second["messages"][2] == {"role": "user", "content": CORRECTION.format(detail="why")}
    longer = next_request(ask, model, Form.set_in(model), [bad("truncated")])
    assert longer is not None
    assert (longer["max_tokens"], len(longer["messages"])) == (200, 2)


@pytest.mark.parametrize("past", [["refusal"], ["truncated", "truncated"], ["invalid_json"] * 3, ["invalid_schema", ""]])
def test_there_is_an_end_to_asking(past: list[str]) -> None:
    past_replies = [bad(problem) for problem in past]
    assert is_settled(past_replies)
    assert next_request(make_asks(1)[0], settings(), Form.set_in(settings()), past_replies) is None


def test_a_strict_schema_requires_every_field_and_allows_no_other() -> None:
    class Inner(BaseModel):
        title: str
        note: str = ""

    class Outer(BaseModel):
        inner: list[Inner]

    schema = strict_schema(Outer)
    inner = schema["$defs"]["Inner"]
    assert schema["additionalProperties"] is inner["additionalProperties"] is False
    assert inner["required"] == ["title", "note"]
    assert set(inner["properties"]) == {"title", "note"}
    assert "default" not in inner["properties"]["note"]


def test_the_key_of_a_request_does_not_know_what_the_endpoint_was_found_to_want() -> None:
    ask = make_asks(1)[0]
    found_later = settings(structured="auto", token_parameter="auto")
    assert call_key(ask, found_later) == call_key(ask, settings(structured="json_schema", token_parameter="max_tokens"))
    assert call_key(ask, found_later) != call_key(ask, settings(structured="prompt"))
    assert call_key(ask, found_later) != call_key(ask, settings(extra={"seed": 7}))


def test_what_no_server_can_read_is_not_sent() -> None:
    ask = replace(make_asks(1)[0], user="반쪽 \ud83d 글자\0")
    sent = body_of(ask, settings())["messages"][1]["content"]
    assert sent == "반쪽 \ufffd 글자\ufffd"


@pytest.mark.parametrize("name", ["messages", "stream", "max_tokens"])
def test_extra_parameters_cannot_replace_ours(name: str) -> None:
    with pytest.raises(ValidationError, match=name):
        settings(extra={name: 1})
