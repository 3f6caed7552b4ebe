"""Scanned pages: how right and how fast they are read by us (Tesseract on galleys) and by PyMuPDF's own OCR.

Every page with ground truth is read by both in turns, in one process, one page at a time. CER is the character error rate
without spaces, F1 that of Hangul tokens, seconds are CPU seconds of this process and its children. The truth of the statutes
is put into the order of the page (its text layer begins with the foot of the page); tables stand cell by cell.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymupdf

from benchmarks.report import arguments, finish, machine, table
from tasks.read.ocr.page import read_picture
from tasks.read.ocr.tesseract import Tesseract
from tasks.read.ocr.trial import edit_distance
from tasks.read.render import render
from tasks.records import Language

TOKEN = re.compile(r"[가-힣]+")
DPI, MEGAPIXELS = 200, 40
SCANS_OF_MIXED = (2, 5, 6, 7)
SAME_LINE = 3.0  # points


@dataclass(frozen=True, slots=True)
class Truth:
    """A scanned page and what stands on it."""

    path: Path
    number: int
    text: str

    @property
    def language(self) -> Language:
        """The English files are named so."""
        return "en" if self.path.name.startswith("en_") else "ko"


@dataclass(frozen=True, slots=True)
class Score:
    """Errors, characters, token matches, CPU seconds, pages; they add up."""

    errors: int = 0
    characters: int = 0
    matches: int = 0
    tokens: int = 0
    seconds: float = 0.0
    pages: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(*(getattr(self, name) + getattr(other, name) for name in Score.__slots__))

    @property
    def cer(self) -> float:
        """Character error rate."""
        return self.errors / max(1, self.characters)

    @property
    def f1(self) -> float:
        """Token F1; 1 where no Hangul is."""
        return 2 * self.matches / self.tokens if self.tokens else 1.0

    @property
    def pace(self) -> float:
        """CPU seconds a page."""
        return self.seconds / max(1, self.pages)


def truths(data: Path) -> Iterator[Truth]:
    """All pages that are scans."""
    for path in sorted((data / "scans").glob("*.pdf")):
        for file in sorted(path.with_suffix(".gt").glob("p*.txt")):
            number = int(file.stem[1:])
            if path.stem != "law_bank_mixed_text_scan" or number == 2:  # its first page is text
                yield Truth(path, number, in_page_order(file))
    for name, numbers in (("terms_scan_p6", range(1, 7)), ("terms_mixed", SCANS_OF_MIXED)):
        path = data / "made" / f"{name}.pdf"
        yield from (Truth(path, n, (path.with_suffix(".gt") / f"p{n:02d}.txt").read_text("utf-8")) for n in numbers)


def in_page_order(file: Path) -> str:
    """The words from the top to the bottom of the page, where their boxes are known."""
    boxes = file.with_suffix(".words.json")
    if not boxes.exists():
        return file.read_text("utf-8")
    lines: list[tuple[float, list[tuple[float, str]]]] = []
    for x0, y0, _, y1, text in sorted(json.loads(boxes.read_text("utf-8"))["words"], key=lambda word: word[1] + word[3]):
        middle = (y0 + y1) / 2
        if not lines or middle - lines[-1][0] > SAME_LINE:
            lines.append((middle, []))
        lines[-1][1].append((x0, text))
    return "\n".join(" ".join(text for _, text in sorted(words)) for _, words in lines)


def score(found: str, truth: Truth, seconds: float) -> Score:
    """Compare without spaces, and by Hangul tokens."""
    wanted = "".join(truth.text.split())
    a, b = Counter(TOKEN.findall(found)), Counter(TOKEN.findall(truth.text))
    return Score(edit_distance("".join(found.split()), wanted), len(wanted), (a & b).total(), a.total() + b.total(), seconds, 1)


def cpu_seconds() -> float:
    """Of this process and of its children that have ended."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def measure(read: Callable[[pymupdf.Page], str], truth: Truth) -> Score:
    """Read one page, drawing it included."""
    with pymupdf.open(truth.path) as document:
        start = cpu_seconds()
        text = read(document[truth.number - 1])
        return score(text, truth, cpu_seconds() - start)


def section(given: argparse.Namespace) -> tuple[list[str], dict[str, Any]]:
    """Every page with ground truth, read by both."""
    engines: dict[Language, Tesseract] = {"ko": Tesseract("ko"), "en": Tesseract("en")}
    ours: dict[str, Score] = {}
    theirs: dict[str, Score] = {}
    for truth in truths(given.data):
        engine, name = engines[truth.language], truth.path.stem

        def galley(page: pymupdf.Page, engine: Tesseract = engine) -> str:
            return read_picture(*render(page, DPI, MEGAPIXELS), engine).text

        def mupdf(page: pymupdf.Page, language: str = "eng" if truth.language == "en" else "kor") -> str:
            return str(page.get_text(textpage=page.get_textpage_ocr(full=True, language=language, dpi=DPI)))

        ours[name] = ours.get(name, Score()) + measure(galley, truth)
        theirs[name] = theirs.get(name, Score()) + measure(mupdf, truth)
    ours["all"], theirs["all"] = sum(ours.values(), Score()), sum(theirs.values(), Score())
    rows = [
        [name, a.pages, f"{a.cer:.4f}", f"{b.cer:.4f}", f"{a.f1:.3f}", f"{b.f1:.3f}", f"{a.pace:.2f}", f"{b.pace:.2f}"]
        for name, a, b in ((name, ours[name], theirs[name]) for name in ours)
    ]
    head = ["file", "pages", "CER", "PyMuPDF", "F1", "PyMuPDF", "CPU s/page", "PyMuPDF"]
    figures: dict[str, Any] = {
        "ocr_cer": round(ours["all"].cer, 4),
        "ocr_cer_pymupdf": round(theirs["all"].cer, 4),
        "ocr_token_f1": round(ours["all"].f1, 4),
        "ocr_token_f1_pymupdf": round(theirs["all"].f1, 4),
        "ocr_seconds_a_page": round(ours["all"].pace, 2),
        "ocr_times_faster": round(theirs["all"].pace / ours["all"].pace, 2),
        "ocr_worst_cer": round(max(s.cer for s in ours.values()), 4),
    }
    title = f"Scanned pages, Tesseract {engines['ko'].version}"
    return [table(title, head, rows)], figures


def main() -> None:
    """Measure and print."""
    given = arguments("ocr")
    finish("ocr", *section(given), machine("pymupdf", "numpy", "scipy"), given.json)


if __name__ == "__main__":
    main()
