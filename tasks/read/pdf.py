"""PDF files to pages of lines. The only module that imports pymupdf; everything it reads is hostile until proven otherwise.

MuPDF makes a word space out of a gap, but never after a Hangul syllable, so files that draw no space glyphs (Hancom exports)
come out without spaces. On a page where it made a space itself, or where Hangul has hardly any, the characters are taken one
by one and a gap of more than 0.15 em is a space (precision .999, recall 1.000 against pypdfium2). Other pages draw their
spaces, and need no such care. Lines come in the order of the file: sorting them would interleave columns.
"""

# mypy: disallow-untyped-calls=False
# (pymupdf says that it is typed, and is not)
from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pymupdf

from tasks.read.plausible import FEW, Mix, OcrReason, fault_of, letters_missing, lone_space_code, mix_of
from tasks.records import Block, Box, Dropped, Kept, Origin, Page, Source
from tasks.text.normal import stored

STEP = "read"
Reason = Literal[
    "encrypted", "broken", "no_pages", "not_a_pdf", "empty", "unreadable", "page_failed", "crashed", "timeout"
]  # the last two are the pool's

FLAGS = pymupdf.TEXTFLAGS_RAWDICT & ~pymupdf.TEXT_PRESERVE_IMAGES
SYNTHETIC = 512  # char_flags of a space that MuPDF made out of a gap
GAP_EM = 0.15
SAME_LINE_EM = 0.8  # MuPDF itself begins a new line at a wider gap
FEW_SPACES = 0.12  # per syllable; laws have .23-.34, files without space glyphs below .08
BIG_IMAGE = 0.4  # share of the page
HEADER_BYTES = 1024
WHITE = re.compile(r"[\s\xa0]+")
LOOKS_LIKE = {
    b"version https://git-lfs": "is a Git LFS pointer; fetch the file with: git lfs pull",
    b"\x89PNG": "is a PNG image",
    b"\xff\xd8\xff": "is a JPEG image",
    b"PK\x03\x04": "is a ZIP archive (or an Office file)",
    b"<": "is an HTML or XML page; the download failed?",
}

pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)


class Line(NamedTuple):
    """A line on the page: its text, its box (unrotated), its direction and font size."""

    text: str
    box: tuple[float, float, float, float]
    direction: tuple[float, float]
    size: float


