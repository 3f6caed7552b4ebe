from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pymupdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tasks.clean.pii as pii
from tasks.clean.pii import find, mask, mask_pages, mask_reply, scrub
from tasks.clean.pii_labels import KINDS, PLACEHOLDERS, Kind
from tasks.records import Block, Box, Page
from tasks.settings import PiiSettings

ALL = PiiSettings()
NOTHING = dict.fromkeys(KINDS, False)


def kinds(text: str, settings: PiiSettings = ALL) -> list[Kind]:
    return [found.kind for found in find(text, settings)]


def page(*lines: str, number: int = 1, kind: str = "text") -> Page:
    blocks = tuple(
        Block.model_validate({"text": line, "box": Box(x0=50, y0=50 + 12 * row, x1=500, y1=60 + 12 * row), "kind": kind})
        for row, line in enumerate(lines)
    )
    return Page(
        document="d",
        path="pdf/기록.pdf",
        number=number,
        width=595,
        height=842,
        origin="text",
        engine="pymupdf",
        reason="",
        blocks=blocks,
    )


VALUES: list[tuple[Kind, str]] = [
    ("resident", "900101-1234567"),
    ("resident", "주민등록번호 : 900101 - 2234567"),
    ("resident", "9001011234567 홍길동"),
    ("resident", "국민 900101 1234567"),
    ("resident", "９００１０１－１２３４５６７"),
    ("resident", "900101—1234567"),
    ("resident", "9001\u200b01-1\u200b234567"),
    ("resident", "생년월일(900101-1******)"),
    ("resident", "900101-1●●●●●●"),
    ("resident", "000229-3123456"),
    ("resident", "주민번호 901399-1234567"),
    ("foreigner", "외국인등록번호: 880515-5123456"),
    ("foreigner", "8805156123456"),
    ("passport", "여권번호 M12345678"),
    ("passport", "M123A4567"),
    ("passport", "여권 JR1234567"),
    ("passport", "(여권 M1234\n5678)"),
    ("driver", "11-12-345678-90"),
    ("driver", "운전면허: 111234567890"),
    ("driver", "서울 04-123456-78"),
    ("business", "220-81-62517"),
    ("business", "사업자등록번호 123-45-67890"),
    ("business", "사업자번호: 2208162517"),
    ("corporate", "110111-0062432"),
    ("corporate", "법인등록번호: 110111-1234567"),
    ("account", "국민은행 123456-04-123456"),
    ("account", "신한 계좌: 110234567890"),
    ("account", "110-234-567890 (신한은행)"),
    ("account", "계좌 110-234-5678\n90로 이체"),
    ("card", "4111 1111 1111 1111"),
    ("card", "4111111111111111"),
    ("card", "카드번호 9410-1234-5678-9012"),
    ("card", "4111-11**-****-1111"),
    ("card", "3782 822463 10005"),
    ("phone", "010-1234-5678"),
    ("phone", "01012345678"),
    ("phone", "010.1234.5678"),
    ("phone", "+82-10-1234-5678"),
    ("phone", "+82 2 123 4567 전화 02-123-4567"),
    ("phone", "(02) 123-4567"),
    ("phone", "자택 전화는 02-000-4321, 팩스는 03\n1-000-9876임"),
    ("phone", "010-****-5678"),
    ("phone", "고객센터 담당 010-1234-5678"),
    ("email", "gil.dong+x@sub.example.co.kr"),
    ("email", "hong＠example.com으로"),
    ("email", "gildong.hong@exa\nmple.com"),
    ("email", "메일은 gildong.\nhong@naver.com"),
    ("email", "hong@naver.c\nom"),
    ("address", "서울특별시 강남구 테헤란로 152"),
    ("address", "서울특별시 강남\n구 테헤란로 152, 101동 1502호"),
    ("address", "부산광역시 해운대구 우동 1408-1번지"),
    ("address", "충북 청주시 상당구 상당로 82번길 15"),
    ("address", "세종특별자치시 한누리대로 2130"),
    ("address", "서울특별시별솔구하루로12"),
    ("address", "주소: 강남구 테헤란로 152"),
    ("name", "성명: 홍길동"),
    ("name", "예금주 홍길동"),
    ("name", "피보험자 성명 : 이영희"),
    ("name", "성명\n홍길동\n"),
    ("name", "고객 홍길동 님"),
    ("name", "대리인 남궁별솔(주민번호 9811054000019)"),
    ("vehicle", "차량번호 00가 0123"),
    ("ip", "접속 기록 192.0.2.45에서"),
    ("resident", "주민(법인)등록번호: 900101-1234567"),
    ("resident", "실명번호 900101-1234567 명의자"),
    ("resident", "생년월일/주민번호: 850315-2******"),
    ("resident", "법인등록번호:\n생년월일: 900101-1******"),
    ("resident", "휴대폰 010413-3***"),
    ("resident", "주민등록번호(외국인등록번호): 900101-1234567"),
    ("foreigner", "주민등록번호(외국인등록번호): 880515-5123456"),
    ("passport", "| 여권번호 |\n|---|\n| m12345678 |"),
    ("passport", "M 804E6277"),
    ("driver", "면허번호 경기 98-123456-78"),
    ("driver", "서\n울 12-123456-78"),
    ("driver", "11.12.345678.90"),
    ("driver", "운전면허번호: 11-12-34\n  5678-90"),
    ("business", "등록번호 123-45-67890"),
    ("business", "상호 별솔상사 2208162517"),
    ("business", "220 81 62517"),
    ("business", "사업자등록번호: 220.81.62517"),
    ("business", "220—81—62517"),
    ("corporate", "110111-1234567(법인등록번호)"),
    ("corporate", "별솔보험(법인 110111-1234567)"),
    ("account", "계좌번호: 110.234.567890"),
    ("account", "신한 110-234-567890"),
    ("account", "환급금은 110-234-567890으로 입금"),
    ("account", "국민은행(예금주 홍길동) 123456-04-123456 주식회사"),
    ("phone", "02 1234 5678"),
    ("phone", "07012345678"),
    ("phone", "0505-123-4567"),
    ("phone", "국민은행 직원에게 070-1234-5678로"),
    ("phone", "연락처 0111234567"),
    ("phone", "자택 032-384-****"),
    ("email", "gildong(at)naver.com"),
    ("email", "메일 gildong [at] naver [dot] com"),
    ("email", "메일: gildong at naver.com"),
    ("email", "hong@example.co.\nkr"),
    ("email", "hong@\n  example.com"),
    ("address", "주소 서울특별시 강북구 꽃마을로 45번길 21"),
    ("address", "대전광역시 중구 태평동3가 12-3"),
    ("address", "서울 강남구 테헤란로 152건물"),
    ("address", "천안시 동남구 신부동 364-1"),
    ("address", "서울 중구 새별동 한울아파트 118동 1306호"),
    ("address", "서울 중구 새별동 한울빌라 301호"),
    ("address", "서귀포시 별솔길25번길 196-5"),
    ("address", "서울 중구 별솔길 64번길 103"),
    ("address", "안내문 수령지를 서울 중구 별솔로 12로 변경"),
    ("name", "상담원: 허소울"),
    ("name", "주치의  허소울  전문의"),
    ("name", "성    명\t허소울"),
    ("name", "성명: 허 소 울"),
    ("name", "성명: NGUYEN THI BOM"),
    ("name", "이름  쩐 반 솔"),
    ("name", "보험계약자  남궁솔비"),
    ("name", "대표이사 허소울 (인)"),
    ("name", "성명: 허\n소울\n"),
    ("name", "허소울 고객님께"),
    ("name", "대리인 허소울은 방문함"),
    ("vehicle", "승용차 등록을 마친 37저 0164"),
    ("account", "새별증권 521-51-816279"),
    ("ip", "접속 IP 10.0.0.5"),
    ("ip", "2001:0db8:85a3:0000:0000:8a2e:0370:7334"),
    ("ip", "2001:db8::1"),
    ("resident", "| 주민등록번호 | 920404-1993 591 |"),
    ("phone", "| 휴대폰 | 010-12 34-5678 |"),
]
NOT_PERSONAL = """
고시 제2024-12호
금융위원회고시 제2025-4호
1,234,567원
은행의 자본금은 1000000000원
12345678901원을 지급
2024. 1. 1. ~ 2024. 12. 31.
2024-01-01
2024.01.01 09:30:15
제15조의2제3항제1호가목
법률 제19234호
2014다235080 판결
1,234.5678 %
고객센터 1588-0000
1577-0000(회사 대표번호)
콜센터(02-1234-5678)
대표전화 02-1234-5678, 팩스 02-1234-5679
(02-1234-5678, 고객상담실)
금융위원회 (은행과-총괄) 02-2100-2953
무료 080-123-4567
금융감독원 서울특별시 영등포구 여의대로 38
본사: 서울특별시 중구 세종대로 110
서울특별시 강남구청
서울특별시 강남구에서 3회
필요시 별도로 30일, 제3자로 1회
help@example.com
개인정보 보호책임자 privacy@insu.co.kr
증권번호 L2026-0001234
증권번호 9001011234567
상담번호 20260131-000123
상품코드 880201-12
보험증권 2024-123456-78
ISBN 9788912345678
문서번호 123-45-67890
900101-9
901301-1234567
900230-1234567
12조 2019년, 3호 2020
차량 제10조 2019
자동차 30만 2000대
심의필 제2024-1234호(2024.01.01~2025.12.31)
2018가합512345 판결
1234 5678 9012 3456
성명: (서명)
계약자: 회사와 계약을 체결하고
성명, 주민등록번호, 주소, 전화번호
성명 변경
예금주 변경 신청
담당자: 심사팀
고객님께
버전 1.2.3.4, 127.0.0.1
국민은행 고객센터 080-365-5000
국민은행 1588-9999
등록번호 제2024-123호
see you at example.com
2024.01.01.12345 계좌 개설일
계좌 한도 1.234.567
0.0212345678
X0212345678
지급 2 1234 5678 9012 3456
서울 강남구 테헤란로 12명의 직원
예금주 | 지급액
보험계약자 회사와 계약을 체결하고 보험료를 낼 의무를 지는 사람
수익자: 보험금을 받는 자
피해자 노모씨는
담당: 심사팀
상품 이름: 배당보
본점 소재지: 서울 중구 새별로 12
99다12345
연금증권 521-51-816279
상품(KR5204047772) 은행
출금 2024-03-15 14:30:22
920404-1993 591
""".strip().split("\n")


