"""Where in a text numbers stand that may be personal.

They are looked for in zones, stretches of digits and what people write between them, which are rare. A zone is read line by
line and again with its line ends taken out, so that a number broken over two lines is found, and the column of numbers in a
table is not one number. Every repetition in an expression is bounded, so hostile text costs time in proportion to its length.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tasks.clean.pii_context import Candidate, Context
from tasks.clean.pii_labels import INVISIBLE, Kind
from tasks.clean.pii_shapes import ANY_NUMBER, NUMBERS, Decide

DASHES = "‐‑‒–—―−⁃－﹣─━ㅡ-"  # in a set the last one stands for itself
DOTS = ".．·ㆍ‧"
MASKS = "*＊●○•◯xX#＃✱∗"
BLANKS = "\n\v\f \x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"  # a tab parts cells
ZONE = re.compile(rf"[(+（＋]?\d[\d{BLANKS}{INVISIBLE}{DOTS}{MASKS}()（）/+{DASHES}]{{5,}}")
FEWEST_DIGITS = 7
DOTS_OF_AN_IP = 3
LINES_OF_A_NUMBER = 3
LINES_OF_A_COLUMN = 30
SPELLING = (
    dict.fromkeys(map(ord, DASHES), "-") | dict.fromkeys(map(ord, DOTS), ".") | dict.fromkeys(map(ord, MASKS), "*")
) | str.maketrans("（）＋", "()+")
GONE = re.compile(rf"[{INVISIBLE}]")
# What follows an amount, a number of a notice, a count; and what opens an item of a list.
UNIT = re.compile(
    r"\s?(?:원(?![고본장래인천칙금서하부룸])|호(?![선실수])|건(?![강물축])|%|억|만\s?원|명(?![의칭])|년|주(?![소민식택거])|달러|좌(?!측))"
)
UNIT_OF_A_GROUPED_NUMBER = re.compile("[호건%원]")
REGISTERED = ("resident", "foreigner", "business", "corporate")
CELL_END = re.compile(r"[ ]{0,9}(?:[|\t\n(]|$)")
SPACE = re.compile(r"(?<=\d) (?=\d)")
MOST_SPACES = 3
ITEM = re.compile(r"[.)]\s")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a text in one spelling: each character and where it stands. `joints` are the places of line ends taken out.

    Of a `broken` one a space between two digits is taken out, so a label must say what it is.
    """

    chars: str
    origin: Sequence[int]
    joints: tuple[int, ...] = ()
    broken: bool = False


def number_candidates(text: str) -> Iterator[Candidate]:
    """All numbers of a text that have the shape of a personal one."""
    for zone in ZONE.finditer(text):
        digits = sum(c.isdecimal() or c in MASKS for c in zone.group())
        if digits >= FEWEST_DIGITS or zone.group().count(".") == DOTS_OF_AN_IP:
            for stretch in _stretches(text, *zone.span()):
                yield from _in_stretch(stretch)


def _in_stretch(stretch: Stretch) -> Iterator[Candidate]:
    if ANY_NUMBER.search(stretch.chars) is None:
        return
    for pattern, decide in NUMBERS:
        for match in pattern.finditer(stretch.chars):
            # Of a joined stretch only what lies across a joint is new.
            crossed = [joint for joint in stretch.joints if match.start() < joint < match.end()]
            if crossed or not stretch.joints:
                yield _candidate(stretch, match, decide, match.end() - crossed[-1] if crossed and not stretch.broken else 0)


def _candidate(stretch: Stretch, match: re.Match[str], decide: Decide, on_next_line: int) -> Candidate:
    start, end = stretch.origin[match.start()], stretch.origin[match.end() - 1] + 1

    def kind(context: Context) -> Kind | None:
        found = decide(match, context, start, end)
        if found is None or context.character(start - 1) in tuple("제₩￦$"):
            return None
        if stretch.broken and not _is_said(found, context, start, end):
            return None
        if match.group().isdecimal():
            return None if context.follows(end, UNIT) else found
        opens_an_item = 0 < on_next_line <= 2 and context.follows(end, ITEM)
        is_count = context.follows(end, UNIT_OF_A_GROUPED_NUMBER)
        return None if found == "account" and (opens_an_item or is_count) else found

    return Candidate(start, end, kind)


def _is_said(kind: Kind, context: Context, start: int, end: int) -> bool:
    """Whether a label says this kind; a number without a fixed length must be all of its cell or line, too."""
    label = context.label(start, end)
    if kind == "account":
        return label.near("account") and context.follows(end, CELL_END)
    return label.near(kind) or (kind in REGISTERED and label.near("resident", "foreigner", "registered"))


def _stretches(text: str, start: int, end: int) -> Iterator[Stretch]:
    """The lines of a zone, and two or three lines in a row as one; of the many of a column two, and not if all are digits."""
    lines = [_spelled(text, *line) for line in _lines(text, start, end)]
    yield from lines
    for line in lines:
        yield from _mended(line)
    column = len(lines) > LINES_OF_A_COLUMN
    for first in range(len(lines) - 1):
        joined = lines[first]
        for line in lines[first + 1 : first + (2 if column else LINES_OF_A_NUMBER)]:
            if not line.chars.strip() or not joined.chars.strip():
                break
            joined = _joined(joined, line)
            if not (column and joined.chars.isdecimal()):
                yield joined


def _mended(line: Stretch) -> Iterator[Stretch]:
    """The line without one space, for each of the few it has between two digits."""
    spaces = [match.start() for match in SPACE.finditer(line.chars)]
    for at in spaces if len(spaces) <= MOST_SPACES else ():
        origin = [*line.origin[:at], *line.origin[at + 1 :]]
        yield Stretch(line.chars[:at] + line.chars[at + 1 :], origin, (at,), broken=True)


def _joined(first: Stretch, line: Stretch) -> Stretch:
    indent = line.chars.startswith(" ")
    joints = (*first.joints, len(first.chars))
    return Stretch(first.chars + line.chars[indent:], [*first.origin, *line.origin[indent:]], joints)


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while (at := text.find("\n", start, end)) >= 0:
        yield start, at
        start = at + 1
    yield start, end


def _spelled(text: str, start: int, end: int) -> Stretch:
    """ASCII digits and marks; without invisible characters, and white space is one space."""
    chars: list[str] = []
    origin: list[int] = []
    for at in range(start, end):
        c = _ascii(text[at])
        if c and not (c == " " and chars and chars[-1] == " "):
            chars.append(c)
            origin.append(at)
    return Stretch("".join(chars), origin)


@lru_cache(maxsize=4096)
def _ascii(c: str) -> str:
    if c.isdecimal():
        return str(unicodedata.decimal(c))
    return "" if GONE.match(c) else " " if c.isspace() else c.translate(SPELLING)
