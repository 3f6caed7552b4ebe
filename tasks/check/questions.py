"""Is the question one that a person could ask who does not have the clause before them, and that the clause answers?

A question must name what it is about (이 조항 points nowhere in a dataset), be in the row's language, not be the prompt's
example, not hold its own answer, and ask for nothing that the clause does not know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from tasks.check.findings import Finding, Findings
from tasks.check.seen import Check, Seen
from tasks.text.normal import comparable
from tasks.text.numbers import Number, number_parts, numbers_in_order
from tasks.text.scripts import language_of
from tasks.text.stems import stands_in, stems, words_of

# ---------------------------------------------------------------- points nowhere
# What an expression may point back to, if it stands before it: a named document, a clause, a quoted title.
ANCHOR = re.compile(
    r"[「『“\"'‘][^「」『』“”\"'‘’]{2,}[」』”\"'’]|제\s?\d+\s?(?:조|관|장|절|편)|[가-힣]{2,}(?:약관|특약|법률|시행령"
    r"|시행규칙|규정|내규|지침|세칙|규칙|편람|해설"
    r"|[가-힣]법)(?=[\s,의에은는을의]|$)"
    r"|\b(?:section|article|clause|part|chapter|schedule|annex|appendix)\s+[\dA-Z]|\b(?:[A-Z][\w'-]+ ){1,6}(?:Policy|Act"
    r"|Agreement|Terms|Rules|Manual|Regulations?|Code|Guide)\b",
)
THING = (
    r"(?:조항|조문|조|항|호|약관|법률|법령|법|규정|규칙|지침|내규|문서|문단|문장|본문|글|표|그림|도표|내용|사항|자료|계약"
    r"|특약|정책|보험|상품|제도|절|장|단락|목록|사례|예시|설명|정의|기준|요건|조치|절차|경우|때|서류|기간|금액|조건|행위|기관"
    r"|회사|업무|정보|사람)"
)
POINTER = re.compile(
    rf"(?<![가-힣])(?P<near>(?:이|그|동|위와 같은|이와 같은|이러한|그러한|이런|그런)(?=\s)|본|해당|상기|당해)\s?{THING}"
    r"(?=[은는이가을를의에서와과도,\s으로만]|$)"
    r"|(?<![가-힣])(?P<pronoun>이것|그것|이는|그는|이를|그를|이들|그들|이에|그에|여기서?|거기서?)(?=[은는이가을를의도,\s]|$)"
    r"|(?<![가-힣\d])(?P<relative>(?:전|같은|동) ?(?:항|조|호|법)|전\d?항)(?=[은는이가을를의에서와과도,\s]|$)"
)
# Nothing in a question can be above, below or given: hard whatever it names, but for texts that bring their own.
PLACED = re.compile(
    r"(?<![가-힣])(?:위|아래|다음|앞|상기|하기|앞서|전술한|위에서|아래에서|앞에서)의?\s?(?:표|그림|도표|조항|조문|규정"
    r"|내용|글|문장|문단|본문|지문|사례|예시|약관|사항|설명|자료|설명한"
    r"|언급한|언급된|말한|나온|제시된|기술된)"
    r"(?=[은는이가을를의에서와과도,\s으로]|$|된|한)|(?:주어진|제시된|제공된) ?(?:글|문서|본문|텍스트|자료|내용|표|조항|지문)"
    r"|(?<![가-힣])(?<![조항호칙목] )(?:본문|지문|제시문)(?:에|의|에서)\s"
)
CHOOSE = re.compile(
    r"다음\s?(?:중|보기|가운데|에서|의? ?보기)|보기\s?(?:중|에서|가운데)|(?:옳은|옳지 않은|맞는|틀린|알맞은|올바른"
    r"|적절한|적절하지 않은) 것(?:은|을 (?:고르|모두))|고르시오"
)
LISTED = re.compile(r"다음\s?(?:각\s?(?:호|목|항)|[가-힣]+)의")
BARE_PARAGRAPH = re.compile(r"(?<![조\d가-힣])\s?제\s?\d+\s?[항호](?!\s?의원)")
OWN_LIST = re.compile(r"[①-⑳]|^\s*(?:[-*•]|\(?\d[.)]|[가나다라][.)]|\|)\s", re.MULTILINE)
ENGLISH_PLACED = re.compile(
    r"\b(?:the|this|that|these|those) (?:above|below|following|aforementioned|preceding|foregoing)\b|\b(?:table|list"
    r"|text|clause|section|passage|paragraph|example|document|figure)s? (?:above|below)\b"
    r"|\b(?:mentioned|described|stated|shown|listed|given|set out) (?:above|below|earlier)\b|\b(?:the|this) (?:given "
    r"|provided )?(?:passage|excerpt|text|context|extract|paragraph|provided \w+|given \w+)\b|\bthe (?:above|below)\b",
    re.IGNORECASE,
)
ENGLISH_POINTER = re.compile(
    r"\b(?:this|that|these|those|such|said) (?:clause|section|article|policy|document|provision|agreement|act|rule|law"
    r"|table|case|part|contract|manual|guide|term|requirement|obligation|amount|period|person|company)s?\b"
    r"|\bthe (?:clause|section|article|document|provision|table)\b(?! \d| of| on| that| which| about)"
    r"|\baccording to (?:it|them|this)\b",
    re.IGNORECASE,
)
ENGLISH_CHOOSE = re.compile(
    r"\bwhich of the following\b|\bof these (?:options|statements)\b|\bchoose the\b|\bselect the\b", re.IGNORECASE
)
ENGLISH_PRONOUN = re.compile(
    r"^(?:what|when|how|who|why|where|which|can|does|do|is|are|must|may|will|should)\b[^,]{0,25}?\b(?:it|they|them|he"
    r"|she|its|their)\b",
    re.IGNORECASE,
)


def points_nowhere(seen: Seen) -> Findings:
    """Whoever reads the question alone can tell what it speaks about."""
    for words, hard in _pointers(seen) if seen.language == "ko" else _english_pointers(seen):
        yield Finding("question_points_nowhere", f"what is meant by: {words.strip()}", hard)
        return


def _pointers(seen: Seen) -> Iterator[tuple[str, bool]]:
    question = _without_quotes(seen.question)
    anchor = ANCHOR.search(seen.question)
    own = OWN_LIST.search(seen.question) is not None
    if not own and (match := PLACED.search(question)):
        yield match[0], True
    if not (own or seen.options) and (match := CHOOSE.search(question)):
        yield match[0], True
    for match in POINTER.finditer(question):
        if anchor and anchor.end() <= match.start() + 1:
            continue
        if match["near"] and _said_before(question, match):
            continue
        if match["pronoun"] and match.start() > MIN_ANTECEDENT:
            continue
        yield match[0], bool(match["near"]) and not anchor
    if not own and (match := LISTED.search(question)):
        yield match[0], False
    if not anchor and not re.search(r"조", question) and (match := BARE_PARAGRAPH.search(question)):
        yield match[0], False


MIN_ANTECEDENT: Final = 12  # characters before a pronoun in which what it means may stand


def _said_before(question: str, match: re.Match[str]) -> bool:
    """이 경우 after a condition, 해당 서류 after 서류: the question itself says what is meant."""
    before, thing = question[: match.start()], match[0].split()[-1] if " " in match[0] else match[0][len(match["near"]) :]
    if thing in ("경우", "때"):
        return len(before.strip()) >= MIN_ANTECEDENT
    return thing in before or (match["near"] not in ("본", "상기") and len(before.strip()) >= 2 * MIN_ANTECEDENT)


def _english_pointers(seen: Seen) -> Iterator[tuple[str, bool]]:
    question = _without_quotes(seen.question)
    anchor, own = ANCHOR.search(seen.question), OWN_LIST.search(seen.question)
    if not own and (match := ENGLISH_PLACED.search(question)):
        yield match[0], True
    if not (own or seen.options) and (match := ENGLISH_CHOOSE.search(question)):
        yield match[0], True
    if (match := ENGLISH_POINTER.search(question)) and not (anchor and anchor.start() < match.start()):
        yield match[0], not anchor
    if not anchor and (match := ENGLISH_PRONOUN.search(question)):
        yield match[0], False


QUOTES = re.compile(r"「[^「」]*」|『[^『』]*』|“[^“”]*”|\"[^\"\n]*\"|‘[^‘’]*’|(?<!\w)'[^'\n]*'(?!\w)")


def _without_quotes(text: str) -> str:
    """Titles and quoted words may say 이 법 as they like; as many letters are left in their place."""
    return QUOTES.sub(lambda match: match[0][0] + "□" * (len(match[0]) - 2) + match[0][-1], text)


# ---------------------------------------------------------------- a question, in its language
ASKS = re.compile(
    r"[?？]|(?:까|나요|가요|은가|는가|인가|한가|할까|냐|지요|죠|시오|세요|주십시오|십시오"
    r"|바랍니다|해 ?줘|해라|하라|쓰라|보라|알려 ?줘|무엇|얼마|언제|누구"
    r"|며칠|몇 [가-힣]+)\s*[.…]?\s*$"
)
ENGLISH_ASKS = re.compile(
    r"^(?:please\s+)?(?:what|when|who|whom|whose|where|why|how|which|explain|describe|list|name"
    r"|state|summari[sz]e|define|compare|give|tell|identify|outline|calculate|show)\b",
    re.IGNORECASE,
)


def asks(seen: Seen) -> Findings:
    """The question is one, or a request."""
    last = seen.question.strip()
    if not (ASKS.search(last) or ENGLISH_ASKS.search(last)):
        yield Finding("question_not_answerable", f"asks for nothing: {last[-60:]}", hard=True)


def language(seen: Seen) -> Findings:
    """The question is in the row's language; names of documents do not count."""
    found = language_of(_without_quotes(seen.question).replace("□", "")) or language_of(seen.question)
    if found and found != seen.language:
        yield Finding("question_language", f"{found} in a row of {seen.language}: {seen.question[:80]}", hard=True)


