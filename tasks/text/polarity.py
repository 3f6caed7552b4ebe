"""Whether a sentence says yes or no, and the same sentence with the opposite answer.

Legal Korean negates at the end of the sentence (지급하지 않습니다, 할 수 없다, 아니 된다, 그러하지 아니하다), so the
predicate decides. `flipped` changes nothing else, and gives None where it cannot do that in good grammar.
"""

from __future__ import annotations

import re

NEGATION = re.compile(
    r"(?:지|치)\s*(?:는|도|를)?\s*(?:않|아니|못)|아니\s*된|아니\s*됩|안\s*된|안\s*됩|수\s*(?:는|도|가)?\s*없|없[습다는음으이]|아니합|아니하|불가|면책|제외"
)
ENGLISH_NEGATION = re.compile(r"\b(?:not|no|never|neither|nor|without|cannot|unless|except|exclud\w+)\b|n't\b", re.IGNORECASE)


def negative(sentence: str) -> bool:
    """Whether a Korean sentence denies, forbids or excludes something."""
    return bool(NEGATION.search(sentence))


def english_negative(sentence: str) -> bool:
    """Whether an English sentence denies, forbids or excludes something."""
    return bool(ENGLISH_NEGATION.search(sentence))


# Longest first: the first pattern that fits the end of the sentence is used. Polite and plain forms side by side.
FLIPS: tuple[tuple[str, str], ...] = (
    (r"그러하지\s?아니하다", "또한 같다"),
    (r"그러하지\s?(?:않습니다|아니합니다)", "또한 같습니다"),
    (r"수\s?있습니다", "수 없습니다"),
    (r"수\s?없습니다", "수 있습니다"),
    (r"수\s?있다", "수 없다"),
    (r"수\s?없다", "수 있다"),
    (r"(?:여서는|해서는)\s?(?:아니|안)\s?(?:됩니다)", "여도 됩니다"),
    (r"(?:여서는|해서는)\s?(?:아니|안)\s?(?:된다)", "여도 된다"),
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
