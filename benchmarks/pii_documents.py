"""Whole documents as Korean companies have them, all invented, with every value marked: a second corpus for the personal data.

Written without a look at the rules or at `benchmarks.pii_corpus`. Claim forms as lines and as tables, notes of conversations,
contracts with their parties, medical certificates, lists of transfers, letters of customers, internal rules and product
summaries without personal data, judgments with names taken out. About one value in twenty is broken over two lines, as in PDFs
(in a cell of a table: by a space).

Persons, firms, roads and houses are invented, e-mail domains are the reserved ones, landlines end in 0xxx, mobile numbers lie in
a range that nobody is given, resident numbers have a region that none has. Kinds of institutions, 농협 or 우체국, are real
words: accounts are read by them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from random import Random

from benchmarks.pii_corpus import Mark, Sample
from tasks.text.particles import attach

BROKEN = 0.05
PARTICLE = re.compile("^(?:으로|로|을|를|은|는|이|가|와|과)(?= )")
AT_SEPARATOR = 0.7
OPEN = "open "
"""Before the class of a mark that nobody is blamed for: names without a label, addresses and numbers of institutions."""


def _words(text: str, by: str = " ") -> tuple[str, ...]:
    return tuple(text.split(by))


def _any(rng: Random, text: str) -> str:
    """One of the words between bars."""
    return rng.choice(_words(text, "|"))


SURNAMES = tuple("김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허남심노하곽성차주우구민진지엄")
LONG_SURNAMES = _words("남궁 황보 제갈 선우 독고")
FIRST = tuple("가나다도라루마모보새소아예온이채초하해한")
LAST = tuple("람온솔빛봄늘울결담들찬별겸훈영미준라희은")
FOREIGN = (
    "NGUYEN THI BOM",
    "TRAN VAN SOL",
    "응우옌 티 봄",
    "JOHN Q. SAMPLE",
    "바트 에르덴솔",
    "WANG XIAO SHU",
    "Maria Exempla",
    "쩐 반 솔",
)
CITIES = (
    ("서울특별시", ("마포구", "강서구", "노원구", "송파구")),
    ("서울", ("중구", "은평구", "관악구")),
    ("부산광역시", ("해운대구", "사하구", "기장군")),
    ("대구광역시", ("수성구", "달서구")),
    ("인천", ("연수구", "부평구")),
    ("세종특별자치시", ("",)),
    ("경기도", ("성남시 분당구", "고양시 일산동구", "김포시", "양평군")),
    ("경기", ("수원시 팔달구", "화성시")),
    ("강원특별자치도", ("춘천시", "홍천군")),
    ("충청북도", ("청주시 흥덕구", "음성군")),
    ("충남", ("천안시 서북구", "홍성군")),
    ("전북특별자치도", ("전주시 덕진구",)),
    ("전라남도", ("순천시", "해남군")),
    ("경북", ("포항시 북구", "의성군")),
    ("경상남도", ("창원시 성산구", "거창군")),
    ("제주특별자치도", ("제주시", "서귀포시")),
)
WORDS = _words("새빛 가람 다솜 누리 한별 도담 미르 아라 솔내 은하 달빛 푸른들 꽃메 너른 해오름 온새미 늘찬 물빛 바람개비 두레")
BANKS = _words("농협 농협은행 우체국 신협 새마을금고 수협 가온은행 다솜은행 누리은행 한별저축은행 도담증권")
FIRMS = _words("새빛상사 가람테크 누리산업 다솜물산 한별소프트 도담식품 미르건설 아라물류 은하에너지 두레정밀")
INSURERS = _words("누리생명 가람손해보험 한별화재 다솜라이프")
HOSPITALS = _words("새빛병원 가람정형외과의원 누리의료원 다솜내과의원 한별한방병원")
DOMAINS = _words("example.com example.net example.org example.co.kr mail.example.com hr.example.co.kr")
FULL_WIDTH = str.maketrans("0123456789-", "０１２３４５６７８９－")

CONTACTS = {
    "resident": "주민등록번호|주민번호|주민등록번호(외국인등록번호)|주민(외국인)등록번호|실명번호|주 민 등 록 번 호"
    "|주민등록 번호|피보험자 주민번호",
    "foreigner": "외국인등록번호|외국인 등록번호|주민등록번호(외국인등록번호)|외국인등록 No.|국내거소신고번호",
    "passport": "여권번호|여권 번호|여권No.|Passport No.|여권번호(외국인)",
    "driver": "운전면허번호|운전면허 번호|면허번호|자동차운전면허번호|운전자 면허번호",
    "business": "사업자등록번호|사업자번호|사업자 등록번호|등록번호|사업자등록 No.",
    "corporate": "법인등록번호|법인번호|법인 등록번호",
    "account": "계좌번호|입금계좌|보험금 수령계좌|자동이체 계좌|환급계좌|은행/계좌번호|지급 계좌|계 좌 번 호"
    "|송금계좌|입금은행 및 계좌",
    "card": "카드번호|신용카드번호|결제카드|카드 번호|납입카드",
    "mobile": "휴대전화|휴대폰|핸드폰|연락처|H.P|HP|휴대폰번호|Mobile|이동전화|연 락 처|전화번호",
    "landline": "전화|전화번호|자택전화|직장전화|TEL|Tel.|집전화|팩스|FAX|유선전화",
    "email": "이메일|E-mail|전자우편|e-mail|E-MAIL|메일주소|이메일 주소|전자우편주소",
    "address": "주소|자택주소|주 소|거주지|현주소|주민등록상 주소|우편물 수령지|주소지|직장 주소|도로명주소",
    "name": "성명|성 명|이름|성명(한글)|예금주|피보험자|계약자|보험계약자|수익자|청구인|신청인|보호자|대리인"
    "|고객명|법정대리인|위임인",
    "vehicle": "차량번호|자동차등록번호|차량 번호|사고차량|자동차번호|대차 차량번호|등록번호판",
    "ip": "접속 IP|IP주소|IP 주소|접속IP|로그인 IP|IP",
}
LABELS = {kind: _words(labels, "|") for kind, labels in CONTACTS.items()}


@dataclass(frozen=True, slots=True)
class Value:
    """Something to mark: a value of class `kind` in a spelling, or, with `alike`, what only looks like one."""

    kind: str
    spelling: str
    text: str
    alike: bool = False


Piece = str | Value
Line = Sequence[Piece]
Fields = list[tuple[str, list[Piece]]]


@dataclass(slots=True)
class Writer:
    """A document as it grows: text and marks."""

    rng: Random
    text: str = ""
    values: list[Mark] = field(default_factory=list)
    alikes: list[Mark] = field(default_factory=list)

    def line(self, *pieces: Piece) -> None:
        """A line; some values in it break over two."""
        self._add(pieces, "\n")
        self.text += "\n"

    def row(self, *cells: Piece | Line) -> None:
        """A row of a Markdown table; what a cell broke over two lines has a space there."""
        for cell in cells:
            self.text += "| "
            self._add([cell] if isinstance(cell, str | Value) else cell, " ")
            self.text += " "
        self.text += "|\n"

    def head(self, *cells: str) -> None:
        """The first row of a Markdown table and the line below it."""
        self.row(*cells)
        self.text += "|" + " --- |" * len(cells) + "\n"

    def prose(self, *pieces: Piece, width: int = 42) -> None:
        """A paragraph, broken at spaces as pages break it."""
        start = len(self.text)
        self._add(pieces, "\n")
        self.text += "\n"
        written = list(self.text[start:])
        begun, space = 0, 0
        for at, char in enumerate(written):
            if char == "\n":
                begun, space = at + 1, 0
            elif char == " ":
                space = at
            if at - begun >= width and space > begun:
                written[space] = "\n"
                begun, space = space + 1, 0
        self.text = self.text[:start] + "".join(written)
        for marks in (self.values, self.alikes):
            marks[:] = [self._wrapped(mark) if mark.start >= start else mark for mark in marks]

    def sample(self) -> Sample:
        """What is written."""
        return Sample(self.text, tuple(self.values), tuple(self.alikes))

    def _add(self, pieces: Line, gap: str) -> None:
        for piece in pieces:
            if isinstance(piece, str):
                self.text += piece
                continue
            told, spelling = piece.text, piece.spelling
            if self.rng.random() < BROKEN and len(told) > 2:
                told, spelling = self._broken(told, gap), f"broken {spelling}"
            mark = Mark(piece.kind, spelling, len(self.text), len(self.text) + len(told))
            (self.alikes if piece.alike else self.values).append(mark)
            self.text += told

    def _wrapped(self, mark: Mark) -> Mark:
        over = "\n" in self.text[mark.start : mark.end] and not mark.spelling.startswith("broken ")
        return replace(mark, spelling=f"broken {mark.spelling}") if over else mark

    def _broken(self, told: str, gap: str) -> str:
        places = [i for i in range(1, len(told)) if told[i - 1] in " -.@,/)" and told[i] != " "]
        if not places or self.rng.random() > AT_SEPARATOR:
            places = list(range(1, len(told)))
        at = self.rng.choice(places)
        return told[:at].rstrip(" ") + gap + told[at:].lstrip(" ")


def documents(seed: int, number: int) -> list[Sample]:
    """As many documents of all kinds in turn; the same ones for the same seed."""
    rng = Random(seed)
    found = []
    for i in range(number):
        to = Writer(rng)
        KINDS[i % len(KINDS)](to, rng)
        found.append(to.sample())
    return found


# -- values -----------------------------------------------------------------------------------------------------------------


def _digits(rng: Random, number: int) -> str:
    return "".join(str(rng.randrange(10)) for _ in range(number))


def _day(rng: Random, first: int, last: int) -> date:
    return date(first, 1, 1) + timedelta(rng.randrange((last - first + 1) * 365))


def resident(rng: Random, foreign: bool = False) -> Value:
    """A resident number, or a foreigner's; those given before October 2020 have a check digit."""
    born = _day(rng, 1945, 2023)
    digit = rng.choice((1, 2)) + 2 * (born.year >= 2000) + 4 * foreign
    number = f"{born:%y%m%d}{digit}{rng.randint(97, 99)}{_digits(rng, 3)}"
    total = sum(int(c) * w for c, w in zip(number, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5), strict=True))
    check = (11 - total % 11 + 2 * foreign) % 10
    number += str(check) if born.year < 2020 and rng.random() < 0.85 else _digits(rng, 1)
    front, back = number[:6], number[6:]
    spelling, told = _pick(
        rng,
        (60, "hyphen", f"{front}-{back}"),
        (10, "plain", number),
        (8, "spaced hyphen", f"{front} - {back}"),
        (5, "space", f"{front} {back}"),
        (4, "en dash", f"{front}–{back}"),
        (3, "full width", f"{front}-{back}".translate(FULL_WIDTH)),
        (10, "half hidden", f"{front}-{back[0]}******"),
    )
    return Value("foreigner" if foreign else "resident", spelling, told)


