"""People's verdicts out of Argilla, and how far the review is.

What was submitted counts as text says, not only as the button says: `edit` without a change is an approval, and an approval
with a changed text is an edit, because the submitted text is what the person stands behind. A rejection stays one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final, get_args

from review.rest import RefusedError, ReviewServer, call, datasets, workspace_id, workspaces
from review.schema import QUEUES, REASONS, Queue, queue_versions
from tasks.records import Decision, Verdict
from tasks.text.normal import stored

PAGE = 200
SUBMITTED: Final = ("submitted",)
TAKEN_BACK: Final = ("discarded", "draft")  # what a submitted answer becomes when its author thinks again
EDITABLE: Final[dict[Queue, dict[str, str]]] = {
    "qa": {"question": "edited_question", "answer": "edited_answer"},
    "dpo": {"answer": "edited_chosen"},
}
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class QueueStatus:
    """How far one queue is. `submitted` counts records with at least one submitted answer, `completed` those with enough."""

    queue: Queue
    dataset: str
    records: int
    submitted: int
    completed: int
    pending: int
    decisions: Mapping[str, int]
    annotators: Mapping[str, int]


def pull(server: ReviewServer, workspace: str, project: str) -> list[Verdict]:
    """Every submitted answer of both queues in all their versions, one a record and person, oldest first."""
    home = workspace_id(server, workspace)
    names, known = _usernames(server, home), datasets(server, home)
    found = [
        verdict
        for queue in QUEUES
        for _, name in queue_versions(project, queue, list(known))
        for verdict in _verdicts(server, known[name], queue, names)
    ]
    # Pages shift while people submit, and a record may have been answered in two versions: the last answer counts.
    latest = {(v.record, v.annotator): v for v in sorted(found, key=lambda v: v.time)}
    return sorted(latest.values(), key=lambda v: (v.time, v.record, v.annotator))


def withdrawn(server: ReviewServer, workspace: str, project: str) -> set[tuple[str, str]]:
    """Record and person of every answer that is not submitted (any more): what was known of it before no longer counts."""
    home = workspace_id(server, workspace)
    names, known = _usernames(server, home), datasets(server, home)
    return {
        (record["external_id"], names.get(response["user_id"], response["user_id"]))
        for queue in QUEUES
        for _, name in queue_versions(project, queue, list(known))
        for record in _answered(server, known[name], TAKEN_BACK)
        for response in record.get("responses") or []
        if response["status"] in TAKEN_BACK
    }


def review_status(server: ReviewServer, workspace: str, project: str) -> list[QueueStatus]:
    """How far each queue is, in its newest version; a queue that was never pushed is left out."""
    known, verdicts = datasets(server, workspace_id(server, workspace)), pull(server, workspace, project)
    return [
        _status(queue, versions[-1][1], _progress(server, known[versions[-1][1]]), [v for v in verdicts if v.queue == queue])
        for queue in QUEUES
        if (versions := queue_versions(project, queue, list(known)))
    ]


def count_records(server: ReviewServer, workspace: str, project: str) -> dict[Queue, int]:
    """How many records each queue holds in its newest version; 0 when there is none. Costs four small requests at most."""
    home = workspaces(server).get(workspace)
    known = datasets(server, home) if home else {}
    versions = {queue: queue_versions(project, queue, list(known)) for queue in QUEUES}
    return {queue: _progress(server, known[found[-1][1]])["total"] if found else 0 for queue, found in versions.items()}


def to_verdict(queue: Queue, record: str, suggested: Mapping[str, str], response: Json, annotator: str) -> Verdict | None:
    """A verdict from one response as the server sends it, and the texts that were suggested; None when it decides nothing."""
    values = {question: answer.get("value") for question, answer in (response.get("values") or {}).items()}
    decision = values.get("decision")
    if response.get("status") != "submitted" or decision not in get_args(Decision):
        return None
    edited = {name: _edit(values.get(question), suggested.get(question)) for name, question in EDITABLE[queue].items()}
    if decision != "reject":
        decision = "edit" if any(edited.values()) else "approve"
    reason = values.get("reason")
    return Verdict(
        record=record,
        queue=queue,
        decision=decision,
        question=edited.get("question", "") if decision == "edit" else "",
        answer=edited.get("answer", "") if decision == "edit" else "",
        reason=reason if reason in REASONS[queue] else "",
        comment=_clean(values.get("comment")),
        annotator=annotator,
        time=_time(response["updated_at"]),
    )


def _edit(submitted: object, suggested: object) -> str:
    """The submitted text if it says something other than the suggested one, else nothing."""
    text = _clean(submitted)
    return text if text != _clean(suggested) else ""


def _clean(text: object) -> str:
    """A text as a person meant it: the editor puts no-break spaces where somebody typed two."""
    return stored(text.replace("\u00a0", " ")).strip() if isinstance(text, str) else ""


def _time(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _verdicts(server: ReviewServer, dataset: str, queue: Queue, names: Mapping[str, str]) -> Iterator[Verdict]:
    questions = {item["id"]: item["name"] for item in call(server, "GET", f"/api/v1/datasets/{dataset}/questions")["items"]}
    for record in _answered(server, dataset, SUBMITTED):
        suggested = {questions.get(item["question_id"], ""): item["value"] for item in record.get("suggestions") or []}
        for response in record.get("responses") or []:
            annotator = names.get(response["user_id"], response["user_id"])
            if verdict := to_verdict(queue, record["external_id"], suggested, response, annotator):
                yield verdict


def _answered(server: ReviewServer, dataset: str, statuses: Sequence[str]) -> Iterator[Json]:
    """Records with a response of these statuses, oldest first, with all their responses."""
    query = {
        "filters": {"and": [{"type": "terms", "scope": {"entity": "response", "property": "status"}, "values": list(statuses)}]},
        "sort": [{"scope": {"entity": "record", "property": "inserted_at"}, "order": "asc"}],
    }
    start = 0
    while True:
        path = f"/api/v1/datasets/{dataset}/records/search?include=responses,suggestions&limit={PAGE}&offset={start}"
        items = call(server, "POST", path, query)["items"]
        yield from (item["record"] for item in items)
        if len(items) < PAGE:
            return
        start += PAGE


def _usernames(server: ReviewServer, workspace: str) -> dict[str, str]:
    try:
        users = call(server, "GET", "/api/v1/users")["items"]
    except RefusedError as exc:  # only an owner may list everybody
        if exc.status != HTTPStatus.FORBIDDEN:
            raise
        users = call(server, "GET", f"/api/v1/workspaces/{workspace}/users")["items"]
    return {user["id"]: user["username"] for user in users}


def _progress(server: ReviewServer, dataset: str) -> dict[str, int]:
    counts = call(server, "GET", f"/api/v1/datasets/{dataset}/progress")
    return {name: int(counts.get(name, 0)) for name in ("total", "completed", "pending")}


def _status(queue: Queue, dataset: str, progress: Mapping[str, int], verdicts: Sequence[Verdict]) -> QueueStatus:
    return QueueStatus(
        queue=queue,
        dataset=dataset,
        records=progress["total"],
        submitted=len({v.record for v in verdicts}),
        completed=progress["completed"],
        pending=progress["pending"],
        decisions=Counter(v.decision for v in verdicts),
        annotators=Counter(v.annotator for v in verdicts),
    )
