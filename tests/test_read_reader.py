"""Sources to pages with a real Tesseract, in real worker processes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from pathlib import Path

import pymupdf
import pytest
from set_pages import draw, source_of

from tasks.read.ocr.engines import resolve
from tasks.read.pool import ReadPool
from tasks.read.read import Reader
from tasks.read.wire import OcrFailed, OcrRead, lost_to_ocr
from tasks.records import Kept, Page, Source
from tasks.settings import OcrSettings, ReadSettings

TESSERACT = shutil.which("tesseract")
needs_tesseract = pytest.mark.skipif(TESSERACT is None, reason="tesseract is not installed")
pytestmark = [pytest.mark.timeout(300)]
CLAUSES = (
    "제1조(목적) 이 약관은 보험계약자와 회사 사이에 체결된",
    "보험계약의 내용을 정하는 것을 목적으로 합니다.",
    "제2조(청구) 회사는 서류를 받은 날부터 3영업일 이내에",
    "보험금을 지급합니다. 다만, 조사가 필요하면 30일입니다.",
    "제3조(해지) 계약자는 언제든지 계약을 해지할 수 있습니다.",
)
OTHERS = (
    "이사회는 분기마다 1회 열며 의장은 7일 전에 알린다.",
    "감사는 재산의 상황을 살피고 보고서를 2부 작성한다.",
    "주주총회의 결의는 출석한 주주의 과반수로 한다.",
)
ReadOne = Callable[..., Kept[Page]]


def text_page(path: Path) -> Path:
    draw(path, [[(60, 100 + 24 * n, line) for n, line in enumerate(CLAUSES)]])
    return path


def scanned(path: Path, layer: Sequence[str] = (), rotate: int = 0) -> Path:
    """A page that is a picture of the clauses, with an invisible text over it."""
    with pymupdf.open(text_page(path.with_suffix(".text.pdf"))) as document:
        picture = document[0].get_pixmap(dpi=150, colorspace=pymupdf.csGRAY)
    with pymupdf.open() as document:
        page = document.new_page(width=595, height=842)
        page.insert_image(page.rect, pixmap=picture)
        for n, line in enumerate(layer):
            page.insert_text((60, 100 + 24 * n), line, fontname="korea", fontsize=10, render_mode=3)
        page.set_rotation(rotate)
        document.save(path)
    return path


@pytest.fixture
def read(tmp_path: Path) -> ReadOne:
    def read_one(path: Path, limits: ReadSettings | None = None, **settings: object) -> Kept[Page]:
        ocr = OcrSettings.model_validate({"engine": "tesseract", **settings})
        with ReadPool(limits or ReadSettings(workers=1), ocr) as pool:
            return Reader(tmp_path, pool, ocr, resolve(ocr, tmp_path)).read(source_of(path))

    return read_one


def likeness(page: Page) -> float:
    return SequenceMatcher(None, "".join("".join(CLAUSES).split()), "".join(page.text.split()), autojunk=False).ratio()


@needs_tesseract
@pytest.mark.slow
@pytest.mark.parametrize("rotate", [0, 90])
def test_a_scanned_page_is_read_and_its_lines_have_places(tmp_path, read, rotate):
    kept = read(scanned(tmp_path / "a.pdf", rotate=rotate))
    (page,) = kept.rows
    assert (page.origin, page.reason, page.detail) == ("ocr", "image_page", "")
    assert page.engine.startswith("tesseract")
    assert page.confidence
    assert page.confidence > 0.7
    assert likeness(page) > 0.95
    first = page.blocks[0].box
    if rotate == 0:
        assert abs(first.x0 - 60) < 6
        assert 85 < first.y0 < 100 < first.y1 + 4
    else:
        assert first.y1 - first.y0 > 3 * (first.x1 - first.x0)


@needs_tesseract
@pytest.mark.slow
def test_a_picture_file_is_a_page(tmp_path, read):
    with pymupdf.open(text_page(tmp_path / "a.pdf")) as document:
        document[0].get_pixmap(dpi=150).save(tmp_path / "scan.png")
    (page,) = read(tmp_path / "scan.png").rows
    assert (page.origin, page.reason) == ("ocr", "image_file")
    assert likeness(page) > 0.95


@needs_tesseract
@pytest.mark.slow
def test_a_layer_that_says_something_else_than_the_picture_is_not_believed(tmp_path, read):
    (page,) = read(scanned(tmp_path / "a.pdf", layer=OTHERS)).rows
    assert (page.origin, page.reason) == ("ocr", "wrong_layer")
    assert likeness(page) > 0.95


@needs_tesseract
@pytest.mark.slow
def test_a_layer_that_says_what_the_picture_says_is_kept(tmp_path, read):
    (page,) = read(scanned(tmp_path / "a.pdf", layer=CLAUSES)).rows
    assert (page.origin, page.engine, page.reason) == ("text", "pymupdf", "ocr_layer")


@needs_tesseract
@pytest.mark.slow
def test_what_is_forced_is_read_by_ocr_and_what_is_forbidden_is_not(tmp_path, read):
    text_page(tmp_path / "text.pdf")
    scanned(tmp_path / "scan.pdf")
    assert read(tmp_path / "text.pdf").rows[0].origin == "text"
    assert read(tmp_path / "text.pdf", force=("*.pdf",)).rows[0].origin == "ocr"
    (page,) = read(tmp_path / "scan.pdf", never=("scan*",)).rows
    assert (page.origin, page.detail) == ("needs_ocr", "[ocr] never")


def test_without_an_engine_the_page_is_marked_and_nothing_is_invented(tmp_path, read):
    (page,) = read(scanned(tmp_path / "a.pdf"), engine="none").rows
    assert (page.origin, page.reason, page.detail, page.blocks) == ("needs_ocr", "image_page", "no OCR engine", ())


@needs_tesseract
def test_a_page_that_takes_too_long_costs_itself_and_in_the_end_the_rest(tmp_path, read):
    with pymupdf.open() as document:
        for _ in range(5):
            document.insert_file(str(scanned(tmp_path / "one.pdf")))
        document.save(tmp_path / "a.pdf")
    kept = read(tmp_path / "a.pdf", seconds_per_page=0.01)
    assert [page.origin for page in kept.rows] == ["needs_ocr"] * 5
    details = [page.detail for page in kept.rows]
    assert all("[ocr] seconds_per_page" in detail for detail in details[:3])
    told = "OCR: given up: on the pages before, timeout: took longer than [ocr] seconds_per_page"
    assert details[3:] == [told] * 2
    assert all(map(lost_to_ocr, details))


@needs_tesseract
@pytest.mark.slow
def test_a_page_too_large_to_draw_is_named(tmp_path, read):
    with pymupdf.open() as document:
        page = document.new_page(width=14000, height=14000)
        grey = pymupdf.Pixmap(pymupdf.csGRAY, (0, 0, 10, 10), False)
        grey.set_rect(grey.irect, (90,))
        page.insert_image(page.rect, pixmap=grey)
        document.save(tmp_path / "a.pdf")
    (page,) = read(tmp_path / "a.pdf", max_megapixels=10).rows
    assert page.origin == "needs_ocr"
    assert "megapixels" in page.detail
    assert not lost_to_ocr(page.detail)


@needs_tesseract
@pytest.mark.slow
def test_ocr_processes_are_replaced_after_their_pages(tmp_path):
    ocr = OcrSettings(engine="tesseract", pages_per_worker=1)
    path = scanned(tmp_path / "a.pdf")
    with ReadPool(ReadSettings(workers=1), ocr) as pool:
        reader = Reader(tmp_path, pool, ocr, resolve(ocr, tmp_path))
        reader.read(source_of(path))
        seat = pool._seats.get()
        pool._seats.put(seat)
        assert seat.workers["text"] is not None
        assert seat.workers["ocr"] is None


READ_ON = """
    import sys
    from pathlib import Path
    from tasks.read.files import find_sources
    from tasks.read.ocr.engines import resolve
    from tasks.read.pool import ReadPool
    from tasks.read.read import Reader
    from tasks.settings import OcrSettings, ReadSettings
    here, ocr = Path(sys.argv[1]), OcrSettings(engine="tesseract")
    with ReadPool(ReadSettings(workers=1), ocr) as pool:
        reader = Reader(here, pool, ocr, resolve(ocr, here))
        source = next(s for s in find_sources(here, ".").rows if s.path == "a.pdf")
        while True:
            reader.read(source)
