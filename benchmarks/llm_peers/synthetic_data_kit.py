"""Meta's synthetic-data-kit: its client's batches and its parser, as its own generator of questions puts them together.

The generator itself has prompts of its own. It keeps nothing before the end, and a batch that raises is left out.
"""

from __future__ import annotations

import contextlib

from synthetic_data_kit.models.llm_client import LLMClient
from synthetic_data_kit.utils.llm_processing import parse_qa_pairs

from benchmarks.llm_peers import task


def replies(client: LLMClient, numbers: range) -> dict[int, object]:
    """What the parser finds in a batch."""
    found: dict[int, object] = {}
    with contextlib.suppress(Exception):  # as its generator does
        texts = client.batch_completion([task.messages(number) for number in numbers], batch_size=len(numbers))
        for number, text in zip(numbers, texts, strict=True):
            pairs = parse_qa_pairs(text)
            if pairs:
                found[number] = pairs[0]
    return found


def main() -> None:
    """Run and report."""
    given = task.start()
    client = LLMClient(provider="api-endpoint", api_base=given.base_url, api_key=task.KEY, model_name=task.MODEL)
    accepted: dict[int, object] = {}
    for first in range(0, given.prompts, given.concurrency):
        accepted |= replies(client, range(first, min(first + given.concurrency, given.prompts)))
    task.finish(given, accepted)


if __name__ == "__main__":
    main()
