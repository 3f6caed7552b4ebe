"""Writes the row of both READMEs from a release of the demo: python scripts/readme_row.py RELEASE CLAUSE."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]


def main(release: Path, clause: str) -> None:
    """Take the first pair of a clause whose answer is one quote."""
    lineage = pd.read_parquet(release / "lineage.parquet").set_index("id")
    for split in ("train", "validation", "test"):
        for row in pd.read_parquet(release / "sft" / f"{split}.parquet").itertuples():
            came = lineage.loc[row.id]
            if row.clause == clause and row.kind == "qa" and list(came.quotes) == [row.messages[-1]["content"]]:
                write(shown(row, came))
                return
    sys.exit(f"{release}: no such row of {clause}")


def shown(row: object, came: pd.Series) -> str:
    """The row and what its lineage says, as JSON."""
    boxes = [[round(float(region["box"][side]), 1) for side in ("x0", "y0", "x1", "y1")] for region in came.regions]
    fields = {
        "id": row.id,
        "messages": [dict(message) for message in row.messages],
        "heading": row.heading,
        "path": row.path,
        "page": int(row.page),
        "quote": came.quotes[0],
        "boxes": boxes,
        "model": came.model,
        "verdict": {"decision": came.decision, "annotator": came.annotator},
    }
    lines = [f"  {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items()]
    return "```json\n{\n" + ",\n".join(lines) + "\n}\n```\n"


def write(text: str) -> None:
    """Put it between the marks."""
    for name in ("README.md", "README.ko.md"):
        page = ROOT / name
        marked = re.sub(r"(<!-- row.*?-->\n).*?(<!-- /row -->)", lambda m: m[1] + text + m[2], page.read_text(), flags=re.S)
        page.write_text(marked)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
