"""Which Tesseract is installed, with which models. Light: the parent process asks it before any page is read."""

from __future__ import annotations

import ctypes
import functools
import shutil
import signal
import subprocess
import sys
from typing import NamedTuple

from tasks.errors import OcrError
from tasks.records import Language

MODELS: dict[Language, str] = {"ko": "kor", "en": "eng"}
CURE = "apt install tesseract-ocr tesseract-ocr-{model}"
SECONDS_TO_ASK = 20.0


class Installed(NamedTuple):
    """Tesseract's program, the model of the language, the English one beside the Korean, and what to call all that.

    The Korean model makes nonsense of English: lines that it is not sure of are shown to the English one.
    """

    program: str
    model: str
    latin: str | None
    version: str


def find_installed(language: Language) -> Installed:
    """What reads a language. Raises OcrError with the cure when the program or the model is missing."""
    model = MODELS[language]
    program, models = _program(model)
    latin = MODELS["en"] if language == "ko" and MODELS["en"] in models else None
    version = f"{_version(program)} {model}" + (f", {latin}" if latin else "")
    return Installed(program, model, latin, version)


def _program(model: str) -> tuple[str, list[str]]:
    """Tesseract, which has this model, and all models that it has."""
    program = shutil.which("tesseract")
    if program is None:
        raise OcrError(f"the program tesseract is missing; install it with: {CURE.format(model=model)}")
    models = _ask(program, "--list-langs").split()
    if model not in models:
        raise OcrError(f"tesseract has no model {model!r}; install it with: {CURE.format(model=model)}")
    return program, models


def _version(program: str) -> str:
    return _ask(program, "--version").split("\n")[0].removeprefix("tesseract ").strip()


def _ask(program: str, option: str) -> str:
    try:
        done = subprocess.run([program, option], capture_output=True, timeout=SECONDS_TO_ASK, preexec_fn=die_with_parent)
    except (OSError, subprocess.TimeoutExpired) as exc:
        raise OcrError(f"{program} {option} failed: {exc}") from exc
    return (done.stdout or done.stderr).decode("utf-8", "replace")


@functools.cache
def _libc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent() -> None:
    """In the child, before it becomes Tesseract: the kernel kills it when the reading process ends, however it ends."""
    if libc := _libc():
        libc.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


_libc()  # loaded here, as nothing may be loaded between fork and exec
