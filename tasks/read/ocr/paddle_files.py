"""Where PaddleOCR's models are, and how they get there. Cheap, for the process that chooses an engine.

PaddleOCR takes any folder for a model, tries the internet for half a minute when there is none, and fails later with a bare
Exception. So the folders are looked at first, without importing anything heavy: `find_models` needs milliseconds and says
which file is missing and where to get it. PaddleOCR itself is then given two whole folders and has no reason to go anywhere.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.metadata
import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, NamedTuple

import yaml

from tasks.errors import OcrError
from tasks.settings import OcrSettings, PaddleSettings

RECOGNITION: Final = {"ko": "korean_PP-OCRv5_mobile_rec", "en": "en_PP-OCRv5_mobile_rec"}
HUB = "https://huggingface.co/PaddlePaddle"
MODELSCOPE = "https://modelscope.cn/models/PaddlePaddle"
DESCRIPTION = "inference.yml"
DOWNLOAD_SECONDS = 900.0
SHARED_LIBRARIES: Final = {"libGL.so.1": "libgl1", "libgthread-2.0.so.0": "libglib2.0-0"}  # file: Debian package


class Format(NamedTuple):
    """How an inference engine wants its models: name in PaddleX, ending of the repository, files, Python package."""

    paddlex: str
    ending: str
    weights: tuple[str, ...]
    package: str

    @property
    def files(self) -> tuple[str, ...]:
        """All files of a whole model."""
        return (DESCRIPTION, *self.weights)


FORMATS: Final[dict[str, Format]] = {
    "onnxruntime": Format("onnx", "_onnx", ("inference.onnx",), "onnxruntime"),
    "paddle_static": Format("paddle", "", ("inference.json", "inference.pdiparams"), "paddle"),
    "paddle_dynamic": Format("safetensors", "_safetensors", ("model.safetensors",), "paddle"),
}


@dataclass(frozen=True, slots=True)
class Model:
    """A model that is wanted: what it is for, its name, its format and the folder where it has to be.

    `own` says that the folder is one of PaddleOCR's own, so that PaddleOCR may fill it.
    """

    task: Literal["detection", "recognition"]
    name: str
    format: Format
    folder: Path
    own: bool

    @property
    def repository(self) -> str:
        """What it is called where models are published, and in PaddleOCR's cache."""
        return self.name + self.format.ending

    def missing(self) -> tuple[str, ...]:
        """Files that are not there, or empty. A folder that a broken download left half-made is no model."""
        return tuple(name for name in self.format.files if not _has_bytes(self.folder / name))


def find_models(settings: OcrSettings, project: Path, seconds: float = DOWNLOAD_SECONDS) -> tuple[OcrSettings, str]:
    """Settings with the models' names and absolute folders, and the version to store with pages. Imports nothing heavy.

    Missing models are an OcrError that says which and what to do, at once; with `download` they are fetched first, in a
    process of its own that gets `seconds`.
    """
    models = wanted_models(settings, project)
    _check_packages(models[0].format)
    if settings.paddle.download and (gone := [model for model in models if model.own and model.missing()]):
        download(gone, seconds)
    _check_files(models)
    for model in models:
        _check_description(model, settings.language)
    return _resolved(settings, models), _version(settings.paddle.engine, models)


def wanted_models(settings: OcrSettings, project: Path) -> tuple[Model, Model]:
    """The detection and the recognition model that the settings ask for, there or not."""
    paddle = settings.paddle
    recognition = paddle.recognition or RECOGNITION[settings.language]
    return (
        _model("detection", paddle.detection, paddle.detection_dir, paddle, project),
        _model("recognition", recognition, paddle.recognition_dir, paddle, project),
    )


def cache_folder() -> Path:
    """Where PaddleOCR keeps the models that it fetched."""
    home = os.environ.get("PADDLE_PDX_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".paddlex") / "official_models"


def download(models: Sequence[Model], seconds: float) -> None:
    """Let PaddleOCR fetch models into its cache. They are moved there when whole; after `seconds` the attempt is killed."""
    for model in models:
        home = model.folder.parent.parent
        try:
            home.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=home, prefix="download-") as scratch:
                _fetch(model, Path(scratch), seconds)
        except OSError as exc:
            raise OcrError(f"{model.folder}: the model cannot be kept here: {exc.strerror or exc}") from exc


def _model(task: Literal["detection", "recognition"], name: str, folder: str, paddle: PaddleSettings, project: Path) -> Model:
    form = FORMATS[paddle.engine]
    if folder:
        return Model(task, name, form, (project / folder).absolute(), own=False)
    return Model(task, name, form, (cache_folder() / (name + form.ending)).absolute(), own=True)


def _has_bytes(path: Path) -> bool:
    try:
        return path.is_file() and path.stat().st_size > 0
    except OSError:
        return False