def read_pdf(path: Path, source: Source, on_open: Callable[[int], None] | None = None) -> Kept[Page]:
    """The pages of a PDF. A file that cannot be used is dropped whole, a page that fails alone; nothing raises.

    `on_open` is told the number of pages before the first one is read.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEADER_BYTES)
    except OSError as exc:
        return _refuse(source, "unreadable", exc.strerror or str(exc))
    if not head:
        return _refuse(source, "empty", "the file has no bytes")
    if b"%PDF-" not in head:
        return _refuse(source, "not_a_pdf", _looks_like(head))
    try:
        with pymupdf.open(path, filetype="pdf") as document:
            return _read(document, source, on_open)
    except Exception as exc:  # noqa: BLE001  MuPDF raises a dozen unrelated types, some derived from Exception alone
        return _refuse(source, "broken", _short(exc))


def _read(document: pymupdf.Document, source: Source, on_open: Callable[[int], None] | None) -> Kept[Page]:
    if document.needs_pass:
        return _refuse(source, "encrypted", "needs a password; save an unprotected copy")
    if not document.is_pdf:
        return _refuse(source, "not_a_pdf", "opens, but not as a PDF")
    if document.page_count == 0:
        return _refuse(source, "no_pages", "opens, but has no page; cut off or damaged?")
    if on_open:
        on_open(document.page_count)
    kept: Kept[Page] = Kept([], [])
    mixes: list[Mix] = []
    for number in range(1, document.page_count + 1):
        try:
            page, mix = _read_page(document[number - 1], source, number)
        except Exception as exc:  # noqa: BLE001  as above; one bad page does not spoil the others
            failed = _page(source, number, (0, 0), "blank", "page_failed", ())
            kept.dropped.append(Dropped.of(failed, failed.id, STEP, "page_failed", _short(exc)))
        else:
            kept.rows.append(page)
            mixes.append(mix)
    if letters_missing(mixes):
        return Kept([_needs_ocr(p, "letters_missing") if p.origin == "text" else p for p in kept.rows], kept.dropped)
    return kept


def _read_page(page: pymupdf.Page, source: Source, number: int) -> tuple[Page, Mix]:
    lines, mix = _lines(page)
    fault = fault_of(mix)
    if not fault and mix.good < FEW and _image_share(page) >= BIG_IMAGE:
        fault = "image_page"
    turn = page.rotation_matrix if page.rotation else None
    blocks = tuple(Block(text=line.text, box=_box(line.box, turn)) for line in lines)
    size = page.rect.width, page.rect.height
    if fault:
        return _page(source, number, size, "needs_ocr", fault, blocks), mix
    if not blocks:
        return _page(source, number, size, "blank", "no_text", ()), mix
    return _page(source, number, size, "text", "text_layer", blocks), mix


def _page(source: Source, number: int, size: tuple[float, float], origin: Origin, reason: str, blocks: tuple[Block, ...]) -> Page:
    width, height = (round(_finite(v), 2) for v in size)
    return Page(
        document=source.id,
        path=source.path,
        number=number,
        width=width,
        height=height,
        origin=origin,
        engine="pymupdf" if origin == "text" else "",
        reason=reason,
        blocks=blocks,
    )


def _needs_ocr(page: Page, reason: OcrReason) -> Page:
    return page.model_copy(update={"origin": "needs_ocr", "engine": "", "reason": reason})


def _lines(page: pymupdf.Page) -> tuple[list[Line], Mix]:
    """Lines with text in the order of the file, their spaces repaired, pieces of one line put together; and their mix."""
    textpage = page.get_textpage(flags=FLAGS)
    raw = [line for block in textpage.extractDICT()["blocks"] for line in block.get("lines", ())]
    text = "".join(span["text"] for line in raw for span in line["spans"])
    code = lone_space_code(text) or " "
    text = text.replace(code, " ")
    mix = mix_of(text)
    text_of = _text_with_gaps_between_spans
    if _made_a_space(raw) or text.count(" ") < FEW_SPACES * mix.syllables:
        raw = [line for block in textpage.extractRAWDICT()["blocks"] for line in block.get("lines", ())]
        text_of = _text_with_gaps_between_characters
    found: list[Line] = []
    for line in raw:
        characters = text_of(line).replace(code, " ")
        if not (clean := _clean(characters)):
            continue
        new = Line(clean, _trimmed(line, characters), line["dir"], line["spans"][0]["size"])
        if found and (gap := _gap_on_same_line(found[-1], new)) is not None:
            found[-1] = _joined(found[-1], new, gap)
        else:
            found.append(new)
    return found, mix


def _made_a_space(lines: list[dict[str, Any]]) -> bool:
    return any(span["char_flags"] & SYNTHETIC for line in lines for span in line["spans"])


def _clean(text: str) -> str:
    """NFC, single spaces, at most one trailing space: it tells that the line broke between two words."""
    if not (text.isprintable() and unicodedata.is_normalized("NFC", text)):
        text = stored(WHITE.sub(" ", text))
    words = text.split()
    return " ".join(words) + (" " if words and text.endswith(" ") else "")


def _text_with_gaps_between_spans(line: dict[str, Any]) -> str:
    text, end = "", -math.inf
    start_of, end_of = _axis(line["dir"])
    for span in line["spans"]:
        piece, box = span["text"], span["bbox"]
        if text and start_of(box) - end > GAP_EM * span["size"] and not (text[-1].isspace() or piece[:1].isspace()):
            text += " "
        text, end = text + piece, end_of(box)
    return text


def _text_with_gaps_between_characters(line: dict[str, Any]) -> str:
    text: list[str] = []
    start_of, end_of = _axis(line["dir"])
    end, after_space = math.inf, True
    for span in line["spans"]:
        gap = GAP_EM * span["size"]
        for char in span["chars"]:
            c, box = char["c"], char["bbox"]
            space = c.isspace()
            if not (space or after_space) and start_of(box) - end > gap:
                text.append(" ")
            text.append(c)
            end, after_space = end_of(box), space
    return "".join(text)


Edge = Callable[[tuple[float, float, float, float]], float]
NOWHERE: tuple[Edge, Edge] = (lambda b: 0.0, lambda b: 0.0)
AXES: dict[tuple[int, int], tuple[Edge, Edge]] = {
    (1, 0): (lambda b: b[0], lambda b: b[2]),
    (0, 1): (lambda b: b[1], lambda b: b[3]),
    (-1, 0): (lambda b: -b[2], lambda b: -b[0]),
    (0, -1): (lambda b: -b[3], lambda b: -b[1]),
}


def _axis(direction: tuple[float, float]) -> tuple[Edge, Edge]:
    """Where a character box begins and ends in writing direction; slanted lines have no gaps."""
    if max(abs(direction[0]), abs(direction[1])) < 0.99:
        return NOWHERE
    return AXES[round(direction[0]), round(direction[1])]


def _trimmed(line: dict[str, Any], text: str) -> tuple[float, float, float, float]:
    """The box of a line without the white space around its text (a space is about 0.3 em wide)."""
    x0, y0, x1, y1 = line["bbox"]
    if line["dir"][0] < 0.99:
        return x0, y0, x1, y1
    space = 0.3 * line["spans"][0]["size"]
    left, right = len(text) - len(text.lstrip()), len(text) - len(text.rstrip())
    cut = min(1.0, (x1 - x0) / 2 / (space * (left + right))) if left + right and space else 0.0
    return x0 + left * space * cut, y0, x1 - right * space * cut, y1


def _gap_on_same_line(a: Line, b: Line) -> float | None:
    """The gap between two pieces on one baseline, close to each other; None when they are two lines."""
    if a.direction[0] < 0.99 or b.direction[0] < 0.99:
        return None
    shared = min(a.box[3], b.box[3]) - max(a.box[1], b.box[1])
    gap = b.box[0] - a.box[2]
    close = -GAP_EM * b.size <= gap <= SAME_LINE_EM * b.size
    return gap if close and shared > 0.6 * min(a.box[3] - a.box[1], b.box[3] - b.box[1]) else None


def _joined(a: Line, b: Line, gap: float) -> Line:
    space = " " if gap > GAP_EM * b.size and not a.text.endswith(" ") else ""
    box = (a.box[0], min(a.box[1], b.box[1]), b.box[2], max(a.box[3], b.box[3]))
    return Line(a.text + space + b.text, box, a.direction, a.size)


def _box(box: tuple[float, float, float, float], turn: pymupdf.Matrix | None) -> Box:
    """The box on the page as it is shown."""
    x0, y0, x1, y1 = box if turn is None else pymupdf.Rect(box) * turn
    if not math.isfinite(x0 + y0 + x1 + y1):
        x0, y0, x1, y1 = map(_finite, (x0, y0, x1, y1))
    return Box(x0=round(x0, 2), y0=round(y0, 2), x1=round(x1, 2), y1=round(y1, 2))


def _finite(value: float) -> float:
    return value if math.isfinite(value) else 0.0


def _image_share(page: pymupdf.Page) -> float:
    """The share of the page that its largest image covers."""
    whole = abs(page.rect)
    return max((share / whole for share in _image_areas(page)), default=0.0) if whole else 0.0


def _image_areas(page: pymupdf.Page) -> Iterator[float]:
    for info in page.get_image_info():
        seen = pymupdf.Rect(info["bbox"]) & (page.rect * page.derotation_matrix)
        if not seen.is_empty:
            yield abs(seen)


def _looks_like(head: bytes) -> str:
    text = head.lstrip()
    return next((what for magic, what in LOOKS_LIKE.items() if text.startswith(magic)), "has no %PDF- header")


def _short(exc: Exception) -> str:
    text = f"{type(exc).__name__}: {' '.join(str(exc).split())}"[:300]
    return text.encode("utf-8", "replace").decode()  # a library may quote the file's bytes


def _refuse(source: Source, reason: Reason, detail: str) -> Kept[Page]:
    return Kept([], [Dropped.of(source, source.id, STEP, reason, detail)])
