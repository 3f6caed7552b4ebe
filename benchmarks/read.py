"""Reading: how fast beside MuPDF's own text, and how right the word spaces are beside pdfium's.

Speed: pages per CPU second of `read_pdf` (space repair, plausibility, blocks with boxes) over those of plain
`page.get_text("dict")`, taken in turns on the same files. Spaces: F1 of Hangul tokens against pypdfium2's text, which puts
spaces where the pen moved, as a reader sees them.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pymupdf
import pypdfium2

from benchmarks.report import arguments, finish, machine, table
from tasks.read.pdf import read_pdf
from tasks.records import Source

REPEATS = 5
TOKEN = re.compile(r"[가-힣]+")


def plain(path: Path) -> None:
    """What the speed is measured against."""
    with pymupdf.open(path) as document:
        for page in document:
            page.get_text("dict")


def ours(path: Path) -> list[str]:
    """The text of every page, as the pipeline reads it."""
    kept = read_pdf(path, Source(id="0" * 32, path=path.name, size=path.stat().st_size))
    return [page.text for page in kept.rows]


def pdfium(path: Path) -> list[str]:
    """The text of every page, as pdfium reads it."""
    document = pypdfium2.PdfDocument(path)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


def without_repair(path: Path) -> list[str]:
    """The text of every page without space repair."""
    with pymupdf.open(path) as document:
        return [page.get_text() for page in document]


def cpu_seconds(function: Callable[[Path], object], paths: Sequence[Path]) -> float:
    """CPU seconds of a function over all files."""
    start = time.process_time()
    for path in paths:
        function(path)
    return time.process_time() - start


def speed(paths: Sequence[Path]) -> tuple[int, float, float]:
    """Pages, and pages per CPU second of plain text and of ours: the best of some rounds taken in turns."""
    pages = sum(len(pdfium(path)) for path in paths)
    rounds = [(cpu_seconds(plain, paths), cpu_seconds(ours, paths)) for _ in range(REPEATS)]
    return pages, pages / min(a for a, _ in rounds), pages / min(b for _, b in rounds)


def f1(found: Sequence[str], wanted: Sequence[str]) -> float:
    """Token F1 over the pages of a document."""
    right = total = 0
    for a, b in zip(found, wanted, strict=True):
        x, y = Counter(TOKEN.findall(a)), Counter(TOKEN.findall(b))
        right += 2 * (x & y).total()
        total += x.total() + y.total()
    return right / total if total else 1.0


def main() -> None:
    """Measure and print."""
    given = arguments("read")
    laws = sorted((given.data / "law").glob("*.pdf"))
    nospace = given.data / "made" / "terms_nospace_p10.pdf"
    terms = given.data / "made" / "terms_v1.pdf"
    groups = {"statutes": laws, "terms_v1": [terms], "without space glyphs": [nospace]}
    speeds = {name: speed(paths) for name, paths in groups.items()}
    tokens = {name: spaces(paths) for name, paths in groups.items()}
    tables = [
        table(
            "Speed, pages per CPU second",
            ["files", "pages", 'get_text("dict")', "read_pdf", "ratio"],
            [[name, n, f"{a:.0f}", f"{b:.0f}", f"{b / a:.2f}"] for name, (n, a, b) in speeds.items()],
        ),
        table(
            "Word spaces, F1 of Hangul tokens against pypdfium2",
            ["files", "plain MuPDF", "read_pdf"],
            [[name, f"{a:.4f}", f"{b:.4f}"] for name, (a, b) in tokens.items()],
        ),
    ]
    figures = {
        "speed_ratio": round(speeds["statutes"][2] / speeds["statutes"][1], 3),
        "speed_ratio_without_space_glyphs": round(speeds["without space glyphs"][2] / speeds["without space glyphs"][1], 3),
        "pages_per_cpu_second": round(speeds["statutes"][2], 1),
        "token_f1_without_space_glyphs": round(tokens["without space glyphs"][1], 4),
        "token_f1_statutes": round(tokens["statutes"][1], 4),
    }
    finish("read", tables, figures, machine("pymupdf", "pypdfium2"), given.json)


def spaces(paths: Sequence[Path]) -> tuple[float, float]:
    """Token F1 of MuPDF's own text and of ours."""
    wanted = [text for path in paths for text in pdfium(path)]
    bare = [text for path in paths for text in without_repair(path)]
    repaired = [text for path in paths for text in ours(path)]
    return f1(bare, wanted), f1(repaired, wanted)


if __name__ == "__main__":
    main()
