from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest
import yaml

from tasks.errors import StoreError
from tasks.records import (
    SPLITS,
    Box,
    Chunk,
    Document,
    Evidence,
    Lineage,
    Option,
    Pair,
    Preference,
    Region,
    Sampling,
    Span,
    Verdict,
    VerifiedPair,
    VerifiedPreference,
)
from tasks.release.card import CardFacts, FunnelStep
from tasks.release.changes import LISTED
from tasks.release.formats import FORMATS
from tasks.release.markdown import escape, fenced
from tasks.release.publish import newest_release, publish_release, read_rows
from tasks.release.rows import DpoRow, LineageRow, SftRow
from tasks.settings import OFFLINE_MODEL, ProjectSettings, ReleaseSettings
from tasks.store import Outcome

WHEN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
BOX = Box(x0=1, y0=2, x1=3, y1=4)
PROJECT = ProjectSettings(name="byeolsol", licence="cc-by-4.0")
FACTS = CardFacts(
    funnel=(
        FunnelStep(step="generate", kept=40, dropped=2, reasons=(Outcome(reason="not_json", rows=2),)),
        FunnelStep(step="dedup", kept=30, dropped=10, reasons=(Outcome(reason="near_duplicate", rows=10),)),
    ),
    decisions=(Outcome(reason="approve", rows=20), Outcome(reason="edit", rows=3), Outcome(reason="reject", rows=7)),
    agreement=0.75,
    calls=12,
    prompt_tokens=3400,
    completion_tokens=560,
)


class World:
    """Documents of one chunk each with verified rows, as the review would hand them over."""

    def __init__(self, documents: int = 10, rows: int = 3, model: str = "gpt-x", annotator: str = "김심사") -> None:
        self.model, self.annotator = model, annotator
        self.documents: dict[str, Document] = {}
        self.chunks: dict[str, Chunk] = {}
        self.pairs: dict[str, Pair] = {}
        self.sft: list[VerifiedPair] = []
        self.dpo: list[VerifiedPreference] = []
        for number in range(documents):
            self.add_document(number, rows)

    def add_document(self, number: int, rows: int) -> None:
        document = Document(
            id=f"doc{number}",
            family=f"family{number}",
            title=f"약관 | <b>{number}</b>",
            path=f"pdf/약관{number}.pdf",
            pages=9,
            language="ko",
            effective=date(2026, 1, 1),
        )
        text = f"제{number + 1}조(청구) 보험금은 {number + 3}개월 이내에 청구하여야 합니다."
        chunk = Chunk(
            id=f"chunk{number}",
            document=document.id,
            path=document.path,
            language="ko",
            heading=("제1관", f"제{number + 1}조(청구)"),
            clause=f"관1/조{number + 1}",
            part=1,
            text=text,
            spans=(Span(page=4, box=BOX, start=0, end=len(text)),),
        )
        self.documents[document.id], self.chunks[chunk.id] = document, chunk
        for row in range(rows):
            self.add_rows(chunk, number, row)

    def add_rows(self, chunk: Chunk, number: int, row: int) -> None:
        kind = "choice" if row == 0 else "qa"
        months = number + 3
        options = tuple(
            Option(
                text=f"{m}개월",
                answer=f"{m}개월 이내에 청구하여야 합니다.",
                correct=m == months,
                error="" if m == months else "number",
            )
            for m in (months + 1, months)
        )
        pair = self.pair(
            chunk, kind, f"보험금은 언제까지 청구하나요({number}-{row})?", f"{months}개월 이내에 청구하여야 합니다.", options
        )
        verdict = Verdict(
            record=pair.id,
            queue="qa",
            decision="approve",
            question="",
            answer="",
            reason="",
            comment="",
            annotator=self.annotator,
            time=WHEN,
        )
        self.sft.append(VerifiedPair(pair=pair, question=pair.question, answer=pair.answer, verdict=verdict))
        if kind == "choice":
            rejected = pair.options[0].answer
            preference = Preference(
                id=Preference.make_id(pair.id, pair.question, pair.answer, rejected),
                pair=pair.id,
                prompt=pair.question,
                chosen=pair.answer,
                rejected=rejected,
                origin="distractor",
                error="number",
                margin=None,
            )
            judged = verdict.model_copy(update={"record": preference.id, "queue": "dpo"})
            self.dpo.append(VerifiedPreference(preference=preference, chosen=preference.chosen, verdict=judged))

    def pair(self, chunk: Chunk, kind: str, question: str, answer: str, options: tuple[Option, ...]) -> Pair:
        options = options if kind == "choice" else ()
        pair = Pair(
            id=Pair.make_id(chunk.id, kind, question, answer, (chunk.text,), options),
            chunk=chunk.id,
            document=chunk.document,
            path=chunk.path,
            language=chunk.language,
            kind=kind,
            question=question,
            answer=answer,
            quotes=(chunk.text,),
            evidence=(Evidence(quote=chunk.text, start=0, end=len(chunk.text), regions=(Region(page=4, box=BOX),)),),
            options=options,
            parent=None,
            lineage=Lineage(
                prompt=f"{kind}.ko",
                prompt_hash="abc123",
                model=self.model,
                sampling=Sampling(temperature=0.7, top_p=1, max_tokens=9),
                call="call1",
                run="run1",
                code="0.1.0",
            ),
        )
        self.pairs[pair.id] = pair
        return pair

    def edit(self, index: int, answer: str) -> None:
        """An annotator changes an answer."""
        old = self.sft[index]
        verdict = old.verdict.model_copy(update={"decision": "edit", "answer": answer})
        self.sft[index] = old.model_copy(update={"answer": answer, "verdict": verdict})

    def publish(self, project: Path, settings: ReleaseSettings | None = None):
        settings = settings or ReleaseSettings()
        return publish_release(project, self.sft, self.dpo, self.pairs, self.chunks, self.documents, settings, PROJECT, FACTS)


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """Ten documents, published once; read-only."""
    project = tmp_path_factory.mktemp("project")
    return World().publish(project, ReleaseSettings(system="당신은 보험 전문가입니다."))


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]