def passport(rng: Random) -> Value:
    """A passport number, old or new."""
    spelling, told = _pick(
        rng,
        (4, "old", f"{rng.choice('MSR')}{_digits(rng, 8)}"),
        (4, "new", f"M{_digits(rng, 3)}{rng.choice('ABCDEFGH')}{_digits(rng, 4)}"),
        (1, "two letters", f"{rng.choice(('PM', 'JR', 'GK'))}{_digits(rng, 7)}"),
    )
    return Value("passport", spelling, told)


def driver(rng: Random) -> Value:
    """A driver's licence by number or name of the region."""
    rest = f"{rng.randint(0, 23):02}-{_digits(rng, 6)}-{_digits(rng, 2)}"
    spelling, told = _pick(
        rng,
        (6, "number", f"{rng.randint(11, 28)}-{rest}"),
        (3, "region", f"{rng.choice(('서울', '경기', '부산', '충남', '전북'))} {rest}"),
        (1, "plain", f"{rng.randint(11, 28)}{rest.replace('-', '')}"),
    )
    return Value("driver", spelling, told)


def business(rng: Random) -> Value:
    """A business number with its check digit."""
    number = f"{rng.randint(101, 699)}{rng.randint(1, 89):02}{_digits(rng, 4)}"
    total = sum(int(c) * w for c, w in zip(number, (1, 3, 7, 1, 3, 7, 1, 3, 5), strict=True)) + int(number[8]) * 5 // 10
    number += str(-total % 10)
    spelling, told = _pick(
        rng, (8, "hyphen", f"{number[:3]}-{number[3:5]}-{number[5:]}"), (1, "plain", number), (1, "space", _cut(number, 3, 2, 5))
    )
    return Value("business", spelling, told)


def corporate(rng: Random) -> Value:
    """A corporation's number with its check digit."""
    number = f"{rng.choice(('1101', '1301', '1801', '2001'))}11{_digits(rng, 6)}"
    total = sum(int(c) * (1 + i % 2) for i, c in enumerate(number))
    number += str(-total % 10)
    return Value("corporate", *_pick(rng, (9, "hyphen", f"{number[:6]}-{number[6:]}"), (1, "plain", number)))


def account(rng: Random, bank: bool = True) -> Value:
    """An account number; the bank before it, if at all, stands outside the mark."""
    groups = rng.choice(((3, 4, 4, 2), (3, 2, 6), (6, 2, 6), (4, 3, 6), (3, 6, 5), (3, 3, 6), (4, 2, 7), (3, 4, 4, 3)))
    number = str(rng.randint(1, 9)) + _digits(rng, sum(groups) - 1)
    spelling, told = _pick(
        rng, (8, "hyphen", _cut(number, *groups, by="-")), (2, "plain", number), (0.5, "space", _cut(number, *groups))
    )
    return Value("account", spelling if bank else f"{spelling}, no bank", told)


def card(rng: Random) -> Value:
    """A card number that passes Luhn, of ranges for tests."""
    amex = rng.random() < 0.1
    number = (_any(rng, "378282|371449") + _digits(rng, 8)) if amex else _any(rng, "400000|520082|949999") + _digits(rng, 9)
    total = sum(sum(divmod(int(c) * (2 - i % 2), 10)) for i, c in enumerate(reversed(number)))
    number += str(-total % 10)
    groups = (4, 6, 5) if amex else (4, 4, 4, 4)
    spelling, told = _pick(
        rng, (6, "hyphen", _cut(number, *groups, by="-")), (2, "space", _cut(number, *groups)), (1, "plain", number)
    )
    return Value("card", ("15 digits " if amex else "") + spelling, told)


