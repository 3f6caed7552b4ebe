"""What every benchmark shares: how it is asked, its source records, and how it speaks: tables, then one line of JSON."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tasks.records import Source

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"


def arguments(area: str, needs_data: bool = True, sections: Iterable[str] = ()) -> argparse.Namespace:
    """The command line of a benchmark. With `needs_data`, `data` is a folder that exists; else the program ends with 1.

    With `sections`, `only` holds the names of those that are to run.
    """
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{area}")
    if sections:
        names = list(sections)
        parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="SECTION", help=f"of: {', '.join(names)}")
    parser.add_argument("--json", action="store_true", help="print the JSON line only")
    if needs_data:
        parser.add_argument("--data", type=Path, default=SHARED_DATA, help="folder with law/, made/ (default: ../shared/data)")
    given = parser.parse_args()
    if needs_data and not given.data.is_dir():
        sys.exit(
            f"{given.data}: no such folder. The test documents are not part of the repository; name their folder with --data DIR"
        )
    return given


def source_of(path: Path) -> Source:
    """A source record for a file; its id does not matter here."""
    return Source(id="0" * 32, path=path.name, size=path.stat().st_size)


def machine(*packages: str) -> dict[str, str]:
    """What a figure depends on: processor, cores, Python, versions of packages."""
    found = {"machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores", "python": platform.python_version()}
    return found | {name: version(name) for name in packages}


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A plain text table."""
    cells = [[str(c) for c in row] for row in (head, *rows)]
    widths = [max(_width(row[i]) for row in cells) for i in range(len(head))]
    lines = ["  ".join(c + " " * (w - _width(c)) for c, w in zip(row, widths, strict=True)).rstrip() for row in cells]
    return "\n".join([title, lines[0], "  ".join("-" * w for w in widths), *lines[1:], ""])


def finish(area: str, tables: Sequence[str], figures: dict[str, Any], where: dict[str, str], only_json: bool) -> None:
    """Print the tables and, last, the JSON line."""
    if not only_json:
        print(", ".join(f"{name} {value}" for name, value in where.items()), end="\n\n")
        print("\n".join(tables))
    print(json.dumps({"benchmark": area, **figures, **where}, ensure_ascii=False))


def _width(text: str) -> int:
    return sum(2 if "\u1100" <= c <= "\uffdc" else 1 for c in text)
