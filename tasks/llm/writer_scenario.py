"""Sequences of events as texts about money laundering and fraud describe them, from a few templates.

A template is used where the source speaks of its pattern, in a sentence that can be quoted. Amounts are shares of one amount,
which is the source's own where it names one, so that no account ever pays what it does not hold.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.llm.drafts import units_of
from tasks.llm.writer_request import Clause, Item, Request
from tasks.text.numbers import numbers_in_order
from tasks.text.sentences import sentences

TYPOLOGY = re.compile(
    r"자금\s?세탁|의심\s?거래|대포\s?통장|전달책|운반책|인출책|보이스\s?피싱|전기통신금융사기|보험\s?사기"
    r"|money launder|suspicious (?:transaction|activit)|money mule|mule account|structuring",
    re.IGNORECASE,
)
MOST_QUOTES = 2
SMALLEST, LARGEST = 10_000, 10**11  # of the source's amounts that a case may be about
AMOUNTS = {"ko": (3_000_000, 4_800_000, 9_600_000, 24_000_000), "en": (3_000, 4_800, 9_600, 24_000)}
SMALLEST_FOREIGN = 500


@dataclass(frozen=True, slots=True)
class Event:
    """An event; `share` is per thousand of the case's amount."""

    day: int
    hour: int
    role: str
    action: str
    source: str = ""
    target: str = ""
    share: int = 0
    sign: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """A pattern: the words of a source that it belongs to, who takes part, accounts (name, holder, share), events."""

    about: str
    title: str
    roles: tuple[str, ...]
    accounts: tuple[tuple[str, str, int], ...]
    events: tuple[Event, ...]

    @property
    def signs(self) -> list[str]:
        """What makes it suspicious."""
        return [event.sign for event in self.events if event.sign]


def write_scenario(request: Request) -> Iterator[Item]:
    """The patterns that a typology speaks of and that were not used yet."""
    clause = request.clause
    if not TYPOLOGY.search(clause.source.text):
        return
    language = "ko" if clause.phrases.__name__.endswith("korean") else "en"  # type: ignore[attr-defined]  # a module
    fresh = [template for template in TEMPLATES[language] if not _used(template, request.avoid)]
    found = [(template, quotes) for template in fresh if (quotes := _spoken_of(template, clause))]
    for template, quotes in found[: request.count]:
        yield _scenario(template, quotes, clause, _amount(clause.source.text, language, template.title))


def _used(template: Template, avoid: tuple[str, ...]) -> bool:
    return any(template.title in line or all(sign in line for sign in template.signs) for line in avoid)


def _spoken_of(template: Template, clause: Clause) -> list[str]:
    said = [sentence for unit in units_of(clause.source) for sentence in sentences(unit.text)]
    told = [s for s in said if clause.grammar.is_statement(s) and re.search(template.about, s, re.IGNORECASE)]
    return told[:MOST_QUOTES]


def _amount(text: str, language: str, title: str) -> int:
    """The first amount of money of the source, else one by chance that is always the same."""
    unit, least = ("원", SMALLEST) if language == "ko" else ("달러", SMALLEST_FOREIGN)
    for value, found in numbers_in_order(text):
        if found == unit and value.isdigit() and least <= int(value) <= LARGEST:
            return int(value)
    dice = hashlib.blake2b(f"{title}\0{text}".encode("utf-8", "surrogatepass"), digest_size=1).digest()[0]
    return AMOUNTS[language][dice % len(AMOUNTS[language])]


