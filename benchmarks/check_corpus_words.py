"""Korean word forms that the constructed suite is made with: syllables, particles, endings, numbers, parties, synonyms.

Small hand-made tables; what they do not hold is left out of the suite and not guessed. No rule of the checks is used here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Style = Literal["합니다", "해요", "한다", "함"]

# --- syllables and particles -------------------------------------------------------------------------------------------------

FINALS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
DIGIT_FINALS = dict(zip("0123456789", "ㅇㄹ ㅁ  ㄱㄹㄹ ", strict=True))  # 영 일 이 삼 사 오 육 칠 팔 구
LETTER_FINALS = {"L": "ㄹ", "R": "ㄹ", "M": "ㅁ", "N": "ㄴ"}  # 엘 알 엠 엔; all others end in a vowel when spelt out


def hangul(char: str) -> bool:
    """Whether it is one whole syllable."""
    return "가" <= char <= "힣"


def final_of(char: str) -> str:
    """The final consonant of a syllable, a blank for none."""
    return FINALS[(ord(char) - 0xAC00) % 28]


def vowel_of(char: str) -> str:
    """The vowel of a syllable."""
    return VOWELS[(ord(char) - 0xAC00) // 28 % 21]


def with_final(char: str, final: str) -> str:
    """The syllable with another final consonant."""
    return chr(ord(char) - (ord(char) - 0xAC00) % 28 + FINALS.index(final))


def spoken_final(word: str) -> str | None:
    """The final consonant with which a word is spoken: syllables, digits, capital letters; None if that is open."""
    last = word[-1:]
    if last and hangul(last):
        return final_of(last)
    if word.endswith(("%", "%p")):
        return " "  # 퍼센트, 피
    if last == "0" and re.search(r"\d{2,}$", word.replace(",", "")):
        return "ㅂ"  # 십, 백, 천, 만: some consonant
    return DIGIT_FINALS.get(last) or (LETTER_FINALS.get(last, " ") if "A" <= last <= "Z" else None)


PAIRS = (("을", "를"), ("은", "는"), ("이", "가"), ("과", "와"), ("으로", "로"))
_LONGER = ("으로부터", "로부터", "으로서", "로서", "으로써", "로써", "이나", "나", "이라", "라", "이며", "며", "이거나", "거나")
_AFTER = r"(?=[\s,.)”」]|$|의 |는 |도 |만 )"
PARTICLE = re.compile(rf"(으로부터|로부터|으로서|로서|으로써|로써|으로|로|을|를|은|는|이|가|과|와|이나|나){_AFTER}")


def takes_first(word: str, pair: tuple[str, str]) -> bool | None:
    """Whether the word takes the form after a consonant (을, 은, 이, 과, 으로); None if that is open."""
    final = spoken_final(word)
    if final is None:
        return None
    return final not in " ㄹ" if pair[0].startswith("으로") else final != " "


def particle_after(word: str, particle: str) -> str:
    """The particle in the form that the word takes."""
    tables = (*PAIRS, ("으로부터", "로부터"), ("으로서", "로서"), ("으로써", "로써"), ("이나", "나"))
    for pair in tables:
        if particle in pair:
            first = takes_first(word, pair)
            return particle if first is None else pair[0] if first else pair[1]
    return particle


def replaced(text: str, start: int, end: int, new: str) -> str:
    """The text with `start..end` replaced and the particle behind it in the right form."""
    rest = text[end:]
    particle = PARTICLE.match(rest)
    if rest.startswith("에 ") and new in RIVALS and not new.endswith(ORGANISATIONS):
        rest = "에게" + rest[1:]
    elif particle:
        rest = particle_after(new, particle[1]) + rest[particle.end() :]
    return text[:start] + new + rest


# --- endings -----------------------------------------------------------------------------------------------------------------

_CONTRACTED = {"ㅏ": "", "ㅓ": "", "ㅐ": "", "ㅔ": "", "ㅕ": ""}
_SPOKEN = {
    "하": "해",
    "되": "돼",
    "르": "라",
    "보": "봐",
    "주": "줘",
    "지": "져",
    "치": "쳐",
    "기": "겨",
    "리": "려",
    "이": "여",
    "오": "와",
    "드리": "드려",
}


def plain(sentence: str) -> str | None:
    """A sentence (without its full stop) that ends in 한다, also when it ended in 합니다; None for an ending not known."""
    if sentence.endswith("습니다"):
        stem = sentence[:-3]
        if not stem or not hangul(stem[-1]):
            return None
        return stem + ("다" if stem[-1] in "있없같았었했였됐겠" else "는다")
    if sentence.endswith("니다") and len(sentence) > 3 and final_of(sentence[-3]) == "ㅂ":
        stem, last = sentence[:-3], with_final(sentence[-3], " ")
        if last == "이":
            return stem + "이다"
        return stem + last + "다" if last == "니" and stem.endswith("아") else stem + with_final(last, "ㄴ") + "다"
    return sentence if sentence.endswith("다") else None


def spoken(sentence: str, style: Style) -> str | None:
    """A plain sentence (한다) in another style, without full stop; None for an ending that the tables do not hold."""
    if style == "한다":
        return sentence
    if len(sentence) < 3 or not sentence.endswith("다") or not hangul(sentence[-2]):
        return None
    if sentence.endswith("아니다"):
        return sentence[:-1] + {"합니다": "", "해요": "에요", "함": ""}[style] if style == "해요" else _open(sentence[:-1], style)
    stem, last = sentence[:-2], sentence[-2]
    if last == "이":
        return _copula(stem, style)
    if last == "는" and stem and final_of(stem[-1]) != " ":
        return _closed(stem, style)
    if final_of(last) == "ㄴ":
        return _open(stem + with_final(last, " "), style)
    if final_of(last) != " ":
        return _closed(stem + last, style)
    return _open(stem + last, style) if last == "하" else None


def _copula(stem: str, style: Style) -> str | None:
    if not stem or not hangul(stem[-1]):
        return None
    polite = "이에요" if final_of(stem[-1]) != " " else "예요"
    return stem + {"합니다": "입니다", "해요": polite, "함": "임"}[style]


def _closed(stem: str, style: Style) -> str | None:
    """A stem that ends in a consonant: 있, 없, 않, 받."""
    if style == "합니다":
        return stem + "습니다"
    if style == "함":
        return stem + "음"
    return stem + ("아요" if vowel_of(stem[-1]) in "ㅏㅗ" else "어요")


def _open(stem: str, style: Style) -> str | None:
    """A stem that ends in a vowel: 하, 되, 보."""
    if style == "합니다":
        return stem[:-1] + with_final(stem[-1], "ㅂ") + "니다"
    if style == "함":
        return stem[:-1] + with_final(stem[-1], "ㅁ")
    if stem.endswith(("따르", "치르")):
        return stem[:-1] + ("라요" if stem.endswith("따르") else "러요")
    if stem[-1] in _SPOKEN and stem[-1] != "르":
        return stem[:-1] + _SPOKEN[stem[-1]] + "요"
    return stem + "요" if vowel_of(stem[-1]) in _CONTRACTED else None


# --- verbs at the end of a sentence ------------------------------------------------------------------------------------------

MUST_STEMS = {
    "하여야": "하",
    "해야": "하",
    "받아야": "받",
    "얻어야": "얻",
    "갖추어야": "갖추",
    "두어야": "두",
    "따라야": "따르",
    "알려야": "알리",
    "되어야": "되",
    "거쳐야": "거치",
    "밝혀야": "밝히",
    "갚아야": "갚",
    "주어야": "주",
    "정해야": "정하",
    "맡겨야": "맡기",
    "내야": "내",
}


def can(stem: str) -> str:
    """할 수 있다."""
    return f"{_adnominal(stem)} 수 있다"


def _adnominal(stem: str) -> str:
    return stem + "을" if final_of(stem[-1]) != " " else stem[:-1] + with_final(stem[-1], "ㄹ")


def done(stem: str) -> str:
    """한, 받은: the past adnominal."""
    return stem + "은" if final_of(stem[-1]) != " " else stem[:-1] + with_final(stem[-1], "ㄴ")


def must(stem: str) -> str:
    """하여야 한다."""
    forms = {v: k for k, v in reversed(MUST_STEMS.items())}
    if stem in forms:
        return f"{forms[stem]} 한다"
    if stem.endswith("하"):
        return f"{stem}여야 한다"
    if final_of(stem[-1]) != " ":
        return stem + ("아야 한다" if vowel_of(stem[-1]) in "ㅏㅗ" else "어야 한다")
    return stem[:-1] + _SPOKEN.get(stem[-1], stem[-1] + "어") + "야 한다"


def plain_verb(stem: str) -> str:
    """한다, 받는다."""
    return stem + "는다" if final_of(stem[-1]) != " " else stem[:-1] + with_final(stem[-1], "ㄴ") + "다"


@dataclass(frozen=True, slots=True)
class Verb:
    """How a plain sentence ends: what stands before the verb, its stem, and its mood."""

    before: str
    stem: str
    mood: Literal["can", "cannot", "must", "may_not", "need_not", "does", "does_not", "is", "is_not", "must_not_need"]


_CAN = re.compile(r"(.*[가-힣 ])([가-힣]*[가-힣]) 수 (있|없)다$", re.S)


def verb(sentence: str) -> Verb | None:
    """The verb at the end of a plain sentence; None for one that is not known."""
    found = _CAN.match(sentence)
    if found:
        stem = _stem_of(found[2])
        return Verb(found[1], stem, "can" if found[3] == "있" else "cannot") if stem else None
    for pattern, mood in _MOODS:
        found = pattern.match(sentence)
        if found:
            stem = MUST_STEMS.get(found[2]) if mood == "must" else found[2]
            if mood == "must" and stem is None and found[2].endswith("하여야"):
                stem = found[2][:-2]
            return Verb(found[1], stem, mood) if stem else None
    return None


_MOODS: tuple[tuple[re.Pattern[str], Literal["must", "may_not", "need_not", "does_not", "is", "is_not", "does"]], ...] = (
    (
        re.compile(
            r"(.*?)(\S*(?:하여야|해야|받아야|얻어야|갖추어야|두어야|따라야|알려야|되어야|거쳐야|밝혀야|갚아야|주어야|맡겨야))"
            r" 한다$"
        ),
        "must",
    ),
    (re.compile(r"(.*?)(\S*하)여서는 (?:아니 ?된다|안 된다)$"), "may_not"),
    (re.compile(r"(.*?)(\S*하)지 (?:아니하여도 된다|않아도 된다)$"), "need_not"),
    (re.compile(r"(.*?)(\S*[하되])지 (?:아니한다|않는다|못한다)$"), "does_not"),
    (re.compile(r"(.*(?:효력|책임|의무|권리|권한)이 )(있)다$"), "is"),
    (re.compile(r"(.*(?:효력|책임|의무|권리|권한)이 )(없)다$"), "is_not"),
    (re.compile(r"(.*?)(\S*)[한]다$"), "does"),
)


def _stem_of(form: str) -> str | None:
    """The stem of 할, 받을, 알릴; None where it is open (만들, 아니할)."""
    if form.endswith(("아니할", "않을", "만들", "살", "알", "늘", "들")):
        return None
    if form.endswith("을") and len(form) > 1 and final_of(form[-2]) != " ":
        return form[:-1]
    if final_of(form[-1]) == "ㄹ" and form[-1] in "할될둘줄칠볼갈올릴킬낼질길밀를":
        return form[:-1] + with_final(form[-1], " ")
    return None


# --- numbers -----------------------------------------------------------------------------------------------------------------

_SMALL = {"십": 10, "백": 100, "천": 1000}
_LARGE = {"만": 10**4, "억": 10**8, "조": 10**12}
SINO = "영일이삼사오육칠팔구"
NATIVE = ("", "한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉", "열")
UNITS = "영업일|개월|시간|퍼센트|미터|원|%|년|일|주|명|인|회|세|배|건"

_DIGITS = r"\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?"
QUANTITY = re.compile(
    rf"(?<![제\d.,])(?<!월 )(?<!별표 )(?P<n>(?:{_DIGITS})(?:[천백십]?[만억조](?:(?:{_DIGITS})[천백십]?[만억]?)?|[천백십](?!분))?)"
    r" ?"
    rf"(?P<u>(?:{UNITS}))(?![가-힣]*분의)(?!주일|식|계|의장|원회|의원|사[가-힣]|감|정|무|거|소|[조항호])"
)
FRACTION = re.compile(r"(?<![제\d.,])(?P<d>\d*[십백천만]+|\d+)분의 ?(?P<n>\d+(?:\.\d+)?)(?![\d.])")
DATE = re.compile(r"(?<!\d)(?P<y>(?:19|20)\d{2})(?:년 ?|\. ?)(?P<m>\d{1,2})(?:월 ?|\. ?)(?P<d>\d{1,2})(?:일|\.)")
DAY = re.compile(r"(?<![\d년] )(?<!\d)(?P<m>\d{1,2})월 (?P<d>\d{1,2})일")


def value(text: str) -> Fraction:
    """The value of 3, 1,000, 5천, 2천5백, 3억5천만, 1천만.

    Raises:
        ValueError: there is something else in it.
    """
    total, part, rest = Fraction(0), Fraction(0), text.replace(",", "").replace(" ", "")
    while rest:
        found = _PIECE.match(rest)
        digits, power = found.groups() if found else (None, None)
        if digits is None and power is None and (part or rest[0] not in _LARGE):
            raise ValueError(text)
        part += _digits(digits) * _SMALL.get(power or "", 1)
        rest = rest[found.end() :] if found else ""
        if rest and rest[0] in _LARGE:
            total, part, rest = total + part * _LARGE[rest[0]], Fraction(0), rest[1:]
    return total + part


_PIECE = re.compile(rf"(\d+(?:\.\d+)?|[{SINO[1:]}])?([십백천])?")


def _digits(text: str | None) -> Fraction:
    """1 where nothing is written: 천만 is 1천만."""
    return Fraction(1) if text is None else Fraction(SINO.index(text)) if text in SINO else Fraction(text)


def comma(number: int) -> str:
    """10,000,000."""
    return f"{number:,}"


def mixed(number: int, thousands: bool = False) -> str:
    """1,000만 or, with `thousands`, 1천만; whole 억 and 만 only, otherwise digits."""
    parts = []
    for name, size in (("억", 10**8), ("만", 10**4)):
        count, number = divmod(number, size)
        if count:
            short = thousands and count >= 1000 and count % 1000 == 0
            parts.append(f"{count // 1000}천{name}" if short else f"{count:,}{name}")
    return "".join(parts) + (comma(number) if number or not parts else "")


def hangul_number(number: int) -> str:
    """오천만, 삼백, 이십: whole numbers below 조."""
    if number == 0:
        return "영"
    parts = []
    for name, size in (("억", 10**8), ("만", 10**4), ("", 1)):
        count, number = divmod(number, size)
        if count:
            parts.append(("" if count == 1 and name == "만" else _below(count)) + name)
    return "".join(parts)


def _below(number: int) -> str:
    parts = []
    for name, size in (("천", 1000), ("백", 100), ("십", 10), ("", 1)):
        count, number = divmod(number, size)
        if count:
            parts.append(("" if count == 1 and name else SINO[count]) + name)
    return "".join(parts)


_SAME = {"인": ("명", 1), "년": ("개월", 12), "주": ("일", 7), "%": ("퍼센트", 1)}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit where it stands in a text."""

    start: int
    end: int
    written: str
    value: Fraction
    unit: str

    @property
    def same(self) -> tuple[Fraction, str]:
        """Equal for 12개월 and 1년, 30% and 30퍼센트 and 100분의 30."""
        unit, factor = _SAME.get(self.unit, (self.unit, 1))
        return self.value * factor, unit


