"""Text of PDFs and models, made harmless for a Markdown field.

Argilla's UI runs HTML that stands in a plain text field. A Markdown field is sanitised, but would still turn text into
headings, links, images and formulas. So every character that means something to Markdown or HTML is written as an entity,
which both show as the character itself; the only tags are ours.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from tasks.text.normal import stored

HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# Emphasis, code, links and images, strikethrough, formulas, tables, mail addresses.
SPECIAL = {char: f"&#{ord(char)};" for char in "\\`*_[]~$|@"}
ESCAPES = str.maketrans(HTML | SPECIAL)
BARE_LINK = re.compile(r"(?<=\bwww)\.|:(?=//)", re.IGNORECASE)
# Code, headings, lists, rules: only at the start of a line, and a text of ours is one line.
LINE_START = re.compile(r"^(?:[ \t]+|\d{0,9}[#+=:.)-])")


def escape_markdown(text: str) -> str:
    """`text` as Markdown that shows it literally. Line ends become <br>."""
    return LINE_START.sub(_entity, _inline(text))


def unescape_markdown(markdown: str) -> str:
    """The text that `escape_markdown` was given (its stored form)."""
    return html.unescape(markdown.replace("<br>", "\n"))


def mark_ranges(text: str, ranges: Iterable[tuple[int, int]]) -> str:
    """`text` escaped, with these character ranges inside <mark>."""
    pieces, at = [], 0
    for start, end in _merged(ranges):
        pieces += [_inline(text[at:start]), f"<mark>{_inline(text[start:end])}</mark>"]
        at = end
    return LINE_START.sub(_entity, "".join([*pieces, _inline(text[at:])]))


def _inline(text: str) -> str:
    escaped = BARE_LINK.sub(_entity, stored(text).translate(ESCAPES))
    return escaped.replace("\r", "").replace("\n", "<br>")


def _entity(match: re.Match[str]) -> str:
    return "".join(char if char.isdigit() else f"&#{ord(char)};" for char in match[0])


def _merged(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return [(start, end) for start, end in merged if end > start]
