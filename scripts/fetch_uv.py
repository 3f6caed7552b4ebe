"""Fetches uv without pip, venv or root, for machines whose Python has neither: the wheel from PyPI, checked, its program out.

Usage: python3 scripts/fetch_uv.py TARGET
"""

import hashlib
import io
import json
import platform
import sys
import urllib.request
import zipfile
from pathlib import Path
from urllib.parse import urljoin

INDEX = "https://pypi.org/pypi/uv/json"
SECONDS = 120


def main(target: Path) -> None:
    """Put the program at `target`."""
    libc = "musllinux" if platform.libc_ver()[0] == "" else "manylinux"
    with urllib.request.urlopen(INDEX, timeout=SECONDS) as reply:
        files = json.load(reply)["urls"]
    wheels = [f for f in files if libc in f["filename"] and f["filename"].endswith(f"_{platform.machine()}.whl")]
    if not wheels:
        sys.exit(f"no uv for {platform.machine()} ({libc}) on PyPI; install uv by hand: https://docs.astral.sh/uv/")
    with urllib.request.urlopen(urljoin(INDEX, wheels[0]["url"]), timeout=SECONDS) as reply:
        data = reply.read()
    if hashlib.sha256(data).hexdigest() != wheels[0]["digests"]["sha256"]:
        sys.exit(f"{wheels[0]['filename']}: the download is damaged; run make again")
    with zipfile.ZipFile(io.BytesIO(data)) as wheel:
        (program,) = [name for name in wheel.namelist() if name.endswith("/scripts/uv")]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(wheel.read(program))
    target.chmod(0o755)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
