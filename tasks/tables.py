"""Records to Parquet and back, with a schema that is derived from the record type and never inferred from the data.

`pandas.read_parquet` opens the files as they are: strings, numbers, dates, lists and structs.
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import pyarrow as pa
import pyarrow.parquet as pq

from tasks.records import Record

R = TypeVar("R", bound=Record)

SCALARS: dict[Any, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    date: pa.date32(),
    datetime: pa.timestamp("us", tz="UTC"),
}


def arrow_type(annotation: Any) -> pa.DataType:
    """The Arrow type of a record field; a type without one raises TypeError."""
    if annotation in SCALARS:
        return SCALARS[annotation]
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return pa.string()
    if origin in (Union, types.UnionType):
        (inner,) = [a for a in args if a is not type(None)]
        return arrow_type(inner)
    if origin is tuple and len(args) == 2 and args[1] is Ellipsis:
        return pa.list_(arrow_type(args[0]))
    if isinstance(annotation, type) and issubclass(annotation, Record):
        return pa.struct(list(arrow_schema(annotation)))
    raise TypeError(f"no Arrow type for {annotation!r}")


def arrow_schema(record: type[Record]) -> pa.Schema:
    """The Parquet schema of a record type: one column a field, nullable only where the field is optional."""
    return pa.schema(
        pa.field(name, arrow_type(field.annotation), nullable=type(None) in get_args(field.annotation))
        for name, field in record.model_fields.items()
    )


def to_table(records: Iterable[Record], record: type[Record]) -> pa.Table:
    """Records as an Arrow table."""
    return pa.Table.from_pylist([r.model_dump() for r in records], schema=arrow_schema(record))


def from_table(table: pa.Table, record: type[R]) -> list[R]:
    """An Arrow table as records, validated."""
    return [record.model_validate(row) for row in table.to_pylist()]


def write_parquet(path: Path, records: Sequence[Record], record: type[Record]) -> None:
    """Write records to `path` (zstd)."""
    pq.write_table(to_table(records, record), path, compression="zstd")


def read_parquet(path: Path, record: type[R]) -> list[R]:
    """Read records from `path`."""
    return from_table(pq.read_table(path, partitioning=None), record)
