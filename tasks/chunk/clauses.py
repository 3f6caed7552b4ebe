"""A document's lines to its clauses: which headings count, where each clause belongs, what its key is.

A heading must be able to come next: 제6조 after 제5조, 제5조의2 after 제5조, 제1조 again only below a title of its own. So a
wrapped line that happens to begin with "제5조(정의)" in the middle of 제20조 stays text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from tasks.chunk.lines import Layout
from tasks.text.normal import comparable
from tasks.text.outline import RANK, Heading, Number, heading, is_rider_title, mark, numbered, squeezed
from tasks.text.sentences import ends_sentence

TITLE_LINES = 3  # a title above 제1조 wraps over so many lines at most
DECISION = frozenset({"주문", "이유", "판시사항", "판결요지", "결정요지", "참조조문", "청구취지"})  # two of them make one
RULE_TITLE = re.compile(
    r"(?!.*(?:제\d+[조항]|다음|각각의|[이그] ))[^,.:;]{1,30}"
    r"(?:규정|규칙|세칙|지침|내규|강령|준칙|요령|규약|정관|기준|규준)(?:\s?\([^()]*\))?$"
)
# When a rule was made and changed: these lines stand between its title and its first article.
HISTORY = re.compile(
    r"(?:제\s?정|개\s?정|시\s?행|폐\s?지|신\s?설).*\d{2,4}\s?[.년/-]"
    r"|\d{2,4}\s?[.년/-]\s?\d{1,2}.*(?:제\s?정|개\s?정|시\s?행|폐\s?지|신\s?설|호)"
    r"|[\d\s.년월일/()-]*\d{4}[\d\s.년월일/()-]*$"
)
LONGEST_HISTORY = 60  # lines
LONGEST_DATE = 80  # characters of one of them
RIDER_NUMBER = re.compile(r"^제?\s?\d+\s?(?:특약|특별약관|[.)])?\s+")


@dataclass(slots=True)
class Clause:
    """Lines that belong together. `opening` counts the lines that are nothing but the heading.

    A bare clause is a heading alone: what it says lives on in the heading paths of the clauses below it.
    """

    heading: tuple[str, ...]
    key: str
    level: str
    lines: list[int] = field(default_factory=list)
    opening: int = 0
    is_bare: bool = False


def clauses(layout: Layout, skip: set[int], title: str, preamble: str = "머리말") -> list[Clause]:
    """The clauses of a document in order, the preamble first. Every line but those of `skip` is in exactly one."""
    found = _Reader(layout, skip, title, preamble).read()
    for clause, following in zip_longest(found, found[1:]):
        clause.is_bare = _is_bare(clause, following)
    return _with_unique_keys(found)


def _is_bare(clause: Clause, following: Clause | None) -> bool:
    if len(clause.lines) > clause.opening or clause.level == "article":
        return False
    below = following is not None and following.heading[: len(clause.heading)] == clause.heading
    return below or clause.level not in ("numbered", "subnumbered")


class _Reader:
    """Walks over the lines and keeps the place in the outline."""

    def __init__(self, layout: Layout, skip: set[int], title: str, preamble: str) -> None:
        self.layout, self.lines, self.title = layout, layout.lines, title
        self.order = [i for i in range(len(self.lines)) if i not in skip]
        headings = {i: h for i in self.order if not self.lines[i].is_table and (h := heading(self.lines[i].text))}
        self.is_decision = len(DECISION & {h.label for h in headings.values()}) > 1
        self.headings = {i: h for i, h in headings.items() if self.is_decision or h.level != "label"}
        named = [h for h in self.headings.values() if h.level == "article" and h.title != h.label]
        self.korean = any(h.label.startswith("제") for h in named)
        self.english = len(named) > 1 and not self.korean
        self.articles = [i for i, h in self.headings.items() if h.level == "article"]
        self.titles = self._find_titles()
        self.path: list[Heading] = []
        self.last: Number = ()
        self.branches = 0
        self.preamble = preamble
        self.found: list[Clause] = [Clause((), preamble, "preamble")]

    def read(self) -> list[Clause]:
        """All clauses."""
        at = 0
        while at < len(self.order):
            i = self.order[at]
            opened, used = self._open(at)
            if opened:
                self._enter(opened)
                goes_on = opened.level in ("article", "label") and opened.end < len(self.lines[i].text)
                self.found[-1].opening = 0 if goes_on else used
            self.found[-1].lines += self.order[at : at + used]
            at += used
        return [clause for clause in self.found if clause.lines]

    def _open(self, at: int) -> tuple[Heading | None, int]:
        """The heading that opens at a position of `order`, and how many lines it takes."""
        i = self.order[at]
        if i in self.titles:
            used = self.titles[i]
            text = " ".join(squeezed(self.lines[j].text) for j in self.order[at : at + used])
            return Heading("rider", (), RIDER_NUMBER.sub("", text), text, len(text)), used
        opened = self.headings.get(i)
        if opened and self._accepts(opened, at):
            return self._whole(opened, at)
        if not opened and (opened := self._numbered(at)):
            return opened, 1
        return None, 1

    def _whole(self, opened: Heading, at: int) -> tuple[Heading, int]:
        """A heading whose brackets close on a later line only."""
        text = self.lines[self.order[at]].text
        used = 1
        while _is_unclosed(text) and opened.end >= len(text) and used < TITLE_LINES and at + used < len(self.order):
            if self.lines[self.order[at + used]].is_table:
                break
            text = f"{text} {self.lines[self.order[at + used]].text}"
            longer = heading(text)
            used += 1
            if longer is None:
                return opened, 1
            opened = longer
        return opened, used if used == 1 or opened.end >= len(text) else 1

    def _accepts(self, opened: Heading, at: int) -> bool:
        if self.is_decision and opened.level != "label" and not self._is_annexed(opened):
            return False  # laws are quoted
        if opened.level == "article":
            return self._accepts_article(opened, at)
        if opened.level in ("part", "chapter", "section", "subsection"):
            previous = next((h.number for h in reversed(self.path) if h.level == opened.level), ())
            return opened.number == (1,) or _is_next(previous, opened.number) or self._is_complete_before(at)
        marked = opened.level == "label" or (opened.level == "supplement" and opened.title != "부칙")
        return marked or self._is_complete_before(at)

    def _is_annexed(self, opened: Heading) -> bool:
        return opened.level == "annex" or any(h.level == "annex" for h in self.path)

    def _accepts_article(self, opened: Heading, at: int) -> bool:
        number, last = opened.number, self.last
        complete = self._is_complete_before(at)
        if _is_plain(opened) and not (_is_next(last, number) and complete and self._stands_alone(at)):
            return False
        if _is_next(last, number):
            return True
        if not complete or (number != last and self._goes_on_without(at)):
            return False
        if number > last:
            return not (last and any(h.level == "supplement" for h in self.path))
        return number == last or number == (1,)

    def _goes_on_without(self, at: int) -> bool:
        """Whether the article after this one follows on the one before: then this one is a quotation."""
        after = bisect_right(self.articles, self.order[at])
        return after < len(self.articles) and _is_next(self.last, self.headings[self.articles[after]].number)

    def _numbered(self, at: int) -> Heading | None:
        if self.lines[self.order[at]].is_table or not self._may_be_numbered():
            return None
        opened = numbered(self.lines[self.order[at]].text)
        if not opened or (self.english and len(opened.number) == 1) or self._is_listed(opened, at):
            return None
        previous = next((h.number for h in reversed(self.path) if h.level == opened.level), ())
        fits = opened.number[-1] == 1 or opened.number == (*previous[:-1], (previous or (0,))[-1] + 1)
        return opened if fits and self._is_complete_before(at) and self._stands_alone(at) else None

    def _stands_alone(self, at: int) -> bool:
        """Whether the sentence of the line does not go on in the next one."""
        i = self.order[at]
        following = self.lines[i + 1].text if i + 1 < len(self.lines) else ""
        return not following or mark(following) is not None or self.layout.paragraph_ends(i)

    def _may_be_numbered(self) -> bool:
        """Where articles count, "1. …" is an item of theirs; not before the first one, and not in the reasons of a decision."""
        if self.is_decision:
            return not any(h.level == "annex" for h in self.path)
        return not self.korean or not self.path or self.path[0].level in ("numbered", "subnumbered")

    def _is_listed(self, opened: Heading, at: int) -> bool:
        """Whether the line stands in a list of such lines."""
        near = (self.order[k] for k in (at - 1, at + 1) if 0 <= k < len(self.order))
        others = (mark(self.lines[j].text) for j in near)
        return (
            any(m and m.item == "item" and abs(m.number[0] - opened.number[0]) == 1 for m in others) and len(opened.number) == 1
        )

    def _is_complete_before(self, at: int) -> bool:
        """Whether the text before has come to an end: a heading, a full stop, a short line, a gap."""
        if at == 0:
            return True
        i, before = self.order[at], self.order[at - 1]
        text = self.lines[before].text
        if before != i - 1 or self.found[-1].opening == len(self.found[-1].lines):
            return True
        if self.lines[i].page != self.lines[before].page and self.layout.is_cell(before):
            return True
        return ends_sentence(text) or text[-1] in ">＞])】:." or self.layout.paragraph_ends(before)

    def _find_titles(self) -> dict[int, int]:
        """First line and number of lines of every title above 제1조 or 제1장; its history may stand between."""
        found = {}
        for at, i in enumerate(self.order):
            opened = self.headings.get(i)
            if opened and opened.number == (1,) and opened.level != "label":
                at -= self._history_above(at)
                used = self._title_above(at)
                words = " ".join(squeezed(self.lines[j].text) for j in self.order[at - used : at])
                if used and comparable(words) not in comparable(self.title):
                    found[self.order[at - used]] = used
        return found

    def _history_above(self, at: int) -> int:
        """How many lines above a position tell when the rule was made and changed."""
        used = 0
        while used < min(LONGEST_HISTORY, at) and self._is_history(self.order[at - used - 1]):
            used += 1
        return used if used < at and self._is_title(self.order[at - used - 1], 0) else 0

    def _is_history(self, i: int) -> bool:
        line = self.lines[i]
        if i in self.headings or (not line.is_table and (len(line.text) > LONGEST_DATE or line.text.endswith("다."))):
            return False
        return all(HISTORY.search(row) for row in line.text.split("\n")[2 if line.is_table else 0 :])

    def _title_above(self, at: int) -> int:
        used = 0
        while used < TITLE_LINES and used < at and self._is_title(self.order[at - used - 1], used):
            used += 1
        return used

    def _is_title(self, i: int, below: int) -> bool:
        text = self.lines[i].text
        if i in self.headings or mark(text) or ends_sentence(text) or text.startswith("["):
            return False
        if below and not self.layout.is_tall(i):
            return False
        if is_rider_title(text) or (not below and RULE_TITLE.match(squeezed(text))):
            return True
        return self.layout.is_tall(i) and len(text) <= 60

    def _enter(self, opened: Heading) -> None:
        if opened.level == "article" and opened.number == (1,) and self.last:
            self._restart()
        self.path = [h for h in self.path if self._stays(h, opened)]
        if RANK[opened.level] <= RANK["supplement"]:
            self.last = ()
        if opened.level == "article":
            self.last = opened.until
        self.path.append(opened)
        self.found.append(Clause(tuple(h.title for h in self.path), self._key(), opened.level))

    def _restart(self) -> None:
        """Articles begin anew without a title: a branch without a name."""
        self.branches += 1
        self.path = [h for h in self.path if RANK[h.level] <= RANK["supplement"]]
        self.path.append(Heading("rider", (), f"제{self.branches + 1}부분", f"제{self.branches + 1}부분", 0))
        self.last = ()

    @staticmethod
    def _stays(above: Heading, opened: Heading) -> bool:
        if above.level == "numbered" and opened.level == "subnumbered":
            return opened.number[: len(above.number)] == above.number
        if above.level == opened.level == "subnumbered":
            return len(above.number) < len(opened.number)
        if opened.level == "supplement":
            return above.level == "rider"
        return RANK[above.level] < RANK[opened.level]

    def _key(self) -> str:
        """Branch and article; chapters only where there is no article: they may be regrouped in a revision."""
        deepest = self.path[-1]
        if deepest.level == "article":
            labels = [h.label for h in self.path if RANK[h.level] <= RANK["supplement"]] + [deepest.label]
        elif deepest.level in ("numbered", "subnumbered"):
            labels = [h.label for h in self.path if h.level not in ("numbered", "subnumbered")]
            labels = [*(labels or ([self.preamble] if self.korean else [])), deepest.label]
        else:
            labels = [h.label for h in self.path]
        return "/".join("".join(label.split()) if label.startswith("부칙") else label for label in labels)


def _is_plain(opened: Heading) -> bool:
    """Whether an article has no title in brackets."""
    return opened.label.startswith("제") and not re.search(r"[(\[【（]|삭제|생략", opened.title)


def _is_next(last: Number, new: Number) -> bool:
    """Whether an article may follow: the next number, or the next one inserted after the same."""
    if not last:
        return new == (1,)
    if new[0] == last[0]:
        return len(new) == 2 and new[1] == (last[1] + 1 if len(last) == 2 else 2)
    return new[0] == last[0] + 1 and len(new) == 1


def _is_unclosed(text: str) -> bool:
    return sum(text.count(c) for c in "([<") > sum(text.count(c) for c in ")]>")


def _with_unique_keys(found: Sequence[Clause]) -> list[Clause]:
    seen: Counter[str] = Counter()
    for clause in found:
        seen[clause.key] += 1
        if seen[clause.key] > 1:
            clause.key = f"{clause.key}#{seen[clause.key]}"
    return list(found)
