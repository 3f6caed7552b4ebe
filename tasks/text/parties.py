"""Who a clause speaks about: the parties of insurance terms, finance rules and Korean statutes, and their counterparts.

A swapped party is the error that fuzzy matching accepts most often (0.85 of the time, measured), so it has a guard of its own.
"""

from __future__ import annotations

import re

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
