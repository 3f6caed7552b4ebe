"""The text of a chunk as the units of its clause: 항 (①), 호 (1.), 목 (가.) or sections and letters, each without its mark.

A chunk has a line a unit, but for lines that a page broke in two, and for rows of tables (Markdown, or cells with tabs between
them), which are left out here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.llm.rows import is_row
from tasks.text.sentences import ends_sentence
from tasks.text.spacing import Spacing

# A mark counts at the start of a line only.
MARKS: tuple[tuple[int, re.Pattern[str]], ...] = (
    (1, re.compile(r"[①-⑳㉑-㉟㊱-㊿]\s?")),
    (1, re.compile(r"\d{1,2}\.\d{1,2}\.?(?!\d)\s(?=\S)")),
    (2, re.compile(r"\d{1,2}(?:의\d{1,2})?\.(?!\d)\s?(?=[^\d\s.])")),
    (2, re.compile(r"[•▪◦○●‣※-]\s(?=\S)")),
    (3, re.compile(r"[가나다라마바사아자차카타파하]\.\s?(?=\S)")),
    (3, re.compile(r"\([a-z0-9]{1,3}\)\s(?=\S)")),
)
CLAUSE = re.compile(r"제\d+조(?:의\d+)?\s?\((?:[^()]|\([^()]*\))*\)\s*")
# Marks of amendments are no part of what a clause says.
AMENDMENT = re.compile(
    r"\s?[<〈]\s?(?:개정|신설|삭제|본조신설|전문개정|제목개정|단서신설)[^<>〈〉]*[>〉]"
    r"|\s?\[\d{4}\.[^\[\]]*(?:신설|개정|결정|시행)[^\[\]]*\]"
    r"|\s?\[(?:제목개정|본조신설|전문개정|종전|시행일|제\d+조[^\[\]]*(?:이동|삭제)|[^\[\]]*개정규정)[^\[\]]*\]"
)


@dataclass(frozen=True, slots=True)
class Source:
    """The fenced part of a prompt: the document's title, the path of headings, the text."""

    document: str
    heading: str
    text: str

    @property
    def headings(self) -> list[str]:
        """The path without the document's own title."""
        return [part.strip() for part in self.heading.split(" > ") if part.strip() and part.strip() != self.document]


@dataclass(frozen=True, slots=True)
class Unit:
    """A 항, 호 or 목: its level (0 for text without a mark), its mark as printed, and its text without it."""

    level: int
    mark: str
    text: str

    @property
    def is_open(self) -> bool:
        """Whether the next line may belong to it: it stops in the middle of a sentence and is no row of a table."""
        return "\t" not in self.text and not ends_sentence(self.text) and not self.text.endswith(":")


def unfold(source: Source) -> list[Unit]:
    """The units of a clause, in order, without the line that repeats its heading."""
    lines = [line.strip(" ") for line in AMENDMENT.sub("", source.text).split("\n")]
    lines = [line for line in _below_heading(lines, source.headings) if line and not is_row(line)]
    spacing = Spacing(lines)
    units: list[Unit] = []
    for unit in map(_unit, lines):
        if not unit.level and units and units[-1].is_open and "\t" not in unit.text:
            last = units.pop()
            gap = " " if spacing.is_space(last.text, unit.text) else ""
            unit = Unit(last.level, last.mark, f"{last.text}{gap}{unit.text}")
        units.append(unit)
    return [unit for unit in units if unit.text and "\t" not in unit.text]


def _below_heading(lines: list[str], headings: list[str]) -> Iterator[str]:
    own = {"".join(part.split()) for part in headings}
    for number, line in enumerate(lines):
        if number == 0 and (clause := CLAUSE.match(line)):
            yield line[clause.end() :]
        elif "".join(line.split()) not in own:
            yield line


def _unit(line: str) -> Unit:
    for level, pattern in MARKS:
        if match := pattern.match(line):
            return Unit(level, match[0].strip(), line[match.end() :].strip())
    return Unit(0, "", line)
