"""Cases about form alone: one register, right particles, one language; and about questions of whole rows.

Sentences come from the same documents. A good text is a real sentence, or put together of words whose form is beyond doubt; a
bad one differs in the one thing that is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from random import Random
from typing import Literal, TypeVar

from benchmarks.check_corpus_source import Clause, Part, clauses
from benchmarks.check_corpus_words import (
    FRACTION,
    PAIRS,
    RIVALS,
    Style,
    hangul,
    particle_after,
    plain,
    quantities,
    spoken,
    takes_first,
    topic,
)

A_CLASS = 130  # good and bad cases each, of a kind and part


@dataclass(frozen=True, slots=True)
class Text:
    """A text and whether its form is right."""

    text: str
    good: bool
    kind: Literal["register", "particles", "drift"]
    language: Literal["ko", "en"]
    source: str
    variant: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A question with its answer and evidence, and whether the question is fit."""

    question: str
    answer: str
    evidence: str
    good: bool
    kind: Literal["self_contained", "leak", "question_language"]
    language: Literal["ko", "en"]
    source: str
    variant: str = ""


Form = TypeVar("Form", Text, Row)


def texts(data: Path, part: Part) -> list[Text]:
    """Register, particle and language drift cases of a part, in an order that does not change."""
    found = clauses(data, part)
    makers = (_registers, _particles, _drifts, _english_drifts)
    return [t for make in makers for t in _even(list(make(found, part, Random(f"{part} {make.__name__}"))))]


def rows(data: Path, part: Part) -> list[Row]:
    """Question cases of a part, in an order that does not change."""
    found = clauses(data, part)
    makers = (_self_contained, _leaks, _question_languages, _english_questions)
    return [r for make in makers for r in _even(list(make(found, part, Random(f"{part} {make.__name__}"))))]


def _even(found: list[Form]) -> list[Form]:
    """A_CLASS good and A_CLASS bad ones without repeats, the variants taking turns."""
    chosen: dict[str, Form] = {}
    for good in (True, False):
        piles: dict[str, list[Form]] = {}
        for item in found:
            if item.good == good:
                piles.setdefault(item.variant, []).append(item)
        order = [pile[i] for i in range(len(found)) for pile in piles.values() if i < len(pile)]
        unique = {item.text if isinstance(item, Text) else item.question + item.answer: item for item in order}
        chosen |= dict(islice(unique.items(), A_CLASS))
    return list(chosen.values())


# --- register ----------------------------------------------------------------------------------------------------------------

_STYLES: tuple[Style, ...] = ("합니다", "해요", "한다", "함")


def _groups(found: Sequence[Clause], random: Random, longest: int = 130) -> Iterator[tuple[Clause, list[str]]]:
    """Two to four plain sentences of a document that stand near each other; none with brackets or quotes."""
    fit = [
        (c, p)
        for c in found
        for s in c.sentences
        if (p := plain(s[:-1])) and 18 <= len(p) <= longest and not re.search(r"[()“”\"]", p)
    ]
    fit = [(c, p) for c, p in fit if all(spoken(p, style) for style in _STYLES)]
    places = list(range(len(fit) - 4))
    random.shuffle(places)
    for place in places:
        group = fit[place : place + random.choice((2, 3, 3, 4))]
        if len({c.document for c, _ in group}) == 1:
            yield group[0][0], [p for _, p in group]


def _said(sentence: str, style: Style) -> str:
    return f"{spoken(sentence, style)}."


def _intimate(sentence: str) -> str:
    """해체: what 해요 is without 요."""
    return f"{(spoken(sentence, '해요') or sentence).removesuffix('요')}."