def _check_packages(form: Format) -> None:
    absent = [name for name in ("paddleocr", "paddlex", "cv2", form.package) if not importlib.util.find_spec(name)]
    if "paddle" in absent:
        raise OcrError('PaddleOCR\'s paddle engines need paddlepaddle: uv pip install paddlepaddle, or engine = "onnxruntime"')
    if absent:
        raise OcrError(f"PaddleOCR is not installed whole ({', '.join(absent)} missing): install jeongdap again")
    if packages := _absent_libraries():
        raise OcrError(library_cure(packages))


def _absent_libraries() -> list[str]:
    """Debian packages of the shared libraries that OpenCV needs and a bare machine lacks."""
    if sys.platform != "linux":
        return []
    try:
        importlib.metadata.version("opencv-contrib-python")  # the headless kind does without
    except importlib.metadata.PackageNotFoundError:
        return []
    return [package for library, package in SHARED_LIBRARIES.items() if not _can_open(library)]


def _can_open(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def library_cure(packages: Sequence[str]) -> str:
    """What to say when OpenCV lacks system libraries."""
    return (
        f"OpenCV, which PaddleOCR needs, cannot start without system libraries of {' and '.join(packages)}. "
        f"As root: apt-get install -y {' '.join(packages)}"
    )


def _check_files(models: Sequence[Model]) -> None:
    faults = [f"{model.task} model {model.name}: {fault}" for model in models if (fault := _fault(model))]
    if not faults:
        return
    gone = [model for model in models if model.missing()]
    cure = [f"  {HUB}/{m.repository} (or {MODELSCOPE}/{m.repository}) → {m.folder}/" for m in gone]
    raise OcrError(
        "PaddleOCR's models are not here.\n"
        + "".join(f"  {fault}\n" for fault in faults)
        + f"On a machine with internet fetch {' and '.join(models[0].format.files)} of each, and copy them:\n"
        + "\n".join(cure)
        + "\nWith internet here: [ocr.paddle] download = true lets PaddleOCR fetch them."
        + " Models elsewhere: [ocr.paddle] detection_dir and recognition_dir."
    )


def _fault(model: Model) -> str:
    missing = model.missing()
    if not missing:
        return ""
    if not model.folder.is_dir():
        return f"no folder {model.folder}"
    return f"{model.folder} is there but not whole: {', '.join(missing)} missing or empty"


def _check_description(model: Model, language: str) -> None:
    path = model.folder / DESCRIPTION
    try:
        description = yaml.load(path.read_text("utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        name = description["Global"]["model_name"]
        characters = description.get("PostProcess", {}).get("character_dict")
    except (OSError, ValueError, yaml.YAMLError, KeyError, TypeError, AttributeError) as exc:
        raise OcrError(f"{path}: is not the description of a model: {exc!r}") from exc
    if name != model.name:
        raise OcrError(
            f"{path}: is of the model {name}, not {model.name}; "
            f'set [ocr.paddle] {model.task} = "{name}", or put {model.name} there'
        )
    if language == "ko" and isinstance(characters, list) and "가" not in characters:
        raise OcrError(f"{model.name} in {model.folder} knows no Hangul; take {RECOGNITION['ko']}")


def _resolved(settings: OcrSettings, models: tuple[Model, Model]) -> OcrSettings:
    detection, recognition = models
    paddle = settings.paddle.model_copy(
        update={
            "detection": detection.name,
            "detection_dir": str(detection.folder),
            "recognition": recognition.name,
            "recognition_dir": str(recognition.folder),
        }
    )
    return settings.model_copy(update={"paddle": paddle})


def _version(engine: str, models: Sequence[Model]) -> str:
    names = " + ".join(f"{model.name} {_digest(model)}" for model in models)
    return f"{importlib.metadata.version('paddleocr')} {engine} {names}"


def _digest(model: Model) -> str:
    """Eight hex digits of the files' bytes: the same model is the same everywhere, whatever its date."""
    digest = hashlib.blake2b(digest_size=4)
    for name in model.format.files:
        with (model.folder / name).open("rb") as file:
            digest.update(hashlib.file_digest(file, "blake2b").digest())
    return digest.hexdigest()


# Run in a process of its own: it imports PaddleX, and a connection may hang for as long as it likes.
FETCH = """
import sys
from paddlex.inference.utils.official_models import official_models
official_models.get_model_path(sys.argv[1], model_formats=(sys.argv[2],))
"""


def _fetch(model: Model, scratch: Path, seconds: float) -> None:
    failed = f"{model.repository} could not be downloaded to {model.folder}"
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-c", FETCH, model.name, model.format.paddlex],
            env=os.environ | {"PADDLE_PDX_CACHE_HOME": str(scratch)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise OcrError(f"{failed}: no end after {seconds:g} s") from None
    new = Model(model.task, model.name, model.format, scratch / "official_models" / model.repository, own=True)
    if done.returncode or new.missing():
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise OcrError(": ".join([failed, *said]))
    model.folder.parent.mkdir(parents=True, exist_ok=True)
    if model.folder.exists():  # half-made
        model.folder.rename(scratch / "replaced")
    new.folder.rename(model.folder)