def quantities(text: str) -> list[Quantity]:
    """Numbers with units and fractions, without dates and article numbers."""
    return sorted(_quantities(text), key=lambda q: q.start)


def _quantities(text: str) -> Iterator[Quantity]:
    for found in QUANTITY.finditer(text):
        number = value(found["n"])
        if not (found["u"] == "년" and number > 1900):
            yield Quantity(found.start(), found.end(), found[0], number, found["u"])
    for found in FRACTION.finditer(text):
        yield Quantity(found.start(), found.end(), found[0], Fraction(found["n"]) / value(found["d"]) * 100, "퍼센트")


# --- who ---------------------------------------------------------------------------------------------------------------------

# Of one family: roles that a careless reader mixes up. No two of a family mean the same.
FAMILIES: tuple[tuple[str, ...], ...] = (
    ("계약자", "피보험자", "보험수익자", "회사"),
    ("채권자", "채무자", "보증인"),
    ("주채무자", "보증인", "채권자"),
    ("매도인", "매수인"),
    ("임대인", "임차인", "전차인"),
    ("도급인", "수급인"),
    ("위임인", "수임인"),
    ("임치인", "수치인"),
    ("대주", "차주"),
    ("저당권자", "저당권설정자"),
    ("전세권자", "전세권설정자"),
    ("지상권자", "지상권설정자"),
    ("질권자", "질권설정자"),
    ("유치권자", "채무자"),
    ("증여자", "수증자"),
    ("대리인", "본인", "상대방"),
    ("점유자", "소유자", "회복자"),
    ("상속인", "피상속인", "상속채권자"),
    ("양도인", "양수인"),
    ("유언자", "유언집행자", "상속인"),
    ("후견인", "피후견인", "후견감독인"),
    ("성년후견인", "피성년후견인"),
    ("미성년후견인", "미성년후견감독인"),
    ("양부모", "친생부모"),
    ("양친", "양자"),
    ("이사", "감사", "사원"),
    ("청산인", "이사"),
    ("가정법원", "검사"),
    ("조합원", "업무집행자"),
    ("사용자", "근로자", "고용노동부장관", "근로감독관", "노동위원회"),
    ("은행", "금융위원회", "금융감독원장", "한국은행", "대주주"),
    ("금융위원회", "금융감독원장", "금융회사"),
    ("이용자", "금융회사", "전자금융업자", "금융위원회"),
    ("가입자", "전자서명인증사업자", "평가기관", "인정기관", "과학기술정보통신부장관"),
    ("위원장", "부위원장", "사무처장"),
    ("개인정보처리자", "정보주체", "보호위원회", "수탁자"),
    ("분쟁조정위원회", "보호위원회"),
    ("신용정보주체", "신용정보회사", "금융위원회", "금융감독원장"),
    ("개인신용평가회사", "채권추심회사", "본인신용정보관리회사", "신용정보주체"),
    ("신용정보집중기관", "신용정보주체"),
    ("종합신용정보집중기관", "신용정보회사등"),
    ("신용정보회사등", "신용정보주체"),
    ("방송통신위원회", "과학기술정보통신부장관", "인터넷진흥원"),
    ("이용자", "방송통신위원회"),
    ("수탁자", "위탁자"),
    ("시ㆍ도지사", "과학기술정보통신부장관"),
    ("보험회사", "채무자"),
)
ORGANISATIONS = ("회사", "회", "은행", "법원", "기관", "진흥원", "등")
RIVALS: dict[str, tuple[str, ...]] = {
    name: tuple(dict.fromkeys(other for family in FAMILIES if name in family for other in family if other != name))
    for name in dict.fromkeys(n for family in FAMILIES for n in family)
}
_NAMES = "|".join(sorted(RIVALS, key=len, reverse=True))
PARTY = re.compile(rf"(?<![가-힣ㆍ])({_NAMES})(?=(?:은|는|이|가|을|를|의|에게|에|께서)(?:\s|,|\.|$|는 |도 |만 ))")
_ALONE_BEFORE = re.compile(r"(?:^|[은는가을를에서여고며면로니때우,] )$")
_JOINED_BEFORE = re.compile(r"(?:또는|및|그리고|이나|나|와|과|,|ㆍ|인|한|된|는|의|아닌|받은|어느|각|다른|타|해당|그) ?$")
_QUALIFIED_AFTER = re.compile(r"(?:이|가) (?:아닌|되|아니)")


