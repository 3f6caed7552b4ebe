"""The trial of the engines: known pages, an honest error rate, and a row for an engine that is absent, slow or dead."""

from __future__ import annotations

import shutil
from pathlib import Path

import paddle_models
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.read.ocr.engines import ENGINES
from tasks.read.ocr.trial import PAGES_OF, TEXTS, draw, error_rate, try_engine, try_engines
from tasks.settings import OcrSettings

HERE = Path("/")
WORDS = st.text("가나다 12", max_size=12)


def test_the_error_rate_counts_edits_and_no_spaces():
    assert error_rate("보험금을 지급한다.", "보험 금을\n지급한다.") == 0
    assert error_rate("30일 이내", "80일 이내") == round(1 / 5, 4)
    assert error_rate("가나다라", "") == 1
    assert error_rate("가나", "가나다라마바") == 2


@given(WORDS.filter(str.strip), WORDS, WORDS)
def test_the_error_rate_is_a_distance(truth: str, read: str, other: str):
    def edits(a: str, b: str) -> float:
        return error_rate(a, b) * len("".join(a.split()))

    assert (error_rate(truth, read) == 0) == (truth.split() == read.split() or "".join(truth.split()) == "".join(read.split()))
    if "".join(other.split()):
        assert edits(truth, read) <= edits(truth, other) + edits(other, read) + 0.01


@pytest.mark.parametrize("name", TEXTS)
def test_every_line_of_a_test_page_is_drawn(name):
    """A font without Hangul would draw nothing, or boxes that are all the same."""
    picture = draw(TEXTS[name], 72)
    tops = [80 + number * 24 for number in range(len(TEXTS[name]))]
    rows = [picture[top - 12 : top + 4, 55:] for top in tops]
    assert all((row < 128).sum() > 20 for row in rows)
    assert len({row.tobytes() for row in rows}) == len(rows)
    assert (picture[:, -40:] == 255).all(), "a line runs off the page"


def test_each_language_is_tried_on_pages_that_it_should_read():
    assert all(any("가" <= char <= "힣" for char in "".join(TEXTS[name])) == (name == "korean") for name in TEXTS)
    assert set(PAGES_OF["ko"]) == set(TEXTS)
    assert PAGES_OF["en"] == ("english",)


def test_absent_engines_are_rows_with_what_they_lack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PADDLE_PDX_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    trials = try_engines(OcrSettings(engine="none"), HERE)
    assert [trial.engine for trial in trials] == [name for name in ENGINES if name != "none"]
    assert all(trial.problem and not trial.pages for trial in trials)
    assert list(tmp_path.iterdir()) == []  # a trial downloads nothing


@pytest.mark.slow
def test_an_engine_that_takes_too_long_is_a_row(tmp_path: Path):
    trial = try_engine("paddleocr", paddle_models.tiny_models(tmp_path), HERE, seconds=0.2)
    assert trial.problem == "did not read the test pages within 0.2 s"


@pytest.mark.slow
def test_an_engine_that_fails_is_a_row(tmp_path: Path):
    settings = paddle_models.tiny_models(tmp_path)
    (tmp_path / "rec" / "inference.onnx").write_bytes(b"not a model")
    trial = try_engine("paddleocr", settings, HERE)
    assert trial.problem.startswith("PaddleOCR does not start")
    assert trial.version


@pytest.mark.slow
def test_paddleocr_reads_the_english_page(tmp_path: Path):
    trial = try_engine("paddleocr", paddle_models.latin_models(tmp_path), HERE)
    assert trial.problem == ""
    (page,) = trial.pages
    assert page.error_rate <= 0.01
    assert page.seconds > 0


@pytest.mark.slow
def test_tesseract_reads_the_korean_page():
    if not shutil.which("tesseract"):
        pytest.skip("no Tesseract here: apt-get install tesseract-ocr tesseract-ocr-kor")
    trial = try_engine("tesseract", OcrSettings(), HERE)
    assert trial.problem == ""
    assert [page.page for page in trial.pages] == ["korean", "english"]
    assert trial.pages[0].error_rate <= 0.05
