from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from review.schema import (
    DECISIONS,
    QUEUES,
    REASONS,
    SCHEMAS,
    Choice,
    QueueSchema,
    Words,
    fits,
    queue_name,
    queue_versions,
)


def texts(schema: QueueSchema) -> list[Words]:
    found = [schema.guidelines, *(field.title for field in schema.fields)]
    found += [title for _, title in (*schema.terms, *schema.integers)]
    for question in schema.questions:
        found += [question.title, *([question.description] if question.description else [])]
        found += [text for _, text in question.labels] if isinstance(question, Choice) else []
    return found


@pytest.mark.parametrize("queue", QUEUES)
def test_every_text_is_korean_in_korean_and_has_no_hangul_in_english(queue: str) -> None:
    for words in texts(SCHEMAS[queue]):
        assert re.search("[가-힣]", words.ko)
        assert words.en.strip()
        assert not re.search("[가-힣]", words.en)


@pytest.mark.parametrize("queue", QUEUES)
def test_the_server_takes_every_text_and_name(queue: str) -> None:
    schema = SCHEMAS[queue]
    names = [field.name for field in schema.fields] + [question.name for question in schema.questions]
    assert len(names) == len(set(names))
    assert all(len(text) <= 10_000 for text in (schema.guidelines.ko, schema.guidelines.en))
    assert all(len(words.ko) <= 500 and len(words.en) <= 500 for words in texts(schema) if words is not schema.guidelines)


@pytest.mark.parametrize("queue", QUEUES)
def test_only_the_decision_is_required_and_reasons_are_the_closed_list(queue: str) -> None:
    choices = {question.name: question for question in SCHEMAS[queue].questions if isinstance(question, Choice)}
    assert {name for name, question in choices.items() if question.required} == {"decision"}
    assert [value for value, _ in choices["decision"].labels] == list(DECISIONS)
    assert [value for value, _ in choices["reason"].labels] == list(REASONS[queue])


def on_server(schema: QueueSchema) -> dict[str, Any]:
    labels = {q.name: [value for value, _ in q.labels] if isinstance(q, Choice) else [] for q in schema.questions}
    names = [name for name, _ in (*schema.terms, *schema.integers)]
    return {"fields": [field.name for field in schema.fields], "labels": labels, "metadata": names}


@pytest.mark.parametrize("queue", QUEUES)
def test_a_queue_fits_its_own_schema_and_what_an_admin_added_to_it(queue: str) -> None:
    schema = SCHEMAS[queue]
    there = on_server(schema)
    assert fits(schema, **there)
    there["metadata"].append("batch")
    there["labels"]["reason"].append("typo")
    assert fits(schema, **there)
    assert fits(replace(schema, guidelines=Words("다른 말", "Other words")), **there)


def test_a_queue_for_other_questions_does_not_fit() -> None:
    schema = SCHEMAS["qa"]
    decision, *others = schema.questions
    assert isinstance(decision, Choice)
    more_labels = replace(decision, labels=(*decision.labels, ("skip", Words("건너뜀", "Skip"))))
    for changed in (
        replace(schema, questions=(more_labels, *others)),
        replace(schema, questions=(decision, *others[1:])),
        replace(schema, fields=schema.fields[1:]),
        replace(schema, integers=(*schema.integers, ("margin", Words("차이", "Margin")))),
    ):
        assert not fits(changed, **on_server(schema))


def test_versions_of_a_queue_are_counted_as_numbers_and_belong_to_one_project() -> None:
    names = [queue_name("a", "qa", n) for n in (10, 2, 1)] + ["a-dpo-v3", "a-b-qa-v4", "a-qa-v1-copy", "x.a-qa-v9"]
    assert queue_versions("a", "qa", names) == [(1, "a-qa-v1"), (2, "a-qa-v2"), (10, "a-qa-v10")]
