"""distilabel: a pipeline of two steps, structured output through its instructor extra, its cache in the state folder.

Its client puts a batch at a time to the server and waits for all of it, so the batch size is what is in flight.
"""

from __future__ import annotations

from distilabel.models.llms import OpenAILLM
from distilabel.pipeline import Pipeline
from distilabel.steps import LoadDataFromDicts
from distilabel.steps.tasks import TextGeneration
from pydantic import BaseModel

from benchmarks.llm_peers import task


class Reply(BaseModel):
    """The reply to a prompt of the task."""

    question: str
    answer: str


def main() -> None:
    """Run and report."""
    given = task.start()
    rows = [{"system_prompt": task.SYSTEM, "instruction": task.user_prompt(number)} for number in range(given.prompts)]
    with Pipeline(name="benchmark", cache_dir=given.state / "cache") as pipeline:
        load = LoadDataFromDicts(name="load", data=rows, batch_size=given.concurrency)
        llm = OpenAILLM(
            model=task.MODEL,
            base_url=given.base_url,
            api_key=task.KEY,
            structured_output={"schema": Reply},
            generation_kwargs={"max_new_tokens": 4096},
        )
        ask = TextGeneration(name="ask", llm=llm, input_batch_size=given.concurrency)
        load >> ask
    rows = pipeline.run(use_cache=True)["default"]["train"]
    replies = {task.number_in(row["instruction"]): row["generation"] for row in rows}
    task.finish(given, {number: task.parsed(text) for number, text in replies.items() if text is not None})


if __name__ == "__main__":
    main()
