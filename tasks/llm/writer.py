"""The extractive writer: a chat completion without a model.

It reads the fenced source and the wanted number out of the prompt, and from the reply's schema, or else from the prompt's
words, which reply is wanted. Questions come from rules; answers and quotes are sentences of the source, wrong options
are those sentences with one thing changed. What the rules cannot do well is left out: an empty list is a good reply.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from tasks.llm import english, korean
from tasks.llm.drafts import Draft, write_drafts
from tasks.llm.mutate import Mutation, distinct, english_mutations, korean_mutations
from tasks.llm.unfold import Source

SOURCE = re.compile(r"<source-(?P<fence>[0-9a-f]+)>\n(?P<body>.*)\n</source-(?P=fence)>(?P<rest>.*)", re.DOTALL)
COUNT = re.compile(r"\b(\d{1,2})\b(?!.*\b\d{1,2}\b)", re.DOTALL)
DEFAULT_COUNT = 3
MAX_DISTRACTORS, MIN_DISTRACTORS = 3, 2
LONGEST_OPTION = 260
HANGUL_SHARE = 0.2
NUMBER = re.compile(r"\d[\d,.]*\s?[^\s\d]?")
ASKS_NUMBER = re.compile(r"며칠|얼마|(?<![가-힣])몇 |[Hh]ow (?:many|much|long)|[Ww]hat percentage")


def write_reply(messages: Sequence[tuple[str, str]], response_format: dict[str, Any] | None = None) -> str:
    """The content of a completion for chat messages (role, text): JSON, always the same for the same request."""
    found = [match for role, text in messages if role == "user" and (match := SOURCE.search(text))]
    if not found:
        return json.dumps(_least(response_format or {}), ensure_ascii=False)
    source, count = _source(found[0]["body"]), _count(found[0]["rest"])
    system = "\n".join(text for role, text in messages if role == "system")
    write = _choices if "distractors" in (json.dumps(response_format) if _has_schema(response_format) else system) else _qa
    return json.dumps({"items": write(source, count)}, ensure_ascii=False)


def is_korean(text: str) -> bool:
    """Whether a text is to be asked about in Korean."""
    letters = [c for c in text if c.isalpha()]
    return sum("가" <= c <= "힣" for c in letters) >= HANGUL_SHARE * max(1, len(letters))


def drafts_of(source: Source) -> list[Draft]:
    """The drafts of a source in its own language."""
    return write_drafts(source, korean if is_korean(source.text) else english)


def _qa(source: Source, count: int) -> list[dict[str, Any]]:
    return [
        {"question": draft.questions[0], "answer": draft.answer, "quotes": list(draft.quotes)}
        for draft in _best(drafts_of(source), count)
    ]


def _choices(source: Source, count: int) -> list[dict[str, Any]]:
    """Multiple choice of those sentences that can be made wrong in several ways; the plainest question of each."""
    usable = []
    for draft in drafts_of(source):
        wrong = mutations(draft, source)
        if len(wrong) >= MIN_DISTRACTORS:
            usable.append((draft, wrong))
    chosen = _best([draft for draft, _ in usable], count)
    return [_choice(draft, wrong) for draft, wrong in usable if draft in chosen]


def mutations(draft: Draft, source: Source) -> list[Mutation]:
    """Wrong forms of a draft's sentence, the most plausible first."""
    if not 0 < len(draft.sentence) <= LONGEST_OPTION:
        return []
    mutate = korean_mutations if is_korean(source.text) else english_mutations
    return distinct(
        [*((text, "other") for text in draft.wrong), *mutate(draft.sentence, source.text)], draft.sentence, source.text
    )


def _choice(draft: Draft, wrong: list[Mutation]) -> dict[str, Any]:
    question = draft.questions[min(1, len(draft.questions) - 1)]
    if ASKS_NUMBER.search(question):
        wrong = sorted(
            wrong, key=lambda mutation: (mutation[1] != "number", _number_changed(draft.sentence, mutation[0]) in question)
        )
    return {
        "question": question,
        "correct": draft.sentence,
        "quotes": [draft.quotes[0]],
        "distractors": [{"text": text, "error": error} for text, error in wrong[:MAX_DISTRACTORS]],
    }


def _number_changed(sentence: str, wrong: str) -> str:
    """The number of a sentence that a wrong form changes, with the beginning of its unit."""
    same = next((place for place, (one, other) in enumerate(zip(sentence, wrong, strict=False)) if one != other), 0)
    return next((match[0] for match in NUMBER.finditer(sentence) if match.start() <= same < match.end()), wrong)


def _best(drafts: list[Draft], count: int) -> list[Draft]:
    """The drafts most worth asking, each question once, in the order of the text."""
    first = {draft.questions[0]: draft for draft in reversed(drafts)}
    unlike = [draft for draft in drafts if first[draft.questions[0]] is draft]
    chosen = sorted(range(len(unlike)), key=lambda place: (unlike[place].rank, place))[:count]
    return [unlike[place] for place in sorted(chosen)]


def _source(body: str) -> Source:
    """Document and heading stand on labelled lines above the first empty line."""
    head, _, text = body.partition("\n\n")
    labels = [line.partition(":")[2].strip() for line in head.split("\n")] + ["", ""]
    return Source(labels[0], labels[1], text)


def _count(rest: str) -> int:
    match = COUNT.search(rest)
    return int(match[1]) if match else DEFAULT_COUNT


def _least(response_format: dict[str, Any]) -> dict[str, Any]:
    """A reply where there is no source: the first thing that the schema allows, where it has a closed list; else no items."""
    schema = response_format.get("json_schema", {}).get("schema", {})
    closed = {name: part["enum"][0] for name, part in schema.get("properties", {}).items() if part.get("enum")}
    return closed or {"items": []}


def _has_schema(response_format: dict[str, Any] | None) -> bool:
    return bool(response_format) and "json_schema" in (response_format or {})
