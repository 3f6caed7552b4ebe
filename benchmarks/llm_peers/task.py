"""The task that every client gets: the same prompts, the same reply schema, the same look at what it accepted.

Standard library only, because it runs in every peer's environment. A driver reads its arguments with `start`, puts the
prompts to the server through its library as that library's documentation says, and ends with `finish`, which prints one
line of JSON. A prompt is known by its mark, which no client's wrapping of the messages destroys.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MODEL = "mock"
KEY = "benchmark-key"
SYSTEM = (
    "너는 보험 약관을 읽고 학습 자료를 만드는 전문가다. 주어진 조항만으로 답할 수 있는 질문 하나와 그 답을 한국어로 쓴다. "
    'JSON 객체 {"question": 질문, "answer": 답} 하나만 출력한다.'
)
PARAGRAPHS = Path(__file__).with_name("clauses.txt").read_text(encoding="utf-8").splitlines()  # written for this
ANSWER = (
    "회사는 청구 서류를 접수한 날부터 정해진 영업일 안에 보험수익자에게 보험금을 지급하고, 늦어지면 그 사유와 예정일을 알립니다."
)
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"question": {"type": "string"}, "answer": {"type": "string"}},
    "required": ["question", "answer"],
    "additionalProperties": False,
}
RESPONSE_FORMAT = {"type": "json_schema", "json_schema": {"name": "qa", "strict": True, "schema": SCHEMA}}


@dataclass(frozen=True)
class Given:
    """What a driver is told, and what its process had used when its imports were done (CPU seconds, KiB)."""

    base_url: str
    prompts: int
    concurrency: int
    state: Path
    cpu: float
    rss: int


def mark(number: int) -> str:
    """How a prompt is known to the server and in its reply."""
    return f"JD-{number:06d}"


def number_in(text: str) -> int:
    """The prompt that a text speaks of; -1 when it names none."""
    found = text.find("JD-")
    return int(text[found + 3 : found + 9]) if found >= 0 else -1


def user_prompt(number: int) -> str:
    """About 1,500 characters of Korean, different for every number."""
    clauses = []
    for place in range(len(PARAGRAPHS)):
        a, b, c, d = (number * (7 + place) // divisor % 89 + 3 for divisor in (1, 3, 11, 37))
        clauses.append(PARAGRAPHS[(number + place) % len(PARAGRAPHS)].format(a=a, b=b, c=c, d=d))
    return f"문서 번호 {mark(number)}\n\n" + "\n\n".join(clauses) + "\n\n위 조항으로 질문과 답을 하나 만들어라."


def messages(number: int) -> list[dict[str, str]]:
    """System and user message."""
    return [{"role": "system", "content": SYSTEM}, {"role": "user", "content": user_prompt(number)}]


def question(number: int) -> str:
    """The question of the good reply to a prompt."""
    return f"{mark(number)} 문서에서 회사는 보험금을 며칠 안에 지급해야 합니까?"


def good_reply(number: int) -> str:
    """The JSON of the good reply to a prompt."""
    return json.dumps({"question": question(number), "answer": ANSWER}, ensure_ascii=False)


def start() -> Given:
    """Read the command line; call it when everything heavy is imported."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--prompts", type=int, required=True)
    parser.add_argument("--concurrency", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True, help="folder that outlives a kill")
    given = parser.parse_args()
    return Given(given.base_url, given.prompts, given.concurrency, given.state, cpu_seconds(), _resident())


def finish(given: Given, accepted: Mapping[int, object]) -> None:
    """Say what came of it. `accepted` holds, by prompt, what the library handed out as a result.

    A value is bad when it is not what the server would have said in a good reply: broken, cut or of another prompt.
    """
    done = sum(value == {"question": question(number), "answer": ANSWER} for number, value in accepted.items())
    said = {
        "done": done,
        "bad": len(accepted) - done,
        "cpu": round(cpu_seconds() - given.cpu, 3),
        "rss_mb": round((_peak() - given.rss) / 1024, 1),
        "imports_mb": round(given.rss / 1024, 1),
    }
    print("\n" + json.dumps(said), flush=True)


def parsed(text: object) -> object:
    """What a user makes of a library's raw text: its JSON; the text itself when it is none."""
    try:
        return json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return text


def cpu_seconds() -> float:
    """CPU seconds of this process and of those it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _resident() -> int:
    """KiB in memory now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


def _peak() -> int:
    """KiB: the most that this process, or one that it has waited for, had in memory.

    Not `ru_maxrss` of this process: it starts with the size of the process that started this one.
    """
    status = Path("/proc/self/status").read_text().split()
    return max(int(status[status.index("VmHWM:") + 1]), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
