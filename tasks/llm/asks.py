"""What is asked of a model and what counts as an answer: plain values and pure functions, no network.

A reply is accepted only if it ended by itself, is JSON and fits the schema. Nothing is repaired: a repaired reply looks
like a good one. A bad reply is asked for again with its error, in a request that the stored replies alone determine, so a
resumed run goes on exactly where it stopped.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from tasks.records import Sampling
from tasks.settings import ModelSettings

Problem = Literal["", "refusal", "truncated", "invalid_reply", "invalid_json", "invalid_schema", "http_error", "pii_unchecked"]
Structured = Literal["json_schema", "json_object", "prompt"]
TokenParameter = Literal["max_tokens", "max_completion_tokens"]
NO_TEXT = re.compile("[\0\ud800-\udfff]")  # NUL and halves of characters: what neither a database nor a text file can hold
CORRECTION = "Your reply was not accepted: {detail}. Reply again, with the JSON object alone, as described above."
MAX_ASKS = 3
MAX_TRUNCATED = 2  # the second with twice the tokens
LONGEST_DETAIL = 500  # it goes into the next prompt, and is made of the reply
MOST_TOKENS = 10**9  # of one call; what a server says beyond that is no count


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An OpenAI-compatible server: base URL up to and including /v1, and the key, which is never shown."""

    base_url: str
    api_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ask:
    """One question to a model. `kind` names the reply schema, `version` the prompt file, `sample` one of several answers."""

    id: str
    kind: str
    system: str
    user: str
    reply: type[BaseModel]
    version: str = ""
    sample: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an Ask: a value, or a problem with its detail. `bought` is False when the store had it already."""

    ask: Ask
    call: str
    value: BaseModel | None
    problem: Problem
    detail: str
    bought: bool


@dataclass(frozen=True, slots=True)
class Judgement:
    """A reply that was read: its value, or why it is of no use."""

    value: BaseModel | None
    problem: Problem
    detail: str


def sampling_of(model: ModelSettings) -> Sampling:
    """The sampling parameters that a model is asked with."""
    return Sampling(temperature=model.temperature, top_p=model.top_p, max_tokens=model.max_tokens)


@dataclass(frozen=True, slots=True)
class Form:
    """How an endpoint wants to be asked: what says which reply we want, and the parameter that limits the reply."""

    structured: Structured
    token_parameter: TokenParameter

    @staticmethod
    def set_in(model: ModelSettings) -> Form:
        """What the settings say, with the commonest form where they leave it to us."""
        return Form(
            "json_schema" if model.structured == "auto" else model.structured,
            "max_tokens" if model.token_parameter == "auto" else model.token_parameter,
        )


def request_body(ask: Ask, model: ModelSettings, form: Form) -> dict[str, Any]:
    """The JSON of the first request for an ask."""
    body: dict[str, Any] = {
        "model": model.model,
        "messages": [
            {"role": role, "content": NO_TEXT.sub("\ufffd", text)} for role, text in (("system", ask.system), ("user", ask.user))
        ],
        "temperature": model.temperature,
        "top_p": model.top_p,
        form.token_parameter: model.max_tokens,
        **model.extra,
    }
    if form.structured == "json_object":
        body["response_format"] = {"type": "json_object"}
    if form.structured == "json_schema":
        schema = {"name": ask.kind, "strict": True, "schema": strict_schema(ask.reply)}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    return body


def call_key(ask: Ask, model: ModelSettings) -> str:
    """SHA-256 of everything that shapes the answer; not of the server, its key, or our patience.

    Nor of the form that an endpoint was found to want: a reply that is paid for stays ours when a server learns a new form.
    """
    parts = {"body": request_body(ask, model, Form.set_in(model)), "version": ask.version, "sample": ask.sample}
    canonical = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def is_settled(past: Sequence[Judgement]) -> bool:
    """Whether replies like these leave nothing to ask."""
    problems = [judgement.problem for judgement in past]
    return "" in problems or "refusal" in problems or len(past) >= MAX_ASKS or problems.count("truncated") >= MAX_TRUNCATED


def next_request(ask: Ask, model: ModelSettings, form: Form, past: Sequence[Judgement]) -> dict[str, Any] | None:
    """The request that follows the replies so far; None when there is nothing left to ask."""
    if is_settled(past):
        return None
    body = request_body(ask, model, form)
    if any(judgement.problem == "truncated" for judgement in past):
        body[form.token_parameter] = 2 * model.max_tokens
    if past and past[-1].problem != "truncated":
        body["messages"].append({"role": "user", "content": CORRECTION.format(detail=past[-1].detail)})
    return body


def verdict(past: Sequence[Judgement]) -> Judgement:
    """What replies to one ask come to: the good one, else the last."""
    return next((judgement for judgement in past if not judgement.problem), past[-1])


def judge(response: str, reply: type[BaseModel]) -> Judgement:
    """Read a stored response. Never raises: whatever a server sends is a value or a problem."""
    choice = _first_choice(response)
    message = choice.get("message") if choice else None
    if choice is None or not isinstance(message, dict):
        return _bad("invalid_reply", "the response is no chat completion")
    finish, content = choice.get("finish_reason"), message.get("content")
    if message.get("refusal") or finish == "content_filter":
        return _bad("refusal", str(message.get("refusal") or finish))
    if finish == "length":
        return _bad("truncated", "the reply was cut at the token limit")
    if finish != "stop" or not isinstance(content, str):
        return _bad("invalid_reply", f"finish_reason is {finish!r}, content is {type(content).__name__}")
    return _value(content, reply)


def _bad(problem: Problem, detail: str) -> Judgement:
    return Judgement(None, problem, NO_TEXT.sub("\ufffd", detail[:LONGEST_DETAIL]))


def _value(content: str, reply: type[BaseModel]) -> Judgement:
    try:
        value = json.loads(_without_fence(content), parse_constant=_refuse_constant)
        is_text = not any(NO_TEXT.search(text) for text in _strings(value))
    except (ValueError, RecursionError) as exc:
        return _bad("invalid_json", f"it is not valid JSON ({exc})")
    if not is_text:
        return _bad("invalid_json", "it holds a NUL or half of a character")
    try:
        return Judgement(reply.model_validate(value), "", "")
    except ValidationError as exc:
        errors = [f"{'.'.join(map(str, e['loc'])) or 'the object'}: {e['msg']}" for e in exc.errors(include_input=False)[:3]]
        return _bad("invalid_schema", f"it does not fit the described form ({'; '.join(errors)})")


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, part in value.items():
            yield name
            yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)


def is_completion(response: str) -> bool:
    """Whether a response has the outer form of a chat completion."""
    return _first_choice(response) is not None


def envelope(response: str) -> dict[str, Any]:
    """Finish reason, model and token counts of a response, as far as it has them: columns of `Reply`. Never raises."""
    reply, choice = _object(response), _first_choice(response)
    usage = reply.get("usage") if isinstance(reply.get("usage"), dict) else {}
    assert isinstance(usage, dict)
    details = usage.get("prompt_tokens_details")
    return {
        "finish": _text(choice.get("finish_reason") if choice else ""),
        "model": _text(reply.get("model")),
        "prompt_tokens": _count(usage.get("prompt_tokens")),
        "completion_tokens": _count(usage.get("completion_tokens")),
        "cached_tokens": _count(details.get("cached_tokens") if isinstance(details, dict) else None),
    }


@lru_cache(maxsize=64)
def strict_schema(reply: type[BaseModel]) -> dict[str, Any]:
    """The reply's JSON schema in the strict form: every field required, no other allowed."""
    strict = _strict(reply.model_json_schema())
    assert isinstance(strict, dict)
    return strict


def _strict(node: Any) -> Any:
    if isinstance(node, list):
        return [_strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    result = {name: _strict(value) for name, value in node.items() if name not in ("default", "title") or isinstance(value, dict)}
    if node.get("type") == "object":
        result |= {"additionalProperties": False, "required": list(node.get("properties", {}))}
    return result


def _without_fence(content: str) -> str:
    """Models that are only asked in words like to wrap their JSON in a Markdown fence; it carries no meaning."""
    lines = content.strip().split("\n")
    fenced = len(lines) > 2 and lines[0].strip() in ("```", "```json") and lines[-1].strip() == "```"
    return "\n".join(lines[1:-1]) if fenced else content


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON value")


def _object(response: str) -> dict[str, Any]:
    try:
        value = json.loads(response)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _first_choice(response: str) -> dict[str, Any] | None:
    choices = _object(response).get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, dict) else None


def _text(value: object) -> str:
    return NO_TEXT.sub("\ufffd", value[:LONGEST_DETAIL]) if isinstance(value, str) else ""


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_TOKENS else None
