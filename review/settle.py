"""Verdicts settled: which rows people stand behind, and why the others are out.

The last verdict of each person counts. Enough people have to agree; where they do not, nobody's verdict is taken.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

from tasks.records import Dropped, Kept, Pair, Preference, Verdict, VerifiedPair, VerifiedPreference
from tasks.text.normal import comparable

STEP: Final = "settle"
Reason = Literal["not_reviewed", "rejected", "conflict", "too_few_verdicts", "pair_rejected"]
Settled = tuple[Verdict | None, Reason | Literal[""], str]  # the verdict, or why there is none and what to add to that


def settle_pairs(pairs: Sequence[Pair], verdicts: Iterable[Verdict], min_submitted: int) -> Kept[VerifiedPair]:
    """The pairs that people approved or edited."""
    given = _by_record(verdicts, "qa")
    rows, dropped = [], []
    for pair in pairs:
        verdict, reason, detail = _settle(given.get(pair.id, []), min_submitted)
        if verdict is None:
            dropped.append(Dropped.of(pair, pair.id, STEP, reason, detail))
            continue
        question, answer = verdict.question or pair.question, verdict.answer or pair.answer
        rows.append(VerifiedPair(pair=pair, question=question, answer=answer, verdict=verdict))
    return Kept(rows, dropped)


def settle_preferences(
    preferences: Sequence[Preference], verdicts: Iterable[Verdict], min_submitted: int
) -> Kept[VerifiedPreference]:
    """The preferences that people approved or edited."""
    given = _by_record(verdicts, "dpo")
    rows, dropped = [], []
    for preference in preferences:
        verdict, reason, detail = _settle(given.get(preference.id, []), min_submitted)
        if verdict is None:
            dropped.append(Dropped.of(preference, preference.id, STEP, reason, detail))
            continue
        rows.append(VerifiedPreference(preference=preference, chosen=verdict.answer or preference.chosen, verdict=verdict))
    return Kept(rows, dropped)


def without_rejected(preferences: Kept[VerifiedPreference], pairs: Kept[VerifiedPair]) -> Kept[VerifiedPreference]:
    """Preferences whose pair people rejected go: its answer is the one that they would teach."""
    rejected = {dropped.id: dropped.detail for dropped in pairs.dropped if dropped.reason == "rejected"}
    gone = [row.preference for row in preferences.rows if row.preference.pair in rejected]
    dropped = [Dropped.of(p, p.id, STEP, "pair_rejected", rejected[p.pair]) for p in gone]
    return Kept([r for r in preferences.rows if r.preference.pair not in rejected], [*preferences.dropped, *dropped])


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
    return verdicts[-1], "", ""


def _said(verdict: Verdict) -> tuple[str, str, str]:
    """What has to be equal for two people to agree: why somebody rejects has not."""
    return verdict.decision, comparable(verdict.question), comparable(verdict.answer)
