"""Replies of one clause and one question: typed questions, choice, short answers, true and false, summaries, explanations."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence

from tasks.llm.drafts import Draft, Grammar, units_of
from tasks.llm.mutate import Mutation, distinct, english_mutations, korean_mutations
from tasks.llm.unfold import Unit
from tasks.llm.writer_phrases import Phrases, QaType
from tasks.llm.writer_request import Clause, Item, Request, is_korean
from tasks.text.normal import comparable
from tasks.text.sentences import sentences

MAX_DISTRACTORS, MIN_DISTRACTORS = 3, 2
LONGEST_OPTION = 260
LONGEST_STATEMENT = 400
LONGEST_SUMMARY = 600
MOST_KEPT = 0.9  # of the paragraphs' letters
MOST_SENTENCES, MOST_WORDS = 3, 3  # in an explanation
LONGEST_SHORT = 30  # characters of a bare answer
LONGEST_TOLD = 200  # of a sentence that an explanation takes over
NUMBER = re.compile(r"\d[\d,.]*\s?[^\s\d]?")
ASKS_NUMBER = re.compile(r"며칠|얼마|(?<![가-힣])몇 |[Hh]ow (?:many|much|long)|[Ww]hat percentage")


def best(drafts: Sequence[Draft], count: int) -> list[Draft]:
    """The drafts most worth asking, each question once, in the order of the text."""
    first = {draft.questions[0]: draft for draft in reversed(drafts)}
    unlike = [draft for draft in drafts if first[draft.questions[0]] is draft]
    chosen = sorted(range(len(unlike)), key=lambda place: (unlike[place].rank, place))[:count]
    return [unlike[place] for place in sorted(chosen)]


def toss(*texts: str) -> bool:
    """Heads or tails, always the same for the same texts."""
    return hashlib.blake2b("\0".join(texts).encode("utf-8", "surrogatepass"), digest_size=1).digest()[0] % 2 == 0


# ---------------------------------------------------------------- questions
def write_qa(request: Request) -> Iterator[Item]:
    """The best drafts, with the type of their question."""
    for draft in best(request.clause.drafts, request.count):
        yield {
            "type": type_of(draft, request.clause.phrases),
            "question": draft.questions[0],
            "answer": draft.answer,
            "quotes": list(draft.quotes),
        }


def type_of(draft: Draft, phrases: Phrases) -> QaType:
    """The type of a draft's first question, by the rule that made it."""
    if draft.shape == "list":
        return phrases.type_of_list(draft.answer.split("\n")[0])
    if draft.shape == "statement":
        return phrases.type_of(draft.cores[0], draft.sentence)
    if draft.shape == "exception":
        return "exception"
    if draft.shape == "definition":
        return "definition"
    return "comparison" if draft.shape == "row" else "fact"


def write_choice(request: Request) -> Iterator[Item]:
    """Multiple choice of those sentences that can be made wrong in several ways; the plainest question of each."""
    usable = []
    for draft in request.clause.drafts:
        wrong = mutations(draft, request.clause)
        if len(wrong) >= MIN_DISTRACTORS:
            usable.append((draft, wrong))
    chosen = best([draft for draft, _ in usable], request.count)
    return (_choice(draft, wrong) for draft, wrong in usable if draft in chosen)


def mutations(draft: Draft, clause: Clause) -> list[Mutation]:
    """Wrong forms of a draft's sentence, the most plausible first."""
    if not 0 < len(draft.sentence) <= LONGEST_OPTION:
        return []
    text = clause.source.text
    mutate = korean_mutations if is_korean(text) else english_mutations
    return distinct([*((wrong, "other") for wrong in draft.wrong), *mutate(draft.sentence, text)], draft.sentence, text)


def _choice(draft: Draft, wrong: list[Mutation]) -> Item:
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


# ---------------------------------------------------------------- short answers
def write_short(request: Request) -> Iterator[Item]:
    """What has a bare answer: a number that is asked for, the value of a row, the term of a definition."""
    for draft in best([draft for draft in request.clause.drafts if _short_question(draft, request.clause)], request.count):
        question = _short_question(draft, request.clause)
        yield {"question": question, "short": draft.value, "answer": draft.answer, "quotes": list(draft.quotes)}


def _short_question(draft: Draft, clause: Clause) -> str:
    if not 0 < len(draft.value) <= LONGEST_SHORT:
        return ""
    if draft.shape != "definition":
        return draft.questions[0]
    cut = clause.grammar.term_and_meaning(draft.sentence)
    if cut is None or comparable(draft.value) in comparable(cut[1]):
        return ""
    return clause.phrases.ask_term(clause.where(draft.place), cut[1]) or ""


