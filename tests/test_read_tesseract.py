"""The real Tesseract on small drawn pages."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from ocr_pages import DPI, LEFT, LETTER, RIGHT, TERMS, Sheet

from tasks.errors import OcrError
from tasks.read.ocr.page import read_picture
from tasks.read.ocr.picture import rotated
from tasks.read.ocr.tesseract import Tesseract
from tasks.read.ocr.trial import error_rate


@pytest.fixture(scope="module")
def tesseract() -> Tesseract:
    return engine()


def engine() -> Tesseract:
    try:
        return Tesseract("ko")
    except OcrError as exc:
        pytest.skip(str(exc))


def test_korean_terms_come_out_with_their_words_apart_and_their_circled_numbers(tesseract: Tesseract) -> None:
    sheet = Sheet(900, 400)
    sheet.write(60, 50, TERMS)
    page = read_picture(sheet.picture, DPI, tesseract)
    assert error_rate("\n".join(TERMS), page.text) < 0.02
    assert page.text.splitlines()[0] == TERMS[0]
    assert [char for char in page.text if char in "①②③"] == ["①", "②", "③"]
    assert page.confidence > 0.85


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_page_on_its_side_or_upside_down_is_turned_first(tesseract: Tesseract, turn: int) -> None:
    sheet = Sheet(900, 400)
    sheet.write(60, 50, TERMS)
    page = read_picture(np.rot90(sheet.picture, turn // 90), DPI, tesseract)
    assert page.turn == turn
    assert error_rate("\n".join(TERMS), page.text) < 0.02


def test_dots_that_mislead_about_what_is_up_are_overruled_by_reading(tesseract: Tesseract) -> None:
    sheet = Sheet(900, 400)
    sheet.write(60, 50, [line[:24] for line in LEFT[:6]])
    for x in range(20):
        sheet.draw.ellipse((650 + 10 * x, 52, 653 + 10 * x, 55), fill=0)
    page = read_picture(sheet.picture, DPI, tesseract)
    assert page.turn == 0
    assert "업무를 공정하게" in page.text


def test_a_skewed_page_is_straightened(tesseract: Tesseract) -> None:
    sheet = Sheet(900, 400)
    sheet.write(60, 50, TERMS)
    page = read_picture(rotated(sheet.picture, 2.0), DPI, tesseract)
    assert page.skew == pytest.approx(-2.0, abs=0.1)
    assert error_rate("\n".join(TERMS), page.text) < 0.02


def test_two_columns_are_read_one_after_the_other(tesseract: Tesseract) -> None:
    sheet = Sheet(1200, 700)
    sheet.write(300, 40, ["회사 내부 규정에 관한 전체 제목"])
    sheet.write(80, 140, LEFT)
    sheet.write(80 + 15 * LETTER + 60, 140, RIGHT)
    page = read_picture(sheet.picture, DPI, tesseract)
    assert page.columns == 3
    assert error_rate("\n".join(["회사 내부 규정에 관한 전체 제목", *LEFT, *RIGHT]), page.text) < 0.02


def test_a_ruled_table_is_read_cell_by_cell_without_its_rulings(tesseract: Tesseract) -> None:
    cells = [
        ["보장종목", "지급사유", "한도"],
        ["골절 진단비", "골절로 진단확정", "연 2회"],
        ["질병 입원일당", "계속 입원한 경우", "120일"],
    ]
    sheet = Sheet(900, 360)
    sheet.table((60, 290, 560, 760), (60, 140, 220, 300))
    for y, row in enumerate(cells):
        for x, text in zip((75, 300, 570), row, strict=True):
            sheet.write(x, 82 + 80 * y, [text])
    page = read_picture(sheet.picture, DPI, tesseract)
    assert [line.text for line in page.lines] == [text for row in cells for text in row]
    assert len(page.tables) == 1


def test_white_letters_on_a_dark_bar_are_read(tesseract: Tesseract) -> None:
    sheet = Sheet(900, 400)
    sheet.draw.rectangle((40, 40, 800, 110), fill=30)
    sheet.write(60, 58, ["보험금의 지급사유와 한도"], fill=255)
    sheet.write(60, 150, TERMS[:4])
    assert read_picture(sheet.picture, DPI, tesseract).text.splitlines()[0] == "보험금의 지급사유와 한도"


def test_a_large_heading_and_small_print_are_read_alike(tesseract: Tesseract) -> None:
    sheet = Sheet(1000, 400)
    sheet.write(60, 30, ["생활종합보험 약관"], size=80)
    sheet.write(60, 160, TERMS[:3])
    sheet.write(60, 320, ["별솔손해보험주식회사 고객센터 안내"], size=17)
    lines = read_picture(sheet.picture, DPI, tesseract).text.splitlines()
    assert lines[0] == "생활종합보험 약관"
    assert error_rate("별솔손해보험주식회사 고객센터 안내", lines[-1]) <= 0.1


def test_specks_all_over_the_page_do_not_become_text(tesseract: Tesseract) -> None:
    sheet = Sheet(900, 400)
    sheet.write(60, 50, TERMS)
    dirt = np.random.default_rng(1).random((400, 900)) < 0.004
    page = read_picture(np.where(dirt, 0, sheet.picture).astype(np.uint8), DPI, tesseract)
    assert error_rate("\n".join(TERMS), page.text) < 0.08


def test_a_dense_code_beside_the_text_is_dropped_with_a_reason(tesseract: Tesseract) -> None:
    sheet = Sheet(1100, 420)
    sheet.write(60, 50, TERMS)
    code = np.kron(np.random.default_rng(2).integers(0, 2, (25, 25)), np.ones((5, 5))) * 255
    picture = sheet.picture
    picture[60:185, 950:1075] = code
    page = read_picture(picture, DPI, tesseract)
    assert error_rate("\n".join(TERMS), page.text) < 0.04


def test_english_is_read_with_the_english_model() -> None:
    try:
        english = Tesseract("en")
    except OcrError as exc:
        pytest.skip(str(exc))
    sheet = Sheet(900, 200)
    sheet.write(60, 50, ["The insurer pays the sum insured", "within 30 days of the notice."])
    assert read_picture(sheet.picture, DPI, english).text == "The insurer pays the sum insured\nwithin 30 days of the notice."


ENGLISH = (
    "Article 3 (Retention) Contracts are kept for 10 years,",
    "account books for 5 years after the year of their end.",
    "A fee of 2,500 won is due within 30 days of a request.",
)


@pytest.mark.parametrize("korean", [(), TERMS[:3]], ids=["alone", "below Korean"])
def test_english_lines_are_read_by_the_english_model(tesseract: Tesseract, korean: tuple[str, ...]) -> None:
    if not tesseract.version.endswith("eng"):
        pytest.skip("the English model is not installed")
    sheet = Sheet(1000, 500)
    lines = [*korean, *ENGLISH]
    sheet.write(60, 50, lines)
    page = read_picture(sheet.picture, DPI, tesseract)
    assert error_rate("\n".join(lines), page.text) < 0.03
    assert page.text.splitlines()[-1] == ENGLISH[-1]


def test_the_engine_says_its_version_and_model(tesseract: Tesseract) -> None:
    assert tesseract.name == "tesseract"
    assert " kor" in tesseract.version
    assert tesseract.version[0].isdigit()


def test_a_missing_program_is_an_error_with_its_cure_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    start = time.monotonic()
    with pytest.raises(OcrError, match="apt install tesseract-ocr tesseract-ocr-kor"):
        Tesseract("ko")
    assert time.monotonic() - start < 1


def program(folder: Path, body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another `tesseract`, first on the path."""
    path = folder / "tesseract"
    path.write_text("#!/bin/sh\n" + body)
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)


