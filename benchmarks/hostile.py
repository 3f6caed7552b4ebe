"""What becomes of files that are made to break readers: pages, or a reason; never a crash, a hang or an orphan."""

from __future__ import annotations

import argparse
import os
import resource
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.report import table
from tasks.read.files import find_sources
from tasks.read.pool import ReadPool
from tasks.settings import ReadSettings

LIMITS = ReadSettings(seconds_to_open=10, seconds_per_page=5, seconds_per_file=30)


def children() -> int:
    """Processes whose parent is this one (Linux)."""
    found = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            found += int(stat.read_text().rsplit(")", 1)[1].split()[1]) == os.getpid()
        except OSError:
            continue
    return found


def section(given: argparse.Namespace) -> tuple[list[str], dict[str, Any]]:
    """Every file of hostile/ through the reading pool."""
    if not (given.data / "hostile").is_dir():
        return [f"{given.data / 'hostile'}: no such folder; not measured\n"], {}
    found = find_sources(given.data, "hostile")
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    with ReadPool(LIMITS) as pool, ThreadPoolExecutor(pool.size) as threads:
        results = list(threads.map(lambda source: pool.read(source, given.data), found.rows))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    ends = Counter("pages" if kept.rows else kept.dropped[0].reason if kept.dropped else "NOTHING" for kept in results)
    ends.update(f"not taken: {dropped.reason}" for dropped in found.dropped)
    lost = sum(not kept.rows and not kept.dropped for kept in results)
    rows = [[end, number] for end, number in ends.most_common()]
    took = time.monotonic() - started
    title = f"Hostile files: {len(results)} in {took:.0f} s, parent grew by {grown:.0f} MiB, {children()} orphans"
    return [table(title, ["ends as", "files"], rows)], {"hostile_lost": lost, "hostile_orphans": children()}
