"""What annotators are asked: guidelines, fields, questions and labels of the two queues, in Korean and in English.

Only names and label values are the schema: texts may be reworded at any time. A queue on the server whose names or values
differ from these is left as it is, and the next version of it (`-v2`, `-v3`) is made.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from tasks.records import Language

Queue = Literal["qa", "dpo"]
QUEUES: Final[tuple[Queue, ...]] = ("qa", "dpo")
DECISIONS: Final = ("approve", "edit", "reject")
REASONS: Final[dict[Queue, tuple[str, ...]]] = {
    "qa": ("wrong_answer", "not_in_source", "unclear_question", "useless", "language", "other"),
    "dpo": ("chosen_wrong", "rejected_right", "too_alike", "unclear_question", "language", "other"),
}


@dataclass(frozen=True, slots=True)
class Words:
    """A text in both languages."""

    ko: str
    en: str

    def of(self, language: Language) -> str:
        """The text in one language."""
        return self.ko if language == "ko" else self.en


@dataclass(frozen=True, slots=True)
class Shown:
    """A Markdown field."""

    name: str
    title: Words
    required: bool = True


@dataclass(frozen=True, slots=True)
class Choice:
    """A question with a closed list of labels: value and text."""

    name: str
    title: Words
    labels: tuple[tuple[str, Words], ...]
    description: Words | None = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class FreeText:
    """A question that a text answers; never required."""

    name: str
    title: Words
    description: Words | None = None


@dataclass(frozen=True, slots=True)
class QueueSchema:
    """All that makes one queue."""

    queue: Queue
    guidelines: Words
    fields: tuple[Shown, ...]
    questions: tuple[Choice | FreeText, ...]
    terms: tuple[tuple[str, Words], ...]
    integers: tuple[tuple[str, Words], ...]


REASON_TEXTS: Final[dict[str, Words]] = {
    "wrong_answer": Words("답변이 원문과 다름", "The answer contradicts the source"),
    "not_in_source": Words("원문에 근거가 없음", "The source does not say it"),
    "unclear_question": Words("질문이 모호하거나 혼자서는 이해되지 않음", "The question is unclear on its own"),
    "useless": Words("실무에 쓸모없는 질문", "Nobody would ask this"),
    "language": Words("문장이 어색하거나 틀림", "Badly written"),
    "chosen_wrong": Words("좋은 답변이 틀림", "The better answer is wrong"),
    "rejected_right": Words("나쁜 답변도 맞음", "The worse answer is right too"),
    "too_alike": Words("두 답변의 차이가 의미 없음", "The difference does not matter"),
    "other": Words("그 밖의 사유(메모에 적어 주세요)", "Something else (say so in the comment)"),
}
DECISION_TEXTS: Final[dict[str, Words]] = {
    "approve": Words("승인", "Approve"),
    "edit": Words("수정", "Edit"),
    "reject": Words("반려", "Reject"),
}
TERMS: Final = (
    ("kind", Words("종류", "Kind")),
    ("document", Words("문서", "Document")),
    ("language", Words("언어", "Language")),
    ("model", Words("작성 모델", "Model")),
)
INTEGERS: Final = (("page", Words("쪽", "Page")),)
SOURCE: Final = Shown("source", Words("원문 (칠한 부분이 근거)", "Source (the evidence is marked)"))


def _decision(description: Words) -> Choice:
    labels = tuple((value, DECISION_TEXTS[value]) for value in DECISIONS)
    return Choice("decision", Words("판정", "Decision"), labels, description, required=True)


def _reason(queue: Queue) -> Choice:
    labels = tuple((value, REASON_TEXTS[value]) for value in REASONS[queue])
    only = Words("반려할 때만 골라 주세요.", "Only when you reject.")
    return Choice("reason", Words("반려 사유", "Reason for rejection"), labels, only)


COMMENT: Final = FreeText("comment", Words("메모", "Comment"), Words("선택 사항입니다.", "Optional."))

QA: Final = QueueSchema(
    queue="qa",
    guidelines=Words(
        ko="""## 무엇을 검토하나요
문서의 한 조항을 읽고 만든 질문과 답변입니다. **원문을 먼저 읽고** 판정해 주세요. 원문에서 칠한 부분이 답변의 근거입니다.

## 판정
- **승인**: 질문만 읽어도 무엇을 묻는지 분명하고, 답변의 모든 내용이 원문에 있습니다.
- **수정**: 조금 고치면 쓸 수 있습니다. '고친 질문'이나 '고친 답변'의 글을 그 자리에서 고쳐 주세요.
- **반려**: 원문으로 답할 수 없거나 고쳐 쓸 가치가 없습니다. 사유를 골라 주세요.

## 이렇게 판단해 주세요
1. 원문에 없는 내용은 상식으로 맞더라도 틀린 답변입니다.
2. 숫자, 단위, 기간, 날짜와 '이상·초과', '이하·미만'을 하나씩 맞춰 보세요.
3. '다만', '제외하고'로 시작하는 예외와 조건이 빠지면 승인하지 않습니다.
4. 계약자, 피보험자, 회사처럼 누구의 권리와 의무인지가 바뀌지 않았는지 보세요.
5. 확신이 없으면 승인하지 말고 메모를 남겨 주세요.
""",
        en="""## What you review
