"""A model hub on loopback that speaks as much of Hugging Face's protocol as PaddleOCR needs to fetch a model."""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMMIT = "0" * 40


@contextlib.contextmanager
def model_hub(models: dict[str, Path], *, hangs: bool = False) -> Iterator[str]:
    """The address of a hub with these repositories, each a folder. With `hangs` it never sends a file's bytes."""
    stop = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

        def _answer(self, *, body: bool) -> None:
            parts = self.path.partition("?")[0].strip("/").split("/")
            if parts[0] == "api":
                self._send(self._listing(models.get(parts[3])), body=body)
            elif "resolve" in parts:
                self._send_file(models[parts[1]] / parts[-1], body=body)
            else:
                self._send(b"a hub", body=body)

        def _listing(self, folder: Path | None) -> bytes | None:
            if folder is None:
                return None
            names = sorted(path.name for path in folder.iterdir())
            if "/tree/" in self.path:
                return json.dumps(
                    [{"type": "file", "path": n, "size": (folder / n).stat().st_size, "oid": COMMIT} for n in names]
                ).encode()
            return json.dumps({"id": folder.name, "sha": COMMIT, "siblings": [{"rfilename": n} for n in names]}).encode()

        def _send_file(self, path: Path, *, body: bool) -> None:
            if body and hangs:
                stop.wait(60)
                return
            self._send(path.read_bytes(), body=body)

        def _send(self, data: bytes | None, *, body: bool) -> None:
            self.send_response(404 if data is None else 200)
            self.send_header("Content-Length", str(len(data or b"")))
            self.send_header("ETag", f'"{hashlib.sha1(data or b"").hexdigest()}"')
            self.send_header("X-Repo-Commit", COMMIT)
            self.end_headers()
            if body:
                self.wfile.write(data or b"")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        stop.set()
        server.shutdown()
        server.server_close()
