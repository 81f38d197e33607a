"""The published marts in PostgreSQL: bulk copy into a schema beside, then a swap in one transaction.

How the swap treats readers and what they were granted is in `postgres_swap`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

import duckdb

from pipeline.errors import Exit, TweetbenchError
from pipeline.export.marts import Column, Mart, Version, flat_expression, quote, read_marts, read_version, select
from pipeline.export.postgres_swap import check_schema, drop_schema, grant_readers, schema_comment, swap_schemas
from pipeline.published import open_published
from pipeline.settings import Settings

BATCH_ROWS = 50_000
PUBLISHER_LOCK = 7_839_201_118  # any number that nobody else uses as an advisory lock
# PostgreSQL's type and the DuckDB type that its binary copy takes, by published type.
TYPES = {
    "BOOLEAN": ("boolean", ""),
    "TINYINT": ("smallint", "smallint"),
    "UTINYINT": ("smallint", "smallint"),
    "SMALLINT": ("smallint", ""),
    "USMALLINT": ("integer", "integer"),
    "INTEGER": ("integer", ""),
    "UINTEGER": ("bigint", "bigint"),
    "BIGINT": ("bigint", ""),
    # Sums of counts: 38 digits hold any that occur, and the copy fails loudly on one that they do not.
    "UBIGINT": ("numeric(38)", "decimal(38, 0)"),
    "HUGEINT": ("numeric(38)", "decimal(38, 0)"),
    "UHUGEINT": ("numeric(38)", "decimal(38, 0)"),
    "FLOAT": ("real", ""),
    "DOUBLE": ("double precision", ""),
    "DATE": ("date", ""),
    "TIMESTAMP": ("timestamp", ""),
    "TIMESTAMP_S": ("timestamp", "timestamp"),
    "TIMESTAMP_MS": ("timestamp", "timestamp"),
    "TIMESTAMP_NS": ("timestamp", "timestamp"),
    "TIMESTAMP WITH TIME ZONE": ("timestamptz", ""),
}


@dataclass(frozen=True)
class Copied:
    """What arrived: the server without user and password, version, rows by mart, what was changed on the way."""

    server: str
    version: int
    is_demo: bool
    rows: dict[str, int]
    notes: list[str] = field(default_factory=list)


def copy_to_postgres(settings: Settings, url: str, *, schema: str, readers: list[str], wait_seconds: float) -> Copied:
    """Copy the published version into a schema of a PostgreSQL database and swap it in.

    Until the swap, and if anything fails, the schema stays as it was.

    Raises:
        TweetbenchError: the driver is missing, the server refuses, the schema belongs to somebody else, a copy does not
            hold the rows that it should, or readers do not let go in time.
    """
    with open_published(settings) as source, _connect(url) as server:
        version, marts = read_version(source), read_marts(source)
        cursor = server.cursor()
        if not _value(cursor, f"select pg_try_advisory_lock({PUBLISHER_LOCK})"):
            raise TweetbenchError(
                "another publish to this database is at work",
                where=_server_name(url),
                next_step="wait for it, then run the same command again",
                exit_code=Exit.BUSY,
            )
        staging = f"{schema}_new"
        check_schema(cursor, schema)
        drop_schema(cursor, staging)
        server.commit()
        try:
            notes = _load(source, server, marts, version, staging)
            grant_readers(cursor, schema, staging, readers)
            server.commit()
            swap_schemas(server, schema, staging, wait_seconds=wait_seconds)
        except BaseException:
            server.rollback()
            drop_schema(cursor, staging)
            server.commit()
            raise
    return Copied(
        _server_name(url), version.number, version.is_demo, {mart.name: mart.row_count for mart in marts}, notes
    )


def has_password(url: str) -> bool:
    """True if the address carries a password."""
    return bool(_secrets(url))


def _load(
    source: duckdb.DuckDBPyConnection, server: Any, marts: list[Mart], version: Version, schema: str
) -> list[str]:
    """Create, fill, describe and count every table; returns in words what had to be changed."""
    cursor = server.cursor()
    notes: list[str] = []
    cursor.execute(f"create schema {quote(schema)}")
    cursor.execute(f"comment on schema {quote(schema)} is {_literal(schema_comment(marts, version))}")
    for mart in marts:
        table = f"{quote(schema)}.{quote(mart.name)}"
        cursor.execute(f"create table {table} ({', '.join(_definition(column) for column in mart.columns)})")
        notes += _zero_bytes(source, mart)
        query = select(mart, [_expression(column) for column in mart.columns])
        reader = source.execute(query).to_arrow_reader(BATCH_ROWS)
        cursor.adbc_ingest(mart.name, reader, mode="append", db_schema_name=schema)
        if mart.key:
            cursor.execute(f"alter table {table} add primary key ({', '.join(map(quote, mart.key))})")
        cursor.execute(f"comment on table {table} is {_literal(mart.description)}")
        for column in mart.columns:
            cursor.execute(f"comment on column {table}.{quote(column.name)} is {_literal(column.description)}")
        arrived = _value(cursor, f"select count(*) from {table}")
        if arrived != mart.row_count:
            raise TweetbenchError(
                f"{mart.name} arrived with {arrived:,} of {mart.row_count:,} rows",
                why="the copy was damaged on the way; the version before stays",
                next_step="tweetbench publish",
            )
        cursor.execute(f"analyze {table}")
    server.commit()
    return notes


def _definition(column: Column) -> str:
    required = " not null" if column.is_required else ""
    return f"{quote(column.name)} {_types(column)[0]}{required}"


def _types(column: Column) -> tuple[str, str]:
    if column.kind.startswith("DECIMAL"):
        return column.kind.replace("DECIMAL", "numeric"), ""
    if column.is_text:
        return "text", ""
    return TYPES.get(column.kind, ("text", "varchar"))


def _expression(column: Column) -> str:
    kind, cast = _types(column)
    flat = flat_expression(column)
    if kind == "text":
        # PostgreSQL keeps no zero byte in a text.
        return f"replace({flat}::varchar, chr(0), '')"
    return f"{flat}::{cast}" if cast else flat


def _zero_bytes(source: duckdb.DuckDBPyConnection, mart: Mart) -> list[str]:
    texts = [column for column in mart.columns if column.is_text]
    if not texts:
        return []
    counts = ", ".join(f"count(*) filter (contains({flat_expression(column)}::varchar, chr(0)))" for column in texts)
    found = source.execute(f"select {counts} from marts.{quote(mart.name)}").fetchone() or ()
    return [
        f"{mart.name}.{column.name}: zero bytes are left out of {count:,} texts, PostgreSQL keeps none"
        for column, count in zip(texts, found, strict=True)
        if count
    ]


@contextmanager
def _connect(url: str) -> Iterator[Any]:
    try:
        from adbc_driver_postgresql import dbapi
    except ImportError:
        raise TweetbenchError(
            "the PostgreSQL driver is not installed",
            why="it is an optional part of tweetbench",
            next_step=".venv/bin/python -m pip install '.[postgres]'   in the project's folder",
            exit_code=Exit.CONFIGURATION,
        ) from None
    try:
        with dbapi.connect(url) as connection:
            yield connection
    except dbapi.Error as error:
        text = " ".join(str(error).split())
        for secret in _secrets(url):
            text = text.replace(secret, "***")
        unreachable = isinstance(error, dbapi.OperationalError) or "connect" in text.lower()
        # Without its cause: that one's message may hold the address.
        raise TweetbenchError(
            "PostgreSQL refused; what it held before stays published there",
            where=_server_name(url),
            why=text[:500],
            next_step="correct it, then run: tweetbench publish",
            exit_code=Exit.UNAVAILABLE if unreachable else Exit.BAD_DATA,
        ) from None


def _secrets(url: str) -> list[str]:
    """The address itself and its password as typed and as decoded, longest first; none without a password."""
    rest = url.partition("://")[2].partition("/")[0].rpartition("@")[0].partition(":")[2]
    typed = [rest] if rest else []
    typed += [part.partition("=")[2] for part in urlsplit(url).query.split("&") if part.startswith("password=")]
    typed = [secret for secret in typed if secret]
    return [url, *typed, *(unquote(secret) for secret in typed)] if typed else []


def _server_name(url: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2] or "local socket"
    return f"{host}{parts.path}"


def _value(cursor: Any, query: str) -> Any:
    cursor.execute(query)
    row = cursor.fetchone()
    return row[0] if row else None


def _literal(text: str) -> str:
    # Statements that define things take no bound parameters; E'' is needed for no character of ours.
    return "'" + text.replace("'", "''") + "'"
