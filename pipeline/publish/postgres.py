"""The published marts in PostgreSQL: bulk copy into a second schema, then a swap in one transaction.

Readers see the old or the new schema and keep reading, and what they were granted stays granted.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

import duckdb

from pipeline.errors import Exit, TweetbenchError
from pipeline.publish.marts import (
    Column,
    Mart,
    Version,
    flat_expression,
    quote,
    read_marts,
    read_version,
    select,
)
from pipeline.publish.reader import open_published
from pipeline.settings import Settings

BATCH_ROWS = 50_000
MADE_BY = "Made by tweetbench and replaced as a whole"
# Under the server's deadlock_timeout (1 s): waiting for a reader who waits for us ends here before the server ends him.
LOCK_TIMEOUT = "500ms"
PAUSE_SECONDS = 0.25
LOCK_NOT_AVAILABLE = "55P03"
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
                "another publish to this database is in progress",
                where=_server_name(url),
                next_step="wait for it to end, then run the same command again",
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
    """Create, fill, describe and count every table; returns as sentences what had to be changed."""
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
                why="the copy was damaged on the way; the previous version stays",
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


def schema_comment(marts: list[Mart], version: Version) -> str:
    """The mark by which the next publish knows its own schema and its own tables."""
    demo = "DEMO, all data is invented. " if version.is_demo else ""
    return f"{demo}{MADE_BY} at every publish; version {version.number}; tables: " + " ".join(m.name for m in marts)


def check_schema(cursor: Any, schema: str) -> None:
    """Make sure that replacing the schema destroys nothing of anybody else.

    Raises:
        TweetbenchError: the schema was not made by tweetbench, holds something else, or something else is built on it.
    """
    comment = _value(cursor, f"select obj_description(to_regnamespace({_literal(quote(schema))})::oid, 'pg_namespace')")
    found = _rows(
        cursor,
        "select relname from pg_class where relkind in ('r', 'p', 'v', 'm', 'f') "
        f"and relnamespace = to_regnamespace({_literal(quote(schema))})",
    )
    relations = {name for (name,) in found}
    if relations and MADE_BY not in (comment or ""):
        raise TweetbenchError(
            f"schema {schema} was not made by tweetbench",
            where=", ".join(sorted(relations)[:5]),
            why="a publish replaces the whole schema",
            next_step=f"tweetbench publish --schema tweetbench_{schema}",
            exit_code=Exit.CONFIGURATION,
        )
    ours = set((comment or "").rpartition("tables: ")[2].split())
    foreign = sorted(f"{schema}.{name}" for name in relations - ours) + _dependents(cursor, schema)
    if foreign:
        raise TweetbenchError(
            f"{', '.join(foreign[:5])} would be lost",
            where=f"schema {schema}",
            why="a publish replaces every table of the schema, and objects that depend on one are dropped with it",
            next_step="move or drop it and recreate it after each publish, or keep the query in the BI tool",
            exit_code=Exit.CONFIGURATION,
        )


def _dependents(cursor: Any, schema: str) -> list[str]:
    """Views and foreign keys of others that are built on tables of the schema."""
    rows = _rows(
        cursor,
        f"""
        select distinct dependent.relnamespace::regnamespace || '.' || dependent.relname
        from pg_class source
        inner join pg_depend link on link.refclassid = 'pg_class'::regclass and link.refobjid = source.oid
        left join pg_rewrite rule on link.classid = 'pg_rewrite'::regclass and rule.oid = link.objid
        left join pg_constraint foreign_key
            on link.classid = 'pg_constraint'::regclass and foreign_key.oid = link.objid and foreign_key.contype = 'f'
        inner join pg_class dependent on dependent.oid = coalesce(rule.ev_class, foreign_key.conrelid)
        where source.relnamespace = to_regnamespace({_literal(quote(schema))}) and dependent.oid <> source.oid
        order by 1
        """,
    )
    return [name for (name,) in rows]


def grant_readers(cursor: Any, schema: str, staging: str, readers: list[str]) -> None:
    """Give the new schema what was granted on the old one, and reading to the roles named.

    A mart that is new is granted to everybody who could read `published` before.
    """
    new, old = quote(staging), f"to_regnamespace({_literal(quote(schema))})"
    grantee = "case when grantee = 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end"
    not_owner = f"grantee <> {{owner}} and oid = {old}"
    for role, privilege in _rows(
        cursor,
        f"select {grantee}, privilege_type from pg_namespace, aclexplode(nspacl) "
        f"where {not_owner.format(owner='nspowner')}",
    ):
        cursor.execute(f"grant {privilege} on schema {new} to {role}")
    tables = set(_tables(cursor, staging))
    granted = _rows(
        cursor,
        f"select relname, {grantee}, privilege_type from pg_class, aclexplode(relacl) "
        f"where relkind = 'r' and relnamespace = {old} and grantee <> relowner",
    )
    known = set(_tables(cursor, schema))
    for name, role, privilege in granted:
        if name in tables:
            cursor.execute(f"grant {privilege} on {new}.{quote(name)} to {role}")
        if name == "published" and privilege == "SELECT":
            for added in sorted(tables - known):
                cursor.execute(f"grant select on {new}.{quote(added)} to {role}")
    for reader in readers:
        cursor.execute(f"grant usage on schema {new} to {quote(reader)}")
        cursor.execute(f"grant select on all tables in schema {new} to {quote(reader)}")


def swap_schemas(server: Any, schema: str, staging: str, *, wait_seconds: float) -> None:
    """Put the staging schema in the place of the schema, in one transaction, once no reader is inside.

    Every table of the old version is locked first. A transaction that has read one of them thus ends before the swap
    and never meets tables of two versions; a query that comes meanwhile waits half a second at most and reads the new.

    Raises:
        TweetbenchError: readers held tables for the whole time.
    """
    cursor = server.cursor()
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            _swap_once(cursor, schema, staging)
            server.commit()
            return
        except Exception as error:
            server.rollback()
            if getattr(error, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                raise
            if time.monotonic() >= deadline:
                raise TweetbenchError(
                    f"readers held tables of schema {schema} for {wait_seconds:.0f} seconds",
                    why="a swap waits for every open transaction that has read a mart",
                    next_step="end them (select pid, query from pg_stat_activity), then: tweetbench publish --wait 600",
                    exit_code=Exit.BUSY,
                ) from None
        time.sleep(PAUSE_SECONDS)


def _swap_once(cursor: Any, schema: str, staging: str) -> None:
    cursor.execute(f"set local lock_timeout = '{LOCK_TIMEOUT}'")
    tables = [f"{quote(schema)}.{quote(name)}" for name in _tables(cursor, schema)]
    if tables:
        cursor.execute(f"lock table {', '.join(tables)} in access exclusive mode")
    # Between the first look and the lock somebody may have built something on a mart.
    check_schema(cursor, schema)
    drop_schema(cursor, schema)
    cursor.execute(f"alter schema {quote(staging)} rename to {quote(schema)}")


def drop_schema(cursor: Any, schema: str) -> None:
    """Drop a schema and all that is in it, if it is there."""
    cursor.execute(f"drop schema if exists {quote(schema)} cascade")


def _tables(cursor: Any, schema: str) -> list[str]:
    place = f"to_regnamespace({_literal(quote(schema))})"
    found = _rows(cursor, f"select relname from pg_class where relkind = 'r' and relnamespace = {place} order by 1")
    return [name for (name,) in found]


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
            "PostgreSQL refused; the previous version stays published there",
            where=_server_name(url),
            why=text[:500],
            next_step="resolve this, then run: tweetbench publish",
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


def _rows(cursor: Any, query: str) -> list[Any]:
    cursor.execute(query)
    return list(cursor.fetchall())


def _value(cursor: Any, query: str) -> Any:
    return next((row[0] for row in _rows(cursor, query)), None)


def _literal(text: str) -> str:
    # Statements that define things take no bound parameters; E'' is needed for no character of ours.
    return "'" + text.replace("'", "''") + "'"
