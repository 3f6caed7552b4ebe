"""Personal data is replaced by its class ([주민등록번호]) before a text leaves the machine, and in what a model wrote.

Found by rules alone: numbers by shape, check digit and label, the rest by label and company (tasks/clean/pii_*.py). A value is
never logged nor stored; what is told is its class and its block. Masking keeps the number of lines, so the masked text of a
document goes back into its blocks, and a value may be broken over lines, blocks and pages.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from typing import Any, TypeVar

from tasks.clean.pii_addresses import address_candidates
from tasks.clean.pii_context import Candidate, Context
from tasks.clean.pii_labels import KINDS, PLACEHOLDERS, Kind
from tasks.clean.pii_names import name_candidates
from tasks.clean.pii_numbers import number_candidates
from tasks.clean.pii_words import email_candidates, ip_candidates, licence_candidates, passport_candidates, plate_candidates
from tasks.records import Block, Dropped, Kept, Page
from tasks.settings import PiiSettings

STEP = "clean"
VERSION = 1
REASONS = {kind: f"pii_{kind}" for kind in KINDS}
UNCHECKED = "pii_unchecked"  # masking failed, so the page goes nowhere
PASSES = 4  # values glued together are told apart one after the other

T = TypeVar("T")
DIGIT = re.compile(r"\d")
SURROGATE = re.compile(r"\\u[dD][89abAB]")  # a lone one cannot be written as UTF-8


@dataclass(frozen=True, slots=True)
class Found:
    """Characters `start..end` of a text are personal data of a kind. The value itself is kept nowhere."""

    kind: Kind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Masked:
    """A text with placeholders for personal data, and how much of each kind there was."""

    text: str
    counts: dict[Kind, int]


def find(text: str, settings: PiiSettings) -> list[Found]:
    """Personal data of the classes that are switched on, in order, none within another."""
    found = _find_once(text, settings) if settings.mask else []
    for _ in range(PASSES if found else 0):
        again = _find_once(_replaced(text, found), settings)
        if not again:
            break
        found = _together(text, found, again)
    return found


def _find_once(text: str, settings: PiiSettings) -> list[Found]:
    on = {kind for kind in KINDS if getattr(settings, kind)}
    context, found, end = Context(text), list[Found](), 0
    for candidate in sorted(_candidates(text), key=lambda c: (c.start, -c.end)):
        kind = candidate.decide(context) if candidate.end > end else None
        if kind is None:
            continue
        start, end = max(candidate.start, end), candidate.end  # of two that overlap the second is what is left of it
        if kind in on:
            context.put(kind, start, end)
            found.append(Found(kind, start, end))
    return found


def _together(text: str, found: Sequence[Found], again: Sequence[Found]) -> list[Found]:
    """What was found in a text, and what was found again in the masked text, both by their places in the text."""
    masked, places = [0], [0]  # where a stretch between two values begins, in the masked text and in the text
    for one, placeholder in _placeholders(text, found):
        masked.append(masked[-1] + one.start - places[-1] + len(placeholder))
        places.append(one.end)

    def place(at: int) -> int:
        stretch = bisect_right(masked, at) - 1
        return places[stretch] + at - masked[stretch]

    new = [Found(one.kind, place(one.start), place(one.end - 1) + 1) for one in again]
    covered = {at for one in new for at in range(one.start, one.end)}
    old = [one for one in found if one.start not in covered]
    return sorted([*old, *new], key=lambda one: one.start)


def _candidates(text: str) -> Iterator[Candidate]:
    yield from name_candidates(text)
    yield from email_candidates(text)
    if DIGIT.search(text):
        yield from address_candidates(text)
        yield from passport_candidates(text)
        yield from plate_candidates(text)
        yield from licence_candidates(text)
        yield from ip_candidates(text)
        yield from number_candidates(text)


def mask(text: str, settings: PiiSettings) -> Masked:
    """The text with every value replaced by its class. The number of lines stays; masking again changes nothing."""
    found = find(text, settings)
    return Masked(_replaced(text, found), _counts(found)) if found else Masked(text, {})


def _replaced(text: str, found: Sequence[Found]) -> str:
    parts: list[str] = []
    at = 0
    for one, placeholder in _placeholders(text, found):
        parts += [text[at : one.start], placeholder]
        at = one.end
    return "".join([*parts, text[at:]])


def _placeholders(text: str, found: Iterable[Found]) -> Iterator[tuple[Found, str]]:
    """What stands for each value. A bracket right after it would make a Markdown link of it, so a space comes between."""
    for one in found:
        ends = "\n" * text.count("\n", one.start, one.end)
        space = " " if not ends and text.startswith("(", one.end) else ""
        yield one, PLACEHOLDERS[one.kind] + space + ends


def _counts(found: Sequence[Found]) -> dict[Kind, int]:
    return dict(Counter(one.kind for one in found))


def mask_pages(pages: Sequence[Page], settings: PiiSettings) -> Kept[Page]:
    """The pages of one document, masked: as many blocks in the same boxes. A value over two blocks has its class in the first.

    Every value is told as a dropped row with its class as the reason, and the masked block (of a table the row), never the
    value. Where masking fails, the page is dropped without its text.
    """
    try:
        return _mask_together(pages, settings)
    except Exception:  # noqa: BLE001  # fails closed: whatever went wrong, unmasked text goes nowhere
        return _mask_alone(pages, settings)


def _mask_together(pages: Sequence[Page], settings: PiiSettings) -> Kept[Page]:
    blocks = [block for page in pages for block in page.blocks]
    text = "\n".join(block.text for block in blocks)
    found = find(text, settings)
    if not found:
        return Kept(list(pages), [])
    lines = _replaced(text, found).split("\n")
    ends = list(accumulate(block.text.count("\n") + 1 for block in blocks))
    texts = ["\n".join(lines[start:end]) for start, end in zip([0, *ends], ends, strict=False)]
    masked = iter([_with_text(block, new) for block, new in zip(blocks, texts, strict=True)])
    rows = [_with_blocks(page, tuple(next(masked) for _ in page.blocks)) for page in pages]
    return Kept(rows, list(_told(rows, text, found)))


def _with_text(block: Block, text: str) -> Block:
    return block if text == block.text else block.model_copy(update={"text": text})


def _with_blocks(page: Page, blocks: tuple[Block, ...]) -> Page:
    return page if blocks == page.blocks else page.model_copy(update={"blocks": blocks})


def _told(rows: Sequence[Page], text: str, found: Sequence[Found]) -> Iterator[Dropped]:
    places = [
        (page, number, _with_text(block, line) if block.kind == "table" else block)
        for page in rows
        for number, block in enumerate(page.blocks, 1)
        for line in block.text.split("\n")
    ]
    line = at = 0
    for one in found:
        line, at = line + text.count("\n", at, one.start), one.start
        page, number, block = places[line]
        yield Dropped.of(block, page.id, STEP, REASONS[one.kind], f"{PLACEHOLDERS[one.kind]} in block {number}")


def _mask_alone(pages: Sequence[Page], settings: PiiSettings) -> Kept[Page]:
    kept: Kept[Page] = Kept([], [])
    for page in pages:
        masked = scrub(partial(_mask_together, [page], settings))
        if masked is None:
            empty = page.model_copy(update={"blocks": ()})
            kept.dropped.append(Dropped.of(empty, page.id, STEP, UNCHECKED, "looking for personal data failed"))
        else:
            kept.rows.extend(masked.rows)
            kept.dropped.extend(masked.dropped)
    return kept


def scrub(masking: Callable[[], T]) -> T | None:
    """What a masking function returns; None when it raises, and then the item must not be sent or stored."""
    try:
        return masking()
    except Exception:  # noqa: BLE001  # fails closed
        return None


def mask_reply(text: str, settings: PiiSettings) -> Masked:
    """What a model wrote. A JSON document, also one in a code fence, stays JSON: its strings and numbers are masked one by one.

    The key of a value is its label. A number that is personal becomes a string.
    """
    start, end = _json_part(text)
    try:
        document = _mask_json(text[start:end], settings)
    except (ValueError, RecursionError):
        return mask(text, settings)
    parts = (mask(text[:start], settings), document, mask(text[end:], settings))
    return Masked("".join(part.text for part in parts), dict(sum((Counter(part.counts) for part in parts), Counter())))


def _mask_json(text: str, settings: PiiSettings) -> Masked:
    found: list[Kind] = []
    masked = _masked_value(json.loads(text), "", settings, found)
    written = json.dumps(masked, ensure_ascii=bool(SURROGATE.search(text))) if found else text
    return Masked(written, dict(Counter(found)))


def _json_part(text: str) -> tuple[int, int]:
    """From the first bracket to the last, where what is around it is no JSON itself."""
    opened = min((at for at in (text.find("{"), text.find("[")) if at >= 0), default=0)
    closed = max(text.rfind("}"), text.rfind("]")) + 1
    return (opened, closed) if opened < closed and text[:opened].strip()[:1] != '"' else (0, len(text))


def _masked_value(value: Any, key: str, settings: PiiSettings, found: list[Kind]) -> Any:
    if isinstance(value, dict):
        return {_masked_text(k, "", settings, found): _masked_value(v, k, settings, found) for k, v in value.items()}
    if isinstance(value, list):
        return [_masked_value(item, key, settings, found) for item in value]
    if isinstance(value, str):
        return _masked_text(value, key, settings, found)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        written = json.dumps(value)
        masked = _masked_text(written, key, settings, found)
        return value if masked == written else masked
    return value


def _masked_text(text: str, key: str, settings: PiiSettings, found: list[Kind]) -> str:
    label = f"{key}: " if key else ""
    inside = [
        Found(one.kind, max(0, one.start - len(label)), one.end - len(label))
        for one in find(label + text, settings)
        if one.end > len(label)
    ]
    found += [one.kind for one in inside]
    return _replaced(text, inside)
