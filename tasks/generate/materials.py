"""What of a document is put into a prompt: a clause, and for some kinds another one beside it.

References are resolved inside the document: "제12조 제3항" is the chunk of 제12조 that holds ③, "다음 조" is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tasks.records import Chunk, Pair

REFERENCE = re.compile(r"제\s?(\d+)\s?조(?:의\s?(\d+))?(?:\s?제\s?(\d+)\s?항)?|\b(?:Article|Section)\s+(\d+(?:\.\d+)*)")
FOREIGN = re.compile(r"[」』](?:\s|\()*$")  # 「상법」 제12조: an article of another law
OPENING = re.compile(r"제\s?\d+\s?조(?:의\s?\d+)?|(?:Article|Section)\s+\d+(?:\.\d+)*")
CIRCLED = {str(number): chr(ord("①") + number - 1) for number in range(1, 21)}


@dataclass(frozen=True, slots=True)
class Material:
    """What one ask is about. `values` fill the prompt's further variables; `linked` is the other clause, `parent` the pair that
    is to be evolved.
    """

    chunk: Chunk
    count: int
    values: Mapping[str, str] = field(default_factory=dict)
    linked: Chunk | None = None
    parent: Pair | None = None


class Clauses:
    """The chunks of one document, to find what stands beside a clause and what it refers to."""

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        self._chunks = list(chunks)
        self._place = {chunk.id: place for place, chunk in enumerate(self._chunks)}
        self._by_article: dict[str, list[Chunk]] = {}
        for chunk in self._chunks:
            if name := article_of(chunk):
                self._by_article.setdefault(name, []).append(chunk)

    def referred(self, chunk: Chunk) -> Iterator[Chunk]:
        """The chunks of other articles of the document that a clause refers to, in the order of its words, each once."""
        seen = {chunk.id}
        for match in REFERENCE.finditer(chunk.text):
            if FOREIGN.search(chunk.text[: match.start()]):
                continue
            target = self._target(match)
            if target and target.id not in seen and article_of(target) != article_of(chunk):
                seen.add(target.id)
                yield target

    def sibling(self, chunk: Chunk) -> Chunk | None:
        """The next clause under another heading, else the one before: near in subject and different in content."""
        place = self._place[chunk.id]
        around = [*self._chunks[place + 1 :], *reversed(self._chunks[:place])]
        return next((other for other in around if other.clause != chunk.clause and other.language == chunk.language), None)

    def _target(self, match: re.Match[str]) -> Chunk | None:
        article, branch, paragraph, english = match.groups()
        name = english or (f"{article}의{branch}" if branch else article)
        parts = self._by_article.get(name, [])
        if paragraph and paragraph in CIRCLED:
            parts = [part for part in parts if CIRCLED[paragraph] in part.text]
        return parts[0] if parts else None


def article_of(chunk: Chunk) -> str:
    """The number of a clause's article, such as 12 or 12의2; empty for what is none."""
    match = OPENING.search(chunk.heading[-1]) if chunk.heading else None
    found = REFERENCE.match(match[0]) if match else None
    if found is None:
        return ""
    return found[4] or (f"{found[1]}의{found[2]}" if found[2] else found[1])
