"""Does the answer say what its evidence says? Numbers, comparators, polarity, parties, references, scope, exceptions, order.

The one idea: whatever of a closed kind an answer says (3영업일, 이내, 할 수 없다, 회사는, 모두) must be said at the place of the
evidence that reads most alike. So a number that stands in the evidence, but elsewhere (최초 3개월 for 최초 6개월), is as wrong as
one that does not. What cannot be found anywhere in the evidence's words is left to the quote and to people: a paraphrase is no
contradiction. A finding is hard where the place is clear, else it is a doubt.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Final

from tasks.check.claims_exceptions import exceptions_left_out
from tasks.check.claims_order import steps_exchanged
from tasks.check.claims_reading import Place, Reading, alike, notes, read, read_again, read_beside, without_heading
from tasks.check.claims_spacing import respaced
from tasks.check.claims_splices import splices
from tasks.check.findings import Finding, Reason
from tasks.records import Language
from tasks.text.comparators import STRICT, agree
from tasks.text.numbers import PLACE, Number, number_parts
from tasks.text.parties import same_party
from tasks.text.polarity import EARLY, ROW, same_sense
from tasks.text.references import Reference, same_clause
from tasks.text.scope import TOLD, family

CLEAR: Final = 0.6  # of the pairs of letters of an answer's sentence stand in the evidence
SAME_PLACE: Final = 0.55  # so alike are two places that are the same one
LIKE_PLACE: Final = 0.4  # so alike they may be
NEARER: Final = 0.15  # so much more alike is the place that decides
BARE: Final = 6  # letters: 10년 이하입니다
LEAST_GAP: Final = 0.05
NEAR_ENOUGH: Final = 0.1  # less is no difference


@dataclass(frozen=True, slots=True)
class Context:
    """What an answer may cite beside its evidence.

    `heading` is the path of titles, `clause` the text around the evidence, `references` the clauses that exist in the
    document (empty: not known).
    """

    heading: tuple[str, ...] = ()
    clause: str = ""
    references: frozenset[Reference] = frozenset()


@dataclass(frozen=True)
class Case:
    """An answer and its evidence, read."""

    answer: Reading
    evidence: Reading
    context: Context
    language: Language

    def alike(self, one: Place, other: Place) -> float:
        """How alike a place of the answer and one of the evidence are."""
        return alike(self.answer.profile(one), self.evidence.profile(other))

    def clear(self, place: Place) -> bool:
        """Whether most of what the answer's sentence says is in the evidence."""
        letters = self.answer.sentence(place.sentence)
        pairs = [letters[i : i + 2] for i in range(len(letters) - 1)]
        return len(pairs) >= 4 and sum(pair in self.evidence.pairs for pair in pairs) >= CLEAR * len(pairs)

    @cached_property
    def heading(self) -> Reading:
        """The titles and amendment notes, read."""
        return read("\n".join(title.strip("<>[]") for title in self.context.heading), self.language)

    @cached_property
    def clause(self) -> Reading:
        """The clause, read."""
        return read(self.context.clause, self.language)


Check = Callable[[Case], Iterator[Finding]]


def compare(answer: str, evidence: Sequence[str], context: Context, language: Language) -> Iterator[Finding]:
    """What an answer says differently from its evidence; nothing where they agree."""
    bare, headings = zip(*map(without_heading, evidence), strict=True) if evidence else ((), ())
    source = "\n".join(bare)
    if _spaceless(source):
        source = respaced(source, answer)
    beside = filter(None, (*headings, *map(notes, evidence)))
    context = replace(context, heading=(*context.heading, *beside))
    stands = read(source, language)
    claim = read_beside(respaced(answer, source), stands, language)
    case = Case(claim, read_again(stands, claim) if language == "ko" else stands, context, language)
    for check in CHECKS:
        yield from check(case)


def _spaceless(text: str) -> bool:
    """Whether a text lost its spaces; Korean has one for every three to five letters."""
    return text.count(" ") < 0.08 * len(text)


