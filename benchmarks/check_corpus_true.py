"""Ways to say the same: endings, spaces, number formats, honorifics, order, synonyms, shorter, with a source, as prose.

A maker takes a plain sentence (한다, no full stop) and yields other wordings of it, each with the name of how it was reworded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from random import Random

from benchmarks.check_corpus_source import Clause, split
from benchmarks.check_corpus_words import (
    DATE,
    FRACTION,
    NATIVE,
    RIVALS,
    SYNONYMS,
    Quantity,
    Style,
    comma,
    final_of,
    hangul,
    hangul_number,
    mixed,
    plain,
    quantities,
    replaced,
    spoken,
    topic,
    value,
    verb,
    vowel_of,
    with_final,
)

Reworded = Iterator[tuple[str, str]]
Maker = Callable[[str, Clause, Random], Reworded]

# --- how an answer sounds ----------------------------------------------------------------------------------------------------

_STYLES: tuple[tuple[Style, int], ...] = (("합니다", 74), ("한다", 14), ("해요", 7), ("함", 5))
_LIGHT = (
    (re.compile(r"하여야 "), "해야 ", 0.7),
    (re.compile(r"아니하는 "), "않는 ", 0.5),
    (re.compile(r"아니한 "), "않은 ", 0.5),
    (re.compile(r"하여서는 아니 ?된다"), "해서는 안 된다", 0.6),
    (re.compile(r"지 아니한다"), "지 않는다", 0.6),
    (re.compile(r"지 아니할 수"), "지 않을 수", 0.6),
    (re.compile(r"(제\d+조(?:의\d+)?)제(\d+항)"), r"\1 제\2", 0.5),
    (re.compile(r"ㆍ"), "·", 0.3),
)


def style(random: Random) -> Style:
    """A style as answers have it: 합니다 mostly."""
    return random.choices([s for s, _ in _STYLES], [w for _, w in _STYLES])[0]


def told(text: str, how: Style, random: Random) -> str | None:
    """Plain sentences, a full stop between them, as an answer in one style; None if an ending has no such form."""
    said = []
    for sentence in _apart(text):
        for pattern, new, share in _LIGHT:
            if random.random() < share:
                sentence = pattern.sub(new, sentence)
        form = spoken(sentence, how)
        if form is None:
            return None
        said.append(form)
    return ". ".join(said) + ("" if how == "함" and random.random() < 0.5 else ".")


def _apart(text: str) -> list[str]:
    """Sentences without their full stops; a full stop in brackets ends none."""
    return [s.rstrip(".") for s in split(text + ".")] or [text]


# --- number formats ----------------------------------------------------------------------------------------------------------


def number_format(sentence: str, clause: Clause, random: Random) -> Reworded:
    """The same value written otherwise: 1,000만원, 10,000,000원, 100분의 30, 30%, 3명, 세 명."""
    for q in quantities(sentence):
        for new, variant in _formats(q, sentence[q.end :]):
            if new != q.written:
                kept = sentence[: q.start] + new + sentence[q.end :]
                yield kept if variant == "fraction_slash" else replaced(sentence, q.start, q.end, new), variant
    for found in DATE.finditer(sentence):
        y, m, d = int(found["y"]), int(found["m"]), int(found["d"])
        for new in (f"{y}. {m}. {d}.", f"{y}-{m:02}-{d:02}", f"{y}.{m:02}.{d:02}.", f"{y}년 {m}월 {d}일"):
            if new != found[0]:
                yield replaced(sentence, found.start(), found.end(), new), "date"


def _formats(q: Quantity, after: str) -> Reworded:
    fraction = FRACTION.fullmatch(q.written)
    whole = int(q.value) if q.value.denominator == 1 else None
    if fraction:
        yield from _fractions(fraction, q.value)
    elif q.unit == "원" and whole is not None and whole >= 10_000:
        yield f"{comma(whole)}원", "amount_digits"
        yield f"{mixed(whole)}원", "amount_comma_만"
        yield f"{mixed(whole)} 원", "amount_spaced"
        yield f"{mixed(whole, thousands=True)} 원", "amount_천만"
        yield f"{hangul_number(whole)} 원", "amount_hangul"
    elif q.unit in ("퍼센트", "%"):
        number = q.written[: -len(q.unit)].strip()
        yield f"{number}{'%' if q.unit == '퍼센트' else '퍼센트'}", "percent"
        if whole is not None:
            yield f"100분의 {whole}", "percent_as_fraction"
    elif whole is not None:
        yield f"{whole} {q.unit}", "unit_spaced"
        if q.unit in ("명", "인") and 1 <= whole <= 10 and not after.startswith(("당", "씩")):
            yield f"{NATIVE[whole]} {'명' if q.unit == '명' else '사람'}", "native_numeral"
        if q.unit in ("년", "개월", "일") and 3 <= whole <= 99:
            yield f"{hangul_number(whole)} {q.unit}", "hangul_numeral"


def _fractions(fraction: re.Match[str], percent: Fraction) -> Reworded:
    whole, part = value(fraction["d"]), fraction["n"]
    if whole >= 100:
        number = float(percent)
        yield f"{number:g}%", "fraction_as_percent"
        yield f"{number:g}퍼센트", "fraction_as_percent"
        yield f"{comma(int(whole))}분의 {part}", "fraction_digits"
    else:
        yield f"{part}/{int(whole)}", "fraction_slash"
    yield f"{fraction['d']}분의{part}", "fraction_tight"


# --- honorifics --------------------------------------------------------------------------------------------------------------

PEOPLE = tuple(
    name
    for name in RIVALS
    if not name.endswith(("회사", "회", "은행", "법원", "기관", "진흥원", "등", "설정자", "처리자", "사업자", "금융업자", "검사"))
)
CUSTOMERS = (
    "계약자",
    "피보험자",
    "보험수익자",
    "이용자",
    "근로자",
    "임차인",
    "임대인",
    "정보주체",
    "신용정보주체",
    "가입자",
    "매수인",
    "매도인",
)
_GIVEN = re.compile(r"(.*[가-힣] )(지급|통지|안내|반환|보상|보장|환급|변경|송부)(?:하여 )?(?:한다|하여 드린다|드린다)$")


def honorific(sentence: str, clause: Clause, random: Random) -> Reworded:
    """께서, 하실 수 있다, 하셔야 한다, 지급해 드린다. Yields plain sentences whose end is polite already."""
    first = topic(sentence, clause.known.nouns)
    who = first[0][:-1].split(" ")[-1] if first else ""
    if first and who == "회사":
        found = _GIVEN.match(sentence)
        if found:
            yield f"{found[1]}{found[2]}해 드린다", "given"
    if not first or who not in PEOPLE:
        return
    polite = _polite_end(first[1])
    if polite:
        yield f"{first[0]} {polite}", "end"
        yield f"{first[0][:-1]}께서는 {polite}", "subject_and_end"
        if who in CUSTOMERS:
            yield f"{first[0][:-1]}님은 {polite}", "name_and_end"
    else:
        yield f"{first[0][:-1]}께서는 {first[1]}", "subject"
        if who in CUSTOMERS:
            yield f"{first[0][:-1]}님은 {first[1]}", "name"


def _polite_end(rest: str) -> str | None:
    end = verb(rest)
    if end is None or not end.stem or end.stem[-1] not in "하되받알리두":
        return None
    stem = end.stem
    high = stem + "으시" if final_of(stem[-1]) != " " else stem + "시"
    if end.mood == "can":
        return f"{end.before}{high[:-1]}실 수 있다"
    if end.mood == "cannot":
        return f"{end.before}{high[:-1]}실 수 없다"
    return f"{end.before}{high[:-1]}셔야 한다" if end.mood == "must" else None


# --- order and wording -------------------------------------------------------------------------------------------------------

_CASE = re.compile(r"^(?P<c>(?:[^()]|\([^()]*\)){6,110}?(?:경우에는|때에는)),? (?P<r>.{8,})$")
_EITHER = re.compile(
    r"(?:^|(?<= ))(?P<a>[가-힣]{2,6})(?P<m> 또는 | 및 )(?P<b>[가-힣]{2,6})(?=(?:은|는|이|가|을|를|의|에게)(?:\s|$))"
)


def clause_order(sentence: str, clause: Clause, random: Random) -> Reworded:
    """The topic before or behind its condition; two names joined by 또는 or 및 the other way round."""
    first = topic(sentence, clause.known.nouns)
    found = _CASE.match(first[1] if first else sentence)
    if first and found and not topic(found["r"], clause.known.nouns) and not re.search(r"[은는] ", found["c"]):
        yield f"{found['c']} {first[0]} {found['r']}", "topic_behind_condition"
    if not first and found and not re.match(r"이 경우|전항의 경우|제\d+항의 경우|다만|그러나", sentence):
        second = topic(found["r"], clause.known.nouns)
        if second and "경우" not in second[1] and not second[0].startswith("그 "):
            yield f"{second[0]} {found['c']} {second[1]}", "topic_before_condition"
    for match in _EITHER.finditer(sentence):
        a, b = match["a"], match["b"]
        before = re.search(r"([가-힣]+?)(?:에게는|에게|에는|은|는|이|가|을|를) $", sentence[: match.start()])
        free = not match.start() or (before and before[1] in clause.known.nouns | set(RIVALS))
        if free and {a, b} <= clause.known.nouns | set(RIVALS) and a != b:
            swapped = replaced(sentence, match.start("b"), match.end("b"), a)
            yield swapped[: match.start("a")] + b + swapped[match.end("a") :], "names_exchanged"


def paraphrase(sentence: str, clause: Clause, random: Random) -> Reworded:
    """Words replaced by such that say the same, as many as fit."""
    fitting = [(p, n) for p, n in SYNONYMS if re.search(p, sentence)]
    for count in sorted({1, 2, len(fitting)} & set(range(1, len(fitting) + 1))):
        changed = sentence
        for pattern, new in random.sample(fitting, count):
            changed = re.sub(pattern, new, changed, count=1)
        if changed != sentence:
            yield changed, f"synonyms_{min(count, 3)}"


# --- shorter, with a source, as prose ----------------------------------------------------------------------------------------

_NAMED = re.compile(r"\((?:이하|[一-龥\s,]+)[^()]*\)")
_UNDER = re.compile(r"(?<=[은는이가을를] )제\d+(?:조(?:의\d+)?(?:제\d+항)?|항)에 따라 (?=[가-힣])")
_BOUND = re.compile(r"^ ?(?:이내|이하|이상|미만|초과|전까지|전|후)(?=[에의로 ]|까지|$)")


def shortening(sentence: str, clause: Clause, random: Random) -> Reworded:
    """Without what only names or refers; the number alone."""
    bare = _NAMED.sub("", sentence)
    if bare != sentence:
        yield bare, "without_brackets"
    under = _UNDER.sub("", sentence, count=1)
    if under != sentence and len(under) > 20:
        yield under, "without_reference"
    plain_one = not re.match(r"(?:이 경우|다만|그러나)", sentence)
    others = [s for s in clause.sentences if plain(s[:-1]) != sentence]
    if others and plain_one and not any(re.match(r"(?:다만|그러나)", s) for s in clause.sentences):
        yield sentence, "one_of_several"


def short_answer(sentence: str) -> str | None:
    """The only quantity of a sentence with what bounds it, as a whole answer: 7일 전까지이다; None if there are more."""
    found = quantities(sentence)
    if len(found) != 1 or found[0].unit not in ("일", "영업일", "개월", "년", "원", "퍼센트", "%", "시간", "명"):
        return None
    bound = _BOUND.match(sentence[found[0].end :])
    if bound is None:
        return None
    word = bound[0] if bound[0].strip() != "전" and bound[0].strip() != "후" else bound[0] + "까지" * 0
    return f"{found[0].written}{word}이다" if word.strip() not in ("전", "후") else None


def source_reference(sentence: str, clause: Clause, random: Random) -> Reworded:
    """The article named, before or behind."""
    if sentence.startswith(("이 경우", "이때")):
        return
    article = clause.article
    place = clause.place
    spaced = place.replace("조제", "조 제") if "조제" in place else re.sub(r"(조의\d+)제", r"\1 제", place)
    for cited in dict.fromkeys((article, place, spaced)):
        yield f"{cited}에 따르면 {sentence}", "before"
        yield f"{cited}에서는 다음과 같이 정하고 있다. {sentence}", "sentence_before"
    yield f"{clause.document.removesuffix(' 부칙')} {spaced}에 따르면 {sentence}", "document_before"
    yield f"{sentence}|({spaced})", "behind"
    yield f"{sentence}|(근거: {article} {clause.title})", "title_behind"


_ANY = re.compile(r"다음 각 ?호의 어느 하나에 해당하는 (?=경우|자|행위|사람|사항|때)")
_OF = re.compile(r"다음 각 ?호의 (?=사항|서류|업무|요건|행위|조치|자료|정보)(?!\S+만)")


def list_to_prose(clause: Clause, random: Random) -> Reworded:
    """The items of a list told in a sentence; the evidence must hold the list."""
    items = clause.items
    head = clause.sentences[-1][:-1]
    if not 2 <= len(items) <= 6 or any(
        len(i) > 70 or re.search(r"다\.|다만|: |삭제|\.$|(?:수행|제정|보고|운영|관리|실시|변경)$", i) for i in items
    ):
        return
    if not re.search(r"다음 각 ?호", head):
        return
    named = ", ".join(items[:-1])
    if _ANY.search(head):
        yield _ANY.sub(f"{named} 또는 {items[-1]}에 해당하는 ", head, count=1), "any_of"
    if _OF.search(head):
        yield _OF.sub(f"{named} 및 {items[-1]} 등의 ", head, count=1), "all_of"
    below = re.sub(r"다음 각 ?호", "아래 각 호", head)
    numbers = ("첫째", "둘째", "셋째", "넷째", "다섯째", "여섯째")
    listed = ", ".join(f"{n} {i}" for n, i in zip(numbers, items, strict=False))
    yield f"{below}|{listed}이다", "ordinals"
    yield f"{below}|여기에는 {', '.join(items)} 등이 있다", "sentence_behind"
    yield f"각 호에 해당하는 것은 {', '.join(items)}이다", "only_items"


# --- noise -------------------------------------------------------------------------------------------------------------------


def spaced_out(text: str, random: Random) -> str:
    """Spaces as people and models set them: some left out between Korean words, some put between number and unit."""
    text = re.sub(r"(제\d+조(?:의\d+)?) ?(제\d+항)", lambda m: m[1] + random.choice(("", " ")) + m[2], text)
    text = re.sub(r"수 (있|없)", lambda m: random.choice(("수", "수 ")) + m[1], text)
    text = re.sub(r"(?<=\d)(일|개월|년|명|시간|원)(?=[ 이에])", lambda m: random.choice(("", " ")) + m[1], text)
    places = [m.start() for m in re.finditer(r"(?<=[가-힣]) (?=[가-힣])", text)]
    for place in sorted(random.sample(places, min(len(places), random.randint(2, 5))), reverse=True):
        text = text[:place] + text[place + 1 :]
    return text


_KEEP = re.compile(
    r"\d|아니|않|없|있|못|수|야|이상|이하|미만|이내|초과|까지|부터|전|후|모두|일부|각|매|다만|그러나|면|또는|및|제외|포함|제.조|한다|된다|"
    + "|".join(RIVALS)
)
_LIKE_VOWEL = {"ㅐ": "ㅔ", "ㅔ": "ㅐ", "ㅏ": "ㅑ", "ㅓ": "ㅕ", "ㅗ": "ㅜ", "ㅜ": "ㅗ"}
_LIKE_FINAL = {"ㅁ": "ㅇ", "ㅇ": "ㅁ", "ㄴ": "ㄷ", "ㄱ": "ㅋ", "ㅂ": "ㅍ"}


def ocr_noise(text: str, random: Random) -> str:
    """Look-alike syllables in words that carry no number, comparator, negation or role; lost spaces; other dots."""
    words = text.split(" ")
    free = [i for i, w in enumerate(words) if len(w) >= 2 and hangul(w[0]) and not _KEEP.search(w)]
    for i in random.sample(free, min(len(free), max(1, len(words) // 12))):
        words[i] = _misread(words[i], random)
    joined = " ".join(words).replace("ㆍ", random.choice(("ㆍ", "·", "."))).replace("「", "｢").replace("」", "｣")
    places = [m.start() for m in re.finditer(r"(?<=[가-힣]) (?=[가-힣])", joined)]
    for place in sorted(random.sample(places, min(len(places), 2)), reverse=True):
        joined = joined[:place] + joined[place + 1 :]
    return joined


def _misread(word: str, random: Random) -> str:
    places = [i for i, c in enumerate(word[:-1] or word) if hangul(c)]
    i = random.choice(places)
    char = word[i]
    final, vowel = final_of(char), vowel_of(char)
    if final in _LIKE_FINAL:
        other = with_final(char, _LIKE_FINAL[final])
    elif vowel in _LIKE_VOWEL:
        vowels = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
        other = chr(ord(char) + (vowels.index(_LIKE_VOWEL[vowel]) - vowels.index(vowel)) * 28)
    else:
        other = with_final(char, "ㄴ") if final == " " else char
    return word[:i] + other + word[i + 1 :]


SENTENCE_MAKERS: dict[str, Maker] = {
    "number_format": number_format,
    "honorific": honorific,
    "clause_order": clause_order,
    "paraphrase": paraphrase,
    "shortening": shortening,
    "source_reference": source_reference,
}
