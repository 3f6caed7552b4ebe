"""Invented Korean paragraphs with personal data and with what only looks like it.

The generator knows how the numbers are built and written (forms, claim records, contracts, consultation notes, e-mails), and
nothing of the rules that look for them. A text is put together of plain strings and of marks: a `Mark` says which characters
are a value or a look-alike. Equal seeds make equal texts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

CLASSES = (
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
)
UNJUDGED = ("name",)  # marked, too, for rules that know it; no class of the settings


@dataclass(frozen=True, slots=True)
class Mark:
    """Characters `start..end` of a text: a value of class `kind`, or a look-alike of that kind, and how it is written."""

    kind: str
    spelling: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sample:
    """A paragraph, what in it is personal, and what only looks like it."""

    text: str
    values: tuple[Mark, ...]
    alikes: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Value:
    """Personal data, as it is written in a text."""

    kind: str
    spelling: str
    text: str


@dataclass(frozen=True, slots=True)
class Alike:
    """Something that is not personal, as it is written in a text."""

    kind: str
    text: str


Part = str | Value | Alike


def corpus(seed: int = 0, size: int = 4000) -> list[Sample]:
    """`size` paragraphs: every class in turn in the ways it is written, and look-alikes in between."""
    random = Random(seed)
    makers: list[Callable[[Random], list[Part]]] = []
    for kind in CLASSES:
        makers += [_of_kind(kind, _sentence)] * 3 + [_of_kind(kind, _broken)]
    makers += [_table] * 6 + [_form] * 6 + [_claim] * 3 + [_mail] * 3
    makers += [_alike_of(kind) for kind in ALIKES for _ in range(2)]
    return [_assembled(makers[i % len(makers)](random)) for i in range(size)]


def _assembled(parts: Sequence[Part]) -> Sample:
    text, values, alikes = "", [], []
    for part in parts:
        written = part if isinstance(part, str) else part.text
        if isinstance(part, Value):
            values.append(Mark(part.kind, part.spelling, len(text), len(text) + len(written)))
        elif isinstance(part, Alike):
            alikes.append(Mark(part.kind, "", len(text), len(text) + len(written)))
        text += written
    return Sample(text, tuple(values), tuple(alikes))


# --- numbers -----------------------------------------------------------------------------------------------------------------


def _digits(random: Random, count: int) -> str:
    return "".join(random.choice("0123456789") for _ in range(count))


def _birth(random: Random, first: int = 1935, last: int = 2019) -> date:
    start = date(first, 1, 1)
    return start + timedelta(days=random.randrange((date(last, 12, 31) - start).days))


def resident_check(twelve: str, foreigner: bool = False) -> int:
    """The 13th digit of a resident number issued before October 2020; 13 instead of 11 for foreigners."""
    total = sum(int(d) * w for d, w in zip(twelve, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5), strict=True))
    return ((13 if foreigner else 11) - total % 11) % 10


def business_check(nine: str) -> int:
    """The 10th digit of a business registration number."""
    total = sum(int(d) * w for d, w in zip(nine, (1, 3, 7, 1, 3, 7, 1, 3, 5), strict=True)) + int(nine[8]) * 5 // 10
    return -total % 10


def corporate_check(twelve: str) -> int:
    """The 13th digit of a corporate registration number."""
    return -sum(int(d) * (1 + i % 2) for i, d in enumerate(twelve)) % 10


def luhn_check(rest: str) -> int:
    """The last digit of a card number."""
    doubled = [int(d) * (2 if i % 2 == 0 else 1) for i, d in enumerate(reversed(rest))]
    return -sum(d - 9 if d > 9 else d for d in doubled) % 10


def _resident(random: Random) -> str:
    """13 digits; one in three was issued after October 2020 and has no check digit."""
    return _person_number(random, foreigner=False)


def _foreigner(random: Random) -> str:
    return _person_number(random, foreigner=True)


def _person_number(random: Random, foreigner: bool) -> str:
    new = random.random() < 1 / 3
    born = _birth(random, 2020, 2025) if new and random.random() < 0.4 else _birth(random)
    sex = random.choice((0, 1)) + (1 if born.year < 2000 else 3) + (4 if foreigner else 0)
    twelve = f"{born:%y%m%d}{sex}{_digits(random, 5)}"
    check = resident_check(twelve, foreigner)
    return twelve + str((check + random.randrange(1, 10)) % 10 if new else check)


def _business(random: Random) -> str:
    nine = f"{random.randrange(101, 700)}{random.choice((1, 12, 20, 81, 82, 85, 86, 88, 90)):02}{_digits(random, 4)}"
    return nine + str(business_check(nine))


def _corporate(random: Random) -> str:
    office = random.choice(("1101", "1201", "1301", "1311", "1345", "1401", "1601", "1701", "1801", "2001", "2201"))
    twelve = f"{office}{random.choice(('11', '13', '14', '21', '22', '33', '71'))}{random.choice('01234567')}{_digits(random, 5)}"
    return twelve + str(corporate_check(twelve))


def _card(random: Random) -> str:
    amex = random.random() < 0.1
    start = "37" if amex else random.choice(("4", "5", "9", "65", "62", "35", "2"))
    start = {
        "5": "5" + random.choice("12345"),
        "9": random.choice(("94", "95")),
        "2": "2" + random.choice("345"),
        "35": "356",
    }.get(start, start)
    rest = start + _digits(random, (14 if amex else 15) - len(start))
    return rest + str(luhn_check(rest))


# --- how they are written ----------------------------------------------------------------------------------------------------

FULL_WIDTH = {ord(c): ord(c) + 0xFEE0 for c in "0123456789-.()@ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
DASHES = ("‐", "–", "—", "－", "−", "~")


def _written(random: Random, groups: Sequence[str], bare: bool = True) -> tuple[str, str]:
    """Groups of digits with what stands between them, and the name of that spelling."""
    names = ["hyphen"] * 8 + ["blank", "spaced_hyphen", "full_width", "dash", "dot"] + (["bare"] * 2 if bare else [])
    name = random.choice(names)
    if name == "full_width":
        return name, "-".join(groups).translate(FULL_WIDTH)
    mark = {"hyphen": "-", "blank": " ", "spaced_hyphen": " - ", "dash": random.choice(DASHES[:5]), "dot": ".", "bare": ""}[name]
    return name, mark.join(groups)


def _cut(text: str, *sizes: int) -> list[str]:
    found, start = [], 0
    for size in sizes:
        found.append(text[start : start + size])
        start += size
    return found


def _value_resident(random: Random, kind: str = "resident") -> Value:
    number = _resident(random) if kind == "resident" else _foreigner(random)
    if random.random() < 0.08:
        return Value(kind, "masked", f"{number[:6]}-{number[6]}" + random.choice(("******", "xxxxxx", "●●●●●●", "○○○○○○")))
    name, text = _written(random, _cut(number, 6, 7))
    return Value(kind, name, text)


def _value_foreigner(random: Random) -> Value:
    return _value_resident(random, "foreigner")


def _value_passport(random: Random) -> Value:
    letter = random.choice("MMMMSRGD")
    if random.random() < 0.5:
        text, name = f"{letter}{_digits(random, 3)}{random.choice('ABCDEFGHJKLMNPQRSTUVWXYZ')}{_digits(random, 4)}", "new"
    else:
        text, name = f"{letter}{_digits(random, 8)}", "old"
    if random.random() < 0.08:
        return Value("passport", "full_width", text.translate(FULL_WIDTH))
    if random.random() < 0.06:
        return Value("passport", "lower_case", text.lower())
    if random.random() < 0.06:
        return Value("passport", "blank", f"{text[0]} {text[1:]}")
    return Value("passport", name, text)


def _value_driver(random: Random) -> Value:
    region = random.choice(("11", "12", "13", "14", "15", "16", "17", "18", "19", "20", "21", "22", "23", "24", "25", "26", "28"))
    groups = [region, f"{random.randrange(100):02}", _digits(random, 6), _digits(random, 2)]
    if random.random() < 0.15:
        place = random.choice(
            ("서울", "부산", "경기", "강원", "충북", "전남", "경북", "제주", "대구", "인천", "광주", "대전", "울산")
        )
        return Value("driver", "old", f"{place} {'-'.join(groups[1:])}")
    name, text = _written(random, groups)
    return Value("driver", name, text)


def _value_business(random: Random) -> Value:
    name, text = _written(random, _cut(_business(random), 3, 2, 5))
    return Value("business", name, text)


def _value_corporate(random: Random) -> Value:
    name, text = _written(random, _cut(_corporate(random), 6, 7))
    return Value("corporate", name, text)


def _value_card(random: Random) -> Value:
    number = _card(random)
    sizes = (4, 6, 5) if len(number) == 15 else (4, 4, 4, 4)
    groups = _cut(number, *sizes)
    if random.random() < 0.1 and len(groups) == 4:
        star = random.choice("*xX")
        return Value("card", "masked", "-".join((groups[0], groups[1][:2] + star * 2, star * 4, groups[3])))
    name, text = _written(random, groups)
    return Value("card", "blank" if name == "dot" else name, " ".join(groups) if name == "dot" else text)


BANKS: dict[str, tuple[int, ...]] = {
    "국민은행": (6, 2, 6),
    "KB국민": (6, 2, 6),
    "신한은행": (3, 3, 6),
    "신한": (3, 3, 6),
    "우리은행": (4, 3, 6),
    "하나은행": (3, 6, 5),
    "농협": (3, 4, 4, 2),
    "NH농협은행": (3, 4, 4, 2),
    "기업은행": (3, 6, 2, 3),
    "IBK기업은행": (3, 6, 2, 3),
    "카카오뱅크": (4, 2, 7),
    "토스뱅크": (4, 4, 4),
    "케이뱅크": (3, 3, 6),
    "우체국": (6, 2, 6),
    "새마을금고": (4, 4, 4, 1),
    "부산은행": (3, 4, 4, 2),
    "대구은행": (3, 2, 6, 1),
    "SC제일은행": (3, 2, 6),
    "신협": (3, 3, 6),
    "수협은행": (4, 4, 4),
    "산업은행": (3, 4, 4, 3),
}


def _value_account(random: Random, bank: str = "") -> Value:
    groups = [_digits(random, n) for n in BANKS[bank or random.choice(list(BANKS))]]
    if random.random() < 0.08:
        star = random.choice("*X")
        return Value("account", "masked", "-".join([*groups[:-1], groups[-1][:2] + star * max(1, len(groups[-1]) - 2)]))
    name, text = _written(random, groups)
    return Value("account", name, text)


AREAS = ("02", "031", "032", "033", "041", "042", "043", "044", "051", "052", "053", "054", "055", "061", "062", "063", "064")


def _value_phone(random: Random) -> Value:
    last = _digits(random, 4)
    if random.random() < 0.65:
        head, middle = "010", f"{random.randrange(2, 10)}{_digits(random, 3)}"
        if random.random() < 0.1:
            head, middle = random.choice(("011", "016", "017", "018", "019")), f"{random.randrange(2, 10)}{_digits(random, 2)}"
    elif random.random() < 0.25:
        head, middle = random.choice(("070", "0505", "0502", "050")), f"{random.randrange(2, 10)}{_digits(random, 3)}"
        head = "0507" if head == "050" else head
    else:
        head, middle = random.choice(AREAS), f"{random.randrange(2, 10)}{_digits(random, random.choice((2, 3)))}"
    return _phone_spelt(random, head, middle, last)


def _phone_spelt(random: Random, head: str, middle: str, last: str) -> Value:
    roll = random.random()
    if roll < 0.08:
        country = random.choice(("+82-", "+82 ", "+82", "82-", "(+82) ", "+82)"))
        return Value("phone", "international", f"{country}{head[1:]}-{middle}-{last}")
    if roll < 0.18:
        return Value(
            "phone",
            "brackets",
            random.choice((f"({head}) {middle}-{last}", f"({head}){middle}-{last}", f"{head}){middle}-{last}")),
        )
    if roll < 0.22:
        return Value("phone", "masked", random.choice((f"{head}-{middle}-{last[:2]}**", f"{head}-{middle}-****")))
    name, text = _written(random, (head, middle, last))
    return Value("phone", name, text)


def _value_email(random: Random) -> Value:
    words = ("minji", "kim", "park.js", "seo_yeon", "hong", "lee-h", "dawoon", "jiho", "choi", "sunny", "bada", "haneul", "woori")
    user = (
        random.choice(words) + random.choice(("", ".", "_", "")) + random.choice(words) + random.choice(("", "82", "1004", "_77"))
    )
    host = random.choice(("example.com", "example.co.kr", "mail.example.net", "post.example.org", "nuri-example.or.kr"))
    text = f"{user}@{host}"
    roll = random.random()
    if roll < 0.06:
        return Value("email", "full_width", text.replace("@", "＠"))
    if roll < 0.1:
        return Value("email", "spaced", text.replace("@", " @ "))
    if roll < 0.15:
        return Value("email", "upper_case", text.upper())
    if roll < 0.2:
        return Value("email", "plus", f"{user}+claim@{host}")
    if roll < 0.24:
        return Value("email", "at", text.replace("@", random.choice(("(at)", "[at]", " at "))))
    return Value("email", "plain", text)


PLACES: dict[str, tuple[str, ...]] = {
    "서울특별시": ("강남구", "마포구", "은평구", "송파구", "노원구", "중구", "관악구", "영등포구"),
    "서울시": ("강서구", "동작구", "종로구", "성북구"),
    "서울": ("서초구", "광진구", "용산구"),
    "부산광역시": ("해운대구", "사하구", "부산진구", "기장군"),
    "대구": ("수성구", "달서구"),
    "인천광역시": ("남동구", "연수구", "강화군"),
    "광주광역시": ("북구", "서구"),
    "대전": ("유성구", "서구"),
    "울산광역시": ("남구", "울주군"),
    "세종특별자치시": ("",),
    "경기도": ("수원시 영통구", "성남시 분당구", "고양시 일산동구", "화성시", "김포시", "양평군", "용인시 수지구"),
    "경기": ("부천시", "안양시 동안구", "광명시"),
    "강원특별자치도": ("춘천시", "원주시", "정선군"),
    "충청북도": ("청주시 흥덕구", "충주시"),
    "충남": ("천안시 서북구", "아산시"),
    "전북특별자치도": ("전주시 완산구", "군산시"),
    "전라남도": ("여수시", "순천시", "해남군"),
    "경상북도": ("포항시 북구", "안동시"),
    "경남": ("창원시 성산구", "김해시"),
    "제주특별자치도": ("제주시", "서귀포시"),
}
ROADS = (
    "달무리로",
    "솔바람길",
    "새벽대로",
    "은행나무로",
    "한빛로",
    "가람길",
    "물결로12번길",
    "꽃마을로 45번길",
    "중앙로",
    "평화로",
    "청솔길",
)
TOWNS = ("합정동", "역삼동", "상계동", "봉명동", "송천동", "우동", "중앙동", "신림동", "노은동", "태평동3가")
VILLAGES = ("한강면 달맞이리", "북면 솔안리", "남산읍 새터리")
HOMES = ("아파트", "빌라", "오피스텔", "파크", "하이츠")


def _value_address(random: Random) -> Value:
    area = random.choice(list(PLACES))
    place = f"{area} {random.choice(PLACES[area])}".strip()
    flat = f"{random.randrange(101, 130)}동 {random.randrange(1, 25)}0{random.randrange(1, 9)}호"
    building = f"{random.choice(('달빛', '한마음', '늘푸른', '새롬'))}{random.choice(HOMES)}"
    roll = random.random()
    if roll < 0.5:
        text, name = f"{place} {random.choice(ROADS)} {random.randrange(1, 400)}", "road"
        text += random.choice(
            (
                "",
                f"-{random.randrange(1, 30)}",
                f", {flat}",
                f", {flat}({random.choice(TOWNS)})",
                f", {random.randrange(2, 20)}층",
            )
        )
    elif roll < 0.75:
        text, name = f"{place} {random.choice(TOWNS)} {random.randrange(1, 999)}-{random.randrange(1, 99)}", "lot"
        text += random.choice(("", "번지", f" {building} {flat}"))
    elif roll < 0.85:
        text, name = f"{place} {random.choice(VILLAGES)} {random.choice(('', '산'))}{random.randrange(1, 900)}번지", "village"
    else:
        text, name = f"{place} {random.choice(ROADS)} {random.randrange(1, 300)} {building} {flat}", "building"
    if random.random() < 0.06:
        return Value("address", "glued", text.replace(" ", ""))
    return Value("address", name, text)


VALUES: dict[str, Callable[[Random], Value]] = {
    "resident": _value_resident,
    "foreigner": _value_foreigner,
    "passport": _value_passport,
    "driver": _value_driver,
    "business": _value_business,
    "corporate": _value_corporate,
    "account": _value_account,
    "card": _value_card,
    "phone": _value_phone,
    "email": _value_email,
    "address": _value_address,
}

# --- the sentences around them -----------------------------------------------------------------------------------------------

SURNAMES = "김이박최정강조윤장임한오서신권황안송류홍"
GIVEN = ("서연", "민준", "지우", "하늘", "도윤", "예린", "현수", "영자", "별솔", "가온", "순례", "준호")

LABELS: dict[str, tuple[str, ...]] = {
    "resident": (
        "주민등록번호",
        "주민번호",
        "주민 등록 번호",
        "주민등록 번호",
        "주민(법인)등록번호",
        "생년월일/주민번호",
        "실명번호",
    ),
    "foreigner": ("외국인등록번호", "외국인 등록번호", "외국인등록 번호", "국내거소신고번호"),
    "passport": ("여권번호", "여권 번호", "여권", "Passport No."),
    "driver": ("운전면허번호", "면허번호", "운전면허증 번호", "자동차운전면허"),
    "business": ("사업자등록번호", "사업자 등록번호", "사업자번호", "등록번호"),
    "corporate": ("법인등록번호", "법인 등록번호", "법인번호"),
    "account": ("계좌번호", "계좌", "입금계좌", "환급계좌", "자동이체 계좌", "송금 계좌번호"),
    "card": ("카드번호", "신용카드번호", "결제카드", "카드 번호", "체크카드"),
    "phone": ("연락처", "전화번호", "휴대전화", "휴대폰", "핸드폰", "H.P", "HP", "Tel", "전화", "☎", "자택"),
    "email": ("이메일", "전자우편", "E-mail", "e-mail 주소", "메일"),
    "address": ("주소", "자택주소", "주민등록상 주소", "거주지", "도로명주소", "실거주지", "배송지"),
}
# What a reader recognises without a label, by its form and the sentence around it.
UNLABELLED: dict[str, tuple[str, ...]] = {
    "resident": ("{name}({v})", "{name} ({v}) 고객", "피보험자 {name}, {v}", "{name} {v} 남"),
    "foreigner": ("{name}({v})", "외국인 {name} ({v})", "체류자 {name}, {v}"),
    "phone": ("{name}({v})", "{v}{로} 전화 주세요.", "{name} 고객님 {v}{로} 문자 발송함", "{v} {name}"),
    "email": ("{name} <{v}>", "{v}{로} 보내 주시기 바랍니다.", "({v})", "자료는 {v}{로} 회신", "mailto:{v}"),
    "address": ("{name}은 {v}에 거주한다.", "{v} {name} 귀하", "서류는 {v}{로} 보내 주십시오.", "{v} 소재 자택에서"),
    "card": ("{name} 고객이 {v} 카드로 결제하였다.", "{v} 카드의 분실을 신고함"),
    "account": (
        "{bank} {v} (예금주 {name})",
        "{bank} {v} {name}",
        "{bank} {v}{로} 입금 바랍니다.",
        "보험금은 {bank}({v}){로} 지급한다.",
    ),
    "business": ("주식회사 달무리상사({v})", "한빛약국 {v} 대표 {name}"),
    "corporate": ("주식회사 솔바람(법인 {v})",),
    "driver": ("{name}의 운전면허는 {v}이다.",),
    "passport": ("{name}의 여권은 {v}이다.",),
}
LABELLED = (
    "{label}: {v}",
    "{label} : {v}",
    "{label} {v}",
    "{label}：{v}",
    "{label}({v})",
    "{label}는 {v}입니다.",
    "{label}은 {v}{로} 확인되었습니다.",
    "고객 {name}의 {label}는 {v}이며, 본인 확인을 마쳤다.",
    "계약자 {name} ({label} {v})",
    "{name}, {label} {v}, 접수일 2024. 5. 3.",
    "{v} ({label})",
    "상담 내용: {label} {v}{을} 변경 요청",
    "- {label}: {v}\n- 성명: {name}",
    "「{label}」 {v}",
    "[{label}] {v}",
    "{label}\n{v}",
    "{label}\t{v}",
    "{label} | {v} |",
    "※ {label} = {v}",
    "기재된 {label} {v}{은} 사실과 다르다.",
)


SLOT = re.compile(r"(\{v\}|\{name\})")


def _name(random: Random) -> Value:
    return Value("name", "plain", random.choice(SURNAMES) + random.choice(GIVEN))


def _filled(random: Random, template: str, value: Value, **words: str) -> list[Part]:
    """A template with a value in it. Particles are those after a digit's reading or not, as people write them."""
    chosen = {"로": random.choice(("로", "으로")), "을": random.choice(("을", "를")), "은": random.choice(("은", "는"))} | words
    parts: list[Part] = []
    for piece in SLOT.split(template):
        if piece == "{v}":
            parts.append(value)
        elif piece == "{name}":
            parts.append(_name(random))
        else:
            parts.append(piece.format(**chosen))
    return parts


