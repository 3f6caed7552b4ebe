"""Running heads, running feet and page numbers leave the pages.

They stand in the margins, away from the text, and repeat at the same height. Digits vary ("법제처 7 국가법령정보센터"), so texts
are compared with their digits masked; section names vary, so a name that repeats on some pages in a row counts where most
pages have something at that height. The text is safe: it is not in the margin, or not away from its neighbours, and a line that
opens a clause or an item never counts.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from tasks.records import Block, Box, Dropped, Kept, Page
from tasks.settings import CleanSettings
from tasks.text.outline import heading, mark

STEP = "clean"
Reason = Literal["running_header", "running_footer", "page_number"]
Edge = Literal["top", "bottom"]
MARGIN = 0.1  # of the page height
SAME_HEIGHT = 3.0  # points
AWAY = 0.8  # times its own height between a running line and the text
FEWEST_PAGES = 3  # two, if the document has no more and both agree to half a point
RUN = 3  # pages in a row on which a section's name repeats
DIGITS = re.compile(r"\d+")
PAGE_NUMBER = re.compile(
    r"(?i)[-–—·\s\[(]*(?:page\s*|p\.?\s*|제\s*)?(?:\d{1,5}|[ivxl]{1,7})(?:\s*(?:/|of)\s*\d{1,5})?\s*(?:쪽|면|페이지)?[-–—·\s\])]*"
)


@dataclass(frozen=True, slots=True)
class Marginal:
    """A block in the margin of a page (both by index). `height` is its distance from that edge of the page."""

    page: int
    block: int
    edge: Edge
    height: float
    text: str
    away: bool

    @property
    def masked(self) -> str:
        """Its text with the digits masked; all page numbers are one."""
        return "#" if PAGE_NUMBER.fullmatch(self.text) else DIGITS.sub("#", self.text)

    @property
    def reason(self) -> Reason:
        """Under which name it goes."""
        if PAGE_NUMBER.fullmatch(self.text):
            return "page_number"
        return "running_header" if self.edge == "top" else "running_footer"


def clean_pages(pages: Sequence[Page], settings: CleanSettings) -> Kept[Page]:
    """The pages of one document without what repeats in their margins."""
    marginal = [m for number, page in enumerate(pages) for m in _marginals(number, page)]
    with_text = [number for number, page in enumerate(pages) if page.blocks]
    running = _running(marginal, with_text, settings.repeat_share)
    gone = {(m.page, m.block): m for m in [*running, *_beside(marginal, running)]}
    kept: Kept[Page] = Kept([], [])
    for number, page in enumerate(pages):
        blocks = tuple(block for index, block in enumerate(page.blocks) if (number, index) not in gone)
        kept.rows.append(page if len(blocks) == len(page.blocks) else page.model_copy(update={"blocks": blocks}))
        for index, block in enumerate(page.blocks):
            if m := gone.get((number, index)):
                kept.dropped.append(Dropped.of(block, page.id, STEP, m.reason, f"in the {m.edge} margin"))
    return kept


def _marginals(number: int, page: Page) -> Iterator[Marginal]:
    places = [_upright(block, page) for block in page.blocks]
    for index, (block, (top, bottom, height)) in enumerate(zip(page.blocks, places, strict=True)):
        edge: Edge = "top" if top < height - bottom else "bottom"
        distance, depth = (top, bottom) if edge == "top" else (height - bottom, height - top)
        if depth <= MARGIN * height and not _opens_a_clause(block.text):
            text = " ".join(block.text.split())
            away = bool(PAGE_NUMBER.fullmatch(text)) or _is_away(places, index, edge)
            yield Marginal(number, index, edge, distance, text, away)


def _upright(block: Block, page: Page) -> tuple[float, float, float]:
    """Top and bottom of a block, and the page's height, as read: lines shown sideways run down the page."""
    box = block.box
    if _is_sideways(box) and len(block.text) > 3:
        return page.width - box.x1, page.width - box.x0, page.width
    return box.y0, box.y1, page.height


def _is_sideways(box: Box) -> bool:
    return box.y1 - box.y0 > 2 * (box.x1 - box.x0)


def _opens_a_clause(text: str) -> bool:
    if PAGE_NUMBER.fullmatch(text):
        return False
    opened = heading(text)
    return mark(text) is not None or (opened is not None and opened.level in ("article", "supplement"))


def _is_away(places: Sequence[tuple[float, float, float]], index: int, edge: Edge) -> bool:
    """Whether the text of the page stands clear of the block; without text between the margins it is the text itself."""
    top, bottom, height = places[index]
    middle = (top + bottom) / 2
    if edge == "top":
        gaps = [other - bottom for other, _, _ in places if middle < other < (1 - MARGIN) * height]
    else:
        gaps = [top - other for _, other, _ in places if MARGIN * height < other < middle]
    return bool(gaps) and min(gaps) >= AWAY * (bottom - top)


def _running(marginal: Sequence[Marginal], pages: Sequence[int], share: float) -> list[Marginal]:
    """Texts that repeat at one height on enough pages, or on enough of the odd or the even ones; and section names."""
    found: list[Marginal] = []
    tolerance = SAME_HEIGHT if len(pages) >= FEWEST_PAGES else 0.5
    for same in _groups(marginal, lambda m: f"{m.edge} {m.masked}", tolerance):
        if _is_enough({m.page for m in same if m.away}, pages, share):
            found += same
    for slot in _groups([m for m in marginal if m.away], lambda m: m.edge, SAME_HEIGHT):
        if len(pages) >= FEWEST_PAGES and _is_enough({m.page for m in slot}, pages, share):
            found += _section_names(slot)
    return found


def _groups(marginal: Iterable[Marginal], key: Callable[[Marginal], str], tolerance: float) -> Iterator[list[Marginal]]:
    """Marginals of one key whose heights differ by no more than the tolerance from the lowest of their group."""
    by_key: dict[str, list[Marginal]] = defaultdict(list)
    for m in marginal:
        by_key[key(m)].append(m)
    for members in by_key.values():
        group: list[Marginal] = []
        for m in sorted(members, key=lambda m: m.height):
            if group and m.height - group[0].height > tolerance:
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
        by_text[m.masked].append(m)
    found = []
    for members in by_text.values():
        members.sort(key=lambda m: m.page)
        for _, group in groupby(enumerate(members), key=lambda pair: pair[1].page - pair[0]):
            run = [m for _, m in group]
            if len(run) >= RUN:
                found += run
    return found


def _beside(marginal: Sequence[Marginal], running: Sequence[Marginal]) -> list[Marginal]:
    """What stands in one line with a running text: "보통약관" at the right of the product's name."""
    lines = {(m.page, m.edge, m.height) for m in running}
    return [
        m
        for m in marginal
        if any(m.page == page and m.edge == edge and abs(m.height - height) <= SAME_HEIGHT for page, edge, height in lines)
    ]