# ---------------------------------------------------------------- contract: what trainers open
@pytest.mark.parametrize(("config", "columns"), [("sft", list(SftRow.model_fields)), ("dpo", list(DpoRow.model_fields))])
def test_load_dataset_opens_the_release_as_it_is(published, config, columns, tmp_path):
    import datasets

    loaded = datasets.load_dataset(str(published.folder), config, cache_dir=str(tmp_path))
    assert set(loaded) == set(SPLITS)
    assert sum(len(rows) for rows in loaded.values()) == (published.sft if config == "sft" else published.dpo)
    row = loaded["train"][0]
    assert list(row) == columns
    turns = row["messages"] if config == "sft" else row["prompt"]
    assert [turn["role"] for turn in turns][:2] == ["system", "user"]


def test_a_release_of_one_document_loads_without_its_empty_splits(tmp_path):
    import datasets

    world = World(documents=1)
    world.dpo = []
    release = world.publish(tmp_path)
    assert set(datasets.load_dataset(str(release.folder), "sft", cache_dir=str(tmp_path / "cache"))) == {"train"}
    header = yaml.safe_load((release.folder / "README.md").read_text("utf-8").split("---\n")[1])
    assert [config["config_name"] for config in header["configs"]] == ["sft"]
    assert list(pd.read_parquet(release.folder / "sft/test.parquet").columns) == list(SftRow.model_fields)
    assert (release.folder / "dpo/train.jsonl").read_text("utf-8") == ""
    entries = json.loads((release.folder / "formats/llamafactory/dataset_info.json").read_text("utf-8"))
    assert set(entries) == {"byeolsol_sft", "byeolsol_sft_chat"}


def test_every_parquet_file_opens_in_pandas(published):
    files = sorted(published.folder.rglob("*.parquet"))
    assert len(files) == 7
    assert all(len(pd.read_parquet(file).columns) for file in files)


