"""The checks of a row, put together: its quotes first, then what it says, how it asks, and how it is written.

What is proved wrong is dropped with its reason; what is doubtful goes to people, with the reason beside the row. Which checks
a kind of row is put to is a table: an answer that declines has no evidence to agree with, a statement to judge gives itself away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from prompts.loader import Prompt
from tasks.check import form, language, questions, safety
from tasks.check.claims import Context, compare
from tasks.check.evidence import STEP, Clause, Fault, faults
from tasks.check.findings import Finding, Reason
from tasks.check.seen import Check, Seen, findings
from tasks.records import Chunk, Doubt, Dropped, Evidence, Kept, Language, Pair
from tasks.settings import CheckSettings
from tasks.text.dialogue import turns_of
from tasks.text.normal import comparable
from tasks.text.references import Reference, references_of

CHECKS: Final[tuple[Check, ...]] = (*questions.CHECKS, *language.CHECKS, *form.CHECKS, *safety.CHECKS)
LONGEST_DETAIL = 300
PARAGRAPH = re.compile("[①-⑳]")

# What a kind is not put to: the first column are kinds whose answers do not restate the source.
UNGROUNDED: Final = frozenset({"unanswerable", "refusal", "scenario", "short"})
GIVEN: Final = frozenset(
    {"reasoning", "evolve", "scenario", "conversation"}
)  # their questions bring facts of a case, numbers among them
EXCUSED: Final[Mapping[str, frozenset[Reason]]] = {
    "true_false": frozenset({"question_leaks_answer", "question_not_answerable"}),
    "unanswerable": frozenset({"question_not_answerable"}),
    "refusal": frozenset({"question_not_answerable", "unsafe", "unhedged_advice", "question_points_nowhere"}),
    "scenario": frozenset({"question_not_answerable", "question_leaks_answer", "unsafe", "repeats"}),
    "reasoning": frozenset({"question_not_answerable", "question_leaks_answer"}),
    "evolve": frozenset({"question_not_answerable"}),
    "conversation": frozenset({"repeats"}),
    "rewrite": frozenset({"question_not_answerable"}),
    "summary": frozenset({"question_not_answerable"}),
    "short": frozenset({"register_wrong", "register_mixed", "truncated", "answer_language"}),
}
DECLINES: Final[Mapping[Language, tuple[str, ...]]] = {
    "ko": ("않습니다", "없습니다", "아닙니다", "어렵습니다", "못합니다", "않아요", "없어요"),
    "en": (" not ", "n't ", " no ", "cannot", "nothing"),
}
DECLINING: Final = frozenset({"unanswerable", "refusal"})


@dataclass(frozen=True, slots=True)
class Library:
    """What rows are checked against: the chunks of one document, its title, and the prompts that the rows were written to."""

    chunks: Sequence[Chunk]
    title: str = ""
    prompts: Mapping[tuple[str, Language], Prompt] = field(default_factory=dict)


def check_pairs(pairs: Sequence[Pair], library: Library, settings: CheckSettings) -> Kept[Pair]:
    """The pairs that rest on their clauses, with their evidence located and what is doubtful about them."""
    clauses = {chunk.id: Clause(chunk) for chunk in library.chunks}
    known = references_of(text for chunk in library.chunks for text in (*chunk.heading, chunk.text, *_paragraphs(chunk.text)))
    rows: list[Pair] = []
    dropped: list[Dropped] = []
    for pair in pairs:
        own = [clauses[id_] for id_ in (pair.chunk, *pair.linked) if id_ in clauses]
        located = [_located(quote, own) for quote in pair.quotes]
        given = (library.title, *(questions_in(pair) if pair.kind in GIVEN else ()))
        if fault := next(faults(pair, own[0] if own else None, located, settings, given), None):
            dropped.append(Dropped.of(pair, pair.id, STEP, *fault))
            continue
        evidence = tuple(piece for piece in located if piece)
        found = list(_findings(pair, own, evidence, library, known, settings))
        if hard := next((finding for finding in found if finding.hard), None):
            dropped.append(Dropped.of(pair, pair.id, STEP, hard.reason, hard.detail[:LONGEST_DETAIL]))
        else:
            rows.append(pair.model_copy(update={"evidence": evidence, "doubts": _doubts(found)}))
    return Kept(rows, dropped)


def _paragraphs(text: str) -> list[str]:
    """The paragraphs of a clause as they are cited: ② is 제2항."""
    return [f"제{ord(mark) - ord('①') + 1}항" for mark in PARAGRAPH.findall(text)]


def _located(quote: str, clauses: Sequence[Clause]) -> Evidence | None:
    """A quote in the pair's own clause, else in a linked one."""
    for place, clause in enumerate(clauses):
        if found := clause.evidence(quote):
            return found.model_copy(update={"chunk": clause.chunk.id}) if place else found
    return None


