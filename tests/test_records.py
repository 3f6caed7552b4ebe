from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tasks.records import Box, Chunk, Document, Dropped, Evidence, Lineage, Pair, Region, Sampling, Span, Verdict, content_id
from tasks.tables import arrow_schema, from_table, read_parquet, to_table, write_parquet

BOX = Box(x0=1, y0=2, x1=3, y1=4)
LINEAGE = Lineage(
    prompt="qa.ko",
    prompt_hash="p",
    model="m",
    sampling=Sampling(temperature=0.7, top_p=1, max_tokens=9),
    call="c",
    run="r",
    code="0",
)


def pair(question: str = "언제까지 청구하나요?", answer: str = "3년입니다.") -> Pair:
    quote = "보험금청구권은 3년간 행사하지 않으면 소멸시효가 완성됩니다."
    return Pair(
        id=Pair.make_id("c", "qa", question, answer, (quote,), ()),
        chunk="c",
        document="d",
        path="pdf/약관.pdf",
        language="ko",
        kind="qa",
        question=question,
        answer=answer,
        quotes=(quote,),
        evidence=(Evidence(quote=quote, start=0, end=len(quote), regions=(Region(page=17, box=BOX),)),),
        options=(),
        parent=None,
        lineage=LINEAGE,
    )


def test_ids_depend_on_content_alone():
    assert pair().id == pair().id
    assert pair().id != pair(answer="6개월입니다.").id
    assert len(pair().id) == 32


def test_id_parts_do_not_run_into_each_other():
    assert content_id("ab", "c") != content_id("a", "bc")


def test_an_unchanged_clause_keeps_its_id_in_a_revised_file():
    args = (("약관", "제3조(정의)"), "제3조", 1, "본문")
    assert Chunk.make_id(*args) == Chunk.make_id(*args)
    assert Chunk.make_id(*args) != Chunk.make_id(("약관", "제3조(정의)"), "제3조", 2, "본문")


def test_records_are_frozen_and_refuse_unknown_fields():
    with pytest.raises(ValidationError):
        Box(x0=1, y0=2, x1=3, y1=4, z=5)
    with pytest.raises(ValidationError):
        BOX.x0 = 9


def test_a_page_number_comes_from_the_first_evidence():
    assert pair().page == 17


@pytest.mark.parametrize("record", [Pair, Chunk, Document, Dropped, Verdict, Span])
def test_every_schema_has_a_column_a_field(record):
    assert arrow_schema(record).names == list(record.model_fields)


def test_only_optional_fields_are_nullable():
    schema = arrow_schema(Document)
    assert schema.field("effective").nullable
    assert not schema.field("title").nullable


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.one_of(st.none(), st.dates()))
def test_rows_survive_parquet(title: str, effective: date | None):
    document = Document(id="i", family="f", title=title, path="p", pages=3, language="ko", effective=effective)
    assert from_table(to_table([document], Document), Document) == [document]


def test_pandas_opens_a_stage_table_as_it_is(tmp_path: Path):
    write_parquet(tmp_path / "data.parquet", [pair()], Pair)
    table = pd.read_parquet(tmp_path / "data.parquet")
    assert table.loc[0, "question"] == "언제까지 청구하나요?"
    assert table.loc[0, "evidence"][0]["regions"][0]["page"] == 17
    assert read_parquet(tmp_path / "data.parquet", Pair) == [pair()]


def test_an_empty_table_keeps_its_schema(tmp_path: Path):
    write_parquet(tmp_path / "data.parquet", [], Pair)
    assert list(pd.read_parquet(tmp_path / "data.parquet").columns) == list(Pair.model_fields)


def test_a_dropped_row_holds_the_record_itself():
    dropped = Dropped.of(pair(), pair().id, "check", "quote_not_in_clause", "…")
    assert dropped.type == "Pair"
    assert Pair.model_validate_json(dropped.record) == pair()


def test_verdicts_of_one_person_at_two_moments_are_two():
    def verdict(minute: int) -> Verdict:
        time = datetime(2026, 1, 1, 0, minute, tzinfo=UTC)
        return Verdict(
            record="r", queue="qa", decision="approve", question="", answer="", reason="", comment="", annotator="kim", time=time
        )

    assert verdict(1).id != verdict(2).id
