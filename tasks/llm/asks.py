"""What is asked of a model and what counts as an answer: plain values and pure functions, no network.

A reply is accepted only if it ended by itself, is JSON and fits the schema. Nothing is repaired: a repaired reply looks
like a good one. A bad reply is asked for again with its error, in a request that the stored replies alone determine, so a
resumed run goes on exactly where it stopped.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from tasks.records import Sampling
from tasks.settings import ModelSettings

Problem = Literal["", "refusal", "truncated", "invalid_reply", "invalid_json", "invalid_schema", "http_error", "pii_unchecked"]
MAX_ASKS = 3
MAX_TRUNCATED = 2  # the second with twice the tokens
CORRECTION = "Your reply was not accepted: {detail}. Reply again, with the JSON object alone, as described above."


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


def request_body(ask: Ask, model: ModelSettings) -> dict[str, Any]:
    """The JSON of the first request for an ask."""
    body: dict[str, Any] = {
        "model": model.model,
        "messages": [{"role": "system", "content": ask.system}, {"role": "user", "content": ask.user}],
        "temperature": model.temperature,
        "top_p": model.top_p,
        model.token_parameter: model.max_tokens,
    }
    if model.structured == "json_object":
        body["response_format"] = {"type": "json_object"}
    if model.structured == "json_schema":
        schema = {"name": ask.kind, "strict": True, "schema": strict_schema(ask.reply)}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    return body


def call_key(ask: Ask, model: ModelSettings) -> str:
    """SHA-256 of everything that shapes the answer; not of the server, its key, or our patience."""
    parts = {"body": request_body(ask, model), "version": ask.version, "sample": ask.sample}
    canonical = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def next_request(ask: Ask, model: ModelSettings, past: Sequence[Judgement]) -> dict[str, Any] | None:
    """The request that follows the replies so far; None when there is nothing left to ask."""
    problems = [judgement.problem for judgement in past]
    if "" in problems or "refusal" in problems or len(past) >= MAX_ASKS or problems.count("truncated") >= MAX_TRUNCATED:
        return None
    body = request_body(ask, model)
    if "truncated" in problems:
        body[model.token_parameter] = 2 * model.max_tokens
    if past and past[-1].problem != "truncated":
        correction = (
            f"Your reply was not accepted: {past[-1].detail}. Reply again, with the JSON object alone, as described above."
        )
        body["messages"].append({"role": "user", "content": correction})
    return body


def judge(response: str, reply: type[BaseModel]) -> Judgement:
    """Read a stored response. Never raises: whatever a server sends is a value or a problem."""
    choice = _first_choice(response)
    message = choice.get("message") if choice else None
    if choice is None or not isinstance(message, dict):
        return Judgement(None, "invalid_reply", "the response is no chat completion")
    finish, content = choice.get("finish_reason"), message.get("content")
    if message.get("refusal") or finish == "content_filter":
        return Judgement(None, "refusal", str(message.get("refusal") or finish)[:500])
    if finish == "length":
        return Judgement(None, "truncated", "the reply was cut at the token limit")
    if finish != "stop" or not isinstance(content, str):
        return Judgement(None, "invalid_reply", f"finish_reason is {finish!r}, content is {type(content).__name__}")
    return _value(content, reply)


def _value(content: str, reply: type[BaseModel]) -> Judgement:
    try:
        value = json.loads(_without_fence(content), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as exc:
        return Judgement(None, "invalid_json", f"it is not valid JSON ({exc})")
    try:
        return Judgement(reply.model_validate(value), "", "")
    except ValidationError as exc:
        errors = [f"{'.'.join(map(str, e['loc'])) or 'the object'}: {e['msg']}" for e in exc.errors(include_input=False)[:3]]
        return Judgement(None, "invalid_schema", f"it does not fit the described form ({'; '.join(errors)})")


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
    return value if isinstance(value, str) else ""


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**62 else None
