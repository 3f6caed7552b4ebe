from __future__ import annotations

from review.doubts import DOUBTS, doubts_shown
from tasks.check.findings import REASONS
from tasks.records import Doubt


def test_every_reason_has_words_in_both_languages() -> None:
    assert set(REASONS) <= set(DOUBTS)
    assert all(words.ko and words.en for words in DOUBTS.values())


def test_doubts_are_shown_and_what_they_quote_is_harmless() -> None:
    shown = doubts_shown([Doubt(reason="unit_differs", detail="<img src=x onerror=alert(1)>")], "ko")
    assert "확인할 점" in shown
    assert "단위가 근거와 다를 수 있습니다" in shown
    assert "<img" not in shown
    assert doubts_shown([], "ko") == ""
