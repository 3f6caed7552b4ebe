"""The lines of a document with what their places tell: is a line full, is the next one below it, did a paragraph end?

Block boxes are all there is (no font sizes), so the size of a letter is the width of a line over its number of letters. A table
is one "line" of many: it tells nothing about the lines around it, and none of them goes on in it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from tasks.records import Block, Box, Page
from tasks.text.sentences import ends_sentence

LONG_PITCH = 1.4  # times the usual distance between lines: a paragraph ends here
SHORT = 1.2  # letters missing to the right edge: a line that breaks inside words is hardly ever so short
RAGGED = 2.0  # never so short
SLACK = 0.8  # letters: a space, and what the estimate is off
MUCH = 0.2  # of the width of the column: without a full stop only so much room tells that a paragraph ended
ENOUGH_RAGGED = 0.15  # share of the lines of a page from which on it breaks between words only
ENOUGH_LINES = 5  # of a page, to judge it by itself
WIDE = 0.6  # of the width of the text
FAR_RIGHT = 0.3  # of the width of the text
ROW = 2.5  # times its height: how much higher than a cell's last line the next cell may begin
REACH = 150  # lines before and after that tell where a column ends
NEAR = 3  # lines before and after in which a cell has a neighbour
SAME_EDGE = 3.0  # points
SHIFT = 4.0  # letters by which the lines of one paragraph may be indented against each other


@dataclass(frozen=True, slots=True)
class Line:
    """A block of text, on its page. `text` has no white space around it, `letter` is the width of a syllable, estimated.

    The text of a table has a line end after each row.
    """

    page: int
    page_id: str
    block: Block
    text: str
    letter: float

    @property
    def box(self) -> Box:
        """Where it stands."""
        return self.block.box

    @property
    def is_table(self) -> bool:
        """Whether it is a whole table."""
        return self.block.kind == "table"

    @property
    def spaced(self) -> bool:
        """Whether the file says that a space follows."""
        return self.block.text.endswith(" ")

    @property
    def height(self) -> float:
        """Height of the line in points."""
        return self.box.y1 - self.box.y0


def width_in_letters(text: str) -> float:
    """How many Hangul syllables wide a text is. An exact sum: plain `sum` differs between Python 3.11 and 3.12."""
    return math.fsum(0.3 if c.isspace() or c in ".,:;'|!()[]·ㆍ" else 0.55 if c < "\u0250" else 1.0 for c in text)


def lines_of(pages: Sequence[Page]) -> list[Line]:
    """All lines of the pages, in order."""
    return [_line(page, block) for page in pages for block in page.blocks if block.text.strip()]


def _line(page: Page, block: Block) -> Line:
    text = block.text.strip()
    letter = max(1.0, (block.box.x1 - block.box.x0) / max(1.0, width_in_letters(text)))
    return Line(page.number, page.id, block, text, letter)


class Layout:
    """How the lines of a document stand to each other. Lines are named by their index."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        self.size = median([line.height for line in lines if not line.is_table] or [1.0])
        self._pages = _by_page(lines)
        self._right = {i: self._right_edge(i, here) for here in self._pages.values() for i in here}
        self._pitch = {page: _usual_pitch([lines[i] for i in here]) for page, here in self._pages.items()}
        self._whole_words = self._whole_words_by_page()

    def is_tall(self, i: int) -> bool:
        """Whether the line is set in larger letters than the text."""
        return self.lines[i].height > 1.15 * self.size and not self.lines[i].is_table

    def is_wide(self, i: int) -> bool:
        """Whether the line takes most of the width of its page's text."""
        here = [self.lines[j].box for j in self._pages[self.lines[i].page]]
        width = max(box.x1 for box in here) - min(box.x0 for box in here)
        return self.lines[i].box.x1 - self.lines[i].box.x0 > WIDE * width

    def room(self, i: int) -> float:
        """Letters that would still fit behind the line."""
        return (self._right[i] - self.lines[i].box.x1) / self.lines[i].letter

    def breaks_between_words(self, i: int) -> bool:
        """Whether the lines around this one end where words end."""
        return self._whole_words[self.lines[i].page]

    def same_row(self, i: int, j: int) -> bool:
        """Whether two lines stand side by side."""
        if self.lines[i].is_table or self.lines[j].is_table:
            return False
        a, b = self.lines[i].box, self.lines[j].box
        shared = min(a.y1, b.y1) - max(a.y0, b.y0)
        beside = a.x1 <= b.x0 or b.x1 <= a.x0
        return self.lines[i].page == self.lines[j].page and beside and shared > 0.5 * min(a.y1 - a.y0, b.y1 - b.y0)

    def next_cell(self, i: int) -> bool:
        """Whether the next line is the cell to the right: beside this one, or a little higher if this one is a second line."""
        if i + 1 >= len(self.lines) or self.lines[i].page != self.lines[i + 1].page or self._is_beside_table(i):
            return False
        a, b = self.lines[i].box, self.lines[i + 1].box
        return b.x0 >= a.x1 and (self.same_row(i, i + 1) or 0 <= a.y0 - b.y0 <= ROW * self.lines[i].height)

    def is_cell(self, i: int) -> bool:
        """Whether the line has a neighbour in its row, as in a table."""
        near = range(max(0, i - NEAR), min(len(self.lines), i + NEAR + 1))
        return any(j != i and self.same_row(i, j) for j in near)

    def follows(self, i: int) -> bool:
        """Whether the next line could be the continuation of this one: close below it, or on top of the next page or column."""
        if i + 1 >= len(self.lines) or self._is_beside_table(i):
            return False
        a, b = self.lines[i], self.lines[i + 1]
        if a.page != b.page or b.box.y0 < a.box.y0 - a.height:
            return not self.is_cell(i) and self._same_size(i)
        if not 0.5 * a.height < b.box.y0 - a.box.y0 <= LONG_PITCH * self._pitch[a.page] or self._is_set_right(i):
            return False
        if self.is_cell(i):
            return abs(b.box.x0 - a.box.x0) <= SHIFT * a.letter or abs(_middle(b.box) - _middle(a.box)) <= 2 * a.letter
        return abs(b.box.x0 - a.box.x0) <= SHIFT * a.letter and self._same_size(i)

    def goes_on(self, i: int) -> bool:
        """Whether the next line is a table that may be the rest of this one: alike in width, on the next page."""
        a, b = self.lines[i], self.lines[i + 1]
        alike = abs(a.box.x0 - b.box.x0) <= SAME_EDGE and abs(a.box.x1 - b.box.x1) <= SAME_EDGE
        return a.is_table and b.is_table and b.page == a.page + 1 and alike

    def paragraph_ends(self, i: int) -> bool:
        """Whether the line is the last one of its paragraph: nothing follows, or the next word would have fitted on it."""
        if not self.follows(i):
            return True
        if self._is_sideways(i) or self.is_cell(i):
            return ends_sentence(self.lines[i].text)
        ended = ends_sentence(self.lines[i].text)
        if ended and self._is_indented_anew(i):
            return True
        if ended and not self.breaks_between_words(i):
            return self.room(i) > SHORT + SLACK
        next_word = width_in_letters(self.lines[i + 1].text.split(maxsplit=1)[0])
        width = (self._right[i] - self.lines[i].box.x0) / self.lines[i].letter
        return self.room(i) > max(next_word + SLACK, 0 if ended else MUCH * width)

    def _is_beside_table(self, i: int) -> bool:
        """Whether the line or the next one is a table."""
        return self.lines[i].is_table or self.lines[i + 1].is_table

    def _same_size(self, i: int) -> bool:
        a, b = self.lines[i].height, self.lines[i + 1].height
        return abs(a - b) < 0.1 * max(a, b)

    def _is_indented_anew(self, i: int) -> bool:
        """Whether the next line begins left of this one, or elsewhere than the two before it."""
        step = (self.lines[i + 1].box.x0 - self.lines[i].box.x0) / self.lines[i].letter
        before = self.lines[i - 1] if i else self.lines[i]
        settled = i > 0 and before.page == self.lines[i].page and abs(before.box.x0 - self.lines[i].box.x0) < 1
        return self.lines[i].page == self.lines[i + 1].page and (step < -0.4 or (settled and step > 0.4))

    def _is_set_right(self, i: int) -> bool:
        """Whether the line stands at the right edge, far from the left one, as a date or an address does."""
        box, here = self.lines[i].box, self._pages[self.lines[i].page]
        boxes = [self.lines[j].box for j in here if not self.lines[j].is_table]
        left, right = min(b.x0 for b in boxes), max(b.x1 for b in boxes)
        if box.x1 < right - 1 or box.x0 < left + FAR_RIGHT * (right - left):
            return False
        return not any(self.lines[j].box.x1 <= box.x0 and self.same_row(i, j) for j in here)

    def _is_sideways(self, i: int) -> bool:
        line = self.lines[i]
        return line.height > 2 * (line.box.x1 - line.box.x0) and len(line.text) > 3

    def _right_edge(self, i: int, here: range) -> float:
        """Where the lines end that begin about where this one does."""
        x0, shift = self.lines[i].box.x0, SHIFT * self.lines[i].letter
        near = range(max(here.start, i - REACH), min(here.stop, i + REACH))
        beside = (j for j in near if j == i or not self.lines[j].is_table)
        return max(self.lines[j].box.x1 for j in beside if abs(self.lines[j].box.x0 - x0) <= shift)

    def _whole_words_by_page(self) -> dict[int, bool]:
        """Pages whose lines break between words only; a page with few lines does as the page before."""
        ragged = {page: [self.room(i) > RAGGED for i in here[:-1] if self._flows_on(i)] for page, here in self._pages.items()}
        before = _is_ragged([line for lines in ragged.values() for line in lines])
        found = {}
        for page, lines in ragged.items():
            before = found[page] = _is_ragged(lines) if len(lines) >= ENOUGH_LINES else before
        return found

    def _flows_on(self, i: int) -> bool:
        """Surely one sentence over two lines: words, no end of a sentence, nothing that opens an item."""
        a, b = self.lines[i], self.lines[i + 1]
        below = 0 < b.box.y0 - a.box.y0 <= LONG_PITCH * self._pitch[a.page] and not self.is_cell(i)
        return (
            below and width_in_letters(a.text) > 10 and not ends_sentence(a.text) and b.text[0].isalpha() and a.text[-1].isalpha()
        )


def _is_ragged(lines: Sequence[bool]) -> bool:
    return sum(lines) >= 2 and sum(lines) >= ENOUGH_RAGGED * len(lines)


def _middle(box: Box) -> float:
    return (box.x0 + box.x1) / 2


def _by_page(lines: Sequence[Line]) -> dict[int, range]:
    """The lines of each page, which stand together."""
    starts = [i for i, line in enumerate(lines) if not i or lines[i - 1].page != line.page]
    return {lines[start].page: range(start, stop) for start, stop in pairwise([*starts, len(lines)])}


def _usual_pitch(lines: Sequence[Line]) -> float:
    steps = list(_steps(lines))
    return median(steps) if steps else 2 * lines[0].height


def _steps(lines: Sequence[Line]) -> Iterator[float]:
    for a, b in pairwise(lines):
        if a.is_table or b.is_table:
            continue
        step = b.box.y0 - a.box.y0
        if 0.5 * a.height < step < 4 * a.height:
            yield step
