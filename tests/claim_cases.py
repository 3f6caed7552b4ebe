"""Answers beside their evidence: what is wrong with them and how sure that is, and answers with nothing wrong."""

from __future__ import annotations

from typing import NamedTuple

from tasks.check.findings import Reason
from tasks.records import Language


class Wrong(NamedTuple):
    check: str  # the check of tasks.check.claims that finds it
    reason: Reason
    hard: bool
    answer: str
    evidence: str
    language: Language = "ko"


class Right(NamedTuple):
    what: str
    answer: str
    evidence: str
    language: Language = "ko"


PAY = "회사는 제8조에서 정한 서류를 접수한 날부터 3영업일 이내에 보험금을 지급합니다."
STAGES = "계약자가 최초 3개월은 50%, 이후 6개월은 30%를 회사에 납입하여야 한다."
FINE = "다음 각 호의 어느 하나에 해당하는 자는 5년 이하의 징역 또는 5천만원 이하의 벌금에 처한다."
NOTICE = (
    "사용자는 근로자를 해고하려면 적어도 30일 전에 예고를 하여야 한다. "
    "다만, 천재ㆍ사변으로 사업을 계속하는 것이 불가능한 경우에는 그러하지 아니하다."
)
MEDIUM = "금융회사 또는 전자금융업자가 접근매체를 발급할 때에는 본인임을 확인한 후에 발급하여야 한다."
TELL = "개인정보처리자는 정보주체에게 처리 목적의 변경을 미리 알려야 하며, 이용자는 이를 거부할 수 있다."
TWO_RULES = (
    "일시금을 나누어 지급하는 경우에는 평균공시이율로 계산한 금액을 더하여 지급합니다.\n"
    "계약자는 주소 또는 연락처가 바뀐 때에는 지체 없이 회사에 알려야 합니다."
)
ENGLISH = (
    "The insurer must pay a claim within 10 business days after it has received all documents, unless the claim was fraudulent."
)

