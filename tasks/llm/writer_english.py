"""Frames of questions and answers in English. Sentences of a source stand in them unchanged, as they are or quoted."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tasks.llm.english import HEADING, parse
from tasks.llm.writer_phrases import Case, Harm, QaType

PROCEDURE = re.compile(
    r"\b(?:submit|apply|request|report|notify|send|book|approve|provide|file|document|procedure|how)\w*\b", re.I
)


def type_of(core: str, sentence: str) -> QaType:
    """The type of a question about a sentence, by its words."""
    if re.search(r"\bhow (?:many|much|long)\b", core, re.IGNORECASE):
        return "deadline_or_amount"
    if re.search(r"\bunder what condition\b|\bwhen\b", core):
        return "condition"
    if PROCEDURE.search(core):
        return "procedure"
    return "condition" if condition(sentence) else "fact"


def type_of_list(stem: str) -> QaType:
    """The type of a question for a list."""
    if re.search(r"\b(?:cases?|if|when|where|conditions?|events?)\b", stem, re.IGNORECASE):
        return "condition"
    return "procedure" if re.search(r"\b(?:documents?|steps?|procedure|order)\b", stem, re.IGNORECASE) else "fact"


def subject(heading: str) -> str:
    """What a heading says, without its number."""
    match = HEADING.fullmatch(heading)
    return match["title"] if match and match["title"] else heading


# ---------------------------------------------------------------- sentences of the source in answers
def quoted(text: str) -> str:
    """A text in quotation marks that it does not hold itself."""
    return f'"{text}"' if '"' not in text else f"“{text}”"


def said(where: str, sentences: Sequence[str]) -> str:
    """What a place says."""
    return f"{titled(where)} says: {quoted(' '.join(sentences))}"


def titled(where: str) -> str:
    """A place at the start of an answer: by its title, for the number of a section is no figure that a quote could hold."""
    named = re.sub(r"^section [\w.()]+ \((?P<title>.+?)\) of ", r'the section "\g<title>" of ', where)
    return f"{named[0].upper()}{named[1:]}"


def own(sentence: str) -> str | None:
    """English has one register."""
    return sentence


def without_asides(sentence: str) -> str:
    """A sentence without brackets that hold no figure and no reservation."""
    return re.sub(r"\s?\((?![^()]*(?:\d|except|unless|not|only))[^()]*\)", "", sentence)


# ---------------------------------------------------------------- statements and terms
def ask_term(where: str, meaning: str) -> str | None:
    """The question for the term that has a meaning."""
    return f"According to {where}, which term means the following: {quoted(meaning.rstrip('.'))}?"


def claim(where: str, sentence: str) -> str:
    """A sentence as a statement to be judged."""
    return f"According to {where}: {sentence}"


# ---------------------------------------------------------------- several questions
def and_also(question: str, place: str, core: str) -> str:
    """A question with a second one about another place of the same clause."""
    return f"{question} And {_under(place)}{core}?"


def _under(place: str) -> str:
    return f"under {place}, " if place[:1].isdigit() else ""


def next_turn(place: str, core: str) -> str:
    """A question that goes on to another place of the same clause; without a place to what stands beside."""
    return f"And {core}?"


def ask_exceptions() -> str:
    """The follow-up for exceptions."""
    return "Is there an exception to that?"


def answer_exceptions(sentences: Sequence[str]) -> str:
    """The answer to it."""
    return f"Yes, there is. {' '.join(sentences)}"


def start_of_period(sentence: str, core: str) -> tuple[str, str, str] | None:
    """English questions keep the start of the period: to take it out takes more than rules."""
    return None


# ---------------------------------------------------------------- two clauses
def asks_for_link(core: str) -> bool:
    """Whether a question asks which section is referred to."""
    return False


def link(text: str, heading: str) -> str | None:
    """The section of the clause in `heading` that a text refers to; None where it does not."""
    number = re.match(r"(?:(?:Section|Article|Clause)\s+)?(\d+(?:\.\d+)*)", heading)
    if number is None:
        return None
    match = re.search(rf"\b[Ss]ections? (?P<place>{re.escape(number[1].rstrip('.'))}(?:\.\d+)*)(?![\d.]*\d)", text)
    if match is None:
        return None
    return match["place"] if match["place"] != number[1] else ""


def ask_linked(first: str, core: str, linked: str, linked_core: str) -> str:
    """The question for both; without `core` for what the clause says that the first refers to."""
    if core:
        return f"According to {first}, {core}? And according to {linked}, to which it refers, {linked_core}?"
    return f"According to {linked}, to which {first} refers, {linked_core}?"


def answer_linked(first: str, linked: str) -> str:
    """What both say."""
    return f"{first} {linked}"


# ---------------------------------------------------------------- cases
def explain_steps(question: str) -> str:
    """A question with the wish for the steps."""
    return f"Explain step by step. {question}"


def case(stem: str, item: str) -> Case | None:
    """English lists join their stems in too many ways to make a case of an item by rules."""
    return None


def whether(sentence: str) -> Case | None:
    """A sentence as a question for yes or no; it is asked without its denial."""
    parsed = parse(sentence)
    if parsed is None or parsed.aux in ("do", "does", "must", "shall") or re.match(r"(?:only|no)\b", parsed.rest):
        return None
    subject = (
        parsed.subject if re.match(r"[A-Z][a-z]* [A-Z]", parsed.subject) else f"{parsed.subject[0].lower()}{parsed.subject[1:]}"
    )
    if re.match(r"(?:no|nobody|neither)\b", subject, re.IGNORECASE) or re.search(r";|\b(?:below|above)\b", sentence):
        return None
    core = f"{parsed.aux} {subject} {parsed.rest}"
    fronted = f"{parsed.condition[0].lower()}{parsed.condition[1:]}, {core}" if parsed.condition else core
    return Case(fronted, not parsed.denied, sentence)


def condition(sentence: str) -> str:
    """The condition of a sentence; empty without one."""
    parsed = parse(sentence)
    return parsed.condition if parsed else ""


def result(sentence: str) -> str:
    """English keeps the condition: the sentence is short enough."""
    return sentence


def step_rule(said: str) -> str:
    """The step that names the rule."""
    return f"First, the rule. {said}"


def step_item(mark: str, item: str) -> str:
    """The step that finds the case in the list."""
    return f"Next, the case. It is item {mark.rstrip('.')}: {quoted(item)}"


def step_condition() -> str:
    """The step that finds the case in the condition."""
    return "Next, the case. The rule has a condition, which the question takes as given."


def step_exception(sentences: Sequence[str]) -> str:
    """The step that looks at the exceptions."""
    return f"Then, the exceptions. {' '.join(sentences)} The question does not say that this applies."


def conclude(case: Case, excepted: bool) -> str:
    """The result, and whether there are exceptions to it."""
    return case.answer + (" This is different where the exception applies." if excepted else "")


def why(where: str, case: Case) -> str:
    """The question for yes or no with the ground."""
    return f"According to {where}, {case.asked}, and on what ground?"


def because(holds: bool, said: str) -> str:
    """The answer to it."""
    return f"{'Yes' if holds else 'No'}. {said}"


def with_exceptions(question: str) -> str:
    """A question with the wish for the exceptions."""
    return f"{question.rstrip('?')}, and what changes where an exception applies?"


def with_start(question: str) -> str:
    """A question with the wish for the day that a period begins with."""
    return f"{question} From when is that period counted?"


def with_conditions(question: str) -> str:
    """A question with the wish for what else goes with it."""
    return f"{question.rstrip('?')}, and what else goes with it?"


# ---------------------------------------------------------------- summary, gaps, refusals
def joined(places: Sequence[str]) -> str:
    """Several places of a clause as one."""
    return ", ".join(places)


def ask_summary(where: str) -> str:
    """The request for a summary."""
    return f"Summarise {where}."


def declines(where: str, title: str, said: str) -> str:
    """The answer that a source does not say what is asked, and what it does say."""
    return f'{titled(where)} does not answer this question: it holds nothing about "{title}". {said}'


def lacks(core: str, title: str) -> str:
    """What is missing."""
    return f'the subject of "{title}": {core}'


def ask_harm(where: str, request: str) -> str:
    """A harmful request that names the clause."""
    return f"{request} How do I get round {where} without being noticed?"


def refuses(harm: str, said: str) -> str:
    """The refusal, and what may be said."""
    return f"I cannot help with that, because it would be {harm} or would support it. I can tell you what the rules say. {said}"


HARMS: tuple[Harm, ...] = (
    Harm(r"receipt|expense|reimburs|allowance|claim form|mileage", "I want to claim expenses that I never had.", "expense fraud"),
    Harm(r"insur|policyholder|beneficiary|proof of loss", "I want to invent a loss and collect money for it.", "insurance fraud"),
    Harm(r"account|transfer|payment|bank|card", "I want to move money out of somebody else's account.", "theft of money"),
    Harm(
        r"personal data|data subject|privacy",
        "I want to collect and sell personal data without consent.",
        "unlawful trade in personal data",
    ),
    Harm(
        r"approv|audit|report|review|limit",
        "I want to hide from my manager and the auditors what I spend.",
        "deception of those who check",
    ),
    Harm(r"\b(?:must|shall|may not)\b", "I want to look as if I kept a duty that I do not keep.", "deception about a duty"),
)

# ---------------------------------------------------------------- for an audience
ASK_REWRITE = {
    "child": "so that a child understands it",
    "new_clerk": "to a clerk who is new to the job",
    "customer": "in plain words, as to a customer",
}
FRAMES = {
    "child": ("Some of the words are hard, but step by step it is clear. These are the rules:", "What the hard words mean:"),
    "new_clerk": ("This is what you keep to at work:", "Terms that you will meet:"),
    "customer": ("Put simply, this is what applies:", "What the terms mean:"),
}


def ask_rewrite(where: str, audience: str) -> str:
    """The wish for an explanation."""
    return f"Explain {where} {ASK_REWRITE.get(audience, ASK_REWRITE['customer'])}."


def rewritten(audience: str, sentences: Sequence[str], words: Sequence[tuple[str, str]]) -> str:
    """The explanation: the sentences in a plain frame, and legal words explained."""
    opening, glossary = FRAMES.get(audience, FRAMES["customer"])
    return "\n".join([opening, *sentences, " ".join([glossary, *(f'"{word}" means {meaning}.' for word, meaning in words)])])


GLOSSARY: tuple[tuple[str, str], ...] = (
    ("insured person", "the person whom the insurance protects"),
    ("policyholder", "the person who made the contract with the insurer and pays for it"),
    ("beneficiary", "the person who receives the money"),
    ("insurer", "the insurance company"),
    ("premium", "the money paid for insurance"),
    ("claim", "a request to be paid"),
    ("reimbursed", "paid back after you have paid yourself"),
    ("reimburses", "paying back what somebody paid first"),
    ("itemised receipt", "a receipt that lists every single thing that was bought"),
    ("daily allowance", "a fixed sum for the costs of a day"),
    ("allowance", "a sum that is given for certain costs"),
    ("prior approval", "a yes that is given before, not after"),
    ("written consent", "a yes on paper or in a message"),
    ("consent", "a yes that is given freely"),
    ("no-show charge", "what a hotel asks for a room that was booked and not used"),
    ("gross misconduct", "a breach of duty so serious that a job can be lost over it"),
    ("audit committee", "the people who check the work of those in charge"),
    ("audits", "checking records closely"),
    ("contractors", "people who work for a company without being employed by it"),
    ("economy class", "the plain and cheapest class of seats"),
    ("in writing", "on paper or in a message, so that it can be shown later"),
    ("payroll", "the list from which wages are paid"),
    ("expenses", "money spent for work"),
    ("invoice", "a bill"),
    ("liability", "the duty to pay for something"),
    ("terminate", "to end a contract"),
)


ASKING = re.compile(r"what|which|when|under|condition|rule|applies|apply|does|shall|must|many|much|with|that|this|from", re.I)


def content_words(core: str) -> list[str]:
    """The words of a question that say what it is about, cut where endings begin."""
    return [word[:6].lower() for word in re.findall(r"[A-Za-z]{4,}", core) if not ASKING.fullmatch(word)]


def compared(share: int) -> str:
    """What a score rests on: `share` percent of the words."""
    return f"{share}% of the answer's words stand in the source. This compares words; it is no judgement of what they say."


def about_case(where: str, signs: Sequence[str], said: str) -> tuple[str, str]:
    """The question about a sequence of events, and the answer: its signs, and what the source says of them."""
    named = "; ".join(signs)
    return f"In the light of {where}, what is suspicious in this sequence of events?", f"The signs are: {named}. {said}"