def mobile(rng: Random) -> Value:
    """A mobile number of a range that nobody is given."""
    a, b = f"1{_digits(rng, 3)}", _digits(rng, 4)
    spelling, told = _pick(
        rng,
        (55, "mobile hyphen", f"010-{a}-{b}"),
        (10, "mobile plain", f"010{a}{b}"),
        (8, "mobile dots", f"010.{a}.{b}"),
        (6, "mobile spaces", f"010 {a} {b}"),
        (5, "mobile international", f"+82-10-{a}-{b}"),
        (3, "mobile international zero", f"+82 (0)10-{a}-{b}"),
        (4, "mobile bracket", f"010){a}-{b}"),
        (3, "mobile full width", f"010-{a}-{b}".translate(FULL_WIDTH)),
        (3, "mobile spaced hyphens", f"010 - {a} - {b}"),
        (3, "mobile half hidden", f"010-****-{b}"),
    )
    return Value("phone", spelling, told)


def landline(rng: Random) -> Value:
    """A landline."""
    area = _any(rng, "02|02|031|032|041|051|053|062|070")
    middle = _digits(rng, 3) if area not in ("02", "070") and rng.random() < 0.7 else str(rng.randint(2000, 8999))
    middle = middle.replace("0", "4", 1) if middle[0] == "0" else middle
    last = f"0{_digits(rng, 3)}"
    spelling, told = _pick(
        rng,
        (7, "landline hyphen", f"{area}-{middle}-{last}"),
        (1, "landline bracket", f"({area}) {middle}-{last}"),
        (1, "landline half bracket", f"{area}){middle}-{last}"),
        (1, "landline dots", f"{area}.{middle}.{last}"),
        (0.5, "landline spaces", f"{area} {middle} {last}"),
        (0.5, "landline extension", f"{area}-{middle}-{last}(내선 {rng.randint(100, 999)})"),
    )
    if "extension" in spelling:
        told = told[: told.index("(")]
    return Value("phone", spelling, told)


def phone(rng: Random) -> Value:
    """A mobile number or a landline."""
    return mobile(rng) if rng.random() < 0.75 else landline(rng)


def email(rng: Random) -> Value:
    """An address at a reserved domain."""
    who = _any(rng, "sample|onnuri|gildong|haneul|test.user|my_mail|bom-sol|kim.g") + rng.choice(("", _digits(rng, 2)))
    domain = rng.choice(DOMAINS)
    spelling, told = _pick(
        rng,
        (90, "plain", f"{who}@{domain}"),
        (4, "spaces", f"{who} @ {domain}"),
        (3, "capitals", f"{who}@{domain}".upper()),
        (3, "at", f"{who}(at){domain}"),
    )
    return Value("email", spelling, told)


def address(rng: Random) -> Value:
    """An address by road or by lot, with and without what comes after."""
    city, parts = rng.choice(CITIES)
    start = " ".join(filter(None, (city, rng.choice(parts))))
    word, other = rng.sample(WORDS, 2)
    flat = rng.choice(
        (
            "",
            "",
            f", {rng.randint(101, 130)}동 {rng.randint(1, 20)}0{rng.randint(1, 9)}호",
            f", {rng.randint(2, 9)}층",
            f" {rng.randint(1, 5)}0{rng.randint(1, 9)}호",
        )
    )
    village = f"({word}동)" if rng.random() < 0.5 else f"({word}동, {other}아파트)"
    branch = rng.choice(("", "", f"{rng.randint(2, 60)}길", f" {rng.randint(10, 200)}번길"))
    road = f"{word}{_any(rng, '로|대로|길')}{branch}"
    house = rng.choice((f"{rng.randint(1, 300)}", f"{rng.randint(1, 300)}-{rng.randint(1, 30)}"))
    spelling, told = _pick(
        rng,
        (5, "road", f"{start} {road} {house}{flat}"),
        (3, "road and village", f"{start} {road} {house}{flat} {village}"),
        (
            2,
            "lot",
            f"{start} {word}동 {rng.randint(1, 900)}-{rng.randint(1, 40)}{rng.choice(('', '번지'))}{flat.replace(',', '')}",
        ),
        (
            1,
            "country lot",
            f"{start} {word}면 {other}리 {rng.choice(('', '산 '))}{rng.randint(1, 900)}{rng.choice(('', '번지'))}",
        ),
        (1, "block", f"{start} {word}동 {other}아파트 {rng.randint(101, 130)}동 {rng.randint(1, 20)}0{rng.randint(1, 9)}호"),
        (1, "no province", f"{start.split()[-1]} {road} {house}{flat}"),
    )
    return Value("address", spelling, told)


def name(rng: Random) -> Value:
    """A person's name, as said beside a label."""
    told = rng.choice(SURNAMES) + rng.choice(FIRST) + rng.choice(LAST)
    spelling, told = _pick(
        rng,
        (80, "three syllables", told),
        (6, "spaced", " ".join(told)),
        (4, "two syllables", told[0] + rng.choice(LAST)),
        (4, "four syllables", rng.choice(LONG_SURNAMES) + told[1:]),
        (6, "foreign", rng.choice(FOREIGN)),
    )
    return Value("name", spelling, told)


def vehicle(rng: Random) -> Value:
    """A number plate."""
    kana, number = rng.choice("가나다라마거너더러버서어저고노도로보소오조구누두루하허호"), _digits(rng, 4)
    spelling, told = _pick(
        rng,
        (4, "two digits", f"{rng.randint(10, 69)}{kana}{number}"),
        (4, "three digits", f"{rng.randint(100, 699)}{kana}{number}"),
        (3, "space", f"{rng.randint(100, 699)}{kana} {number}"),
        (1, "region", f"{rng.choice(('서울', '경기', '부산'))} {rng.randint(10, 69)}{kana} {number}"),
    )
    return Value("vehicle", spelling, told)


def ip(rng: Random) -> Value:
    """An IP address of the ranges for documents."""
    four = f"{rng.choice(('192.0.2', '198.51.100', '203.0.113'))}.{rng.randint(1, 254)}"
    return Value("ip", *_pick(rng, (8, "v4", four), (1, "v6", f"2001:db8::{rng.randint(1, 9)}:{rng.randint(16, 255):x}")))


VALUES: dict[str, Callable[[Random], Value]] = {
    "resident": resident,
    "foreigner": partial(resident, foreign=True),
    "passport": passport,
    "driver": driver,
    "business": business,
    "corporate": corporate,
    "account": account,
    "card": card,
    "mobile": mobile,
    "landline": landline,
    "email": email,
    "address": address,
    "name": name,
    "vehicle": vehicle,
    "ip": ip,
}


def _pick(rng: Random, *choices: tuple[float, str, str]) -> tuple[str, str]:
    _, spelling, told = rng.choices(choices, [weight for weight, _, _ in choices])[0]
    return spelling, told


def _cut(number: str, *groups: int, by: str = " ") -> str:
    found, at = [], 0
    for size in groups:
        found.append(number[at : at + size])
        at += size
    return by.join(found)


# -- look-alikes ------------------------------------------------------------------------------------------------------------


def _won(rng: Random) -> str:
    return f"{rng.randint(1, 99_999) * 10 ** rng.randint(1, 4):,}"


