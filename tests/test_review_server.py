"""The review against the real embedded Argilla: one server for most of the file, three boots for what happens after a kill."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
import unicodedata
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from argilla_server import chrome, dataset_id, is_alive, respond, search, server_pid, terms, wait_until
from review_rows import chunk, pair, preference, rows

from review.argilla_port import ArgillaPort
from review.embedded import EmbeddedArgilla, argilla_home, find_running, read_credentials, serve_argilla, server_python
from review.people import create_annotator, submit
from review.pull import count_records, pull, review_status, withdrawn
from review.push import PushReport, push
from review.rest import RefusedError, ReviewServer, call, datasets, workspace_id
from review.schema import queue_name
from review.settle import settle_pairs, settle_preferences
from tasks.errors import ReviewError
from tasks.records import Chunk, Option, Pair, Preference
from tasks.settings import ReviewSettings

pytestmark = pytest.mark.argilla
ROOT = Path(__file__).resolve().parents[1]
PASSWORD = "a-password-of-a-test"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("project")


@pytest.fixture(scope="module")
def argilla(project: Path) -> Iterator[EmbeddedArgilla]:
    with serve_argilla(project, 0) as running:
        yield running


@pytest.fixture(scope="module")
def server(argilla: EmbeddedArgilla) -> ReviewServer:
    return argilla.server


def send(
    server: ReviewServer, name: str, data: tuple[list[Chunk], list[Pair], list[Preference]], min_submitted: int = 1
) -> PushReport:
    chunks, pairs, preferences = data
    return push(server, name, "ko", ReviewSettings(min_submitted=min_submitted), pairs, preferences, chunks)


def annotator(server: ReviewServer, name: str) -> ReviewServer:
    return create_annotator(server, "review", name, PASSWORD)


# The process ----------------------------------------------------------------------------------------------------------


def test_only_the_owner_can_read_what_the_server_keeps(argilla: EmbeddedArgilla, project: Path) -> None:
    home = argilla_home(project)
    private = [home / name for name in ("owner.json", "secret.key", "argilla.db", "server.log")]
    assert [stat.S_IMODE(path.stat().st_mode) for path in private] == [0o600] * 4
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    secrets = [argilla.credentials.password, argilla.credentials.api_key, (home / "secret.key").read_text()]
    log = (home / "server.log").read_text()
    assert all(len(secret) >= 16 and secret not in log for secret in secrets)


def test_the_server_listens_on_this_machine_only(project: Path, server: ReviewServer) -> None:
    port = int(server.url.rsplit(":", 1)[1])
    listening = [line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines()[1:] if line.split()[3] == "0A"]
    assert [address for address in listening if address.endswith(f":{port:04X}")] == [f"0100007F:{port:04X}"]


def test_every_page_comes_with_the_policy_that_keeps_foreign_scripts_out(server: ReviewServer) -> None:
    for path in ("/", "/api/v1/version"):
        with urllib.request.urlopen(server.url + path) as response:
            policy = response.headers["Content-Security-Policy"]
        assert "object-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        (scripts,) = [part for part in policy.split("; ") if part.startswith("script-src")]
        assert "sha256-" in scripts
        assert "unsafe" not in scripts


def test_a_second_command_uses_the_running_server_and_leaves_it_alone(argilla: EmbeddedArgilla, project: Path) -> None:
    with serve_argilla(project, 6900) as again:
        assert again.server == argilla.server
        assert not again.started
    assert find_running(project) is not None


def test_a_second_server_on_the_same_database_or_port_is_refused(project: Path, server: ReviewServer, tmp_path: Path) -> None:
    command = [str(server_python()), str(ROOT / "review" / "server" / "serve.py"), "--port", server.url.rsplit(":", 1)[1]]
    busy = subprocess.run([*command, "--home", str(tmp_path)], capture_output=True, text=True, check=False, timeout=60)
    assert busy.returncode == 1
    assert "cannot be used (Address already in use); choose another with --port" in busy.stderr
    home = str(argilla_home(project))
    twice = subprocess.run([*command, "--home", home], capture_output=True, text=True, check=False, timeout=60)
    assert twice.returncode == 1
    assert f"another server already runs on {home}" in twice.stderr


def test_a_server_is_not_started_without_its_version(tmp_path: Path) -> None:
    fake = tmp_path / "argilla_server-9.9.9.dist-info"
    fake.mkdir()
    (fake / "METADATA").write_text("Metadata-Version: 2.1\nName: argilla-server\nVersion: 9.9.9\n")
    command = [str(server_python()), str(ROOT / "review" / "server" / "serve.py"), "--home", str(tmp_path / "home")]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "argilla-server 9.9.9 is installed; this program works with 2.8.0 only" in done.stderr


# Refusals -------------------------------------------------------------------------------------------------------------


def test_a_wrong_key_is_named_as_that(server: ReviewServer) -> None:
    wrong = ReviewServer(server.url, "not-the-key")
    for refused in (lambda: pull(wrong, "review", "x"), lambda: ArgillaPort(wrong), lambda: count_records(wrong, "review", "x")):
        with pytest.raises(ReviewError, match=rf"{server.url}: refused the API key; take the right one") as caught:
            refused()
        assert "not-the-key" not in str(caught.value)


def test_a_workspace_that_is_not_there_is_named(server: ReviewServer) -> None:
    with pytest.raises(ReviewError, match="no workspace 'elsewhere'"):
        pull(server, "elsewhere", "x")
    assert count_records(server, "elsewhere", "x") == {"qa": 0, "dpo": 0}


def test_an_annotators_key_cannot_push(server: ReviewServer) -> None:
    send(server, "rights", rows(1))
    with pytest.raises(ReviewError, match="use the key of an owner"):
        send(annotator(server, "rights-kim"), "rights-other", rows(1))


# Push -----------------------------------------------------------------------------------------------------------------


def test_a_second_push_adds_nothing(server: ReviewServer) -> None:
    data = rows(5)
    first, second = send(server, "twice", data), send(server, "twice", data)
    assert (first.new, first.already_there) == (10, 0)
    assert (second.new, second.already_there) == (0, 10)
    assert (first.qa.dataset, first.dpo.dataset) == ("twice-qa-v1", "twice-dpo-v1")
    assert count_records(server, "review", "twice") == {"qa": 5, "dpo": 5}


def test_a_later_push_adds_only_what_is_new(server: ReviewServer) -> None:
    chunks, pairs, preferences = rows(6)
    send(server, "more", (chunks[:2], pairs[:2], []))
    report = send(server, "more", (chunks, [*pairs, pairs[0]], preferences[:3]))
    assert (report.qa.new, report.qa.already_there) == (4, 2)
    assert (report.dpo.new, report.dpo.already_there) == (3, 0)


def test_a_push_never_changes_a_record_that_is_there_answered_or_not(server: ReviewServer) -> None:
    chunks, pairs, _ = rows(2)
    send(server, "still", (chunks, pairs, []))
    kim = annotator(server, "still-kim")
    submit(kim, "review", "still", "qa", {pairs[0].id: {"decision": "reject", "reason": "useless"}})
    before = everything(server, "still-qa-v1")
    forged = [each.model_copy(update={"question": "바뀐 질문", "answer": "바뀐 답"}) for each in pairs]
    assert send(server, "still", (chunks, forged, [])).new == 0
    assert everything(server, "still-qa-v1") == before


def everything(server: ReviewServer, name: str) -> list[dict[str, object]]:
    path = f"/api/v1/datasets/{dataset_id(server, name)}/records?include=responses,suggestions&limit=1000"
    return list(call(server, "GET", path)["items"])


def send_at_once(server: ReviewServer, name: str, data: tuple[list[Chunk], list[Pair], list[Preference]], times: int) -> int:
    """How many records that many pushes at the same time created together."""
    with ThreadPoolExecutor(times) as pool:
        pushes = [pool.submit(send, server, name, data) for _ in range(times)]
        return sum(push.result().new for push in pushes)


def test_two_pushes_at_once_make_every_record_once(server: ReviewServer) -> None:
    data = rows(230)  # more than a batch
    assert send_at_once(server, "race", data, 2) == 460
    assert count_records(server, "review", "race") == {"qa": 230, "dpo": 230}
    ids = [record["external_id"] for record in everything(server, "race-qa-v1")]
    assert sorted(map(str, ids)) == sorted(each.id for each in data[1])


@pytest.mark.parametrize("attempt", range(4))
def test_pushes_at_once_make_one_queue(server: ReviewServer, attempt: int) -> None:
    assert send_at_once(server, f"one-queue-{attempt}", rows(1), 3) == 2
    names = datasets(server, workspace_id(server, "review"))
    assert {name for name in names if name.startswith(f"one-queue-{attempt}-")} == {
        f"one-queue-{attempt}-qa-v1",
        f"one-queue-{attempt}-dpo-v1",
    }


def test_a_queue_that_a_dead_push_left_half_made_is_made_anew(server: ReviewServer, monkeypatch: pytest.MonkeyPatch) -> None:
    send(server, "half", ([], [], []))
    workspace = workspace_id(server, "review")
    draft = call(server, "POST", "/api/v1/datasets", {"name": "half-made-qa-v1", "workspace_id": workspace})
    assert draft["status"] == "draft"
    monkeypatch.setattr("review.argilla_port.DRAFT_SECONDS", 0.5)
    report = send(server, "half-made", rows(1))
    assert (report.qa.dataset, report.new) == ("half-made-qa-v1", 2)


def test_a_push_waits_for_the_queue_that_another_one_is_making(server: ReviewServer) -> None:
    import argilla as rg

    send(server, "wait", ([], [], []))
    workspace = workspace_id(server, "review")
    draft = call(server, "POST", "/api/v1/datasets", {"name": "wait-other-qa-v1", "workspace_id": workspace})
    reports: list[PushReport] = []
    pushing = threading.Thread(target=lambda: reports.append(send(server, "wait-other", rows(1))))
    pushing.start()
    port = ArgillaPort(server)
    like = next(dataset for dataset in port.client.datasets if dataset.name == "wait-qa-v1").get()
    half = rg.Dataset.from_model(port.client.api.datasets.get(draft["id"]), port.client)
    half.settings = like.settings
    half.settings.create()
    port.client.api.datasets.publish(dataset_id=half.id)
    pushing.join()
    assert [(report.qa.dataset, report.new) for report in reports] == [("wait-other-qa-v1", 2)]
    assert str(dataset_id(server, "wait-other-qa-v1")) == draft["id"]


def test_a_queue_made_for_other_questions_gets_a_new_version_without_what_was_answered(server: ReviewServer) -> None:
    import argilla as rg

    chunks, pairs, _ = rows(3)
    port = ArgillaPort(server)
    old = rg.Dataset(
        queue_name("versions", "qa"),
        "review",
        rg.Settings(
            fields=[rg.TextField("question", use_markdown=True, client=port.client)],
            questions=[rg.LabelQuestion("decision", ["approve", "reject"], client=port.client)],
        ),
        port.client,
    ).create()
    old.records.log([{"id": each.id, "question": "옛 화면"} for each in pairs[:2]])
    submit(annotator(server, "versions-kim"), "review", "versions", "qa", {pairs[0].id: {"decision": "approve"}})
    report = send(server, "versions", (chunks, pairs, []))
    assert (report.qa.dataset, report.qa.new, report.qa.already_there) == ("versions-qa-v2", 2, 1)
    assert [verdict.record for verdict in pull(server, "review", "versions")] == [pairs[0].id]
    assert send(server, "versions", (chunks, pairs, [])).qa.dataset == "versions-qa-v2"


def test_how_many_have_to_answer_follows_the_settings(server: ReviewServer) -> None:
    data = rows(1)
    send(server, "overlap", data)
    send(server, "overlap", data, min_submitted=2)
    path = f"/api/v1/datasets/{dataset_id(server, 'overlap-qa-v1')}"
    assert call(server, "GET", path)["distribution"] == {"strategy": "overlap", "min_submitted": 2}
    submit(annotator(server, "overlap-kim"), "review", "overlap", "qa", {data[1][0].id: {"decision": "approve"}})
    (qa, _) = review_status(server, "review", "overlap")
    assert (qa.submitted, qa.completed, qa.pending) == (1, 0, 1)


def test_texts_that_argilla_would_not_take_are_pushed_all_the_same(server: ReviewServer) -> None:
    clause = chunk(1, text="제1조\x00 \ud800 본문", path="pdf/" + "긴" * 300 + ".pdf")
    odd = pair(clause, question="질문\x00?", answer="답\ud800", model="모델 (7B)")
    assert send(server, "odd", ([clause], [odd], [])).new == 1


# Pull, status and settling --------------------------------------------------------------------------------------------


def test_what_people_submit_comes_back_as_verdicts_and_settles_the_rows(server: ReviewServer) -> None:
    chunks, pairs, preferences = rows(5)
    send(server, "whole", (chunks, pairs, preferences))
    kim, before = annotator(server, "whole-kim"), datetime.now(UTC) - timedelta(seconds=1)
    approve, edit, reject, discard, draft = (each.id for each in pairs)
    submit(
        kim,
        "review",
        "whole",
        "qa",
        {
            approve: {"decision": "approve", "edited_answer": pairs[0].answer},
            edit: {"decision": "edit", "edited_question": pairs[1].question, "edited_answer": "처음 3.5%만 받습니다. <b>"},
            reject: {"decision": "reject", "reason": "not_in_source", "comment": "원문에 없음"},
        },
    )
    submit(kim, "review", "whole", "dpo", {preferences[0].id: {"decision": "edit", "edited_chosen": "일부를 받습니다."}})
    respond(kim, discard, "discarded", {"decision": "approve"}, "whole-qa-v1")
    respond(kim, draft, "draft", {"decision": "approve"}, "whole-qa-v1")

    verdicts = pull(server, "review", "whole")
    said = {v.record: (v.queue, v.decision, v.question, v.answer, v.reason, v.comment) for v in verdicts}
    assert said == {
        approve: ("qa", "approve", "", "", "", ""),
        edit: ("qa", "edit", "", "처음 3.5%만 받습니다. <b>", "", ""),
        reject: ("qa", "reject", "", "", "not_in_source", "원문에 없음"),
        preferences[0].id: ("dpo", "edit", "", "일부를 받습니다.", "", ""),
    }
    assert {v.annotator for v in verdicts} == {"whole-kim"}
    assert all(before < v.time < datetime.now(UTC) + timedelta(seconds=1) for v in verdicts)

    settled = settle_pairs(pairs, verdicts, 1)
    assert withdrawn(server, "review", "whole") == {(discard, "whole-kim"), (draft, "whole-kim")}
    assert [(row.pair.id, row.answer) for row in settled.rows] == [
        (approve, pairs[0].answer),
        (edit, "처음 3.5%만 받습니다. <b>"),
    ]
    assert {d.id: d.reason for d in settled.dropped} == {reject: "rejected", discard: "not_reviewed", draft: "not_reviewed"}
    assert [row.chosen for row in settle_preferences(preferences, verdicts, 1).rows] == ["일부를 받습니다."]

    qa, dpo = review_status(server, "review", "whole")
    assert (qa.dataset, qa.records, qa.submitted, qa.completed, qa.pending) == ("whole-qa-v1", 5, 3, 3, 2)
    assert (qa.decisions, qa.annotators) == ({"approve": 1, "edit": 1, "reject": 1}, {"whole-kim": 3})
    assert (dpo.records, dpo.submitted, dpo.decisions) == (5, 1, {"edit": 1})


def test_a_changed_mind_replaces_the_verdict_and_a_second_person_adds_one(server: ReviewServer) -> None:
    chunks, pairs, _ = rows(1)
    send(server, "minds", (chunks, pairs, []))
    kim, lee = annotator(server, "minds-kim"), annotator(server, "minds-lee")
    submit(kim, "review", "minds", "qa", {pairs[0].id: {"decision": "approve"}})
    submit(kim, "review", "minds", "qa", {pairs[0].id: {"decision": "reject", "reason": "language"}})
    submit(lee, "review", "minds", "qa", {pairs[0].id: {"decision": "approve"}})
    verdicts = pull(server, "review", "minds")
    assert [(v.annotator, v.decision) for v in verdicts] == [("minds-kim", "reject"), ("minds-lee", "approve")]
    assert [d.reason for d in settle_pairs(pairs, verdicts, 2).dropped] == ["conflict"]


def test_more_answers_than_a_page_come_back_each_once(server: ReviewServer) -> None:
    chunks, pairs, _ = rows(210)
    send(server, "pages", (chunks, pairs, []))
    submit(annotator(server, "pages-kim"), "review", "pages", "qa", {each.id: {"decision": "approve"} for each in pairs})
    assert sorted(v.record for v in pull(server, "review", "pages")) == sorted(each.id for each in pairs)


def test_an_answer_to_a_record_that_is_not_there_is_refused(server: ReviewServer) -> None:
    data = rows(1)
    send(server, "absent", data)
    kim = annotator(server, "absent-kim")
    with pytest.raises(ReviewError, match="no record nowhere"):
        submit(kim, "review", "absent", "qa", {"nowhere": {"decision": "approve"}})
    with pytest.raises(ReviewError, match="answers refused"):
        submit(kim, "review", "absent", "qa", {data[1][0].id: {"decision": "perhaps"}})


def test_an_annotator_who_is_there_is_not_made_twice(server: ReviewServer) -> None:
    send(server, "people", rows(1))
    assert annotator(server, "people-kim") == annotator(server, "people-kim")
    call(annotator(server, "people-kim"), "GET", "/api/v1/me")


# Search ---------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def found(server: ReviewServer) -> dict[str, str]:
    """Six records of which each has something of its own; by a short name, their ids."""
    texts = {
        "month": "다만, 계약일부터 3개월 이내에는 보험금의 3.5%만 지급합니다.",
        "fraud": "사기에 의한 계약은 취소할 수 있습니다.",
        "percent": "100% 지급합니다. <주의> 사항_1",
        "hanja": "保險金은 별표 1에 따릅니다.",
        "other": "회사는 해지환급금을 지급합니다.",
        "nfd": "관공서의 휴일",
    }
    clauses = [chunk(number, text=text, heading=("조",)) for number, text in enumerate(texts.values())]
    kinds = ("qa", "qa", "choice", "qa", "choice", "qa")
    models = ("a", "b", "a", "a", "b", "a")
    pairs = [
        pair(clause, question=f"{name} 질문", kind=kind, model=model)
        for name, clause, kind, model in zip(texts, clauses, kinds, models, strict=True)
    ]
    send(server, "search", (clauses, pairs, []))
    ids = {name: each.id for name, each in zip(texts, pairs, strict=True)}
    kim, lee = annotator(server, "search-kim"), annotator(server, "search-lee")
    submit(kim, "review", "search", "qa", {ids["month"]: {"decision": "approve"}, ids["fraud"]: {"decision": "reject"}})
    submit(lee, "review", "search", "qa", {ids["month"]: {"decision": "edit"}})
    respond(kim, ids["other"], "discarded", {}, "search-qa-v1")
    respond(lee, ids["other"], "draft", {"decision": "approve"}, "search-qa-v1")
    return ids


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("보험", {"month"}),  # a two-syllable noun inside 보험금의
        ("지급", {"month", "percent", "other"}),
        ("지급 계약일부터", {"month"}),
        ('"지급합니다. <주의>"', {"percent"}),
        ("3.5%", {"month"}),
        ("이내에는 보험금", {"month"}),
        ("보험 | 사기", {"month", "fraud"}),
        ("지급 -해지", {"month", "percent"}),
        ("사항_1", {"percent"}),
        ("사항x1", set()),
        ("金은", {"hanja"}),
        (unicodedata.normalize("NFD", "휴일"), {"nfd"}),
        ("mark", set()),  # our own tags are no text
        ("quot", set()),
        ("'; DROP TABLE records; --", set()),
    ],
)
def test_the_search_box_finds_words_inside_words(server: ReviewServer, found: dict[str, str], text: str, names: set[str]) -> None:
    assert set(search(server, "search-qa-v1", text=text)) == {found[name] for name in names}


def test_the_search_box_looks_into_one_field_if_asked(server: ReviewServer, found: dict[str, str]) -> None:
    for field, names in (("question", {"month"}), ("source", set())):
        wanted = {found[name] for name in names}
        assert set(search(server, "search-qa-v1", text="month", text_options={"field": field})) == wanted


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        (terms("metadata", ["choice"], metadata_property="kind"), {"percent", "other"}),
        (terms("metadata", ["a", "b"], metadata_property="model"), {"month", "fraud", "percent", "hanja", "other", "nfd"}),
        (terms("metadata", ["2", "3"], metadata_property="page"), {"fraud", "percent"}),
        ({"type": "range", "scope": {"entity": "metadata", "metadata_property": "page"}, "ge": 5}, {"other", "nfd"}),
        ({"type": "range", "scope": {"entity": "metadata", "metadata_property": "page"}, "ge": 2, "le": 3}, {"fraud", "percent"}),
        (terms("suggestion", ["b"], question="edited_answer", property="agent"), {"fraud", "other"}),
        (terms("suggestion", ["fraud 질문"], question="edited_question", property="value"), {"fraud"}),
        (terms("response", ["approve"], question="decision"), {"month", "other"}),  # drafts too, as in Elasticsearch
        (terms("response", ["submitted"], property="status"), {"month", "fraud"}),
        (terms("response", ["draft", "discarded"], property="status"), {"other"}),
        (terms("response", ["pending"], property="status"), {"percent", "hanja", "nfd"}),
        (terms("record", ["completed"], property="status"), {"month", "fraud"}),
        (terms("record", ["pending"], property="status"), {"percent", "hanja", "other", "nfd"}),
    ],
)
def test_filters_keep_what_they_name(
    server: ReviewServer, found: dict[str, str], condition: dict[str, object], names: set[str]
) -> None:
    assert set(search(server, "search-qa-v1", filters=[condition])) == {found[name] for name in names}


def test_two_filters_and_a_word_have_to_fit_together(server: ReviewServer, found: dict[str, str]) -> None:
    both = [terms("metadata", ["a"], metadata_property="model"), terms("response", ["submitted"], property="status")]
    assert search(server, "search-qa-v1", filters=both, text="보험") == [found["month"]]
    assert search(server, "search-qa-v1", filters=both, text="사기") == []


def test_every_person_has_a_pending_list_of_their_own_in_a_stable_order(server: ReviewServer, found: dict[str, str]) -> None:
    pending = [terms("response", ["pending"], property="status")]
    kim, lee = annotator(server, "search-kim"), annotator(server, "search-lee")
    assert set(search(kim, "search-qa-v1", mine=True, filters=pending)) == {found[n] for n in ("percent", "hanja", "nfd")}
    assert set(search(lee, "search-qa-v1", mine=True, filters=pending)) == {
        found[n] for n in ("percent", "hanja", "nfd", "fraud")
    }
    assert search(kim, "search-qa-v1", mine=True) == search(kim, "search-qa-v1", mine=True)


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize(
    "scope",
    [{"entity": "metadata", "metadata_property": "page"}, {"entity": "record", "property": "external_id"}],
)
def test_records_are_sorted_as_asked(server: ReviewServer, found: dict[str, str], scope: dict[str, str], order: str) -> None:
    by_page = list(found.values())
    wanted = by_page if scope["entity"] == "metadata" else sorted(by_page)
    ids = search(server, "search-qa-v1", sort=[{"scope": scope, "order": order}])
    assert ids == (wanted if order == "asc" else wanted[::-1])


@pytest.mark.parametrize(
    "scope",
    [
        {"entity": "suggestion", "question": "edited_answer", "property": "agent"},
        {"entity": "response", "question": "decision"},
        {"entity": "record", "property": "inserted_at"},
        {"entity": "record", "property": "updated_at"},
    ],
)
def test_the_other_sorts_lose_no_record(server: ReviewServer, found: dict[str, str], scope: dict[str, str]) -> None:
    assert set(search(server, "search-qa-v1", sort=[{"scope": scope, "order": "desc"}])) == set(found.values())


def test_the_values_to_filter_by_are_counted(server: ReviewServer, found: dict[str, str]) -> None:
    path = f"/api/v1/me/datasets/{dataset_id(server, 'search-qa-v1')}/metadata-properties"
    properties = {item["name"]: item["id"] for item in call(server, "GET", path)["items"]}
    kinds = call(server, "GET", f"/api/v1/metadata-properties/{properties['kind']}/metrics")
    assert {value["term"]: value["count"] for value in kinds["values"]} == {"qa": 4, "choice": 2}
    pages = call(server, "GET", f"/api/v1/metadata-properties/{properties['page']}/metrics")
    assert (pages["min"], pages["max"]) == (1, 6)


def test_a_persons_own_progress_is_counted(server: ReviewServer, found: dict[str, str]) -> None:
    kim = annotator(server, "search-kim")
    counts = call(kim, "GET", f"/api/v1/me/datasets/{dataset_id(server, 'search-qa-v1')}/metrics")["responses"]
    assert {name: counts[name] for name in ("submitted", "discarded", "draft", "total")} == {
        "submitted": 2,
        "discarded": 1,
        "draft": 0,
        "total": 6,
    }


def test_a_changed_or_deleted_text_is_found_as_it_is_now(server: ReviewServer) -> None:
    chunks, pairs, _ = rows(2)
    send(server, "changing", (chunks, pairs, []))
    records = {str(record["external_id"]): record["id"] for record in everything(server, "changing-qa-v1")}
    changed = {"fields": {"question": "새질문", "answer": "새답", "source": "새원문"}}
    try:
        call(server, "PATCH", f"/api/v1/records/{records[pairs[0].id]}", changed)
    except RefusedError as exc:
        pytest.fail(exc.detail)
    call(server, "DELETE", f"/api/v1/records/{records[pairs[1].id]}")
    assert search(server, "changing-qa-v1", text="새원문") == [pairs[0].id]
    assert search(server, "changing-qa-v1", text="보험금") == []


# After a kill ---------------------------------------------------------------------------------------------------------

PARENT = """
import sys, time
from pathlib import Path
from review.embedded import serve_argilla
with serve_argilla(Path(sys.argv[1]), 0) as argilla:
    print(argilla.server.url, flush=True)
    time.sleep(600)
