"""The example documents: what is committed is what the sources say, and the sources do not contradict themselves."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pymupdf
import pypdfium2
import pytest

from examples import render

PATHS = sorted(render.SOURCES.glob("*.md"))
TERMS = "윤슬마루_건강보험_약관"
RULES = "솔바람_정보보안_내규"
PAGES = {TERMS: (28, 34), RULES: (4, 6), "expense-and-travel-policy": (3, 4), "달무리은행_착오송금_업무해설": (3, 4)}

CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
ARTICLE = re.compile(r"## 제(\d+)조\((.+)\)$")
FOREIGN = re.compile(r"「[^」]+」 제\d+조(?: (?:또는|및) 제\d+조)*")
REFERENCE = re.compile(r"(보통약관 )?제(\d+)조(?:\(([^)]+)\))?(?: 제(\d+)항)?(?: 제(\d+)호)?")
OWN = re.compile(r"제(\d+)항(?: 제(\d+)호)?")

by_name = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
needs_fonts = pytest.mark.skipif(
    not (render.NANUM / "NanumGothic.ttf").exists(), reason=f"no Nanum fonts in {render.NANUM} (apt-get install fonts-nanum)"
)


def pdf_of(path: Path) -> Path:
    return render.PDFS / f"{path.stem}.pdf"


@cache
def lay_out(path: Path) -> render.Layout:
    source = render.load(path)
    return render.lay_out(source, render.load_faces(source.meta["font"]))


def mupdf_pages(data: bytes) -> list[str]:
    with pymupdf.open(stream=data) as document:
        return [page.get_text() for page in document]


def pdfium_pages(data: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(data)
    pages = [document[number].get_textpage().get_text_range() for number in range(len(document))]
    document.close()
    return pages


@dataclass
class Article:
    number: int
    title: str
    lines: list[str] = field(default_factory=list)

    def paragraphs(self) -> list[list[str]]:
        """The article's 항, each with the lines below it; an article without ① is one 항."""
        starts = [i for i, line in enumerate(self.lines) if line[0] in CIRCLED] or [0]
        return [self.lines[a:b] for a, b in zip(starts, [*starts[1:], None], strict=True)]

    def has(self, paragraph: str | None, item: str | None) -> bool:
        paragraphs = self.paragraphs()
        if paragraph and int(paragraph) > len(paragraphs):
            return False
        lines = paragraphs[int(paragraph) - 1] if paragraph else self.lines
        return item is None or any(line.startswith(f"{item}. ") for line in lines)


def parts_of(path: Path) -> list[list[Article]]:
    """The articles of a source; a part begins where the numbers begin again at 1."""
    parts: list[list[Article]] = []
    open_article: Article | None = None
    for line in render.load(path).lines:
        if match := ARTICLE.match(line):
            open_article = Article(int(match[1]), match[2])
            parts += [[]] if open_article.number == 1 else []
            parts[-1].append(open_article)
        elif line.startswith("#"):
            open_article = None
        elif open_article and line[0] not in "%|":
            open_article.lines.append(line)
    return parts


def broken_references(text: str, own: list[Article], general: list[Article]) -> list[str]:
    broken = []
    for match in REFERENCE.finditer(FOREIGN.sub("", text)):
        prefix, number, title, paragraph, item = match.groups()
        part = {a.number: a for a in (general if prefix else own)}
        target = part.get(int(number))
        if target is None or target.title != title or not target.has(paragraph, item):
            broken.append(match.group())
    return broken


def test_every_source_has_its_pdf_and_every_pdf_its_source():
    assert {path.stem for path in PATHS} == {path.stem for path in render.PDFS.glob("*.pdf")} == set(PAGES)


@by_name
def test_committed_pdfs_are_small_titled_and_of_sensible_length(path: Path):
    least, most = PAGES[path.stem]
    with pymupdf.open(pdf_of(path)) as document:
        assert least <= len(document) <= most
        assert document.metadata["title"] == render.load(path).meta["title"]
        assert all(font[3].split("+")[0].isupper() for page in document for font in page.get_fonts())  # embedded subsets
    assert pdf_of(path).stat().st_size < 400_000


@by_name
def test_every_example_says_that_it_is_fictional(path: Path):
    assert re.search("가상의|fictional", render.body_text(render.load(path)))


@needs_fonts
@by_name
def test_committed_pdfs_hold_the_text_of_their_sources(path: Path):
    fresh, committed = render.draw(lay_out(path)), pdf_of(path).read_bytes()
    assert mupdf_pages(fresh) == mupdf_pages(committed), "run: python -m examples.render"


@needs_fonts
@by_name
def test_rendering_twice_gives_the_same_bytes(path: Path):
    assert render.render(render.load(path)) == render.draw(lay_out(path))


