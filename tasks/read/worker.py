"""The child process that reads: one request a line in, its answers a line each out, until its standard input ends.

Requests and answers are JSON, because what a process says that parses hostile files is not to be unpickled. The child must
never outlive its parent. While it waits it sees the end of its input; while it computes inside MuPDF, where no Python code
runs, the kernel tells it: closing the parent's end of the pipe raises SIGIO, whose default action is death.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import os
import resource
import select
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from tasks.read.wire import REQUEST, Answer, Finished, OcrRequest, Ready, Request

LARGEST_FILE = 64 << 20  # bytes that may be written to one file: reading writes none, but libraries complain


def main() -> None:
    """Serve requests on standard input. `argv[1]` is the memory limit in MiB."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints must not become an answer
    sys.modules["pymupdf.layout"] = None  # type: ignore[assignment]  # three models and their threads that nobody asks for
    import tasks.read.pdf  # noqa: F401  slow to import: before the clock of the first file runs

    _limit(int(sys.argv[1]) << 20)
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)  # a dict a character: collecting every 700 of them costs a third of the time

    def answer(message: Answer) -> None:
        answers.write(message.model_dump_json() + "\n")
        answers.flush()

    answer(Ready())
    for line in iter(sys.stdin.buffer.readline, b""):
        request = REQUEST.validate_json(line)
        with _dies_with_parent():
            last = _answer(request, answer)
        answer(last)  # out here, because the parent may send its next request at once, and that must not kill


def _answer(request: Request, answer: Callable[[Answer], None]) -> Answer:
    """Give all answers but the last one, which is returned."""
    if isinstance(request, OcrRequest):
        from tasks.read.ocr.work import read_page

        return read_page(request)
    from tasks.read.formats import read_by_name

    for message in read_by_name(Path(request.file), request.source, request.first):
        if isinstance(message, Finished):
            return message
        answer(message)
    raise AssertionError("every reader ends with Finished")


def _limit(memory: int) -> None:
    """So much memory, no dumps of it, no flood of messages; and the first one to go where the machine runs out of memory."""
    for what, limit in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, LARGEST_FILE)):
        _, hard = resource.getrlimit(what)
        soft = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        with contextlib.suppress(ValueError, OSError):  # macOS does not limit memory
            resource.setrlimit(what, (soft, hard))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")


@contextlib.contextmanager
def _dies_with_parent() -> Iterator[None]:
    """SIGIO, which kills, when the other end of standard input is closed: us, and all that we started (Tesseract)."""
    flags = fcntl.fcntl(0, fcntl.F_GETFL)
    fcntl.fcntl(0, fcntl.F_SETOWN, -os.getpgrp())
    fcntl.fcntl(0, fcntl.F_SETFL, flags | os.O_ASYNC)
    poll = select.poll()
    poll.register(0, 0)
    if poll.poll(0):  # closed before we listened
        os._exit(1)
    try:
        yield
    finally:
        fcntl.fcntl(0, fcntl.F_SETFL, flags)


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):  # the parent is gone
        main()
