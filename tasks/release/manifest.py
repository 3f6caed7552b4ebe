"""manifest.json of a release: what it is made of, so that any file can be checked and any number traced."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from tasks.records import SPLITS, Record, Split, content_id
from tasks.release.contents import Contents
from tasks.settings import ProjectSettings, ReleaseSettings
from tasks.store import CODE_VERSION


class FileEntry(Record):
    """A file of the release."""

    path: str
    bytes: int
    sha256: str


class Count(Record):
    """Rows of one type, split and kind; the kind of a DPO row is its origin."""

    type: Literal["sft", "dpo"]
    split: Split
    kind: str
    rows: int


class ModelEntry(Record):
    """A model that wrote rows of this release."""

    name: str
    rows: int


class PromptEntry(Record):
    """A prompt that wrote rows of this release."""

    name: str
    hash: str
    rows: int


class DocumentEntry(Record):
    """A source document and the split that its family is in."""

    id: str
    family: str
    title: str
    path: str
    split: Split
    rows: int


class ReleaseManifest(Record):
    """What a release says of itself. `previous` is empty in the first one; `families` holds every split ever assigned."""

    name: str
    version: str
    previous: str
    created: datetime
    code: str
    content: str
    settings: dict[str, str | float]
    settings_hash: str
    licence: str
    counts: tuple[Count, ...]
    models: tuple[ModelEntry, ...]
    prompts: tuple[PromptEntry, ...]
    documents: tuple[DocumentEntry, ...]
    families: dict[str, Split]
    files: tuple[FileEntry, ...]


def make_manifest(
    contents: Contents,
    version: str,
    previous: str,
    created: datetime,
    settings: ReleaseSettings,
    project: ProjectSettings,
) -> ReleaseManifest:
    """The manifest of a release before its files are listed."""
    models = Counter(row.model for row in contents.lineage)
    prompts = Counter((row.prompt, row.prompt_hash) for row in contents.lineage)
    return ReleaseManifest(
        name=project.name,
        version=version,
        previous=previous,
        created=created,
        code=CODE_VERSION,
        content=contents.hash,
        settings=settings.model_dump(),
        settings_hash=content_id("settings", settings.model_dump(), project.model_dump()),
        licence=project.licence,
        counts=counts(contents),
        models=tuple(ModelEntry(name=name, rows=n) for name, n in sorted(models.items())),
        prompts=tuple(PromptEntry(name=name, hash=hash_, rows=n) for (name, hash_), n in sorted(prompts.items())),
        documents=document_entries(contents),
        families=dict(sorted(contents.families.items())),
        files=(),
    )


def counts(contents: Contents) -> tuple[Count, ...]:
    """Rows per type, split and kind."""
    found = [Count(type="sft", split=s, kind=k, rows=n) for s in SPLITS for k, n in _tally(r.kind for r in contents.rows.sft[s])]
    found += [
        Count(type="dpo", split=s, kind=k, rows=n) for s in SPLITS for k, n in _tally(r.origin for r in contents.rows.dpo[s])
    ]
    return tuple(found)


def _tally(kinds: Iterable[str]) -> list[tuple[str, int]]:
    return sorted(Counter(kinds).items())


def document_entries(contents: Contents) -> tuple[DocumentEntry, ...]:
    """The source documents in the order of their paths."""
    rows = Counter(row.document for row in contents.lineage)
    first = {row.document: row for row in contents.lineage}
    return tuple(
        DocumentEntry(id=d, family=r.family, title=r.title, path=r.path, split=r.split, rows=rows[d])
        for d, r in sorted(first.items(), key=lambda item: (item[1].path, item[0]))
    )
