"""The same sentence with the opposite answer.

Legal Korean negates at the end of the sentence (지급하지 않습니다, 할 수 없다, 아니 된다, 그러하지 아니하다), so the
predicate decides. `flipped` changes nothing else, and gives None where it cannot do that in good grammar. `senses` reads what
`flipped` writes: every place where a predicate is denied, allowed or demanded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tasks.text.marks import Mark, Rules, compiled, marks

# Longest first: the first pattern that fits the end of the sentence is used. Polite and plain forms side by side.
FLIPS: tuple[tuple[str, str], ...] = (
    (r"그러하지\s?아니하다", "또한 같다"),
    (r"그러하지\s?(?:않습니다|아니합니다)", "또한 같습니다"),
    (r"수\s?있습니다", "수 없습니다"),
    (r"수\s?없습니다", "수 있습니다"),
    (r"수\s?있다", "수 없다"),
    (r"수\s?없다", "수 있다"),
    (r"([가-힣])서는\s?(?:아니|안)\s?됩니다", r"\1도 됩니다"),
    (r"([가-힣])서는\s?(?:아니|안)\s?된다", r"\1도 된다"),
    (r"아니할\s?수\s?없다", "아니할 수 있다"),
    (r"하여야\s?한다", "하지 아니할 수 있다"),
    (r"하여야\s?합니다", "하지 않아도 됩니다"),
    (r"해야\s?한다", "하지 않아도 된다"),
    (r"해야\s?합니다", "하지 않아도 됩니다"),
    (r"하지\s?못한다", "할 수 있다"),
    (r"하지\s?못합니다", "할 수 있습니다"),
    (r"(것|사람|때|경우)으?로\s?봅니다", r"\1으로 보지 않습니다"),
    (r"하지\s?(?:않습니다|아니합니다)", "합니다"),
    (r"되지\s?(?:않습니다|아니합니다)", "됩니다"),
    (r"하지\s?(?:아니한다|않는다)", "한다"),
    (r"되지\s?(?:아니한다|않는다)", "된다"),
    (r"보지\s?(?:아니한다|않는다)", "본다"),
    (r"보지\s?(?:않습니다|아니합니다)", "봅니다"),
    (r"받지\s?(?:아니한다|않는다)", "받는다"),
    (r"받지\s?(?:않습니다|아니합니다)", "받습니다"),
    (r"같습니다", "같지 않습니다"),
    (r"있습니다", "있지 않습니다"),
    (r"(효력|자격|의무|책임|권한|권리)(이|가)\s?없다", r"\1\2 있다"),
    (r"(효력|자격|의무|책임|권한|권리)(이|가)\s?있다", r"\1\2 없다"),
    (r"(이|가)\s?없습니다", r"\1 있습니다"),
    (r"(이|가)\s?있습니다", r"\1 없습니다"),
)
_COMPILED = [(re.compile(rf"{pattern}(?P<end>[.。]?)$"), replacement) for pattern, replacement in FLIPS]
_POLITE = re.compile(r"([가-힣])니다([.。]?)$")
_PLAIN = re.compile(r"([가-힣])다([.。]?)$")
_UNSAFE = re.compile(r"(?:입니다|이다|아니다|아닙니다|같다|않습니다|아니한다|않는다|못한다|못합니다|없다|없습니다|있다)[.。]?$")
_MUST = re.compile(r"([가-힣])야\s?(한다|합니다)([.。]?)$")
BIEUP, NIEUN = 17, 4


def flipped(sentence: str) -> str | None:
    """The Korean sentence with its predicate denied, or with its denial lifted; None where no rule fits."""
    text = sentence.rstrip()
    for pattern, replacement in _COMPILED:
        if pattern.search(text):
            return pattern.sub(rf"{replacement}\g<end>", text)
    if match := _MUST.search(text):
        stem = _without_ah(match[1])
        end = "않아도 된다" if match[2] == "한다" else "않아도 됩니다"
        return f"{text[: match.start()]}{stem}지 {end}{match[3]}" if stem else None
    if _UNSAFE.search(text):
        return None
    if match := _POLITE.search(text):
        return _denied(text, match, BIEUP, "지 않습니다")
    if match := _PLAIN.search(text):
        return _denied(text, match, NIEUN, "지 아니한다")
    return None


def _denied(text: str, match: re.Match[str], mark: int, ending: str) -> str | None:
    """지급합니다 -> 지급하지 않습니다, 정한다 -> 정하지 아니한다, 잃습니다 -> 잃지 않습니다, 얻는다 -> 얻지 아니한다."""
    syllable, end = match[1], match[2]
    if syllable in ("습", "는"):
        return f"{text[: match.start()]}{ending}{end}"
    if (ord(syllable) - 0xAC00) % 28 != mark:
        return None
    return f"{text[: match.start()]}{chr(ord(syllable) - mark)}{ending}{end}"


def _without_ah(syllable: str) -> str:
    """The verb stem before 야 한다: 하여, 해, 되어, 돼 and plain vowel stems; empty when it is not certain."""
    return {"려": "리", "내": "내", "져": "지", "켜": "키", "줘": "주", "둬": "두", "춰": "추", "춰야": "추"}.get(syllable, "")


# English: the modal verb decides; what must be need not be, what may be may not be.
ENGLISH_FLIPS: tuple[tuple[str, str], ...] = (
    (r"\b(?:must|shall|may) not\b", "may"),
    (r"\bcan(?:not| not)\b", "can"),
    (r"\b(will|is|are|does|do) not\b", r"\1"),
    (r"\b(?:must|shall)\b", "need not"),
    (r"\b(may|will|is|are)\b(?! not)", r"\1 not"),
    (r"\bcan\b", "cannot"),
)


def english_flipped(sentence: str) -> str | None:
    """The English sentence with its first modal verb denied, or with its denial lifted; None where it has none."""
    found = [(match.start(), pattern, form) for pattern, form in ENGLISH_FLIPS if (match := re.search(pattern, sentence))]
    if not found:
        return None
    _, pattern, form = min(found, key=lambda f: f[0])
    return re.sub(pattern, form, sentence, count=1)


# ---------------------------------------------------------------- reading
_DO: Final = "[하한합해할함였했된되됩돼될됨]"
_END: Final = (
    rf"{_DO}?(?:였|었|했)?"
    r"(?:습니다|니다|는다|으며|으면|으나|은|는|던|을|음|다|고|며|여|면|어서|아서|어|아|지|나|도록|게)?(?:요(?![가-힣]))?"
)
_BE: Final = r"(?:[되된됩돼될됨]|좋|무방|괜찮)"
# The predicate stands before the mark: 지급하|지 아니한다, 해지할| 수 있다, 알려|야 한다.
KOREAN_SENSES: Final[Rules] = (
    (
        "should",
        rf"는\s?(?:것|편)이\s?(?:바람직|좋|권장|낫){_END}|도록\s?(?:노력|권장|권고|힘)|기를?\s?(?:권장|권고)|면\s?(?:바람직"
        rf"|좋){_END}",
    ),
    ("need not", rf"지\s?(?:는\s?)?(?:아니할|않을|아니|안\s?할)\s?수\s?(?:도|가|는)?\s?있{_END}"),
    ("need not", rf"지\s?(?:아니하여|아니해|않아|않더라|안\s?해)도\s?{_BE}{_END}"),
    ("need not", rf"을?\s?(?:필요|의무)(?:는|가|도)?\s?(?:없|있지\s?(?:않|아니)){_END}|을?\s?필요로?\s?하지\s?(?:않|아니){_END}"),
    ("must", rf"지\s?(?:아니할|않을)\s?수\s?(?:가|는)?\s?없{_END}"),
    ("must", rf"지\s?(?:아니하|않으)면\s?(?:아니|안)\s?{_BE}{_END}"),
    ("cannot", rf"지\s?(?:아니하여|아니해|않아|말아)야\s?{_DO}{_END}"),
    ("cannot", rf"(?:여|아|어)?서는?\s?(?:아니|안)\s?{_BE}{_END}"),
    ("cannot", rf"으?면\s?(?:아니|안)\s?{_BE}{_END}"),
    ("cannot", rf"지\s?(?:를|는)?\s?못{_END}"),
    ("cannot", rf"을?\s?수\s?(?:가|는|도)?\s?없{_END}"),
    ("must", rf"(?:여|아|어|워)?(?<!분)야만?\s?{_DO}{_END}"),
    ("can", rf"을?\s?수\s?(?:가|는|도)?\s?있{_END}"),
    ("can", rf"(?:여|아|어|(?<=해))도\s?{_BE}{_END}"),
    ("not", rf"지\s?(?:는|도|를)?\s?(?:아니|않|말){_END}"),
    ("is not", r"(?:이|가)?\s?(?<![가-힣])아[니닌닐님닙](?:다|며|고|라|면|니다|었)?"),
    ("none", rf"없{_END}|없이|있지\s?(?:는\s?)?(?:아니|않){_END}"),
    ("have", rf"있{_END}"),
)
ENGLISH_SENSES: Final[Rules] = (
    ("should", r"\b(?:should(?: ideally| preferably)?(?! not)|ought to|is encouraged to|are encouraged to|is advised to"
        r"|are advised to|is recommended to|may wish to|preferably)\b"),
    ("need not", r"\b(?:need not|needs? not to|is not required to|are not required to|do not have to|does not have to"
        r"|do not need to|does not need to|may refuse to|may decline to)\b"),
    ("cannot", r"\b(?:must not|shall not|may not|cannot|can not|can't|mustn't|should not|is prohibited from|are prohibited from"
        r"|is not allowed to|are not allowed to|is not permitted to|are not permitted to|is not entitled to"
        r"|are not entitled to|may in no case|under no circumstances may)\b"),
    ("not", r"\b(?:will not|won't|does not|do not|did not|is not|are not|was not|were not|has not|have not|doesn't|don't|isn't"
        r"|aren't|never|without|not|no)\b"),
    ("must", r"\b(?:must|shall|has to|have to|is required to|are required to|is obliged to|are obliged to|needs to)\b"),
    ("can", r"\b(?:may|can|is allowed to|are allowed to|is permitted to|are permitted to|is entitled to|are entitled to)\b"),
)  # fmt: skip
_KOREAN_SENSES, _ENGLISH_SENSES = compiled(KOREAN_SENSES), compiled(ENGLISH_SENSES)
_GROUPS: Final = {"must": "yes", "have": "yes", "": "yes", "not": "no", "cannot": "no", "none": "no", "is not": "no"}


def senses(text: str, english: bool = False) -> Iterator[Mark]:
    """Where a predicate is denied, allowed, demanded or left free; a plain predicate has no mark."""
    return marks(text, _ENGLISH_SENSES, ENGLISH_SENSES) if english else marks(text, _KOREAN_SENSES, KOREAN_SENSES)


def same_sense(one: str, other: str) -> bool:
    """Whether two senses of one predicate ("" for a plain one) come to the same, as 지급한다 and 지급하여야 한다."""
    return _GROUPS.get(one, one) == _GROUPS.get(other, other)


# Words of which one takes the place of the other when a rule is turned round.
_OPPOSITES: Final = """
    유효/무효 포함/제외 허용/금지 불가능/가능 비공개/공개 불리/유리 감소/증가 인하/인상 적법/위법 찬성/반대 더하여/빼고
    경미한/중대한 의무/권리 간접/직접 구두/서면
    최저/최고 최소/최대 하한/상한 악의/선의 승인/거절 동의/거부 비영리/영리 무상/유상 부당/정당
    부적합/적합 미달/초과 임의/강제 면제/부과
