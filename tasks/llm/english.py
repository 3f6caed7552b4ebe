"""Questions in English from the sentences of a clause: the modal verb goes before its subject, a condition stays in front.

A sentence without a modal verb or a form of "be" after its subject fits no rule and gets no question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST_CORE = 240
ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|No|Art|Sec|cf|etc|Mr|Mrs|Dr|vs)\.$")
SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"“(])")
FOLLOWER = re.compile(
    r"(?:However|In (?:this|that|such)|This|These|Those|Such|It|They|Otherwise|Instead|For this|In addition|The same)\b"
)
EXCEPTION = re.compile(r"(?:However|Except|Unless|Notwithstanding)\b")

MODAL = re.compile(r"\b(?P<aux>must|shall|may|will|can|is|are)(?P<not> not|not)?\b")
# What may stand before the verb of a main clause and is no end of a subject.
NO_SUBJECT_END = frozenset("who which that there what where when and or if it as whether because but than".split())
CONDITION = re.compile(r"(?:If|When|Where|Once|After|Before|Upon|In the event|As soon as|During|For|On|Within|Where|Unless)\b")
UNIT = "business days|working days|calendar days|days|weeks|months|years|hours|minutes"
PERIOD = re.compile(
    rf"(?P<pre>.*?)\s?\b(?P<prep>within|for|after|no later than|not later than|at least|up to)\s+\d[\d,]*\s+(?P<unit>{UNIT})\b(?P<post>(?: (?:of|after|from|before|following|prior to)\b[^,;]*)?)$"
)


@dataclass(frozen=True, slots=True)
class Parse:
    """A sentence in parts: a condition in front, subject, modal verb, denial, and the rest."""

    condition: str
    subject: str
    aux: str
    denied: bool
    rest: str


def sentences(text: str) -> list[str]:
    """The sentences of a running text."""
    parts: list[str] = []
    for part in SENTENCE_END.split(text):
        if parts and ABBREVIATION.search(parts[-1]):
            parts[-1] += f" {part}"
        else:
            parts.append(part)
    return [part.strip() for part in parts if part.strip()]


def follows(sentence: str) -> bool:
    """Whether a sentence needs the one before it."""
    return bool(FOLLOWER.match(sentence))


def is_exception(sentence: str) -> bool:
    """Whether a sentence takes something back."""
    return bool(EXCEPTION.match(sentence))


def parse(sentence: str) -> Parse | None:
    """The parts of a sentence; None when its main verb is not found."""
    sentence = sentence.rstrip(" .:")
    starts = [0, *(m.end() for m in re.finditer(r", ", sentence))] if CONDITION.match(sentence) else [0]
    for start in starts[1:] or starts:
        for match in MODAL.finditer(sentence, start):
            subject = sentence[start : match.start()].strip()
            words = subject.split()
            if 0 < len(words) <= 14 and words[-1].lower() not in NO_SUBJECT_END and _begins_subject(words[0]) and _closed(words):
                condition = sentence[:start].rstrip(" ,")
                return Parse(condition, subject, match["aux"], bool(match["not"]), sentence[match.end() :].strip())
    return None


def _begins_subject(word: str) -> bool:
    return word[0].isupper() or word.lower() in (
        "the",
        "a",
        "an",
        "any",
        "each",
        "every",
        "all",
        "no",
        "you",
        "we",
        "both",
        "either",
    )


def _closed(words: list[str]) -> bool:
    """A relative clause in the subject has its own verb before the main verb comes."""
    relative = [place for place, word in enumerate(words) if word in ("who", "which", "that")]
    return not relative or len(words) - relative[-1] > 2


def specific(sentence: str) -> Iterator[str]:
    """Questions about a detail: a period, what something is."""
    parsed = parse(sentence)
    if parsed is None:
        return
    if (match := PERIOD.fullmatch(parsed.rest)) and not parsed.denied:
        verb = f"{parsed.aux} {_subject(parsed)} {match['pre']}".strip()
        if match["pre"]:
            yield _fronted(parsed, f"{match['prep']} how many {match['unit']}{match['post']} {verb}")
    if parsed.aux in ("is", "are") and not parsed.denied and re.match(r"(?:an? |the |\d|[$€£])", parsed.rest):
        yield _fronted(parsed, f"what {parsed.aux} {_subject(parsed)}")


def general(sentence: str) -> tuple[str, bool] | None:
    """A question about what the sentence says as a whole, and whether it is a telling one."""
    parsed = parse(sentence)
    if parsed is None or parsed.subject.split()[0] in ("It", "This", "They", "There", "These"):
        return None
    if parsed.aux in ("is", "are") or parsed.rest.startswith("be "):
        core = f"what rule applies to {_subject(parsed)}"
    elif parsed.subject.startswith(("No ", "no ")):
        core = f"what {parsed.aux} {_subject(parsed)} do"
    else:
        core = f"what {parsed.aux} {_subject(parsed)}{' not' if parsed.denied else ''} do"
    return _fronted(parsed, core), bool(parsed.condition)


def list_question(stem: str) -> str | None:
    """A question for what a stem with "the following" counts up."""
    stem = stem.rstrip(" :.")
    if match := re.match(r"The following (?P<noun>[\w ]+?) (?P<rest>(?:are|is|must|shall|may|will)\b.*)$", stem):
        return f"which {match['noun']} {match['rest']}"
    parsed = parse(stem)
    if parsed and (
        match := re.search(r"^(?P<pre>.*?)\s?(?:any of |one of |all of )?the following(?: (?P<noun>[\w ]+))?$", parsed.rest)
    ):
        denied = " not" if parsed.denied else ""
        wanted = f"which {match['noun']}" if match["noun"] else "what"
        return _fronted(parsed, f"{wanted} {parsed.aux} {_subject(parsed)}{denied} {match['pre']}".strip())
    return None


DEFINITION = re.compile(r"^[“\"'‘]?(?P<term>[A-Z][^”\"'’:]{1,50}?)[”\"'’]? (?:means|shall mean|refers to) (?P<text>.+)")


def definition(text: str) -> str | None:
    """The term that a sentence defines."""
    match = DEFINITION.match(text)
    return match["term"] if match else None


def _subject(parsed: Parse) -> str:
    first, _, rest = parsed.subject.partition(" ")
    article = first in (
        "The",
        "A",
        "An",
        "Any",
        "Each",
        "Every",
        "All",
        "No",
        "You",
        "We",
        "Both",
        "Either",
        "Claims",
        "Benefits",
    )
    return f"{first.lower() if article else first} {rest}".strip()


def _fronted(parsed: Parse, core: str) -> str:
    if not parsed.condition:
        return core
    return f"{parsed.condition[0].lower()}{parsed.condition[1:]}, {core}"