WRONG = (
    Wrong("numbers", "number_not_in_evidence", True, "회사는 서류를 접수한 날부터 5영업일 이내에 보험금을 지급합니다.", PAY),
    Wrong("numbers", "number_not_in_evidence", True, "회사는 서류를 접수한 날부터 삼십 영업일 이내에 보험금을 지급합니다.", PAY),
    Wrong("numbers", "unit_differs", True, "회사는 서류를 접수한 날부터 3일 이내에 보험금을 지급합니다.", PAY),
    Wrong("numbers", "unit_differs", True, "회사는 서류를 접수한 날부터 3개월 이내에 보험금을 지급합니다.", PAY),
    Wrong(
        "numbers", "number_not_in_evidence", True, "계약자는 최초 6개월은 50%, 이후 3개월은 30%를 회사에 납입해야 합니다.", STAGES
    ),
    Wrong(
        "numbers", "number_not_in_evidence", True, "계약자는 최초 3개월은 30%, 이후 6개월은 50%를 회사에 납입해야 합니다.", STAGES
    ),
    Wrong(
        "numbers",
        "number_not_in_evidence",
        True,
        "이 고시는 2024년 2월 1일부터 시행한다.",
        "이 고시는 2024년 1월 1일부터 시행한다.",
    ),
    Wrong("comparators", "comparator_differs", True, "5년 이상의 징역 또는 5천만원 이하의 벌금에 처합니다.", FINE),
    Wrong("comparators", "comparator_differs", True, "5년 이하의 징역 또는 5천만원 미만의 벌금에 처합니다.", FINE),
    Wrong("comparators", "comparator_differs", True, "회사는 서류를 접수한 날부터 3영업일 이후에 보험금을 지급합니다.", PAY),
    Wrong("comparators", "comparator_differs", False, "5년의 징역 또는 5천만원 이하의 벌금에 처합니다.", FINE),
    Wrong(
        "comparators",
        "comparator_differs",
        True,
        "The insurer must pay a claim no earlier than 10 business days after it received all documents, unless it was a fraud.",
        ENGLISH,
        "en",
    ),
    Wrong("polarity", "polarity_differs", True, "회사는 서류를 접수한 날부터 3영업일 이내에 보험금을 지급하지 않습니다.", PAY),
    Wrong("polarity", "polarity_differs", True, "계약자는 최초 3개월은 50%를 회사에 납입할 수 있습니다.", STAGES),
    Wrong("polarity", "polarity_differs", True, "계약자는 최초 3개월은 50%를 회사에 납입하지 아니할 수 있습니다.", STAGES),
    Wrong("polarity", "polarity_differs", True, "계약자는 최초 3개월은 50%를 회사에 납입하는 것이 바람직합니다.", STAGES),
    Wrong("polarity", "polarity_differs", True, "회사는 계약을 해지할 수 없습니다.", "회사는 계약을 해지할 수 있습니다."),
    Wrong(
        "polarity",
        "polarity_differs",
        True,
        "사업자는 개인정보를 제공하여도 됩니다.",
        "사업자는 개인정보를 제공하여서는 아니 된다.",
    ),
    Wrong(
        "polarity",
        "polarity_differs",
        True,
        "The insurer need not pay a claim within 10 business days after it has received all documents, unless it was a fraud.",
        ENGLISH,
        "en",
    ),
    Wrong("opposites", "polarity_differs", True, "그 부분의 근로계약은 유효로 한다.", "그 부분의 근로계약은 무효로 한다."),
    Wrong("opposites", "order_differs", True, "개인정보처리자는 정보주체에게 처리 목적의 변경을 사후에 알려야 한다.", TELL),
    Wrong("parties", "party_differs", True, "계약자는 서류를 접수한 날부터 3영업일 이내에 보험금을 지급합니다.", PAY),
    Wrong("parties", "party_differs", True, "회사가 최초 3개월은 50%, 이후 6개월은 30%를 계약자에게 납입하여야 한다.", STAGES),
    Wrong(
        "parties",
        "party_differs",
        True,
        "근로자는 사용자를 해고하려면 적어도 30일 전에 예고를 하여야 한다. 다만, 천재ㆍ사변의 경우는 예외이다.",
        NOTICE,
    ),
    Wrong(
        "parties",
        "party_differs",
        True,
        "The policyholder must pay a claim within 10 business days after it has received all documents, unless it was a fraud.",
        ENGLISH,
        "en",
    ),
    Wrong(
        "actors",
        "party_differs",
        False,
        "어부는 종자의 검사를 마친 때에는 그 결과를 적는다.",
        "농민은 종자의 검사를 마친 때에는 그 결과를 적는다.",
    ),
    Wrong(
        "citations",
        "reference_unknown",
        True,
        "회사는 제9조에서 정한 서류를 접수한 날부터 3영업일 이내에 보험금을 지급합니다.",
        PAY,
    ),
    Wrong(
        "scope", "scope_differs", True, "수탁자는 그 업무의 전부를 위탁할 수 있다.", "수탁자는 그 업무의 일부를 위탁할 수 있다."
    ),
    Wrong("scope", "scope_differs", True, "회사는 매월 보험료를 다시 계산합니다.", "회사는 매년 보험료를 다시 계산합니다."),
    Wrong("scope", "scope_differs", True, "회사 및 보험중개사는 약관을 교부한다.", "회사 또는 보험중개사는 약관을 교부한다."),
    Wrong(
        "scope",
        "scope_differs",
        True,
        "계약자는 조건과 관계없이 언제나 계약을 해지할 수 있다.",
        "보험료가 오른 경우에는 계약자는 계약을 해지할 수 있다.",
    ),
    Wrong(
        "scope",
        "scope_differs",
        False,
        "채무자의 고의로 이행할 수 없게 된 때에는 배상한다.",
        "채무자의 고의나 과실로 이행할 수 없게 된 때에는 배상한다.",
    ),
    Wrong("exceptions", "exception_dropped", False, "사용자는 근로자를 해고하려면 적어도 30일 전에 예고를 해야 합니다.", NOTICE),
    Wrong(
        "exceptions",
        "exception_dropped",
        True,
        "사용자는 근로자를 해고하려면 반드시 적어도 30일 전에 예고를 해야 합니다.",
        NOTICE,
    ),
    Wrong("conditions", "scope_differs", False, "일시금을 나누어 지급하는 경우에는 지체 없이 회사에 알려야 합니다.", TWO_RULES),
    Wrong(
        "order",
        "order_differs",
        True,
        "신청인은 본인 확인을 받은 후에 신청서를 제출한다.",
        "신청인은 신청서를 제출한 후에 본인 확인을 받는다.",
    ),
    Wrong(
        "order",
        "order_differs",
        True,
        "1. 심사위원회의 의결\n2. 현장 조사\n3. 서류 접수",
        "1. 서류 접수\n2. 현장 조사\n3. 심사위원회의 의결",
    ),
)

