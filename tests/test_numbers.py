from __future__ import annotations

import time
import unicodedata
from datetime import date

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from tasks.text.numbers import numbers_agree, numbers_in_order

SINO = "영일이삼사오육칠팔구"
NATIVE_ONES = ["", "한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉"]
NATIVE_TENS = ["", "열", "스물", "서른", "마흔", "쉰", "예순", "일흔", "여든", "아흔"]
SINO_UNITS = ["개월", "영업일", "년", "퍼센트", "주일"]


def sino(value: int) -> str:
    """An independent speller: 1234 -> 천이백삼십사."""
    if value >= 10_000:
        return ("" if value // 10_000 == 1 else sino(value // 10_000)) + "만" + (sino(value % 10_000) if value % 10_000 else "")
    parts = [(value // 1000, "천"), (value // 100 % 10, "백"), (value // 10 % 10, "십"), (value % 10, "")]
    return "".join(("" if digit == 1 and mark else SINO[digit]) + mark for digit, mark in parts if digit)


@pytest.mark.parametrize(
    "variants",
    [
        [
            "3개월",
            "3 개월",
            "삼 개월",
            "삼개월",
            "세 달",
            "석 달",
            "３개월",
            "3 months",
            "three months",
            "three-month",
        ],
        ["1,000만 원", "1000만원", "1천만 원", "일천만원", "금 일천만 원", "10,000,000원", "KRW 10,000,000", "₩10,000,000"],
        ["1억 5천만 원", "1억5,000만원", "150,000,000원", "1.5억 원", "일억 오천만 원"],
        ["3조 5천억 원", "3,500,000,000,000원"],
        ["50%", "50 %", "50퍼센트", "50프로", "오십 퍼센트", "100분의 50", "백분의 50", "50.0%", "50 percent"],
        ["제3조 제1항", "3조 1항", "제3조 ①", "제 3 조 제 1 항", "제3조①", "제3조 ①항", "제삼조 제일항", "제3조 ❶"],
        ["제3조의2 제1항", "제3조의2 ①", "3조의2 1항"],
        ["제21항", "㉑"],
        ["두 달", "2개월", "2달", "이 개월"],
        ["세 번", "3번", "3회", "세 차례", "3차례"],
        ["한 명", "1명", "1인"],
        ["스무 살", "20세", "20살", "만 20세", "이십 세"],
        ["서른다섯 살", "35세"],
        ["반년", "6개월", "반 년", "half a year"],
        ["1년 반", "1년 6개월"],
        ["사흘", "3일", "three days"],
        ["3~5일", "3∼5일", "3 ~ 5일", "3일~5일", "3일에서 5일", "3-5일", "3 내지 5일", "3 to 5 days"],
        ["3~5만 원", "3만~5만원", "30,000원 ~ 50,000원"],
        ["500~1만원", "500원~10,000원"],
        [
            "2024. 1. 1.",
            "2024.1.1",
            "2024-01-01",
            "2024년 1월 1일",
            "2024년 01월 01일",
            "January 1, 2024",
            "1 January 2024",
            "Jan. 1, 2024",
        ],
        ["1월 31일", "January 31"],
        ["2024년 1월", "2024년 01월"],
        ["2분의 1", "이분의 일", "1/2", "½"],
        ["30 days", "thirty days", "thirty (30) days", "30-day", "30일"],
        ["two weeks", "2 weeks", "2주", "2주일", "2주간", "이 주일"],
        ["USD 1,000", "$1,000", "US$1,000", "1,000 dollars", "one thousand dollars", "1,000달러", "천 달러", "1천 달러"],
        ["$1.5 million", "USD 1,500,000", "150만 달러"],
        ["3 business days", "3영업일", "삼 영업일", "세 영업일"],
        ["5년", "5개년", "5년간", "오 년", "five years"],
        ["24시간", "이십사 시간", "스물네 시간", "24 hours"],
        ["오후 3시 30분", "오후 3:30", "오후 세 시 30분"],
        ["Article 3", "제3조"],
        ["1,234,567.50원", "1234567.5원"],
        ["twice", "2회", "두 번"],
        ["one hundred and twenty days", "120일"],
    ],
)
def test_one_number_is_read_alike_in_all_its_forms(variants):
    assert {numbers_in_order(v) for v in variants} == {numbers_in_order(variants[0])}
    assert numbers_in_order(variants[0])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("3개월", "6개월"),
        ("3개월", "3년"),
        ("3일", "3영업일"),
        ("3개월", "3월"),
        ("0.5%", "5%"),
        ("5%", "5%p"),
        ("5%", "-5%"),
        ("제3조", "제3조의2"),
        ("제3조의2", "제3조의3"),
        ("①", "②"),
        ("①5", "15"),
        ("1.2.3", "1.20.3"),
        ("1,000원", "1,000달러"),
        ("1,000만 원", "1,000원"),
        ("2024. 1. 2.", "2024. 2. 1."),
        ("2024년 1월 2일부터 2025년 3월 4일", "2024년 3월 4일부터 2025년 1월 2일"),
        ("반년", "1년"),
        ("두 달", "세 달"),
        ("한 번", "두 번"),
        ("3번째", "3번"),
        ("3~5일", "3~6일"),
        ("1/2", "1/3"),
        ("3조 원", "제3조"),
    ],
)
def test_different_numbers_are_told_apart(one, other):
    assert numbers_in_order(one) != numbers_in_order(other)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "가",
        "😀",
        "이 회사는 사회 공헌 사항을 구분하여 공시한다",
        "이사회와 사원, 사장, 공장, 구급차, 영세 사업자",
        "이 조항과 이 장, 이 시간, 이 일은",
        "십이지장 궤양, 십자인대 파열, 만성 천식, 백내장",
        "이 경우에 한해 한시적으로 세분한다",
        "그에 대한 해당 개인, 승낙을 한 사람, 한 주의와 감독",
        "만일 오차가 있으면 공급을 일시 정지한다",
        "이 프로그램과 한 번호, 한 회사, 한 건물",
        "다섯",
        "one of them may apply",
    ],
)
def test_words_that_look_like_numerals_are_no_numbers(text):
    assert numbers_in_order(text) == ()


