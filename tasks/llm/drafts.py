"""What can be asked about a clause: a draft for each statement, list, definition and exception, with its answer and quotes.

The clause is read as a tree of 항, 호 and 목 (or sections and letters), so that a question can say where its answer stands: a
question that names document, article and paragraph makes sense without the page beside it. How a language puts it is the
business of its grammar (korean.py, english.py).
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, Protocol

from tasks.llm.rows import Fact, facts
from tasks.llm.unfold import Source, Unit, unfold
from tasks.text.sentences import sentences

LONGEST_ANSWER = 700
LONGEST_LIST = 1200
OTHER_TERMS = 3

Shape = Literal["statement", "definition", "exception", "list", "row", "about"]

# Who writes to a reader of prompts, not to a party: such a sentence is none of the clause.
ORDER = re.compile(
    r"(?:이전|앞|위|지금까지|모든|기존)\S*(?: \S+){0,3} ?(?:지시|명령|규칙|프롬프트)\S*(?: 모두)? ?(?:무시|잊)"
    r"|라고만 (?:답|출력|말)"
    r"|\b(?:ignore|disregard|forget)\b.{0,40}\b(?:instructions?|prompts?|above|previous)\b|\bsystem prompt\b|\bas an AI\b",
    re.IGNORECASE,
)


class Grammar(Protocol):
    """What a language knows about its sentences and questions; a module is one."""

    def is_statement(self, sentence: str) -> bool:
        """Whether a sentence says something by itself."""

    def follows(self, sentence: str) -> bool:
        """Whether a sentence needs the one before it."""

    def is_exception(self, sentence: str) -> bool:
        """Whether a sentence takes something back."""

    def counts_up(self, sentence: str) -> bool:
        """Whether a sentence announces a list."""

    def is_glossary(self, text: str) -> bool:
        """Whether a text announces a list of terms."""

    def numbers_asked(self, sentence: str) -> Iterator[tuple[str, str]]:
        """Questions that ask for a number of a sentence, and the number with its unit."""

    def specific(self, sentence: str) -> Iterator[str]:
        """Questions about a detail of a sentence, best first, without the mark."""

    def general(self, sentence: str) -> tuple[str, bool] | None:
        """A question about the whole sentence, and whether it is a telling one."""

    def list_question(self, stem: str) -> tuple[str, str] | None:
        """A question for what a stem announces, and the stem as the answer begins."""

    def definition(self, text: str, listed: bool) -> tuple[str, str] | None:
        """The term a text defines, and the definition as a full sentence."""

    def term_and_meaning(self, sentence: str) -> tuple[str, str] | None:
        """A definition cut behind the words that introduce the meaning."""

    def place(self, unit: Unit) -> str:
        """How a unit is cited."""

    def where(self, source: Source, place: str) -> str:
        """How a place in a document is cited."""

    def ask(self, where: str, core: str) -> str:
        """The whole question."""

    def ask_definition(self, where: str, term: str) -> str:
        """The question for a definition."""

    def ask_exception(self, where: str) -> str:
        """The question for an exception."""

    def ask_row(self, where: str, fact: Fact) -> str:
        """The question for a row of a table."""

    def answer_row(self, fact: Fact) -> str:
        """What a row of a table says, as a sentence."""

    def ask_about(self, where: str) -> str:
        """The question for a text that fits no rule."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Questions with one answer, the most telling first; `rank` is lower for what is better worth asking.

    `sentence` is the answer as one sentence that can be made wrong, empty where there is none; `wrong` are such sentences.
    `cores` are the questions without what stands around them, `value` is the number or the cell that the first one asks for,
    `exceptions` are the sentences that take something back from it; `cut` says that one more was left out, for it is a list.
    """

    questions: tuple[str, ...]
    answer: str
    quotes: tuple[str, ...]
    rank: int
    shape: Shape
    place: str = ""
    sentence: str = ""
    wrong: tuple[str, ...] = ()
    cores: tuple[str, ...] = ()
    value: str = ""
    exceptions: tuple[str, ...] = ()
    cut: bool = False


@dataclass(slots=True)
class Node:
    """A unit of a clause, where it stands, and what stands below it."""

    unit: Unit
    place: str
    children: list[Node] = field(default_factory=list)

    def below(self) -> Iterator[Unit]:
        """All units under this one, in order."""
        for child in self.children:
            yield child.unit
            yield from child.below()


def write_drafts(source: Source, grammar: Grammar) -> list[Draft]:
    """The drafts of a clause, in the order of the text."""
    return _Writer(source, grammar).drafts()


def units_of(source: Source) -> list[Unit]:
    """The units of a clause, without sentences that give orders to a reader of prompts."""
    return [unit for found in unfold(source) if (unit := _without_orders(found)).text]


def _without_orders(unit: Unit) -> Unit:
    if not ORDER.search(unit.text):
        return unit
    return dataclasses.replace(unit, text=" ".join(s for s in sentences(unit.text) if not ORDER.search(s)))


class _Writer:
    def __init__(self, source: Source, grammar: Grammar) -> None:
        self.source = source
        self.grammar = grammar

    def drafts(self) -> list[Draft]:
        nodes = self._tree(units_of(self.source))
        found = [draft for node in nodes for draft in self._node(node, glossary=False)]
        found = self._with_other_terms(found) + list(self._rows())
        return found or [draft for node in nodes for draft in self._about(node)][:1]

    def _rows(self) -> Iterator[Draft]:
        """A draft for a row of a table; a statement of the text is better worth asking."""
        for fact in facts(self.source.text):
            question, answer = self.grammar.ask_row(self._where(""), fact), self.grammar.answer_row(fact)
            yield Draft((question,), answer, fact.quotes, 5, "row", value=fact.value)

    def _tree(self, units: list[Unit]) -> list[Node]:
        """Units as a forest: 호 below their 항, 목 below their 호."""
        roots: list[Node] = []
        path: list[Node] = []
        for unit in units:
            while path and path[-1].unit.level >= unit.level:
                path.pop()
            above = path[-1] if path and unit.level > 1 else None
            place = self.grammar.place(unit)
            node = Node(unit, f"{above.place} {place}".strip() if above else place)
            (above.children if above else roots).append(node)
            path.append(node)
        return roots

    def _node(self, node: Node, glossary: bool) -> Iterator[Draft]:
        group = sentences(node.unit.text)
        glossary = glossary or self.grammar.is_glossary(node.unit.text)
        if node.unit.level >= 2 and group and (defined := self.grammar.definition(group[0], glossary)):
            yield self._definition("", *defined, group)
        else:
            yield from self._statements(node, group)
        if node.children and not glossary:
            yield from self._list(node, group)
        for child in node.children:
            yield from self._node(child, glossary)

    def _statements(self, node: Node, parts: list[str]) -> Iterator[Draft]:
        """A draft for every sentence with those that follow it, and one for what an exception takes back."""
        for whole in self._groups(parts):
            group = [sentence for sentence in whole if not self.grammar.counts_up(sentence)]
            answer = " ".join(group)
            if not group or self.grammar.follows(group[0]) or len(answer) > LONGEST_ANSWER:
                continue
            cut = any(self.grammar.is_exception(s) and self.grammar.counts_up(s) for s in whole)
            yield from (dataclasses.replace(draft, cut=cut) for draft in self._statement(group, answer, node.place))
            if taken_back := self._exceptions(group[1:]):
                question = self.grammar.ask_exception(self._where(node.place))
                yield Draft((question,), answer, tuple(group), 1, "exception", node.place, exceptions=taken_back)

    def _statement(self, group: list[str], answer: str, place: str) -> Iterator[Draft]:
        first = group[0]
        if defined := self.grammar.definition(first, False):
            yield self._definition(place, *defined, group)
        elif self.grammar.is_statement(first):
            details, whole = list(self.grammar.specific(first)), self.grammar.general(first)
            cores = dict.fromkeys([*details[:1], *([whole[0]] if whole else []), *details[1:]])
            rank = 0 if details else 2 if whole and whole[1] else 4
            if cores:
                yield Draft(
                    tuple(self.grammar.ask(self._where(place), core) for core in cores),
                    answer,
                    tuple(group),
                    rank,
                    "statement",
                    place,
                    sentence=first,
                    cores=tuple(cores),
                    value=dict(self.grammar.numbers_asked(first)).get(next(iter(cores)), ""),
                    exceptions=self._exceptions(group[1:]),
                )

    def _exceptions(self, group: list[str]) -> tuple[str, ...]:
        return tuple(s for s in group if self.grammar.is_exception(s) and not self.grammar.counts_up(s))

    def _groups(self, parts: list[str]) -> Iterator[list[str]]:
        """Sentences with those that need them."""
        group: list[str] = []
        for sentence in parts:
            if group and not self.grammar.follows(sentence):
                yield group
                group = []
            if group or not self.grammar.follows(sentence):
                group.append(sentence)
        if group:
            yield group

    def _definition(self, place: str, term: str, meaning: str, group: list[str]) -> Draft:
        question = self.grammar.ask_definition(self._where(place), term)
        return Draft((question,), " ".join([meaning, *group[1:]]), tuple(group), 0, "definition", place, meaning, value=term)

    def _list(self, node: Node, parts: list[str]) -> Iterator[Draft]:
        stem = next((sentence for sentence in parts if self.grammar.counts_up(sentence)), "")
        asked = self.grammar.list_question(stem) if stem else None
        if asked is None or len(node.children) < 2:
            return
        lines = (asked[1], *(f"{unit.mark} {unit.text}" for unit in node.below()))
        if len(answer := "\n".join(lines)) <= LONGEST_LIST:
            question = self.grammar.ask(self._where(node.place), asked[0])
            exceptions = self._exceptions(parts)
            yield Draft((question,), answer, lines, 1, "list", node.place, cores=(asked[0],), exceptions=exceptions)

    def _about(self, node: Node) -> Iterator[Draft]:
        """The last resort for a text whose sentences fit no rule: what does it say?"""
        parts = sentences(node.unit.text)
        said = [sentence for sentence in parts if self.grammar.is_statement(sentence)]
        answer = " ".join(said)
        if not self.source.headings or not said or said[0] != parts[0] or self.grammar.follows(said[0]):
            return
        if len(answer) <= LONGEST_ANSWER and not any(self.grammar.counts_up(sentence) for sentence in parts):
            yield Draft((self.grammar.ask_about(self._where(node.place)),), answer, tuple(said), 3, "about", node.place)

    def _with_other_terms(self, found: list[Draft]) -> list[Draft]:
        """Definitions with those of other terms of the list as wrong answers: 계약자란 (what 피보험자 means)."""
        cut = [(place, split) for place, draft in enumerate(found) if (split := self.grammar.term_and_meaning(draft.sentence))]
        for turn, (place, (term, _)) in enumerate(cut):
            others = [cut[(turn + step) % len(cut)][1] for step in range(1, min(OTHER_TERMS + 1, len(cut)))]
            found[place] = dataclasses.replace(found[place], wrong=tuple(term + meaning for _, meaning in others))
        return found

    def _where(self, place: str) -> str:
        return self.grammar.where(self.source, place)
