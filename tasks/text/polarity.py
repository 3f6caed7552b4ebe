"""The same sentence with the opposite answer.

Legal Korean negates at the end of the sentence (지급하지 않습니다, 할 수 없다, 아니 된다, 그러하지 아니하다), so the
predicate decides. `flipped` changes nothing else, and gives None where it cannot do that in good grammar.
"""

from __future__ import annotations

import re

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
