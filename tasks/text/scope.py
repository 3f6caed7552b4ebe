"""Words that say how far a rule goes: 모두 and 일부, 각각 and 공동으로, 매년 and 매월, 또는 and 및, 항상 and 원칙적으로.

Values that exclude each other are in one family ("share:all", "share:part"); only these can contradict one another. `TOLD` are
those without which the rule is another one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tasks.text.marks import Mark, Rules, compiled, marks

_ALWAYS: Final = (
    r"(?<![가-힣])(?:항상|언제나|언제든지|반드시|무조건|누구나)|(?<![가-힣])어떠?한?\s?(?:경우|사유|때)(?:에도|든지?|라도|이든지?)"
    r"|(?:조건|사유|경우|사정|이유)(?:과|와|에|을|를)?\s?(?:관계|상관|구애받지|가리지|불문하|따지지)\s?(?:없이|않고|아니하고|고)?"
    r"|(?:해당|그|이러한|그러한)?\s?(?:사유|조건|요건|경우|사정)(?:가|이|에)?\s?(?:없더라도|아니더라도|해당하지\s?않더라도|갖추지\s?않아도|없어도)"
    r"|모든\s?경우에|아무런?\s?(?:조건|제한|예외|제약)\s?(?:도\s?)?없이|(?:조건|제한|예외|제약)\s?(?:도\s?)?없이"
    r"|예외(?:는|가|도|를|\s?규정은|\s?규정이)?\s?(?:없|인정되지|인정하지|허용되지|두지)(?:습니다|[가-힣]{0,2}다|\s?[않아][가-힣]*)?"
)
_ENGLISH_ALWAYS: Final = (
    r"\b(?:always|in (?:all|every|any) cases?|under all circumstances|unconditionally"
    r"|regardless of (?:the )?(?:circumstances|reason|cause)|at any time"
    r"|without (?:any )?(?:exceptions?|conditions?|restrictions?)|whatever the (?:circumstances|reason)"
    r"|whether or not there is a reason|for any reason"
    r"|(?:there (?:is|are) )?no exceptions?(?: (?:is|are) made| appl(?:y|ies))?)\b"
)
KOREAN: Final[Rules] = (
    ("share:either", r"전부\s?또는\s?일부|일부\s?또는\s?전부|전부나\s?일부"),
    ("sure:always", _ALWAYS),
    ("share:all", r"(?<![가-힣])(?:모두|모든|전부|전액|일체|전체)(?!\s?개정)|전원(?=[이의은을에\s]|일치)"),
    ("share:part", r"(?<![가-힣])(?:일부|부분적으로|일부분)(?!\s?개정)"),
    ("share:most", r"과반수|대부분|다수결"),
    ("share:one", r"어느\s?하나|하나(?:\s?이상|만)|한\s?가지(?:\s?이상|만)"),
    ("often:year", r"매년|해마다|매\s?사업연도|매\s?회계연도|연간"),
    ("often:month", r"매월|매달|다달이"),
    ("often:week", r"매주"),
    ("often:day", r"매일|날마다"),
    ("often:quarter", r"매\s?분기|분기마다"),
    ("often:half", r"매\s?반기|반기마다"),
    ("rank:first", r"최초(?:의|로)?|맨\s?처음|처음"),
    ("rank:last", r"최종|마지막"),
    ("join:or", r"(?:또는|혹은)(?=\s)|(?<=[가-힣])이나(?=\s)|(?<=고의)나(?=\s)|(?<=\s)내지(?=\s)"),
    ("join:and", r"(?:및|그리고)(?=\s)|(?<=[가-힣])(?:와|과)(?=\s)"),
    ("together:yes", r"공동으로|공동하여|연대하여|함께|합하여|합산하여"),
    ("together:no", r"각자의\s?몫에\s?따라\s?나누어|각자의\s?몫|나누어|단독으로|각자|따로|개별적으로|각각"),
    ("sure:rule", r"원칙적으로|원칙으로"),
    ("day:next", r"의?\s?(?:다음\s?날|익일|이튿날)"),
    ("only:no", r"에\s?한(?:정)?하지\s?(?:아니하고|않고|아니하며|않으며)|뿐만?\s?아니라|에\s?국한되지\s?않고"),
    ("only:yes", r"에\s?한하여|에\s?한정하여|에\s?한(?:한다|합니다)|에\s?한정(?:한다|합니다|된다|됩니다)|오직|경우에만|때에만"),
)
ENGLISH: Final[Rules] = (
    ("share:either", r"\b(?:all or part|in whole or in part|wholly or partly)\b"),
    ("sure:always", _ENGLISH_ALWAYS),
    ("share:one", r"\b(?:any one of|either of|one of|either|any of|at least one of|only one of)\b"),
    ("share:all", r"\b(?:all|entire|whole|in full|both)\b"),
    ("share:most", r"\b(?:most of|a majority of|the majority of)\b"),
    ("share:half", r"\bhalf(?: of)?\b"),
    ("share:part", r"\b(?:some|part of|a part of|partially|partly|in part)\b"),
    ("each:every", r"\b(?:for|per|to|of)? ?(?:each|every) (?:item|person|claim|event|loss|accident|policy)\b|\bper (?:item"
        r"|person|claim|event|loss)\b"),
    ("each:total", r"\b(?:in total|altogether|in aggregate|combined)\b"),
    ("often:year", r"\b(?:annually|yearly|(?:each|every|a|per|once a) year)\b"),
    ("often:month", r"\b(?:monthly|(?:each|every|a|per|once a) month)\b"),
    ("often:week", r"\b(?:weekly|(?:each|every|a|per|once a) week)\b"),
    ("often:day", r"\b(?:daily|(?:each|every|a|per|once a) day)\b"),
    ("often:quarter", r"\b(?:quarterly|(?:each|every|a|per|once a) quarter)\b"),
    ("rank:first", r"\b(?:initial|initially)\b"),
    ("rank:last", r"\b(?:final|finally)\b"),
    ("form:any", r"\b(?:orally or in writing|in writing or orally|in any form)\b"),
    ("form:written", r"\b(?:in writing|written)\b"),
    ("form:oral", r"\b(?:orally|oral|by telephone)\b"),
    ("join:or", r"\bor\b"),
    ("join:and", r"\band\b"),
    ("together:yes", r"\b(?:jointly|together)\b"),
    ("together:no", r"\b(?:severally|separately|individually)\b"),
    ("only:yes", r"\b(?:only|solely|exclusively)\b"),
)  # fmt: skip
_KOREAN, _ENGLISH = compiled(KOREAN), compiled(ENGLISH)


def scope_words(text: str, english: bool = False) -> Iterator[Mark]:
    """The scope words of a text, from left to right."""
    return marks(text, _ENGLISH, ENGLISH) if english else marks(text, _KOREAN, KOREAN)


TOLD: Final = frozenset({"share:part", "share:either", "day:next", "only:yes", "together:yes"})


def family(value: str) -> str:
    """Values of one family exclude each other."""
    return value.partition(":")[0]
