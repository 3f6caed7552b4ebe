"""Why a file that is no PDF was not read, or something in it was left out: one closed list for all these readers."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable
from typing import Literal
from xml.parsers.expat import ExpatError

from tasks.records import Block, Dropped, Kept, Page, Source

STEP = "read"
Reason = Literal[
    "encrypted",
    "broken",
    "no_text",
    "wrong_type",
    "empty",
    "unreadable",
    "too_large",
    "undecodable",
    "running_header",
    "running_footer",
    "footnote",
    "endnote",
    "hidden",
    "front_matter",
    "picture",
]  # those from running_header on are of blocks
# What zipfile, zlib and expat raise over damaged files; RuntimeError is zipfile's word for a password.
BROKEN = (zipfile.BadZipFile, zlib.error, ExpatError, EOFError, NotImplementedError, RuntimeError, ValueError, LookupError)


class Unusable(Exception):  # noqa: N818  a value on its way to a Dropped row
    """A file that cannot be used: reason and detail of the dropped source."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail


def guarded(source: Source, read: Callable[[], Kept[Page]]) -> Kept[Page]:
    """What `read` returns, or the source dropped with what is wrong with it. Nothing raises."""
    try:
        return read()
    except Unusable as exc:
        return refuse(source, exc.reason, exc.detail)
    except (MemoryError, RecursionError):
        return refuse(source, "too_large", "needs more memory than a reading process may take")
    except OSError as exc:
        return refuse(source, "unreadable", exc.strerror or "cannot be read")
    except BROKEN as exc:
        return refuse(source, "broken", short(exc))


def refuse(source: Source, reason: Reason, detail: str) -> Kept[Page]:
    """No pages, and the source with why."""
    return Kept([], [Dropped.of(source, source.id, STEP, reason, detail)])


def leave_out(block: Block, page_id: str, reason: Reason, detail: str) -> Dropped:
    """A piece of text that a reader left out on purpose."""
    return Dropped.of(block, page_id, STEP, reason, detail)


def short(exc: Exception) -> str:
    """What a library raised, in one line of at most 300 characters."""
    text = f"{type(exc).__name__}: {' '.join(str(exc).split())}"[:300]
    return text.encode("utf-8", "replace").decode()  # a library may quote the file's bytes
