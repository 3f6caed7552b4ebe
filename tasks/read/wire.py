"""What the reading pool and its worker processes say to each other, one JSON object a line."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from tasks.records import Dropped, Page, Record, Source


class Request(Record):
    """Read this file."""

    file: str
    source: Source


class Ready(Record):
    """The worker has started."""

    type: Literal["ready"] = "ready"


class Opened(Record):
    """The file could be opened and says that it has so many pages."""

    type: Literal["opened"] = "opened"
    pages: int


class Result(Record):
    """All pages of the file, or why there are none."""

    type: Literal["result"] = "result"
    pages: list[Page]
    dropped: list[Dropped]


Answer = Annotated[Ready | Opened | Result, Field(discriminator="type")]
ANSWER: TypeAdapter[Ready | Opened | Result] = TypeAdapter(Answer)