@pytest.mark.parametrize(("kind", "text"), VALUES)
def test_personal_data_is_found_in_every_spelling(kind: Kind, text: str) -> None:
    assert kind in kinds(text)


@pytest.mark.parametrize("text", NOT_PERSONAL)
def test_what_only_looks_personal_stays(text: str) -> None:
    assert kinds(text) == []


@pytest.mark.parametrize(("kind", "text"), VALUES)
def test_each_class_has_its_switch(kind: Kind, text: str) -> None:
    only = PiiSettings(**{**NOTHING, kind: True})
    without = PiiSettings(**{kind: False})
    assert set(kinds(text, only)) == {kind}
    assert kind not in kinds(text, without)
    assert kinds(text, PiiSettings(mask=False)) == []


def test_the_settings_have_a_switch_for_every_class() -> None:
    assert set(PiiSettings.model_fields) == {"mask", *KINDS}


def test_a_value_becomes_its_class_and_is_counted() -> None:
    masked = mask("성명: 홍길동  주민등록번호: 900101-1234568  전화: 010-1234-5678, 010-1234-5679", ALL)
    assert masked.text == "성명: [이름]  주민등록번호: [주민등록번호]  전화: [전화번호], [전화번호]"
    assert masked.counts == {"name": 1, "resident": 1, "phone": 2}


