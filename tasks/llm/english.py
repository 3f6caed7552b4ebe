"""Questions in English from the sentences of a clause: the modal verb goes before its subject, a condition stays in front.

A sentence without a modal verb or a form of "be" after its subject fits no rule and gets no question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.llm.rows import Fact
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
# Verbs that say what somebody does as a rule, with an object after them.
BASES = {"applies": "apply"}
VERB = re.compile(
    r"\b(?:pays?|provides?|covers?|approves?|audits?|reviews?|requires?|reports?|keeps?|sets?|sends?|gives?|receives?|includes?|excludes?"
    r"|explains?|applies|apply|reimburses?|refunds?|insures?|issues?|maintains?|records?)\b(?= (?!of\b))"
)
PREPOSITION = re.compile(r"(?:In|On|At|For|During|By|Under|With|After|Before|From|Upon|Without|To)\b")
FRONTED = re.compile(rf"(?P<where>{PREPOSITION.pattern}.{{3,80}}) (?P<subject>(?:an?|the|each|any|every) \w+(?: \w+){{0,2}})")
# Subjects that a question cannot take over.
VAGUE = re.compile(
    r"(?:It|This|They|There|These|Those|At least|At most|No|More than|Up to|Nobody|None|All others|Some)\b|.*\b(?:below|above)\b"
)
PASSIVE = re.compile(r"(?P<verb>(?:\w+ed|paid|set|made|given|kept|taken|sent|held))\b(?P<more>.*)")
MANNERS: tuple[tuple[str, str], ...] = (
    (r" (?:only )?(?:if|when|where|unless|provided)\b", "under what condition"),
    (r" (?:between|until|within|before|after|on)\b", "when"),
    (r" (?:at|by|with|through|in)\b", "how"),
)
UNIT = "business days|working days|calendar days|days|weeks|months|years|hours|minutes"
PERIOD = re.compile(
    rf"(?P<pre>.*?)\s?\b(?P<prep>within|for|after|no later than|not later than|at least|up to)\s+"
    rf"(?P<value>\d[\d,]*\s+(?P<unit>{UNIT}))\b"
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
    starts = [m.end() for m in re.finditer(r", ", sentence)] if CONDITION.match(sentence) else [0]
    for start in starts:
        condition, main = sentence[:start].rstrip(" ,"), sentence[start:]
        for match in [*MODAL.finditer(main), *VERB.finditer(main)]:
            subject = main[: match.start()].strip()
            if not condition and (fronted := FRONTED.fullmatch(subject)):
                condition, subject = fronted["where"], fronted["subject"]
            if _is_subject(subject):
                return _parsed(condition, subject, match, main[match.end() :].strip())
    return None


def _parsed(condition: str, subject: str, match: re.Match[str], rest: str) -> Parse:
    if "aux" in match.re.groupindex:
        return Parse(condition, subject, match["aux"], bool(match["not"]), rest)
    verb = match[0]
    base = BASES.get(verb, verb.removesuffix("s"))
    return Parse(condition, subject, "do" if base == verb else "does", False, f"{base} {rest}".strip())


def _is_subject(subject: str) -> bool:
    """Whether words can be a whole subject: no loose end, and a relative clause in it has its own verb."""
    words = subject.split()
    if not 0 < len(words) <= 14 or words[-1].lower() in NO_SUBJECT_END or "," in words[0]:
        return False
    if not (
        words[0][0].isupper() or words[0].lower() in ("the", "a", "an", "any", "each", "every", "all", "no", "you", "we", "both")
    ):
        return False
    relative = [place for place, word in enumerate(words) if word in ("who", "which", "that")]
    return not PREPOSITION.match(subject) and (not relative or len(words) - relative[-1] > 2)


def numbers_asked(sentence: str) -> Iterator[tuple[str, str]]:
    """A question for the period that a sentence sets, and the period."""
    parsed = parse(sentence)
    match = PERIOD.fullmatch(parsed.rest) if parsed and not parsed.denied and not VAGUE.match(parsed.subject) else None
    if parsed and match and 0 < len(match["pre"].split()) <= 8 and "," not in match["pre"]:
        core = f"{match['prep']} how many {match['unit']}{match['post']} {parsed.aux} {_subject(parsed)} {match['pre']}"
        yield _fronted(parsed, core), match["value"]


def specific(sentence: str) -> Iterator[str]:
    """Questions about a detail: a period, a condition, what something is."""
    parsed = parse(sentence)
    if parsed is None or VAGUE.match(parsed.subject):
        return
    subject = _subject(parsed)
    yield from (core for core, _ in numbers_asked(sentence))
    if parsed.denied or parsed.aux not in ("is", "are"):
        return
    if match := PASSIVE.match(parsed.rest):
        if asked := next((word for pattern, word in MANNERS if re.match(pattern, match["more"])), None):
            yield _fronted(parsed, f"{asked} {parsed.aux} {subject} {match['verb']}")
    elif re.match(r"(?:an? |the |\d|[$€£]|[A-Z])", parsed.rest):
        yield _fronted(parsed, f"what {parsed.aux} {subject}")


def general(sentence: str) -> tuple[str, bool] | None:
    """A question about what the sentence says as a whole, and whether it is a telling one."""
    parsed = parse(sentence)
    if parsed is None or VAGUE.match(parsed.subject):
        return None
    subject = _subject(parsed)
    if parsed.aux in ("do", "does"):
        verb = parsed.rest.split()[0]
        after = re.match(r"\w+( to| for)\b", parsed.rest)
        core = f"what {parsed.aux} {subject} {verb}{after[1] if after else ''}"
    elif parsed.aux in ("is", "are") or parsed.rest.startswith("be "):
        core = f"what rule applies to {subject}"
    elif parsed.rest.startswith("cost "):
        core = f"how much {parsed.aux} {subject} cost"
    else:
        core = f"what {parsed.aux} {subject}{' not' if parsed.denied else ''} do"
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
    if match["pre"].endswith(" in"):
        return _fronted(parsed, f"in {wanted} {parsed.aux} {_subject(parsed)}{denied} {match['pre'].removesuffix(' in')}"), stem
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


def ask_row(where: str, fact: Fact) -> str:
    """The question for a row of a table."""
    return ask(where, f'what is the "{fact.name}" where {_conditions(fact)}')


def answer_row(fact: Fact) -> str:
    """What a row of a table says, as a sentence."""
    return f'Where {_conditions(fact)}, the "{fact.name}" is "{fact.value}".'


def _conditions(fact: Fact) -> str:
    return " and ".join(f'the "{name}" is "{value}"' for name, value in fact.conditions)


def ask_about(where: str) -> str:
    """The question for a text that fits no rule."""
    return f"What does {where} provide?"


def _subject(parsed: Parse) -> str:
    """The subject inside a question: without its capital, unless it is a name."""
    first, _, rest = parsed.subject.partition(" ")
    name = (first.isupper() and len(first) > 1) or (rest[:1].isupper() and first not in DETERMINERS)
    return parsed.subject if name else f"{parsed.subject[0].lower()}{parsed.subject[1:]}"


DETERMINERS = ("The", "A", "An", "Any", "Each", "Every", "All", "Both", "Our", "Your")


def _fronted(parsed: Parse, core: str) -> str:
    if not parsed.condition:
        return core
    return f"{parsed.condition[0].lower()}{parsed.condition[1:]}, {core}"
