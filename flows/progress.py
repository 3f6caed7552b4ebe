"""What a long run says while it works: ordinary log records, which the command line shows and Prefect's UI keeps.

The pipeline only logs. On a terminal the command line turns `step` records into a progress bar, elsewhere into plain lines.
While a model writes, figures that change every second stand below the bars; elsewhere they are a line now and then.
"""

from __future__ import annotations

import contextvars
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

if TYPE_CHECKING:
    from tasks.llm.tally import Tally

LOGGER_NAME = "jeongdap"
log = logging.getLogger(LOGGER_NAME)
live = logging.getLogger(f"{LOGGER_NAME}-live")  # what is only worth a look; Prefect does not keep it
live.propagate = False
QUIET = ("asyncio", "openai", "httpx2", "httpcore2", "aiohttp")  # what matters of what they say is in our errors
LOOK_SECONDS = 1.0
LINE_SECONDS = 15.0
IDLE_SECONDS = 600.0  # the same where nothing has changed: a batch may take a day


def say(message: str) -> None:
    """One line about what happens now."""
    log.info("%s", message)


def warn(message: str) -> None:
    """One line that the user should not overlook."""
    log.warning("%s", message)


def tick(step: str, done: int, total: int, label: str) -> None:
    """`done` of `total` pieces of a step are through, the last one being `label`."""
    log.info("%s %d/%d %s", step, done, total, label, extra={"tick": (step, done, total)})


class Watch:
    """Tells how far a model is with a step, from the first call until the context ends; nothing where nothing is sent.

    A line comes every 15 seconds at most, and rarely while no reply comes.
    `look` is asked every second; `currency` is empty where cost is not known.
    """

    def __init__(self, step: str, look: Callable[[], Tally], currency: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._step = step
        self._look = look
        self._currency = currency
        self._clock = clock
        self._said: float | None = None
        self._bought = 0
        self._left = threading.Event()
        # In the context of who called us, so that Prefect knows whose lines these are.
        self._thread = threading.Thread(target=contextvars.copy_context().run, args=(self._watch,), name="watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None) -> None:
        self._left.set()
        self._thread.join()
        self.show()
        self.end()

    def show(self) -> None:
        """The figures as they stand; a line of them when the last one is some time ago."""
        from flows.spending import figures

        tally = self._look()
        if not (tally.limit or tally.bought):
            return
        told = figures(tally, self._currency)
        live.info("%s", told, extra={"figures": (self._step, tally.done, tally.total)})
        now = self._clock()
        if self._said is None:
            self._said = now
        elif now - self._said >= (LINE_SECONDS if tally.bought > self._bought else IDLE_SECONDS):
            self._said, self._bought = now, tally.bought
            log.info("%s %d/%d: %s", self._step, tally.done, tally.total, told, extra={"below_bars": True})

    def end(self) -> None:
        """The line that stays."""
        from flows.spending import final_figures

        if self._said is not None:
            live.info("", extra={"figures": None})
            log.info("%s: %s", self._step, final_figures(self._look(), self._currency))

    def _watch(self) -> None:
        while not self._left.wait(LOOK_SECONDS):
            self.show()


class _Bars(Progress):
    """A bar for each step, and a line of figures below them."""

    figures = ""

    def get_renderables(self) -> Iterable[RenderableType]:
        yield from super().get_renderables()
        if self.figures:
            yield Text(self.figures)


class Shown(logging.Handler):
    """Shows the log on standard error for the time of the context: bars on a terminal, lines elsewhere."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.console = Console(stderr=True, highlight=False, markup=False)
        self.bars: _Bars | None = None
        self.tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        log.setLevel(logging.INFO)
        log.propagate = False
        log.addHandler(self)
        for name in QUIET:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        if sys.stderr.isatty():
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
            self.bars = _Bars(*columns, console=self.console)
            self.bars.start()
            live.setLevel(logging.INFO)
            live.addHandler(self)
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None) -> None:
        self.settle()
        log.removeHandler(self)
        live.removeHandler(self)

    def settle(self) -> None:
        """Let the bars stand as they are: what is printed from now on comes below them."""
        if self.bars:
            self.bars.stop()

    def emit(self, record: logging.LogRecord) -> None:
        """A tick moves its bar, figures stand below the bars, anything else is a line."""
        tick_of: tuple[str, int, int] | None = getattr(record, "tick", None)
        if self.bars and tick_of:
            self._move(self.bars, *tick_of)
        elif self.bars and hasattr(record, "figures"):
            self.bars.figures = record.getMessage()
            if record.figures:
                self._move(self.bars, *record.figures)
        elif not (self.bars and hasattr(record, "below_bars")):
            prefix = "warning: " if record.levelno >= logging.WARNING else ""
            self.console.print(prefix + record.getMessage(), soft_wrap=True)

    def _move(self, bars: _Bars, step: str, done: int, total: int) -> None:
        if step not in self.tasks:
            self.tasks[step] = bars.add_task(step, total=total)
        bars.update(self.tasks[step], completed=done, total=total)
