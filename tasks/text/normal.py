"""Normal forms: what is stored, what is compared, and how to get back from the one to the other.

Stored text is NFC. Two texts are compared without what PDFs, keyboards and models change at will: white space, zero-width
characters, quotes, brackets, middle dots, letter case, compatibility forms. Digits are never stripped.
"""

from __future__ import annotations

import re
import unicodedata

# White space, zero-width space, bars of tables, middle dots, quotes, brackets: these vary in real terms, their meaning does not.
IGNORED = re.compile(r"[\s\u200b\ufeff|·ㆍ‧\"'“”‘’()\[\]<>「」『』〈〉《》]+")
# NFKC turns ① into 1, which would merge it with the digits beside it: circled numbers keep a mark of their own.
CIRCLED = {
    code: f"〔{unicodedata.numeric(chr(code)):.0f}〕"
    for block in (range(0x2460, 0x2474), range(0x3251, 0x3260), range(0x32B1, 0x32C0))
    for code in block
}


# All of category Cc but tab and line end, and lone surrogates.
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def stored(text: str) -> str:
    """NFC without NUL, lone surrogates and other C0 controls but tab and line end."""
    return unicodedata.normalize("NFC", CONTROLS.sub("", text))


def comparable(text: str) -> str:
    """The form in which two texts are compared: equal for texts that differ only in spacing, quotes, brackets, case or width."""
    return IGNORED.sub("", unicodedata.normalize("NFKC", text.translate(CIRCLED))).casefold()


def locate(quote: str, text: str) -> tuple[int, int] | None:
    """Where `quote` stands in `text` up to `comparable`: start and end offsets into `text`, or None.

    The first occurrence counts that begins and ends with a character: 2 does not stand in ½. An empty quote is nowhere.
    """
    wanted = comparable(quote)
    if not wanted:
        return None
    pieces = [comparable(c) for c in text]
    flat = "".join(pieces)
    origin = [i for i, piece in enumerate(pieces) for _ in piece]
    at = flat.find(wanted)
    while at >= 0:
        end = at + len(wanted)
        if origin[at - 1 : at] != origin[at : at + 1] and origin[end - 1 : end] != origin[end : end + 1]:
            return origin[at], origin[end - 1] + 1
        at = flat.find(wanted, at + 1)
    return None