def parties(text: str) -> list[tuple[int, int, str]]:
    """Where roles stand alone: not in a list, not described by what stands before."""
    return [
        (m.start(1), m.end(1), m[1])
        for m in PARTY.finditer(text)
        if _ALONE_BEFORE.search(text[: m.start()])
        and (not _JOINED_BEFORE.search(text[: m.start()]) or _after_topic(text[: m.start()]))
        and not _QUALIFIED_AFTER.match(text[m.end() :])
    ]


def _after_topic(before: str) -> bool:
    """Whether the word before is a role with 은 or 는, and so describes nothing."""
    last = before.rstrip().split(" ")[-1]
    return last[-1:] in ("은", "는") and last[:-1] in RIVALS


ADNOMINAL = (
    "또는",
    "하는",
    "되는",
    "있는",
    "없는",
    "받는",
    "받은",
    "같은",
    "않은",
    "라는",
    "에는",
    "서는",
    "로는",
    "게는",
    "때는",
    "지는",
)


def topic(sentence: str, nouns: frozenset[str]) -> tuple[str, str] | None:
    """The topic that a sentence starts with (계약자는, 보험금의 청구는) and the rest; None if the start is anything else."""
    words = sentence.split(" ")
    for count in (1, 2):
        last = words[count - 1] if len(words) > count + 1 else ""
        if last[-1:] in ("은", "는") and not last.endswith(ADNOMINAL):
            noun = last[:-1]
            fits = (noun in nouns or noun in RIVALS) and takes_first(noun, ("은", "는")) == (last[-1] == "은")
            joined = count == 2 and (words[0].endswith((",", "또는", "및")) or words[0][-1:] in "은는이가을를")
            return (" ".join(words[:count]), " ".join(words[count:])) if fits and not joined else None
    return None


