"""Argilla's search on SQLite, in place of Elasticsearch.

Every query runs on argilla-server's own tables, so there is no index that could fall out of step: the index methods do
nothing. Only text search has a table of its own, filled by triggers, because the JSON column escapes Korean, so that LIKE
never matches it. A search is a substring match, which suits Korean: a noun is found with its particle.
"""

from __future__ import annotations

import re
import sqlite3
import string
import unicodedata
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from argilla_server.database import AsyncSessionLocal, sync_engine
from argilla_server.enums import MetadataPropertyType
from argilla_server.errors.future import UnprocessableEntityError
from argilla_server.search_engine.base import (
    AndFilter,
    FloatMetadataMetrics,
    IntegerMetadataMetrics,
    MetadataFilterScope,
    RangeFilter,
    RecordFilterScope,
    ResponseFilterScope,
    SearchEngine,
    SearchResponseItem,
    SearchResponses,
    SuggestionFilterScope,
    TermsFilter,
    TermsMetrics,
    TextQuery,
)
from sqlalchemy import event, text
from sqlalchemy.engine import Engine

NAME = "sqlite"
Convert = Callable[[Any], Any]


def _plain(source: str) -> str:
    """A SELECT over `source` with the mark-up of review texts undone: a search for 3.5% or across a <mark> finds its words."""
    marks = {"<mark>": "", "</mark>": "", "<br>": "\n"}
    entities = {f"&#{ord(char)};": char for char in string.punctuation} | {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
    steps = list((marks | entities).items())
    for start in range(0, len(steps), 10):  # one expression of them all overflows SQLite's parser
        body = "body"
        for written, meant in steps[start : start + 10]:
            body = f"replace({body}, {_quoted(written)}, {_quoted(meant)})"
        source = f"(SELECT record_id, dataset_id, field, {body} AS body FROM {source})"
    return f"SELECT record_id, dataset_id, field, body FROM {source}"


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


# Texts of text fields as they are, of chat and custom fields all strings but roles and data URLs.
BODIES = """(SELECT new.id AS record_id, new.dataset_id AS dataset_id, f.key AS field,
    CASE f.type WHEN 'text' THEN f.atom ELSE (
        SELECT group_concat(t.atom, char(10)) FROM json_tree(f.value) t
        WHERE t.type = 'text' AND t.key IS NOT 'role' AND t.atom NOT LIKE 'data:%') END AS body
    FROM json_each(new.fields) f
    WHERE f.type IN ('text', 'array', 'object') AND NOT (f.type = 'text' AND f.atom LIKE 'data:%'))"""
INSERT = f"INSERT INTO jeongdap_text(record_id, dataset_id, field, body) {_plain(BODIES)}"
DELETE = "DELETE FROM jeongdap_text WHERE record_id = old.id"
SCHEMA = (
    "CREATE TABLE IF NOT EXISTS jeongdap_text("
    "id INTEGER PRIMARY KEY, record_id CHAR(32) NOT NULL, dataset_id CHAR(32) NOT NULL, field TEXT NOT NULL, body TEXT)",
    "CREATE INDEX IF NOT EXISTS jeongdap_text_record ON jeongdap_text(record_id)",
    "CREATE INDEX IF NOT EXISTS jeongdap_text_dataset ON jeongdap_text(dataset_id)",
    f"CREATE TRIGGER IF NOT EXISTS jeongdap_text_insert AFTER INSERT ON records BEGIN {INSERT}; END",
    f"CREATE TRIGGER IF NOT EXISTS jeongdap_text_update AFTER UPDATE OF fields ON records BEGIN {DELETE}; {INSERT}; END",
    f"CREATE TRIGGER IF NOT EXISTS jeongdap_text_delete AFTER DELETE ON records BEGIN {DELETE}; END",
)
PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=30000")


@event.listens_for(Engine, "connect")
def _configure(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def install_schema() -> None:
    """Create the text table and its triggers."""
    with sync_engine.begin() as connection:
        for statement in SCHEMA:
            connection.exec_driver_sql(statement)
    sync_engine.dispose()


class Sql:
    """Bind parameters, collected while a statement is built."""

    def __init__(self) -> None:
        self.params: dict[str, Any] = {}

    def bind(self, value: Any) -> str:
        """The placeholder of a value."""
        name = f"p{len(self.params)}"
        self.params[name] = value
        return f":{name}"

    def bind_all(self, values: Iterable[Any]) -> str:
        """The placeholders of several values, as the right side of IN."""
        return "(" + ",".join(self.bind(value) for value in values) + ")"

    def path(self, *keys: str) -> str:
        """The placeholder of a JSON path."""
        return self.bind("$" + "".join('."' + key.replace('"', "") + '"' for key in keys))


def condition(sql: Sql, wanted: Any) -> str:
    """A filter of the search API as SQL on `records r`."""
    if isinstance(wanted, AndFilter):
        return " AND ".join(f"({condition(sql, part)})" for part in wanted.filters) or "1"
    scope = wanted.scope
    if isinstance(scope, RecordFilterScope):
        return _compare(sql, wanted, f"r.{scope.property}", _record_value(str(scope.property)))
    if isinstance(scope, MetadataFilterScope):
        path = sql.path(scope.metadata_property)
        return f"EXISTS (SELECT 1 FROM json_each(r.metadata, {path}) j WHERE {_compare(sql, wanted, 'j.atom')})"
    if isinstance(scope, SuggestionFilterScope):
        tables, value = _suggestion(str(scope.property))
        return (
            f"EXISTS (SELECT 1 FROM {tables} WHERE s.record_id = r.id AND q.name = {sql.bind(scope.question)}"
            f" AND {_compare(sql, wanted, value)})"
        )
    if isinstance(scope, ResponseFilterScope):
        return _response_condition(sql, wanted, scope)
    raise ValueError(f"unsupported scope {scope}")


def _compare(sql: Sql, wanted: Any, expression: str, convert: Convert = lambda value: value) -> str:
    if isinstance(wanted, TermsFilter):
        return f"CAST({expression} AS TEXT) IN {sql.bind_all(str(convert(value)) for value in wanted.values)}"
    if isinstance(wanted, RangeFilter):
        bounds = [f"{expression} >= {sql.bind(convert(wanted.ge))}"] if wanted.ge is not None else []
        bounds += [f"{expression} <= {sql.bind(convert(wanted.le))}"] if wanted.le is not None else []
        return " AND ".join([f"{expression} IS NOT NULL", *bounds])
    raise ValueError(f"unsupported filter {wanted}")


def _record_value(name: str) -> Convert:
    if name == "id":
        return lambda value: UUID(str(value)).hex
    return _stored_time if name in ("inserted_at", "updated_at") else str


def _stored_time(value: Any) -> str:
    """A point in time as SQLAlchemy writes it to SQLite. Numbers are milliseconds, as in Elasticsearch."""
    number = isinstance(value, int | float)
    moment = datetime.fromtimestamp(value / 1000, UTC) if number else datetime.fromisoformat(str(value))
    naive = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    return naive.strftime("%Y-%m-%d %H:%M:%S.%f")


def _suggestion(name: str) -> tuple[str, str]:
    """FROM clause and value expression of a suggestion's property."""
    tables = "suggestions s JOIN questions q ON q.id = s.question_id"
    if name in ("agent", "type"):
        return tables, f"s.{name}"
    return f"{tables}, json_each(s.{'score' if name == 'score' else 'value'}) j", "j.atom"


def _response_condition(sql: Sql, wanted: Any, scope: ResponseFilterScope) -> str:
    mine = f" AND p.user_id = {sql.bind(scope.user.id.hex)}" if scope.user else ""
    if scope.question:
        path = sql.path(scope.question, "value")
        return (
            f'EXISTS (SELECT 1 FROM responses p, json_each(p."values", {path}) j'
            f" WHERE p.record_id = r.id{mine} AND {_compare(sql, wanted, 'j.atom')})"
        )
    if scope.property != "status" or not isinstance(wanted, TermsFilter):
        raise ValueError(f"unsupported response filter {wanted}")
    statuses = {str(value) for value in wanted.values}
    answered = f"SELECT 1 FROM responses p WHERE p.record_id = r.id{mine}"
    parts = [f"NOT EXISTS ({answered})"] if "pending" in statuses else []
    if given := sorted(statuses - {"pending"}):
        parts.append(f"EXISTS ({answered} AND p.status IN {sql.bind_all(given)})")
    return " OR ".join(parts) or "1"


def order_by(sql: Sql, order: Any) -> str:
    """A sort of the search API as SQL; records without a value come last."""
    direction, pick = ("DESC", "MAX") if str(order.order) == "desc" else ("ASC", "MIN")
    expression = _sort_key(sql, order.scope, pick)
    return f"({expression}) IS NULL, {expression} {direction}"


def _sort_key(sql: Sql, scope: Any, pick: str) -> str:
    if isinstance(scope, RecordFilterScope):
        return f"r.{scope.property}"
    if isinstance(scope, MetadataFilterScope):
        return f"(SELECT {pick}(j.atom) FROM json_each(r.metadata, {sql.path(scope.metadata_property)}) j)"
    if isinstance(scope, SuggestionFilterScope):
        tables, value = _suggestion(str(scope.property))
        return f"(SELECT {pick}({value}) FROM {tables} WHERE s.record_id = r.id AND q.name = {sql.bind(scope.question)})"
    if isinstance(scope, ResponseFilterScope):
        mine = f" AND p.user_id = {sql.bind(scope.user.id.hex)}" if scope.user else ""
        if not scope.question:
            return f"(SELECT {pick}(p.status) FROM responses p WHERE p.record_id = r.id{mine})"
        path = sql.path(scope.question, "value")
        return f'(SELECT {pick}(j.atom) FROM responses p, json_each(p."values", {path}) j WHERE p.record_id = r.id{mine})'
    raise ValueError(f"unsupported sort {scope}")


TERM = re.compile(r'(?P<not>-?)"(?P<phrase>[^"]+)"|(?P<word>\S+)')


def text_condition(sql: Sql, dataset_id: str, query: Any) -> str:
    """The search box as SQL: words and "phrases" joined by AND, `|` for or, a leading `-` for not, all as substrings."""
    if query is None:
        return "1"
    query = TextQuery(q=query) if isinstance(query, str) else query
    groups: list[list[str]] = []
    joined = False
    for match in TERM.finditer(unicodedata.normalize("NFC", query.q)):
        if match["word"] == "|":
            joined = True
            continue
        negative, term = _term(match)
        if not term:
            continue
        found = _contains(sql, dataset_id, query.field, term)
        if not (joined and groups):
            groups.append([])
        groups[-1].append(f"NOT ({found})" if negative else found)
        joined = False
    return " AND ".join(f"({' OR '.join(group)})" for group in groups) or "1"


def _term(match: re.Match[str]) -> tuple[bool, str]:
    if match["phrase"] is not None:
        return match["not"] == "-", match["phrase"]
    word = match["word"]
    return word.startswith("-") and len(word) > 1, word.lstrip("+-").strip("()").rstrip("*")


def _contains(sql: Sql, dataset_id: str, field: str | None, term: str) -> str:
    pattern = "%" + re.sub(r"([\\%_])", r"\\\1", term) + "%"
    within = f" AND t.field = {sql.bind(field)}" if field else ""
    return (
        f"r.id IN (SELECT t.record_id FROM jeongdap_text t WHERE t.dataset_id = {sql.bind(dataset_id)}{within}"
        f" AND t.body LIKE {sql.bind(pattern)} ESCAPE '\\')"
    )


async def _all(statement: str, params: dict[str, Any]) -> list[Any]:
    async with AsyncSessionLocal() as session:
        return list((await session.execute(text(statement), params)).fetchall())


def _progress(rows: list[Any]) -> dict[str, int]:
    return {"total": sum(count for _, count in rows), **dict(rows)}


@SearchEngine.register(NAME)
class SQLiteSearchEngine(SearchEngine):
    """The engine that `ARGILLA_SEARCH_ENGINE=sqlite` names."""

    @classmethod
    async def new_instance(cls) -> SQLiteSearchEngine:
        """An engine; it holds nothing."""
        return cls()

    async def close(self) -> None:
        """Nothing to close."""

    async def ping(self) -> bool:
        """Always there."""
        return True

    async def info(self) -> dict[str, Any]:
        """What the status page shows."""
        return {"name": NAME, "version": {"number": sqlite3.sqlite_version}}

    async def _nothing(self, *_: Any, **__: Any) -> None:
        """The tables are the index, triggers keep the text."""

    create_index = delete_index = configure_metadata_property = configure_index_vectors = _nothing
    index_records = partial_record_update = delete_records = _nothing
    update_record_response = delete_record_response = update_record_suggestion = delete_record_suggestion = _nothing

    async def get_dataset_progress(self, dataset: Any) -> dict[str, int]:
        """Records by status."""
        if dataset.is_draft:
            return {}
        counts = "SELECT status, count(*) FROM records WHERE dataset_id = :dataset GROUP BY 1"
        return _progress(await _all(counts, {"dataset": dataset.id.hex}))

    async def get_dataset_user_progress(self, dataset: Any, user: Any) -> dict[str, int]:
        """One person's responses by status."""
        if dataset.is_draft:
            return {}
        counts = (
            "SELECT p.status, count(*) FROM responses p JOIN records r ON r.id = p.record_id"
            " WHERE r.dataset_id = :dataset AND p.user_id = :user GROUP BY 1"
        )
        return _progress(await _all(counts, {"dataset": dataset.id.hex, "user": user.id.hex}))

    async def search(
        self,
        dataset: Any,
        query: Any = None,
        filter: Any = None,
        sort: Any = None,
        offset: int = 0,
        limit: int = 100,
        user_id: UUID | None = None,
    ) -> SearchResponses:
        """The records that match, and how many there are in all."""
        sql = Sql()
        parts = [f"r.dataset_id = {sql.bind(dataset.id.hex)}", text_condition(sql, dataset.id.hex, query)]
        parts += [condition(sql, filter)] if filter else []
        where = " AND ".join(f"({part})" for part in parts)
        total = (await _all(f"SELECT count(*) FROM records r WHERE {where}", dict(sql.params)))[0][0]
        order = _order(sql, sort, user_id)
        page = f"SELECT r.id FROM records r WHERE {where} ORDER BY {order} LIMIT {int(limit)} OFFSET {int(offset)}"
        items = [SearchResponseItem(record_id=UUID(record), score=1.0) for (record,) in await _all(page, sql.params)]
        return SearchResponses(items=items, total=total)

    async def compute_metrics_for(self, metadata_property: Any) -> Any:
        """The values of a metadata property and how often each occurs, or their range."""
        params = {"dataset": metadata_property.dataset_id.hex, "path": f'$."{metadata_property.name}"'}
        source = "FROM records r, json_each(r.metadata, :path) j WHERE r.dataset_id = :dataset AND j.atom IS NOT NULL"
        if metadata_property.type == MetadataPropertyType.terms:
            rows = await _all(f"SELECT CAST(j.atom AS TEXT), count(*) {source} GROUP BY 1 ORDER BY 2 DESC, 1", params)
            values = [TermsMetrics.TermCount(term=term, count=count) for term, count in rows]
            return TermsMetrics(total=sum(count for _, count in rows), values=values)
        low, high = (await _all(f"SELECT min(j.atom), max(j.atom) {source}", params))[0]
        integer = metadata_property.type == MetadataPropertyType.integer
        return (IntegerMetadataMetrics if integer else FloatMetadataMetrics)(min=low, max=high)

    async def similarity_search(self, *_: Any, **__: Any) -> SearchResponses:
        """Refused: review records carry no vectors."""
        raise UnprocessableEntityError("the embedded server has no similarity search")


def _order(sql: Sql, sort: Any, user_id: UUID | None) -> str:
    if sort:
        return ", ".join(order_by(sql, order) for order in sort) + ", r.inserted_at, r.rowid"
    if user_id is None:
        return "r.inserted_at, r.rowid"
    # As upstream: every person meets the records in another order, always the same one. Ids are random, so that a sort by
    # their digits from a place of the person's own on is a shuffle.
    start = 1 + int(UUID(str(user_id)).hex[:6], 16) % 11
    return f"substr(r.id, {start}), r.id"
