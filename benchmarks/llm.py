"""The LLM engine and its peers against one endpoint: how fast, what gets lost, what is paid twice.

Every client is a process of its own, gets the same prompts in one run, and is judged by the books of the server
(`benchmarks.llm_server`), whose latencies and faults depend on the prompt alone. Speed is the makespan of a perfect client
with as many slots (list scheduling of the latencies that the server drew) over the span from the first call to the last
reply; utilisation is slot-seconds in use over slots and span. Both are shares, because seconds of a shared machine mean
little. `--only speed faults` runs some of the sections, `--peers` names the clients beside ours (none: ours alone);
`python -m benchmarks.llm_peers.environments` installs them.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.llm_peers.environments import CLIENTS, Client
from benchmarks.llm_server import Plan, plan_json
from benchmarks.report import ROOT, finish, machine, table

OURS = "jeongdap"
PATIENCE = 8.0  # a client may take so many times the ideal,
STARTUP = 150.0  # and so many seconds more, for imports and for the waits between its retries
KILL_MEDIAN = 0.3
ERROR = re.compile(r"[\w.]*(Error|Exception): ")
Section = tuple[list[str], dict[str, Any]]  # tables, figures


@dataclass(frozen=True, slots=True)
class Run:
    """What came of one client: its own words, or why there are none, and the server's books."""

    said: Mapping[str, Any]
    trouble: str
    books: Mapping[str, Any]

    @property
    def ratio(self) -> float:
        """The perfect client's time over this one's."""
        return float(self.books["ideal"] / self.books["span"]) if self.books["span"] else 0.0


class Server:
    """The endpoint, in a process of its own."""

    def __init__(self, url: str) -> None:
        self.url = url

    def start(self, plan: Plan) -> None:
        """New books."""
        self._ask("start", plan_json(plan))

    def mark(self) -> None:
        """Note that the client was killed now."""
        self._ask("mark", b"")

    def report(self) -> dict[str, Any]:
        """The books."""
        return self._ask("report")

    def _ask(self, what: str, body: bytes | None = None) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/ctl/{what}", data=body, timeout=30) as reply:
            return dict(json.loads(reply.read()))


@contextlib.contextmanager
def running_server() -> Iterator[Server]:
    """Started, and stopped at the end."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.llm_server"], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdout
        try:
            yield Server(process.stdout.readline().strip())
        finally:
            process.kill()


class Driver:
    """A client's process, with a group of its own, so that a kill reaches all that it has started."""

    def __init__(self, client: Client, server: Server, prompts: int, concurrency: int, state: Path) -> None:
        command = [str(client.python), "-m", f"benchmarks.llm_peers.{client.driver}", "--base-url", f"{server.url}/v1"]
        command += ["--prompts", str(prompts), "--concurrency", str(concurrency), "--state", str(state)]
        self.hung = False
        self._out, self._err = state / "stdout", state / "stderr"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                command, stdout=out, stderr=err, cwd=ROOT, env=environment(server, state), start_new_session=True
            )

    def wait(self, seconds: float) -> str:
        """Why it has not ended well; empty when it has."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            self.hung = True
            return f"did not end in {seconds:.0f} s"
        self._end_group()
        return "" if code == 0 else f"ended with {code}: {self._last_words()}"

    def kill(self) -> None:
        """With SIGKILL, and all its children."""
        self._end_group()
        self.process.wait()

    def said(self) -> dict[str, Any]:
        """The line of JSON that it ends with."""
        lines = self._out.read_text(errors="replace").splitlines()
        return dict(json.loads(lines[-1])) if lines and lines[-1].startswith("{") else {}

    def _end_group(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def _last_words(self) -> str:
        """Its last error, or its last line."""
        lines = [line.strip() for line in self._err.read_text(errors="replace").splitlines() if line.strip()]
        errors = [line for line in lines if ERROR.match(line)]
        return (errors or lines or ["no word"])[-1][:120]


def environment(server: Server, state: Path) -> dict[str, str]:
    """No network but ours, no telemetry, and everything that a library keeps under the state folder."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH")}
    return kept | {
        "HOME": str(state),
        "OPENAI_API_KEY": "benchmark-key",
        "OPENAI_BASE_URL": f"{server.url}/v1",
        "HF_HUB_OFFLINE": "1",
        "NO_PROXY": "127.0.0.1,localhost",
        "DO_NOT_TRACK": "1",
        "TELEMETRY_ENABLED": "false",
        "NEMO_TELEMETRY_ENABLED": "false",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    }


