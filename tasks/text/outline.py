"""The outline grammar: which line opens a clause, which one an item, and which one only mentions a clause.

Korean statutes and insurance terms: 제1편/장/절/관, 제3조(제목), 제3조의2, 제4조 삭제, 부칙, [별표 1], 특별약관; ①, 1., 가. below
an article; 【주문】 in decisions. English policies: Section 3, Article 4, 2.1 Scope. A line that looks like a heading may be
the wrapped middle of a sentence ("제5조(정의)에 따른 …"): this module reads one line, and tells a reference by the words after
the title. Whether the number can come next is for the reader of the whole document (`tasks.chunk.clauses`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Level = Literal[
    "rider", "annex", "supplement", "part", "chapter", "section", "subsection", "label", "article", "numbered", "subnumbered"
]
Number = tuple[int, ...]

UNITS: dict[str, Level] = {"편": "part", "장": "chapter", "절": "section", "관": "subsection"}
RANK: dict[Level, int] = {
    "rider": 0,
    "annex": 0,
    "supplement": 1,
    "part": 2,
    "chapter": 3,
    "section": 4,
    "subsection": 5,
    "label": 5,
    "article": 6,
    "numbered": 7,
    "subnumbered": 8,
}
MAX_TITLE = 80  # characters of a heading that has no brackets around it

AMENDED = re.compile(r"\s*[<＜〈][^<>＜＞〈〉]*[>＞〉]\s*$")  # <개정 2018. 12. 21.> behind a title
# What follows a clause that is only mentioned: a particle right behind it, or a paragraph of it.
MENTION = re.compile(
    r"(?:의|에|에서|에게|에는|에도|을|를|은|는|가|와|과|부터|까지|으로|로|도|만|이나|에만|에의|상|중"
    r"|이(?!\s?(?:법|영|규|약관|지침|세칙|기준|조|특별|계약|고시|요령|정관|내규|절차)))(?=[\s,.)제]|$)"
    r"|\s*(?:제\s?\d+\s?(?:항|호|목)|각\s?(?:항|호|목)|[,ㆍ·、])"
    r"|\s*(?:및|또는|내지|부터|까지|규정에|규정을|규정의|본문|단서|전단|후단)(?=\s|$)"
)
UNIT = re.compile(r"제\s?(\d+)\s?([편장절관])(?:의\s?(\d+))?(?P<title>.*)$")
ARTICLE = re.compile(r"제\s?(?P<n>\d+)\s?조(?:\s?의\s?(?P<m>\d+))?(?P<rest>.*)$")
# "제5조 정의": a title without brackets is short and no part of a sentence.
PLAIN_TITLE = re.compile(r"\s[가-힣][가-힣A-Za-z ·ㆍ]{0,24}(?<![을를은는와과로며고면다및])")
RANGE = re.compile(r"\s*(?:부터|내지|~|∼)\s*제\s?(\d+)\s?조(?:의\s?(\d+))?(?:까지)?\s*(?:삭\s*제|생\s*략)")
GONE = re.compile(r"\s*(?:삭\s*제|생\s*략)\s*(?=$|[<＜\[(.])")
SUPPLEMENT = re.compile(r"부\s*칙\s*(?P<law>[<＜(\[].*)?$")
ANNEX = re.compile(
    r"(?P<open>[\[【<(〔]?)\s*(?P<kind>별\s*표|별\s*지|부\s*표|부\s*록|붙\s*임)\s*(?:제\s*)?(?P<n>\d+(?:\s?의\s?\d+)?(?:\s?-\s?\d+)?)?\s*(?:호\s*)?(?:서\s*식)?\s*"
    r"(?P<close>[\]】>)〕]?)(?P<title>.*)$"
)
RIDER = re.compile(r"(?:약관|특약|특별약정|추가약정|특칙)(?:\s*\([^()]*\))?$")
LABEL = re.compile(r"【\s*(?P<name>[^【】]{1,40}?)\s*】")
LABELS = frozenset({"주문", "이유", "청구취지", "항소취지", "청구취지및항소취지", "신청취지"})  # drawn with wide letters
ENGLISH = re.compile(
    r"(?P<word>Section|SECTION|Article|ARTICLE|Part|PART|Chapter|CHAPTER)\s+(?P<n>\d{1,3}(?:\.\d{1,3})*|[IVX]{1,5})\b[.:]?(?P<title>.*)$"
)
ENGLISH_ANNEX = re.compile(
    r"(?P<word>Annex|ANNEX|Appendix|APPENDIX|Schedule|SCHEDULE|Exhibit|EXHIBIT)\s+(?P<n>[A-Z]|\d{1,2})\b[.:]?(?P<title>.*)$"
)
NUMBERED = re.compile(r"(?P<n>\d{1,2}(?:\.\d{1,2}){0,3})\.?\s+(?P<title>\S.*)$")
ENGLISH_MENTION = re.compile(r"\s*(?:[a-z,;()]|and\b|or\b|of\b|to\b|shall\b|applies\b)")
ROMAN = {"I": 1, "V": 5, "X": 10}
# In a table of contents: dots that lead to a page number.
LEADERS = re.compile(r"(?:[·.…‥・⋯_]\s?){4,}\s*[-–]?\s*(?:\d{1,4}|[ivxl]{1,6})?\s*[-–]?$")
LONGEST_LEADER = 200  # characters of a line that are looked at
ENOUGH_LEADERS = 3  # lines of a page with them are a table of contents

Item = Literal["paragraph", "dotted", "item", "subitem", "note"]
CIRCLED = re.compile(r"[\u2460-\u2473\u3251-\u325f\u32b1-\u32bf]")
NOTE = re.compile(
    r"(?:\[(?:전문개정|본조신설|제목개정|시행일|종전|단순위헌|헌법불합치|법률\s?제|대통령령\s?제|제\d+조|유효기간|본장|본절)|※|☞|주\s?\d*\)|비고\s*$)"
)
HANGUL = re.compile(r"[가-힣]")
SUBITEMS = "가나다라마바사아자차카타파하"
DOTTED = re.compile(r"(\d{1,2}(?:\.\d{1,2}){1,3})\.?\s+(?=[A-Z가-힣“‘\"'])")
ITEM = re.compile(r"(\d{1,3})(?:의(\d{1,2}))?\s?\.(?!\d)")
SUBITEM = re.compile(rf"([{SUBITEMS}])(?:의(\d))?\s?\.(?=\s|[^\s가-힣.])")
BRACKETED = re.compile(rf"(?:\((\d{{1,2}}|[a-z]|[{SUBITEMS}])\)|(\d{{1,2}}|[{SUBITEMS}])\))(?=\s|[가-힣A-Z])")
BULLET = re.compile(r"[-–•∙○◦▶□■◇]\s")


@dataclass(frozen=True, slots=True)
class Heading:
    """A line that opens a part of the document. `title` is the heading as written, the text goes on at `end`.

    `until` is the last number of a range ("제3조부터 제5조까지 생략"), else the number itself.
    """

    level: Level
    number: Number
    label: str
    title: str
    end: int
    until: Number = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """A line that opens a paragraph or an item; `number` counts within its list, () for a note."""

    item: Item
    number: Number


def heading(line: str) -> Heading | None:
    """What a line opens, by its own words."""
    return _article(line) or _unit(line) or _supplement(line) or _annex(line) or _label(line) or _english(line)


def numbered(line: str) -> Heading | None:
    """A numbered title ("1. Purpose", "2.1 Scope", "1. 개요"): short, and no sentence. Only where no articles are."""
    match = NUMBERED.match(line)
    if not match:
        return None
    title = match["title"].strip()
    longest = MAX_TITLE if HANGUL.search(title) else 60
    if len(title) > longest or title[-1] in ".,;:" or re.search(r"(?:다|요|음|함|것)$", title):
        return None
    if not (title[0].isupper() or "가" <= title[0] <= "힣"):
        return None
    number = tuple(int(n) for n in match["n"].split("."))
    level: Level = "numbered" if len(number) == 1 else "subnumbered"
    return Heading(level, number, match["n"], line.strip(), len(line))


def mark(line: str) -> Mark | None:
    """The list mark at the start of a line."""
    if CIRCLED.match(line):
        return Mark("paragraph", (circled_value(line[0]),))
    if match := DOTTED.match(line):
        return Mark("dotted", tuple(int(n) for n in match[1].split(".")))
    if match := ITEM.match(line):
        return Mark("item", _number(match[1], match[2]))
    if match := SUBITEM.match(line):
        return Mark("subitem", _number(str(SUBITEMS.index(match[1]) + 1), match[2]))
    if match := BRACKETED.match(line):
        return Mark("subitem", (_ordinal(match[1] or match[2]),))
    return Mark("note", ()) if BULLET.match(line) or NOTE.match(line) else None


def circled_value(char: str) -> int:
    """1 for ①, 21 for ㉑."""
    code = ord(char)
    for first, last, value in ((0x2460, 0x2473, 1), (0x3251, 0x325F, 21), (0x32B1, 0x32BF, 36)):
        if first <= code <= last:
            return code - first + value
    raise ValueError(f"not a circled number: {char!r}")


def squeezed(text: str) -> str:
    """A title whose letters were drawn apart ("보 통 약 관") as a word; any other text as it is, with single spaces."""
    words = text.split()
    wide = len(words) > 1 and all(len(w) == 1 and not w.isdigit() for w in words)
    return "".join(words) if wide else " ".join(words)


def is_rider_title(line: str) -> bool:
    """Whether a line names a set of terms ("제2특약 질병 입원일당 특별약관", "보 통 약 관")."""
    text = squeezed(line)
    return 2 < len(text) <= MAX_TITLE and bool(RIDER.search(text)) and mark(text) is None


def has_leaders(line: str) -> bool:
    """Whether a line ends with dots that lead to a page number, as in a table of contents."""
    return LEADERS.search(line[-LONGEST_LEADER:]) is not None


def bare_title(title: str) -> str:
    """A heading without its amendment mark."""
    return AMENDED.sub("", title).strip()


def _article(line: str) -> Heading | None:
    match = ARTICLE.match(line)
    if not match:
        return None
    number, rest, at = _number(match["n"], match["m"]), match["rest"], match.start("rest")
    label = article_label(number)
    if several := RANGE.match(rest):
        until = _number(several[1], several[2])
        title = " ".join(line[: at + several.end()].split())
        return Heading("article", number, f"{label}-{article_label(until)}", title, at + several.end(), until)
    if gone := GONE.match(rest):
        word = "".join(gone[0].split())
        return Heading("article", number, label, f"{label} {word}", at + gone.end(), number)
    if not rest.strip():
        return Heading("article", number, label, label, len(line), number)
    length = _bracketed_title(rest)
    if not length and PLAIN_TITLE.fullmatch(rest) and not MENTION.match(rest):
        return Heading("article", number, label, label + rest, len(line), number)
    if not length or MENTION.match(rest, length):
        return None
    return Heading("article", number, label, label + " ".join(rest[:length].split()), at + length, number)


def _bracketed_title(rest: str) -> int:
    """Length of "(제목)" at the start of `rest`, brackets within it included; all of an unclosed one; 0 for none."""
    lead = len(rest) - len(rest.lstrip())
    if lead > 1 or rest[lead : lead + 1] not in ("(", "[", "【", "（"):
        return 0
    depth = 0
    for at, char in enumerate(rest[lead:], start=lead):
        depth += (char in "([【（") - (char in ")]】）")
        if depth == 0:
            return at + 1
    return len(rest)


def article_label(number: Number) -> str:
    """제3조의2 for (3, 2)."""
    return f"제{number[0]}조" + "".join(f"의{n}" for n in number[1:])


def _unit(line: str) -> Heading | None:
    match = UNIT.match(line)
    if not match:
        return None
    title, unit = match["title"], match[2]
    if len(title) > MAX_TITLE or MENTION.match(title) or title.rstrip().endswith(("다.", ",")):
        return None
    if title and not title[0].isspace() and title[0] not in "(<":
        return None
    number = _number(match[1], match[3])
    label = f"제{number[0]}{unit}" + "".join(f"의{n}" for n in number[1:])
    text = f"{label} {bare_title(title)}".strip()
    return Heading(UNITS[unit], number, label, " ".join(text.split()), len(line))


def _supplement(line: str) -> Heading | None:
    match = SUPPLEMENT.match(line)
    if not match:
        return None
    law = " ".join((match["law"] or "").split())
    return Heading("supplement", (), "부칙" + supplement_date(law), f"부칙 {law}".strip(), len(line))


def supplement_date(law: str) -> str:
    """<2024.1.1> of "<제19234호,2024. 1. 1.>"; the whole mark when it holds no date."""
    date = re.search(r"(\d{4})\s*[.년]\s*(\d{1,2})\s*[.월]\s*(\d{1,2})", law)
    if date:
        return f"<{int(date[1])}.{int(date[2])}.{int(date[3])}>"
    return "".join(law.split())


def _annex(line: str) -> Heading | None:
    match = ANNEX.match(line)
    if not match or bool(match["open"]) != bool(match["close"]) or not _names_an_annex(match):
        return None
    kind, number = "".join(match["kind"].split()), "".join((match["n"] or "").split())
    return Heading("annex", (), f"{kind} {number}".strip(), " ".join(line.split()), len(line))


def _names_an_annex(match: re.Match[str]) -> bool:
    """Not a sentence that goes on about one ("별표 2 제2호에서", "[별표 3]에 해당하는", "별지1 기재와 같다")."""
    rest = match["title"]
    title = rest.strip()
    if len(title) > MAX_TITLE or MENTION.match(rest) or title.endswith(("다.", ",")) or re.match(r"중\s|제\d", title):
        return False
    if not match["open"]:
        plain = (
            len(title) <= 30 and not re.match(r"기재|참조|목록", title) and not re.search(r"[다시와과는은을를에의한된할]$", title)
        )
        return not title or (plain and bool(match["n"] or match["kind"].startswith("부")))
    if rest.startswith("("):
        return len(rest) == _bracketed_title(rest)
    return not title or rest[0].isspace() or rest[0] in "<＜"


def _label(line: str) -> Heading | None:
    if match := LABEL.match(line):
        name = squeezed(match["name"])
        return Heading("label", (), name, f"【{name}】", match.end())
    words = line.split()
    name = "".join(words)
    if len(words) > 1 and name in LABELS and all(len(w) == 1 for w in words[:2]):
        return Heading("label", (), name, name, len(line))
    return None


def _english(line: str) -> Heading | None:
    if annex := ENGLISH_ANNEX.match(line):
        label = f"{annex['word'].capitalize()} {annex['n']}"
        is_title = len(annex["title"]) <= MAX_TITLE and not ENGLISH_MENTION.match(annex["title"]) and not line.endswith(".")
        return Heading("annex", (), label, " ".join(line.split()), len(line)) if is_title else None
    match = ENGLISH.match(line)
    if not match or ENGLISH_MENTION.match(match["title"]) or len(match["title"]) > MAX_TITLE:
        return None
    title = match["title"].strip(" -–—:.")
    number = tuple(int(n) for n in match["n"].split(".")) if match["n"][0].isdigit() else (_roman(match["n"]),)
    word = match["word"].capitalize()
    level: Level = "chapter" if word in ("Part", "Chapter") else "article"
    label = f"{word} {match['n']}"
    return Heading(level, number, label, f"{label} {title}".strip(), len(line))


def _roman(text: str) -> int:
    values = [ROMAN[c] for c in text]
    return sum(-v if v < max(values[i:]) else v for i, v in enumerate(values))


def _number(first: str, second: str | None) -> Number:
    return (int(first), int(second)) if second else (int(first),)


def _ordinal(text: str) -> int:
    if text.isdigit():
        return int(text)
    return SUBITEMS.index(text) + 1 if text in SUBITEMS else ord(text) - ord("a") + 1
