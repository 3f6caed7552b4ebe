"""What the reading pool and its worker processes say to each other, one JSON object a line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from tasks.read.ocr.engines import EngineChoice
from tasks.records import Block, Dropped, Kept, Page, Record, Source


class ReadRequest(Record):
    """Read this file from page `first` on."""

    type: Literal["read"] = "read"
    file: str
    source: Source
    first: int = 1


class OcrRequest(Record):
    """Draw this page of the file and read it with this engine; `around_text` leaves out what the text layer holds."""

    type: Literal["ocr"] = "ocr"
    file: str
    page: Page
    engine: EngineChoice
    around_text: bool = False


class Ready(Record):
    """The worker has started."""

    type: Literal["ready"] = "ready"


class Opened(Record):
    """The file could be opened and says that it has so many pages."""

    type: Literal["opened"] = "opened"
    pages: int


class PageRead(Record):
    """A page, or None and why, and what was left out of it."""

    type: Literal["page"] = "page"
    number: int
    page: Page | None
    dropped: list[Dropped]


class Finished(Record):
    """The file has been read to its end, or was refused."""

    type: Literal["finished"] = "finished"
    dropped: list[Dropped]


class OcrRead(Record):
    """What the engine read on the page, in the page's points."""

    type: Literal["ocr_read"] = "ocr_read"
    blocks: tuple[Block, ...]
    engine: str
    dpi: int
    dropped: list[Dropped]


class OcrFailed(Record):
    """The page could not be read: why. A detail that begins with one of PASSING tells of the machine, any other of the page."""

    type: Literal["ocr_failed"] = "ocr_failed"
    detail: str

    @property
    def may_pass(self) -> bool:
        """Whether another try may succeed."""
        return self.detail.startswith(PASSING)


NO_TEXT = "read by OCR, but no text"  # why a line of a page was left out
PASSING = ("timeout: ", "crashed: ", "failed: ", "given up: ")
LOST_TO_OCR = re.compile(rf"(?:not compared with )?OCR(?: of its pictures)?: (?:{'|'.join(PASSING)})")

Reading = Opened | PageRead | Finished
Request = ReadRequest | OcrRequest
Answer = Ready | Reading | OcrRead | OcrFailed
REQUEST: TypeAdapter[Request] = TypeAdapter(Annotated[Request, Field(discriminator="type")])
ANSWER: TypeAdapter[Answer] = TypeAdapter(Annotated[Answer, Field(discriminator="type")])


def lost_to_ocr(detail: str) -> bool:
    """Whether the detail of a page tells that OCR failed on it, and that another try may succeed."""
    return LOST_TO_OCR.match(detail) is not None


def gather(reading: Iterable[Reading]) -> Kept[Page]:
    """All that was read of a file, as one result."""
    kept: Kept[Page] = Kept([], [])
    for message in reading:
        if isinstance(message, PageRead) and message.page:
            kept.rows.append(message.page)
        if not isinstance(message, Opened):
            kept.dropped.extend(message.dropped)
    return kept


def spread(kept: Kept[Page]) -> Iterator[Reading]:
    """A file that was read as a whole, page by page."""
    if kept.rows:
        yield Opened(pages=len(kept.rows))
    for page in kept.rows:
        yield PageRead(number=page.number, page=page, dropped=[])
    yield Finished(dropped=kept.dropped)