def _sentence(random: Random, kind: str) -> list[Part]:
    bank = random.choice(list(BANKS))
    if kind == "account" and random.random() < 0.5:
        return _filled(random, random.choice(UNLABELLED[kind]), _value_account(random, bank), bank=bank)
    value = VALUES[kind](random)
    if kind in UNLABELLED and kind != "account" and random.random() < 0.3 and _plain_enough(value):
        return _filled(random, random.choice(UNLABELLED[kind]), value)
    return _filled(random, random.choice(LABELLED), value, label=random.choice(LABELS[kind]))


def _plain_enough(value: Value) -> bool:
    """Whether a reader knows it without a label: bare digits and blanks between them say little."""
    return value.kind in ("email", "address") or value.spelling in (
        "hyphen",
        "full_width",
        "spaced_hyphen",
        "dash",
        "masked",
        "new",
    )


def _broken(random: Random, kind: str) -> list[Part]:
    """A value that goes over the end of a line."""
    label, value = random.choice(LABELS[kind]), VALUES[kind](random)
    places = [i for i, c in enumerate(value.text) if c in "-－ @.,) " and 0 < i < len(value.text) - 1]
    if not places:
        return _filled(random, "{label}: {v} 확인함", value, label=label)
    at = random.choice(places) + 1
    text = value.text[:at].rstrip(" ") + "\n" + value.text[at:].lstrip(" ")
    return _filled(
        random, "본인 확인을 위하여 제출한 {label} {v}{은} 기록에 남긴다.", Value(kind, "line_break", text), label=label
    )