"""


@needs_tesseract
@pytest.mark.slow
def test_tesseract_dies_with_a_parent_that_was_killed(tmp_path):
    scanned(tmp_path / "a.pdf")
    run = subprocess.Popen([sys.executable, "-c", textwrap.dedent(READ_ON), str(tmp_path)])
    try:
        assert _wait(lambda: _running("tesseract", run.pid)), "Tesseract was never seen at work"
    finally:
        os.kill(run.pid, signal.SIGKILL)
        run.wait()
    assert _wait(lambda: not _running("tesseract", run.pid), seconds=10)


def fake_tesseract(folder: Path, body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tesseract that answers questions about itself, and reads as `body` says."""
    program = folder / "bin" / "tesseract"
    program.parent.mkdir()
    asked = f'case "$1" in --list-langs|--version) exec {TESSERACT} "$@";; esac'
    program.write_text(f"#!/bin/sh\n{asked}\n{body}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")


@needs_tesseract
@pytest.mark.slow
def test_what_ocr_failed_on_is_read_again_and_nothing_else(tmp_path, monkeypatch):
    """A program that fails for a while: the other pages keep what was read, with all that was left out of them."""
    with pymupdf.open() as document:
        for _ in range(3):
            document.insert_file(str(scanned(tmp_path / "one.pdf")))
        document.save(tmp_path / "a.pdf")
    log, out_of_order = tmp_path / "log", tmp_path / "out_of_order"
    body = f'echo >> {log}\n[ -e {out_of_order} ] && [ $(wc -l < {log}) = 2 ] && exit 1\nexec {TESSERACT} "$@"'
    fake_tesseract(tmp_path, body, monkeypatch)
    out_of_order.touch()
    ocr = OcrSettings(engine="tesseract")
    with ReadPool(ReadSettings(workers=1), ocr) as pool:
        reader, source = Reader(tmp_path, pool, ocr, resolve(ocr, tmp_path)), source_of(tmp_path / "a.pdf")
        first = reader.read(source)
        out_of_order.unlink()
        read_before = len(log.read_text())
        second = reader.read(source, first)
    assert [(p.origin, lost_to_ocr(p.detail)) for p in first.rows] == [("ocr", False), ("needs_ocr", True), ("ocr", False)]
    assert "failed: tesseract failed with exit code 1" in first.rows[1].detail
    assert [p.origin for p in second.rows] == ["ocr"] * 3
    assert (second.rows[0], second.rows[2]) == (first.rows[0], first.rows[2])
    assert len(second.dropped) >= len(first.dropped)
    assert len(log.read_text()) - read_before <= read_before / 2


