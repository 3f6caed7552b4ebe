"""Printed lines back to the units of a clause: 항 (①), 호 (1.), 목 (가.), each as one running text.

A printed line ends where the page ends, often inside a word: laws and many terms break between any two syllables. Whether
a space stood there is guessed from how the word goes on and from the words of the rest of the text.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

# 항, 호, 목, and their English likes. A mark counts at the start of a line only.
MARKS: tuple[tuple[int, re.Pattern[str]], ...] = (
    (1, re.compile(r"[①-⑳㉑-㉟㊱-㊿]\s?")),
    (1, re.compile(r"\d{1,2}\.\d{1,2}\.?(?!\d)\s(?=\S)")),
    (2, re.compile(r"\d{1,2}(?:의\d{1,2})?\.(?!\d)\s?(?=[^\d\s.])")),
    (3, re.compile(r"\([a-z0-9]{1,3}\)\s(?=\S)")),
    (3, re.compile(r"[가나다라마바사아자차카타파하]\.\s?(?=\S)")),
)
CLAUSE = re.compile(r"(제\d+조(?:의\d+)?)\s?(?:\(([^()\n]*(?:\([^()\n]*\)[^()\n]*)*)\))?\s*")
# Marks of amendments are no part of what a clause says.
AMENDMENT = re.compile(
    r"\s?[<〈]\s?(?:개정|신설|삭제|본조신설|전문개정|제목개정|단서신설)[^<>〈〉]*[>〉]"
    r"|\s?\[(?:제목개정|본조신설|전문개정|종전|시행일|제\d+조[^\[\]]*(?:이동|삭제)|[^\[\]]*개정규정)[^\[\]]*\]"
)

BROKEN_SHARE = 0.1  # of the line ends that are certainly inside a word; where lines end with words it is almost none


@dataclass(frozen=True, slots=True)
class Unit:
    """A 항, 호 or 목: its level (0 for text before any mark), its mark as printed, and its text without it."""

    level: int
    mark: str
    text: str


def unfold(text: str, heading: str = "") -> list[Unit]:
    """The units of a clause's printed text, in order. The line that repeats `heading` is left out."""
    lines = [" ".join(line.split()) for line in AMENDMENT.sub("", _joined_amendments(text)).split("\n")]
    lines = [line for line in _after_heading(lines, heading) if line]
    words = Words.of(lines, heading)
    units: list[Unit] = []
    for level, mark, line in _marked(lines):
        if units and (not level or _runs_on(units[-1], level, mark)):
            last = units.pop()
            units.append(Unit(last.level, last.mark, join(last.text, f"{mark} {line}" if mark else line, words)))
        else:
            units.append(Unit(level, mark, line))
    return [unit for unit in units if unit.text]


@dataclass(frozen=True, slots=True)
class Words:
    """What a text tells about its own line ends: its whole words, and whether its lines break inside words at all."""

    whole: frozenset[str]
    broken: bool

    @staticmethod
    def of(lines: list[str], heading: str = "") -> Words:
        """Read off printed lines; the first and last word of a line may be parts of words."""
        whole = frozenset(word for line in lines for word in line.split()[1:-1]) | frozenset(re.findall(r"[가-힣]+", heading))
        ends = [(one.split()[-1], two.split()[0]) for one, two in itertools.pairwise(lines) if one.strip() and two.strip()]
        inside = sum(_certainly_one(before, after) for before, after in ends)
        return Words(whole, inside >= max(1, BROKEN_SHARE * len(ends)))


def join(left: str, right: str, words: Words) -> str:
    """Two printed lines as one text, with a space between them or none."""
    return f"{left} {right}" if left and right and spaced(left, right, words) else left + right


def spaced(left: str, right: str, words: Words) -> bool:
    """Whether a space stood where a line was broken."""
    before, after = left.split()[-1], right.split()[0]
    if re.match(r"제\d", after):
        return not re.search(r"제\d+(?:조|항|호)(?:의\d+)?$", before)
    if not ("가" <= left[-1] <= "힣" and "가" <= right[0] <= "힣"):
        return not (left[-1] in "ㆍ·「(“‘[-" or right[0] in "ㆍ·」)”’],." or _glued(left[-1], right[0]))
    if len(before) == 1 and (before not in ALONE or (before == "한" and VERB.fullmatch(after))):
        return False
    if (
        OWN_WORD.fullmatch(after)
        or before.endswith(("여야", "어야", "아야", "해야"))
        or (before == "아니" and after[0] not in "하한함")
    ):
        return True
    if _certainly_one(before, after) or before + after in words.whole or _known_start(before + after, words.whole):
        return False
    if ENDING.search(before):
        return True
    if VERB.fullmatch(after) or _known_middle(before, after, words.whole):
        return False
    return before in words.whole or not (words.broken or _known_part(before, words.whole))


