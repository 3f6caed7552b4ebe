"""What fuzzy matching accepts on the same cases: rapidfuzz's partial_ratio, and the citation score of YourBench.

`partial_ratio` is the best similarity of the shorter text with any stretch of the longer one that is as long, stretches cut off
at either end included; similarity is 100 * 2 * LCS / (sum of lengths) (rapidfuzz documentation, rapidfuzz.fuzz). rapidfuzz is
used where it is installed, else the same is computed here, with the bit-parallel LCS of Hyyrö (2004).

YourBench (huggingface/yourbench, docs/DATASET_COLUMNS_DESCRIPTION.md and the stage citation_score_filtering) scores a row
0.7 * mean over its citations of the best partial_ratio with a chunk + 0.3 * mean of the partial_ratio with the answer. It writes
the score as a column and cuts nowhere by itself; 90 is used here, as for partial_ratio.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module

CUT = 90.0
ALPHA, BETA = 0.7, 0.3  # chunk and answer, the defaults of YourBench

Accept = Callable[[str, str], bool]


def _fast() -> Callable[[str, str], float] | None:
    try:
        fuzz = import_module("rapidfuzz.fuzz")
    except ImportError:
        return None
    found: Callable[[str, str], float] = fuzz.partial_ratio
    return found


def _lcs(masks: dict[str, int], length: int, text: str) -> int:
    """Length of the longest common subsequence of `text` and a pattern of `length`, given by its masks."""
    full = (1 << length) - 1
    row = full
    for char in text:
        hit = row & masks.get(char, 0)
        row = ((row + hit) | (row - hit)) & full
    return length - row.bit_count()


def own_partial_ratio(a: str, b: str) -> float:
    """0..100 as rapidfuzz.fuzz.partial_ratio defines it; for texts of equal length each is the pattern once."""
    if not a or not b:
        return 100.0 if a == b else 0.0
    if len(a) == len(b):
        return max(_best(a, b), _best(b, a))
    return _best(*sorted((a, b), key=len))


def _best(short: str, long: str) -> float:
    masks: dict[str, int] = {}
    for i, char in enumerate(short):
        masks[char] = masks.get(char, 0) | 1 << i
    size, best = len(short), 0.0
    for start in range(1 - size, len(long)):
        window = long[max(0, start) : start + size]
        if 200 * min(size, len(window)) / (size + len(window)) > best and (window[-1] in masks or window[0] in masks):
            best = max(best, 200 * _lcs(masks, size, window) / (size + len(window)))
    return best


partial_ratio: Callable[[str, str], float] = _fast() or own_partial_ratio
BACKEND = "rapidfuzz" if partial_ratio is not own_partial_ratio else "own partial_ratio (rapidfuzz is not installed)"


def partial_ratio_accepts(evidence: str, answer: str) -> bool:
    """partial_ratio of the answer and its evidence of at least 90."""
    return partial_ratio(answer, evidence) >= CUT


def citation_score(citations: Sequence[str], chunks: Sequence[str], answer: str) -> float:
    """0..100; 0 without citations."""
    if not citations:
        return 0.0
    in_chunks = sum(max((partial_ratio(c, chunk) for chunk in chunks), default=0.0) for c in citations) / len(citations)
    in_answer = sum(partial_ratio(c, answer) for c in citations) / len(citations)
    return ALPHA * in_chunks + BETA * in_answer


def citation_score_accepts(evidence: str, answer: str) -> bool:
    """A score of at least 90, the evidence being both the citation and the chunk: a verbatim citation, as in every case here."""
    return citation_score([evidence], [evidence], answer) >= CUT


PEERS: dict[str, Accept] = {
    "rapidfuzz partial_ratio >= 90": partial_ratio_accepts,
    "YourBench citation_score >= 90": citation_score_accepts,
}
