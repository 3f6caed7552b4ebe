"""Questions in Korean from the sentences of a clause, by rules that keep the sentence's own words.

A question is made in one of two ways that stay grammatical whatever the sentence says: a number gives way to 며칠, 얼마,
몇 …, or the end of the sentence after its topic and its condition gives way to a question about it (무엇을 하여야 하나요?,
어떻게 되나요?). A sentence that fits no rule gets no question.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from tasks.llm.korean_syntax import COORDINATE, POINTS_BACK, Parse, ask_form, find_topic, parse, segments, without_brackets
from tasks.llm.rows import Fact
from tasks.llm.unfold import Source, Unit
from tasks.text.particles import attach, particle

LONGEST_CORE = 120  # characters of a question without its citation

# ---------------------------------------------------------------- sentences
FOLLOWER = re.compile(
    r"(?:다만|단,|이 경우|이 ?때|그러나|그 밖에|그 |이는 |이를 |이러한 |해당 |위 |이에 |그리고|또한|따라서"
    r"|제\d+항\s?(?:본문|단서)"
    r"|이 (?!법|영|규칙|규정|내규|약관|특별약관|보통약관|특약|조|항|장|절|고시|지침|기준|해설|안내"
    r"|보험|계약|회사|은행|상품|요령|세칙|업무))"
)
EXCEPTION = re.compile(r"(?:다만|단|그러나)[, ]")


def is_statement(sentence: str) -> bool:
    """Whether a sentence says something by itself: it ends in a predicate."""
    return bool(re.search(r"(?:다|함|음|됨|임)\.?$", sentence)) and ask_form(sentence) is not None


def follows(sentence: str) -> bool:
    """Whether a sentence needs the one before it: an exception, an addition, a word that points back."""
    return bool(FOLLOWER.match(sentence))


def is_exception(sentence: str) -> bool:
    """Whether a sentence takes something back (다만)."""
    return bool(EXCEPTION.match(sentence))


# ---------------------------------------------------------------- numbers
UNITS = ("영업일", "개월", "시간", "퍼센트", "등급", "년", "주", "세", "회", "명", "배", "급", "분", "%", "개", "건", "촌")
WH: dict[str, str] = {unit: f"몇 {unit}" for unit in UNITS} | {"일": "며칠", "인": "몇 명"}
MONEY = r"(?:[천백십]?[만억조]\s?)*[천백십]?\s?원"
NUMBER = re.compile(
    rf"(?<![\d.,제가-힣])(?<!제 )(?<!매월 )(?<!매년 )(?<!월 )(?<!시 )"
    rf"(?:(?P<fraction>\d+분의 ?\d+)|(?P<value>\d[\d,]*(?:\.\d+)?)\s?(?:(?P<money>{MONEY})|(?P<unit>{'|'.join(WH)})))"
    r"(?! ?\d|당|차|호|[~∼]| ?분의|사고)(?P<particle>으로|로|은|는|이|가|을|를|과|와)?(?![가-힣]*(?:법|령|조))(?P<after>.{0,6})"
)
BOUND = re.compile(r" ?(?:이내|이상|이하|미만|초과|범위|한도|까지|전까지|안에)")


def number_questions(sentence: str) -> Iterator[str]:
    """The sentence as questions, each with another of its numbers asked for; without the question mark."""
    return (question for question, _ in _asked_numbers(sentence))


def numbers_asked(sentence: str) -> Iterator[tuple[str, str]]:
    """Questions that ask for a number of a sentence, and the number with its unit."""
    return _asked_numbers(without_brackets(sentence))


def _asked_numbers(sentence: str) -> Iterator[tuple[str, str]]:
    found = [(asked, match) for asked in segments(sentence) for match in NUMBER.finditer(asked) if _telling(asked, match)]
    # The last number is mostly what the sentence orders; a lone 1 (1일에, 1주간) is mostly a measure of something else.
    found.reverse()
    for asked, match in sorted(found, key=lambda f: f[1]["value"] == "1" and not BOUND.match(f[1]["after"])):
        word = "몇 분의 몇" if match["fraction"] else "얼마" if match["money"] else WH[match["unit"]]
        form = match["particle"] or ""
        end = max(match.end(name) for name in ("fraction", "money", "unit"))
        question = asked[: match.start()] + (attach(word, form) if form else word) + asked[match.start("after") :]
        yield question, asked[match.start() : end]


def _telling(asked: str, match: re.Match[str]) -> bool:
    """Whether a number can be asked for: it stands there once, and is no year and no part of a name."""
    written = match["fraction"] or match["value"] + (match["money"] or match["unit"])
    return asked.count(written) == 1 and not _is_year(match) and not _beside_bracket(asked, match)


def _is_year(match: re.Match[str]) -> bool:
    return match["unit"] == "년" and int(match["value"].replace(",", "").split(".")[0]) >= 1900


def _beside_bracket(text: str, match: re.Match[str]) -> bool:
    """A number in [별표 6] or 「… 제3조」 is part of a name."""
    before = text[: match.start()]
    return any(before.count(a) > before.count(b) for a, b in ("[]", "「」", "“”"))


# ---------------------------------------------------------------- the end of the question
OBJECT = re.compile(r"(?:^|.*\s)(?P<noun>[^\s,()「」]+?)(?P<particle>을|를)\s(?P<rest>[^,]+)$")
PREDICATE = re.compile(
    r"(?P<pre>(?:\S+(?:에게|에|로|에서|까지|부터|께|게|히|없이|다시|함께|미리|모두|각각|즉시) )*)"
    r"(?P<verb>[^\s에]+(?: 수 (?:있|없)\S+| (?:한다|합니다)| (?:아니|안) \S+| (?:않|못|아니|드리|드립|줍|된|됩)\S+)?)"
)
VERBLESS = re.compile(r"말하|말한|말합|위하|통하|대하|따르|따라|미치|미친|미칩")
PLAIN_NOUNS = re.compile(
    r"조치|책임|의무|권리|사항|방법|절차|업무|서류|비용|금액|내용|자료|사유|정보|조건|행위|규정|요건|계획|역할|제도|시책|대책|교육|손해|보험금"
)
PERSONS = re.compile(r"(?:자|사람|위원|위원장|대표자|근로자|회원|직원|책임자|관리자|담당자)$")
FIXED = re.compile(r"(?:이|그|이것|그것|수|바|영향|필요|데|점|중|때|한도|기준|대상|원인|목적|조건)$")


def tail(parse: Parse) -> tuple[str, bool] | None:
    """What is asked after topic and condition, and whether it tells what the sentence is about; None where no rule fits."""
    main = parse.main.rstrip(" .")
    if find_topic(main)[1] or ENOUGH.fullmatch(main):
        return None
    if not COORDINATE.search(main):
        asked = _object(main)
        if asked and DEALT_WITH.search(main):
            return asked, True
        for pattern, question, telling in TAILS:
            if match := re.search(pattern, main):
                return match.expand(question), telling
        if parse.topic and not parse.agent:
            return _manner(main, parse.condition)
        if asked:
            return asked, True
    for pattern, question in MODALS:
        if re.search(pattern, main) and parse.agent:
            return question, bool(parse.condition)
    if not parse.condition:
        return None
    return "어떻게 하나요" if parse.agent else "어떻게 되나요", True


# 읽으면 됩니다, 알리면 안 됩니다: what stands before it is no condition.
ENOUGH = re.compile(r"(?:안 |아니 )?(?:된다|됩니다)")
# An object that is asked for whoever or whatever the topic is.
DEALT_WITH = re.compile(r"[을를] (?:\S+으?로 (?:본다|봅니다|한다|합니다)|(?:포함|제외|준용|적용|따른|따릅)\S*)$")


def _manner(main: str, condition: str) -> tuple[str, bool] | None:
    """A thing is the topic, so it is asked how it is dealt with: 임금은 … 지급하여야 한다 -> 어떻게 지급하여야 하나요."""
    match = re.search(
        r"(?:^| )(?P<verb>[^\s을를]+(?: 수 (?:있|없)\S+| (?:한다|합니다)| (?:아니|안) \S+| (?:않|못|아니|드리|드립)\S+)?)$", main
    )
    asked = ask_form(match["verb"]) if match else None
    if match is None or asked is None or NO_MANNER.search(match["verb"]):
        return None
    if re.search(r"(?:된다|됩니다)$", match["verb"]):
        return ("어떻게 되나요", True) if condition else None
    return f"어떻게 {asked}", True


# What happens by itself, or not at all, has no manner.
NO_MANNER = re.compile(
    r"^(?:같|있|없|다르|하|말|아니|이|생기|생긴|생깁|발생|소멸|성립|종료|만료|미치|미친|미칩|잃|가지|가진|가집|지닌|끝나|것)"
    r"|\d|(?:입니다|이다)$|지 (?:않|못|아니)|없|못|안 |아니 "
)


# The end of a sentence, the question for it, and whether the answer is worth asking for.
TAILS: tuple[tuple[str, str, bool], ...] = (
    (r"(?:대통령령|총리령|부령|규칙)으로 정한다$", "무엇으로 정하나요", False),
    (r"것을 목적으로 (?:한다|합니다)$", "무엇을 목적으로 하나요", True),
    (r"위한 것(?:이다|입니다)$", "무엇을 위한 것인가요", True),
    (r"것으로 (?:본다|봅니다)$", "어떻게 보나요", True),
    (r"으?로 (?:본다|봅니다)$", "무엇으로 보나요", True),
    (r"으?로 보지 (?:아니한다|아니합니다|않는다|않습니다)$", "무엇으로 보지 않나요", True),
    (r"것으로 (?:한다|합니다)$", "어떻게 하나요", True),
    (r"(법원|사람|자|날|기관|금액|기간|방법)(으?로) (?:한다|합니다)$", r"어떤 \1\2 하나요", True),
    (r"으?로 (?:한다|합니다)$", "무엇으로 하나요", True),
    (r"으?로 (?:정한다|정합니다)$", "무엇으로 정하나요", True),
    (r"에 (?:이를 )?(?:준용한다|준용합니다)$", "무엇에 준용하나요", True),
    (r"에 (?:따른다|따릅니다|의한다)$", "무엇에 따르나요", True),
    (r"에 (?:대하여 |대해서도 )?(?:적용한다|적용합니다)$", "어디에 적용하나요", True),
    (r"에 (?:대하여도? |대해서도 )?적용(?:하지 아니한다|하지 않습니다|하지 않는다)$", "어디에 적용하지 않나요", True),
)
MODALS: tuple[tuple[str, str], ...] = (
    (r"수 (?:있다|있습니다)$", "무엇을 할 수 있나요"),
    (r"수 (?:없다|없습니다)$", "무엇을 할 수 없나요"),
    (r"못(?:한다|합니다)$", "무엇을 하지 못하나요"),
    (r"(?:아니|안) (?:된다|됩니다)$", "무엇을 하여서는 안 되나요"),
    (r"야 (?:한다|합니다)$", "무엇을 하여야 하나요"),
)


def _object(main: str) -> str | None:
    """무엇을 in the place of the last object: 서류를 제출하여야 합니다 -> 무엇을 제출하여야 하나요."""
    match = OBJECT.search(main)
    if not match or FIXED.search(match["noun"]) or not (rest := PREDICATE.fullmatch(match["rest"])):
        return None
    asked = ask_form(match["rest"])
    if asked is None or VERBLESS.match(rest["verb"]):
        return None
    noun, joined = match["noun"], re.search(r"(?:와|과|및|또는|이나|[,ㆍ])(?: \S+)? ?$", main[: match.start("noun")])
    if PLAIN_NOUNS.fullmatch(noun) and not joined:
        return f"어떤 {attach(noun, '를')} {asked}"
    return f"{'누구를' if PERSONS.search(noun) else '무엇을'} {asked}"


# ---------------------------------------------------------------- questions of a sentence
def specific(sentence: str) -> Iterator[str]:
    """Questions about a detail, best first: a number, the condition, when or to whom."""
    plain = without_brackets(sentence)
    parsed = parse(plain)
    if parsed.condition and len(parsed.condition) > 8 and parsed.kept.rstrip(",").endswith(CONDITION_ENDS):
        yield from filter(_short, [*number_questions(plain), _when(parsed), *_details(plain)])
    else:
        yield from filter(_short, [*number_questions(plain), *_details(plain)])


def general(sentence: str) -> tuple[str, bool] | None:
    """A question about what the sentence says as a whole, topic and condition given, and whether it is a telling one."""
    parsed = parse(without_brackets(sentence))
    end = tail(parsed)
    core = f"{parsed.kept.rstrip(' ,')} {end[0]}" if end else ""
    return (core, end[1]) if end and parsed.kept and _short(core) else None


CONDITION_ENDS = ("때", "때에", "때에는", "경우", "경우에", "경우에는", "면")
# One word of a sentence gives way to a question word; the rest stays.
REPORTED = r"(?=(?:신고|보고|통지|통보|제출|신청|등록|위탁|위임|알려)\S*(?: \S+){0,2}$)"
DETAILS: tuple[tuple[str, str], ...] = (
    (r"(?<![가-힣])지체 없이", "언제까지"),
    (rf"(?<=\s)[^\s,ㆍ()「」]+에게 {REPORTED}", "누구에게 "),
    (rf"(?<=\s)[^\s,ㆍ()「」]+(?:위원회|장관|원장|법원|회사|기관|센터|청장)에 {REPORTED}", "어디에 "),
    (r"(?<![가-힣])서면으로", "어떤 방법으로"),
)


def _details(plain: str) -> Iterator[str]:
    asked = ask_form(plain)
    for pattern, word in DETAILS if asked else ():
        if len(re.findall(pattern, asked or "")) == 1 and not COORDINATE.search(plain):
            yield re.sub(pattern, word, asked or "")


def _short(core: str | None) -> bool:
    return core is not None and len(core) <= LONGEST_CORE


def _when(parsed: Parse) -> str | None:
    """어떤 경우에 in the place of the condition."""
    asked = ask_form(parsed.main)
    if asked is None or POINTS_BACK.search(parsed.main) or len(parsed.main.split()) < 2:
        return None
    when = "언제" if re.search(r"때에?$", parsed.condition) else "어떤 경우에"
    topic = parsed.topic if parsed.kept.startswith(parsed.topic) else ""
    return f"{topic} {when} {asked}".strip()


# ---------------------------------------------------------------- lists and definitions
LISTED = "사항|서류|행위|업무|사람|자|기준|요건|방법|기관|물건|경우|사유|조치|내용|비용|정보|손해|항목|표|산식"
COUNTS_UP = re.compile(rf"(?:다음|아래)(?: ?(?:의 )?각 ?[호목]| ?[와과] 같|의 (?!날)|(?= (?:{LISTED})))")
LIST_IS = re.compile(r"(?:다음|아래)(?: 각 ?호| 각 ?목)?[와과] 같(?:다|습니다)\.?$")
LIST_PHRASES: tuple[tuple[str, str], ...] = (
    (r"(?:다음|아래)(?:의)? 각 ?[호목]의 어느 하나에 해당하는 때", "어떤 경우"),
    (r"(?:다음|아래) 각 ?[호목] ?(?:중|가운데) ?어느 하나에 해당하는", "어떤"),
    (r"(?:다음|아래)(?:의)? 각 ?[호목]의 어느 하나에 해당하는", "어떤"),
    (r"(?:다음|아래) 각 ?[호목]의 어느 하나에 해당하지 (?:아니하는|않는)", "어떤 것에 해당하지 않는"),
    (r"(?:다음|아래) 각 ?[호목]의 어느 하나로", "어떤 사유로"),
    (r"(?:다음|아래) 각 ?[호목]의 어느 하나의", "어떤"),
    (r"(?:다음|아래) 각 ?[호목]의 구분에 따(라|른)", r"어떤 구분에 따\1"),
    (r"(?:다음|아래) 각 ?[호목]에 따(?:라|른)", "무엇에 따른"),
    (r"(?:다음|아래) 각 ?[호목]의 어느 하나(?=에 해당하면)", "어떤 경우"),
    (r"(?:다음|아래) 각 ?[호목]의 어느 하나(?=에|를|의)", "어떤 것"),
    (r"(?:다음|아래) 각 ?[호목]의 모든", "어떤"),
    (r"(?:다음|아래) 각 ?[호목]의", "어떤"),
    (r"(?:다음|아래)와 같은", "어떤"),
    (rf"(?:다음|아래)의? (?={LISTED})", "어떤 "),
)


def counts_up(sentence: str) -> bool:
    """Whether a sentence announces a list."""
    return bool(COUNTS_UP.search(sentence))


def is_glossary(text: str) -> bool:
    """Whether a text announces a list of terms."""
    return "용어" in text


def list_question(stem: str) -> tuple[str, str] | None:
    """A question for what a stem with 다음 각 호 counts up, and the stem without the 다만 before it."""
    if is_exception(stem):
        stem = stem.split(" ", 1)[-1].strip()
    asked = _list_question(without_brackets(stem))
    return (asked, stem) if asked else None


def _list_question(stem: str) -> str | None:
    if match := LIST_IS.search(stem):
        before = stem[: match.start()].strip()
        return f"{before} 무엇인가요" if before.endswith(("은", "는")) else None
    for pattern, form in LIST_PHRASES:
        if len(re.findall(pattern, stem)) == 1:
            asked = ask_form(re.sub(pattern, form, stem))
            done = asked is not None and len(asked) <= LONGEST_CORE and not COUNTS_UP.search(asked)
            return asked if done else None
    return None


DEFINITION = re.compile(
    r"^(?:이 [가-힣]+에서\s)?[“\"'‘「](?P<term>[^”\"'’」]{1,40})[”\"'’」](?:\([^)]*\))?(?:이?란|이?라 함은|은|는)\s"
    r".*(?:말한다|말합니다|뜻한다|뜻합니다)\.?"
)
GLOSS = re.compile(r"^(?P<term>[^:：,.]{1,30}(?<!경우))\s?[:：]\s?(?P<text>.*[가-힣]\.?)$")

MEANS = re.compile(r"(?:말한다|말합니다|뜻한다|뜻합니다|말하며|의미한다|의미합니다)")


def definition(text: str, listed: bool) -> tuple[str, str] | None:
    """The term that a text defines, and the definition as a full sentence. `listed`: the text stands in a list of terms."""
    if match := DEFINITION.match(text):
        return match["term"], text
    match = GLOSS.match(text)
    if match is None or not (listed or MEANS.search(match["text"])):
        return None
    whole = match["text"] if is_statement(match["text"]) else f"{attach(match['text'], '를')} 말합니다."
    return match["term"], f"{match['term']}{particle(match['term'], '란')} {whole}"


TERM = re.compile(
    r"(?P<term>(?:[“\"'‘「][^”\"'’」]{1,40}[”\"'’」]|[가-힣 ]{1,20})(?:이란|란|이라 함은|라 함은) )"
    r"(?P<text>.*(?:말한다|말합니다)\.?)$"
)


def term_and_meaning(sentence: str) -> tuple[str, str] | None:
    """A definition cut behind 이란."""
    match = TERM.match(sentence)
    return (match["term"], match["text"]) if match else None


# ---------------------------------------------------------------- the question around it
ARTICLE = re.compile(r"제\d+조")
GROUPING = re.compile(r"제\s?\d+\s?(?:편|장|절|관)(?:\s|$|의)")


def place(unit: Unit) -> str:
    """제2항, 제3호, 가목; of another kind of mark the mark."""
    mark = unit.mark
    if unit.level == 1 and len(mark) == 1:
        return f"제{unicodedata.numeric(mark):.0f}항"
    if unit.level == 2 and (match := re.match(r"(\d+)(의\d+)?\.", mark)):
        return f"제{match[1]}호{match[2] or ''}"
    return f"{mark[0]}목" if unit.level == 3 and mark[0] != "(" else mark.rstrip(".")


def where(source: Source, place: str) -> str:
    """Document, what is needed of the path (article numbers run through 장 and 관), article with its title, place."""
    title = f"「{source.document.strip('「」 ')}」"
    if not source.headings:
        return title
    *above, last = source.headings
    if not ARTICLE.match(last):
        return f"{title} '{last}'"
    return " ".join(filter(None, [title, *(part for part in above if not GROUPING.match(part)), last, place]))


def ask(where: str, core: str) -> str:
    """The whole question."""
    return f"{where}에 따르면, {core}?"


def ask_definition(where: str, term: str) -> str:
    """The question for a definition."""
    return ask(where, f"'{term}'{particle(term, '란')} 무엇을 말하나요")


def ask_exception(where: str) -> str:
    """The question for a 단서."""
    return f"{where} 단서에서는 어떤 예외를 정하고 있나요?"


def ask_row(where: str, fact: Fact) -> str:
    """The question for a row of a table."""
    return ask(where, f"{_conditions(fact)}인 경우 {attach(fact.name, '는')} 무엇인가요")


def answer_row(fact: Fact) -> str:
    """What a row of a table says, as a sentence."""
    return f"{_conditions(fact)}인 경우 {attach(fact.name, '는')} '{fact.value}'입니다."


def _conditions(fact: Fact) -> str:
    return ", ".join(f"{attach(name, '가')} '{value}'" for name, value in fact.conditions)


def ask_about(where: str) -> str:
    """The question for a text that fits no rule."""
    return f"{where}에서는 무엇을 정하고 있나요?"
