"""Candidates for near-duplicates: datasketch's MinHash and its LSH index.

The index answers with candidates, never with duplicates: every one is verified by the caller. Scheme, seed and hash function
are named here and nowhere else, because signatures of two schemes cannot be compared. This module owns the import of
datasketch (and of the scipy behind it): import it inside the function that needs it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from zlib import crc32

from datasketch import MinHash, MinHashLSH

SCHEME = "affine32"
SEED = 1
RECALL = 0.98  # share of the pairs exactly at the threshold that the bands must find; more similar ones are found more surely


def signatures(rows: Iterable[frozenset[str]], permutations: int) -> Iterator[MinHash]:
    """The MinHash of every set of shingles."""
    hashed = ([shingle.encode("utf-8", "surrogatepass") for shingle in row] for row in rows)
    yield from MinHash.generator(hashed, num_perm=permutations, seed=SEED, hashfunc=crc32, scheme=SCHEME)


def bands(threshold: float, permutations: int) -> tuple[int, int]:
    """Bands and rows of a band: the longest bands, so the fewest candidates, that still find `RECALL` at the threshold."""
    for rows in (16, 8, 4, 2):
        if 1 - (1 - threshold**rows) ** (permutations // rows) >= RECALL:
            return permutations // rows, rows
    return permutations, 1


class Leaders:
    """The signatures of the rows that stay, under a number each."""

    def __init__(self, threshold: float, permutations: int) -> None:
        self._lsh = MinHashLSH(num_perm=permutations, params=bands(threshold, permutations))

    def add(self, number: int, signature: MinHash) -> None:
        """Let later rows find this one."""
        self._lsh.insert(number, signature)

    def candidates(self, signature: MinHash) -> list[int]:
        """The numbers of the rows that may be similar, ascending."""
        return sorted(self._lsh.query(signature))
