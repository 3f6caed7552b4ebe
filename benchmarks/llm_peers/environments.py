"""The environments of the peers: exact versions, one folder each under `.setup/peers`, made with uv.

    python -m benchmarks.llm_peers.environments [distilabel …]

They cannot share ours: their pins of openai, pydantic and jiter contradict it and each other.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".setup" / "peers"
CUTOFF = "2026-11-21"  # what the peers themselves depend on is taken as of this day


@dataclass(frozen=True, slots=True)
class Client:
    """A client under test: the driver's module, the package whose version is named, what its environment holds.

    No requirements: it runs in the environment of the benchmark. `resumes`: it keeps replies for a second run.
    """

    driver: str
    package: str
    requirements: tuple[str, ...] = ()
    resumes: bool = True

    @property
    def python(self) -> Path:
        """The interpreter of its environment."""
        return FOLDER / self.driver / "bin" / "python" if self.requirements else Path(sys.executable)

    @property
    def version(self) -> str:
        """Name and version, as asked for."""
        pinned = next((one for one in self.requirements if one.split("==")[0].split("[")[0] == self.package), "")
        return pinned.split("==")[1] if pinned else ""


CLIENTS = {
    "jeongdap": Client("jeongdap", "openai"),
    "raw aiohttp": Client("raw", "aiohttp", resumes=False),
    "openai": Client("openai_defaults", "openai", resumes=False),
    # requests: distilabel imports it and does not declare it.
    "distilabel": Client("distilabel", "distilabel", ("distilabel[openai,instructor]==1.5.3", "requests==2.34.2")),
    "curator": Client("curator", "bespokelabs-curator", ("bespokelabs-curator==0.1.31",)),
    "sdg-hub": Client("sdg_hub", "sdg-hub", ("sdg-hub==0.9.4",)),
    "data-designer": Client("data_designer", "data-designer", ("data-designer==0.9.6",)),
    "synthetic-data-kit": Client("synthetic_data_kit", "synthetic-data-kit", ("synthetic-data-kit==0.0.5",), resumes=False),
}


def install(client: Client, uv: str) -> None:
    """Make the environment anew. Raises CalledProcessError with uv's words on stderr."""
    folder = FOLDER / client.driver
    subprocess.run([uv, "venv", "--quiet", "--clear", "--python", "3.11", folder], check=True)
    command = [uv, "pip", "install", "--quiet", "--exclude-newer", CUTOFF, "--python", str(client.python), *client.requirements]
    subprocess.run(command, check=True)


def main() -> None:
    """Make those that are named, or all; ends with 1 when one does not install."""
    names = [name for name, client in CLIENTS.items() if client.requirements]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.llm_peers.environments")
    parser.add_argument("peers", nargs="*", metavar="PEER", help=f"of: {', '.join(names)}")
    wanted = parser.parse_args().peers or names
    if unknown := set(wanted) - set(names):
        parser.error(f"{', '.join(sorted(unknown))}: no such peer; there are {', '.join(names)}")
    uv = shutil.which("uv") or str(ROOT / ".setup" / "uv" / "bin" / "uv")
    failed = []
    for name in wanted:
        print(f"{name}: {' '.join(CLIENTS[name].requirements)}", flush=True)
        try:
            install(CLIENTS[name], uv)
        except subprocess.CalledProcessError:
            failed.append(name)
    if failed:
        sys.exit(f"not installed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
