"""PDFs are read in child processes that can be killed, because a valid file of two kilobytes may cost for ever.

Each worker is a fresh interpreter that imports pymupdf once and reads one file after the other. It is started with
subprocess and not with multiprocessing, which would run the parent's main module again in every child. The time limit runs
from the request and grows by the number of pages once the file is open. Whoever exceeds it is killed, and the next file
gets a new worker.
"""

from __future__ import annotations

import os
import queue
import select
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Literal

from pydantic import ValidationError

from tasks.errors import JeongdapError
from tasks.read.files import locate
from tasks.read.wire import ANSWER, Opened, Ready, Request, Result
from tasks.records import Dropped, Kept, Page, Source
from tasks.settings import ReadSettings

STEP = "read"
SECONDS_TO_START = 120.0  # importing pymupdf takes 2 CPU seconds; a busy machine may need many times that
SECONDS_TO_END = 10.0
# A process that parses hostile files is told no API keys.
ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "TMPDIR")


class ReadPool:
    """At most `workers` reading processes (0: one a core), started when needed, all gone when the block ends."""

    def __init__(self, settings: ReadSettings) -> None:
        self._settings = settings
        self._size = settings.workers or os.cpu_count() or 1
        self._closed = False
        self._slots: queue.LifoQueue[_Worker | None] = queue.LifoQueue()
        self._alive: set[_Worker] = set()
        for _ in range(self._size):
            self._slots.put(None)

    def __enter__(self) -> ReadPool:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        """Kill all workers. A thread that waits for one gets JeongdapError."""
        self._closed = True
        for worker in list(self._alive):
            worker.process.kill()
        for _ in range(self._size):
            try:
                worker_or_none = self._slots.get(timeout=SECONDS_TO_END)
            except queue.Empty:
                return
            self._forget(worker_or_none)

    def read(self, source: Source, project: Path) -> Kept[Page]:
        """The pages of a source, read in a worker process; waits for a free one. May be called from many threads."""
        request = Request(file=str(locate(project, source.path)), source=source)
        worker, fit = self._slots.get(), None
        try:
            worker = self._ready(worker, source)
            kept = worker.read(request, self._settings)
            fit = worker
            return kept
        except _Failure as failure:
            if self._closed:  # killed by us, so nothing is known about the file
                raise self._stopped(source) from None
            return Kept([], [Dropped.of(source, source.id, STEP, failure.reason, failure.detail)])
        finally:  # whoever did not finish is not asked again: its late answer would be taken for that of the next file
            if not fit:
                self._forget(worker)
            self._slots.put(fit)

    def _ready(self, worker: _Worker | None, source: Source) -> _Worker:
        if worker is None or worker.process.poll() is not None:
            self._forget(worker)
            worker = _Worker(self._settings.memory_mib)
            self._alive.add(worker)
        if self._closed:
            self._forget(worker)
            raise self._stopped(source)
        return worker

    def _forget(self, worker: _Worker | None) -> None:
        if worker:
            worker.end()
            self._alive.discard(worker)

    @staticmethod
    def _stopped(source: Source) -> JeongdapError:
        return JeongdapError(f"reading {source.path} was stopped; run again to go on")


class _Failure(Exception):  # noqa: N818  a value on its way to a Dropped row
    """A worker did not answer: reason and detail of the dropped source."""

    def __init__(self, reason: Literal["crashed", "timeout"], detail: str) -> None:
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail


class _Worker:
    """One child process and the pipes to it."""

    def __init__(self, memory_mib: int) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  closed in end()
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "tasks.read.worker", str(memory_mib)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
            | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
            bufsize=0,
            start_new_session=True,  # Ctrl-C in the terminal reaches the parent alone
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._requests, self._answers = self.process.stdin, self.process.stdout
        self._poll = select.poll()
        self._poll.register(self._answers, select.POLLIN)
        self._rest = b""
        self._started = False

    def read(self, request: Request, settings: ReadSettings) -> Kept[Page]:
        """Send a request and wait for its result. Raises _Failure when none comes."""
        if not self._started:
            self._started = isinstance(self._answer(time.monotonic() + SECONDS_TO_START), Ready)
        deadline = time.monotonic() + settings.seconds_per_file
        try:
            self._requests.write(request.model_dump_json().encode() + b"\n")
        except OSError:
            raise self._ended() from None
        answer = self._answer(deadline)
        if isinstance(answer, Opened):
            answer = self._answer(deadline + settings.seconds_per_page * answer.pages)
        if not isinstance(answer, Result):
            raise _Failure("crashed", f"the reading process said {answer.type!r} out of turn")
        return Kept(answer.pages, answer.dropped)

    def end(self) -> None:
        """Kill the process and close the pipes; no other thread may be using them."""
        self.process.kill()
        self.process.wait()
        for pipe in (self._requests, self._answers, self._errors):
            pipe.close()

    def _answer(self, deadline: float) -> Ready | Opened | Result:
        try:
            return ANSWER.validate_json(self._line(deadline))
        except ValidationError:
            raise _Failure("crashed", "the reading process gave no valid answer") from None

    def _line(self, deadline: float) -> bytes:
        parts = [self._rest]
        while b"\n" not in parts[-1]:
            if not self._poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
                raise _Failure("timeout", "took longer than [read] seconds_per_file + seconds_per_page × pages")
            parts.append(self._answers.read(1 << 20) or b"")
            if not parts[-1]:
                raise self._ended()
        line, _, self._rest = b"".join(parts).partition(b"\n")
        return line

    def _ended(self) -> _Failure:
        code = self.process.wait()
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        self._errors.seek(0)
        said = self._errors.read()[-500:].decode("utf-8", "replace").strip().splitlines()[-1:]
        return _Failure("crashed", ": ".join([f"the reading process ended with {how}", *said]))
