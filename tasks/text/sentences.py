"""Where sentences end in Korean and English legal text.

Korean sentences end in a syllable and a full stop ("…한다."), items often in a line end alone. What looks like an end and is
none: dates ("2024. 1. 15."), list marks ("가.", "1."), a sentence in brackets ("(…을 말한다. 이하 같다)"), abbreviations. An
amendment mark that follows ("…한다.<개정 2018. 12. 21.>") belongs to its sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

END = re.compile(r"[.?!](?P<close>[)\]\"'”’」』]*)(?P<note>(?:\s?[<\[][^<>\[\]\n]{1,80}[>\]])*)(?=\s|$)")
MARK = re.compile(r"(?:^|\s)(?:[가나다라마바사아자차카타파하]|\d{1,3}(?:의\d+)?|[A-Za-z]|[ivxIVX]{1,4})\.$")
ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|etc|No|Nos|Art|Sec|Mr|Mrs|Ms|Dr|Inc|Ltd|Co|Corp|vs|cf|approx|[A-Z])\.$")
PAIRS = {"(": ")", "「": "」", "『": "』", "“": "”", "‘": "’"}


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Start and end offsets of the sentences, in order and without the white space around them; a line end ends one."""
    spans: list[tuple[int, int]] = []
    for start, line in _lines(text):
        at = 0
        for stop in [*_ends(line), len(line)]:
            piece = line[at:stop]
            if words := piece.strip():
                left = start + at + piece.index(words)
                spans.append((left, left + len(words)))
            at = stop
    return spans


def sentences(text: str) -> list[str]:
    """The sentences of a text."""
    return [text[start:end] for start, end in sentence_spans(text)]


def ends_sentence(text: str) -> bool:
    """Whether a line of text stops where a sentence stops."""
    line = text.rstrip()
    return any(stop == len(line) for stop in _ends(line))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for line in text.split("\n"):
        yield start, line
        start += len(line) + 1


def _ends(line: str) -> Iterator[int]:
    inside = _bracketed(line)
    for match in END.finditer(line):
        upto = line[: match.start() + 1]
        if match.start() not in inside and not MARK.search(upto) and not ABBREVIATION.search(upto) and _is_word_before(upto):
            yield match.end()


def _is_word_before(upto: str) -> bool:
    """A digit before a full stop is a date or a number."""
    before = upto[-2:-1]
    return upto[-1] != "." or before.isalpha() or before in ")]」』”’%\"'"


def _bracketed(line: str) -> set[int]:
    """Offsets inside brackets and quotes that are closed on the line."""
    open_at: dict[str, list[int]] = {close: [] for close in PAIRS.values()}
    pairs = []
    for at, char in enumerate(line):
        if char in PAIRS:
            open_at[PAIRS[char]].append(at)
        elif open_at.get(char):
            pairs.append((open_at[char].pop(), at))
    inside: set[int] = set()
    end = 0
    for first, last in sorted(pairs):  # the outer pair comes first
        inside.update(range(max(first, end), last))
        end = max(end, last)
    return inside
