"""PDF files to pages of lines. Everything that is read here is hostile until proven otherwise.

A page's text layer is taken when it can be trusted (`tasks.read.plausible`); if not, the page says that it needs OCR, and why.
What MuPDF cannot read, pdfium may: it is asked for a second opinion, about a page or about the whole file.
"""

# mypy: disallow-untyped-calls=False
# (pymupdf says that it is typed, and is not)
from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, Literal, TypeVar

import numpy as np
import pymupdf

from tasks.read.layer import FEW_SPACES, Layer, read_layer
from tasks.read.plausible import FEW, fault_of, mix_of
from tasks.read.refusal import short
from tasks.read.second import SecondOpinion
from tasks.read.suspicion import HiddenReason
from tasks.read.tables import find_tables
from tasks.read.wire import Finished, Opened, PageRead, Reading, gather
from tasks.records import Block, Box, Dropped, Kept, Origin, Page, Source
from tasks.text.normal import comparable, stored

STEP = "read"
Reason = Literal[
    "encrypted", "broken", "no_pages", "not_a_pdf", "empty", "unreadable", "page_failed", "crashed", "timeout"
]  # the last two are the pool's
HIDDEN: Final[dict[HiddenReason, str]] = {
    "same_colour": "hidden_same_colour",
    "transparent": "hidden_transparent",
    "invisible": "hidden_invisible",
    "tiny": "hidden_tiny",
    "outside": "hidden_outside",
    "clipped": "hidden_clipped",
    "covered": "hidden_covered",
    "actual_text": "hidden_actual_text",
    "unchecked": "hidden_unchecked",
}  # why text that nobody sees is dropped

BIG_IMAGE = 0.4  # share of the page from which on a picture may be the page
WHOLE_PAGE = 0.8  # and from which on it is all that there is beside a stamp
STAMPS = 0.12  # of the height of the page, at its top and its foot
FIELDS = 100  # across and down, in which the share is counted
SOME_IMAGE = 0.25  # and from which on it may hold text of its own
MANY_CURVES = 300  # shapes that are no rectangles: more than charts have, fewer than a page of letters drawn as outlines
DIFFERENT = 0.02  # of the characters: what two readers of one page may differ by
MORE_SPACES = 1.5  # times as many as we found
FAILED_IN_A_ROW = 20
HEADER_BYTES = 1024
LOOKS_LIKE = {
    b"version https://git-lfs": "is a Git LFS pointer; fetch the file with: git lfs pull",
    b"\x89PNG": "is a PNG image",
    b"\xff\xd8\xff": "is a JPEG image",
    b"PK\x03\x04": "is a ZIP archive (or an Office file)",
    b"<": "is an HTML or XML page; the download failed?",
}

SYLLABLES = re.compile("[가-힣]")
T = TypeVar("T")

pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)


def read_pdf(path: Path, source: Source) -> Kept[Page]:
    """The pages of a PDF. A file that cannot be used is dropped whole, a page that fails alone; nothing raises."""
    return gather(pages_of(path, source))


def pages_of(path: Path, source: Source, first: int = 1) -> Iterator[Reading]:
    """The pages of a PDF one by one from page `first` on: how many there are, then each of them, then the end. Nothing raises."""
    try:
        with path.open("rb") as file:
            head = file.read(HEADER_BYTES)
    except OSError as exc:
        yield _refuse(source, "unreadable", exc.strerror or str(exc))
        return
    if not head:
        yield _refuse(source, "empty", "the file has no bytes")
    elif b"%PDF-" not in head and (other := _looks_like(head)):
        yield _refuse(source, "not_a_pdf", other)
    else:  # MuPDF mends files that lost their header or have something before it
        yield from _opened(path, source, first, "broken" if b"%PDF-" in head else "not_a_pdf")


def _opened(path: Path, source: Source, first: int, fault_if_not: Reason) -> Iterator[Reading]:
    try:
        document = pymupdf.open(path, filetype="pdf")
        fault, detail = _unusable(document)
    except Exception as exc:  # noqa: BLE001  MuPDF raises a dozen unrelated types, some derived from Exception alone
        detail = short(exc) if fault_if_not == "broken" else "has no %PDF- header, and cannot be mended"
        yield from _as_pdfium_reads_it(path, source, first, fault_if_not, detail)
        return
    with document, contextlib.closing(_Second(path)) as second:
        if fault == "no_pages":
            yield from _as_pdfium_reads_it(path, source, first, fault, detail)
            return
        if fault:
            yield _refuse(source, fault, detail)
            return
        yield Opened(pages=document.page_count)
        yield from _pages(document, second, source, first)


def _pages(document: pymupdf.Document, second: _Second, source: Source, first: int) -> Iterator[Reading]:
    def each() -> Iterator[PageRead]:
        by_character = False
        for number in range(first, document.page_count + 1):
            read, by_character = _page_or_failure(document, second, source, number, by_character)
            yield read

    return _while_some_can_be_read(each(), source)


