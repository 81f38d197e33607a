"""Replacing one schema of a PostgreSQL database by another: readers see the old or the new one and keep reading.

Holds what the swap promises: whose schema may be replaced, when readers are waited for, what stays granted. What is in
the tables belongs to `postgres`.
"""

import time
from typing import Any

from pipeline.errors import Exit, TweetbenchError
from pipeline.export.marts import Mart, Version, quote

MADE_BY = "Made by tweetbench and replaced as a whole"
# Under the server's deadlock_timeout (1 s): waiting for a reader who waits for us ends here before the server ends him.
LOCK_TIMEOUT = "500ms"
PAUSE_SECONDS = 0.25
LOCK_NOT_AVAILABLE = "55P03"


def schema_comment(marts: list[Mart], version: Version) -> str:
    """The mark by which the next publish knows its own schema and its own tables."""
    demo = "DEMO, all data is invented. " if version.is_demo else ""
    return f"{demo}{MADE_BY} at every publish; version {version.number}; tables: " + " ".join(m.name for m in marts)


def check_schema(cursor: Any, schema: str) -> None:
    """Make sure that replacing the schema destroys nothing of anybody else.

    Raises:
        TweetbenchError: the schema was not made by tweetbench, holds something else, or something else is built on it.
    """
    comment = _rows(cursor, f"select obj_description(to_regnamespace({_text(quote(schema))})::oid, 'pg_namespace')")[0][
        0
    ]
    found = _rows(
        cursor,
        "select relname from pg_class where relkind in ('r', 'p', 'v', 'm', 'f') "
        f"and relnamespace = to_regnamespace({_text(quote(schema))})",
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
            why="a publish replaces every table of the schema, and what is built on one goes with it",
            next_step="move it out or drop it, and recreate it after each publish; or keep the query in the BI tool",
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
        where source.relnamespace = to_regnamespace({_text(quote(schema))}) and dependent.oid <> source.oid
        order by 1
        """,
    )
    return [name for (name,) in rows]


def grant_readers(cursor: Any, schema: str, staging: str, readers: list[str]) -> None:
    """Give the new schema what was granted on the old one, and reading to the roles named.

    A mart that is new is granted to everybody who could read `published` before.
    """
    new, old = quote(staging), f"to_regnamespace({_text(quote(schema))})"
    grantee = "case when grantee = 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end"
    not_owner = f"grantee <> {{owner}} and oid = {old}"
    for role, privilege in _rows(
        cursor,
        f"select {grantee}, privilege_type from pg_namespace, aclexplode(nspacl) "
        f"where {not_owner.format(owner='nspowner')}",
    ):
        cursor.execute(f"grant {privilege} on schema {new} to {role}")
    tables = {name for (name,) in _tables(cursor, staging)}
    granted = _rows(
        cursor,
        f"select relname, {grantee}, privilege_type from pg_class, aclexplode(relacl) "
        f"where relkind = 'r' and relnamespace = {old} and grantee <> relowner",
    )
    known = {name for (name,) in _tables(cursor, schema)}
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
                    why="a swap waits until every open transaction that has read a mart is over",
                    next_step="end them (select pid, query from pg_stat_activity), then: tweetbench publish --wait 600",
                    exit_code=Exit.BUSY,
                ) from None
        time.sleep(PAUSE_SECONDS)


def _swap_once(cursor: Any, schema: str, staging: str) -> None:
    cursor.execute(f"set local lock_timeout = '{LOCK_TIMEOUT}'")
    tables = [f"{quote(schema)}.{quote(name)}" for (name,) in _tables(cursor, schema)]
    if tables:
        cursor.execute(f"lock table {', '.join(tables)} in access exclusive mode")
    # Between the first look and the lock somebody may have built something on a mart.
    check_schema(cursor, schema)
    drop_schema(cursor, schema)
    cursor.execute(f"alter schema {quote(staging)} rename to {quote(schema)}")


def drop_schema(cursor: Any, schema: str) -> None:
    """Drop a schema and all that is in it, if it is there."""
    cursor.execute(f"drop schema if exists {quote(schema)} cascade")


def _tables(cursor: Any, schema: str) -> list[tuple[str]]:
    return _rows(
        cursor,
        f"select relname from pg_class where relkind = 'r' and relnamespace = to_regnamespace({_text(quote(schema))}) "
        "order by relname",
    )


def _rows(cursor: Any, query: str) -> list[Any]:
    cursor.execute(query)
    return list(cursor.fetchall())


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
