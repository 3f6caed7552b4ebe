"""The real PaddleOCR with tiny models made on the spot (boxes exact) and, where it can be fetched, a real Latin model."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import paddle_models
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from model_hub import model_hub
from paddle_models import BETWEEN, DETECTION, RECOGNITION, SHADES, bars

from tasks.errors import OcrError
from tasks.read.ocr.engine import OcrLine
from tasks.read.ocr.paddle import DOUBTFUL, PaddleEngine, reading_order
from tasks.read.ocr.paddle_files import find_models
from tasks.read.ocr.trial import draw
from tasks.settings import OcrSettings, PaddleSettings

HERE = Path("/")
WHITE = np.full((800, 800), 255, np.uint8)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> OcrSettings:
    return paddle_models.tiny_models(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def engine(tiny: OcrSettings) -> PaddleEngine:
    return PaddleEngine(*find_models(tiny, HERE))


@pytest.fixture
def models(tmp_path: Path) -> OcrSettings:
    """Tiny models that a test may spoil."""
    return paddle_models.tiny_models(tmp_path)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty home for PaddleOCR."""
    monkeypatch.setenv("PADDLE_PDX_CACHE_HOME", str(tmp_path / "paddlex"))
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    return tmp_path / "paddlex" / "official_models"


def grown(x0: int, y0: int, x1: int, y1: int) -> tuple[float, float, float, float]:
    """The box that PaddleOCR makes of a bar: it grows by area × unclip_ratio / perimeter."""
    width, height = x1 - x0 - 1, y1 - y0 - 1
    by = width * height * 1.5 / (2 * (width + height))
    return x0 - by, y0 - by, x1 - 1 + by, y1 - 1 + by


def line(text: str, x0: float, y0: float, x1: float, y1: float, confidence: float = 1) -> OcrLine:
    return OcrLine(text, (x0, y0, x1, y1), confidence)


def python(code: str, *, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], env=env, capture_output=True, text=True, timeout=120, check=False
    )


# Reading with the real library


@pytest.mark.slow
def test_each_bar_is_found_where_it_is_and_read_as_its_shade(engine: PaddleEngine):
    first, second = (100, 100, 400, 130), (100, 200, 300, 230)
    lines = engine.read(bars(640, 320, (*second, SHADES["다"]), (*first, SHADES["가"])), 200)
    assert [found.text for found in lines] == ["가", "다"]
    for found, bar in zip(lines, (first, second), strict=True):
        assert found.box == pytest.approx(grown(*bar), abs=2)
        assert found.confidence > 0.99


@pytest.mark.slow
@pytest.mark.parametrize(("width", "height"), [(601, 333), (5000, 1200)], ids=["scaled to 32s", "scaled below 4000"])
def test_boxes_are_those_of_the_picture_whatever_paddleocr_scales_it_to(engine: PaddleEngine, width: int, height: int):
    bar = width // 5, height // 3, width * 4 // 5, height // 3 + 60
    (found,) = engine.read(bars(width, height, (*bar, SHADES["나"])), 200)
    assert found.text == "나"
    assert found.box == pytest.approx(grown(*bar), abs=4)


@pytest.mark.slow
def test_what_paddleocr_hardly_believes_stays_a_line_of_its_own(engine: PaddleEngine):
    lines = engine.read(bars(640, 320, (100, 100, 200, 130, SHADES["가"]), (260, 100, 360, 130, BETWEEN)), 200)
    assert [found.text for found in lines] == ["가", "가"]
    assert lines[1].confidence == pytest.approx(0.5, abs=0.01)


@pytest.mark.slow
def test_a_table_line_keeps_near_pieces_apart(engine: PaddleEngine):
    cells = (100, 100, 200, 130, SHADES["가"]), (260, 100, 360, 130, SHADES["나"])
    ruling = (230, 40, 232, 200, 100)
    assert [found.text for found in engine.read(bars(640, 320, *cells), 200)] == ["가 나"]
    assert [found.text for found in engine.read(bars(640, 320, *cells, ruling), 200)] == ["가", "나"]


@pytest.mark.slow
def test_bars_of_one_row_come_from_left_to_right_and_only_near_ones_are_one_line(engine: PaddleEngine):
    near = (100, 100, 200, 130, SHADES["다"]), (260, 104, 360, 134, SHADES["나"])
    far = (700, 98, 800, 128, SHADES["가"])
    below = (100, 200, 200, 230, SHADES["가"])
    assert [found.text for found in engine.read(bars(960, 320, far, *near, below), 200)] == ["다 나", "가", "가"]


