from __future__ import annotations

from collections.abc import Sequence

import pytest
from set_pages import block, page, set_pages

from tasks.chunk.clauses import Clause, clauses
from tasks.chunk.contents import contents_lines
from tasks.chunk.lines import Layout, lines_of
from tasks.records import Page


def found(pages: Sequence[Page], title: str = "별솔 약관") -> list[Clause]:
    lines = lines_of(pages)
    return clauses(Layout(lines), contents_lines(lines), title)


def keys(*paragraphs: str, letters: float = 50) -> list[str]:
    return [c.key for c in found(set_pages(paragraphs, letters)) if not c.is_bare]


def article(n: str, text: str = "이 조는 다음과 같이 정합니다.") -> str:
    return f"제{n}조(제목) {text}" if "의" not in n else f"제{n.replace('의', '조의', 1)}(제목) {text}"


def test_articles_follow_each_other():
    assert keys(article("1"), article("2"), article("2의2"), article("2의3"), article("3")) == [
        "제1조",
        "제2조",
        "제2조의2",
        "제2조의3",
        "제3조",
    ]


def test_a_reference_that_a_line_begins_with_opens_nothing():
    text = (
        "회사는 보험금의 지급에 관하여 이 약관에서 정하는 것 가운데 특히 제5조(정의)에 따른 것과 제6조(범위) 제1항을 따르고 "
        "제3조를 준용합니다."
    )
    for letters in range(10, 40):
        assert keys(article("1"), f"제2조(준용) {text}", article("3"), letters=letters) == ["제1조", "제2조", "제3조"]


def test_a_number_that_cannot_come_next_is_text_in_the_middle_of_a_sentence():
    pages = [
        page(
            1,
            [
                block(t, 30, 70 + 16 * i)
                for i, t in enumerate(
                    [
                        "제1조(목적) 이 약관은 다음에서 정하는",
                        "제9조(벌칙) 벌을 정하기 위하여 만든다.",
                        "제2조(정의) 뜻은 같다.",
                    ]
                )
            ],
        )
    ]
    assert [c.key for c in found(pages)] == ["제1조", "제2조"]


def test_a_number_that_jumps_needs_a_sentence_that_has_ended():
    pages = [
        page(
            1,
            [
                block(t, 30, 70 + 16 * i)
                for i, t in enumerate(["제1조(목적) 이 약관은 다음에서 정하는", "제9조(벌칙) 벌을 정한다."])
            ],
        )
    ]
    assert [c.key for c in found(pages)] == ["제1조"]


def test_gaps_in_the_numbers_are_taken_where_a_sentence_has_ended():
    assert keys(article("1"), article("5"), article("6")) == ["제1조", "제5조", "제6조"]


def test_a_quoted_article_does_not_break_the_sequence():
    assert keys(article("1"), "제2조(개정) 다음과 같이 한다.", "제30조(벌칙) 처벌한다.", article("3"), article("4")) == [
        "제1조",
        "제2조",
        "제3조",
        "제4조",
    ]


def test_deleted_articles_and_ranges_are_clauses():
    assert keys(article("1"), "제2조 삭제 <2020. 1. 1.>", "제3조부터 제5조까지 생략", article("6")) == [
        "제1조",
        "제2조",
        "제3조-제5조",
        "제6조",
    ]


def test_a_supplement_has_a_branch_of_its_own_where_numbers_restart():
    wanted = ["제1조", "제2조", "부칙<2024.1.1>/제1조", "부칙<2024.1.1>/제2조", "부칙<2025.1.1>", "별표 1"]
    lines = [
        article("1"),
        article("2"),
        "부칙 <제1호,2024. 1. 1.>",
        article("1"),
        article("2"),
        "부칙 <제2호,2025. 1. 1.>",
        "이 법은 시행한다.",
    ]
    assert keys(*lines, "[별표 1] 지급 기준표", "암 100만원") == wanted


def test_riders_restart_at_article_1_under_their_titles():
    lines = [
        "보 통 약 관",
        article("1"),
        article("2"),
        "제1특약 골절 진단비 특별약관",
        article("1"),
        article("2"),
        "제2특약 입원일당 특별약관",
        article("1"),
    ]
    assert keys(*lines) == [
        "보통약관/제1조",
        "보통약관/제2조",
        "골절 진단비 특별약관/제1조",
        "골절 진단비 특별약관/제2조",
        "입원일당 특별약관/제1조",
    ]


def test_the_number_of_a_rider_is_no_part_of_its_key():
    before = keys("제7특약 걷기 특별약관", article("1"))
    assert before == keys("제6특약 걷기 특별약관", article("1")) == ["걷기 특별약관/제1조"]


def test_a_sentence_about_riders_is_no_title():
    assert keys(article("1", "이 약관은 특별약관"), "에 우선합니다.", article("2")) == ["제1조", "제2조"]


def test_articles_that_restart_without_a_title_have_a_branch_too():
    assert keys(article("1"), article("2"), article("1"), article("2")) == ["제1조", "제2조", "제2부분/제1조", "제2부분/제2조"]


