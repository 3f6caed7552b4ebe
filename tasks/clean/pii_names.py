"""Names of persons, which need a label or a resident number for company; once known, a name goes wherever it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tasks.clean.pii_context import HANGUL, Candidate
from tasks.clean.pii_numbers import DASHES

COMPOUND = "(?:남궁|황보|제갈|사공|선우|독고|서문|동방)"
SURNAME = (
    "[김이박최정강조윤장임한오서신권황안송류유전홍고문양손배백허남심노하곽성차주우구민진지엄채원천방공현함변염여추도소석선설마길연위"
    "표명기반왕금옥육인맹모탁국은편용]"
)
RARE_SURNAME = "[어제봉형계경복피범예라태감견호림목갈승온옹음좌창팽평빈순]"  # behind a label of names alone
FULL = rf"(?:{COMPOUND}[{HANGUL}]{{1,2}}|{SURNAME}[{HANGUL}]{{2}})"
NAME = rf"(?:{COMPOUND}[{HANGUL}]{{1,2}}|{SURNAME}[{HANGUL}]{{1,2}})"
SPACED = rf"(?:{COMPOUND}|{SURNAME}) {{1,2}}[{HANGUL}] {{1,2}}[{HANGUL}]"
SPACED_SHORT = rf"{SURNAME} [{HANGUL}]"
BREAK = r"\n {0,8}"
BROKEN = rf"{SURNAME}(?:{BREAK}[{HANGUL}]{{2}}|[{HANGUL}]{BREAK}(?![남여])[{HANGUL}])"
LATIN = r"[A-Z][A-Za-z'’-]{1,20}(?:,? [A-Z][A-Za-z'’.-]{0,20}){1,4}(?![A-Za-z\d&])"
FAMILY = (
    "(?:응우옌|응우엔|응웬|구엔|쩐|트란|팜|레|호앙|후인|판|부이|부|보|당|도|호|응오|즈엉|딘|쯔엉|마이|까오|람|왕|장|류|첸|천|양|자오|저우"
    "|쑨|쉬|리우|리|도안|다오|르엉|부엉|따|루|루엉|끼우)"
)
TRANSCRIBED = rf"{FAMILY}(?: [{HANGUL}]{{1,3}}){{1,3}}"
CALLED = "(?:성 {0,6}명|이름|성함|예금주명?|(?:사원|직원|고객)명|[Nn]ame|NAME)"
ROLES = """
    계약자 피보험자 수익자 보호자 신청인 신청자 청구인 청구자 대리인 환자 수진자 고객 대표자 대표이사 담당자 담당의사 담당의
    담당 대표 주치의 진료의 운전자 가입자 작성자 작성인 검토자 승인자 결재자 확인자 접수자 처리자 상담원 상담사 위임인 위임자
    수임인 수임자 피해자 상속인 예금주 배우자 모집인 설계사 신고인 신고자 제출인 제출자 수령인 수취인 임차인 임대인 매도인
    매수인 양도인 양수인 보증인 명의인 송금인 소유자 의뢰인 수취인명 입금자