# ---------------------------------------------------------------- which place decides
@dataclass(frozen=True, slots=True)
class Verdict:
    """How alike the best place that says the same is, and the best that says another thing; `other` is that one."""

    same: float
    differs: float
    other: Place | None

    def contradicted(self, least: float = LIKE_PLACE, nearer: float = NEARER) -> bool:
        """Whether the place that reads most alike says another thing."""
        return self.other is not None and self.differs >= least and self.differs - self.same >= nearer

    @property
    def sure(self) -> bool:
        """Whether that place is the same one, beyond doubt."""
        return self.differs >= SAME_PLACE


Same = Callable[[Place, Place], bool]


def judged(case: Case, place: Place, candidates: Iterable[Place], same: Same) -> Verdict:
    """Compare what stands at a place of the answer with what stands at the places of the evidence.

    A place of the evidence that another part of the answer tells rightly, and tells better, is not this one.
    """
    scored = sorted(((case.alike(place, candidate), candidate) for candidate in candidates), key=lambda s: -s[0])
    best_same = next((score for score, candidate in scored if same(place, candidate)), 0.0)
    for score, candidate in scored:
        if score - best_same < LEAST_GAP:
            break
        if not same(place, candidate) and not _told(case, place, candidate, score, same):
            return Verdict(best_same, score, candidate)
    return Verdict(best_same, 0.0, None)


def _told(case: Case, place: Place, candidate: Place, score: float, same: Same) -> bool:
    return any(
        other.at != place.at and same(other, candidate) and case.alike(other, candidate) >= score - NEAR_ENOUGH
        for other in case.answer.of(place.kind)
    )


def _finding(reason: Reason, case: Case, place: Place, found: Place | None, hard: bool) -> Finding:
    there = f", the evidence {_shown(case.evidence, found)!r}" if found else ""
    return Finding(reason, f"the answer says {_shown(case.answer, place)!r}{there}", hard)


def _shown(reading: Reading, place: Place) -> str:
    if place.kind == "reference":
        article, paragraph, item = place.note.split("|")
        return " ".join(f"제{number}{unit}" for number, unit in ((article, "조"), (paragraph, "항"), (item, "호")) if number)
    return (place.value if place.kind == "number" else place.text).strip()


# ---------------------------------------------------------------- numbers
_SAME_TIME: Final = {
    ("12", "개월"): ("1", "년"),
    ("24", "개월"): ("2", "년"),
    ("36", "개월"): ("3", "년"),
    ("7", "일"): ("1", "주"),
    ("14", "일"): ("2", "주"),
}
_COUNTERS: Final = frozenset({"가지", "개", "건", "곳"})


def numbers(case: Case) -> Iterator[Finding]:
    """Every number of the answer stands in the evidence with its unit, and where it stands there."""
    stand = case.evidence.of("number")
    for place in case.answer.of("number"):
        verdict = judged(case, place, stand, partial(_same_place, case.language))
        if any(_same_place(case.language, place, e) for e in stand):
            if verdict.contradicted() and verdict.other and _unit(verdict.other) == _unit(place):
                yield _finding(
                    "number_not_in_evidence", case, place, verdict.other, case.clear(place) and verdict.contradicted(nearer=0.25)
                )
            elif _bare(case, place) and any(_unit(e) == _unit(place) and e.value != place.value for e in stand):
                yield _finding("number_not_in_evidence", case, place, None, False)
        elif not _elsewhere(case, place):
            values = [e for e in stand if _number(e)[0] == _number(place)[0]]
            reason: Reason = "unit_differs" if values else "number_not_in_evidence"
            yield _finding(reason, case, place, values[0] if values else verdict.other, case.clear(place))


def _bare(case: Case, place: Place) -> bool:
    """Whether the answer is a number and hardly more, so that nothing tells which of several it is."""
    return len(case.answer.sentence(place.sentence)) < BARE


def _number(place: Place) -> Number:
    value, _, unit = place.value.partition(" ")
    return value, unit


