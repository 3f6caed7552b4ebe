"""Near-duplicates out, the best row of each group stays.

Rows are compared only with rows of the same kind and the same numbers, so 3개월 and 6개월 never meet. Inside such a group
the rows are scanned from the best to the worst, and a row joins only a kept row that it is itself similar to: no chains, and
the best one stays. The scan order comes from the rows alone, so the order of the input does not matter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from tasks.dedup.keys import dedup_key, guard, jaccard, shingles
from tasks.records import Dropped, Kept, Pair
from tasks.settings import DedupSettings

STEP: Final = "dedup"
REASONS: Final = ("exact_duplicate", "near_duplicate")


def deduplicate(pairs: Sequence[Pair], settings: DedupSettings) -> Kept[Pair]:
    """Keep one pair of each group of duplicates; the rest is dropped with the id and the similarity of its leader."""
    groups: dict[object, list[Pair]] = defaultdict(list)
    for pair in sorted(pairs, key=quality):
        groups[guard(pair)].append(pair)
    kept: list[Pair] = []
    dropped: list[Dropped] = []
    for group in groups.values():
        unique, same = _without_exact(group)
        leaders, similar = _without_similar(unique, settings)
        kept += leaders
        dropped += same + similar
    return Kept(sorted(kept, key=quality), sorted(dropped, key=lambda d: (d.id, d.detail, d.record)))


def quality(pair: Pair) -> tuple[bool, int, int, str, str]:
    """Sort key, best first: original before evolved, more evidence, the fuller answer; then anything that is always the same."""
    return pair.parent is not None, -len(pair.evidence), -len(pair.answer), pair.id, pair.model_dump_json()


def _without_exact(group: list[Pair]) -> tuple[list[Pair], list[Dropped]]:
    first: dict[str, Pair] = {}
    dropped = []
    for pair in group:
        key = dedup_key(pair.question)
        if key in first:
            dropped.append(_drop(pair, "exact_duplicate", first[key], 1.0))
        else:
            first[key] = pair
    return list(first.values()), dropped


def _without_similar(group: list[Pair], settings: DedupSettings) -> tuple[list[Pair], list[Dropped]]:
    if len(group) == 1:
        return group, []
    kept, dropped = [], []
    for pair, leader, similarity in _scan(group, settings):
        if leader is None:
            kept.append(pair)
        else:
            dropped.append(_drop(pair, "near_duplicate", leader, similarity))
    return kept, dropped


def _scan(group: list[Pair], settings: DedupSettings) -> Iterator[tuple[Pair, Pair | None, float]]:
    """Each row with the leader that it repeats, or None and 0 when it becomes a leader itself."""
    from tasks.dedup.signatures import Leaders, signatures

    rows = [shingles(dedup_key(pair.question), settings.shingle) for pair in group]
    leaders = Leaders(settings.threshold, settings.permutations)
    for number, signature in enumerate(signatures(rows, settings.permutations)):
        found = [(jaccard(rows[number], rows[other]), -other) for other in leaders.candidates(signature)]
        similarity, other = max(found, default=(-1.0, 0))
        if similarity >= settings.threshold:
            yield group[number], group[-other], similarity
        else:
            leaders.add(number, signature)
            yield group[number], None, 0.0


def _drop(pair: Pair, reason: str, leader: Pair, similarity: float) -> Dropped:
    return Dropped.of(pair, pair.id, STEP, reason, f"repeats {leader.id}, similarity {similarity:.2f}")