def _of_kind(kind: str, maker: Callable[[Random, str], list[Part]]) -> Callable[[Random], list[Part]]:
    return lambda random: maker(random, kind)


def _table(random: Random) -> list[Part]:
    """A table with a head row, as tabs or as a Markdown table, with look-alike columns."""
    kinds = random.sample(CLASSES, random.choice((2, 3)))
    rows: list[list[Part]] = [["성명", *(random.choice(LABELS[k]) for k in kinds), "금액", "접수일"]]
    for _ in range(random.choice((1, 2, 3))):
        values = [VALUES[k](random) for k in kinds]
        rows.append([_name(random), *values, _alike_amount(random), _alike_date(random)])
    if random.random() < 0.5:
        parts: list[Part] = []
        for row in rows:
            parts += [*[p for cell in row for p in (cell, "\t")][:-1], "\n"]
        return parts
    parts = []
    for number, row in enumerate(rows):
        parts += ["| ", *[p for cell in row for p in (cell, " | ")][:-1], " |\n"]
        if number == 0:
            parts.append("|" + "---|" * len(row) + "\n")
    return parts


def _form(random: Random) -> list[Part]:
    """A filled form: a line each."""
    parts: list[Part] = [
        random.choice(("보험금 청구서", "가입 신청서", "개인정보 변경 신청서", "[별지 제3호 서식] 이의신청서")) + "\n"
    ]
    for kind in random.sample(CLASSES, 4):
        mark = random.choice((": ", " ", " : ", "\t", "  "))
        parts += [random.choice(LABELS[kind]), mark, VALUES[kind](random), random.choice(("\n", "\n", "   "))]
    return [*parts, "신청일 ", _alike_date(random), " 증권번호 ", _alike_policy(random), " 청구금액 ", _alike_amount(random)]


