"""Running heads, running feet and page numbers leave the pages.

They stand in the margins, away from the text, and repeat at the same height. Digits vary ("법제처 7 국가법령정보센터"), so texts
are compared with their digits masked. A line of the text that happens to repeat is safe: it is not in the margin, and a line
that opens a clause or an item never counts.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from tasks.records import Block, Dropped, Page
from tasks.settings import CleanSettings
from tasks.store import Kept
from tasks.text.outline import heading, mark

STEP = "clean"
Reason = Literal["running_header", "running_footer", "page_number"]
Edge = Literal["top", "bottom"]
MARGIN = 0.1  # of the page height
SAME_HEIGHT = 3.0  # points
AWAY = 0.8  # times its own height between a running line and the text
FEWEST_PAGES = 3
RUN = 3  # pages in a row on which a section's name must repeat
DIGITS = re.compile(r"\d+")
PAGE_NUMBER = re.compile(
    r"(?i)[-–—·\s\[(]*(?:page\s*|p\.?\s*|제\s*)?(?:\d{1,4}|[ivxl]{1,7})(?:\s*(?:/|of)\s*\d{1,4})?\s*(?:쪽|면|페이지)?[-–—·\s\])]*"
)


@dataclass(frozen=True, slots=True)
class Margin:
    """A block in a margin of its page. `height` is the distance from that edge to the block."""

    page: int
    index: int
    edge: Edge
    block: Block
    height: float
    away: bool

    @property
    def masked(self) -> str:
        """Its text with the digits masked."""
        return DIGITS.sub("#", " ".join(self.block.text.split()))


def clean_pages(pages: Sequence[Page], settings: CleanSettings) -> Kept[Page]:
    """The pages of one document without what repeats in their margins."""
    margins = [m for at, page in enumerate(pages) for m in _margins(at, page)]
    running = _running(margins, pages, settings)
    beside = _beside(margins, running)
    kept: Kept[Page] = Kept([], [])
    gone = {(m.page, m.index): m for m in [*running, *beside]}
    for at, page in enumerate(pages):
        blocks = tuple(block for index, block in enumerate(page.blocks) if (at, index) not in gone)
        kept.rows.append(page.model_copy(update={"blocks": blocks}) if len(blocks) < len(page.blocks) else page)
        for index, block in enumerate(page.blocks):
            if margin := gone.get((at, index)):
                kept.dropped.append(Dropped.of(block, page.id, STEP, _reason(margin), f"in the {margin.edge} margin"))
    return kept
