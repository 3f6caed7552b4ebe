"""A clause over the token budget to pieces: at paragraphs, then items, then sentences.

No sentence is cut, unless one alone is over the budget: then at a comma, and without one at a space. A table alone over the
budget is cut between its rows, never inside one, and every piece repeats its head. Neighbouring small pieces are put together
again as far as the budget goes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from tasks.chunk.flow import OTHER_CUT, Flow
from tasks.text.sentences import sentence_spans
from tasks.text.tokens import estimate_tokens

Piece = tuple[int, int]


def split(flow: Flow, max_tokens: int) -> list[Piece]:
    """Start and end offsets of the pieces of a clause's text, without the white space around them and the heads they repeat."""
    pieces = _split(flow, (0, len(flow.text)), max_tokens, 0)
    return [trimmed for piece in pieces if (trimmed := _trimmed(flow.text, piece))]


def _split(flow: Flow, piece: Piece, budget: int, level: int) -> list[Piece]:
    if estimate_tokens(flow.said(piece)) <= budget or level >= len(LEVELS):
        return [piece]
    parts: list[Piece] = []
    for part in _between(piece, LEVELS[level](flow, piece)):
        parts += _split(flow, part, budget, level + 1)
    return list(_packed(flow, parts, budget))


def _between(piece: Piece, cuts: Sequence[int]) -> Iterator[Piece]:
    start, end = piece
    for cut in [*(c for c in cuts if start < c < end), end]:
        yield start, cut
        start = cut


def _packed(flow: Flow, parts: Sequence[Piece], budget: int) -> Iterator[Piece]:
    start, end = parts[0]
    for part in parts[1:]:
        if estimate_tokens(flow.said((start, part[1]))) > budget:
            yield start, end
            start = part[0]
        end = part[1]
    yield start, end


def _at_cuts(rank: int) -> Callable[[Flow, Piece], list[int]]:
    return lambda flow, piece: [p.start for p in flow.places if 0 < p.cut <= rank]


def _at_rows(flow: Flow, piece: Piece) -> list[int]:
    """The rows of tables but the first below a head, which stays with it, unless the head is on the page before."""
    tables = [place for place in flow.places if place.head]
    return [
        at
        for place in tables
        for at in range(max(place.start, piece[0]), min(place.end, piece[1]))
        if at and flow.text[at - 1] == "\n" and (at > place.rows or (at == place.start and at == place.rows))
    ]


def _at_sentences(flow: Flow, piece: Piece) -> list[int]:
    starts = (piece[0] + start for start, _ in sentence_spans(flow.text[slice(*piece)]))
    return [at for at in starts if not flow.is_inside_table(at)]


def _after(characters: str) -> Callable[[Flow, Piece], list[int]]:
    return lambda flow, piece: [i + 1 for i in range(*piece) if flow.text[i] in characters and not flow.is_inside_table(i + 1)]


LEVELS: tuple[Callable[[Flow, Piece], list[int]], ...] = (
    *(_at_cuts(rank) for rank in range(1, OTHER_CUT + 1)),
    _at_rows,
    _at_sentences,
    _after(",;"),
    _after(" \t"),
)


def _trimmed(text: str, piece: Piece) -> Piece | None:
    words = text[slice(*piece)]
    left = len(words) - len(words.lstrip())
    return (piece[0] + left, piece[0] + left + len(words.strip())) if words.strip() else None
