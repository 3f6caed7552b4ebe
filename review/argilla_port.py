"""The one module that imports argilla: workspaces, datasets and new records through its SDK, on any Argilla 2 server.

Argilla's `log()` is an upsert: it would put a new text under an answer that was given for the old one. Records are only ever
created here, which the server refuses for an id that it has; so nothing is overwritten, even by two pushes at once.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from review.rest import REFUSALS, ReviewServer, unreachable
from review.schema import Choice, FreeText, QueueSchema, fits, queue_name, queue_versions
from review.screen import ReviewRecord
from tasks.errors import ReviewError
from tasks.records import Language

if TYPE_CHECKING:
    import argilla as rg

SECONDS = 60
BATCH = 200  # a filter takes 250 values, a request 500 records
DRAFT_SECONDS = 20.0  # another push needs that long at most to publish what it has begun


class ArgillaPort:
    """A connection to one server."""

    def __init__(self, server: ReviewServer) -> None:
        import argilla as rg
        import httpx

        self.server = server
        # A new connection for every request: the server closes an old one after a while, or after an error, just when the
        # next request is on its way. A push needs two requests for 200 records.
        one_each = httpx.Limits(max_keepalive_connections=0)
        with self._errors():
            self.client = rg.Argilla(server.url, server.api_key, timeout=SECONDS, retries=2, limits=one_each)

    def close(self) -> None:
        """Let go of the connection."""
        self.client.http_client.close()

    def open_queue(
        self, workspace: str, project: str, schema: QueueSchema, language: Language, min_submitted: int
    ) -> tuple[rg.Dataset, list[rg.Dataset]]:
        """The newest version of a queue, made if it is missing or made for other questions, and the versions before it."""
        with self._errors():
            home = self._workspace(workspace)
            found = {model.name: model for model in self.client.api.datasets.list(home.id)}
            versions = queue_versions(project, schema.queue, list(found))
            number, newest = versions[-1] if versions else (1, "")
            # A draft is being made by another push: of questions that it does not have yet nothing can be said.
            if newest and found[newest].status == "ready" and not _fits(schema, self._fetch(found[newest]).settings):
                number += 1
            name = queue_name(project, schema.queue, number)
            queue = self._published(home, name, schema, language, min_submitted)
            if queue.distribution.min_submitted != min_submitted:
                self._distribute(queue, min_submitted)
            older = [found[each] for _, each in versions if each != name and found[each].status == "ready"]
            return queue, [self._fetch(model) for model in older]

    def existing(self, dataset: rg.Dataset, ids: Sequence[str], *, answered: bool = False) -> set[str]:
        """Which of these ids a dataset has; with `answered`, which somebody has submitted an answer for."""
        import argilla as rg

        found: set[str] = set()
        with self._errors():
            for start in range(0, len(ids), BATCH):
                wanted: Any = [("id", "in", list(ids[start : start + BATCH]))]
                wanted += [("response.status", "==", "submitted")] if answered else []
                records = dataset.records(rg.Query(filter=wanted), with_suggestions=False, with_responses=False)
                found |= {str(record.id) for record in records}
        return found

    def create(self, dataset: rg.Dataset, records: Sequence[ReviewRecord]) -> int:
        """Create those of these records (at most a batch) that the dataset lacks; how many that were."""
        taken = self.existing(dataset, [record.id for record in records])
        missing = [record for record in records if record.id not in taken]
        while missing:
            try:
                self._create(dataset, missing)
                break
            except ReviewError:
                # Refused as a whole when another push was first with one of them: then fewer are missing now.
                taken = self.existing(dataset, [record.id for record in missing])
                if not taken:
                    raise
                missing = [record for record in missing if record.id not in taken]
        return len(missing)

    def _create(self, dataset: rg.Dataset, records: Sequence[ReviewRecord]) -> None:
        models = [_to_argilla(record, dataset).api_model() for record in records]
        with self._errors():
            self.client.api.records.bulk_create(dataset.id, models)

    def _workspace(self, name: str) -> rg.Workspace:
        import argilla as rg
        from argilla._exceptions import ArgillaAPIError

        def find() -> rg.Workspace | None:
            return next((workspace for workspace in self.client.workspaces if workspace.name == name), None)

        try:
            return find() or rg.Workspace(name=name, client=self.client).create()
        except ArgillaAPIError:
            if made_by_another_push := find():
                return made_by_another_push
            raise

    def _fetch(self, model: Any) -> rg.Dataset:
        import argilla as rg

        return rg.Dataset.from_model(model, self.client).get()

    def _published(
        self, workspace: rg.Workspace, name: str, schema: QueueSchema, language: Language, min_submitted: int
    ) -> rg.Dataset:
        """The dataset of that name, ready to take records."""
        from argilla._exceptions import ArgillaAPIError, NotFoundError

        def find() -> Any:
            return self.client.api.datasets.get_by_name_and_workspace_id(name, workspace.id)

        waited_until = time.monotonic() + DRAFT_SECONDS
        while (found := find()) is None or found.status != "ready":
            if found is None:
                try:
                    return _to_dataset(name, workspace, schema, language, min_submitted, self.client).create()
                except ArgillaAPIError:
                    if find() is None:  # refused, not outrun by another push
                        raise
            elif time.monotonic() > waited_until:  # a push was killed between creating and publishing it
                with suppress(NotFoundError):
                    self.client.api.datasets.delete(found.id)
            time.sleep(0.5)
        return self._fetch(found)

    def _distribute(self, dataset: rg.Dataset, min_submitted: int) -> None:
        import argilla as rg

        dataset.distribution = rg.TaskDistribution(min_submitted=min_submitted)
        dataset.update()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Whatever the SDK raises, as a ReviewError that names the URL and the cure."""
        import httpx
        from argilla._exceptions import ArgillaError, ForbiddenError
        from argilla._exceptions._client import ArgillaCredentialsError

        url = self.server.url
        try:
            yield
        except ArgillaCredentialsError as exc:
            raise ReviewError(f"{url}: {REFUSALS[401]}") from exc
        except ForbiddenError as exc:
            raise ReviewError(f"{url}: {REFUSALS[403]}") from exc
        except httpx.TransportError as exc:
            raise unreachable(url, exc) from exc
        except (ArgillaError, httpx.HTTPError) as exc:
            raise ReviewError(f"{url}: the review server refused: {str(exc)[:500]}") from exc
        except ValueError as exc:
            raise ReviewError(f"{url}: answers, but is no Argilla server; mend review.url") from exc


