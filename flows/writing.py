"""The writing model of a run: which prompts shape its rows, where it answers, and what was bought."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from flows.services import offline_writer
from tasks.errors import SettingsError
from tasks.generate.generate import generate, load_prompts
from tasks.llm.calls import Calls
from tasks.llm.guard import Guard
from tasks.records import Chunk, Document, Kept, Language, Pair
from tasks.settings import ModelSettings, Settings, secret
from tasks.store import Manifest, Store

if TYPE_CHECKING:
    from tasks.llm.asks import Answer, Ask, Endpoint

LANGUAGES: tuple[Language, ...] = ("ko", "en")


class Writer:
    """Writes the rows of a run. The endpoint is opened when the first document needs it, and stays for the run."""

    def __init__(self, project: Path, store: Store, settings: Settings, run: str) -> None:
        self.project = project
        self.store = store
        self.kinds = settings.generate
        self.model = settings.models["writer"]
        self.guard = Guard(settings.pii)
        self.run = run
        self.bought = 0
        self.prompts = load_prompts(settings.generate, LANGUAGES, project)
        self._stack = contextlib.ExitStack()
        self._endpoint: Endpoint | None = None

    @property
    def shaping(self) -> list[str]:
        """What shapes the rows beside the chunks and the counts: prompts, model and how it is sampled."""
        sampling = self.model.model_dump_json(include={"model", "temperature", "top_p", "max_tokens", "structured"})
        return [*(prompt.hash for prompt in self.prompts.values()), sampling]

    def write(self, chunks: Manifest, documents: Manifest, first: int) -> Kept[Pair]:
        """The rows of the first so many chunks of one document."""
        titles = {d.id: d.title for d in self.store.read(documents, Document)}
        rows = self.store.read(chunks, Chunk)[:first]
        return generate(rows, self.kinds, self.model, self.prompts, self._ask, self.run, titles)

    def _ask(self, asks: Sequence[Ask]) -> list[Answer]:
        from tasks.llm.client import ask_all_sync

        if not asks:
            return []
        with Calls(self.store.root / "calls.sqlite") as calls:
            before = calls.counts().replies
            try:
                return ask_all_sync(asks, self._open(), self.model, calls, guard=self.guard)
            finally:
                self.bought += calls.counts().replies - before

    def _open(self) -> Endpoint:
        if self._endpoint is None:
            self._endpoint = self._stack.enter_context(model_endpoint(self.project, "writer", self.model))
        return self._endpoint

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.close()


@contextlib.contextmanager
def model_endpoint(project: Path, name: str, model: ModelSettings) -> Iterator[Endpoint]:
    """Where a model answers: the built-in writer, running for the time of the context, or the endpoint of the settings.

    Raises SettingsError when its key is not set, ServiceError when the built-in writer does not start.
    """
    from tasks.llm.asks import Endpoint

    if model.offline:
        with offline_writer(project) as url:
            yield Endpoint(url, "")
        return
    key = secret(project, model.key_env) if model.key_env else ""
    if key is None:
        cure = f'export it, put it into {project / ".env"}, or set key_env = "" for an endpoint that wants none'
        raise SettingsError(f"models.{name}.key_env names {model.key_env}, which is not set; {cure}")
    yield Endpoint(model.base_url, key)
