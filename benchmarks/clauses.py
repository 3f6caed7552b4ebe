"""Clauses: does each 제N조 become exactly one clause with its title, and are lines joined as they were broken?

The list to compare with is derived here from pypdfium2's text with a regular expression of its own; it shares no code with
the product. Where a table of contents is printed, only the last of equal runs counts. Terms with known articles, and with known
joins between their lines, stand beside it. Line joins inside known lines: cut at a random place, the rest of the document asked.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import pypdfium2

from benchmarks.report import arguments, finish, machine, source_of, table
from tasks.chunk.cut import cut, describe
from tasks.chunk.flow import Flower
from tasks.chunk.lines import Layout, lines_of
from tasks.clean.clean import clean_pages
from tasks.read.pdf import read_pdf
from tasks.records import Chunk, Page
from tasks.settings import ChunkSettings, CleanSettings
from tasks.text.outline import mark
from tasks.text.spacing import Spacing

Article = tuple[int, str, str]  # which supplement (0: none), label, title without spaces

OPENS = re.compile(
    r"^\s*(제\s?\d+조(?:의\s?\d+)?)(?:\s?[(\[]((?:[^()\[\]]|\([^()]*\)|\[[^\[\]]*\])*)[)\]](.*)|\s*(삭\s*제|생\s*략)(?=\s|<|＜|$))"
)
GOES_ON = re.compile(r"(?:[에의을를은는가와과도로]|에서|까지|부터)[\s,]|\s?(?:및|또는|제\d+[항호])")
SUPPLEMENT = re.compile(r"^\s*부\s*칙\s*(?:[<(\[]|$)")


def pages_of(path: Path) -> list[Page]:
    """The cleaned pages of a PDF."""
    return clean_pages(read_pdf(path, source_of(path)).rows, CleanSettings()).rows


def chunks_of(path: Path) -> list[Chunk]:
    """The chunks of a PDF."""
    pages = pages_of(path)
    return cut(describe(source_of(path), pages), pages, ChunkSettings()).rows


def found(path: Path) -> list[Article]:
    """The articles among the clauses of the product."""
    clauses = {chunk.clause: chunk for chunk in chunks_of(path)}
    supplements: dict[str, int] = {}
    articles = []
    for chunk in clauses.values():
        branch = next((part for part in chunk.heading if part.startswith("부칙")), "")
        number = supplements.setdefault(branch, len(supplements) + 1) if branch else 0
        if match := OPENS.match(chunk.heading[-1]):
            articles.append(_article(number, match))
    return articles


def wanted(path: Path) -> list[Article]:
    """The articles that pypdfium2's lines show."""
    document = pypdfium2.PdfDocument(path)
    pages = [page.get_textpage().get_text_range().splitlines() for page in document]
    document.close()
    lines = [line for page in pages if not _is_contents(page) for line in page]
    articles, number = [], 0
    for line in lines:
        number += bool(SUPPLEMENT.match(line))
        match = OPENS.match(line)
        if match and not (match[3] and GOES_ON.match(match[3])):
            articles.append(_article(number, match))
    return articles


def _article(number: int, match: re.Match[str]) -> Article:
    return number, "".join(match[1].split()), "".join((match[2] or match[4] or "").split())


def _is_contents(lines: Sequence[str]) -> bool:
    """A page on which headings follow each other without text."""
    bare = [
        bool(re.match(r"^\s*제\s?\d+[장절조]\S*.{0,45}$", line)) and not re.search(r"[.>①]", line)
        for line in lines
        if line.strip()
    ]
    return sum(bare) > 0.6 * len(bare)


def score(a: Sequence[Article], b: Sequence[Article]) -> tuple[float, float, list[str]]:
    """Precision, recall and the differences of list `a` beside list `b`."""
    x, y = Counter(a), Counter(b)
    both = (x & y).total()
    differences = [f"+ {_text(k)}" for k in x - y] + [f"- {_text(k)}" for k in y - x]
    return both / max(1, x.total()), both / max(1, y.total()), differences


def _text(article: Article) -> str:
    return ("부칙 " if article[0] else "") + f"{article[1]}({article[2]})"


def terms(folder: Path, name: str) -> tuple[float, float, list[str]]:
    """Precision and recall of the articles of made terms: part, label, title."""
    known = json.loads((folder / f"{name}.articles.json").read_text("utf-8"))["articles"]
    want = Counter((a["part"].replace(" ", ""), a["label"], a["title"].replace(" ", "")) for a in known)
    have: Counter[tuple[str, str, str]] = Counter()
    for chunk in {c.clause: c for c in chunks_of(folder / f"{name}.pdf")}.values():
        if (match := OPENS.match(chunk.heading[-1])) and len(chunk.heading) > 2:
            have[chunk.heading[1].replace(" ", ""), "".join(match[1].split()), "".join((match[2] or "").split())] += 1
    both = (have & want).total()
    differences = [f"+ {k}" for k in have - want] + [f"- {k}" for k in want - have]
    return both / max(1, have.total()), both / want.total(), differences


