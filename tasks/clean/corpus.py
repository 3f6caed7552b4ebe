"""Boilerplate leaves the pages: notices that most texts of a corpus repeat outside of their clauses.

Cover notices, review marks (준법감시인 심의필), copyright lines and contact boxes stand before the first clause or behind
the last. Only there a line may count, and only when documents of many families bear it: the revisions of one text repeat
everything, and what many texts say alike inside their clauses (준용규정, 관할법원) is law. Two passes and nothing but hashes
in between: `fingerprint` of each document, `repeated` over all of them, `drop_boilerplate` in each document again.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from itertools import groupby, takewhile

from tasks.clean.drops import Gone, Place, without
from tasks.clean.junk import is_contents
from tasks.clean.similar import masked
from tasks.records import Kept, Page, Record
from tasks.settings import CleanSettings
from tasks.text.outline import heading, mark
from tasks.text.sentences import ends_sentence

FRONT_PAGES = 12  # before the first clause
MOST_LINES = 400  # of one document that are looked at
LONGEST_LINE = 300  # characters that are looked at for the end of a sentence
FEWEST_LETTERS = 8  # a shorter line is a title or a label
# What tells the date of effect of a document must stay, and so must its rules ("…한다."; notices are polite).
DATED = re.compile(r"(?:시행|제정|개정|공포|effective).{0,40}\d|\d.{0,20}(?:시행|제정|개정|공포)", re.I)
RULE = re.compile(r"(?<!니)다\s*[.]\s*$")

Unit = tuple[str, tuple[Place, ...]]  # what is compared, and its lines


class Fingerprint(Record):
    """What a document says outside its clauses, as hashes. `family` is shared by the revisions of one text."""

    document: str
    family: str
    marks: tuple[str, ...]


def fingerprint(document: str, family: str, pages: Sequence[Page]) -> Fingerprint:
    """The first pass, a document at a time, on its clean pages."""
    return Fingerprint(document=document, family=family, marks=tuple(sorted({_hash(text) for text, _ in _units(pages)})))


def repeated(documents: Iterable[Fingerprint], settings: CleanSettings) -> frozenset[str]:
    """Hashes that enough families bear; none while the corpus has few families."""
    by_family = sorted(documents, key=lambda d: d.family)
    counts: Counter[str] = Counter()
    families = 0
    for _, members in groupby(by_family, key=lambda d: d.family):
        counts.update({mark for member in members for mark in member.marks})
        families += 1
    enough = max(settings.boilerplate_families, settings.boilerplate_share * families)
    return frozenset(mark for mark, number in counts.items() if number >= enough)


def boilerplate_of(document: Fingerprint, repeated: Set[str]) -> frozenset[str]:
    """The part of the corpus's boilerplate that a document bears: all that its clean pages depend on."""
    return frozenset(mark for mark in document.marks if mark in repeated)


def drop_boilerplate(pages: Sequence[Page], boilerplate: Set[str]) -> Kept[Page]:
    """The second pass: the pages of a document without these lines and paragraphs."""
    if not boilerplate:
        return Kept(list(pages), [])
    places = (place for text, lines in _units(pages) if _hash(text) in boilerplate for place in lines)
    return without(pages, {place: Gone("boilerplate", "many documents say so outside their clauses") for place in places})


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _units(pages: Sequence[Page]) -> Iterator[Unit]:
    """Lines outside of the clauses, and paragraphs of several: these are the same however wide the page is."""
    for number, lines in _outside(pages):
        paragraph: list[Place] = []
        for place in ((number, index) for index in lines):
            text = pages[number].blocks[place[1]].text
            paragraph.append(place)
            if _counts(text):
                yield masked(text), (place,)
            if ends_sentence(text[-LONGEST_LINE:]):
                yield from _paragraph(pages, paragraph)
                paragraph = []
        yield from _paragraph(pages, paragraph)


def _paragraph(pages: Sequence[Page], places: Sequence[Place]) -> Iterator[Unit]:
    text = " ".join(pages[number].blocks[index].text for number, index in places)
    if len(places) > 1 and _counts(text):
        yield masked(text), tuple(places)


def _counts(text: str) -> bool:
    return sum(c.isalpha() for c in text) >= FEWEST_LETTERS and not DATED.search(text)


def _outside(pages: Sequence[Page]) -> Iterator[tuple[int, range]]:
    """Lines before the first clause and behind the last, by page; those of one page when there are no clauses."""
    read = [n for n, page in enumerate(pages) if page.origin in ("text", "ocr") and page.blocks]
    left = MOST_LINES
    for number in read[:FRONT_PAGES]:
        page = pages[number]
        if is_contents(page):
            continue
        opens = next((i for i, block in enumerate(page.blocks) if heading(block.text)), None)
        yield number, range(min(left, len(page.blocks) if opens is None else opens))
        left -= len(page.blocks)
        if opens is not None:
            break
    yield from ((number, range(len(pages[number].blocks))) for number in _behind(pages, read))


def _behind(pages: Sequence[Page], read: Sequence[int]) -> list[int]:
    """The last pages, from the first one on that begins anew and holds nothing of a clause."""
    last = list(takewhile(lambda n: not _may_be_clause(pages[n]), reversed(read[FRONT_PAGES:] or read[1:])))[::-1]
    for at, number in enumerate(last):
        before = read[read.index(number) - 1]
        if ends_sentence(pages[before].blocks[-1].text[-LONGEST_LINE:]):
            return last[at:]
    return []


def _may_be_clause(page: Page) -> bool:
    return any(
        block.kind == "table" or heading(block.text) or mark(block.text) or RULE.search(block.text) for block in page.blocks
    )
