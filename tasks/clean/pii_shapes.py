"""What a number is: by its shape and check digit, and by its label where the shape tells too little.

Check digits only help: resident numbers have none since October 2020, numbers of corporations since 2025, and a label outweighs
a wrong one. Every repetition in an expression is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from tasks.clean.pii_context import Context
from tasks.clean.pii_labels import NEAR, Kind, Label

MARKS = re.compile(r"[^\d*]+")

Decide = Callable[[re.Match[str], Context, int, int], Kind | None]

OTHER_NUMBERS = ("account", "bank", "business", "driver", "card", "passport")
CENTURY = {"1": 1900, "2": 1900, "5": 1900, "6": 1900, "3": 2000, "4": 2000, "7": 2000, "8": 2000}
DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
DIGITS = 13  # of a resident or a corporate number
CORPORATE = re.compile(r"[12]\d{3}(?:1[1-5]|2[1-9]|[3-8]\d)")  # registry office, type of corporation


def _person_number(match: re.Match[str], context: Context, start: int, end: int) -> Kind | None:
    """Six and seven digits: of a resident, of a foreigner or of a corporation."""
    label, first, mark, last = context.label(start, end), *match.groups()
    born = _is_birth(first, last)
    person: Kind = "foreigner" if last[0] in "5678" else "resident"
    if label.near("corporate"):
        return person if born and not CORPORATE.fullmatch(first) else "corporate"
    if label.near("resident", "foreigner"):
        return _labelled(label, first, last, born and last[0] != "*", person)
    if label.near("registered"):
        return _of_shape(first, last, born, person) or ("corporate" if CORPORATE.fullmatch(first) else None)
    if len(last) < len("1234567") and ("-" not in mark or len(last) == 1):
        return None
    if label.near("other") or (not mark and label.near(*OTHER_NUMBERS)):
        return None
    if born and COMPANY.search(context.before(start, 24) + " " + context.after(end)) is None:
        return person
    return _of_shape(first, last, born, person) if born or "-" in mark else None


def _labelled(label: Label, first: str, last: str, born: bool, person: Kind) -> Kind:
    """With the label of a person, which may also be that of the form: what the number says of itself goes first."""
    if born:
        return person
    if _is_corporate(first, last):
        return "corporate"
    return "foreigner" if label.kind == "foreigner" else person


def _of_shape(first: str, last: str, born: bool, person: Kind) -> Kind | None:
    if _is_corporate(first, last) and not _has_resident_check(first + last):
        return "corporate"
    return person if born else None


def _is_birth(first: str, last: str) -> bool:
    """A date that exists, and the digit of sex and century (hidden in a masked number). There may be no check digit."""
    year, month, day = CENTURY.get(last[0], 2000) + int(first[:2]), int(first[2:4]), int(first[4:])
    if (last[0] not in CENTURY and last[0] != "*") or not 1 <= month <= 12:
        return False
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 1 <= day <= DAYS[month - 1] + leap


def _has_resident_check(digits: str) -> bool:
    """Of numbers given until October 2020."""
    if not digits.isdecimal() or len(digits) != DIGITS:
        return False
    return (11 - _weighted(digits, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)) % 11) % 10 == int(digits[12])


def _is_corporate(first: str, last: str) -> bool:
    digits = first + last
    if not digits.isdecimal() or len(digits) != DIGITS or not CORPORATE.fullmatch(first):
        return False
    return -_weighted(digits, (1, 2) * 6) % 10 == int(digits[12])


def _weighted(digits: str, weights: Sequence[int]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


CARD_PREFIX = re.compile(r"3[4-7]|4|5[0-8]|2[2-7]|6|9")


def _card(match: re.Match[str], context: Context, start: int, end: int) -> Kind | None:
    label, digits = context.label(start, end), _digits(match)
    if label.near("card") or "*" in digits:
        return "card"
    if (
        len(digits) == 14
        or len(MARKS.findall(match.group())) == 1
        or PART_OF_A_CODE.fullmatch(context.character(start - 1))
        or (digits == match.group() and label.near("other", "account"))
        or _in_a_row(match, context, start, end)
    ):
        return None
    return "card" if CARD_PREFIX.match(digits) and _luhn(digits) else None


def _in_a_row(match: re.Match[str], context: Context, start: int, end: int) -> bool:
    """Whether blanks alone hold it together, and more figures stand beside it."""
    before = context.character(start - 1) == " " and context.character(start - 2).isdecimal()
    after = context.character(end) == " " and context.character(end + 1).isdecimal()
    return (before or after) and set(MARKS.findall(match.group())) == {" "}


def _digits(match: re.Match[str]) -> str:
    return "".join(c for c in match.group() if c in "0123456789*")


def _luhn(digits: str) -> bool:
    odd = sum(int(d) for d in digits[-1::-2])
    return (odd + sum(sum(divmod(2 * int(d), 10)) for d in digits[-2::-2])) % 10 == 0


FIRST_TAX_OFFICE = "101"
COMPANY = re.compile(r"법인|등기|㈜|\(주\)|주식회사|유한회사|상호|업체|회사|사업장|공급|상사|가맹점|거래처|매장|대표")


def _business(match: re.Match[str], context: Context, start: int, end: int) -> Kind | None:
    label, digits, marks = context.label(start, end), _digits(match), len(MARKS.findall(match.group()))
    if label.near("business"):
        return "business"
    if digits < FIRST_TAX_OFFICE:
        return None
    checked = _has_business_check(digits)
    if label.near("registered"):
        return "business" if checked or match.group().count("-") == 2 else None
    if label.near("account", "bank", "other", "card", "driver", "phone", "passport") or not checked:
        return None
    near = context.before(start, 24) + " " + context.after(end)
    return "business" if marks == 2 or COMPANY.search(near) else None


def _has_business_check(digits: str) -> bool:
    total = _weighted(digits, (1, 3, 7, 1, 3, 7, 1, 3, 5)) + int(digits[8]) * 5 // 10
    return digits[3:5] != "00" and -total % 10 == int(digits[9])


def _driver(match: re.Match[str], context: Context, start: int, end: int) -> Kind | None:
    label = context.label(start, end)
    if label.near("driver", "account", "bank", "other"):
        return "driver" if label.kind == "driver" else None
    grouped = len(MARKS.findall(match.group())) == 3
    return "driver" if grouped and 11 <= int(match.group()[:2]) <= 28 else None


def _old_driver(match: re.Match[str], context: Context, start: int, end: int) -> Kind | None:
    """The licence of a region without its name."""
    return "driver" if context.label(start, end).near("driver") else None


def _mobile(match: re.Match[str], context: Context, start: int, end: int) -> Kind | None:
    """A person's, whoever it stands with."""
    label, bare = context.label(start, end), _digits(match) == match.group()
    if bare and len(match.group()) != 11:
        return "phone" if label.near("phone") else None
    return None if bare and label.kind in ("other", "account", "card") and label.distance <= 6 else "phone"


