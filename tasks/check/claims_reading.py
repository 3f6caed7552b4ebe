"""A text as its claims: marks (numbers, comparators, senses, parties, scope words, references) in a skeleton of what is left.

The one idea: what a mark says is compared with what stands *at the same place* of the evidence, and a place is known by the
letters around it. So the skeleton holds no spaces, no punctuation, a number and a party as one letter each, and syllables
without the final consonants that endings change: 지급합니다 and 지급한다 leave the same letters. Two places are as
alike as the pairs of letters around them, the near ones counting most.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, NamedTuple
from zlib import crc32

from tasks.check.claims_mending import mended
from tasks.records import Language
from tasks.text.comparators import comparators
from tasks.text.honorifics import without_honorifics
from tasks.text.marks import Mark
from tasks.text.numbers import PLACE, Number, numbers_out
from tasks.text.parties import actors, known_party, parties
from tasks.text.polarity import opposites, senses
from tasks.text.references import Reference, references
from tasks.text.scope import scope_words

MarkKind = Literal["number", "reference", "party", "comparator", "scope", "sense", "opposite", "actor"]
# What of a mark stays in the skeleton: one letter of a private range, made from its value. Who compares parties or references
# sees them all alike, so that two that changed places are seen to stand where the other one stood.
_RANGES: Final[Mapping[str, int]] = {"number": 0xF0000, "reference": 0xF1000, "party": 0xF2000}
_SAME: Final[Mapping[str, re.Pattern[str]]] = {
    kind: re.compile(f"[{chr(start)}-{chr(start + 0xFFF)}]") for kind, start in _RANGES.items()
}
_NUMBERS: Final = re.compile(f"[{chr(_RANGES['number'])}-{chr(_RANGES['number'] + 0xFFF)}]")
BEFORE: Final = 3.0  # so much more than what stands behind a number tells what stands before it
WINDOW: Final = 24  # letters on each side that tell a place
_NEAR: Final = [1 / (1 + 0.15 * distance) for distance in range(WINDOW)]
Profile = dict[str, float]


class Place(NamedTuple):
    """A mark where it stands in the skeleton; `sentence` counts the sentences, `anchor` is what it is bound to."""

    kind: MarkKind
    value: str
    note: str
    at: int
    sentence: int
    anchor: str
    text: str
    start: int = 0  # in Reading.text
    width: int = 0  # letters of the mark itself in the skeleton


@dataclass(frozen=True, slots=True)
class Reading:
    """A text that was read: as it was (`raw`) and with its numbers out (`text`), its places, its skeleton, its sentences."""

    raw: str
    text: str
    places: tuple[Place, ...]
    skeleton: str
    bounds: tuple[tuple[int, int], ...]
    sentences: tuple[str, ...]
    numbers: tuple[Number, ...]
    references: tuple[Reference, ...]
    pairs: frozenset[str]

    def of(self, kind: MarkKind) -> list[Place]:
        """The places of one kind, in order."""
        return [place for place in self.places if place.kind == kind]

    def sentence(self, index: int) -> str:
        """The skeleton of one sentence."""
        start, end = self.bounds[index]
        return self.skeleton[start:end]

    def profile(self, place: Place) -> tuple[Profile, Profile]:
        """The pairs of letters to the left and to the right of a place, with their weights, inside its sentence."""
        start, end = self.bounds[place.sentence]
        behind = place.at + place.width
        left, right = self.skeleton[max(start, place.at - WINDOW) : place.at], self.skeleton[behind : min(end, behind + WINDOW)]
        if same := _SAME.get(place.kind):
            left, right = same.sub("@", left), same.sub("@", right)
        if place.kind == "number":  # what a number is of stands before it, rarely behind, and never behind the next one
            return _left(left, BEFORE), _right(_NUMBERS.split(right[1:], maxsplit=1)[0])
        return _left(left), _right(right)


@lru_cache(maxsize=16384)
def _left(letters: str, weight: float = 1.0) -> Profile:
    found: Profile = {letters[-1:]: weight} if letters else {}
    for distance in range(len(letters) - 1):
        found.setdefault(letters[len(letters) - 2 - distance : len(letters) - distance], weight * _NEAR[distance])
    return found


@lru_cache(maxsize=16384)
def _right(letters: str) -> Profile:
    found: Profile = {letters[:1]: 1.0} if letters else {}
    for distance in range(len(letters) - 1):
        found.setdefault(letters[distance : distance + 2], _NEAR[distance])
    return found


def alike(one: tuple[Profile, Profile], other: tuple[Profile, Profile]) -> float:
    """How much of the first place's surroundings the second one has, 0 to 1."""
    total = sum(one[0].values()) + sum(one[1].values())
    if not total:
        return 0.0
    shared = sum(
        min(weight, there[pair]) for mine, there in zip(one, other, strict=True) for pair, weight in mine.items() if pair in there
    )
    return shared / total


