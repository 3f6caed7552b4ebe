"""Thirty random kept rows of a project, as a page for a reader to judge.

python scripts/sample_rows.py PROJECT > docs/rows.md
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from review.doubts import DOUBTS
from tasks.records import Pair
from tasks.store import Store

ROWS, SEED = 30, 1


def main() -> None:
    """Print the page."""
    store = Store(Path(sys.argv[1]))
    pairs = [pair for manifest in store.manifests("dedup") for pair in store.read(manifest, Pair)]
    kinds = sorted({pair.kind for pair in pairs})
    chosen = random.Random(SEED).sample(sorted(pairs, key=lambda pair: pair.id), ROWS)
    print(f"# {ROWS} random rows\n")
    print(f"Of {len(pairs)} rows of {len(kinds)} kinds that a build of the example documents kept, drawn with seed {SEED}.")
    print(
        "They were written by the built-in extractive writer, a set of rules and no language model, and nobody has reviewed them."
    )
    for number, pair in enumerate(chosen, start=1):
        print(f"\n## {number}. {pair.kind}{f' ({pair.subtype})' if pair.subtype else ''}, {pair.path}, p. {pair.page}\n")
        for title, text in (("Question", pair.question), ("Answer", pair.answer), ("Quotes", "\n".join(pair.quotes))):
            print(f"**{title}**\n")
            print("\n".join(f"> {line}" for line in text.split("\n")) + "\n")
        for doubt in pair.doubts:
            print(f"Doubt: {DOUBTS[doubt.reason].en}: `{doubt.detail}`")


if __name__ == "__main__":
    main()
