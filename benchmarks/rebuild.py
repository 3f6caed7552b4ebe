"""Warm rebuild: what a build costs when nothing has changed, as a share of the cold build's CPU time.

The same project is built twice, up to the preferences, by the command that users run. CPU seconds are of the flow and the
processes that it waited for (readers, the writing endpoint); imports and servers' start-up are left out. Target: at most
0.10, and no LLM call.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.report import ROOT, arguments, finish, machine, table
from flows.project import create_project
from flows.services import prefect_api

STATUTES = 6


def build(project: Path) -> dict[str, Any]:
    """What `jeongdap build --json` says at its end."""
    command = [str(Path(sys.executable).with_name("jeongdap")), "build", "-C", str(project), "--until", "prefer", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


def corpora(data: Path) -> dict[str, list[Path]]:
    """The examples, and some statutes where they are at hand."""
    statutes = sorted((data / "law").glob("*.pdf"))[:STATUTES] if data.is_dir() else []
    found = {"examples": sorted((ROOT / "examples" / "pdf").glob("*.pdf"))}
    return {**found, **({f"{len(statutes)} statutes": statutes} if statutes else {})}


def main() -> None:
    """Build each corpus twice."""
    given = arguments("rebuild", needs_data=False)
    rows, figures = [], {}
    with tempfile.TemporaryDirectory() as scratch, prefect_api(Path(scratch), 4200):
        for name, pdfs in corpora(ROOT.parent / "shared" / "data").items():
            project = create_project(Path(scratch) / name.replace(" ", "-"))
            for pdf in pdfs:
                shutil.copy(pdf, project / "pdf")
            cold, warm = build(project), build(project)
            ratio = round(warm["cpu_seconds"] / cold["cpu_seconds"], 3)
            kept = cold["steps"]["dedup"]["kept"]
            rows.append([name, kept, cold["llm_calls"], cold["cpu_seconds"], warm["llm_calls"], warm["cpu_seconds"], ratio])
            figures[name] = {"rows": kept, "warm_over_cold": ratio, "warm_calls": warm["llm_calls"]}
    head = ["corpus", "rows", "cold calls", "cold CPU s", "warm calls", "warm CPU s", "warm / cold"]
    finish("rebuild", [table("Warm rebuild", head, rows)], figures, machine("prefect", "pymupdf"), given.json)


if __name__ == "__main__":
    main()
