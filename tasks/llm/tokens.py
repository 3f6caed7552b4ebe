"""How many tokens a text is, without a tokenizer: those download their tables, and an estimate needs none.

Read off o200k counts of Korean prose, English prose and tables of numbers; for budgets and plans, never for bills.
"""

from __future__ import annotations

HANGUL, LATIN, OTHER = 0.62, 0.2, 0.9  # tokens a character; OTHER: digits and punctuation marks


def estimate_tokens(text: str) -> int:
    """Estimated tokens of a text."""
    hangul = sum("가" <= c <= "힣" for c in text)
    latin = sum(c.isascii() and c.isalpha() for c in text)
    other = sum(not c.isspace() for c in text) - hangul - latin
    return round(HANGUL * hangul + LATIN * latin + OTHER * other + 0.5)
