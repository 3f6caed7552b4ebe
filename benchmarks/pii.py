"""Personal data: recall and precision of the rules on invented paragraphs, and their false hits on the statutes.

The paragraphs come from `benchmarks.pii_corpus`, which was written without a look at the rules. A value is found when hits of
its class cover it whole (of an address 80 %: what is left identifies nobody); masked, when hits of any class do. A hit is
right when at least half of it lies on values of its class. Whole documents come from `benchmarks.pii_documents`, which was not
used to better the rules; hits on names without a label and on institutions beside customers count for nothing there. The
statutes hold no personal data: every hit there is false, but for the telephone numbers of the ministries in the head of each
print, which are counted on their own.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pypdfium2

from benchmarks.pii_corpus import CLASSES, UNJUDGED, Mark, Sample, corpus
from benchmarks.pii_documents import KINDS, OPEN, documents
from benchmarks.report import arguments, finish, machine, table
from tasks.settings import PiiSettings

SEED = 20240315
SIZE = 6000
DOCUMENTS = 400
ADDRESS_SHARE = 0.8
SHOWN = 12
AROUND = 60
OFFICE = re.compile(r"\([^()\n]*(?:과|팀|국|실|담당관|센터)[^()\n]*\)[\s,]*(?:0\d{1,2}-[\d,\s~-]+)*$")


class Hit(NamedTuple):
    """What the rules found: characters `start..end`, and as what."""

    kind: str
    start: int
    end: int


Find = Callable[[str], list[Hit]]


@dataclass(slots=True)
class Score:
    """Counts of one class, and examples of what went wrong."""

    values: int = 0
    found: int = 0
    masked: int = 0
    hits: int = 0
    right: int = 0
    spellings: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    missed: list[tuple[str, str, str]] = field(default_factory=list)
    wrong: list[tuple[str, str]] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """Share of the values found as what they are."""
        return self.found / self.values if self.values else 1.0

    @property
    def precision(self) -> float:
        """Share of the hits that are right."""
        return self.right / self.hits if self.hits else 1.0


def rules() -> Find:
    """The rules of the pipeline with every class on."""
    from tasks.clean.pii import find

    settings = PiiSettings()
    return lambda text: [Hit(hit.kind, hit.start, hit.end) for hit in find(text, settings)]


def covered(mark: Mark, text: str, hits: Iterable[Hit]) -> bool:
    """Whether the hits leave nothing of a value that says something."""
    taken = {i for hit in hits for i in range(hit.start, hit.end)}
    told = [i for i in range(mark.start, mark.end) if text[i].isalnum() or text[i] in "*●○@"]
    share = sum(i in taken for i in told) / len(told)
    return share >= (ADDRESS_SHARE if mark.kind == "address" else 1)


def overlap(hit: Hit, marks: Iterable[Mark]) -> int:
    """How many characters of a hit lie on the marks."""
    return sum(max(0, min(hit.end, mark.end) - max(hit.start, mark.start)) for mark in marks)


def score(samples: Sequence[Sample], find: Find) -> tuple[dict[str, Score], Counter[tuple[str, str]], Counter[tuple[str, str]]]:
    """Scores by class; false hits by (kind of look-alike, class); values taken for another class as (right, wrong)."""
    scores = {kind: Score() for kind in CLASSES}
    false: Counter[tuple[str, str]] = Counter()
    taken_for: Counter[tuple[str, str]] = Counter()
    for sample in samples:
        hits = find(sample.text)
        for mark in sample.values:
            _count_value(scores.setdefault(mark.kind, Score()), mark, sample, hits)
        for hit in hits:
            mine = scores.setdefault(hit.kind, Score())
            mine.hits += 1
            same = [mark for mark in sample.values if mark.kind == hit.kind]
            if 2 * overlap(hit, same) >= hit.end - hit.start:
                mine.right += 1
                continue
            mine.wrong.append((sample.text[hit.start : hit.end], sample.text))
            other = [mark for mark in sample.values if overlap(hit, [mark])]
            alike = [mark.kind for mark in sample.alikes if overlap(hit, [mark])]
            if other:
                taken_for[other[0].kind, hit.kind] += 1
            else:
                false[alike[0] if alike else "other text", hit.kind] += 1
    return scores, false, taken_for


def _count_value(mine: Score, mark: Mark, sample: Sample, hits: Sequence[Hit]) -> None:
    found = covered(mark, sample.text, [hit for hit in hits if hit.kind == mark.kind])
    mine.values += 1
    mine.found += found
    mine.masked += covered(mark, sample.text, hits)
    counts = mine.spellings[mark.spelling]
    counts[0] += 1
    counts[1] += found
    if not found:
        mine.missed.append((mark.spelling, sample.text[mark.start : mark.end], sample.text))


def statutes(paths: Sequence[Path], find: Find) -> tuple[int, Counter[str], list[tuple[str, str, str]]]:
    """Pages, ministries' numbers by class, and every other hit as (class, hit, line)."""
    pages, offices, false = 0, Counter[str](), []
    for path in paths:
        document = pypdfium2.PdfDocument(path)
        for page in document:
            pages += 1
            text = page.get_textpage().get_text_range().replace("\r\n", "\n")
            for hit in find(text):
                line = text[text.rfind("\n", 0, hit.start) + 1 : (text.find("\n", hit.end) + 1 or len(text) + 1) - 1]
                if hit.kind == "phone" and OFFICE.search(line.strip()):
                    offices[hit.kind] += 1
                else:
                    false.append((hit.kind, text[hit.start : hit.end], line))
        document.close()
    return pages, offices, false