def _unit(place: Place) -> str:
    return _number(place)[1]


def _same_place(language: Language, one: Place, other: Place) -> bool:
    claim, source = _number(one), _number(other)
    years = language == "en" and claim[0] == source[0] and {claim[1], source[1]} == {"년", "세"}  # 18 years, 18 years old
    return years or _same_number(claim, source)


def _same_number(claim: Number, source: Number) -> bool:
    if claim == source or (claim[0] == source[0] and not claim[1]):
        return True
    if source[1] == "date" and claim in number_parts(source):
        return True
    return _SAME_TIME.get(claim, claim) == _SAME_TIME.get(source, source)


def _elsewhere(case: Case, place: Place) -> bool:
    """A number that the titles hold, that counts the items of a list, or that is a cell of a table with its unit in the head."""
    value, unit = _number(place)
    if any(_same_number((value, unit), number) for number in case.heading.numbers):
        return True
    if (value, "") in case.evidence.numbers and unit in case.evidence.text:
        return True
    if not unit and any(value == there for there, _ in case.evidence.numbers):
        return True
    return unit in _COUNTERS and value.isdigit() and 2 <= int(value) <= 20


# ---------------------------------------------------------------- comparators
def comparators(case: Case) -> Iterator[Finding]:
    """A comparator is the evidence's one: with its number, or at its place where it has none."""
    stand = case.evidence.of("comparator")
    numbers_there = {place.value for place in case.evidence.of("number")}
    for place in case.answer.of("comparator"):
        bound = [e for e in stand if e.anchor == place.anchor] if place.anchor else []
        verdict = judged(case, place, bound or stand, lambda a, e: agree(a.value, e.value))
        if bound:
            if not any(agree(place.value, e.value) for e in bound) or verdict.contradicted():
                yield _finding("comparator_differs", case, place, verdict.other or bound[0], case.clear(place))
        elif place.anchor in numbers_there and place.value in STRICT:
            yield _finding("comparator_differs", case, place, None, case.clear(place))
        elif verdict.contradicted():
            yield _finding("comparator_differs", case, place, verdict.other, verdict.sure and case.clear(place))
    yield from _lost_comparators(case)


def _lost_comparators(case: Case) -> Iterator[Finding]:
    for place in case.evidence.of("comparator"):
        if place.value == "toward" and _cut_out(case, place):
            yield Finding("order_differs", f"the answer leaves out {place.text.strip()!r}", False)
    kept = {place.anchor for place in case.answer.of("comparator")}
    said = {place.value: place for place in case.answer.of("number")}
    free = Counter(place.value for place in case.evidence.of("number"))
    free.subtract({place.anchor for place in case.evidence.of("comparator")})
    for place in case.evidence.of("comparator"):
        if place.value in STRICT and place.anchor in said and place.anchor not in kept and free[place.anchor] <= 0:
            yield _finding("comparator_differs", case, said[place.anchor], place, False)


# ---------------------------------------------------------------- polarity
_KEY: Final = 4  # letters of the predicate that must be the same
_CLAUSE_END: Final = re.compile(r"(?:다|니다|느다|으니다|스니다|요|어요|아요|고|며|나|지마|)(?:$|#|§)?")


_EXISTENCE: Final = frozenset({"have", "none", "is not"})  # these deny a noun: a plain predicate is no rival of theirs


def polarity(case: Case) -> Iterator[Finding]:
    """A predicate that both have is affirmed, denied, allowed or demanded in both."""
    english = case.language == "en"
    for place in _predicates(case, english):
        candidates = list(_occurrences(case.evidence, place.anchor, english))
        if place.value in _EXISTENCE:
            candidates = [c for c in candidates if c.value in _EXISTENCE]
        verdict = judged(case, place, candidates, lambda a, e: same_sense(a.value, e.value))
        if verdict.contradicted(0.45, 0.08) and not _denied_by_pointing(case, place):
            yield _finding("polarity_differs", case, place, verdict.other, case.clear(place) and verdict.differs >= SAME_PLACE)


