"""Bespoke Curator: an LLM with a response format, its own backend for OpenAI, its cache in the state folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import litellm
from bespokelabs import curator
from pydantic import BaseModel

from benchmarks.llm_peers import task


class Reply(BaseModel):
    """The reply to a prompt of the task."""

    question: str
    answer: str


class Asker(curator.LLM):
    """A row is a prompt, its reply and its number."""

    response_format = Reply

    def prompt(self, row: dict[str, Any]) -> list[dict[str, str]]:
        """System and user message."""
        return task.messages(row["number"])

    def parse(self, row: dict[str, Any], reply: Reply) -> dict[str, Any]:
        """The row of the result."""
        return {"number": row["number"], "question": reply.question, "answer": reply.answer}


def main() -> None:
    """Run and report."""
    # It counts tokens with a file that tiktoken downloads; litellm, which it needs, carries the same file.
    os.environ["TIKTOKEN_CACHE_DIR"] = str(Path(litellm.__file__).parent / "litellm_core_utils" / "tokenizers")
    given = task.start()
    asker = Asker(
        model_name=task.MODEL,
        response_format=Reply,
        backend="openai",
        backend_params={
            "base_url": given.base_url,
            "max_concurrent_requests": given.concurrency,
            "max_requests_per_minute": 10**6,  # the server has no such limits
            "max_tokens_per_minute": 10**10,
            "require_all_responses": False,  # with True one prompt that cannot be answered voids the run
        },
    )
    result = asker([{"number": number} for number in range(given.prompts)], working_dir=str(given.state / "cache"))
    task.finish(given, {row["number"]: {"question": row["question"], "answer": row["answer"]} for row in result.dataset})


if __name__ == "__main__":
    main()