# ---------------------------------------------------------------- reading
_NOTES: Final = re.compile(
    r"[<＜](?:개정|신설|삭제|전문개정|본조신설|제목개정)[^<>＜＞]{0,200}[>＞]|\[(?:본조신설|제목개정|전문개정)[^\]]{0,80}\]"
)
_LIST_MARK: Final = re.compile(r"^\s*(?:\d{1,2}(?:의\d)?[.)]|[①-⑳]|[가-하]\.|[-*•·]|#{1,4})\s*(?=\S)", re.MULTILINE)
_AT_ONCE: Final = re.compile(r"지체하지\s?(?:않고|아니하고)")
_EMPHASIS: Final = re.compile(r"\*\*|__|`")
_STOP: Final = re.compile(rf"(?<=[가-힣a-z)\]\"”’」{PLACE}%])[.?!](?=[\s\"”’)]|$)|\n")


_HEADING: Final = re.compile(r"\s*(제\s?\d+\s?조(?:\s?의\s?\d+)?)\s*([(\[](?:[^()\[\]]|\([^()]*\))*[)\]])\s*([①-⑳]?)")


def notes(text: str) -> str:
    """The amendment notes of a clause, which are no part of what it says."""
    return " ".join(_NOTES.findall(text))


def without_heading(text: str) -> tuple[str, str]:
    """The text of a clause without its heading, and the heading, its number beside its paragraph: 제3조 ① (정의)."""
    match = _HEADING.match(text)
    return (text[match.end() :], f"{match[1]} {match[3]} {match[2]}") if match else (text, "")


@lru_cache(maxsize=4096)
def read(text: str, language: Language) -> Reading:
    """Read a text. The last few thousand are kept: one clause is the evidence of many answers."""
    flat, numbers = _flat(text)
    return _read(text, flat, numbers, _marks(flat, numbers, language == "en"))


def read_beside(text: str, evidence: Reading, language: Language) -> Reading:
    """Read an answer, single misread syllables as the evidence has them, and without the names of what it cites as its source."""
    flat, numbers = _flat(text)
    found = _marks(flat, numbers, language == "en")
    if language == "ko":
        healed = _healed(flat, evidence.text, found)
        if healed != flat:
            flat, found = healed, _marks(healed, numbers, False)
    sources = [match.span() for pattern in _SOURCES for match in pattern.finditer(flat)]
    if sources:
        found = [(kind, mark) for kind, mark in found if (kind in _RANGES and kind != "party") or not _within(mark, sources)]
    return _read(text, flat, numbers, found)


def read_again(evidence: Reading, answer: Reading) -> Reading:
    """The evidence with single misread syllables as the answer has them, where both differ in one stroke group only."""
    spans = [(place.start, place.start + len(place.text)) for place in evidence.places]
    healed = mended(evidence.text, answer.text, spans, [(0, len(evidence.text))])
    if healed == evidence.text:
        return evidence
    return _read(evidence.raw, healed, evidence.numbers, _marks(healed, evidence.numbers, False))


def _healed(flat: str, model: str, found: list[tuple[MarkKind, Mark]]) -> str:
    loose = [mark[:2] for kind, mark in found if (kind == "party" and not known_party(mark.value)) or kind == "actor"]
    fixed = [mark[:2] for kind, mark in found if kind != "actor" and (kind != "party" or known_party(mark.value))]
    return mended(flat, model, fixed, loose)


def _within(mark: Mark, spans: list[tuple[int, int]]) -> bool:
    return any(start <= mark.start and mark.end <= end for start, end in spans)


# Where an answer says what it is from: "전자금융거래법 제3조에 따르면" at its beginning, "(근거: 제3조 …)" at its end.
_SOURCES: Final = (
    re.compile(
        rf"(?:^|(?<=[.\n]))\s*(?:(?![은는이가]\s)[^.\n]){{0,60}}?{PLACE}[^.\n,]{{0,40}}?"
        r"(?:에\s?따르면|에\s?의하면|에서는\s?다음과\s?같이\s?정하고\s?있[가-힣]*)"
    ),
    re.compile(rf"[(\[][^()\[\]]{{0,30}}{PLACE}[^()\[\]]{{0,60}}[)\]][.\s]*(?:$|\n)"),
)