@pytest.mark.parametrize("kind", ["sft", "dpo"])
@pytest.mark.parametrize("split", SPLITS)
def test_jsonl_and_parquet_hold_the_same_rows(published, kind, split):
    from tasks.tables import read_parquet

    rows = read_parquet(published.folder / kind / f"{split}.parquet", SftRow if kind == "sft" else DpoRow)
    assert lines(published.folder / kind / f"{split}.jsonl") == [row.model_dump(mode="json") for row in rows]


def test_alpaca_rows_have_strings_only(published):
    for split in SPLITS:
        for row in lines(published.folder / f"formats/alpaca/sft_{split}.jsonl"):
            assert list(row) == ["instruction", "input", "output", "system"]
            assert all(isinstance(value, str) for value in row.values())
            assert row["instruction"]
            assert row["output"]
        for row in lines(published.folder / f"formats/alpaca/dpo_{split}.jsonl"):
            assert list(row) == ["instruction", "input", "chosen", "rejected", "system"]
            assert row["chosen"] != row["rejected"]


def test_sharegpt_rows_alternate_and_preferences_are_single_turns(published):
    for split in SPLITS:
        for row in lines(published.folder / f"formats/sharegpt/sft_{split}.jsonl"):
            assert [turn["from"] for turn in row["conversations"]] == ["human", "gpt"]
        for row in lines(published.folder / f"formats/sharegpt/dpo_{split}.jsonl"):
            assert [turn["from"] for turn in row["conversations"]] == ["human"]
            assert row["chosen"].keys() == row["rejected"].keys() == {"from", "value"}
            assert row["chosen"]["from"] == row["rejected"]["from"] == "gpt"


@pytest.mark.parametrize("form", ["alpaca", "sharegpt"])
def test_line_n_of_a_format_is_line_n_of_the_split(published, form):
    for split in SPLITS:
        ours = lines(published.folder / f"sft/{split}.jsonl")
        theirs = lines(published.folder / f"formats/{form}/sft_{split}.jsonl")
        said = [row["output"] if form == "alpaca" else row["conversations"][1]["value"] for row in theirs]
        assert said == [row["messages"][-1]["content"] for row in ours]


def test_dataset_info_names_files_that_exist_and_columns_that_they_have(published):
    folder = published.folder / "formats/llamafactory"
    entries = json.loads((folder / "dataset_info.json").read_text("utf-8"))
    assert {"byeolsol_sft", "byeolsol_dpo", "byeolsol_sft_chat", "byeolsol_dpo_validation"} <= entries.keys()
    for name, entry in entries.items():
        rows = lines(folder / entry["file_name"])
        assert rows, f"{name} points to a file without rows"
        assert set(entry["columns"].values()) <= rows[0].keys()
        assert entry.get("ranking", False) is ("_dpo" in name)


def test_axolotl_sections_name_files_and_fields_that_exist(published):
    for kind, fields in (("sft", ["field_messages"]), ("dpo", ["field_messages", "field_chosen", "field_rejected"])):
        section = yaml.safe_load((published.folder / f"formats/axolotl/{kind}.yml").read_text("utf-8"))
        for entry in [*section["datasets"], *section["test_datasets"]]:
            row = lines(published.folder / entry["path"])[0]
            assert all(entry[field] in row for field in fields)
    assert section["rl"] == "dpo"


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_writes_below_its_own_folder_for_any_rows(name, published):
    files = FORMATS[name](read_rows(published.folder))
    assert files
    assert all(path.startswith(f"formats/{name}/") for path in files)
    assert all((published.folder / path).is_file() for path in files)


# ---------------------------------------------------------------- rows
def test_multiple_choice_is_asked_with_its_options_and_answered_with_number_and_sentence(tmp_path):
    release = World(documents=1, rows=1).publish(tmp_path)
    (row,) = lines(release.folder / "sft/train.jsonl")
    asked, answered = (message["content"] for message in row["messages"])
    assert asked == "보험금은 언제까지 청구하나요(0-0)?\n1) 4개월\n2) 3개월"
    assert answered == "정답: 2) 3개월\n3개월 이내에 청구하여야 합니다."
    assert (row["page"], row["heading"], row["clause"]) == (4, "제1관 > 제1조(청구)", "관1/조1")