def _registers(found: Sequence[Clause], part: Part, random: Random) -> Iterator[Text]:
    groups = list(islice(_groups(found, random), 420))
    for style, (clause, group) in zip(cycle(_STYLES), groups[:160], strict=False):
        yield Text(_laid_out([_said(s, style) for s in group], random), True, "register", "ko", clause.source, style)
    for clause, group in groups[160:200]:
        quoted = f"{clause.article}은 “{group[0]}”라고 정하고 있습니다. {_said(group[1], '합니다')}".replace("조은", "조는")
        yield Text(quoted, True, "register", "ko", clause.source, "quoted_law")
    for clause in [
        c for c in found if 2 <= len(c.items) <= 4 and all(len(i) < 60 and not i.endswith(("다.", "다")) for i in c.items)
    ][:40]:
        head = plain(clause.sentences[-1][:-1])
        if head and "(" not in head and spoken(head, "합니다"):
            bullets = "\n".join(f"- {i}" for i in clause.items)
            yield Text(f"{_said(head, '합니다')}\n{bullets}", True, "register", "ko", clause.source, "bullets")
    pairs = [(a, b) for a in _STYLES for b in _STYLES if a != b]
    for (main, other), (clause, group) in zip(cycle(pairs), groups[200:380], strict=False):
        odd = random.randrange(len(group))
        said = [_said(s, other if i == odd else main) for i, s in enumerate(group)]
        yield Text(_laid_out(said, random), False, "register", "ko", clause.source, f"{main}_with_{other}")
    for clause, group in groups[380:420]:
        said = [_intimate(s) if i == len(group) - 1 else _said(s, "합니다") for i, s in enumerate(group)]
        if said[-1] != _said(group[-1], "한다"):
            yield Text(" ".join(said), False, "register", "ko", clause.source, "합니다_with_해")


def _laid_out(sentences: list[str], random: Random) -> str:
    return random.choice((" ", " ", " ", "\n")).join(sentences)


# --- particles ---------------------------------------------------------------------------------------------------------------

_LATIN = (
    "PDF",
    "API",
    "ATM",
    "ARS",
    "OTP",
    "SMS",
    "IP",
    "USB",
    "URL",
    "SSL",
    "CEO",
    "CCTV",
    "PC",
    "VPN",
    "HTML",
    "XML",
    "LMS",
    "TV",
    "DB",
    "ISP",
)
_NOUNS: tuple[str, ...] = (
    "신청서",
    "계약서",
    "보험증권",
    "동의서",
    "신분증",
    "약관",
    "보고서",
    "통장",
    "영수증",
    "진단서",
    "명세서",
    "인감",
    "서류",
    "증명서",
    "위임장",
)
_NOUNS += (
    "우편",
    "전화",
    "팩스",
    "메일",
    "서면",
    "전산망",
    "이메일",
    "휴대전화",
    "창구",
    "누리집",
    "전자문서",
    "등기",
    "방문",
    "지로",
    "서울",
    "교실",
)
_QUOTED = (
    "“이용자”",
    "“은행”",
    "「은행법」",
    "「민법」",
    "“약관”",
    "“회사”",
    "‘계약자’",
    "‘수익’",
    "『시행규칙』",
    "“접근매체”",
    "「전자서명법」",
    "“서류”",
)
_BRACKETS = (
    "계약자(회사)",
    "은행(본점)",
    "약관(특약)",
    "서류(명세서)",
    "이용자(가입자)",
    "담당(기관)",
    "보험금(해약환급금)",
    "증권(통장)",
    "수수료(이자)",
    "기간(일정)",
)
_FRAMES = {
    "을": ("{w}{p} 함께 제출하여야 합니다.", "담당자가 {w}{p} 확인하고 보관합니다.", "먼저 {w}{p} 살펴보시기 바랍니다."),
    "은": ("{w}{p} 접수일부터 보관하여야 합니다.", "다만 {w}{p} 따로 정한 바에 따릅니다.", "이때 {w}{p} 생략할 수 없습니다."),
    "이": ("{w}{p} 없으면 처리가 늦어집니다.", "접수할 때 {w}{p} 필요합니다.", "새로 만든 {w}{p} 기준이 됩니다."),
    "과": ("{w}{p} 관련 자료를 함께 보관합니다.", "담당자는 {w}{p} 원본을 비교합니다.", "{w}{p} 다른 자료는 따로 둡니다."),
    "으로": ("변경 내용은 {w}{p} 알려 드립니다.", "기준은 {w}{p} 정합니다.", "이 업무는 {w}{p} 처리할 수 있습니다."),
}


def _flipped(word: str, pair: tuple[str, str]) -> str:
    return pair[1] if takes_first(word, pair) else pair[0]


