"""A model without an API: prompts out, replies in, and the next build needs no endpoint."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flow_runs import jeongdap, new_project, small_examples

from tasks.llm.writer import write_reply

pytestmark = [pytest.mark.prefect, pytest.mark.timeout(400)]
NOWHERE = '[models.writer]\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "by-hand"\nkey_env = ""\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    made = new_project(tmp_path / "by-hand", small_examples()[0])
    (made / "jeongdap.toml").write_text((made / "jeongdap.toml").read_text() + NOWHERE)
    return made


def answer(line: str) -> str:
    """The reply of the extractive writer to a line of the prompt file."""
    prompt = json.loads(line)
    messages = [(message["role"], message["content"]) for message in prompt["body"]["messages"]]
    return json.dumps({"custom_id": prompt["custom_id"], "content": write_reply(messages, prompt["body"]["response_format"])})


def test_prompts_go_out_replies_come_in_and_the_build_asks_nobody(project: Path, tmp_path: Path):
    file, replies = tmp_path / "prompts.jsonl", tmp_path / "replies.jsonl"
    written = jeongdap("prompts", "-C", str(project), "--out", str(file))
    lines = file.read_text().splitlines()
    assert written["prompts"] == len(lines) > 10
    strangers = [json.dumps({"custom_id": "0" * 64, "content": "{}"}), "no json", json.dumps({"custom_id": "1"})]
    broken = json.dumps({"custom_id": json.loads(lines[0])["custom_id"], "content": "no JSON"})
    replies.write_text("\n".join([broken, *map(answer, lines[1:]), *strangers]))
    read = jeongdap("replies", str(replies), "-C", str(project))
    assert read["good"] == len(lines) - 1
    assert read["bad"] == {"invalid_json": 1}
    assert read["left_out"] == {"no prompt of this project": 1, "no reply in the line": 2}
    again = jeongdap("prompts", "-C", str(project), "--out", str(file))
    assert (again["prompts"], again["stored"]) == (1, len(lines) - 1)
    assert "not accepted" in json.loads(file.read_text())["body"]["messages"][-1]["content"]
    replies.write_text(answer(lines[0]))
    assert jeongdap("replies", str(replies), "-C", str(project))["good"] == 1
    built = jeongdap("build", "-C", str(project), "--until", "generate")
    assert built["llm_calls"] == 0
    assert built["steps"]["generate"]["kept"] > 10


def test_what_cannot_be_done_is_said(project: Path, tmp_path: Path):
    assert "--until chunk" in jeongdap("replies", str(tmp_path / "none.jsonl"), "-C", str(project), code=1)["error"]
    jeongdap("prompts", "-C", str(project), "--out", str(tmp_path / "prompts.jsonl"))
    assert "none.jsonl" in jeongdap("replies", str(tmp_path / "none.jsonl"), "-C", str(project), code=1)["error"]
