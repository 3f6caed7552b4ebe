"""Which pages have a text layer that can be trusted? What is known of the test documents against what the reader decides."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pypdfium2

from benchmarks.report import source_of, table
from tasks.read.pdf import read_pdf
from tasks.read.read import judged
from tasks.records import Page

Truth = Literal["text", "ocr", "blank", ""]  # "" where nobody has looked
EXPECTED = {"text layer": "text", "ocr": "ocr", "nothing": "blank", "text layer and region ocr": "text"}
BROKEN = ("nomap", "pua", "shift", "scan")  # in the names of made documents
WITHOUT_HANGUL = ("판례_2015고정1144.pdf", "판례_2017고합281.pdf")


def count(path: Path) -> int:
    """The pages of a PDF."""
    document = pypdfium2.PdfDocument(path)
    try:
        return len(document)
    finally:
        document.close()


def truth_of(path: Path, page: Page) -> Truth:
    """What is known about a page of the test documents."""
    group, name = path.parent.name, path.name
    if group == "law":
        return "text"
    if group == "decisions":
        return "ocr" if name in WITHOUT_HANGUL else ""
    if group == "scans":
        return "text" if "mixed" in name and page.number == 1 else "ocr"
    if name == "terms_mixed.pdf":
        return _mixed(path, page.number)
    return "ocr" if any(mark in name for mark in BROKEN) else "text"


def _mixed(path: Path, number: int) -> Truth:
    truth = json.loads(path.with_suffix(".gt").joinpath("pages.json").read_text("utf-8"))
    return EXPECTED.get(next(p["expect"] for p in truth if p["page"] == number), "")  # type: ignore[return-value]


def decided(path: Path) -> Iterator[Page]:
    """The pages of a file after the decision, before any OCR."""
    yield from judged(read_pdf(path, source_of(path)).rows)


def section(given: argparse.Namespace) -> tuple[list[str], dict[str, Any]]:
    """One row a set; the reasons of all pages that are not simply text."""
    rows, false_ocr, missed = [], 0, 0
    for group in ("law", "decisions", "made", "scans"):
        seen: Counter[str] = Counter()
        wrong = {"false OCR": 0, "missed": 0}
        for path in sorted((given.data / group).glob("*.pdf")):
            for page in decided(path):
                truth = truth_of(path, page)
                seen[page.reason] += 1
                wrong["false OCR"] += page.origin == "needs_ocr" and truth in ("text", "blank")
                wrong["missed"] += page.origin != "needs_ocr" and truth == "ocr" and page.reason != "ocr_layer"
        rows.append(
            [group, seen.total(), wrong["false OCR"], wrong["missed"], ", ".join(f"{r} {n}" for r, n in seen.most_common())]
        )
        false_ocr, missed = false_ocr + wrong["false OCR"], missed + wrong["missed"]
    note = "A text layer below a picture (ocr_layer) is compared with OCR on some pages before it is believed."
    decision = table("Page decision", ["set", "pages", "false OCR", "missed", "reasons"], rows)
    return [decision + note + "\n"], {"false_ocr": false_ocr, "missed_ocr": missed}