"""
ROLE = f"(?:{'|'.join(ROLES.split())}|(?:받는|받으시는|보내는|보낸|보내시는) ?(?:분|사람|이))"
# Text that is masked later ("[") must not make an end where there was none before.
ENDED = rf"(?=\s{{0,3}}(?:[^{HANGUL}\s\[]|$|\n)|\s{{0,3}}(?:님|씨|귀하)"
PARTICLE = rf"|(?:은|는|이|가|의|을|를|과|와|에게|께서|이고|이며|입니다|임)(?![{HANGUL}]))"
BRACKET = r"(?:\s{0,3}\([^()\n]{1,12}\))?"
COLON = r"\s{0,3}[:：=]\s{0,8}\"?"
CELL = r"(?:[ \t]{0,9}\|[ |\t]{0,9}|[ \t]{2,40}|\t)"
POSITION = "(?:사원|주임|대리|과장|차장|부장|팀장|실장|원장|선임|책임|수석|교수|전문의|의사|변호사|손해사정사|설계사)"
NEXT_LABEL = (
    "(?:생년|주민|연락처|전화|휴대|핸드폰|주소|관계|성별|나이|직업|계좌|은행"
    "|이메일|소속|직위|부서|사번|여권|외국인|차량|면허|등록)"
)
# The end of a cell: two spaces, a tab, a ruling, a bracket, the end of the line, or what follows a name.
CELL_ENDED = (
    rf"(?=[ ]{{0,3}}(?:[^{HANGUL}\s\[A-Za-z]|\n|$)|[ \t]{{2}}|\t|\s{{0,3}}(?:님|씨|귀하)(?![{HANGUL}])"
    rf"|(?<=[{HANGUL}]{{3}}) (?:{POSITION}(?![{HANGUL}])|{NEXT_LABEL}))"
)
SIGNATURE = rf"\s{{0,20}}[(（]\s?(?:인|서명|날인|印|직인)|[ \t]{{0,20}}印|\s?(?:님|씨|귀하)(?![{HANGUL}])"
# Behind these a name stands without a colon, too.
TITLE = (
    "(?:대표이사|대표자|대표|실무담당|담당|위임인|수임인|보호자|담당의사?|주치의|진료의"
    "|상담원|상담사|작성자|작성인|검토자|승인자|결재자|담당자)"
)
PERSON = "(?:계약자|피보험자|수익자|보호자|청구인|대리인|환자|수진자|예금주|상속인|위임인)"
CALL = re.compile(
    "성 {0,6}명|이름|성함|Name|name|NAME|사원명|직원명|받는|받으시는|보내는|보낸|보내시는|" + "|".join(ROLES.split())
)
# What must follow for a look at the label to be worth it.
AHEAD = re.compile(
    rf"(?:사?명|(?: ?성)? {{0,6}}명| ?이름| ?성함|예?금주명?| ?(?:분|사람|이))?{BRACKET}[은는이]?[\s:：=|(\"]{{0,45}}"
    rf"(?:{COMPOUND}|{SURNAME}|{RARE_SURNAME}|{FAMILY}|[A-Z])(?:[{HANGUL}]|\s|[A-Za-z])"
)
OF_A_THING = re.compile("(?:상품|담보|서류|파일|회사|병원|기관|은행|제품|약품|질병|특약|보험|부서|계정|서버) ?$")
RULING = re.compile(r"\n[ |:]{0,9}---")
STRONG = rf"(?:{CALLED}|{ROLE} ?(?:명|성 {{0,6}}명|이름|성함))"
NAMED = tuple(
    re.compile(pattern)
    for pattern in (
        # 성명: 홍길동
        rf"(?:{STRONG}|{ROLE}){BRACKET}{COLON}({NAME}){ENDED}|(?<=[{HANGUL}]{{3}})\s{PARTICLE}",
        # 성명  홍길동
        rf"{STRONG}{BRACKET}(?:{COLON}|{CELL})({NAME}|{RARE_SURNAME}[{HANGUL}]{{2}}|{SPACED}|{SPACED_SHORT}|{TRANSCRIBED}|{BROKEN})"
        rf"{CELL_ENDED}",
        rf"{ROLE}{BRACKET}(?:{COLON}|{CELL})({FULL}|{SPACED}|{TRANSCRIBED}|{BROKEN}){CELL_ENDED}",
        rf"{PERSON}{BRACKET}{CELL}({NAME}){CELL_ENDED}",
        # Name: NGUYEN THI BOM
        rf"(?:{STRONG}|{ROLE}){BRACKET}(?:{COLON}|{CELL}|\s)({LATIN})",
        # 성명 and 홍길동 each on a line of its own
        rf"{STRONG}{BRACKET}[ |]{{0,3}}\n[ |]{{0,3}}({NAME}|{SPACED}|{LATIN})(?=[ |]{{0,3}}(?:\n|$))",
        # 고객 홍길동 님
        rf"{ROLE}\s?({NAME})\s?(?:님|씨|귀하)",
        # 성명 홍길동
        rf"(?:{STRONG}|예금주)[은는이]?\s({FULL}){ENDED}|(?:이고|이며|입니다|임)| {NEXT_LABEL})",
        # 대표이사 홍길동
        rf"{TITLE}{BRACKET} ({FULL}|{SPACED})(?={SIGNATURE}|[ \t]{{0,20}}(?:\n|$|[/,(·|\d])|[ \t]{{2}}|\t)",
        # 청구인 홍길동은, 담당자(홍길동)
        rf"{ROLE}{BRACKET} ({FULL})(?=(?:은|는|이|가|의|을|를|과|와|에게|께서)(?![{HANGUL}]))",
        rf"(?:{STRONG}|{ROLE}) ?\( ?({FULL}|{SPACED}) ?[),/]",
        # 청구인 홍길동 (인)
        rf"{ROLE}{BRACKET} ({FULL}|{SPACED})(?={SIGNATURE})",
    )
)
# 홍길동(900101-1234567), 대리인홍길동(주민번호 900101-1234567)
NUMBER_IN_BRACKETS = re.compile(rf"\(\s?(?:주민(?:등록)?번호|외국인등록번호)?\s?[:：]?\s?\d{{6}}\s?[{DASHES}]?\s?[\d*]{{7}}")
NAME_BEFORE = re.compile(rf"(?:{ROLE}\s?|(?<![{HANGUL}]))({NAME})\s?$")
# 홍길동 고객님, 홍길동 귀하
ADDRESS = re.compile("(?:고객|회원|환자|계약자|보호자)님|귀하")
ADDRESSED = re.compile(rf"(?<![{HANGUL}])({FULL}|{SPACED})\s?(?:고객님|회원님|환자님|계약자님|보호자님|귀하)(?!의)")
LABELS_AND_WORDS = """
    주소 주소지 전화 전화번 연락처 연락 성별 성명 성함 이름 서명 신청 신청인 신청자 신고인 신고자 한글 한자 영문 기재 기타 표시
    변경 확인 정보 이메일 주민 주민번 주민등 생년 직업 나이 관계 국적 은행 은행명 계좌 서류 사유 이용자 이사회 이사 이해관
    조합원 조합장 정보주 소유자 소비자 제조자 제공자 지급인 지정인 심사자 심사팀 안내원 안내 주주 배우자 배서인 보호자 보증인
    상속인 수익자 수취인 양수인 양도인 운전자 임차인 임대인 원고 전문가 조사자 채권자 채무자 하수급 한국인 현지인 대리인 대표자
    고객 고객님 계약자 피보험 가입자 법인 법인명 상호 상호명 회사 회사명 기관 기관명 지점 부서 부서명 소속 직위 직책 인적 인적사
    인감 날인 도장 사항 구분 구비 비고 번호 항목 내용 명칭 명의 명의인 명의자 동의 동의자 동의인 공동 공란 미상 미기재 해당
    해당자 유족 유무 여부 여권 여권번 유효 기간 기재란 기입 기준 우편 우편물 우선 원본 위임 위임인 위임자 위탁 위탁자 지위 지정
    지정자 진단 진단명 증권 주의 주요 주된 전자 전부 전체 전원 정정 정지 조회 조건 조항 장애 장해 장소 임직원 임원 임의 한도
    한정 오기 오류 서식 서면 안전 송금 송달 유의 유형 홍보 고지 고용 고유 문서 문의 양식 양도 손해 배상 배정 백신 허위 남성 여성
    노무 하단 하자 성인 차량 차주 차이 주체 우대 구매 구매자 구성 구성원 민원 민원인 진료 진술 지급 지급자 지원 지원자 엄수 채무
    채권 원인 원칙 천원 방문 방법 방식 공개 공무원 공제 현재 현황 함께 변호사 변동 여러분 추가 추천 추천인 도용 도달 소재 소재지
    석명 선택 선임 선정 설명 설정 설계사 마감 위반 위험 표기 표지 명부 명단 명시 기명 기록 기본 반드시 반환 금융 금액 금지 인정
    인증 인적사항 인수 인수자 국가 국내 국외 국민 은폐 용도 용역 이상 이하 이내 이외 이용 이전 이후 이동 이의 이익 이자 이행
    최대 최소 최초 최종 정관 정당 정기 정도 정리 정본 정상 강제 강조 조사 조치 조합 윤리 장기 한함 한다 한하여 오전 오후 서비스
    신분 신분증 신규 신용 신용정 권한 권리 권리자 안내문 송부 유가 유사 유지 전송 전달 전담 전문 전산 전자우 고객명 고객사 문자
    문구 양육 손실 남자 여자 심의 노동 노동자 진단 신청 이체 지급 입금 공제 배당 장려 전세 전년 이자 이율 금리 원금 지점 지사
    인사 인사부 기획 기획실 홍보 홍보실 전산 전산실 감사 고지 소계 누계 주계약 예금주 예금 계약 계좌 경과 경력 제출 제목 목적
    승인 음성 감액 피해 피보 평균 범위 예정 예상 형제 형태 호적 복합 태아 감면 제한 제외 경우 경비 계산 계속 순서 순번 평가 창구
    목록 미정 선지급 전입 전출 정액 정률 연금 연령 장해 유족 주민 본인 만기 생존 주피보 주무 주무관 연구원 연구소 조사원 조사역
    위원 위원장 위원회 심사 심사부 심사역 선임자 이사장 전무 상무 원장 소장 차장 주임 지점장 지사장 주치의 수진자 의사 의사명
    의사면 의료 의료인 임직 인턴 강사 교수 손해사 계리사 회계사 변리사 설계 설계명 상담원 상담사 검토자 위원명
