"""What a prompt asks the offline writer for: the kind of reply, the blocks between the fences, the lines after them.

The kind is read from a field that only the form of this kind has, wherever that form stands: in the reply's schema, or in the
words of the prompt. All blocks of a prompt carry the fence of the first one, a hash that none of them can hold, so what
stands in a block decides nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tasks.llm import english, korean, writer_english, writer_korean
from tasks.llm.drafts import Draft, Grammar, write_drafts
from tasks.llm.unfold import Source
from tasks.llm.writer_phrases import Phrases

Item = dict[str, Any]

FIRST = re.compile(r"<source-(?P<fence>[0-9a-f]+)>\n")
COUNT = re.compile(r"\b(\d{1,2})\b(?!.*\b\d{1,2}\b)", re.DOTALL)
SETTING = re.compile(r"(?m)^(?P<name>대상|Audience|방식|Mode): ?(?P<value>\w+)\s*$")
PAIR = re.compile(
    r"(?:질문|Question): ?(?P<question>.*?)\n(?:답변|Answer): ?(?P<answer>.*?)(?:\n(?:인용|Quotes):.*)?$", re.DOTALL
)
ITEM = re.compile(r"[호목]$|제\d+호")
DEFAULT_COUNT = 3
HANGUL_SHARE = 0.2

# A field that only the form of this kind has. The first that is found counts.
MARKS: tuple[tuple[str, str], ...] = (
    ("criterion", "judge"),
    ("scores", "judge"),
    ("distractors", "choice"),
    ("short", "short"),
    ("statement", "true_false"),
    ("linked_quotes", "multi_hop"),
    ("turns", "conversation"),
    ("steps", "reasoning"),
    ("missing", "unanswerable"),
    ("harm", "refusal"),
    ("audience", "rewrite"),
    ("mode", "evolve"),
    ("events", "scenario"),
)
CLOSED = re.compile(r'"criterion":\s*\{[^{}]*"enum":\s*\[([^\]]*)\]')
SUMMARY = re.compile(r"요약|summar(?:y|ies|ise|ize)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause with what can be asked about it, and the language it is asked in."""

    source: Source
    grammar: Grammar
    phrases: Phrases
    drafts: tuple[Draft, ...]

    @staticmethod
    def of(source: Source, is_like: str = "") -> Clause:
        """The clause of a source; `is_like` is a text whose language counts where it is another's neighbour."""
        in_korean = is_korean(is_like or source.text)
        grammar: Grammar = korean if in_korean else english
        phrases: Phrases = writer_korean if in_korean else writer_english
        return Clause(source, grammar, phrases, tuple(write_drafts(source, grammar)))

    def where(self, place: str = "") -> str:
        """How a place in the clause is cited."""
        return self.grammar.where(self.source, place)

    def said_at(self, place: str, sentences: Sequence[str]) -> str:
        """What a place says. It is cited by its paragraph: items of lists are numbered in the source, but not named there."""
        paragraph = place.split(" ")[0]
        return self.phrases.said(self.where(paragraph if not ITEM.search(paragraph) else ""), sentences)

    @property
    def title(self) -> str:
        """What the clause is about, by its heading; empty without one."""
        return self.phrases.subject(self.source.headings[-1]) if self.source.headings else ""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be written. What a kind does not need is empty."""

    kind: str
    count: int
    clause: Clause
    neighbour: Clause | None
    pair: tuple[str, str]
    avoid: tuple[str, ...]
    audience: str
    mode: str
    criteria: tuple[str, ...]


def read_request(messages: Sequence[tuple[str, str]], response_format: dict[str, Any] | None) -> Request | None:
    """The request that chat messages (role, text) make; None where they hold no source."""
    user = next((text for role, text in messages if role == "user" and FIRST.search(text)), None)
    if user is None:
        return None
    blocks, rest = _blocks(user)
    if "source" not in blocks:
        return None
    system = "\n".join(text for role, text in messages if role == "system")
    form = json.dumps(response_format) if has_schema(response_format) else system
    settings = {match["name"]: match["value"] for match in SETTING.finditer(rest)}
    pair = PAIR.match(blocks.get("pair", "").strip())
    counted = COUNT.search(rest)
    source = _source(blocks["source"])
    beside = blocks.get("linked") or blocks.get("sibling")
    return Request(
        kind=_kind(form, system),
        count=int(counted[1]) if counted else DEFAULT_COUNT,
        clause=Clause.of(source),
        neighbour=Clause.of(_beside(beside, source.document), source.text) if beside else None,
        pair=(pair["question"].strip(), pair["answer"].strip()) if pair else ("", ""),
        avoid=tuple(line.strip() for line in blocks.get("avoid", "").split("\n") if line.strip()),
        audience=settings.get("대상") or settings.get("Audience") or "customer",
        mode=settings.get("방식") or settings.get("Mode") or "deepening",
        criteria=_criteria(form),
    )


def is_korean(text: str) -> bool:
    """Whether a text is to be asked about in Korean."""
    letters = [c for c in text if c.isalpha()]
    return sum("가" <= c <= "힣" for c in letters) >= HANGUL_SHARE * max(1, len(letters))


def has_schema(response_format: dict[str, Any] | None) -> bool:
    """Whether the reply's form comes as a schema."""
    return bool(response_format) and "json_schema" in (response_format or {})


def _kind(form: str, system: str) -> str:
    """A summary has the fields of every answer and no more, so it is known by the words of the task."""
    marked = next((kind for mark, kind in MARKS if re.search(rf'"{mark}"\s*:', form)), "")
    return marked or ("summary" if SUMMARY.search(system) else "qa")


def _criteria(form: str) -> tuple[str, ...]:
    """What a pair is judged by: the closed list of the schema, or the names in the prompt's form."""
    closed = CLOSED.search(form)
    return tuple(dict.fromkeys(re.findall(r'"(\w+)"', closed[1]) if closed else re.findall(r'"criterion": ?"(\w+)"', form)))


def _blocks(user: str) -> tuple[dict[str, str], str]:
    """The blocks of a prompt by name, and what stands after the last of them."""
    first = FIRST.search(user)
    assert first
    mark = re.escape(first["fence"])
    found = list(re.finditer(rf"<(?P<name>[a-z]+)-{mark}>\n(?P<body>.*?)\n?</(?P=name)-{mark}>", user, re.DOTALL))
    return {match["name"]: match["body"] for match in reversed(found)}, user[found[-1].end() :] if found else ""


def _source(body: str) -> Source:
    """Document and heading stand on labelled lines above the first empty line."""
    head, _, text = body.partition("\n\n")
    labels = [line.partition(":")[2].strip() for line in head.split("\n")] + ["", ""]
    return Source(labels[0], labels[1], text)


def _beside(body: str, document: str) -> Source:
    """A clause of the same document: its heading is the last labelled line above the first empty line."""
    head, _, text = body.partition("\n\n")
    return Source(document, head.split("\n")[-1].partition(":")[2].strip(), text)
