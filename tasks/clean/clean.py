"""All that leaves the pages of a document before they are cut: what the printer added, and what says nothing.

The filters run in this order because each sees the page that the one before it leaves: footnotes stand above page numbers, a
form is blank once its running head is gone. What only the whole corpus shows goes in a pass of its own (`corpus.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

from tasks.clean.footnotes import drop_footnotes
from tasks.clean.furniture import drop_furniture
from tasks.clean.junk import drop_junk
from tasks.records import Kept, Page
from tasks.settings import CleanSettings


def clean_pages(pages: Sequence[Page], settings: CleanSettings) -> Kept[Page]:
    """The pages of one document without running lines, footnotes and junk."""
    running = drop_furniture(pages, settings)
    notes = drop_footnotes(running.rows)
    junk = drop_junk(notes.rows)
    return Kept(junk.rows, [*running.dropped, *notes.dropped, *junk.dropped])