def test_preferences_hold_the_question_alone_and_one_turn_a_side(published):
    for row in lines(published.folder / "dpo/train.jsonl"):
        assert row["prompt"][-1]["role"] == "user"
        assert "1)" not in row["prompt"][-1]["content"]
        assert [turn["role"] for turn in row["chosen"] + row["rejected"]] == ["assistant", "assistant"]


def test_text_is_stored_as_nfc_without_controls_or_blanks_around_it(tmp_path):
    world = World(documents=1)
    world.edit(1, "  가\r\n나\u2028\x00\x07끝.\n ")
    release = world.publish(tmp_path)
    raw = (release.folder / "sft/train.jsonl").read_bytes()
    assert b"\r" not in raw
    assert "\u2028".encode() not in raw
    assert "가\n나\u2028끝." in [row["messages"][-1]["content"] for row in lines(release.folder / "sft/train.jsonl")]
    assert len(raw.decode().splitlines()) == 3


def test_an_edit_that_makes_both_answers_one_is_not_released(tmp_path):
    world = World(documents=2)
    bad = world.dpo[0]
    world.dpo[0] = bad.model_copy(update={"chosen": f" {bad.preference.rejected}"})
    world.edit(0, " \u0000")
    release = world.publish(tmp_path)
    assert {(d.id, d.reason) for d in release.dropped} == {
        (bad.preference.id, "equal_answers"),
        (world.sft[0].pair.id, "empty_text"),
    }
    assert (release.sft, release.dpo) == (5, 1)


def test_the_same_row_twice_is_released_once(tmp_path):
    world = World(documents=1)
    world.sft *= 2
    release = world.publish(tmp_path)
    assert release.sft == 3
    assert {d.reason for d in release.dropped} == {"repeated_id"}


def test_every_row_has_its_lineage(published):
    lineage = pd.read_parquet(published.folder / "lineage.parquet").set_index("id")
    for kind in ("sft", "dpo"):
        for split in SPLITS:
            for row in lines(published.folder / f"{kind}/{split}.jsonl"):
                behind = lineage.loc[row["id"]]
                assert (behind["type"], behind["split"], behind["path"]) == (kind, split, row["path"])
                assert list(behind["pages"]) == [4]
                assert behind["quotes"][0].startswith("제")
                assert (behind["prompt_hash"], behind["annotator"], behind["decision"]) == ("abc123", "김심사", "approve")
    assert len(lineage) == published.sft + published.dpo


def test_an_unknown_clause_or_pair_is_named(tmp_path):
    world = World(documents=1)
    world.chunks.clear()
    with pytest.raises(StoreError, match="chunk0"):
        world.publish(tmp_path)
    other = World(documents=1)
    other.pairs.clear()
    with pytest.raises(StoreError, match="pair"):
        other.publish(tmp_path)


# ---------------------------------------------------------------- splits
def test_no_document_is_in_two_splits_and_no_dpo_test_row_comes_from_sft_train(published):
    seen: dict[str, set[str]] = {}
    for kind in ("sft", "dpo"):
        for split in SPLITS:
            for row in lines(published.folder / f"{kind}/{split}.jsonl"):
                seen.setdefault(row["path"], set()).add(split)
    assert all(len(splits) == 1 for splits in seen.values())


def test_a_document_keeps_its_split_when_others_come_and_when_it_goes_and_comes_back(tmp_path):
    def splits(release):
        rows = pd.read_parquet(release.folder / "lineage.parquet")
        return dict(zip(rows["document"], rows["split"], strict=True))

    world = World(documents=6)
    first = splits(world.publish(tmp_path))
    tested = next(document for document, split in first.items() if split != "train")
    gone = [v for v in world.sft if v.pair.document == tested]
    world.sft = [v for v in world.sft if v.pair.document != tested]
    world.dpo = [v for v in world.dpo if world.pairs[v.preference.pair].document != tested]
    for number in range(6, 14):
        world.add_document(number, 5)
    second = splits(world.publish(tmp_path))
    assert {d: s for d, s in second.items() if d in first} == {d: s for d, s in first.items() if d != tested}
    assert newest_release(tmp_path).families[world.documents[tested].family] == first[tested]
    world.sft += gone
    assert splits(world.publish(tmp_path))[tested] == first[tested]


