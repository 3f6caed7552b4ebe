"""Names of persons, which need a label or a resident number for company; once known, a name goes wherever it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.clean.pii_context import HANGUL, Candidate
from tasks.clean.pii_numbers import DASHES

COMPOUND = "(?:남궁|황보|제갈|사공|선우|독고|서문|동방)"
SURNAME = (
    "[김이박최정강조윤장임한오서신권황안송류유전홍고문양손배백허남심노하곽성차주우구민진지엄채원천방공현함변염여추도소석선설마길연위"
    "표명기반왕금옥육인맹모탁국은편용]"
)
NAME = rf"(?:{COMPOUND}[{HANGUL}]{{1,2}}|{SURNAME}[{HANGUL}]{{1,2}})"
CALLED = "(?:성명|이름|성함|예금주명?|고객명|환자명|계약자명|피보험자명|수익자명|대표자명|담당자명|신청인명|[Nn]ame|NAME)"
ROLE = (
    "(?:계약자|피보험자|수익자|보호자|신청인|청구인|대리인|환자|고객|대표자|대표이사|담당자|운전자|가입자|작성자|피해자|상속인|예금주|배우자"
    "|모집인|설계사)"
)
# Text that is masked later ("[") must not make an end where there was none before.
ENDED = rf"(?=\s{{0,3}}(?:[^{HANGUL}\s\[]|$|\n)|\s{{0,3}}(?:님|씨|귀하)"
PARTICLE = rf"|(?:은|는|이|가|의|을|를|과|와|에게|께서|이고|이며|입니다|임)(?![{HANGUL}]))"
CALL = re.compile(f"{CALLED}|{ROLE}")
NAMED = tuple(
    re.compile(pattern)
    for pattern in (
        # 성명: 홍길동
        rf"(?:{CALLED}|{ROLE}(?:\s?(?:성명|이름))?)\s{{0,3}}(?:\([^()\n]{{1,12}}\)\s{{0,3}})?[:：=|][\s|]{{0,3}}\"?({NAME})"
        rf"{ENDED}|(?<=[{HANGUL}]{{3}})\s{PARTICLE}",
        # 성명 and 홍길동 each on a line of its own
        rf"(?:{CALLED}|{ROLE}\s?(?:성명|이름))[ |]{{0,3}}\n[ |]{{0,3}}({NAME})(?=[ |]{{0,3}}(?:\n|$))",
        # 고객 홍길동 님
        rf"{ROLE}\s?({NAME})\s?(?:님|씨|귀하)",
        # 성명 홍길동
        rf"(?:{CALLED}|예금주)[은는이]?\s({SURNAME}[{HANGUL}]{{2}}){ENDED}|(?:이고|이며|입니다|임))",
    )
)
# 홍길동(900101-1234567), 대리인홍길동(주민번호 900101-1234567)
NUMBER_IN_BRACKETS = re.compile(rf"\(\s?(?:주민(?:등록)?번호|외국인등록번호)?\s?[:：]?\s?\d{{6}}\s?[{DASHES}]?\s?[\d*]{{7}}")
NAME_BEFORE = re.compile(rf"(?:{ROLE}\s?|(?<![{HANGUL}]))({NAME})\s?$")
LABELS_AND_WORDS = """
    주소 주소지 전화 전화번 연락처 연락 성별 성명 성함 이름 서명 신청 신청인 신청자 신고인 신고자 한글 한자 영문 기재
    기타 표시 변경 확인 정보 이메일 주민 주민번 주민등 생년 직업 나이 관계 국적 은행 은행명 계좌 서류 사유 이용자
    이사회 이사 이해관 조합원 조합장 정보주 소유자 소비자 제조자 제공자 지급인 지정인 심사자 심사팀 안내원 안내 주주
    배우자 배서인 보호자 보증인 상속인 수익자 수취인 양수인 양도인 운전자 임차인 임대인 원고 전문가 조사자 채권자
    채무자 하수급 한국인 현지인 대리인 대표자 고객 고객님 계약자 피보험 가입자 법인 법인명 상호 상호명 회사 회사명 기관
    기관명 지점 부서 부서명 소속 직위 직책 인적 인적사 인감 날인 도장 사항 구분 구비 비고 번호 항목 내용 명칭 명의
    명의인 명의자 동의 동의자 동의인 공동 공란 미상 미기재 해당 해당자 유족 유무 여부 여권 여권번 유효 기간 기재란 기입
    기준 우편 우편물 우선 원본 위임 위임인 위임자 위탁 위탁자 지위 지정 지정자 진단 진단명 증권 주의 주요 주된 전자
    전부 전체 전원 정정 정지 조회 조건 조항 장애 장해 장소 임직원 임원 임의 한도 한정 오기 오류 서식 서면 안전 송금
    송달 유의 유형 홍보 고지 고용 고유 문서 문의 양식 양도 손해 배상 배정 백신 허위 남성 여성 노무 하단 하자 성인 차량
    차주 차이 주체 우대 구매 구매자 구성 구성원 민원 민원인 진료 진술 지급 지급자 지원 지원자 엄수 채무 채권 원인 원칙
    천원 방문 방법 방식 공개 공무원 공제 현재 현황 함께 변호사 변동 여러분 추가 추천 추천인 도용 도달 소재 소재지 석명
    선택 선임 선정 설명 설정 설계사 마감 위반 위험 표기 표지 명부 명단 명시 기명 기록 기본 반드시 반환 금융 금액 금지
    인정 인증 인적사항 인수 인수자 국가 국내 국외 국민 은폐 용도 용역 이상 이하 이내 이외 이용 이전 이후 이동 이의 이익
    이자 이행 최대 최소 최초 최종 정관 정당 정기 정도 정리 정본 정상 강제 강조 조사 조치 조합 윤리 장기 한함 한다
    한하여 오전 오후 서비스 신분 신분증 신규 신용 신용정 권한 권리 권리자 안내문 송부 유가 유사 유지 전송 전달 전담
    전문 전산 전자우 고객명 고객사 문자 문구 양육 손실 남자 여자 심의 노동 노동자
