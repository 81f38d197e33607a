"""The watermark: the last commit of the lake that every table is built from; whether the next build may start there.

An incremental build makes only the tables that new rows can reach, and rewrites in them what these rows touch. Wherever
its result could differ from that of a full build, the next build is a full one and its reason is logged. dbt deletes
the watermark when it starts (on-run-start), so a build that failed, was killed, left models out or was run by hand is
followed by a full one. How tables are rewritten belongs to dbt_project/macros/incremental.sql.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass

import duckdb

from pipeline import __version__
from pipeline.schemas import TABLES
from pipeline.settings import Settings
from pipeline.transform.fingerprint import analysis_fingerprint, dbt_fingerprint
from pipeline.warehouse import connect
from pipeline.warehouse.raw_tables import create_raw_tables

# Account keys of old rows follow from these tables as a whole: their rows are few and seldom new.
NAMING_TABLES = ("account_registry", "handle_changes")
# Rows that may know an account by its handle only.
ROWS_BY_HANDLE = ("accounts", "posts", "post_metrics", "account_daily")
# Readings since then that show an account under a handle in a way that says more than "it still has it".
NEWS_OF_HANDLES = """
create or replace temp table news_of_handles as
with seen as (
    select platform, lower(handle) as handle_key, account_id, captured_at as seen_at, created_at
    from raw.accounts
    where lake_sequence > $watermark and handle is not null and account_id is not null
    union
    select platform, lower(handle), account_id, captured_at, null
    from raw.posts
    where lake_sequence > $watermark and handle is not null and account_id is not null
),
known as (
    select *, greatest(
        max(last_seen_at) over (partition by platform, handle_key),
        max(last_seen_at) over (partition by platform, account_id)
    ) as latest_at
    from intermediate.int_account_sightings
)
from seen
where not exists (
    from known
    where known.platform = seen.platform and known.handle_key = seen.handle_key and known.account_id = seen.account_id
      and known.first_seen_at <= seen.seen_at
      and (seen.seen_at <= known.last_seen_at or known.last_seen_at = known.latest_at)
      and (seen.created_at is null or known.created_at <= seen.created_at)
)
"""
# A reading inside a run of readings that it speaks against: the runs of the previous build do not hold what parts them.
PARTED_RUNS = """
with runs as (from intermediate.int_account_sightings where first_seen_at < last_seen_at)
select count(*) from (
    select 1 from news_of_handles as news join runs
      on runs.platform = news.platform and runs.handle_key = news.handle_key and runs.account_id <> news.account_id
    where news.seen_at between runs.first_seen_at and runs.last_seen_at
    union all
    select 1 from news_of_handles as news join runs
      on runs.platform = news.platform and runs.account_id = news.account_id and runs.handle_key <> news.handle_key
    where news.seen_at between runs.first_seen_at and runs.last_seen_at
)
"""
# Handles that the news can give to another account for some time: the handle itself, and others of the account.
HANDLES_IN_QUESTION = """
create or replace temp table handles_in_question as
select platform, handle_key from news_of_handles
union
select known.platform, known.handle_key
from intermediate.int_account_sightings as known
join news_of_handles as news on known.platform = news.platform and known.account_id = news.account_id
"""


# Models that list what is new since the watermark (dbt_project/macros/incremental.sql): each build makes them again,
# because what they list was new to the previous build only.
LISTS_OF_NEWS = ("stg_*_new", "int_*_new", "int_*_changed")


@dataclass(frozen=True)
class Start:
    """How the next build starts: after commit `watermark` of the lake, where the raw tables `changed` have new rows.

    In full if the watermark is 0, for the `reason` given. `used_bytes` are those of the file that hold tables: a file
    keeps the room of what was replaced in it.
    """

    watermark: int
    loaded: int
    fingerprint: str
    reason: str
    used_bytes: int
    changed: tuple[str, ...] = ()

    @property
    def dbt_arguments(self) -> tuple[str, ...]:
        """What `dbt build` receives: models then ask is_incremental() and build_watermark()."""
        return ("--vars", f"build_watermark: {self.watermark}") if self.watermark else ("--full-refresh",)

    @property
    def selection(self) -> tuple[str, ...]:
        """What has to be made, in dbt's words; empty for everything."""
        if not self.watermark:
            return ()
        return (*LISTS_OF_NEWS, *(f"source:raw.{table}+" for table in self.changed))


