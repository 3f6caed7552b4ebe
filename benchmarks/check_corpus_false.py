"""What language models get wrong in an answer, done to a sentence: one thing is changed, the rest stays.

A maker takes a plain sentence (한다, no full stop) and yields changed ones, each with the name of how it was changed. It
yields nothing where the change could be read as meaning the same.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from random import Random

from benchmarks.check_corpus_source import Clause
from benchmarks.check_corpus_words import (
    DATE,
    DAY,
    FRACTION,
    NATIVE,
    RIVALS,
    Quantity,
    can,
    comma,
    done,
    hangul_number,
    mixed,
    must,
    particle_after,
    parties,
    plain,
    plain_verb,
    quantities,
    replaced,
    topic,
    value,
    verb,
)

Changed = Iterator[tuple[str, str]]
Maker = Callable[[str, Clause, Random], Changed]

# --- numbers and units -------------------------------------------------------------------------------------------------------

_USUAL = {
    "일": (3, 5, 7, 10, 14, 15, 20, 30, 45, 60, 90, 180),
    "영업일": (2, 3, 5, 7, 10, 15, 30),
    "개월": (1, 2, 3, 6, 9, 12, 18),
    "년": (1, 2, 3, 5, 7, 10, 15, 20, 30),
    "시간": (1, 2, 4, 6, 8, 12, 24, 36, 48, 72),
    "주": (1, 2, 3, 4, 12),
    "명": (2, 3, 5, 7, 9, 10, 15, 30, 50, 100),
    "인": (2, 3, 5, 7, 9, 10, 15),
    "회": (1, 2, 3, 4, 5, 10),
    "세": (13, 14, 15, 17, 18, 19, 20, 65),
    "퍼센트": (1, 3, 5, 10, 15, 20, 25, 30, 40, 50, 60, 75, 80),
    "%": (1, 3, 5, 10, 15, 20, 25, 30, 40, 50, 60, 75, 80),
    "원": (),
}


def number(sentence: str, clause: Clause, random: Random) -> Changed:
    """Another value of the same unit that the evidence does not hold."""
    found = quantities(sentence)
    if len(found) > MOST:
        return
    taken = {q.same for s in (sentence, *clause.sentences) for q in quantities(s)}
    for q in found:
        for new, variant in _other_values(q, random):
            changed = quantities(new)
            if len(changed) != 1 or changed[0].same not in taken:
                yield replaced(sentence, q.start, q.end, new), variant
    yield from _exchanged(sentence, found)


def _other_values(q: Quantity, random: Random) -> Iterator[tuple[str, str]]:
    fraction = FRACTION.fullmatch(q.written)
    if fraction:
        yield from _other_fractions(fraction, random)
    elif q.unit == "원" and q.value.denominator == 1 and q.value >= 10_000:
        yield from _other_amounts(int(q.value), random)
    else:
        yield from _other_counts(q, random)


def _other_fractions(fraction: re.Match[str], random: Random) -> Iterator[tuple[str, str]]:
    whole, part = value(fraction["d"]), Fraction(fraction["n"])
    if whole >= 100:
        other = random.choice([n for n in (1, 2, 3, 4, 5, 10, 15, 20, 25, 30, 40, 50, 60, 75, 80) if n not in (part, part * 10)])
        yield f"{fraction['d']}분의 {other}", "fraction"
        if whole == 100 and part.denominator == 1:
            yield f"{other}%", "fraction_as_percent"
    else:
        wrong = [(d, n) for d, n in ((2, 1), (3, 1), (3, 2), (4, 1), (4, 3), (5, 1), (10, 1)) if Fraction(n, d) != part / whole]
        below, above = random.choice(wrong)
        yield f"{below}분의 {above}", "fraction"


def _other_amounts(amount: int, random: Random) -> Iterator[tuple[str, str]]:
    lead = int(str(amount)[0])
    other = random.choice([d for d in range(1, 10) if d != lead])
    digit = int(str(other) + str(amount)[1:])
    yield f"{mixed(amount * 10, thousands=True)}원", "amount_times_ten"
    yield f"{comma(amount // 10)}원", "amount_tenth_in_digits"
    yield f"{comma(amount * 10)}원", "amount_ten_times_in_digits"
    yield f"{mixed(digit, thousands=True)}원", "amount_digit"
    yield f"{mixed(digit)}원", "amount_digit"
    if digit % 10_000 == 0:
        yield f"{hangul_number(digit)} 원", "amount_hangul"


def _other_counts(q: Quantity, random: Random) -> Iterator[tuple[str, str]]:
    usual = [n for n in _USUAL.get(q.unit, (2, 3, 4, 5, 6)) if n != q.value]
    space = " " if " " in q.written else ""
    for other in random.sample(usual, min(2, len(usual))):
        yield f"{other}{space}{q.unit}", "count"
    small = [n for n in range(1, 11) if n != q.value]
    if q.unit in ("명", "인", "회") and q.value.denominator == 1 and q.value <= 12:
        other, unit = random.choice(small), {"회": "번"}.get(q.unit, "명")
        yield f"{NATIVE[other]} {unit}", "native_numeral"
    if q.unit in ("년", "개월", "일") and q.value.denominator == 1 and q.value <= 100:
        other = random.choice([n for n in usual if n > 1])
        yield f"{hangul_number(other)} {q.unit}", "hangul_numeral"


def _exchanged(sentence: str, found: list[Quantity]) -> Changed:
    for a, b in itertools.pairwise(found):
        between = sentence[a.end : b.start]
        listed = re.fullmatch(r" ?(?:,|및|또는|ㆍ|이나|나|과|와) ?", between)
        if a.unit == b.unit and a.same != b.same and not listed:
            yield sentence[: a.start] + b.written + between + a.written + sentence[b.end :], "exchanged"


MOST = 5  # sentences with more numbers are lists of posts
_OTHER_UNITS = {
    "영업일": ("일", "주", "개월"),
    "일": ("영업일", "개월", "시간", "주"),
    "개월": ("일", "년", "주"),
    "년": ("개월", "일"),
    "주": ("일", "개월"),
    "시간": ("일", "분", "영업일"),
    "%": ("%포인트", "%p"),
    "퍼센트": ("퍼센트포인트", "%p"),
    "원": ("달러",),
}


def unit(sentence: str, clause: Clause, random: Random) -> Changed:
    """The same number with another unit."""
    found = quantities(sentence)
    taken = {q.same for s in (sentence, *clause.sentences) for q in quantities(s)}
    for q in found if len(found) <= MOST else ():
        if FRACTION.fullmatch(q.written):
            if q.value.denominator == 1 and "100분의" in q.written:
                yield replaced(sentence, q.start, q.end, f"{q.value}%p"), "percent_point"
            continue
        if q.unit == "일" and re.match(r"[을를]? ?(?:기준|째)", sentence[q.end :]):
            continue
        for other in _OTHER_UNITS.get(q.unit, ()):
            new = q.written[: -len(q.unit)] + other
            again = quantities(new)
            if not again or again[0].same not in taken:
                yield replaced(sentence, q.start, q.end, new), f"{q.unit}_to_{other}"
        if q.unit == "원" and re.search(r"만 ?원$", q.written):
            yield replaced(sentence, q.start, q.end, re.sub(r"만 ?원$", "원", q.written)), "without_만"
            yield replaced(sentence, q.start, q.end, re.sub(r"만 ?원$", "억원", q.written)), "만_to_억"


# --- dates -------------------------------------------------------------------------------------------------------------------


def date(sentence: str, clause: Clause, random: Random) -> Changed:
    """Another day, month or year; also of the last change of a clause."""
    for found in DATE.finditer(sentence):
        for y, m, d, variant in _other_days(int(found["y"]), int(found["m"]), int(found["d"]), random):
            yield replaced(sentence, found.start(), found.end(), f"{y}년 {m}월 {d}일"), variant
    for found in DAY.finditer(sentence):
        for _, m, d, variant in _other_days(0, int(found["m"]), int(found["d"]), random):
            yield replaced(sentence, found.start(), found.end(), f"{m}월 {d}일"), variant
    for old, new in _DAYS:
        if len(re.findall(old, sentence)) == 1:
            yield re.sub(old, new, sentence), "month_end"


_DAYS = (
    (r"말일까지", "15일까지"),
    (r"말일을", "1일을"),
    (r"(?<!그 )다음 달 ", "그 달 "),
    (r"의 다음 ?날부터", "부터"),
    (r"그 다음 ?날부터", "그날부터"),
    (r"의 다음 ?날까지", "까지"),
)


def _other_days(year: int, month: int, day: int, random: Random) -> Iterator[tuple[int, int, int, str]]:
    months = [m for m in range(1, 13) if m != month]
    days = [d for d in range(1, 29) if d != day]
    if year:
        yield year + random.choice((-2, -1, 1, 2)), month, day, "year"
    yield year, random.choice(months), min(day, 28), "month"
    yield year, month, random.choice(days), "day"
    if day <= 12 and day != month:
        yield year, day, month, "day_and_month"


def changed_on(clause: Clause, random: Random) -> Iterator[tuple[str, str]]:
    """Answers about the dates in a clause's note, each wrong in one date."""
    dates = [(int(m["y"]), int(m["m"]), int(m["d"])) for m in DATE.finditer(clause.note)]
    if not dates:
        return
    last = dates[-1]
    for y, m, d, variant in _other_days(*last, random):
        if (y, m, d) not in dates:
            yield said_of(clause, [*dates[:-1], (y, m, d)], random), f"note_{variant}"