def _inner(word: str) -> str:
    """The word that a quoted or bracketed word is read as."""
    return re.sub(r"[“”‘’「」『』()]", "", word)


def _particles(found: Sequence[Clause], part: Part, random: Random) -> Iterator[Text]:
    yield from _in_law(found, random)
    sheets = [f"{name} {n}" for name in ("별표", "서식", "부록") for n in range(1, 31)]
    for group, words in (("latin", _LATIN), ("digits", sheets), ("quotes", _QUOTED), ("brackets", _BRACKETS), ("noun", _NOUNS)):
        made = [(w, pair, frame) for w in words for pair in PAIRS for frame in _FRAMES[pair[0]]]
        random.shuffle(made)
        for i, (word, pair, frame) in enumerate(made[:110]):
            read, good = _inner(word), i % 2 == 0
            if takes_first(read, pair) is None or (group == "digits" and word[-1] == "0" and len(word.split(" ")[1]) < 2):
                continue
            particle = particle_after(read, pair[0]) if good else _flipped(read, pair)
            yield Text(frame.format(w=word, p=particle), good, "particles", "ko", f"made {part}", group)


_PARTICLE = re.compile(r"([가-힣]{2,}|\d)(을|를|은|는|이|가|과|와|으로|로)(?=[ ,])")


def _in_law(found: Sequence[Clause], random: Random) -> Iterator[Text]:
    """Real sentences as they are; and with the particle of one known noun turned."""
    fit = [(c, s) for c in found for s in c.sentences if 25 <= len(s) <= 140]
    random.shuffle(fit)
    for clause, sentence in fit[:60]:
        yield Text(sentence, True, "particles", "ko", clause.source, "law")
    for clause, sentence in fit[60:400]:
        places = [m for m in _PARTICLE.finditer(sentence) if m[1] in clause.known.nouns]
        for m in random.sample(places, min(1, len(places))):
            pair = next(p for p in PAIRS if m[2] in p)
            if particle_after(m[1], m[2]) == m[2]:
                wrong = _flipped(m[1], pair)
                text = sentence[: m.start(2)] + wrong + sentence[m.end(2) :]
                yield Text(text, False, "particles", "ko", clause.source, f"law_{wrong}")


# --- drift -------------------------------------------------------------------------------------------------------------------

_FOREIGN: dict[str, tuple[str, ...]] = {
    "chinese": (
        "根据该条款，公司应当在{n}天内支付保险金。",
        "申请人必须提交书面申请，并附上相关证明文件。",
        "如果投保人未按时缴纳保费，合同将自动失效。",
        "因此，用户可以在{n}日内提出异议。",
        "监管机构有权要求银行提供相关资料。",
        "需要注意的是，上述规定不适用于例外情况。",
        "总而言之，双方应当遵守合同的约定。",
        "债权人可以请求债务人履行债务。",
        "未经同意，不得向第三方提供个人信息。",
        "该期限从收到通知之日起计算，共{n}天。",
    ),
    "japanese": (
        "会社は{n}日以内に保険金を支払わなければなりません。",
        "申請者は必要な書類を提出する必要があります。",
        "ただし、特別な事情がある場合はこの限りではありません。",
        "利用者はいつでも契約を解除することができます。",
        "この規定は銀行にも適用されます。",
        "通知を受けた日から{n}日以内に異議を申し立ててください。",
        "個人情報を第三者に提供してはなりません。",
        "詳しくは約款をご確認ください。",
        "債務者は元本と利息を返済しなければならない。",
        "監督機関は資料の提出を求めることができます。",
    ),
    "english": (
        "The company must pay the benefit within {n} days of receiving the claim.",
        "In summary, the applicant has to submit all required documents in writing.",
        "However, this rule does not apply if the parties have agreed otherwise.",
        "The bank may ask the customer for further information.",
        "Please note that the deadline is {n} days after the notice.",
        "Therefore, the creditor can demand performance from the debtor.",
        "Personal data must not be disclosed to third parties without consent.",
        "The user may terminate the contract at any time.",
        "The supervisor is entitled to inspect the records of the institution.",
        "This means that the contract becomes void after {n} months.",
    ),
}
_WORDS = {
    "chinese_word": {
        "지급": "支付",
        "보험금": "保险金",
        "계약을": "合同을",
        "신청": "申请",
        "제출": "提交",
        "개인정보": "个人信息",
        "승인": "批准",
        "이용자": "用户",
    },
    "japanese_word": {
        " 및 ": " および ",
        " 또는 ": " または ",
        "경우에는": "場合には",
        "때에는": "ときは",
        "필요한": "必要な",
        "하여야 ": "しなければ ",
    },
}
_HANJA = {
    "계약": "契約",
    "채권": "債權",
    "채무": "債務",
    "보험금": "保險金",
    "동의": "同意",
    "등기": "登記",
    "상속": "相續",
    "약관": "約款",
    "공시": "公示",
}
_GLOSSES = {
    "개인정보": "personal information",
    "전자서명": "electronic signature",
    "이용자": "user",
    "은행": "bank",
    "계약": "contract",
    "약관": "terms",
}
_FRIENDLY = (
    "자세한 내용은 https://www.example.kr/guide 에서 확인할 수 있습니다.",
    "문의는 help@example.kr 로 보내 주십시오.",
    "신청은 ATM, ARS 또는 모바일 앱에서 할 수 있습니다.",
    "시스템은 API와 VPN을 이용하여 연결합니다.",
    "서류는 PDF 형식으로 제출합니다.",
    "CISO와 CPO의 역할은 서로 다릅니다.",
    "비밀번호는 SHA-256 이상의 방식으로 암호화합니다.",
    "인터넷 구간에는 TLS 1.2 이상을 적용합니다.",
)