ALIKES: dict[str, Callable[[Random], str]] = {
    "amount": lambda r: f"{_won(r)}원",
    "amount in words": lambda r: f"금 {r.randint(1, 9)}억 {r.randint(1, 9999)}만 {r.randint(1, 9999)}원",
    "date": lambda r: f"{_day(r, 2005, 2024):%Y.%m.%d}",
    "long date": lambda r: f"{_day(r, 2005, 2024):%Y}년 {r.randint(1, 12)}월 {r.randint(1, 28)}일",
    "date and time": lambda r: (
        f"{_day(r, 2020, 2024):%Y-%m-%d} {r.randint(8, 19):02}:{r.randint(0, 59):02}:{r.randint(0, 59):02}"
    ),
    "period": lambda r: f"{_day(r, 2018, 2021):%Y-%m-%d} ~ {_day(r, 2022, 2024):%Y-%m-%d}",
    "birth date": lambda r: f"{_day(r, 1950, 2010):%y%m%d}",
    "ratio": lambda r: f"{r.randint(0, 99)}.{_digits(r, 2)}%",
    "notice": lambda r: f"제{r.randint(2015, 2025)}-{r.randint(1, 300)}호",
    "review number": lambda r: f"제{r.randint(2020, 2025)}-{_digits(r, 4)}호({_day(r, 2020, 2024):%Y.%m.%d})",
    "document number": lambda r: f"{r.choice(('총무', '인사', '준법감시', '재무'))}-{r.randint(2015, 2025)}-{_digits(r, 5)}",
    "annex": lambda r: f"별표 {r.randint(1, 20)}-{r.randint(1, 9)}",
    "article": lambda r: f"제{r.randint(1, 120)}조의{r.randint(2, 9)}제{r.randint(1, 9)}항제{r.randint(1, 9)}호",
    "policy number": lambda r: r.choice(
        (
            f"L{r.randint(2010, 2024)}{_digits(r, 7)}",
            f"{r.randint(2010, 2024)}-{_digits(r, 7)}",
            f"{r.randint(1, 9)}{_digits(r, 11)}",
            f"{_digits(r, 4)}-{_digits(r, 4)}-{_digits(r, 4)}",
        )
    ),
    "receipt number": lambda r: f"{_day(r, 2022, 2024):%Y%m%d}-{_digits(r, 5)}",
    "product code": lambda r: r.choice(
        (f"LP{_digits(r, 4)}-{_digits(r, 2)}", f"{_digits(r, 5)}-{_digits(r, 3)}", f"KR{_digits(r, 10)}", f"P{_digits(r, 8)}")
    ),
    "staff number": lambda r: f"{r.randint(2001, 2024)}{_digits(r, 4)}",
    "chart number": lambda r: _digits(r, 8),
    "code of a disease": lambda r: f"{r.choice('AKMS')}{_digits(r, 2)}.{r.randint(0, 9)}",
    "doctor's licence": lambda r: f"제{r.randint(10000, 99999)}호",
    "hotline": lambda r: f"{r.choice(('1588', '1577', '1544', '1600', '1899', '1661'))}-{_digits(r, 4)}",
    "free number": lambda r: f"080-{r.randint(200, 899)}-0{_digits(r, 3)}",
    "short number": lambda r: _any(r, "1332|112|119|국번없이 1372|118"),
    "institution's phone": lambda r: f"{r.choice(('02', '031', '051'))}-{r.randint(2000, 8999)}-0{_digits(r, 3)}",
    "institution's address": lambda r: address(r).text,
    "case number": lambda r: (
        f"{r.randint(2012, 2024)}{r.choice(('가단', '가합', '나', '다', '고단', '도', '구합'))}{r.randint(1000, 329999)}"
    ),
    "version": lambda r: f"{r.randint(1, 9)}.{r.randint(0, 20)}.{r.randint(0, 9)}.{r.randint(0, 99)}",
    "section number": lambda r: f"{r.randint(1, 9)}.{r.randint(1, 9)}.{r.randint(1, 9)}.{r.randint(1, 9)}",
    "parcel number": lambda r: f"{_digits(r, 4)}-{_digits(r, 4)}-{_digits(r, 4)}",
    "invoice number": lambda r: f"{_day(r, 2022, 2024):%Y%m%d}-{_digits(r, 8)}-{_digits(r, 8)}",
    "count and amount": lambda r: f"{r.randint(10, 99)}매 {r.randint(1000, 9999)}원",
    "ISBN": lambda r: f"979-11-{_digits(r, 5)}-{_digits(r, 2)}-{r.randint(0, 9)}",
    "row of numbers": lambda r: " ".join(f"{r.randint(100, 9999):,}" for _ in range(4)),
    "range of numbers": lambda r: f"{r.randint(100, 300)}-{r.randint(10, 90)}",
    "anonymised name": lambda r: r.choice(
        (
            "○○○",
            f"{r.choice('ABCDE')}씨",
            f"{r.choice(SURNAMES)}○○",
            f"{r.choice('甲乙丙')}",
            f"{r.choice(SURNAMES)}모씨",
            f"{r.choice('ABC')}",
        )
    ),
    "word in a field of a name": lambda r: r.choice(
        ("본인", "상동", "해당없음", "미기재", "별도 기재", "본인과 동일", "가입자 전원")
    ),
    "position": lambda r: _any(r, "인사총무팀장|준법감시인|본부장|감사위원회|관리책임자|재무담당임원"),
}


def alike(rng: Random, kind: str) -> Value:
    """A look-alike of a kind."""
    return Value(kind, kind, ALIKES[kind](rng), alike=True)


def unjudged(value: Value, why: str) -> Value:
    """A value that may stay or go."""
    return Value(OPEN + value.kind, why, value.text)


# -- parts of documents -----------------------------------------------------------------------------------------------------


def _label(rng: Random, kind: str) -> str:
    return rng.choice(LABELS[kind])


def _told(rng: Random, kind: str) -> list[Piece]:
    """A value as it stands in a field: with its bank, post code, seal."""
    value = VALUES[kind](rng)
    if kind == "account":
        told: list[Piece] = [rng.choice(BANKS), _any(rng, " | | / |) |:"), value]
        return [*told, *rng.choice(((), (), (" (예금주 ", name(rng), ")"), (" ", unjudged(name(rng), "after the account"))))]
    if kind == "address":
        post = f"{rng.randint(1000, 63999):05}"
        return [rng.choice(("", "", f"({post}) ", f"우) {post} ", f"[{post}] ")), value]
    if kind == "name":
        return [value, _any(rng, "||| (인)| (서명)| 님")]
    if kind == "landline" and value.spelling.endswith("extension"):
        return [value, f"(내선 {rng.randint(100, 999)})"]
    return [value]


FIELD_ALIKES = {
    "증권번호": "policy number",
    "접수번호": "receipt number",
    "사고번호": "receipt number",
    "생년월일": "birth date",
    "청구금액": "amount",
    "사고일시": "date and time",
    "보험기간": "period",
    "상품코드": "product code",
    "진단명(코드)": "code of a disease",
    "등록번호(병록번호)": "chart number",
    "사번": "staff number",
    "승인번호": "chart number",
    "운송장번호": "parcel number",
    "문서번호": "document number",
    "예금주": "word in a field of a name",
    "대리인 성명": "word in a field of a name",
    "가입금액": "amount in words",
    "과실비율": "ratio",
    "콜센터": "hotline",
}


def _field(rng: Random, kind: str = "") -> tuple[str, list[Piece]]:
    """A label and what stands beside it: of a class, or a look-alike's."""
    if kind:
        return _label(rng, kind), _told(rng, kind)
    label = rng.choice(tuple(FIELD_ALIKES))
    return label, [alike(rng, FIELD_ALIKES[label])]


def _fields(to: Writer, rng: Random, fields: Fields, style: int) -> None:
    """Fields as lines, in a way a form has them."""
    i = 0
    while i < len(fields):
        label, told = fields[i]
        i += 1
        if style == 0:
            to.line(label, " ", *told)
        elif style == 1:
            to.line(_any(rng, "■ |- |○ |• "), label, _any(rng, ": | : | :|:"), *told)
        elif style == 2:
            to.line(label)
            to.line(*told)
        elif i < len(fields) and rng.random() < 0.6:
            to.line(label, " ", *told, "  ", fields[i][0], " ", *fields[i][1])
            i += 1
        else:
            to.line(f"{label}\t", *told)