def _claim(random: Random) -> list[Part]:
    return [
        "사고 접수 ",
        _alike_code(random),
        ". 피보험자 ",
        _name(random),
        "(",
        _value_resident(random),
        ")이 ",
        _alike_date(random),
        " 입원하여 ",
        _alike_amount(random),
        "을 청구함. 통화: ",
        _value_phone(random),
        ", 거주지 ",
        _value_address(random),
        ". 약관 ",
        _alike_article(random),
        "에 따라 심사함.",
    ]


def _mail(random: Random) -> list[Part]:
    name, bank = _name(random), random.choice(list(BANKS))
    return [
        "보낸 사람: ",
        name,
        " <",
        _value_email(random),
        ">\n제목: 환급 요청 (",
        _alike_policy(random),
        ")\n안녕하세요, ",
        name,
        "입니다. 환급금 ",
        _alike_amount(random),
        f"은 {bank} ",
        _value_account(random, bank),
        random.choice(("으로", "로")) + " 보내 주세요. 연락은 ",
        _value_phone(random),
        random.choice(("으로", "로")) + " 부탁드립니다.\n고객센터 ",
        _alike_hotline(random),
    ]


# --- what only looks like it -------------------------------------------------------------------------------------------------


def _alike_amount(random: Random) -> Alike:
    n = random.randrange(1, 10**9)
    return Alike("amount", random.choice((f"{n:,}원", f"{n % 10000:,}만원", f"{n}원", f"금 {n:,}원정", f"￦{n:,}", f"{n:,}")))