def _drifts(found: Sequence[Clause], part: Part, random: Random) -> Iterator[Text]:
    groups = [(c, [_said(s, "합니다") for s in g]) for c, g in islice(_groups(found, random), 520)]
    kinds = cycle(_FOREIGN)
    for kind, (clause, group) in zip(kinds, groups[:150], strict=False):
        foreign = random.choice(_FOREIGN[kind]).format(n=random.randrange(2, 99))
        place = random.randrange(len(group) + 1)
        yield Text(" ".join([*group[:place], foreign, *group[place:]]), False, "drift", "ko", clause.source, kind)
    for kind, (clause, _) in zip(kinds, groups[150:200], strict=False):
        strange = [s.format(n=random.randrange(2, 99)) for s in random.sample(_FOREIGN[kind], 2)]
        yield Text(" ".join(strange), False, "drift", "ko", clause.source, f"{kind}_whole")
    for kind, table in _WORDS.items():
        for clause, group in groups[200:330]:
            text = " ".join(group)
            here = [k for k in table if k in text]
            if here:
                old = random.choice(here)
                yield Text(text.replace(old, table[old], 1), False, "drift", "ko", clause.source, kind)
    for clause, group in groups[330:400]:
        yield Text(" ".join(group), True, "drift", "ko", clause.source, "plain")
    for clause, group in groups[400:450]:
        yield Text(" ".join([*group, random.choice(_FRIENDLY)]), True, "drift", "ko", clause.source, "names_and_abbreviations")
    for name, glosses in (("hanja_in_brackets", _HANJA), ("english_in_brackets", _GLOSSES)):
        for clause, group in groups[330:520]:
            text = " ".join(group)
            here = [k for k in glosses if re.search(rf"{k}(?=[을를은는이가의])", text)]
            if here:
                word = random.choice(here)
                yield Text(
                    re.sub(rf"{word}(?=[을를은는이가의])", f"{word}({glosses[word]})", text, count=1),
                    True,
                    "drift",
                    "ko",
                    clause.source,
                    name,
                )


_KOREAN: tuple[str, ...] = (
    "회사는 {n}일 이내에 보험금을 지급하여야 합니다.",
    "이용자는 언제든지 계약을 해지할 수 있습니다.",
    "자세한 내용은 약관을 확인하십시오.",
)
_KOREAN += (
    "채무자는 원금과 이자를 갚아야 합니다.",
    "동의 없이 제삼자에게 제공하지 못합니다.",
    "따라서 신청서를 {n}부 제출하여야 합니다.",
)
_KOREAN_WORDS = {
    "insurer": "보험회사",
    "policyholder": "계약자",
    "customer": "고객",
    "bank": "은행",
    "contract": "계약",
    "premium": "보험료",
}


