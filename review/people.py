"""Annotators' accounts, and answers given over the API in an annotator's name."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from review.rest import RefusedError, ReviewServer, call, datasets, workspace_id
from review.schema import Queue, queue_versions
from tasks.errors import ReviewError

BULK = 100  # of responses a request; a filter takes 250 ids


def create_annotator(server: ReviewServer, workspace: str, username: str, password: str) -> ReviewServer:
    """An annotator's account in a workspace, made unless it is there; the server with that person's own key.

    The key of `server` has to be an owner's. An account that is there keeps its password.
    """
    home = workspace_id(server, workspace)
    users = {user["username"]: user for user in call(server, "GET", "/api/v1/users")["items"]}
    if username not in users:
        account = {"username": username, "first_name": username, "password": password, "role": "annotator"}
        users[username] = call(server, "POST", "/api/v1/users", account)
    try:
        call(server, "POST", f"/api/v1/workspaces/{home}/users", {"user_id": users[username]["id"]})
    except RefusedError as exc:
        if exc.status != HTTPStatus.CONFLICT:  # a member already
            raise
    return ReviewServer(server.url, users[username]["api_key"])


def submit(annotator: ReviewServer, workspace: str, project: str, queue: Queue, answers: Mapping[str, Mapping[str, str]]) -> None:
    """Submit answers (by record id: question and value) in the name of the person whose key it is."""
    known = datasets(annotator, workspace_id(annotator, workspace))
    versions = queue_versions(project, queue, list(known))
    if not versions:
        raise ReviewError(f"{annotator.url}: {project} has no {queue} queue; push first")
    ids = list(answers)
    for start in range(0, len(ids), BULK):
        batch = ids[start : start + BULK]
        on_server = _server_ids(annotator, known[versions[-1][1]], batch)
        items = [_response(on_server[record], answers[record]) for record in batch if record in on_server]
        results = call(annotator, "POST", "/api/v1/me/responses/bulk", {"items": items})["items"] if items else []
        refused = [result["error"]["detail"] for result in results if result.get("error")]
        if refused or len(items) < len(batch):
            missing = [record for record in batch if record not in on_server]
            raise ReviewError(f"{annotator.url}: answers refused: {refused[:1] or f'no record {missing[0]}'}")


def _server_ids(annotator: ReviewServer, dataset: str, ids: list[str]) -> dict[str, str]:
    scope = {"entity": "record", "property": "external_id"}
    query = {"filters": {"and": [{"type": "terms", "scope": scope, "values": ids}]}}
    items = call(annotator, "POST", f"/api/v1/me/datasets/{dataset}/records/search?limit={BULK}", query)["items"]
    return {item["record"]["external_id"]: item["record"]["id"] for item in items}


def _response(record: str, values: Mapping[str, str]) -> dict[str, object]:
    answers = {question: {"value": value} for question, value in values.items()}
    return {"record_id": record, "status": "submitted", "values": answers}
