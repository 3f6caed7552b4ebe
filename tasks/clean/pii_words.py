"""Personal data of letters and digits: passports, plates, licences with the name of a region, and addresses of mail.

What has no shape of its own needs company: a plate needs its label. All anchors are rare (an @, a label, the name of a region),
and what stands around them is looked at through a window of bounded length.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from tasks.clean.pii_context import Candidate, Context
from tasks.clean.pii_labels import INVISIBLE, NOISE, Kind
from tasks.clean.pii_numbers import DASHES

SOFT = rf"[{INVISIBLE}]?(?:\n {{0,8}})?"
LETTER = "A-Za-zＡ-Ｚａ-ｚ"
PASSPORT = re.compile(
    rf"[MSRODGmsrodgＭＳＲＯＤＧ](?<![{LETTER}\d].)(?:{SOFT}[ -]?\d){{3}}{SOFT}"
    rf"(?:[{LETTER}](?:{SOFT}\d){{4}}|(?:{SOFT}\d){{5}})(?![{LETTER}\d-])"
    rf"|[A-Z](?<![{LETTER}\d].)(?:[A-Z][ -]?\d{{7}}|[A-Z]?\d{{6,8}})(?![{LETTER}\d-])"
)
KOREAN_PASSPORT = re.compile(r"[MSROD](?:\d{8}|\d{3}[A-Z]\d{4})")


NOT_OF_A_PASSPORT = re.compile(rf"[{INVISIBLE}\s-]")


def passport_candidates(text: str) -> Iterator[Candidate]:
    """Korean passports by their shape, others by their label."""
    for match in PASSPORT.finditer(text):
        value = unicodedata.normalize("NFKC", NOT_OF_A_PASSPORT.sub("", match.group()))

        def kind(context: Context, start: int = match.start(), end: int = match.end(), value: str = value) -> Kind | None:
            label = context.label(start, end)
            korean = KOREAN_PASSPORT.fullmatch(value) and not label.near("other", "account", "bank")
            return "passport" if korean or label.near("passport") else None

        yield Candidate(*match.span(), kind)


SERIES = "가나다라마거너더러머버서어저고노도로모보소오조구누두루무부수우주바사아자하허호배"
PLATE = re.compile(rf"\d(?<![\d제,.].)(?:\n?\d){{1,2}}\s{{0,3}}[{SERIES}]\s{{0,3}}\d(?:\n?\d){{3}}(?![\d년])")
REGION_OF_A_PLATE = re.compile("(?:서울|부산|대구|인천|광주|대전|울산|경기|강원|충북|충남|전북|전남|경북|경남|제주|세종)\\s?$")
REACH_OF_A_CAR = 30
BY_CAR = re.compile("차량|자동차|번호판|차번|차종|주차|승용차|화물차|렌터카|이륜차|오토바이|운행|소유차")


def plate_candidates(text: str) -> Iterator[Candidate]:
    """Plates of cars, which look like 12조 2019 and so need a label or a word of cars before them."""
    for match in PLATE.finditer(text):
        region = REGION_OF_A_PLATE.search(text, max(0, match.start() - 3), match.start())
        begin = region.start() if region is not None else match.start()

        def kind(context: Context, start: int = begin, end: int = match.end()) -> Kind | None:
            labelled = context.label(start, end).kind == "vehicle"
            return "vehicle" if labelled or BY_CAR.search(context.before(start, REACH_OF_A_CAR)) else None

        yield Candidate(begin, match.end(), kind)


REGIONS = """
    서울 부산 대구 인천 광주 대전 울산 경기 강원 충북 충남 전북 전남 경북 경남 제주
