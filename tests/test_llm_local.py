from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from llm_server import make_asks, running_server, settings

from tasks.errors import LlmError, SettingsError
from tasks.llm.asks import Endpoint
from tasks.llm.calls import Calls
from tasks.llm.engine import ask_all_sync
from tasks.llm.local import refuse_if_public


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8000/v1",
        "http://localhost:8000/v1",
        "http://[::1]:8000/v1",
        "http://10.1.2.3/v1",
        "https://192.168.0.7/v1",
        "http://172.16.0.1/v1",
        "http://[fd00::1]/v1",
        "http://[::ffff:10.0.0.1]/v1",
    ],
)
def test_this_machine_and_private_networks_are_near(url):
    refuse_if_public(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://8.8.8.8/v1",
        "http://172.32.0.1/v1",
        "http://[2606:4700::1111]/v1",
        "http://[::ffff:8.8.8.8]/v1",
        "http://0.0.0.0/v1",
    ],
)
def test_all_else_is_refused_by_name(url):
    with pytest.raises(SettingsError, match="local_only"):
        refuse_if_public(url)


def test_a_name_with_one_public_address_is_refused(monkeypatch):
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in ("10.0.0.1", "93.184.216.34")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: both)
    with pytest.raises(SettingsError, match=r"93\.184\.216\.34"):
        refuse_if_public("https://llm.example.org/v1")


def test_a_name_that_nobody_knows_is_named():
    with pytest.raises(LlmError, match="cannot be resolved"):
        refuse_if_public("http://no-such-host.invalid/v1")


def test_nothing_is_sent_to_a_public_host(tmp_path: Path):
    with Calls(tmp_path / "calls.sqlite") as calls, pytest.raises(SettingsError, match="nothing was sent"):
        ask_all_sync(make_asks(1), Endpoint("http://8.8.8.8:9/v1", ""), settings(local_only=True), calls)


def test_a_near_endpoint_answers_as_ever(tmp_path: Path):
    with running_server() as server, Calls(tmp_path / "calls.sqlite") as calls:
        (answer,) = ask_all_sync(make_asks(1), server.endpoint, settings(local_only=True), calls)
    assert answer.problem == ""


class _Elsewhere(http.server.BaseHTTPRequestHandler):
    """Sends everybody to another host."""

    target = ""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(307)
        self.send_header("location", self.target)
        self.end_headers()

    do_GET = do_POST  # noqa: N815  the base class calls it so

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def redirecting() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Elsewhere) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()


@pytest.mark.parametrize("local_only", [True, False])
def test_no_endpoint_can_send_us_elsewhere(tmp_path: Path, redirecting: str, monkeypatch: pytest.MonkeyPatch, local_only: bool):
    with running_server() as server, Calls(tmp_path / "calls.sqlite") as calls:
        monkeypatch.setattr(_Elsewhere, "target", f"{server.endpoint.base_url}/chat/completions")
        with pytest.raises(LlmError, match="redirects to") as caught:
            ask_all_sync(make_asks(1), Endpoint(redirecting, ""), settings(local_only=local_only), calls)
        assert server.stats()["requests"] == 0
    assert server.endpoint.base_url in str(caught.value)