# ---------------------------------------------------------------- the demonstration
SHINGLE: Final = 6  # characters in normal form
LEAST_SHINGLES: Final = 15  # a shorter question is anybody's
COPIED, ALIKE = 0.7, 0.6  # shares of a text's shingles that only the demonstration has
TITLE = re.compile(r"「([^「」]{3,})」|\"([A-Z][^\"\n]{3,60})\"|(?:문서|Document): ([^\n]+)")


def copies_demonstration(seen: Seen) -> Findings:
    """Neither the question nor the answer is the prompt's example."""
    if not seen.demonstration:
        return
    example, titles = _example(seen.demonstration)
    if named := next((title for title in titles if title in seen.question and title not in seen.known), None):
        yield Finding("question_copies_demonstration", f"names the document of the example: {named}", hard=True)
        return
    for text in (seen.question, seen.answer):
        if (share := _copied(text, example, seen.known)) >= ALIKE:
            yield Finding(
                "question_copies_demonstration", f"{share:.0%} of it stands in the example: {text[:60]}", share >= COPIED
            )
            return


def _copied(text: str, example: frozenset[str], known: str) -> float:
    """The share of a text's shingles that the demonstration has and the source has not."""
    said = _shingles(text)
    copied = said & example
    if len(said) < LEAST_SHINGLES or len(copied) < ALIKE * len(said):
        return 0.0
    return len(copied - _shingles(known)) / len(said)


