"""The registry of OCR engines: what every engine owes it, and which one `auto` takes."""

from __future__ import annotations

import shutil
import subprocess
import sys
import typing
from pathlib import Path

import numpy as np
import paddle_models
import pytest

from tasks.errors import OcrError
from tasks.read.ocr.engine import Picture
from tasks.read.ocr.engines import ENGINES, EngineChoice, EngineName, make, resolve
from tasks.settings import OcrSettings

HERE = Path("/")
WHITE: Picture = np.full((64, 64), 255, np.uint8)


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without models and without programs."""
    monkeypatch.setenv("PADDLE_PDX_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.fixture
def no_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PADDLE_PDX_CACHE_HOME", str(tmp_path))


def test_every_engine_can_be_named_in_the_settings():
    named = typing.get_args(OcrSettings.model_fields["engine"].annotation)
    assert set(named) == {"auto", *ENGINES}
    assert set(ENGINES) == set(typing.get_args(EngineName))
    assert list(ENGINES)[-1] == "none"


@pytest.mark.parametrize("name", [name for name in ENGINES if name != "none"])
def test_an_engine_that_lacks_something_says_what_to_do(name: EngineName, bare: None):
    with pytest.raises(OcrError, match=r"apt(-get)? install|huggingface"):
        resolve(OcrSettings(engine=name), HERE)


@pytest.mark.slow
@pytest.mark.parametrize("name", ENGINES)
def test_every_engine_here_is_made_from_a_choice_that_went_through_json(name: EngineName, tmp_path: Path):
    settings = paddle_models.tiny_models(tmp_path).model_copy(update={"engine": name})
    try:
        choice = resolve(settings, HERE)
    except OcrError as exc:
        pytest.skip(str(exc))
    engine = make(EngineChoice.model_validate_json(choice.model_dump_json()))
    assert (engine.name, engine.version) == (name, choice.version)
    assert engine.read(WHITE, 200) == []


def test_auto_takes_paddleocr_where_its_models_are(tmp_path: Path):
    settings = paddle_models.tiny_models(tmp_path).model_copy(update={"engine": "auto"})
    choice = resolve(settings, HERE)
    assert (choice.engine, choice.skipped) == ("paddleocr", ())
    assert choice == resolve(choice.settings, HERE)  # whole settings choose the same, from anywhere


def test_auto_takes_tesseract_where_models_are_missing_and_says_so(no_models: None):
    if not shutil.which("tesseract"):
        pytest.skip("no Tesseract here: apt-get install tesseract-ocr tesseract-ocr-kor")
    choice = resolve(OcrSettings(), HERE)
    assert choice.engine == "tesseract"
    assert [skipped.engine for skipped in choice.skipped] == ["paddleocr"]
    assert "inference.onnx" in choice.skipped[0].reason


def test_auto_reads_nothing_where_nothing_is(bare: None):
    choice = resolve(OcrSettings(), HERE)
    assert (choice.engine, choice.version) == ("none", "")
    assert [skipped.engine for skipped in choice.skipped] == ["paddleocr", "tesseract"]
    assert make(choice).read(WHITE, 200) == []


def test_none_is_none_whatever_is_there(tmp_path: Path):
    settings = paddle_models.tiny_models(tmp_path).model_copy(update={"engine": "none"})
    assert resolve(settings, HERE).engine == "none"


def test_choosing_is_quick_and_imports_no_engine(tmp_path: Path):
    settings = paddle_models.tiny_models(tmp_path).model_copy(update={"engine": "auto"})
    code = f"""
import sys, time
from pathlib import Path
from tasks.read.ocr.engines import resolve
from tasks.settings import OcrSettings
settings = OcrSettings.model_validate_json({settings.model_dump_json()!r})
start = time.perf_counter()
resolve(settings, Path("/"))
print(time.perf_counter() - start, {{"paddle", "paddlex", "paddleocr", "cv2", "onnxruntime", "pymupdf"}} & set(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    seconds, imported = done.stdout.strip().split(" ", 1)
    assert float(seconds) < 1
    assert imported == "set()"
