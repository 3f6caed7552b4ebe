"""Files are read in child processes that can be killed, because a valid file of two kilobytes may cost for ever.

Each worker is a fresh interpreter that imports pymupdf once and reads one file after the other. It is started with
subprocess and not with multiprocessing, which would run the parent's main module again in every child. Pages come one by
one, each with a time limit of its own: who exceeds it is killed, the page is named as lost, and a new worker goes on with
the page after it. OCR runs in workers of its own, a page a request, because engines want more memory and leak it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import queue
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Literal

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
STARTS = 3  # tries to start a process, before it is taken for impossible
FILES_PER_WORKER = 200  # then a fresh process reads: 2 CPU seconds against whatever 200 files left behind
LONGEST_ANSWER = 64 << 20  # bytes: a page of a million lines has less
LONGEST_WAIT = 86_400.0  # poll() takes no more than 24 days
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
        """Kill all workers. A thread that waits for one, or comes later, gets JeongdapError."""
        self._closed = True
        for worker in list(self._alive):
            worker.kill()
        seats = []
        with contextlib.suppress(queue.Empty):
            seats += [self._seats.get(timeout=SECONDS_TO_END) for _ in range(self.size)]
        for seat in seats:
            self._leave(seat, "text")
            self._leave(seat, "ocr")
            self._seats.put(seat)  # whoever comes for it sees that the pool is closed

    def read(self, source: Source, project: Path) -> Kept[Page]:
        """The pages of a source, read in a worker process; waits for a free one. May be called from many threads.

        A page on which the worker dies or takes too long is dropped, and the file is read on from the next one.
        Raises JeongdapError when the pool was closed meanwhile.
        """
        reading = _Reading(source, self._settings.seconds_per_file)
        file = find(source, project)
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
                until = time.monotonic() + self._ocr.seconds_per_page, "[ocr] seconds_per_page"
                worker.send(request, *until)
                answer = worker.answer(*until)
                if not isinstance(answer, OcrRead | OcrFailed):
                    raise worker.out_of_turn(answer)
                return answer
        except _Failure as failure:
            return OcrFailed(detail=f"{failure.reason}: {failure.detail}")

    def _read_on(self, worker: _Worker, request: ReadRequest, reading: _Reading) -> None:
        reading.begin()
        to_open = reading.until(self._settings.seconds_to_open, "[read] seconds_to_open")
        worker.send(request, *to_open)
        answer = worker.answer(*to_open)
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
            fit = seat.uses[kind] < (FILES_PER_WORKER if kind == "text" else self._ocr.pages_per_worker)
        except _Failure:
            if self._closed:  # killed by us, so nothing is known about the file
                raise self._stopped(source) from None
            raise
        finally:
            if not fit:
                self._leave(seat, kind)
            self._seats.put(seat)

    def _ready(self, seat: _Seat, kind: Kind, source: Source) -> _Worker:
        if self._closed:
            raise self._stopped(source)
        worker = seat.workers[kind]
        if worker is None or worker.process.poll() is not None:
            self._leave(seat, kind)
            worker = seat.workers[kind] = self._started(kind, source)
        seat.uses[kind] += 1
        return worker

    def _started(self, kind: Kind, source: Source) -> _Worker:
        """A new worker. Raises JeongdapError when none can be started: that says nothing about a file."""
        said = ""
        for _ in range(STARTS):
            try:
                worker = _Worker(self._settings.memory_mib if kind == "text" else self._ocr.memory_mib)
            except OSError as exc:
                raise JeongdapError(f"no reading process can be started: {exc}; free memory and disk, then run again") from exc
            self._alive.add(worker)
            if self._closed:  # after `add`: whoever closes kills those that it finds there
                worker.kill()
            try:
                worker.wait_until_ready()
                return worker
            except _Failure as failure:
                said = failure.detail
                worker.end()
                self._alive.discard(worker)
            if self._closed:
                raise self._stopped(source)
        raise JeongdapError(f"no reading process can be started: {said}; see: jeongdap check")

    def _leave(self, seat: _Seat, kind: Kind) -> None:
        if worker := seat.workers[kind]:
            worker.end()
            self._alive.discard(worker)
        seat.workers[kind], seat.uses[kind] = None, 0

    @staticmethod
    def _stopped(source: Source) -> JeongdapError:
        return JeongdapError(f"reading {source.path} was stopped; run again to go on")


class _Seat:
    """A place for one process at work; the workers that wait on it, and how many requests they have had."""

    def __init__(self) -> None:
        self.workers: dict[Kind, _Worker | None] = {"text": None, "ocr": None}
        self.uses: dict[Kind, int] = {"text": 0, "ocr": 0}


class _Failure(Exception):  # noqa: N818  a value on its way to a Dropped row
    """A worker did not answer: reason and detail of the dropped page or source."""

    def __init__(self, reason: Literal["crashed", "timeout", "page_failed"], detail: str) -> None:
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail


class _Reading:
    """How far a file has been read."""

    def __init__(self, source: Source, seconds: float) -> None:
        self.source = source
        self.kept: Kept[Page] = Kept([], [])
        self.opened = self.finished = False
        self.next = 1
        self._seconds = seconds
        self._deadline = 0.0
        self._lost = 0

    def begin(self) -> None:
        """Start the file's clock, or start it again: it stands still while the file waits for a process."""
        self._deadline = time.monotonic() + self._seconds

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
        self._seconds = self._deadline - time.monotonic()
        if not self.opened:
            self._give_up(failure, failure.detail)
        elif self._lost >= LOST_IN_A_ROW or self._seconds <= 0:
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
        self._errors = _scratch()
        try:
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
        except OSError:
            self._errors.close()
            raise
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._requests, self._answers = self.process.stdin, self.process.stdout
        os.set_blocking(self._requests.fileno(), False)  # a process that stands still reads no request
        self._can_send, self._can_read = select.poll(), select.poll()
        self._can_send.register(self._requests, select.POLLOUT)
        self._can_read.register(self._answers, select.POLLIN)
        self._rest = b""

    def wait_until_ready(self) -> None:
        """Return when it has started. Raises _Failure."""
        answer = self.answer(time.monotonic() + SECONDS_TO_START, "two minutes to start")
        if not isinstance(answer, Ready):
            raise self.out_of_turn(answer)

    def send(self, request: Request, deadline: float, limit: str) -> None:
        """Send a request. Raises _Failure when it is not taken in time, naming the limit."""
        self._errors.truncate(0)  # what was said about the file before is not about this one
        data = memoryview(request.model_dump_json().encode() + b"\n")
        while data:
            if not self._can_send.poll(_milliseconds_to(deadline)):
                raise _Failure("timeout", f"took longer than {limit}")
            try:
                data = data[self._requests.write(data) or 0 :]
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
        if self.process.returncode is None:  # else its number may be another's by now
            self._kill_group()

    def end(self) -> None:
        """Kill the process and close the pipes; no other thread may be using them."""
        self.kill()
        self.process.wait()
        for pipe in (self._requests, self._answers, self._errors):
            pipe.close()

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def _line(self, deadline: float, limit: str) -> bytes:
        parts, size = [self._rest], 0
        while b"\n" not in parts[-1]:
            if not self._can_read.poll(_milliseconds_to(deadline)):
                raise _Failure("timeout", f"took longer than {limit}")
            parts.append(self._answers.read(1 << 20) or b"")
            size += len(parts[-1])
            if not parts[-1]:
                raise self._ended()
            if size > LONGEST_ANSWER:
                raise _Failure("page_failed", f"holds more than {LONGEST_ANSWER >> 20} MiB of text")
        line, _, self._rest = b"".join(parts).partition(b"\n")
        return line

    def _ended(self) -> _Failure:
        try:
            code = self.process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:  # it closed its pipes and lives on
            self.kill()
            code = self.process.wait()
        self._kill_group()  # whom it left behind: while one of them lives, the group's number is no one else's
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        self._errors.seek(max(0, self._errors.seek(0, os.SEEK_END) - 500))
        said = self._errors.read().decode("utf-8", "replace").strip().splitlines()[-1:]
        return _Failure("crashed", ": ".join([f"the reading process ended with {how}", *said]))


def find(source: Source, project: Path) -> str:
    """The file of a source; where it cannot be looked for, the one that should be there: its reader says what is wrong."""
    try:
        return str(locate(project, source.path))
    except OSError:
        return str(project / source.path)


def _scratch() -> IO[bytes]:
    """A nameless file that others append to, so that it can be emptied while they hold it."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  closed with its worker
    fcntl.fcntl(file, fcntl.F_SETFL, fcntl.fcntl(file, fcntl.F_GETFL) | os.O_APPEND)
    return file


def _milliseconds_to(deadline: float) -> float:
    return min(max(0.0, deadline - time.monotonic()), LONGEST_WAIT) * 1000