def test_a_name_below_its_head_in_tabs_or_wide_spaces_is_found() -> None:
    for gap in ("\t", "   "):
        assert (
            mask(f"성명{gap}직책\n허소울{gap}과장\n남궁솔비{gap}대리", ALL).text
            == f"성명{gap}직책\n[이름]{gap}과장\n[이름]{gap}대리"
        )


def test_a_number_at_the_end_of_a_line_is_not_part_of_the_mail_below() -> None:
    assert mask("연락처 010-1234-5678\nhong@naver.com", ALL).text == "연락처 [전화번호]\n[이메일]"


def test_the_time_after_a_broken_date_is_no_account() -> None:
    assert kinds("출금 2024-03-15\n14:30:22") == []


def test_half_of_a_long_code_is_no_card() -> None:
    assert kinds("12345678-12345674") == []


def test_a_known_name_goes_wherever_it_stands() -> None:
    assert mask("성명: 홍길동\n접수 후 홍길동이 방문함", ALL).text == "성명: [이름]\n접수 후 [이름]이 방문함"


def test_the_column_of_a_table_is_a_label() -> None:
    table = "| 성명 | 계좌번호 |\n|---|---|\n| 홍길동 | 110-234-567890 |\n| 이영희 | 1002123456789 |"
    assert mask(table, ALL).text == "| 성명 | 계좌번호 |\n|---|---|\n| [이름] | [계좌번호] |\n| [이름] | [계좌번호] |"