"""


def test_killed_parent_and_killed_server_leave_a_whole_queue_after_the_next_push(tmp_path: Path) -> None:
    chunks, pairs, preferences = rows(420)
    settings = ReviewSettings()

    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert parent.stdout is not None
    url = parent.stdout.readline().strip()
    pid = server_pid(tmp_path)
    call(ReviewServer(url, read_credentials(tmp_path).api_key), "GET", "/api/v1/me")
    parent.kill()
    parent.wait()
    parent.stdout.close()
    wait_until(lambda: not is_alive(pid), what="the server of a killed parent")
    old_key = read_credentials(tmp_path).api_key
    (argilla_home(tmp_path) / "owner.json").unlink()  # as somebody does who lost the password

    with serve_argilla(tmp_path, 0) as argilla:
        assert argilla.credentials.api_key != old_key
        pid = server_pid(tmp_path)

        def kill_in_the_second_batch(_: int) -> None:
            threading.Timer(0.3, os.kill, (pid, signal.SIGKILL)).start()

        with pytest.raises(ReviewError, match="does not answer"):
            push(argilla.server, "kill", "ko", settings, pairs, preferences, chunks, kill_in_the_second_batch)
        wait_until(lambda: not is_alive(pid), what="the killed server")

    with serve_argilla(tmp_path, 0) as argilla:
        there = count_records(argilla.server, "review", "kill")
        assert 200 <= there["qa"] < 420
        report = push(argilla.server, "kill", "ko", settings, pairs, preferences, chunks)
        assert report.qa.already_there == there["qa"]
        assert count_records(argilla.server, "review", "kill") == {"qa": 420, "dpo": 420}
        ids = [str(record["external_id"]) for record in everything(argilla.server, "kill-qa-v1")]
        assert sorted(ids) == sorted(each.id for each in pairs)
        pid = server_pid(tmp_path)
    assert not is_alive(pid)
    assert not (argilla_home(tmp_path) / "server.json").exists()


# The screen -----------------------------------------------------------------------------------------------------------

EVIL = (
    "보험금 <img src=x onerror='window.pwned=1'> <svg onload='window.pwned=2'></svg> <script>window.pwned=3</script></script> "
    "[링크](javascript:window.pwned=4) ![그림](http://evil.example/x.png) https://evil.example www.evil.example a@evil.example "
    "`코드` **굵게** _기울임_ ~~취소~~ $x^2$ | 표 | &lt;b&gt; \\* <iframe src=javascript:window.pwned=5></iframe> </mark>\n"
    "# 제목\n1. 하나\n- 둘\n> 인용\n```\ncode\n```\n---\n    들여쓰기"
)
FOREIGN = "img,a,svg,script,iframe,h1,h2,h3,li,code,pre,del,em,table,blockquote,hr,.katex"
SHOWN = f"""return [...document.querySelectorAll(".text_field_component")].map(field => {{
    const body = field.querySelector(".markdown-render");
    return {{
        title: field.querySelector(".text_field_component__title-content").textContent,
        text: body.innerText,
        foreign: [...body.querySelectorAll("{FOREIGN}")].map(node => node.outerHTML),
        marked: [...body.querySelectorAll("mark")].map(node => node.innerText),
    }};
}});"""


def words(text: str) -> list[str]:
    return text.split()


@pytest.mark.browser
def test_hostile_text_is_shown_literally_and_an_edit_on_the_screen_comes_back(argilla: EmbeddedArgilla, tmp_path: Path) -> None:
    clause = chunk(
        1, text=f"{EVIL}\n다만 {EVIL}", heading=(f"# {EVIL}",), path=f"pdf/<img src=x onerror=window.pwned=6>{EVIL[:40]}.pdf"
    )
    option = Option(text=EVIL, answer=EVIL, correct=True, error="")
    evil = pair(clause, question=EVIL, answer=f"1. {EVIL}", kind="choice", options=(option,), model=EVIL)
    worse = preference(evil, rejected=f"- {EVIL}")
    send(argilla.server, "screen", ([clause], [evil], [worse]))
    with Screen(argilla, tmp_path) as screen:
        screen.open_queue("screen-dpo-v1")
        assert {field["title"]: words(field["text"]) for field in screen.fields()[:3]} == {
            "질문": words(EVIL),
            "좋은 답변": words(f"1. {EVIL}"),
            "나쁜 답변": words(f"- {EVIL}"),
        }
        screen.open_queue("screen-qa-v1")
        question, answer, options, source = screen.fields()
        assert (words(question["text"]), words(answer["text"])) == (words(EVIL), words(f"1. {EVIL}"))
        assert words(options["text"]) == words(f"✔ {EVIL}")
        assert source["title"] == "원문 (칠한 부분이 근거)"
        assert [words(marked) for marked in source["marked"]] == [words(f"다만 {EVIL}")]
        assert words(source["text"])[-2:] == ["·", "2쪽"]
        assert screen.text("[aria-label='Question: edited_question'] [role=textbox]") == words(EVIL)
        screen.open_filter("문서")
        screen.choose("수정")
        screen.append("[aria-label='Question: edited_answer'] [contenteditable]", "  <b>고침</b>", "둘째 줄")
        screen.click("//button[contains(., 'Submit') and not(contains(., 'Submitted'))]")
        wait_until(lambda: pull(argilla.server, "review", "screen"), what="the submitted answer")
        screen.assert_untouched()
    (verdict,) = pull(argilla.server, "review", "screen")
    assert (verdict.decision, verdict.question, verdict.annotator) == ("edit", "", "owner")
    assert verdict.answer == f"1. {EVIL}  <b>고침</b>\n둘째 줄"


@pytest.mark.browser
def test_even_raw_html_of_another_dataset_runs_no_script(argilla: EmbeddedArgilla, tmp_path: Path) -> None:
    import argilla as rg

    send(argilla.server, "raw-home", ([], [], []))
    port = ArgillaPort(argilla.server)
    plain, question = rg.TextField("text", client=port.client), rg.LabelQuestion("decision", ["a", "b"], client=port.client)
    raw = rg.Dataset("raw", "review", rg.Settings(fields=[plain], questions=[question]), port.client).create()
    payload = "<img src=x onerror='top.pwned=1'><svg onload='top.pwned=2'></svg><a href='javascript:top.pwned=3'>click</a>"
    raw.records.log([{"text": payload}])
    with Screen(argilla, tmp_path) as screen:
        screen.browser.get(f"{argilla.server.url}/dataset/{raw.id}/annotation-mode")
        frame = screen.wait.until(lambda b: b.find_element("css selector", "[id^=fields-content] iframe"))
        screen.browser.switch_to.frame(frame)
        screen.wait.until(lambda b: b.find_element("css selector", "img[src=x]"))  # it is HTML there
        screen.browser.execute_script("document.querySelector('a').click()")
        screen.browser.switch_to.default_content()
        assert screen.browser.execute_script("return window.pwned") is None


class Screen:
    """The UI in a browser, as the owner sees it; a picture of every queue is left in `folder`."""

    def __init__(self, argilla: EmbeddedArgilla, folder: Path) -> None:
        self.argilla, self.folder = argilla, folder

    def __enter__(self) -> Screen:
        from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
        from selenium.webdriver.common.keys import Keys
        from selenium.webdriver.support.wait import WebDriverWait

        self.browser = chrome()
        # The page draws itself anew while we look: what was found a moment ago may be gone.
        passing = (NoSuchElementException, StaleElementReferenceException)
        self.wait = WebDriverWait(self.browser, 30, ignored_exceptions=passing)
        self.browser.get(f"{self.argilla.server.url}/sign-in")
        name, password = self.wait.until(lambda b: b.find_elements("css selector", "input"))[:2]
        name.send_keys(self.argilla.credentials.username)
        password.send_keys(self.argilla.credentials.password, Keys.ENTER)
        self.wait.until(lambda b: "sign-in" not in b.current_url)
        return self

    def __exit__(self, *_: object) -> None:
        self.browser.quit()

    def open_queue(self, name: str) -> None:
        home = workspace_id(self.argilla.server, "review")
        self.browser.get(f"{self.argilla.server.url}/dataset/{datasets(self.argilla.server, home)[name]}/annotation-mode")
        self.wait.until(lambda b: b.find_elements("css selector", ".text_field_component mark"))
        self.browser.save_screenshot(str(self.folder / f"{name}.png"))
        self.assert_untouched()

    def fields(self) -> list[dict[str, Any]]:
        return list(self.browser.execute_script(SHOWN))

    def assert_untouched(self) -> None:
        """Nothing of the texts became a part of the page."""
        assert self.browser.execute_script("return window.pwned") is None
        assert [field["foreign"] for field in self.fields()] == [[]] * len(self.fields())
        assert self.browser.execute_script("return document.querySelectorAll('[onerror], [onload], img[src=x]').length") == 0

    def text(self, selector: str) -> list[str]:
        return words(self.wait.until(lambda b: b.find_element("css selector", selector)).text)

    def click(self, xpath: str) -> None:
        self.browser.execute_script("arguments[0].click()", self.wait.until(lambda b: b.find_element("xpath", xpath)))

    def choose(self, label: str) -> None:
        self.click(f"//label[@title='{label}']")

    def open_filter(self, title: str) -> None:
        for text in ("Filters", "Metadata", title):
            self.click(f"//*[normalize-space(text())='{text}']")
        self.wait.until(lambda b: b.find_element("xpath", "//*[starts-with(normalize-space(text()), 'pdf/<img')]").is_displayed())
        self.browser.save_screenshot(str(self.folder / "filter.png"))
        self.assert_untouched()

    def append(self, selector: str, *lines: str) -> None:
        from selenium.webdriver import ActionChains
        from selenium.webdriver.common.keys import Keys

        self.wait.until(lambda b: b.find_element("css selector", selector)).click()
        typing = ActionChains(self.browser).key_down(Keys.CONTROL).send_keys(Keys.END).key_up(Keys.CONTROL)
        typing.send_keys(lines[0])
        for line in lines[1:]:
            typing.send_keys(Keys.ENTER, line)
        typing.perform()
