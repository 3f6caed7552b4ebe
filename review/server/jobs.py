"""Stands in for `argilla_server.jobs.queues`: jobs run as tasks on the server's own event loop, without Redis and worker.

`install` has to run before anything of argilla_server is imported, because the package's `__init__` builds the app.
Webhook calls are not made: upstream's job blocks the event loop while it waits for the receiver, so a dead receiver would
slow every annotator down.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

JOB_TIMEOUT_DISABLED = -1
KEPT_JOBS = 200  # a finished task keeps its traceback alive
LOG = logging.getLogger("argilla.jobs")


def install() -> None:
    """Take the place of argilla_server's queues."""
    sys.modules["argilla_server.jobs.queues"] = sys.modules[__name__]


class Job:
    """What `GET /api/v1/jobs/{id}` looks at, in place of rq's job."""

    _known: ClassVar[dict[str, Job]] = {}

    def __init__(self, task: asyncio.Task[Any] | None) -> None:
        self.id, self.task = str(uuid.uuid4()), task
        Job._known[self.id] = self
        while len(Job._known) > KEPT_JOBS:
            Job._known.pop(next(iter(Job._known)))

    @classmethod
    def fetch(cls, job_id: str, connection: object = None) -> Job:
        """The job of that id; rq's NoSuchJobError when there is none."""
        from rq.exceptions import NoSuchJobError

        try:
            return cls._known[job_id]
        except KeyError:
            raise NoSuchJobError(job_id) from None

    def get_status(self, refresh: bool = True) -> Any:
        """The name that rq has for what the task is doing."""
        from rq.job import JobStatus

        if self.task is None:
            return JobStatus.CANCELED
        if not self.task.done():
            return JobStatus.STARTED
        return JobStatus.FAILED if self.task.cancelled() or self.task.exception() else JobStatus.FINISHED


class Queue:
    """Runs what rq's `@job` decorator hands over. With `runs=False` it says so and runs nothing."""

    def __init__(self, runs: bool) -> None:
        self.runs = runs

    def enqueue_call(
        self, func: Callable[..., Awaitable[Any]], args: Any = (), kwargs: Any = None, retry: Any = None, **_: Any
    ) -> Job:
        """Start the job on the running loop."""
        if not self.runs:
            LOG.warning("%s was not run: the embedded server makes no webhook calls", func.__name__)
            return Job(None)
        tries = 1 + (retry.max if retry else 0)
        return Job(asyncio.get_running_loop().create_task(_attempt(func, tuple(args), dict(kwargs or {}), tries)))


async def _attempt(func: Callable[..., Awaitable[Any]], args: tuple[Any, ...], kwargs: dict[str, Any], tries: int) -> Any:
    for attempt in range(1, tries + 1):
        try:
            return await func(*args, **kwargs)
        except Exception:  # a job may raise anything; the last time it is the task's result
            LOG.exception("job %s failed (%d of %d)", func.__name__, attempt, tries)
            if attempt == tries:
                raise
        await asyncio.sleep(2**attempt)
    return None


class NoRedis:
    """Answers the ping of the start-up check."""

    def ping(self) -> bool:
        """Always there."""
        return True


REDIS_CONNECTION = NoRedis()
DEFAULT_QUEUE = Queue(runs=True)  # record statuses after a change of the distribution
HIGH_QUEUE = Queue(runs=False)  # webhook calls, nothing else
