"""The stage store: what makes a run resumable, cached and traceable, in one mechanism.

A stage is `stages/<step>/<key>/` with data.parquet (kept), dropped.parquet (with reasons) and manifest.json, written last:
its presence means done. The key is the hash of everything that shapes the result, so same key, same result. A stage is
written into a temporary folder and renamed, so a crash at any moment leaves either a whole stage or none.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import uuid
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ValidationError

from tasks.errors import StoreError
from tasks.records import Dropped, Kept, Record, content_id
from tasks.tables import read_parquet, write_parquet

R = TypeVar("R", bound=Record)

STATE_FOLDER = ".jeongdap"


class Outcome(Record):
    """How many rows a step dropped for one reason."""

    reason: str
    rows: int


class Manifest(Record):
    """What a finished stage says of itself. `inputs` are the keys or ids it was made from."""

    step: str
    version: int
    key: str
    label: str
    inputs: tuple[str, ...]
    kept: int
    dropped: int
    reasons: tuple[Outcome, ...]
    sha256: str
    code: str


class Current(Record):
    """Which stages the newest build stands on, step by step in order."""

    run: str
    keys: dict[str, tuple[str, ...]]


def stage_key(step: str, version: int, inputs: Sequence[str], settings: BaseModel | None, extras: Sequence[str] = ()) -> str:
    """Hash of everything that shapes a step's result: name, version, inputs, settings slice, prompts, model."""
    slice_ = settings.model_dump(mode="json") if settings is not None else None
    return content_id("stage", step, version, list(inputs), slice_, list(extras))


class Store:
    """The stages of one project."""

    def __init__(self, project: Path) -> None:
        self.root = project / STATE_FOLDER

    def folder(self, step: str, key: str) -> Path:
        """Where a stage is, or would be."""
        return self.root / "stages" / step / key

    def manifest(self, step: str, key: str) -> Manifest | None:
        """The manifest of a finished stage; None when there is none. Raises StoreError when it cannot be understood."""
        path = self.folder(step, key) / "manifest.json"
        try:
            return Manifest.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError) as exc:
            raise StoreError(
                f"{path}: cannot be read ({exc}); delete the folder {path.parent}, the next run makes it anew"
            ) from exc

    def write(
        self, step: str, version: int, key: str, label: str, inputs: Sequence[str], kept: Kept[R], record: type[R]
    ) -> Manifest:
        """Write a finished stage; an equal one that another process finished meanwhile wins."""
        target = self.folder(step, key)
        draft = target.parent / f".{key}.{uuid.uuid4().hex}"
        try:
            draft.mkdir(parents=True)
            write_parquet(draft / "data.parquet", kept.rows, record)
            write_parquet(draft / "dropped.parquet", kept.dropped, Dropped)
            reasons = Counter(d.reason for d in kept.dropped)
            manifest = Manifest(
                step=step,
                version=version,
                key=key,
                label=label,
                inputs=tuple(inputs),
                kept=len(kept.rows),
                dropped=len(kept.dropped),
                reasons=tuple(Outcome(reason=r, rows=n) for r, n in sorted(reasons.items())),
                sha256=file_sha256(draft / "data.parquet"),
                code=CODE_VERSION,
            )
            write_atomic(draft / "manifest.json", manifest.model_dump_json(indent=1).encode())
            _put_in_place(draft, target)
        except OSError as exc:
            raise StoreError(
                f"{target}: cannot be written: {exc}; free some space or mend the permissions, then run again"
            ) from exc
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        return manifest

    def forget(self, manifest: Manifest) -> None:
        """Remove a finished stage, so that it is made anew. The manifest goes first: without it a stage is not there."""
        folder = self.folder(manifest.step, manifest.key)
        (folder / "manifest.json").unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)

    def read(self, manifest: Manifest, record: type[R]) -> list[R]:
        """The rows that a stage kept. Raises StoreError when the file is not what the manifest says."""
        path = self.folder(manifest.step, manifest.key) / "data.parquet"
        try:
            if file_sha256(path) != manifest.sha256:
                raise StoreError(f"{path}: was changed after it was written; delete the folder {path.parent} and build again")
            return read_parquet(path, record)
        except (OSError, pa.ArrowException, ValidationError) as exc:
            raise StoreError(f"{path}: cannot be read ({exc}); delete the folder {path.parent} and build again") from exc

    def columns(self, manifest: Manifest, names: Sequence[str]) -> list[dict[str, Any]]:
        """Some fields of the rows that a stage kept, without reading the others and without validation."""
        path = self.folder(manifest.step, manifest.key) / "data.parquet"
        try:
            rows: list[dict[str, Any]] = pq.read_table(path, columns=list(names), partitioning=None).to_pylist()
        except (OSError, pa.ArrowException) as exc:
            raise StoreError(f"{path}: cannot be read ({exc}); delete the folder {path.parent} and build again") from exc
        return rows

    def read_dropped(self, manifest: Manifest) -> list[Dropped]:
        """The rows that a stage dropped."""
        path = self.folder(manifest.step, manifest.key) / "dropped.parquet"
        try:
            return read_parquet(path, Dropped)
        except (OSError, pa.ArrowException, ValidationError) as exc:
            raise StoreError(f"{path}: cannot be read ({exc}); delete the folder {path.parent} and build again") from exc

    def current(self) -> Current | None:
        """The stages of the newest build; None before the first."""
        path = self.root / "current.json"
        try:
            return Current.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError) as exc:
            raise StoreError(f"{path}: cannot be read ({exc}); delete it and build again") from exc

    def set_current(self, current: Current) -> None:
        """Make these the stages that `rows`, `why` and publish look at."""
        self.root.mkdir(parents=True, exist_ok=True)
        write_atomic(self.root / "current.json", current.model_dump_json(indent=1).encode())

    def manifests(self, step: str, build: Current | None = None) -> list[Manifest]:
        """The manifests of a step in a build, by default the newest. Raises StoreError when a stage is gone."""
        build = build or self.current()
        found = []
        for key in build.keys.get(step, ()) if build else ():
            if (manifest := self.manifest(step, key)) is None:
                raise StoreError(f"{self.folder(step, key)}: the stage is gone; build again to make it anew")
            found.append(manifest)
        return found

    def rows(self, build: Current, step: str, record: type[R]) -> list[R]:
        """The rows that a step kept in a build."""
        return [row for manifest in self.manifests(step, build) for row in self.read(manifest, record)]


def file_sha256(path: Path) -> str:
    """Hex SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_atomic(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees the old or the new content, never a part."""
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _put_in_place(draft: Path, target: Path) -> None:
    try:
        draft.rename(target)
    except OSError:
        if not target.exists():
            raise
        if (target / "manifest.json").exists():  # another process was first, with the same result
            return
        shutil.rmtree(target)
        draft.rename(target)


def _code_version() -> str:
    from importlib.metadata import version

    return version("jeongdap")


CODE_VERSION = _code_version()