PART_OF_A_CODE = re.compile("[A-Za-z_#/-]")
NO_PHONES = ("other", "account", "business", "registered", "card", "driver", "passport")


def _landline(match: re.Match[str], context: Context, start: int, end: int) -> Kind | None:
    label = context.label(start, end)
    if label.kind in NO_PHONES and label.distance <= 4:
        return None
    bare = not any(mark in match.group() for mark in "-.)")
    if (
        bare
        and not label.near("phone")
        and (label.near(*NO_PHONES, "bank") or PART_OF_A_CODE.match(context.character(start - 1)))
    ):
        return None
    return None if context.of_institution(start, end) else "phone"


def _local(match: re.Match[str], context: Context, start: int, end: int) -> Kind | None:
    """Without the code of the region."""
    label = context.label(start, end)
    if label.kind != "phone" or label.distance > 4:
        return None
    return None if context.of_institution(start, end) else "phone"


PHONE_SHAPE = re.compile(r"\(?0(?:2|[3-6][1-5]|[78]0|50\d|1[016789])\)?[-. ]?\d{3,4}[-. ]?[\d*]{4}")
DATE = re.compile(r"(?:19|20)\d\d ?[.-] ?\d{1,2} ?[.-] ?\d{1,2}(?!\d)")
BANKS = "(?:국민|신한|우리|하나|기업|산업|제일|씨티|카카오|토스|케이|kb|nh|ibk|sc)"
BANK_AFTER = re.compile(
    rf"[(,/]*(?:[가-힣]{{2,4}}[(,/])?(?:[가-힣a-z]{{0,6}}(?:은행|뱅크|농협|수협|신협|새마을금고|우체국)|{BANKS}[),]|계좌|예금주|통장)"
    "|(?:으?로|에)[가-힣]{0,10}(?:입금|송금|이체)"
)
CLOCK = re.compile(r":[0-5]\d")
LETTER = re.compile("[A-Za-z]")
REACH_OF_A_BANK = 25