def _certainly_one(before: str, after: str) -> bool:
    """A bare particle or ending after a word, or a first syllable that is no word."""
    hangul = "가" <= before[-1] <= "힣" and "가" <= after[0] <= "힣"
    return hangul and bool((BARE.fullmatch(after) and not VERB.fullmatch(after)) or (len(before) == 1 and before not in ALONE))


# A word that cannot stand alone: a particle or an ending at the start of a line goes with the line before.
BARE = re.compile(
    r"(?:을|를|은|는|이|가|의|에|에서|에게|에는|에도|으로|로|으로서|로서|으로써|로써|와|과|도|만|만으로|까지|부터|이나|나|이며|이고|인|며|거나|지|게"
    r"|써|록|여|여서는|여야|어야|아야|야|다|다고|고|면|니다|습니다|는지|는데|자는|자가|자를|자의"
    r"|한|한다|할|함|하여|하여야|하고|하는|하며|하거나|하지|하기|합니다|하게|된|된다|됩니다|될|되는|되어|되거나|되며|되지)[.,]?"
)
# These go with a noun before them, and stand alone after an ending.
VERB = re.compile(
    r"(?:한|한다|할|함|하여|하여야|하고|하는|하며|하거나|하지|하기|합니다|하게|된|된다|됩니다|될|되는|되어|되거나|되며|되지)[.,]?"
)
OWN_WORD = re.compile(
    r"(?:및|또는|하나에|하나의|등|등의|등을|등에|등이|그|각|다음|경우|경우에는|때에는|수|것|바에|따라|따른|대한|대하여|관한|관하여|위하여|위한|의하여|의한|있다|없다|있는|없는)[.,]?"
)
ALONE = frozenset("그이및수것등때또한두세네각본할될된인자날바안못전후중내외간법영몇년월일원회명개건더잘곧즉위")
ENDING = re.compile(
    r"(?:[은는을를에의와과도며고,]|[가-힣]{2}[이가로]|에서|에게|부터|까지|하여|되어|하거나|되거나|이나|및|또는|따라|따른|대한|관한|위한|의한"
    r"|한|된|할|될|(?:하|되|있|없|시키|않|받)지|[하되]게|라|여야|어야|면|으로서|으로써|도록|려|경우|때|등|것|바)$"
)


def _glued(left: str, right: str) -> bool:
    """제30 + 조, 100 + 만원: a number and what belongs to it."""
    return (left.isdigit() and right in "조항호목년월일원만천백억%개세회명점") or (left == "제" and right.isdigit())


def _known_start(word: str, words: frozenset[str]) -> bool:
    """Whether a known word begins like this one, up to its ending."""
    stem = word[: max(3, len(word) - 1)]
    return len(stem) >= 3 and any(known.startswith(stem) for known in words)


def _known_middle(before: str, after: str, words: frozenset[str]) -> bool:
    """Whether a known word holds the syllables on both sides of the break."""
    middle = before[-2:] + after[:1]
    return len(middle) == 3 and len(before) > 2 and any(middle in known for known in words)


def _known_part(before: str, words: frozenset[str]) -> bool:
    """Whether a known word goes on where this one stops."""
    return len(before) >= 2 and any(known.startswith(before) and len(known) > len(before) for known in words)


def _joined_amendments(text: str) -> str:
    """Marks like <개정 2020. 2. 4., 2023. 3. 14.> that run over a line end, on one line."""
    return re.sub(
        r"[<〈\[](?:개정|신설|본조신설|전문개정|제목개정)[^<>〈〉\[\]]{0,400}[>〉\]]", lambda m: m[0].replace("\n", " "), text
    )


def _after_heading(lines: list[str], heading: str) -> list[str]:
    """The lines below the clause's own heading, which may run over two lines and be followed by text."""
    for count in (1, 2, 3):
        first = " ".join(lines[:count])
        if heading and "".join(first.split()) == "".join(heading.split()):
            return lines[count:]
        if (clause := CLAUSE.match(first)) and clause[2] is not None:
            return [first[clause.end() :], *lines[count:]]
    return lines


def _marked(lines: list[str]) -> Iterator[tuple[int, str, str]]:
    for line in lines:
        for level, pattern in MARKS:
            if match := pattern.match(line):
                yield level, match[0].strip(), line[match.end() :]
                break
        else:
            yield 0, "", line


def _runs_on(last: Unit, level: int, mark: str) -> bool:
    """A line that begins like a 목 but stands in running text: 다. may be the end of a sentence."""
    return level == 3 and mark == "다." and not (last.level == 3 and last.mark == "나.")
