"""Numbers and their units, however they are written: 3개월 = 삼 개월 = 세 달, 1,000만 원 = 10,000,000원, 50% = 100분의 50.

The one idea: a text is rewritten step by step (circled marks, spelled numerals, dates) until one scan finds every number as
value and unit. Two questions whose numbers differ are different questions, however alike they read; and an answer whose
numbers do not stand in its source is wrong. Where a reading is doubtful (이 회사, 사회, 구분) no number is seen: a
numeral in Hangul counts only with a unit, and one syllable only with a unit that leaves no other reading.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from decimal import Context, Decimal
from functools import cache

from tasks.text.normal import CIRCLED

Number = tuple[str, str]  # canonical decimal value (or 2024-01-31, 2/3, 3-2 for 3조의2), canonical unit
PLACE = "\ue0ff"  # stands for a number in a text that `numbers_out` has read

# A number that is already understood travels through the later steps as OPEN value MID unit CLOSE, its digits hidden.
OPEN, MID, CLOSE = "\ue000", "\ue001", "\ue002"
HIDDEN = {ord("0") + i: 0xE010 + i for i in range(10)}
SHOWN = {hidden: digit for digit, hidden in HIDDEN.items()}
DIGITS = r"\d+(?:\.\d+)?"

SMALL = {"십": 10, "백": 100, "천": 1000}
LARGE = {"만": 10**4, "억": 10**8, "조": 10**12}
SINO_DIGITS = {syllable: value for value, syllable in enumerate("영일이삼사오육칠팔구")}

UNITS: dict[str, tuple[str, ...]] = {
    "영업일": ("영업일", "business days?", "working days?"),
    "개월": ("개월", "달", "months?"),
    "년": ("개년", "년간", "년", "years?"),
    "월": ("월",),
    "주": ("주일", "주간", "주", "weeks?"),
    "일": ("일", "calendar days?", "days?"),
    "시간": ("시간", "hours?"),
    "분기": ("분기", "quarters?"),
    "분": ("분", "minutes?"),
    "초": ("초", "seconds?"),
    "시": ("시",),
    "세": ("세", "살", "years old", "years of age"),
    "%p": ("%p", "%포인트", "퍼센트포인트", "percentage points?"),
    "%": ("%", "퍼센트", "프로", "percent", "per cent"),
    "번째": ("번째", "st", "nd", "rd", "th"),
    "회": ("회", "번", "차례", "times"),
    "차": ("차",),
    "등급": ("등급",),
    "급": ("급",),
    "배": ("배",),
    "명": ("명", "사람", "인", "persons?", "people"),
    "원": ("원", "won", "krw"),
    "달러": ("달러", "불", "dollars?", "usd"),
    "유로": ("유로", "euros?", "eur"),
    "엔": ("엔", "yen", "jpy"),
    "조": ("조",),
    "항": ("항",),
    "호": ("호",),
    "목": ("목",),
    "절": ("절",),
    "장": ("장",),
    "관": ("관",),
    "편": ("편",),
    "개": ("개",),
    "건": ("건",),
    "가지": ("가지",),
    "곳": ("곳", "군데"),
    "좌": ("구좌", "좌"),
    "점": ("점",),
    "도": ("도", "°c"),
    "쪽": ("쪽", "페이지", "pages?"),
    "층": ("층",),
    "통": ("통",),
    "리터": ("리터", "litres?", "liters?"),
    "톤": ("톤", "tons?", "tonnes?"),
    "마일": ("마일", "miles?"),
    "파운드": ("파운드", "pounds?", "gbp"),
    "센트": ("센트", "cents?"),
    "박": ("박", "nights?"),
    "km": ("km", "킬로미터", "kilomet(?:er|re)s?"),
    "kg": ("kg", "킬로그램", "kilograms?", "kilos?"),
    "m2": ("m2", "제곱미터"),
    "m": ("m", "미터", "met(?:er|re)s?"),
    "cm": ("cm", "센티미터"),
    "mm": ("mm", "밀리미터"),
    "mg": ("mg", "밀리그램"),
    "g": ("g", "그램"),
}
PREFIXES: dict[str, tuple[str, ...]] = {
    "달러": (r"us\$", r"\$", "usd", "미화"),
    "원": ("₩", "krw"),
    "유로": ("€", "eur"),
    "파운드": ("£", "gbp"),
    "엔": ("¥", "jpy"),
    "조": ("articles?", r"art\."),
    "항": ("paragraphs?",),
    "호": ("subparagraphs?",),
    "절": ("sections?",),
    "장": ("chapters?",),
}

# What may follow a one-syllable unit that stands apart from its number; anything else is another word (3 회사, 한 번호).
PARTICLE = (
    "이내|이상|이하|이전|이후|으로|부터|까지|동안|마다|미만|초과|경과|정도"
    "|간|이|가|은|는|을|를|의|에|로|과|와|도|만|씩|째|전|후|당|분|안|뿐|차"
)
TAIL = rf"(?=(?:{PARTICLE}){{0,3}}(?![가-힣]))"


def numbers_in_order(text: str) -> tuple[Number, ...]:
    """Every number of a text as (canonical value, canonical unit), in reading order."""
    return numbers_out(text)[1]


def numbers_out(text: str) -> tuple[str, tuple[Number, ...]]:
    """The text in lower case and NFKC with `PLACE` for every number and its unit, and the numbers in reading order."""
    flat = _prepared(text)
    for rewrite in (_english, _clauses, _dates, _fractions, _dotted, _native, _sino, _halves):
        flat = rewrite(flat)
    found, rest, end = [], [], 0
    for number, match in _scan(flat):
        found.append(number)
        rest += [flat[end : match.start()], PLACE]
        end = match.end()
    return "".join([*rest, flat[end:]]), tuple(found)


def numbers_agree(claim: str, source: str) -> bool:
    """Whether every number of the claim stands in the source; one without a unit agrees with any unit of the same value."""
    known = {part for number in numbers_in_order(source) for part in number_parts(number)}
    values = {value for value, _ in known}
    return all(number in known or (not number[1] and number[0] in values) for number in numbers_in_order(claim))


def number_parts(number: Number) -> Iterator[Number]:
    """The number itself and, of a date, its year, month and day, alone and together."""
    yield number
    value, unit = number
    if unit != "date":
        return
    year, month, day = re.fullmatch(r"(\d*)-?-(\d+)(?:-(\d+))?", value).groups()  # type: ignore[union-attr]  # made by _date
    for part, name in ((year, "년"), (month, "월"), (day, "일")):
        if part:
            yield str(int(part)), name
    if year and day:
        yield f"{year}-{month}", "date"
        yield f"--{month}-{day}", "date"


# ---------------------------------------------------------------- text that hides its numbers
# Beside ① ② … the negative and sans-serif ones: ❶ ➀ ➊.
_MARKS = {**CIRCLED, **{code: f"〔{unicodedata.numeric(chr(code)):.0f}〕" for code in range(0x2776, 0x2794)}}
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_NOISE = re.compile("[\u200b\ufeff\u00ad\ue000-\ue0ff]")


def _prepared(text: str) -> str:
    """NFKC and lower case, circled numbers as paragraphs, no thousands separators."""
    text = unicodedata.normalize("NFKC", _NOISE.sub("", text).translate(_MARKS)).lower()
    text = re.sub(r"(?![0-9])\d", lambda m: str(unicodedata.decimal(m[0])), text)
    return _THOUSANDS.sub("", re.sub(r"〔(\d+)〕\s*항?", r" \1항 ", text))


def _known(value: str, unit: str) -> str:
    return f"{OPEN}{value}{MID}{unit}{CLOSE}".translate(HIDDEN)


def _clauses(text: str) -> str:
    """제3조 is an article even before 원 and 억, 제3조의2 is one of its own."""
    text = re.sub(r"제\s*([일이삼사오육칠팔구십백천]+)\s*(?=[조항호목절장관편회차급])", _ordinal, text)
    text = re.sub(
        rf"(?:제\s*)?(?<!\d)(\d+)\s*조\s?의(\d+)(?!\s?(?:{_ANY_UNIT})|\d)",
        lambda m: _known(f"{_whole(m[1])}-{_whole(m[2])}", "조"),
        text,
    )
    return re.sub(r"제\s*(\d+)\s*조", lambda m: _known(_whole(m[1]), "조"), text)


def _ordinal(match: re.Match[str]) -> str:
    value = _sino_value(match[1])
    return match[0] if value is None else f"제{value}"


def _whole(digits: str) -> str:
    """Digits without leading zeros; no conversion, so that no length is too much."""
    return digits.lstrip("0") or "0"


def _fractions(text: str) -> str:
    """3분의 2, 삼분의 이, 2/3; 100분의 50 is 50%."""
    text = re.sub(
        r"(?<![가-힣0-9])([일이삼사오육칠팔구십백천만]+)\s?분의\s?([일이삼사오육칠팔구십백]+)",
        lambda m: f"{_sino_value(m[1]) or m[1]}분의 {_sino_value(m[2]) or m[2]}",
        text,
    )
    text = re.sub(
        rf"((?<!\d)\d+|백)\s*분의\s*({DIGITS})",
        lambda m: _fraction("100" if m[1] == "백" else m[1], m[2]),
        text,
    )
    return re.sub(r"(?<![\d/.])(\d+)\s?[/⁄]\s?(\d+)(?![\d/]|\.\d)", lambda m: _known(f"{_whole(m[1])}/{_whole(m[2])}", ""), text)


def _fraction(lower: str, upper: str) -> str:
    return _known(_value(upper), "%") if _whole(lower) == "100" else _known(f"{_value(upper)}/{_whole(lower)}", "")


def _dotted(text: str) -> str:
    """1.2.3 is a section number or a version: no decimal, so nothing is rounded away."""
    return re.sub(r"(?<![\d.])\d+(?:\.\d+){2,}(?![\d])", lambda m: _known(m[0], ""), text)


# ---------------------------------------------------------------- dates
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_KOREAN_DATE = re.compile(r"(?:(?<!\d)(\d{4})\s*년\s*)?(?<!\d)(\d{1,2})\s*월(?!\s*분)(?:\s*(\d{1,2})\s*일)?")
_NUMERIC_DATE = re.compile(r"(?<![\d.\-/])(\d{4})\s?([.\-/])\s?(\d{1,2})\s?\2\s?(\d{1,2})(?![\d])(?!\.\d)\.?")
_US_DATE = re.compile(rf"\b{_MONTH}\s*(\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s*(\d{{4}}))?(?!\d)")
_BRITISH_DATE = re.compile(rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?\s+\b{_MONTH}(?:,?\s*(\d{{4}}))?(?!\d)")


def _dates(text: str) -> str:
    """2024년 1월 1일, 2024. 1. 1., 2024-01-01, January 1, 2024: one value each, so that no part changes places."""
    text = _NUMERIC_DATE.sub(lambda m: _date(m[0], m[1], m[3], m[4]), text)
    text = _KOREAN_DATE.sub(lambda m: _date(m[0], m[1], m[2], m[3]), text)
    text = re.sub(r"(?<!\d)(\d{1,2}):(\d{2})(?!\d)", r"\1시 \2분", text)
    if not re.search("[a-z]{3}", text):
        return text
    text = _BRITISH_DATE.sub(lambda m: m[0] if _modal(m[2], m[3]) else _date(m[0], m[3], _month(m[2]), m[1]), text)
    return _US_DATE.sub(lambda m: m[0] if _modal(m[1], m[3]) else _date(m[0], m[3], _month(m[1]), m[2]), text)


def _month(name: str) -> str:
    return str(MONTHS.index(name[:3]) + 1)


def _modal(name: str, year: str | None) -> bool:
    return name == "may" and not year  # "3 may", "may 10": more often the verb


def _date(text: str, year: str | None, month: str, day: str | None) -> str:
    if not 1 <= int(month) <= 12 or not 1 <= int(day or 1) <= 31 or not (year or day):
        return text
    return _known(f"{year or '-'}-{int(month):02}" + (f"-{int(day):02}" if day else ""), "date") + " "


# ---------------------------------------------------------------- numerals in Hangul
ONES = {"한": 1, "두": 2, "세": 3, "석": 3, "네": 4, "넉": 4, "다섯": 5, "여섯": 6, "일곱": 7, "여덟": 8, "아홉": 9}
TENS = {"열": 10, "스물": 20, "스무": 20, "서른": 30, "마흔": 40, "쉰": 50, "예순": 60, "일흔": 70, "여든": 80, "아흔": 90}
DAYS = {
    "하루": 1,
    "이틀": 2,
    "사흘": 3,
    "나흘": 4,
    "닷새": 5,
    "엿새": 6,
    "이레": 7,
    "여드레": 8,
    "아흐레": 9,
    "열흘": 10,
    "보름": 15,
}
# 해, 시, 주, 건 only with a space before them: 한해, 한시적, 두주, 세건 are or begin other words. 승낙을 한 사람 counts nobody.
_NATIVE = re.compile(
    rf"(?<![가-힣])(?<!\d\s)(?:({'|'.join(TENS)})\s?)?({'|'.join(ONES)})?"
    r"(?:\s?(번째|영업일|개월|달|번|차례|시간|가지|명|(?<!한 )사람|살|개|배|곳|군데)|\s(해(?!당)|시|주일|주간|주(?!의)|건|회))"
    + TAIL
)
_DAY = re.compile(rf"(?<![가-힣])({'|'.join(DAYS)})(?!빨리|하루){TAIL}")


def _native(text: str) -> str:
    """두 달 = 2개월, 세 번 = 3회, 한 명, 스무 살, 사흘 = 3일."""
    return _DAY.sub(lambda m: f"{DAYS[m[1]]}일", _NATIVE.sub(_native_number, text))


def _native_number(match: re.Match[str]) -> str:
    tens, ones, counter = match[1], match[2], match[3] or match[4]
    if not tens and not ones:
        return match[0]
    return f"{TENS.get(tens, 0) + ONES.get(ones, 0)}{'년' if counter == '해' else counter}"


_DIGIT = "[일이삼사오육칠팔구]"
_GROUP = f"(?:{_DIGIT}?천)?(?:{_DIGIT}?백)?(?:{_DIGIT}?십)?{_DIGIT}?"
_SINO_FORM = re.compile(f"(?:{_GROUP}억)?(?:{_GROUP}만)?{_GROUP}")
# One syllable and its unit: only where no common word reads the same (사회, 구분, 이 시간, 공급, 사항, 오차).
_ONE_SYLLABLE = re.compile(
    f"(?:{_DIGIT}|[영십백천만]) ?(?:개월|영업일|개년|년간|주일|퍼센트|%|달러)"
    f"|(?:{_DIGIT}|[십백천만]) ?년|[일이삼사오육칠팔구](?:주간|시간)|[일삼사오육칠팔구] (?:주간|시간)"
    f"|(?:{_DIGIT}|[영십]) ?프로|[삼오육칠팔] ?(?:회|배|세|일|주|등급)"
    "|십 ?(?:일|회|배|세|주|명)|일 ?회|[십백천만억] ?원|[백천만] 명"
)
_SINO = re.compile(
    r"(?<![가-힣0-9.])(?:금\s?)?([영일이삼사오육칠팔구십백천만억]+)(\s?)"
    rf"(영업일|개월|개년|퍼센트|%|달러|년간|주일|주간|시간|(?:년|프로|회|배|세|일|주|등급|급|원|명|호|조|항|차|월|분){TAIL})"
)


def _sino(text: str) -> str:
    """삼 개월 = 3개월, 일억 이천만 원 = 120,000,000원; only before a unit, never inside a word."""
    text = re.sub(r"(?<![가-힣0-9])([일이삼사오육칠팔구십백천]+[억만])\s(?=[일이삼사오육칠팔구십백천만]+\s?원)", r"\1", text)
    return _SINO.sub(_sino_number, text)


def _sino_number(match: re.Match[str]) -> str:
    word, gap, unit = match.groups()
    value = _sino_value(word)
    if value is None or (len(word) == 1 and not _ONE_SYLLABLE.fullmatch(word + gap + unit)):
        return match[0]
    return f"{value}{unit}"


def _sino_value(word: str) -> int | None:
    if word == "영":
        return 0
    if not word or not _SINO_FORM.fullmatch(word):
        return None
    return int(_grouped([SINO_DIGITS.get(syllable, syllable) for syllable in word], Context()))


def _halves(text: str) -> str:
    """반년 = 6개월, 1년 반 = 1년 6개월, 2시간 반 = 2.5시간."""
    text = re.sub(rf"(?<![가-힣])반\s?년{TAIL}", "6개월", text)
    text = re.sub(rf"(?<=\d년) 반{TAIL}", " 6개월", text)
    return re.sub(rf"(?<!\d)(\d+)\s?(시간|개월|달) 반{TAIL}", r"\1.5\2", text)


# ---------------------------------------------------------------- numerals in English
_TEENS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_WORDS = {word: value for value, word in enumerate(_TEENS.split())} | {word: 10 * n for n, word in enumerate(_TENS.split(), 2)}
_ENGLISH_SCALES = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9}
_WORD = "|".join(sorted([*_WORDS, *_ENGLISH_SCALES], key=len, reverse=True))
_ENGLISH = re.compile(rf"\b(?:{_WORD})\b(?:(?:\s+|-|\s+and\s+)(?:{_WORD})\b)*")
_SPELLED_SCALE = re.compile(rf"(?<![\d.])({DIGITS})\s(hundred|thousand|million|billion)\b")


def _english(text: str) -> str:
    """Two weeks = 2 weeks, thirty (30) days = 30 days, 1.5 million = 1500000, half a year = 6 months."""
    if not re.search("[a-z]{3}", text):
        return text
    text = re.sub(r"\bhalf(?: a|-) ?year\b", "6 months", re.sub(r"\btwice\b", "2 times", text))
    text = _SPELLED_SCALE.sub(lambda m: _value(m[1], _ENGLISH_SCALES[m[2]]), text)
    text = _ENGLISH.sub(lambda m: _english_number(m, text), text)
    return re.sub(r"\b(\d+)\s*\(\s*\1\s*\)", r"\1", text)


def _english_number(match: re.Match[str], text: str) -> str:
    value = _english_value(re.split(r"\s+and\s+|\s+|-", match[0]))
    pronoun = match[0] == "one" and not re.match(rf"[\s-]*(?:\(\s*1\s*\)|(?:{_ENGLISH_UNIT})\b)", text[match.end() :])
    return match[0] if value is None or pronoun else str(value)


def _english_value(words: list[str]) -> int | None:
    total = section = 0
    last = 10**12  # what the next word must stay below: "two three" is no number
    for word in words:
        scale = _ENGLISH_SCALES.get(word, 0)
        if scale == 100:
            section, last = (section or 1) * 100, 100
        elif scale:
            total, section, last = total + (section or 1) * scale, 0, 10**12
        elif _WORDS[word] >= last:
            return None
        else:
            section, last = section + _WORDS[word], 10 if _WORDS[word] >= 20 else 1
    return total + section


# ---------------------------------------------------------------- the scan
def _alternatives(table: dict[str, tuple[str, ...]], keep: str) -> str:
    spellings = [s for group in table.values() for s in group if re.match(keep, s)]
    return "|".join(sorted(spellings, key=len, reverse=True))


_ENGLISH_UNIT = _alternatives(UNITS, r"[a-z]{3}")
_LATIN_UNIT = _alternatives(UNITS, r"[a-z%°]")
_HANGUL_UNIT = _alternatives(UNITS, r"[가-힣]{2}")
_ONE_UNIT = _alternatives(UNITS, r"[가-힣]$")
_ANY_UNIT = f"{_HANGUL_UNIT}|{_ONE_UNIT}"
_SCALE = r"(?:[십백천만억](?!큼|기간)|조(?=\s?(?:원|달러)|\s?\d+[천백십]*\s?[억만]))"
_COUNTED = "원|달러|불|명|개|엔|유로|좌"
_BODY = (
    rf"{DIGITS}(?:(?:|\s(?=[십백천만억조]+\s?(?:{_COUNTED}))){_SCALE}"
    rf"(?:\s?(?=\d+(?:[십백천만억]|\s?원)){DIGITS})?)*"
)
_NUMBER = re.compile(
    rf"{OPEN}(?P<value>[^{MID}]*){MID}(?P<known>[^{CLOSE}]*){CLOSE}"
    rf"|(?:(?<![a-z])(?P<prefix>{_alternatives(PREFIXES, '.')})\s?)?(?P<sign>(?<![\w)\]~%]) ?[-−](?=\d))?(?P<body>{_BODY})"
    rf"(?:[\s-]?(?P<latin>{_LATIN_UNIT})(?![a-z])"
    rf"|\s?(?P<long>(?!프로(?:그램|젝트|세스|모션)){_HANGUL_UNIT})|(?P<short>{_ONE_UNIT})|\s(?P<apart>{_ONE_UNIT}){TAIL})?"
)
_CANONICAL = [(re.compile(s), unit) for table in (UNITS, PREFIXES) for unit, group in table.items() for s in group]
_RANGE = re.compile(r"\s*(?:[~∼〜–—-]|내지|에서|to|through)\s*")
_SIGNED = ("%", "%p", "원", "달러", "도", "")


def _scan(text: str) -> Iterator[tuple[Number, re.Match[str]]]:
    matches = list(_NUMBER.finditer(text))
    for match, after in zip(matches, [*matches[1:], None], strict=False):
        if match["known"] is not None:
            yield (match["value"].translate(SHOWN), match["known"]), match
        elif after is not None and _open_range(match, after, text):
            yield (_value(match["body"] + _inherited_scale(match["body"], after["body"])), _unit(after)), match
        else:
            unit = _unit(match)
            yield (("-" if match["sign"] and unit in _SIGNED else "") + _value(match["body"]), unit), match


def _unit(match: re.Match[str]) -> str:
    return _canonical(match["prefix"] or match["latin"] or match["long"] or match["short"] or match["apart"] or "")


@cache
def _canonical(written: str) -> str:
    return next((unit for pattern, unit in _CANONICAL if pattern.fullmatch(written)), "")


def _open_range(match: re.Match[str], after: re.Match[str], text: str) -> bool:
    """3~5일: the first number has the unit of the second."""
    return not _unit(match) and after["known"] is None and bool(_RANGE.fullmatch(text, match.end(), after.start()))


def _inherited_scale(first: str, second: str) -> str:
    """3~5만원 means 3만 to 5만, but 500~1만원 means 500 to 10,000."""
    parts = re.fullmatch(rf"({DIGITS})\s?([십백천만억]+)", second)
    lone = re.fullmatch(DIGITS, first)
    return parts[2] if parts and lone and Decimal(first) < Decimal(parts[1]) else ""


def _value(body: str, factor: int = 1) -> str:
    """The canonical decimal, exact at any length."""
    context = Context(prec=len(body) + 40, Emax=10**9, Emin=-(10**9))
    tokens = [Decimal(t) if t[0].isdigit() else t for t in re.findall(rf"{DIGITS}|[십백천만억조]", body)]
    value = context.multiply(_grouped(tokens, context), Decimal(factor))
    return f"{value.normalize(context):f}" if value else "0"


def _grouped(tokens: list[Decimal | int | str] | list[Decimal | str] | list[int | str], context: Context) -> Decimal:
    """Digits and scale marks as a number: 십 백 천 count inside a group, 만 억 조 close it."""
    total = section = Decimal(0)
    digit: Decimal | None = None
    for token in tokens:
        if not isinstance(token, str):
            digit = Decimal(token)
        elif token in SMALL:
            section = context.fma(digit if digit is not None else Decimal(1), Decimal(SMALL[token]), section)
            digit = None
        else:
            group = context.add(section, digit) if digit is not None else section or Decimal(1)
            total, section, digit = context.fma(group, Decimal(LARGE[token]), total), Decimal(0), None
    return context.add(context.add(total, section), digit if digit is not None else Decimal(0))
