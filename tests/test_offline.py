from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import asdict
from typing import Any

import pytest
from llm_server import make_asks, running_server, settings

from tasks.llm.asks import Form, request_body
from tasks.llm.offline import FAULTS, FaultPlan
from tasks.settings import OFFLINE_MODEL

FORM = Form("json_schema", "max_tokens")


def post(url: str, body: Any, key: str = "k") -> tuple[int, dict[str, Any]]:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
    request = urllib.request.Request(f"{url}/chat/completions", json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as reply:
            return reply.status, json.loads(reply.read())
    except urllib.error.HTTPError as exc:
        return exc.code, json.loads(exc.read())


def test_it_lists_its_model_and_answers_as_an_openai_server_does() -> None:
    body = request_body(make_asks(1)[0], settings(), FORM)
    with running_server() as server:
        url = server.endpoint.base_url
        with urllib.request.urlopen(f"{url}/models", timeout=10) as reply:
            assert [model["id"] for model in json.loads(reply.read())["data"]] == [OFFLINE_MODEL]
        status, first = post(url, body)
        _, second = post(url, body)
    assert status == 200
    (choice,) = first["choices"]
    assert (choice["finish_reason"], choice["message"]["role"]) == ("stop", "assistant")
    assert first["usage"]["total_tokens"] == first["usage"]["prompt_tokens"] + first["usage"]["completion_tokens"] > 100
    assert second["choices"] == first["choices"]


@pytest.mark.parametrize(
    ("change", "status"),
    [({"model": "gpt-9"}, 404), ({"messages": "none"}, 400), ({"messages": [{"role": "user"}]}, 400), ({"stream": True}, 400)],
)
def test_a_request_it_cannot_serve_gets_an_error_as_json(change: dict[str, Any], status: int) -> None:
    with running_server() as server:
        got, reply = post(server.endpoint.base_url, request_body(make_asks(1)[0], settings(), FORM) | change)
    assert got == status
    assert reply["error"]["message"]


def test_a_plan_with_a_key_refuses_others() -> None:
    body = request_body(make_asks(1)[0], settings(), FORM)
    with running_server(FaultPlan(api_key="right")) as server:
        assert post(server.endpoint.base_url, body, "wrong")[0] == 401
        assert post(server.endpoint.base_url, body, "right")[0] == 200


def test_faults_hit_the_first_request_of_a_prompt_and_are_the_same_for_everybody() -> None:
    bodies = [request_body(ask, settings(), FORM) for ask in make_asks(30)]
    plan = FaultPlan(shares={"429": 0.3, "500": 0.3})
    runs = []
    for _ in range(2):
        with running_server(plan) as server:
            runs.append([post(server.endpoint.base_url, body)[0] for body in bodies])
            assert {post(server.endpoint.base_url, body)[0] for body in bodies} == {200}
            assert server.stats()["paid"] == 30
    assert runs[0] == runs[1]
    assert {200, 429, 500} == set(runs[0])


def test_prompts_paid_twice_are_counted() -> None:
    body = request_body(make_asks(1)[0], settings(), FORM)
    with running_server() as server:
        for _ in range(3):
            post(server.endpoint.base_url, body)
        assert server.stats() == {"requests": 3, "paid": 1, "paid_twice": 2, "faults": {}}


@pytest.mark.slow
def test_as_a_process_it_says_where_it_listens_and_ends_with_its_parent() -> None:
    plan = json.dumps(asdict(FaultPlan(shares=dict.fromkeys(FAULTS, 0.0))))
    command = [sys.executable, "-m", "tasks.llm.offline", "--port", "0", "--until-stdin-closes", "--plan", plan]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdin
        url = json.loads(process.stdout.readline())["url"]
        assert url.startswith("http://127.0.0.1:")
        assert post(url, request_body(make_asks(1)[0], settings(), FORM))[0] == 200
        process.stdin.close()
        assert process.wait(10) == 0
