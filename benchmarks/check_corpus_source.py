"""Real clauses for the constructed suite: statutes as their PDFs print them, and the made insurance terms.

A statute's PDF breaks lines inside words and says nowhere whether a break was a space. A break is decided from the words that
stand inside lines elsewhere; where that says nothing, the sentence is left out. Nothing of the product reads these files, so
that the suite stays the same when reading changes.
"""

from __future__ import annotations

import itertools
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

import pypdfium2

Part = Literal["seen", "held_out"]

# One edition of each text. Laws with their decrees and rules stay in one part: they share sentences.
STATUTES: dict[Part, dict[str, str]] = {
    "seen": {
        "민법": "민법_20432.pdf",
        "근로기준법": "근로기준법_20520_20250223.pdf",
        "은행법": "은행법_19261.pdf",
        "전자금융거래법": "전자금융거래법_19734.pdf",
        "전자금융감독규정": "전자금융감독규정_2026-7.pdf",
        "전자금융감독규정시행세칙": "전자금융감독규정시행세칙_20250205.pdf",
        "전자서명법": "전자서명법_18479.pdf",
        "금융위원회와 그 소속기관 직제": "금융위원회직제_35517.pdf",
    },
    "held_out": {
        "개인정보 보호법": "개인정보보호법_20897_20251002.pdf",
        "표준 개인정보 보호지침": "표준개인정보보호지침_2024-1.pdf",
        "개인정보의 안전성 확보조치 기준": "개인정보안전성확보조치기준_2023-6.pdf",
        "신용정보의 이용 및 보호에 관한 법률": "신용정보법_20304_20240814.pdf",
        "신용정보의 이용 및 보호에 관한 법률 시행령": "신용정보법시행령_35227_20250121.pdf",
        "신용정보의 이용 및 보호에 관한 법률 시행규칙": "신용정보법시행규칙_1635.pdf",
        "신용정보업감독규정": "신용정보업감독규정_2025-2.pdf",
        "정보통신망 이용촉진 및 정보보호 등에 관한 법률": "정보통신망법_20678_20250722.pdf",
    },
}
TERMS = "terms_v1.articles.json"
GENERAL = "보통약관"  # seen; the riders are held out

UNKNOWN = "\x00"  # a line break of which nobody knows whether it was a space
ARTICLE = re.compile(r"제(\d+)조(?:의(\d+))?\(([^()]{1,60})\) ?")
PARAGRAPH = re.compile(r"([①-⑳]) ?")
ITEM = re.compile(r"(\d{1,2})(의\d+)?\. (?!\d)")
DEEPER = re.compile(r"(?:[가나다라마바사아자차카타파하]\. |\d{1,2}\) |[가-하]\) )")
STOP = re.compile(r"(?:제\d+[장절관편]\b|부칙|\[[가-힣\s,]*(?:개정|신설|이동|종전)|\[[별서])")
NOTE = re.compile(r"\s*<(?:개정|신설)[^<>]*>\s*")
MARKS = re.compile(r"\s*\[(?:전문개정|본조신설|제목개정|종전)[^\[\]]*\]\s*")


@dataclass(frozen=True, slots=True)
class Known:
    """What a document's own words tell: its whole text, and words that stand with several particles, so are nouns."""

    text: str = ""
    nouns: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Clause:
    """One paragraph: its sentences, the items of its list, and when it was changed."""

    document: str
    article: str
    title: str
    mark: str
    sentences: tuple[str, ...]
    items: tuple[str, ...]
    note: str
    known: Known = field(default=Known(), repr=False, compare=False)

    @property
    def source(self) -> str:
        """Document, article and paragraph."""
        return f"{self.document} {self.place}"

    @property
    def place(self) -> str:
        """Article and paragraph as they are cited: 제12조제3항."""
        return self.article + (f"제{ord(self.mark) - ord('①') + 1}항" if self.mark else "")


@lru_cache(maxsize=4)
def clauses(data: Path, part: Part) -> tuple[Clause, ...]:
    """All clauses of a part, in the order of the documents; none that has a sentence twice in that part."""
    lines = {name: _lines(data / "law" / file) for texts in STATUTES.values() for name, file in texts.items()}
    words = _Words([line for found in lines.values() for line in found])
    found = [c for name in STATUTES[part] for c in _parsed(name, lines[name], words)]
    return tuple(_with_known(list(_once([*found, *_terms(data / "made" / TERMS, part)]))))


def _with_known(found: list[Clause]) -> Iterator[Clause]:
    texts: dict[str, list[str]] = {}
    for clause in found:
        texts.setdefault(clause.document, []).extend(clause.sentences)
    nouns = _nouns(s for sentences in texts.values() for s in sentences)
    known = {name: Known("\n".join(sentences), nouns) for name, sentences in texts.items()}
    for clause in found:
        yield replace(clause, known=known[clause.document])


def _nouns(sentences: Iterable[str]) -> frozenset[str]:
    """Words that stand with an object particle and with a subject or genitive particle."""
    words = {word for s in sentences for word in re.findall(r"[가-힣ㆍ]+", s)}
    ends = ({w[:-1] for w in words if w[-1] in marks and len(w) > 2} for marks in ("을를", "이가", "의"))
    objects, subjects, owners = ends
    return frozenset(objects & (subjects | owners))


def _once(found: list[Clause]) -> Iterator[Clause]:
    known: set[str] = set()
    for clause in found:
        if clause.sentences and not known & set(clause.sentences):
            known |= set(clause.sentences)
            yield clause


# --- statutes ----------------------------------------------------------------------------------------------------------------


def _lines(path: Path) -> list[str]:
    """The lines of all pages without the two running heads."""
    document = pypdfium2.PdfDocument(path)
    try:
        pages = [document[i].get_textpage().get_text_range() for i in range(len(document))]
    finally:
        document.close()
    return [_clean(line) for page in pages for line in page.split("\r\n")[2:] if line.strip()]