def _talk(rng: Random, pieces: Sequence[str], **slots: Piece) -> list[Piece]:
    """A sentence of `pieces` joined by the slots they name: "{who}께서 ..."."""
    found: list[Piece] = []
    for piece in pieces:
        before, _, rest = piece.partition("{")
        while rest:
            slot, _, after = rest.partition("}")
            value = slots[slot] if slot in slots else alike(rng, slot)
            found += [before, value]
            if (match := PARTICLE.match(after)) is not None:
                told = value if isinstance(value, str) else value.text
                after = attach(told, match[0])[len(told) :] + after[match.end() :]
            before, _, rest = after.partition("{")
        found.append(before)
    return found


RULES = (
    "회사는 {article}에 따라 {date}부터 {long date}까지 발생한 사유에 대하여 {amount}을 한도로 지급한다.",
    "이 규정은 사내 공고 {notice}로 개정되어 {long date}부터 시행한다. 종전의 {document number}는 폐지한다.",
    "지급률은 {annex}에서 정한 {ratio}로 하되, 초과분은 {ratio}를 적용한다.",
    "부서장은 {document number} 문서를 {date}까지 접수하고 그 사본을 5년간 보존하여야 한다.",
    "출장비는 1일 {amount}으로 하고 {count and amount}의 부대비용을 더할 수 있다.",
    "신청서에는 성명, 주민등록번호, 주소, 연락처 및 계좌번호를 기재하고 서명 또는 날인하여야 한다.",
    "개인정보(성명·휴대전화·이메일 주소 등)는 처리 목적이 달성된 때 지체 없이 파기한다.",
    "예금주는 신청인 본인이어야 하며 차량번호와 운전면허번호는 관리대장에 적는다.",
    "담당자는 {position}의 승인을 받아 {product code} 품목을 구매한다.",
    "고객센터 {hotline}(수신자 부담 {free number}) 또는 금융감독원 {short number}로 문의할 수 있다.",
    "준법감시인 심의필 {review number}을 표시하지 아니한 자료는 사용할 수 없다.",
    "세금계산서 승인번호 {invoice number}와 대조하여 {amount}을 초과하는 경우 {position}에게 보고한다.",
    "시스템 버전 {version} 이상에서는 {section number}항의 절차를 따른다. 자료집은 {ISBN}을 참고한다.",
    "직급별 기준은 다음과 같다: {row of numbers}. 규격은 {range of numbers}로 한다.",
    "대표이사는 이사회 의결을 거쳐 위원장을 위촉하고, 위원은 감사실장과 총무팀장으로 한다.",
    "사번 {staff number} 이후 입사자는 {article}을 적용하지 아니한다.",
    "보험수익자가 변경된 경우 계약자는 피보험자의 동의를 받아 서면으로 통지하여야 한다.",
    "연락처가 변경된 임직원은 7일 이내에 인사시스템의 주소 및 전화번호를 정정한다.",
)


def _rule(to: Writer, rng: Random, number: int) -> None:
    to.prose(
        f"제{number}조({rng.choice(('목적', '적용 범위', '지급 기준', '보고', '문서의 보존', '위임', '절차'))}) ",
        *_talk(rng, [rng.choice(RULES)]),
    )
    for i in range(rng.randint(0, 3)):
        to.prose(f"{'①②③④'[i]} ", *_talk(rng, [rng.choice(RULES)]))


def _office(rng: Random, unblamed: bool = False) -> list[Piece]:
    """Address and telephone of an institution. Beside customers' data (`unblamed`) masking them costs nothing."""
    where, call = alike(rng, "institution's address"), alike(rng, "institution's phone")
    if unblamed:
        where, call = (Value(f"{OPEN}{kind}", "institution's", v.text) for kind, v in (("address", where), ("phone", call)))
    return [where, _any(rng, " / |  |, "), _any(rng, "대표전화 |전화 |TEL. |Tel: "), call]


NOTES = (
    "※ 청구서 작성 시 누락된 항목이 있으면 처리가 지연될 수 있습니다.",
    "※ 보험금은 서류 접수일부터 3영업일 이내에 지급됩니다.",
    "본인은 위 내용이 사실과 다름없음을 확인합니다.",
    "개인(신용)정보의 수집·이용에 동의합니다. □ 동의함 □ 동의하지 않음",
    "[ ] 상해 [ ] 질병 [ ] 재물 [ ] 배상책임",
    "가. 진단서 1부  나. 신분증 사본 1부  다. 통장 사본 1부",
    "주민등록번호 뒷자리는 필수 기재 항목입니다.",
    "전화번호와 주소가 바뀐 경우 반드시 알려 주십시오.",
    "예금주는 수익자와 같아야 합니다.",
)

PERSON = ("name", "resident", "mobile", "address", "email", "account")
MORE = ("foreigner", "passport", "driver", "card", "landline", "vehicle", "name", "name", "mobile", "business", "ip")


def claim_lines(to: Writer, rng: Random) -> None:
    """A claim form as lines."""
    to.line(f"보험금 청구서 ({rng.choice(('개인용', '재물·배상용', '상해·질병'))})")
    to.line(rng.choice(INSURERS), " 귀중")
    style = rng.randrange(4)
    for part in ("1. 피보험자(환자) 인적사항", "2. 보험금 청구인", "3. 사고 내용", "4. 수령 계좌 및 기타"):
        to.line("")
        to.line(part)
        fields = [_field(rng, kind) for kind in PERSON if rng.random() < 0.75]
        fields += [_field(rng, kind) for kind in rng.sample(MORE, rng.randint(1, 3))]
        fields += [_field(rng) for _ in range(rng.randint(1, 3))]
        _fields(to, rng, fields, style)
        to.line(rng.choice(NOTES))
    to.line("청구일 ", alike(rng, "long date"))
    to.line("청구인 ", name(rng), " (서명 또는 인)")
    to.line(_any(rng, "고객센터 |콜센터 ☎ "), alike(rng, "hotline"), "  심의필 ", alike(rng, "review number"))


def claim_table(to: Writer, rng: Random) -> None:
    """A claim form as Markdown tables."""
    to.line("# 보험금 청구서")
    to.line("증권번호 ", alike(rng, "policy number"))
    for part in ("피보험자", "계약자", "청구인(수익자)", "사고 및 계좌"):
        to.line("")
        to.line("## ", part)
        fields = [_field(rng, kind) for kind in PERSON if rng.random() < 0.8]
        fields += [_field(rng, kind) for kind in rng.sample(MORE, 3)] + [_field(rng) for _ in range(rng.randint(1, 3))]
        if rng.random() < 0.5:
            to.head("항목", "기재 내용")
            for label, told in fields:
                to.row(label, told)
        else:
            to.head("구분", "내용", "구분", "내용")
            fields += [("비고", ["-"])] * (len(fields) % 2)
            for (label, told), (other, more) in zip(fields[::2], fields[1::2], strict=True):
                to.row(label, told, other, more)
        to.line(rng.choice(NOTES))
    to.line("작성일: ", alike(rng, "date"), "  상담: ", alike(rng, "hotline"))


