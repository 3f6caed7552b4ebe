"""Wrong answers from a right one: the same sentence with one thing changed, and the name of what was changed.

The errors are those that people and models make with such texts: another number, the opposite, another party, another
comparator or circumstance, another article. What cannot be changed in good grammar is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from itertools import chain, zip_longest

from tasks.text.normal import comparable
from tasks.text.parties import english_swapped, swapped
from tasks.text.polarity import english_flipped, flipped

Mutation = tuple[str, str]  # wrong sentence, kind of error

# Values that occur in contracts and laws, by unit: a wrong number must be one that could stand there.
LADDERS: dict[str, tuple[str, ...]] = {
    "일": ("1", "2", "3", "5", "7", "10", "14", "15", "20", "30", "45", "60", "90", "120", "150", "180", "365"),
    "영업일": ("1", "2", "3", "5", "7", "10", "15", "20", "30", "60"),
    "개월": ("1", "2", "3", "4", "6", "9", "12", "18", "24"),
    "년": ("1", "2", "3", "5", "7", "10", "15", "20", "30"),
    "%": ("0.5", "1", "2", "3", "5", "10", "15", "20", "25", "30", "40", "50", "60", "70", "75", "80", "90", "100"),
    "시간": ("1", "2", "3", "4", "6", "8", "12", "24", "36", "48", "72", "96"),
}
LADDERS |= {"퍼센트": LADDERS["%"], "days": LADDERS["일"], "day": LADDERS["일"], "business days": LADDERS["영업일"]}
LADDERS |= {"months": LADDERS["개월"], "years": LADDERS["년"], "hours": LADDERS["시간"], "percent": LADDERS["%"]}
FACTORS = (Decimal(2), Decimal("0.5"), Decimal(3), Decimal(5))
UNITS = "영업일|개월|시간|퍼센트|등급|일|년|주|세|회|명|배|%|촌|개"
NUMBER = re.compile(
    rf"(?<![\d.,제가-힣])(?<!제 )(?<!매월 )(?<!월 )(?P<value>\d[\d,]*(?:\.\d+)?)(?P<gap>\s?)"
    rf"(?P<unit>(?:[천백십]?[만억조]\s?)*[천백십]?\s?원|{UNITS})(?!당|차|호|사고|마다 ?\d)(?![가-힣]*(?:법|령))"
)
FRACTION = re.compile(r"(?P<lower>\d+)분의 ?(?P<value>\d+)")


def korean_mutations(sentence: str, source: str) -> list[Mutation]:
    """Wrong forms of a Korean sentence, different from it, from each other and from all that the source says."""
    defines = DEFINES.search(sentence)
    families: list[Iterable[Mutation]] = [
        number_mutations(sentence, NUMBER, _korean_bounds),
        ((text, "polarity") for text in [flipped(sentence)] if text and not defines),
        _words(sentence, COMPARATORS, "comparator"),
        _words(sentence, CIRCUMSTANCES, "condition"),
        ((text, "party") for text in ([] if NAMES_ITSELF.search(sentence) else swapped(sentence, source))),
    ]
    return distinct(chain(_in_turn(families), _reference(sentence)), sentence, source)


DEFINES = re.compile(r"(?:말한다|말합니다|뜻한다|뜻합니다)\.?$")
NAMES_ITSELF = re.compile(r"이하 ?[「“\"]")


def distinct(mutations: Iterable[Mutation], sentence: str, source: str) -> list[Mutation]:
    """Those that really differ, in form too, and that the source does not say somewhere else."""
    seen, said = {comparable(sentence)}, comparable(source)
    kept = []
    for text, error in mutations:
        form = comparable(text)
        if form not in seen and form not in said:
            seen.add(form)
            kept.append((text, error))
    return kept


def _in_turn(families: list[Iterable[Mutation]]) -> Iterator[Mutation]:
    """One of each kind, then a second of each: wrong answers that differ in kind are harder to tell apart."""
    return (mutation for row in zip_longest(*families) for mutation in row if mutation)


# ---------------------------------------------------------------- numbers
Bounds = Callable[[str, re.Match[str]], tuple[bool, bool]]


def number_mutations(sentence: str, pattern: re.Pattern[str], bounds: Bounds) -> Iterator[Mutation]:
    """Every number that has a unit, with other values of that unit, the nearest first."""
    rows = []
    for match in pattern.finditer(sentence):
        lower, higher = bounds(sentence, match)
        rows.append([(value, match) for value in other_values(match["value"], match["unit"], lower, higher)])
    for row in zip_longest(*rows):
        for value, match in filter(None, row):
            yield sentence[: match.start("value")] + value + sentence[match.end("value") :], "number"
    for match in FRACTION.finditer(sentence):
        for value in (int(match["value"]) + 1, int(match["value"]) * 2):
            if value < int(match["lower"]):
                yield sentence[: match.start("value")] + str(value) + sentence[match.end("value") :], "number"


def _korean_bounds(sentence: str, match: re.Match[str]) -> tuple[bool, bool]:
    """Whether a lower and whether a higher number makes the sentence wrong.

    Who may do something within 15 days may do it within 14, and what holds for all below 18 holds for all below 15: a number
    in the wrong direction leaves the sentence true.
    """
    after = sentence[match.end() :]
    may = re.search(r"수 ?있(?:다|습니다)\.?$", sentence) is not None
    if re.match(r"\s?(?:이내에|전까지|안에)", after):
        return not may, True
    if re.match(r"\s?(?:이하|미만|이내|범위|까지)", after):
        return False, True
    if re.match(r"[을를]? ?(?:이상|초과)", after):
        must = re.search(r"야 ?(?:한다|합니다)\.?$", sentence) is not None
        return (False, True) if must and re.match(r"\s?이상의", after) else (True, False)
    return True, True


def other_values(written: str, unit: str, lower: bool = True, higher: bool = True) -> list[str]:
    """Up to three other values of a number, written as it is written; only lower or only higher ones where that is asked for."""
    value = Decimal(written.replace(",", ""))
    ladder = [Decimal(step) for step in LADDERS.get(unit, ())]
    if ladder and value and value <= max(ladder):
        others = sorted((step for step in ladder if step != value), key=lambda step: (_ratio(step, value), step))
    elif value <= 10 and value == value.to_integral_value() and "원" not in unit:
        others = [value + 1, value + 2, value - 1] if value > 1 else [value + 1, value + 2]
    else:
        others = [value * factor for factor in FACTORS]
    fitting = [other for other in others if _same_shape(other, value) and (lower if other < value else higher)]
    return [_written(other, written) for other in fitting][:3]


def _ratio(one: Decimal, other: Decimal) -> Decimal:
    return max(one, other) / min(one, other)


def _same_shape(other: Decimal, value: Decimal) -> bool:
    whole = other == other.to_integral_value()
    return other > 0 and (whole or value != value.to_integral_value())


def _written(value: Decimal, like: str) -> str:
    text = f"{value.normalize():f}"
    return f"{value.normalize():,f}" if "," in like or ("." not in text and len(text) > 4) else text


# ---------------------------------------------------------------- words
COMPARATORS: tuple[tuple[str, str], ...] = (
    (r"(\d\S*) 이내에(?!서)(?!.{0,20}(?:지 아니|지 않|못))", r"\1 이후에"),
    (r"(\d\S*) 전까지", r"\1 후까지"),
    (r"(\d\S*) 이상(?=[인의이])", r"\1 미만"),
    (r"(\d\S*) 이하(?=[인의이])", r"\1 초과"),
    (r"(\d\S*) 초과(?=[인의이])", r"\1 이하"),
    (r"(\d\S*) 미만(?=[인의이])", r"\1 이상"),
    (r"(\d\S*[을를]) 초과하", r"\1 미달하"),
)
# Each left side is a word that can be swapped without touching anything beside it.
CIRCUMSTANCES: tuple[tuple[str, str], ...] = (
    (r"지체 없이(?= )", "30일 이내에"),
    (r"(?<![가-힣])즉시(?= )", "1개월 이내에"),
    (r"언제든지(?= )", "1년에 한 번만"),
    (r"고의 또는 중대한 과실", "가벼운 과실"),
    (r"(?<![가-힣])고의로", "과실로"),
    (r"서면으로", "구두로"),
    (r"서면에 의한", "구두에 의한"),
    (r"(?<![가-힣])사전에", "사후에"),
    (r"(?<![가-힣])미리(?= )", "나중에"),
    (r"(?<![가-힣])모든(?= )", "일부"),
    (r"전부 또는 일부", "전부"),
    (r"(?<![가-힣])전액", "반액"),
    (r"유리하게", "불리하게"),
    (r"자동으로", "신청에 따라"),
    (r"동의 없이", "통지 없이"),
    (r"동의를 (?:얻|받)어?아?야", "의견을 들어야"),
    (r"다음 날", "전날"),
    (r"(?<=[가-힣] )이전에", "이후에"),
    (r"(?<=[가-힣] )이후에", "이전에"),
    (r"하기 전에", "한 후에"),
    (r"한 후에", "하기 전에"),
    (r"또는 중대한", "및 중대한"),
    (r"증가(?=된|한|의|로|하)", "감소"),
    (r"감소(?=된|한|의|로|하)", "증가"),
    (r"더하여", "빼고"),
    (r"무효로", "유효로"),
    (r"국내(?=의|에)", "국외"),
    (r"공개하여야", "비공개로 하여야"),
    (r"한 번만", "두 번까지"),
    (r"매년", "2년마다"),
    (r"매월", "매년"),
    (r"최소한의", "최대한의"),
    (r"자필서명", "전자서명"),
)


def _words(sentence: str, table: tuple[tuple[str, str], ...], error: str) -> Iterator[Mutation]:
    for pattern, replacement in table:
        if re.search(pattern, sentence):
            yield re.sub(pattern, replacement, sentence, count=1), error


def _reference(sentence: str) -> Iterator[Mutation]:
    """Another article, where the article is what the sentence says: 제38조에 따릅니다, 제686조를 준용한다."""
    said = r"(?:따른다|따릅니다|준용한다|준용합니다|의한다|의합니다)"
    if match := re.search(rf"제(\d+)(조|항)(?:제\d+[항호])?(?:의 규정)?(?:을|를|에) {said}\.?$", sentence):
        other = f"제{int(match[1]) + 1}{match[2]}"
        yield sentence[: match.start()] + other + sentence[match.end(2) :], "reference"


# ---------------------------------------------------------------- English
ENGLISH_UNITS = (
    "business days?|working days?|calendar days?|days?|weeks?|months?|years?|hours?|minutes?|percent|per cent|times|dollars|euros"
)
AMOUNT = r"\d[\d,]*(?:\.\d+)?"
ENGLISH_NUMBER = re.compile(
    rf"(?<![\d.,\w])(?:(?P<currency>[$€£]|USD |EUR |GBP |KRW )(?P<money>{AMOUNT})"
    rf"|(?P<value>{AMOUNT})(?:\s(?P<unit>{ENGLISH_UNITS})\b|(?P<percent>%)))"
)
ENGLISH_WORDS: tuple[tuple[str, str, str], ...] = (
    (r"\bat least\b", "at most", "comparator"),
    (r"\bat most\b", "at least", "comparator"),
    (r"\b(no|not) later than\b", r"\1 earlier than", "comparator"),
    (r"\b(no|not) more than\b", r"\1 less than", "comparator"),
    (r"(?<!no )(?<!not )\bmore than\b", "less than", "comparator"),
    (r"\bup to\b", "at least", "comparator"),
    (r"\bwithin (\d+ [\w ]*?(?:days?|weeks?|months?|years?|hours?))(?= (?:of|after|from)\b)", r"later than \1", "comparator"),
    (r"\bbefore\b", "after", "condition"),
    (r"\bprior to\b", "after", "condition"),
    (r"\b(?:immediately|without delay|promptly|as soon as possible)\b", "within 30 days", "condition"),
    (r"\bin writing\b", "orally", "condition"),
    (r"\bwritten\b", "oral", "condition"),
    (r"\bwithout\b", "with", "condition"),
    (r"\bat any time\b", "once a year", "condition"),
    (r"\ball\b", "some", "condition"),
    (r"\bintentional(ly)?\b", r"accidental\1", "condition"),
    (r"\b(?:every|each) year\b", "every two years", "condition"),
    (r"\bannual(ly)?\b", r"quarterly", "condition"),
)


def english_mutations(sentence: str, source: str) -> list[Mutation]:
    """Wrong forms of an English sentence, different from it, from each other and from all that the source says."""
    families: list[Iterable[Mutation]] = [
        _english_numbers(sentence),
        ((text, "polarity") for text in [english_flipped(sentence)] if text),
        ((re.sub(p, r, sentence, count=1), error) for p, r, error in ENGLISH_WORDS if re.search(p, sentence)),
        ((text, "party") for text in english_swapped(sentence, source)),
    ]
    return distinct(_in_turn(families), sentence, source)


def _english_numbers(sentence: str) -> Iterator[Mutation]:
    rows = []
    for match in ENGLISH_NUMBER.finditer(sentence):
        group = "money" if match["money"] else "value"
        unit = match["currency"] or match["percent"] or match["unit"]
        rows.append(
            [
                (match.start(group), match.end(group), v)
                for v in other_values(match[group], unit, *_english_bounds(sentence, match))
            ]
        )
    for row in zip_longest(*rows):
        for start, end, value in filter(None, row):
            yield _one_or_many(sentence[:start] + value + sentence[end:]), "number"


def _one_or_many(sentence: str) -> str:
    """1 day, 2 days: the unit follows its number."""
    sentence = re.sub(
        r"(?<![\d.,])1 ((?:business |working |calendar )?(?:day|week|month|year|hour|minute))s\b", r"1 \1", sentence
    )
    return re.sub(
        r"\b((?:[2-9]|\d{2,}) (?:business |working |calendar )?(?:day|week|month|year|hour|minute))\b(?!s|-)", r"\1s", sentence
    )


def _english_bounds(sentence: str, match: re.Match[str]) -> tuple[bool, bool]:
    """As in Korean: whoever may do something within 15 days may do it within 14."""
    before = sentence[: match.start()]
    if re.search(r"\b(?:within|up to|at most|no more than|not more than|less than|below|under)\s*$", before):
        return re.search(r"\b(?:must|shall|will)\b(?! not)", before) is not None and before.rstrip().endswith("within"), True
    if re.search(r"\b(?:at least|more than|over|above)\s*$", before):
        return (False, True) if re.search(r"\b(?:must|shall|will)\b(?! not)", before) else (True, False)
    return True, True
