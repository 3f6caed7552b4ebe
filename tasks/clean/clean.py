"""All that leaves the pages of a document before they are cut: what the printer added, and what says nothing.

The filters run in this order because each sees the page that the one before it leaves: footnotes stand above page numbers, a
form is blank once its running head is gone.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from itertools import chain

from tasks.clean.corpus import drop_boilerplate
from tasks.clean.footnotes import drop_footnotes
from tasks.clean.furniture import drop_furniture
from tasks.clean.junk import drop_junk
from tasks.records import Kept, Page
from tasks.settings import CleanSettings


def clean_pages(pages: Sequence[Page], settings: CleanSettings, boilerplate: Set[str] = frozenset()) -> Kept[Page]:
    """The pages of one document without running lines, footnotes, junk and the corpus's `boilerplate`."""
    running = drop_furniture(pages, settings)
    notes = drop_footnotes(running.rows)
    junk = drop_junk(notes.rows)
    notices = drop_boilerplate(junk.rows, boilerplate)
    return Kept(notices.rows, list(chain(running.dropped, notes.dropped, junk.dropped, notices.dropped)))