def test_the_head_of_a_long_column_is_a_label_still() -> None:
    rows = "".join(f"| {n} | {'가나다라마바사' * 5} | 110-234-56789{n} |\n" for n in range(9))
    assert mask(f"| 번호 | 비고 | 계좌번호 |\n|---|---|---|\n{rows}", ALL).counts == {"account": 9}


def test_the_head_of_a_column_of_tabs_is_a_label_too() -> None:
    table = "성명\t계좌번호\t등록번호\t면허번호\n홍길동\t110234567890\t220-81-62517\t111234567890\n"
    assert kinds(table) == ["name", "account", "business", "driver"]
    assert kinds(table.replace("\t", " | ")) == ["name", "account", "business", "driver"]


def test_in_a_table_the_label_in_the_row_goes_before_the_head() -> None:
    assert kinds("항목\t계좌번호\n연락처\t01012345678\n국민은행\t110234567890") == ["phone", "account"]


def test_the_label_of_a_number_on_its_own_line_goes_before_the_one_above() -> None:
    assert kinds("계좌번호: 110-234-567890\n관리번호: 123-456-789012") == ["account"]
    assert kinds("계좌번호:\n123-456-789012") == ["account"]
    assert kinds("계좌번호:\n조회키: 123-456-789012") == []


def test_a_label_is_used_up_by_its_value() -> None:
    assert kinds("계좌 110-234-567890 홍길동 9001011234567") == ["account", "resident"]
    assert kinds("계좌 110-234-567890, 110-234-567891") == ["account", "account"]


def test_a_number_of_a_column_is_not_part_of_its_neighbour() -> None:
    assert mask("2024\t4111 1111 1111 1111\t12", ALL).text == "2024\t[카드번호]\t12"


def test_the_region_of_an_old_licence_goes_with_it() -> None:
    assert mask("서울 04-123456-78 소지", ALL).text == "[운전면허번호] 소지"


def test_the_nearest_word_tells_whose_number_it_is() -> None:
    assert kinds("계약자는 고객센터 02-123-4567로 알려야 합니다") == []
    assert kinds("고객센터에 등록된 피보험자의 전화 02-123-4567") == ["phone"]