def said_of(clause: Clause, dates: list[tuple[int, int, int]], random: Random) -> str:
    """A sentence about when a clause was changed."""
    y, m, d = dates[-1]
    named = clause.place + particle_after(clause.place, "은")
    written = random.choice((f"{y}년 {m}월 {d}일", f"{y}. {m}. {d}.", f"{y}년 {m}월 {d}일"))
    made = "신설" if "신설" in clause.note and len(dates) == 1 else "개정"
    if len(dates) > 1:
        return random.choice((f"{named} 가장 최근에 {written}에 {made}되었다", f"마지막 개정일은 {written}이다"))
    return random.choice(
        (f"{named} {written}에 {made}되었다", f"{made}일은 {written}이다", f"이 규정은 {written} {made}된 것이다")
    )


# --- comparators -------------------------------------------------------------------------------------------------------------

_COMPARED = re.compile(r"(?P<q>[\d가-힣%]) ?(?P<c>이상|이하|미만|이내)(?!\s*(?:의 형|의 기관))")
_OPPOSITES = {
    "이상": ("이하", "미만", "초과"),
    "이하": ("이상", "초과", "미만"),
    "미만": ("이상", "이하", "초과"),
    "이내": ("이상", "초과"),
}
_EXCEEDS = re.compile(r"(?P<p>[을를]) 초과(?P<v>하는|하여|한)(?! 아니)")
_UNTIL = re.compile(r"(?<=[일월년시])(?P<space> ?)(?P<c>전까지|까지|전에|부터)(?= |$|,)")


