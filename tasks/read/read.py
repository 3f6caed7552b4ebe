"""A source to pages: its text layer, and OCR where that cannot be trusted.

This runs in the parent; files are opened in the pool's processes only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatch
from itertools import islice
from pathlib import Path

from tasks.read.files import locate
from tasks.read.ocr.choose import agree, choose, with_pictures
from tasks.read.ocr.engines import EngineChoice
from tasks.read.plausible import letters_missing, mix_of
from tasks.read.pool import LOST_IN_A_ROW, ReadPool
from tasks.read.wire import OcrFailed, OcrRead, OcrRequest
from tasks.records import Dropped, Kept, Page, Source
from tasks.settings import OcrSettings

SAMPLE = 3  # pages of a document on which a text layer below a picture is compared with OCR


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the sources of a project."""

    project: Path
    pool: ReadPool
    settings: OcrSettings
    engine: EngineChoice

    def read(self, source: Source) -> Kept[Page]:
        """The pages of a source. May be called from many threads. Raises JeongdapError when the pool was closed meanwhile."""
        kept = self.pool.read(source, self.project)
        pages = judged(kept.rows)
        if _matches(source, self.settings.never):
            return Kept([_noted(p, "[ocr] never") for p in pages], kept.dropped)
        if self.engine.engine == "none":
            return Kept([_noted(p, "no OCR engine") for p in pages], kept.dropped)
        return self._with_ocr(source, pages, kept.dropped)

    def _with_ocr(self, source: Source, pages: list[Page], dropped: list[Dropped]) -> Kept[Page]:
        ask = self._asker(source)
        if not self._layer_is_right(pages, ask):
            pages = [needing_ocr(p, "wrong_layer") if p.reason == "ocr_layer" else p for p in pages]
        wanted = [p for p in pages if p.origin == "needs_ocr" or _matches(source, self.settings.force)]
        found = {p.number: p for p in pages}
        for page, read in self._each(wanted, ask):
            found[page.number] = choose(page, read)
            dropped = [*dropped, *_left_out(read)]
        partial = [p for p in found.values() if p.reason == "partial" and p.origin == "text" and self.settings.pictures]
        for page, read in self._each(partial, self._asker(source, around_text=True)):
            found[page.number] = with_pictures(page, read)
            dropped = [*dropped, *_left_out(read)]
        return Kept(list(found.values()), dropped)

    def _asker(self, source: Source, around_text: bool = False) -> Callable[[Page], OcrRead | OcrFailed]:
        file = str(locate(self.project, source.path))
        return lambda page: self.pool.ocr(OcrRequest(file=file, page=page, engine=self.engine, around_text=around_text), source)

    @staticmethod
    def _layer_is_right(pages: Iterable[Page], ask: Callable[[Page], OcrRead | OcrFailed]) -> bool:
        """Whether OCR confirms the text that somebody put below pictures, on some pages of the document."""
        reads = [(page, ask(page)) for page in islice((p for p in pages if p.reason == "ocr_layer"), SAMPLE)]
        compared = [agree(page, read) for page, read in reads if isinstance(read, OcrRead)]
        return sum(compared) * 2 >= len(compared)

    def _each(
        self, pages: Sequence[Page], ask: Callable[[Page], OcrRead | OcrFailed]
    ) -> Iterator[tuple[Page, OcrRead | OcrFailed]]:
        """What OCR reads on pages, as many at a time as the pool has processes; given up when page after page fails."""
        lost = 0
        with ThreadPoolExecutor(self.pool.size) as threads:
            for start in range(0, len(pages), self.pool.size):
                some = pages[start : start + self.pool.size]
                if lost >= LOST_IN_A_ROW:
                    yield from ((page, OcrFailed(detail="given up: it failed on the pages before")) for page in some)
                    continue
                for page, read in zip(some, threads.map(ask, some), strict=True):
                    lost = lost + 1 if isinstance(read, OcrFailed) else 0
                    yield page, read


def _left_out(read: OcrRead | OcrFailed) -> list[Dropped]:
    return read.dropped if isinstance(read, OcrRead) else []


def needing_ocr(page: Page, reason: str) -> Page:
    """The page, its text no longer believed."""
    return page.model_copy(update={"origin": "needs_ocr", "engine": "", "reason": reason})


def judged(pages: list[Page]) -> list[Page]:
    """What only the whole document shows: a font without its letters leaves digits and signs on every page."""
    if letters_missing([mix_of(page.text) for page in pages]):
        return [needing_ocr(p, "letters_missing") if p.origin == "text" else p for p in pages]
    return pages


def _matches(source: Source, patterns: Iterable[str]) -> bool:
    return any(fnmatch(source.path, pattern) for pattern in patterns)


def _noted(page: Page, detail: str) -> Page:
    return page.model_copy(update={"detail": detail}) if page.origin == "needs_ocr" and not page.detail else page
