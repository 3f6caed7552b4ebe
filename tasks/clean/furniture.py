"""Running heads, running feet, page numbers, side tabs and watermarks leave the pages.

Heads and feet stand in the margins, away from the text, and repeat at the same height. Digits vary ("법제처 7
국가법령정보센터"), so texts are compared with their digits masked; section names vary, so a name that repeats on some pages in
a row counts where most pages have something at that height; what OCR reads varies by a letter or two. A page number goes up
with the pages. The text is safe: it is not in the margin, or not away from its neighbours, and a line that opens a clause or
an item, tells the unit of a table or an amount that varies never counts.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from statistics import median
from typing import Literal, NamedTuple

from tasks.clean.drops import Gone, Place, Reason, without
from tasks.clean.overlays import overlays
from tasks.clean.paging import page_number
from tasks.clean.similar import is_within, masked, nearest
from tasks.records import Box, Kept, Page
from tasks.settings import CleanSettings
from tasks.text.outline import heading, mark
from tasks.text.sentences import ends_sentence

Edge = Literal["top", "bottom"]
EDGES: tuple[Edge, Edge] = ("top", "bottom")
Margins = Mapping[Edge, float]  # shares of the page's height
MARGIN = 0.1  # of the page height
NUMBER_MARGIN = 0.2  # page numbers stand as far inside on small pages, and the margin then reaches to them
SAME_HEIGHT = 3.0  # points
SAME_HEIGHT_OCR = 12.0  # no two sheets lie the same in the scanner
AWAY = 0.8  # times its own height between a running line and the text
FEWEST_PAGES = 3  # two, if the document has no more and both agree to half a point
RUN = 3  # pages in a row on which a section's name repeats
LONGEST_NAME = 40  # letters of a section name that need not repeat, where almost every page has one
SAME_SIZE = 0.06  # of its height: running lines are set in one size
SAME_SIZE_OCR = 0.25  # the heights that OCR gives follow the letters of the line
MISREAD_NUMBER = re.compile(r"[-–—]\s?\S{1,5}\s?[-–—]")  # "- 1나 -" opens no item
AMOUNT = re.compile(r"\d,\d{3}(?!\d)|\d[.]\d+\s?%|\d\s?[천만억]*\s?(?:원|%|％)")  # varies because it says something
UNIT = re.compile(r"[\[(<]?\s*단\s?위\s*[:：]")  # of the figures below
LONG_ENOUGH = 8  # letters of a running text of which one may be missing
MOST_KNOWN = 40  # texts of OCR at one height that one more is compared with


class Sheet(NamedTuple):
    """A page as it is read: its height, top and bottom of each block, and both in order."""

    height: float
    places: list[tuple[float, float]]
    tops: list[float]
    bottoms: list[float]

    @staticmethod
    def of(height: float, places: list[tuple[float, float]]) -> Sheet:
        """A sheet with these blocks."""
        return Sheet(height, places, sorted(top for top, _ in places), sorted(bottom for _, bottom in places))


@dataclass(frozen=True, slots=True)
class Marginal:
    """A block in the margin of a page (both by index). `height` is its distance from that edge of the page.

    `size` is its own height and `sheet` that of the page. `key` is equal for texts that count as the same. `offset`, of a page
    number, is what it shows minus the number of the page.
    """

    page: int
    block: int
    edge: Edge
    height: float
    size: float
    sheet: float
    key: str
    offset: int | None
    away: bool
    ocr: bool

    @property
    def place(self) -> Place:
        """Page and block."""
        return self.page, self.block

    @property
    def reason(self) -> Reason:
        """Under which name it goes."""
        if self.offset is not None:
            return "page_number"
        return "running_header" if self.edge == "top" else "running_footer"


def drop_furniture(pages: Sequence[Page], settings: CleanSettings) -> Kept[Page]:
    """The pages of one document without what repeats in their margins, beside the text and across it."""
    with_text = [number for number, page in enumerate(pages) if page.blocks]
    sheets = [_sheet(page) for page in pages]
    numbers, margins = _page_numbers(pages, sheets, with_text, settings.repeat_share)
    marginal = _alike(
        [m for n, (page, sheet) in enumerate(zip(pages, sheets, strict=True)) for m in _marginals(n, page, sheet, margins)]
    )
    running = [*numbers, *_running(marginal, with_text, settings.repeat_share)]
    running += _elsewhere(marginal, running)
    gone = {m.place: Gone(m.reason, f"in the {m.edge} margin") for m in [*running, *_beside(marginal, running)]}
    return without(pages, gone | overlays(pages, gone, max(FEWEST_PAGES, settings.repeat_share * len(with_text))))


def _page_numbers(
    pages: Sequence[Page], sheets: Sequence[Sheet], with_text: Sequence[int], share: float
) -> tuple[list[Marginal], Margins]:
    """Numbers at one height that go up with the pages, single ones between them, and margins that reach to them."""
    zone: Margins = {"top": NUMBER_MARGIN, "bottom": NUMBER_MARGIN}
    both = enumerate(zip(pages, sheets, strict=True))
    here = (m for n, (page, sheet) in both for m in _marginals(n, page, sheet, zone, only_numbers=True))
    shown = [m for m in here if m.away or m.height + m.size <= MARGIN * m.sheet]
    found: list[Marginal] = []
    margins: dict[Edge, float] = {"top": MARGIN, "bottom": MARGIN}
    for slot in _groups(shown, lambda m: m.edge):
        counting = _counting(slot)
        if _is_enough({m.page for m in counting}, with_text, share):
            alone = Counter(m.page for m in slot)
            found += [m for m in slot if m in counting or (m.away and alone[m.page] == 1)]
            deep = max((m.height + m.size + SAME_HEIGHT) / m.sheet for m in counting)
            margins[slot[0].edge] = max(margins[slot[0].edge], deep)
    return found, margins


def _counting(slot: Sequence[Marginal]) -> set[Marginal]:
    """Those that go up by one with a neighbouring page, or by two with the page after that."""
    pages: dict[int | None, set[int]] = defaultdict(set)
    for m in slot:
        pages[m.offset].add(m.page)
    return {m for m in slot if pages[m.offset] & {m.page - 2, m.page - 1, m.page + 1, m.page + 2}}


def _marginals(number: int, page: Page, sheet: Sheet, margins: Margins, only_numbers: bool = False) -> Iterator[Marginal]:
    """The lines of a page that stand in its margins, but for those that open a clause; tables are judged elsewhere."""
    height = sheet.height
    inner_top, inner_bottom = margins["top"] * height, (1 - margins["bottom"]) * height
    for index, (top, bottom) in enumerate(sheet.places):
        if inner_top < bottom and top < inner_bottom:
            continue
        block = page.blocks[index]
        text = " ".join(block.text.split())
        value = page_number(text, page.origin == "ocr")
        if block.kind == "table" or (value is None and (only_numbers or _opens_a_clause(text))):
            continue
        edge: Edge = "top" if top < height - bottom else "bottom"
        distance = top if edge == "top" else height - bottom
        key = text if value is not None or AMOUNT.search(text) else masked(text)
        offset = None if value is None else value - page.number
        away = _is_away(sheet, index, edge)
        yield Marginal(number, index, edge, distance, bottom - top, height, key, offset, away, page.origin == "ocr")


def _sheet(page: Page) -> Sheet:
    """The page as it is read: on one whose lines run down or up, these are turned upright."""
    boxes = [block.box for block in page.blocks]
    sideways = [box for block, box in zip(page.blocks, boxes, strict=True) if len(block.text) > 3 and _is_sideways(box)]
    if not sideways:
        return Sheet.of(page.height, [(box.y0, box.y1) for box in boxes])
    leftwards = sideways[-1].x0 <= sideways[0].x0
    turned = [(page.width - box.x1, page.width - box.x0) if leftwards else (box.x0, box.x1) for box in boxes]
    if 2 * len(sideways) > len(boxes):
        return Sheet.of(page.width, turned)
    return Sheet.of(page.height, [(box.y0, box.y1) for box in boxes])


def _is_sideways(box: Box) -> bool:
    return box.y1 - box.y0 > 2 * (box.x1 - box.x0)


def _opens_a_clause(text: str) -> bool:
    if MISREAD_NUMBER.fullmatch(text):
        return False
    if mark(text) is not None or UNIT.match(text):
        return True
    opened = heading(text)
    return opened is not None and opened.level in ("article", "supplement")


def _is_away(sheet: Sheet, index: int, edge: Edge) -> bool:
    """Whether the text of the page stands clear of the block; without text between the margins it is the text itself."""
    top, bottom = sheet.places[index]
    middle, far = (top + bottom) / 2, MARGIN * sheet.height
    if edge == "top":
        below = bisect_right(sheet.tops, middle)
        clear = below < len(sheet.tops) and sheet.tops[below] < sheet.height - far
        return clear and sheet.tops[below] - bottom >= AWAY * (bottom - top)
    above = bisect_left(sheet.bottoms, middle) - 1
    return above >= 0 and sheet.bottoms[above] > far and top - sheet.bottoms[above] >= AWAY * (bottom - top)


def _alike(marginal: Sequence[Marginal]) -> list[Marginal]:
    """The same with one key for texts that OCR read differently; those of the text layer set the key."""
    if not any(m.ocr for m in marginal):
        return list(marginal)
    known: dict[tuple[Edge, int], list[str]] = defaultdict(list)
    found: list[Marginal] = []
    for m in sorted(marginal, key=lambda m: (m.ocr, m.page)):
        slot = round(m.height / SAME_HEIGHT_OCR)
        near = [key for at in (slot, slot - 1, slot + 1) for key in known.get((m.edge, at), ())]
        if m.ocr and m.away and m.offset is None and (key := nearest(m.key, near)):
            found.append(replace(m, key=key))
            continue
        found.append(m)
        if m.away and m.key not in known[m.edge, slot]:
            known[m.edge, slot] = [*known[m.edge, slot][-MOST_KNOWN:], m.key]
    return found


def _running(marginal: Sequence[Marginal], pages: Sequence[int], share: float) -> list[Marginal]:
    """Texts that repeat at one height on enough pages, or on enough of the odd or the even ones; and section names."""
    found: list[Marginal] = []
    for same in _groups(marginal, lambda m: f"{m.edge} {m.key}", None if len(pages) >= FEWEST_PAGES else 0.5):
        if _is_enough({m.page for m in same if m.away}, pages, share):
            found += same
    if len(pages) < FEWEST_PAGES:
        return found
    running = set(found)
    for slot in _groups([m for m in marginal if m.away], lambda m: m.edge):
        if _is_enough({m.page for m in slot}, pages, share):
            found += (named := _section_names(slot))
            found += _short_sections(slot, [m for m in slot if m in running] + named, pages, share)
    return found


def _groups(
    marginal: Iterable[Marginal], key: Callable[[Marginal], str], tolerance: float | None = None
) -> Iterator[list[Marginal]]:
    """Marginals of one key whose heights differ by no more than the tolerance from the lowest of their group."""
    by_key: dict[str, list[Marginal]] = defaultdict(list)
    for m in marginal:
        by_key[key(m)].append(m)
    for members in by_key.values():
        group: list[Marginal] = []
        allowed = tolerance or (SAME_HEIGHT_OCR if any(m.ocr for m in members) else SAME_HEIGHT)
        for m in sorted(members, key=lambda m: m.height):
            if group and m.height - group[0].height > allowed:
                yield group
                group = []
            group.append(m)
        yield group


def _is_enough(found: set[int], pages: Sequence[int], share: float) -> bool:
    if len(pages) < FEWEST_PAGES:
        return len(pages) > 1 and found == set(pages)
    sides = (pages, [p for p in pages if p % 2], [p for p in pages if not p % 2])
    return any(len(found & set(side)) >= max(FEWEST_PAGES, share * len(side)) for side in sides)


def _section_names(slot: Sequence[Marginal]) -> list[Marginal]:
    """Those that say the same on some pages in a row."""
    by_text: dict[str, list[Marginal]] = defaultdict(list)
    for m in slot:
        by_text[m.key].append(m)
    found = []
    for members in by_text.values():
        members.sort(key=lambda m: m.page)
        for _, group in groupby(enumerate(members), key=lambda pair: pair[1].page - pair[0]):
            run = [m for _, m in group]
            if len(run) >= RUN:
                found += run
    return found


def _short_sections(slot: Sequence[Marginal], known: Sequence[Marginal], pages: Sequence[int], share: float) -> list[Marginal]:
    """Names of sections of a page or two, where enough pages are known to have a running line of that size in that place."""
    if not _is_enough({m.page for m in known}, pages, share):
        return []
    size, named = median(m.size for m in known), {m.page for m in known}
    return [
        m
        for m in slot
        if m.page not in named
        and abs(m.size - size) <= (SAME_SIZE_OCR if m.ocr else SAME_SIZE) * size
        and len(m.key) <= LONGEST_NAME
        and not (ends_sentence(m.key) or AMOUNT.search(m.key))
    ]


def _elsewhere(marginal: Sequence[Marginal], running: Sequence[Marginal]) -> list[Marginal]:
    """Running texts on pages where they stand higher or lower than usual, or are broken in two.

    At the top they must bear a number: without one, the title of the first page says the same.
    """
    known: dict[Edge, list[str]] = {edge: list(dict.fromkeys(m.key for m in running if m.edge == edge)) for edge in EDGES}
    served = {(m.page, m.edge) for m in running}
    return [
        m
        for m in marginal
        if m.away
        and m.offset is None
        and (m.page, m.edge) not in served
        and (m.edge == "bottom" or "#" in m.key)
        and any(m.key == key or (len(key) >= LONG_ENOUGH and is_within(m.key, key, 1)) for key in known[m.edge])
    ]


def _beside(marginal: Sequence[Marginal], running: Sequence[Marginal]) -> list[Marginal]:
    """What stands in one line with a running text ("보통약관" at the right of the product's name), or between it and the edge."""
    lines: dict[tuple[int, Edge], float] = {}
    for m in running:
        lines[m.page, m.edge] = max(m.height, lines.get((m.page, m.edge), 0.0))
    beside = (m for m in marginal if m.height <= lines.get((m.page, m.edge), -math.inf) + SAME_HEIGHT)
    return [m for m in beside if not AMOUNT.search(m.key)]