def _fits(schema: QueueSchema, settings: rg.Settings) -> bool:
    labels = {question.name: list(getattr(question, "labels", [])) for question in settings.questions}
    return fits(schema, [field.name for field in settings.fields], labels, [item.name for item in settings.metadata])


def _to_dataset(
    name: str, workspace: rg.Workspace, schema: QueueSchema, language: Language, min_submitted: int, client: rg.Argilla
) -> rg.Dataset:
    import argilla as rg

    settings = rg.Settings(
        guidelines=schema.guidelines.of(language),
        fields=[
            rg.TextField(field.name, field.title.of(language), use_markdown=True, required=field.required, client=client)
            for field in schema.fields
        ],
        questions=[_to_question(question, language, client) for question in schema.questions],
        metadata=[
            *(rg.TermsMetadataProperty(term, title=title.of(language), client=client) for term, title in schema.terms),
            *(rg.IntegerMetadataProperty(number, title=title.of(language), client=client) for number, title in schema.integers),
        ],
        allow_extra_metadata=False,
        distribution=rg.TaskDistribution(min_submitted=min_submitted),
    )
    return rg.Dataset(name, workspace, settings, client)


def _to_question(question: Choice | FreeText, language: Language, client: rg.Argilla) -> rg.LabelQuestion | rg.TextQuestion:
    import argilla as rg

    title = question.title.of(language)
    description = question.description.of(language) if question.description else None
    if isinstance(question, Choice):
        labels = {value: text.of(language) for value, text in question.labels}
        return rg.LabelQuestion(question.name, labels, title, description, question.required, client=client)
    # No Markdown: the UI sets the text as text, and what people edit is the text itself, not its escaped form.
    return rg.TextQuestion(question.name, title, description, required=False, use_markdown=False, client=client)


def _to_argilla(record: ReviewRecord, dataset: rg.Dataset) -> rg.Record:
    import argilla as rg

    suggestions = [rg.Suggestion(s.question, s.text, agent=s.agent, type="model") for s in record.suggestions]
    return rg.Record(
        id=record.id, fields=dict(record.fields), metadata=dict(record.metadata), suggestions=suggestions, _dataset=dataset
    )
