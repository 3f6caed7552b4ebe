"""Which files of the source folder are read, and why the others are not.

A source is known by the hash of its bytes, so the same file under two names is read once. File names are compared and
stored in NFC, because old Macs and archives deliver Hangul names as separate jamo. Nothing is opened that is not a plain
file: a FIFO or a device never blocks the run.
"""

from __future__ import annotations

import hashlib
import os
import stat
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from tasks.errors import InputError
from tasks.read.formats import ADVICE, READERS, advice, can_read
from tasks.records import Dropped, Kept, Source, content_id

STEP = "sources"
Reason = Literal["other_type", "same_bytes", "unreadable", "empty"]
Found = tuple[Path, str]  # a file, or what cannot be one and why


def find_sources(project: Path, folder: str) -> Kept[Source]:
    """All documents under `folder`, sorted by path relative to the project. Raises InputError when there is none."""
    root = project / folder
    if not root.exists():
        raise InputError(f"{root}: no such folder; make it and put your PDFs there, or name another one in [sources] folder")
    if not root.is_dir():
        raise InputError(f"{root}: is a file, not a folder; name the folder that holds your PDFs in [sources] folder")
    found = sorted((relative_path(project, path), path, fault) for path, fault in _walk(root, ()))
    if not any(can_read(path) for _, path, _ in found):
        raise InputError(
            f"{root}: holds no document that can be read{_others(found)}; put PDFs there ({' '.join(READERS)} work too), "
            "or name another folder in [sources] folder"
        )
    return _sort_out(found)


def locate(project: Path, path: str) -> Path:
    """The file behind a stored (NFC) path, whatever Unicode form its name has on disk."""
    here = project
    for part in Path(path).parts:
        exact = here / part
        here = exact if os.path.lexists(exact) else _same_name(here, part)
    return here


def relative_path(project: Path, path: Path) -> str:
    """The stored form of a path: relative to the project, slashes, NFC; bytes that are not UTF-8 are escaped."""
    relative = Path(os.path.relpath(path, project)).as_posix()
    return unicodedata.normalize("NFC", relative.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace"))


def file_id(path: Path) -> tuple[str, int]:
    """The id of a file's bytes, as `records.bytes_id`, and how many there are. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest(), file.tell()


def _same_name(folder: Path, name: str) -> Path:
    wanted = unicodedata.normalize("NFC", name)
    return next((p for p in sorted(folder.iterdir()) if unicodedata.normalize("NFC", p.name) == wanted), folder / name)


def _walk(folder: Path, above: tuple[tuple[int, int], ...]) -> Iterator[Found]:
    """Files below a folder, and folders that cannot be entered, each with what is wrong with it ('' when nothing is)."""
    try:
        info = folder.stat()
        here = (info.st_dev, info.st_ino)
        if here in above:
            yield folder, "is a link to a folder above it"
            return
        entries = sorted(folder.iterdir())
    except OSError as exc:
        yield folder, exc.strerror or str(exc)
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _walk(entry, (*above, here))
        else:
            yield entry, _fault(entry)


def _fault(path: Path) -> str:
    try:
        path.name.encode()
        mode = path.stat().st_mode
    except UnicodeEncodeError:
        return "the file name is not UTF-8; rename it"
    except OSError as exc:
        return "is a link to nothing" if path.is_symlink() else exc.strerror or str(exc)
    return "" if stat.S_ISREG(mode) else "is not a regular file"


def _others(found: list[tuple[str, Path, str]]) -> str:
    """How many other files there are, and what to do about the first that is known."""
    if not found:
        return ""
    name, path = next(((n, p) for n, p, _ in found if p.suffix.lower() in ADVICE), ("", Path()))
    return f" (it holds {len(found)} other files{f'; {name} {advice(path)}' if name else ''})"


def _sort_out(found: list[tuple[str, Path, str]]) -> Kept[Source]:
    kept: dict[str, Source] = {}
    names: set[str] = set()
    dropped: list[Dropped] = []
    for name, path, fault in found:
        source, reason, detail = _examine(name, path, fault)
        if not reason and source.id in kept:
            reason, detail = "same_bytes", f"as {kept[source.id].path}"
        elif not reason and name in names:
            reason, detail = "unreadable", "another file has this name in another Unicode form; rename one of them"
        if reason:
            dropped.append(Dropped.of(source, source.id, STEP, reason, detail))
        else:
            kept[source.id] = source
            names.add(name)
    return Kept(list(kept.values()), dropped)


def _examine(name: str, path: Path, fault: str) -> tuple[Source, Reason | Literal[""], str]:
    nameless = Source(id=content_id("path", name), path=name, size=0)
    if fault:
        return nameless, "unreadable", fault
    if not can_read(path):
        return nameless, "other_type", advice(path)
    try:
        known, size = file_id(path)
    except OSError as exc:
        return nameless, "unreadable", exc.strerror or str(exc)
    if size == 0:
        return nameless, "empty", "the file has no bytes"
    return Source(id=known, path=name, size=size), "", ""
