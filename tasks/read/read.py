"""A source to pages: its text layer, and OCR where that cannot be trusted.

This runs in the parent; files are opened in the pool's processes only.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatch
from itertools import islice
from pathlib import Path

from tasks.read.files import file_id
from tasks.read.ocr.choose import agree, choose, with_pictures
from tasks.read.ocr.engines import EngineChoice
from tasks.read.plausible import letters_missing, mix_of
from tasks.read.pool import LOST_IN_A_ROW, STEP, ReadPool, find
from tasks.read.wire import NO_TEXT, OcrFailed, OcrRead, OcrRequest, lost_to_ocr
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

    def read(self, source: Source, before: Kept[Page] | None = None) -> Kept[Page]:
        """The pages of a source. May be called from many threads. Raises JeongdapError when the pool was closed meanwhile.

        `before` is what an earlier reading of the source by these settings came to: OCR reads only what it failed on then.
        """
        kept = self._as_it_is_now(source, before)
        return kept if _is_as_listed(Path(find(source, self.project)), source) else _changed(source, kept)

    def _as_it_is_now(self, source: Source, before: Kept[Page] | None) -> Kept[Page]:
        kept = self.pool.read(source, self.project)
        pages = judged(kept.rows)
        if _matches(source, self.settings.never):
            return Kept([_noted(p, "[ocr] never") for p in pages], kept.dropped)
        if self.engine.engine == "none":
            return Kept([_noted(p, "no OCR engine") for p in pages], kept.dropped)
        return self._with_ocr(source, pages, kept.dropped, before or Kept([], []))

    def _with_ocr(self, source: Source, pages: list[Page], dropped: list[Dropped], before: Kept[Page]) -> Kept[Page]:
        ask, forced = self._asker(source), _matches(source, self.settings.force)
        pages = self._compared(pages, ask)

        def wants_ocr(page: Page) -> bool:
            return forced or page.origin == "needs_ocr"

        def wants_pictures(page: Page) -> bool:
            return self.settings.pictures and page.origin == "text" and page.reason == "partial"

        known, left_out = _known(before, {p.number for p in pages if wants_ocr(p) or wants_pictures(p)})
        found = {p.number: p for p in pages} | known
        dropped = [*dropped, *left_out]
        around = self._asker(source, around_text=True)
        for wants, asked, merged in ((wants_ocr, ask, choose), (wants_pictures, around, with_pictures)):
            for page, read in self._each([p for n, p in found.items() if n not in known and wants(p)], asked):
                found[page.number] = merged(page, read)
                dropped += _left_out(read)
        return Kept(list(found.values()), dropped)

    def _asker(self, source: Source, around_text: bool = False) -> Callable[[Page], OcrRead | OcrFailed]:
        def ask(page: Page) -> OcrRead | OcrFailed:
            shown = page if around_text else page.model_copy(update={"blocks": ()})  # its text is not asked for
            return self.pool.ocr(OcrRequest(file=file, page=shown, engine=self.engine, around_text=around_text), source)

        file = find(source, self.project)
        return ask

    @staticmethod
    def _compared(pages: list[Page], ask: Callable[[Page], OcrRead | OcrFailed]) -> list[Page]:
        """The pages, without the text that somebody put below pictures when OCR does not confirm it on some of them."""
        reads = [(page, ask(page)) for page in islice((p for p in pages if p.reason == "ocr_layer"), SAMPLE)]
        compared = [agree(page, read) for page, read in reads if isinstance(read, OcrRead)]
        if sum(compared) * 2 < len(compared):
            return [needing_ocr(p, "wrong_layer") if p.reason == "ocr_layer" else p for p in pages]
        failed = {page.number: read.detail for page, read in reads if isinstance(read, OcrFailed) and not compared}
        told = {number: {"detail": f"not compared with OCR: {detail}"} for number, detail in failed.items()}
        return [page.model_copy(update=told.get(page.number)) for page in pages]

    def _each(
        self, pages: Sequence[Page], ask: Callable[[Page], OcrRead | OcrFailed]
    ) -> Iterator[tuple[Page, OcrRead | OcrFailed]]:
        """What OCR reads on pages, as many at a time as the pool has processes; given up when it fails page after page."""
        lost, cause = 0, ""
        with ThreadPoolExecutor(self.pool.size) as threads:
            for start in range(0, len(pages), self.pool.size):
                some = pages[start : start + self.pool.size]
                if lost >= LOST_IN_A_ROW:
                    yield from ((page, OcrFailed(detail=f"given up: on the pages before, {cause}")) for page in some)
                    continue
                for page, read in zip(some, threads.map(ask, some), strict=True):
                    failed = isinstance(read, OcrFailed) and read.may_pass  # a page too large to draw is alone with that
                    lost, cause = (lost + 1, read.detail) if isinstance(read, OcrFailed) and failed else (0, "")
                    yield page, read


def _known(before: Kept[Page], numbers: Collection[int]) -> tuple[dict[int, Page], list[Dropped]]:
    """Of these pages the ones that OCR did not fail on before, and what it left out on them."""
    known = {p.number: p for p in before.rows if p.number in numbers and not lost_to_ocr(p.detail)}
    ids = {page.id for page in known.values()}
    return known, [d for d in before.dropped if d.id in ids and d.detail == NO_TEXT]


def _is_as_listed(path: Path, source: Source) -> bool:
    """Whether the file still has the bytes that it had when it was listed."""
    try:
        info = path.stat()
        return stat.S_ISREG(info.st_mode) and info.st_size == source.size and file_id(path)[0] == source.id
    except OSError:
        return False


def _changed(source: Source, kept: Kept[Page]) -> Kept[Page]:
    """Nothing, as nobody knows which file the pages are of; where the file could not be read anyway, why."""
    lost = [d for d in kept.dropped if d.type == Source.__name__]
    changed = Dropped.of(source, source.id, STEP, "changed", "was changed or removed while it was read; build again")
    return Kept([], lost or [changed])


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