def _english_drifts(found: Sequence[Clause], part: Part, random: Random) -> Iterator[Text]:
    from benchmarks.check_corpus_english import TEXTS

    title, text = TEXTS[part]
    lines = [line.split("|", 1)[1] for line in text.strip().split("\n")]
    for _i in range(60):
        a, b = random.sample(lines, 2)
        korean = random.choice(_KOREAN).format(n=random.randrange(2, 60))
        yield Text(" ".join(random.sample((a, korean, b), 3)), False, "drift", "en", title, "korean_sentence")
        yield Text(f"{a} {b}", True, "drift", "en", title, "plain")
        word = next((w for w in _KOREAN_WORDS if re.search(rf"\b{w}\b", a)), None)
        if word:
            yield Text(
                re.sub(rf"\b{word}\b", _KOREAN_WORDS[word], f"{a} {b}", count=1), False, "drift", "en", title, "korean_word"
            )
            glossed = re.sub(rf"\b{word}\b", f"{word} ({_KOREAN_WORDS[word]})", f"{a} {b}", count=1)
            yield Text(glossed, True, "drift", "en", title, "korean_in_brackets")
        foreign = random.choice((*_FOREIGN["chinese"], *_FOREIGN["japanese"])).format(n=random.randrange(2, 60))
        yield Text(f"{a} {foreign} {b}", False, "drift", "en", title, "cjk_sentence")


# --- questions ---------------------------------------------------------------------------------------------------------------

_POINTING = re.compile(
    r"제\d+[항호목]|전\d?[항조]|이 경우|이를|이에 |이로|(?:^| )그 |해당 |같은 (?:항|조|법)|각 ?[호목]|"
    r"이 (?:법|조|약관|규정|영|규칙|고시|세칙|지침|기준|계약|특별약관|항)|"
    r"다음과|다음 각|별표|별지|본[조항법절장]|동[조항법] |이 [장절편관]|여기|앞|위의|당해|이와 |그러|이하|또한|같다$|제\d+조"
)
_ASKED = {
    "일": "며칠",
    "영업일": "몇 영업일",
    "개월": "몇 개월",
    "년": "몇 년",
    "시간": "몇 시간",
    "명": "몇 명",
    "회": "몇 회",
    "원": "얼마",
    "퍼센트": "몇 퍼센트",
    "%": "몇 %",
}


def _question(sentence: str) -> str | None:
    """A plain sentence as a question; None if its ending has no such form."""
    polite = spoken(sentence, "합니다")
    return f"{polite.removesuffix('다')}까?" if polite and polite.endswith("니다") else None


def _asked(sentence: str) -> tuple[str, str] | None:
    """A question for the one quantity of a sentence, and that quantity; None if there are more or none."""
    found = quantities(sentence)
    if len(found) != 1 or found[0].unit not in _ASKED:
        return None
    q = found[0]
    word = "몇 퍼센트" if FRACTION.fullmatch(q.written) else _ASKED[q.unit]
    rest = sentence[q.end :]
    if hangul(word[-1]) and (m := re.match(r"(을|를|은|는|이|가|과|와|으로|로)(?= )", rest)):
        rest = particle_after(word, m[1]) + rest[m.end() :]
    question = _question(f"{sentence[: q.start]}{word}{rest}")
    return (question, q.written) if question else None


def _ask(clause: Clause, form: str) -> tuple[str, str, str] | None:
    """Question, answer and what is asked for: a value, or who; None for a sentence that neither fits."""
    made = _asked(form)
    if made:
        return made[0], f"{made[1]}입니다.", "value"
    first = topic(form, clause.known.nouns)
    who = first[0][:-1].split(" ")[-1] if first else ""
    question = _question(f"누가 {first[1]}") if first and who in RIVALS and not topic(first[1], clause.known.nouns) else None
    return (question, f"{first[0][:-1]}입니다.", "who") if first and question else None


def _standing(found: Sequence[Clause]) -> Iterator[tuple[Clause, str, tuple[str, str, str]]]:
    """Sentences that point at nothing outside themselves and can be asked for: clause, sentence, what _ask gives."""
    for clause in found:
        for sentence in clause.sentences:
            form = plain(sentence[:-1])
            if form and 22 <= len(form) <= 160 and not _POINTING.search(form) and not re.match(r"(?:다만|그러나)", form):
                made = _ask(clause, form)
                if made:
                    yield clause, sentence, made


