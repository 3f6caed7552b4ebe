"""Why a check doubts a row, in the words of those who decide."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from review.markdown import escape_markdown
from review.schema import Words
from tasks.records import Doubt, Language

TITLE: Final = Words("확인할 점", "Please check")
DOUBTS: Final[dict[str, Words]] = {
    "number_not_in_evidence": Words("근거에 없는 숫자가 있을 수 있습니다", "A number may not be in the evidence"),
    "unit_differs": Words("단위가 근거와 다를 수 있습니다", "A unit may differ from the evidence"),
    "polarity_differs": Words(
        "긍정과 부정, 의무와 재량이 근거와 다를 수 있습니다", "Yes and no, may and must may differ from the evidence"
    ),
    "comparator_differs": Words("이상·초과, 이하·미만, 이내가 근거와 다를 수 있습니다", "At least, more than, within may differ"),
    "party_differs": Words("누구의 권리나 의무인지가 근거와 다를 수 있습니다", "Who does it may differ from the evidence"),
    "reference_unknown": Words("인용한 조항이 문서에 없거나 다를 수 있습니다", "A clause that is cited may not be the right one"),
    "exception_dropped": Words("예외(다만)나 조건이 빠졌을 수 있습니다", "An exception or a condition may be missing"),
    "scope_differs": Words("모두·일부·각각 같은 범위가 다를 수 있습니다", "All, some, each may differ"),
    "order_differs": Words("절차의 순서가 다를 수 있습니다", "The order of steps may differ"),
    "question_not_answerable": Words("조항만으로 답할 수 없는 질문일 수 있습니다", "The clause may not answer the question"),
    "question_points_nowhere": Words(
        "질문이 가리키는 것이 분명하지 않습니다", "The question points at something that is not there"
    ),
    "question_language": Words("질문의 언어가 다릅니다", "The question is in another language"),
    "question_copies_demonstration": Words("예시를 베낀 질문일 수 있습니다", "The question may be a copy of the example"),
    "question_leaks_answer": Words("답이 질문에 이미 들어 있을 수 있습니다", "The question may give its answer away"),
    "register_mixed": Words("문체가 섞였습니다", "Levels of speech are mixed"),
    "register_wrong": Words("정해진 문체가 아닙니다", "Not the level of speech that was asked for"),
    "particle_wrong": Words("조사가 잘못되었을 수 있습니다", "A particle may be wrong"),
    "answer_language": Words("답변의 언어가 다릅니다", "The answer is in another language"),
    "foreign_script": Words("원문에 없는 외국어나 외국 문자가 있습니다", "Foreign words that the source does not have"),
    "broken_markdown": Words("서식이 깨졌을 수 있습니다", "The formatting may be broken"),
    "repeats": Words("같은 말이 되풀이됩니다", "It repeats itself"),
    "model_leftovers": Words("모델의 군말이 남아 있습니다", "Left-over words of the model"),
    "truncated": Words("문장이 끊겼을 수 있습니다", "It may be cut off"),
    "unsafe": Words("해로운 내용일 수 있습니다", "It may be harmful"),
    "unhedged_advice": Words("단정해서는 안 될 조언일 수 있습니다", "Advice that should be hedged"),
    "follows_the_source": Words("원문 속의 지시를 따랐을 수 있습니다", "It may obey an instruction in the source"),
    "judged_low": Words("심사 모델이 낮게 보았습니다", "The judge scored it low"),
    "not_judged": Words("심사 모델이 답하지 않았습니다", "The judge gave no answer"),
    "leaks_prompt": Words("프롬프트의 말이 섞였을 수 있습니다", "Words of the prompt may be in it"),
}


def doubts_shown(doubts: Iterable[Doubt], language: Language) -> str:
    """The doubts as lines of Markdown, the words at fault behind each; empty when there are none."""
    lines = [f"• {_words(doubt.reason, language)}: {escape_markdown(doubt.detail)}" for doubt in doubts]
    return "<br>".join([f"<b>{TITLE.of(language)}</b>", *lines]) if lines else ""


def _words(reason: str, language: Language) -> str:
    return DOUBTS[reason].of(language) if reason in DOUBTS else escape_markdown(reason)
