"""이상, 이하, 초과, 미만, 이내, 까지, 부터, 전, 후 and their English kin: which side of a number or of a day is meant.

Each is one of ten values: ">=" "<=" ">" "<" "within" "before" "after" "from" "until" "toward" (하려면). Some say nearly the
same (30일 이내에, 30일 안에, 30일까지); `agree` tells those from the ones that a careless reader exchanges.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tasks.text.marks import Mark, Rules, compiled, marks
from tasks.text.numbers import PLACE

_AFTER_NOUN = r"(?=(?:에는|에도|에만|에서|에|까지|부터|의)?(?:[^가-힣]|$))"
KOREAN: Final[Rules] = (
    (">", r"(?:범위|한도)(?:를|을)?\s?(?:넘|초과|벗어)[가-힣]{0,2}|(?:범위|한도)(?:와|과|에)?\s?(?:관계|상관)없이"),
    (">=", r"이상(?!\s?(?:없|유무|여부|징후|거래|현상|기후|증상|행위|반응)|하게|한\s|이\s?(?:있|없|생기|발생))"),
    ("<=", rf"이하(?!\s?(?:같|이\s?(?:조|장|절|항|법|호|관|목|영|규정|약관)|[“\"‘'「『]|본|제|각))|(?<={PLACE})(?:을"
        rf"|를)\s?한도|(?<={PLACE})의\s?(?:한도"
        rf"|범위)(?!를|와|과|에\s?(?:관계|상관))"),
    (">", r"초과(?!\s?(?:근무|근로|수당|보험))|을\s?넘[는은어었긴]|를\s?넘[는은어었긴]|을\s?웃도|를\s?웃도"),
    ("<", r"미만|에\s?못\s?미치|에\s?미달|이\s?안\s?되는"),
    ("within", rf"이내|(?<={PLACE})\s?(?:내에|안에|내로)|기간\s(?:내|안)에"),
    ("before", rf"이전{_AFTER_NOUN}|(?:(?<={PLACE})\s?|(?<=기)\s?|(?<=\s))전{_AFTER_NOUN}|(?<=기)\s?전까지"),
    ("after", rf"이후{_AFTER_NOUN}|(?:(?<={PLACE})\s?|(?<=[한된은난간친낸온])\s?|(?<=\s))(?:후|뒤){_AFTER_NOUN}"
        rf"|(?<={PLACE})이?\s?(?:지난|경과[한된하되])"),
    (">=", rf"(?:최소한?|적어도|최저)\s?(?={PLACE})"),
    ("<=", rf"(?:최대|최고|최장|많아야)\s?(?={PLACE})"),
    ("<=", r"범위\s?(?:에서|내에서|안에서|내에|로)|한도\s?(?:에서|내에서|안에서)"),
    ("toward", r"려면|려는(?:\s?(?:경우|때))?|고자\s?(?:하는|할|하여|한다면|하면|하려면|하려는)"),
    ("from", r"(?<!로)부터"),
    ("until", r"까지"),
)  # fmt: skip
ENGLISH: Final[Rules] = (
    ("after", r"\b(?:no earlier than|not earlier than|no sooner than|not sooner than|not before)\b"),
    (">=", rf"\b(?:at least|no less than|not less than|no fewer than|not fewer than|a minimum of)\b|(?<={PLACE}) or (?:more|over"
        rf"|above|older|longer)\b"),
    ("<=", rf"\b(?:at most|no more than|not more than|up to|not exceeding|does not exceed|do not exceed|not exceed|a maximum of"
        rf"|no later than|no longer than)\b|(?<={PLACE}) or (?:less|fewer|under|below|shorter)\b"),
    (">", r"\b(?:more than|exceeding|exceeds?|in excess of|over|greater than|longer than|above|later than)\b"),
    ("<", r"\b(?:less than|fewer than|under|below|shorter than)\b"),
    ("within", r"\b(?:within|inside)\b"),
    ("before", r"\b(?:before|prior to|earlier than|preceding)\b"),
    ("after", r"\b(?:after|following|once)\b"),
    ("from", r"\b(?:starting (?:from|on)|as of|since|from)\b"),
    ("until", r"\b(?:until|till|through)\b"),
)  # fmt: skip
_KOREAN, _ENGLISH = compiled(KOREAN), compiled(ENGLISH)

# What a number may lose or take on without another sense, and pairs that say nearly the same.
STRICT: Final = frozenset({">=", "<=", ">", "<"})
_ALIKE: Final = (
    {"within", "<="},
    {"within", "until"},
    {"<=", "until"},
    {"from", "after"},
    {"before", "until"},
    {">", "after"},
    {"toward", "before"},
    {"toward", "until"},
)


def comparators(text: str, english: bool = False) -> Iterator[Mark]:
    """The comparators of a text whose numbers are out, from left to right."""
    return marks(text, _ENGLISH, ENGLISH) if english else marks(text, _KOREAN, KOREAN)


def agree(one: str, other: str) -> bool:
    """Whether two comparators set the same limit."""
    return one == other or {one, other} in _ALIKE
