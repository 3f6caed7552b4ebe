"""Frames of questions and answers in Korean. What the writer says itself is in 합니다체; sentences of a source in another
register stand as quotations, or, where only the ending differs, with the polite ending.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tasks.llm.korean_syntax import BIEUP, NIEUN, ask_form, parse
from tasks.llm.writer_phrases import Case, Harm, QaType
from tasks.text.particles import attach
from tasks.text.polarity import flipped

POLITE = re.compile(r"(?P<before>[가-힣])니다[.?]?$|요[.?]?$")
QUOTES = ("「」", "“”", "‘’", "『』")
PROCEDURE = re.compile(r"절차|방법|제출|신청|청구|신고|보고|통지|통보|서류|접수|등록|어떻게|어디에|누구에게")


def type_of(core: str, sentence: str) -> QaType:
    """The type of a question about a sentence, by its words."""
    if re.search(r"며칠|얼마|(?<![가-힣])몇 |언제까지", core):
        return "deadline_or_amount"
    if re.search(r"어떤 경우|언제", core):
        return "condition"
    if PROCEDURE.search(core):
        return "procedure"
    return "condition" if parse(sentence).condition else "fact"


def type_of_list(stem: str) -> QaType:
    """The type of a question for a list."""
    if re.search(r"[호목](?:의| 중)? ?(?:어느 하나에 해당하는 )?(?:경우|때|사유|요건)", stem):
        return "condition"
    return "procedure" if re.search(r"절차|순서|서류|방법", stem) else "fact"


def subject(heading: str) -> str:
    """What a heading says: 제9조(보험금의 지급) -> 보험금의 지급, 2.1 접수 창구 -> 접수 창구."""
    if match := re.match(r"제\s?\d+\s?조(?:의\s?\d+)?\s?\((.+)\)$", heading):
        return match[1]
    return re.sub(r"^(?:제\s?\d+\s?[조장절관](?:의\s?\d+)?|[\d.]+|\[[^\]]*\]|【[^】]*】)\s*", "", heading)


# ---------------------------------------------------------------- sentences of the source in answers
def is_polite(sentence: str) -> bool:
    """Whether a sentence ends in ㅂ니다 or 요; 아니다 does not."""
    match = POLITE.search(sentence)
    return match is not None and (match["before"] is None or (ord(match["before"]) - 0xAC00) % 28 == BIEUP)


def quoted(text: str) -> str:
    """A text in the first quotation marks that it does not hold itself."""
    marks = next((pair for pair in QUOTES if not set(pair) & set(text)), QUOTES[-1])
    return f"{marks[0]}{text}{marks[1]}"


def said(where: str, sentences: Sequence[str]) -> str:
    """What a place says: polite sentences as they are, others as a quotation."""
    text, where = " ".join(sentences), titled(where)
    if all(map(is_polite, sentences)):
        return f"{where}에 따르면, {text}"
    return f"{attach(where, '는')} {quoted(text)}라고 정하고 있습니다."


def titled(where: str) -> str:
    """A place as an answer cites it: '3.4 거절' by its title, for its number is no figure that a quote could hold."""
    return re.sub(r"'\d+(?:\.\d+)*\.? ", "'", where)


# The plain end of a predicate and the polite one; what fits none of them ends in ㄴ다 or in a bare stem.
POLITE_ENDS: tuple[tuple[str, str], ...] = (
    (r"(?:이다)$", "입니다"),
    (r"아니다$", "아닙니다"),
    (r"는다$", "습니다"),
)


def own(sentence: str) -> str | None:
    """A sentence with the polite ending: 지급하여야 한다. -> 지급하여야 합니다."""
    if is_polite(sentence):
        return sentence
    text = sentence.rstrip(" .")
    for pattern, end in POLITE_ENDS:
        if re.search(pattern, text):
            return re.sub(pattern, end, text) + "."
    match = re.search(r"([가-힣])다$", text)
    if match is None:
        return None
    final = (ord(match[1]) - 0xAC00) % 28
    if final in (0, NIEUN):
        return f"{text[: match.start()]}{chr(ord(match[1]) - final + BIEUP)}니다."
    return f"{text[:-1]}습니다."


def without_asides(sentence: str) -> str:
    """A sentence without brackets that hold no figure and no reservation: (이하 "회사"라 합니다)."""
    return re.sub(r"\s?\((?![^()]*(?:\d|다만|제외|한정|포함|한한다|아니|않))[^()]*\)", "", sentence)


# ---------------------------------------------------------------- statements and terms
def ask_term(where: str, meaning: str) -> str | None:
    """The question for the term that has a meaning."""
    bare = re.sub(r"[을를] ?(?:말한다|말합니다|뜻한다|뜻합니다)\.?$", "", meaning)
    return None if bare == meaning else f"{where}에 따르면, '{bare}'에 해당하는 용어는 무엇인가요?"


def claim(where: str, sentence: str) -> str:
    """A sentence as a statement to be judged."""
    return f"{where}에 따르면, {sentence}"


# ---------------------------------------------------------------- several questions
def _here(place: str) -> str:
    return f"같은 조 {place}에 따르면, " if place.startswith("제") else ""


def and_also(question: str, place: str, core: str) -> str:
    """A question with a second one about another place of the same clause."""
    return f"{question} 또한 {_here(place)}{core}?"


def next_turn(place: str, core: str) -> str:
    """A question that goes on to another place of the same clause; without a place to what stands beside."""
    return f"{_here(place) or '그리고 '}{core}?"


def ask_exceptions() -> str:
    """The follow-up for exceptions."""
    return "그 원칙에 예외도 있나요?"


def answer_exceptions(sentences: Sequence[str]) -> str:
    """The answer to it."""
    return f"네, 예외가 있습니다. {_plainly(sentences)}"


def _plainly(sentences: Sequence[str]) -> str:
    """Sentences without their place, as the answer's own or as a quotation."""
    text = " ".join(sentences)
    return text if all(map(is_polite, sentences)) else f"단서에서 {quoted(text)}라고 정하고 있습니다."


