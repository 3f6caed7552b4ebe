"""What a document is: title, language, date of effect, and the family it shares with its other revisions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import PurePosixPath

from tasks.chunk.contents import is_contents_title
from tasks.chunk.lines import Layout, lines_of
from tasks.records import Document, Language, Page, Source, content_id
from tasks.text.normal import comparable
from tasks.text.outline import heading, mark, squeezed
from tasks.text.spacing import Spacing

HANGUL_SHARE = 0.2  # of the letters, from which on a document is Korean
MAX_TITLE = 120
TITLE_PAGES = 20  # show how large the letters of the text are
TITLE_REACH = 12  # lines of the first page among which the title stands
TITLE_SIZE = 0.75  # of the largest letters: what else belongs to the title

CASE_NUMBER = re.compile(r"\b(\d{2,4}[가-힣]{1,3}\d{1,7})\b")
SHORT_NAME = re.compile(r"\s*[(（]\s*약칭\s*:[^)）]*[)）]")
CELL_END = re.compile(r"\s*(?<!\\)\|\s*")
DATE = r"(\d{4})\s*[.년/-]\s*(\d{1,2})\s*[.월/-]\s*(\d{1,2})\s*[.일]?"
EFFECTIVE = (
    re.compile(rf"(?m)^\[\s*시행\s*{DATE}"),
    re.compile(rf"(?m)^.{{0,20}}시행\s*(?:일자?)?\s*[:：]?\s*{DATE}.{{0,10}}$"),
    re.compile(rf"(?m)^.{{0,20}}{DATE}\s*(?:부터)?\s*시행.{{0,5}}$"),
    re.compile(rf"(?m)^.{{0,40}}(?i:effective)\D{{0,30}}{DATE}"),
)
COMES_INTO_FORCE = re.compile(rf"(?:시행일\)|부\s?칙)[^.]{{0,60}}?{DATE}\s*부터\s*시행")
MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
ENGLISH_DATE = re.compile(
    rf"(?is)effective.{{0,120}}?(?:\b(?P<d1>\d{{1,2}})\s+)?(?P<month>{'|'.join(MONTHS)})\s+(?:(?P<d2>\d{{1,2}}),?\s+)?(?P<year>\d{{4}})"
)
# What differs between revisions of one text: editions, dates, numbers of law.
REVISION = re.compile(
    r"\(\s*\d[\d.\s-]*\)|\d{4}\s*[.년/-]\s*\d{1,2}\s*[.월/-]\s*\d{1,2}\s*[.일]?|제\s?\d{4}\s?-\s?\d+\s?호|제\s?\d{4,6}\s?호"
    r"|(?i:\b(?:v|ver|version|edition|rev|revision)\.?\s*\d[\d.]*)|제\s?\d+\s?판|\d{4}년?\s?\d{0,2}월?\s?(?:판|개정판?)|개정판|\b\d{4,8}\b"
)


def describe(source: Source, pages: Sequence[Page]) -> Document:
    """The document record of a source."""
    title = _title(pages) or _name(source)
    opening = next((_plain(page) for page in pages if page.blocks), "")
    return Document(
        id=source.id,
        family=content_id("family", _family(title)),
        title=title,
        path=source.path,
        pages=len(pages),
        language=_language(pages),
        effective=_effective(opening) or _in_supplement(pages),
    )


def _title(pages: Sequence[Page]) -> str:
    """The largest letters near the top of the first page; a decision's number belongs to its title."""
    first = next((page for page in pages if page.origin != "blank"), None)
    if first is None or first.origin == "needs_ocr" or not first.blocks:
        return ""
    layout = Layout(lines_of(pages[:TITLE_PAGES]))
    top = [i for i, line in enumerate(layout.lines) if line.page == first.number and not line.is_table][:TITLE_REACH]
    named = [i for i in top if not heading(layout.lines[i].text) and not is_contents_title(layout.lines[i].text)]
    tall = [i for i in named if layout.is_tall(i)]
    largest = TITLE_SIZE * max((layout.lines[i].height for i in tall), default=0)
    chosen = [i for i in tall if layout.lines[i].height >= largest and len(layout.lines[i].text) > 1]
    words = SHORT_NAME.sub("", _run_together(layout, chosen) or _first_title(layout, named))
    case = CASE_NUMBER.search(" ".join(layout.lines[i].text for i in top))
    return words[:MAX_TITLE].strip() + (f" ({case[1]})" if case and case[1] not in words else "")


def _run_together(layout: Layout, chosen: Sequence[int]) -> str:
    """Title lines as one: a wide line may go on inside a word in the next one of the same size."""
    spacing = Spacing(line.text for line in layout.lines if not line.is_table)
    text, before = "", None
    for i in chosen:
        line = layout.lines[i]
        words = squeezed(line.text)
        same = before is not None and abs(line.height - before.height) < 0.05 * line.height and layout.is_wide(chosen[0])
        inside = same and not spacing.is_space(text, words)
        text, before = text + ("" if inside or not text else " ") + words, line
    return text


def _first_title(layout: Layout, here: Sequence[int]) -> str:
    text = layout.lines[here[0]].text if here else ""
    return text if text and len(text) <= 60 and not mark(text) and not heading(text) and not text.endswith(".") else ""


def _name(source: Source) -> str:
    return PurePosixPath(source.path).stem.replace("_", " ").strip()[:MAX_TITLE] or source.path


def _family(title: str) -> str:
    cases = CASE_NUMBER.findall(title)
    return comparable(REVISION.sub("", CASE_NUMBER.sub("", title))) + "".join(cases) or comparable(title)


def _plain(page: Page) -> str:
    """The text of a page with the cells of its tables a line each, as 시행일 | 2026. 1. 1. may stand in one."""
    return "\n".join(CELL_END.sub("\n", block.text) if block.kind == "table" else block.text for block in page.blocks)


def _language(pages: Sequence[Page]) -> Language:
    text = "".join(page.text for page in pages)
    hangul = sum("가" <= c <= "힣" for c in text)
    latin = sum(c.isascii() and c.isalpha() for c in text)
    return "ko" if hangul >= HANGUL_SHARE * (hangul + latin) else "en"


def _effective(text: str) -> date | None:
    for pattern in EFFECTIVE:
        for match in re.finditer(pattern, text):
            if found := _date(*(int(n) for n in match.groups()[-3:])):
                return found
    if words := ENGLISH_DATE.search(text):
        return _date(int(words["year"]), MONTHS.index(words["month"].lower()) + 1, int(words["d1"] or words["d2"] or 1))
    return None


def _in_supplement(pages: Sequence[Page]) -> date | None:
    """What the last 부칙 says: 제1조(시행일) 이 내규는 2026년 3월 1일부터 시행한다."""
    found = list(COMES_INTO_FORCE.finditer("\n".join(_plain(page) for page in pages[-3:])))
    return _date(*(int(n) for n in found[-1].groups())) if found else None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
