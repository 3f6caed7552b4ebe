"""Answers that are right or wrong by construction, from real statutes and the made terms: what the answer checks are measured on.

Everything is made from a sentence of a document by one named change (wrong) or rewording (right), with hand-made tables, by
people and code that do not know the rules of the checks. Documents are split in two: `seen` may be looked at by those who write
the rules, `held_out` is for figures only. English cases come from two terms texts written for this suite.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Literal

from benchmarks import check_corpus_false as false
from benchmarks import check_corpus_true as true
from benchmarks.check_corpus_source import Clause, Part, clauses
from benchmarks.check_corpus_text import Row, Text, rows, texts
from benchmarks.check_corpus_words import DATE, Style, plain, quantities

__all__ = ["FALSE_KINDS", "TRUE_KINDS", "Case", "Part", "Row", "Text", "cases", "rows", "texts"]

Language = Literal["ko", "en"]
A_CLASS = 200  # cases of a class and part, where the documents hold as many


@dataclass(frozen=True, slots=True)
class Case:
    """An answer, the evidence it rests on, and whether the evidence says so. `variant` is how the answer was made."""

    evidence: str
    answer: str
    good: bool
    kind: str
    language: Language
    source: str
    variant: str = ""


FALSE_KINDS = (
    "number",
    "unit",
    "date",
    "comparator",
    "negation",
    "party",
    "reference",
    "scope",
    "exception",
    "modality",
    "order",
    "condition",
)
TRUE_KINDS = (
    "spacing",
    "endings",
    "number_format",
    "honorific",
    "clause_order",
    "paraphrase",
    "shortening",
    "source_reference",
    "list_to_prose",
    "ocr_noise",
    "combined",
)


def cases(data: Path, part: Part) -> list[Case]:
    """All cases of a part, Korean and English, in an order that does not change. `data` is the folder with law/ and made/."""
    from benchmarks.check_corpus_english import english_cases

    found = clauses(data, part)
    korean = [case for kind in (*FALSE_KINDS, *TRUE_KINDS) for case in _of_kind(found, kind, Random(f"{part} {kind}"))]
    return [*korean, *english_cases(part)]


Draft = tuple[str, str, str, Clause]  # evidence, plain answer or answer in words, variant, clause


def _of_kind(found: tuple[Clause, ...], kind: str, random: Random) -> list[Case]:
    """Up to A_CLASS cases: one of each clause in turn, then a second of each, and the variants of a clause in turn."""
    makers: dict[str, Callable[[Clause, Random], Iterator[Case]]] = {
        "date": _dates,
        "exception": _exceptions,
        "list_to_prose": _lists,
    }
    makers["number_format"] = _number_formats
    make = makers.get(kind) or (_changed(kind) if kind in FALSE_KINDS else _reworded(kind))
    piles = [pile for clause in found if (pile := _shuffled(list(make(clause, random)), random))]
    if kind == "condition":
        piles += [[case] for case in _moved(found, random)]
    random.shuffle(piles)
    chosen: list[Case] = []
    known: set[str] = set()
    for turn in range(12):
        for pile in piles:
            if turn < len(pile) and len(chosen) < A_CLASS and pile[turn].answer not in known:
                chosen.append(pile[turn])
                known.add(pile[turn].answer)
    return chosen


def _shuffled(pile: list[Case], random: Random) -> list[Case]:
    """The cases of a clause in a random order in which the variants take turns."""
    random.shuffle(pile)
    turns: dict[str, int] = {}
    order: list[tuple[int, int, Case]] = []
    for case in pile:
        turns[case.variant] = turns.get(case.variant, 0) + 1
        order.append((turns[case.variant], len(order), case))
    return [case for _, _, case in sorted(order, key=lambda o: o[:2])]


def _evidence(
    clause: Clause, sentence: str, random: Random, whole: bool = True, items: bool = False, heading: bool = False
) -> str:
    """The quote that an answer rests on: a sentence, or the paragraph with or without its heading and list."""
    text = " ".join(clause.sentences) if whole else sentence
    if len(text) > 450:
        text = sentence
    lead = random.random()
    mark = f"{clause.mark} " if clause.mark else ""
    if heading or lead < 0.3:
        text = f"{clause.article}({clause.title}) {mark}{text}"
    elif lead < 0.6:
        text = f"{mark}{text}"
    return "\n".join([text, *(f"{i}. {item}" for i, item in enumerate(clause.items, 1))]) if items else text


def _sentences(clause: Clause) -> Iterator[tuple[str, str]]:
    """Sentences fit to make a case of: as they stand, and plain without full stop."""
    for sentence in clause.sentences:
        form = plain(sentence[:-1])
        if form is not None and 20 <= len(form) <= 260:
            yield sentence, form


_EXCEPTS = re.compile(r"^(?:다만|그러나)")
# Where an exception next to the rule could make a changed answer partly right, the rule stands alone as the evidence.
_TOLD = {"order": 3, "exception": 2}  # changes that the documents hold few of are told in several wordings
_ALONE = ("negation", "modality", "scope", "condition", "party", "order")


def _changed(kind: str) -> Callable[[Clause, Random], Iterator[Case]]:
    maker = false.SENTENCE_MAKERS[kind]

    def make(clause: Clause, random: Random) -> Iterator[Case]:
        excepted = any(_EXCEPTS.match(s) for s in clause.sentences)
        for sentence, form in _sentences(clause):
            whole = not (excepted and kind in _ALONE)
            for answer, variant in list(maker(form, clause, random)) * _TOLD.get(kind, 1):
                evidence = _evidence(clause, sentence, random, whole=whole)
                yield from _case(evidence, _short(answer, form, kind, random) or answer, False, kind, clause, variant, random)

    return make


def _short(answer: str, form: str, kind: str, random: Random) -> str | None:
    """Now and then the changed quantity alone."""
    if kind not in ("number", "unit", "comparator") or random.random() > 0.15:
        return None
    short = true.short_answer(answer)
    return short if short and short != true.short_answer(form) else None


def _case(
    evidence: str, answer: str, good: bool, kind: str, clause: Clause, variant: str, random: Random, how: Style | None = None
) -> Iterator[Case]:
    text, _, behind = re.sub(r"^(?:다만,?|그러나) ", "", answer).partition("|")
    said = true.told(text, how or true.style(random), random)
    if said is None:
        return
    if behind.startswith("("):
        said = f"{said.rstrip('.')} {behind}."
    elif behind:
        more = true.told(behind, "합니다", random)
        said = f"{said.rstrip('.')}. {more}" if more else said
    if _fits(evidence, said, good, kind):
        yield Case(evidence, said, good, kind, "ko", clause.source, variant)


def _fits(evidence: str, answer: str, good: bool, kind: str) -> bool:
    """The last look at a case: what was to change did, and nothing was said twice."""
    if re.search(r"([가-힣]{2,}) \1 ", answer) or "  " in answer or (answer.rstrip(".") in evidence and not good):
        return False
    numbers = {q.same for q in quantities(answer)} - {q.same for q in quantities(evidence)}
    if kind == "number" and not good:
        return bool(quantities(answer))
    return not (good and kind != "list_to_prose" and numbers)


def _dates(clause: Clause, random: Random) -> Iterator[Case]:
    yield from _changed("date")(clause, random)
    text = " ".join(clause.sentences)
    if clause.note and len(text) < 300:
        for answer, variant in false.changed_on(clause, random):
            evidence = f"{clause.article}({clause.title}) {f'{clause.mark} ' if clause.mark else ''}{text} {clause.note}"
            yield from _case(evidence, answer, False, "date", clause, variant, random)


def _number_formats(clause: Clause, random: Random) -> Iterator[Case]:
    yield from _reworded("number_format")(clause, random)
    text = " ".join(clause.sentences)
    dates = [(int(m["y"]), int(m["m"]), int(m["d"])) for m in DATE.finditer(clause.note)]
    if dates and len(text) < 300 and random.random() < 0.15:
        evidence = f"{clause.article}({clause.title}) {f'{clause.mark} ' if clause.mark else ''}{text} {clause.note}"
        said = false.said_of(clause, dates, random)
        yield from _case(evidence, said, True, "number_format", clause, "note_date", random)


def _exceptions(clause: Clause, random: Random) -> Iterator[Case]:
    for answer, variant in list(false.exception(clause, random)) * _TOLD["exception"]:
        form = plain(answer) if "." not in answer else answer.replace("습니다.", "다.") if "니다." not in answer else None
        if form:
            yield from _case(_evidence(clause, "", random), form, False, "exception", clause, variant, random)


def _moved(found: tuple[Clause, ...], random: Random) -> Iterator[Case]:
    for first, second in itertools.pairwise(found):
        if first.document != second.document or any(_EXCEPTS.match(s) for s in (*first.sentences, *second.sentences)):
            continue
        for answer, variant in false.moved(first, second):
            evidence = f"{_evidence(first, '', random)}\n{_evidence(second, '', random)}"
            form = plain(answer)
            if form:
                yield from _case(evidence, form, False, "condition", first, variant, random)


def _lists(clause: Clause, random: Random) -> Iterator[Case]:
    head = plain(clause.sentences[-1][:-1])
    if clause.items and head and all(plain(s[:-1]) for s in clause.sentences) and clause.sentences[-1].endswith(f"{head}."):
        for answer, variant in true.list_to_prose(clause, random):
            evidence = _evidence(clause, clause.sentences[-1], random, whole=False, items=True)
            yield from _case(evidence, answer, True, "list_to_prose", clause, variant, random, how="합니다")


def _reworded(kind: str) -> Callable[[Clause, Random], Iterator[Case]]:
    def make(clause: Clause, random: Random) -> Iterator[Case]:
        for sentence, form in _sentences(clause):
            if _EXCEPTS.match(sentence) and kind != "ocr_noise":
                continue
            for answer, variant, how in _wordings(kind, form, clause, random):
                heading = "source" in variant or kind == "source_reference"
                whole = not any(_EXCEPTS.match(s) for s in clause.sentences)
                evidence = _evidence(clause, sentence, random, whole=whole, heading=heading)
                yield from _worded(kind, evidence, answer, variant, how, clause, random)

    return make


def _worded(kind: str, evidence: str, answer: str, variant: str, how: Style, clause: Clause, random: Random) -> Iterator[Case]:
    for case in _case(evidence, answer, True, kind, clause, variant, random, how):
        said, shown = case.answer, case.evidence
        if kind in ("spacing", "combined"):
            said = true.spaced_out(said, random)
        if kind == "ocr_noise":
            shown = true.ocr_noise(shown, random)
        if not (kind == "endings" and said in shown) and (kind != "spacing" or said != case.answer):
            yield Case(shown, said, True, kind, "ko", case.source, variant)


def _wordings(kind: str, form: str, clause: Clause, random: Random) -> Iterator[tuple[str, str, Style]]:
    if kind == "endings":
        yield from ((form, how, how) for how in ("합니다", "해요", "함", "한다"))
    elif kind in ("spacing", "ocr_noise"):
        yield form, kind, true.style(random)
    elif kind == "honorific":
        yield from ((a, v, random.choice(("합니다", "합니다", "해요"))) for a, v in true.honorific(form, clause, random))
    elif kind == "combined":
        yield from _combined(form, clause, random)
    else:
        yield from ((a, v, true.style(random)) for a, v in true.SENTENCE_MAKERS[kind](form, clause, random))
        short = true.short_answer(form) if kind == "shortening" else None
        if short:
            yield short, "number_only", random.choice(("합니다", "합니다", "해요"))


def _combined(form: str, clause: Clause, random: Random) -> Iterator[tuple[str, str, Style]]:
    """Several rewordings one after another."""
    names = []
    text = form
    for name in ("number_format", "clause_order", "paraphrase", "source_reference"):
        made = [a for a, _ in true.SENTENCE_MAKERS[name](text, clause, random)]
        if made and random.random() < (0.5 if name == "source_reference" else 0.9):
            text = random.choice(made)
            names.append(name)
    if len(names) >= 2:
        yield text, "+".join(name.split("_")[0] for name in names), true.style(random)
