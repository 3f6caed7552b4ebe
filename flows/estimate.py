"""What a build would ask of the model, before it asks: calls, tokens and cost by kind and by document.

The very asks that the build would make are looked up in the store, so what needs no call costs nothing here either. How many
tokens a reply has, nobody knows before; what the endpoint has billed so far says most about it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from tasks.errors import InputError
from tasks.generate.generate import TOKENS_PER_ITEM
from tasks.llm.asks import Ask, Form, call_key, judge, next_request
from tasks.llm.calibrate import Rates, estimate_prompt, rates_of
from tasks.llm.calls import Calls
from tasks.llm.guard import Guard
from tasks.llm.ledger import Sum, used
from tasks.llm.prices import NANO, Usage, cost_of, money, most, nano
from tasks.llm.spending import in_batches
from tasks.settings import BudgetSettings, GenerateSettings, ModelSettings, load_settings
from tasks.store import Store

NUMBERS = ["asks", "stored", "calls", "prompt_tokens", "completion_tokens", "cost"]
SHOWN_DOCUMENTS = 20


@dataclass(frozen=True, slots=True)
class Expected:
    """What one ask will use; all zero when it needs no call. `cost` in billionths.

    `most_tokens` and `most_cost` are what one call of it can use.
    """

    calls: float = 0.0
    prompt_tokens: float = 0.0
    completion_tokens: float = 0.0
    cost: float = 0.0
    most_tokens: int = 0
    most_cost: int = 0


@dataclass(slots=True)
class Forecast:
    """What asks will use, one after the other.

    An ask needs no call when the store can answer it, when it waits in a batch, or when it came before.
    """

    model: ModelSettings
    kinds: GenerateSettings
    guard: Guard
    calls: Calls
    rates: Rates
    batched: frozenset[str] = frozenset()
    _seen: set[str] = field(default_factory=set)

    def of(self, ask: Ask) -> Expected:
        """What this ask will use."""
        sent = self.guard.ask(ask)
        if sent is None or (key := call_key(sent, self.model)) in self._seen or key in self.batched:
            return Expected()
        self._seen.add(key)
        past = [judge(response, ask.reply) for response in self.calls.stored(key)]
        body = next_request(sent, self.model, Form.set_in(self.model), past)
        return Expected() if body is None else self._used(ask.kind, body)

    def _used(self, kind: str, body: dict[str, object]) -> Expected:
        calls = self.rates.again.get(kind, 1.0)
        prompt = calls * self.rates.ratio * estimate_prompt(body)
        guess = TOKENS_PER_ITEM * self.kinds.kinds[kind]
        completion = calls * min(self.rates.replies.get(kind, guess), self.model.max_tokens)
        usage = Usage(round(prompt), round(completion), round(prompt * self.rates.cached))
        bound = most(json.dumps(body, ensure_ascii=False).encode(), self.model.max_tokens)
        return Expected(
            calls=calls,
            prompt_tokens=prompt,
            completion_tokens=completion,
            cost=cost_of(self.model, usage, self.model.mode == "batch") or 0,
            most_tokens=bound.total,
            most_cost=cost_of(self.model, bound) or 0,
        )


@dataclass(frozen=True, slots=True)
class Fit:
    """A cap of the budget, what is spent of it, and what a build needs; in billionths of a currency, or in tokens."""

    name: str
    cap: int
    spent: int
    needed: int
    currency: str = ""

    @property
    def fits(self) -> bool:
        """Whether the build will come to its end."""
        return not self.needed or self.spent + self.needed <= self.cap

    def __str__(self) -> str:
        cap, spent, needed = (self._amount(number) for number in (self.cap, self.spent, self.needed))
        said = "fits" if self.fits else "does not fit: raise it, or the build stops on the way; what is paid for is kept"
        return f"{self.name} = {cap}: {spent} spent or in flight, about {needed} needed: {said}"

    def _amount(self, number: int) -> str:
        return money(number, self.currency) if self.currency else f"{number:,} tokens"


def fits_of(budget: BudgetSettings, spent: Sum, needed: Sum) -> Iterator[Fit]:
    """Every cap that is set, for a new run of a project that has spent something."""
    for name, cap, before in (("run", budget.run, Sum(0, 0)), ("project", budget.project, spent)):
        if cap.max_cost:
            yield Fit(f"budget.{name}.max_cost", nano(cap.max_cost), before.cost, needed.cost, budget.currency)
        if cap.max_tokens:
            yield Fit(f"budget.{name}.max_tokens", cap.max_tokens, before.tokens, needed.tokens)


@dataclass(frozen=True, slots=True)
class BuildEstimate:
    """What a build will ask for, a row a document and kind; `stored` asks need no call. Cost in billionths.

    `calibrated` is how many calls of the endpoint the tokens rest on, `replies` how many replies are stored,
    `batched` how many requests are in batches now.
    """

    table: pd.DataFrame
    model: ModelSettings
    currency: str
    calibrated: int
    replies: int
    batched: int
    fits: list[Fit]

    @property
    def priced(self) -> bool:
        """Whether cost means anything."""
        return self.model.prices is not None or self.model.offline

    def counts(self) -> Mapping[str, object]:
        """For --json; money in the currency, None without prices."""
        return {
            **self._numbers(self.table[NUMBERS].sum()),
            "currency": self.currency,
            "replies_stored": self.replies,
            "in_batches": self.batched,
            "calibrated_from_calls": self.calibrated,
            "kinds": {str(kind): self._numbers(row) for kind, row in self._by("kind").iterrows()},
            "documents": {str(path): self._numbers(row) for path, row in self._by("document").iterrows()},
            "budget": [{"cap": fit.name, "fits": fit.fits, "said": str(fit)} for fit in self.fits],
        }

    def lines(self) -> list[str]:
        """For people."""
        documents = self._by("document").sort_values("calls", ascending=False, kind="stable")
        more = len(documents) - SHOWN_DOCUMENTS
        return [
            *self._shown(self._by("kind")),
            "",
            *self._shown(documents.head(SHOWN_DOCUMENTS)),
            *([f"… and {more} more documents; all of them: --json"] if more > 0 else []),
            "",
            *self._summary(),
        ]

    def _summary(self) -> Iterator[str]:
        total = self.table[NUMBERS].sum().round().astype(int)
        if not total["calls"]:
            batched = f", or comes with a batch ({self.batched:,})" if self.batched else ""
            yield f"no call is needed: what the {total['asks']:,} asks would bring is stored{batched}"
            return
        tokens = f"{total['prompt_tokens']:,} prompt and {total['completion_tokens']:,} reply tokens"
        where = "the built-in extractive writer" if self.model.offline else f"{self.model.model} at {self.model.base_url}"
        yield f"about {total['calls']:,} calls to {where}, {tokens}; nothing was called"
        if total["stored"]:
            batched = f", or come with a batch ({self.batched:,})" if self.batched else ""
            yield f"{total['stored']:,} of {total['asks']:,} asks need no call: their replies are stored{batched}"
        if self.calibrated:
            yield f"tokens: calibrated from {self.calibrated:,} calls of this endpoint"
        else:
            yield "tokens: estimated from the text alone; this endpoint has not been called often enough"
        if self.model.offline:
            yield "cost: none"
        elif self.priced:
            batch = " in batch mode" if self.model.mode == "batch" else ""
            yield f"cost: about {money(int(total['cost']), self.currency)}{batch}"
        else:
            yield "cost: unknown; set [models.writer.prices] in jeongdap.toml: input and output, of a million tokens"
        yield from map(str, self.fits)

    def _by(self, column: str) -> pd.DataFrame:
        return self.table.groupby(column, sort=False)[NUMBERS].sum()

    def _numbers(self, row: pd.Series[float]) -> dict[str, object]:
        counts: dict[str, object] = {str(name): round(row[name]) for name in NUMBERS if name != "cost"}
        return {**counts, "cost": float(row["cost"]) / NANO if self.priced else None}

    def _shown(self, table: pd.DataFrame) -> list[str]:
        """A table as lines; the names stand last, because Korean ones are wider than they are long."""
        head = [name.replace("_", " ").replace("completion", "reply") for name in NUMBERS]
        rows = [[f"{number:,}" for number in row] for row in table.round().astype(int).to_numpy().tolist()]
        if self.model.prices:
            rows = [[*row[:-1], money(round(cost), self.currency)] for row, cost in zip(rows, table["cost"], strict=True)]
        else:
            head, rows = head[:-1], [row[:-1] for row in rows]
        cells = [[*head, table.index.name], *([*row, name] for row, name in zip(rows, table.index, strict=True))]
        widths = [max(len(row[place]) for row in cells) for place in range(len(head))]
        return ["  ".join([*(f"{cell:>{w}}" for cell, w in zip(row, widths, strict=False)), str(row[-1])]) for row in cells]


def estimate_build(project: Path, limit: int | None) -> BuildEstimate:
    """Estimate the generation of the newest chunks. Raises InputError when nothing was cut yet."""
    from flows.build import is_answered, plan_rows
    from flows.writing import Writer

    project = project.resolve()
    settings, store = load_settings(project), Store(project)
    if not store.manifests("chunk"):
        raise InputError(f"{project}: no chunks yet; run: jeongdap build -C {project} --until chunk (it calls no model)")
    with Writer(project, store, settings, "") as writer, Calls(store.root / "calls.sqlite") as calls:
        rates = rates_of(calls.database, writer.model)
        batched = in_batches(calls.database)
        forecast = Forecast(writer.model, settings.generate, writer.guard, calls, rates, batched)
        plan = plan_rows(store, writer, store.manifests("document"), store.manifests("chunk"), limit)
        done = {stage.key for stage, _ in plan if (made := stage.done(store)) and is_answered(made)}
        asks = [
            (stage.label, ask.kind, Expected() if stage.key in done else forecast.of(ask))
            for stage, part in plan
            for ask in writer.asks(part)
        ]
        with calls.database.reading() as db:
            spent = used(db, None)
        fits = list(fits_of(settings.budget, spent, needed_by([expected for _, _, expected in asks])))
        stored = calls.counts().replies
        return BuildEstimate(as_table(asks), writer.model, settings.budget.currency, rates.calls, stored, len(batched), fits)


def needed_by(asks: Sequence[Expected]) -> Sum:
    """What the budget must have left for all of them: the last call is only sent when all that it could use is there."""
    tokens = sum(ask.prompt_tokens + ask.completion_tokens for ask in asks) + max((ask.most_tokens for ask in asks), default=0)
    return Sum(round(tokens), round(sum(ask.cost for ask in asks) + max((ask.most_cost for ask in asks), default=0)))


def as_table(asks: Iterable[tuple[str, str, Expected]]) -> pd.DataFrame:
    """A row an ask: document, kind and NUMBERS."""
    rows = [(document, kind, 1, not e.calls, e.calls, e.prompt_tokens, e.completion_tokens, e.cost) for document, kind, e in asks]
    return pd.DataFrame(rows, columns=["document", "kind", *NUMBERS])