def test_values_glued_together_are_all_masked() -> None:
    assert mask("900101-1●●●●●●900101-1234567", ALL).text == "[주민등록번호][주민등록번호]"


def test_a_placeholder_never_makes_a_markdown_link() -> None:
    assert mask("계약자: 홍길동(010-1234-5678)", ALL).text == "계약자: [이름] ([전화번호])"


def test_masking_keeps_the_number_of_lines() -> None:
    assert mask("카드번호\n4111-1111-1111-11\n11\n주소", ALL).text == "카드번호\n[카드번호]\n\n주소"


BREAKABLE = [
    ("주민등록번호는 ", "900101-1234567", "입니다"),
    ("외국인등록번호: ", "8805155123456", ", 끝"),
    ("여권 ", "M123A4567", "."),
    ("운전면허번호 ", "11-12-345678-90", " 갱신"),
    ("사업자등록번호: ", "220-81-62517", "(주)"),
    ("법인등록번호: ", "110111-0062432", " 등"),
    ("국민은행 ", "123456-04-123456", "\n2. 다음 항목"),
    ("카드번호 ", "5555 5555 5555 4444", " 결제"),
    ("휴대폰 ", "01012345678", "\n3) 기타"),
    ("자택 전화 ", "031-1234-5678", "."),
    ("이메일 ", "gildong.hong@example.com", " 로 발송"),
    ("주소: ", "서울특별시 강남구 테헤란로 152, 101동 1502호", " 거주"),
    ("주소는 ", "경기도 성남시 분당구 판교역로166번길 12", "임"),
    ("차량번호 ", "12가 3456", " 승용차"),
    ("접속 IP ", "192.168.10.25", " 기록"),
]


@pytest.mark.parametrize(("before", "value", "after"), BREAKABLE)
def test_a_value_broken_over_two_lines_goes_whole(before: str, value: str, after: str) -> None:
    for at in range(1, len(value)):
        broken = f"{before}{value[:at]}\n{value[at:]}{after}"
        rest = mask(broken, ALL).text.replace("\n", "")
        assert rest.replace(" ", "") in {
            f"{before}{placeholder}{after}".replace(" ", "").replace("\n", "") for placeholder in PLACEHOLDERS.values()
        }, broken


# ------------------------------------------------------------------------------------------------------------- invariants

VALUE = st.sampled_from([text for _, text in VALUES])
LABEL_WORDS = [
    "주민(법인)등록번호",
    "등록번호",
    "면허",
    "| 계좌 | 법인번호 |\n",
    "\t여권\t",
    " at ",
    "(법인등록번호)",
    "서울 ",
    "관리번호: ",
]
PIECE = st.one_of(
    VALUE,
    st.sampled_from(NOT_PERSONAL),
    st.text("가나다성명:|( )\n\t-0123456789.@a계좌은행전화", max_size=12),
    st.sampled_from(LABEL_WORDS),
)
TEXT = st.lists(st.tuples(PIECE, st.sampled_from(["", " ", "\n", ", ", " | "])), max_size=8).map(
    lambda parts: "".join(piece + mark for piece, mark in parts)
)


@given(TEXT)
@settings(max_examples=400)
def test_masking_twice_is_masking_once(text: str) -> None:
    once = mask(text, ALL)
    assert mask(once.text, ALL) == pii.Masked(once.text, {})
    assert once.text.count("\n") == text.count("\n")


@given(st.text(st.characters(exclude_categories=["Nd"], exclude_characters="@＠")))
def test_text_without_digits_and_at_signs_holds_no_number(text: str) -> None:
    assert set(kinds(text)) <= {"name"}


SEPARATOR = st.sampled_from(["-", "", " ", " - ", "－", "–", "—", "‐", "\n", "-\n", "\u200b-", "."])
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


