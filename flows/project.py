"""A new project folder."""

from __future__ import annotations

import re
import unicodedata
from importlib.resources import files
from pathlib import Path

from tasks.errors import SettingsError
from tasks.settings import FILE_NAME, load_settings

IGNORED = ".jeongdap/\n.env\n"


def create_project(folder: Path) -> Path:
    """Make `folder` with a commented jeongdap.toml and a place for PDFs. Raises SettingsError if there is a project already."""
    file = folder / FILE_NAME
    if file.exists():
        raise SettingsError(f"{file}: is there already; nothing was changed")
    template = files("flows").joinpath("template.toml").read_text("utf-8")
    try:
        (folder / "pdf").mkdir(parents=True, exist_ok=True)
        file.write_text(template.format(name=dataset_name(folder.resolve().name)), "utf-8")
        if not (folder / ".gitignore").exists():
            (folder / ".gitignore").write_text(IGNORED, "utf-8")
    except OSError as exc:
        raise SettingsError(f"{folder}: cannot be made: {exc}") from exc
    load_settings(folder)
    return folder


def dataset_name(folder: str) -> str:
    """A folder's name in the letters that Argilla and the Hub allow; `dataset` when none is left."""
    plain = unicodedata.normalize("NFKD", folder).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9_-]+", "-", plain).strip("-_")[:64] or "dataset"