def comparator(sentence: str, clause: Clause, random: Random) -> Changed:
    """이상, 이하, 미만, 이내, 초과, 까지, 부터, 전에 behind a quantity, turned into another."""
    ends = {q.end for q in quantities(sentence)}
    for found in _COMPARED.finditer(sentence):
        if found.start("c") in ends or found.start("c") - 1 in ends:
            if sentence[found.start("c") :].startswith("이내에"):
                yield replaced(sentence, found.start("c"), found.end("c"), "이후"), "이내_to_이후"
                late = f"{particle_after(sentence[: found.start('q') + 1], '이')} 지난 후"
                yield sentence[: found.start("q") + 1] + late + sentence[found.end("c") :], "이내_to_지난_후"
                continue
            for new in _OPPOSITES[found["c"]]:
                if f"{new}" not in sentence[max(0, found.start() - 12) : found.end() + 14]:
                    yield replaced(sentence, found.start("c"), found.end("c"), new), f"{found['c']}_to_{new}"
    for found in _EXCEEDS.finditer(sentence):
        if any(0 <= found.start() - end <= 1 for end in ends):
            for new in (
                {"하는": " 이하인", "하여": " 이하로", "한": " 이하인"}[found["v"]],
                {"하는": " 미만인", "하여": " 미만으로", "한": " 미만인"}[found["v"]],
            ):
                yield sentence[: found.start()] + new + sentence[found.end() :], f"초과_to_{new.strip()}"
    yield from _untils(sentence, ends)


def _untils(sentence: str, ends: set[int]) -> Changed:
    days = {m.end() for pattern in (DATE, DAY) for m in pattern.finditer(sentence)}
    for found in _UNTIL.finditer(sentence):
        behind = found.start()
        if behind not in ends | days and sentence[max(0, behind - 3) : behind] not in (" 말일", "시행일"):
            continue
        turned = {"전까지": ("후까지", "이후"), "까지": ("부터",), "전에": ("후에",), "부터": ("까지",)}[found["c"]]
        both = re.search(r"부터.*까지", sentence) and found["c"] in ("까지", "부터")
        if not both:
            for new in turned:
                yield sentence[: found.start("c")] + new + sentence[found.end("c") :], f"{found['c']}_to_{new}"


# --- negation and modality ---------------------------------------------------------------------------------------------------


def negation(sentence: str, clause: Clause, random: Random) -> Changed:
    """May becomes may not, must becomes need not, does becomes does not, and the other way round; exactly one place."""
    end = verb(sentence)
    if end is not None:
        yield from _turned(end.before, end.stem, end.mood)
    yield from _within(sentence)


def _turned(before: str, stem: str, mood: str) -> Changed:
    if mood == "can":
        yield before + can(stem)[:-2] + "없다", "can_to_cannot"
        if stem.endswith("하"):
            yield before + stem + "여서는 아니 된다", "can_to_may_not"
    elif mood == "cannot":
        yield before + can(stem), "cannot_to_can"
    elif mood == "must":
        yield f"{before}{stem}지 않아도 된다", "must_to_need_not"
        yield f"{before}{stem}지 아니할 수 있다", "must_to_need_not"
        if stem.endswith("하"):
            yield before + stem + "여서는 아니 된다", "must_to_may_not"
    elif mood == "may_not":
        yield before + can(stem), "may_not_to_can"
        yield f"{before}{stem}여도 된다", "may_not_to_can"
    elif mood == "need_not":
        yield before + must(stem), "need_not_to_must"
    elif mood == "does_not" and not before.endswith("그러"):
        if not stem.endswith("그러하"):
            yield before + plain_verb(stem), "does_not_to_does"
    elif mood == "does" and not before.rstrip().endswith(("지", "못", "고자", "으로", "로", "것으로", "각각")):
        yield from _does_not(before, stem)
    elif mood in ("is", "is_not"):
        yield before + ("없다" if mood == "is" else "있다"), f"{mood}_turned"