def _alike_date(random: Random) -> Alike:
    day = _birth(random, 1990, 2026)
    return Alike(
        "date",
        random.choice(
            (
                f"{day:%Y-%m-%d}",
                f"{day:%Y.%m.%d}",
                f"{day.year}. {day.month}. {day.day}.",
                f"{day:%Y%m%d}",
                f"{day.year}년 {day.month}월 {day.day}일",
                f"{day:%Y/%m/%d}",
                f"{day:%y-%m-%d}",
                f"{day:%Y-%m-%d} 14:30:05",
                f"{day:%Y.%m.%d} ~ {day.year + 1}.12.31",
            )
        ),
    )


def _alike_policy(random: Random) -> Alike:
    year = random.randrange(2005, 2027)
    return Alike(
        "policy",
        random.choice(
            (
                f"{year}-{_digits(random, 7)}",
                f"L{year}{_digits(random, 8)}",
                f"{year}{_digits(random, 7)}-{_digits(random, 3)}",
                f"제{year}-{_digits(random, 6)}호",
                f"{random.choice('ABCDKLP')}{_digits(random, 2)}-{_digits(random, 4)}-{_digits(random, 6)}",
            )
        ),
    )


def _alike_article(random: Random) -> Alike:
    a, b = random.randrange(1, 120), random.randrange(1, 30)
    return Alike(
        "article",
        random.choice(
            (
                f"제{a}조",
                f"제{a}조의{b}",
                f"제{a}조제{b}항제{b}호",
                f"제{a}조({b}년 이내)",
                f"별표 {b}",
                f"제{a}조부터 제{a + b}조까지",
            )
        ),
    )