# ---------------------------------------------------------------- true and false
def write_true_false(request: Request) -> Iterator[Item]:
    """Sentences as they are, and with one thing changed, by turns; which comes first is chance, seeded by the clause."""
    clause = request.clause
    said = [draft for draft in clause.drafts if draft.sentence and not draft.cut and len(draft.answer) <= LONGEST_STATEMENT]
    first = toss(clause.source.heading, clause.source.text)
    for turn, draft in enumerate(best(said, request.count)):
        wrong = mutations(draft, clause) if (turn % 2 == 0) == first else []
        sentence, behind = draft.sentence, draft.answer.removeprefix(draft.sentence)
        where = clause.where(draft.place)
        yield {
            "statement": clause.phrases.claim(where, (wrong[0][0] if wrong else sentence) + behind),
            "true": not wrong,
            "explanation": clause.said_at(draft.place, draft.quotes),
            "quotes": list(draft.quotes),
        }


# ---------------------------------------------------------------- summary
def write_summary(request: Request) -> Iterator[Item]:
    """The first sentence of every paragraph with its exceptions, without asides; where that is hardly shorter, none.

    Where paragraphs are left out, because they are lists, the question names those that are summed up.
    """
    clause, phrases = request.clause, request.clause.phrases
    units = [unit for unit in units_of(clause.source) if unit.level < 2]
    summed = [(unit, group) for unit in units if (group := _first_sentences(unit, clause.grammar))]
    kept = [sentence for _, group in summed for sentence in group]
    shortened = [phrases.own(phrases.without_asides(sentence)) for sentence in kept]
    summary, whole = " ".join(filter(None, shortened)), sum(len(unit.text) for unit, _ in summed)
    places = [clause.grammar.place(unit) for unit, _ in summed] if len(summed) < len(units) else []
    sound = len(kept) > 1 and None not in shortened and all(places)
    if sound and len(summary) <= min(LONGEST_SUMMARY, MOST_KEPT * whole):
        yield {"question": phrases.ask_summary(clause.where(phrases.joined(places))), "answer": summary, "quotes": kept}


def _first_sentences(unit: Unit, grammar: Grammar) -> list[str]:
    """A paragraph's first sentence, with those behind it that take something back or hold a figure."""
    group = sentences(unit.text)
    if not group or grammar.follows(group[0]) or not grammar.is_statement(group[0]) or any(map(grammar.counts_up, group)):
        return []
    return [group[0], *(s for s in group[1:] if grammar.is_exception(s) or re.search(r"\d", s))]


# ---------------------------------------------------------------- explanations
def write_rewrite(request: Request) -> Iterator[Item]:
    """Sentences in a plain frame with their legal words explained; a clause without such words is plain enough."""
    clause, phrases = request.clause, request.clause.phrases
    plain = [d for d in clause.drafts if d.shape == "statement" and not d.cut and len(d.answer) <= LONGEST_TOLD]
    drafts = [draft for draft in plain if words_in(draft.answer, phrases.GLOSSARY)]
    for chosen in _portions(best(drafts, MOST_SENTENCES * request.count), request.count):
        told = [" ".join(filter(None, map(phrases.own, draft.quotes))) for draft in chosen]
        words = words_in(" ".join(told), phrases.GLOSSARY)[:MOST_WORDS]
        if all(phrases.own(quote) for draft in chosen for quote in draft.quotes):
            place = chosen[0].place if len({draft.place for draft in chosen}) == 1 else ""
            yield {
                "audience": request.audience,
                "question": phrases.ask_rewrite(clause.where(place), request.audience),
                "answer": phrases.rewritten(request.audience, told, words),
                "quotes": [quote for draft in chosen for quote in draft.quotes],
            }


def _portions(drafts: Sequence[Draft], count: int) -> Iterator[Sequence[Draft]]:
    """So many parts, of one place each where there is more than one; no question comes twice."""
    if count == 1:
        yield from [drafts] if drafts else []
        return
    by_place: dict[str, list[Draft]] = {}
    for draft in drafts:
        by_place.setdefault(draft.place, []).append(draft)
    yield from list(by_place.values())[:count]


def words_in(text: str, glossary: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The words of a glossary that stand in a text by themselves, none that is part of another one."""
    found: list[tuple[str, str]] = []
    for word, meaning in glossary:
        alone = re.search(
            rf"(?<![\w가-힣]){re.escape(word)}(?=[은는이가을를의에와과도로하할한합해되된될됩]|[^\w]|$)", text, re.IGNORECASE
        )
        if alone and not any(word in other for other, _ in found):
            found.append((word, meaning))
    return found
