"""Reading: how fast, how right, and what becomes of hostile files. `--only speed spaces` runs some of the sections.

Speed: pages per CPU second of `read_pdf` (space repair, plausibility, hidden text, blocks with boxes) over those of plain
`page.get_text("dict")`, taken in turns on the same files; the peers on the same pages of one file. Spaces: F1 of Hangul tokens
against pypdfium2's text, which puts spaces where the pen moved, as a reader sees them.
"""

from __future__ import annotations

import argparse
import gc
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any
from unittest import mock

import pymupdf

from benchmarks import hidden, hostile, ocr, pages, pii, spaces
from benchmarks.report import arguments, finish, machine, source_of, table
from tasks.read.pdf import read_pdf

REPEATS = 5
PEER_PAGES = 20
Section = tuple[list[str], dict[str, Any]]  # tables, figures


def plain(path: Path) -> None:
    """What the speed is measured against."""
    with pymupdf.open(path) as document:
        for page in document:
            page.get_text("dict")


def ours(path: Path) -> None:
    """Our own reader."""
    read_pdf(path, source_of(path))


def by_pdfplumber(path: Path) -> None:
    """A peer: text with pdfplumber."""
    import pdfplumber

    with pdfplumber.open(path) as document:
        for page in document.pages:
            page.extract_text()


def by_layout(path: Path) -> None:
    """A peer: PyMuPDF's layout model to Markdown, without its OCR."""
    import pymupdf4llm

    pymupdf4llm.to_markdown(str(path), use_ocr=0, show_progress=False)


def cpu_seconds(function: Callable[[Path], object], paths: Sequence[Path]) -> float:
    """CPU seconds of a function over all files."""
    start = time.process_time()
    for path in paths:
        function(path)
    return time.process_time() - start


def without_tables(path: Path) -> None:
    """Our own reader, with everything on but tables."""
    with mock.patch("tasks.read.layer.find_grids", return_value=[]):
        ours(path)


def speed(paths: Sequence[Path]) -> tuple[int, float, float, float]:
    """Pages, and pages per CPU second of plain text, of ours and of ours without tables: the best of rounds taken in turns."""
    number = sum(pages.count(path) for path in paths)
    rounds = [[cpu_seconds(function, paths) for function in (plain, ours, without_tables)] for _ in range(REPEATS)]
    best = [number / min(times) for times in zip(*rounds, strict=True)]
    return number, best[0], best[1], best[2]


def speed_section(given: argparse.Namespace) -> Section:
    """Against MuPDF's own text."""
    groups = {
        "statutes": sorted((given.data / "law").glob("*.pdf")),
        "terms_v1 (18 tables)": [given.data / "made" / "terms_v1.pdf"],
        "without space glyphs": [given.data / "made" / "terms_nospace_p10.pdf"],
    }
    speeds = {name: speed(paths) for name, paths in groups.items()}
    title = "Speed, pages per CPU second"
    head = ["files", "pages", 'get_text("dict")', "read_pdf", "ratio", "without tables", "ratio"]
    rows = [
        [name, n, f"{a:.0f}", f"{b:.0f}", f"{b / a:.2f}", f"{c:.0f}", f"{c / a:.2f}"] for name, (n, a, b, c) in speeds.items()
    ]
    ratios = {f"speed_ratio_{name.split()[0]}": round(c / a, 3) for name, (_, a, _, c) in speeds.items()}
    return [table(title, head, rows)], {**ratios, "pages_per_cpu_second": round(speeds["statutes"][2], 1)}


def peers_section(given: argparse.Namespace) -> Section:
    """Against other readers, on the first pages of one statute."""
    law = max((given.data / "law").glob("*.pdf"), key=lambda p: p.stat().st_size)
    with tempfile.TemporaryDirectory() as folder, pymupdf.open(law) as document:
        some = Path(folder) / "some.pdf"
        document.select(range(min(PEER_PAGES, document.page_count)))
        document.save(some)
        number = pages.count(some)
        rates = {}
        for name, function in {"read_pdf": ours, "pdfplumber": by_pdfplumber, "pymupdf4llm layout": by_layout}.items():
            try:
                function(some)  # models and fonts are loaded before the clock runs
            except (ImportError, PackageNotFoundError) as exc:
                print(f"{name}: not measured ({exc}); make bench installs it", file=sys.stderr)
                continue
            rates[name] = number / min(cpu_seconds(function, [some]) for _ in range(2))
    rows = [[name, f"{rate:.1f}", f"{rates['read_pdf'] / rate:.0f}"] for name, rate in rates.items()]
    figures = {
        f"times_{name.split()[0]}": round(rates["read_pdf"] / rate, 1) for name, rate in rates.items() if name != "read_pdf"
    }
    return [table(f"Peers, {number} pages of {law.name}", ["reader", "pages per CPU second", "ours is faster by"], rows)], figures


def memory_section(given: argparse.Namespace) -> Section:
    """Resident memory over a thousand pages, in a process of its own."""
    files = [*sorted((given.data / "law").glob("*.pdf")), given.data / "made" / "terms_v1.pdf"]
    command = [sys.executable, "-m", "benchmarks.memory", *files]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    marks = [(int(n), float(mib)) for n, mib in (line.split() for line in done.stdout.splitlines())]
    rows = [[n, f"{mib:.0f}"] for n, mib in marks]
    return [table("Resident memory while reading", ["pages read", "MiB"], rows)], {
        "memory_growth": round(marks[-1][1] / marks[0][1], 3)
    }


SECTIONS: dict[str, Callable[[argparse.Namespace], Section]] = {
    "speed": speed_section,
    "peers": peers_section,
    "memory": memory_section,
    "spaces": spaces.section,
    "pages": pages.section,
    "hidden": hidden.section,
    "hostile": hostile.section,
    "pii": pii.section,
    "ocr": ocr.section,
}


def main() -> None:
    """Measure and print."""
    given = arguments("read", sections=SECTIONS)
    gc.freeze()  # as in the reading processes
    gc.set_threshold(50_000, 20, 20)
    tables: list[str] = []
    figures: dict[str, Any] = {}
    for name in given.only:
        more, numbers = SECTIONS[name](given)
        tables, figures = [*tables, *more], {**figures, **numbers}
    finish("read", tables, figures, machine("pymupdf", "pypdfium2"), given.json)


if __name__ == "__main__":
    main()