def _account(match: re.Match[str], context: Context, start: int, end: int) -> Kind | None:
    """The label says so, or a bank: but not when the number looks like that of a telephone."""
    if not 10 <= len(_digits(match)) <= 16 or DATE.match(match.group()) or context.follows(end, CLOCK):
        return None
    label = context.label(start, end)
    if LETTER.fullmatch(context.character(start - 1)) and not (label.kind == "account" and label.distance <= 4):
        return None
    if PHONE_SHAPE.fullmatch(match.group()):
        return "account" if label.kind == "account" and label.distance <= 4 else None
    if label.kind in ("account", "bank") and label.distance <= REACH_OF_A_BANK:
        return "account"
    if label.kind and label.distance <= NEAR:
        return None
    return "account" if BANK_AFTER.match(context.after(end)) else None


def _dotted_account(match: re.Match[str], context: Context, start: int, end: int) -> Kind | None:
    """Dots part so many things that the label must be near."""
    long_enough = max(map(len, match.group().split("."))) > 3 and not DATE.match(match.group()) and len(_digits(match)) >= 10
    if not long_enough or not context.label(start, end).near("account", "bank"):
        return None
    return _account(match, context, start, end)


IP_WORDS = re.compile("ip|아이피|접속|로그인")
NO_IP = re.compile("버전|version|[^a-z]v$|제$")


def _ip(match: re.Match[str], context: Context, start: int, end: int) -> Kind | None:
    octets = [int(octet) for octet in match.group().split(".")]
    if max(octets) > 255 or octets[0] in (0, 127, 255):
        return None
    if max(octets) > 99 or context.label(start, end).near("ip"):
        return "ip"
    before = context.before(start, NEAR)
    return "ip" if IP_WORDS.search(before) and not NO_IP.search(before) else None


ALONE = r"(?<!\d)(?<!\d[-.]){}(?!\d)(?!-\d)"
GAP = r"[-. ]{0,3}"
COUNTRY = r"(?:\+ ?82|\(\+82\)|0082|82)[-. )]{0,3}\(?0?\)?"
REGIONAL = r"(?:2|[3-6][1-5]|70|50[2-8])"
# Those that need no label come first; of two with the same span the first that agrees counts.
SHAPES: Final[tuple[tuple[str, Decide], ...]] = (
    (r"(\d{6})( ?[-/.]? ?)(\d[\d*]{6}|\*{6,7}|\d\*{2,5}(?!\*)|[1-8](?![\d*]))", _person_number),
    (rf"\d{{4}}{GAP}[\d*]{{4}}{GAP}[\d*]{{4}}{GAP}[\d*]{{3,4}}", _card),
    (rf"\d{{4}}{GAP}\d{{6}}{GAP}\d{{4,5}}", _card),
    (rf"\d{{3}}{GAP}\d{{2}}{GAP}\d{{5}}", _business),
    (rf"\d{{2}}{GAP}\d{{2}}{GAP}\d{{6}}{GAP}\d{{2}}", _driver),
    (rf"\d{{2}}{GAP}\d{{6}}{GAP}\d{{2}}", _old_driver),
    (rf"(?:\(01[016789]\)|01[016789])[-. )]{{0,3}}[\d*]{{3,4}}{GAP}[\d*]{{4}}", _mobile),
    (rf"{COUNTRY}{GAP}1[016789]{GAP}\d{{3,4}}{GAP}\d{{4}}", _mobile),
    (rf"{COUNTRY}{GAP}{REGIONAL}{GAP}\d{{3,4}}{GAP}\d{{4}}", _landline),
    (rf"(?:\(0{REGIONAL}\)|0{REGIONAL})[-. )]{{0,3}}\d{{3,4}}{GAP}[\d*]{{4}}", _landline),
    (r"[2-9]\d{2,3}[-.]\d{4}", _local),
    (r"\d{2,6}(?: ?- ?[\d*]{1,8}){1,3}", _account),
    (r"\d{2,6}(?: ?\. ?[\d*]{1,8}){2,3}", _dotted_account),
    (r"\d{3,6}(?: [\d*]{1,12}){1,3}", _account),
    (r"\d{10,16}", _account),
    (r"\d{1,3}(?:\.\d{1,3}){3}", _ip),
)
NUMBERS: Final = tuple((re.compile(ALONE.replace("{}", f"(?:{pattern})")), decide) for pattern, decide in SHAPES)
ANY_NUMBER = re.compile(ALONE.replace("{}", "(?:" + "|".join(pattern for pattern, _ in SHAPES) + ")"))
