"""Answers against their evidence: what is accepted that is wrong, and what is refused that is right.

    python -m benchmarks.check [--part seen|held_out] [--show KIND] [--json] [--data DIR]

The cases are made from statutes and terms by benchmarks.check_corpus, which knows nothing of the checks. An answer is accepted
when no check finds anything, in doubt when all that is found is doubtful (people decide), refused when something is proof.
Precision is the share of good answers among the accepted ones, recall the share of the good ones that is accepted; a doubt
counts against both. `recall with doubt` counts good answers that were not refused. The same cases go through fuzzy matching and
a citation score (benchmarks.check_peers). Of the held-out half only sums are printed; `--show` prints failures of the seen half.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from benchmarks.check_corpus import Case, cases
from benchmarks.check_peers import BACKEND, PEERS
from benchmarks.report import SHARED_DATA, finish, machine, table
from tasks.check.claims import Context, compare
from tasks.check.findings import Finding

Outcome = Literal["accepted", "doubt", "refused"]
MUST_NOT_PASS = ("number", "unit", "date", "negation", "comparator", "party")
SHOWN = 20


def findings(case: Case) -> list[Finding]:
    """What the checks find in a case."""
    return list(compare(case.answer, [case.evidence], Context(), case.language))


def outcome(found: Sequence[Finding]) -> Outcome:
    """What becomes of an answer with these findings."""
    if any(finding.hard for finding in found):
        return "refused"
    return "doubt" if found else "accepted"


def measured(rows: Sequence[Case]) -> tuple[list[Outcome], list[float]]:
    """The outcome of every case, and the milliseconds of processor time it took."""
    outcomes, spent = [], []
    for case in rows:
        begun = time.process_time()
        outcomes.append(outcome(findings(case)))
        spent.append(1000 * (time.process_time() - begun))
    return outcomes, spent


def by_class(rows: Sequence[Case], outcomes: Sequence[Outcome]) -> dict[tuple[bool, str], Counter[str]]:
    """Outcomes by (good, kind)."""
    counts: dict[tuple[bool, str], Counter[str]] = defaultdict(Counter)
    for case, result in zip(rows, outcomes, strict=True):
        counts[case.good, case.kind][result] += 1
    return counts


def precision_recall(rows: Sequence[Case], accepted: Sequence[bool]) -> tuple[float, float]:
    """Of the accepted answers those that are good; of the good answers those that are accepted."""
    right = sum(case.good and kept for case, kept in zip(rows, accepted, strict=True))
    return right / max(1, sum(accepted)), right / max(1, sum(case.good for case in rows))


def peer_rows(rows: Sequence[Case], accepts: Callable[[str, str], bool]) -> tuple[list[bool], float]:
    """Which answers a peer accepts, and its milliseconds a pair."""
    begun = time.process_time()
    accepted = [accepts(case.evidence, case.answer) for case in rows]
    return accepted, 1000 * (time.process_time() - begun) / len(rows)


def classes_table(counts: Mapping[tuple[bool, str], Counter[str]], title: str) -> str:
    """Good classes first, then the wrong ones."""
    body = [
        ["good" if good else "wrong", kind, sum(count.values()), *(_share(count, name) for name in Outcome.__args__)]  # type: ignore[attr-defined]
        for (good, kind), count in sorted(counts.items(), key=lambda item: (not item[0][0], item[0][1]))
    ]
    return table(title, ["", "class", "cases", "accepted", "doubt", "refused"], body)


def _share(count: Counter[str], name: str) -> str:
    return f"{count[name] / sum(count.values()):.3f}"


def summary(rows: Sequence[Case], outcomes: Sequence[Outcome], spent: Sequence[float]) -> dict[str, Any]:
    """The figures of one run."""
    precision, recall = precision_recall(rows, [result == "accepted" for result in outcomes])
    _, with_doubt = precision_recall(rows, [result != "refused" for result in outcomes])
    counts = by_class(rows, outcomes)
    passed = {kind: counts[False, kind]["accepted"] / sum(counts[False, kind].values()) for good, kind in counts if not good}
    return {
        "cases": len(rows),
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "recall_with_doubt": round(with_doubt, 4),
        "false_accept": {kind: round(passed[kind], 4) for kind in MUST_NOT_PASS if kind in passed},
        "ms_mean": round(sum(spent) / len(spent), 2),
        "ms_p99": round(sorted(spent)[int(0.99 * len(spent))], 2),
    }


def failures(rows: Sequence[Case], kind: str) -> Iterator[str]:
    """Cases of a kind that went wrong, with what was found."""
    for case in rows:
        found = findings(case) if case.kind == kind else []
        if case.kind == kind and case.good == bool(found):
            said = "; ".join(f"{finding.reason} ({finding.detail[:80]})" for finding in found) or "accepted"
            yield f"{said}\n  answer   {case.answer[:400]}\n  evidence {case.evidence[:400]}"


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.check")
    parser.add_argument("--part", choices=("seen", "held_out"), default="held_out")
    parser.add_argument("--show", metavar="KIND", help="failures of one class of the seen half, nothing else")
    parser.add_argument("--json", action="store_true", help="print the JSON line only")
    parser.add_argument("--data", type=Path, default=SHARED_DATA, help="folder with law/, made/ (default: ../shared/data)")
    given = parser.parse_args()
    if not given.data.is_dir():
        sys.exit(f"{given.data}: no such folder. The documents are not part of the repository; name their folder with --data DIR")
    return given


def main() -> None:
    """Run the benchmark."""
    given = arguments()
    if given.show:
        shown = list(failures(cases(given.data, "seen"), given.show))
        print("\n".join([*shown[:SHOWN], f"{len(shown)} failures of class {given.show}, {min(SHOWN, len(shown))} shown"]))
        return
    rows = cases(given.data, given.part)
    outcomes, spent = measured(rows)
    figures = summary(rows, outcomes, spent)
    lines = [["jeongdap", figures["precision"], figures["recall"], *figures["false_accept"].values(), figures["ms_mean"]]]
    peers: dict[str, Any] = {}
    for name, accepts in PEERS.items():
        accepted, cost = peer_rows(rows, accepts)
        precision, recall = precision_recall(rows, accepted)
        passed = by_class(rows, ["accepted" if kept else "refused" for kept in accepted])
        shares = [_share(passed[False, kind], "accepted") for kind in figures["false_accept"]]
        lines.append([name, f"{precision:.4f}", f"{recall:.4f}", *shares, f"{cost:.2f}"])
        peers[name] = {"precision": round(precision, 4), "recall": round(recall, 4)}
    head = ["", "precision", "recall", *(f"accepts {kind}" for kind in figures["false_accept"]), "ms a pair"]
    tables = [
        classes_table(by_class(rows, outcomes), f"Answers against evidence, {given.part} ({len(rows)} cases)"),
        table("Side by side (a doubt is no acceptance)", head, lines),
        f"Recall with doubt: {figures['recall_with_doubt']}; 99 % of the pairs within {figures['ms_p99']} ms; peers: {BACKEND}\n",
    ]
    finish("check", tables, {"part": given.part, **figures, "peers": peers}, machine(), given.json)


if __name__ == "__main__":
    main()