def find_start(settings: Settings, *, full: str | None = None) -> Start:
    """Where the next build begins; `full` is the reason of somebody who wants a full one.

    Raises:
        TweetbenchError: the warehouse is locked or cannot be read.
    """
    fingerprint = _fingerprint()
    with connect(settings) as connection:
        create_raw_tables(connection)
        loaded = _number(connection, "select coalesce(max(lake_sequence), 0) from raw.lake_files")
        used = _number(connection, "select used_blocks * block_size from pragma_database_size()")
        row = connection.execute("select lake_sequence, fingerprint from raw.build_watermark").fetchone()
        watermark, is_same = (row[0], row[1] == fingerprint) if row else (0, False)
        reason = full or _reason_for_full(connection, watermark, is_same=is_same)
        if reason:
            return Start(0, loaded, fingerprint, f"full build: {reason}", used)
        changed = _tables_with_news(connection, watermark)
    news = f"rows after commit {watermark} of the lake, in {', '.join(changed) or 'no table'}"
    return Start(watermark, loaded, fingerprint, f"incremental build: {news}", used, changed)


def remember(settings: Settings, start: Start) -> None:
    """Write the watermark after a whole build with this start: the next one may start after the rows that it saw."""
    with connect(settings) as connection:
        connection.execute("begin")
        connection.execute("delete from raw.build_watermark")
        if start.loaded:
            connection.execute("insert into raw.build_watermark values (?, ?)", [start.loaded, start.fingerprint])
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


def _reason_for_full(connection: duckdb.DuckDBPyConnection, watermark: int, *, is_same: bool) -> str | None:
    if not watermark:
        return "no whole build before this one, or rows were removed since"
    if not is_same:
        return "the dbt project, its seeds, the statistics, tweetbench or DuckDB changed"
    for table in NAMING_TABLES:
        if _number(connection, f"select count(*) from raw.{table} where lake_sequence > {watermark}"):  # noqa: S608
            return f"new rows of {table} can change which account a handle means"
    if not _number(connection, "select count(*) from duckdb_tables() where table_name = 'int_account_sightings'"):
        return "tables of the previous build are missing"
    connection.execute(NEWS_OF_HANDLES, {"watermark": watermark})
    if not _number(connection, "select count(*) from news_of_handles"):
        return None
    if _number(connection, PARTED_RUNS):
        return "a late reading shows another account under a handle in between"
    connection.execute(HANDLES_IN_QUESTION)
    for table in ROWS_BY_HANDLE:
        known_by_handle = (
            f"select count(*) from raw.{table} as rows join handles_in_question as handles "  # noqa: S608 - our names
            "on rows.platform = handles.platform and lower(rows.handle) = handles.handle_key "
            f"where rows.account_id is null and rows.lake_sequence <= {watermark}"
        )
        if _number(connection, known_by_handle):
            return "a handle can now mean another account, and older rows know theirs by that handle only"
    return None


def _tables_with_news(connection: duckdb.DuckDBPyConnection, watermark: int) -> tuple[str, ...]:
    new = "select 1 from raw.{} where lake_sequence > $watermark limit 1"
    return tuple(
        table for table in TABLES if connection.execute(new.format(table), {"watermark": watermark}).fetchone()
    )


def _fingerprint() -> str:
    parts = (dbt_fingerprint(), analysis_fingerprint(), __version__, duckdb.__version__)
    return hashlib.sha256("|".join(parts).encode()).hexdigest()


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0
