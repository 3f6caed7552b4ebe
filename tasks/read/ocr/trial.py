"""How well the engines of this machine read: pages that we draw ourselves, so that every character of them is known.

Each engine reads in a process of its own with a time limit, like in a real run, so that one that hangs or crashes is a row of
the result. Drawn pages are clean: real scans come out worse, and what is measured is whether an engine works at all.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Final, Literal

import numpy as np
from pydantic import ValidationError

from tasks.errors import JeongdapError, OcrError
from tasks.read.ocr.engine import Picture
from tasks.read.ocr.engines import ENGINES, EngineChoice, EngineName, make, resolve
from tasks.records import Language, Record
from tasks.settings import OcrSettings

SECONDS = 300.0  # for starting an engine and reading all pages
PageName = Literal["korean", "english"]
PAGES_OF: Final[dict[Language, tuple[PageName, ...]]] = {"ko": ("korean", "english"), "en": ("english",)}
TEXTS: Final[dict[PageName, tuple[str, ...]]] = {
    "korean": (
        "제1장 총칙",
        "제1조(목적) 이 규정은 회사의 문서가 만들어지고 보관되는 절차를 정한다.",
        "제2조(정의) 이 규정에서 쓰는 말의 뜻은 다음 각 호와 같다.",
        "1. 문서란 업무에 쓰려고 만든 종이와 전자 파일을 말한다.",
        "2. 보존기간이란 문서를 없애지 않고 두어야 하는 햇수를 말한다.",
        "제3조(보존기간) ① 계약에 관한 문서는 10년, 회계 장부는 5년 동안 보관한다.",
        "② 제1항에도 불구하고 법령에 다른 기간이 있으면 그 기간을 따른다.",
        "③ 수수료는 1건에 2,500원이며 30일 이내에 내야 한다.",
        "제4조(열람) 직원은 부서장의 허락을 받아 문서를 볼 수 있다. 다만, 사본은",
        "만들 수 없다.",
        "부칙 이 규정은 2024년 7월 1일부터 시행한다.",
    ),
    "english": (
        "Chapter 1 General rules",
        "Article 1 (Purpose) This rule says how the company makes and keeps its records.",
        "Article 2 (Terms) 1. A record is paper or a file that was made for work.",
        "2. The retention period is the number of years for which a record is kept.",
        "Article 3 (Retention) Contracts are kept for 10 years, account books for 5 years.",
        "A fee of 2,500 won is due for each copy within 30 days of the request.",
        "Article 4 (Access) Staff may read a record with the consent of their manager.",
        "This rule takes effect on July 1, 2024.",
    ),
}


class TrialPage(Record):
    """What an engine made of a page: the share of wrong characters (spaces apart) and the seconds it took."""

    page: PageName
    error_rate: float
    seconds: float


class Trial(Record):
    """How an engine did: seconds to start and its pages, or why it is absent or failed (`problem`)."""

    engine: EngineName
    version: str = ""
    start_seconds: float = 0
    pages: tuple[TrialPage, ...] = ()
    problem: str = ""


def try_engines(settings: OcrSettings, project: Path, seconds: float = SECONDS) -> list[Trial]:
    """Every engine's trial, in the order in which `auto` takes them. Downloads nothing."""
    names = [name for name in ENGINES if name != "none"]
    here = settings.model_copy(update={"paddle": settings.paddle.model_copy(update={"download": False})})
    return [try_engine(name, here, project, seconds) for name in names]


def try_engine(name: EngineName, settings: OcrSettings, project: Path, seconds: float = SECONDS) -> Trial:
    """An engine's trial in a process of its own."""
    try:
        choice = resolve(settings.model_copy(update={"engine": name}), project)
    except OcrError as exc:
        return Trial(engine=name, problem=str(exc))
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "tasks.read.ocr.trial"],
            input=choice.model_dump_json().encode(),
            capture_output=True,
            timeout=seconds,
            check=False,
        )
        return Trial.model_validate_json(done.stdout)
    except subprocess.TimeoutExpired:
        return Trial(engine=name, version=choice.version, problem=f"did not read the test pages within {seconds:g} s")
    except ValidationError:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        problem = ": ".join([f"the trial ended with exit code {done.returncode}", *said])
        return Trial(engine=name, version=choice.version, problem=problem)


def read_pages(choice: EngineChoice) -> Trial:
    """The trial itself, in this process. Heavy."""
    from tasks.read.ocr.page import read_picture  # imports scipy

    start = time.perf_counter()
    try:
        engine = make(choice)
        started = time.perf_counter() - start
        pages = []
        for name in PAGES_OF[choice.settings.language]:
            picture = draw(TEXTS[name], choice.settings.dpi)
            start = time.perf_counter()
            read = read_picture(picture, choice.settings.dpi, engine).text
            seconds = time.perf_counter() - start
            pages.append(TrialPage(page=name, error_rate=error_rate("\n".join(TEXTS[name]), read), seconds=round(seconds, 3)))
    except JeongdapError as exc:
        return Trial(engine=choice.engine, version=choice.version, problem=str(exc))
    return Trial(engine=choice.engine, version=choice.version, start_seconds=round(started, 3), pages=tuple(pages))


def draw(lines: tuple[str, ...], dpi: int) -> Picture:
    """An A4 page in grey with these lines, set in the Korean font that MuPDF carries."""
    import pymupdf

    page = pymupdf.open().new_page()
    writer, font = pymupdf.TextWriter(page.rect), pymupdf.Font("korea")
    for number, line in enumerate(lines):
        writer.append((60, 80 + number * 24), line, font=font, fontsize=11)
    writer.write_text(page)
    drawn = page.get_pixmap(dpi=dpi, colorspace=pymupdf.csGRAY)
    return np.frombuffer(drawn.samples, np.uint8).reshape(drawn.height, drawn.stride)[:, : drawn.width]


def error_rate(truth: str, read: str) -> float:
    """Edits that turn what was read into the truth, per character of the truth; spaces do not count."""
    wanted, found = "".join(truth.split()), "".join(read.split())
    return round(edit_distance(wanted, found) / len(wanted), 4)


def edit_distance(a: str, b: str) -> int:
    """Levenshtein's distance, a row at a time."""
    codes = np.array([ord(char) for char in b])
    steps = np.arange(len(b) + 1)
    row = steps
    for number, char in enumerate(a, 1):
        best = np.concatenate([[number], np.minimum(row[:-1] + (codes != ord(char)), row[1:] + 1)])
        row = np.minimum.accumulate(best - steps) + steps
    return int(row[-1])


def main() -> None:
    """A choice on standard input, its trial on standard output."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints must not become an answer
    with answers:
        answers.write(read_pages(EngineChoice.model_validate_json(sys.stdin.buffer.read())).model_dump_json())


if __name__ == "__main__":
    main()