def _alike_law(random: Random) -> Alike:
    year, n = random.randrange(1990, 2027), random.randrange(1, 99)
    return Alike(
        "law",
        random.choice(
            (
                f"고시 제{year}-{n}호",
                f"법률 제{random.randrange(5000, 21000)}호, {year}. 3. 15.",
                f"대통령령 제{random.randrange(20000, 36000)}호",
                f"<개정 {year}. 12. 31., {year + 1}. 2. 14.>",
                f"[시행 {year}. 9. 15.] [법률 제{random.randrange(10000, 21000)}호, {year}. 3. 14., 일부개정]",
                f"행정안전부예규 제{n}호",
            )
        ),
    )


def _alike_case(random: Random) -> Alike:
    year, mark = random.randrange(1998, 2026), random.choice(("다", "도", "두", "가합", "나", "구합", "고단", "헌바", "진정"))
    number = random.randrange(100, 300000)
    return Alike(
        "case",
        random.choice(
            (
                f"{year}{mark}{number}",
                f"{year} {mark} {number}",
                f"{year}{mark}{number}, {number + 7}(병합)",
                f"{year % 100:02}-{mark}-{number}",
            )
        ),
    )


def _alike_hotline(random: Random) -> Alike:
    head = random.choice(("1588", "1544", "1577", "1566", "1600", "1644", "1661", "1899", "1670", "1522"))
    return Alike(
        "hotline",
        random.choice(
            (
                f"{head}-{_digits(random, 4)}",
                f"{head}.{_digits(random, 4)}",
                f"080-{_digits(random, 3)}-{_digits(random, 4)}",
                "국번없이 1332",
                f"☎ {head}-{_digits(random, 4)}",
                "112",
                "1399",
            )
        ),
    )