@pytest.mark.slow
def test_a_page_of_more_than_a_thousand_pieces_is_read_to_the_top(engine: PaddleEngine):
    """Models say `max_candidates: 1000`; PaddleOCR counts from below."""
    cells = [(80 * x + 10, 40 * y + 10, 80 * x + 50, 40 * y + 22, SHADES["가"]) for y in range(60) for x in range(20)]
    lines = engine.read(bars(1600, 2400, *cells), 200)
    assert "".join(found.text for found in lines).count("가") == 1200


@pytest.mark.slow
def test_an_empty_page_has_no_lines(engine: PaddleEngine):
    assert engine.read(bars(640, 320), 200) == []


@pytest.mark.slow
def test_whatever_the_library_raises_is_an_ocr_error(engine: PaddleEngine):
    with pytest.raises(OcrError, match="0 × 0 pixels"):
        engine.read(np.zeros((0, 0), np.uint8), 200)


@pytest.mark.slow
def test_a_model_that_is_no_model_is_an_ocr_error(models: OcrSettings, tmp_path: Path):
    (tmp_path / "rec" / "inference.onnx").write_bytes(b"not a model")
    with pytest.raises(OcrError, match=r"does not start with .*rec"):
        PaddleEngine(*find_models(models, HERE))


@pytest.mark.slow
def test_the_engine_prints_nothing_and_connects_nowhere(tiny: OcrSettings):
    code = f"""
        import sys
        calls = []
        sys.addaudithook(lambda event, args: calls.append(event) if event.startswith("socket.") else None)
        from tasks.read.ocr.engines import EngineChoice, make
        from tasks.settings import OcrSettings
        from tasks.read.ocr.paddle_files import find_models
        from pathlib import Path
        import numpy as np
        settings, version = find_models(OcrSettings.model_validate_json({tiny.model_dump_json()!r}), Path("/"))
        make(EngineChoice(engine="paddleocr", version=version, settings=settings)).read(np.zeros((64, 64), np.uint8), 200)
        talks = {{"socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.gethostbyname"}}
        sys.exit(", ".join(talks & set(calls)) or 0)
    """
    done = python(code)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


@pytest.mark.slow
def test_real_latin_text_is_read_without_a_wrong_character(tmp_path: Path):
    settings, version = find_models(paddle_models.latin_models(tmp_path), HERE)
    wanted = ("Article 12 Payment of benefits", "1,250.50 USD are paid within 30 days.", "Rate 3.75% from July 1, 2024")
    lines = PaddleEngine(settings, version).read(draw(wanted, 150), 150)
    assert [found.text for found in lines] == list(wanted)
    assert all(found.confidence > 0.9 for found in lines)
    tops = [found.box[1] * 72 / 150 for found in lines]
    assert tops == pytest.approx([80 - 11, 104 - 11, 128 - 11], abs=5)


# Reading order and confidence, without the library


@pytest.mark.parametrize("skew", [10, -10])
def test_skewed_rows_stay_rows(skew: int):
    left = [line("하나", 0, 20, 90, 50), line("셋", 0, 56, 90, 86)]
    right = [line("둘", 400, 20 + skew, 490, 50 + skew), line("넷", 400, 56 + skew, 490, 86 + skew)]
    assert [found.text for found in reading_order([*right, *left], WHITE)] == ["하나", "둘", "셋", "넷"]


def test_joined_pieces_keep_their_box_and_their_share_of_the_confidence():
    (joined,) = reading_order([line("보험금", 0, 0, 90, 30, 1.0), line("은", 100, 2, 130, 34, 0.6)], WHITE)
    assert joined == OcrLine("보험금 은", (0, 0, 130, 34), pytest.approx(0.9))


BOX = st.tuples(*[st.integers(0, 500)] * 2, *[st.integers(1, 200)] * 2).map(lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3]))
LINES = st.lists(st.builds(OcrLine, st.text("가나다", min_size=1, max_size=3), BOX, st.floats(0, 1)), max_size=12)


@given(LINES)
def test_no_character_and_no_ink_is_lost_in_reading_order(lines: list[OcrLine]):
    ordered = reading_order(lines, WHITE)
    letters = sorted("".join(found.text for found in lines))
    assert sorted("".join(found.text for found in ordered).replace(" ", "")) == letters
    for found in lines:
        assert any(
            o.box[0] <= found.box[0] and o.box[1] <= found.box[1] and found.box[2] <= o.box[2] and found.box[3] <= o.box[3]
            for o in ordered
        )