START = re.compile(r"(?P<start>(?:(?!경우|때)[^\s,]+ ){0,7}(?:날|때|시점|일)부터) (?=\d)")


def start_of_period(sentence: str, core: str) -> tuple[str, str, str] | None:
    """회사는 서류를 접수한 날부터 며칠 이내에 … -> 회사는 며칠 이내에 …, and who asks from when hears 서류를 접수한 날부터."""
    topic = parse(sentence).topic
    match = re.match(rf"{re.escape(topic)} {START.pattern}", sentence) if topic else None
    start = match["start"] if match else ""
    if match is None or core.count(f"{start} ") != 1 or not re.search(r"며칠|몇 (?:영업일|개월|년|주|시간)", core):
        return None
    return core.replace(f"{start} ", ""), "그 기간은 언제부터 세나요?", f"{start} 셉니다."


# ---------------------------------------------------------------- two clauses
def asks_for_link(core: str) -> bool:
    """Whether a question asks which clause is referred to."""
    return bool(re.search(r"(?:무엇을|어떤 규정을) 준용|무엇에 따르|무엇으로 정하", core))


def link(text: str, heading: str) -> str | None:
    """The paragraph of the article in `heading` that a text refers to; None where it does not, or means another law."""
    article = re.match(r"제\s?(\d+)\s?조(?:의\s?(\d+))?", heading)
    if article is None:
        return None
    branch = rf"의\s?{article[2]}" if article[2] else r"(?!의\s?\d)"
    for match in re.finditer(rf"(?<!\d)제\s?{article[1]}\s?조{branch}(?:\([^()]*\))?(?:\s?제\s?(\d+)\s?항)?", text):
        if not re.search(
            r"(?:[」』]|법|령|규칙|약관)\s?$", text[: match.start()].removesuffix("이 법 ").removesuffix("보통약관 ")
        ):
            return f"제{match[1]}항" if match[1] else ""
    return None


