"""The reference that most scripts are: AsyncOpenAI as it comes, a task a prompt under a semaphore, no store."""

from __future__ import annotations

import asyncio
from typing import Any

import openai

from benchmarks.llm_peers import task


async def ask_all(given: task.Given) -> dict[int, object]:
    """What the API refuses after the client's own two retries is lost."""
    accepted: dict[int, object] = {}
    slots = asyncio.Semaphore(given.concurrency)

    async def ask(client: openai.AsyncOpenAI, number: int) -> None:
        async with slots:
            try:
                body: Any = {"messages": task.messages(number), "response_format": task.RESPONSE_FORMAT}
                reply = await client.chat.completions.create(model=task.MODEL, **body)
            except openai.APIError:
                return
        value = task.parsed(reply.choices[0].message.content)
        if isinstance(value, dict):  # a script that parses: what is no JSON is lost, too
            accepted[number] = value

    async with openai.AsyncOpenAI(base_url=given.base_url, api_key=task.KEY) as client:
        await asyncio.gather(*(ask(client, number) for number in range(given.prompts)))
    return accepted


def main() -> None:
    """Run and report."""
    given = task.start()
    task.finish(given, asyncio.run(ask_all(given)))


if __name__ == "__main__":
    main()
