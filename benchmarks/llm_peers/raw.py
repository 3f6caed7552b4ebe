"""The reference for the server's ceiling: aiohttp and nothing else. One try a prompt, no store, no check but JSON."""

from __future__ import annotations

import asyncio

import aiohttp

from benchmarks.llm_peers import task


async def ask_all(given: task.Given) -> dict[int, object]:
    """Workers over one iterator."""
    accepted: dict[int, object] = {}
    numbers = iter(range(given.prompts))

    async def worker(session: aiohttp.ClientSession) -> None:
        for number in numbers:
            body = {"model": task.MODEL, "messages": task.messages(number), "response_format": task.RESPONSE_FORMAT}
            async with session.post(f"{given.base_url}/chat/completions", json=body) as reply:
                if reply.status == 200:
                    accepted[number] = task.parsed((await reply.json())["choices"][0]["message"]["content"])

    connector = aiohttp.TCPConnector(limit=given.concurrency)
    async with aiohttp.ClientSession(connector=connector) as session:
        await asyncio.gather(*(worker(session) for _ in range(given.concurrency)))
    return accepted


def main() -> None:
    """Run and report."""
    given = task.start()
    task.finish(given, asyncio.run(ask_all(given)))


if __name__ == "__main__":
    main()