def _clean(line: str) -> str:
    return unicodedata.normalize("NFC", line).replace("·", "ㆍ").replace("\ufffe", "").strip()


class _Words:
    """What stands inside lines: single words, and words next to each other."""

    def __init__(self, lines: list[str]) -> None:
        inside = [line.split(" ")[1:-1] for line in lines]
        self.single = Counter(word for words in inside for word in words)
        self.pairs = Counter(pair for words in inside for pair in itertools.pairwise(words))

    def between(self, before: str, after: str) -> str:
        """A space, nothing, or UNKNOWN: what stood between two lines."""
        if not before or before[-1] in "ㆍ(「“‘/" or after[:1] in ")」”’,.":
            return ""
        if before[-1] in ",.:;>":
            return " "
        last, first = before.split(" ")[-1], after.split(" ")[0]
        together, apart = self.single[last + first], self.pairs[last, first]
        if bool(together) != bool(apart):
            return "" if together else " "
        known = min(self.single[last], self.single[first])
        return " " if not together and known >= 3 and len(last) > 1 and len(first) > 1 else UNKNOWN


@dataclass(slots=True)
class _Draft:
    document: str
    article: str
    title: str
    mark: str
    text: str = ""
    items: list[str] | None = None
    closed: bool = False

    def add(self, line: str, words: _Words) -> None:
        """A line that goes on where the last one ended."""
        if self.closed:
            return
        if self.items:
            self.items[-1] += words.between(self.items[-1], line) + line
        else:
            self.text += words.between(self.text, line) + line


def _parsed(name: str, lines: list[str], words: _Words) -> Iterator[Clause]:
    draft: _Draft | None = None
    article, title, supplement = "", "", False
    for line in lines:
        supplement = supplement or line.startswith("부칙")
        head = ARTICLE.match(line)
        if head:
            yield from _finished(draft, supplement)
            article, title = _named(head), head[3]
            draft, line = _Draft(name, article, title, ""), line[head.end() :]
            if not line:
                continue
        mark = PARAGRAPH.match(line)
        if mark:
            yield from _finished(draft, supplement) if draft and draft.text else ()
            draft, line = _Draft(name, article, title, mark[1]), line[mark.end() :]
        if draft is None:
            continue
        _take(draft, line, words, bool(mark or head))
    yield from _finished(draft, supplement)


def _named(head: re.Match[str]) -> str:
    return f"제{head[1]}조" + (f"의{head[2]}" if head[2] else "")


def _take(draft: _Draft, line: str, words: _Words, fresh: bool) -> None:
    item = ITEM.match(line)
    if STOP.match(line) and not fresh:
        draft.closed = True
    elif item and not fresh and not draft.closed and int(item[1]) in (len(draft.items or ()) + 1, len(draft.items or ())):
        draft.items = [*(draft.items or []), line[item.end() :]]
    elif DEEPER.match(line) and draft.items and not fresh:
        draft.items[-1] += UNKNOWN + line  # a list in a list: its item is not used
    else:
        draft.add(line, words)


def _finished(draft: _Draft | None, supplement: bool) -> Iterator[Clause]:
    if draft is None or not draft.text:
        return
    notes = NOTE.findall(draft.text)
    text = _bare(draft.text)
    items = tuple(_bare(i) for i in draft.items or ())
    clause = Clause(
        document=draft.document + (" 부칙" if supplement else ""),
        article=draft.article,
        title=draft.title,
        mark=draft.mark,
        sentences=tuple(split(text)),
        items=items if all(_whole(i) for i in items) else (),
        note=notes[-1].strip() if notes and UNKNOWN not in notes[-1] else "",
    )
    if all(_whole(s) for s in clause.sentences) and UNKNOWN not in draft.title:
        yield clause


def _bare(text: str) -> str:
    return re.sub(r" {2,}", " ", MARKS.sub(" ", NOTE.sub(" ", text))).strip()


def _whole(text: str) -> bool:
    """Whether nothing of it is unknown, cut off or struck out."""
    balanced = all(text.count(a) == text.count(b) for a, b in ("()", "「」", "“”", "‘’"))
    return balanced and UNKNOWN not in text and not text.startswith("삭제") and "<" not in text and "[" not in text


def split(text: str) -> list[str]:
    """Sentences that end with 다. outside brackets; a text that does not end so is no sentence and gives nothing."""
    found, start, depth = [], 0, 0
    for i, char in enumerate(text):
        depth += (char in "(“「") - (char in ")”」")
        if char == "." and depth == 0 and text[i - 1 : i] == "다" and text[i + 1 : i + 2] in ("", " "):
            found.append(text[start : i + 1].strip())
            start = i + 1
    return found if not text[start:].strip() else []


# --- made terms --------------------------------------------------------------------------------------------------------------


def _terms(path: Path, part: Part) -> Iterator[Clause]:
    for article in json.loads(path.read_text(encoding="utf-8"))["articles"]:
        if (article["part"] == GENERAL) == (part == "seen"):
            yield from _paragraphs(article["part"], article["label"], article["title"], article["text"])


def _paragraphs(name: str, label: str, title: str, text: str) -> Iterator[Clause]:
    for piece in re.split(r"\n(?=[①-⑳])", text):
        mark = PARAGRAPH.match(piece)
        first, *rest = (piece[mark.end() :] if mark else piece).split("\n")
        items = tuple(m[0] and line[m.end() :] for line in rest if (m := ITEM.match(line)))
        plain = len(items) == len(rest)
        yield Clause(name, label, title, mark[1] if mark else "", tuple(split(first)), items if plain else (), "")