"""
NO_NAMES = frozenset(LABELS_AND_WORDS.split())

FULL_NAME = 3  # syllables of a name that is looked for all over the text
TABLE = re.compile(r"(?:^|(?<=\n))\|[^\n]*(?:\n\|[^\n]*)+")
WHOLE_NAME = re.compile(rf"\s{{0,9}}({NAME})\s{{0,9}}")
WHOLE_LABEL = re.compile(rf"\s{{0,9}}(?:(?:{ROLE}\s?)?{CALLED})\s{{0,9}}", re.IGNORECASE)


def name_candidates(text: str) -> Iterator[Candidate]:
    """Names with a label, or right before a resident number; once known, a full name goes wherever it stands."""
    known: set[str] = set()
    for start, end in (*_named(text), *_columns_of_names(text)):
        name = text[start:end]
        if name not in NO_NAMES and name[:3] not in NO_NAMES:
            known.add(name)
            yield _name(start, end)
    for length in sorted({len(name) for name in known if len(name) >= FULL_NAME}):
        places = (at for at in range(len(text) - length + 1) if text[at : at + length] in known)
        yield from (_name(at, at + length) for at in places)


def _name(start: int, end: int) -> Candidate:
    return Candidate(start, end, lambda _: "name")


def _named(text: str) -> Iterator[tuple[int, int]]:
    for call in CALL.finditer(text):
        for pattern in NAMED:
            if (match := pattern.match(text, call.start())) is not None:
                yield match.span(1)
    for bracket in NUMBER_IN_BRACKETS.finditer(text):
        window = max(0, bracket.start() - 12)
        if (match := NAME_BEFORE.search(text[window : bracket.start()])) is not None:
            yield window + match.start(1), window + match.end(1)


def _columns_of_names(text: str) -> Iterator[tuple[int, int]]:
    """Cells below 성명 at the head of a column of a Markdown table."""
    if not text.startswith("|") and "\n|" not in text:
        return
    for table in TABLE.finditer(text):
        head, *rows = table.group().split("\n")
        columns = [column for column, cell in enumerate(head.split("|")) if WHOLE_LABEL.fullmatch(cell)]
        at = table.start() + len(head) + 1
        for row in rows if columns else ():
            cells = row.split("|")
            for column in columns:
                if column < len(cells) and (name := WHOLE_NAME.fullmatch(cells[column])):
                    begin = at + sum(len(cell) + 1 for cell in cells[:column])
                    yield begin + name.start(1), begin + name.end(1)
            at += len(row) + 1
