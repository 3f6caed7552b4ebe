"""The offline endpoint for tests: in a thread, with a fault plan, on a free port; and asks to put to it."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import uvicorn

from prompts.loader import load
from tasks.generate.replies import QaReply
from tasks.llm.asks import Ask, Endpoint
from tasks.llm.offline import FaultPlan, create_app
from tasks.settings import ModelSettings

CLAUSE = (
    "제{n}조(보험금의 지급)\n① 회사는 청구서류를 접수한 날부터 {days}영업일 이내에 보험금을 지급합니다.\n"
    "② 계약자는 보험증권을 받은 날부터 15일 이내에 청약을 철회할 수 있습니다."
)


@dataclass(frozen=True)
class RunningServer:
    """Where the server listens, and what it has counted."""

    endpoint: Endpoint

    def stats(self) -> dict[str, Any]:
        with urllib.request.urlopen(self.endpoint.base_url.removesuffix("/v1") + "/ctl/stats", timeout=10) as reply:
            return dict(json.loads(reply.read()))


@contextlib.contextmanager
def running_server(plan: FaultPlan | None = None) -> Iterator[RunningServer]:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        server = uvicorn.Server(uvicorn.Config(create_app(plan), log_level="critical", access_log=False, lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield RunningServer(Endpoint(f"http://127.0.0.1:{listener.getsockname()[1]}/v1", "test-key"))
        finally:
            server.should_exit = server.force_exit = True
            thread.join(10)


def closed_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_asks(count: int) -> list[Ask]:
    prompt = load("qa", "ko")
    return [
        Ask(
            id=f"chunk-{n}",
            kind="qa",
            system=prompt.system,
            user=prompt.user(
                {
                    "document": "별솔 건강보험 약관",
                    "heading": f"제{n}조(보험금의 지급)",
                    "text": CLAUSE.format(n=n, days=n % 9 + 2),
                },
                2,
            ),
            reply=QaReply,
            version=prompt.hash,
        )
        for n in range(1, count + 1)
    ]


def settings(**changes: Any) -> ModelSettings:
    return ModelSettings(
        **{"concurrency": 8, "seconds": 20, "structured": "json_schema", "token_parameter": "max_tokens", **changes}
    )
