"""The engines that there are, and which one reads. The only place that knows them all.

Choosing is cheap and happens in the parent process; making an engine is heavy and happens in the process that reads. What goes
from one to the other is an `EngineChoice`: a record, whose settings have every name and folder filled in, so that the reading
process finds exactly what was chosen and the version can be part of a stage's key.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal, NamedTuple

from tasks.errors import OcrError
from tasks.read.ocr.engine import Engine, OcrLine, Picture
from tasks.read.ocr.paddle import PaddleEngine
from tasks.read.ocr.paddle_files import find_models
from tasks.read.ocr.tesseract_program import find_installed
from tasks.records import Record
from tasks.settings import OcrSettings

EngineName = Literal["paddleocr", "tesseract", "none"]

LONGEST_WAIT = 86_400.0  # seconds; subprocess takes no more than some weeks


class Skipped(Record):
    """An engine that `auto` would have taken before, and what it lacks."""

    engine: EngineName
    reason: str


class EngineChoice(Record):
    """Which engine reads: its name, its version (empty: no engine), its settings made whole, and what was not taken and why."""

    engine: EngineName
    version: str
    settings: OcrSettings
    skipped: tuple[Skipped, ...] = ()


class EngineKind(NamedTuple):
    """How an engine is found (settings made whole and version; OcrError with the cure where something lacks) and made."""

    find: Callable[[OcrSettings, Path], tuple[OcrSettings, str]]
    make: Callable[[EngineChoice], Engine]


class NoEngine:
    """Reads nothing: pages that need OCR stay marked."""

    name = "none"
    version = ""

    def read(self, picture: Picture, dpi: int) -> list[OcrLine]:
        """No lines."""
        return []


def _find_tesseract(settings: OcrSettings, project: Path) -> tuple[OcrSettings, str]:
    return settings, find_installed(settings.language).version


def _tesseract(settings: OcrSettings) -> Engine:
    from tasks.read.ocr.tesseract import Tesseract  # imports scipy

    return Tesseract(settings.language, min(settings.seconds_per_page, LONGEST_WAIT))


# In the order in which `auto` takes them. The last one is always there.
ENGINES: Final[dict[EngineName, EngineKind]] = {
    "paddleocr": EngineKind(find_models, lambda choice: PaddleEngine(choice.settings, choice.version)),
    "tesseract": EngineKind(_find_tesseract, lambda choice: _tesseract(choice.settings)),
    "none": EngineKind(lambda settings, project: (settings, ""), lambda choice: NoEngine()),
}


def resolve(settings: OcrSettings, project: Path) -> EngineChoice:
    """The engine of the settings; for `auto` the first one that has all it needs. Starts and imports nothing heavy.

    Raises OcrError with the cure when an engine that is asked for by name lacks something. (With [ocr.paddle] download = true
    missing models are fetched here, before any reading process starts.)
    """
    if settings.engine != "auto":
        return _choose(settings.engine, settings, project)
    skipped: list[Skipped] = []
    for name in ENGINES:
        try:
            return _choose(name, settings, project).model_copy(update={"skipped": tuple(skipped)})
        except OcrError as exc:
            skipped.append(Skipped(engine=name, reason=str(exc)))
    raise AssertionError("the last engine lacks nothing")


def make(choice: EngineChoice) -> Engine:
    """The engine, ready to read. Takes seconds, imports heavy libraries: for the process that reads. Raises OcrError."""
    return ENGINES[choice.engine].make(choice)


def _choose(name: EngineName, settings: OcrSettings, project: Path) -> EngineChoice:
    whole, version = ENGINES[name].find(settings, project)
    return EngineChoice(engine=name, version=version, settings=whole)
