"""From PDFs to a release with the real Argilla: push, answers over its API, publish; killed, down and run twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from flow_runs import JEONGDAP, jeongdap, new_project, small_examples, wait_until_gone

from flows.reviewing import sent
from flows.services import prefect_api
from review.embedded import EmbeddedArgilla, serve_argilla
from review.pull import count_records
from tasks.store import Store

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "examples"))
from demo_reviewer import NAME, answer_open_records

pytestmark = [pytest.mark.prefect, pytest.mark.argilla, pytest.mark.slow]


@pytest.fixture(scope="module", autouse=True)
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One Prefect server for all commands of this module."""
    with prefect_api(tmp_path_factory.mktemp("prefect"), 4200):
        yield


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return new_project(tmp_path_factory.mktemp("review") / "project", *small_examples())


@pytest.fixture(scope="module")
def argilla(project: Path) -> Iterator[EmbeddedArgilla]:
    with serve_argilla(project, 6900) as running:
        yield running


def in_queues(argilla: EmbeddedArgilla) -> int:
    return sum(count_records(argilla.server, "review", "test").values())


@pytest.fixture(scope="module")
def pushed(project: Path, argilla: EmbeddedArgilla) -> dict:
    """A build that was killed while it pushed, and the one after it."""
    process = subprocess.Popen([JEONGDAP, "build", "-C", str(project)], start_new_session=True, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 300
    while in_queues(argilla) == 0 and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    return jeongdap("build", "-C", str(project))


def test_after_a_kill_in_mid_push_every_row_is_queued_once(project: Path, pushed: dict, argilla: EmbeddedArgilla):
    steps = pushed["steps"]
    assert in_queues(argilla) == steps["dedup"]["kept"] + steps["prefer"]["kept"]


def test_a_second_build_sends_and_calls_nothing(project: Path, pushed: dict, argilla: EmbeddedArgilla):
    before = in_queues(argilla)
    again = jeongdap("build", "-C", str(project))
    assert (again["llm_calls"], again["new_records"]) == (0, 0)
    assert jeongdap("review", "push", "-C", str(project))["new_records"] == 0
    assert in_queues(argilla) == before


def test_nothing_is_published_before_anybody_decided(project: Path, pushed: dict):
    assert jeongdap("publish", "-C", str(project))["release"] is None


@pytest.fixture(scope="module")
def published(project: Path, pushed: dict, argilla: EmbeddedArgilla) -> dict:
    rows = sent(Store(project))
    answer_open_records(argilla.server, "review", "test", rows.pairs, rows.preferences, rows.chunks.values())
    return jeongdap("publish", "-C", str(project))


def test_verdicts_become_a_release_that_datasets_opens(project: Path, published: dict, tmp_path: Path):
    import datasets

    folder = Path(published["release"])
    assert published["new"]
    sft = datasets.load_dataset(str(folder), "sft", cache_dir=str(tmp_path))
    dpo = datasets.load_dataset(str(folder), "dpo", cache_dir=str(tmp_path))
    released = sum(map(len, sft.values())) + sum(map(len, dpo.values()))
    assert released == published["approve"] + published["edit"]
    assert {message["role"] for message in sft["train"][0]["messages"]} == {"user", "assistant"}


def test_every_released_row_names_its_page_its_quote_and_who_decided(published: dict):
    lineage = pd.read_parquet(Path(published["release"]) / "lineage.parquet")
    assert set(lineage["annotator"]) == {NAME}
    assert all(len(quotes) for quotes in lineage["quotes"])
    assert all(len(regions) for regions in lineage["regions"])


def test_a_rejected_row_is_not_released_and_why_says_so(project: Path, published: dict):
    released = set(pd.read_parquet(Path(published["release"]) / "lineage.parquet")["id"])
    rejected = next(p.id for p in sent(Store(project)).pairs if int(p.id[:8], 16) % 10 == 0)
    assert rejected not in released
    assert any("reject by" in event for event in jeongdap("why", rejected, "-C", str(project))["fate"])
    kept = next(iter(released))
    assert any("in v1, split" in event for event in jeongdap("why", kept, "-C", str(project))["fate"])


def test_an_edited_row_is_released_as_edited(project: Path, published: dict):
    lineage = pd.read_parquet(Path(published["release"]) / "lineage.parquet")
    edited = lineage[lineage["decision"] == "edit"].iloc[0]
    rows = pd.read_parquet(Path(published["release"]) / "sft" / f"{edited.split}.parquet").set_index("id")
    assert rows.loc[edited.id, "messages"][-1]["content"].endswith(")")


def test_a_document_is_in_one_split_only(published: dict):
    lineage = pd.read_parquet(Path(published["release"]) / "lineage.parquet")
    assert lineage.groupby("document")["split"].nunique().max() == 1


def test_a_second_publish_writes_nothing(published: dict, project: Path):
    again = jeongdap("publish", "-C", str(project))
    assert (again["release"], again["new"]) == (published["release"], False)
    assert [path.name for path in (project / "releases").glob("v*")] == ["v1"]


def test_review_status_counts_what_was_answered(project: Path, published: dict):
    told = jeongdap("review", "status", "-C", str(project))
    assert told["qa"]["submitted"] == sum(told["qa"].get(d, 0) for d in ("approve", "edit", "reject"))
    assert told["qa"]["pending"] > 0


def test_an_argilla_that_is_down_is_named_and_the_next_run_goes_on(project: Path, pushed: dict, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("JEONGDAP_REVIEW__URL", "http://127.0.0.1:9")
    monkeypatch.setenv("ARGILLA_API_KEY", "none")
    for command in ("build", "publish"):
        assert "http://127.0.0.1:9" in jeongdap(command, "-C", str(project), code=1)["error"]
    monkeypatch.delenv("JEONGDAP_REVIEW__URL")
    assert jeongdap("build", "-C", str(project))["llm_calls"] == 0


def test_the_embedded_server_is_started_and_stopped_by_a_command(tmp_path: Path):
    """Without one that runs already: the command brings its own, and leaves no process behind."""
    alone = new_project(tmp_path / "alone", small_examples()[0])
    assert jeongdap("build", "-C", str(alone))["new_records"] > 0
    wait_until_gone(alone)
    assert jeongdap("build", "-C", str(alone))["new_records"] == 0