@given(st.integers(1, 99_999_999), st.sampled_from(SINO_UNITS))
@example(10_000, "년")
@example(10, "개월")
@example(100_000, "퍼센트")
@example(20_000_000, "주일")
def test_digits_commas_spaces_width_and_hangul_numerals_are_one(value, unit):
    forms = [f"{value}{unit}", f"{value:,} {unit}", f"{value:,}{unit}", f"{sino(value)} {unit}", f"{sino(value)}{unit}"]
    wide = f"{value}".translate({ord("0") + i: 0xFF10 + i for i in range(10)}) + unit
    nfd = unicodedata.normalize("NFD", forms[0])
    assert {numbers_in_order(f"기간은 {form} 이내") for form in [*forms, wide, nfd]} == {
        numbers_in_order(f"기간은 {value}{unit} 이내")
    }
    assert len(numbers_in_order(forms[0])) == 1


@given(st.integers(1, 99))
def test_native_numerals_are_their_digits(value):
    native = NATIVE_TENS[value // 10] + NATIVE_ONES[value % 10]
    native = "스무" if native == "스물" else native
    assert numbers_in_order(f"{native} 달") == numbers_in_order(f"{value}개월") == ((str(value), "개월"),)
    assert numbers_in_order(f"{native} 번") == numbers_in_order(f"{value}회")


@given(st.integers(1, 9_999), st.integers(0, 9_999))
def test_scales_of_ten_thousand_are_their_digits(high, low):
    value = high * 10_000 + low
    spelled = f"{high}만{low}원" if low else f"{high:,}만 원"
    assert numbers_in_order(spelled) == numbers_in_order(f"{value:,}원")


@given(st.integers(0, 10**40), st.integers(0, 10**40), st.sampled_from(["", "개월", "%", "원", " days", "만 원"]))
@example(10**39 + 1, 10**39 + 2, "원")
@example(10**39 + 1, 10**39 + 2, "만 원")
def test_different_values_are_never_equal(one, other, unit):
    assume(one != other)
    assert numbers_in_order(f"{one}{unit}") != numbers_in_order(f"{other}{unit}")
    assert not numbers_agree(f"{one}{unit}", f"{other}{unit}")


@given(st.decimals(0, 10**6, places=4), st.decimals(0, 10**6, places=4))
def test_decimals_are_equal_exactly_when_their_values_are(one, other):
    assert (numbers_in_order(f"{one}%") == numbers_in_order(f"{other}%")) == (one == other)


@given(st.dates(min_value=date(1000, 1, 1)), st.dates(min_value=date(1000, 1, 1)))
def test_dates_are_equal_exactly_when_the_days_are(one, other):
    korean, dotted = f"{one.year}년 {one.month}월 {one.day}일", f"{other.year}. {other.month}. {other.day}."
    assert (numbers_in_order(korean) == numbers_in_order(dotted)) == (one == other)
    assert numbers_in_order(f"{one.isoformat()}부터") == numbers_in_order(korean)


@given(st.text(max_size=80))
def test_the_normal_forms_of_any_text_say_the_same_numbers(text):
    assert numbers_in_order(unicodedata.normalize("NFD", text)) == numbers_in_order(unicodedata.normalize("NFC", text))
    assert numbers_agree(text, text)


@given(st.lists(st.tuples(st.integers(1, 500), st.sampled_from(["개월", "일", "%", "원", "조"])), max_size=5), st.randoms())
def test_the_same_numbers_are_found_in_any_order_and_stand_in_that_of_the_text(numbers, random):
    shuffled = random.sample(numbers, len(numbers))
    one, other = ("와 ".join(f"{value}{unit}" for value, unit in rows) for rows in (numbers, shuffled))
    assert sorted(numbers_in_order(one)) == sorted(numbers_in_order(other))
    assert (numbers_in_order(one) == numbers_in_order(other)) == (numbers == shuffled)


@pytest.mark.parametrize(
    ("claim", "source", "agrees"),
    [
        ("3개월 이내에 해지할 수 있습니다", "계약일부터 삼 개월 이내", True),
        ("6개월 이내에 해지할 수 있습니다", "계약일부터 3개월 이내", False),
        ("3일 이내", "3영업일 이내", False),
        ("1,000만 원을 지급합니다", "보험금 10,000,000원", True),
        ("2024년에 시행됩니다", "2024. 1. 1.부터 시행한다", True),
        ("1월 1일에 시행됩니다", "2024. 1. 1.부터 시행한다", True),
        ("2025년에 시행됩니다", "2024. 1. 1.부터 시행한다", False),
        ("3 중 하나", "3개월", True),
        ("숫자가 없는 답", "3개월", True),
        ("3개월", "숫자가 없는 원문", False),
    ],
)
def test_a_claim_agrees_with_a_source_that_says_its_numbers(claim, source, agrees):
    assert numbers_agree(claim, source) is agrees


@pytest.mark.parametrize(
    "text", ["9" * 50_000, "일" * 50_000, "제" + " " * 50_000, "1만" * 15_000, "2024" + " " * 50_000, "one " * 10_000]
)
def test_hostile_text_takes_linear_time(text):
    start = time.process_time()
    numbers_in_order(text)
    assert time.process_time() - start < 5


def test_marks_of_our_own_in_the_text_are_not_taken_for_numbers():
    assert numbers_in_order("\ue0003\ue001개월\ue002 \ue013") == numbers_in_order("3개월")