def _does_not(before: str, stem: str) -> Changed:
    if stem and stem not in ("못", "아니", "말", "같", "또", "정") and not stem.endswith(("못", "아니", "이라", "라", "말")):
        yield f"{before}{stem}하지 아니한다", "does_to_does_not"


_NOT_WITHIN = (
    (
        re.compile(r"(?<=[가-힣])(하|되|받|얻)지 (?:아니한|않은) (?=경우|때|자|사람|날)"),
        {"하": "한 ", "되": "된 ", "받": "받은 ", "얻": "얻은 "},
    ),
    (
        re.compile(r"(?<=[가-힣을를이가 ])(하|되|받|얻)지 (?:아니하고|않고) "),
        {"하": "하고 ", "되": "되고 ", "받": "받고 ", "얻": "얻고 "},
    ),
    (
        re.compile(r"(?<=[가-힣을를이가 ])(하|되|받|얻)지 (?:아니하면|않으면) "),
        {"하": "하면 ", "되": "되면 ", "받": "받으면 ", "얻": "얻으면 "},
    ),
)


def _within(sentence: str) -> Changed:
    for pattern, forms in _NOT_WITHIN:
        for found in pattern.finditer(sentence):
            if not re.search(r"지 (?:아니|않)", sentence[found.end() :]):
                yield sentence[: found.start()] + forms[found[1]] + sentence[found.end() :], "condition_negated"
    for old, new in (("정당한 사유 없이 ", "정당한 사유로 "), ("동의 없이 ", "동의를 받아 "), ("승인 없이 ", "승인을 받아 ")):
        if sentence.count(old) == 1:
            yield sentence.replace(old, new), "without_to_with"


def modality(sentence: str, clause: Clause, random: Random) -> Changed:
    """할 수 있다 and 하여야 한다 exchanged, or a duty made a wish."""
    end = verb(sentence)
    if end is None:
        return
    if end.mood == "can":
        yield end.before + must(end.stem), "may_to_must"
        if end.stem.endswith("하"):
            start = end.before.rfind(" ") + 1
            yield f"{end.before[:start]}반드시 {end.before[start:]}{must(end.stem)}", "may_to_must"
    elif end.mood == "must":
        yield end.before + can(end.stem), "must_to_may"
        yield f"{end.before}{end.stem}는 것이 바람직하다", "must_to_should"
        yield f"{end.before}{end.stem}도록 노력하면 된다", "must_to_try"


# --- who and where -----------------------------------------------------------------------------------------------------------

_MUTUAL = re.compile(r"합의|협의|사이|상호|서로|공동|쌍방|체결|간에|각각|각자|당사자|이하 “")


def party(sentence: str, clause: Clause, random: Random) -> Changed:
    """One role replaced by a rival, or two roles of a sentence exchanged."""
    if _MUTUAL.search(sentence):
        return
    found = parties(sentence)
    names = {name for _, _, name in found}
    for start, end, name in found:
        if sentence.count(name) > 1:
            continue
        rivals = [r for r in RIVALS[name] if clause.known.text.count(r) > 1 and not any(r in s for s in clause.sentences)]
        for rival in random.sample(rivals, min(2, len(rivals))):
            yield replaced(sentence, start, end, rival), "replaced"
    for a, b in itertools.pairwise(found):
        if b[2] in RIVALS[a[2]] and len(names) == len(found) and sentence.count(a[2]) == 1 == sentence.count(b[2]):
            later = replaced(sentence, b[0], b[1], a[2])
            if not re.search(r"(?:은|는|이|가|의) ?$", sentence[a[1] : b[0]]) or sentence[a[1] : a[1] + 1] != "의":
                yield replaced(later, a[0], a[1], b[2]), "exchanged"


_REFERENCE = re.compile(r"제(?P<a>\d+)조(?:의(?P<of>\d+))?(?:(?P<s> ?)제(?P<p>\d+)항)?(?: ?제(?P<i>\d+)호)?")
_OWN = re.compile(r"(?<![조가-힣\d] )(?<![조\d])제(?P<p>\d+)항(?: ?제(?P<i>\d+)호)?")


def reference(sentence: str, clause: Clause, random: Random) -> Changed:
    """Another article, paragraph or item than the sentence names."""
    whole = " ".join((clause.place, *clause.sentences))
    for found in _REFERENCE.finditer(sentence):
        if re.match(r"(?:부터|까지|ㆍ|, ?제|및 제|ㆍ제)", sentence[found.end() :].lstrip()):
            continue
        for new, variant in _other_references(found, random):
            article = re.match(r"제\d+조(?:의\d+)?", new)
            taken = article is not None and variant in ("article", "with_of") and re.search(rf"{article[0]}(?!의|\d)", whole)
            if not taken and new not in whole.replace(" ", ""):
                yield sentence[: found.start()] + new + sentence[found.end() :], variant
    for found in _OWN.finditer(sentence):
        if re.match(r"(?:부터|까지|ㆍ|, ?제| ?및 ?제)", sentence[found.end() :]) or re.search(
            r"(?:부터|ㆍ|,|및|같은 조|조) ?$", sentence[: found.start()]
        ):
            continue
        other = _near(int(found["p"]), random)
        new = f"제{other}항" + (f"제{found['i']}호" if found["i"] else "")
        if f"제{other}항" not in whole and (not clause.mark or ord(clause.mark) - ord("①") + 1 != other):
            yield sentence[: found.start()] + new + sentence[found.end() :], "own_paragraph"


