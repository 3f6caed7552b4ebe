"""Who sends a call: a process that is alive holds a lock on a file of its own, and loses it however it ends.

No clock and no process number is trusted, so nothing is mistaken after a reboot, a jump of the clock or in a container.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import uuid
from pathlib import Path


class Owner:
    """One sender of calls, alive until it is closed or its process ends."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.id = uuid.uuid4().hex
        self._path = folder / f"{self.id}.lock"
        self._file = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        _OURS.add(self._file)

    def close(self) -> None:
        """Be dead."""
        with contextlib.suppress(OSError):
            self._path.unlink()
        if self._file in _OURS:
            _OURS.remove(self._file)
            os.close(self._file)


_OURS: set[int] = set()


def _let_go() -> None:
    """In a child that was forked: it must not keep its parent alive."""
    for file in _OURS:
        os.close(file)
    _OURS.clear()


os.register_at_fork(after_in_child=_let_go)


def is_alive(folder: Path, owner: str) -> bool:
    """Whether that owner's process still runs and has not closed it. Raises OSError when that cannot be told."""
    try:
        file = os.open(folder / f"{owner}.lock", os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)  # shared: two who look must not take each other for the owner
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False