def _while_some_can_be_read(reads: Iterator[PageRead], source: Source) -> Iterator[Reading]:
    """The pages, unless many in a row fail: a file may claim a million of them."""
    failed = 0
    for read in reads:
        yield read
        failed = 0 if read.page else failed + 1
        if failed == FAILED_IN_A_ROW:
            detail = f"{failed} pages in a row failed; the rest of the file, from page {read.number + 1} on, was given up"
            yield _refuse(source, "page_failed", detail)
            return
    yield Finished(dropped=[])


class _Second:
    """A second opinion, opened when it is first asked for. Where pdfium fails too, there is no page and no text."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opinion: SecondOpinion | None = None

    @property
    def pages(self) -> int:
        """How many pages pdfium sees."""
        return self._ask(lambda opinion: opinion.pages, 0)

    def blocks(self, number: int) -> tuple[Block, ...]:
        """The lines of a page."""
        return self._ask(lambda opinion: opinion.blocks(number), ())

    def seen(self, number: int, blocks: Sequence[Block]) -> list[bool]:
        """Which lines leave ink; none where that cannot be found out."""
        return self._ask(lambda opinion: opinion.seen(number, blocks), [False] * len(blocks))

    def size(self, number: int) -> tuple[float, float]:
        """Width and height of a page in points."""
        return self._ask(lambda opinion: opinion.size(number), (0.0, 0.0))

    def close(self) -> None:
        """Close the file."""
        if self._opinion:
            self._opinion.close()

    def _ask(self, question: Callable[[SecondOpinion], T], nothing: T) -> T:
        try:
            self._opinion = self._opinion or SecondOpinion(self._path)
            return question(self._opinion)
        except Exception:  # noqa: BLE001  hostile bytes in ctypes: whatever it is, there is no second opinion
            return nothing


def _as_pdfium_reads_it(path: Path, source: Source, first: int, fault: Reason, detail: str) -> Iterator[Reading]:
    """A file that MuPDF does not open. Damaged files are often of one piece to pdfium."""
    with contextlib.closing(_Second(path)) as second:
        if not second.pages:
            yield _refuse(source, fault, detail)
            return
        yield Opened(pages=second.pages)
        reads = (_by_pdfium(second, source, number, detail) for number in range(first, second.pages + 1))
        yield from _while_some_can_be_read(reads, source)


def _unusable(document: pymupdf.Document) -> tuple[Reason | Literal[""], str]:
    if document.needs_pass:
        return "encrypted", "needs a password; save an unprotected copy"
    if not document.is_pdf:
        return "not_a_pdf", "opens, but not as a PDF"
    if document.page_count == 0:
        return "no_pages", "opens, but has no page; cut off or damaged?"
    return "", ""


def _page_or_failure(
    document: pymupdf.Document, second: _Second, source: Source, number: int, by_character: bool
) -> tuple[PageRead, bool]:
    """A page, and whether its characters were needed one by one: then those of the next one will be, too."""
    try:
        loaded = document[number - 1]
        layer = read_layer(loaded, by_character)
        page, hidden = _page_of(loaded, layer, source, number)
    except Exception as exc:  # noqa: BLE001  as above; one bad page does not spoil the others
        return _by_pdfium(second, source, number, short(exc)), by_character
    if not hidden:  # pdfium reads what is hidden, too
        page = _with_more_spaces(page, second)
    return PageRead(number=number, page=page, dropped=hidden), layer.by_character


def _by_pdfium(second: _Second, source: Source, number: int, detail: str) -> PageRead:
    """A page that MuPDF fails on."""
    found = second.blocks(number)
    seen = second.seen(number, found)
    blocks = tuple(block for block, ink in zip(found, seen, strict=True) if ink)
    page = new_page(source, number, second.size(number), "text", "second_opinion", blocks)
    if not blocks:
        return PageRead(number=number, page=None, dropped=[Dropped.of(page, page.id, STEP, "page_failed", detail)])
    fault = fault_of(mix_of(page.text))
    page = page.model_copy(update={"origin": "needs_ocr", "reason": fault} if fault else {"engine": "pdfium", "detail": detail})
    hidden = [block for block, ink in zip(found, seen, strict=True) if not ink]
    return PageRead(number=number, page=page, dropped=[_unseen(block, page, "unchecked") for block in hidden])


def _unseen(block: Block, page: Page, reason: HiddenReason) -> Dropped:
    return Dropped.of(block, page.id, STEP, HIDDEN[reason], "nobody sees it on the page")


def _with_more_spaces(page: Page, second: _Second) -> Page:
    """The page as pdfium reads it, where the spaces stay implausibly few and pdfium finds many more of them."""
    if page.origin != "text" or not _is_short_of_spaces(page.text):
        return page
    blocks = second.blocks(page.number)
    text = "\n".join(block.text for block in blocks)
    more = text.count(" ") >= MORE_SPACES * max(1, page.text.count(" ")) and not _is_short_of_spaces(text)
    if not more or abs(len(comparable(text)) - len(comparable(page.text))) > DIFFERENT * len(comparable(page.text)):
        return page
    return page.model_copy(update={"blocks": blocks, "engine": "pdfium", "reason": "second_opinion", "detail": "few word spaces"})


def _is_short_of_spaces(text: str) -> bool:
    spaces = text.count(" ")
    if spaces >= FEW_SPACES * len(text):
        return False
    syllables = len(SYLLABLES.findall(text))
    return syllables >= FEW and spaces < FEW_SPACES * syllables


def _page_of(page: pymupdf.Page, layer: Layer, source: Source, number: int) -> tuple[Page, list[Dropped]]:
    """A page, and the text on it that nobody sees."""
    turn = page.rotation_matrix if page.rotation else None
    origin, reason = _verdict(page, layer)
    read = new_page(source, number, (page.rect.width, page.rect.height), origin, reason, tuple(_blocks(layer, turn)))
    hidden = ((Block(text=stored(h.text), box=_box(h.box, turn)), h.reason) for h in layer.hidden)
    return read, [_unseen(block, read, reason) for block, reason in hidden]


def _blocks(layer: Layer, turn: pymupdf.Matrix | None) -> Iterator[Block]:
    """The lines in order; a table stands where its first line stood."""
    tables = find_tables(layer.grids, layer.lines)
    first = {table.lines[0]: table for table in tables}
    inside = {i for table in tables for i in table.lines}
    for i, line in enumerate(layer.lines):
        if table := first.get(i):
            yield Block(kind="table", text=table.markdown, box=_box(table.box, turn))
        elif i not in inside:
            yield Block(text=line.text, box=_box(line.box, turn))


def _verdict(page: pymupdf.Page, layer: Layer) -> tuple[Origin, str]:
    """Where the text of the page is to come from, and why."""
    if fault := fault_of(layer.mix):
        return "needs_ocr", fault
    few = layer.mix.good < FEW
    share = _image_share(page) if few or page.get_images() else 0.0  # pictures inside the page's own commands are not listed
    if share >= BIG_IMAGE and (few or (share >= WHOLE_PAGE and _is_stamped(page, layer))):
        return "needs_ocr", "image_page"
    if few and sum(not v["isrect"] for v in layer.vectors) >= MANY_CURVES:
        return "needs_ocr", "outlined_text"
    if not layer.lines:
        return "blank", "no_text"
    if share >= BIG_IMAGE and layer.unseen > layer.mix.all / 2:
        return "text", "ocr_layer"
    return "text", "partial" if share > SOME_IMAGE else "text_layer"


def new_page(
    source: Source, number: int, size: tuple[float, float], origin: Origin, reason: str, blocks: tuple[Block, ...]
) -> Page:
    """A page of a source; `size` in points."""
    width, height = (round(_finite(v), 2) for v in size)
    engine = "pymupdf" if origin == "text" else ""
    return Page(
        document=source.id,
        path=source.path,
        number=number,
        width=width,
        height=height,
        origin=origin,
        engine=engine,
        reason=reason,
        blocks=blocks,
    )


def _box(box: tuple[float, float, float, float], turn: pymupdf.Matrix | None) -> Box:
    """The box on the page as it is shown."""
    x0, y0, x1, y1 = box if turn is None else pymupdf.Rect(box) * turn
    if not math.isfinite(x0 + y0 + x1 + y1):
        x0, y0, x1, y1 = map(_finite, (x0, y0, x1, y1))
    return Box(x0=round(x0, 2), y0=round(y0, 2), x1=round(x1, 2), y1=round(y1, 2))


def _finite(value: float) -> float:
    return value if math.isfinite(value) else 0.0


def _is_stamped(page: pymupdf.Page, layer: Layer) -> bool:
    """Whether there is next to no text between the margins: a scan with a line that was printed on it later."""
    top, bottom = STAMPS * page.rect.height, (1 - STAMPS) * page.rect.height
    boxes = ((line.text, pymupdf.Rect(line.box) * page.rotation_matrix) for line in layer.lines)
    return sum(len(text.strip()) for text, box in boxes if box.y1 > top and box.y0 < bottom) < FEW


def _image_share(page: pymupdf.Page) -> float:
    """The share of the page that images cover; scanners cut a page into strips. Counted in fields, as images overlap."""
    x0, y0, x1, y1 = page.rect * page.derotation_matrix
    if not (x1 > x0 and y1 > y0):
        return 0.0
    covered = np.zeros((FIELDS, FIELDS), dtype=np.bool_)
    for info in page.get_image_info():
        a0, b0, a1, b1 = info["bbox"]
        left, right = (_field((a - x0) / (x1 - x0)) for a in (a0, a1))
        upper, lower = (_field((b - y0) / (y1 - y0)) for b in (b0, b1))
        covered[upper:lower, left:right] = True
    return float(covered.mean())


def _field(place: float) -> int:
    return round(FIELDS * min(1.0, max(0.0, _finite(place))))


def _looks_like(head: bytes) -> str:
    """What else the bytes are; empty when that is not known."""
    text = head.lstrip()
    return next((what for magic, what in LOOKS_LIKE.items() if text.startswith(magic)), "")


def _refuse(source: Source, reason: Reason, detail: str) -> Finished:
    return Finished(dropped=[Dropped.of(source, source.id, STEP, reason, detail)])
