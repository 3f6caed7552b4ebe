"""Footnotes leave the pages: small lines at the foot of a column whose mark the text above bears.

Small letters at the foot alone prove nothing: notes under a table ("주) …", "※ …") and quoted law are small, too, and belong to
the text. So the notes must be the last lines of their column and smaller than the lines above, the first must begin with a
mark, the marks must count up, and the text must refer to them ("…하고 있다.1)") unless the numbers go on from an earlier page.
When in doubt, they stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from tasks.clean.drops import Gone, Place, without
from tasks.clean.paging import page_number
from tasks.records import Block, Kept, Page
from tasks.text.sentences import ends_sentence

SMALL = 0.92  # of the height of the text: 9 to 10 points; a real decision has .83
SMALL_OCR = 0.85  # the heights that OCR gives follow the letters of the line
SAME = 0.06  # of its height: lines of one size
GAP = 1.0  # times its height: blank space above a note that follows other small lines
MOST_ROWS = 100  # more are no notes
LONGEST_LINE = 300  # characters that are looked at for the end of a sentence
APART = 3.0  # times its height: notes stand together
BEGINS = 0.4  # of the page height: notes begin below it
ENDS = 0.6  # of the page height: and end below it
CELL_GAP = 2.0  # times its height: blank space between two cells of a row
COLUMN_LINES = 5  # of a column, at least
COLUMN_WIDTH = 0.25  # of the page width, for half of its lines

MARK = re.compile(
    r"\s*(?:(?:각\s?)?주\s?(?P<named>\d{1,3})\)|(?P<paren>\d{1,3})\)|\[(?P<square>\d{1,3})\]|(?P<raised>[⁰¹²³⁴-⁹]{1,3})"
    r"|(?P<star>\*{1,3})(?!\*)|(?P<bare>\d{1,3})\s(?=\S*[^\W\d]))"
)
RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
REFERENCE = {
    "named": r"(?<=\S) ?주 ?{}\)",
    "paren": r"(?<=[^\s\d(\[]) ?{}\)",
    "square": r"(?<=\S) ?\[{}\]",
    "raised": r"(?<=\S){}",
    "star": r"(?<=[^\s*\d]){}(?![*\w])",
    "bare": r"(?<=[가-힣.,”’\"')\]」』]){}(?=[\s.,)”’가-힣]|$)",
}


@dataclass(frozen=True, slots=True)
class Row:
    """What stands in one line of a column: blocks by index."""

    blocks: tuple[int, ...]
    top: float
    bottom: float
    height: float
    text: str
    cells: bool  # of a table

    @property
    def note(self) -> Note | None:
        """The mark at its beginning."""
        match = MARK.match(self.text)
        if not match or not match.lastgroup:
            return None
        sign = match[match.lastgroup]
        number = len(sign) if match.lastgroup == "star" else int(sign.translate(str.maketrans(RAISED, "0123456789")))
        return Note(match.lastgroup, number, sign)


@dataclass(frozen=True, slots=True)
class Note:
    """A mark: its form, which in the list it is, and as written."""

    form: str
    number: int
    sign: str

    def is_referred_to(self, text: str) -> bool:
        """Whether a text bears the mark."""
        return re.search(REFERENCE[self.form].format(re.escape(self.sign)), text) is not None

    def follows(self, other: Note | None) -> bool:
        """Whether it is the next one after another."""
        return other is not None and (self.form, self.number) == (other.form, other.number + 1)


@dataclass(frozen=True, slots=True)
class Notes:
    """The notes of a column: blocks by index, the last mark, and whether its text goes on on the next page."""

    blocks: tuple[int, ...]
    last: Note
    unfinished: bool


def drop_footnotes(pages: Sequence[Page]) -> Kept[Page]:
    """The pages of one document without footnotes."""
    gone: dict[Place, Gone] = {}
    before: Notes | None = None
    for number, page in enumerate(pages):
        unfinished = before is not None and before.unfinished
        if not (unfinished or any(MARK.match(b.text) for b in page.blocks if b.box.y0 > BEGINS * page.height)):
            continue
        columns = [_rows(page, column) for column in _columns(page)]
        found = [notes for rows in columns if (notes := _notes(rows, columns, page, before))]
        gone |= {(number, block): Gone("footnote", "at the foot of the page") for notes in found for block in notes.blocks}
        before = found[-1] if found else before and Notes((), before.last, unfinished=False)
    return without(pages, gone)


def _columns(page: Page) -> list[list[int]]:
    """The blocks of the page, or of its left and its right half if these are columns; lines across belong to both."""
    here = [i for i, block in enumerate(page.blocks) if block.text.strip()]
    if not here:
        return []
    boxes = {i: page.blocks[i].box for i in here}
    middle = (min(b.x0 for b in boxes.values()) + max(b.x1 for b in boxes.values())) / 2
    left, right = [i for i in here if boxes[i].x1 <= middle], [i for i in here if boxes[i].x0 >= middle]
    for half in (left, right):
        if len(half) < COLUMN_LINES or median(boxes[i].x1 - boxes[i].x0 for i in half) < COLUMN_WIDTH * page.width:
            return [here]
    across = [i for i in here if boxes[i].x0 < middle < boxes[i].x1]
    return [[*left, *across], [*right, *across]]


def _rows(page: Page, column: Sequence[int]) -> list[Row]:
    """The rows of a column from top to bottom."""
    rows: list[list[int]] = []
    bottom = top = 0.0
    for i in sorted(column, key=lambda i: page.blocks[i].box.y0):
        box = page.blocks[i].box
        if rows and min(bottom, box.y1) - max(top, box.y0) > 0.5 * min(bottom - top, box.y1 - box.y0):
            rows[-1].append(i)
            bottom = max(bottom, box.y1)
        else:
            rows.append([i])
            top, bottom = box.y0, box.y1
    return [_row(page, row) for row in rows]


def _row(page: Page, row: Sequence[int]) -> Row:
    indices = tuple(sorted(row, key=lambda i: page.blocks[i].box.x0))
    blocks = [page.blocks[i] for i in indices]
    height = max(b.box.y1 - b.box.y0 for b in blocks)
    return Row(
        blocks=indices,
        top=min(b.box.y0 for b in blocks),
        bottom=max(b.box.y1 for b in blocks),
        height=height,
        text=" ".join(b.text.strip() for b in blocks),
        cells=any(b.kind == "table" for b in blocks) or any(_cells(blocks, height)),
    )


def _cells(blocks: Sequence[Block], height: float) -> Iterator[bool]:
    for a, b in pairwise(blocks):
        yield b.box.x0 - a.box.x1 > CELL_GAP * height


def _notes(rows: Sequence[Row], columns: Sequence[Sequence[Row]], page: Page, before: Notes | None) -> Notes | None:
    """The footnotes of a column."""
    while rows and page_number(rows[-1].text) is not None:
        rows = rows[:-1]
    small = SMALL_OCR if page.origin == "ocr" else SMALL
    first = _first_small(rows)
    if not rows or len(rows) - first > MOST_ROWS or rows[-1].bottom < ENDS * page.height:
        return None
    for start in range(max(first, 1), len(rows)):
        above, row = rows[start - 1], rows[start]
        if above.cells or row.top < BEGINS * page.height:
            continue
        parted = row.top - above.bottom >= GAP * row.height
        body = _height(rows[:start]) if parted else above.height
        if row.height > small * body:
            continue
        text = "\n".join(r.text for column in columns for r in column if r.height * small >= row.height)
        if notes := _counted(rows[start:], text, before):
            return notes
    return None


def _first_small(rows: Sequence[Row]) -> int:
    """Where the last lines of one size begin."""
    start = len(rows)
    while start and not rows[start - 1].cells and abs(rows[start - 1].height - rows[-1].height) <= SAME * rows[-1].height:
        if start < len(rows) and rows[start].top - rows[start - 1].bottom > APART * rows[-1].height:
            break
        start -= 1
    return start


def _height(rows: Sequence[Row]) -> float:
    """Of half of the letters."""
    return median(row.height for row in rows for _ in range(1 + len(row.text) // 8))


def _counted(rows: Sequence[Row], text: str, before: Notes | None) -> Notes | None:
    """The rows, if they are notes that count up and that the text refers to; the first may go on from an earlier page."""
    opening = rows[0].note
    last = before.last if before and before.unfinished and not opening else None
    form = opening.form if opening else last.form if last else ""
    for note in [row.note for row in rows if row.note and row.note.form == form]:
        known = note.is_referred_to(text) or (before is not None and note.follows(before.last))
        if not known or (last and not note.follows(last)):
            return None
        last = note
    if last is None:
        return None
    return Notes(
        tuple(block for row in rows for block in row.blocks), last, unfinished=not ends_sentence(rows[-1].text[-LONGEST_LINE:])
    )
