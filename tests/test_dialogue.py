from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tasks.text.dialogue import can_stand, transcript, turns_of

WORDS = st.text(alphabet="가나다 abc12.?\n", min_size=1).map(str.strip).filter(bool)


@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=5), st.sampled_from(["ko", "en"]))
def test_a_transcript_holds_its_turns(turns, language) -> None:
    assert turns_of(turns[0][0], transcript(turns, language)) == turns


def test_an_edit_of_the_transcript_is_an_edit_of_its_turns() -> None:
    text = transcript([("언제까지?", "3일입니다."), ("예외는?", "없습니다.")], "ko").replace("3일", "5일")
    assert turns_of("언제까지?", text) == [("언제까지?", "5일입니다."), ("예외는?", "없습니다.")]


def test_what_is_no_whole_turn_stays_one_answer() -> None:
    assert turns_of("왜?", "그래서입니다.\n\n질문: 정말?") == [("왜?", "그래서입니다.\n\n질문: 정말?")]
    assert turns_of("왜?", "그래서입니다.") == [("왜?", "그래서입니다.")]


def test_a_line_that_looks_like_a_mark_cannot_stand_in_a_turn() -> None:
    assert not can_stand("그렇습니다.\n답변: 아닙니다.")
    assert can_stand("고객이 질문: 이라고 적었습니다.")