@needs_fonts
@by_name
def test_what_is_drawn_is_the_source_and_two_readers_get_it_back(path: Path):
    layout = lay_out(path)
    runs = [run for sheet in layout.sheets for run in sheet.runs]
    assert "".join(run.text for run in runs if run.role == "body").replace(" ", "") == render.body_text(layout.source)
    data = render.draw(layout)
    for sheet, mupdf, pdfium in zip(layout.sheets, mupdf_pages(data), pdfium_pages(data), strict=True):
        drawn = " ".join(run.text for run in sheet.runs)
        assert pdfium.split() == drawn.split()
        assert "".join(mupdf.split()) == drawn.replace(" ", "")
        if "···" not in drawn and all(run.spaces == "glyph" for run in sheet.runs):
            assert mupdf.split() == drawn.split()


@needs_fonts
@by_name
def test_nothing_is_drawn_outside_the_margins(path: Path):
    layout = lay_out(path)
    for run in (run for sheet in layout.sheets for run in sheet.runs):
        end = run.x + run.face.width(run.text, run.size, run.spaces) + run.tracking * (len(run.text) - 1)
        assert layout.margin - 0.1 <= run.x
        assert end <= layout.width - layout.margin + 0.1, run.text


def test_first_pages_of_the_rules_have_no_spaces_between_korean_words_and_the_last_have():
    pages = mupdf_pages(pdf_of(render.SOURCES / f"{RULES}.md").read_bytes())
    spaces = [len(re.findall(r"(?<=[가-힣]) (?=[가-힣])", page)) for page in pages]
    assert spaces[:3] == [0, 0, 0]
    assert min(spaces[3:]) > 50


def test_without_fonts_the_message_names_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(render, "NANUM", tmp_path)
    render.load_faces.cache_clear()
    with pytest.raises(render.FontsMissingError, match="fonts-nanum"):
        render.load_faces("NanumGothic")


@pytest.mark.parametrize(("name", "counts"), [(TERMS, [48, 2, 6, 6, 5]), (RULES, [21, 2])])
def test_articles_and_their_paragraphs_are_numbered_without_gaps(name: str, counts: list[int]):
    parts = parts_of(render.SOURCES / f"{name}.md")
    assert [len(part) for part in parts] == counts
    for part in parts:
        assert [article.number for article in part] == list(range(1, len(part) + 1))
        assert len({article.title for article in part}) == len(part)
        for article in part:
            marks = "".join(line[0] for line in article.lines if line[0] in CIRCLED)
            assert CIRCLED.startswith(marks), article.title


@pytest.mark.parametrize("name", [TERMS, RULES])
def test_every_reference_names_an_article_that_exists_by_its_title(name: str):
    parts = parts_of(render.SOURCES / f"{name}.md")
    general = parts[0]
    for part in parts:
        own = general if "시행일" in part[0].title else part  # supplementary provisions speak of the text they belong to
        for article in part:
            text = "\n".join(article.lines)
            assert not broken_references(text, own, general), article.title
            bare = OWN.findall(REFERENCE.sub("", FOREIGN.sub("", text)))
            assert all(article.has(paragraph, item or None) for paragraph, item in bare), article.title


def test_references_outside_articles_and_to_schedules_exist():
    lines = render.load(render.SOURCES / f"{TERMS}.md").lines
    text = "\n".join(lines)
    general = parts_of(render.SOURCES / f"{TERMS}.md")[0]
    schedules = [line for line in lines if not line.startswith("#")][-60:]
    assert not broken_references("\n".join(schedules), general, general)
    assert set(re.findall(r"【별표 (\d+)】", text)) == set(re.findall(r"^## 【별표 (\d+)】", text, re.M)) == set("123456")
    assert set(re.findall(r"제(\d+)관", text)) == set(re.findall(r"^# 제(\d+)관", text, re.M))


@pytest.mark.parametrize(
    ("name", "reference", "target"),
    [
        ("expense-and-travel-policy", r"section (\d+\.\d+)|\| (\d+\.\d+) \|$", r"^(\d+\.\d+) "),
        ("expense-and-travel-policy", r"sections (\d+) and (\d+)", r"^## (\d+)\. "),
        ("달무리은행_착오송금_업무해설", r"(\d\.\d)의", r"^### (\d\.\d) "),
    ],
)
def test_references_to_numbered_sections_exist(name: str, reference: str, target: str):
    text = "\n".join(render.load(render.SOURCES / f"{name}.md").lines)
    wanted = {group for match in re.finditer(reference, text, re.M) for group in match.groups() if group}
    assert wanted
    assert wanted <= set(re.findall(target, text, re.M))


@by_name
def test_no_sentence_is_said_twice(path: Path):
    prose = " ".join(line for line in render.load(path).lines if line[0] not in "#%|")
    sentences = [s.strip() for s in re.split(r"(?<=[다d]\.) |(?<=[a-z]\.) |(?= [①-⑳] )", prose)]
    repeated = [s for s, count in Counter(re.sub(r"^[①-⑳] ", "", s) for s in sentences).items() if count > 1 and len(s) > 24]
    assert not repeated


@needs_fonts
def test_two_characters_with_one_glyph_are_refused():
    source = render.load(render.SOURCES / f"{TERMS}.md")
    clash = render.Source("clash", source.meta, ("가·나", "다・라"))
    with pytest.raises(render.SourceError, match="look the same"):
        render.render(clash)
