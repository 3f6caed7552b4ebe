"""What a language puts around the sentences of a clause: the frames of questions and answers of every kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

QaType = Literal["fact", "condition", "exception", "procedure", "deadline_or_amount", "definition", "comparison"]


@dataclass(frozen=True, slots=True)
class Case:
    """A case as a question, whether the answer is yes, and the answer as a sentence."""

    asked: str
    holds: bool
    answer: str


@dataclass(frozen=True, slots=True)
class Harm:
    """Something that nobody may be helped with: the words of a clause that it belongs to, the request, and what it is."""

    about: str
    request: str
    harm: str


class Phrases(Protocol):
    """How a language says what is not in the source; a module is one."""

    HARMS: tuple[Harm, ...]
    GLOSSARY: tuple[tuple[str, str], ...]

    def type_of(self, core: str, sentence: str) -> QaType:
        """The type of a question about a sentence, by its words."""

    def type_of_list(self, stem: str) -> QaType:
        """The type of a question for a list."""

    def subject(self, heading: str) -> str:
        """What a heading says, without its number."""

    def said(self, where: str, sentences: Sequence[str]) -> str:
        """What a place says, as a sentence that names the place."""

    def own(self, sentence: str) -> str | None:
        """A sentence of the source in the register of the answers; None where that cannot be done."""

    def without_asides(self, sentence: str) -> str:
        """A sentence without brackets that hold no figure and no reservation."""

    def ask_term(self, where: str, meaning: str) -> str | None:
        """The question for the term that has a meaning."""

    def claim(self, where: str, sentence: str) -> str:
        """A sentence as a statement to be judged."""

    def and_also(self, question: str, place: str, core: str) -> str:
        """A question with a second one about another place of the same clause."""

    def next_turn(self, place: str, core: str) -> str:
        """A question that goes on to another place of the same clause; without a place to what stands beside."""

    def ask_exceptions(self) -> str:
        """The follow-up for exceptions."""

    def answer_exceptions(self, sentences: Sequence[str]) -> str:
        """The answer to it."""

    def start_of_period(self, sentence: str, core: str) -> tuple[str, str, str] | None:
        """The question without the day that a period begins with, the follow-up for this day, and its answer."""

    def asks_for_link(self, core: str) -> bool:
        """Whether a question asks which clause is referred to."""

    def link(self, text: str, heading: str) -> str | None:
        """How a text refers to a clause of the same document: its paragraph, empty for the whole; None where it does not."""

    def ask_linked(self, first: str, core: str, linked: str, linked_core: str) -> str:
        """The question for both; without `core` for what the clause says that the first refers to."""

    def answer_linked(self, first: str, linked: str) -> str:
        """What both say."""

    def explain_steps(self, question: str) -> str:
        """A question with the wish for the steps."""

    def case(self, stem: str, item: str) -> Case | None:
        """A case that is an item of a list, by what the list is for."""

    def whether(self, sentence: str) -> Case | None:
        """A sentence as a question for yes or no."""

    def condition(self, sentence: str) -> str:
        """The condition of a sentence; empty without one."""

    def result(self, sentence: str) -> str:
        """A sentence without its condition."""

    def step_rule(self, said: str) -> str:
        """The step that names the rule."""

    def step_item(self, mark: str, item: str) -> str:
        """The step that finds the case in the list."""

    def step_condition(self) -> str:
        """The step that finds the case in the condition."""

    def step_exception(self, sentences: Sequence[str]) -> str:
        """The step that looks at the exceptions."""

    def conclude(self, case: Case, excepted: bool) -> str:
        """The result, and whether there are exceptions to it."""

    def why(self, where: str, case: Case) -> str:
        """The question for yes or no with the ground."""

    def because(self, holds: bool, said: str) -> str:
        """The answer to it."""

    def with_exceptions(self, question: str) -> str:
        """A question with the wish for the exceptions."""

    def with_start(self, question: str) -> str:
        """A question with the wish for the day that a period begins with."""

    def with_conditions(self, question: str) -> str:
        """A question with the wish for what else goes with it."""

    def joined(self, places: Sequence[str]) -> str:
        """Several places of a clause as one."""

    def ask_summary(self, where: str) -> str:
        """The request for a summary."""

    def declines(self, where: str, title: str, said: str) -> str:
        """The answer that a source does not say what is asked, and what it does say."""

    def lacks(self, core: str, title: str) -> str:
        """What is missing."""

    def ask_harm(self, where: str, request: str) -> str:
        """A harmful request that names the clause."""

    def refuses(self, harm: str, said: str) -> str:
        """The refusal, and what may be said."""

    def ask_rewrite(self, where: str, audience: str) -> str:
        """The wish for an explanation."""

    def rewritten(self, audience: str, sentences: Sequence[str], words: Sequence[tuple[str, str]]) -> str:
        """The explanation: the sentences in a plain frame, and legal words explained."""

    def content_words(self, core: str) -> list[str]:
        """The words of a question that say what it is about, cut where endings begin."""

    def compared(self, share: int) -> str:
        """What a score rests on: `share` percent of the words."""

    def about_case(self, where: str, signs: Sequence[str], said: str) -> tuple[str, str]:
        """The question about a sequence of events, and the answer: its signs, and what the source says of them."""
