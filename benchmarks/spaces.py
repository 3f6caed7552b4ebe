"""Are the word spaces right? F1 of Hangul tokens against pypdfium2."""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pymupdf
import pypdfium2

from benchmarks.report import table
from tasks.read.layer import read_layer
from tasks.text.normal import stored

TOKEN = re.compile(r"[가-힣]+")


def by_pdfium(path: Path) -> list[str]:
    """The text of every page, as pdfium reads it."""
    document = pypdfium2.PdfDocument(path)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


def by_mupdf(path: Path) -> list[str]:
    """The text of every page without any repair."""
    with pymupdf.open(path) as document:
        return [page.get_text() for page in document]


def ours(path: Path) -> list[str]:
    """The lines of every page, as the pipeline reads them, before some of them become tables (which say merged cells twice)."""
    with pymupdf.open(path) as document:
        return ["\n".join(line.text for line in read_layer(page).lines) for page in document]


def f1(found: Sequence[str], wanted: Sequence[str]) -> float:
    """Token F1 over the pages of a document."""
    right = total = 0
    for a, b in zip(found, wanted, strict=True):
        x, y = (Counter(TOKEN.findall(stored(text))) for text in (a, b))
        right += 2 * (x & y).total()
        total += x.total() + y.total()
    return right / total if total else 1.0


def section(given: argparse.Namespace) -> tuple[list[str], dict[str, Any]]:
    """Exports without space glyphs, and good files that must not change."""
    made = given.data / "made"
    groups = {
        "without space glyphs": [made / "terms_nospace_p10.pdf", made / "pii_record_nospace.pdf"],
        "terms_v1": [made / "terms_v1.pdf"],
        "statutes": sorted((given.data / "law").glob("*.pdf")),
    }
    rows, figures = [], {}
    for name, paths in groups.items():
        wanted, bare, repaired = ([t for p in paths for t in read(p)] for read in (by_pdfium, by_mupdf, ours))
        before, after = f1(bare, wanted), f1(repaired, wanted)
        rows.append([name, f"{before:.4f}", f"{after:.4f}"])
        figures[f"token_f1_{name.replace(' ', '_')}"] = round(after, 4)
        if name != "without space glyphs":
            figures[f"token_f1_against_before_{name}"] = round(after / before, 4)
    return [table("Word spaces, F1 of Hangul tokens against pypdfium2", ["files", "plain MuPDF", "read_pdf"], rows)], figures