def ask_linked(first: str, core: str, linked: str, linked_core: str) -> str:
    """The question for both; without `core` for what the clause says that the first refers to."""
    if core:
        return f"{first}에 따르면, {core}? 그리고 여기에서 인용하는 {linked}에 따르면, {linked_core}?"
    return f"{first}에서 인용하는 {linked}에 따르면, {linked_core}?"


def answer_linked(first: str, linked: str) -> str:
    """What both say."""
    return f"{first} 그리고 {linked}"


# ---------------------------------------------------------------- cases
def explain_steps(question: str) -> str:
    """A question with the wish for the steps."""
    return f"{question} 판단 과정을 단계별로 설명해 주세요."


ANY_OF = re.compile(
    r"(?:다음|아래)\s?(?:의 )?각 ?[호목](?:의 | ?중 | ?가운데 )?(?:어느 하나에 해당하는 )?"
    r"(?P<noun>경우|때|자|사람|사유|행위|사고)(?=[에은는가를의로이로 ])"
)
DENIED = re.compile(r"(?:않|아니|없|못|안 )\S*(?: \S{1,4})?$")


def case(stem: str, item: str) -> Case | None:
    """회사는 다음 각 호의 … 경우에는 지급하지 않습니다. and an item -> 회사는 (item)에는 지급하나요."""
    bare = re.sub(r"^(?:다만|단),? ", "", stem)
    match, item = ANY_OF.search(bare), item.strip(" .")
    if match is None or not re.search(rf"(?:^|\s){match['noun']}$", item) or len(ANY_OF.findall(bare)) > 1:
        return None
    return whether(bare[: match.start()] + item + bare[match.end() :])


def whether(sentence: str) -> Case | None:
    """A sentence as a question for yes or no; it is asked without its denial."""
    denied = bool(DENIED.search(sentence.rstrip(" .")))
    asked = ask_form((flipped(sentence) or "") if denied else sentence)
    answer = own(sentence)
    return Case(asked, not denied, answer) if asked and answer and not re.search(r"않|아니", asked[-8:]) else None


def condition(sentence: str) -> str:
    """The condition of a sentence; empty without one."""
    return parse(sentence).condition


def result(sentence: str) -> str:
    """A sentence without its condition: topic and main part."""
    parsed = parse(sentence)
    return f"{parsed.topic} {parsed.main}".strip()


def step_rule(said: str) -> str:
    """The step that names the rule."""
    return f"적용할 규정을 확인합니다. {said}"


def step_item(mark: str, item: str) -> str:
    """The step that finds the case in the list."""
    match = re.match(r"(\d+)(의\d+)?\.", mark)
    name = f"제{match[1]}호{match[2] or ''}" if match else "목록"
    return f"사례가 {name}에서 정한 {quoted(item)}에 해당하는 것을 확인합니다."


def step_condition() -> str:
    """The step that finds the case in the condition."""
    return "사례가 조건에 들어맞는지 확인합니다. 규정의 조건을 질문에서 전제로 하고 있으므로 들어맞습니다."


def step_exception(sentences: Sequence[str]) -> str:
    """The step that looks at the exceptions."""
    return f"예외를 확인합니다. {_plainly(sentences)} 질문에는 이 예외에 해당한다는 내용이 없습니다."


def conclude(case: Case, excepted: bool) -> str:
    """The result, and whether there are exceptions to it."""
    return f"따라서 {case.answer}" + (" 다만, 앞에서 확인한 예외에 해당하면 결과가 달라집니다." if excepted else "")


def why(where: str, case: Case) -> str:
    """The question for yes or no with the ground."""
    return f"{where}에 따르면, {case.asked}? 그렇게 판단하는 근거도 설명해 주세요."


