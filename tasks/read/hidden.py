"""Text that a reader of the page cannot see, parted from the text that is seen.

White or tiny text, text under a picture or outside the page is how instructions to a model get into a document. Suspicion is
cheap (`suspicion.py`); most suspects are cleared at a glance (`glance.py`); for the rest the page is drawn with and without
them (`proof.py`). What cannot be checked counts as hidden. The invisible text of a scan's OCR layer is kept where the scan
shows something in its place.
"""

# mypy: disallow-untyped-calls=False
from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import pymupdf

from tasks.read.boxes import Rect, union
from tasks.read.devices import Survey
from tasks.read.glance import stand_out
from tasks.read.letters import said_by
from tasks.read.proof import Trial, Verdict
from tasks.read.sheet import FLAGS, Sheet
from tasks.read.suspicion import Block, HiddenReason, Key, Span, find_suspects, letters_of, shape_of, span_at, spans_of

ALIKE = 0.5  # share of letters
PAIRS_ALIKE = 0.25  # and of neighbours: the same letters may be put to say anything


class Hidden(NamedTuple):
    """Text that is not seen, its box on the unrotated page, and why."""

    text: str
    box: Rect
    reason: HiddenReason


@dataclass(frozen=True)
class Findings:
    """What is hidden on a page, to be parted from its text in either shape, dict or rawdict."""

    verdicts: dict[Key, list[Verdict]] | None  # None: the check failed
    raw: list[Block] = field(default_factory=list)
    told: list[Hidden] = field(default_factory=list)
    text: pymupdf.TextPage | None = None  # what the glyphs say, where the text of the sheet says otherwise

    def part(self, blocks: list[Block]) -> tuple[list[Block], list[Hidden]]:
        """The blocks of the sheet's text without hidden text, and that text."""
        if self.verdicts is None:
            everything: dict[Key, list[Verdict]] = {k: ["unchecked"] * len(letters_of(span)) for k, span in spans_of(blocks)}
            return _without(blocks, blocks, everything)
        if self.text is not None:
            blocks = _shaped_as(self.text, blocks)
        kept, hidden = _without(blocks, self.raw, self.verdicts)
        return kept, self.told + hidden


def find_hidden(sheet: Sheet, blocks: list[Block]) -> Findings:
    """What is hidden among the blocks of `sheet.text`, in either shape. Never raises."""
    try:
        return _findings(sheet, blocks)
    except Exception:  # noqa: BLE001  MuPDF raises a dozen unrelated types; unchecked text is not to be trusted
        return Findings(None)


def _findings(sheet: Sheet, blocks: list[Block]) -> Findings:
    survey = sheet.survey()
    if survey.retold and (told := _false_words(sheet)):
        text = sheet.text_with(FLAGS | pymupdf.TEXT_IGNORE_ACTUALTEXT)
        raw, verdicts = _judged(sheet, survey, text, _shaped_as(text, blocks))
        return Findings(verdicts, raw, told, text)
    raw, verdicts = _judged(sheet, survey, sheet.text, blocks)
    return Findings(verdicts, raw)


def _judged(
    sheet: Sheet, survey: Survey, text: pymupdf.TextPage, blocks: list[Block]
) -> tuple[list[Block], dict[Key, list[Verdict]]]:
    """The blocks with characters, and what became of the suspects among them."""
    suspects = find_suspects(sheet, survey, blocks)
    for key in _cleared(sheet, blocks, suspects.by_ground):
        del suspects.reasons[key]
    if not suspects.reasons:
        return [], {}
    raw = text.extractRAWDICT()["blocks"]
    try:
        return raw, Trial(sheet, survey, raw, suspects).verdicts()
    except Exception:  # noqa: BLE001  as above
        return raw, {key: ["unchecked"] * len(span_at(raw, key)["chars"]) for key in suspects.reasons}


def _cleared(sheet: Sheet, blocks: list[Block], by_ground: set[Key]) -> set[Key]:
    try:
        return stand_out(sheet, blocks, by_ground)
    except Exception:  # noqa: BLE001  as above; they are looked at closely, then
        return set()


# ActualText


def _false_words(sheet: Sheet) -> list[Hidden]:
    return [Hidden(actual, sheet.bounds, "actual_text") for actual, shown in sheet.retold() if not _same_words(actual, shown)]


def _same_words(actual: str, shown: str) -> bool:
    """Whether a text may stand for these glyphs: fonts without names for their glyphs need it, and hyphens, and ligatures."""
    a, b = _bare(actual), _bare(shown)
    nameless = sum(unicodedata.category(c)[0] not in "LNPSZ" or c == "\ufffd" for c in shown)
    if len(a) <= 2 or nameless * 2 > len(shown) >= len(a) / 2:
        return True
    letters = (Counter(a) & Counter(b)).total()
    pairs = (Counter(pairwise(a)) & Counter(pairwise(b))).total()
    return letters >= ALIKE * max(len(a), len(b)) and pairs >= PAIRS_ALIKE * max(len(a), len(b))


def _bare(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def _shaped_as(text: pymupdf.TextPage, blocks: list[Block]) -> list[Block]:
    found: list[Block] = (text.extractRAWDICT() if shape_of(blocks) == "chars" else text.extractDICT())["blocks"]
    return found


# Blocks


def _without(blocks: list[Block], raw: list[Block], verdicts: dict[Key, list[Verdict]]) -> tuple[list[Block], list[Hidden]]:
    """The blocks without hidden letters; what is left of a span that loses some is a span for each run of letters."""
    if all(v == "seen" for verdict in verdicts.values() for v in verdict):
        return blocks, []
    kept: list[Block] = []
    hidden: list[Hidden] = []
    for i, block in enumerate(blocks):
        if "lines" not in block:
            kept.append(block)
            continue
        lines = []
        for j, line in enumerate(block["lines"]):
            spans: list[Span] = []
            for k, span in enumerate(line["spans"]):
                if (verdict := verdicts.get((i, j, k))) is None:
                    spans.append(span)
                else:
                    seen, unseen = _split(span, span_at(raw, (i, j, k)), verdict)
                    spans += seen
                    hidden += unseen
            if spans:
                lines.append(line if spans == line["spans"] else line | {"spans": spans, "bbox": union(s["bbox"] for s in spans)})
        if lines:
            kept.append(block | {"lines": lines})
    return kept, hidden


def _split(span: Span, raw: Span, verdict: list[Verdict]) -> tuple[list[Span], list[Hidden]]:
    if all(v == "seen" for v in verdict):
        return [span], []
    chars = raw.get("chars")
    if chars is None or len(letters_of(span)) != len(chars):  # cannot be cut: it goes whole
        return [], [Hidden(said_by(raw), span["bbox"], next((v for v in verdict if v and v != "seen"), "unchecked"))]
    seen: list[Span] = []
    unseen: list[Hidden] = []
    start = 0
    for end in range(1, len(verdict) + 1):
        if end < len(verdict) and verdict[end] == verdict[start]:
            continue
        run, why = chars[start:end], verdict[start]
        box = union(c["bbox"] for c in run)
        if why == "seen":
            part = {"chars": run} if "chars" in span else {"text": span["text"][start:end]}
            seen.append(span | part | {"bbox": box, "origin": run[0]["origin"]})
        else:
            unseen.append(Hidden("".join(c["c"] for c in run), box, why or "unchecked"))
        start = end
    return seen, unseen
