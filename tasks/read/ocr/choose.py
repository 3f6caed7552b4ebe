"""The text layer or what OCR read: which of the two is the text of a page.

OCR never replaces better text: what it read must pass the same test as a text layer, and where the layer is usable it must
have found more. A page that neither of them can read stays `needs_ocr`; nothing is invented.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from tasks.read.plausible import FEW, Mix, fault_of, mix_of
from tasks.read.wire import OcrFailed, OcrRead
from tasks.records import Page
from tasks.text.normal import comparable

SURE = 0.5  # mean confidence below which nothing is believed
MORE = 1.2  # times the good characters of a layer over a picture
AS_MUCH = 0.9  # of the good characters of a layer that was to be replaced by order
ENOUGH = 0.3  # of the characters of a layer that cannot be believed
FALSE = ("wrong_layer", "letters_missing")  # what the page alone does not show
SAME = 0.5  # share of letter pairs that a layer and OCR have in common when they say the same


def choose(page: Page, read: OcrRead | OcrFailed) -> Page:
    """The page with OCR's text, or as it was, with the reason."""
    if isinstance(read, OcrFailed):
        return _as_it_was(page, f"OCR: {read.detail}")
    found = _as_read(page, read)
    before, after = mix_of(page.text), mix_of(found.text)
    if not after.good and not before.good and not read.dropped:
        return found.model_copy(update={"origin": "blank", "detail": f"{page.reason}: a picture without text"})
    if fault := fault_of(after):
        return _as_it_was(page, f"OCR: {fault}")
    if found.confidence is not None and found.confidence < SURE:
        return _as_it_was(page, f"OCR: not sure of what it read ({found.confidence:.2f})")
    if not _is_better(page, before, after):
        return _with_its_layer(page, f"OCR: found {after.good} characters, the text layer has {before.good}")
    return found


def with_pictures(page: Page, read: OcrRead | OcrFailed) -> Page:
    """The page with what OCR read in its pictures, each line before the first line of the page that stands below it."""
    if isinstance(read, OcrFailed):
        return page.model_copy(update={"detail": f"OCR of its pictures: {read.detail}"})
    if fault := fault_of(mix_of("".join(block.text for block in read.blocks))):
        return page.model_copy(update={"detail": f"OCR of its pictures: {fault}"})
    blocks = list(page.blocks)
    for new in read.blocks:
        below = (i for i, block in enumerate(blocks) if block.confidence is None and block.box.y0 > new.box.y0)
        blocks.insert(next(below, len(blocks)), new)
    engine = f"{page.engine}, pictures: {read.engine}" if read.blocks else page.engine
    return page.model_copy(update={"blocks": tuple(blocks), "engine": engine, "dpi": read.dpi})


def agree(page: Page, read: OcrRead) -> bool:
    """Whether a text layer says about what OCR reads on its page. Pairs of letters, as order and spaces may differ."""
    layer, seen = (_pairs(text) for text in (page.text, _as_read(page, read).text))
    fewer = min(layer.total(), seen.total())
    return fewer < FEW or (layer & seen).total() >= SAME * fewer


def _pairs(text: str) -> Counter[tuple[str, str]]:
    return Counter(pairwise(comparable(text)))


def _as_read(page: Page, read: OcrRead) -> Page:
    sure = [block.confidence for block in read.blocks if block.confidence is not None]
    return page.model_copy(
        update={
            "origin": "ocr",
            "engine": read.engine,
            "blocks": read.blocks,
            "dpi": read.dpi,
            "confidence": round(sum(sure) / len(sure), 4) if sure else None,
        }
    )


def _is_better(page: Page, before: Mix, after: Mix) -> bool:
    if page.origin == "text":
        return after.good >= AS_MUCH * before.good
    if _is_false(page):
        return after.good >= max(1, ENOUGH * before.all)
    return after.good > MORE * before.good


def _as_it_was(page: Page, detail: str) -> Page:
    return page.model_copy(update={"detail": detail})


def _with_its_layer(page: Page, detail: str) -> Page:
    """Few characters over a picture are better than fewer; a layer that cannot be believed is not."""
    usable = page.blocks and not _is_false(page)
    return page.model_copy(update={"detail": detail, **({"origin": "text", "engine": "pymupdf"} if usable else {})})


def _is_false(page: Page) -> bool:
    """Whether the text layer cannot be believed, however much it says."""
    return page.reason in FALSE or fault_of(mix_of(page.text)) is not None
