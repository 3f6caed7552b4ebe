"""A model without an API: the prompts of a run as a file, and replies from a file, kept like any other reply.

Both files are those of the batch API, one JSON object a line: {"custom_id", "method", "url", "body"} goes out, {"custom_id",
"response": {"body": <chat completion>}} comes back, or shorter {"custom_id", "content"}. What is read is stored; the next build
finds it, checks it and goes on, and asks for a correction where a reply was no use.
"""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.writing import Writer
from tasks.errors import InputError
from tasks.llm.asks import Ask, Form, call_key, envelope, is_completion, is_settled, judge, next_request
from tasks.llm.calibrate import estimate_prompt
from tasks.llm.calls import Calls, Reply
from tasks.settings import load_settings
from tasks.store import Store, write_atomic

URL = "/v1/chat/completions"


@dataclass(frozen=True, slots=True)
class PromptsWritten:
    """How many prompts a file has, and how many asks the store can answer already."""

    file: Path
    prompts: int
    stored: int

    def counts(self) -> Mapping[str, object]:
        """For --json."""
        return {"file": str(self.file), "prompts": self.prompts, "stored": self.stored}

    def lines(self) -> list[str]:
        """For people."""
        return [f"{self.prompts} prompts → {self.file}; {self.stored} more are answered already; nothing was called"]


@dataclass(frozen=True, slots=True)
class RepliesRead:
    """What became of the lines of a file: stored and good, stored and of no use, or left out, with the reason."""

    good: int
    bad: Counter[str]
    left_out: Counter[str]

    def counts(self) -> Mapping[str, object]:
        """For --json."""
        return {"good": self.good, "bad": dict(self.bad), "left_out": dict(self.left_out)}

    def lines(self) -> list[str]:
        """For people."""
        told = [f"{self.good} good replies stored"]
        told += [f"stored, but of no use: {problem} {number}" for problem, number in self.bad.items()]
        told += [f"left out: {reason} {number}" for reason, number in self.left_out.items()]
        return told


def write_prompts(project: Path, file: Path, limit: int | None = None) -> PromptsWritten:
    """Write the requests that a build would send now. Raises InputError when nothing was cut or the file cannot be written."""
    lines, stored = [], 0
    with _opened(project) as (writer, calls):
        for key, ask in _asks(writer, limit):
            past = [judge(response, ask.reply) for response in calls.stored(key)]
            body = next_request(ask, writer.model, Form.set_in(writer.model), past)
            if body is None:
                stored += 1
            else:
                lines.append(json.dumps({"custom_id": key, "method": "POST", "url": URL, "body": body}, ensure_ascii=False))
    try:
        write_atomic(file, "".join(f"{line}\n" for line in lines).encode())
    except OSError as exc:
        raise InputError(f"{file}: cannot be written: {exc}") from exc
    return PromptsWritten(file, len(lines), stored)


def read_replies(project: Path, file: Path) -> RepliesRead:
    """Store the replies of a file. A line that answers nothing that we ask, or ask still, is left out and counted."""
    good, bad, left_out = 0, Counter[str](), Counter[str]()
    with _opened(project) as (writer, calls):
        wanted = dict(_asks(writer, None))
        for key, response, problem in _replies(file):
            ask = wanted.get(key)
            past = [judge(one, ask.reply) for one in calls.stored(key)] if ask else []
            if problem or ask is None or is_settled(past):
                left_out[problem or ("answered already" if ask else "no prompt of this project")] += 1
                continue
            guarded = writer.guard.response(response)
            calls.put(key, _reply(ask, guarded, writer))
            judgement = judge(guarded, ask.reply)
            good += not judgement.problem
            if judgement.problem:
                bad[judgement.problem] += 1
    return RepliesRead(good, bad, left_out)


@contextlib.contextmanager
def _opened(project: Path) -> Iterator[tuple[Writer, Calls]]:
    """A project's writer and its replies. Raises InputError when nothing was cut yet."""
    project = project.resolve()
    settings, store = load_settings(project), Store(project)
    if not store.manifests("chunk"):
        raise InputError(f"{project}: no chunks yet; run: jeongdap build -C {project} --until chunk (it calls no model)")
    with Calls(store.root / "calls.sqlite") as calls, Writer(project, store, settings, "replay") as writer:
        yield writer, calls


def _asks(writer: Writer, limit: int | None) -> Iterator[tuple[str, Ask]]:
    """The asks of the newest chunks by their keys, as they may be sent; each once."""
    from flows.build import plan_rows

    seen: set[str] = set()
    store = writer.store
    for _, part in plan_rows(store, writer, store.manifests("document"), store.manifests("chunk"), limit):
        for ask in writer.asks(part):
            sent = writer.guard.ask(ask)
            if sent and (key := call_key(sent, writer.model)) not in seen:
                seen.add(key)
                yield key, sent


def _replies(file: Path) -> Iterator[tuple[str, str, str]]:
    """Key, chat completion and, where a line is no reply, what is wrong with it."""
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise InputError(f"{file}: cannot be read: {exc}") from exc
    for line in text.split("\n"):
        if line.strip():
            yield _reply_of(line)


def _reply_of(line: str) -> tuple[str, str, str]:
    try:
        said = json.loads(line)
        key = said["custom_id"]
        completion = said["response"]["body"] if "response" in said else _completion(said["content"])
        response = json.dumps(completion, ensure_ascii=False)
    except (ValueError, KeyError, TypeError, RecursionError):
        return "", "", "no reply in the line"
    return (str(key), response, "") if is_completion(response) else ("", "", "no chat completion in the line")


def _completion(content: Any) -> dict[str, Any]:
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    return {"model": "", "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}]}


def _reply(ask: Ask, response: str, writer: Writer) -> Reply:
    body = next_request(ask, writer.model, Form.set_in(writer.model), []) or {}
    return Reply(
        kind=ask.kind,
        status=200,
        request_id="",
        latency=0.0,
        request=json.dumps(body, ensure_ascii=False),
        response=response,
        run="replay",
        endpoint="file",
        asked=writer.model.model,
        cost=0,
        estimate=estimate_prompt(body) if body else 0,
        **envelope(response),
    )