"""
NO_NAMES = frozenset(LABELS_AND_WORDS.split())

# Behind such a word these make another one: 지급 + 일.
GOES_ON = "권일액률율금료비처서번명점월지시표형중란"
TEAM = tuple("팀과처률액번급")
PARTICLES = "가를의에와로"
ANONYMOUS = re.compile(rf"[{HANGUL}](?:모[씨군양]?|[{HANGUL}]?씨)")  # 노모씨, 김씨
COMPANY = re.compile(
    r"(?:INC|LTD|CO|CORP|LLC|BANK|TEAM|DATE|NAME|ADDRESS|INSURANCE|COMPANY|CLASS|TYPE|FILE|PLAN|SERVICE|THE|OF)", re.I
)
FULL_NAME = 3  # syllables of a name that is looked for all over the text
LONGEST_ROW = 2000
PARTINGS = tuple((mark, re.compile(parting)) for mark, parting in (("|", r"\|"), ("\t", r"\t"), ("  ", " {2,40}")))
AFTER_NAME = rf"\s{{0,9}}(?:\([^()]{{1,12}}\)|님|씨|귀하|{POSITION})?\s{{0,9}}"
WHOLE_NAME = re.compile(rf"\s{{0,9}}({NAME}|{SPACED}|{TRANSCRIBED}|{LATIN}){AFTER_NAME}")
PREFIX = rf"(?:[\d①-⑳.)*·※-]{{0,3}}\s?[{HANGUL}]{{0,4}}\s?)"
STRONG_HEAD = re.compile(rf"\s{{0,9}}{PREFIX}{STRONG}{BRACKET}\s{{0,9}}", re.IGNORECASE)


def name_candidates(text: str) -> Iterator[Candidate]:
    """Names with a label, or right before a resident number; once known, a full name goes wherever it stands."""
    known: set[str] = set()
    for start, end in (*_named(text), *_columns_of_names(text)):
        name = text[start:end]
        if _is_name(name):
            known.add(name)
            yield _name(start, end)
    for length in sorted({len(name) for name in known if len(name) >= FULL_NAME}):
        places = (at for at in range(len(text) - length + 1) if text[at : at + length] in known)
        yield from (_name(at, at + length) for at in places)


def _is_name(name: str) -> bool:
    """Whether it is not a word of a form, the name of a team, a company's, or one made anonymous."""
    if name.isascii():
        return not any(COMPANY.fullmatch(word.strip(".,")) for word in name.split())
    word = name.replace(" ", "")
    if word in NO_NAMES or word[:3] in NO_NAMES or word.endswith(TEAM) or ANONYMOUS.fullmatch(word):
        return False
    return not (word[:2] in NO_NAMES and word[2:] and word[2:] in GOES_ON + PARTICLES)