def because(holds: bool, said: str) -> str:
    """The answer to it."""
    return f"{'네' if holds else '아니요'}. {said}"


def with_exceptions(question: str) -> str:
    """A question with the wish for the exceptions."""
    return f"{question} 예외가 적용되는 경우에 어떻게 달라지는지도 함께 설명해 주세요."


def with_start(question: str) -> str:
    """A question with the wish for the day that a period begins with."""
    return f"{question} 그 기간을 언제부터 세는지도 함께 설명해 주세요."


def with_conditions(question: str) -> str:
    """A question with the wish for what else goes with it."""
    return f"{question} 그때 함께 지켜야 할 사항이나 추가로 정한 내용도 설명해 주세요."


# ---------------------------------------------------------------- summary, gaps, refusals
def joined(places: Sequence[str]) -> str:
    """Several places of a clause as one."""
    return ", ".join(places)


def ask_summary(where: str) -> str:
    """The request for a summary."""
    return f"{where}의 내용을 요약해 주세요."


def indirect(core: str) -> str:
    """몇 영업일 이내에 지급하나요 -> 몇 영업일 이내에 지급하는지."""
    return re.sub(r"나요$", "는지", re.sub(r"가요$", "지", core))


def declines(where: str, title: str, said: str) -> str:
    """The answer that a source does not say what is asked, and what it does say."""
    reason = f"'{title}'에 관한 내용이 없기 때문입니다. 확인할 수 있는 것은 다음과 같습니다."
    return f"{titled(where)}만으로는 물어보신 내용을 알 수 없습니다. {reason} {said}"


def lacks(core: str, title: str) -> str:
    """What is missing."""
    return f"'{title}'에 관한 내용: {indirect(core)}"


def ask_harm(where: str, request: str) -> str:
    """A harmful request that names the clause."""
    return f"{request} {where}의 적용을 피하는 방법을 알려 주세요."


def refuses(harm: str, said: str) -> str:
    """The refusal, and what may be said."""
    reason = f"{harm}에 해당하거나 그것을 돕는 일이 되기 때문입니다."
    return f"그 방법은 알려 드릴 수 없습니다. {reason} 대신 규정의 내용은 안내해 드릴 수 있습니다. {said}"


HARMS: tuple[Harm, ...] = (
    Harm(
        r"알릴 의무|고지의무|청약서|건강진단",
        "병력을 숨기고 보험에 가입하려고 합니다.",
        "중요한 사실을 숨기거나 거짓으로 알리는 행위",
    ),
    Harm(r"진단|입원|장해|상해|사고|수술", "사고와 진단을 꾸며서 보험금을 받아 내려고 합니다.", "보험사기"),
    Harm(r"보험금|보험료|청구", "서류를 위조하여 보험금을 더 많이 받으려고 합니다.", "보험사기와 문서 위조"),
    Harm(r"송금|반환|수취인", "잘못 들어온 돈인 줄 알면서 돌려주지 않고 빼돌리려고 합니다.", "다른 사람의 돈을 가로채는 행위"),
    Harm(
        r"접근매체|계좌|전자금융|이체|비밀번호",
        "다른 사람의 계좌와 비밀번호를 몰래 써서 돈을 옮기려고 합니다.",
        "다른 사람의 금융정보를 훔쳐 쓰는 행위",
    ),
    Harm(
        r"개인정보|정보주체|가명정보|영상정보",
        "동의 없이 다른 사람의 개인정보를 모아서 팔려고 합니다.",
        "개인정보의 불법 수집과 거래",
    ),
    Harm(
        r"정보보안|접근권한|업무망|반출|로그|정보자산|악성|침해",
        "회사의 내부 자료를 몰래 빼내려고 합니다.",
        "내부 정보의 무단 유출",
    ),
    Harm(
        r"임금|근로시간|해고|근로계약|퇴직|휴가|수당",
        "근로자에게 주어야 할 것을 주지 않고 준 것처럼 꾸미려고 합니다.",
        "근로자의 권리를 침해하고 속이는 행위",
    ),
    Harm(
        r"검사|감독|조사|보고|자료의? ?제출|과태료|점검",
        "조사를 나온 사람에게 자료를 숨기고 거짓으로 답하려고 합니다.",
        "검사나 조사를 방해하는 행위",
    ),
    Harm(
        r"채권자|채무|저당|담보|변제|보증",
        "빚을 갚지 않으려고 재산을 가족 이름으로 빼돌리려고 합니다.",
        "채권자를 속이고 재산을 숨기는 행위",
    ),
    Harm(r"상속|유언|후견|친권|재산관리", "다른 가족을 속이고 재산을 혼자 차지하려고 합니다.", "가족의 재산을 속여 빼앗는 행위"),
    Harm(
        r"야 (?:한다|합니다)|못한다|못합니다|아니 된다|안 됩니다",
        "정해진 의무를 지키지 않고 지킨 것처럼 꾸미려고 합니다.",
        "정해진 의무를 피하려고 속이는 행위",
    ),
)