_TRAP = re.compile(r"(?:^| )(?:위[가-힣]{2,}|본[가-힣]{2,}|이[가-힣]{2,}|해당하|다음 (?:달|날|해)|그[가-힣]{2,})")
_POINTERS: tuple[Callable[[str], str], ...] = (
    lambda q: f"이 조항에 따르면 {q}",
    lambda q: f"위 조항에 따르면 {q}",
    lambda q: f"위 내용에 따르면 {q}",
    lambda q: f"제시된 지문에 따르면 {q}",
    lambda q: f"이 문서에 따르면 {q}",
    lambda q: f"본 조에 따르면 {q}",
    lambda q: f"해당 조문에 따르면 {q}",
    lambda q: f"상기 규정에 따르면 {q}",
    lambda q: f"위에서 언급한 바에 따르면 {q}",
    lambda q: f"위 표에 따르면 {q}",
    lambda q: f"앞서 설명한 내용에 비추어 {q}",
    lambda q: f"주어진 글에서 {q}",
)
_WHOLE: tuple[str, ...] = (
    "이 조항의 주요 내용은 무엇입니까?",
    "위 표에서 가장 큰 금액은 얼마입니까?",
    "본 조에서 정한 기간은 며칠입니까?",
    "해당 규정을 위반하면 어떻게 됩니까?",
)
_WHOLE += (
    "여기서 말하는 기관은 어디입니까?",
    "위 사례에서 책임을 지는 사람은 누구입니까?",
    "앞의 규정과 어떤 점이 다릅니까?",
    "이 문단에서 설명하는 절차는 무엇입니까?",
)


def _self_contained(found: Sequence[Clause], part: Part, random: Random) -> Iterator[Row]:
    standing = list(_standing(found))
    random.shuffle(standing)
    for i, (clause, sentence, (question, answer, asked)) in enumerate(standing):
        law = f"{clause.document.removesuffix(' 부칙')} {clause.article}"
        variant = "trap" if _TRAP.search(question) else asked
        yield Row(question, answer, sentence, True, "self_contained", "ko", clause.source, variant)
        yield Row(
            f"{law}에 따르면 {question}", answer, sentence, True, "self_contained", "ko", clause.source, f"{asked}_of_named_law"
        )
        for step in (i, i + 5):
            pointed = _POINTERS[step % len(_POINTERS)](question)
            name = f"pointer_{step % len(_POINTERS)}"
            yield Row(pointed, answer, sentence, False, "self_contained", "ko", clause.source, name)
    for i, clause in enumerate(random.sample(list(found), 60)):
        text = " ".join(clause.sentences)
        law = f"{clause.document.removesuffix(' 부칙')} {clause.article}({clause.title})"
        yield Row(f"{law}의 주요 내용은 무엇입니까?", text, text, True, "self_contained", "ko", clause.source, "title")
        yield Row(_WHOLE[i % len(_WHOLE)], text, text, False, "self_contained", "ko", clause.source, "pointer_alone")


def _leaks(found: Sequence[Clause], part: Part, random: Random) -> Iterator[Row]:
    """Questions for a value; bad ones give the value away."""
    made = [(c, s, p, a) for c, s, p in _valued(found) if (a := _asked(p))]
    random.shuffle(made)
    for clause, sentence, form, (question, answer) in made:
        short = f"{answer}입니다."
        yield Row(question, short, sentence, True, "leak", "ko", clause.source, "value_asked")
        yield Row(question, f"{spoken(form, '합니다')}.", sentence, True, "leak", "ko", clause.source, "value_asked_full_answer")
        claim = re.sub(r"다$", "는데", form) if form.endswith(("한다", "된다", "있다", "없다")) else None
        if claim:
            claim = re.sub(r"[한된]는데$", lambda m: {"한": "하는데", "된": "되는데"}[m[0][0]], claim)
            yield Row(f"{claim}, {question}", short, sentence, False, "leak", "ko", clause.source, "stated_before")
        yield Row(f"{question.removesuffix('?')}? (힌트: {answer})", short, sentence, False, "leak", "ko", clause.source, "hint")
        given = question.replace("며칠", f"{answer}, 즉 며칠").replace("얼마", f"{answer}, 즉 얼마")
        if given != question:
            yield Row(given, short, sentence, False, "leak", "ko", clause.source, "inside")
        yield Row(
            f"정답이 {answer}인 다음 물음에 답하십시오. {question}",
            short,
            sentence,
            False,
            "leak",
            "ko",
            clause.source,
            "answer_named",
        )


