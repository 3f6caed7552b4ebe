"""Preferences from multiple-choice questions: the right answer over a wrong option, both as full sentences.

A distractor differs from the truth in one number or condition and in nothing else, so it teaches exactly that. It must not
be told apart by anything easier: not by its length, not by being a bare "6개월" beside a sentence.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final, Literal

from tasks.records import Dropped, Kept, Language, Option, Pair, Preference
from tasks.settings import PreferSettings
from tasks.text.normal import comparable

STEP: Final = "prefer"
CHOICE: Final = "choice"
Reason = Literal["no_distractor", "not_a_sentence", "equal_answers", "length_ratio"]

# 합니다 and 한다 end in 다, 해요 in 요; 지급함. is a sentence of legal style, 지급함 without its stop is a heading.
KOREAN_SENTENCE = re.compile(r"(?:[다요죠까][.!?…]*|[음함됨임][.])[\"'”’」』)\]]*$")
ENGLISH_SENTENCE = re.compile(r"\S+\s+\S+.*[.!?][\"'”’)\]]*$", re.DOTALL)


def prefer(pairs: Sequence[Pair], settings: PreferSettings) -> Kept[Preference]:
    """Up to `per_question` preferences for each `choice` pair; one that gives none is dropped. Other kinds are not its input."""
    kept: dict[str, Preference] = {}
    dropped = []
    for pair in (p for p in pairs if p.kind == CHOICE):
        found = _fit(pair, settings)
        kept |= {preference.id: preference for preference in found}
        if not found:
            dropped.append(_drop(pair, settings))
    return Kept(list(kept.values()), dropped)


def is_sentence(text: str, language: Language) -> bool:
    """Whether a text stands as an answer of its own, by its ending."""
    return bool((KOREAN_SENTENCE if language == "ko" else ENGLISH_SENTENCE).search(text.strip()))


def _fit(pair: Pair, settings: PreferSettings) -> list[Preference]:
    """The wrong options that may stand against the answer, the one of the nearest length first."""
    wrong = sorted(_distractors(pair), key=lambda o: (_length_ratio(pair.answer, o.answer), comparable(o.answer), o.answer))
    fit: dict[str, Option] = {}
    for option in wrong:
        if _fault(pair, option, settings) is None:
            fit.setdefault(comparable(option.answer), option)
    return [_preference(pair, option) for option in list(fit.values())[: settings.per_question]]


def _distractors(pair: Pair) -> list[Option]:
    return [option for option in pair.options if not option.correct]


def _fault(pair: Pair, option: Option, settings: PreferSettings) -> Reason | None:
    if not (is_sentence(pair.answer, pair.language) and is_sentence(option.answer, pair.language)):
        return "not_a_sentence"
    if comparable(option.answer) == comparable(pair.answer):
        return "equal_answers"
    if _length_ratio(pair.answer, option.answer) > settings.max_length_ratio:
        return "length_ratio"
    return None


def _length_ratio(one: str, other: str) -> float:
    short, long = sorted((len(one.strip()), len(other.strip())))
    return long / max(1, short)


def _preference(pair: Pair, option: Option) -> Preference:
    prompt, chosen, rejected = pair.question.strip(), pair.answer.strip(), option.answer.strip()
    return Preference(
        id=Preference.make_id(pair.id, prompt, chosen, rejected),
        pair=pair.id,
        prompt=prompt,
        chosen=chosen,
        rejected=rejected,
        origin="distractor",
        error=option.error,
        margin=None,
    )


def _drop(pair: Pair, settings: PreferSettings) -> Dropped:
    """With the reason that most of the wrong options share."""
    faults = Counter(_fault(pair, option, settings) for option in _distractors(pair))
    reason = max(faults, key=lambda fault: (faults[fault], str(fault)), default="no_distractor")
    detail = ", ".join(f"{fault}: {count}" for fault, count in sorted(faults.items(), key=str)) or "no wrong option"
    return Dropped.of(pair, pair.id, STEP, str(reason), detail)
