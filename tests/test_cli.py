import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli import app
from tasks.records import Dropped, Kept, Page, Source
from tasks.store import Current, Store

RUN = CliRunner()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose newest build has read one file and refused another."""
    assert RUN.invoke(app, ["init", str(tmp_path / "p")]).exit_code == 0
    folder = tmp_path / "p"
    store = Store(folder)
    source = Source(id="a" * 32, path="pdf/약관.pdf", size=1)
    page = Page(
        document=source.id,
        path=source.path,
        number=1,
        width=1,
        height=1,
        origin="needs_ocr",
        engine="pymupdf",
        reason="image_page",
        blocks=(),
    )
    lost = Dropped.of(Source(id="b" * 32, path="pdf/=x.pdf", size=0), "b" * 32, "sources", "empty", "=pdf/x.pdf")
    store.write("sources", 1, "k", "sources", [], Kept([source], [lost]), Source)
    store.write("read", 1, "k", source.path, [], Kept([page], []), Page)
    store.set_current(Current(run="r", keys={"sources": ("k",), "read": ("k",)}))
    return folder


def run(*arguments: str, code: int = 0) -> str:
    result = RUN.invoke(app, list(arguments))
    assert result.exit_code == code, result.output
    return result.output


def test_every_command_has_help():
    assert all(command.callback.__doc__ for command in app.registered_commands)


def test_rows_show_and_export(project: Path, tmp_path: Path):
    assert "needs_ocr" in run("rows", "read", "-C", str(project))
    for ending in ("parquet", "jsonl", "csv"):
        out = tmp_path / f"rows.{ending}"
        assert json.loads(run("rows", "read", "-C", str(project), "--out", str(out), "--json").splitlines()[-1])["rows"] == 1
        assert out.stat().st_size


def test_dropped_files_are_named_and_no_formula_reaches_a_spreadsheet(project: Path, tmp_path: Path):
    out = tmp_path / "dropped.csv"
    run("rows", "read", "--dropped", "-C", str(project), "--out", str(out))
    assert "empty,'=pdf/x.pdf" in out.read_text()


def test_an_unknown_ending_is_a_usage_error(project: Path, tmp_path: Path):
    assert "known: .parquet, .jsonl, .csv" in run("rows", "read", "-C", str(project), "--out", str(tmp_path / "x.xml"), code=2)


def test_a_step_that_was_not_reached_is_said(project: Path):
    assert "no build has made rows of dedup yet" in run("rows", "dedup", "-C", str(project), code=1)


def test_why_tells_where_a_file_was_lost(project: Path):
    assert "empty" in run("why", "bbbbbbbb", "-C", str(project))


def test_why_of_an_unknown_id_is_an_error(project: Path):
    assert "knows this id" in run("why", "0123456789", "-C", str(project), code=1)


def test_the_report_stands_alone_and_is_escaped(project: Path):
    report = Path(json.loads(run("report", "-C", str(project), "--json").splitlines()[-1])["report"])
    page = report.read_text()
    assert "image_page" in page or "needs_ocr" in page
    assert "http" not in page.replace("data:", "")


@pytest.mark.parametrize("command", ["build", "publish", "report"])
def test_a_wrong_project_is_a_clear_error(command: str, tmp_path: Path):
    output = run(command, "-C", str(tmp_path / "nowhere"), code=1 if command == "report" else 2)
    assert "nowhere" in output
    assert "Traceback" not in output


def test_unknown_steps_and_commands_are_usage_errors():
    run("rows", "nonsense", code=2)
    run("nonsense", code=2)
    run("build", "--until", "nonsense", code=2)
