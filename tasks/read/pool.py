"""Files are read in child processes that can be killed, because a valid file of two kilobytes may cost for ever.

Each worker is a fresh interpreter that imports pymupdf once and reads one file after the other. It is started with
subprocess and not with multiprocessing, which would run the parent's main module again in every child. Pages come one by
one, each with a time limit of its own: who exceeds it is killed, the page is named as lost, and a new worker goes on with
the page after it. OCR runs in workers of its own, a page a request, because engines want more memory and leak it.
"""

from __future__ import annotations

import contextlib
import os
import queue
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Literal

from pydantic import ValidationError

from tasks.errors import JeongdapError
from tasks.read.files import locate
from tasks.read.wire import (
    ANSWER,
    Answer,
    Finished,
    OcrFailed,
    OcrRead,
    OcrRequest,
    Opened,
    PageRead,
    ReadRequest,
    Ready,
    Request,
)
from tasks.records import Dropped, Kept, Page, Source
from tasks.settings import OcrSettings, ReadSettings

STEP = "read"
Kind = Literal["text", "ocr"]
SECONDS_TO_START = 120.0  # importing pymupdf takes 2 CPU seconds; a busy machine may need many times that
SECONDS_TO_END = 10.0
LOST_IN_A_ROW = 3  # pages; then the rest of the file is given up
# A process that parses hostile files is told no API keys.
ENVIRONMENT = (
    *("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "TMPDIR", "TESSDATA_PREFIX"),
    *("PADDLE_PDX_CACHE_HOME", "PADDLE_PDX_MODEL_SOURCE", "PADDLE_PDX_HUGGING_FACE_ENDPOINT", "HTTPS_PROXY", "https_proxy"),
)
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OMP_THREAD_LIMIT": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


class ReadPool:
    """At most `workers` processes at work (0: one a core), started when needed, all gone when the block ends."""

    def __init__(self, settings: ReadSettings, ocr: OcrSettings | None = None) -> None:
        self._settings = settings
        self._ocr = ocr or OcrSettings()
        self._closed = False
        self._alive: set[_Worker] = set()
        self.size = settings.workers or os.cpu_count() or 1
        self._seats: queue.LifoQueue[_Seat] = queue.LifoQueue()
        for _ in range(self.size):
            self._seats.put(_Seat())

    def __enter__(self) -> ReadPool:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        """Kill all workers. A thread that waits for one gets JeongdapError."""
        self._closed = True
        for worker in list(self._alive):
            worker.kill()
        for _ in range(self.size):
            try:
                seat = self._seats.get(timeout=SECONDS_TO_END)
            except queue.Empty:
                return
            self._leave(seat, "text")
            self._leave(seat, "ocr")

    def read(self, source: Source, project: Path) -> Kept[Page]:
        """The pages of a source, read in a worker process; waits for a free one. May be called from many threads.

        A page on which the worker dies or takes too long is dropped, and the file is read on from the next one.
        Raises JeongdapError when the pool was closed meanwhile.
        """
        reading = _Reading(source, time.monotonic() + self._settings.seconds_per_file)
        file = str(locate(project, source.path))
        while not reading.finished:
            try:
                with self._worker("text", source) as worker:
                    self._read_on(worker, ReadRequest(file=file, source=source, first=reading.next), reading)
            except _Failure as failure:
                reading.lose(failure)
        return reading.kept

    def ocr(self, request: OcrRequest, source: Source) -> OcrRead | OcrFailed:
        """What OCR reads on a page. Raises JeongdapError when the pool was closed meanwhile."""
        try:
            with self._worker("ocr", source) as worker:
                worker.send(request)
                answer = worker.answer(time.monotonic() + self._ocr.seconds_per_page, "[ocr] seconds_per_page")
                if not isinstance(answer, OcrRead | OcrFailed):
                    raise worker.out_of_turn(answer)
                return answer
        except _Failure as failure:
            return OcrFailed(detail=f"{failure.reason}: {failure.detail}")

    def _read_on(self, worker: _Worker, request: ReadRequest, reading: _Reading) -> None:
        worker.send(request)
        answer = worker.answer(*reading.until(self._settings.seconds_to_open, "[read] seconds_to_open"))
        if isinstance(answer, Opened):
            reading.opened = True
            answer = worker.answer(*reading.until(self._settings.seconds_per_page, "[read] seconds_per_page"))
        while isinstance(answer, PageRead):
            reading.add(answer)
            answer = worker.answer(*reading.until(self._settings.seconds_per_page, "[read] seconds_per_page"))
        if not isinstance(answer, Finished):
            raise worker.out_of_turn(answer)
        reading.finish(answer)

    @contextlib.contextmanager
    def _worker(self, kind: Kind, source: Source) -> Iterator[_Worker]:
        """A worker of this kind, alone. Whoever does not finish is killed: its late answer would be taken for another's."""
        seat, fit = self._seats.get(), False
        try:
            yield self._ready(seat, kind, source)
            fit = seat.pages[kind] < self._ocr.pages_per_worker or kind == "text"
        except _Failure:
            if self._closed:  # killed by us, so nothing is known about the file
                raise self._stopped(source) from None
            raise
        finally:
            if not fit:
                self._leave(seat, kind)
            self._seats.put(seat)

    def _ready(self, seat: _Seat, kind: Kind, source: Source) -> _Worker:
        worker = seat.workers[kind]
        if worker is None or worker.process.poll() is not None:
            self._leave(seat, kind)
            worker = seat.workers[kind] = _Worker(self._settings.memory_mib if kind == "text" else self._ocr.memory_mib)
            self._alive.add(worker)
        if self._closed:
            raise self._stopped(source)
        seat.pages[kind] += 1
        return worker

    def _leave(self, seat: _Seat, kind: Kind) -> None:
        if worker := seat.workers[kind]:
            worker.end()
            self._alive.discard(worker)
        seat.workers[kind], seat.pages[kind] = None, 0

    @staticmethod
    def _stopped(source: Source) -> JeongdapError:
        return JeongdapError(f"reading {source.path} was stopped; run again to go on")


class _Seat:
    """A place for one process at work; the workers that wait on it, and how many requests they have had."""

    def __init__(self) -> None:
        self.workers: dict[Kind, _Worker | None] = {"text": None, "ocr": None}
        self.pages: dict[Kind, int] = {"text": 0, "ocr": 0}


class _Failure(Exception):  # noqa: N818  a value on its way to a Dropped row
    """A worker did not answer: reason and detail of the dropped page or source."""

    def __init__(self, reason: Literal["crashed", "timeout"], detail: str) -> None:
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail


class _Reading:
    """How far a file has been read."""

    def __init__(self, source: Source, deadline: float) -> None:
        self.source = source
        self.kept: Kept[Page] = Kept([], [])
        self.opened = self.finished = False
        self.next = 1
        self._deadline = deadline
        self._lost = 0

    def until(self, seconds: float, setting: str) -> tuple[float, str]:
        """When the next answer must be there, and which setting says so."""
        soon = time.monotonic() + seconds
        return (soon, setting) if soon < self._deadline else (self._deadline, "[read] seconds_per_file")

    def add(self, read: PageRead) -> None:
        """Take a page."""
        self.kept.rows.extend([read.page] if read.page else [])
        self.kept.dropped.extend(read.dropped)
        self.next, self._lost = read.number + 1, 0

    def finish(self, last: Finished) -> None:
        """The file has come to its end."""
        self.kept.dropped.extend(last.dropped)
        self.finished = True

    def lose(self, failure: _Failure) -> None:
        """Give up the page that was being read, or the file."""
        self._lost += 1
        if not self.opened:
            self._give_up(failure, failure.detail)
        elif self._lost >= LOST_IN_A_ROW or time.monotonic() >= self._deadline:
            self._give_up(failure, f"{failure.detail}; the rest of the file, from page {self.next} on, was given up")
        else:
            page = Page(
                document=self.source.id,
                path=self.source.path,
                number=self.next,
                width=0,
                height=0,
                origin="blank",
                engine="",
                reason=failure.reason,
                blocks=(),
            )
            self.kept.dropped.append(Dropped.of(page, page.id, STEP, failure.reason, failure.detail))
            self.next += 1

    def _give_up(self, failure: _Failure, detail: str) -> None:
        self.kept.dropped.append(Dropped.of(self.source, self.source.id, STEP, failure.reason, detail))
        self.finished = True


class _Worker:
    """A reading process and the pipes to it. Created and used by one thread at a time; only `kill` comes from others."""

    def __init__(self, memory_mib: int) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  closed in `end`
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "tasks.read.worker", str(memory_mib)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
            | ONE_THREAD
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

    def send(self, request: Request) -> None:
        """Send a request; the first one waits until the worker has started."""
        if not self._started:
            answer = self.answer(time.monotonic() + SECONDS_TO_START, "two minutes to start")
            if not isinstance(answer, Ready):
                raise self.out_of_turn(answer)
            self._started = True
        try:
            _write_all(self._requests.write, request.model_dump_json().encode() + b"\n")
        except OSError:
            raise self._ended() from None

    def answer(self, deadline: float, limit: str) -> Answer:
        """The next answer. Raises _Failure when none comes in time, naming the limit."""
        try:
            return ANSWER.validate_json(self._line(deadline, limit))
        except ValidationError:
            raise _Failure("crashed", "the reading process gave no valid answer") from None

    def out_of_turn(self, answer: Answer) -> _Failure:
        """What to raise when it is not this answer's turn."""
        return _Failure("crashed", f"the reading process said {answer.type!r} out of turn")

    def kill(self) -> None:
        """Kill the process and those that it started (Tesseract)."""
        if self.process.returncode is not None:  # its number may be another's by now
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def end(self) -> None:
        """Kill the process and close the pipes; no other thread may be using them."""
        self.kill()
        self.process.wait()
        for pipe in (self._requests, self._answers, self._errors):
            pipe.close()

    def _line(self, deadline: float, limit: str) -> bytes:
        parts = [self._rest]
        while b"\n" not in parts[-1]:
            if not self._poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
                raise _Failure("timeout", f"took longer than {limit}")
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


def _write_all(write: Callable[[bytes], int | None], data: bytes) -> None:
    """An unbuffered pipe takes a part of a long message at a time."""
    while data:
        data = data[write(data) or 0 :]
