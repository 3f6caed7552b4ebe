"""publish: from people's verdicts to a release. It may run again and again and writes only what is new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from prefect import flow
from prefect.artifacts import create_markdown_artifact

from flows.build import run_name
from flows.progress import say
from flows.reviewing import pull_verdicts, sent
from flows.run import PublishSummary
from review.settle import settle_pairs, settle_preferences
from tasks.records import Record
from tasks.settings import load_settings
from tasks.store import Kept, Store


@flow(name="publish", description="Verdicts → release", flow_run_name=run_name, persist_result=False)
def publish(project: str) -> PublishSummary:
    """Fetch verdicts, settle them and write a release, unless it would equal the latest one.

    Raises SettingsError, ReviewError, ServiceError and StoreError.
    """
    folder = Path(project).resolve()
    settings, store = load_settings(folder), Store(folder)
    rows = sent(store)
    say("pull …")
    verdicts = pull_verdicts(folder, settings)
    pairs = settle_pairs(rows.pairs, verdicts, settings.review.min_submitted)
    preferences = settle_preferences(rows.preferences, verdicts, settings.review.min_submitted)
    say("publish …")
    ...
