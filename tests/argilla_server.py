"""For tests that talk to the real embedded Argilla: requests in somebody's name, processes, a browser."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from review.embedded import argilla_home
from review.rest import ReviewServer, call, datasets, workspace_id

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

CHROMIUM, CHROMEDRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"
CHROMIUM_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1600,1200",
)


def server_pid(project: Path) -> int:
    return int(json.loads((argilla_home(project) / "server.json").read_text())["pid"])


def is_alive(pid: int) -> bool:
    """Whether a process runs; a dead one that nobody has waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(true: Callable[[], object], seconds: float = 20, what: str = "") -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"still waiting after {seconds} s: {what}"
        time.sleep(0.1)


def dataset_id(server: ReviewServer, name: str, workspace: str = "review") -> str:
    return datasets(server, workspace_id(server, workspace))[name]


def search(server: ReviewServer, name: str, *, mine: bool = False, text: str = "", **query: Any) -> list[str]:
    """The ids of the records that a search finds, in its order; with `mine`, as the UI asks for the key's owner."""
    body: dict[str, Any] = {"query": {"text": {"q": text, **query.pop("text_options", {})}}} if text else {}
    if filters := query.pop("filters", []):
        body["filters"] = {"and": filters}
    body |= query
    path = f"/api/v1/{'me/' if mine else ''}datasets/{dataset_id(server, name)}/records/search?limit=500"
    return [item["record"]["external_id"] for item in call(server, "POST", path, body)["items"]]


def terms(entity: str, values: list[str], **scope: str) -> dict[str, Any]:
    return {"type": "terms", "scope": {"entity": entity, **scope}, "values": values}


def respond(server: ReviewServer, record: str, status: str, values: Mapping[str, str], name: str) -> None:
    """A response of any status, which `review.people.submit` does not give."""
    path = f"/api/v1/me/datasets/{dataset_id(server, name)}/records/search"
    found = call(server, "POST", path, {"filters": {"and": [terms("record", [record], property="external_id")]}})["items"]
    answers = {question: {"value": value} for question, value in values.items()}
    item = {"record_id": found[0]["record"]["id"], "status": status, "values": answers}
    results = call(server, "POST", "/api/v1/me/responses/bulk", {"items": [item]})["items"]
    assert not results[0].get("error"), results


def chrome() -> Chrome:
    """A headless Chromium of the system; the test is skipped where there is none."""
    if not (shutil.which(CHROMIUM) and os.access(CHROMEDRIVER, os.X_OK)):
        pytest.skip(f"no {CHROMIUM} or {CHROMEDRIVER}: apt-get install chromium chromium-driver fonts-nanum")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in CHROMIUM_FLAGS:
        options.add_argument(flag)
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(CHROMEDRIVER))
