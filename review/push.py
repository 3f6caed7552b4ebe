"""Pairs and preferences into Argilla's queues: only what is new, never over what is there.

A record's id is its content's, so a changed row is another record, and an unchanged one is already there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from review.argilla_port import BATCH, ArgillaPort
from review.rest import ReviewServer
from review.schema import SCHEMAS, Queue
from review.screen import ReviewRecord, pair_records, preference_records
from tasks.records import Chunk, Language, Pair, Preference
from tasks.settings import ReviewSettings

if TYPE_CHECKING:
    import argilla as rg


@dataclass(frozen=True, slots=True)
class QueuePush:
    """What went into one queue. `dataset` is its name on the server."""

    queue: Queue
    dataset: str
    new: int
    already_there: int


@dataclass(frozen=True, slots=True)
class PushReport:
    """What went into both queues."""

    qa: QueuePush
    dpo: QueuePush

    @property
    def new(self) -> int:
        """Records that this push created."""
        return self.qa.new + self.dpo.new

    @property
    def already_there(self) -> int:
        """Records that were there before, or were answered in an older version of the queue."""
        return self.qa.already_there + self.dpo.already_there


def push(
    server: ReviewServer,
    project: str,
    language: Language,
    settings: ReviewSettings,
    pairs: Sequence[Pair],
    preferences: Sequence[Preference],
    chunks: Sequence[Chunk],
    progress: Callable[[int], None] = lambda _: None,
) -> PushReport:
    """Queue everything that the server does not have yet. `progress` is told the size of every batch that is done."""
    records: dict[Queue, list[ReviewRecord]] = {
        "qa": pair_records(pairs, chunks, language),
        "dpo": preference_records(preferences, pairs, chunks, language),
    }
    with closing(ArgillaPort(server)) as port:

        def fill(queue: Queue) -> QueuePush:
            newest, older = port.open_queue(settings.workspace, project, SCHEMAS[queue], language, settings.min_submitted)
            batches = _batches(records[queue])
            new = sum(_fill(port, newest, older, batch, progress) for batch in batches)
            return QueuePush(queue, newest.name, new, sum(map(len, batches)) - new)

        return PushReport(qa=fill("qa"), dpo=fill("dpo"))


def _fill(
    port: ArgillaPort,
    newest: rg.Dataset,
    older: Sequence[rg.Dataset],
    batch: Sequence[ReviewRecord],
    progress: Callable[[int], None],
) -> int:
    ids = [record.id for record in batch]
    answered = {record for dataset in older for record in port.existing(dataset, ids, answered=True)}
    new = port.create(newest, [record for record in batch if record.id not in answered])
    progress(len(batch))
    return new


def _batches(records: Sequence[ReviewRecord]) -> list[list[ReviewRecord]]:
    unique = list({record.id: record for record in records}.values())
    return [unique[start : start + BATCH] for start in range(0, len(unique), BATCH)]
