"""Why a line leaves the pages, and taking it out: what every filter of this step shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tasks.records import Dropped, Kept, Page

STEP = "clean"
Reason = Literal[
    "running_header",
    "running_footer",
    "page_number",
    "side_tab",
    "watermark",
    "footnote",
    "repeat",  # a line of nothing but repeated signs or unreadable codes
    "shortened",  # the line stays in a shorter form; the dropped record is the line as it was
    "blank_form",
    "boilerplate",
]
Place = tuple[int, int]  # page and block, by index


@dataclass(frozen=True, slots=True)
class Gone:
    """Why a block goes."""

    reason: Reason
    detail: str


def without(pages: Sequence[Page], gone: Mapping[Place, Gone]) -> Kept[Page]:
    """The pages without some of their blocks, and these with their reasons."""
    kept: Kept[Page] = Kept([], [])
    touched = {number for number, _ in gone}
    for number, page in enumerate(pages):
        if number not in touched:
            kept.rows.append(page)
            continue
        blocks = tuple(block for index, block in enumerate(page.blocks) if (number, index) not in gone)
        kept.rows.append(page.model_copy(update={"blocks": blocks}))
        for index, block in enumerate(page.blocks):
            if why := gone.get((number, index)):
                kept.dropped.append(Dropped.of(block, page.id, STEP, why.reason, why.detail))
    return kept
