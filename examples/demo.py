"""The whole way on the example PDFs, with the servers that jeongdap brings: build, review by a script, publish.

    make demo            # or: .venv/bin/python -P examples/demo.py [FOLDER]

A scripted reviewer stands in for people, so that the demo runs by itself; its verdicts bear the name `demo-reviewer`, and the
dataset card says so in its first lines. A second run does nothing twice. No process is left behind.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from flows.reviewing import review_server, sent
from flows.services import prefect_api
from tasks.settings import load_settings
from tasks.store import Store

EXAMPLES = Path(__file__).resolve().parent
sys.path.insert(0, str(EXAMPLES))

from demo_reviewer import answer_open_records  # noqa: E402  (beside this file, not a package of jeongdap)


def main(folder: Path) -> None:
    """Run every command of the README on a project in `folder`."""
    if not (folder / "jeongdap.toml").exists():
        jeongdap("init", str(folder))
    for pdf in sorted((EXAMPLES / "pdf").glob("*.pdf")):
        shutil.copyfile(pdf, folder / "pdf" / pdf.name)
    settings = load_settings(folder)
    jeongdap("check", "-C", str(folder))
    # Both servers once for all commands: each command finds them running and leaves them so.
    with prefect_api(folder, settings.prefect.port), review_server(folder.resolve(), settings) as argilla:
        jeongdap("build", "-C", str(folder))
        rows = sent(Store(folder.resolve()))
        told = answer_open_records(
            argilla, settings.review.workspace, settings.project.name, rows.pairs, rows.preferences, rows.chunks.values()
        )
        decisions = ", ".join(f"{decision} {n}" for decision, n in told.items()) or "nothing new"
        print(f"\nThe demo reviewer, a script, answers over Argilla's API: {decisions}", flush=True)
        jeongdap("review", "status", "-C", str(folder))
        jeongdap("publish", "-C", str(folder))
        jeongdap("report", "-C", str(folder))
    print(where_to_look(folder, settings.prefect.port, settings.review.port))


def jeongdap(*arguments: str) -> None:
    """One command, shown before it runs; the demo ends where one fails."""
    print(f"\n$ jeongdap {' '.join(arguments)}", flush=True)
    done = subprocess.run([str(Path(sys.executable).with_name("jeongdap")), *arguments], check=False)
    if done.returncode:
        raise SystemExit(f"jeongdap {arguments[0]} ended with code {done.returncode}")


def where_to_look(folder: Path, prefect: int, argilla: int) -> str:
    """What the demo made, and the commands that open it."""
    newest = (folder / "releases" / "latest").read_text().strip()
    report = max((folder / "reports").glob("*.html"), key=lambda path: path.stat().st_mtime)
    command = Path(sys.executable).with_name("jeongdap").relative_to(Path.cwd())
    return f"""
Done. Look at
  the release       {folder}/releases/{newest}/README.md
  the run report    {report}
  rows on screen    {command} rows dedup -C {folder}
  both web pages    {command} serve -C {folder}, then open
                    http://127.0.0.1:{prefect}  Prefect: the runs of both flows
                    http://127.0.0.1:{argilla}  Argilla: the queues; user and password: {folder}/.jeongdap/argilla/owner.json
                    (one record of ten was left open for you to try)
  in Python         datasets.load_dataset("{folder}/releases/{newest}", "sft")
"""


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("demo"))