@given(
    born=st.dates(),
    digit=st.sampled_from("12345678"),
    rest=st.text("0123456789", min_size=6, max_size=6),
    separator=SEPARATOR,
    wide=st.booleans(),
    around=st.sampled_from([("", ""), ("고객(", ")"), ("주민번호는 ", "이며"), ("가입자 ", "\n2. 다음")]),
)
def test_every_resident_number_is_found(
    born: object, digit: str, rest: str, separator: str, wide: bool, around: tuple[str, str]
) -> None:
    date = f"{born:%y%m%d}" if f"{born:%m%d}" != "0229" else "000228"
    number = f"{date}{separator}{digit}{rest}"
    text = around[0] + (number.translate(FULL_WIDTH) if wide else number) + around[1]
    masked = mask(text, ALL)
    assert not any(c.isdecimal() and c not in "2" for c in masked.text.replace("2. 다음", ""))
    assert set(masked.counts) <= {"resident", "foreigner", "corporate"}
    assert sum(masked.counts.values()) == 1


@given(st.lists(st.integers(0, 9), min_size=12, max_size=12), SEPARATOR.filter(lambda s: s in ("-", "", " ", "－", "–", "‐")))
def test_every_card_number_is_found(digits: list[int], separator: str) -> None:
    number = "411" + "".join(map(str, digits))
    check = next(c for c in "0123456789" if pii_luhn(number + c))
    groups = [(number + check)[at : at + 4] for at in range(0, 16, 4)]
    assert kinds(f"결제 카드 {separator.join(groups)} 승인") == ["card"]


