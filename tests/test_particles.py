from __future__ import annotations

import pytest

from tasks.text.particles import attach, final

# One syllable with each of the 28 final consonants of Hangul, in Unicode's order.
SYLLABLES = [chr(0xAC00 + n) for n in range(28)]


@pytest.mark.parametrize(("open_", "closed"), [("는", "은"), ("가", "이"), ("를", "을"), ("와", "과"), ("란", "이란")])
def test_all_28_finals_choose_by_vowel_or_consonant(open_: str, closed: str) -> None:
    for form in (open_, closed):
        assert attach("가", form) == "가" + open_
        assert all(attach(syllable, form) == syllable + closed for syllable in SYLLABLES[1:])


def test_ro_counts_rieul_as_open() -> None:
    assert [attach(word, "으로") for word in ("총리령", "서울", "회사")] == ["총리령으로", "서울로", "회사로"]


@pytest.mark.parametrize(("word", "result"), [("3", "3은"), ("2", "2는"), ("10", "10은"), ("PC", "PC는"), ("KIM", "KIM은")])
def test_digits_and_letters_count_by_their_korean_reading(word: str, result: str) -> None:
    assert attach(word, "는") == result


def test_brackets_and_quotes_are_looked_through() -> None:
    assert attach("「은행법」", "는") == "「은행법」은"
    assert final("") == 0


def test_a_particle_without_a_pair_stays() -> None:
    assert attach("회사", "에게") == "회사에게"