def _near(number: int, random: Random) -> int:
    return random.choice([n for n in (number - 1, number + 1, number + 2) if n >= 1 and n != number])


def _other_references(found: re.Match[str], random: Random) -> Iterator[tuple[str, str]]:
    tail = (f"제{found['p']}항" if found["p"] else "") + (f"제{found['i']}호" if found["i"] else "")
    of = f"의{found['of']}" if found["of"] else ""
    yield f"제{_near(int(found['a']), random)}조{of}{tail}", "article"
    if of:
        yield f"제{found['a']}조{tail}", "without_of"
    else:
        yield f"제{found['a']}조의{random.choice((2, 3))}{tail}", "with_of"
    if found["p"]:
        item = f"제{found['i']}호" if found["i"] else ""
        yield f"제{found['a']}조{of}제{_near(int(found['p']), random)}항{item}", "paragraph"
    if found["i"]:
        paragraph = f"제{found['p']}항" if found["p"] else ""
        yield f"제{found['a']}조{of}{paragraph}제{_near(int(found['i']), random)}호", "item"


# --- how far -----------------------------------------------------------------------------------------------------------------

_SCOPES: tuple[tuple[str, str, str], ...] = (
    (r"각 ?호의 어느 하나에 해당하는 (?:경우에는|때에는)", "각 호에 모두 해당하는 경우에만", "any_to_only_all"),
    (r"각 ?호의 어느 하나에 해당(?!하는 (?:경우|때)에는)", "각 호에 모두 해당", "any_to_all"),
    (r"(?:의 )?전부 또는 일부(?=[를의] )", " 일부만", "part_or_all_to_part_only"),
    (r"(?:의 )?전부나 일부(?=[를의] )", " 일부만", "part_or_all_to_part_only"),
    (r"(?:의 )?전부 또는 일부(?=[를의] )", " 전부만", "part_or_all_to_all_only"),
    (r"(?:의 )?전부나 일부(?=[를의] )", " 전부만", "part_or_all_to_all_only"),
    (r"각 ?호의 요건을 모두", "각 호의 요건 중 하나만", "all_to_any"),
    (r"각 ?호에 모두 해당", "각 호의 어느 하나에 해당", "all_to_any"),
    (r"각 ?목의 어느 하나에 해당", "각 목에 모두 해당", "any_to_all"),
    (r"(?<!또는 )(?<!전부나 )일부(?=[를가의에] )", "전부", "part_to_all"),
    (r"(?<=[가-힣] )전부(?=[를가의에] )(?!의 일부)", "일부", "all_to_part"),
    (r"모든 (?=[가-힣ㆍ]+(?:의|에게|에|이|가) )", "일부 ", "all_to_some"),
    (r"(?<=[가-힣] )모두 ", "일부만 ", "all_to_some"),
    (r"총사원 3분의 2", "출석한 사원 3분의 2", "all_to_present"),
    (r"전원의 ", "과반수의 ", "all_to_majority"),
    (r"과반수의 ", "전원의 ", "majority_to_all"),
    (r"과반수로써 ", "전원일치로써 ", "majority_to_all"),
    (r"매년 ", "최초 1년에 한하여 ", "each_year_to_first"),
    (r"매년 ", "2년마다 ", "each_year_to_second"),
    (r"매월 ", "매년 ", "each_month_to_year"),
    (r"각각 (?=[\d가-힣]{1,6}(?:원|명|퍼센트|%))", "합하여 ", "each_to_sum"),
    (r"각각 (?=(?:지급|부과|기재|작성|제출|보관|구분|분리|동의|통지|고지))", "일괄하여 ", "each_to_together"),
    (r"각자 ", "공동으로 ", "each_to_joint"),
    (r"연대하여 ", "각자의 몫에 따라 나누어 ", "joint_to_several"),
    (r"공동으로 ", "각자 단독으로 ", "joint_to_single"),
    (r"경우[는은]? 제외한다\)", "경우를 포함한다)", "excluded_to_included"),
    (r"([을를은는]) 제외한다\)", "{p} 포함한다)", "excluded_to_included"),
    (r"([을를]) 포함한다(?=\)|\. 이하)", "{p} 제외한다", "included_to_excluded"),
    (r"([을를은는]) 제외하고는? ", "{p} 포함하여 ", "excluded_to_included"),
    (r"([을를은는]) 제외한 ", "{p} 포함한 ", "excluded_to_included"),
    (r"([을를]) 포함하여 ", "{p} 제외하고 ", "included_to_excluded"),
    (r"([을를]) 포함한 ", "{p} 제외한 ", "included_to_excluded"),
    (r"에 한정하여 ", "에 제한 없이 ", "limited_to_unlimited"),
    (r"에 한하여 ", "에 한정하지 아니하고 ", "limited_to_unlimited"),
    (r"에 한정한다\)", "에 한정하지 아니한다)", "limited_to_unlimited"),
    (r"만 해당한다\)", "는 해당하지 아니한다)", "only_to_not"),
    (r"한 차례만 ", "여러 차례 ", "once_to_often"),
    (r"최대 ", "최소 ", "most_to_least"),
    (r"범위에서 ", "범위를 넘어 ", "within_to_beyond"),
    (r"범위 내에서 ", "범위를 넘어 ", "within_to_beyond"),
    (r"의 범위에서 ", "의 범위와 관계없이 ", "within_to_beyond"),
    (r"([을를]) 한도로 ", "{p} 초과하여 ", "within_to_beyond"),
    (r"중대한 과실", "경미한 과실", "gross_to_slight"),
    (r"직접 ", "간접적으로 ", "direct_to_indirect"),
)


