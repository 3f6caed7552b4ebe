"""The words of a text that say what it is about, without particles, endings and words of grammar.

There is no analyser of Korean here: endings are cut by shape (보험금을 -> 보험금, 지급하여야 -> 지급), and a word counts as known
where a text holds most of its pairs of syllables, so a cut too few or too many changes little.
"""

from __future__ import annotations

import re

HANGUL_WORD = re.compile(r"[가-힣]{2,}")
LATIN_WORD = re.compile(r"[A-Za-z][A-Za-z&\-]+")
VERB = re.compile(
    r"(?<=[가-힣]{2})(?:하|한|할|함|합|해|했|되|된|될|됨|됩|돼|됐|받|당하|당한|시키|시킨|시킬|시킵)[가-힣]{0,8}$|(?:있"
    r"|없|않|아니|같)[가-힣]*$"
)
PARTICLES = re.compile(
    r"(?<=[가-힣]{2})(?:(?:으로|로|에게|에서|까지|부터|마다|보다|처럼|만큼|에|와|과|도|만)?(?:은|는|이|가|을|를|의|에"
    r"|도|만|로|과|와|나|며|고|란|라|라고|라는|라도|나요|든지|서"
    r"|써|부터|까지)"
    r"|인가요?|입니까|입니다|이다|이며|이고|이란|이나|이라[고는면도]?|들)$"
)
# Words that ask, point or hold a sentence together; they say nothing about the matter.
EMPTY = re.compile(
    r"^(?:무엇|언제|누구|누가|어디|어떤|어떻|어느|얼마|며칠|무슨|왜|경우|때문|대하|대한|대해|관하|관한|관해|따르|따른"
    r"|따라|의하|의한|의해|위하|위한|위해|통하|통한|통해"
    r"|있|없|하여|하는|하지|하나|하면|하고|한다|합니|해야|했|되는|되어|되나|된다|됩니|될|다음|각각|또는|그리고|다만"
    r"|그러|이러|이와|이에|이를|이는|이것|그것|그 |이내|이상|이하|초과|미만|이후|이전"
    r"|까지|부터|동안"
    r"|경우에|것|사항|내용|규정|조항|항목|질문|설명|답변|말하|말합|뜻하|의미|해당|관련|포함|정하|정한|정해|여부|가능"
    r"|필요|수 |모두|모든|매|제\d|어떠|몇|가지|본문|단서|예외|상황|대상|기준|조건"
    r"|요건|방법|절차|기한|기간|이유|사유|차이|종류|주체|역할|목적)"
)
_ENGLISH = (
    "the of and to in on at by for with from that this these those which what who whom whose when where why how is are"
    " was were be been being do does did "
    "has have had shall must may will would can could should not no any all each every its it their there they as or an"
    " if than then under according "
    "section article clause paragraph part policy document text long many much following happens happen within after"
    " before between about into upon "
    "mean means meant define defined require required requires state stated states explain describe list name example"
)
ENGLISH_EMPTY = frozenset(_ENGLISH.split())


def stems(text: str) -> list[str]:
    """The content words of a text in order, each once, cut to what does not change."""
    korean = (_stem(word) for word in HANGUL_WORD.findall(text))
    english = (_singular(word.casefold()) for word in LATIN_WORD.findall(text) if len(word) > 2)
    return list(dict.fromkeys([stem for stem in korean if stem] + [word for word in english if word not in ENGLISH_EMPTY]))


GRAMMAR = re.compile(
    r"(?:이|그|저|수|것|때|등|경우|자)(?:은|는|이|가|을|를|의|에|에는|에도|으로|로|과|와|도|만)?|및|또는|그리고|다만|이에|그에"
    r"|[하되](?:여야|어야|여|어|며|고|는|지|면|게|도록|거나|나요|려는|려면|였다|었다|더라도)?|[한된]다?|[할될함됨해돼]"
    r"|[합됩]니다|해야|했다|됐다"
    r"|[있없](?:는|다|고|으면|으며|어야|어|음|습니다|나요|을)|않(?:는|은|고|으면|다|는다|습니다|아|아야|을)"
    r"|아니(?:하여야|하면|하고|하는|한|한다|하다|다|된다|합니다)?|못(?:한다|하는|합니다)?"
    r"|(?:따르|의하|대하|관하|위하|통하)(?:여|면|고|는)|(?:따|의|대|관|위|통)(?:른|라|한|해)|따라야|따릅니다|따른다"
)
ENDING = re.compile(r"(?:으로|에게|에서|까지|부터|마다|보다|이|가|은|는|을|를|의|에|도|만|로|과|와|나)+$")


def words_of(text: str) -> set[str]:
    """All words but those of grammar, in their shortest form: the stem of a verb, a noun without particles."""
    found = set()
    for word in re.findall(r"[가-힣]+|[a-z]{2,}", text.casefold()):
        if word[0] <= "z":
            found |= {_singular(word)} - ENGLISH_EMPTY
        elif not GRAMMAR.fullmatch(word):
            found.add(VERB.sub("", word) if VERB.search(word) else _without_ending(word))
    return found - {""}


def _without_ending(word: str) -> str:
    """A noun without its particles; its first syllable stays."""
    return word[0] + ENDING.sub("", word[1:])


def _stem(word: str) -> str:
    """The word without its endings; empty for a word of grammar."""
    if EMPTY.match(word):
        return ""
    stem = VERB.sub("", word)
    stem = PARTICLES.sub("", stem) if stem == word else stem
    return "" if len(stem) < 2 or EMPTY.match(stem) else stem


def _singular(word: str) -> str:
    return re.sub(r"(?<=[a-z]{3})(?:ing|ed|es|s)$", "", word) if word not in ENGLISH_EMPTY else word


def stands_in(stem: str, flat: str) -> bool:
    """Whether a text in normal form (`comparable`) holds a word, or at least half of its pairs of letters."""
    if stem in flat:
        return True
    pairs = [stem[at : at + 2] for at in range(len(stem) - 1)]
    return len(pairs) > 1 and "가" <= stem[0] <= "힣" and 2 * sum(pair in flat for pair in pairs) >= len(pairs)