def _predicates(case: Case, english: bool) -> Iterator[Place]:
    """The marked predicates of the answer, and the plain ones that the evidence marks."""
    marked = [place._replace(anchor=_key(case.answer, place, english)) for place in case.answer.of("sense")]
    yield from marked
    seen = {place.at for place in marked}
    for there in case.evidence.of("sense"):
        for place in _occurrences(case.answer, _key(case.evidence, there, english), english):
            if place.at not in seen:
                seen.add(place.at)
                yield place if english else place._replace(anchor=_key(case.answer, place, english))


def _key(reading: Reading, place: Place, english: bool) -> str:
    """The letters of the predicate: those before a Korean mark, the stem of the word behind an English one."""
    if english:
        word = _WORD.match(reading.text, place.start + len(place.text))
        return word[1][: max(3, min(5, len(word[1]) - 1))] if word else ""
    start, _ = reading.bounds[place.sentence]
    return reading.skeleton[max(start, place.at - _KEY) : place.at]


_WORD: Final = re.compile(r"\s*(?:(?:first|also|only|then|ideally|at once|immediately|be|not|in writing)\s+)*([a-z]{2,})")


def _occurrences(reading: Reading, key: str, english: bool) -> Iterator[Place]:
    """Where a predicate stands, by its letters; of a Korean one as few as two where no more are the same."""
    senses = {place.at: place for place in reading.of("sense")}
    for length in range(len(key), len(key) - 1 if english else 1, -1):
        part = key if english else key[-length:]
        found = [match.start() + (0 if english else length) for match in re.finditer(re.escape(part), reading.skeleton)]
        if part and found:
            for at in found:
                yield senses.get(at) or Place("sense", "", "", at, _sentence_at(reading, at, english), part, part)
            return


def _sentence_at(reading: Reading, at: int, english: bool) -> int:
    """The sentence of an offset: a Korean mark may stand at the end of one, an English one at its beginning."""
    within = (index for index, (start, end) in enumerate(reading.bounds) if (start <= at < end if english else start < at <= end))
    return next(within, 0)


def _denied_by_pointing(case: Case, place: Place) -> bool:
    """그러하지 아니하다 denies the rule before it: an answer that says the denial in full contradicts nothing."""
    for there in case.evidence.of("sense"):
        if case.evidence.skeleton[max(0, there.at - 3) : there.at] == "그러하" and not same_sense(place.value, ""):
            left, _ = case.answer.profile(place)
            held = sum(weight for pair, weight in left.items() if pair in case.evidence.sentence(there.sentence))
            if held >= 0.4 * sum(left.values()):
                return True
    return False


def opposites(case: Case) -> Iterator[Finding]:
    """유효 and 무효, 포함 and 제외: at the same place, the same one of the two."""
    stand = case.evidence.of("opposite")
    for place in case.answer.of("opposite"):
        rivals = [e for e in stand if e.value.partition(":")[0] == place.value.partition(":")[0]]
        verdict = judged(case, place, rivals, lambda a, e: a.value == e.value)
        if verdict.contradicted():
            reason: Reason = "order_differs" if place.value.startswith((EARLY, ROW)) else "polarity_differs"
            yield _finding(reason, case, place, verdict.other, verdict.sure and case.clear(place))


# ---------------------------------------------------------------- parties
def parties(case: Case) -> Iterator[Finding]:
    """Who does what to whom: at the same place and in the same role, the same party."""
    stand = case.evidence.of("party")
    known = [*stand, *case.heading.of("party")]
    for place in case.answer.of("party"):
        new = not any(same_party(place.value, e.value) for e in known)
        verdict = judged(case, place, [e for e in stand if _rivals(place, e, new)], _one_of)
        if verdict.contradicted(LIKE_PLACE if new else SAME_PLACE):
            yield _finding("party_differs", case, place, verdict.other, verdict.sure and case.clear(place))


