"""Blank forms: pages and tables that show where to write and say nothing.

A form has labels ("성명", "주소"), blanks, and a place for date and signature. It is blank when no figures are filled in,
and junk when hardly anything else is said: a consent form with its terms in sentences is no junk, nor is a check list or a
table of figures. The limits leave the doubtful ones alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tasks.records import Block, Page
from tasks.text.normal import comparable
from tasks.text.outline import heading
from tasks.text.sentences import ends_sentence

SIGNED = re.compile(
    r"\(\s*(?:인|서\s?명|날\s?인|직\s?인)|서명\s*(?:또는|및)|년\s+월\s+일|귀\s?[하중]\s*$|\((?:signature|seal)\)",
    re.M | re.I,
)
HINTS = (  # one of these is in every match of the above, and is found faster
    *("(인", "( 인", "서명", "서 명", "날인", "날 인", "직인", "직 인", "월 일", "귀하", "귀 하", "귀중", "귀 중"),
    *("ignature)", "SIGNATURE)", "seal)", "SEAL)"),
)
BLANK = re.compile(r"_{3,}|[.·…]{6,}|…{3,}|\(\s+\)|\[\s+\]|[□☐]|:\s*$", re.M)
LABELS = frozenset(
    """
    성명 이름 한글 한자 영문 주민등록번호 외국인등록번호 생년월일 성별 주소 소재지 우편번호 전화번호 전화 연락처
    휴대전화 휴대폰 핸드폰 팩스 전자우편 이메일 email 상호 상호명칭 법인명 회사명 기관명 단체명 대표자 대표자성명
    사업자등록번호 법인등록번호 업종 소속 부서 부서명 직위 직급 직책 사번 계좌번호 은행명 은행 예금주 신청인 신고인
    청구인 제출인 위임인 위임자 수임인 대리인 보호자 법정대리인 계약자 피보험자 보험수익자 수익자 증권번호 접수번호
    접수일 접수일자 접수자 처리기간 처리일 관계 계약자와의관계 작성자 작성일 확인자 담당자 결재 신청일 신청내용
    신청사유 사유 비고 서명 name address phone date signature
    """.split()  # noqa: SIM905  one word a line would be two screens
)
LABEL_MARKS = re.compile(r"[\s①-⑳\d.)*※○●•·-]+")
LABEL_ENDS = " \t:：*"
FORM_MARKS = re.compile(
    r"\[?별지\s*제?\s*\d[\d의\- ]*호?\s*서식\]?|<[^<>]{1,40}>|\d{1,4}\s?(?:mm|㎜|×|x|g/㎡)[\d\s×x㎜mgk()㎡/]{0,40}", re.I
)
LONGEST_LINE = 300  # characters that are looked at for the end of a sentence
LONGEST_LABEL = 12  # letters
FEWEST_LABELS = 2
FEWEST_SIGNS = 6  # labels, blanks and places for a signature together
PROSE = 25  # letters: a line so long says something
MOST_PROSE = 0.25  # of the letters of the page
MOST_DIGITS = 24  # of the page, or something is filled in
MOST_LETTERS = 900
EMPTY_CELLS = 0.5  # of a blank table
MOST_CELLS = 80
RULING = re.compile(r"[\s|:]*-[\s|:-]*")


@dataclass(frozen=True, slots=True)
class Form:
    """How much on a page or in a table shows where to write, and how much says something."""

    labels: int
    blanks: int
    signed: int
    letters: int
    prose: int
    digits: int

    @property
    def told(self) -> str:
        """In words."""
        return f"{self.labels} labels, {self.blanks} blanks, {self.prose} of {self.letters} letters in sentences"

    @property
    def is_blank(self) -> bool:
        """Whether a page with a place for a signature is a form and nothing else."""
        asks = self.labels >= FEWEST_LABELS and self.labels + self.blanks + self.signed >= FEWEST_SIGNS
        says = self.prose > MOST_PROSE * self.letters or self.digits > MOST_DIGITS or self.letters > MOST_LETTERS
        return asks and not says


def blank_form(page: Page) -> Form | None:
    """What tells that a page is a blank form; None when it is none."""
    text = page.text
    if not any(hint in text for hint in HINTS) or not SIGNED.search(text):
        return None
    lines = [cell.strip() for block in page.blocks for cell in _cells(block) if cell.strip()]
    if any((opened := heading(line)) and opened.level != "annex" for line in lines):
        return None
    form = _form(lines)
    return form if form.is_blank else None


def is_blank_table(block: Block) -> bool:
    """Whether a table has labels and empty cells, and no figures or sentences."""
    rows = [row.strip().strip("|").split("|") for row in block.text.split("\n") if not RULING.fullmatch(row)]
    cells = [cell.strip() for row in rows for cell in row]
    full = [cell for cell in cells if cell]
    form = _form(full)
    labels = form.labels >= FEWEST_LABELS + 1 and len(full) <= MOST_CELLS and form.labels >= EMPTY_CELLS * len(full)
    return labels and len(full) <= (1 - EMPTY_CELLS) * len(cells) and not (form.prose or form.digits)


def _cells(block: Block) -> Sequence[str]:
    return re.split(r"[|\n]", block.text) if block.kind == "table" else [block.text]


def _form(lines: Sequence[str]) -> Form:
    text = "\n".join(FORM_MARKS.sub("", line) for line in lines)
    return Form(
        labels=sum(map(_is_label, lines)),
        blanks=len(BLANK.findall(text)),
        signed=len(SIGNED.findall(text)),
        letters=sum(map(_letters, lines)),
        prose=sum(_letters(line) for line in lines if _letters(line) >= PROSE or ends_sentence(line[-LONGEST_LINE:])),
        digits=sum(c.isdigit() for c in text),
    )


def _is_label(line: str) -> bool:
    """Whether a line is a label, or has one before the place to write ("위임인 성명: ____ (인)")."""
    rest = BLANK.sub(" ", SIGNED.sub(" ", line)).rstrip(LABEL_ENDS)
    rest = rest[marks.end() :] if (marks := LABEL_MARKS.match(rest)) else rest
    return comparable(rest) in LABELS or (
        _letters(rest) <= LONGEST_LABEL and any(w in LABELS for w in re.split(r"[\s:：()]+", rest))
    )


def _letters(line: str) -> int:
    return sum(c.isalpha() for c in line)