A question and an answer that were written from one clause of a document. **Read the source first**, then decide.
The marked part of the source is the evidence of the answer.

## Decision
- **Approve**: the question is clear on its own, and everything the answer says is in the source.
- **Edit**: it is usable after a small change. Change the text in "Edited question" or "Edited answer" right there.
- **Reject**: the source does not answer it, or it is not worth mending. Choose a reason.

## How to judge
1. What the source does not say is wrong, even if it is common knowledge.
2. Compare every number, unit, period and date, and "at least" with "more than".
3. An answer without the exception or the condition that the source makes is not approved.
4. Check who has the right and who has the duty.
5. When in doubt, do not approve; leave a comment.
""",
    ),
    fields=(
        Shown("question", Words("질문", "Question")),
        Shown("answer", Words("답변", "Answer")),
        Shown("options", Words("보기 (✔ 정답)", "Options (✔ correct)"), required=False),
        SOURCE,
    ),
    questions=(
        _decision(Words("원문을 읽고 골라 주세요.", "Read the source, then choose.")),
        FreeText(
            "edited_question",
            Words("고친 질문", "Edited question"),
            Words("'수정'일 때 이 글을 고쳐 주세요.", "Change this text when you choose Edit."),
        ),
        FreeText(
            "edited_answer",
            Words("고친 답변", "Edited answer"),
            Words("'수정'일 때 이 글을 고쳐 주세요.", "Change this text when you choose Edit."),
        ),
        _reason("qa"),
        COMMENT,
    ),
    terms=TERMS,
    integers=INTEGERS,
)

DPO: Final = QueueSchema(
    queue="dpo",
    guidelines=Words(
        ko="""## 무엇을 검토하나요
같은 질문에 대한 좋은 답변과 나쁜 답변입니다. 모델이 둘을 구별하도록 배우게 됩니다. **원문을 먼저 읽고** 판정해 주세요.

## 판정
- **승인**: 좋은 답변은 원문과 맞고, 나쁜 답변은 원문과 다릅니다.
- **수정**: 나쁜 답변은 틀렸지만 좋은 답변을 조금 고쳐야 합니다. '고친 좋은 답변'의 글을 고쳐 주세요.
- **반려**: 좋은 답변이 틀렸거나, 나쁜 답변도 맞거나, 둘의 차이가 의미 없습니다. 사유를 골라 주세요.

## 이렇게 판단해 주세요
1. 길이나 말투가 아니라 **내용**으로 비교합니다.
2. 나쁜 답변의 어느 숫자, 조건, 주체가 틀렸는지 짚을 수 없으면 승인하지 않습니다.
3. 확신이 없으면 승인하지 말고 메모를 남겨 주세요.
""",
        en="""## What you review
A better and a worse answer to the same question. A model will learn to tell them apart. **Read the source first**, then decide.

## Decision
- **Approve**: the better answer agrees with the source, and the worse one does not.
- **Edit**: the worse answer is wrong, but the better one needs a small change. Change it in "Edited better answer".
- **Reject**: the better answer is wrong, or the worse one is right too, or the difference does not matter. Choose a reason.

## How to judge
1. Compare what the answers **say**, not their length or tone.
2. If you cannot point at the number, condition or party that the worse answer gets wrong, do not approve.
3. When in doubt, do not approve; leave a comment.
""",
    ),
    fields=(
        Shown("prompt", Words("질문", "Question")),
        Shown("chosen", Words("좋은 답변", "Better answer")),
        Shown("rejected", Words("나쁜 답변", "Worse answer")),
        SOURCE,
    ),
    questions=(
        _decision(Words("좋은 답변이 맞고 나쁜 답변이 틀린가요?", "Is the better answer right, and the worse one wrong?")),
        FreeText(
            "edited_chosen",
            Words("고친 좋은 답변", "Edited better answer"),
            Words("'수정'일 때 이 글을 고쳐 주세요.", "Change this text when you choose Edit."),
        ),
        _reason("dpo"),
        COMMENT,
    ),
    terms=TERMS,
    integers=INTEGERS,
)
SCHEMAS: Final[dict[Queue, QueueSchema]] = {"qa": QA, "dpo": DPO}


def fits(schema: QueueSchema, fields: Collection[str], labels: Mapping[str, Collection[str]], metadata: Collection[str]) -> bool:
    """Whether records and answers of this schema fit a queue that has these fields, questions (with labels) and metadata.

    What an admin may add on the server afterwards, labels and metadata, does no harm.
    """
    wanted = {q.name: {value for value, _ in q.labels} if isinstance(q, Choice) else set() for q in schema.questions}
    return (
        set(fields) == {field.name for field in schema.fields}
        and labels.keys() == wanted.keys()
        and all(values <= set(labels[name]) for name, values in wanted.items())
        and {name for name, _ in (*schema.terms, *schema.integers)} <= set(metadata)
    )


def queue_name(project: str, queue: Queue, number: int = 1) -> str:
    """The name of a queue on the server."""
    return f"{project}-{queue}-v{number}"


def queue_versions(project: str, queue: Queue, names: list[str]) -> list[tuple[int, str]]:
    """The versions of a queue among these dataset names, oldest first."""
    pattern = re.compile(rf"{re.escape(project)}-{queue}-v(\d+)")
    return sorted((int(match[1]), name) for name in names if (match := pattern.fullmatch(name)))