def _scenario(template: Template, quotes: list[str], clause: Clause, amount: int) -> Item:
    question, answer = clause.phrases.about_case(clause.where(), template.signs, clause.phrases.said(clause.where(), quotes))
    return {
        "title": template.title,
        "roles": list(template.roles),
        "accounts": [
            {"name": name, "holder": holder, "balance": amount * share // 1000} for name, holder, share in template.accounts
        ],
        "events": [
            {
                "day": event.day,
                "hour": event.hour,
                "role": event.role,
                "action": event.action,
                "source": event.source,
                "target": event.target,
                "amount": amount * event.share // 1000,
                "sign": event.sign,
            }
            for event in template.events
        ],
        "question": question,
        "answer": answer,
        "quotes": quotes,
    }


BANK = "은행 준법감시 담당자"
TEMPLATES: dict[str, tuple[Template, ...]] = {
    "ko": (
        Template(
            r"대포\s?통장|전달책|운반책|차명|명의.{0,8}(?:빌|대여|양도)|계좌.{0,8}(?:빌|대여|양도)",
            "빌린 계좌를 거친 자금 이동",
            ("총책", "계좌 명의인", "피해자", BANK),
            (("피해자 계좌", "피해자", 1500), ("명의인 계좌", "계좌 명의인", 10), ("총책 계좌", "총책", 0)),
            (
                Event(0, 20, "총책", "대가를 약속하고 명의인의 계좌를 빌린다", sign="계좌 대여"),
                Event(
                    2,
                    10,
                    "피해자",
                    "총책에게 속아 돈을 보낸다",
                    "피해자 계좌",
                    "명의인 계좌",
                    1000,
                    "잔액이 적던 계좌에 큰돈 입금",
                ),
                Event(2, 11, "계좌 명의인", "시킨 대로 돈을 옮긴다", "명의인 계좌", "총책 계좌", 980, "입금 당일 거의 전액 출금"),
                Event(2, 15, BANK, "거래 내역을 확인하고 보고한다"),
            ),
        ),
        Template(
            r"분할|쪼개|나누어|여러 (?:번|차례|계좌)|기준 ?금액",
            "기준에 못 미치게 나눈 현금 입금",
            ("의뢰인", "첫째 입금자", "둘째 입금자", BANK),
            (("의뢰인 현금", "의뢰인", 1800), ("모음 계좌", "의뢰인", 0), ("해외 송금 계좌", "의뢰인", 0)),
            (
                Event(
                    0,
                    10,
                    "첫째 입금자",
                    "의뢰인의 현금 일부를 입금한다",
                    "의뢰인 현금",
                    "모음 계좌",
                    900,
                    "기준에 조금 못 미치는 현금 입금",
                ),
                Event(
                    0,
                    11,
                    "둘째 입금자",
                    "다른 영업점에서 나머지를 입금한다",
                    "의뢰인 현금",
                    "모음 계좌",
                    850,
                    "같은 날 다른 영업점에서 입금",
                ),
                Event(1, 9, "의뢰인", "모은 돈을 한꺼번에 옮긴다", "모음 계좌", "해외 송금 계좌", 1700, "모은 돈을 곧바로 이체"),
                Event(1, 14, BANK, "입금자들과 계좌의 관계를 확인하고 보고한다"),
            ),
        ),
        Template(
            r"보이스\s?피싱|전기통신금융사기|인출책|사칭|속여|속아|가로챈|편취",
            "속아서 보낸 돈의 현금 인출",
            ("유인책", "인출책", "피해자", BANK),
            (
                ("피해자 예금", "피해자", 1200),
                ("인출책 계좌", "인출책", 0),
                ("인출책 현금", "인출책", 0),
                ("유인책 현금", "유인책", 0),
            ),
            (
                Event(0, 9, "유인책", "기관을 사칭하여 전화한다", sign="기관 사칭"),
                Event(
                    0,
                    11,
                    "피해자",
                    "시키는 대로 돈을 보낸다",
                    "피해자 예금",
                    "인출책 계좌",
                    1100,
                    "처음 거래하는 계좌로 큰돈 이체",
                ),
                Event(0, 12, "인출책", "현금으로 찾는다", "인출책 계좌", "인출책 현금", 1100, "이체 직후 현금 인출"),
                Event(0, 18, "인출책", "현금을 건넨다", "인출책 현금", "유인책 현금", 1000),
                Event(1, 9, BANK, "피해 신고를 받고 거래를 멈춘다"),
            ),
        ),
        Template(
            r"여러 (?:개의 )?계좌|경유|거쳐|연쇄|즉시 (?:이체|인출|출금)|곧바로|단기간",
            "여러 계좌를 빠르게 지나가는 돈",
            ("자금 주인", "중간 계좌 주인", "도매상", BANK),
            (("주인 계좌", "자금 주인", 1000), ("중간 계좌", "중간 계좌 주인", 5), ("도매상 계좌", "도매상", 300)),
            (
                Event(
                    0,
                    22,
                    "자금 주인",
                    "업종이 다른 사람에게 돈을 보낸다",
                    "주인 계좌",
                    "중간 계좌",
                    1000,
                    "거래할 까닭이 없는 사람 사이의 이체",
                ),
                Event(
                    0,
                    23,
                    "중간 계좌 주인",
                    "받은 돈을 한 시간 안에 넘긴다",
                    "중간 계좌",
                    "도매상 계좌",
                    995,
                    "머무르지 않고 지나가는 돈",
                ),
                Event(
                    3,
                    10,
                    "도매상",
                    "물건값이라며 일부를 돌려준다",
                    "도매상 계좌",
                    "주인 계좌",
                    900,
                    "돈이 처음 사람에게 되돌아옴",
                ),
                Event(3, 16, BANK, "돈의 흐름을 이어 보고 보고한다"),
            ),
        ),
        Template(
            r"보험\s?사기|허위.{0,6}(?:입원|진단|사고)|과다.{0,4}입원|고의.{0,4}사고",
            "꾸민 입원과 보험금 청구",
            ("가담자", "알선자", "보험회사", "보험사기 조사 담당자"),
            (("보험회사 계좌", "보험회사", 5000), ("가담자 계좌", "가담자", 20), ("알선자 계좌", "알선자", 0)),
            (
                Event(0, 9, "가담자", "짧은 기간에 비슷한 보험 여러 개에 가입한다", sign="단기간 여러 보험 가입"),
                Event(30, 14, "알선자", "입원할 병원을 소개한다", sign="알선자의 개입"),
                Event(
                    45,
                    11,
                    "가담자",
                    "입원 서류를 내고 보험금을 받는다",
                    "보험회사 계좌",
                    "가담자 계좌",
                    1000,
                    "가벼운 증상에 긴 입원",
                ),
                Event(
                    45,
                    16,
                    "가담자",
                    "받은 돈의 일부를 넘긴다",
                    "가담자 계좌",
                    "알선자 계좌",
                    300,
                    "보험금 수령 당일 알선자에게 이체",
                ),
                Event(60, 10, "보험사기 조사 담당자", "청구 내역을 비교하여 조사를 시작한다"),
                Event(61, 10, "보험회사", "남은 청구의 지급을 멈춘다"),
            ),
        ),
    ),
    "en": (
        Template(
            r"\bmules?\b|third.party account|account of (?:another|someone)|borrowed account|lends? .{0,20}account",
            "Money passed on through a lent account",
            ("organiser", "money mule", "victim", "bank compliance officer"),
            (("victim account", "victim", 1500), ("mule account", "money mule", 10), ("organiser account", "organiser", 0)),
            (
                Event(0, 20, "organiser", "promises a fee for the use of an account", sign="account lent for a fee"),
                Event(
                    2,
                    10,
                    "victim",
                    "is deceived and sends money",
                    "victim account",
                    "mule account",
                    1000,
                    "large credit to a near-empty account",
                ),
                Event(
                    2,
                    11,
                    "money mule",
                    "passes it on as told",
                    "mule account",
                    "organiser account",
                    980,
                    "nearly all of it leaves on the same day",
                ),
                Event(2, 15, "bank compliance officer", "looks at the flow and reports it"),
            ),
        ),
        Template(
            r"structur|smurf|below the (?:reporting )?(?:threshold|limit)|small(?:er)? (?:amounts|deposits)|several deposits",
            "Cash paid in below the threshold",
            ("client", "first depositor", "second depositor", "bank compliance officer"),
            (("client cash", "client", 1800), ("collection account", "client", 0), ("account abroad", "client", 0)),
            (
                Event(
                    0,
                    10,
                    "first depositor",
                    "pays in part of the cash",
                    "client cash",
                    "collection account",
                    900,
                    "cash just below the threshold",
                ),
                Event(
                    0,
                    11,
                    "second depositor",
                    "pays in more at another branch",
                    "client cash",
                    "collection account",
                    850,
                    "another branch on the same day",
                ),
                Event(
                    1,
                    9,
                    "client",
                    "moves it all at once",
                    "collection account",
                    "account abroad",
                    1700,
                    "collected money leaves at once",
                ),
                Event(1, 14, "bank compliance officer", "links the depositors and reports it"),
            ),
        ),
        Template(
            r"layer|several accounts|chain of|rapid|immediately|invoice|shell compan",
            "Money that passes quickly through several accounts",
            ("owner", "intermediary", "trader", "bank compliance officer"),
            (("owner account", "owner", 1000), ("intermediary account", "intermediary", 5), ("trader account", "trader", 300)),
            (
                Event(
                    0,
                    22,
                    "owner",
                    "sends money to someone in another trade",
                    "owner account",
                    "intermediary account",
                    1000,
                    "transfer without a business reason",
                ),
                Event(
                    0,
                    23,
                    "intermediary",
                    "passes it on within the hour",
                    "intermediary account",
                    "trader account",
                    995,
                    "money that does not rest",
                ),
                Event(
                    3,
                    10,
                    "trader",
                    "sends most of it back as the price of goods",
                    "trader account",
                    "owner account",
                    900,
                    "money returns to its owner",
                ),
                Event(3, 16, "bank compliance officer", "follows the flow and reports it"),
            ),
        ),
    ),
}
