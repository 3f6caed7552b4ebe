"""Read the files named on the command line again and again; print pages read and resident memory (MiB) as it goes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from benchmarks.report import source_of
from tasks.read.pdf import pages_of
from tasks.read.wire import PageRead

PAGES = 1200
EVERY = 200


def resident() -> float:
    """MiB in memory now (Linux)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def main() -> None:
    """Read and print."""
    read = 0
    while read < PAGES:
        for name in sys.argv[1:]:
            for message in pages_of(Path(name), source_of(Path(name))):
                if isinstance(message, PageRead):
                    read += 1
                    if read % EVERY == 0 and read <= PAGES:
                        print(read, f"{resident():.1f}", flush=True)


if __name__ == "__main__":
    main()