@given(LINES)
def test_doubtful_pieces_can_still_be_taken_out(lines: list[OcrLine]):
    def doubtful(found: list[OcrLine]) -> list[OcrLine]:
        return sorted((line for line in found if line.confidence < DOUBTFUL), key=repr)

    assert doubtful(reading_order(lines, WHITE)) == doubtful(lines)


# Finding the models


def test_missing_models_are_told_in_under_a_second_without_importing_paddle(tmp_path: Path):
    code = """
        import sys, time
        from pathlib import Path
        from tasks.errors import OcrError
        from tasks.read.ocr.paddle_files import find_models
        from tasks.settings import OcrSettings
        start = time.perf_counter()
        try:
            find_models(OcrSettings(), Path("/"))
        except OcrError as exc:
            print(time.perf_counter() - start, {"paddle", "paddlex", "paddleocr", "cv2", "onnxruntime"} & set(sys.modules))
            print(exc)
    """
    done = python(code, env={"PADDLE_PDX_CACHE_HOME": str(tmp_path)})
    first, told = done.stdout.split("\n", 1)
    seconds, imported = first.split(" ", 1)
    assert float(seconds) < 1
    assert imported == "set()"
    for name in (DETECTION, RECOGNITION):
        folder = tmp_path / "official_models" / f"{name}_onnx"
        assert f"no folder {folder}" in told
        assert f"https://huggingface.co/PaddlePaddle/{name}_onnx" in told
        assert f"https://modelscope.cn/models/PaddlePaddle/{name}_onnx" in told
    assert "inference.yml and inference.onnx" in told
    assert "download = true" in told


def test_models_are_found_where_paddleocr_keeps_its_own(cache: Path, tmp_path: Path):
    paddle_models.tiny_models(tmp_path / "made")
    cache.mkdir(parents=True)
    (tmp_path / "made" / "det").rename(cache / f"{DETECTION}_onnx")
    (tmp_path / "made" / "rec").rename(cache / f"{RECOGNITION}_onnx")
    settings, version = find_models(OcrSettings(), HERE)
    assert settings.paddle.detection_dir == str(cache / f"{DETECTION}_onnx")
    assert settings.paddle.recognition == RECOGNITION
    assert version.startswith("3.7")
    assert "onnxruntime" in version


def test_folders_of_the_settings_are_relative_to_the_project(models: OcrSettings, tmp_path: Path):
    relative = models.paddle.model_copy(update={"detection_dir": "det", "recognition_dir": "rec"})
    settings, _ = find_models(models.model_copy(update={"paddle": relative}), tmp_path)
    assert settings == models


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_bytes(b"")], ids=["absent", "empty"])
@pytest.mark.parametrize("name", ["inference.onnx", "inference.yml"])
def test_a_half_made_folder_is_no_model(models: OcrSettings, tmp_path: Path, name: str, spoil):
    spoil(tmp_path / "rec" / name)
    with pytest.raises(OcrError) as told:
        find_models(models, HERE)
    assert f"{tmp_path / 'rec'} is there but not whole: {name} missing or empty" in str(told.value)
    assert "detection model" not in str(told.value)


def test_another_model_than_its_folder_says_is_named(models: OcrSettings, tmp_path: Path):
    described = yaml.safe_load((tmp_path / "rec" / "inference.yml").read_text())
    described["Global"]["model_name"] = "PP-OCRv6_small_rec"
    (tmp_path / "rec" / "inference.yml").write_text(yaml.safe_dump(described))
    with pytest.raises(OcrError, match=rf"is of the model PP-OCRv6_small_rec, not {RECOGNITION}.*recognition ="):
        find_models(models, HERE)


@pytest.mark.parametrize("text", ["Global: {}", "Global: 1", "- a", "\t: [", "Global: {model_name: x}\nPostProcess: 3"])
def test_a_description_that_is_none_is_an_ocr_error(models: OcrSettings, tmp_path: Path, text: str):
    (tmp_path / "det" / "inference.yml").write_text(text)
    with pytest.raises(OcrError, match=r"det/inference\.yml"):
        find_models(models, HERE)