def _name(start: int, end: int) -> Candidate:
    return Candidate(start, end, lambda _: "name")


def _named(text: str) -> Iterator[tuple[int, int]]:
    for call in CALL.finditer(text):
        if AHEAD.match(text, call.end()) is None or _is_of_a_thing(text, call):
            continue
        for pattern in NAMED:
            if (match := pattern.match(text, call.start())) is not None:
                yield match.span(1)
                break
    for sign in ADDRESS.finditer(text):
        window = max(0, sign.start() - 12)
        if (match := ADDRESSED.search(text, window, sign.end())) is not None:
            yield match.span(1)
    for bracket in NUMBER_IN_BRACKETS.finditer(text):
        window = max(0, bracket.start() - 12)
        if (match := NAME_BEFORE.search(text[window : bracket.start()])) is not None:
            yield window + match.start(1), window + match.end(1)


def _is_of_a_thing(text: str, call: re.Match[str]) -> bool:
    """Whether it is the name of a product or a file."""
    if call.group().lower() not in ("이름", "name"):
        return False
    return OF_A_THING.search(text, max(0, call.start() - 4), call.start()) is not None


def _columns_of_names(text: str) -> Iterator[tuple[int, int]]:
    """Cells below 성명 at the head of a column, in tables of tabs, rulings or wide spaces."""
    heads: dict[int, re.Pattern[str]] = {}
    width = at = 0
    for line in text.split("\n"):
        if not heads and CALL.search(line) is None:
            width, at = 0, at + len(line) + 1
            continue
        cells = [(cell, at + start) for cell, start in _cells(line[:LONGEST_ROW])]
        names = [(cells[column], pattern) for column, pattern in heads.items()] if len(cells) == width else []
        found = [(start, name) for (cell, start), pattern in names if (name := pattern.fullmatch(cell)) and _is_name(name[1])]
        if RULING.match(text, at + len(line)):
            found, heads = [], {}
        yield from ((start + name.start(1), start + name.end(1)) for start, name in found)
        new = _heads([cell for cell, _ in cells]) if not found and len(cells) > 1 and CALL.search(line) else {}
        if new or len(cells) != width:
            heads, width = new, len(cells)
        at += len(line) + 1


def _cells(line: str) -> Iterator[tuple[str, int]]:
    """The cells of a row and where they begin; rulings part it, else tabs, else wide spaces."""
    start = 0
    parting = next((parting for mark, parting in PARTINGS if mark in line), None)
    for part in parting.finditer(line) if parting is not None else ():
        yield line[start : part.start()], start
        start = part.end()
    yield line[start:], start


def _heads(cells: Sequence[str]) -> dict[int, re.Pattern[str]]:
    """The columns of names, and what names look like in them."""
    return {column: WHOLE_NAME for column, cell in enumerate(cells) if STRONG_HEAD.fullmatch(cell)}