def _tables(
    scores: dict[str, Score], false: Counter[tuple[str, str]], taken_for: Counter[tuple[str, str]], alikes: Counter[str]
) -> list[str]:
    spellings = [
        [kind, name, n, f"{found / n:.3f}"]
        for kind, mine in scores.items()
        for name, (n, found) in sorted(mine.spellings.items())
        if found < n
    ]
    kinds = sorted({kind for kind, _ in false} | set(alikes))
    by_kind = [
        [
            kind,
            alikes[kind],
            sum(n for (k, _), n in false.items() if k == kind),
            _listed((c, n) for (k, c), n in false.items() if k == kind),
        ]
        for kind in kinds
    ]
    return [
        table(
            "Recall and precision by class",
            ["class", "values", "recall", "masked by any class", "hits", "precision"],
            [
                [k, s.values, f"{s.recall:.4f}", f"{s.masked / max(1, s.values):.4f}", s.hits, f"{s.precision:.4f}"]
                for k, s in scores.items()
            ],
        ),
        table("Spellings below a recall of 1", ["class", "spelling", "values", "recall"], spellings),
        table("False hits by kind of look-alike", ["kind", "look-alikes", "false hits", "taken for"], by_kind),
        table(
            "Values taken for another class", ["is", "taken for", "times"], [[a, b, n] for (a, b), n in taken_for.most_common()]
        ),
    ]