def pii_luhn(digits: str) -> bool:
    doubled = [int(d) if place % 2 == 0 else sum(divmod(2 * int(d), 10)) for place, d in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0


@given(st.sampled_from(["010", "011", "016", "017", "019"]), st.integers(2000, 9999), st.integers(0, 9999), SEPARATOR)
def test_every_mobile_number_is_found(prefix: str, middle: int, last: int, separator: str) -> None:
    assert kinds(f"저는 {prefix}{separator}{middle}{separator}{last:04}입니다") == ["phone"]


@given(
    year=st.integers(1950, 2099),
    month=st.integers(1, 12),
    day=st.integers(1, 28),
    form=st.sampled_from(["{}. {}. {}.", "{}.{}.{}", "{}-{:02}-{:02}", "{}/{:02}/{:02}", "{}년 {}월 {}일", "{}{:02}{:02}"]),
    before=st.sampled_from(["<개정 ", "시행 ", "계좌 개설일 ", "전화 상담 ", ""]),
)
def test_no_date_is_personal(year: int, month: int, day: int, form: str, before: str) -> None:
    date = form.format(year, month, day)
    assert kinds(f"{before}{date}, {date}>\n{date}") == []


@given(
    amount=st.integers(0, 10**14),
    form=st.sampled_from(["{:,}원", "{}원", "금 {:,} 원", "₩{}", "{:,}", "{:,}만원", "{}%", "제{}호"]),
    before=st.sampled_from(["", "보험금 ", "은행 계좌에 ", "카드 한도 ", "납입액: ", "| 계좌 | "]),
)
def test_no_amount_is_personal(amount: int, form: str, before: str) -> None:
    assert kinds(before + form.format(amount)) == []


@given(
    st.integers(1, 999),
    st.integers(1, 30),
    st.integers(1, 99),
    st.sampled_from(
        ["제{}조의{}제{}항", "제{}조 제{}항 제{}호", "제{}-{}조", "{}-{}-{}", "제20{2:02}-{0}호", "별표 {}의{} 제{}호"]
    ),
)
def test_no_article_is_personal(article: int, paragraph: int, item: int, form: str) -> None:
    assert kinds(f"전자금융감독규정 {form.format(article, paragraph, item)}에 따라") == []


# ------------------------------------------------------------------------------------------------------------------ pages


def test_blocks_keep_their_boxes_and_number() -> None:
    pages = [page("카드번호 4111-1111-1111-11", "11", "끝"), page("성명: 홍길동", number=2)]
    kept = mask_pages(pages, ALL)
    assert [[b.text for b in p.blocks] for p in kept.rows] == [["카드번호 [카드번호]", "", "끝"], ["성명: [이름]"]]
    assert [[b.box for b in p.blocks] for p in kept.rows] == [[b.box for b in p.blocks] for p in pages]


def test_a_value_may_be_broken_over_two_pages() -> None:
    kept = mask_pages([page("연락처는 010-12"), page("34-5678입니다", number=2)], ALL)
    assert [p.text for p in kept.rows] == ["연락처는 [전화번호]", "입니다"]


def test_every_value_is_told_without_the_value() -> None:
    kept = mask_pages([page("머리말", "주민번호 900101-1234567, 전화 010-1234-5678")], ALL)
    assert [(d.id, d.step, d.reason, d.detail) for d in kept.dropped] == [
        ("d-p1", "clean", "pii_resident", "[주민등록번호] in block 2"),
        ("d-p1", "clean", "pii_phone", "[전화번호] in block 2"),
    ]
    assert all(secret not in d.model_dump_json() for d in kept.dropped for secret in ("900101", "1234567", "5678"))


def test_pages_without_personal_data_come_back_as_they_are() -> None:
    pages = [page("제1조(목적) 이 약관은")]
    kept = mask_pages(pages, ALL)
    assert kept.rows[0] is pages[0]
    assert kept.dropped == []


def test_tables_are_masked_inside_their_block() -> None:
    table = page("| 성명 | 전화 |\n|---|---|\n| 홍길동 | 010-1234-5678 |", "다음", kind="table")
    assert [b.text for b in mask_pages([table], ALL).rows[0].blocks] == [
        "| 성명 | 전화 |\n|---|---|\n| [이름] | [전화번호] |",
        "다음",
    ]


def test_of_a_table_the_masked_row_alone_is_told() -> None:
    table = page("| 성명 | 전화 |\n|---|---|\n| 홍길동 | 010-1234-5678 |\n| 비고 | 없음 |", kind="table")
    rows = [json.loads(d.record)["text"] for d in mask_pages([table], ALL).dropped]
    assert rows == ["| [이름] | [전화번호] |"] * 2


def test_a_page_that_cannot_be_checked_goes_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(text: str, settings: PiiSettings) -> list[pii.Found]:
        if "터진다" in text:
            raise RuntimeError(text)
        return find(text, settings)

    monkeypatch.setattr(pii, "find", broken)
    kept = mask_pages([page("전화 010-1234-5678"), page("터진다 010-9999-9999", number=2)], ALL)
    assert [p.text for p in kept.rows] == ["전화 [전화번호]"]
    assert [(d.id, d.reason) for d in kept.dropped] == [("d-p1", "pii_phone"), ("d-p2", "pii_unchecked")]
    assert "9999" not in kept.dropped[1].model_dump_json()


def test_scrub_fails_closed() -> None:
    assert scrub(lambda: mask("전화 010-1234-5678", ALL)) == pii.Masked("전화 [전화번호]", {"phone": 1})
    assert scrub(lambda: 1 / 0) is None


# ----------------------------------------------------------------------------------------------------------------- replies


def test_a_masked_reply_is_still_json() -> None:
    reply = '{"items": [{"계좌": 110234567890, "answer": "010-1234-5678\\n로 전화", "n": 3, "성명": "홍길동"}]}'
    masked = mask_reply(reply, ALL)
    assert json.loads(masked.text) == {
        "items": [{"계좌": "[계좌번호]", "answer": "[전화번호]\n로 전화", "n": 3, "성명": "[이름]"}]
    }
    assert masked.counts == {"account": 1, "phone": 1, "name": 1}


def test_a_reply_in_a_fence_stays_json() -> None:
    masked = mask_reply('답은 01012345678\n```json\n{"a": 9001011234567}\n```', ALL)
    assert masked.text == '답은 [전화번호]\n```json\n{"a": "[주민등록번호]"}\n```'


def test_a_reply_with_nothing_personal_is_the_same_text() -> None:
    reply = '{ "question" : "제3조\\u0020제1항은?", "x": 1.50 }'
    assert mask_reply(reply, ALL) == pii.Masked(reply, {})


@pytest.mark.parametrize(
    "reply",
    ["전화는 010-1234-5678", '{"a": "010-1234-5678"', "[" * 100_000 + "010-1234-5678", "[" * 900 + '"010-1234-5678"' + "]" * 900],
)
def test_a_reply_that_is_no_json_is_masked_as_text(reply: str) -> None:
    assert "1234" not in mask_reply(reply, ALL).text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | VALUE | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["계좌", "전화", "a"]) | st.text(max_size=3), inner)
    ),
    max_leaves=8,
)


