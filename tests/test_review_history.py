from __future__ import annotations

import threading
from pathlib import Path

import pandas as pd
import pytest
from review_rows import verdict

from review.history import FILE_NAME, recall, remember
from tasks.errors import StoreError


def test_nothing_is_known_at_first(tmp_path: Path) -> None:
    assert recall(tmp_path) == []
    assert remember(tmp_path, []) == []


def test_an_answer_that_argilla_overwrote_stays_in_the_history(tmp_path: Path) -> None:
    first, second = verdict("r", "approve", minutes=0), verdict("r", "reject", minutes=9, reason="useless")
    remember(tmp_path, [first])
    assert remember(tmp_path, [second]) == [first, second] == recall(tmp_path)


def test_the_same_verdicts_again_change_nothing(tmp_path: Path) -> None:
    seen = [verdict("r"), verdict("s", minutes=1)]
    remember(tmp_path, seen)
    file = tmp_path / ".jeongdap" / FILE_NAME
    before = file.read_bytes()
    assert remember(tmp_path, seen) == seen
    assert file.read_bytes() == before


def test_pandas_opens_the_history(tmp_path: Path) -> None:
    remember(tmp_path, [verdict("r")])
    frame = pd.read_parquet(tmp_path / ".jeongdap" / FILE_NAME)
    assert frame["decision"].tolist() == ["approve"]
    assert str(frame["time"].dt.tz) == "UTC"


def test_two_pulls_at_once_lose_nothing(tmp_path: Path) -> None:
    batches = [[verdict(f"r{n}", annotator=name) for n in range(20)] for name in ("kim", "lee", "park", "choi")]
    threads = [threading.Thread(target=remember, args=(tmp_path, batch)) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(recall(tmp_path)) == 80


def test_a_broken_history_is_named_with_its_cure(tmp_path: Path) -> None:
    remember(tmp_path, [verdict("r")])
    file = tmp_path / ".jeongdap" / FILE_NAME
    file.write_bytes(b"PAR1 nonsense")
    with pytest.raises(StoreError, match=r"verdicts\.parquet: cannot be read.*move it away"):
        remember(tmp_path, [verdict("s")])
    assert file.read_bytes() == b"PAR1 nonsense"
