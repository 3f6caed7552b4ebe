"""Verdicts settled: which rows people stand behind, and why the others are out.

The last verdict of each person counts. Enough people have to agree; where they do not, nobody's verdict is taken.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

from tasks.records import Dropped, Pair, Preference, Verdict, VerifiedPair, VerifiedPreference
from tasks.store import Kept
from tasks.text.normal import comparable

STEP: Final = "settle"
Reason = Literal["not_reviewed", "rejected", "conflict", "too_few_verdicts"]
Settled = tuple[Verdict | None, Reason | None, str]


def settle_pairs(pairs: Sequence[Pair], verdicts: Iterable[Verdict], min_submitted: int) -> Kept[VerifiedPair]:
    """The pairs that people approved or edited."""
    by_record, kept = _by_record(verdicts, "qa"), Kept[VerifiedPair]([], [])
    for pair in pairs:
        verdict, reason, detail = _settle(by_record.get(pair.id, []), min_submitted)
        if verdict is None:
            kept.dropped.append(Dropped.of(pair, pair.id, STEP, str(reason), detail))
            continue
        question, answer = verdict.question or pair.question, verdict.answer or pair.answer
        kept.rows.append(VerifiedPair(pair=pair, question=question, answer=answer, verdict=verdict))
    return kept


def settle_preferences(
    preferences: Sequence[Preference], verdicts: Iterable[Verdict], min_submitted: int
) -> Kept[VerifiedPreference]:
    """The preferences that people approved or edited."""
    by_record, kept = _by_record(verdicts, "dpo"), Kept[VerifiedPreference]([], [])
    for preference in preferences:
        verdict, reason, detail = _settle(by_record.get(preference.id, []), min_submitted)
        if verdict is None:
            kept.dropped.append(Dropped.of(preference, preference.id, STEP, str(reason), detail))
            continue
        chosen = verdict.answer or preference.chosen
        kept.rows.append(VerifiedPreference(preference=preference, chosen=chosen, verdict=verdict))
    return kept


def _by_record(verdicts: Iterable[Verdict], queue: str) -> Mapping[str, list[Verdict]]:
    """The last verdict of each person on each record, in order of time."""
    last: dict[tuple[str, str], Verdict] = {}
    for verdict in sorted((v for v in verdicts if v.queue == queue), key=lambda v: v.time):
        last[verdict.record, verdict.annotator] = verdict
    by_record: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in sorted(last.values(), key=lambda v: v.time):
        by_record[verdict.record].append(verdict)
    return by_record


def _settle(verdicts: Sequence[Verdict], min_submitted: int) -> Settled:
    """The verdict that settles a record, or why there is none."""
    if not verdicts:
        return None, "not_reviewed", ""
    if len(verdicts) < min_submitted:
        return None, "too_few_verdicts", f"{len(verdicts)} of {min_submitted}"
    if len({_said(verdict) for verdict in verdicts}) > 1:
        return None, "conflict", "; ".join(f"{v.annotator}: {v.decision}" for v in verdicts)
    if verdicts[-1].decision == "reject":
        return None, "rejected", "; ".join(filter(None, (f"{v.reason} {v.comment}".strip() for v in verdicts)))
    return verdicts[-1], None, ""


def _said(verdict: Verdict) -> tuple[str, str, str]:
    """What has to be equal for two people to agree: why somebody rejects has not."""
    return verdict.decision, comparable(verdict.question), comparable(verdict.answer)