def _flat(text: str) -> tuple[str, tuple[Number, ...]]:
    plain = _EMPHASIS.sub("", _LIST_MARK.sub("", _NOTES.sub("", text)))
    return numbers_out(_AT_ONCE.sub("지체 없이 ", without_honorifics(plain)))


def _read(text: str, flat: str, numbers: tuple[Number, ...], found: list[tuple[MarkKind, Mark]]) -> Reading:
    skeleton, at, bounds, sentences = _skeleton(flat, found)
    places = tuple(_joined(_places(flat, found, at, len(bounds) - 1)))
    cited = tuple(reference for _, reference in references(flat, numbers))
    return Reading(text, flat, places, skeleton, bounds, sentences, numbers, cited, pairs_of(skeleton))


def _marks(flat: str, numbers: tuple[Number, ...], english: bool) -> list[tuple[MarkKind, Mark]]:
    """All marks without overlaps, in order."""
    named = [mark for mark, _ in references(flat, numbers)]
    cited = {mark.start for mark in named}
    kinds: tuple[tuple[MarkKind, Iterable[Mark]], ...] = (
        ("reference", named),
        ("number", _number_marks(flat, numbers)),
        ("party", parties(flat, english)),
        ("comparator", comparators(flat, english)),
        ("scope", scope_words(flat, english)),
        ("sense", senses(flat, english)),
        ("opposite", opposites(flat, english)),
        ("actor", actors(flat, english)),
    )
    taken = bytearray(len(flat))
    found: list[tuple[MarkKind, Mark]] = []
    for kind, found_marks in kinds:
        for mark in found_marks:
            if kind == "comparator" and flat[mark.start : mark.end] in _UNDER and mark.end + 1 in cited:
                continue
            if mark.end > mark.start and not any(taken[mark.start : mark.end]):
                taken[mark.start : mark.end] = b"\1" * (mark.end - mark.start)
                found.append((kind, mark))
    return sorted(found, key=lambda item: item[1].start)


_UNDER: Final = frozenset(
    {"under", "over", "above", "below", "within", "inside", "following"}
)  # under section 3 compares nothing


def _number_marks(flat: str, numbers: tuple[Number, ...]) -> Iterator[Mark]:
    places = (index for index, char in enumerate(flat) if char == PLACE)
    for at, (value, unit) in zip(places, numbers, strict=True):
        yield Mark(at, at + 1, f"{value} {unit}")


_KEEPS: Final = frozenset({"opposite", "actor", "scope", "comparator"})  # marks whose letters stay in the skeleton


def _stand_in(kind: MarkKind, mark: Mark, flat: str) -> str:
    """What the skeleton has for a mark: one letter for a name or a number, the letters themselves of a word with an opposite."""
    if kind in _KEEPS:
        return _letters(flat[mark.start : mark.end])
    return chr(_RANGES[kind] + crc32(mark.value.encode()) % 0x1000) if kind in _RANGES else ""


_Skeleton = tuple[str, list[tuple[int, int]], tuple[tuple[int, int], ...], tuple[str, ...]]


def _skeleton(flat: str, found: list[tuple[MarkKind, Mark]]) -> _Skeleton:
    """The skeleton, where each mark stands in it (offset, sentence), the bounds of its sentences, and these as they are."""
    stops = [match.end() for match in _STOP.finditer(flat)] + [len(flat)]
    pieces: list[str] = []
    at: list[tuple[int, int]] = []
    bounds: list[tuple[int, int]] = []
    sentences: list[str] = []
    length = begun = done = first = 0

    def take(upto: int, more: str = "") -> None:
        nonlocal length, done
        pieces.append(_letters(flat[done:upto]) + more)
        length += len(pieces[-1])
        done = upto

    def close(before: int) -> None:
        nonlocal begun, first
        while stops and stops[0] <= before:
            stop = stops.pop(0)
            take(stop)
            if length > begun:
                bounds.append((begun, length))
                sentences.append(flat[first:stop].strip())
                begun, first = length, stop

    for kind, mark in found:
        close(mark.start)
        take(mark.start)
        at.append((length, len(bounds)))
        take(mark.start, _stand_in(kind, mark, flat))
        done = mark.end
    close(len(flat))
    return "".join(pieces), at, tuple(bounds) or ((0, 0),), tuple(sentences) or (flat,)