def _alike_office(random: Random) -> Alike:
    return Alike("office_phone", f"{random.choice(AREAS)}-{random.randrange(200, 999)}-{_digits(random, 4)}")


def _alike_isbn(random: Random) -> Alike:
    body = f"97889{_digits(random, 7)}"
    check = -sum(int(d) * (1 + 2 * (i % 2)) for i, d in enumerate(body)) % 10
    return Alike(
        "isbn",
        random.choice(
            (
                f"{body[:3]}-{body[3:5]}-{body[5:9]}-{body[9:12]}-{check}",
                f"{body}{check}",
                f"8{_digits(random, 3)}-{_digits(random, 4)}-{_digits(random, 1)}",
            )
        ),
    )


def _alike_version(random: Random) -> Alike:
    a, b, c = (random.randrange(0, 30) for _ in range(3))
    return Alike("version", random.choice((f"{a}.{b}.{c}", f"v{a}.{b}.{c}-rc{b}", f"{a}.{b}", f"pkg@{a}.{b}.{c}", f"TLS 1.{b}")))


def _alike_place(random: Random) -> Alike:
    return Alike("coordinates", f"{random.uniform(33, 38):.6f}, {random.uniform(126, 130):.6f}")


def _alike_range(random: Random) -> Alike:
    a = random.randrange(1, 900)
    return Alike(
        "range",
        random.choice(
            (f"{a}-{a + 12}쪽", f"p. {a}~{a + 3}", f"{a}-{a + 20}면", f"{a:03}-{a + 1:03}-{a + 2:05}번", f"{a}~{a + 10}세")
        ),
    )


def _alike_figures(random: Random) -> Alike:
    cells = [
        random.choice((f"{random.randrange(10**6):,}", f"{random.uniform(0, 100):.2f}", f"{random.randrange(10**4)}"))
        for _ in range(6)
    ]
    return Alike("figures", random.choice((" ", "\t", " | ")).join(cells))


def _alike_percent(random: Random) -> Alike:
    return Alike(
        "percent",
        random.choice(
            (
                f"{random.uniform(0, 100):.2f}%",
                f"연 {random.uniform(0, 20):.3f}퍼센트",
                f"{random.randrange(100)}.{random.randrange(10)}%p",
            )
        ),
    )


def _alike_hours(random: Random) -> Alike:
    return Alike("hours", random.choice(("09:00~18:00", "평일 9시-18시", "09:00-12:00, 13:00-16:30", "00:00:00~23:59:59")))


def _alike_postcode(random: Random) -> Alike:
    return Alike(
        "postcode",
        random.choice(
            (
                f"({_digits(random, 5)})",
                f"우 {_digits(random, 5)}",
                f"{_digits(random, 3)}-{_digits(random, 3)}",
                f"우편번호 {_digits(random, 5)}",
            )
        ),
    )


def _alike_code(random: Random) -> Alike:
    letters = "".join(random.choice("ABCDEFGHKLMNPQRST") for _ in range(2))
    return Alike(
        "code",
        random.choice(
            (
                f"{letters}-{_digits(random, 4)}-{_digits(random, 4)}",
                f"{letters}{_digits(random, 6)}",
                f"{_digits(random, 2)}-{letters}-{_digits(random, 5)}",
                f"{random.randrange(2019, 2027)}{_digits(random, 4)}-{_digits(random, 4)}",
                f"{letters}-{_digits(random, 3)}N",
                f"{random.randrange(100, 999)}-{letters}-{_digits(random, 5)}",
            )
        ),
    )


def _alike_serial(random: Random) -> Alike:
    """Numbers in groups that are nobody's, with a label that says so and a form that no class has."""
    return Alike(
        "serial",
        random.choice(
            (
                f"{random.randrange(2015, 2027)}-{_digits(random, 4)}-{_digits(random, 4)}",
                f"{_digits(random, 4)}-{_digits(random, 6)}",
                f"{_digits(random, 12)}",
                f"{_digits(random, 2)}-{_digits(random, 8)}",
                f"99{random.randrange(13, 99)}{random.randrange(32, 99)}-{_digits(random, 7)}",
                f"1{_digits(random, 9)}",
            )
        ),
    )