# ---------------------------------------------------------------- versions
def test_an_unchanged_dataset_is_not_published_again(tmp_path):
    world = World(documents=3)
    first, again = world.publish(tmp_path), World(documents=3).publish(tmp_path)
    assert (first.version, first.new, again.version, again.new) == ("v1", True, "v1", False)
    assert sorted(path.name for path in (tmp_path / "releases").iterdir()) == [".lock", "latest", "v1"]


def test_the_order_of_rows_and_a_later_approval_change_nothing(tmp_path):
    world = World(documents=3)
    world.publish(tmp_path)
    world.sft.reverse()
    later = datetime(2027, 1, 1, tzinfo=UTC)
    world.sft = [v.model_copy(update={"verdict": v.verdict.model_copy(update={"time": later})}) for v in world.sft]
    assert not world.publish(tmp_path).new


def test_a_changed_verdict_makes_the_next_version_and_says_what_changed(tmp_path):
    world = World(documents=3)
    world.publish(tmp_path)
    world.edit(0, "고친 | 답입니다.")
    retired = world.sft.pop(4)
    world.add_document(3, 1)
    release = world.publish(tmp_path)
    assert (release.version, release.new) == ("v2", True)
    assert (tmp_path / "releases/latest").read_text() == "v2\n"
    changes = (release.folder / "CHANGES.md").read_text("utf-8")
    assert "## SFT: 1 added, 1 changed, 1 retired" in changes
    assert "## DPO: 1 added, 0 changed, 0 retired" in changes
    assert world.sft[0].pair.id in changes.split("### Changed")[1].split("###")[0]
    assert retired.pair.id in changes.split("### Retired")[1]
    assert newest_release(tmp_path).previous == "v1"


def test_changed_settings_make_the_next_version(tmp_path):
    world = World(documents=1)
    world.publish(tmp_path)
    assert world.publish(tmp_path, ReleaseSettings(validation=0.2)).version == "v2"
    assert world.publish(tmp_path, ReleaseSettings(validation=0.2, system="전문가입니다.")).version == "v3"


def test_the_first_release_lists_at_most_some_rows_and_says_how_many_more(tmp_path):
    release = World(documents=1, rows=LISTED + 5).publish(tmp_path)
    assert "… and 5 more added." in (release.folder / "CHANGES.md").read_text("utf-8")


def test_nothing_verified_gives_no_release(tmp_path):
    world = World(documents=1)
    world.sft, world.dpo = [], []
    assert world.publish(tmp_path) is None
    assert newest_release(tmp_path) is None


def test_the_manifest_tells_every_file_and_its_sum(published):
    manifest = newest_release(published.folder.parent.parent)
    on_disk = {path.relative_to(published.folder).as_posix() for path in published.folder.rglob("*") if path.is_file()}
    assert {entry.path for entry in manifest.files} == on_disk - {"manifest.json"}
    for entry in manifest.files:
        assert hashlib.sha256((published.folder / entry.path).read_bytes()).hexdigest() == entry.sha256
    assert sum(count.rows for count in manifest.counts) == published.sft + published.dpo
    assert [(p.name, p.hash) for p in manifest.prompts] == [("choice.ko", "abc123"), ("qa.ko", "abc123")]
    assert len(manifest.documents) == 10


