"""Questions in English from the sentences of a clause: the modal verb goes before its subject, a condition stays in front.

A sentence without a modal verb or a form of "be" after its subject fits no rule and gets no question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.llm.unfold import Source, Unit

LONGEST_CORE = 240
FOLLOWER = re.compile(
    r"(?:However|In (?:this|that|such)|This|These|Those|Such|It|They|Otherwise|Instead|For this|In addition|The same)\b"
)
EXCEPTION = re.compile(r"(?:However|Except|Unless|Notwithstanding)\b")

MODAL = re.compile(r"\b(?P<aux>must|shall|may|will|can|is|are)(?P<not> not|not)?\b")
# What may stand before the verb of a main clause and is no end of a subject.
NO_SUBJECT_END = frozenset(
    ("who", "which", "that", "there", "what", "where", "when", "and", "or", "if", "it", "as", "because", "than")
)
CONDITION = re.compile(r"(?:If|When|Where|Once|After|Before|Upon|In the event|As soon as|During|For|On|Within|Where|Unless)\b")
UNIT = "business days|working days|calendar days|days|weeks|months|years|hours|minutes"
PERIOD = re.compile(
    rf"(?P<pre>.*?)\s?\b(?P<prep>within|for|after|no later than|not later than|at least|up to)\s+\d[\d,]*\s+(?P<unit>{UNIT})\b"
    r"(?P<post>(?: (?:of|after|from|before|following|prior to)\b[^,;]*)?)$"
)


@dataclass(frozen=True, slots=True)
class Parse:
    """A sentence in parts: a condition in front, subject, modal verb, denial, and the rest."""

    condition: str
    subject: str
    aux: str
    denied: bool
    rest: str


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


def is_statement(sentence: str) -> bool:
    """Whether a sentence says something by itself."""
    return sentence.endswith(".") and len(sentence.split()) > 3


def counts_up(sentence: str) -> bool:
    """Whether a sentence announces a list."""
    return "the following" in sentence.lower() or sentence.endswith(":")


def is_glossary(text: str) -> bool:
    """Whether a text announces a list of terms."""
    return bool(re.search(r"\b(?:definitions|following meanings|means:|defined)\b", text, re.IGNORECASE))


def list_question(stem: str) -> tuple[str, str] | None:
    """A question for what a stem with "the following" counts up, and the stem."""
    bare = stem.rstrip(" :.")
    if match := re.match(r"The following (?P<noun>[\w ]+?) (?P<rest>(?:are|is|must|shall|may|will)\b.*)$", bare):
        return f"which {match['noun']} {match['rest']}", stem
    parsed = parse(bare)
    if parsed is None or not (match := LISTED.search(parsed.rest)):
        return None
    wanted = f"which {match['noun']}" if match["noun"] else "what"
    denied = " not" if parsed.denied else ""
    return _fronted(parsed, f"{wanted} {parsed.aux} {_subject(parsed)}{denied} {match['pre']}".strip()), stem


LISTED = re.compile(r"^(?P<pre>.*?)\s?(?:any of |one of |all of )?the following(?: (?P<noun>[\w ]+))?$")
DEFINITION = re.compile(r"^(?P<lead>[“\"'‘]?(?P<term>[A-Z][^”\"'’:]{1,50}?)[”\"'’]? (?:means|shall mean|refers to) )(?P<text>.+)")


def definition(text: str, listed: bool) -> tuple[str, str] | None:
    """The term that a sentence defines, and the sentence."""
    match = DEFINITION.match(text)
    return (match["term"], text) if match else None


def term_and_meaning(sentence: str) -> tuple[str, str] | None:
    """A definition cut behind "means"."""
    match = DEFINITION.match(sentence)
    return (match["lead"], match["text"]) if match else None


# ---------------------------------------------------------------- the question around it
HEADING = re.compile(
    r"(?:(?:Section|Article|Clause|Part|Chapter)\s+)?(?P<number>\d+(?:\.\d+)*|[IVX]+\b)?[.:)]?\s*[-–—]?\s*(?P<title>.*)"
)


def place(unit: Unit) -> str:
    """4.2, (a); a unit without a mark has no place."""
    return unit.mark.rstrip(".")


def where(source: Source, place: str) -> str:
    """Section with its title, and document."""
    document = f'the "{source.document}"'
    match = HEADING.fullmatch(source.headings[-1]) if source.headings else None
    if match is None or not (match["number"] or match["title"]):
        return f"{place} of {document}".strip() if place else document
    number, title = match["number"] or "", match["title"]
    if place and number and place.split(" ")[0].startswith(f"{number}."):
        number = ""
    label = f"{number}{place}" if place.startswith("(") else f"{number} {place}".strip()
    return f"section {label} ({title}) of {document}" if label and title else f"section {label or repr(title)} of {document}"


def ask(where: str, core: str) -> str:
    """The whole question."""
    return f"According to {where}, {core}?"


def ask_definition(where: str, term: str) -> str:
    """The question for a definition."""
    return ask(where, f'what does "{term}" mean')


def ask_exception(where: str) -> str:
    """The question for an exception."""
    return f"What exception does {where} make?"


def ask_about(where: str) -> str:
    """The question for a text that fits no rule."""
    return f"What does {where} provide?"


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
