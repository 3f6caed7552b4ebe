"""What a long run says while it works: ordinary log records, which the command line shows and Prefect's UI keeps.

The pipeline only logs. On a terminal the command line turns `step` records into a progress bar, elsewhere into plain lines.
"""

from __future__ import annotations

import logging
import sys
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

LOGGER_NAME = "jeongdap"
log = logging.getLogger(LOGGER_NAME)


def say(message: str) -> None:
    """One line about what happens now."""
    log.info("%s", message)


def warn(message: str) -> None:
    """One line that the user should not overlook."""
    log.warning("%s", message)


def tick(step: str, done: int, total: int, label: str) -> None:
    """`done` of `total` pieces of a step are through, the last one being `label`."""
    log.info("%s %d/%d %s", step, done, total, label, extra={"tick": (step, done, total)})


class Shown(logging.Handler):
    """Shows the log on standard error for the time of the context: bars on a terminal, lines elsewhere."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.console = Console(stderr=True, highlight=False, markup=False)
        self.bars: Progress | None = None
        self.tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        log.setLevel(logging.INFO)
        log.propagate = False
        log.addHandler(self)
        if sys.stderr.isatty():
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
            self.bars = Progress(*columns, console=self.console)
            self.bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None) -> None:
        if self.bars:
            self.bars.stop()
        log.removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """A tick moves its bar, anything else is a line."""
        tick_of: tuple[str, int, int] | None = getattr(record, "tick", None)
        if self.bars and tick_of:
            step, done, total = tick_of
            if step not in self.tasks:
                self.tasks[step] = self.bars.add_task(step, total=total)
            self.bars.update(self.tasks[step], completed=done, total=total)
            return
        prefix = "warning: " if record.levelno >= logging.WARNING else ""
        self.console.print(prefix + record.getMessage(), soft_wrap=True)
