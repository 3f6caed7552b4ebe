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
from tasks.text.parties import swapped
from tasks.text.polarity import flipped

Mutation = tuple[str, str]  # wrong sentence, kind of error

# Values that occur in contracts and laws, by unit: a wrong number must be one that could stand there.
LADDERS: dict[str, tuple[str, ...]] = {
    "일": ("1", "2", "3", "5", "7", "10", "14", "15", "20", "30", "45", "60", "90", "120", "150", "180", "365"),
    "영업일": ("1", "2", "3", "5", "7", "10", "15", "20", "30", "60"),
    "개월": ("1", "2", "3", "4", "6", "9", "12", "18", "24"),
    "년": ("1", "2", "3", "5", "7", "10", "15", "20", "30"),
    "%": ("0.5", "1", "2", "3", "5", "10", "15", "20", "25", "30", "40", "50", "60", "70", "80", "90", "100"),
    "시간": ("1", "2", "3", "4", "6", "8", "10", "12", "24", "36", "40", "48", "52", "60", "72"),
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
    numbers = list(number_mutations(sentence, NUMBER))
    families: list[Iterable[Mutation]] = [
        numbers,
        ((text, "polarity") for text in [flipped(sentence)] if text),
        _words(sentence, COMPARATORS, "comparator"),
        _words(sentence, CIRCUMSTANCES, "condition"),
        ((text, "party") for text in swapped(sentence)),
    ]
    return distinct(chain(_in_turn(families), _references(sentence)), sentence, source)


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
def number_mutations(sentence: str, pattern: re.Pattern[str]) -> Iterator[Mutation]:
    """Every number that has a unit, with other values of that unit, the nearest first."""
    rows = [[(value, match) for value in other_values(match["value"], match["unit"])] for match in pattern.finditer(sentence)]
    for row in zip_longest(*rows):
        for value, match in filter(None, row):
            yield sentence[: match.start("value")] + value + sentence[match.end("value") :], "number"
    for match in FRACTION.finditer(sentence):
        for value in (int(match["value"]) + 1, int(match["value"]) * 2):
            if value < int(match["lower"]):
                yield sentence[: match.start("value")] + str(value) + sentence[match.end("value") :], "number"


def other_values(written: str, unit: str) -> list[str]:
    """Up to three other values of a number, written as it is written."""
    value = Decimal(written.replace(",", ""))
    ladder = [Decimal(step) for step in LADDERS.get(unit, ())]
    if value in ladder:
        others = sorted((step for step in ladder if step != value), key=lambda step: (abs(_ratio(step, value)), step))
    elif value <= 10 and value == value.to_integral_value() and "원" not in unit:
        others = [value + 1, value + 2, value - 1] if value > 1 else [value + 1, value + 2]
    else:
        others = [value * factor for factor in FACTORS]
    return [_written(other, written) for other in others if _same_shape(other, value)][:3]


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
    (r"(\d\S*) 이내에(?!서)", r"\1 이후에"),
    (r"(\d\S*) 전까지", r"\1 후까지"),
    (r"(\d\S*) 이상", r"\1 미만"),
    (r"(\d\S*) 이하", r"\1 초과"),
    (r"(\d\S*) 초과", r"\1 이하"),
    (r"(\d\S*) 미만", r"\1 이상"),
    (r"(\d\S*[을를]) 초과하", r"\1 미달하"),
)
# Each left side is a word that can be swapped without touching anything beside it.
CIRCUMSTANCES: tuple[tuple[str, str], ...] = (
    (r"지체 없이", "30일 이내에"),
    (r"(?<![가-힣])즉시", "1개월 이내에"),
    (r"언제든지", "1년에 한 번만"),
    (r"고의 또는 중대한 과실", "가벼운 과실"),
    (r"(?<![가-힣])고의로", "과실로"),
    (r"서면으로", "구두로"),
    (r"서면에 의한", "구두에 의한"),
    (r"(?<![가-힣])사전에", "사후에"),
    (r"(?<![가-힣])미리", "나중에"),
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
    (r"(?<![가-힣])직접(?= )", "간접"),
    (r"공개하여야", "비공개로 하여야"),
    (r"한 번만", "두 번까지"),
    (r"매년", "2년마다"),
    (r"매월", "매년"),
    (r"최소한의", "최대한의"),
    (r"과반수", "3분의 2 이상"),
    (r"자필서명", "전자서명"),
)


def _words(sentence: str, table: tuple[tuple[str, str], ...], error: str) -> Iterator[Mutation]:
    for pattern, replacement in table:
        if re.search(pattern, sentence):
            yield re.sub(pattern, replacement, sentence, count=1), error


def _references(sentence: str) -> Iterator[Mutation]:
    """Another article or paragraph: the last resort, a reader without the text cannot know it."""
    for match in re.finditer(r"제(\d+)(조|항|호)(?!의)", sentence):
        number = int(match[1]) + 1
        yield sentence[: match.start(1)] + str(number) + sentence[match.end(1) :], "reference"


Mutate = Callable[[str, str], list[Mutation]]


def english_mutations(sentence: str, source: str) -> list[Mutation]:
    return []