TALKS = (
    "고객 {who} 유선 문의. 보험료 {amount} 자동이체 실패 사유 확인 요청.",
    "연락처를 {mobile}로 변경하고 이전 번호 {other}은 삭제 요청함.",
    "안내문 수령지를 {address}으로 변경 처리함.",
    "이메일 {email}로 증권 사본 발송 완료, 증권번호 {policy number}.",
    "환급금 {amount}을 {bank} {account} 계좌로 이체 예정({date}).",
    "본인확인 위해 주민번호 {resident} 대조, 일치함.",
    "결제카드를 {card}으로 변경. 승인번호 {chart number}.",
    "사고차량 {vehicle} 견인, 접수번호 {receipt number} 부여.",
    "약관 {article}에 따른 면책 여부는 {position} 확인 후 회신하기로 함.",
    "홈페이지 접속 오류. 접속 IP {ip}, 앱 버전 {version}.",
    "해지환급률 {ratio} 및 {annex} 설명. 고객 이해함.",
    "대표번호 {hotline}로 재문의 안내. 민원은 {short number}.",
    "신분증 진위확인: 면허번호 {driver}.",
    "해외여행보험 가입, 여권번호 {passport} 등록.",
    "담당 설계사 {who}에게 {phone}로 회신 요청 전달.",
    "외국인 고객으로 등록번호 {foreigner} 확인.",
)


def consultation(to: Writer, rng: Random) -> None:
    """Notes of conversations with customers."""
    to.line("상담 이력 조회  출력일시 ", alike(rng, "date and time"))
    fields = [_field(rng, kind) for kind in ("name", "mobile", "address") if rng.random() < 0.9] + [_field(rng) for _ in range(3)]
    _fields(to, rng, fields, rng.choice((0, 1, 3)))
    for i in range(rng.randint(7, 14)):
        to.line("")
        to.line(
            f"[{i + 1}] ", alike(rng, "date and time"), "  상담원: ", name(rng), "  유형: ", _any(rng, "변경|청구|민원|단순문의")
        )
        for _ in range(rng.randint(1, 3)):
            slots = {kind: make(rng) for kind, make in VALUES.items()}
            slots |= {"who": unjudged(name(rng), "in prose"), "other": mobile(rng), "phone": phone(rng)}
            to.prose("- ", *_talk(rng, [rng.choice(TALKS)], bank=rng.choice(BANKS), **slots), width=rng.choice((40, 48, 60)))
    to.line("총 상담 건수 ", str(rng.randint(7, 40)), "건 / 평균 통화 ", f"{rng.randint(1, 9)}분 {rng.randint(10, 59)}초")


def contract(to: Writer, rng: Random) -> None:
    """A contract of two parties."""
    buyer, seller = rng.sample(FIRMS, 2)
    to.line(_any(rng, "물품공급계약서|용역계약서|부동산 임대차 계약서|위·수탁 계약서"))
    to.line("계약번호 ", alike(rng, "document number"))
    person = rng.random() < 0.5
    fields: Fields
    to.prose(
        f"주식회사 {buyer}(이하 “갑”이라 한다)과 ",
        f"{'임차인' if person else seller}(이하 “을”이라 한다)은 다음과 같이 계약을 체결한다.",
    )
    for number in range(1, rng.randint(8, 14)):
        _rule(to, rng, number)
    to.prose(
        "제20조(대금) 을은 대금 ",
        alike(rng, "amount in words"),
        "(",
        alike(rng, "amount"),
        ")을 ",
        rng.choice(BANKS),
        " ",
        account(rng),
        "으로 받는다.",
    )
    to.line("계약일 ", alike(rng, "long date"))
    to.line("")
    style = rng.choice((0, 1, 3))
    for side, firm, private in (("갑", buyer, False), ("을", seller, person)):
        to.line(rng.choice((f"“{side}”", f"({side})", f"[{side}]", f"{side} :")))
        if private:
            fields = [("성명", _told(rng, "name"))] + [_field(rng, kind) for kind in ("resident", "address", "mobile")]
        else:
            fields = [("상호", [f"주식회사 {firm}"]), _field(rng, "business")]
            fields += [_field(rng, "corporate")] if rng.random() < 0.6 else []
            where, call = address(rng), landline(rng)
            fields += [
                (_any(rng, "주소|소재지|본점 소재지|사업장 주소"), [Value("address", f"party's {where.spelling}", where.text)]),
                (_any(rng, "대표이사|대표자|대표|대 표 이 사|대표자 성명"), [name(rng), _any(rng, " (인)| (직인)|")]),
                (_any(rng, "전화|TEL|연락처"), [Value("phone", f"party's {call.spelling}", call.text)]),
            ]
            if rng.random() < 0.5:
                fields += [(_any(rng, "담당자|실무담당자|담당"), [name(rng)]), _field(rng, "email")]
        _fields(to, rng, fields, style)
        to.line("")
    to.line("입회인(공인중개사) 성명 ", name(rng), "  등록번호 ", alike(rng, "document number"))


def medical(to: Writer, rng: Random) -> None:
    """A medical certificate."""
    to.line(_any(rng, "진 료 확 인 서|입·퇴원 확인서|통원 확인서|진단서"))
    fields: Fields = [
        ("등록번호", [alike(rng, "chart number")]),
        ("연번호", [alike(rng, "receipt number")]),
        (_any(rng, "환자 성명|환자의 성명|성명|환자명|수진자명"), [name(rng)]),
        _field(rng, "foreigner" if rng.random() < 0.12 else "resident"),
        _field(rng, "address"),
        _field(rng, "mobile"),
        ("생년월일", [alike(rng, "birth date")]),
    ]
    rng.shuffle(fields)
    _fields(to, rng, fields, rng.randrange(4))
    to.line("")
    if rng.random() < 0.6:
        to.head("진료일", "진료과", "상병코드", "본인부담금", "비급여")
        for _ in range(rng.randint(10, 20)):
            to.row(
                alike(rng, "date"),
                _any(rng, "정형외과|내과|신경외과"),
                alike(rng, "code of a disease"),
                alike(rng, "amount"),
                _won(rng),
            )
    else:
        to.line("진료일 진료과 상병코드 본인부담금 비급여")
        for _ in range(rng.randint(10, 20)):
            to.line(
                alike(rng, "date"),
                f" {rng.choice(('정형외과', '내과', '신경외과'))} ",
                alike(rng, "code of a disease"),
                " ",
                alike(rng, "row of numbers"),
            )
    to.prose(
        "위 환자는 ",
        alike(rng, "period"),
        " 기간 동안 상기 병명(",
        alike(rng, "code of a disease"),
        ")으로 통원 치료를 받았으며 향후 약 ",
        str(rng.randint(2, 12)),
        "주간의 안정이 필요함을 확인합니다.",
    )
    for note in rng.sample(NOTES, 4):
        to.line(note)
    to.line("용도 ", _any(rng, "보험회사 제출용|회사 제출용"), "  발행일 ", alike(rng, "long date"))
    to.line("의료기관 명칭 ", rng.choice(HOSPITALS), "  요양기관번호 ", alike(rng, "chart number"))
    to.line("의료기관 주소 ", *_office(rng, unblamed=True))
    to.line(
        _any(rng, "담당의사|의사 성명|담당의|주치의"),
        _any(rng, " | : "),
        name(rng),
        " (인)  면허번호 ",
        alike(rng, "doctor's licence"),
    )
    to.line("보호자 ", name(rng), "  관계 ", _any(rng, "배우자|부|모|자"), "  연락처 ", mobile(rng))