RIGHT = (
    Right("the same", PAY, PAY),
    Right("another register", "회사는 제8조에서 정한 서류를 접수한 날부터 3영업일 이내에 보험금을 지급해요.", PAY),
    Right("nominal ending", "회사는 서류를 접수한 날부터 3영업일 이내에 보험금을 지급함.", PAY),
    Right("number format", "회사는 서류를 접수한 날부터 삼 영업일 안에 보험금을 지급한다.", PAY),
    Right("amount format", "5년 이하의 징역 또는 50,000,000원 이하의 벌금에 처합니다.", FINE),
    Right("short", "3영업일 이내입니다.", PAY),
    Right("lost spaces", "회사는 서류를접수한날부터 3영업일이내에 보험금을지급합니다.", PAY),
    Right("source", "이 약관 제9조 제1항에 따르면 회사는 서류를 접수한 날부터 3영업일 이내에 보험금을 지급합니다.", PAY),
    Right(
        "source at the end", "회사는 서류를 접수한 날부터 3영업일 이내에 보험금을 지급합니다 (근거: 제9조 보험금의 지급).", PAY
    ),
    Right("honorific", "계약자님께서는 최초 3개월은 50%, 이후 6개월은 30%를 회사에 납입하셔야 합니다.", STAGES),
    Right("other order", "이후 6개월은 30%, 최초 3개월은 50%를 계약자가 회사에 납입하여야 한다.", STAGES),
    Right(
        "parties named in another order",
        "전자금융업자 또는 금융회사는 접근매체를 발급할 때 본인임을 확인한 후에 발급해야 합니다.",
        MEDIUM,
    ),
    Right("misread letters", "계악자가 최초 3개월은 50%, 이후 6개월은 30%를 희사에 남입하여야 한다.", STAGES),
    Right("misread evidence", STAGES, "계악자가 최초 3개월은 50%, 이후 6개월은 30%를 희사에 남입하여야 한다."),
    Right(
        "exception told",
        "근로자를 해고하려면 30일 전에 예고해야 합니다. "
        "다만, 천재ㆍ사변으로 사업 계속이 불가능한 경우에는 예고하지 않아도 됩니다.",
        NOTICE,
    ),
    Right("exception alone", "천재ㆍ사변으로 사업을 계속하는 것이 불가능한 경우에는 예고를 하지 않아도 됩니다.", NOTICE),
    Right("duty in other words", "사업자는 개인정보를 제공하면 안 됩니다.", "사업자는 개인정보를 제공하여서는 아니 된다."),
    Right("double negation", "회사는 이를 보상하여야 한다.", "회사는 이를 보상하지 아니하면 아니 된다."),
    Right("year and months", "기간은 12개월입니다.", "기간은 1년으로 한다."),
    Right("one rule of two", "주소가 바뀐 때에는 지체하지 않고 회사에 알려야 합니다.", TWO_RULES),
    Right("the same opposite", "그 부분의 근로계약은 무효입니다.", "그 부분의 근로계약은 무효로 한다."),
    Right("known actor", "농민은 검사를 마친 때에는 그 결과를 적습니다.", "농민은 종자의 검사를 마친 때에는 그 결과를 적는다."),
    Right("the same order", "신청서를 제출한 후에 본인 확인을 받아요.", "신청인은 신청서를 제출한 후에 본인 확인을 받는다."),
    Right("the same scope", "수탁자는 업무 일부를 위탁할 수 있어요.", "수탁자는 그 업무의 일부를 위탁할 수 있다."),
    Right("English", "Within 10 business days after receiving all documents, unless the claim was fraudulent.", ENGLISH, "en"),
)