def _places(flat: str, found: list[tuple[MarkKind, Mark]], at: list[tuple[int, int]], last: int) -> Iterator[Place]:
    spans = [(mark.start, mark.end, mark.value) for kind, mark in found if kind == "number"]
    groups = _groups(flat, [mark for kind, mark in found if kind == "party"])
    for (kind, mark), (place, sentence) in zip(found, at, strict=True):
        anchor = _bound(flat, mark, spans) if kind == "comparator" else groups.get(mark.start, "") if kind == "party" else ""
        said = flat[mark.start : mark.end]
        yield Place(
            kind,
            mark.value,
            mark.note,
            place,
            min(sentence, last),
            anchor,
            said,
            mark.start,
            len(_letters(said)) if kind in _KEEPS else 0,
        )


def _joined(places: Iterable[Place]) -> Iterator[Place]:
    """Senses that follow each other without a letter between them are one: 받지 못할 수 있다."""
    held: Place | None = None
    for place in places:
        if held and held.kind == place.kind == "sense" and held.at == place.at:
            held = held._replace(value=f"{held.value}+{place.value}", text=held.text + place.text)
            continue
        if held:
            yield held
        held = place
    if held:
        yield held


_LISTED: Final = re.compile(r"\s?(?:또는|및|와|과|이나|나|혹은|[,·ㆍ]|or|and|\s|그|해당|다른|the|,)*\s?")


def _groups(flat: str, names: list[Mark]) -> dict[int, str]:
    """By where a party begins: all the parties that it is listed with, and after "=" the role of the last, which all have."""
    groups: dict[int, str] = {}
    while names:
        stop = 1
        while (
            stop < len(names)
            and names[stop - 1].note in ("", "joined")
            and _LISTED.fullmatch(flat, names[stop - 1].end, names[stop].start)
        ):
            stop += 1
        group = "|".join(mark.value for mark in names[:stop]) + "=" + names[stop - 1].note
        groups |= {mark.start: group for mark in names[:stop]}
        names = names[stop:]
    return groups


_BETWEEN: Final = re.compile(r"[가-힣\s()]{0,8}|.{0,2}")


_LEADS: Final = re.compile("[a-z최적많]")


def _bound(flat: str, mark: Mark, numbers: list[tuple[int, int, str]]) -> str:
    """The number that a comparator goes with: the one right before it (30일 이내), or right after it (at least 30 days)."""
    before = next((number for number in reversed(numbers) if number[1] <= mark.start), None)
    if before and _BETWEEN.fullmatch(flat, before[1], mark.start):
        return before[2]
    after = next((number for number in numbers if number[0] >= mark.end), None)
    return after[2] if after and after[0] - mark.end <= 2 and _LEADS.match(flat, mark.start) else ""


class _Letters(dict[int, str | None]):
    """Folds a character for the skeleton; the few that were met are kept."""

    def __missing__(self, code: int) -> str | None:
        folded = self[code] = _folded(chr(code))
        return folded


_FOLD = _Letters()
_VERBS: Final = {
    "해": "하",
    "했": "하",
    "돼": "되",
    "됐": "되",
    "려": "리",
    "져": "지",
    "켜": "키",
    "쳐": "치",
    "겨": "기",
    "셔": "시",
    "라": "르",
    "써": "쓰",
    "봐": "보",
    "둬": "두",
    "줘": "주",
    "워": "우",
}
_ENDINGS: Final = frozenset({4, 8, 16, 17, 20})  # ㄴ ㄹ ㅁ ㅂ ㅆ


def _folded(char: str) -> str | None:
    char = _VERBS.get(char, char)
    if "가" <= char <= "힣":
        final = (ord(char) - 0xAC00) % 28
        return chr(ord(char) - final) if final in _ENDINGS else char
    return char if char.isalnum() else None


def _letters(text: str) -> str:
    return text.translate(_FOLD)


def letters(text: str) -> str:
    """A text as the skeleton has it, its marks still in it."""
    return _letters(text.lower())


def pairs_of(letters: str) -> frozenset[str]:
    """The pairs of neighbouring letters."""
    return frozenset(letters[i : i + 2] for i in range(len(letters) - 1))


def share(part: frozenset[str], whole: frozenset[str]) -> float:
    """How much of `part` is in `whole`, 0 to 1."""
    return len(part & whole) / len(part) if part else 0.0
