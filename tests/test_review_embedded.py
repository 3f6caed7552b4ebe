from __future__ import annotations

import json
import re
import socket
import tomllib
from pathlib import Path

import pytest

from review import embedded
from review.embedded import argilla_home, environment_home, find_running, free_port, read_credentials, requirements
from tasks.errors import ServiceError

SERVER = Path(embedded.__file__).parent / "server"


def test_the_pins_for_pip_are_those_of_the_lock_file_each_with_hashes() -> None:
    lock = (SERVER / "uv.lock").read_text("utf-8")
    locked = {(p["name"], p["version"]) for p in tomllib.loads(lock)["package"] if p["name"] != "jeongdap-review-server"}
    lines = requirements(lock).splitlines()
    assert {tuple(re.match(r"([^=]+)==(\S+)", line).groups()) for line in lines} == locked  # type: ignore[union-attr]
    assert all("--hash=sha256:" in line for line in lines)
    numpy = [line for line in lines if line.startswith("numpy==")]
    assert len(numpy) == 1 or all(" ; python_full_version " in line for line in numpy)


def test_the_server_is_pinned_in_one_version_everywhere() -> None:
    pin = re.search(r"argilla-server==([\d.]+)", (SERVER / "pyproject.toml").read_text("utf-8"))
    assert pin is not None
    assert f'SUPPORTED = "{pin[1]}"' in (SERVER / "serve.py").read_text("utf-8")
    assert f"argilla-server-{pin[1]}" == embedded.CACHE_NAME


def test_the_environment_stands_beside_the_server_in_a_checkout() -> None:
    assert environment_home() == SERVER


def test_an_installed_jeongdap_keeps_the_environment_in_the_users_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "SERVER_FOLDER", tmp_path / "site-packages" / "review" / "server")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert environment_home() == tmp_path / "cache" / "jeongdap" / "argilla-server-2.8.0"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative/is/ignored")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert environment_home() == tmp_path / "home" / ".cache" / "jeongdap" / "argilla-server-2.8.0"


def test_an_environment_that_cannot_be_made_says_why_and_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = tmp_path / "site-packages" / "review" / "server"
    installed.mkdir(parents=True)
    (installed / "uv.lock").write_bytes((SERVER / "uv.lock").read_bytes())
    uv = tmp_path / "uv"
    uv.write_text("#!/bin/sh\necho 'error: no route to host' >&2\nexit 2\n")
    uv.chmod(0o755)
    monkeypatch.setattr(embedded, "SERVER_FOLDER", installed)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("UV", str(uv))
    with pytest.raises(ServiceError, match=r"(?s)error: no route to host.*Cure: check the network"):
        embedded.server_python()


def test_a_port_that_somebody_has_is_left_to_them() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        assert free_port(taken) not in (taken, 0)
    assert free_port(taken) == taken


def test_credentials_before_the_first_start_and_broken_ones_are_named(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match=r"owner\.json: the embedded review server has not run yet"):
        read_credentials(tmp_path)
    home = argilla_home(tmp_path)
    home.mkdir(parents=True)
    for broken in ("{", "[]", '{"username": "owner"}'):
        (home / "owner.json").write_text(broken)
        with pytest.raises(ServiceError, match=r"owner\.json: cannot be read .*delete it"):
            read_credentials(tmp_path)


def test_credentials_are_read_and_not_shown(tmp_path: Path) -> None:
    home = argilla_home(tmp_path)
    home.mkdir(parents=True)
    (home / "owner.json").write_text(json.dumps({"username": "owner", "password": "pass-word", "api_key": "the-key"}))
    credentials = read_credentials(tmp_path)
    assert (credentials.username, credentials.password, credentials.api_key) == ("owner", "pass-word", "the-key")
    assert "pass-word" not in repr(credentials)
    assert "the-key" not in repr(credentials)


@pytest.mark.parametrize("note", [None, "", "{}", '{"pid": 1, "port": "x"}', '{"pid": 999999999, "port": 1}'])
def test_a_stale_or_broken_note_of_a_running_server_is_no_server(tmp_path: Path, note: str | None) -> None:
    home = argilla_home(tmp_path)
    home.mkdir(parents=True)
    if note is not None:
        (home / "server.json").write_text(note)
    assert find_running(tmp_path) is None