@lru_cache(maxsize=64)
def _example(demonstration: str) -> tuple[frozenset[str], tuple[str, ...]]:
    titles = ("".join(match.groups("")) for match in TITLE.finditer(demonstration))
    return _shingles(demonstration), tuple(dict.fromkeys(title.strip() for title in titles))


def _shingles(text: str) -> frozenset[str]:
    flat = comparable(text)
    return frozenset(flat[at : at + SHINGLE] for at in range(len(flat) - SHINGLE + 1))


# ---------------------------------------------------------------- the answer in the question
WH = re.compile(
    r"무엇|무슨|언제|누구|누가|어디|어떤|어떻|어느|얼마|며칠|몇|왜|무얼|뭐|\b(?:what|when|who|whom|whose|where|why|how"
    r"|which)\b",
    re.IGNORECASE,
)
COUNTS = re.compile(
    r"얼마|며칠|몇|언제|\b(?:how (?:many|much|long|often|old)|when|what (?:percentage|amount|rate|age))\b", re.IGNORECASE
)
CITES = re.compile(
    r"제\s?\d+\s?(?:조|항|호|목|관|장|절|편)(?:의\s?\d+)?|\b(?:section|article|clause|paragraph)s? [\d.]+|[①-⑳]", re.IGNORECASE
)
NAMED = re.compile(r"「[^「」]*」|\([^()]*\)")  # the document and the title of the clause, which tell nothing of the answer
LEAST_WORDS: Final = 2  # of an answer that are needed to judge


