"""What the read step of a build does with what was lost: it is named in few lines, and tried again."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import pytest

from flows.build import NAMED, Build, name_lost, name_unread, take_back
from flows.progress import LOGGER_NAME
from flows.steps import READ, SOURCES, Stage
from tasks.errors import StoreError
from tasks.records import Dropped, Kept, Page, Source
from tasks.settings import Settings
from tasks.store import Store

PAGE = Page(document="d", path="pdf/a.pdf", number=1, width=1, height=1, origin="text", engine="", reason="text_layer", blocks=())
STAGE: Stage[Page] = Stage.of(READ, "pdf/a.pdf", ["d"])


@pytest.fixture
def work(tmp_path: Path) -> Build:
    return Build(tmp_path, Settings.model_validate({"project": {"name": "test"}}), Store(tmp_path), "run")


def page(number: int, **fields: object) -> Page:
    return PAGE.model_copy(update={"number": number, **fields})


def lost(number: int, reason: str = "timeout") -> Dropped:
    return Dropped.of(page(number), f"d-p{number}", "read", reason, "took longer than [read] seconds_per_page")


def keep(work: Build, *rows: Page, dropped: tuple[Dropped, ...] = ()) -> Kept[Page]:
    """The stage, and the build that made it."""
    kept = Kept(list(rows), list(dropped))
    sources: Stage[Source] = Stage.of(SOURCES, "sources", ["s"])
    work.made = {
        "sources": (sources.make(work.store, lambda: Kept([], [])),),
        "read": (STAGE.make(work.store, lambda: kept),),
    }
    return kept


@pytest.mark.parametrize(
    ("detail", "again"),
    [
        ("", False),
        ("OCR: timeout: took longer than [ocr] seconds_per_page", True),
        ("OCR: crashed: the reading process ended with SIGKILL", True),
        ("OCR: failed: tesseract failed with exit code 1", True),
        ("OCR of its pictures: failed: tesseract failed with exit code 1", True),
        ("OCR: page 1 measures 400 × 400 inches: more than 40 megapixels", False),
        ("OCR: not sure of what it read (0.31)", False),
        ("[ocr] never", False),
    ],
)
def test_a_page_is_tried_again_when_its_loss_may_have_passed(work: Build, detail: str, again: bool):
    kept = keep(work, page(1), page(2, origin="needs_ocr", detail=detail))
    assert take_back(work, STAGE) == (kept if again else None)
    assert (STAGE.done(work.store) is None) == again


@pytest.mark.parametrize(("reason", "again"), [("timeout", True), ("unreadable", True), ("changed", True), ("broken", False)])
def test_a_file_is_tried_again_when_its_loss_may_have_passed(work: Build, reason: str, again: bool):
    kept = keep(work, page(1), dropped=(lost(2, reason),))
    assert take_back(work, STAGE) == (kept if again else None)


def test_what_another_build_took_back_meanwhile_is_read_anew(work: Build, monkeypatch: pytest.MonkeyPatch):
    keep(work, page(1), dropped=(lost(2),))
    read = work.store.read_dropped

    def too_late(manifest: object) -> list[Dropped]:
        shutil.rmtree(work.store.folder("read", STAGE.key))
        return read(manifest)  # type: ignore[arg-type]

    monkeypatch.setattr(work.store, "read_dropped", too_late)
    assert take_back(work, STAGE) is None


def test_a_stage_that_was_changed_is_still_an_error(work: Build):
    keep(work, page(1), dropped=(lost(2),))
    (work.store.folder("read", STAGE.key) / "data.parquet").write_bytes(b"x")
    with pytest.raises(StoreError, match="delete the folder"):
        take_back(work, STAGE)


def test_a_file_that_lost_many_pages_is_named_in_one_line(work: Build, caplog: pytest.LogCaptureFixture):
    keep(work, page(1), dropped=tuple(lost(n) for n in range(3, 503)))
    with caplog.at_level(logging.WARNING, LOGGER_NAME):
        name_lost(work)
    (told,) = caplog.messages
    assert told.startswith("not read: pdf/a.pdf, page 3 and 499 more of its pages: timeout")


def test_many_lost_files_are_counted_and_not_listed(work: Build, caplog: pytest.LogCaptureFixture):
    sources = [Source(id=str(n), path=f"pdf/{n}.pdf", size=1) for n in range(500)]
    keep(work, page(1), dropped=tuple(Dropped.of(s, s.id, "read", "broken", "cannot be opened") for s in sources))
    with caplog.at_level(logging.WARNING, LOGGER_NAME):
        name_lost(work)
    assert len(caplog.messages) == NAMED + 1
    assert f"{500 - NAMED} more" in caplog.messages[-1]
    assert "jeongdap rows read --dropped" in caplog.messages[-1]


def test_pages_that_ocr_failed_on_are_told_with_the_cause(work: Build, caplog: pytest.LogCaptureFixture):
    keep(work, page(1, detail="not compared with OCR: failed: tesseract failed with exit code 1"))
    with caplog.at_level(logging.WARNING, LOGGER_NAME):
        name_unread(work)
    (told,) = caplog.messages
    assert "exit code 1" in told
    assert "tries again" in told
