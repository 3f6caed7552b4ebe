"""publish: from people's verdicts to a release. It may run again and again and writes only what is new."""

from __future__ import annotations

from pathlib import Path

from prefect import flow
from prefect.artifacts import create_markdown_artifact
from review.settle import settle_pairs, settle_preferences

from flows.build import run_name
from flows.progress import say
from flows.reviewing import sent
from flows.run import PublishSummary
from tasks.settings import load_settings
from tasks.store import Store


@flow(name="publish", description="Verdicts → release", flow_run_name=run_name, persist_result=False)
def publish(project: str) -> PublishSummary:
    """Fetch verdicts, settle them and write a release, unless it would equal the latest one.

    Raises SettingsError, ReviewError, ServiceError and StoreError.
    """
    folder = Path(project).resolve()
    settings = load_settings(folder)
    rows = sent(Store(folder))
    say("pull …")
    verdicts = pull(folder, settings)
    pairs = settle_pairs(rows.pairs, verdicts, settings.review.min_submitted)
    preferences = settle_preferences(rows.preferences, verdicts, settings.review.min_submitted)
    say("publish …")
    release = write(folder, settings, rows, pairs, preferences)
    summary = PublishSummary(
        release.folder if release else None,
        release.version if release else "",
        _settled(pairs, preferences),
        bool(release and release.new),
    )
    create_markdown_artifact("\n".join(f"- {line}" for line in summary.lines()), key="publish-summary")
    return summary