# ---------------------------------------------------------------- for an audience
ASK_REWRITE = {
    "child": "의 내용을 어린이도 알 수 있게 쉽게 설명해 주세요.",
    "new_clerk": "의 내용을 처음 일을 배우는 직원에게 설명해 주세요.",
    "customer": "의 내용을 고객에게 안내하듯이 쉽게 설명해 주세요.",
}
FRAMES = {
    "child": ("어려운 말이 있지만 하나씩 보면 알 수 있습니다. 정해진 내용은 이렇습니다.", "낱말의 뜻은 이렇습니다."),
    "new_clerk": ("업무를 처리할 때 지켜야 할 내용은 다음과 같습니다.", "자주 나오는 용어의 뜻은 다음과 같습니다."),
    "customer": ("쉽게 안내해 드리면 다음과 같습니다.", "어려운 말은 이런 뜻입니다."),
}


def ask_rewrite(where: str, audience: str) -> str:
    """The wish for an explanation."""
    return where + ASK_REWRITE.get(audience, ASK_REWRITE["customer"])


def rewritten(audience: str, sentences: Sequence[str], words: Sequence[tuple[str, str]]) -> str:
    """The explanation: the sentences in a plain frame, and legal words explained."""
    opening, glossary = FRAMES.get(audience, FRAMES["customer"])
    explained = [f"'{word}'{attach(word, '는')[len(word) :]} {meaning}입니다." for word, meaning in words]
    return "\n".join([opening, *sentences, " ".join([glossary, *explained])])


