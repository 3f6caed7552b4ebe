from __future__ import annotations

import json
import time
from typing import Any

import openai
import pytest
from llm_server import make_asks, running_server, settings

from tasks.llm.asks import Form, request_body
from tasks.llm.offline import FaultPlan
from tasks.llm.offline_batches import BatchPlan

FORM = Form("json_schema", "max_tokens")


def client(url: str, key: str = "k") -> openai.OpenAI:
    return openai.OpenAI(base_url=url, api_key=key, max_retries=0)


def lines(count: int) -> list[dict[str, Any]]:
    bodies = [request_body(ask, settings(), FORM) for ask in make_asks(count)]
    return [
        {"custom_id": f"r{n}", "method": "POST", "url": "/v1/chat/completions", "body": body} for n, body in enumerate(bodies)
    ]


def submit(api: openai.OpenAI, requests: list[dict[str, Any]], **metadata: str) -> Any:
    content = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in requests).encode()
    file = api.files.create(file=("requests.jsonl", content), purpose="batch")
    return api.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h", metadata=metadata)


def wait(api: openai.OpenAI, batch: Any) -> Any:
    while batch.status in ("validating", "in_progress", "finalizing"):
        time.sleep(0.01)
        batch = api.batches.retrieve(batch.id)
    return batch


def results(api: openai.OpenAI, file: str | None) -> list[dict[str, Any]]:
    return [json.loads(line) for line in api.files.content(file).text.splitlines()] if file else []


def test_the_official_client_gets_a_batch_answered_in_any_order() -> None:
    with running_server() as server, client(server.endpoint.base_url) as api:
        batch = submit(api, lines(20), jeongdap="mine")
        assert batch.status == "validating"
        batch = wait(api, batch)
        came = results(api, batch.output_file_id)
        assert [each.metadata for each in api.batches.list()] == [{"jeongdap": "mine"}]
    assert (batch.status, batch.error_file_id, batch.request_counts.completed) == ("completed", None, 20)
    ids = [line["custom_id"] for line in came]
    assert sorted(ids) == sorted(f"r{n}" for n in range(20))
    assert ids != [f"r{n}" for n in range(20)]
    assert all(line["response"]["body"]["choices"] and line["error"] is None for line in came)


def test_a_line_gets_what_a_live_call_gets() -> None:
    (line,) = lines(1)
    with running_server() as server, client(server.endpoint.base_url) as api:
        live = api.chat.completions.create(**line["body"])
        (batch,) = results(api, wait(api, submit(api, [line])).output_file_id)
        assert server.stats()["paid_twice"] == 1
    assert batch["response"]["body"]["choices"][0]["message"]["content"] == live.choices[0].message.content


def test_a_listing_has_pages_newest_first() -> None:
    with running_server() as server, client(server.endpoint.base_url) as api:
        made = [submit(api, lines(1)).id for _ in range(5)]
        assert [batch.id for batch in api.batches.list(limit=2)] == made[::-1]


def test_requests_that_expire_are_in_the_error_file() -> None:
    with running_server(FaultPlan(batch=BatchPlan(shares={"expired": 1.0}))) as server, client(server.endpoint.base_url) as api:
        batch = wait(api, submit(api, lines(3)))
        errors = results(api, batch.error_file_id)
    assert (batch.status, batch.output_file_id) == ("expired", None)
    assert {line["error"]["code"] for line in errors} == {"batch_expired"}


@pytest.mark.parametrize("requests", [[{"custom_id": "a"}], lines(1) * 2], ids=["no request", "the same id twice"])
def test_a_file_that_is_no_batch_fails_with_its_line(requests: list[dict[str, Any]]) -> None:
    with running_server() as server, client(server.endpoint.base_url) as api:
        batch = wait(api, submit(api, requests))
    assert batch.status == "failed"
    assert batch.errors.data[0].line == len(requests)


def test_what_is_not_there_and_who_may_not_come() -> None:
    with running_server(FaultPlan(api_key="right")) as server:
        with client(server.endpoint.base_url, "wrong") as api, pytest.raises(openai.AuthenticationError):
            submit(api, lines(1))
        with client(server.endpoint.base_url, "right") as api:
            with pytest.raises(openai.NotFoundError):
                api.batches.retrieve("batch_none")
            with pytest.raises(openai.NotFoundError):
                api.files.content("file-none")
            with pytest.raises(openai.BadRequestError):
                api.batches.create(input_file_id="file-none", endpoint="/v1/chat/completions", completion_window="24h")


def test_a_plan_says_how_many_calls_go_wrong() -> None:
    plan = FaultPlan(batch=BatchPlan(faults={"create:lost": 1, "upload:500": 1}))
    with running_server(plan) as server, client(server.endpoint.base_url) as api:
        for _ in range(2):
            with pytest.raises(openai.InternalServerError):
                submit(api, lines(1))
        assert len(list(api.batches.list())) == 1
        submit(api, lines(1))
        assert len(list(api.batches.list())) == 2


def test_an_endpoint_may_have_no_batch_api() -> None:
    plan = FaultPlan(batch=BatchPlan(absent=True))
    with running_server(plan) as server, client(server.endpoint.base_url) as api, pytest.raises(openai.NotFoundError):
        submit(api, lines(1))
