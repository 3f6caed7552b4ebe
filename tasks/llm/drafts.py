"""What can be asked about a clause: one draft a statement, list, definition or exception, with its answer and quotes.

The clause is read as a tree of 항, 호 and 목, so that a question can say where its answer stands: a question that names
document, article and paragraph makes sense without the page beside it.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from tasks.llm import korean
from tasks.llm.unfold import Unit, unfold

LONGEST_ANSWER = 700
LONGEST_LIST = 1200


@dataclass(frozen=True, slots=True)
class Source:
    """The fenced part of a prompt: the document's title, the path of headings, the text."""

    document: str
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Draft:
    """Questions with one answer, the most telling first; `rank` is lower for what is better worth asking.

    `sentence` is the answer as one sentence that can be made wrong; empty where there is none.
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

    def lines(self) -> Iterator[str]:
        """The units below this one, each on a line with its mark."""
        for child in self.children:
            yield f"{child.unit.mark} {child.unit.text}"
            yield from child.lines()

    def quotes(self) -> Iterator[str]:
        """The texts of the units below this one."""
        for child in self.children:
            yield child.unit.text
            yield from child.quotes()


def tree(units: list[Unit]) -> list[Node]:
    """Units as a forest: 호 below their 항, 목 below their 호."""
    roots: list[Node] = []
    path: list[Node] = []
    for unit in units:
        while path and path[-1].unit.level >= unit.level:
            path.pop()
        above = path[-1] if path and unit.level > 1 else None
        node = Node(unit, f"{above.place} {_place(unit)}".strip() if above else _place(unit))
        (above.children if above else roots).append(node)
        path.append(node)
    return roots


def _place(unit: Unit) -> str:
    mark = unit.mark
    if unit.level == 1 and len(mark) == 1:
        return f"제{unicodedata.numeric(mark):.0f}항"
    if unit.level == 2 and (match := re.match(r"(\d+)(의\d+)?\.", mark)):
        return f"제{match[1]}호{match[2] or ''}"
    return f"{mark[0]}목" if unit.level == 3 else mark.rstrip(".")


# ---------------------------------------------------------------- Korean
ARTICLE = re.compile(r"제\d+조")
GROUPING = re.compile(r"제\s?\d+\s?(?:편|장|절|관)(?:\s|$|의)")


def korean_drafts(source: Source) -> list[Draft]:
    """The drafts of a Korean clause, in the order of the text."""
    cite = citation(source)
    nodes = tree(unfold(source.text, source.heading.rsplit(" > ", 1)[-1]))
    found = _with_other_terms([draft for node in nodes for draft in _korean_node(node, cite)])
    return found or [draft for node in nodes for draft in _about(node, cite)][:1]


def _with_other_terms(found: list[Draft]) -> list[Draft]:
    """Definitions of a list with the definitions of other terms as wrong answers: 계약자란 (what 피보험자 means)."""
    defined = [(place, split) for place, draft in enumerate(found) if (split := TERM.match(draft.sentence))]
    for turn, (place, own) in enumerate(defined):
        others = [defined[(turn + step) % len(defined)][1] for step in range(1, min(4, len(defined)))]
        wrong = tuple(own["term"] + other["text"] for other in others)
        found[place] = dataclasses.replace(found[place], wrong=wrong)
    return found


TERM = re.compile(
    r"(?P<term>(?:[“\"'‘「][^”\"'’」]{1,40}[”\"'’」]|[가-힣 ]{1,20})(?:이란|란|이라 함은|라 함은) )(?P<text>.*(?:말한다|말합니다)\.?)$"
)


def citation(source: Source) -> str:
    """How a question names the clause: document, what is needed of the path, article with its title."""
    parts = [part.strip() for part in source.heading.split(" > ") if part.strip()]
    title = source.document.strip("「」 ")
    above = [part for part in parts[:-1] if not GROUPING.match(part) and part != title]
    last = parts[-1:] if parts and parts[-1] != title else []
    clause = [part if ARTICLE.match(part) else f"'{part}'" for part in last]
    return " ".join([f"「{title}」", *above, *clause])


def _korean_node(node: Node, cite: str, terms: bool = False) -> Iterator[Draft]:
    where = f"{cite} {node.place}".strip()
    terms = terms or "용어" in node.unit.text
    group = korean.sentences(node.unit.text)
    if node.unit.level >= 2 and group and (defined := korean.definition(group[0], terms)):
        yield _definition(cite, *defined, group)
    else:
        yield from _statements(node, where)
    stem = _stem(node)
    if stem and not terms and (listed := _list(node, stem, where)):
        yield listed
    for child in node.children:
        yield from _korean_node(child, cite, terms)


def _statements(node: Node, where: str) -> Iterator[Draft]:
    """A draft for every sentence with those that follow it, and one for what a 다만 takes back."""
    for group in _groups(korean.sentences(node.unit.text)):
        group = [sentence for sentence in group if not korean.COUNTS_UP.search(sentence)]
        answer = " ".join(group)
        if not group or korean.follows(group[0]) or len(answer) > LONGEST_ANSWER:
            continue
        yield from _statement(group, answer, where)
        if any(korean.is_exception(sentence) for sentence in group[1:]):
            yield Draft((f"{where} 단서에서는 어떤 예외를 정하고 있나요?",), answer, tuple(group), 1)


def _statement(group: list[str], answer: str, where: str) -> Iterator[Draft]:
    first = group[0]
    if defined := korean.definition(first):
        yield _definition(where, *defined, group)
    elif korean.is_statement(first):
        details, whole = list(korean.specific(first)), korean.general(first)
        cores = [*details[:1], *([whole[0]] if whole else []), *details[1:]]
        rank = 0 if details else 2 if whole and whole[1] else 4
        if cores:
            yield Draft(tuple(f"{where}에 따르면, {core}?" for core in dict.fromkeys(cores)), answer, tuple(group), rank, first)


def _groups(sentences: list[str]) -> Iterator[list[str]]:
    """Sentences with those that need them."""
    group: list[str] = []
    for sentence in sentences:
        if group and not korean.follows(sentence):
            yield group
            group = []
        if group or not korean.follows(sentence):
            group.append(sentence)
    if group:
        yield group


def _definition(where: str, term: str, meaning: str, group: list[str]) -> Draft:
    question = f"{where}에 따르면, '{term}'{korean.particle(term, '란')} 무엇을 말하나요?"
    return Draft((question,), " ".join([meaning, *group[1:]]), tuple(group), 0, meaning)


def _stem(node: Node) -> str:
    sentences = korean.sentences(node.unit.text) if node.children else []
    return next((s for s in sentences if korean.COUNTS_UP.search(s)), "")


def _list(node: Node, stem: str, where: str) -> Draft | None:
    if korean.is_exception(stem):
        stem, where = stem.split(",", 1)[-1].strip(), f"{where} 단서"
    core = korean.list_question(stem)
    answer = "\n".join([stem, *node.lines()])
    if core is None or len(answer) > LONGEST_LIST or len(node.children) < 2:
        return None
    return Draft((f"{where}에 따르면, {core}?",), answer, (stem, *node.quotes()), 1)


def _about(node: Node, cite: str) -> Iterator[Draft]:
    """The last resort for a text whose sentences fit no rule: what does it say?"""
    sentences = [s for s in korean.sentences(node.unit.text) if korean.is_statement(s)]
    answer = " ".join(sentences)
    if sentences and len(answer) <= LONGEST_ANSWER and not _stem(node):
        yield Draft((f"{cite} {node.place}".strip() + "에서는 무엇을 정하고 있나요?",), answer, tuple(sentences), 3)
