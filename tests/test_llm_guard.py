from __future__ import annotations

import json

import pytest
from pydantic import BaseModel

from tasks.llm import guard as module
from tasks.llm.asks import Ask
from tasks.llm.guard import Guard
from tasks.settings import PiiSettings

NUMBER = "900101-1234567"
GUARD = Guard(PiiSettings())


class Reply(BaseModel):
    items: list[str]


def ask(user: str) -> Ask:
    return Ask(id="1", kind="qa", system="글에서 묻고 답하라.", user=user, reply=Reply)


def completion(content: str) -> str:
    message = {"role": "assistant", "content": content, "refusal": None}
    return json.dumps({"id": "chatcmpl-010-1234-5678", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})


def test_what_is_sent_holds_no_personal_data():
    sent = GUARD.ask(ask(f"계약자의 주민등록번호는 {NUMBER}이며 보험기간은 3년입니다."))
    assert sent is not None
    assert sent.user == "계약자의 주민등록번호는 [주민등록번호]이며 보험기간은 3년입니다."


def test_what_was_masked_is_sent_as_it_is():
    masked = ask("주민등록번호는 [주민등록번호]입니다.")
    assert GUARD.ask(masked) == masked


def test_what_a_model_wrote_is_masked_and_stays_json():
    content = json.dumps({"items": [f"주민등록번호 {NUMBER}", "3개월"], "번호": 9001011234567}, ensure_ascii=False)
    stored = json.loads(GUARD.response(completion(content)))
    assert stored["id"] == "chatcmpl-010-1234-5678"
    words = stored["choices"][0]["message"]["content"]
    assert json.loads(words)["items"] == ["주민등록번호 [주민등록번호]", "3개월"]


def test_a_reply_without_personal_data_is_stored_as_it_came():
    text = completion('{"items":["제3조"]}').replace(",", " ,")
    assert GUARD.response(text) == text


@pytest.mark.parametrize(
    "choice",
    [
        {"finish_reason": "stop"},
        {"message": None},
        {"message": {"role": "assistant", "content": [{"type": "text", "text": f"주민등록번호 {NUMBER}"}]}},
        {"message": {"role": "assistant", "content": None, "reasoning": f"주민등록번호 {NUMBER}"}},
    ],
)
def test_replies_of_another_form_are_stored_too_without_personal_data(choice):
    stored = GUARD.response(json.dumps({"choices": [choice]}))
    assert NUMBER not in stored
    assert set(json.loads(stored)["choices"][0]) >= set(choice)


def test_masking_can_be_switched_off():
    off = Guard(PiiSettings(mask=False))
    sent = off.ask(ask(NUMBER))
    assert sent is not None
    assert sent.user == NUMBER


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(text: str, settings: PiiSettings) -> None:
        raise RuntimeError("no such rule")

    monkeypatch.setattr(module, "mask", fails)
    monkeypatch.setattr(module, "mask_reply", fails)


@pytest.mark.usefixtures("broken")
def test_what_cannot_be_checked_is_neither_sent_nor_stored():
    assert GUARD.ask(ask("무엇이든")) is None
    stored = json.loads(GUARD.response(completion("무엇이든")))
    assert stored["choices"][0]["message"]["content"] == ""
