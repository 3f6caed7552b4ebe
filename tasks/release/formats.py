"""The same rows in the shapes that trainers read, one small writer a shape.

The shapes look alike and differ where it hurts: LLaMA-Factory wants the preferences of the Alpaca form as strings and those of
the ShareGPT form as single objects, and needs `ranking`; Axolotl reads our own files when told the field names. Trainers
that refuse unknown columns get lean rows: line n of a file here is line n of the same split in sft/ or dpo/.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import yaml

from tasks.records import SPLITS, Split
from tasks.release.rows import DpoRow, Message, SftRow

Files = dict[str, str]  # path in the release → content


@dataclass(frozen=True, slots=True)
class Rows:
    """Everything a writer sees: the dataset's name and the rows of each split."""

    name: str
    sft: Mapping[Split, Sequence[SftRow]]
    dpo: Mapping[Split, Sequence[DpoRow]]


def jsonl(rows: Iterable[object]) -> str:
    """A line a row: UTF-8, no ASCII escapes but for the two separators that some readers take for line ends."""
    lines = (json.dumps(row, ensure_ascii=False) for row in rows)
    return "".join(line.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029") + "\n" for line in lines)


# ---------------------------------------------------------------- Alpaca
def alpaca(rows: Rows) -> Files:
    """Alpaca: instruction, input, output; preferences with chosen and rejected as strings (LLaMA-Factory, Axolotl, Unsloth)."""
    sft = {f"formats/alpaca/sft_{split}.jsonl": jsonl(map(_alpaca_sft, rows.sft[split])) for split in SPLITS}
    dpo = {f"formats/alpaca/dpo_{split}.jsonl": jsonl(map(_alpaca_dpo, rows.dpo[split])) for split in SPLITS}
    return sft | dpo


def _alpaca_sft(row: SftRow) -> dict[str, str]:
    said = _by_role(row.messages)
    return {"instruction": said["user"], "input": "", "output": said["assistant"], "system": said.get("system", "")}


def _alpaca_dpo(row: DpoRow) -> dict[str, str]:
    said = _by_role(row.prompt)
    answers = {"chosen": row.chosen[0].content, "rejected": row.rejected[0].content}
    return {"instruction": said["user"], "input": "", **answers, "system": said.get("system", "")}


def _by_role(messages: Sequence[Message]) -> dict[str, str]:
    return {message.role: message.content for message in messages}


# ---------------------------------------------------------------- ShareGPT
def sharegpt(rows: Rows) -> Files:
    """ShareGPT: from and value; preferences with chosen and rejected as single turns (LLaMA-Factory, Unsloth)."""
    sft = {f"formats/sharegpt/sft_{split}.jsonl": jsonl(map(_sharegpt_sft, rows.sft[split])) for split in SPLITS}
    dpo = {f"formats/sharegpt/dpo_{split}.jsonl": jsonl(map(_sharegpt_dpo, rows.dpo[split])) for split in SPLITS}
    return sft | dpo


def _sharegpt_sft(row: SftRow) -> dict[str, Any]:
    said = _by_role(row.messages)
    return {"conversations": [_turn("human", said["user"]), _turn("gpt", said["assistant"])], "system": said.get("system", "")}


def _sharegpt_dpo(row: DpoRow) -> dict[str, Any]:
    said = _by_role(row.prompt)
    answers = {"chosen": _turn("gpt", row.chosen[0].content), "rejected": _turn("gpt", row.rejected[0].content)}
    return {"conversations": [_turn("human", said["user"])], **answers, "system": said.get("system", "")}


def _turn(speaker: str, value: str) -> dict[str, str]:
    return {"from": speaker, "value": value}


# ---------------------------------------------------------------- LLaMA-Factory
ALPACA_COLUMNS: Final = {
    "sft": {"prompt": "instruction", "query": "input", "response": "output", "system": "system"},
    "dpo": {"prompt": "instruction", "query": "input", "chosen": "chosen", "rejected": "rejected", "system": "system"},
}
SHAREGPT_COLUMNS: Final = {
    "sft": {"messages": "conversations", "system": "system"},
    "dpo": {"messages": "conversations", "chosen": "chosen", "rejected": "rejected", "system": "system"},
}


def llamafactory(rows: Rows) -> Files:
    """dataset_info.json for `dataset_dir: formats/llamafactory`: an entry for every file that has rows."""
    entries: dict[str, object] = {}
    for kind, splits in (("sft", rows.sft), ("dpo", rows.dpo)):
        for split in (s for s in SPLITS if splits[s]):
            ranking = {"ranking": True} if kind == "dpo" else {}
            suffix = "" if split == "train" else f"_{split}"
            file = f"{kind}_{split}.jsonl"
            entries[f"{rows.name}_{kind}{suffix}"] = {
                "file_name": f"../alpaca/{file}",
                **ranking,
                "columns": ALPACA_COLUMNS[kind],
            }
            entries[f"{rows.name}_{kind}_chat{suffix}"] = {
                "file_name": f"../sharegpt/{file}",
                "formatting": "sharegpt",
                **ranking,
                "columns": SHAREGPT_COLUMNS[kind],
            }
    return {"formats/llamafactory/dataset_info.json": json.dumps(entries, ensure_ascii=False, indent=2) + "\n"}


# ---------------------------------------------------------------- Axolotl
AXOLOTL_SFT: Final = {"type": "chat_template", "field_messages": "messages", "roles_to_train": ["assistant"]}
AXOLOTL_DPO: Final = {
    "type": "chat_template.default",
    "field_messages": "prompt",
    "field_chosen": "chosen",
    "field_rejected": "rejected",
}


def axolotl(rows: Rows) -> Files:
    """The dataset sections of an Axolotl configuration: they read sft/ and dpo/ as they are, from the release's folder."""
    files = {}
    if any(rows.sft.values()):
        files["formats/axolotl/sft.yml"] = _axolotl("sft", rows.sft, AXOLOTL_SFT, {})
    if any(rows.dpo.values()):
        files["formats/axolotl/dpo.yml"] = _axolotl("dpo", rows.dpo, AXOLOTL_DPO, {"rl": "dpo"})
    return files


def _axolotl(kind: str, splits: Mapping[Split, Sequence[object]], fields: Mapping[str, Any], lead: Mapping[str, str]) -> str:
    def entry(split: Split) -> dict[str, Any]:
        return {"path": f"{kind}/{split}.jsonl", "ds_type": "json", "split": "train", **fields}

    sections: dict[str, object] = {**lead, "datasets": [entry("train")]}
    if splits["validation"]:
        sections["test_datasets"] = [entry("validation")]
    return "# Paths are relative to the release's folder: run axolotl there, or make them absolute.\n" + to_yaml(sections)


def to_yaml(value: object) -> str:
    """YAML with the keys in their order; scalars are quoted where they must be."""
    return str(yaml.dump(value, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=1000))


class _Plain(yaml.SafeDumper):
    """No anchors: a repeated list is written twice."""

    def ignore_aliases(self, data: object) -> bool:
        return True


FORMATS: Final[Mapping[str, Callable[[Rows], Files]]] = {
    "alpaca": alpaca,
    "sharegpt": sharegpt,
    "llamafactory": llamafactory,
    "axolotl": axolotl,
}


def format_files(rows: Rows) -> Files:
    """The files of all formats."""
    return {path: text for write in FORMATS.values() for path, text in write(rows).items()}
