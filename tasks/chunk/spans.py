"""From characters of a chunk back to places on the pages."""

from __future__ import annotations

from tasks.records import Chunk, Region


def regions_of(chunk: Chunk, start: int, end: int) -> tuple[Region, ...]:
    """The boxes of the lines that characters `start..end` of the chunk's text touch, in reading order."""
    touched = [span for span in chunk.spans if max(span.start, start) < min(span.end, end)]
    return tuple(Region(page=span.page, box=span.box) for span in touched)
