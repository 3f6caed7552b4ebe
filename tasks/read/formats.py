"""Which files can be read, by the end of their names, and what to do about those that cannot. Adding a format is one line here.

A reader is imported when the first file of its kind comes: what finds the sources is not to load what reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tasks.records import Kept, Page, Source

if TYPE_CHECKING:
    from tasks.read.wire import Reading

Reader = Callable[[Path, Source, int], "Iterator[Reading]"]  # the pages of a file from a number on; never raises


def _pdf(path: Path, source: Source, first: int) -> Iterator[Reading]:
    from tasks.read.pdf import pages_of

    return pages_of(path, source, first)


def _hwpx(path: Path, source: Source, first: int) -> Iterator[Reading]:
    from tasks.read.hwpx import read_hwpx

    return _whole(read_hwpx(path, source), first)


def _docx(path: Path, source: Source, first: int) -> Iterator[Reading]:
    from tasks.read.docx import read_docx

    return _whole(read_docx(path, source), first)


def _plain(path: Path, source: Source, first: int) -> Iterator[Reading]:
    from tasks.read.plain import read_plain

    return _whole(read_plain(path, source), first)


def _pictures(path: Path, source: Source, first: int) -> Iterator[Reading]:
    from tasks.read.pictures import read_pictures

    return _whole(read_pictures(path, source), first)


def _whole(kept: Kept[Page], first: int) -> Iterator[Reading]:
    from tasks.read.wire import spread

    return spread(Kept([page for page in kept.rows if page.number >= first], kept.dropped))


READERS: Final[dict[str, Reader]] = {
    ".pdf": _pdf,
    ".hwpx": _hwpx,
    ".docx": _docx,
    ".md": _plain,
    ".markdown": _plain,
    ".txt": _plain,
    ".png": _pictures,
    ".jpg": _pictures,
    ".jpeg": _pictures,
    ".tif": _pictures,
    ".tiff": _pictures,
    ".bmp": _pictures,
}
PICTURES: Final = frozenset(suffix for suffix, reader in READERS.items() if reader is _pictures)

_OFFICE = "save it as PDF in the program that made it"
ADVICE: Final[dict[str, str]] = {
    ".hwp": "is an old HWP file; open it in Hancom Office and save it as HWPX or PDF",
    ".hml": "is an old HWPML file; open it in Hancom Office and save it as HWPX or PDF",
    ".doc": "is an old Word file; save it as DOCX or PDF in Word",
    ".rtf": "is an RTF file; save it as DOCX or PDF in Word",
    ".odt": f"is an OpenDocument file; save it as DOCX, or {_OFFICE}",
    ".xls": f"is a spreadsheet; {_OFFICE}",
    ".xlsx": f"is a spreadsheet; {_OFFICE}",
    ".csv": "is a table of data; save what people are asked about as a document",
    ".ppt": f"is a presentation; {_OFFICE}",
    ".pptx": f"is a presentation; {_OFFICE}",
    ".htm": "is a web page; print it to PDF in a browser",
    ".html": "is a web page; print it to PDF in a browser",
    ".webp": "is a WebP picture; save it as PNG",
    ".heic": "is a HEIC picture; save it as JPEG",
    ".gif": "is a GIF picture; save it as PNG",
    ".zip": "is an archive; unpack it",
}


def can_read(path: Path) -> bool:
    """Whether there is a reader for a file of this name."""
    return path.suffix.lower() in READERS


def advice(path: Path) -> str:
    """Why a file of this name is not read, and what to do."""
    return ADVICE.get(path.suffix.lower(), f"its name ends in none of {' '.join(READERS)}")


def read_by_name(path: Path, source: Source, first: int = 1) -> Iterator[Reading]:
    """The pages of a source from page `first` on, by the reader of its kind. Nothing raises."""
    return READERS[Path(source.path).suffix.lower()](path, source, first)
