"""Up to which commit of the lake the tables of the build warehouse are built, and whether a build may go on from there.

A build that goes on rewrites what new rows touch. Wherever its result could differ from a full build it must not go
on: the reason is said, and everything is made anew. dbt itself forgets the number when it starts (on-run-start), so a
build that failed, was killed, left models out or was run by hand is followed by a full one. How tables are rewritten
belongs to dbt_project/macros.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass

import duckdb

from pipeline import __version__
from pipeline.basis import dbt_fingerprint
from pipeline.raw_tables import create_raw_tables
from pipeline.settings import Settings
from pipeline.warehouse import connect

# Account keys of old rows follow from these tables as a whole: their rows are few and seldom new.
NAMING_TABLES = ("account_registry", "handle_changes")
# Rows that may know an account by its handle only.
ROWS_BY_HANDLE = ("accounts", "posts", "post_metrics", "account_daily")
# Handles that were seen under an id which is not the one that stored rows were keyed by.
RENAMED = """
create or replace temp table renamed_handles as
with seen as (
    select platform, lower(handle) as handle_key, account_id from raw.accounts
    where lake_sequence > $up_to and handle is not null and account_id is not null
    union
    select platform, lower(handle), account_id from raw.posts
    where lake_sequence > $up_to and handle is not null and account_id is not null
)
select seen.platform, seen.handle_key
from seen
left join intermediate.int_account_identities as known
    on seen.platform = known.platform and seen.handle_key = known.handle_key
where known.account_id is distinct from seen.account_id
"""


@dataclass(frozen=True)
class Start:
    """Where a build begins. `up_to`: commit of the lake to go on from, 0 for a full build for the `reason` given."""

    up_to: int
    loaded: int
    fingerprint: str
    reason: str


def find_start(settings: Settings, *, full: str | None = None) -> Start:
    """Where the next build begins; `full` is the reason of somebody who wants a full one.

    Raises:
        TweetbenchError: the warehouse is locked or cannot be read.
    """
    fingerprint = _fingerprint()
    with connect(settings) as connection:
        create_raw_tables(connection)
        loaded = _number(connection, "select coalesce(max(lake_sequence), 0) from raw.lake_files")
        row = connection.execute("select lake_sequence, fingerprint from raw.built").fetchone()
        up_to, reason = (row[0], _reason_for_full(connection, row[0], row[1] == fingerprint)) if row else (0, None)
    reason = full or (reason if row else "no whole build before this one, or rows were taken away since")
    return Start(0 if reason else up_to, loaded, fingerprint, reason or f"goes on from commit {up_to} of the lake")


def remember(settings: Settings, start: Start) -> None:
    """Keep that a whole build with this start has succeeded: the next one may go on from the rows that it saw."""
    with connect(settings) as connection:
        connection.execute("begin")
        connection.execute("delete from raw.built")
        if start.loaded:
            connection.execute("insert into raw.built values (?, ?)", [start.loaded, start.fingerprint])
        connection.execute("commit")


def drop_removed_models(settings: Settings, made: Collection[tuple[str, str]]) -> list[str]:
    """Drop what an earlier version of the project made and a whole build of this one did not; returns the names.

    `made` is schema and name of every relation of the build; other schemas are left alone. A mart that is gone from
    the project would else be published as it was, for ever.
    """
    with connect(settings) as connection:
        found = connection.execute(
            "select table_schema, table_name, table_type from information_schema.tables "
            "where table_catalog = current_database() and table_schema in (select unnest(?)) order by all",
            [sorted({schema for schema, _ in made})],
        ).fetchall()
        removed = [(schema, name, kind) for schema, name, kind in found if (schema, name) not in made]
        for schema, name, kind in removed:
            connection.execute(f'drop {"view" if kind == "VIEW" else "table"} "{schema}"."{name}"')
    return [f"{schema}.{name}" for schema, name, _ in removed]


def _reason_for_full(connection: duckdb.DuckDBPyConnection, up_to: int, is_same: bool) -> str | None:
    if not is_same:
        return "the dbt project, its seeds, tweetbench or DuckDB changed"
    for table in NAMING_TABLES:
        if _number(connection, f"select count(*) from raw.{table} where lake_sequence > {up_to}"):  # noqa: S608
            return f"new rows of {table} can change which account a handle means"
    if not _number(connection, "select count(*) from duckdb_tables() where table_name = 'int_account_identities'"):
        return "tables of the build before are gone"
    connection.execute(RENAMED, {"up_to": up_to})
    if _number(connection, "select count(*) from renamed_handles"):
        for table in ROWS_BY_HANDLE:
            known_by_handle = (
                f"select count(*) from raw.{table} as rows join renamed_handles as handles "  # noqa: S608 - our names
                "on rows.platform = handles.platform and lower(rows.handle) = handles.handle_key "
                "where rows.account_id is null"
            )
            if _number(connection, known_by_handle):
                return "a handle now means another account, and older rows know theirs by that handle only"
    return None


def _fingerprint() -> str:
    parts = (dbt_fingerprint(), __version__, duckdb.__version__)
    return hashlib.sha256("|".join(parts).encode()).hexdigest()


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0
