"""The writing model of a run: which prompts shape its rows, where it answers, and what was bought."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Literal, Self

from flows.services import offline_writer
from prompts.loader import load
from tasks.check.judge import judged, make_asks
from tasks.errors import SettingsError
from tasks.generate.coverage import coverage
from tasks.generate.evolve import eliminate, to_evolve
from tasks.generate.generate import generate, load_prompts, make_orders, materials, order, written
from tasks.llm.calls import Calls
from tasks.llm.guard import Guard
from tasks.llm.tally import Tally
from tasks.records import Chunk, Document, Kept, Language, Pair
from tasks.settings import JudgeSettings, ModelSettings, Settings, secret
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

    def __init__(
        self, project: Path, store: Store, settings: Settings, run: str, name: Literal["writer", "judge"] = "writer"
    ) -> None:
        self.project = project
        self.store = store
        self.kinds = settings.generate
        self.name: Final = name
        self.model = settings.models[name]
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
        chunks = self.store.read(part.chunks, Chunk)
        return sum(1 for _ in materials(chunks[: part.first], self.kinds, chunks))

    def expect(self, asks: int) -> None:
        """How many asks the whole run will make."""
        self._expected = asks

    def write(self, parts: Sequence[Part]) -> list[Kept[Pair]]:
        """The rows of each part; all their asks are in flight together."""
        titles = self._titles(parts)
        chunks = [self.store.read(part.chunks, Chunk) for part in parts]
        orders = [
            make_orders(own[: part.first], self.kinds, self.prompts, titles, own) for part, own in zip(parts, chunks, strict=True)
        ]
        answers = iter(self._ask([order.ask for own in orders for order in own]))

        def answered(asks: Sequence[Ask]) -> list[Answer]:
            return list(islice(answers, len(asks)))

        return [
            generate(own[: part.first], self.kinds, self.model, self.prompts, answered, self.run, titles, own)
            for part, own in zip(parts, chunks, strict=True)
        ]

    def judge(self, part: Part, pairs: Sequence[Pair], settings: JudgeSettings) -> Kept[Pair]:
        """Rows with this model's opinion of them."""
        chunks = {chunk.id: chunk for chunk in self.store.read(part.chunks, Chunk)}
        title = next(iter(self._titles([part]).values()), "")
        asks = make_asks(pairs, chunks, title, {language: load("judge", language, self.project) for language in LANGUAGES})
        return judged(pairs, self._ask(asks), settings)

    def top_up(self, part: Part, pairs: Sequence[Pair], sample: int) -> Kept[Pair]:
        """Further rows for the clauses of a part that are left without any."""
        chunks = self.store.read(part.chunks, Chunk)
        gaps = [clause.chunk for clause in coverage(chunks[: part.first], pairs, self.kinds.min_chars) if clause.is_gap]
        orders = make_orders(gaps, self.kinds, self.prompts, self._titles([part]), chunks, sample)
        return written(orders, self._ask([one.ask for one in orders]), self.model, self.run)

    def evolve(self, part: Part, pairs: Sequence[Pair], most: int, turn: int) -> Kept[Pair]:
        """Rows of a part made harder, without those that did not get better."""
        titles = self._titles([part])
        chunks = {chunk.id: chunk for chunk in self.store.read(part.chunks, Chunk)}
        orders = [
            order("evolve", material, self.prompts["evolve", material.chunk.language], titles.get(material.chunk.document, ""))
            for material in to_evolve(pairs, chunks, most, turn)
        ]
        kept = written(orders, self._ask([one.ask for one in orders]), self.model, self.run)
        better = eliminate(kept.rows, {pair.id: pair for pair in pairs})
        return Kept(better.rows, [*kept.dropped, *better.dropped])

    def asks(self, part: Part) -> list[Ask]:
        """The asks that `write` makes for a part."""
        chunks = self.store.read(part.chunks, Chunk)
        return [o.ask for o in make_orders(chunks[: part.first], self.kinds, self.prompts, self._titles([part]), chunks)]

    def _titles(self, parts: Sequence[Part]) -> dict[str, str]:
        return {document.id: document.title for part in parts for document in self.store.read(part.documents, Document)}

    def _ask(self, asks: Sequence[Ask]) -> list[Answer]:
        return self._open().ask(asks) if asks else []

    def _open(self) -> Engine:
        from tasks.llm.engine import Engine

        with self._opening:
            if self._engine is None:
                calls = self._stack.enter_context(Calls(self.store.root / "calls.sqlite"))
                endpoint = self._stack.enter_context(model_endpoint(self.project, self.name, self.model))
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
