from __future__ import annotations

import pytest

from tasks.text.outline import Mark, circled_value, heading, is_rider_title, mark, numbered, squeezed


@pytest.mark.parametrize(
    ("line", "level", "label", "title"),
    [
        ("제1조(목적) 이 법은 정한다.", "article", "제1조", "제1조(목적)"),
        ("제3조의2(정의) ① 회사는", "article", "제3조의2", "제3조의2(정의)"),
        ("제 12 조 (보험금의 지급사유)", "article", "제12조", "제12조(보험금의 지급사유)"),
        ("제50조[분사무소(分事務所) 설치의 등기]법인이", "article", "제50조", "제50조[분사무소(分事務所) 설치의 등기]"),
        ("제5조【정의】", "article", "제5조", "제5조【정의】"),
        ("제1조(목적)이 규정은", "article", "제1조", "제1조(목적)"),
        ("제2조(가입)가입자는", "article", "제2조", "제2조(가입)"),
        ("제8조 삭제 <2020. 2. 4.>", "article", "제8조", "제8조 삭제"),
        ("제62조삭  제", "article", "제62조", "제62조 삭제"),
        ("제2조 생략", "article", "제2조", "제2조 생략"),
        ("제3조부터 제5조까지 생략", "article", "제3조-제5조", "제3조부터 제5조까지 생략"),
        ("제5조", "article", "제5조", "제5조"),
        ("제5조 정의", "article", "제5조", "제5조 정의"),
        ("제1편 총칙", "part", "제1편", "제1편 총칙"),
        ("제6장의2 직장 내 괴롭힘의 금지 <신설 2019. 1. 15.>", "chapter", "제6장의2", "제6장의2 직장 내 괴롭힘의 금지"),
        ("제3장 삭제 <2015. 6. 22.>", "chapter", "제3장", "제3장 삭제"),
        ("제2절 주소", "section", "제2절", "제2절 주소"),
        ("제1관 목적 및 용어의 정의", "subsection", "제1관", "제1관 목적 및 용어의 정의"),
        ("부칙 <제19234호,2023. 3. 14.>", "supplement", "부칙<2023.3.14>", "부칙 <제19234호,2023. 3. 14.>"),
        ("부 칙", "supplement", "부칙", "부칙"),
        ("부칙 <제호>", "supplement", "부칙<제호>", "부칙 <제호>"),
        ("[별표 1] 보험금 지급 기준표", "annex", "별표 1", "[별표 1] 보험금 지급 기준표"),
        ("【별표 1의2】 표", "annex", "별표 1의2", "【별표 1의2】 표"),
        ("[별지 제1호서식] 신고서", "annex", "별지 1", "[별지 제1호서식] 신고서"),
        ("별지2", "annex", "별지 2", "별지2"),
        ("부록 용어풀이", "annex", "부록", "부록 용어풀이"),
        ("【주문】", "label", "주문", "【주문】"),
        ("【이 유】 상고이유를 판단한다.", "label", "이유", "【이유】"),
        ("청 구 취 지", "label", "청구취지", "청구취지"),
        ("Section 3 Scope of cover", "article", "Section 3", "Section 3 Scope of cover"),
        ("ARTICLE IV. Claims", "article", "Article IV", "Article IV Claims"),
        ("Part 2 - Exclusions", "chapter", "Part 2", "Part 2 Exclusions"),
        ("Annex A. Deadlines at a glance", "annex", "Annex A", "Annex A. Deadlines at a glance"),
    ],
)
def test_lines_that_open_something(line, level, label, title):
    opened = heading(line)
    assert opened is not None
    assert (opened.level, opened.label, opened.title) == (level, label, title)
    assert line[: opened.end].strip()


@pytest.mark.parametrize(
    "line",
    [
        "제3조에 따라 지급합니다.",
        "제10조제1항의 규정에 따라",
        "제5조(정의)에 따른 용어",
        "제5조(정의) 제1항에서 정한",
        "제5조(정의) 및 제6조(범위)를",
        "제5조(정의)의 규정에도",
        "제35조, 제35조의2 및 제37조를 적용하지 아니한다.",
        "제2장에 따른 조치",
        "제3장 및 제4장의 규정",
        "부칙 제3조의 규정에 의하여",
        "별표 1의2에 따른 신청서류를 제출하여야 한다.",
        "별표 중 제28호서목에서",
        "별표 2 제2호에서",
        "[별표 3]에 해당하는 골절로",
        "[별표 2](장해분류표)에서 정한 장해지급률이",
        "별지1 기재와 같다.",
        "보통약관",
        "Section 3 of this policy applies",
        "Article 4 shall not apply",
        "1. 임금",
        "",
    ],
)
def test_lines_that_only_mention_something(line):
    assert heading(line) is None


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("① 회사는", Mark("paragraph", (1,))),
        ("㉑ 회사는", Mark("paragraph", (21,))),
        ("1. 임금", Mark("item", (1,))),
        ("1의2. 임금", Mark("item", (1, 2))),
        ("2.1 This policy", Mark("dotted", (2, 1))),
        ("나. 계약자", Mark("subitem", (2,))),
        ("(3) 셋째", Mark("subitem", (3,))),
        ("다) 셋째", Mark("subitem", (3,))),
        ("(b) second", Mark("subitem", (2,))),
        ("[전문개정 2010. 5. 17.]", Mark("note", ())),
        ("※ 참고", Mark("note", ())),
        ("주) 보험가입금액은", Mark("note", ())),
        ("• 점", Mark("note", ())),
        ("2013. 12. 3. 개정", None),
        ("3.5%를 넘는", None),
        ("(주)별솔은", None),
        ("한다. 다만,", None),
        ("[보험가입금액 전액]", None),
    ],
)
def test_list_marks(line, wanted):
    assert mark(line) == wanted


def test_circled_numbers_up_to_fifty():
    assert [circled_value(c) for c in "①⑳㉑㉟㊱㊿"] == [1, 20, 21, 35, 36, 50]
    with pytest.raises(ValueError, match="not a circled number"):
        circled_value("1")


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("1. Purpose", (1,)),
        ("2.1 Scope of cover", (2, 1)),
        ("1. 각 처분의 경위", (1,)),
        ("2. 소송비용은 피고가 부담한다.", None),
        ("1. the insured", None),
        ("12 months of salary are paid, and more.", None),
    ],
)
def test_numbered_titles(line, number):
    opened = numbered(line)
    assert (opened.number if opened else None) == number


def test_titles_with_wide_letters_are_words():
    assert squeezed("보 통 약 관") == "보통약관"
    assert squeezed("제1관  목적") == "제1관 목적"


@pytest.mark.parametrize(
    ("line", "is_title"),
    [
        ("제2특약 질병 입원일당 특별약관", True),
        ("보 통 약 관", True),
        ("약관", False),
        ("이 약관을 따릅니다.", False),
        ("① 특별약관", False),
    ],
)
def test_titles_of_terms(line, is_title):
    assert is_rider_title(line) is is_title
