"""Documents of other formats for tests, written on the spot after their public schemas: HWPX (KS X 6101) and DOCX."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from tasks.records import Source, bytes_id

HWPX_NAMES = (
    'xmlns:hs="http://www.hancom.co.kr/hwpml/2011/section" xmlns:hp="http://www.hancom.co.kr/hwpml/2011/paragraph" '
    'xmlns:hc="http://www.hancom.co.kr/hwpml/2011/core"'
)
HEAD_NAMES = 'xmlns:hh="http://www.hancom.co.kr/hwpml/2011/head"'
SECTION_PROPERTIES = (
    '<hp:secPr id="" outlineShapeIDRef="1"><hp:pagePr landscape="WIDELY" width="59528" height="84186" gutterType="LEFT_ONLY">'
    '<hp:margin header="4252" footer="4252" gutter="0" left="8504" right="8504" top="5668" bottom="4252"/></hp:pagePr></hp:secPr>'
    '<hp:ctrl><hp:colPr id="" type="NEWSPAPER" layout="LEFT" colCount="1" sameSz="1" sameGap="0"/></hp:ctrl>'
)
WORD_NAMES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
)

RULES = (
    "제1장 총칙",
    "제1조(목적) 이 내규는 주식회사 별솔상사의 출장과 여비에 관한 사항을 정함을 목적으로 한다.",
    "제2조(정의) ① 이 내규에서 “출장”이란 회사의 명을 받아 근무지 밖에서 일하는 것을 말한다.",
    "② “여비”란 출장에 드는 교통비, 숙박비, 일비를 말한다.",
    "제2장 여비",
    "제3조(여비의 지급) 여비는 별표의 기준에 따라 출장을 마친 날부터 7일 이내에 지급한다.",
    "부칙",
    "제1조(시행일) 이 내규는 2026년 3월 1일부터 시행한다.",
)
TITLE = "별솔상사 출장 여비 내규"
TABLE = (("구분", "일비", "숙박비"), ("임원", "50,000원", "실비"), ("직원", "30,000원", "80,000원"))


def source_of(path: Path) -> Source:
    """The source record of a file."""
    return Source(id=bytes_id(path.read_bytes()), path=path.name, size=path.stat().st_size)


def write_zip(path: Path, parts: Mapping[str, str | bytes]) -> Source:
    """An archive of parts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return source_of(path)


def hwpx_line(start: int, top: int, width: int = 42520, size: int = 1000) -> str:
    """Where a line stood when Hancom Office last showed it."""
    return (
        f'<hp:lineseg textpos="{start}" vertpos="{top}" vertsize="{size}" textheight="{size}" baseline="850" spacing="600" '
        f'horzpos="0" horzsize="{width}" flags="393216"/>'
    )


def hwpx_p(text: str, inner: str = "", lines: Sequence[str] = (), attributes: str = "", raw: bool = False) -> str:
    """A paragraph; `inner` stands before its words."""
    words = text if raw else escape(text)
    places = f"<hp:linesegarray>{''.join(lines)}</hp:linesegarray>" if lines else ""
    return f'<hp:p id="0" {attributes}><hp:run charPrIDRef="0">{inner}<hp:t>{words}</hp:t></hp:run>{places}</hp:p>'


def hwpx_cell(text: str, row: int, column: int, rows: int = 1, columns: int = 1) -> str:
    """A cell of a table."""
    return (
        f'<hp:tc name="" header="0"><hp:subList id="">{hwpx_p(text)}</hp:subList>'
        f'<hp:cellAddr colAddr="{column}" rowAddr="{row}"/>'
        f'<hp:cellSpan colSpan="{columns}" rowSpan="{rows}"/><hp:cellSz width="100" height="100"/></hp:tc>'
    )


def hwpx_table(cells: Sequence[Sequence[str]]) -> str:
    """A table of written cells, row by row."""
    rows = "".join(f"<hp:tr>{''.join(row)}</hp:tr>" for row in cells)
    return f'<hp:tbl rowCnt="{len(cells)}" colCnt="{len(cells[0])}"><hp:sz width="42520" height="5000"/>{rows}</hp:tbl>'


def hwpx_plain_table(rows: Sequence[Sequence[str]] = TABLE) -> str:
    """A table without merged cells."""
    return hwpx_table([[hwpx_cell(text, r, c) for c, text in enumerate(row)] for r, row in enumerate(rows)])


def write_hwpx(path: Path, *sections: str, head: str = "", more: Mapping[str, str | bytes] | None = None) -> Source:
    """A HWPX file of sections of paragraphs."""
    items = "".join(f'<opf:item id="section{i}" href="Contents/section{i}.xml"/>' for i in range(len(sections)))
    spine = "".join(f'<opf:itemref idref="section{i}"/>' for i in range(len(sections)))
    package = f'<opf:package xmlns:opf="http://www.idpf.org/2007/opf/"><opf:manifest>{items}</opf:manifest>'
    parts: dict[str, str | bytes] = {
        "mimetype": "application/hwp+zip",
        "Contents/content.hpf": f"{package}<opf:spine>{spine}</opf:spine></opf:package>",
        "Contents/header.xml": f"<hh:head {HEAD_NAMES}>{head}</hh:head>",
    }
    for i, body in enumerate(sections):
        parts[f"Contents/section{i}.xml"] = f'<?xml version="1.0" encoding="UTF-8"?><hs:sec {HWPX_NAMES}>{body}</hs:sec>'
    return write_zip(path, parts | dict(more or {}))


def word_p(text: str, properties: str = "", before: str = "", raw: bool = False) -> str:
    """A paragraph; `before` stands before its words in the same run."""
    words = text if raw else f'<w:t xml:space="preserve">{escape(text)}</w:t>'
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r>{before}{words}</w:r></w:p>"


def word_cell(text: str, properties: str = "") -> str:
    """A cell of a table."""
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{word_p(text)}</w:tc>"


def word_table(cells: Sequence[Sequence[str]]) -> str:
    """A table of written cells, row by row."""
    rows = "".join(f"<w:tr>{''.join(row)}</w:tr>" for row in cells)
    return f"<w:tbl>{rows}</w:tbl>"


def write_docx(path: Path, body: str, parts: Mapping[str, tuple[str, str]] | None = None) -> Source:
    """A Word file. `parts` are other parts: name to kind and content."""
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    open_tag = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    related = "".join(
        f'<Relationship Id="r{i}" Type="{kinds}/{kind}" Target="{name}"/>'
        for i, (name, (kind, _)) in enumerate((parts or {}).items())
    )
    start = f'<Relationship Id="a" Type="{kinds}/officeDocument" Target="word/document.xml"/>'
    files: dict[str, str | bytes] = {
        "_rels/.rels": f"{open_tag}{start}</Relationships>",
        "word/document.xml": f"<w:document {WORD_NAMES}><w:body>{body}</w:body></w:document>",
        "word/_rels/document.xml.rels": f"{open_tag}{related}</Relationships>",
    }
    return write_zip(path, files | {f"word/{name}": content for name, (_, content) in (parts or {}).items()})