def test_chapters_are_in_the_path_and_not_in_the_key():
    pages = set_pages(
        ["제1편 총칙", "제1장 통칙", article("1"), "제2장 인", "제1절 능력", article("2"), "제2편 물권", article("3")]
    )
    assert [(c.key, c.heading[:-1]) for c in found(pages) if not c.is_bare] == [
        ("제1조", ("제1편 총칙", "제1장 통칙")),
        ("제2조", ("제1편 총칙", "제2장 인", "제1절 능력")),
        ("제3조", ("제2편 물권",)),
    ]


def test_text_right_below_a_chapter_is_a_clause_of_the_chapter():
    assert keys("제1장 총칙", "이 장은 모든 계약에 적용합니다.", article("1")) == ["제1장", "제1조"]


def test_a_title_broken_over_two_lines_is_read_whole():
    pages = [
        page(
            1,
            [
                block(t, 30, 70 + 16 * i)
                for i, t in enumerate(
                    ["제1조(목적) 정한다.", "제2조(보험료 납입이 연체되는 경우", "납입최고와 계약의 해지)", "회사는 알립니다."]
                )
            ],
        )
    ]
    assert [c.heading[-1] for c in found(pages)] == ["제1조(목적)", "제2조(보험료 납입이 연체되는 경우 납입최고와 계약의 해지)"]


def test_contents_with_leaders_make_no_clauses():
    contents = ["목 차", *(f"제{n}조(제목) ········ {n}" for n in range(1, 7))]
    pages = set_pages([*contents, *(article(str(n)) for n in range(1, 7))])
    assert len(contents_lines(lines_of(pages))) == 7
    assert [c.key for c in found(pages)] == [f"제{n}조" for n in range(1, 7)]


def test_contents_without_leaders_are_known_by_coming_again():
    names = ["제1장 총칙", *(f"제{n}조(제목)" for n in range(1, 4)), "제2장 보칙", *(f"제{n}조(제목)" for n in range(4, 7))]
    texts = [x for name in names for x in ([name, "본문은 이렇게 씁니다."] if "조" in name else [name])]
    pages = set_pages([*names, *texts])
    assert len(contents_lines(lines_of(pages))) == len(names)
    assert [c.key for c in found(pages) if not c.is_bare] == [f"제{n}조" for n in range(1, 7)]


def test_a_run_of_deleted_articles_is_no_table_of_contents():
    gone = [f"제{n}조 삭제 <2020. 2. 4.>" for n in range(2, 12)]
    assert len(keys(article("1"), *gone, article("12"))) == 12


def test_numbered_titles_count_where_there_are_no_articles():
    lines = [
        "1. Purpose",
        "This policy explains what is paid.",
        "2. Limits",
        "2.1 Hotels",
        "Nights are paid.",
        "2.2 Meals",
        "Days are paid.",
    ]
    assert keys(*lines) == ["1", "2.1", "2.2"]


def test_items_of_an_article_are_no_titles():
    assert keys(article("1", "다음 각 호와 같다."), "1. 임금", "2. 소정근로시간", article("2")) == ["제1조", "제2조"]


def test_sections_of_an_english_policy():
    assert keys(
        "Section 1 Cover",
        "We pay.",
        "Section 2 Exclusions",
        "We do not pay, as Section 1 says, for war.",
        "Annex A. Limits",
        "Ten.",
    ) == [
        "Section 1",
        "Section 2",
        "Annex A",
    ]


def test_a_decision_is_cut_at_its_labels_and_quoted_laws_are_text():
    lines = [
        "【판시사항】",
        "[1] 쟁점",
        "【주문】",
        "상고를 기각한다.",
        "【이유】",
        "판단한다.",
        "제64조의3(과징금) 부과한다.",
        "제65조(벌칙) 처한다.",
    ]
    assert keys(*lines) == ["판시사항", "주문", "이유"]


def test_boxes_with_labels_in_terms_are_no_clauses():
    assert keys(article("1"), "【용어풀이】", "보험금이란 돈입니다.", article("2")) == ["제1조", "제2조"]


def test_a_rule_book_has_a_branch_for_each_rule_whose_history_stands_below_its_title():
    first = [
        "인사규정",
        "제정 2010. 3. 1.",
        "제1장 총칙",
        article("1"),
        article("2"),
        "부칙",
        "이 규정은 공포한 날부터 시행한다.",
    ]
    form = ["[별지 제1호 서식] 휴가신청서"]
    second = [
        "보수규정",
        "[제정 2011. 4. 1. 규정 제12호]",
        "개정 2015. 7. 8.",
        "2020. 12. 1.",
        "제1장 총칙",
        article("1"),
        article("2"),
    ]
    last = found(set_pages([*first, *form, *second]))[-1]
    assert (last.key, last.heading) == ("보수규정/제2조", ("보수규정", "제1장 총칙", "제2조(제목)"))


@pytest.mark.parametrize(
    "above", ["이 규정은 2024. 1. 1.부터 시행한다.", "위원장은 다음의 규정", "2024. 1. 1. 개정 사항은 아래와 같다"]
)
def test_text_above_an_article_is_no_title_of_a_rule(above):
    assert keys(article("1"), "부칙", above, article("1")) == ["제1조", "부칙", "부칙/제1조"]


def test_every_line_is_in_exactly_one_clause():
    pages = set_pages(["앞글", article("1"), "부칙", article("1"), "별표", "가나다"])
    assert sorted(i for c in found(pages) for i in c.lines) == list(range(sum(len(p.blocks) for p in pages)))