def _alike_area(random: Random) -> Alike:
    area = random.choice(list(PLACES))
    return Alike(
        "area",
        random.choice(
            (
                area,
                f"{area} {random.choice(PLACES[area])}".strip(),
                f"{area}청",
                "서울남부지방법원",
                "부산광역시장",
                "경기도교육청",
                "강남구청장",
                "제주특별자치도 설치 및 국제자유도시 조성을 위한 특별법",
                "도로명주소법 제2조",
                "서울중앙지방법원 제10민사부",
                "인천국제공항",
            )
        ),
    )


def _alike_handle(random: Random) -> Alike:
    return Alike(
        "handle",
        random.choice(
            (
                "@dalmuri_bank",
                "https://www.example.com/@dalmuri",
                "www.example.co.kr",
                "3@1,000원",
                "a@b",
                "#2024",
                "http://example.com:8080/a?x=1",
            )
        ),
    )


ALIKES: dict[str, tuple[Callable[[Random], Alike], tuple[str, ...]]] = {
    "amount": (
        _alike_amount,
        (
            "보험가입금액은 {v}으로 한다.",
            "지급액 {v}",
            "회사는 {v} 한도로 보상한다.",
            "잔액: {v}",
            "이체한도 1일 {v}",
            "대출원금 {v} 상환",
        ),
    ),
    "date": (_alike_date, ("시행일: {v}", "이 약관은 {v}부터 시행한다.", "({v})", "생년월일이 아닌 계약일 {v}", "처리일시 {v}")),
    "policy": (
        _alike_policy,
        ("증권번호 {v}", "계약번호: {v}", "증권번호({v})의 보험료", "접수번호 {v}{로} 조회", "보험증권 {v}"),
    ),
    "article": (
        _alike_article,
        ("{v}에 따라 지급한다.", "약관 {v} 참조", "{v}의 규정은 준용하지 아니한다.", "법 {v}에도 불구하고"),
    ),
    "law": (_alike_law, ("금융위원회 {v}", "{v}에 따른다.", "({v})", "부칙 {v}")),
    "case": (
        _alike_case,
        ("대법원 {v} 판결", "사건 {v} 손해배상", "대법원 2014. 5. 29. 선고 {v} 판결 참조", "헌법재판소 {v} 결정"),
    ),
    "hotline": (
        _alike_hotline,
        ("대표전화 {v}", "고객센터 {v}", "콜센터: {v} (평일 9시~18시)", "금융감독원 {v}", "문의 {v}", "상담 {v}{로} 연락"),
    ),
    "office_phone": (
        _alike_office,
        (
            "고객센터 {v}",
            "회사 대표전화 {v}",
            "상담센터: {v}",
            "금융감독원 민원상담 {v}",
            "본점 대표번호 {v}",
            "소비자보호부 민원 접수 전화 {v}",
        ),
    ),
    "isbn": (_alike_isbn, ("ISBN {v}", "ISBN: {v}", "국제표준도서번호 {v}")),
    "version": (_alike_version, ("버전 {v}", "배포본 {v}", "프로그램 {v} 이상", "규격 {v}")),
    "coordinates": (_alike_place, ("좌표 {v}", "위도·경도: {v}", "지점 위치({v})")),
    "range": (_alike_range, ("{v} 참조", "자료집 {v}", "가입나이 {v}", "목차 {v}")),
    "figures": (_alike_figures, ("해약환급금 예시\n{v}", "구분 {v}", "합계\t{v}", "{v}")),
    "percent": (_alike_percent, ("이율 {v}", "보장비율은 {v}이다.", "전년 대비 {v} 증가", "지급률({v})")),
    "hours": (_alike_hours, ("영업시간 {v}", "상담 가능 시간: {v}", "점검 시간 {v}")),
    "postcode": (_alike_postcode, ("우편번호 {v}", "{v}", "본점 {v}", "우편번호: {v}")),
    "code": (_alike_code, ("상품코드 {v}", "모델 {v}", "관리번호: {v}", "문서번호 {v}", "자산번호 {v}", "심의필 제{v}호")),
    "serial": (
        _alike_serial,
        (
            "증권번호 {v}",
            "관리번호 {v}",
            "준법감시인 심의필 {v}",
            "접수번호: {v}",
            "주문번호 {v}",
            "일련번호 {v}",
            "송장번호 {v}",
            "품목코드 {v}",
        ),
    ),
    "area": (_alike_area, ("관할은 {v}{로} 한다.", "{v} 지역의 손해", "{v}", "{v}에서 열린 공청회", "소관: {v}")),
    "handle": (_alike_handle, ("누리집 {v}", "소셜 계정 {v}", "참고 {v}", "단가 {v}")),
}


def _alike_of(kind: str) -> Callable[[Random], list[Part]]:
    maker, templates = ALIKES[kind]

    def make(random: Random) -> list[Part]:
        parts: list[Part] = []
        for _ in range(random.choice((1, 2))):
            template = random.choice(templates).replace("{로}", random.choice(("로", "으로")))
            before, after = template.split("{v}")
            parts += [*(["\n"] if parts else []), before, maker(random), after]
        return parts

    return make
