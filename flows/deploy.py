"""Servers that stay up until Ctrl-C: the scheduled flows with Prefect's UI, and the embedded Argilla."""

from __future__ import annotations

import contextlib
import signal
import threading
import warnings
from pathlib import Path
from typing import Any

from flows.progress import say
from flows.services import prefect_api
from tasks.errors import SettingsError
from tasks.settings import ScheduleSettings, load_settings


def serve_project(project: Path) -> None:
    """Serve both flows on their schedules, with the UIs, until Ctrl-C or SIGTERM."""
    project = project.resolve()
    settings = load_settings(project)
    with contextlib.ExitStack() as stack:
        stack.enter_context(_ends_on_sigterm())
        url = stack.enter_context(prefect_api(project, settings.prefect.port))
        if settings.review.embedded:
            _announce_review(project, stack.enter_context(_review(project)))
        from prefect import serve

        deployments = deployments_of(project, settings.schedule)
        say(f"Prefect: {url.removesuffix('/api')}  (flows: build, publish; schedules in {settings.schedule.timezone})")
        say("Ctrl-C ends all of it")
        # Prefect's own handler of SIGTERM leaves this behind on its way out.
        warnings.filterwarnings("ignore", "coroutine 'Runner.astop' was never awaited", RuntimeWarning)
        serve(*deployments, print_starting_message=False)


def deployments_of(project: Path, schedule: ScheduleSettings) -> list[Any]:
    """Both flows as deployments of this project; an empty cron line leaves a flow without a schedule."""
    from prefect.schedules import Cron
    from prefect.types.entrypoint import EntrypointType

    from flows.build import build
    from flows.publish import publish

    def scheduled(cron: str) -> Any:
        try:
            return Cron(cron, timezone=schedule.timezone) if cron else None
        except ValueError as exc:
            raise SettingsError(f"{project}/jeongdap.toml: schedule: {cron!r} in {schedule.timezone!r}: {exc}") from exc

    return [
        flow.to_deployment(
            name=project.name,
            parameters={"project": str(project)},
            schedule=scheduled(cron),
            concurrency_limit=1,  # two builds of one project at once would do the same work twice
            # A file path as entrypoint would put flows/ first on the import path.
            entrypoint_type=EntrypointType.MODULE_PATH,
        )
        for flow, cron in ((build, schedule.build), (publish, schedule.publish))
    ]


def serve_review(project: Path) -> None:
    """Serve the embedded Argilla until Ctrl-C or SIGTERM."""
    project = project.resolve()
    settings = load_settings(project)
    if not settings.review.embedded:
        raise SettingsError(f'review.url is {settings.review.url}: that server is yours to run; only "embedded" is run here')
    with _ends_on_sigterm(), _review(project) as server:
        _announce_review(project, server)
        threading.Event().wait()


def _review(project: Path) -> Any:
    from flows.reviewing import review_server

    return review_server(project, load_settings(project))


def _announce_review(project: Path, server: Any) -> None:
    from review.embedded import read_credentials

    say(f"Argilla: {server.url}  (user and password: {read_credentials(project).path})")


@contextlib.contextmanager
def _ends_on_sigterm() -> Any:
    """SIGTERM ends a server like Ctrl-C does, so that its children are stopped in order."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
