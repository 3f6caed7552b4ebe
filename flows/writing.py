"""The writing model of a run: which prompts shape its rows, where it answers, and what was bought."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from flows.services import offline_writer
from tasks.errors import SettingsError
from tasks.generate.generate import generate, load_prompts, make_asks
from tasks.llm.calls import Calls
from tasks.llm.guard import Guard
from tasks.llm.tally import Tally
from tasks.records import Chunk, Document, Kept, Language, Pair
from tasks.settings import ModelSettings, Settings, secret
from tasks.store import Manifest, Store

if TYPE_CHECKING:
    from tasks.llm.asks import Answer, Ask, Endpoint
    from tasks.llm.engine import Engine

LANGUAGES: tuple[Language, ...] = ("ko", "en")


@dataclass(frozen=True, slots=True)
class Part:
    """The first so many chunks of one document, to write rows from."""

    documents: Manifest
    chunks: Manifest
    first: int


class Writer:
    """Writes the rows of a run. The endpoint is opened when something is asked for the first time, and stays for the run."""

    def __init__(self, project: Path, store: Store, settings: Settings, run: str) -> None:
        self.project = project
        self.store = store
        self.kinds = settings.generate
        self.model = settings.models["writer"]
        self.budget = settings.budget
        self.guard = Guard(settings.pii)
        self.run = run
        self.prompts = load_prompts(settings.generate, LANGUAGES, project)
        self._stack = contextlib.ExitStack()
        self._engine: Engine | None = None
        self._expected = 0
        self._opening = threading.Lock()

    @property
    def shaping(self) -> list[str]:
        """What shapes the rows beside the chunks and the counts: prompts, model and how it is sampled."""
        shaping = {"model", "temperature", "top_p", "max_tokens", "structured", "extra"}
        return [*(prompt.hash for prompt in self.prompts.values()), self.model.model_dump_json(include=shaping)]

    @property
    def tally(self) -> Tally:
        """How far it is with all that was asked."""
        return self._engine.tally if self._engine else Tally()

    @property
    def currency(self) -> str:
        """What its cost is told in; empty where there are no prices."""
        return self.budget.currency if self.model.prices else ""

    def asks_of(self, part: Part) -> int:
        """How many asks a part makes."""
        lengths = [len(row["text"]) for row in self.store.columns(part.chunks, ["text"])[: part.first]]
        return sum(length >= self.kinds.min_chars for length in lengths) * sum(count > 0 for count in self.kinds.kinds.values())

    def expect(self, asks: int) -> None:
        """How many asks the whole run will make."""
        self._expected = asks

    def write(self, parts: Sequence[Part]) -> list[Kept[Pair]]:
        """The rows of each part; all their asks are in flight together."""
        titles = {d.id: d.title for part in parts for d in self.store.read(part.documents, Document)}
        chunks = [self.store.read(part.chunks, Chunk)[: part.first] for part in parts]
        asks = [make_asks(own, self.kinds, self.prompts, titles) for own in chunks]
        answers = iter(self._ask([ask for own in asks for ask in own]))
        return [
            generate(own, self.kinds, self.model, self.prompts, lambda asked: list(islice(answers, len(asked))), self.run, titles)
            for own in chunks
        ]

    def asks(self, part: Part) -> list[Ask]:
        """The asks that `write` makes for a part."""
        titles = {document.id: document.title for document in self.store.read(part.documents, Document)}
        return make_asks(self.store.read(part.chunks, Chunk)[: part.first], self.kinds, self.prompts, titles)

    def _ask(self, asks: Sequence[Ask]) -> list[Answer]:
        return self._open().ask(asks) if asks else []

    def _open(self) -> Engine:
        from tasks.llm.engine import Engine

        with self._opening:
            if self._engine is None:
                calls = self._stack.enter_context(Calls(self.store.root / "calls.sqlite"))
                endpoint = self._stack.enter_context(model_endpoint(self.project, "writer", self.model))
                engine = Engine(endpoint, self.model, calls, self.run, self.budget, self.guard)
                self._engine = self._stack.enter_context(engine)
                self._engine.expect(self._expected)
            return self._engine

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
