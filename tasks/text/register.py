"""In which register Korean sentences end: 합니다체, 해요체, 한다체, nouns made of verbs (…함, …음), or 반말.

The last word decides, once quotes, brackets and markup are gone: a quoted sentence keeps the register of its law. A phrase
that ends in a noun (3년, 청구서, 책임) has no register, and neither has a line of a table or a heading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from tasks.text.sentences import sentences

Register = Literal["합니다체", "해요체", "한다체", "명사형", "반말"]


class Ending(NamedTuple):
    """How a sentence ends. `listed`: it is an item of a list, where nouns may stand beside any register."""

    sentence: str
    register: Register
    listed: bool


QUOTED = re.compile(r"“[^“”]*”|‘[^‘’]*’|「[^「」]*」|『[^『』]*』|\"[^\"\n]*\"|(?<!\w)'[^'\n]*'|`[^`\n]*`")
BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
FENCED = re.compile(r"^(```|~~~).*?^\1[^\n]*$", re.MULTILINE | re.DOTALL)
NO_PROSE = re.compile(r"\s*(?:#|>|\||[-*_=]{3,}\s*$)")  # headings, quotations, tables, rules
ITEM = re.compile(r"\s*(?:[-*+•·○▶□■◦‣](?=\s)|\(?(?:\d{1,2}(?:의\d+)?|[가-하a-z])[.)](?=\s)|[①-⑳㉠-㉿]|\*\*[^*\n]+\*\*\s*:)")
MARKS = re.compile(r"[*_~`]+")
TAIL = re.compile(r"[\s.,!?~…:;。！？)\]」』”’\"']*$")
STOPPED = re.compile(r"[.!?~…。！？][)\]」』”’\"'\s]*$")

RIEUL, BIEUP = 8, 17
FORMAL = re.compile(r"(?P<mark>[가-힣])(?:니다|니까|시다|시오)(?:만|마는)?$")
INFORMAL = re.compile(r"[가-힣]요$")
PLAIN = re.compile(r"[가-힣]다$|(?:하|되|이|여|으|[았었였])라$")
PLAIN_QUESTION = re.compile(r"(?:는|은|던|[가-힣]느|한|인|된|린|른|닌|런|떤)(?:가|냐|지)$")
NOMINAL = re.compile(r"(?:[함됨임음봄킴줌씀옴둠]|[가-힣][짐침]|아님|[따다]름|[타어]남|기 바람)$")
ORDER = re.compile(r"(?P<before>[가-힣]) ?것$")  # 제출할 것
# 반말 by endings of its own; 해, 지, 야 end many nouns.
INTIMATE = re.compile(
    r"(?:[했었았였갔왔됐겠렸졌켰냈봤줬뒀섰썼]어|(?<![가-힣])있어|수 (?:있|없)어|(?:없|많|좋|싫|같|않|괜찮|받|찾"
    r"|넣|맞|늦|읽|묻)[어아]"
    r"|(?:이|거|것|니|건|게)야|[했었았였갔왔됐겠있없않같많좋받]지|[가-힣]{2,}[하되]지|거든|잖아|구나|는구먼|[는을할]걸"
    r"|[할될줄볼갈올을]게|[을할]래|[가-힣]줘|돼|[가-힣] ?봐"
    r"|[하되있없]니|[하되있없였았었]냐|[하되]자|(?:하|되|있|없|였|았|었)네|해라|하렴|더라고)$"
)
HAE = re.compile(r"(?:[가-힣]{2,}해|(?:야|안|못|잘|꼭|도|록|게) 해|(?<![가-힣])(?:해|그래))$")

# What ends like a predicate and is none.
NO_INFORMAL = re.compile(
    r"(?:필요|수요|중요|개요|주요|소요|강요|동요|민요|긴요|불요|담요|(?<![가-힣])가요|법요|노요|(?<![가-힣])(?:아니요|네요|예요|요))$"
)
NO_PLAIN = re.compile(
    r"(?:마다|캐나다|르완다|우간다|[아어]젠다|(?<![가-힣])(?:바다|소다|판다|다)|(?<=[가-힣])(?<![아여어어해돌살더 ])보다)$"
)
NO_NOMINAL = re.compile(
    r"(?:[책위선해전후담방수취퇴연중겸신역이대배불재상사임운차노보부]임|(?<![가-힣])(?:이|그)임|모임|게임|프레임|타임"
    r"|움직임|쓰임|꾸임|속임|붙임|높임|줄임"
    r"|포함|결함|명함|군함|[관물편표일거]함|[처다마믿얼소녹발화모젊복청자]음|(?<![가-힣])(?:음|짐|(?<!로 )봄|줌|옴)|지침|방침"
    r"|마침|나침|침|조짐|도움|어려움)$"
)
NO_INTIMATE = re.compile(
    r"(?:[피손상재장침방올저동공유가위자살박폐수양화오견분항융음독악모난병한풍]해|이해|페이지|돼지"
    r"|(?<![가-힣])[가-힣]?하지|하자|분야|시야|용어|영어|언어|단어)$"
)


def endings(text: str) -> Iterator[Ending]:
    """The sentences of a text that end in a register, without quotations, code, headings and tables."""
    for line in prose(text).split("\n"):
        if NO_PROSE.match(line):
            continue
        listed = ITEM.match(line)
        for sentence in sentences(MARKS.sub("", line[listed.end() :] if listed else line)):
            if register := register_of(sentence):
                yield Ending(sentence, register, bool(listed))


def prose(text: str) -> str:
    """A text without quotations, brackets and code."""
    return BRACKETED.sub("", QUOTED.sub("", FENCED.sub("", text)))


def register_of(sentence: str) -> Register | None:
    """The register that a sentence ends in; None for a phrase without one."""
    words = TAIL.sub("", sentence)[-16:]
    if not "가" <= words[-1:] <= "힣":
        return None
    if (match := FORMAL.search(words)) and _is_formal(match):
        return "합니다체"
    if INFORMAL.search(words):
        return None if NO_INFORMAL.search(words) else "해요체"
    if PLAIN.search(words) or (PLAIN_QUESTION.search(words) and "?" in sentence[-3:]):
        return None if NO_PLAIN.search(words) else "한다체"
    if (match := ORDER.search(words)) and _final(match["before"]) == RIEUL:
        return "명사형"
    if NOMINAL.search(words):
        return None if NO_NOMINAL.search(words) else "명사형"
    return "반말" if _is_intimate(words, sentence) else None


def _is_formal(match: re.Match[str]) -> bool:
    """합니다, 합니까, 합시다; 하십시오. Not 지니다, 하니까."""
    return match[0][1:3] == "시오" or _final(match["mark"]) == BIEUP


def _final(syllable: str) -> int:
    return (ord(syllable) - 0xAC00) % 28


def _is_intimate(words: str, sentence: str) -> bool:
    if NO_INTIMATE.search(words):
        return False
    return bool(INTIMATE.search(words) or (HAE.search(words) and STOPPED.search(sentence)))
