"""Which form of request an endpoint wants: asked of itself with one to three small calls, and remembered.

Servers differ in what they do with a reply schema: enforce it, ignore it without a word, or refuse it. So a model is asked
for something that only the schema would make it say. json_schema where it is enforced, else json_object where it is taken,
else the prompt alone; replies are validated in any case. A probe that fails to come to an end decides nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from tasks.llm.asks import Form, Structured, TokenParameter, envelope, judge
from tasks.llm.database import Database
from tasks.settings import ModelSettings

KIND = "probe"  # what these calls are called among the stored ones
AGE = timedelta(days=7)  # servers are updated
MAX_TOKENS = 512
TRIES = 3
WORD = "teal"
Schema = Literal["enforced", "ignored", "refused", "unknown"]
LOWER: tuple[Structured, ...] = ("json_object", "prompt")  # where schemas are of no use


class Found(BaseModel):
    """What was found out about an endpoint: the form it wants, what it does with schemas, whether it tells usage."""

    structured: Structured
    token_parameter: TokenParameter
    schema_is: Schema
    tells_usage: bool

    def form(self, model: ModelSettings) -> Form:
        """How to ask, where the settings leave it to us."""
        return Form(
            self.structured if model.structured == "auto" else model.structured,
            self.token_parameter if model.token_parameter == "auto" else model.token_parameter,
        )


class Said(BaseModel):
    """What came of one probe call: the response of a status 200, else the words of a refusal (400 or 422)."""

    response: str = ""
    refused: str = ""


class _Colour(BaseModel):
    colour: Literal["teal"]


Send = Callable[[dict[str, Any]], Awaitable[Said | None]]


async def probe(send: Send, model: ModelSettings) -> Found | None:
    """Ask the endpoint; None when it does not come to an end. `send` gives None for what may be different the next time."""
    form = Form.set_in(model)
    if model.structured != "auto":
        said, form = await _with_parameter(send, model, form)
        return _found(form, "unknown", said) if said and not said.refused else None
    said, form = await _with_parameter(send, model, replace(form, structured="json_schema"))
    if said is None:
        return None
    schema = _schema(said)
    if schema in ("enforced", "unknown"):
        return _found(form, schema, said) if schema == "enforced" else None
    for structured in LOWER:
        said, form = await _with_parameter(send, model, replace(form, structured=structured))
        if said is None or not said.refused:
            return _found(form, schema, said) if said else None
    return None  # what it refuses is not the form


async def _with_parameter(send: Send, model: ModelSettings, form: Form) -> tuple[Said | None, Form]:
    """Send in a form, and once more with the other token parameter where the refusal names one of them."""
    said = await _again(send, request(model, form))
    if said and model.token_parameter == "auto" and "max_tokens" in said.refused:
        form = replace(form, token_parameter="max_completion_tokens")
        said = await _again(send, request(model, form))
    return said, form


async def _again(send: Send, body: dict[str, Any]) -> Said | None:
    for _ in range(TRIES):
        if said := await send(body):
            return said
    return None


def request(model: ModelSettings, form: Form) -> dict[str, Any]:
    """The body of a probe: what it asks for in words is not what its schema allows."""
    body: dict[str, Any] = {
        "model": model.model,
        "messages": [
            {"role": "system", "content": "Answer in one short sentence. Where a form is demanded of you, answer in JSON."},
            {"role": "user", "content": "Please say hello."},
        ],
        "temperature": model.temperature,
        "top_p": model.top_p,
        form.token_parameter: min(MAX_TOKENS, model.max_tokens),
        **model.extra,
    }
    if form.structured == "json_object":
        body["response_format"] = {"type": "json_object"}
    if form.structured == "json_schema":
        schema = {
            "type": "object",
            "properties": {"colour": {"type": "string", "enum": [WORD]}},
            "required": ["colour"],
            "additionalProperties": False,
        }
        body["response_format"] = {"type": "json_schema", "json_schema": {"name": KIND, "strict": True, "schema": schema}}
    return body


def _schema(said: Said) -> Schema:
    if said.refused:
        return "refused"
    judgement = judge(said.response, _Colour)
    if not judgement.problem:
        return "enforced"
    return "ignored" if judgement.problem in ("invalid_json", "invalid_schema") else "unknown"


def _found(form: Form, schema: Schema, said: Said) -> Found:
    tells = envelope(said.response)["prompt_tokens"] is not None
    return Found(structured=form.structured, token_parameter=form.token_parameter, schema_is=schema, tells_usage=tells)


def remembered(database: Database, model: ModelSettings) -> Found | None:
    """What was found out before, if it is not too old; a date from the future is no date."""
    with database.reading() as db:
        row = db.execute(
            "SELECT time, found FROM endpoints WHERE endpoint=? AND model=?", (model.base_url, model.model)
        ).fetchone()
    try:
        found = Found.model_validate_json(row[1]) if row else None
        fresh = found and timedelta(0) <= datetime.now(UTC) - datetime.fromisoformat(row[0]) < AGE
    except (ValueError, TypeError, ValidationError):
        return None
    asked = found and (model.structured != "auto" or found.schema_is != "unknown")  # else it was not asked about schemas
    return found if fresh and asked else None


def remember(db: sqlite3.Connection, model: ModelSettings, found: Found | None) -> None:
    """Keep what was found out, in an open transaction; None forgets it."""
    db.execute("DELETE FROM endpoints WHERE endpoint=? AND model=?", (model.base_url, model.model))
    if found:
        values = (model.base_url, model.model, datetime.now(UTC).isoformat(), found.model_dump_json())
        db.execute("INSERT INTO endpoints VALUES (?,?,?,?)", values)
