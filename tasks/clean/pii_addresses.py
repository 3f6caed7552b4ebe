"""Addresses of houses: the town, the street and the number, found by the number and read backwards."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property

from tasks.clean.pii_context import HANGUL, Candidate
from tasks.clean.pii_labels import INVISIBLE
from tasks.clean.pii_numbers import DASHES

SIDO = (
    "서울(?:특별시|시)?|(?:부산|대구|인천|광주|대전|울산)(?:광역시|시)?|세종(?:특별자치시|시)?|경기도?|강원(?:특별자치도|도)?"
    "|충청?[남북]도?|전북특별자치도|전라?[남북]도?|경상?[남북]도?|제주(?:특별자치도|도)?"
)
UNITS = "년도?|월|일|개(?:월|사|소)?|회|조|항|목|원|퍼센트|세|명|인|건|차례?|시간|분|억|만|천|배|급|점|종|가지|주년?|부"
# A unit that a word goes on from is none: 12명이, but 12건물.
NOT_A_HOUSE = (
    r"(?!\d|\n?\d{0,3}번?[가-힣]?길|\n?\s?가\s{0,3}\d|\s?[,.]\d{3}(?![\d동호])|\s?%|\s?이[상하내]"
    rf"|\s?(?:{UNITS})(?:[^{HANGUL}]|$|[은는이가을를의에로도만과와씩간당째]|까지|부터|으로|이[상하내]|미만|초과|마다))"
)
BROKEN = r"\d{1,4}(?:\n\d{1,3}(?!\d|[.)]))?"
HOUSE = re.compile(rf"(?:로|길|동|리|가)\s{{0,3}}(?:지하\s?|산\s?)?{BROKEN}(?:\s?[{DASHES}]\s?{BROKEN})?{NOT_A_HOUSE}")
TOWN = rf"(?:[{HANGUL}]{{1,5}}?[시군구]\s{{0,3}})"
STREET = (
    rf"(?:[{HANGUL}\d]{{1,6}}?[읍면]\s{{0,3}})?"
    rf"(?P<street>[{HANGUL}A-Za-z\d·]{{1,12}}?(?:로\s{{0,3}}[\d\n]{{1,5}}번?[{HANGUL}]?)?)"
)
WITH_PROVINCE = re.compile(rf"(?:{SIDO})\s{{0,3}}(?P<towns>{TOWN}{{0,2}}){STREET}$")
WITHOUT_PROVINCE = re.compile(rf"(?<![{HANGUL}\d])(?P<towns>{TOWN}{{0,2}}){STREET}$")
LABELLED = re.compile(r"(?:주소지?|거주지|거소|등록기준지|본적|자택|address)[은는]?\s{0,3}[:：|\n]?\s{0,3}$", re.I)
ENDS = rf"(?=[^{HANGUL}]|$|[에로은는이가을를과와도거소입임]|으로)"
UNIT_OF_HOUSE = re.compile(
    rf"(?:\s{{0,3}},?\s{{0,3}}(?:번지|\([{HANGUL}\d]{{1,8}}[동리가읍면](?:\s?,[^()\n]{{1,25}})?\)|지하\s?\d{{1,2}}층|\d{{1,3}}층"
    rf"|(?:[{HANGUL}A-Za-z\d]{{1,15}}\s?)?(?:[{HANGUL}A-Z]|{BROKEN})동\s?{BROKEN}호|{BROKEN}동{ENDS}"
    rf"|(?:[{HANGUL}A-Za-z\d]{{2,15}}\s|[B지])?{BROKEN}호{ENDS}"
    rf"|[{HANGUL}A-Za-z\d]{{1,15}}(?:아파트|빌라|빌딩|타워|오피스텔|맨션|맨숀|주택|연립|하이츠|팰리스|자이|힐스테이트|래미안|푸르지오|아이파크"
    rf"|더샵|캐슬|롯데캐슬|e편한세상|프라자|플라자|상가|단지)))"
    rf"{{0,5}}"
)
TWO_TOWNS = re.compile(rf"[{HANGUL}]시\s{{0,3}}[{HANGUL}]{{1,4}}구")
HOME = re.compile(r"\d(?:동|호|층)|\(")
INDENT = " {0,8}"
# Between two numbers the end of a line stays.
LINE_END = re.compile(rf"(?<!\d)\n{INDENT}|\n{INDENT}(?![\d ])|(?<=\d\n) {{1,8}}|[{INVISIBLE}]")


class Flat:
    """A text without line ends, indents and invisible characters, and the way back."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.text = LINE_END.sub("", text)

    def origin(self, at: int) -> int:
        """Where a character of the flat text stands in the text."""
        cuts, gone = self._removed
        return at + gone[bisect_right(cuts, at)]

    @cached_property
    def _removed(self) -> tuple[list[int], list[int]]:
        """The places of the flat text where something is gone, and how much is gone up to there."""
        cuts, gone = list[int](), [0]
        for match in LINE_END.finditer(self._text):
            cuts.append(match.start() - gone[-1])
            gone.append(gone[-1] + match.end() - match.start())
        return cuts, gone


def address_candidates(text: str) -> Iterator[Candidate]:
    """Addresses with the number of a house, but not those of institutions, nor mere names of places."""
    flat = Flat(text)
    end = 0
    for house in HOUSE.finditer(flat.text):
        unit = UNIT_OF_HOUSE.match(flat.text, house.end())
        rest = unit.end() if unit is not None else house.end()
        begin = _address_start(flat.text, end, house.start(), flat.text[house.end() : rest])
        if begin is not None:
            end = rest
            yield _address(flat.origin(begin), flat.origin(rest - 1) + 1)


def _address(start: int, end: int) -> Candidate:
    return Candidate(start, end, lambda context: None if context.of_institution(start, end) else "address")


def _address_start(text: str, after: int, street: int, unit: str) -> int | None:
    window = text[max(after, street - 45) : street]
    base = street - len(window)
    if (head := WITH_PROVINCE.search(window)) is not None and (head["towns"] or text.startswith("세종", base + head.start())):
        return base + head.start()
    head = WITHOUT_PROVINCE.search(window)
    if head is None or head["street"][-1:] in ("으", "도"):
        return None
    labelled = LABELLED.search(text[max(0, base + head.start() - 12) : base + head.start()])
    enough = labelled or (head["towns"] and HOME.search(unit)) or TWO_TOWNS.search(head["towns"])
    return base + head.start() if enough else None
