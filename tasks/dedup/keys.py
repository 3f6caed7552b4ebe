"""What two questions are compared by: a key text, its character shingles, and the numbers that must be equal.

Korean questions differ in particles and spacing, and matter in their numbers. So white space and punctuation go, digits
stay, and the shingles are of characters: shingles of words find almost nothing in Korean.
"""

from __future__ import annotations

import unicodedata

from tasks.records import Pair
from tasks.text.normal import CIRCLED
from tasks.text.numbers import Number, numbers_in_order

Guard = tuple[str, tuple[Number, ...], tuple[Number, ...], tuple[tuple[Number, ...], ...]]


def dedup_key(text: str) -> str:
    """NFKC, casefold, no white space, no punctuation; a text of nothing else is its own key."""
    folded = unicodedata.normalize("NFKC", text.translate(CIRCLED)).casefold()
    return "".join(c for c in folded if unicodedata.category(c)[0] not in "ZPC") or folded.strip()


def shingles(key: str, size: int) -> frozenset[str]:
    """The character n-grams of a key; a shorter key is one shingle."""
    return frozenset(key[i : i + size] for i in range(max(1, len(key) - size + 1)))


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """Shared part of two sets of shingles, 0 to 1."""
    return len(one & other) / len(one | other)


def guard(pair: Pair) -> Guard:
    """What must be equal in two rows that are one: the kind and all numbers of question, answer and options.

    In reading order, because "3일, after 5일" is not "5일, after 3일"; the options in any order, because models shuffle them.
    """
    options = tuple(sorted(numbers_in_order(option.text) for option in pair.options))
    return pair.kind, numbers_in_order(pair.question), numbers_in_order(pair.answer), options
