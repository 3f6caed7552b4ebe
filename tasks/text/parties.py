"""Who a clause speaks about: the parties of insurance terms, finance rules and Korean statutes, and their counterparts.

A swapped party is the error that fuzzy matching accepts most often (0.85 of the time, measured), so it has a guard of its own.
"""

from __future__ import annotations

import re

from tasks.text.particles import BY_FORM, particle

# One name a party; the names behind it mean the same.
SAME: dict[str, str] = {"당사": "회사", "보험회사": "회사", "보험계약자": "계약자", "보험대상자": "피보험자"}
# A party and the one that a careless reader takes it for, with the word that decides to whom a swap is a real change.
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
    "은행": ("금융위원회",),
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
    "본인": ("대리인",),
    "대리인": ("본인",),
    "대통령령": ("총리령",),
    "총리령": ("대통령령",),
}
ENGLISH_COUNTERPARTS: dict[str, tuple[str, ...]] = {
    "insurer": ("policyholder", "insured person"),
    "company": ("policyholder", "customer"),
    "policyholder": ("insurer",),
    "insured person": ("insurer", "policyholder"),
    "insured": ("insurer",),
    "beneficiary": ("policyholder",),
    "employer": ("employee",),
    "employee": ("employer",),
    "customer": ("bank",),
    "bank": ("customer",),
    "landlord": ("tenant",),
    "tenant": ("landlord",),
    "controller": ("processor",),
    "processor": ("controller",),
    "data subject": ("controller",),
    "manager": ("employee",),
    "member": ("company",),
    "staff": ("manager",),
    "lender": ("borrower",),
    "borrower": ("lender",),
    "we": ("you",),
    "you": ("we",),
}
_NAMES = "|".join(sorted({*COUNTERPARTS, *SAME}, key=len, reverse=True))
PARTY = re.compile(rf"(?<![가-힣])(?:{_NAMES})(?![가-힣]*(?:법|령|증권|계약))")
_TITLE = "은|는|이|가|을|를|에게서|에게|에|와|과|의|로|으로|로부터|으로부터|께"
WHOLE_WORD = re.compile(rf"(?<![가-힣])({_NAMES})({_TITLE})?(?![가-힣])")


def parties(text: str) -> frozenset[str]:
    """The parties a Korean text names, each by one name."""
    return frozenset(SAME.get(name, name) for name in PARTY.findall(text))


def swapped(sentence: str) -> list[str]:
    """The sentence with one party replaced by another one wherever it stands, particles fitted; one result a replacement.

    Where the other party is there too, the two change places.
    """
    found = list(dict.fromkeys(m[1] for m in WHOLE_WORD.finditer(sentence)))
    results = [_exchanged(sentence, name, other) for name in found for other in COUNTERPARTS.get(SAME.get(name, name), ())]
    return [r for r in dict.fromkeys(results) if r != sentence]


def _exchanged(sentence: str, name: str, other: str) -> str:
    def replace(match: re.Match[str]) -> str:
        if match[1] not in (name, other):
            return match[0]
        word = other if match[1] == name else name
        form = match[2] or ""
        return word + (particle(word, form) if form in BY_FORM else form)

    return WHOLE_WORD.sub(replace, sentence)
