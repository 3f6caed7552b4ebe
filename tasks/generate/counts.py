"""How many rows a clause is worth: by what it holds, never more than the settings ask for.

A clause of one sentence gives one question, not three; what states no figure has no short answer; only a text about typical
crimes gives a scenario.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from tasks.records import Chunk
from tasks.text.sentences import sentences

SHORTEST_SENTENCE = 15  # characters; less is a heading or a list mark
LONG = 400  # characters from which on a summary is one
FIGURE = re.compile(r"\d+\s*(?:영업일|개월|년|일|세|회|배|%|퍼센트|만\s?원|원|명|days?|months?|years?|percent|per cent)")
CONDITION = re.compile(r"경우|때에는|하면|다만|단서|이내|\b(?:if|where|unless|provided|within)\b", re.IGNORECASE)
TYPOLOGY = re.compile(
    r"자금\s?세탁|의심\s?거래|대포\s?통장|전달책|인출책|보이스\s?피싱|전기통신금융사기|보험\s?사기"
    r"|money launder|suspicious transaction|mule account|fraud scheme",
    re.IGNORECASE,
)


def statements(chunk: Chunk) -> int:
    """Sentences that say something."""
    return sum(len(sentence) >= SHORTEST_SENTENCE for sentence in sentences(chunk.text))


def _sentences(chunk: Chunk) -> int:
    return max(1, statements(chunk))


def _figures(chunk: Chunk) -> int:
    return len(set(FIGURE.findall(chunk.text)))


def _conditions(chunk: Chunk) -> int:
    return len(CONDITION.findall(chunk.text))


def _whole(chunk: Chunk) -> int:
    return int(len(chunk.text) >= LONG and statements(chunk) > 2)


def _typologies(chunk: Chunk) -> int:
    return len(TYPOLOGY.findall(chunk.text)) // 2  # one word in passing is no typology


def _one(chunk: Chunk) -> int:
    return 1


def _talks(chunk: Chunk) -> int:
    return statements(chunk) // 2


WORTH: Final[dict[str, Callable[[Chunk], int]]] = {
    "qa": _sentences,
    "choice": _sentences,
    "short": _figures,
    "true_false": _sentences,
    "multi_hop": _one,
    "conversation": _talks,
    "reasoning": _conditions,
    "summary": _whole,
    "unanswerable": _one,
    "refusal": _one,
    "rewrite": _one,
    "scenario": _typologies,
}


def wanted(kind: str, chunk: Chunk, most: int) -> int:
    """How many rows of a kind to ask of a chunk: what it is worth, `most` at most."""
    return min(most, WORTH[kind](chunk))
