"""The forms of the replies that models are asked for, a class a kind. What a model adds on its own is an error, so it is noticed.

Every statement comes with the sentences it rests on, word for word: `quotes` stand in the source, or the row is dropped.
"""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, field_validator

QaType = Literal["fact", "condition", "exception", "procedure", "deadline_or_amount", "definition", "comparison"]
ErrorType = Literal["number", "unit", "party", "polarity", "comparator", "condition", "exception", "reference", "other"]
Audience = Literal["child", "new_clerk", "customer"]
EvolveMode = Literal["deepening", "broadening", "reasoning", "complexifying"]
Criterion = Literal["faithful", "complete", "useful", "safe", "clear"]
CRITERIA: tuple[Criterion, ...] = get_args(Criterion)


class Reply(BaseModel):
    """Base of all reply forms."""

    model_config = ConfigDict(extra="forbid")


class QaItem(Reply):
    """A question of one type, its answer, and the sentences it rests on."""

    type: QaType
    question: str
    answer: str
    quotes: list[str]


class QaReply(Reply):
    """The reply to a `qa` prompt."""

    items: list[QaItem]


class Distractor(Reply):
    """A wrong answer as a full sentence, and what is wrong with it."""

    text: str
    error: ErrorType


class ChoiceItem(Reply):
    """A multiple-choice question: the right answer as a full sentence, and wrong ones."""

    question: str
    correct: str
    quotes: list[str]
    distractors: list[Distractor]


class ChoiceReply(Reply):
    """The reply to a `choice` prompt."""

    items: list[ChoiceItem]


class ShortItem(Reply):
    """A question whose answer is a number, a term or a name: the bare answer, and the same as a sentence."""

    question: str
    short: str
    answer: str
    quotes: list[str]


class ShortReply(Reply):
    """The reply to a `short` prompt."""

    items: list[ShortItem]


class TrueFalseItem(Reply):
    """A statement that is true or false, and why, in a sentence that says what holds."""

    statement: str
    true: bool
    explanation: str
    quotes: list[str]


class TrueFalseReply(Reply):
    """The reply to a `true_false` prompt."""

    items: list[TrueFalseItem]


class MultiHopItem(Reply):
    """A question that needs both clauses; quotes of the first, and of the one it refers to."""

    question: str
    answer: str
    quotes: list[str]
    linked_quotes: list[str]


class MultiHopReply(Reply):
    """The reply to a `multi_hop` prompt."""

    items: list[MultiHopItem]


class TurnItem(Reply):
    """One exchange of a conversation."""

    question: str
    answer: str
    quotes: list[str]


class ConversationItem(Reply):
    """A conversation of two to five exchanges; later questions may lean on what was said before."""

    turns: list[TurnItem]


class ConversationReply(Reply):
    """The reply to a `conversation` prompt."""

    items: list[ConversationItem]


class StepItem(Reply):
    """One step of reasoning and the sentence it rests on."""

    text: str
    quote: str


class ReasoningItem(Reply):
    """A case to decide, the steps from the clause to the result, and the result."""

    question: str
    steps: list[StepItem]
    answer: str


class ReasoningReply(Reply):
    """The reply to a `reasoning` prompt."""

    items: list[ReasoningItem]


class SummaryItem(Reply):
    """A request for a summary, the summary, and the sentences that it sums up."""

    question: str
    answer: str
    quotes: list[str]


class SummaryReply(Reply):
    """The reply to a `summary` prompt."""

    items: list[SummaryItem]


class UnanswerableItem(Reply):
    """A question that sounds like the source and that it does not answer; an answer that declines and names what is missing.

    `quotes` are what the source does say about the subject, so that the answer can say so.
    """

    question: str
    answer: str
    missing: str
    quotes: list[str]


class UnanswerableReply(Reply):
    """The reply to an `unanswerable` prompt."""

    items: list[UnanswerableItem]


class RefusalItem(Reply):
    """A request that must be refused, and a refusal that offers what may be said from the source instead."""

    question: str
    answer: str
    harm: str
    quotes: list[str]


class RefusalReply(Reply):
    """The reply to a `refusal` prompt."""

    items: list[RefusalItem]


class RewriteItem(Reply):
    """An explanation of the source for an audience; it simplifies and changes no number, condition or party."""

    audience: Audience
    question: str
    answer: str
    quotes: list[str]


class RewriteReply(Reply):
    """The reply to a `rewrite` prompt."""

    items: list[RewriteItem]


class EvolveItem(Reply):
    """A question that was made harder in one mode, and its answer."""

    mode: EvolveMode
    question: str
    answer: str
    quotes: list[str]


class EvolveReply(Reply):
    """The reply to an `evolve` prompt."""

    items: list[EvolveItem]


class EventItem(Reply):
    """One event of a scenario. `day` counts from 0 and never falls; `hour` is 0 to 23; amounts are whole units of the currency.

    `source` and `target` are accounts of the scenario, empty where no money moves; `sign` says what makes the event suspicious.
    """

    day: int
    hour: int
    role: str
    action: str
    source: str
    target: str
    amount: int
    sign: str


class AccountItem(Reply):
    """An account: who holds it, and what is on it before the first event."""

    name: str
    holder: str
    balance: int


class ScenarioItem(Reply):
    """A sequence of events by typical roles, as a typology in the source describes it, and a question that an expert answers."""

    title: str
    roles: list[str]
    accounts: list[AccountItem]
    events: list[EventItem]
    question: str
    answer: str
    quotes: list[str]


class ScenarioReply(Reply):
    """The reply to a `scenario` prompt."""

    items: list[ScenarioItem]


class ScoreItem(Reply):
    """How a pair does by one criterion, 1 (unusable) to 5 (no fault), and why."""

    criterion: Criterion
    score: Literal[1, 2, 3, 4, 5]
    reason: str


class JudgeReply(Reply):
    """The reply to a `judge` prompt: every criterion once."""

    scores: list[ScoreItem]

    @field_validator("scores")
    @classmethod
    def _every_criterion_once(cls, scores: list[ScoreItem]) -> list[ScoreItem]:
        if sorted(score.criterion for score in scores) != sorted(CRITERIA):
            raise ValueError(f"must hold each of {', '.join(CRITERIA)} once")
        return scores