def scope(sentence: str, clause: Clause, random: Random) -> Changed:
    """All, some, each, only, every year, included, excluded: turned into their rivals."""
    for pattern, new, variant in _SCOPES:
        found = list(re.finditer(pattern, sentence))
        if len(found) != 1:
            continue
        match = found[0]
        word = new
        if "{p}" in new:
            noun = match[1] if match[1] in "을를" else ("을" if match[1] == "은" else "를")
            word = new.replace("{p}", noun)
        yield replaced(sentence, match.start(), match.end(), word), variant


# --- exceptions, conditions, order -------------------------------------------------------------------------------------------

_CATEGORICAL = ("어떠한 경우에도 예외 없이 ", "예외 없이 항상 ", "언제나 예외 없이 ", "예외를 두지 않고 모든 경우에 ")
_FOLLOWING = (" 이에 대한 예외는 없다", " 예외는 인정되지 아니한다", " 예외 규정은 없다")


def exception(clause: Clause, random: Random) -> Changed:
    """A rule whose exception stands in the next sentence, told as if there was none."""
    for rule, except_ in zip(clause.sentences, clause.sentences[1:], strict=False):
        if not re.match(r"(?:다만|그러나),? ", except_) or not _real_exception(rule, except_):
            continue
        sentence = rule[:-1]
        found = topic(sentence, clause.known.nouns)
        if found:
            yield f"{found[0]} {random.choice(_CATEGORICAL)}{found[1]}", "categorical"
        yield sentence + "." + random.choice(_FOLLOWING), "denied"


_TAKEN_OUT = re.compile(
    r"그러하지 (?:아니하다|않습니다)|(?:제외|예외로) ?(?:한다|합니다)|적용하지 (?:아니한다|않습니다)|지 (?:아니할|않을) 수 있"
)
_NEGATIVE = ("cannot", "may_not", "need_not", "does_not")


def _real_exception(rule: str, except_: str) -> bool:
    """Whether the second sentence takes something out of the first, and does not only add to it."""
    if _TAKEN_OUT.search(except_):
        return True
    ends = [verb(p) for p in (plain(rule[:-1]), plain(except_[:-1])) if p]
    first, second = (*ends, None, None)[:2]
    if first is None or second is None:
        return False
    return first.stem.split(" ")[-1] == second.stem.split(" ")[-1] and (first.mood in _NEGATIVE) != (second.mood in _NEGATIVE)


_CONDITION = re.compile(
    r"^(?P<c>(?:[^()]|\([^()]*\)){6,120}?"
    r"(?:경우에는|때에는|경우(?!는|를|의|에 )|[가-힣]{2,}(?:하면|되면|받으면|있으면|없으면|않으면|아니하면)))"
    r"(?P<sep>,? )(?P<r>(?!이를|그 |이에|이로|또는|및|그리고|그러).{10,})$"
)
_FREED = ("사유를 가리지 않고 언제든지 ", "아무런 조건 없이 ", "조건과 관계없이 모든 경우에 ", "해당 사유가 없더라도 ")


def condition(sentence: str, clause: Clause, random: Random) -> Changed:
    """The condition of a rule declared void."""
    yield from crossed(sentence)
    first = topic(sentence, clause.known.nouns)
    if first:
        found = _CONDITION.match(first[1])
        if (
            found
            and "경우" not in found["r"]
            and not re.search(r"[은는] |다만", found["c"])
            and not topic(found["r"], clause.known.nouns)
        ):
            yield f"{first[0]} {random.choice(_FREED)}{found['r']}", "void"
        return
    found = _CONDITION.match(sentence)
    if not found or re.search(r"경우|때에는|면 |것을|될 |는 뜻", found["r"]):
        return
    second = topic(found["r"], clause.known.nouns)
    if second:
        yield f"{second[0]} {random.choice(_FREED)}{second[1]}", "void"
    elif not re.search(r"^[^ ]+(?:은|는|이|가) ", found["r"]):
        yield f"{random.choice(_FREED)}{found['r']}", "void"