"""
_ENGLISH_OPPOSITES: Final = """
    invalid/valid excluding/including excluded/included excludes/includes prohibited/permitted decrease/increase
    directly/indirectly minimum/maximum unlawful/lawful approve/reject unfavourable/favourable entitled/obliged
"""
EARLY, ROW = "early:", "row:"  # 미리 and 사후에, 순서로 and 역순으로 tell an order
OPPOSITES: Final[Rules] = (
    (f"{EARLY}no", r"(?<![가-힣])사후에?|나중에|뒤늦게|뒤로\s?미루어|뒤로\s?미뤄|마지막에"),
    (f"{EARLY}yes", r"미리|(?<![가-힣])사전에?|먼저|우선하여|우선적으로|우선해|앞서(?=\s)"),
    (f"{ROW}no", r"역순"),
    (f"{ROW}yes", r"순서(?=로|대로|에\s?따라|에\s?의)"),
    *((f"{index}:{word}", rf"(?<![가-힣]){word}") for index, pair in enumerate(_OPPOSITES.split()) for word in pair.split("/")),
)
ENGLISH_OPPOSITES: Final[Rules] = (
    (f"{EARLY}no", r"\b(?:afterwards|subsequently|in arrears)\b"),
    (f"{EARLY}yes", r"\b(?:in advance|beforehand|first|previously)\b"),
    *((f"{index}:{word}", rf"\b{word}\b") for index, pair in enumerate(_ENGLISH_OPPOSITES.split()) for word in pair.split("/")),
)
_KOREAN_OPPOSED, _ENGLISH_OPPOSED = compiled(OPPOSITES), compiled(ENGLISH_OPPOSITES)


def opposites(text: str, english: bool = False) -> Iterator[Mark]:
    """Words that have an opposite, as "<pair>:<word>"."""
    return marks(text, _ENGLISH_OPPOSED, ENGLISH_OPPOSITES) if english else marks(text, _KOREAN_OPPOSED, OPPOSITES)
