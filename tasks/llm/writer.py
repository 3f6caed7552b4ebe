"""The extractive writer: a chat completion without a model.

It reads the fenced source, the wanted number and the wanted kind of reply out of the prompt. Questions come from rules; answers
and quotes are sentences of the source, wrong options are those sentences with one thing changed. What the rules cannot do well
is left out: an empty list is a good reply.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from tasks.llm.writer_chains import write_conversation, write_evolve, write_multi_hop, write_reasoning, write_unanswerable
from tasks.llm.writer_items import write_choice, write_qa, write_rewrite, write_short, write_summary, write_true_false
from tasks.llm.writer_judge import write_scores
from tasks.llm.writer_refusal import write_refusal
from tasks.llm.writer_request import Item, Request, read_request
from tasks.llm.writer_scenario import write_scenario
from tasks.text.normal import comparable
from tasks.text.numbers import numbers_agree

WRITERS: dict[str, Callable[[Request], Iterable[Item]]] = {
    "qa": write_qa,
    "choice": write_choice,
    "short": write_short,
    "true_false": write_true_false,
    "multi_hop": write_multi_hop,
    "conversation": write_conversation,
    "reasoning": write_reasoning,
    "summary": write_summary,
    "unanswerable": write_unanswerable,
    "refusal": write_refusal,
    "rewrite": write_rewrite,
    "evolve": write_evolve,
    "scenario": write_scenario,
}
ANSWERS = ("answer", "correct", "explanation", "short")
CITATION = re.compile(r"제\s?\d+\s?[조항호](?:의\s?\d+)?|[①-⑳]|(?:section|article|clause|paragraph) \d+(?:\.\d+)*", re.IGNORECASE)
PLACE = re.compile(r"제\s?\d+\s?[항호](?:의\s?\d+)?")
LIST_MARK = re.compile(r"^\s*(?:\d{1,2}(?:의\d+)?[.)]|[①-⑳])\s", re.MULTILINE)


def write_reply(messages: Sequence[tuple[str, str]], response_format: dict[str, Any] | None = None) -> str:
    """The content of a completion for chat messages (role, text): JSON, always the same for the same request."""
    request = read_request(messages, response_format)
    if request is None:
        return json.dumps(_least(response_format or {}), ensure_ascii=False)
    if request.kind == "judge":
        return json.dumps({"scores": write_scores(request)}, ensure_ascii=False)
    items = [item for item in WRITERS[request.kind](request) if is_grounded(item, request)]
    return json.dumps({"items": items[: request.count]}, ensure_ascii=False)


def is_grounded(item: Item, request: Request) -> bool:
    """Whether every quote stands in its block, and every number of an answer in its quotes or in what they are cited by."""
    own = request.clause.source.text
    linked = request.neighbour.source.text if request.neighbour else ""
    if "turns" in item:
        return all(is_grounded(turn, request) for turn in item["turns"])
    quotes = [*item.get("quotes", []), *(step["quote"] for step in item.get("steps", []))]
    beside = item.get("linked_quotes", [])
    stand = all(_stands(quote, own) for quote in quotes) and all(_stands(quote, linked) for quote in beside)
    if not quotes or not stand:
        return False
    cited = [*request.clause.source.headings, request.clause.source.document, *CITATION.findall(own)]
    if request.neighbour and beside:
        cited += [*request.neighbour.source.headings, *CITATION.findall(linked)]
    cited += PLACE.findall(str(item.get("question") or item.get("statement")))
    said = "\n".join(LIST_MARK.sub("", text) for text in _answers(item))
    return numbers_agree(said, "\n".join([*quotes, *beside, *cited]))


def _answers(item: Item) -> Iterator[str]:
    yield from (item[name] for name in ANSWERS if name in item)


def _stands(quote: str, text: str) -> bool:
    wanted = comparable(quote)
    return bool(wanted) and wanted in comparable(text)


def _least(response_format: dict[str, Any]) -> dict[str, Any]:
    """A reply where there is no source: the first thing that the schema allows, where it has a closed list; else no items."""
    schema = response_format.get("json_schema", {}).get("schema", {})
    closed = {name: part["enum"][0] for name, part in schema.get("properties", {}).items() if part.get("enum")}
    return closed or {"items": []}