COLUMNS: dict[str, tuple[tuple[str, ...], Callable[[Random], Line]]] = {
    "name": (("성명", "이름", "성 명", "직원명", "사원명"), lambda r: [name(r)]),
    "resident": (("주민등록번호", "주민번호", "주민(외국인)번호"), lambda r: [resident(r, r.random() < 0.08)]),
    "account": (("계좌번호", "입금계좌", "계좌 번호"), lambda r: [account(r, bank=False)]),
    "with bank": (("입금계좌", "은행 및 계좌번호"), lambda r: [r.choice(BANKS), " ", account(r)]),
    "phone": (("연락처", "휴대폰", "휴대전화", "전화번호"), lambda r: [phone(r)]),
    "email": (("이메일", "E-mail"), lambda r: [email(r)]),
    "address": (("주소", "거주지", "주 소"), lambda r: [address(r)]),
    "vehicle": (("차량번호", "주차등록 차량"), lambda r: [vehicle(r)]),
    "holder": (("예금주",), lambda r: [name(r) if r.random() < 0.6 else alike(r, "word in a field of a name")]),
    "bank": (("은행", "은행명", "입금은행"), lambda r: [r.choice(BANKS)]),
    "staff": (("사번", "사원번호"), lambda r: [alike(r, "staff number")]),
    "joined": (("입사일",), lambda r: [alike(r, "date")]),
    "born": (("생년월일",), lambda r: [alike(r, "birth date")]),
    "amount": (("실지급액", "이체금액(원)", "지급액", "공제액"), lambda r: [_won(r)]),
    "team": (("부서", "소속"), lambda r: [_any(r, "영업1팀|총무팀|생산2과|연구소")]),
}
SETS = (
    "team name resident bank account amount",
    "staff name resident bank account holder amount",
    "name resident with_bank amount",
    "staff team name phone bank account amount",
    "name phone address email",
    "team name resident joined amount amount",
    "name born phone vehicle team",
    "staff name account holder phone amount",
)


def transfers(to: Writer, rng: Random) -> None:
    """A list of transfers or of staff: a table, or its rows as lines of text."""
    to.line(
        _any(rng, "급여 이체 명세|급여이체 내역서|임직원 명부|상여금 지급 명세서"),
        " (",
        f"{rng.randint(2021, 2024)}년 {rng.randint(1, 12)}월)",
    )
    to.line(rng.choice(FIRMS), " 주식회사  사업자등록번호 ", business(rng), "  문서번호 ", alike(rng, "document number"))
    to.line("출금계좌 ", rng.choice(BANKS), " ", account(rng), "  총 ", alike(rng, "amount"))
    to.line("")
    columns = [key.replace("_", " ") for key in rng.choice(SETS).split()]
    heads = [_any(rng, "순번|No|번호"), *(rng.choice(COLUMNS[key][0]) for key in columns)]
    rows: list[list[Line]] = [[[str(i + 1)], *(COLUMNS[key][1](rng) for key in columns)] for i in range(rng.randint(20, 34))]
    if rng.random() < 0.55:
        to.head(*heads)
        for row in rows:
            to.row(*row)
        to.row("합계", *[""] * (len(columns) - 1), _won(rng))
    else:
        gap = _any(rng, " |  |\t")
        to.line(gap.join(heads))
        for row in rows:
            to.line(*[piece for cell in row for piece in (*cell, gap)][:-1])
        to.line("합 계", gap, _won(rng))
    to.line("")
    to.line("작성자 ", name(rng), "  검토자 ", name(rng), "  승인 ", alike(rng, "position"))
    to.line(
        "문의: ", _any(rng, "총무팀|급여담당"), " ", unjudged(name(rng), "after a team"), " (", phone(rng), ", ", email(rng), ")"
    )
    for note in ("※ 이체 한도는 1회 100,000,000원, 1일 500,000,000원입니다.", "※ 예금주와 성명이 다른 경우 이체가 반려됩니다."):
        to.line(note)


LETTERS = (
    "안녕하세요. {date} 주문한 상품({product code})이 아직 도착하지 않았습니다. 운송장번호는 {parcel number}입니다.",
    "결제 금액은 {amount}이고 할인은 {ratio}였습니다.",
    "사용한 카드는 {card}이며 취소 시 같은 카드로 부탁드립니다.",
    "환불은 {bank} {account}로 입금해 주시기 바랍니다.",
    "배송지는 {address}입니다.",
    "통화가 어려우니 {mobile}로 문자 부탁드립니다.",
    "상담원과 {long date}에 {hotline}로 통화하였으나 접수번호 {receipt number}만 안내받았습니다.",
    "제 차량은 {vehicle}이고 블랙박스 영상을 첨부합니다.",
    "회신은 {email}로 부탁드립니다.",
    "약관 {article}에는 {annex}의 기준으로 지급한다고 되어 있습니다.",
    "로그인 기록을 보니 {ip}에서 접속한 내역이 있어 확인을 요청드립니다.",
    "저희 사업자등록번호는 {business}이고 세금계산서 승인번호는 {invoice number}입니다.",
    "소비자 상담({short number})에도 문의하였으며 안내문({notice})을 받았습니다.",
    "앱 버전은 {version}이고 화면 {section number} 메뉴에서 오류가 납니다.",
)


def letters(to: Writer, rng: Random) -> None:
    """E-mails of customers and their answers, with signatures."""
    for i in range(rng.randint(3, 5)):
        if i:
            to.line("-----Original Message-----" if rng.random() < 0.5 else "=" * 30)
        sender, (left, right) = unjudged(name(rng), "before an e-mail address"), rng.choice((("<", ">"), ("[", "]")))
        to.line(_any(rng, "From: |보낸 사람: |보낸사람 : "), sender, " ", left, email(rng), right)
        to.line(_any(rng, "To: |받는 사람: "), email(rng))
        to.line(_any(rng, "Sent: |보낸 날짜: "), alike(rng, "date and time"))
        to.line(
            "제목: ",
            _any(rng, "환불 문의|[Re] 배송 지연|계약 변경 요청|오류 신고"),
            " (문의번호 ",
            alike(rng, "receipt number"),
            ")",
        )
        to.line("")
        for _ in range(rng.randint(3, 7)):
            slots = {kind: make(rng) for kind, make in VALUES.items()}
            to.prose(*_talk(rng, [rng.choice(LETTERS)], bank=rng.choice(BANKS), **slots), width=rng.choice((44, 56, 70)))
        to.line("감사합니다.")
        to.line("")
        who = unjudged(name(rng), "in a signature")
        if rng.random() < 0.4:
            to.line(who, _any(rng, " 드림| 올림| 배상"))
            to.line(_any(rng, "|☎ |H.P. |연락처 "), mobile(rng))
            continue
        to.line("--")
        to.line(who, " | ", _any(rng, "과장|대리|Manager|책임"), " | ", rng.choice(FIRMS), " 구매팀")
        to.line(_any(rng, "T |T. |Tel. |전화 "), landline(rng), rng.choice(("  M ", " / M. ", " | HP ", "  C.P. ")), mobile(rng))
        to.line(_any(rng, "E |E. |E-mail |"), email(rng), rng.choice(("", "  F ", " | Fax ")) or "  ", landline(rng))
        where = address(rng)
        to.line(_any(rng, "||주소: |A. "), Value("address", f"in a signature, {where.spelling}", where.text))


