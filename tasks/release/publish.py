"""Verified rows → releases/<version>/, a folder that never changes again.

It is built under a temporary name and renamed, so a crash leaves a whole release or none. Versions count up: v1, v2, … The
newest is the highest folder that has its manifest; `releases/latest` is a text file with its name (a link would not survive
every file system or an upload), and is mended by the next run if a crash came between the two. When rows and settings are
those of the newest release, nothing is written.
"""

from __future__ import annotations

import fcntl
import re
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from tasks.errors import StoreError
from tasks.records import SPLITS, Chunk, Document, Dropped, Pair, Record, VerifiedPair, VerifiedPreference
from tasks.release.card import PLOTS, CardFacts, write_card
from tasks.release.changes import write_changes
from tasks.release.contents import Contents, make_contents
from tasks.release.formats import Rows, format_files, jsonl
from tasks.release.manifest import FileEntry, ReleaseManifest, make_manifest
from tasks.release.rows import DpoRow, LineageRow, SftRow, Sources
from tasks.settings import ProjectSettings, ReleaseSettings
from tasks.store import file_sha256, write_atomic
from tasks.tables import read_parquet, write_parquet

FOLDER: Final = "releases"
LATEST: Final = "latest"
DRAFT: Final = ".draft-"


@dataclass(frozen=True, slots=True)
class Release:
    """A release on disk. `new` is False when the newest one already said the same; `dropped` did not pass the last gates."""

    version: str
    folder: Path
    new: bool
    sft: int
    dpo: int
    dropped: Sequence[Dropped]


def publish_release(
    project: Path,
    sft: Sequence[VerifiedPair],
    dpo: Sequence[VerifiedPreference],
    pairs: Mapping[str, Pair],
    chunks: Mapping[str, Chunk],
    documents: Mapping[str, Document],
    settings: ReleaseSettings,
    project_settings: ProjectSettings,
    facts: CardFacts,
) -> Release | None:
    """Write the next release, unless it would say what the newest says; None when there is no row to release.

    `pairs` holds at least the pairs behind the preferences. Raises StoreError.
    """
    root = project / FOLDER
    try:
        root.mkdir(parents=True, exist_ok=True)
        with _alone(root):
            _sweep(root)
            newest = newest_release(project)
            sources, splits = Sources(pairs, chunks, documents), newest.families if newest else {}
            contents = make_contents(sft, dpo, sources, settings, project_settings, splits)
            return _publish(root, _Job(contents, newest, settings, project_settings, facts))
    except OSError as exc:
        raise StoreError(
            f"{root}: cannot be written: {exc}; free some space or mend the permissions, then publish again"
        ) from exc


def newest_release(project: Path) -> ReleaseManifest | None:
    """The manifest of the newest release; None before the first. Raises StoreError when it cannot be understood."""
    done = [version for version in _versions(project / FOLDER) if (project / FOLDER / f"v{version}" / "manifest.json").is_file()]
    if not done:
        return None
    path = project / FOLDER / f"v{max(done)}" / "manifest.json"
    try:
        return ReleaseManifest.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as exc:
        raise StoreError(f"{path}: cannot be read ({exc}); restore the folder, or move it away and publish again") from exc


@dataclass(frozen=True, slots=True)
class _Job:
    """What a release is written from."""

    contents: Contents
    newest: ReleaseManifest | None
    settings: ReleaseSettings
    project: ProjectSettings
    facts: CardFacts


def _publish(root: Path, job: _Job) -> Release | None:
    if not job.contents.lineage:
        return None
    if job.newest and job.newest.content == job.contents.hash:
        version, new = job.newest.version, False
    else:
        version, new = f"v{max(_versions(root), default=0) + 1}", True
        draft = root / f"{DRAFT}{uuid.uuid4().hex}"
        _write(draft, version, job)
        draft.rename(root / version)
    write_atomic(root / LATEST, f"{version}\n".encode())
    return Release(version, root / version, new, len(job.contents.sft), len(job.contents.dpo), job.contents.dropped)


def _versions(root: Path) -> list[int]:
    names = (re.fullmatch(r"v([1-9]\d*)", path.name) for path in root.glob("v*"))
    return [int(name[1]) for name in names if name]


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """One publisher at a time: two would count up to the same version."""
    with (root / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreError(f"{root}: another publish is running; wait for it") from None
        yield


def _sweep(root: Path) -> None:
    """What a killed publish left."""
    for draft in root.glob(f"{DRAFT}*"):
        shutil.rmtree(draft)
    for draft in root.glob(f".{LATEST}.*"):
        draft.unlink()


# ---------------------------------------------------------------- the files
def _write(draft: Path, version: str, job: _Job) -> None:
    """All files of a release, the manifest last."""
    created = datetime.now(UTC).replace(microsecond=0)
    previous = job.newest.version if job.newest else ""
    draft.mkdir()
    _write_rows(draft, job.contents)
    _put(draft, "CHANGES.md", write_changes(version, previous, job.contents.rows, _before(draft.parent, previous)))
    manifest = make_manifest(job.contents, version, previous, created, job.settings, job.project)
    _draw(draft, manifest, job.facts)
    _put(draft, "README.md", write_card(job.contents, manifest, job.facts, list(PLOTS)))
    whole = manifest.model_copy(update={"files": _files(draft)})
    _put(draft, "manifest.json", whole.model_dump_json(indent=1) + "\n")


def _before(root: Path, previous: str) -> Rows:
    return read_rows(root / previous) if previous else Rows("", {split: [] for split in SPLITS}, {split: [] for split in SPLITS})


def _write_rows(draft: Path, contents: Contents) -> None:
    for split in SPLITS:
        _write_table(draft / "sft", split, contents.rows.sft[split], SftRow)
        _write_table(draft / "dpo", split, contents.rows.dpo[split], DpoRow)
    write_parquet(draft / "lineage.parquet", contents.lineage, LineageRow)
    for path, text in format_files(contents.rows).items():
        _put(draft, path, text)


def _write_table(folder: Path, split: str, rows: Sequence[Record], record: type[Record]) -> None:
    folder.mkdir(exist_ok=True)
    write_parquet(folder / f"{split}.parquet", rows, record)
    (folder / f"{split}.jsonl").write_text(jsonl(row.model_dump(mode="json") for row in rows), "utf-8", newline="\n")


def _put(draft: Path, path: str, text: str) -> None:
    target = draft / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, "utf-8", newline="\n")


def _draw(draft: Path, manifest: ReleaseManifest, facts: CardFacts) -> None:
    from tasks.release.plots import draw_plots

    draw_plots(draft, manifest.counts, facts.funnel)


def _files(draft: Path) -> tuple[FileEntry, ...]:
    paths = sorted(path for path in draft.rglob("*") if path.is_file())
    return tuple(
        FileEntry(path=path.relative_to(draft).as_posix(), bytes=path.stat().st_size, sha256=file_sha256(path)) for path in paths
    )


def read_rows(folder: Path) -> Rows:
    """The rows of a release. Raises StoreError when its files are not what they were."""
    try:
        return Rows(
            folder.name,
            {split: read_parquet(folder / "sft" / f"{split}.parquet", SftRow) for split in SPLITS},
            {split: read_parquet(folder / "dpo" / f"{split}.parquet", DpoRow) for split in SPLITS},
        )
    except (OSError, ValueError) as exc:
        raise StoreError(f"{folder}: cannot be read ({exc}); restore it, or move it away and publish again") from exc