@given(JSON, st.booleans())
def test_a_masked_reply_is_json_whatever_it_says(value: object, ascii_only: bool) -> None:
    masked = mask_reply(json.dumps(value, ensure_ascii=ascii_only), ALL)
    assert mask_reply(masked.text, ALL).counts == {}
    json.loads(masked.text)


# -------------------------------------------------------------------------------------------------------- files and costs


def texts(path: Path) -> list[str]:
    with pymupdf.open(path) as document:
        return [p.get_text() for p in document]


@pytest.mark.parametrize("name", ["pii_record.pdf", "pii_record_nospace.pdf"])
def test_the_record_loses_all_its_values_and_nothing_else(shared_data: Path, name: str) -> None:
    truth = json.loads((shared_data / "made" / "pii_record.json").read_text("utf-8"))
    text = "\n".join(texts(shared_data / "made" / name))
    flat, masked = squeezed(text), squeezed(mask(text, ALL).text)
    assert len(truth["values"]) == 18
    for value in truth["values"]:
        assert squeezed(value["value"]) in flat
        assert squeezed(value["value"]) not in masked
    for value in truth["not_personal"]:
        assert masked.count(squeezed(value)) == flat.count(squeezed(value))


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_statutes_decisions_and_terms_hold_nothing_personal(shared_data: Path) -> None:
    files = [*shared_data.glob("law/*.pdf"), *shared_data.glob("decisions/*.pdf"), *shared_data.glob("made/terms_v?.pdf")]
    found: Counter[Kind] = Counter()
    for file in sorted(files):
        found.update(kinds("\n".join(texts(file))))
    assert found == Counter()


HOSTILE = [
    "1",
    "-",
    "1-",
    "a@",
    "12345\n",
    "성명: 홍길동\n",
    "1 ",
    "가로 1",
    "|",
    "차량",
    "123-45-67890 ",
    "1\u200b",
    "계좌 110-234-567890 ",
    "1234-\n",
    "900101-1234567\t",
    "1\t2\t123-45-67890\n",
    "| 계좌 | 110-234-567890 |\n",
    "서울 12-123456-78 ",
    "a at b.com ",
    "a(at)b.c ",
    "주민번호/",
    "서울 강남구 1로 1\n",
]


@pytest.mark.timeout(60)  # a rule that tries every split of a text takes hours
@pytest.mark.parametrize("piece", HOSTILE)
def test_text_made_to_be_slow_comes_to_an_end(piece: str) -> None:
    text = piece * (40_000 // len(piece))
    assert mask(text, ALL).text.count("\n") == text.count("\n")


def test_placeholders_break_no_json_and_no_link() -> None:
    for kind in KINDS:
        placeholder = PLACEHOLDERS[kind]
        assert json.dumps(placeholder, ensure_ascii=False) == f'"{placeholder}"'
        assert not set(placeholder) & set('()|`*_<>\\"\n')
        assert kinds(placeholder) == []


def test_matches_are_in_order_and_apart() -> None:
    found: Sequence[pii.Found] = find(" ".join(text for _, text in VALUES), ALL)
    assert all(a.end <= b.start for a, b in pairwise(found))
