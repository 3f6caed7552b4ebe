"""Near-duplicates: how fast, and what is merged that must not be.

    python -m benchmarks.dedup [--rows N] [--json]

Made Korean questions: each stands beside the same question with other spacing and punctuation, with another particle or ending
(both duplicates), and with another number (never a duplicate). Compared with the textbook way in the same run: datasketch's
MinHashLSH on the same shingles, a row with any candidate is dropped. Synthetic, so the shares are upper bounds.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version

from datasketch import MinHashLSH

from tasks.dedup.keys import dedup_key, shingles
from tasks.dedup.leaders import deduplicate
from tasks.dedup.signatures import SCHEME, SEED, signatures
from tasks.records import Lineage, Pair, Sampling
from tasks.settings import DedupSettings

WHO = ("계약자", "피보험자", "보험수익자", "회사", "대리인", "법정상속인", "보험설계사", "단체")
WHAT = (
    "해약환급금",
    "보험계약대출",
    "장해보험금",
    "입원일당",
    "수술급여금",
    "납입면제",
    "부활청약",
    "특약변경",
    "통지의무",
    "배당금",
)
WHEN = (
    "가입한 날부터",
    "사고를 안 날부터",
    "청구를 접수한 날부터",
    "계약이 해지된 날부터",
    "증권을 받은 날부터",
    "진단이 확정된 날부터",
)
DO = ("신청할 수 있나요", "청구하여야 하나요", "지급되나요", "돌려받을 수 있나요", "알려야 하나요", "취소할 수 있나요")
UNITS = ("개월", "일", "년", "영업일", "주")
LINEAGE = Lineage(
    prompt="qa.ko", prompt_hash="", model="", sampling=Sampling(temperature=0, top_p=1, max_tokens=1), call="", run="", code=""
)


def questions(rows: int, dice: random.Random) -> Iterator[tuple[str, str]]:
    """(what it is, question), four for each invented question."""
    for _ in range(rows // 4):
        who, what, when, do = (dice.choice(words) for words in (WHO, WHAT, WHEN, DO))
        number, unit = dice.randint(1, 90), dice.choice(UNITS)
        tail = f"{dice.choice(WHAT)} 및 {dice.choice(WHAT)}에 관하여 {when}"
        text = f"{who}는 {what}을 {tail} {number}{unit} 이내에 {do}?"
        yield "first", text
        yield "spacing", text.replace(" ", "", dice.randint(1, 4)).rstrip("?")
        yield "wording", text.replace("는 ", "가 ", 1).replace("이내에", "내에")
        yield "number", text.replace(f"{number}{unit}", f"{number + dice.randint(1, 9)}{unit}")


def as_pair(number: int, question: str) -> Pair:
    """A row with this question; all else is equal."""
    return Pair(
        id=f"{number:032x}",
        chunk="",
        document="",
        path="",
        language="ko",
        kind="qa",
        question=question,
        answer="약관에 따릅니다.",
        quotes=(),
        evidence=(),
        options=(),
        parent=None,
        lineage=LINEAGE,
    )


def textbook(pairs: Sequence[Pair]) -> set[str]:
    """Ids that stay when every row with a candidate goes."""
    settings, kept = DedupSettings(), set()
    index = MinHashLSH(threshold=settings.threshold, num_perm=settings.permutations)
    rows = (shingles(dedup_key(pair.question), settings.shingle) for pair in pairs)
    for pair, signature in zip(pairs, signatures(rows, settings.permutations), strict=True):
        if not index.query(signature):
            index.insert(pair.id, signature)
            kept.add(pair.id)
    return kept


def measure(
    name: str, pairs: Sequence[Pair], kinds: Sequence[str], keep: Callable[[Sequence[Pair]], set[str]]
) -> dict[str, object]:
    """Speed, and the share of each sort of question that was dropped."""
    begun = time.process_time()
    kept = keep(pairs)
    seconds = time.process_time() - begun
    gone = {
        kind: [pair.id not in kept for pair, k in zip(pairs, kinds, strict=True) if k == kind] for kind in dict.fromkeys(kinds)
    }
    return {
        "way": name,
        "rows_per_cpu_second": round(len(pairs) / seconds),
        **{f"{kind}_dropped": round(sum(one) / len(one), 3) for kind, one in gone.items()},
    }


def main() -> None:
    """Measure both ways on the same rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=8_000)
    parser.add_argument("--json", action="store_true", help="only the JSON line")
    arguments = parser.parse_args()
    kinds, texts = zip(*questions(arguments.rows, random.Random(2026)), strict=True)
    pairs = [as_pair(number, text) for number, text in enumerate(texts)]
    results = [
        measure("jeongdap", pairs, kinds, lambda rows: {p.id for p in deduplicate(rows, DedupSettings()).rows}),
        measure("textbook LSH", pairs, kinds, textbook),
    ]
    machine = (
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, datasketch {version('datasketch')}"
    )
    if not arguments.json:
        print(f"{len(pairs)} rows; {machine}; scheme {SCHEME}, seed {SEED}")
        print("\n".join("  ".join(f"{key}={value}" for key, value in result.items()) for result in results))
    print(json.dumps({"benchmark": "dedup", "rows": len(pairs), "machine": machine, "results": results}))


if __name__ == "__main__":
    main()