"""
REGION = "(?:" + "|".join("\\n?".join(region) for region in REGIONS.split()) + ")(?:[남북]부)?"
GAP = rf"[ .{DASHES}]{{0,2}}{SOFT}[ .{DASHES}]{{0,2}}"
FIRST_LETTERS = "".join(sorted({region[0] for region in REGIONS.split()}))
LICENCE = re.compile(
    rf"(?=[{FIRST_LETTERS}]){REGION}"
    rf"(?:[\s{DASHES}]{{0,3}}\d{SOFT}\d{GAP}\d(?:{SOFT}\d){{5}}{GAP}\d{SOFT}\d(?![\d{DASHES}])|\s?\d{{10}}(?!\d))"
)


def licence_candidates(text: str) -> Iterator[Candidate]:
    """Driving licences of the time when they bore the name of a region: 서울 04-123456-78."""
    for match in LICENCE.finditer(text):

        def kind(
            context: Context, start: int = match.start(), end: int = match.end(), plain: bool = match.group()[-10:].isdecimal()
        ) -> Kind | None:
            label = context.label(start, end)
            return "driver" if label.near("driver") or not (plain or label.near("other", "account", "bank")) else None

        yield Candidate(*match.span(), kind)


IPV6 = re.compile(
    r"(?<![\w:.])(?=[0-9A-Fa-f:]{0,5}:)(?:(?:[0-9A-Fa-f]{1,4}:\n?){7}[0-9A-Fa-f]{1,4}"
    r"|(?:[0-9A-Fa-f]{1,4}:){1,6}(?::[0-9A-Fa-f]{1,4}){1,6}|(?:[0-9A-Fa-f]{1,4}:){2,7}:)(?![\w:])"
)


def ip_candidates(text: str) -> Iterator[Candidate]:
    """Addresses of version 6; those of version 4 are numbers."""
    for match in IPV6.finditer(text) if ":" in text else ():
        if _is_ipv6(match.group().replace("\n", "")):
            yield Candidate(*match.span(), lambda _: "ip")


def _is_ipv6(written: str) -> bool:
    groups = [group for group in written.split(":") if group]
    return ("::" in written and 2 <= len(groups) <= 7) or len(groups) == 8


AT = re.compile(r"[@＠]|\s?[(\[{<]\s?(?:at|AT|At|골뱅이)\s?[)\]}>]|\s?골뱅이| at (?=[A-Za-z])")
AT_SIGNS = ("@", "＠", "at", "AT", "At", "골뱅이")
SPELLED_AT = " at "
OF_LOCAL = rf"[{LETTER}0-9０-９._%+\-]"
WRAP = r" ?\n {0,8}"  # where a line ends and the next one begins
LOCAL = re.compile(rf"({OF_LOCAL}{{1,64}})(?:{WRAP}|\s?)$")
LOCAL_BEGUN = re.compile(rf"({OF_LOCAL}{{1,64}}){WRAP}$")
MAIL = re.compile(r"[가-힣]|mail", re.IGNORECASE)
BEHIND_AT = re.compile(rf"{WRAP}|\s?")
DOT = r"(?:[.．]|\s?[(\[]\s?(?:dot|DOT|점)\s?[)\]]\s?)"
DOMAIN = re.compile(rf"(?:[{LETTER}0-9\-]{{1,63}}{DOT}){{1,6}}[{LETTER}]{{2,24}}")
DOMAIN_BEGUN = re.compile(rf"([A-Za-z0-9\-.]{{0,64}}){WRAP}([A-Za-z0-9\-.]{{1,64}})")
CUT = re.compile(r"(?:[.][A-Za-z]?)?")  # of a last part that is one letter so far
ENDING = re.compile(r"[.](?:com|net|org|(?:(?:co|or|go|ac|ne|pe|re)[.])?kr|io|me|info|biz|edu|gov|example|test)$", re.IGNORECASE)
INSTITUTIONS_OWN = """
    help helpdesk info cs csr support privacy webmaster admin administrator contact service sales office master
    postmaster customer customers call callcenter center cc voc pr ir press hr recruit job jobs noreply no-reply
    donotreply security abuse cert dpo ciso cpo legal compliance audit ethics mail email news newsletter marketing
    inquiry ask qna question tech hotline claim claims minwon consumer protect team root hostmaster feedback biz
    partner partners ad ads
"""
ROLES = frozenset(INSTITUTIONS_OWN.split())


def email_candidates(text: str) -> Iterator[Candidate]:
    """Addresses of mail, but not those of a role in an institution (help@, privacy@)."""
    for at in AT.finditer(text) if any(sign in text for sign in AT_SIGNS) else ():
        start, end = _local_part(text, at.start()), _domain(text, at.end())
        if start is None or end is None or (at.group() == SPELLED_AT and _is_english(text, start, at.end(), end)):
            continue
        local = unicodedata.normalize("NFKC", NOISE.sub("", text[start : at.start()])).lower()
        if local not in ROLES and re.split(r"[.\d+-]", local)[0] not in ROLES:
            yield Candidate(start, end, lambda _: "email")


HAS_A_LETTER = re.compile(rf"[{LETTER}]")
FEWEST_OF_A_NUMBER = 7  # figures alone at the end of a line are a telephone number
AFTER_A_WORD = re.compile(r"(?<![A-Za-z.@])[A-Za-z]+ $")


def _is_english(text: str, start: int, domain: int, end: int) -> bool:
    """Whether `at` may be the word: see you at example.com."""
    words = text[max(0, start - 30) : start]
    in_a_sentence = AFTER_A_WORD.search(words) is not None and MAIL.search(words) is None
    return in_a_sentence or ENDING.search(text[domain:end]) is None


def _local_part(text: str, at: int) -> int | None:
    """Where the part before the @ begins, if need be on the line before."""
    window = text[max(0, at - 74) : at]
    match = LOCAL.search(window)
    if match is None:
        return None
    start = at - len(window) + match.start()
    above = text[max(0, start - 74) : start]
    begun = None if "\n" in match.group() else LOCAL_BEGUN.search(above)
    if begun is None:
        return start
    line = above[: begun.end(1)].split("\n")[-1]
    goes_on = MAIL.search(line) or begun[1][-1] in "._-+0123456789" or match.group()[0] in "._-+"
    if not HAS_A_LETTER.search(begun[1]) and len(begun[1]) >= FEWEST_OF_A_NUMBER:
        return start
    return start - len(above) + begun.start() if goes_on else start


def _domain(text: str, at: int) -> int | None:
    """Where the part after the @ ends. A domain that ends with its line may go on in the next."""
    lead = BEHIND_AT.match(text, at)
    begin = lead.end() if lead is not None else at
    whole = DOMAIN.match(text, begin)
    end = whole.end() if whole is not None else None
    begun = DOMAIN_BEGUN.match(text, begin) if "\n" not in text[at:begin] else None
    if begun is None or not CUT.fullmatch(tail := text[end or begun.end(1) : begun.end(1)]):
        return end
    rest = begun[2].rstrip(".-")
    open_ended = tail or rest.startswith(".") or whole is None or not ENDING.search(whole.group())
    if open_ended and DOMAIN.fullmatch(joined := begun[1] + rest) and (whole is None or ENDING.search(joined)):
        return begun.start(2) + len(rest)
    return end