def test_two_publishers_do_not_write_at_once(tmp_path):
    import fcntl

    (tmp_path / "releases").mkdir()
    with (tmp_path / "releases/.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(StoreError, match="another publish"):
            World(documents=1).publish(tmp_path)


KILLED = """
import os, signal, sys
sys.path.insert(0, "tests")
from pathlib import Path
from test_release import World
import matplotlib.figure, tasks.release.plots
project, stop, seen = Path(sys.argv[1]), int(sys.argv[2]), 0

def watch(event, args):
    global seen
    if event in ("open", "os.rename", "os.mkdir") and str(project) in str(args[0]):
        seen += 1
        if seen == stop:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(watch)
World(documents=3).publish(project)
print(seen)
"""


def killed(project: Path, stop: int) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).resolve().parents[1]
    code = [sys.executable, "-c", KILLED, str(project), str(stop)]
    return subprocess.run(code, cwd=root, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_a_kill_between_any_files_leaves_a_whole_release_or_none_and_the_next_run_is_undisturbed(tmp_path):
    (tmp_path / "whole").mkdir()
    total = int(killed(tmp_path / "whole", 0).stdout)
    assert total > 30
    for stop in (5, total // 2, total - 3, total - 2, total - 1, total):
        project = tmp_path / str(stop)
        project.mkdir()
        assert killed(project, stop).returncode == -9
        if newest := newest_release(project):
            assert all((project / "releases" / newest.version / entry.path).is_file() for entry in newest.files)
        release = World(documents=3).publish(project)
        assert release.version == "v1"
        assert sorted(path.name for path in (project / "releases").iterdir()) == [".lock", "latest", "v1"]
        assert newest_release(project).content == newest_release(tmp_path / "whole").content


# ---------------------------------------------------------------- the card
def opening(release) -> str:
    return (release.folder / "README.md").read_text("utf-8").split("---\n", 2)[2].split("\n\n")[2 - 1]


def test_the_first_paragraph_says_who_wrote_and_who_reviewed(tmp_path):
    human = opening(World(documents=1).publish(tmp_path / "a"))
    demo = opening(World(documents=1, model=OFFLINE_MODEL, annotator="demo-reviewer").publish(tmp_path / "b"))
    assert "read and approved, or edited, by a person" in human
    assert "extractive" not in human
    assert "All 4 rows were written by the built-in extractive writer" in demo
    assert "not by a language model" in demo
    assert "All 4 rows were reviewed by a script, not by people" in demo
    assert "by a person" not in demo


def test_the_header_is_yaml_that_names_existing_files(published):
    header = yaml.safe_load((published.folder / "README.md").read_text("utf-8").split("---\n")[1])
    assert header["license"] == "cc-by-4.0"
    assert header["language"] == ["ko"]
    assert header["size_categories"] == ["n<1K"]
    for config in header["configs"]:
        assert all((published.folder / file["path"]).is_file() for file in config["data_files"])


def test_the_card_names_every_column_step_reviewer_and_document(published):
    card = (published.folder / "README.md").read_text("utf-8")
    for column in {*SftRow.model_fields, *DpoRow.model_fields, *LineageRow.model_fields}:
        assert f"`{column}`" in card
    for word in ("near\\_duplicate 10", "| dedup | 30 | 10 |", "김심사", "pdf/약관3.pdf", "0.75", "approve 20", "12 model calls"):
        assert word in card
    assert "<b>" not in card.split("## An example")[0] + card.split("## How the rows")[1]


def test_the_pictures_of_the_card_exist_and_are_small(published):
    card = (published.folder / "README.md").read_text("utf-8")
    for picture in ("plots/funnel.png", "plots/kinds.png"):
        assert f"]({picture})" in card
        assert 1_000 < (published.folder / picture).stat().st_size < 60_000


@pytest.mark.parametrize("text", ["a|b", "[x](http://evil)", "<script>", "`rm`", "*b*", "a\nb", "![x](y)", "~~x~~", "x & y"])
def test_untrusted_text_stays_text_in_markdown(text):
    shown = escape(text)
    assert "\n" not in shown
    assert not any(mark in shown.replace("\\" + mark, "") for mark in "|[]`*~")
    assert "<" not in shown
    assert "://" not in shown


def test_a_fence_is_longer_than_the_backticks_in_it():
    assert fenced("a ```` b", "json").startswith("`````json\n")