def company_rules(to: Writer, rng: Random) -> None:
    """Internal rules: no personal data at all."""
    to.line(_any(rng, "여비 지급 규정|문서 관리 규정|개인정보 처리 지침|복무 규정"))
    to.line("제정 ", alike(rng, "date"), " 사규 ", alike(rng, "notice"))
    for _ in range(rng.randint(1, 4)):
        to.line("개정 ", alike(rng, "date"), " 사규 ", alike(rng, "notice"), "  문서번호 ", alike(rng, "document number"))
    for number in range(1, rng.randint(10, 17)):
        _rule(to, rng, number)
    to.line("부칙 <", alike(rng, "notice"), ", ", alike(rng, "date"), ">")
    to.line("[", alike(rng, "annex"), "] 지급 기준표")
    to.head("구분", "코드", "기준액(원)", "비율", "시행일")
    for _ in range(rng.randint(4, 10)):
        to.row(alike(rng, "position"), alike(rng, "product code"), _won(rng), alike(rng, "ratio"), alike(rng, "date"))
    to.line("[별지 서식] 신청서")
    for blank in (
        "성명            (인)",
        "주민등록번호       -",
        "계좌번호 (        은행)",
        "연락처  (   )   -    ",
        "주소",
        "소속 및 직위",
    ):
        to.line(blank)
    to.line("소관부서 ", alike(rng, "position"), "  내선 ", str(rng.randint(1000, 9999)))


SUMMARIES = (
    "이 상품({product code})은 {ratio}의 최저보증이율을 적용하며 가입금액 {amount} 기준입니다.",
    "보험료 예시: 남자 40세, 20년납, 월 {amount} / 여자 {amount}.",
    "계약자가 보험료를 납입하지 아니한 경우 {article}에 따라 해지됩니다.",
    "피보험자 교체 및 수익자 변경은 회사의 승낙이 필요합니다. 계약자 변경도 같습니다.",
    "예금자보호법에 따라 1인당 {amount in words}까지 보호됩니다.",
    "준법감시인 심의필 {review number} (유효기간 {period})",
    "생명보험협회 심의필 {review number}",
    "해지환급금 예시(단위: 만원) {row of numbers}",
    "보험금 청구는 {hotline}, 사고 접수는 {free number}, 민원은 금융감독원 {short number}로 하시기 바랍니다.",
    "증권번호 예시: {policy number}. 상품코드 {product code}, 인가 {notice}.",
    "공시이율은 {date} 기준 {ratio}이며 매월 변동됩니다.",
    "보험계약자와 피보험자는 청약서에 자필서명을 하여야 합니다.",
    "주민등록번호, 계좌번호 등 개인정보를 요구하는 전화에 주의하시기 바랍니다.",
    "계약자, 피보험자 또는 수익자가 주소 또는 연락처를 변경한 때에는 알려야 합니다.",
)


def summary(to: Writer, rng: Random) -> None:
    """Pages of a product summary: look-alikes only."""
    firm = rng.choice(INSURERS)
    to.line(
        f"(무) {firm} {rng.choice(('든든한', '참좋은', '새로운'))} {rng.choice(('건강보험', '연금보험', '운전자보험'))} ",
        alike(rng, "product code"),
        " 상품요약서",
    )
    for number in range(1, rng.randint(5, 9)):
        to.line("")
        to.line(f"{number}. ", _any(rng, "상품의 특이사항|보험가입자격|보험금 지급사유|해지환급금|보험료 산출|유의사항"))
        for _ in range(rng.randint(2, 5)):
            to.prose(_any(rng, "○ |- |"), *_talk(rng, [rng.choice(SUMMARIES)]))
    to.head("경과기간", "납입보험료", "해지환급금", "환급률", "적용일")
    for year in range(1, rng.randint(6, 14)):
        to.row(f"{year}년", _won(rng), _won(rng), alike(rng, "ratio"), alike(rng, "date"))
    to.line("경과기간 납입보험료 해지환급금 환급률")
    for year in range(1, rng.randint(4, 10)):
        to.line(f"{year}년 ", alike(rng, "row of numbers"), " ", alike(rng, "ratio"))
    to.line("")
    to.line(_any(rng, "고객센터 |본사 |고객서비스센터 주소: "), *_office(rng))
    to.line("홈페이지 www.example.com  콜센터 ", alike(rng, "hotline"), "  팩스 ", alike(rng, "institution's phone"))
    to.line("금융감독원 ", alike(rng, "institution's address"), " (", alike(rng, "short number"), ")")
    to.line(_any(rng, "모집종사자 확인사항|설계사 확인사항"), ": 성명        등록번호        연락처")


JUDGMENTS = (
    "피고인 {anonymised name}은 {long date} {ratio}의 혈중알코올농도로 차량을 운전하여 제한속도를 초과하였다.",
    "원고 {anonymised name}는 피고에게 {amount in words}을 대여하고 변제기를 {date}로 정하였다.",
    "피고는 원고에게 {amount} 및 이에 대하여 {long date}부터 다 갚는 날까지 연 {ratio}의 비율로 계산한 돈을 지급하라.",
    "대법원 {date} 선고 {case number} 판결, 대법원 {long date} 선고 {case number} 판결 등 참조.",
    "증인 {anonymised name}의 법정진술과 갑 제{small}호증의 1 내지 4의 각 기재에 의하면 이를 인정할 수 있다.",
    "금융위원회 고시 {notice} 및 같은 법 {article}에 따르면 위 주장은 이유 없다.",
    "피해자 {anonymised name}에게 전화하여 검찰을 사칭하고 계좌번호와 비밀번호를 알려 달라고 하였다.",
    "보험계약자 {anonymised name}, 피보험자 {anonymised name}로 하는 계약(증권번호 {policy number})이 체결되었다.",
    "{anonymised name}의 대표이사 {anonymised name}는 그 무렵 {amount}을 횡령하였다.",
    "소송비용은 이를 {small}분하여 그 {ratio}는 원고가, 나머지는 피고가 부담한다.",
    "감정인의 감정결과에 의하면 과실비율은 {ratio}, 일실수입은 {amount}이다.",
    "수익자의 성명과 주소가 기재되지 아니한 청구서는 적법하다고 볼 수 없다.",
)


def judgment(to: Writer, rng: Random) -> None:
    """A judgment with the names taken out."""
    to.line(_any(rng, "서울중앙지방법원|수원지방법원|대 법 원"))
    to.line("판 결")
    to.line("사 건  ", alike(rng, "case number"), " ", _any(rng, "손해배상(기)|보험금|사기|대여금"))
    for role in ("원 고", "피 고", "소송대리인 변호사", "원심판결"):
        told = [alike(rng, "case number")] if role == "원심판결" else [alike(rng, "anonymised name")]
        to.line(role, "  ", *told)
    to.line("변론종결  ", alike(rng, "date"))
    to.line("판결선고  ", alike(rng, "date"))
    for part in ("주 문", "이 유", "1. 기초사실", "2. 판단", "3. 결론"):
        to.line("")
        to.line(part)
        for _ in range(rng.randint(3, 5)):
            to.prose(
                *_talk(rng, [rng.choice(JUDGMENTS) + " ", rng.choice(JUDGMENTS)], small=str(rng.randint(2, 9))),
                width=rng.choice((36, 42, 50)),
            )
    to.line("재판장 판사 ", alike(rng, "anonymised name"))
    to.line("판사 ", alike(rng, "anonymised name"))


KINDS: tuple[Callable[[Writer, Random], None], ...] = (
    claim_lines,
    claim_table,
    consultation,
    contract,
    medical,
    transfers,
    letters,
    company_rules,
    summary,
    judgment,
)
