"""Addresses of houses: the town, the street and the number, found by the number and read backwards.

The address of an institution or a company (head office, place of business, shop) is nobody's and stays; the nearest word before
it tells whose it is. Where none does, as in a signature, an address is a person's.
"""

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
BLOCKS = (
    "아파트|빌라|오피스텔|맨션|맨숀|연립|주택|하이츠|팰리스|자이|힐스테이트|래미안"
    "|푸르지오|아이파크|더샵|캐슬|e편한세상|타운|마을|빌"
)
HOUSE = re.compile(
    rf"(?:로|길|동|리|가|(?:{BLOCKS})(?=\s{{0,3}}\d{{1,4}}호))\s{{0,3}}(?:지하\s?|산\s?)?{BROKEN}"
    rf"(?:\s?[{DASHES}]\s?{BROKEN})?{NOT_A_HOUSE}"
)
TOWN = rf"(?:[{HANGUL}]{{1,5}}?[시군구]\s{{0,3}})"
STREET = (
    rf"(?:[{HANGUL}\d]{{1,6}}?[읍면]\s{{0,3}})?"
    rf"(?P<street>[{HANGUL}A-Za-z\d·]{{1,12}}?(?:[로길]\s{{0,3}}[\d\n]{{1,5}}번?[{HANGUL}]?)?)"
)
# 새별동 한울아파트 118, before 동 1306호
IN_BLOCK = (
    rf"(?:[{HANGUL}\d·]{{1,8}}[동읍면리가로길]\s{{0,3}})(?:[\d\n]{{1,5}}(?:-\d{{1,4}})?(?:번지)?[\s,]{{0,3}})?"
    rf"(?P<street>[{HANGUL}A-Za-z\d()·\s]{{0,24}}?)(?:[\d\n]{{1,5}}|[{HANGUL}A-Z])?"
)
WITH_PROVINCE = re.compile(rf"(?:{SIDO})\s{{0,3}}(?P<towns>{TOWN}{{0,2}}){STREET}$")
WITHOUT_PROVINCE = re.compile(rf"(?<![{HANGUL}\d])(?P<towns>{TOWN}{{0,2}}){STREET}$")
BLOCK_WITH_PROVINCE = re.compile(rf"(?:{SIDO})\s{{0,3}}(?P<towns>{TOWN}{{0,2}}){IN_BLOCK}$")
BLOCK_WITHOUT_PROVINCE = re.compile(rf"(?<![{HANGUL}\d])(?P<towns>{TOWN}{{1,2}}){IN_BLOCK}$")
CITIES = """
    수원 성남 의정부 안양 부천 광명 평택 동두천 안산 고양 과천 구리 남양주 오산 시흥 군포 의왕 하남 용인 파주 이천 안성 김포
    화성 양주 포천 여주 춘천 원주 강릉 동해 태백 속초 삼척 청주 충주 제천 천안 공주 보령 아산 서산 논산 계룡 당진 전주 군산 익산
    정읍 남원 김제 목포 여수 순천 나주 광양 포항 경주 김천 안동 구미 영주 영천 상주 문경 경산 창원 진주 통영 사천 김해 밀양 거제
    양산 제주 서귀포
"""
COUNTIES = """
    연천 가평 양평 홍천 횡성 영월 평창 정선 철원 화천 양구 인제 양양 보은 옥천 영동 증평 진천 괴산 음성 단양 금산 부여 서천 청양
    홍성 예산 태안 완주 진안 무주 장수 임실 순창 고창 부안 담양 곡성 구례 고흥 보성 화순 장흥 강진 해남 영암 무안 함평 영광 장성
    완도 진도 신안 의성 청송 영양 영덕 청도 고령 성주 칠곡 예천 봉화 울진 울릉 의령 함안 창녕 남해 하동 산청 함양 거창 합천 기장
    달성 강화 옹진 군위 울주
"""
REAL_TOWN = re.compile(rf"(?:{'|'.join(CITIES.split())})시|(?:{'|'.join(COUNTIES.split())})군")
LABELLED = re.compile(
    r"(?:주소지?|거주지|거소|등록기준지|본적|자택|배송지|수령지|수령처|송달장소|송달지|보낼\s?곳|받을\s?곳|사는\s?곳|이사한\s?곳|address)"
    r"(?:[은는을를이가]|로)?\s{0,3}[:：|\n\t]?\s{0,12}$",
    re.I,
)
ENDS = rf"(?=[^{HANGUL}]|$|[에로은는이가을를과와도거소입임]|으로)"
UNIT_OF_HOUSE = re.compile(
    rf"(?:\s{{0,3}},?\s{{0,3}}(?:번지|호{ENDS}|\([{HANGUL}\d]{{1,8}}[동리가읍면](?:\s?,[^()\n]{{1,25}})?\)|지하\s?\d{{1,2}}층|\d{{1,3}}층"
    rf"|(?:[{HANGUL}A-Za-z\d]{{1,15}}\s?)?(?:[{HANGUL}A-Z]|{BROKEN})동\s?{BROKEN}호|{BROKEN}동{ENDS}"
    rf"|(?:[{HANGUL}A-Za-z\d]{{2,15}}\s|[B지])?{BROKEN}호{ENDS}"
    rf"|[{HANGUL}A-Za-z\d]{{1,15}}(?:아파트|빌라|빌딩|타워|오피스텔|맨션|맨숀|주택|연립|하이츠|팰리스|자이|힐스테이트|래미안|푸르지오|아이파크"
    rf"|더샵|캐슬|롯데캐슬|e편한세상|프라자|플라자|상가|단지)))"
    rf"{{0,5}}"
)
TWO_TOWNS = re.compile(rf"[{HANGUL}]시\s{{0,3}}[{HANGUL}]{{1,4}}구")
REACH = 60  # characters before the number of the house
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
    window = text[max(after, street - REACH) : street]
    base = street - len(window)
    in_block = unit.rstrip().endswith("호")
    head = WITH_PROVINCE.search(window) or (BLOCK_WITH_PROVINCE.search(window) if in_block else None)
    if head is not None and (
        head["towns"] or text.startswith("세종", base + head.start()) or _labelled(text, base + head.start())
    ):
        return base + head.start()
    head = WITHOUT_PROVINCE.search(window)
    if head is not None and head["street"][-1:] not in ("으", "도") and _is_enough(text, base, head, street, unit):
        return base + head.start()
    head = BLOCK_WITHOUT_PROVINCE.search(window) if in_block else None
    return base + head.start() if head is not None else None


def _labelled(text: str, at: int) -> bool:
    return LABELLED.search(text[max(0, at - 24) : at]) is not None


def _is_enough(text: str, base: int, head: re.Match[str], street: int, unit: str) -> bool:
    """Whether a town without its province is an address: with its label, a flat, a district, or as a town that exists."""
    if _labelled(text, base + head.start()) or TWO_TOWNS.search(head["towns"]):
        return True
    on_a_road = text[street] in "로길"
    return bool(head["towns"]) and (HOME.search(unit) is not None or (on_a_road and REAL_TOWN.match(head["towns"]) is not None))
