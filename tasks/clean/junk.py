"""Junk leaves the pages: lines of nothing but repeated signs, repeats inside a line, unreadable codes, blank forms.

A line stays with its words: leaders between a label and a value become a space, other repeats one sign, and the line as it was is
among the dropped. Signs that people repeat on purpose stay: "..." and "……" for what is left out, "○○○", "***" and "■■■" for
names, "★★★" for a grade, "-" in the cells of a table. So do the leaders of a table of contents: they tell what it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from tasks.clean.drops import STEP, Reason
from tasks.clean.forms import blank_form, is_blank_table
from tasks.records import Block, Dropped, Kept, Page
from tasks.text.outline import ENOUGH_LEADERS, has_leaders

DOTS = ".…‥⋯·ㆍ・‧∙･"
UNREADABLE = "\ue000-\uf8ff\U000f0000-\U0010ffff\ufffe\uffff\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
SIGNS = DOTS + r"\-–—―─━═=_~∼〜+^#,;:!?！？/\\|'\"`■█▉▓▒░▀▄*"
SUSPECT = re.compile(rf"[{SIGNS}]\s?[{SIGNS}]\s?[{SIGNS}]|[{UNREADABLE}\ufffd]")
ALONE = re.compile(
    rf"(?:[{DOTS}]\s*){{4,}}|[-–—―─━]{{3,}}|(?:[-–—―─━]\s*){{6,}}|(?:[═=_~∼〜+^#,;:!?！？/\\|'\"`]\s*){{3,}}|[■█▉▓▒░▀▄]{{4,}}"
    r"|\*{5,}|(?:\*\s+){2,}\*"
)
MASKS = re.compile(r"[○◯〇×△▽□◇☆★●◎◆*■▲▼Xx]")
FEWEST_MIXED = 6  # signs of two sorts, as in "=-=-=-"
BULLET = re.compile(rf"^\s*[{UNREADABLE}]+\s*(?=[^\s{UNREADABLE}])")
CODES = re.compile(rf"[{UNREADABLE}]+")
LOST = re.compile(
    r"(?<!\S)\ufffd+(?!\S)|\ufffd{3,}"
)  # letters that the file does not tell; one inside a word shows that it was there
LEADERS = re.compile(rf"(?!(?<=[가-힣])[.]\s)(?:[{DOTS}]\s?){{4,}}")  # the full stop before them is none of them
SPACES = re.compile(r"[-–—―]{4,}|[─━═]{3,}|={4,}|\+{4,}")
SINGLE = re.compile(r"(_)_{2,}|([~∼〜])\2{2,}|([?？])\3{2,}|([!！])\4{2,}|([,;:])\5{2,}|(#)#{3,}")
RULING = re.compile(r"\s*\|?[\s|:-]+\|?\s*")


def drop_junk(pages: Sequence[Page]) -> Kept[Page]:
    """The pages without junk; a blank form goes whole. Pages that no one will read as they are stay so."""
    kept: Kept[Page] = Kept([], [])
    for page in pages:
        if page.origin not in ("text", "ocr"):
            kept.rows.append(page)
        elif form := blank_form(page):
            kept.dropped.append(Dropped.of(page, page.id, STEP, "blank_form", form.told))
        else:
            kept.rows.append(_tidied(page, kept.dropped))
    return kept


def shortened(text: str, leaders: bool = True) -> str:
    """A line with its repeats as one sign, its leaders (if wanted) and rules as a space, without codes that mean nothing."""
    found = LOST.sub(" ", CODES.sub(" ", BULLET.sub("• ", text)))
    found = SINGLE.sub(lambda m: next(filter(None, m.groups())), SPACES.sub(" ", found))
    if leaders:
        found = LEADERS.sub(" ", found)
    if found == text:
        return text
    return " ".join(found.split()) + (" " if text.endswith(" ") and found.strip() else "")


def is_contents(page: Page) -> bool:
    """Whether the page has a table of contents with leaders."""
    led = (block for block in page.blocks if has_leaders(block.text))
    return sum(1 for _ in islice(led, ENOUGH_LEADERS)) == ENOUGH_LEADERS


def _tidied(page: Page, dropped: list[Dropped]) -> Page:
    if not SUSPECT.search(page.text) and all(block.kind == "text" for block in page.blocks):
        return page
    suspects = {i for i, block in enumerate(page.blocks) if block.kind == "table" or SUSPECT.search(block.text)}
    if not suspects:
        return page
    leaders = not is_contents(page)
    blocks: list[Block] = []
    for i, block in enumerate(page.blocks):
        text, reason = _judged(block, leaders) if i in suspects else (block.text, None)
        if reason:
            dropped.append(Dropped.of(block, page.id, STEP, reason, f"is now: {text}" if text else "says nothing"))
        if text:
            blocks.append(block.model_copy(update={"text": text}) if reason else block)
    return page.model_copy(update={"blocks": tuple(blocks)})


def _judged(block: Block, leaders: bool) -> tuple[str, Reason | None]:
    """What stays of a block, and why it is not all of it."""
    if block.kind == "table":
        if is_blank_table(block):
            return "", "blank_form"
        lines = [line if RULING.fullmatch(line) else shortened(line, leaders) for line in block.text.split("\n")]
        text = "\n".join(lines)
    elif _is_nothing(block.text) and (leaders or not has_leaders(block.text)):
        text = ""
    else:
        text = shortened(block.text, leaders)
    return (text, None) if text == block.text else (text, "shortened" if text.strip() else "repeat")


def _is_nothing(text: str) -> bool:
    """Whether a line is a rule, a row of dots or the like."""
    line = text.strip()
    if ALONE.fullmatch(line):
        return True
    signs = "".join(line.split())
    mixed = len(signs) >= FEWEST_MIXED and len(set(signs)) <= 2 and not any(c.isalnum() for c in signs)
    return mixed and not MASKS.search(signs)