def leaks_answer(seen: Seen) -> Findings:
    """What is asked for does not stand in the question. Yes or no may be, and conditions are restated."""
    if not WH.search(seen.question):
        return
    question, answer = _bare(seen.question), _bare(seen.answer)
    said = words_of(answer)
    if len(said) < LEAST_WORDS or not said <= _beginnings(question):
        return
    numbers = set(numbers_in_order(answer))
    if numbers <= set(_numbers(question)):
        counted = bool(numbers) and COUNTS.search(question) is not None
        yield Finding("question_leaks_answer", f"the question holds all that the answer says: {seen.answer[:80]}", hard=counted)


@lru_cache(maxsize=256)
def _bare(text: str) -> str:
    """A text without what it cites."""
    return NAMED.sub(" ", CITES.sub(" ", text))


@lru_cache(maxsize=256)
def _numbers(text: str) -> tuple[Number, ...]:
    return numbers_in_order(text)


def _beginnings(text: str) -> set[str]:
    """Every beginning of every word."""
    words = re.findall(r"[가-힣]+|[a-z]+", text.casefold())
    return {word[:length] for word in words for length in range(1, len(word) + 1)}


# ---------------------------------------------------------------- the clause knows what is asked
NEW_SHARE: Final = 0.5  # of the content words
NEW_WORDS: Final = 3
NAME = re.compile(r"「([^「」]+)」|『([^『』]+)』")
KIND = re.compile(r"[가-힣]{2,}(?:보험법|법률|시행령|위원회|공사|공단|협회|은행|특약|특별약관|조합)$")


def answerable(seen: Seen) -> Findings:
    """The numbers, the names and most content words of the question are known to the clause, its headings or its title."""
    if not seen.clause:
        return
    flat, question = _flat(seen.known), seen.question
    if strange := next((name for match in NAME.finditer(question) if comparable(name := match[1] or match[2]) not in flat), None):
        yield Finding("question_not_answerable", f"the clause knows no {strange}", hard=False)
    elif not _numbers_known(_bare(question), seen.known):
        yield Finding("question_not_answerable", f"a number that the clause does not have: {question[:80]}", hard=False)
    elif strange := next(_strange_words(question, flat), None):
        yield Finding("question_not_answerable", strange, hard=False)


def _numbers_known(question: str, known: str) -> bool:
    asked = _numbers(question)
    if not asked:
        return True
    parts, values = _parts(known)
    return all(number in parts or (not number[1] and number[0] in values) for number in asked)


@lru_cache(maxsize=512)
def _parts(text: str) -> tuple[frozenset[Number], frozenset[str]]:
    """The numbers of a source and their parts, read once for all its questions."""
    parts = frozenset(part for number in numbers_in_order(text) for part in number_parts(number))
    return parts, frozenset(value for value, _ in parts)


def _strange_words(question: str, flat: str) -> Iterator[str]:
    words = stems(_bare(question))
    new = [word for word in words if not stands_in(word, flat)]
    if name := next((word for word in new if KIND.fullmatch(word)), None):
        yield f"the clause knows no {name}"
    if len(new) >= NEW_WORDS and len(new) >= NEW_SHARE * len(words):
        yield f"words that the clause does not have: {', '.join(new[:5])}"


@lru_cache(maxsize=1024)
def _flat(text: str) -> str:
    return comparable(text)


CHECKS: Final[tuple[Check, ...]] = (asks, points_nowhere, language, copies_demonstration, leaks_answer, answerable)