@needs_tesseract
@pytest.mark.slow
def test_a_layer_that_ocr_could_not_be_asked_about_is_compared_later(tmp_path, monkeypatch, read):
    scanned(tmp_path / "a.pdf", layer=OTHERS)
    fake_tesseract(tmp_path, "exit 1", monkeypatch)
    (page,) = read(tmp_path / "a.pdf").rows
    assert (page.origin, page.reason) == ("text", "ocr_layer")
    assert lost_to_ocr(page.detail)


def test_pages_that_cannot_be_drawn_do_not_make_ocr_give_up(tmp_path):
    page = Page(
        document="d", path="a.pdf", number=1, width=1, height=1, origin="needs_ocr", engine="", reason="image_page", blocks=()
    )
    pages = [page.model_copy(update={"number": n}) for n in range(1, 7)]
    good = OcrRead(blocks=(), engine="e", dpi=100, dropped=[])
    with ReadPool(ReadSettings(workers=1)) as pool:
        reader = Reader(tmp_path, pool, OcrSettings(), resolve(OcrSettings(engine="none"), tmp_path))
        reads = list(reader._each(pages, lambda p: good if p.number == 6 else OcrFailed(detail="page has no size")))
        assert reads[-1][1] is good
        reads = list(reader._each(pages, lambda p: good if p.number == 6 else OcrFailed(detail="timeout: too long")))
        assert "given up" in getattr(reads[-1][1], "detail", "")


@pytest.mark.parametrize("change", ["replaced", "deleted"])
def test_a_file_that_changes_while_it_is_read_is_not_taken_for_the_one_that_was_listed(tmp_path, change):
    source = source_of(text_page(tmp_path / "a.pdf"))
    ocr = OcrSettings(engine="none")

    class Changing(ReadPool):
        def read(self, source: Source, project: Path) -> Kept[Page]:
            kept = super().read(source, project)
            (project / source.path).unlink()
            if change == "replaced":
                draw(project / source.path, [[(60, 100, OTHERS[0])]])
            return kept

    with Changing(ReadSettings(workers=1)) as pool:
        kept = Reader(tmp_path, pool, ocr, resolve(ocr, tmp_path)).read(source)
    assert kept.rows == []
    assert [(d.type, d.reason) for d in kept.dropped] == [("Source", "changed")]


@needs_tesseract
@pytest.mark.slow
@pytest.mark.parametrize("who", ["worker", "parent"])
def test_whom_tesseract_started_dies_with_it(tmp_path, monkeypatch, who):
    """A wrapper around Tesseract that starts a process of its own."""
    scanned(tmp_path / "a.pdf")
    fake_tesseract(tmp_path, "sleep 300 &\nsleep 301", monkeypatch)
    run = subprocess.Popen([sys.executable, "-c", textwrap.dedent(READ_ON), str(tmp_path)])
    try:
        assert _wait(lambda: _running("sleep", run.pid)), "it was never seen at work"
        workers = [pid for pid in SEEN_BELOW[run.pid] if "tasks.read.worker" in _command(pid)]
        for pid in workers if who == "worker" else [run.pid]:
            os.kill(pid, signal.SIGKILL)
        sleepers = [pid for pid in SEEN_BELOW[run.pid] if "sleep" in _command(pid)]
        assert _wait(lambda: not any("sleep" in _command(pid) for pid in sleepers), seconds=10)
    finally:
        run.kill()
        run.wait()


SEEN: set[int] = set()
SEEN_BELOW: dict[int, set[int]] = {}


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def _running(name: str, ancestor: int) -> bool:
    """Whether a program of this name runs below a process; who was seen there once is looked for by its number."""
    parents, names = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            before, after = stat.read_text().rsplit(")", 1)
        except OSError:
            continue
        pid = int(stat.parent.name)
        if after.split()[0] != "Z":
            parents[pid], names[pid] = int(after.split()[1]), before.split("(", 1)[1]
    for pid, called in names.items():
        up = pid
        while up in parents and up != ancestor:
            up = parents[up]
        if up == ancestor:
            SEEN_BELOW.setdefault(ancestor, set()).add(pid)
        if called == name and up == ancestor:
            SEEN.add(pid)
    return any(names.get(pid) == name for pid in SEEN)


def _wait(true: Callable[[], bool], seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.01)
    return False
