"""What can be asked about a clause: a draft for each statement, list, definition and exception, with its answer and quotes.

The clause is read as a tree of 항, 호 and 목 (or sections and letters), so that a question can say where its answer stands: a
question that names document, article and paragraph makes sense without the page beside it. How a language puts it is the
business of its grammar (korean.py, english.py).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from tasks.llm.rows import Fact, facts
from tasks.llm.unfold import Source, Unit, unfold
from tasks.text.sentences import sentences

LONGEST_ANSWER = 700
LONGEST_LIST = 1200
OTHER_TERMS = 3


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
    """

    questions: tuple[str, ...]
    answer: str
    quotes: tuple[str, ...]
    rank: int
    sentence: str = ""
    wrong: tuple[str, ...] = ()


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


class _Writer:
    def __init__(self, source: Source, grammar: Grammar) -> None:
        self.source = source
        self.grammar = grammar

    def drafts(self) -> list[Draft]:
        nodes = self._tree(unfold(self.source))
        found = [draft for node in nodes for draft in self._node(node, glossary=False)]
        found = self._with_other_terms(found) + list(self._rows())
        return found or [draft for node in nodes for draft in self._about(node)][:1]

    def _rows(self) -> Iterator[Draft]:
        """A draft for a row of a table; a statement of the text is better worth asking."""
        for fact in facts(self.source.text):
            yield Draft((self.grammar.ask_row(self._where(""), fact),), self.grammar.answer_row(fact), fact.quotes, 5)

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
            yield from self._statement(group, answer, node.place)
            if any(self.grammar.is_exception(sentence) for sentence in group[1:]):
                yield Draft((self.grammar.ask_exception(self._where(node.place)),), answer, tuple(group), 1)

    def _statement(self, group: list[str], answer: str, place: str) -> Iterator[Draft]:
        first = group[0]
        if defined := self.grammar.definition(first, False):
            yield self._definition(place, *defined, group)
        elif self.grammar.is_statement(first):
            details, whole = list(self.grammar.specific(first)), self.grammar.general(first)
            cores = dict.fromkeys([*details[:1], *([whole[0]] if whole else []), *details[1:]])
            rank = 0 if details else 2 if whole and whole[1] else 4
            if cores:
                questions = tuple(self.grammar.ask(self._where(place), core) for core in cores)
                yield Draft(questions, answer, tuple(group), rank, first)

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
        return Draft((question,), " ".join([meaning, *group[1:]]), tuple(group), 0, meaning)

    def _list(self, node: Node, parts: list[str]) -> Iterator[Draft]:
        stem = next((sentence for sentence in parts if self.grammar.counts_up(sentence)), "")
        asked = self.grammar.list_question(stem) if stem else None
        if asked is None or len(node.children) < 2:
            return
        lines = (asked[1], *(f"{unit.mark} {unit.text}" for unit in node.below()))
        if len(answer := "\n".join(lines)) <= LONGEST_LIST:
            yield Draft((self.grammar.ask(self._where(node.place), asked[0]),), answer, lines, 1)

    def _about(self, node: Node) -> Iterator[Draft]:
        """The last resort for a text whose sentences fit no rule: what does it say?"""
        parts = sentences(node.unit.text)
        said = [sentence for sentence in parts if self.grammar.is_statement(sentence)]
        answer = " ".join(said)
        if not self.source.headings or not said or said[0] != parts[0] or self.grammar.follows(said[0]):
            return
        if len(answer) <= LONGEST_ANSWER and not any(self.grammar.counts_up(sentence) for sentence in parts):
            yield Draft((self.grammar.ask_about(self._where(node.place)),), answer, tuple(said), 3)

    def _with_other_terms(self, found: list[Draft]) -> list[Draft]:
        """Definitions with those of other terms of the list as wrong answers: 계약자란 (what 피보험자 means)."""
        cut = [(place, split) for place, draft in enumerate(found) if (split := self.grammar.term_and_meaning(draft.sentence))]
        for turn, (place, (term, _)) in enumerate(cut):
            others = [cut[(turn + step) % len(cut)][1] for step in range(1, min(OTHER_TERMS + 1, len(cut)))]
            found[place] = dataclasses.replace(found[place], wrong=tuple(term + meaning for _, meaning in others))
        return found

    def _where(self, place: str) -> str:
        return self.grammar.where(self.source, place)