ANSWERS = 'case "$1" in --list-langs) echo kor; exit;; --version) echo "tesseract 9.9"; exit;; esac\n'


def test_a_missing_language_is_an_error_with_its_cure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program(tmp_path, 'echo "List of available languages (1):"; echo eng\n', monkeypatch)
    with pytest.raises(OcrError, match=r"no model 'kor'.*apt install"):
        Tesseract("ko")


def test_a_program_that_hangs_is_killed_and_one_that_fails_is_quoted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sheet = Sheet(400, 100)
    sheet.write(20, 20, ["보험계약"])
    program(tmp_path, ANSWERS + "exec sleep 60\n", monkeypatch)
    start = time.monotonic()
    with pytest.raises(OcrError, match=r"took longer than 0\.5 s"):
        Tesseract("ko", seconds=0.5).read(sheet.picture, DPI)
    assert time.monotonic() - start < 5
    program(tmp_path, ANSWERS + "echo broken model >&2; exit 3\n", monkeypatch)
    with pytest.raises(OcrError, match="exit code 3: broken model"):
        Tesseract("ko").read(sheet.picture, DPI)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
def test_tesseract_does_not_outlive_the_process_that_reads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    program(tmp_path, ANSWERS + f"echo $$ > {pid_file}.part; mv {pid_file}.part {pid_file}; exec sleep 300\n", monkeypatch)
    code = (
        "import numpy as np; from tasks.read.ocr.tesseract import Tesseract\n"
        "page = np.full((200, 400), 255, dtype=np.uint8); page[50:80, 50:75] = 0; page[50:80, 90:115] = 0\n"
        "Tesseract('ko').read(page, 200)"
    )
    reader = subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parent.parent)
    wait_for(pid_file.exists)
    child = int(pid_file.read_text())
    reader.send_signal(signal.SIGKILL)
    reader.wait()
    wait_for(lambda: not alive(child))


def wait_for(fact: object, seconds: float = 30.0) -> None:
    assert callable(fact)
    end = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def test_an_answer_that_is_no_hocr_is_an_error_and_no_blank_page(tesseract: Tesseract, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = Sheet(900, 200)
    sheet.write(60, 50, TERMS[:2])
    monkeypatch.setattr(tesseract, "_program", "/bin/echo")
    with pytest.raises(OcrError, match="something else than hOCR"):
        tesseract.read(sheet.picture, DPI)