def _valued(found: Sequence[Clause]) -> Iterator[tuple[Clause, str, str]]:
    for clause in found:
        for sentence in clause.sentences:
            form = plain(sentence[:-1])
            if form and 22 <= len(form) <= 170 and len(quantities(form)) == 1:
                yield clause, sentence, form


_OTHER_QUESTIONS = {
    "english": (
        "Within how many days must notice be given under {a}?",
        "Who is responsible under {a}?",
        "What does {a} say about {t}?",
    ),
    "chinese": ("根据{a}，应当在多少天内通知？", "{a}规定的责任主体是谁？", "关于{t}，{a}是如何规定的？"),
    "japanese": (
        "{a}によると、何日以内に通知しなければなりませんか。",
        "{a}で責任を負うのは誰ですか。",
        "{t}について{a}はどのように定めていますか。",
    ),
    "mixed": (
        "{a}에서 정한 {t}의 requirements는 what입니까?",
        "{t}에 대해 {a}はどのように定めていますか。",
        "What is {t} according to {a}입니까?",
    ),
}


def _question_languages(found: Sequence[Clause], part: Part, random: Random) -> Iterator[Row]:
    standing = list(_standing(found))
    random.shuffle(standing)
    for clause, sentence, (question, answer, _) in standing[:140]:
        yield Row(question, answer, sentence, True, "question_language", "ko", clause.source, "korean")
    others = [(c, c.sentences[0]) for c in random.sample(list(found), 200)]
    for clause, sentence in others[:40]:
        question = f"{clause.article}의 업무를 ATM, ARS 또는 모바일 앱으로 처리할 수 있습니까?"
        yield Row(question, sentence, sentence, True, "question_language", "ko", clause.source, "korean_with_abbreviations")
    for kind, (clause, sentence) in zip(cycle(_OTHER_QUESTIONS), others[40:], strict=False):
        number = clause.article.removeprefix("제").replace("조", "")
        named = {"english": f"Article {number.replace('의', '-')}", "mixed": clause.article}.get(
            kind, f"第{number.replace('의', '之')}条"
        )
        subject = {
            "english": "the duties of the parties",
            "chinese": "当事人的义务",
            "japanese": "当事者の義務",
            "mixed": clause.title,
        }[kind]
        question = random.choice(_OTHER_QUESTIONS[kind]).format(a=named, t=subject)
        yield Row(question, sentence, sentence, False, "question_language", "ko", clause.source, kind)


def _english_questions(found: Sequence[Clause], part: Part, random: Random) -> Iterator[Row]:
    from benchmarks.check_corpus_english import TEXTS

    title, text = TEXTS[part]
    for line in text.strip().split("\n"):
        section, sentence = line.split("|", 1)
        told = sentence[0].lower() + sentence[1:-1]
        yield Row(
            f"Is it correct that {told}?",
            sentence,
            sentence,
            True,
            "question_language",
            "en",
            f"{title}, Section {section}",
            "english",
        )
        yield Row(
            f"{section}항에 따르면 무엇을 하여야 합니까?",
            sentence,
            sentence,
            False,
            "question_language",
            "en",
            f"{title}, Section {section}",
            "korean",
        )
        named = f"According to Section {section} of the {title}, is it correct that {told}?"
        yield Row(named, sentence, sentence, True, "self_contained", "en", f"{title}, Section {section}", "named")
        pointed = random.choice(
            ("According to the passage above, is it correct that {}?", "In this section, is it correct that {}?")
        )
        yield Row(
            pointed.format(told), sentence, sentence, False, "self_contained", "en", f"{title}, Section {section}", "pointer"
        )