@contextlib.contextmanager
def state_folder() -> Iterator[Path]:
    """What a client keeps between its runs."""
    folder = Path(tempfile.mkdtemp(prefix="llm-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def patience(plan: Plan) -> float:
    """Seconds after which a client counts as hanging."""
    return STARTUP + PATIENCE * plan.prompts * plan.median * 1.2 / plan.cap


def measure(name: str, server: Server, plan: Plan, concurrency: int) -> Run:
    """One client, one plan, from nothing."""
    print(f"  {name} …", end=" ", file=sys.stderr, flush=True)
    server.start(plan)
    with state_folder() as state:
        driver = Driver(CLIENTS[name], server, plan.prompts, concurrency, state)
        trouble = driver.wait(patience(plan))
        run = Run(driver.said(), trouble, server.report())
    print(run.trouble or f"{run.said['done']} done, {run.books['span']:.0f} s", file=sys.stderr, flush=True)
    return run


def installed(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Clients with an interpreter, and those without."""
    have = [name for name in names if CLIENTS[name].python.exists()]
    return have, [name for name in names if name not in have]


def compare(title: str, given: argparse.Namespace, plan: Plan, concurrency: int) -> dict[str, Run]:
    """Every client, one after the other."""
    print(title, file=sys.stderr)
    return {name: measure(name, given.server, plan, concurrency) for name in given.clients}


def speed_section(given: argparse.Namespace) -> Section:
    """At 64 and 256 in flight; latency of 1 s in the median."""
    tables: list[str] = []
    figures: dict[str, Any] = {}
    for slots, prompts in ((64, 640), (256, 2048)):
        plan = Plan(prompts=given.prompts or prompts, cap=slots)
        title = f"Speed: {plan.prompts} prompts, {slots} in flight, median latency 1 s"
        runs = compare(title, given, plan, slots)
        head = ["client", "done", "of the ideal", "CPU s / 1,000 calls", "MB over imports", "server CPU s / 1,000", "trouble"]
        tables.append(table(title, head, [[name, *speed_row(run), run.trouble] for name, run in runs.items()]))
        figures |= {f"speed_{slots}_{slug(name)}": round(run.ratio, 3) for name, run in runs.items()}
        figures |= {f"cpu_{slots}_{slug(name)}": cpu_per_thousand(run) for name, run in runs.items()}
        figures |= {f"mb_{slots}_{slug(name)}": run.said.get("rss_mb") for name, run in runs.items()}
    return tables, figures


def speed_row(run: Run) -> list[str]:
    """Cells of the speed table."""
    server_cpu = run.books["cpu"] * 1000 / max(1, run.books["requests"])
    cpu, memory = cpu_per_thousand(run), run.said.get("rss_mb")
    return [
        str(run.said.get("done", "-")),
        f"{run.ratio:.3f}",
        "-" if cpu is None else f"{cpu:.2f}",
        "-" if memory is None else f"{memory:.0f}",
        f"{server_cpu:.2f}",
    ]


def cpu_per_thousand(run: Run) -> float | None:
    """CPU seconds of the client after its imports, for 1,000 calls."""
    return round(run.said["cpu"] * 1000 / max(1, run.books["requests"]), 2) if run.said else None


def faults_section(given: argparse.Namespace) -> Section:
    """Errors and bad replies, as servers have them; a few prompts that always fail."""
    plan = Plan(prompts=given.prompts or 1000, cap=64, throttled=0.05, failed=0.05, broken=0.02, truncated=0.01, poison=0.01)
    good = plan.prompts - list(plan.faults().values()).count("poison")
    title = f"Faults: {plan.prompts} prompts, {good} of them can be answered; 5 % 429, 5 % 500, 2 % broken, 1 % cut, 1 % poison"
    runs = compare(title, given, plan, plan.cap)
    head = [
        "client",
        "done",
        "bad accepted",
        "paid again",
        "utilisation",
        "to the last good reply",
        "calls",
        "good replies",
        "trouble",
    ]
    rows = [
        [
            name,
            run.said.get("done", "-"),
            run.said.get("bad", "-"),
            run.books["good_twice"],
            f"{run.books['utilisation']:.2f}",
            f"{run.books['utilisation_good']:.2f}",
            run.books["requests"],
            run.books["good"],
            run.trouble,
        ]
        for name, run in runs.items()
    ]
    figures = {"faults_good_prompts": good} | {
        f"faults_{what}_{slug(name)}": value
        for name, run in runs.items()
        for what, value in (
            ("done", run.said.get("done")),
            ("bad", run.said.get("bad")),
            ("again", run.books["good_twice"]),
            ("utilisation", round(run.books["utilisation"], 3)),
        )
    }
    return [table(title, head, rows)], figures


def congestion_section(given: argparse.Namespace) -> Section:
    """The server takes 32 calls and answers 429 above; the client is allowed 128."""
    plan = Plan(prompts=given.prompts or 800, cap=32, over="429")
    title = f"Congestion: {plan.prompts} prompts, 32 slots, 429 above them, 128 allowed to the client"
    runs = compare(title, given, plan, 128)
    head = ["client", "done", "lost", "wasted 429s", "utilisation", "trouble"]
    rows = []
    figures: dict[str, Any] = {}
    for name, run in runs.items():
        lost = plan.prompts - run.said.get("done", 0)
        wasted = run.books["outcomes"].get("429 over the cap", 0)
        rows.append([name, run.said.get("done", "-"), lost, wasted, f"{run.books['utilisation']:.2f}", run.trouble])
        figures |= {
            f"congestion_lost_{slug(name)}": lost,
            f"congestion_429_{slug(name)}": wasted,
            f"congestion_utilisation_{slug(name)}": round(run.books["utilisation"], 3),
        }
    return [table(title, head, rows)], figures


def kill_section(given: argparse.Namespace) -> Section:
    """SIGKILL at random points, and run again."""
    plan = Plan(prompts=given.prompts or 400, cap=64, median=KILL_MEDIAN)
    title = f"kill -9: {given.kills} times somewhere in {plan.prompts} prompts, then run again; how many are bought again"
    head = ["client", "done in the end", "sent 0.25 s before", "sent just before", "in flight", "oldest reply", "trouble"]
    rows: list[list[Any]] = []
    figures: dict[str, Any] = {}
    print(title, file=sys.stderr)
    for name in given.clients:
        if not CLIENTS[name].resumes:
            rows.append([name, "-", "all", "all", "all", "-", "keeps nothing"])
            continue
        found = kills(name, given, plan)
        again = [found.again[what] for what in ("stored", "just_sent", "in_flight")]
        oldest = f"{found.again['age']:.3f} s" if found.again["age"] else "-"
        rows.append([name, f"{found.done} of {plan.prompts * found.kills}", *again, oldest, "; ".join(found.troubles)])
        figures |= {f"kill_{what}_{slug(name)}": round(number, 3) for what, number in found.again.items()}
    return [table(title, head, rows)], figures


@dataclass(slots=True)
class Kills:
    """How many, prompts done in the end, prompts bought again by the age of their first reply, and what went wrong."""

    kills: int
    done: int
    again: dict[str, float]
    troubles: list[str]


def kills(name: str, given: argparse.Namespace, plan: Plan) -> Kills:
    """All kills of a client; the first run that does not end after one is the last."""
    dice = random.Random(plan.seed)
    found = Kills(0, 0, {"stored": 0, "just_sent": 0, "in_flight": 0, "age": 0.0}, [])
    for _ in range(given.kills):
        at = int(dice.uniform(0.05, 0.95) * plan.prompts)
        print(f"  {name}, kill at {at} …", end=" ", file=sys.stderr, flush=True)
        given.server.start(plan)
        with state_folder() as state:
            trouble = killed_at(at, Driver(CLIENTS[name], given.server, plan.prompts, plan.cap, state), given.server, plan)
            driver = Driver(CLIENTS[name], given.server, plan.prompts, plan.cap, state)
            trouble = driver.wait(patience(plan)) or trouble
            found.kills += 1
            found.done += driver.said().get("done", 0)
        again = given.server.report()["again"]
        for what, number in again.items():
            found.again[what] = max(found.again[what], number) if what == "age" else found.again[what] + number
        print(trouble or again, file=sys.stderr, flush=True)
        if trouble and trouble not in found.troubles:
            found.troubles.append(trouble)
        if driver.hung:
            break
    return found


def killed_at(number: int, driver: Driver, server: Server, plan: Plan) -> str:
    """Kill when so many good replies have gone out; a trouble when it never came to that."""
    end = time.monotonic() + patience(plan)
    while time.monotonic() < end and driver.process.poll() is None:
        if server.report()["good"] >= number:
            server.mark()
            driver.kill()
            return ""
        time.sleep(0.02)
    driver.kill()
    return "ended before the kill"


def budget_section(given: argparse.Namespace) -> Section:
    """Spend over the cap in randomised runs. Ours only: no peer here keeps to a cap."""
    title = f"Budget: {given.runs} randomised runs of {OURS}, with faults and kills, under a cap in tokens or in money"
    print(title, file=sys.stderr)
    command = [sys.executable, "-m", "benchmarks.llm_peers.jeongdap_budget", "--url", given.server.url, "--runs", str(given.runs)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"the budget's runs failed: {done.stderr[-2000:]}")
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    head = [
        "runs",
        "with kills",
        "over the cap",
        "highest spend",
        "done",
        "stopped by the budget",
        "spent when stopped",
        "failed",
    ]
    cells = ["runs", "killed", "over", "most", "finished", "stopped", "used_when_stopped", "failed"]
    return [table(title, head, [[said[cell] for cell in cells]])], {f"budget_{name}": value for name, value in said.items()}


SECTIONS: dict[str, Callable[[argparse.Namespace], Section]] = {
    "speed": speed_section,
    "faults": faults_section,
    "congestion": congestion_section,
    "kill": kill_section,
    "budget": budget_section,
}


def slug(name: str) -> str:
    """A client's name as part of a key."""
    return name.replace(" ", "_").replace("-", "_")


def versions(names: Sequence[str]) -> dict[str, str]:
    """Of every client that ran."""
    return {name: CLIENTS[name].version or version(CLIENTS[name].package) for name in names if name != OURS}


def arguments() -> argparse.Namespace:
    """The command line."""
    names, others = list(SECTIONS), [name for name in CLIENTS if name != OURS]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.llm")
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="SECTION", help=f"of: {', '.join(names)}")
    parser.add_argument("--peers", nargs="*", choices=others, default=others, metavar="PEER", help=f"of: {', '.join(others)}")
    parser.add_argument("--prompts", type=int, help="prompts a run, instead of each section's own number")
    parser.add_argument("--kills", type=int, default=10, help="how often a client is killed (10)")
    parser.add_argument("--runs", type=int, default=200, help="randomised runs under a budget (200)")
    parser.add_argument("--json", action="store_true", help="print the JSON line only")
    return parser.parse_args()


def main() -> None:
    """Measure and print."""
    given = arguments()
    given.clients, missing = installed([OURS, *given.peers])
    tables: list[str] = []
    figures: dict[str, Any] = {}
    with running_server() as server:
        given.server = server
        for name in given.only:
            more, numbers = SECTIONS[name](given)
            tables, figures = [*tables, *more], {**figures, **numbers}
    if missing:
        rows = [[name, "python -m benchmarks.llm_peers.environments " + name] for name in missing]
        tables.append(table("Not measured", ["client", "not installed; this installs it"], rows))
    finish("llm", tables, figures, machine() | versions(given.clients), given.json)


if __name__ == "__main__":
    main()
