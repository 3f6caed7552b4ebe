"""Who a clause speaks about: the parties of insurance terms, finance rules and Korean statutes, and their counterparts.

A swapped party is the error that fuzzy matching accepts most often (0.85 of the time, measured), so it has a guard of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tasks.text.hangul import one_apart
from tasks.text.marks import Mark
from tasks.text.particles import BY_FORM, particle

# One name a party; the names behind it mean the same.
SAME: dict[str, str] = {"당사": "회사", "보험회사": "회사", "보험계약자": "계약자", "보험대상자": "피보험자"}
# A party and the one that a careless reader takes it for.
COUNTERPARTS: dict[str, tuple[str, ...]] = {
    "회사": ("계약자",),
    "계약자": ("피보험자", "회사"),
    "피보험자": ("계약자", "보험수익자"),
    "보험수익자": ("계약자", "피보험자"),
    "지정대리청구인": ("보험수익자",),
    "사용자": ("근로자",),
    "근로자": ("사용자",),
    "개인정보처리자": ("정보주체",),
    "정보주체": ("개인정보처리자",),
    "수탁자": ("위탁자",),
    "위탁자": ("수탁자",),
    "금융회사": ("이용자",),
    "이용자": ("금융회사",),
    "전자금융업자": ("이용자",),
    "금융위원회": ("금융감독원장",),
    "금융감독원장": ("금융위원회",),
    "감독원장": ("금융위원회",),
    "고용노동부장관": ("근로감독관",),
    "보호위원회": ("개인정보처리자",),
    "신용정보회사": ("신용정보주체",),
    "신용정보주체": ("신용정보회사",),
    "가입자": ("인증사업자",),
    "인증사업자": ("가입자",),
    "채권자": ("채무자",),
    "채무자": ("채권자",),
    "매도인": ("매수인",),
    "매수인": ("매도인",),
    "임대인": ("임차인",),
    "임차인": ("임대인",),
    "도급인": ("수급인",),
    "수급인": ("도급인",),
    "위임인": ("수임인",),
    "수임인": ("위임인",),
    "대통령령": ("총리령",),
    "총리령": ("대통령령",),
}
_NAMES = "|".join(sorted({*COUNTERPARTS, *SAME}, key=len, reverse=True))
_PARTICLE = "로부터|으로부터|에게서|에게|께|은|는|이|가|을|를|에|와|과|의|으로|로"
WHOLE_WORD = re.compile(rf"(?<![가-힣])({_NAMES})({_PARTICLE})?(?![가-힣])")
INSURANCE = frozenset({"회사", "계약자", "피보험자", "보험수익자"})
DECREES = frozenset({"대통령령", "총리령"})
PEOPLE = re.compile(r"(?:자|인|장|장관|관|주체)$")
JOINED = re.compile(r"(?:또는|및|[와과,ㆍ·])\s*$|^\s*(?:또는|및|[,ㆍ·])")


def swapped(sentence: str, context: str) -> list[str]:
    """The sentence with one party replaced by another one wherever it stands, particles fitted; one result a replacement.

    Only by a party that the context knows. Where both are there, the two change places. A party in an enumeration stays.
    """
    found = list(WHOLE_WORD.finditer(sentence))
    listed = {match[1] for match in found if _joined(sentence, match)}
    results = [
        _exchanged(sentence, name, other)
        for name in dict.fromkeys(match[1] for match in found)
        for other in COUNTERPARTS.get(SAME.get(name, name), ())
        if not listed & {name, other} and (other in context or {name, other} <= INSURANCE or {name, other} <= DECREES)
    ]
    return [result for result in dict.fromkeys(results) if result != sentence]


def _joined(sentence: str, match: re.Match[str]) -> bool:
    return bool(JOINED.search(sentence[: match.start()]) or JOINED.search(sentence[match.end() :]) or match[2] in ("와", "과"))


def _exchanged(sentence: str, name: str, other: str) -> str:
    def replace(match: re.Match[str]) -> str:
        if match[1] not in (name, other):
            return match[0]
        return _with_particle(other if match[1] == name else name, match[2] or "")

    return WHOLE_WORD.sub(replace, sentence)


def _with_particle(word: str, form: str) -> str:
    if form in ("에", "에게"):
        return word + ("에게" if PEOPLE.search(word) else "에")
    if form.endswith("로부터"):
        return word + particle(word, "로") + "부터"
    return word + (particle(word, form) if form in BY_FORM else form)


ENGLISH_COUNTERPARTS: dict[str, tuple[str, ...]] = {
    "insurer": ("policyholder", "insured person"),
    "company": ("policyholder", "customer", "employee", "member"),
    "policyholder": ("insurer", "company"),
    "insured person": ("insurer", "policyholder"),
    "beneficiary": ("policyholder",),
    "employer": ("employee",),
    "employee": ("employer", "company", "manager"),
    "manager": ("employee",),
    "customer": ("bank", "company"),
    "bank": ("customer",),
    "landlord": ("tenant",),
    "tenant": ("landlord",),
    "controller": ("processor", "data subject"),
    "processor": ("controller",),
    "lender": ("borrower",),
    "borrower": ("lender",),
}
ENGLISH_NAME = re.compile(rf"\b({'|'.join(sorted(ENGLISH_COUNTERPARTS, key=len, reverse=True))})\b", re.IGNORECASE)


def english_swapped(sentence: str, context: str) -> list[str]:
    """The English sentence with one party replaced by another one that the context knows, or with two that change places."""
    results = [
        _english_exchanged(sentence, name, other)
        for name in dict.fromkeys(match[0].lower() for match in ENGLISH_NAME.finditer(sentence))
        for other in ENGLISH_COUNTERPARTS[name]
        if re.search(rf"\b{other}\b", context, re.IGNORECASE)
    ]
    return [result for result in dict.fromkeys(results) if result != sentence]


def _english_exchanged(sentence: str, one: str, two: str) -> str:
    def replace(match: re.Match[str]) -> str:
        other = {one: two, two: one}.get(match[0].lower(), match[0])
        return other.capitalize() if match[0][0].isupper() and other != match[0] else other

    return ENGLISH_NAME.sub(replace, sentence)


# ---------------------------------------------------------------- reading
# One name for the names of one party; 보험수익자 and 수익자 are told as one by their ends.
_ALIASES: Final = SAME | {"보험사": "회사", "보험자": "회사", "저희": "회사", "당행": "은행", "보험대상자": "피보험자"}
# Ends of words for those who act; the words in _NO_PARTY end alike and name things.
_AGENT: Final = (
    "자|인|장|장관|감독관|위원|직원|임원|회원|조합원|법원|대법원|감사원|감독원|회사|기관|은행|위원회|협회|조합|단체|주체|정부|국가|총리|대통령"
    "|관청|행정청|국세청|경찰청|세관|공사|공단|센터|점포|대리점|설계사|중개사|평가사|회계사|변호사|의사|손해사정사|사업주|차주|대주|주주|선주|지주|배우자|미성년자"
    "|자녀|부모|친족|가족|검사|판사|기업|업체|당사|법무부|고용노동부|금융위|당국|고객|대통령령|총리령|부령|노동조합|이사|감사|이사회|총회|가맹점|병원|의료기관|사원|상대방|지사|군수|시장"
    "|공무원|구성원|진흥원|보안원|결제원|정보원|연구원|관리원|개발원|거래소|중앙회|협의회|심의회|공제회|남편|아내|형제자매|직계비속|직계존속|아동|청소년|유족|태아|근로자대표|조사관|심사관|심판관"
    "|검사관|국민|주민|환자|제삼자|사용인|종업원"
)
_NO_PARTY: Final = re.compile(
    r"(?:투자|이자|전자|일자|숫자|문자|글자|격자|그림자|출자|의자|승인|확인|할인|요인|원인|기인|부인|용인|묵인|날인|도입인|보관|주관|소관|이관|정관|약관"
    r"|지원|자원|재원|인원|복원|구원|동원|주장|저장|공장|통장|확장|입장|성장|보장|문장|포장|연장|과장|신장|기장|손자|조사|심사|검사|계약인|무인|개인|타인|공인|본인확인"
    r"|회원가입|행사|종사|공사중|인사|송금인|가압인|할증인|체인|라인|온라인|사인|디자인|도메인|메인|경우의사|재산관|임장|[가-힣]고자|각자|하자|지장|가장|본장)$|^.$"
)
# Without a particle, 인 is more often the copula (무효인 행위) than a person.
_PERSON: Final = re.compile(
    r"(?:대리|상속|후견|보증|양수|양도|매수|매도|임차|임대|전차|수급|도급|위임|수임|신청|청구|관리|청산|관계|감독|수취|지급|소지|배서"
    r"|외국|임치|수치|승계|관재|공증|감정|간병|동거|본|법|타)인$"
)
_ROLES: Final = {
    "topic": "께서는|께서도|에서는|은|는|도",
    "subject": "께서|이|가",
    "dative": "에게는|에게도|에게|께|한테는|한테",
    "source": "에게서|으로부터|로부터",
    "object": "을|를",
    "genitive": "의",
    "joined": "와|과|이나|나|이며|ㆍ|·",
    "other": "에는|에|으로|로|만",
}
_ROLE_OF: Final = {form: role for role, forms in _ROLES.items() for form in forms.split("|")}
_FORMS: Final = "|".join(sorted(_ROLE_OF, key=len, reverse=True))
_PARTY: Final = re.compile(
    rf"(?<![가-힣])(?P<name>(?:[가-힣]{{0,12}}?(?:{_AGENT})|{_NAMES}))(?:들|분|님|등)?(?P<form>{_FORMS})?(?![가-힣])"
)
_ENGLISH_PARTY: Final = re.compile(
    r"\b(?P<name>insurer|company|policyholder|policy holder|insured person|insured|beneficiar(?:y|ies)|employers?"
    r"|employees?|managers?|"
    r"customers?|banks?|landlords?|tenants?|controllers?|processors?|data subjects?|lenders?|borrowers?|members?"
    r"|commission|authority|"
    r"minister|courts?|board|claimants?|suppliers?|buyers?|sellers?|contractors?|licensees?|licensors?|users?"
    r"|providers?|owners?|agents?|"
    r"third part(?:y|ies)|directors?|spouses?|heirs?|child(?:ren)?|police|government|state|hospital|school"
    r"|committee|council|firm|staff|"
    r"parents?|clients?|patients?|applicants?|residents?|students?|president|participants?|consultants?|accountants?|merchants?|"
    r"recipients?|dependants?|occupants?|defendants?|respondents?|secretary|registrar|tribunal|parliament|agency|institution)\b"
    r"|\b(?:the|an?|each|every|any|both|this|such) (?P<actor>[a-z]{2,}(?:er|or|ee|man|ian|ist)s?)\b"
)
# Words that end like a person and are none.
_NO_ACTOR: Final = frozenset(
    [
        "other",
        "order",
        "number",
        "matter",
        "error",
        "letter",
        "offer",
        "transfer",
        "latter",
        "former",
        "quarter",
        "paper",
        "water",
        "power",
        "manner",
        "register",
        "computer",
        "server",
        "container",
        "factor",
        "floor",
        "door",
        "motor",
        "whether",
        "further",
        "either",
        "neither",
        "order",
        "cover",
        "fee",
        "degree",
        "committee",
        "guarantee",
        "refer",
        "alter",
        "enter",
        "tender",
        "human",
        "list",
        "waiver",
        "murder",
        "border",
        "corner",
        "chapter",
        "folder",
        "header",
        "counter",
        "meter",
        "error",
        "major",
        "minor",
        "prior",
        "interior",
        "exterior",
        "disorder",
        "earlier",
        "later",
        "longer",
        "shorter",
        "fewer",
        "greater",
        "larger",
        "smaller",
        "lower",
        "higher",
        "over",
        "under",
        "never",
    ]
)


def parties(text: str, english: bool = False) -> Iterator[Mark]:
    """Who is named in a text, from left to right: one name a party, and in `note` the role that its particle gives it."""
    if english:
        for match in _ENGLISH_PARTY.finditer(text):
            name = (match["name"] or match["actor"]).rstrip("s")
            if name not in _NO_ACTOR:
                yield Mark(match.end() - len(match["name"] or match["actor"]), match.end(), name)
        return
    for match in _PARTY.finditer(text):
        lead = _LEAD.match(match["name"])
        name = match["name"][lead.end() :] if lead else match["name"]
        if name in _KNOWN or not (
            _NO_PARTY.search(name) or (name.endswith("인") and not match["form"] and not _PERSON.search(name))
        ):
            begin = match.end("name") - len(name)
            if (half := _HALF.search(text, 0, begin)) and not _PARTY.fullmatch(half[1]):
                name, begin = f"{half[1]}ㆍ{name}", half.start()
            role = _ROLE_OF.get(match["form"] or "", "")
            end = match.start("form") if role == "joined" else match.end()
            yield Mark(begin, end, _ALIASES.get(name, name), role)


_KNOWN: Final = frozenset({*COUNTERPARTS, *SAME, "본인", "검사", "감사", "개인", "타인", "공사", "공인", "수취인", "수치인"})


_HALF: Final = re.compile(r"(?<![가-힣])([가-힣]{2,12})[ㆍ·‧\u119e]$")  # 신용정보제공ㆍ이용자 is one name
# Words that a lost space leaves before a name: 지급하지 않은사업주.
_LEAD: Final = re.compile(
    r".*(?:않은|아니한|없는|있는|하는|받은|받는|따르면|따라|따른|의하여|의한|대하여|대해|없이|않고|또는|에서|에게|으로|경우에는|경우|[를을에]|넘어|문서로)(?=[가-힣]{2})"
)


_NOUN: Final = re.compile(r"(?<![가-힣])(?P<name>[가-힣]{2,14}?)(?:들)?(?P<form>께서는|께서|에게는|에게|은|는|이|가)(?![가-힣])")
_VERBAL: Final = re.compile(
    r"(?:[하되받있없않르으지우오보시었았였했에서여로며고면도]|경우|[한된인은는을]때|것)$"
)  # 지급하는, 따르는: no noun


def actors(text: str, english: bool = False) -> Iterator[Mark]:
    """Nouns that may act, whoever they are: with a particle of the topic, the subject or the dative. English ones are parties."""
    for match in () if english else _NOUN.finditer(text):
        if not _VERBAL.search(match["name"]):
            yield Mark(match.start(), match.end("name"), match["name"], _ROLE_OF[match["form"]])


def known_party(name: str) -> bool:
    """Whether this very name is a party of the lists above, not only one by its end."""
    return name in _KNOWN or name in _AGENTS


_AGENTS: Final = frozenset(_AGENT.split("|"))


# Names that stand for a longer one that ends alike: 장관 for 고용노동부장관. 채무자 does not stand for 주채무자.
_HEADS: Final = frozenset(
    [
        "장관",
        "위원회",
        "위원장",
        "원장",
        "수익자",
        "계약자",
        "법원",
        "기관",
        "협회",
        "조합",
        "단체",
        "사업자",
        "당국",
        "대표자",
        "책임자",
    ]
)
_PREFIXES: Final = ("피", "비", "재", "하", "원", "전", "부", "한국", "공동", "복")
_GLUED: Final = re.compile(
    r"(?:의|에는|에서|으로|에게|은|는|을|를|한|된|긴|른|및|또는|면|라|고|며|서|에|어|로|대해|하여|^그|^이|경우|때)$"
)  # a space was lost before the name


def same_party(one: str, other: str) -> bool:
    """Whether two names can be one party: 보험수익자 and 수익자, 고용노동부장관 and 장관, 계악자 (misread) and 계약자."""
    short, long = sorted((one, other), key=len)
    before, tail = long[: len(long) - len(short)], long[len(long) - len(short) :]
    if short != tail and not (_misread(short, tail) and not (known_party(short) and known_party(tail))):
        return False
    if not before or _GLUED.search(before):
        return True
    return (short in _HEADS or (short == "회사" and before.endswith(("보험", "주식")))) and before not in _PREFIXES


def _misread(one: str, other: str) -> bool:
    wrong = [(a, b) for a, b in zip(one, other, strict=True) if a != b]
    return len(wrong) == 1 and len(one) >= 2 and one_apart(*wrong[0])