def _listed(counts: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{name} {n}" for name, n in sorted(counts))


def _examples(scores: dict[str, Score]) -> str:
    """Some misses and wrong hits of every class, to read."""
    lines = []
    for kind, mine in scores.items():
        lines += [f"{kind} missed ({name}): {value!r} in {_around(value, text)!r}" for name, value, text in mine.missed[:SHOWN]]
        lines += [f"{kind} wrong: {hit!r} in {_around(hit, text)!r}" for hit, text in mine.wrong[:SHOWN]]
    return "\n".join(["Examples", *lines, ""])


def _around(told: str, text: str) -> str:
    """A paragraph as it is; of a document what stands around."""
    if text.count("\n") < 2 * SHOWN:
        return text
    at = text.index(told)
    return text[max(0, at - AROUND) : at + len(told) + AROUND]


def _documents(find: Find, shown: bool) -> tuple[list[str], dict[str, Any]]:
    """Tables and figures of whole documents."""
    made = documents(SEED, DOCUMENTS)
    samples = [Sample(s.text, tuple(m for m in s.values if not m.kind.startswith(OPEN)), s.alikes) for s in made]
    kept: dict[str, list[Hit]] = {}
    unblamed: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for sample in made:
        hits, free = find(sample.text), [mark for mark in sample.values if mark.kind.startswith(OPEN)]
        kept[sample.text] = [hit for hit in hits if 2 * overlap(hit, free) < hit.end - hit.start]
        for mark in free:
            counts = unblamed[mark.kind.removeprefix(OPEN), mark.spelling.removeprefix("broken ")]
            counts[0] += 1
            counts[1] += covered(mark, sample.text, hits)
    scores, false, taken_for = score(samples, kept.__getitem__)
    tables = _tables(scores, false, taken_for, Counter(mark.kind for sample in samples for mark in sample.alikes))
    kinds, misses = [], Counter[str]()
    for i, make in enumerate(KINDS):
        mine = [score([sample], kept.__getitem__) for sample in samples[i :: len(KINDS)]]
        missing = sum(any(s.found < s.values for s in each.values()) for each, _, _ in mine)
        bare = sum(any(s.masked < s.values for s in each.values()) for each, _, _ in mine)
        wrong = sum(bool(hits) for _, hits, _ in mine)
        misses.update(missing=missing, bare=bare, wrong=wrong)
        kinds.append([make.__name__, len(mine), missing, bare, wrong, sum(hits.total() for _, hits, _ in mine)])
    tables += [
        table(
            "Kinds of document",
            ["kind", "documents", "with a miss", "with a bare value", "with a false hit", "false hits"],
            kinds,
        ),
        table(
            "Values over two lines", ["class", "whole", "recall", "broken", "recall"], [_broken(k, s) for k, s in scores.items()]
        ),
        table(
            "Values that nobody is blamed for",
            ["class", "where", "values", "masked"],
            [[*k, n, m] for k, (n, m) in unblamed.items()],
        ),
    ]
    if shown:
        tables.append(_examples(scores))
    return [f"Documents, blind. {each}" for each in tables], {
        "pii_documents": len(samples),
        "pii_documents_recall": {kind: round(mine.recall, 4) for kind, mine in scores.items()},
        "pii_documents_precision": {kind: round(mine.precision, 4) for kind, mine in scores.items()},
        "pii_documents_masked": round(sum(s.masked for s in scores.values()) / sum(s.values for s in scores.values()), 4),
        "pii_documents_false_hits": false.total(),
        "pii_documents_with_a_miss": misses["missing"],
        "pii_documents_with_a_bare_value": misses["bare"],
        "pii_documents_with_a_false_hit": misses["wrong"],
    }


def _broken(kind: str, mine: Score) -> list[Any]:
    row: list[Any] = [kind]
    for broken in (False, True):
        counts = [each for name, each in mine.spellings.items() if name.startswith("broken ") is broken]
        values, found = sum(n for n, _ in counts), sum(n for _, n in counts)
        row += [values, f"{found / max(1, values):.4f}"]
    return row


def section(given: argparse.Namespace, shown: bool = False) -> tuple[list[str], dict[str, Any]]:
    """Tables and figures; `shown` adds what went wrong."""
    find, samples = rules(), corpus(SEED, SIZE)
    scores, false, taken_for = score(samples, find)
    scores = {kind: mine for kind, mine in scores.items() if mine.hits or kind not in UNJUDGED}
    pages, offices, hits = statutes(sorted((given.data / "law").glob("*.pdf")), find)
    tables = _tables(scores, false, taken_for, Counter(mark.kind for sample in samples for mark in sample.alikes))
    tables.append(
        table(
            f"Statutes, {pages} pages: {len(hits)} false hits; {offices.total()} telephone numbers of ministries",
            ["class", "hit", "line"],
            [[kind, repr(hit), line[:80]] for kind, hit, line in hits[:SHOWN]],
        )
    )
    if shown:
        tables.append(_examples(scores))
    more, figures = _documents(find, shown)
    return tables + more, {
        "pii_paragraphs": len(samples),
        "pii_recall": {kind: round(mine.recall, 4) for kind, mine in scores.items()},
        "pii_precision": {kind: round(mine.precision, 4) for kind, mine in scores.items()},
        "pii_masked": round(sum(s.masked for s in scores.values()) / sum(s.values for s in scores.values()), 4),
        "pii_false_hits": sum(false.values()),
        "pii_statute_false_hits": len(hits),
        **figures,
    }


def main() -> None:
    """Measure and print. `--examples` shows what went wrong."""
    shown = "--examples" in sys.argv
    sys.argv = [word for word in sys.argv if word != "--examples"]
    given = arguments("pii")
    finish("pii", *section(given, shown), machine("pypdfium2"), given.json)


if __name__ == "__main__":
    main()