CELLS = ("table_head", "table_cell")  # read as Markdown


def line_joins(folder: Path, name: str) -> dict[str, tuple[int, int]]:
    """Joins between lines that are right, of all, by sort of text; what stood there is known."""
    known = [json.loads(line) for line in (folder / f"{name}.gt" / "lines.jsonl").read_text("utf-8").splitlines()]
    path = folder / f"{name}.pdf"
    pages = read_pdf(path, source_of(path)).rows
    known = [line for line in known if line["role"] not in CELLS]
    layout = Layout([line for line in lines_of(pages) if not line.is_table])
    flower = Flower(layout)
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    skipped = ("header", "footer", "toc", "toc_heading", "cover")
    for i, (this, that) in enumerate(pairwise(known)):
        if this["role"] in skipped or that["role"] in skipped:
            continue
        ours = "\n" if mark(layout.lines[i + 1].text) else flower.join(i, i + 1).replace("\t", "\n")
        sort = this["role"].split("_")[0] if this["role"].startswith(("table", "gloss")) else "text"
        total[sort] += 1
        right[sort] += ours == this["join"]
    return {sort: (right[sort], total[sort]) for sort in total}


def cut_lines(path: Path, seed: int = 0) -> Iterator[bool]:
    """Known lines cut at random: was the space, or its absence, guessed right? Learnt from four fifths, asked on one."""
    lines = [block.text.strip() for page in pages_of(path) for block in page.blocks]
    rng = random.Random(seed)
    rng.shuffle(lines)
    for fold in range(5):
        spacing = Spacing(line for i, line in enumerate(lines) if i % 5 != fold)
        for line in lines[fold::5]:
            if len(line) >= 10:
                at = rng.randrange(2, len(line) - 2)
                yield spacing.is_space(line[:at], line[at:]) == (line[at - 1] == " " or line[at] == " ")


def main() -> None:
    """Measure and print."""
    given = arguments("clauses")
    laws = sorted((given.data / "law").glob("*.pdf"))
    rows, differences = [], []
    hits = ours = theirs = 0.0
    for path in laws:
        a, b = found(path), wanted(path)
        precision, recall, differ = score(a, b)
        rows.append([path.stem, len(b), len(a), f"{precision:.4f}", f"{recall:.4f}"])
        differences += [f"{path.stem}: {line}" for line in differ]
        hits, ours, theirs = hits + precision * len(a), ours + len(a), theirs + len(b)
    made = {name: terms(given.data / "made", name) for name in ("terms_v1", "terms_v2")}
    rows += [[name, "", "", f"{p:.4f}", f"{r:.4f}"] for name, (p, r, _) in made.items()]
    differences += [f"{name}: {line}" for name, (_, _, differ) in made.items() for line in differ]
    joins: Counter[str] = Counter()
    totals: Counter[str] = Counter()
    for name in ("terms_v1", "terms_v2"):
        for sort, (right, total) in line_joins(given.data / "made", name).items():
            joins[sort] += right
            totals[sort] += total
    cuts = [guess for path in laws for guess in cut_lines(path)]
    tables = [
        table("Clauses beside a list from pypdfium2", ["document", "there", "here", "precision", "recall"], rows),
        "Differences (+ only here, - only there)\n" + ("\n".join(differences) or "none") + "\n",
        table(
            "Joins between lines",
            ["sort", "right", "of", "share"],
            [[s, joins[s], totals[s], f"{joins[s] / totals[s]:.4f}"] for s in totals]
            + [["cut at random (statutes)", sum(cuts), len(cuts), f"{sum(cuts) / len(cuts):.4f}"]],
        ),
    ]
    figures = {
        "precision": round(hits / ours, 4),
        "recall": round(hits / theirs, 4),
        "worst_precision": min(float(row[3]) for row in rows),
        "worst_recall": min(float(row[4]) for row in rows),
        "articles": int(theirs),
        "joins_text": round(joins["text"] / totals["text"], 4),
        "joins_cut": round(sum(cuts) / len(cuts), 4),
    }
    finish("clauses", tables, figures, machine("pymupdf", "pypdfium2"), given.json)


if __name__ == "__main__":
    main()
