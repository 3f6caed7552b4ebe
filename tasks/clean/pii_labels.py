"""The words that say what the number after them is.

All labels of a text are found once, in the text without white space and marks (a label may be broken over two lines); the label
of a number is then looked up, so a page of numbers costs no more than a page of words.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import Final, Literal, get_args

Kind = Literal[
    "resident",
    "foreigner",
    "passport",
    "driver",
    "business",
    "corporate",
    "account",
    "card",
    "phone",
    "email",
    "address",
    "name",
    "vehicle",
    "ip",
]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
PLACEHOLDERS: Final[dict[Kind, str]] = {
    "resident": "[주민등록번호]",
    "foreigner": "[외국인등록번호]",
    "passport": "[여권번호]",
    "driver": "[운전면허번호]",
    "business": "[사업자등록번호]",
    "corporate": "[법인등록번호]",
    "account": "[계좌번호]",
    "card": "[카드번호]",
    "phone": "[전화번호]",
    "email": "[이메일]",
    "address": "[주소]",
    "name": "[이름]",
    "vehicle": "[차량번호]",
    "ip": "[IP주소]",
}
PLACEHOLDER = re.compile("|".join(map(re.escape, PLACEHOLDERS.values())))

INVISIBLE = "\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\r"
NOISE = re.compile(rf"[\s{INVISIBLE}|:：=*_#\"'“”‘’\\]+")
REACH = 60  # characters before a number that may hold its label
NEAR = 14  # a label this close belongs to the number
WIDTH = 8  # characters a value counts for in a distance, masked or not
MOST_BETWEEN = REACH // WIDTH

REGISTERED = "(?:주민|법인|사업자|외국인)"
SECURITIES = (  # a company, and not a policy or a paper
    r"(?<=[가-힣a-z])(?<!보험)(?<!수익)(?<!유가)(?<!연금)(?<!공제)(?<!계약)(?<!가입)(?<!해당)(?<!보증)(?<!기존)(?<!대상)(?<!채무)(?<!지분)"
    r"증권(?=[^\w가-힣]{0,2}\d)"
)
# The label decides what a number is. `registered` are numbers of a person, a company or a business, as their shape tells;
# `bank` says less than `account`; `other` are numbers that are nobody's.
VOCABULARY: Final = {
    "registered": rf"{REGISTERED}(?:등록)?(?:번호)?(?:[(/·,]|또는|및){{1,2}}{REGISTERED}(?:등록)?(?:번호)?\)?(?:등록)?(?:번호)?",
    "foreigner": "외국인(?:등록)?(?:번호|증)|외국인등록|거소(?:신고)?번호|foreignerregistration|alienregistration",
    "resident": (
        r"주민(?:등록)?번호|주민등록|주민(?=[^\w가-힣]{0,3}\d)|실명(?:확인)?번호|(?<![a-z])rrn|residentregistration|resident"
    ),
    "corporate": r"법인(?:등록|등기)?번호|법인등록|법인(?=[^\w가-힣]{0,3}\d)|corporate",
    "business": "사업자(?:등록)?(?:번호|증)?|고유번호|business",
    "passport": "여권(?:번호)?|passport",
    "driver": "(?:운전)?면허(?:증)?(?:번호)?|driver|licen[cs]e",
    "vehicle": "(?:차량|자동차)(?:등록)?(?:번호)?|번호판|차번",
    "card": "카드(?:번호)?|(?<![a-z])card",
    "other": (
        "(?:증권|접수|상담|사건|문서|관리|일련|주문|승인|거래|송장|청구|사고|계약|고객|회원|상품|제품|모델|품목|인증"
        "|허가|특허|출원|심사|공고|발행|영수증?|전표|조회|참조|신고|예약|보험|자산|시리얼|물품|도서|우편"
        "|(?:상표|특허|디자인|저작권|제품|의약품|모집인|설계사|중개업|대부업)등록)번호"
        "|코드|운송장|(?<![a-z])(?:isbn|serial|policy|order|receipt)"
    ),
    "account": "계좌(?:번호)?|예금주|통장|입금|송금|이체|출금|(?<![a-z])(?:account|acct|iban|a/c)",
    "bank": (
        rf"은행|뱅크|농협|수협|축협|신협|금고|캐피탈|우체국|저축|{SECURITIES}"
        r"|(?:국민|신한|우리|하나|기업|산업|제일|씨티|카카오|토스|케이)(?=[^\w가-힣]{0,2}\d)"
    ),
    "phone": (
        "전화(?:번호)?|연락처|휴대(?:폰|전화)?|핸드폰|팩스|☎|문의|직통|(?<![a-z])(?:phone|mobile|tel|fax|cell|hp(?![a-z]))|telephone"
        "|cellphone"
    ),
    "ip": "(?<![a-z])ip(?:주소|address)?|아이피|접속|로그인",
    "any_registered": "등록번호",  # last, as it ends many others
}
# No label begins with another character, so most places need no look at the words.
FIRST = (
    r"\[a-z☎주법사외거실고여운면차자번카증접상문관일승송청계회제모품인허특출심공발영전조참신예보시물도우디저의설중대코통입이은뱅농수축새금캐"
    "국하기산씨토케연휴핸팩직아로등"
)
LABELS: Final = re.compile(
    f"(?=[{FIRST}])(?:(?P<placeholder>{PLACEHOLDER.pattern.lower()})|"
    + "|".join(f"(?P<{kind}>{words})" for kind, words in VOCABULARY.items())
    + ")"
)
# Which values a label may stand before: it is spent when one of them follows.
VALUES: Final = {
    "registered": ("resident", "foreigner", "corporate", "business"),
    "resident": ("resident", "foreigner"),
    "foreigner": ("resident", "foreigner"),
    "bank": ("account",),
}


@dataclass(frozen=True, slots=True)
class Label:
    """The nearest label before a place, and how many characters stand between; kind "" without one."""

    kind: str
    distance: int

    def near(self, *kinds: str) -> bool:
        """Whether it is one of these and close."""
        return self.distance <= NEAR and self.kind in kinds


NO_LABEL = Label("", REACH)


@dataclass(frozen=True, slots=True)
class Word:
    """A label, or a value that is masked, and its place in the squeezed text."""

    kind: str
    start: int
    end: int


KIND_OF: Final = {placeholder.lower(): kind for kind, placeholder in PLACEHOLDERS.items()}


def words_of(squeezed: str) -> tuple[list[Word], list[Word]]:
    """The labels of a squeezed text, and the values that are masked in it."""
    labels, values = list[Word](), list[Word]()
    for match in LABELS.finditer(squeezed):
        group = match.lastgroup or ""
        if group == "placeholder":
            values.append(Word(KIND_OF[match.group()], *match.span()))
        else:
            labels.append(Word("registered" if group == "any_registered" else group, *match.span()))
    return labels, values


def last_label(cell: str) -> str:
    """What the last label of a cell says; empty without one."""
    labels, _ = words_of(lowered(NOISE.sub("", cell)))
    return labels[-1].kind if labels else ""


def lowered(text: str) -> str:
    """In small letters, each in the place of its capital."""
    small = text.lower()
    return small if len(small) == len(text) else text


class Squeezed:
    """A text without white space, marks and rulings, in small letters, and the way into it."""

    def __init__(self, text: str) -> None:
        self._starts, self._removed = [0], [0]
        for match in NOISE.finditer(text):
            self._starts.append(match.start())
            self._removed.append(self._removed[-1] + match.end() - match.start())
        self.text = lowered(NOISE.sub("", text))

    def place(self, at: int) -> int:
        """Where a character of the text, or the next one that is kept, stands in the squeezed text."""
        noise = bisect_right(self._starts, at) - 1
        kept = self._starts[noise] - (self._removed[noise - 1] if noise else 0)
        return max(kept, at - self._removed[noise])


LISTED = re.compile(r"(?:[,/·~;()및와과]|또는)*")


class Labels:
    """The labels of a text, the values already masked in it, and which label belongs to a place."""

    def __init__(self, text: str) -> None:
        self._squeezed = Squeezed(text)
        self._labels, self._values = words_of(self._squeezed.text)
        self._ends = [label.end for label in self._labels]
        self._value_ends = [value.end for value in self._values]

    def put(self, kind: str, start: int, end: int) -> None:
        """These characters of the text are a value: what stands in them is no label."""
        value = Word(kind, self._squeezed.place(start), self._squeezed.place(end))
        at = bisect_left(self._value_ends, value.end)
        self._values.insert(at, value)
        self._value_ends.insert(at, value.end)

    def distance(self, start: int, end: int) -> int:
        """How many characters of the squeezed text stand between two places of the text."""
        return self._squeezed.place(end) - self._squeezed.place(start)

    def nearest(self, start: int, floor: int = 0) -> Label:
        """The nearest label before `start` and not before `floor` that no value has used up."""
        here, lowest = self._squeezed.place(start), self._squeezed.place(floor)
        value = bisect_right(self._value_ends, here) - 1
        between, passed = list[Word](), 0
        for at in range(bisect_right(self._ends, here) - 1, -1, -1):
            label = self._labels[at]
            while value >= 0 and self._values[value].end > label.end and len(between) <= MOST_BETWEEN:
                between.append(self._values[value])
                passed += WIDTH - between[-1].end + between[-1].start
                value -= 1
            distance = here - label.end + passed
            if label.start < lowest or distance > REACH or len(between) > MOST_BETWEEN:
                break
            inside = any(one.start <= label.start for one in between[-1:])
            if not inside and not self._spent(label, between, here):
                return Label(label.kind, distance)
        return NO_LABEL

    def _spent(self, label: Word, between: list[Word], here: int) -> bool:
        """Whether its value has come already, and what stands here does not go on with a list of such."""
        kinds = VALUES.get(label.kind, (label.kind,))
        if not any(value.kind in kinds for value in between):
            return False
        last = between[0]
        return not (last.kind in kinds and LISTED.fullmatch(self._squeezed.text, last.end, max(here, last.end)))
