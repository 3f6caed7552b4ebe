"""Every kind of row through the flow: written, checked, evolved, deduplicated."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from flow_runs import EXAMPLES, jeongdap, new_project

from tasks.generate.kinds import KINDS
from tasks.text.dialogue import turns_of

pytestmark = [pytest.mark.prefect, pytest.mark.slow, pytest.mark.timeout(400)]
JUDGE = "[models.writer]\n[models.judge]\n[judge]\nask = true\nown_model = true\n"
TYPOLOGY = """제1조(목적) 이 지침은 보이스피싱과 자금세탁에 쓰이는 대포통장을 막기 위하여 의심거래의 유형을 정한다.

제2조(의심거래의 유형) 자금세탁에 쓰이는 의심거래의 유형은 다음과 같다. 총책은 1,000만원 미만으로 나누어 보낸다.
인출책은 받은 돈을 한 시간 안에 현금으로 찾는다.
은행은 의심거래를 발견하면 3영업일 이내에 보고하여야 한다.
"""


def test_every_kind_comes_to_rows_that_rest_on_their_clauses(tmp_path: Path):
    project = new_project(tmp_path / "kinds", *EXAMPLES.glob("*내규.pdf"))
    (project / "pdf" / "의심거래_지침.txt").write_text(TYPOLOGY)
    kinds = ", ".join(f"{kind} = 1" for kind in KINDS)
    (project / "jeongdap.toml").write_text(f'[project]\nname = "kinds"\n[generate]\nkinds = {{ {kinds} }}\ntop_up = 1\n{JUDGE}')
    said = jeongdap("build", "-C", str(project), "--until", "dedup")
    assert said["steps"]["evolve"]["kept"] > 0
    out = tmp_path / "rows.jsonl"
    jeongdap("rows", "check", "-C", str(project), "--out", str(out))
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    counts = Counter(row["kind"] for row in rows)
    assert set(counts) >= set(KINDS) - {"summary"}  # no clause of the two is long enough
    assert all(row["page"] > 0 and row["quote"] for row in rows)
    talks = [turns_of(row["question"], row["answer"]) for row in rows if row["kind"] == "conversation"]
    assert all(len(turns) > 1 for turns in talks)
    assert said["steps"]["top_up"]["kept"] == 0  # the built-in writer says the same again
    assert said["steps"]["judge"]["kept"] == said["steps"]["check"]["kept"]
    covered = tmp_path / "coverage.csv"
    jeongdap("rows", "coverage", "-C", str(project), "--out", str(covered))
    table = pd.read_csv(covered)
    assert table["rows"].sum() >= said["steps"]["dedup"]["kept"]
    assert (table["rows"] > 0).mean() > 0.9
    assert said["steps"]["check"]["dropped"] < 0.1 * said["steps"]["check"]["kept"]
    assert jeongdap("build", "-C", str(project), "--until", "dedup")["llm_calls"] == 0
