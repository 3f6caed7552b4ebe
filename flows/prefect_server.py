"""The embedded Prefect server: API, UI and scheduler in one process on loopback, state in one folder.

Run as `python -P -m flows.prefect_server --home DIR --port N`. It ends when its standard input closes, so it never outlives
the process that started it, even when that one is killed.
"""

from __future__ import annotations

import argparse
import os
import threading
from pathlib import Path


def server_environment(home: Path, port: int) -> dict[str, str]:
    """What Prefect reads at import: its home, its own address, no telemetry, little noise."""
    return {
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_API_HOST": "127.0.0.1",
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "DO_NOT_TRACK": "1",
    }


def end_with_parent() -> None:
    """Leave as soon as standard input reaches its end: whoever held the other side is gone."""

    def watch() -> None:
        while os.read(0, 4096):
            pass
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def main(argv: list[str] | None = None) -> None:
    """Serve until the parent goes away."""
    parser = argparse.ArgumentParser(prog="flows.prefect_server")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args(argv)
    end_with_parent()
    options.home.mkdir(parents=True, exist_ok=True)
    os.environ.update(server_environment(options.home, options.port))

    import uvicorn
    from prefect.server.api.server import create_app

    uvicorn.run(create_app(final=True), host="127.0.0.1", port=options.port, log_level="warning")


if __name__ == "__main__":
    main()
