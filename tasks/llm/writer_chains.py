"""Replies that lead from one sentence to another: two clauses, conversations, steps, harder questions, gaps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tasks.llm.drafts import Draft
from tasks.llm.unfold import Source
from tasks.llm.writer_items import best
from tasks.llm.writer_phrases import Case
from tasks.llm.writer_request import Clause, Item, Request
from tasks.text.normal import comparable
from tasks.text.sentences import sentences

MOST_TURNS = 3
LONGEST_CASE = 200  # characters of an item of a list that makes a case
KNOWN_WORDS = 0.5  # share of a question's words in a clause from which on it may have the answer
LONGEST_QUESTION = 380
LONGEST_LIST = 350
LEAST_WORDS = 3
CITES = re.compile(r"제\s?\d+\s?[조항호]|\b[Ss]ections? \d")


# ---------------------------------------------------------------- two clauses
def write_multi_hop(request: Request) -> Iterator[Item]:
    """A sentence that refers to the linked clause, and what that clause says there."""
    clause, linked = request.clause, request.neighbour
    if linked is None or not linked.source.headings:
        return
    made = 0
    for draft in (draft for draft in _with_cores(clause) if draft.shape == "statement"):
        place = clause.phrases.link(" ".join(draft.quotes), linked.source.headings[-1])
        said = next((other for other in _statements(linked) if place in ("", other.place)), None) if place is not None else None
        if said and made < request.count:
            made += 1
            yield _linked(clause, draft, linked, said)


def _linked(clause: Clause, draft: Draft, linked: Clause, said: Draft) -> Item:
    phrases, first, other = clause.phrases, clause.where(draft.place), _short_where(linked, said.place)
    core = draft.cores[0]
    if CITES.search(core) or phrases.asks_for_link(core) or len(core + said.cores[0]) > LONGEST_QUESTION // 2:
        core = ""
    answers = phrases.said(first, list(draft.quotes)), phrases.said(other, list(said.quotes))
    return {
        "question": phrases.ask_linked(first, core, other, said.cores[0]),
        "answer": phrases.answer_linked(*answers),
        "quotes": list(draft.quotes),
        "linked_quotes": list(said.quotes),
    }


def _short_where(clause: Clause, place: str) -> str:
    """A place without the title of its document, where that stands before it."""
    where, title = clause.where(place), clause.grammar.where(Source(clause.source.document, "", ""), "")
    return where.removeprefix(title).strip() or where


def _by_rank(clause: Clause) -> list[Draft]:
    return sorted(_with_cores(clause), key=lambda draft: draft.rank)


def _with_cores(clause: Clause) -> list[Draft]:
    """Drafts whose question can stand in another frame, without long lists."""
    return [draft for draft in clause.drafts if draft.cores and (draft.shape != "list" or len(draft.answer) <= LONGEST_LIST)]


def _statements(clause: Clause) -> list[Draft]:
    """Those whose answer can stand in a quotation."""
    return [draft for draft in _by_rank(clause) if draft.shape == "statement" and not draft.cut]


# ---------------------------------------------------------------- conversations
def write_conversation(request: Request) -> Iterator[Item]:
    """A question, what leans on its answer, and what the clause says next; no draft stands in two conversations."""
    left = best(_with_cores(request.clause), MOST_TURNS * request.count)
    while left:
        turns: list[Item] = []
        before: list[Draft] = []
        while left and len(turns) < MOST_TURNS:
            draft = left.pop(0)
            if not any(_overlap(draft, other) for other in before):
                turns += _turns(request.clause, draft, before)
                before.append(draft)
        if len(turns) > 1:
            yield {"turns": turns[:MOST_TURNS]}


def _turns(clause: Clause, draft: Draft, before: Sequence[Draft]) -> list[Item]:
    """The exchanges about a draft, after those about the drafts before it."""
    phrases = clause.phrases
    rule = [quote for quote in draft.quotes if quote not in draft.exceptions]
    core, answer = draft.cores[0], ("\n" if draft.shape == "list" else " ").join(rule)
    started = phrases.start_of_period(draft.sentence, core) if draft.sentence else None
    asked = started[0] if started else core
    if before:
        question = phrases.next_turn(draft.place if draft.place != before[-1].place else "", asked)
    else:
        question = clause.grammar.ask(clause.where(draft.place), asked)
    turns = [{"question": question, "answer": draft.answer if draft.shape == "list" else answer, "quotes": rule}]
    if started:
        turns.append({"question": started[1], "answer": started[2], "quotes": [draft.quotes[0]]})
    if draft.exceptions:
        taken_back = phrases.answer_exceptions(draft.exceptions)
        turns.append({"question": phrases.ask_exceptions(), "answer": taken_back, "quotes": list(draft.exceptions)})
    return turns


# ---------------------------------------------------------------- steps
def write_reasoning(request: Request) -> Iterator[Item]:
    """A case that a list or a condition names: the rule, why it applies, its exceptions, the result."""
    clause = request.clause
    found = [item for draft in clause.drafts for item in (*_listed_cases(clause, draft), *_conditional(clause, draft))]
    unlike = {item["question"]: item for item in reversed(found)}
    yield from list(reversed(unlike.values()))[: request.count]


def _listed_cases(clause: Clause, draft: Draft) -> Iterator[Item]:
    """One case of a list: the first item that reads as one."""
    if draft.shape != "list":
        return
    stem, *lines = draft.quotes
    for line in lines:
        mark, _, item = line.partition(" ")
        case = clause.phrases.case(stem, item) if len(item) <= LONGEST_CASE and len(sentences(item)) == 1 else None
        if case:
            steps = [(clause.phrases.step_item(mark, item.rstrip(".")), line)]
            yield from _reasoned(clause, draft, case, [stem], steps)
            return


def _conditional(clause: Clause, draft: Draft) -> Iterator[Item]:
    """A sentence with a condition, asked for what follows from it."""
    condition = clause.phrases.condition(draft.sentence) if draft.shape == "statement" else ""
    asked = clause.grammar.general(draft.sentence) if condition else None
    answer = clause.phrases.own(clause.phrases.result(draft.sentence)) if asked and asked[1] and not draft.cut else None
    if asked and answer:
        steps = [(clause.phrases.step_condition(), draft.quotes[0])]
        yield from _reasoned(clause, draft, Case(asked[0], True, answer), [draft.quotes[0]], steps)


def _reasoned(clause: Clause, draft: Draft, case: Case, rule: list[str], steps: list[tuple[str, str]]) -> Iterator[Item]:
    phrases, where = clause.phrases, clause.where(draft.place)
    all_steps = [(phrases.step_rule(clause.said_at(draft.place, rule)), rule[0]), *steps]
    if draft.exceptions:
        all_steps.append((phrases.step_exception(draft.exceptions), draft.exceptions[0]))
    yield {
        "question": phrases.explain_steps(clause.grammar.ask(where, case.asked)),
        "steps": [{"text": text, "quote": quote} for text, quote in all_steps],
        "answer": phrases.conclude(case, bool(draft.exceptions)),
    }


# ---------------------------------------------------------------- harder questions
def write_evolve(request: Request) -> Iterator[Item]:
    """A pair made harder in one mode, with sentences of the clause alone."""
    clause, (question, answer) = request.clause, request.pair
    asked = next((draft for draft in clause.drafts if draft.questions[0] == question), None)
    draft = asked or next((draft for draft in clause.drafts if _holds(answer, draft)), None)
    if draft is None:
        return
    evolve = {"deepening": _deeper, "broadening": _broader, "reasoning": _why, "complexifying": _joined}.get(request.mode)
    items = evolve(clause, draft, question or draft.questions[0]) if evolve else iter(())
    for _, item in zip(range(request.count), items, strict=False):
        yield {"mode": request.mode} | item


def _holds(answer: str, draft: Draft) -> bool:
    return bool(answer) and comparable(draft.quotes[0]) in comparable(answer)


def _deeper(clause: Clause, draft: Draft, question: str) -> Iterator[Item]:
    """What is taken back or added, or where a period begins."""
    if draft.shape == "exception":
        return
    if draft.exceptions:
        quotes = list(dict.fromkeys([*draft.quotes, *draft.exceptions]))
        answer = draft.answer if draft.exceptions[0] in draft.answer else "\n".join([draft.answer, *draft.exceptions])
        yield {"question": clause.phrases.with_exceptions(question), "answer": answer, "quotes": quotes}
    elif draft.shape == "statement" and len(draft.quotes) > 1:
        yield {"question": clause.phrases.with_conditions(question), "answer": draft.answer, "quotes": list(draft.quotes)}
    for other in _others(clause, draft):
        together = other.place == draft.place and re.search(r"\d", other.place)  # items of one bulleted list are not
        if together and other.shape == "statement" and clause.phrases.condition(other.sentence):
            answer, quotes = f"{draft.answer} {other.answer}", [*draft.quotes, *other.quotes]
            yield {"question": clause.phrases.with_conditions(question), "answer": answer, "quotes": quotes}
    if draft.shape == "statement" and (started := clause.phrases.start_of_period(draft.sentence, draft.cores[0])):
        asked = clause.phrases.with_start(clause.grammar.ask(clause.where(draft.place), started[0]))
        yield {"question": asked, "answer": draft.answer, "quotes": list(draft.quotes)}


def _broader(clause: Clause, draft: Draft, question: str) -> Iterator[Item]:
    """What the clause says elsewhere."""
    for other in _others(clause, draft):
        yield {"question": other.questions[0], "answer": other.answer, "quotes": list(other.quotes)}


def _why(clause: Clause, draft: Draft, question: str) -> Iterator[Item]:
    """Yes or no, and on what ground."""
    case = clause.phrases.whether(clause.phrases.without_asides(draft.sentence)) if draft.shape == "statement" else None
    if case and len(case.asked) < LONGEST_CASE and not draft.exceptions and not draft.cut:
        where = clause.where(draft.place)
        answer = clause.phrases.because(case.holds, clause.said_at(draft.place, draft.quotes))
        yield {"question": clause.phrases.why(where, case), "answer": answer, "quotes": list(draft.quotes)}


def _joined(clause: Clause, draft: Draft, question: str) -> Iterator[Item]:
    """Two questions of one clause in one."""
    for other in _others(clause, draft):
        both = clause.phrases.and_also(question, other.place, other.cores[0])
        if len(both) < LONGEST_QUESTION:
            yield {"question": both, "answer": f"{draft.answer}\n{other.answer}", "quotes": [*draft.quotes, *other.quotes]}


def _overlap(one: Draft, other: Draft) -> bool:
    """Whether one says a sentence of the other, a list the sentence of its item for example."""
    return any(quote in other.answer for quote in one.quotes) or any(quote in one.answer for quote in other.quotes)


def _others(clause: Clause, draft: Draft) -> list[Draft]:
    """Drafts of the same clause that say something else, those of another paragraph first."""
    others = [other for other in _by_rank(clause) if not _overlap(other, draft)]
    return sorted(others, key=lambda other: other.place == draft.place)


# ---------------------------------------------------------------- questions without an answer
def write_unanswerable(request: Request) -> Iterator[Item]:
    """What the neighbour is asked, put to the clause; only where the clause has neither its title nor most of its words."""
    clause, other = request.clause, request.neighbour
    title = other.title if other else ""
    known = comparable(clause.source.heading + clause.source.text)
    quotable = [draft for draft in clause.drafts if draft.shape in ("statement", "definition") and not draft.cut]
    said = next(iter(best(quotable, 1)), None)
    if other is None or said is None or not title or comparable(title) in known:
        return
    foreign = [draft for draft in _by_rank(other) if _is_foreign(draft.cores[0], known, other)]
    for draft in foreign[: request.count]:
        core, where = draft.cores[0], clause.where()
        yield {
            "question": clause.grammar.ask(where, core),
            "answer": clause.phrases.declines(where, title, clause.phrases.said(where, said.quotes)),
            "missing": clause.phrases.lacks(core, title),
            "quotes": list(said.quotes),
        }


def _is_foreign(core: str, known: str, clause: Clause) -> bool:
    """Whether a question is about something, and a text knows less than half of its words."""
    words = clause.phrases.content_words(core)
    known_words = sum(word in known for word in words)
    return len(words) >= LEAST_WORDS and known_words < KNOWN_WORDS * len(words) and not CITES.search(core)
