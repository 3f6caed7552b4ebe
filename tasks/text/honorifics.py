"""Korean without its honorifics: 제출하셔야 합니다 = 제출하여야 합니다, 지급해 드립니다 = 지급합니다, 계약자님께서는 = 계약자는.

Only forms that stand for a plain one letter by letter; who reads the result for its sense loses nothing.
"""

from __future__ import annotations

import re
from typing import Final

_FORMS: Final[tuple[tuple[str, str], ...]] = (
    # a service to the reader: 알려 드립니다, 제출해 주셔야 합니다
    (r"해\s?(?:드립|주십|줍)니다", "합니다"),
    (r"해\s?(?:드려|주셔|줘|주어)야", "해야"),
    (r"해\s?(?:드리|주)지", "하지"),
    (r"해\s?(?:드릴|주실|줄)", "할"),
    (r"해\s?드려요|해\s?줘요|해\s?주세요", "해요"),
    (r"해\s?(?:드린|준)다", "한다"),
    (r"(?<=[려어아])\s?(?:드려|주셔|줘|주어)야", "야"),
    (r"려\s?(?:줄|드릴|주실)(?=\s?수)", "릴"),
    # -시-
    (r"(?<=[하되])실", "ㄹ"),
    (r"(?<=[하되])신", "ㄴ"),
    (r"(?<=[하되])십니다", "ㅂ니다"),
    (r"하셔야", "하여야"),
    (r"되셔야", "되어야"),
    (r"(?<=[하되])셔도", "여도"),
    (r"(?<=[하되])(?:세요|셔요)", "여요"),
    (r"(?<=[하되])시(?=[지면고며는거])", ""),
    (r"(?<=[하되])셨", "였"),
    (r"(?<=[가-힣])으실", "을"),
    (r"(?<=[가-힣])으신", "은"),
    (r"(?<=[가-힣])으셔야", "아야"),
    (r"(?<=[가-힣])으십니다", "습니다"),
    (r"(?<=[가-힣])으시(?=[지면고며는])", "으"),
    (r"(?<=[가-힣])(?:님|분들|분)?께서(?:는)?(?![가-힣])", "는"),
    (r"(?<=[자인원주사])님(?=[은는이가을를의께에])", ""),
)
_PATTERN: Final = re.compile("|".join(f"(?P<f{index}>{form})" for index, (form, _) in enumerate(_FORMS)))
_OPEN: Final = "[" + "".join(chr(code) for code in range(0xAC00, 0xD7A4, 28)) + "]"  # syllables without a final consonant
_ANY: Final = re.compile(rf"({_OPEN})(?:실(?=\s?수\s?[있없])|십니다)")  # 두실 수 있다, 알리십니다
_FINALS: Final = {"ㄴ": 4, "ㄹ": 8, "ㅂ": 17}


def without_honorifics(text: str) -> str:
    """The text with its honorific forms made plain."""
    text = _ANY.sub(lambda match: chr(ord(match[1]) + 8) if match[0][1] == "실" else chr(ord(match[1]) + 17) + "니다", text)
    if not _PATTERN.search(text):
        return text
    plain = _PATTERN.sub(lambda match: _FORMS[int((match.lastgroup or "f0")[1:])][1], text)
    return re.sub(r"([하되])([ㄴㄹㅂ])", lambda match: chr(ord(match[1]) + _FINALS[match[2]]), plain)
