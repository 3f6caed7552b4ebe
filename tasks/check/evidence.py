"""Every pair must rest on its clause: each quote stands there word for word, and the answer brings no number of its own.

A quote is located in the normal form (spacing, quotes and brackets do not count, digits always do), and the row keeps what
the clause says there, not what the model wrote, with its boxes on the page. No offset, no row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, Literal

from tasks.chunk.spans import regions_of
from tasks.records import Chunk, Evidence, Pair
from tasks.settings import CheckSettings
from tasks.text.normal import comparable
from tasks.text.numbers import Number, numbers_agree, numbers_in_order

STEP: Final = "check"
MIN_OPTIONS: Final = 3  # the right one and two wrong ones
MIN_QUOTE: Final = 4  # characters that count; less stands everywhere

OPENING, CLOSING = "([<「『〈《“‘\"'", ")]>」』〉》”’\"'"

Reason = Literal[
    "unknown_chunk",
    "question_length",
    "answer_length",
    "no_quote",
    "quote_not_in_clause",
    "number_not_in_evidence",
    "distractor_equals_answer",
    "too_few_options",
]
Fault = tuple[Reason, str]


_piece = lru_cache(maxsize=65536)(comparable)


class Clause:
    """A chunk with its text in normal form, made once, so that many quotes can be located in it."""

    def __init__(self, chunk: Chunk) -> None:
        self.chunk = chunk
        pieces = [_piece(character) for character in chunk.text]
        self._flat = "".join(pieces)
        self._origin = [place for place, piece in enumerate(pieces) for _ in piece]

    def locate(self, quote: str) -> tuple[int, int] | None:
        """Start and end of a quote in the chunk's text: where `tasks.text.normal.locate` finds it, but never inside a number.

        "3영업일 이내에" does not stand in "13영업일 이내에".
        """
        wanted = comparable(quote)
        at = self._flat.find(wanted) if wanted else -1
        while at >= 0:
            start, end = self._origin[at], self._origin[at + len(wanted) - 1] + 1
            if not (self._inside_number(start) or self._inside_number(end)):
                return start, end
            at = self._flat.find(wanted, at + 1)
        return None

    def _inside_number(self, place: int) -> bool:
        text = self.chunk.text
        return bool(re.search(r"\d[,.]?$", text[max(0, place - 2) : place]) and re.match(r"[,.]?\d", text[place : place + 2]))

    def evidence(self, quote: str) -> Evidence | None:
        """The quote as it stands in the clause and on the page."""
        found = self.locate(quote) if len(comparable(quote)) >= MIN_QUOTE else None
        if found is None:
            return None
        start, end = self._with_brackets(quote, *found)
        return Evidence(quote=self.chunk.text[start:end], start=start, end=end, regions=regions_of(self.chunk, start, end))

    def _with_brackets(self, quote: str, start: int, end: int) -> tuple[int, int]:
        """Brackets and quotes do not count in the comparison; those at the ends of the quote belong to it all the same."""
        quote, text = quote.strip(), self.chunk.text
        while end < len(text) and text[end] in CLOSING and text[end] in quote[-2:]:
            end += 1
        while start and text[start - 1] in OPENING and text[start - 1] in quote[:2]:
            start -= 1
        return start, end


def faults(
    pair: Pair, clause: Clause | None, located: Sequence[Evidence | None], settings: CheckSettings, given: Sequence[str] = ()
) -> Iterator[Fault]:
    """What is plainly wrong with a pair, the cheapest check first. `given` are texts beside the clause whose numbers count."""
    if clause is None:
        yield "unknown_chunk", f"no chunk {pair.chunk}"
        return
    found = (
        _length("question_length", pair.question, settings.min_question, settings.max_question),
        _length("answer_length", pair.answer, settings.min_answer, settings.max_answer),
        _quotes(pair, located),
        _numbers(pair, clause.chunk, located, given),
        _options(pair),
    )
    yield from filter(None, found)


def _length(reason: Reason, text: str, least: int, most: int) -> Fault | None:
    return None if least <= len(text) <= most else (reason, f"{len(text)} characters, allowed {least} to {most}")


def _quotes(pair: Pair, located: Sequence[Evidence | None]) -> Fault | None:
    if not any(comparable(quote) for quote in pair.quotes):
        return "no_quote", "the model gave no quote"
    missing = next((quote for quote, evidence in zip(pair.quotes, located, strict=True) if evidence is None), None)
    return None if missing is None else ("quote_not_in_clause", missing[:500])


def _numbers(pair: Pair, chunk: Chunk, located: Sequence[Evidence | None], given: Sequence[str]) -> Fault | None:
    """An answer may take its numbers from its quotes and the headings, and may cite what the clause cites; no more."""
    cited = CITATION.findall(chunk.text)
    source = "\n".join([*chunk.heading, *cited, *given, *(evidence.quote for evidence in located if evidence)])
    said = LIST_MARK.sub("", pair.answer)
    return None if numbers_agree(said, source) else ("number_not_in_evidence", pair.answer[:500])


CITATION = re.compile(r"제\s?\d+\s?[조항호](?:의\s?\d+)?|[①-⑳]|(?:section|article|clause|paragraph) \d+(?:\.\d+)*", re.IGNORECASE)
LIST_MARK = re.compile(r"^\s*(?:\d{1,2}[.)]|[①-⑳])\s", re.MULTILINE)


def _options(pair: Pair) -> Fault | None:
    """Options must differ in more than form; a wrong option that says what the answer says teaches that truth is wrong."""
    if not pair.options:
        return ("too_few_options", "no options") if pair.kind == "choice" else None
    said = [_said(option.answer) for option in pair.options]
    right = {text for text, option in zip(said, pair.options, strict=True) if option.correct}
    if any(text in right for text, option in zip(said, pair.options, strict=True) if not option.correct):
        return "distractor_equals_answer", "a wrong option says the same as the right one"
    if len(set(said)) < MIN_OPTIONS or len(right) != 1:
        return "too_few_options", f"{len(set(said))} different options, {len(right)} of them right"
    return None


NUMERAL = re.compile(r"[\d,.。!?\s일이삼사오육칠팔구십백천만억]")


def _said(text: str) -> tuple[str, tuple[Number, ...]]:
    """A sentence as what it says: its numbers, and the rest without them (1,000만원 says what 10,000,000원 says)."""
    return NUMERAL.sub("", comparable(text)), numbers_in_order(text)
