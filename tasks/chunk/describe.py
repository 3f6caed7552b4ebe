"""What a document is: title, language, date of effect, and the family it shares with its other revisions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from itertools import takewhile
from pathlib import PurePosixPath

from tasks.chunk.contents import contents_lines
from tasks.chunk.lines import Layout, lines_of
from tasks.records import Document, Language, Page, Source, content_id
from tasks.text.normal import comparable
from tasks.text.outline import heading, mark, squeezed

HANGUL_SHARE = 0.2  # of the letters, from which on a document is Korean
MAX_TITLE = 120
TITLE_REACH = 12  # lines of the first page among which the title stands

CASE_NUMBER = re.compile(r"\b(\d{2,4}[가-힣]{1,3}\d{1,7})\b")
SHORT_NAME = re.compile(r"\s*[(（]\s*약칭\s*:[^)）]*[)）]")
DATE = r"(\d{4})\s*[.년/-]\s*(\d{1,2})\s*[.월/-]\s*(\d{1,2})\s*[.일]?"
EFFECTIVE = (
    re.compile(rf"\[\s*시행\s*{DATE}"),
    re.compile(rf"시행\s*(?:일자?)?\s*[:：]?\s*{DATE}"),
    re.compile(rf"{DATE}\s*(?:부터)?\s*시행"),
    re.compile(rf"(?i:effective)[^\n\d]{{0,30}}{DATE}"),
)
MONTHS = "january february march april may june july august september october november december".split()
ENGLISH_DATE = re.compile(
    r"(?i:effective)[^\n\d]{0,30}?(?:(?P<d1>\d{1,2})\s+)?(?P<month>(?i:" + "|".join(MONTHS) + r"))\s+(?:(?P<d2>\d{1,2}),?\s+)?(?P<year>\d{4})"
)
# What differs between revisions of one text: editions, dates, numbers of law.
REVISION = re.compile(
    r"\(\s*\d[\d.\s-]*\)|\d{4}\s*[.년/-]\s*\d{1,2}\s*[.월/-]\s*\d{1,2}\s*[.일]?|제\s?\d{4}\s?-\s?\d+\s?호|제\s?\d{4,6}\s?호"
    r"|(?i:\b(?:v|ver|version|edition|rev|revision)\.?\s*\d[\d.]*)|제\s?\d+\s?판|\d{4}년?\s?\d{0,2}월?\s?(?:판|개정판?)|개정판|\b\d{4,8}\b"
)


def describe(source: Source, pages: Sequence[Page]) -> Document:
    """The document record of a source."""
    title = _title(pages) or _name(source)
    opening = "\n".join(page.text for page in pages[:3])
    return Document(
        id=source.id,
        family=content_id("family", _family(title)),
        title=title,
        path=source.path,
        pages=len(pages),
        language=_language(pages),
        effective=_effective(opening),
    )


def _title(pages: Sequence[Page]) -> str:
    """The lines in larger letters near the top of the first page with text; a decision's number belongs to its title."""
    first = next((page for page in pages if page.blocks and page.origin in ("text", "ocr")), None)
    if first is None:
        return ""
    layout = Layout(lines_of(pages))
    here = [i for i, line in enumerate(layout.lines) if line.page == first.number and i not in contents_lines(layout.lines[:200])]
    tall = [i for i in here[:TITLE_REACH] if layout.is_tall(i) and len(layout.lines[i].text) > 1]
    largest = [i for i in tall if not heading(layout.lines[i].text)]
    words = " ".join(squeezed(layout.lines[i].text) for i in largest) if largest else _first_title(layout, here)
    words = SHORT_NAME.sub("", " ".join(words.split()))
    case = CASE_NUMBER.search(" ".join(layout.lines[i].text for i in here[:TITLE_REACH]))
    if case and case[1] not in words:
        words = f"{words} ({case[1]})"
    return words[:MAX_TITLE].strip()


def _first_title(layout: Layout, here: Sequence[int]) -> str:
    text = layout.lines[here[0]].text if here else ""
    return text if text and len(text) <= 60 and not mark(text) and not heading(text) and not text.endswith(".") else ""


def _name(source: Source) -> str:
    return PurePosixPath(source.path).stem.replace("_", " ").strip()[:MAX_TITLE] or source.path


def _family(title: str) -> str:
    cases = CASE_NUMBER.findall(title)
    return comparable(REVISION.sub("", CASE_NUMBER.sub("", title))) + "".join(cases) or comparable(title)


def _language(pages: Sequence[Page]) -> Language:
    text = "".join(page.text for page in pages)
    hangul = sum("가" <= c <= "힣" for c in text)
    latin = sum(c.isascii() and c.isalpha() for c in text)
    return "ko" if hangul >= HANGUL_SHARE * (hangul + latin) else "en"


def _effective(text: str) -> date | None:
    for pattern in EFFECTIVE:
        for match in pattern.finditer(text):
            if found := _date(*(int(n) for n in match.groups()[-3:])):
                return found
    if match := ENGLISH_DATE.search(text):
        return _date(int(match["year"]), MONTHS.index(match["month"].lower()) + 1, int(match["d1"] or match["d2"] or 1))
    return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
