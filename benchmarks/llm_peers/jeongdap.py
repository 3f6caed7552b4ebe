"""Our own engine, with its store in the state folder."""

from __future__ import annotations

from pydantic import BaseModel

from benchmarks.llm_peers import task
from tasks.llm.asks import Ask, Endpoint
from tasks.llm.calls import Calls
from tasks.llm.engine import Engine
from tasks.settings import ModelSettings


class Reply(BaseModel):
    """The reply to a prompt of the task."""

    question: str
    answer: str


def make_asks(prompts: int) -> list[Ask]:
    """The prompts of the task as the engine wants them."""
    return [
        Ask(id=task.mark(number), kind="qa", system=task.SYSTEM, user=task.user_prompt(number), reply=Reply)
        for number in range(prompts)
    ]


def main() -> None:
    """Run and report."""
    given = task.start()
    model = ModelSettings(base_url=given.base_url, model=task.MODEL, concurrency=given.concurrency, seconds=60)
    with Calls(given.state / "calls.sqlite") as calls, Engine(Endpoint(given.base_url, task.KEY), model, calls) as engine:
        answers = engine.ask(make_asks(given.prompts))
    task.finish(given, {task.number_in(answer.ask.id): answer.value.model_dump() for answer in answers if answer.value})


if __name__ == "__main__":
    main()