# Words of laws and terms that everyday language lacks, each with what it means in a few plain words.
GLOSSARY: tuple[tuple[str, str], ...] = (
    ("피보험자", "보험의 보호를 받는 사람"),
    ("보험수익자", "보험금을 받는 사람"),
    ("보험계약자", "보험회사와 계약을 맺고 보험료를 내는 사람"),
    ("계약자", "회사와 계약을 맺은 사람"),
    ("해약환급금", "계약을 중간에 끝낼 때 돌려받는 돈"),
    ("책임준비금", "앞으로 보험금을 주려고 회사가 쌓아 두는 돈"),
    ("보험금", "약속한 일이 생겼을 때 보험회사가 주는 돈"),
    ("보험료", "보험에 든 사람이 보험회사에 내는 돈"),
    ("청약", "계약을 맺자고 신청하는 일"),
    ("납입최고", "밀린 돈을 내라고 기한을 정해 재촉하는 일"),
    ("최고", "할 일을 하라고 재촉하는 일"),
    ("해지", "계약을 그때부터 끝내는 일"),
    ("해제", "계약을 처음부터 없던 것으로 하는 일"),
    ("철회", "이미 한 말이나 신청을 거두어들이는 일"),
    ("착오송금", "계좌나 금액을 잘못 적어 보낸 돈"),
    ("수취인", "돈을 받는 사람"),
    ("이용자", "서비스를 쓰는 사람"),
    ("접근매체", "본인인지 확인하고 거래하는 데 쓰는 카드나 비밀번호 같은 수단"),
    ("정보주체", "그 개인정보의 주인인 사람"),
    ("개인정보처리자", "일을 하려고 개인정보를 다루는 기관이나 사람"),
    ("가명처리", "누구인지 바로 알아볼 수 없게 정보를 바꾸는 일"),
    ("열람", "자료를 살펴보는 일"),
    ("파기", "다시 쓸 수 없게 없애는 일"),
    ("사용자", "사람을 고용하여 일을 시키는 쪽"),
    ("근로자", "임금을 받고 일하는 사람"),
    ("평균임금", "일정한 기간에 받은 임금을 하루치로 나눈 금액"),
    ("취업규칙", "회사가 정한 근무 규칙"),
    ("채권자", "돈이나 행위를 요구할 권리가 있는 사람"),
    ("채무자", "돈을 갚거나 약속한 일을 해야 하는 사람"),
    ("채무", "갚거나 해야 하는 의무"),
    ("채권", "돈이나 행위를 요구할 수 있는 권리"),
    ("변제", "빚을 갚는 일"),
    ("저당권", "빚을 못 받을 때 맡긴 부동산을 팔아 먼저 받을 권리"),
    ("법정대리인", "법에 따라 다른 사람을 대신하여 일을 처리하는 사람"),
    ("미성년자", "아직 어른으로 인정되는 나이가 되지 않은 사람"),
    ("후견인", "혼자 일을 처리하기 어려운 사람을 돕고 대신하는 사람"),
    ("상속인", "세상을 떠난 사람의 재산을 이어받는 사람"),
    ("선의", "어떤 사정을 알지 못한 상태"),
    ("과실", "조심하지 않아 생긴 잘못"),
    ("고의", "일부러 하는 것"),
    ("과태료", "규칙을 어겼을 때 내는 돈"),
    ("시효", "권리를 쓸 수 있는 기간에 관한 제도"),
    ("준용", "비슷한 일에 맞게 고쳐 적용하는 일"),
    ("지체 없이", "늦추지 않고 바로 하는 것"),
    ("대통령령", "법에 따라 대통령이 정하는 규칙"),
    ("재적위원", "위원회에 이름이 올라 있는 모든 위원"),
    ("의결", "모여서 의논하고 정하는 일"),
    ("소집", "회의를 열려고 사람을 모으는 일"),
    ("반출", "밖으로 가지고 나가는 일"),
    ("접근권한", "시스템이나 자료를 쓸 수 있게 허락된 자격"),
)


# Words that a question has whatever it is about.
ASKING = re.compile(
    r"무엇|어떤|어떻게|누구|언제|며칠|얼마|하여|있나|없나|하나요|되나요|경우|때에|따라|따른|관하|대하|위하|그|이|각"
)


def content_words(core: str) -> list[str]:
    """The words of a question that say what it is about, cut where endings begin."""
    return [word[:2] for word in re.findall(r"[가-힣]{2,}", core) if not ASKING.match(word)]


def compared(share: int) -> str:
    """What a score rests on: `share` percent of the words."""
    return f"답변의 낱말 가운데 {share}%가 본문에 있습니다. 낱말을 비교한 값이며 내용을 판단한 것이 아닙니다."


def about_case(where: str, signs: Sequence[str], said: str) -> tuple[str, str]:
    """The question about a sequence of events, and the answer: its signs, and what the source says of them."""
    named = ", ".join(f"'{sign}'" for sign in signs)
    return f"{where}에 비추어 보면, 사건의 경과에서 의심할 만한 점은 무엇인가요?", f"의심할 만한 점은 {named}입니다. {said}"
