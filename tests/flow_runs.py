"""What whole-flow tests share: projects, commands, and the processes that they must not leave."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

JEONGDAP = str(Path(sys.executable).with_name("jeongdap"))
EXAMPLES = Path(__file__).resolve().parents[1] / "examples" / "pdf"
SETTINGS = '[project]\nname = "test"\n[generate]\nkinds = { qa = 2, choice = 1 }\n'


def jeongdap(*arguments: str, code: int = 0) -> dict:
    """Run a command; the JSON of its last line."""
    done = subprocess.run([JEONGDAP, *arguments, "--json"], capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return json.loads(done.stdout.splitlines()[-1]) if code == 0 else {"error": done.stderr}


def new_project(folder: Path, *pdfs: Path) -> Path:
    (folder / "pdf").mkdir(parents=True)
    (folder / "jeongdap.toml").write_text(SETTINGS)
    for pdf in pdfs:
        shutil.copy(pdf, folder / "pdf")
    return folder


def small_examples() -> list[Path]:
    """All but the longest document."""
    return sorted(EXAMPLES.glob("*.pdf"), key=lambda path: path.stat().st_size)[:-1]


def own_processes(project: Path) -> list[str]:
    """Command lines of running processes that name the project."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(project) in command:
            found.append(command)
    return found


def wait_until_gone(project: Path) -> None:
    """The servers and workers of a killed run end by themselves."""
    deadline = time.monotonic() + 20
    while own_processes(project) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert own_processes(project) == []