def test_a_model_without_hangul_is_refused_for_korean(models: OcrSettings, tmp_path: Path):
    """PaddleOCR's own default, PP-OCRv6, is one; it would read every Korean page as rubbish."""
    described = paddle_models.recognition_description(RECOGNITION, "abc")
    (tmp_path / "rec" / "inference.yml").write_text(yaml.safe_dump(described))
    with pytest.raises(OcrError, match="knows no Hangul"):
        find_models(models, HERE)
    find_models(models.model_copy(update={"language": "en"}), HERE)


def test_the_version_changes_with_the_models_bytes_and_not_with_their_dates(models: OcrSettings, tmp_path: Path):
    _, before = find_models(models, HERE)
    (tmp_path / "rec" / "inference.onnx").touch()
    assert find_models(models, HERE)[1] == before
    with (tmp_path / "rec" / "inference.onnx").open("ab") as file:
        file.write(b"\n")
    _, after = find_models(models, HERE)
    assert after != before


def test_english_has_a_model_of_its_own(cache: Path):
    with pytest.raises(OcrError, match=r"en_PP-OCRv5_mobile_rec_onnx"):
        find_models(OcrSettings(language="en"), HERE)


def test_the_paddle_engines_need_paddlepaddle():
    pytest.importorskip("paddleocr")
    if "paddle" in sys.modules or python("import paddle").returncode == 0:
        pytest.skip("paddlepaddle is installed here")
    with pytest.raises(OcrError, match="uv pip install paddlepaddle"):
        find_models(OcrSettings(paddle=PaddleSettings(engine="paddle_static")), HERE)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems' OpenCV needs no libraries of the system")
def test_a_bare_machine_is_told_which_packages_opencv_needs(tiny: OcrSettings, tmp_path: Path):
    """Before anything is imported, and by the import itself if it comes to that."""
    (tmp_path / "libGL.so.1").write_bytes(b"")
    code = f"""
        from pathlib import Path
        from tasks.errors import OcrError
        from tasks.read.ocr.paddle import PaddleEngine
        from tasks.read.ocr.paddle_files import find_models
        from tasks.settings import OcrSettings
        settings = OcrSettings.model_validate_json({tiny.model_dump_json()!r})
        for way in (lambda: find_models(settings, Path("/")), lambda: PaddleEngine(settings, "")):
            try:
                way()
            except OcrError as exc:
                print(exc)
    """
    done = python(code, env={"LD_LIBRARY_PATH": str(tmp_path)})
    told = done.stdout.splitlines()
    assert len(told) == 2, done.stderr
    assert told[0].endswith("As root: apt-get install -y libgl1")
    assert told[1].endswith("As root: apt-get install -y libgl1 libglib2.0-0")


# Downloads


@pytest.mark.slow
def test_missing_models_are_downloaded_by_paddleocr_when_allowed(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    made = tmp_path / "made"
    paddle_models.tiny_models(made)
    (cache / f"{DETECTION}_onnx").mkdir(parents=True)
    (cache / f"{DETECTION}_onnx" / "inference.yml").write_text("half-made")
    allowed = OcrSettings(paddle=PaddleSettings(download=True))
    with model_hub({f"{DETECTION}_onnx": made / "det", f"{RECOGNITION}_onnx": made / "rec"}) as url:
        monkeypatch.setenv("PADDLE_PDX_HUGGING_FACE_ENDPOINT", url)
        settings, version = find_models(allowed, HERE)
    assert (Path(settings.paddle.recognition_dir) / "inference.onnx").read_bytes() == (
        made / "rec" / "inference.onnx"
    ).read_bytes()
    assert find_models(allowed, HERE) == (settings, version)  # the hub is gone: nothing is fetched twice
    assert sorted(path.name for path in cache.parent.iterdir()) == ["official_models"]


@pytest.mark.slow
def test_a_download_that_hangs_is_ended(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    paddle_models.tiny_models(tmp_path / "made")
    with model_hub({f"{DETECTION}_onnx": tmp_path / "made" / "det"}, hangs=True) as url:
        monkeypatch.setenv("PADDLE_PDX_HUGGING_FACE_ENDPOINT", url)
        start = time.monotonic()
        with pytest.raises(OcrError, match=rf"{DETECTION}_onnx could not be downloaded.*no end after 8 s"):
            find_models(OcrSettings(paddle=PaddleSettings(download=True)), HERE, seconds=8)
        assert time.monotonic() - start < 16
    assert list(cache.parent.iterdir()) == []
