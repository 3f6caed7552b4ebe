"""Good files with bytes changed: whatever comes out is pages or a reason, in time, and never a dead parent."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from set_pages import SHARED, draw, source_of

from tasks.read.pool import ReadPool
from tasks.records import Kept, Page
from tasks.settings import ReadSettings

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
ROUNDS = int(os.environ.get("JEONGDAP_FUZZ", "60"))
LIMITS = ReadSettings(seconds_to_open=10, seconds_per_page=5, seconds_per_file=20)
LINE = "제1조(목적) 이 약관은 회사와 계약자의 권리를 정합니다."
NUMBER = re.compile(rb"\d+")


def flip(data: bytearray, rng: random.Random) -> None:
    for _ in range(rng.randint(1, 200)):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def cut(data: bytearray, rng: random.Random) -> None:
    del data[rng.randrange(len(data)) :]


def remove(data: bytearray, rng: random.Random) -> None:
    start = rng.randrange(len(data))
    del data[start : start + rng.randint(1, 4096)]


def repeat(data: bytearray, rng: random.Random) -> None:
    start = rng.randrange(len(data))
    data[start:start] = data[start : start + rng.randint(1, 4096)] * rng.randint(1, 20)


def move(data: bytearray, rng: random.Random) -> None:
    start = rng.randrange(len(data))
    piece = data[start : start + rng.randint(1, 4096)]
    del data[start : start + len(piece)]
    at = rng.randrange(len(data) + 1)
    data[at:at] = piece


def other_number(data: bytearray, rng: random.Random) -> None:
    for _ in range(rng.randint(1, 10)):
        if found := list(NUMBER.finditer(data)):
            match = rng.choice(found)
            data[slice(*match.span())] = rng.choice([b"0", b"-1", b"99999999999", b"2147483647", b"1e400", b"7"])


MUTATIONS: list[Callable[[bytearray, random.Random], None]] = [flip, cut, remove, repeat, move, other_number]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    folder = tmp_path_factory.mktemp("good")
    draw(folder / "drawn.pdf", [[(50, 100 + 20 * n, f"{LINE} {n}") for n in range(20)] for _ in range(3)])
    known = [SHARED / "made" / "terms_nospace_p10.pdf", SHARED / "scans" / "law_bank_mixed_text_scan.pdf"]
    return [path.read_bytes() for path in [folder / "drawn.pdf", *known] if path.exists()]


def test_a_damaged_file_ends_as_pages_or_as_a_reason(tmp_path, good):
    files = []
    for n in range(ROUNDS):
        rng = random.Random(n)
        data = bytearray(rng.choice(good))
        for mutate in rng.choices(MUTATIONS, k=rng.randint(1, 3)):
            if data:
                mutate(data, rng)
        files.append(_written(tmp_path / f"{n}.pdf", bytes(data)))
    with ReadPool(LIMITS) as pool, ThreadPoolExecutor(pool.size) as threads:
        results = list(threads.map(lambda path: pool.read(source_of(path), tmp_path), files))
    silent = [path.name for path, kept in zip(files, results, strict=True) if not (kept.rows or kept.dropped)]
    assert not silent
    assert [fault for kept in results for fault in _out_of_order(kept)] == []


def _written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def _out_of_order(kept: Kept[Page]) -> list[str]:
    """Pages come once each and in order, and every box is a place."""
    numbers = [page.number for page in kept.rows]
    boxes = [block.box for page in kept.rows for block in page.blocks]
    bad = [str(box) for box in boxes if not (box.x0 <= box.x1 and box.y0 <= box.y1)]
    return bad + ([str(numbers)] if numbers != sorted(set(numbers)) else [])