def actors(case: Case) -> Iterator[Finding]:
    """A noun that the evidence does not know acts where the evidence lets another one act, which the answer does not know."""
    stand = [*case.evidence.of("actor"), *case.evidence.of("party")]
    source = case.evidence.text + case.heading.text + case.clause.text
    for place in case.answer.of("actor"):
        if place.value not in source:
            rivals = [e for e in stand if e.note == place.note and e.value not in case.answer.text]
            verdict = judged(case, place, rivals, lambda a, e: same_party(a.value, e.value))
            if verdict.contradicted(SAME_PLACE):
                yield _finding("party_differs", case, place, verdict.other, False)


_FREE_ROLES: Final = frozenset({"", "other", "joined", "genitive"})
_ACTORS: Final = frozenset({"topic", "subject"})


def _one_of(one: Place, other: Place) -> bool:
    """Whether a party is the other one, or one of those that are listed with it."""
    return any(same_party(one.value, name) for name in other.anchor.partition("=")[0].split("|"))


def _rivals(one: Place, other: Place, new: bool) -> bool:
    """Whether two parties claim one place: the same role, or for a name that the evidence does not know one that may be it."""
    mine, theirs = one.anchor.partition("=")[2], other.anchor.partition("=")[2]
    if mine == theirs or {mine, theirs} <= _FREE_ROLES:
        return True
    return new and (not _FREE_ROLES.isdisjoint({mine, theirs}) or {mine, theirs} <= _ACTORS)


# ---------------------------------------------------------------- references
def citations(case: Case) -> Iterator[Finding]:
    """A clause that the answer names is the one that the evidence names there, or the one the answer is from; and it exists."""
    stand = case.evidence.of("reference")
    for place in case.answer.of("reference"):
        name = _reference(place)
        verdict = judged(case, place, stand, lambda a, e: same_clause(_reference(a), _reference(e)))
        source = _CITES.match(case.answer.text, place.start + len(place.text)) or (
            _OPENS.search(case.answer.text[: place.start]) and _CLOSES.match(case.answer.text, place.start + len(place.text))
        )
        if not source and verdict.contradicted():
            yield _finding("reference_unknown", case, place, verdict.other, verdict.sure and case.clear(place))
        elif not _named(case, name) and (hard := _unknown(case, name)) is not None:
            yield _finding("reference_unknown", case, place, None, hard)


# 제3조에 따르면, (근거: 제3조): where an answer says what it is from.
_CITES: Final = re.compile(r"(?:\s?\([^()]{0,60}\))?\s?(?:에\s?따르면|에\s?의하면|에서는\s)")
_OPENS: Final = re.compile(r"[(\[][^()\[\]]{0,30}$|근거\s?:?[^()\[\]]{0,30}$")
_CLOSES: Final = re.compile(r"[^()\[\]]{0,60}[)\]]?\s*[.。]?\s*(?:$|\n)")


def _reference(place: Place) -> Reference:
    article, paragraph, item = place.note.split("|")
    return article, paragraph, item


def _named(case: Case, name: Reference) -> bool:
    """Whether evidence, titles or clause name it, or it is a paragraph of the clause itself."""
    own = case.heading.references
    return any(same_clause(name, there) for there in (*case.evidence.references, *own, *case.clause.references))


def _unknown(case: Case, name: Reference) -> bool | None:
    """True where the clause does not exist, False where it is another one, None where nobody knows."""
    known = case.context.references
    if not known:
        return None
    return not any(same_clause(name, there) for there in known)


