from __future__ import annotations

import pytest

from tasks.text.register import Register, endings, register_of

SAID: dict[Register, tuple[str, ...]] = {
    "합니다체": ("지급합니다.", "있습니다", "무엇입니까?", "알려 주십시오.", "못합니다만,", "정합니다(제3조)."),
    "해요체": ("지급해요.", "있어요!", "되나요?", "보험금이에요.", "받으세요.", "그렇죠. 맞아요.", "사람인가요?"),
    "한다체": ("지급한다.", "보험금이다.", "하였다", "아니 된다.", "무엇인가?", "제출하라."),
    "명사형": ("지급함.", "있음", "제출할 것.", "이상일 것", "두어야 함", "그러하지 아니함.", "것으로 봄"),
    "반말": ("지급해.", "받을 수 있어.", "보험금이야.", "그렇지 않아.", "알려줘.", "하면 안 돼.", "했지."),
}
NOTHING = (
    "3년", "보험금", "책임", "위임", "처음", "다음", "결함", "필요", "수요.", "사람마다", "상해.", "손해.", "해지.", "페이지",
    "분야.", "용어", "하자.", "아니요.", "OTP", "", "1. 미성년자.", "를 포함",
)  # fmt: skip


@pytest.mark.parametrize(("register", "sentence"), [(r, s) for r, said in SAID.items() for s in said])
def test_the_end_of_a_sentence_tells_its_register(register: Register, sentence: str) -> None:
    assert register_of("".join(end.sentence for end in endings(sentence)).split(". ")[-1]) == register


@pytest.mark.parametrize("phrase", NOTHING)
def test_a_noun_has_no_register(phrase: str) -> None:
    assert register_of(phrase) is None


def test_quotes_brackets_headings_tables_and_code_do_not_count() -> None:
    text = "# 지급한다\n“회사는 지급한다.”라고 정합니다(다만, 그러하지 아니하다.).\n| 한다 |\n> 본다.\n```\n간다.\n```\n"
    assert [end.register for end in endings(text)] == ["합니다체"]


def test_items_of_a_list_are_told_from_running_text() -> None:
    ends = list(endings("다음과 같습니다.\n1. 서류를 제출함\n- 알릴 것\n**기한**: 3일 이내에 지급함"))
    assert [(end.register, end.listed) for end in ends] == [("합니다체", False), *[("명사형", True)] * 3]
