"""What the documentation says is true: its commands exist, its links lead somewhere, its row is one that the examples give."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli import app
from tasks.read.pdf import read_pdf
from tasks.records import Source
from tasks.text.normal import comparable

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "README.ko.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "examples" / "README.md"]
READMES = PAGES[:2]
RUN = CliRunner()


def commands(page: Path) -> list[list[str]]:
    """Every `jeongdap …` line in a code block."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", page.read_text(), re.S | re.M)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    return [shlex.split(line, comments=True)[1:] for line in lines if re.match(r"(\.venv/bin/)?jeongdap ", line)]


ALL = [(page.name, command) for page in PAGES for command in commands(page)]


@pytest.mark.parametrize(("page", "command"), ALL, ids=[f"{page}: {' '.join(command)}" for page, command in ALL])
def test_every_command_of_the_docs_is_one(page: str, command: list[str]):
    """The options are known and the command is found; --help keeps it from running."""
    names = [part for part in command if not part.startswith("-")]
    options = [part for part in command if part.startswith("-")]
    path = names[:2] if names[0] == "review" else names[:1]
    told = RUN.invoke(app, [*path, "--help"], env={"COLUMNS": "200", "TERM": "dumb"})
    assert told.exit_code == 0, told.output
    assert all(option in told.output for option in options)


def test_the_docs_name_every_command():
    told = "\n".join(page.read_text() for page in PAGES)
    names = [command.name or command.callback.__name__ for command in app.registered_commands]
    assert [name for name in names if f"jeongdap {name}" not in told] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path):
    links = re.findall(r"\]\((?!http)([^)#]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_make_targets_exist(page: Path):
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"`?make (\w+)`?", "\n".join(re.findall(r"`[^`]*`|^make .*$", page.read_text(), re.M)))) <= targets


@pytest.mark.parametrize("page", READMES, ids=lambda page: page.name)
def test_the_row_of_the_readme_stands_on_its_page(page: Path):
    """Its quote is verbatim text of the page that it names, and its boxes hold that text."""
    shown = re.search(r"<!-- row.*?```json\n(.*?)```", page.read_text(), re.S)
    assert shown
    row = json.loads(shown[1])
    pdf = ROOT / "examples" / row["path"]
    pages = read_pdf(pdf, Source(id="0" * 32, path=row["path"], size=pdf.stat().st_size)).rows
    (on_page,) = [p for p in pages if p.number == row["page"]]
    assert comparable(row["quote"]) in comparable(on_page.text.replace("\n", ""))
    boxed = [
        block.text
        for box in row["boxes"]
        for block in on_page.blocks
        if all(abs(a - b) < 0.1 for a, b in zip(box, (block.box.x0, block.box.y0, block.box.x1, block.box.y1), strict=True))
    ]
    assert comparable(row["quote"]) in comparable("".join(boxed))
    assert comparable(row["messages"][-1]["content"]) == comparable(row["quote"])
