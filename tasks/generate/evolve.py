"""Make good questions harder, and throw away what did not get better.

The four modes and the rules of elimination follow Evol-Instruct (Xu et al., WizardLM, 2023): a child that adds nothing, that
declines, says nothing, or repeats the words of its prompt is dropped. Every child is checked against its clause like any
other row, so harder does not mean looser.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal, get_args

from tasks.generate.materials import Material
from tasks.generate.replies import EvolveMode
from tasks.records import Chunk, Dropped, Kept, Pair

STEP: Final = "evolve"
MODES: Final[tuple[EvolveMode, ...]] = get_args(EvolveMode)
PARENTS: Final = frozenset({"qa", "evolve"})  # kinds whose rows are questions that stand alone
GROWTH = 1.1  # a child that is not longer by so much must at least say something else
ALIKE = 0.9  # share of words that two texts have in common
LEAST_WORDS = 3
WORD = re.compile(r"\w+")
REFUSES = re.compile(
    r"죄송|답변(?:을|해)?\s?드릴\s?수\s?없|답할\s?수\s?없|알\s?수\s?없습니다|sorry|cannot answer|can't answer|as an ai|unable to",
    re.IGNORECASE,
)
LEAKS = re.compile(
    r"진화|심화된 질문|주어진 질문|원래 질문|기존 질문|새(?:로운)? 질문"
    r"|given prompt|rewritten|original question|evolved|#[^#\n]+#",
    re.IGNORECASE,
)
Reason = Literal["no_gain", "refusal", "empty", "leaked_prompt"]


def to_evolve(pairs: Iterable[Pair], chunks: Mapping[str, Chunk], most: int, turn: int) -> Iterator[Material]:
    """What is evolved in a round: of each clause `most` rows, each in a mode that changes from row to row and round to round."""
    taken: dict[str, int] = {}
    for pair in pairs:
        chunk = chunks.get(pair.chunk)
        if chunk is None or pair.kind not in PARENTS or taken.get(pair.chunk, 0) >= most:
            continue
        taken[pair.chunk] = taken.get(pair.chunk, 0) + 1
        mode = MODES[(int(pair.id[:8], 16) + turn) % len(MODES)]
        values = {"mode": mode, "question": pair.question, "answer": pair.answer}
        yield Material(chunk, 1, values, parent=pair)


def eliminate(children: Sequence[Pair], parents: Mapping[str, Pair]) -> Kept[Pair]:
    """The children that got better than their parents."""
    rows: list[Pair] = []
    dropped: list[Dropped] = []
    for child in children:
        if (found := _fault(child, parents[child.parent or ""])) is None:
            rows.append(child)
        else:
            dropped.append(Dropped.of(child, child.id, STEP, *found))
    return Kept(rows, dropped)


def _fault(child: Pair, parent: Pair) -> tuple[Reason, str] | None:
    words = WORD.findall(child.answer)
    if len(words) < LEAST_WORDS:
        return "empty", child.answer[:200]
    if REFUSES.search(child.answer):
        return "refusal", child.answer[:200]
    if leak := LEAKS.search(child.question) or LEAKS.search(child.answer):
        return "leaked_prompt", leak[0]
    longer = len(child.question) + len(child.answer) >= GROWTH * (len(parent.question) + len(parent.answer))
    if not longer and alike(child.question, parent.question) > ALIKE:
        return "no_gain", f"says what {parent.id} says"
    return None


def alike(one: str, other: str) -> float:
    """Share of words that two texts have in common: 1 for the same set of words (Jaccard)."""
    left, right = set(WORD.findall(one.lower())), set(WORD.findall(other.lower()))
    return len(left & right) / max(1, len(left | right))