# ---------------------------------------------------------------- scope
def scope(case: Case) -> Iterator[Finding]:
    """모두 or 일부, 또는 or 및, 매년 or 매월: at the same place, the same one; none cut out, and no 언제나 added."""
    stand = case.evidence.of("scope")
    for place in case.answer.of("scope"):
        rivals = [e for e in stand if family(e.value) == family(place.value)]
        verdict = judged(case, place, rivals, lambda a, e: a.value == e.value)
        if verdict.contradicted():
            yield _finding("scope_differs", case, place, verdict.other, verdict.sure and case.clear(place))
        elif place.value == "only:yes" and not rivals and not _CONDITION.search(case.evidence.text):
            yield _finding("scope_differs", case, place, None, False)
        elif place.value == "sure:always" and not rivals:
            yield _finding("scope_differs", case, place, None, bool(_CONDITION.search(case.evidence.text)))
    for place in stand:
        if place.value in TOLD and _cut_out(case, place):
            yield Finding("scope_differs", f"the answer leaves out {place.text.strip()!r}", False)
        elif place.value == "join:or" and _alternative_dropped(case, place):
            yield Finding("scope_differs", f"the answer leaves out what stands behind {place.text.strip()!r}", False)


_PRIVATE: Final = "\U000f0000"  # from here on a letter stands for a number, a party or a reference
_ALTERNATIVE: Final = 8  # letters of the second of two alternatives
_CONDITION: Final = re.compile(r"경우|때에?는?|하면|으면|한하여|다만|그러나|\bif\b|\bunless\b|\bwhere\b|\bwhen\b")


def _alternative_dropped(case: Case, place: Place) -> bool:
    """Whether of X 또는 Y the answer keeps X alone, what follows Y behind it: 고의로 for 고의 또는 과실로."""
    start, end = case.evidence.bounds[place.sentence]
    skeleton, answer = case.evidence.skeleton, case.answer.skeleton
    kept = skeleton[max(start, place.at - 3) : place.at]
    if len(kept) < 2:
        return False
    after = place.at + place.width
    for length in range(1, _ALTERNATIVE + 1):
        gone = skeleton[after : after + length]
        behind = skeleton[after + length : min(end, after + length + 4)]
        if len(behind) == 4 and kept + behind in answer and gone not in answer and max(gone) < _PRIVATE:
            return kept + behind not in skeleton
    return False


def _cut_out(case: Case, place: Place) -> bool:
    """Whether the letters before and behind a word of the evidence stand side by side in the answer."""
    start, end = case.evidence.bounds[place.sentence]
    behind = place.at + place.width
    left, right = (
        case.evidence.skeleton[max(start, place.at - 3) : place.at],
        case.evidence.skeleton[behind : min(end, behind + 3)],
    )
    around = left + right
    if len(around) < 6 or case.evidence.skeleton.count(around) > 1:
        return False
    found = {match.start() + len(left) for match in re.finditer(re.escape(around), case.answer.skeleton)}
    return bool(found) and found.isdisjoint(other.at for other in case.answer.of(place.kind))


# ---------------------------------------------------------------- exceptions and order
def exceptions(case: Case) -> Iterator[Finding]:
    """The answer that tells a rule tells its exception; without it, and with 항상, it is wrong."""
    always = any(place.value == "sure:always" for place in case.answer.of("scope"))
    said = any(place.value == "sure:always" for place in case.evidence.of("scope"))
    for exception, held in exceptions_left_out(case.answer, case.evidence, case.clause):
        yield Finding(
            "exception_dropped", f"the answer leaves out: {exception[:200].replace(PLACE, '…')!r}", held and always and not said
        )


def order(case: Case) -> Iterator[Finding]:
    """Steps that both tell are told in one order."""
    for first, second in steps_exchanged(case.answer.raw, case.evidence.raw):
        yield Finding("order_differs", f"the answer tells {first[:80]!r} before {second[:80]!r}", True)


def conditions(case: Case) -> Iterator[Finding]:
    """A condition comes with its own consequence."""
    for condition, consequence in splices(case.answer, case.evidence):
        yield Finding("scope_differs", f"{condition[:80]!r} and {consequence[:80]!r} are of two rules", False)


CHECKS: Final[tuple[Check, ...]] = (
    numbers,
    comparators,
    polarity,
    opposites,
    parties,
    actors,
    citations,
    scope,
    exceptions,
    conditions,
    order,
)
