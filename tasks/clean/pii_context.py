"""What stands around a number: the label that says what it is, and whether it belongs to a person or to an institution.

A text is read from its start, and what was found is replaced at once: so a decision rests on the text as it will stand, and
masking a masked text changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from tasks.clean.pii_columns import Columns
from tasks.clean.pii_labels import LABELS, NEAR, NO_LABEL, NOISE, PLACEHOLDERS, Kind, Label, Labels, last_label

HANGUL = "가-힣"
WINDOW = 60  # characters before a number that are read
# A word with a colon in front of a number is its label, known or not.
FIELD = re.compile(r"[^\w가-힣]{0,6}[가-힣A-Za-z()/ ]{1,14}(?<![다음래])[:：]")
BEHIND = re.compile(r"\s?(?:[(\[]\s?([가-힣A-Za-z ]{2,14})[)\]]|(?:은|는|이|가)\s([가-힣 ]{4,12}))")
WHOLE_LABEL = re.compile(rf"(?:{LABELS.pattern})(?:\([^()]{{0,8}}\))?")
PERSON = re.compile(
    "자택|집전화|본인(?!확인|인증)|계약자|피보험자|수익자|고객(?!센터|상담|만족|지원|서비스|콜|행복|문의|번호)|환자|보호자|대리인|신청인|청구인"
    "|가입자|성명|예금주|직장|거주|본적|기준지|배우자|자녀|배송지|수령지|위임인|수임인|매도인|매수인|임대인|임차인|양도인|양수인|보증인|채무자|상속인|피해자|모집인|설계사|담당의"
)
INSTITUTION = re.compile(
    "고객(?:센터|상담|만족|지원|서비스|콜|행복|문의)|콜센터|센터|상담(?:실|원|전화|문의)|대표(?:전화|번호)|대표(?=\\W*$)|본사|본점|지점|지사"
    "|영업점|본부|민원|감독원|금감원|소비자보호|소비자원|위원회|협회|공단|공사|진흥원|개발원|재단|연구원|법원|검찰|경찰|소방서|구청|시청|군청"
    "|[가-힣](?:부|처|청|과|국|실|팀)(?=[-(),])|과-|사고접수|긴급출동|당사|주식회사|㈜|헬프데스크|무료"
)
LESS_CLEAR = re.compile("문의|안내|팩스|fax")
AFTER_INSTITUTION = re.compile(r"[(\[,]?(?:회사)?(?:고객|콜센터|대표|본사|본점|상담|민원|금융감독원|소비자|안내|문의)")


class Context:
    """What stands around a place of a text whose beginning is masked already."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._masked = ""
        self._end = 0
        self._latest: tuple[int, Label] | None = None

    @cached_property
    def _labels(self) -> Labels:
        return Labels(self._text)

    @cached_property
    def _columns(self) -> Columns:
        return Columns(self._text)

    def put(self, kind: Kind, start: int, end: int) -> None:
        """These characters are replaced; all that is asked for later stands after them."""
        self._masked = (self._masked + self._text[self._end : start] + PLACEHOLDERS[kind])[-2 * WINDOW :]
        self._end = end
        self._labels.put(kind, start, end)

    def before(self, start: int, reach: int = WINDOW) -> str:
        """The characters before, without white space, marks and table rulings, in small letters."""
        begin = max(self._end, start - 2 * reach)
        kept = self._masked if begin == self._end else ""
        return NOISE.sub("", (kept + self._text[begin:start])[-2 * reach :])[-reach:].lower()

    def after(self, end: int, reach: int = 16) -> str:
        """The characters after, likewise."""
        return NOISE.sub("", self._text[end : end + 2 * reach])[:reach].lower()

    def label(self, start: int, end: int) -> Label:
        """What says what this is: the nearest label before it, at the head of its column, or in brackets after it.

        All shapes that begin at one place ask for it.
        """
        if self._latest is None or self._latest[0] != start:
            self._latest = start, self._before(start)
        before = self._latest[1]
        return before if before.distance <= NEAR else self._behind(end) or before

    def _before(self, start: int) -> Label:
        head = self._columns.head(start)
        if head is not None:
            return self._in_table(start, head)
        nearest, line = self._labels.nearest(start), self._columns.line(start)
        above = nearest.kind and nearest.distance >= self._labels.distance(line, start)
        return NO_LABEL if above and FIELD.search(self._text, line, start) else nearest

    def _in_table(self, start: int, head: str) -> Label:
        cell = self._columns.cell(start)
        inside = self._labels.nearest(start, cell)
        if inside.kind:
            return inside
        left = NOISE.sub("", self._columns.left_of(cell)).lower()
        beside = last_label(left) if WHOLE_LABEL.fullmatch(left) else ""
        if beside and beside != "bank":
            return Label(beside, 0)
        return Label(head, 0) if head else self._labels.nearest(start, self._columns.line(start))

    def _behind(self, end: int) -> Label | None:
        match = BEHIND.match(self._text, end)
        kind = last_label(match[1] or match[2]) if match is not None else ""
        return Label(kind, 0) if kind else None

    def of_institution(self, start: int, end: int) -> bool:
        """Whether the nearest word of that kind speaks of an institution and not of a person."""
        before = self.before(start, 48)
        person = max((m.end() for m in PERSON.finditer(before)), default=-1)
        institution = max((m.end() for m in INSTITUTION.finditer(before)), default=-1)
        if person >= 0:
            return institution > person
        return institution >= 0 or LESS_CLEAR.search(before) is not None or AFTER_INSTITUTION.match(self.after(end)) is not None

    def follows(self, end: int, pattern: re.Pattern[str]) -> bool:
        """Whether the text goes on like this."""
        return pattern.match(self._text, end) is not None

    def character(self, at: int) -> str:
        """A character of the text, empty outside it."""
        return self._text[at] if 0 <= at < len(self._text) else ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Characters that may be personal data; `decide` tells the kind, or None."""

    start: int
    end: int
    decide: Callable[[Context], Kind | None]