def _findings(
    pair: Pair,
    clauses: Sequence[Clause],
    evidence: Sequence[Evidence],
    library: Library,
    known: frozenset[Reference],
    settings: CheckSettings,
) -> Iterator[Finding]:
    """Each reason once."""
    source = "\n".join(clause.chunk.text for clause in clauses)
    excused = EXCUSED.get(pair.kind, frozenset())
    told: set[Reason] = set()
    names = (library.title, *(title for clause in clauses for title in clause.chunk.heading))
    for finding in (*_claims(pair, source, names, evidence, known), *_wording(pair, source, names, library, settings)):
        if finding.reason not in excused | told and not _as_the_source_has_it(finding, pair, source):
            told.add(finding.reason)
            yield finding


def _claims(
    pair: Pair, source: str, names: tuple[str, ...], evidence: Sequence[Evidence], known: frozenset[Reference]
) -> Iterator[Finding]:
    """What the answer says against what its evidence says."""
    if pair.kind in DECLINING and not any(word in f"{pair.answer} " for word in DECLINES[pair.language]):
        yield Finding("polarity_differs", "the answer declines nothing", hard=True)
    if pair.kind in UNGROUNDED:
        return
    given = questions_in(pair) if pair.kind in GIVEN else ()
    context = Context(heading=(*names, *_paragraphs(source), *given), clause=source, references=known)
    # A conversation as a whole: what one answer leaves out the next one may say.
    yield from compare("\n".join(answers_of(pair)), [piece.quote for piece in evidence], context, pair.language)


def answers_of(pair: Pair) -> list[str]:
    """The texts of a pair that state something: each turn of a conversation, an explanation without its verdict."""
    if pair.kind == "conversation":
        return [answer for _, answer in turns_of(pair.question, pair.answer)]
    if pair.kind == "true_false":
        return [pair.answer.partition(". ")[2] or pair.answer]
    return [pair.answer]


def questions_in(pair: Pair) -> list[str]:
    """All that is asked in a pair; what a question says may be said again in its answer."""
    return [question for question, _ in turns_of(pair.question, pair.answer)] if pair.kind == "conversation" else [pair.question]


def asked_in(pair: Pair) -> str:
    """What a pair asks: of a statement that is to be judged, the statement."""
    return pair.question.partition("\n\n")[2] or pair.question if pair.kind == "true_false" else pair.question


def _wording(pair: Pair, source: str, names: tuple[str, ...], library: Library, settings: CheckSettings) -> Iterator[Finding]:
    prompt = library.prompts.get((pair.lineage.prompt, pair.language))
    seen = Seen(
        question=asked_in(pair),
        answer="\n".join(answers_of(pair)) if pair.kind == "conversation" else pair.answer,
        language=pair.language,
        clause=source,
        names="\n".join(names),
        options=tuple(option.answer for option in pair.options),
        demonstration=prompt.demonstration if prompt else "",
        system=prompt.system if prompt else "",
        register=None if settings.speech_level == "any" else settings.speech_level,
    )
    return findings(seen, CHECKS)


def _as_the_source_has_it(finding: Finding, pair: Pair, source: str) -> bool:
    """An answer that is the source's own sentence has the source's register."""
    whole = comparable(source)
    return finding.reason == "register_wrong" and all(comparable(answer) in whole for answer in answers_of(pair))


def _doubts(found: Iterable[Finding]) -> tuple[Doubt, ...]:
    return tuple(Doubt(reason=finding.reason, detail=finding.detail[:LONGEST_DETAIL]) for finding in found)


__all__ = ["Fault", "Library", "check_pairs"]