_TWO = re.compile(
    r"^(?P<a>.{8,90}?(?:경우에는|때에는)) (?P<x>[^,]{6,90}?)"
    r"(?P<e>하고|하며|할 수 있고|할 수 있으며|하여야 하고|하여야 하며|하여야 하나|이고|이며|되고|되며|없고|없으며|있고|있으며),? "
    r"(?P<b>.{6,90}?(?:경우에는|때에는)) (?P<y>.{6,})$"
)
_ENDS = {"하고": "한다", "하며": "한다", "할 수 있고": "할 수 있다", "할 수 있으며": "할 수 있다", "하여야 하고": "하여야 한다"}
_ENDS |= {
    "하여야 하며": "하여야 한다",
    "하여야 하나": "하여야 한다",
    "이고": "이다",
    "이며": "이다",
    "되고": "된다",
    "되며": "된다",
}
_ENDS |= {"없고": "없다", "없으며": "없다", "있고": "있다", "있으며": "있다"}


def crossed(sentence: str) -> Changed:
    """Two conditions with their results in one sentence: the condition of one with the result of the other."""
    found = _TWO.match(sentence)
    if found and "경우" not in found["x"] and "때" not in found["x"]:
        first = f"{found['x']}{_ENDS[found['e']]}"
        if first != found["y"] and not re.search(r"이를|그 ", first + found["y"]):
            yield f"{found['b']} {first}", "crossed"
            head = topic(found["a"], frozenset(RIVALS))
            yield f"{found['a']} {found['y']}", "crossed" if not head else "crossed_with_topic"


def moved(first: Clause, second: Clause) -> Changed:
    """The condition of one clause with the result of another."""
    for a in first.sentences[:1]:
        for b in second.sentences[:1]:
            one, two = _CONDITION.match(a[:-1]), _CONDITION.match(b[:-1])
            tied = two and re.search(r"전[항조2]|제\d+항|이 경우|같은|그 ", two["c"])
            if one and two and not tied and _apart(one["r"], two["r"]) and _apart(one["c"], two["c"]) and _alone(two["r"]):
                yield f"{one['c']}{one['sep']}{two['r']}", "moved"


def _alone(result: str) -> bool:
    return not re.search(r"(?:제\d+[항호]|같은 (?:항|조)|이 경우|전[항조2]|그 |이를|이에|해당|그의|그는)", result)


def _apart(a: str, b: str) -> bool:
    """Whether two phrases share little: at most a fifth of their pairs of letters, and no number."""
    first, second = ({x + y for x, y in itertools.pairwise(t) if " " not in (x, y)} for t in (a, b))
    numbers = {q.same for q in quantities(a)} & {q.same for q in quantities(b)}
    return not numbers and len(first & second) <= 0.25 * min(len(first), len(second))


_THROUGH = re.compile(
    r"^(?P<n>(?:[가-힣ㆍ]+(?:의|와|과) )?(?:[가-힣ㆍ]+ ){0,2}"
    r"(?:심의ㆍ의결|심의|의결|협의|승인|동의|인가|허가|확인|검토|공고|청문|의견|보고|신고|등기))"
    r"(?P<p>[을를]) (?P<v>거쳐|받아|얻어|하고|한 후|들은 후|받은 후|마친 후) (?P<r>.+)$"
)
_STEPS = {
    "거쳐": "거친다",
    "받아": "받는다",
    "얻어": "얻는다",
    "하고": "한다",
    "한 후": "한다",
    "들은 후": "듣는다",
    "받은 후": "받는다",
}
_STEPS["마친 후"] = "마친다"
_EVENT = re.compile(
    r"^(?P<n>(?:[가-힣ㆍ「」\d]+ ){0,4}[가-힣ㆍ]+[을를]) "
    r"(?P<v>받은|접수한|제출받은|통지받은|수령한|발견한|완료한|마친|체결한|취득한|실시한|지급한|정한)"
    r" (?:경우에는|때에는|경우|때|날부터 \d+(?:일|영업일|개월|년) 이내에|후 지체 없이)(?P<s>,? )(?P<r>.{8,})$"
)
_EVENTS = {
    "받은": "받는다",
    "접수한": "접수한다",
    "제출받은": "제출받는다",
    "통지받은": "통지받는다",
    "수령한": "수령한다",
    "발견한": "발견한다",
}
_EVENTS |= {
    "완료한": "완료한다",
    "마친": "마친다",
    "체결한": "체결한다",
    "취득한": "취득한다",
    "실시한": "실시한다",
    "지급한": "지급한다",
    "정한": "정한다",
}
_BEFORE = {"하": "한", "되": "된", "받": "받은", "얻": "얻은"}
_NO_VERB = r"(?<!대)(?<!위)(?<!관)(?<!의)(?<!인)(?<!로)(?<!말미암은)"
_AFTERWARDS = re.compile(rf"(?<=[가-힣 ]){_NO_VERB}(한|된|받은|얻은|마친|거친) (?:후에|후|뒤에|다음에)(?= )(?! \d)")
_INTENDED = re.compile(
    r"(?<=[가-힣 ])(?P<v>하|되|받으|얻으|두)"
    r"(?:려는 경우에는|려는 경우|려는 때에는|려는 때|려면|고자 하는 경우에는|고자 하는 때에는|기 위하여는|기 위해서는)(?P<s>,? )"
    r"(?=[^.]*(?:승인|허가|인가|등록|동의|신고|보고|통지|협의|심의|의결|알려|통보|제출)[을를하의해여]*[^.]*야 한다$)"
)
_BEFOREHAND = (
    ("미리 ", "사후에 "),
    ("사전에 ", "사후에 "),
    ("사전 ", "사후 "),
    ("먼저 ", "나중에 "),
    ("선행하여 ", "뒤이어 "),
)


