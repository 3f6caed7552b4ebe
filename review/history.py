"""Every verdict ever pulled, in `.jeongdap/verdicts.parquet`.

Argilla keeps one answer a person and record: a second one overwrites the first, a deleted record takes its answers along. This
file forgets nothing. To settle, take what the server says now; this is the record of how it came about.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from pyarrow import ArrowException
from pydantic import ValidationError

from review.locks import locked
from tasks.errors import StoreError
from tasks.records import Verdict
from tasks.store import STATE_FOLDER
from tasks.tables import read_parquet, write_parquet

FILE_NAME = "verdicts.parquet"


def remember(project: Path, verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Add verdicts to the history; all of them, oldest first. Raises StoreError when the file cannot be read or written."""
    path = project / STATE_FOLDER / FILE_NAME
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with locked(path.parent):
            known = {verdict.id: verdict for verdict in recall(project)}
            merged = known | {verdict.id: verdict for verdict in verdicts}
            rows = sorted(merged.values(), key=lambda v: (v.time, v.id))
            if len(merged) > len(known):
                _write(path, rows)
    except OSError as exc:
        raise StoreError(f"{path}: cannot be written: {exc}; free some space or mend the permissions, then run again") from exc
    return rows


def recall(project: Path) -> list[Verdict]:
    """Every verdict of the history, oldest first. Raises StoreError when the file cannot be understood."""
    path = project / STATE_FOLDER / FILE_NAME
    try:
        return read_parquet(path, Verdict)
    except FileNotFoundError:
        return []
    except (OSError, ArrowException, ValidationError) as exc:
        raise StoreError(f"{path}: cannot be read ({exc}); move it away, the next pull starts a new history") from exc


def _write(path: Path, rows: list[Verdict]) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        write_parquet(draft, rows, Verdict)
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