# --- words that say the same -------------------------------------------------------------------------------------------------

# Pattern, replacement: each is the same in a legal text, too (so not 지체 없이 = 즉시, 해지 = 해제, 취소 = 철회).
SYNONYMS: tuple[tuple[str, str], ...] = (
    (r"에 대하여 ", "에 대해 "),
    (r"에 대하여는 ", "에 대해서는 "),
    (r"에 관하여 ", "에 관해 "),
    (r"에 관하여는 ", "에 관해서는 "),
    (r"(?<=[정구률조항의])에 의하여 ", "에 따라 "),
    (r"(?<=[정구률조항])에 의한 ", "에 따른 "),
    (r"으?로 인하여 ", " 때문에 "),
    (r"하고자 하는 ", "하려는 "),
    (r"그 밖에 ", "그 외에 "),
    (r"다음 각 호의 어느 하나", "아래 각 호 가운데 어느 하나"),
    (r"다음 각 호의 ", "아래 각 호의 "),
    (r"매년 ", "해마다 "),
    (r"매월 ", "달마다 "),
    (r"이내에 ", "안에 "),
    (r"([을를]) 초과하는 ", r"\1 넘는 "),
    (r"([을를]) 초과하여 ", r"\1 넘어 "),
    (r"경과한 ", "지난 "),
    (r"발생한 ", "생긴 "),
    (r"발생하는 ", "생기는 "),
    (r"필요한 경우에는 ", "필요하면 "),
    (r"필요한 경우 ", "필요하면 "),
    (r"부득이한 사유", "어쩔 수 없는 사유"),
    (r"을 제외하고", "을 빼고"),
    (r"를 제외하고", "를 빼고"),
    (r"때에는 ", "경우에는 "),
    (r"이 경우 ", "이때 "),
    (r"지체 없이 ", "지체하지 않고 "),
    (r"즉시 ", "곧바로 "),
    (r"서면으로 ", "문서로 "),
    (r"기재하여야 ", "적어야 "),
    (r"기재한 ", "적은 "),
    (r"제출하여야 ", "내야 "),
    (r"통지하여야 ", "알려야 "),
    (r"작성하여 ", "만들어 "),
    (r"이를 ", "이것을 "),
    (r"보유하고 있는 ", "가지고 있는 "),
    (r"사용하는 ", "쓰는 "),
    (r"동일한 ", "같은 "),
    (r"상이한 ", "다른 "),
    (r"교부하여야 ", "내주어야 "),
    (r"납입하지 ", "내지 "),
)