def order(sentence: str, clause: Clause, random: Random) -> Changed:
    """What comes first put last, before turned into after."""
    first = topic(sentence, clause.known.nouns)
    if first:
        yield from _through(first[0], first[1])
        yield from _event(first[0], first[1])
    for found in re.finditer(r"(?<=[가-힣 ])(하|되|받|얻)기 전(에)?(?= )", sentence):
        after = f"{_BEFORE[found[1]]} 후{found[2] or ''}"
        yield sentence[: found.start()] + after + sentence[found.end() :].replace(" 미리 ", " ", 1), "before_to_after"
    for found in _AFTERWARDS.finditer(sentence):
        before = {"한": "하기", "된": "되기", "받은": "받기", "얻은": "얻기", "마친": "마치기", "거친": "거치기"}[found[1]]
        yield f"{sentence[: found.start()]}{before} 전에{sentence[found.end() :]}", "after_to_before"
    for found in _INTENDED.finditer(sentence):
        done_ = {"하": "한", "되": "된", "받으": "받은", "얻으": "얻은", "두": "둔"}[found["v"]]
        if not re.search("미리|사전|전까지|전에|날의", sentence):
            yield f"{sentence[: found.start('v')]}{done_} 후에{found['s']}{sentence[found.end() :]}", "intended_to_done"
    for found in re.finditer(
        r"(?<=[가-힣])(하려|받으려|하고자 하)는 (?=(?:자|사람|회사|은행|기관|금융회사)[는은가이] )", sentence
    ):
        if (
            re.search(r"(?:승인|허가|인가|등록|동의|신고|신청|제출)[을를하의해여]*[^.]*야 한다$", sentence)
            and "변경하" not in found[0]
        ):
            done_ = "받은 " if "받" in found[1] else "한 "
            yield sentence[: found.start()] + done_ + sentence[found.end() :], "intended_to_done"
    for old, new in _BEFOREHAND:
        if (
            not re.search(r"전에 |전까지", sentence)
            and sentence.count(old) == 1
            and not re.search(r"[가-힣]$", sentence.split(old)[0])
        ):
            yield sentence.replace(old, new), "beforehand_to_afterwards"
    yield from _sequence(sentence)


def _last(rest: str) -> str | None:
    """The end of a rule as what was done: 정하여야 한다, 정할 수 있다 -> 정한."""
    end = verb(rest)
    if end is None or end.mood not in ("can", "must", "does") or re.search(r"(?:경우|때)(?:에는)?[ ,]", rest):
        return None
    stem = end.stem if end.mood != "does" else end.stem + "하"
    return None if stem in ("하", "준용하", "적용하", "말하") or "준용" in stem else end.before + done(stem)


def _through(head: str, rest: str) -> Changed:
    found = _THROUGH.match(rest)
    last = _last(found["r"]) if found else None
    if found and last:
        yield f"{head} {last} 다음에 {found['n']}{found['p']} {_STEPS[found['v']]}", "first_last"


def _event(head: str, rest: str) -> Changed:
    found = _EVENT.match(rest)
    last = _last(found["r"]) if found else None
    if found and last and not re.search(r"이를|그 |해당", last):
        yield f"{head} 먼저 {last} 다음에 {found['n']} {_EVENTS[found['v']]}", "event_last"


def _sequence(sentence: str) -> Changed:
    """다음 각 호의 순서 and lists of ranks: the order turned round."""
    for old, new in (
        ("에 우선하여 ", "보다 나중에 "),
        ("에게 우선하여 ", "에게 나중에 "),
        ("순서에 따라 ", "역순에 따라 "),
        ("순서에 의한다", "역순에 의한다"),
        ("순서로 ", "역순으로 "),
        ("에 우선한다", "보다 뒤에 온다"),
    ):
        if sentence.count(old) == 1 or (old.endswith("다") and sentence.endswith(old)):
            yield sentence.replace(old, new), "order_reversed"


SENTENCE_MAKERS: dict[str, Maker] = {
    "number": number,
    "unit": unit,
    "date": date,
    "comparator": comparator,
    "negation": negation,
    "modality": modality,
    "party": party,
    "reference": reference,
    "scope": scope,
    "condition": condition,
    "order": order,
}
