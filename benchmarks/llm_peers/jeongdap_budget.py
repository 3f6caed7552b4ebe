"""Our own engine under a budget: randomised runs, some of them killed and run again, and what the server has billed at the end.

Each run draws its number of prompts, calls in flight, faults, and a cap in tokens or in money, from a tenth of what all
prompts would cost to more than that. Every start of a run is a process forked from this one, so that only the first pays
for the imports. What the server bills includes the calls that a killed client never saw.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.llm import Server
from benchmarks.llm_peers import task
from benchmarks.llm_peers.jeongdap import make_asks
from benchmarks.llm_server import Plan
from tasks.errors import BudgetError
from tasks.llm.asks import Endpoint
from tasks.llm.calls import Calls
from tasks.llm.engine import Engine
from tasks.settings import BudgetSettings, Cap, ModelSettings, PriceSettings

PRICES = PriceSettings(input=2.0, output=8.0)  # of a million tokens
PROMPT_TOKENS, REPLY_TOKENS = 1100, 100  # what the server bills for a good reply, about
MAX_TOKENS = 256


@dataclass(frozen=True, slots=True)
class Draw:
    """One randomised run. `kills`: after so many seconds each, before a start that is left alone."""

    plan: Plan
    concurrency: int
    cap: Cap
    kills: tuple[float, ...]

    @property
    def limit(self) -> float:
        """The cap, in its own unit."""
        return self.cap.max_cost or self.cap.max_tokens


def draw(seed: int) -> Draw:
    """The run of a number."""
    dice = random.Random(seed)
    prompts = dice.randint(20, 150)
    share = dice.uniform(0.1, 1.3)
    throttled, failed, broken, truncated = (dice.choice((0.0, 0.05)) for _ in range(4))
    plan = Plan(
        prompts=prompts,
        cap=dice.choice((8, 32, 64)),
        median=dice.choice((0.005, 0.02, 0.05)),
        seed=seed,
        retry_after=0.05,
        throttled=throttled,
        failed=failed,
        broken=broken,
        truncated=truncated,
    )
    tokens, cost = prompts * (PROMPT_TOKENS + REPLY_TOKENS), prompts * price(PROMPT_TOKENS, REPLY_TOKENS)
    cap = Cap(max_cost=cost * share) if dice.random() < 0.5 else Cap(max_tokens=int(tokens * share))
    kills = tuple(dice.uniform(0.05, 0.6) for _ in range(dice.choice((0, 0, 1, 2))))
    return Draw(plan, dice.choice((4, 16, 64)), cap, kills)


def price(prompt_tokens: int, reply_tokens: int) -> float:
    """What tokens cost."""
    return (prompt_tokens * PRICES.input + reply_tokens * PRICES.output) / 10**6


def once(drawn: Draw, url: str, state: Path) -> None:
    """One start; the exit code tells how it ended."""
    base_url = f"{url}/v1"
    model = ModelSettings(
        base_url=base_url,
        model=task.MODEL,
        concurrency=drawn.concurrency,
        seconds=20,
        max_tokens=MAX_TOKENS,
        prices=PRICES,
        structured="json_schema",
        token_parameter="max_tokens",
    )
    budget = BudgetSettings(project=drawn.cap)
    with Calls(state / "calls.sqlite") as calls, Engine(Endpoint(base_url, task.KEY), model, calls, "run", budget) as engine:
        try:
            engine.ask(make_asks(drawn.plan.prompts))
        except BudgetError:
            raise SystemExit(int(BudgetError.exit_code)) from None


def share_spent(drawn: Draw, server: Server) -> tuple[float, int | None]:
    """What the server has billed over the cap, and the exit code of the last start."""
    server.start(drawn.plan)
    context = multiprocessing.get_context("fork")
    with tempfile.TemporaryDirectory() as folder:
        for seconds in (*drawn.kills, None):
            process = context.Process(target=once, args=(drawn, server.url, Path(folder)))
            process.start()
            process.join(seconds)
            if seconds is not None:
                process.kill()
                process.join()
    books = server.report()
    billed = (books["prompt_tokens"], books["completion_tokens"])
    return (price(*billed) if drawn.cap.max_cost else sum(billed)) / drawn.limit, process.exitcode


def main() -> None:
    """All runs; the last line is JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--runs", type=int, required=True)
    given = parser.parse_args()
    server, codes, shares = Server(given.url), [], []
    for seed in range(given.runs):
        share, code = share_spent(draw(seed), server)
        shares.append(share)
        codes.append(code)
    stopped = [share for share, code in zip(shares, codes, strict=True) if code == BudgetError.exit_code]
    said = {
        "runs": given.runs,
        "killed": sum(bool(draw(seed).kills) for seed in range(given.runs)),
        "over": sum(share > 1 for share in shares),
        "most": round(max(shares), 4),
        "finished": codes.count(0),
        "stopped": len(stopped),
        "failed": len(codes) - codes.count(0) - len(stopped),
        "used_when_stopped": round(sum(stopped) / len(stopped), 3) if stopped else None,
    }
    print(json.dumps(said))


if __name__ == "__main__":
    main()
