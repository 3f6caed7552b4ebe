from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from review.argilla_port import ArgillaPort
from review.rest import RefusedError, ReviewServer, call
from tasks.errors import ReviewError

KEY = "secret-key-of-the-owner"


class Handler(BaseHTTPRequestHandler):
    """Answers `/<status>` with that status; remembers the keys it was shown."""

    keys: list[tuple[str, str | None]] = []  # noqa: RUF012

    def do_GET(self) -> None:
        self.keys.append((self.path, self.headers["X-Argilla-Api-Key"]))
        status = int(self.path.strip("/")) if self.path.strip("/").isdigit() else 200
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/stolen")
        body = b"<html>a web page</html>"
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def nowhere() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def test_the_key_is_never_shown() -> None:
    server = ReviewServer("http://127.0.0.1:1/", KEY)
    assert KEY not in f"{server!r} {server}"
    assert server.url == "http://127.0.0.1:1"


@pytest.mark.parametrize("key", ["", " ", "evil\nX-Evil: 1", "열쇠", "trailing-space "])
def test_a_key_that_cannot_be_one_is_refused_without_being_repeated(key: str) -> None:
    with pytest.raises(ReviewError, match=r"the API key is empty or has characters") as caught:
        ReviewServer("http://x", key)
    assert not key.strip() or key.strip() not in str(caught.value)


def test_a_server_that_is_down_is_named_with_the_cure(nowhere: str) -> None:
    with pytest.raises(ReviewError, match=rf"{nowhere}: the review server does not answer .*jeongdap review serve"):
        call(ReviewServer(nowhere, KEY), "GET", "/api/v1/me")


def test_the_sdk_says_the_same_of_a_server_that_is_down(nowhere: str) -> None:
    with pytest.raises(ReviewError, match=rf"{nowhere}: the review server does not answer .*jeongdap review serve"):
        ArgillaPort(ReviewServer(nowhere, KEY))


@pytest.mark.parametrize(
    ("status", "cure"), [(401, "refused the API key"), (403, "use the key of an owner"), (404, "review.url")]
)
def test_a_refusal_says_what_to_do(url: str, status: int, cure: str) -> None:
    with pytest.raises(RefusedError, match=cure) as caught:
        call(ReviewServer(url, KEY), "GET", f"/{status}")
    assert caught.value.status == status
    assert KEY not in str(caught.value)


def test_a_web_page_is_no_argilla_server(url: str) -> None:
    with pytest.raises(ReviewError, match=rf"{url}: answers, but is no Argilla server"):
        call(ReviewServer(url, KEY), "GET", "/page")


def test_the_sdk_says_so_too(url: str) -> None:
    with pytest.raises(ReviewError, match=rf"{url}: answers, but is no Argilla server"):
        ArgillaPort(ReviewServer(url, KEY))


def test_a_redirect_does_not_carry_the_key_away(url: str) -> None:
    with pytest.raises(RefusedError, match="answered 302"):
        call(ReviewServer(url, KEY), "GET", "/302")
    assert "/stolen" not in [path for path, _ in Handler.keys]


def test_a_proxy_of_the_environment_is_not_used_for_this_machine(url: str, monkeypatch: pytest.MonkeyPatch, nowhere: str) -> None:
    monkeypatch.setenv("http_proxy", nowhere)
    with pytest.raises(ReviewError, match="is no Argilla server"):
        call(ReviewServer(url, KEY), "GET", "/page")
    with pytest.raises(ReviewError, match="is no Argilla server"):
        ArgillaPort(ReviewServer(url, KEY))
