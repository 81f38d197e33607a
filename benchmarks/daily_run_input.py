"""Made-up history for `daily_run`: days of account readings, posts and their metrics at four ages, in raw tables.

Every value follows from a hash of account and day, counted back from one last day, so that every length of history ends
in the same days and the day after it is the same for all. One commit of the lake for each day, as daily runs make them;
the manifest names the history's files, which are loaded already and not there.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa

from pipeline import warehouse
from pipeline.lake import Lake
from pipeline.lake.manifest import Commit, LakeFile, append_entry
from pipeline.schemas import TABLES
from pipeline.settings import Settings
from pipeline.warehouse.raw_tables import create_raw_tables

LAST_DAY = datetime(2026, 10, 30, tzinfo=UTC)
TABLE_NAMES = ("accounts", "posts", "post_metrics")
# An account posts every third day, so a year of 10,000 accounts is 3.65 million readings of accounts, 1.2 million
# posts and 4.9 million readings of metrics. `day` is 0 on the last day of history, 1 on the new day.
SETUP = """
create macro draw(a, b, c) as (hash(a, b, c) % 1000003) / 1000003.0;
create macro moment(day) as timestamptz '2026-10-30 06:00:00+00' + to_days(cast(day as integer));
create temp table people as
select
    range as n, cast(1000000000000000000 + range as varchar) as account_id, 'h' || range as handle,
    exp(5 + 6 * draw(range, 0, 1)) as followers, draw(range, 0, 2) < 0.05 as is_churner,
    14 + cast(14 * draw(range, 0, 3) as integer) as cycle_days, exp(-1 + 3 * draw(range, 0, 4)) as ratio
from range({accounts});
create macro written(first, last) as table
select
    people.*, days.day, moment(days.day) - to_seconds(cast(80000 * draw(n, days.day, 9) as bigint)) as created_at,
    cast(((epoch_ms(created_at) - 1288834974657) << 22) + n as varchar) as post_id,
    2 * draw(n, floor((days.day + 3000) / 7), 14) as week_quality
from people cross join (select unnest(range(first, last + 1)) as day) as days
where (n + days.day) % 3 = 0;
"""
ROWS = {
    "accounts": """
select
    account_id, handle, 'name' as name, 'active' as status, 'x' as platform, 'x_api' as source,
    timestamptz '2015-01-01 00:00:00+00' as created_at,
    cast(followers * exp(0.0002 * (days.day + 3000)) + 9 * draw(n, days.day, 6) as bigint) as follower_count,
    cast(
        followers / ratio + 2 * draw(n, days.day, 7) + case when is_churner then 0.15 * followers / ratio
        * abs(2 * (((days.day + 3000) % cycle_days) / cycle_days) - 1) else 0.2 * (days.day + 3000) end as bigint
    ) as following_count,
    4000 + days.day as post_count, 10 as listed_count, moment(days.day) as captured_at,
    'run' || days.day as run_id, '{{}}' as payload, days.day + {days} as lake_sequence
from people cross join (select unnest(range({first}, {last} + 1)) as day) as days
order by days.day, n
""",
    "posts": """
select
    account_id, handle, post_id, created_at, cast(created_at as date) as created_date, 'x' as platform,
    'A few words about the day. #news #topic' || (n + day) % 7 as text, 'x_api' as source,
    ['original', 'original', 'original', 'reply', 'repost'][1 + cast(hash(n, day) % 5 as integer)] as post_kind,
    ['news', 'topic' || (n + day) % 7] as hashtags, 'available' as availability, moment(day) as captured_at,
    'run' || day as run_id, '{{}}' as payload, day + {days} as lake_sequence
from written({first}, {last}) order by day, n
""",
    "post_metrics": """
select
    account_id, handle, post_id, 'public' as metric_scope, 'x' as platform, 'x_api' as source,
    cast(followers * (0.2 + 0.4 * draw(n, day, 10)) * ages.share as bigint) as impression_count,
    cast(followers * 0.01 * exp(2 * draw(n, day, 11) + week_quality) * ages.share as bigint) as like_count,
    cast(followers * 0.002 * exp(2 * draw(n, day, 12)) * ages.share as bigint) as repost_count,
    cast(3 * draw(n, day, 13) as bigint) as reply_count, 0 as quote_count,
    moment(day + ages.age) as captured_at, 'run' || day + ages.age as run_id, '{{}}' as payload,
    day + ages.age + {days} as lake_sequence
from written({first} - 30, {last})
cross join (select unnest([1, 3, 7, 30]) as age, unnest([0.5, 0.8, 0.95, 1.0]) as share) as ages
where day + ages.age between {first} and {last}
order by day + ages.age, n, post_id
""",
    "account_registry": """
select
    account_id, handle, n = 0 as is_own, 'x' as platform, 'account_registry' as source,
    ['retail', 'software', 'media', 'health', 'travel'][1 + cast(n % 5 as integer)] as industry,
    ['1-9', '10-99', '100+'][1 + cast(n % 3 as integer)] as company_size,
    ['b2b', 'b2c'][1 + cast(n % 2 as integer)] as customer_focus,
    timestamptz '2018-01-01 06:00:00+00' as captured_at, 'run' as run_id, '{{}}' as payload, 1 as lake_sequence
from people
""",
}


def write_history(settings: Settings, account_count: int, day_count: int) -> dict[str, int]:
    """A warehouse that holds `day_count` days, and a manifest that agrees; rows by table."""
    settings.make_folders()
    counts = {}
    with warehouse.connect(settings) as connection:
        create_raw_tables(connection)
        connection.execute(SETUP.format(accounts=account_count))
        for table in ("account_registry", *TABLE_NAMES):
            # A year at a time: a sort over eight of them would not stay in memory.
            for first in range(1 - day_count, 1, 365) if table in TABLE_NAMES else (0,):
                query = _rows(table, day_count, first, min(first + 364, 0))
                connection.execute(f"insert into raw.{table} by name {query}")
            found = connection.execute(f"select count(*) from raw.{table}").fetchone()  # noqa: S608 - our names
            counts[table] = int(found[0]) if found else 0
        for sequence in range(1, day_count + 1):
            tables = TABLE_NAMES if sequence > 1 else ("account_registry", *TABLE_NAMES)
            when = (LAST_DAY + timedelta(days=sequence - day_count)).isoformat()
            files = tuple(LakeFile(name, f"{name}/{sequence}.parquet", "loaded", 1, 0) for name in tables)
            append_entry(settings.lake_dir, Commit(sequence, "history", "x_api", when, files))
        connection.execute(
            "insert into raw.lake_files select t || '/' || n || '.parquet', t, 'x_api', 'history', n, 'loaded', 1, "
            "now() from range(1, ? + 1) as days(n), unnest(?) as tables(t) where n = 1 or t <> 'account_registry'",
            [day_count, ["account_registry", *TABLE_NAMES]],
        )
        connection.execute("checkpoint")
    return counts


def land_days(settings: Settings, account_count: int, day_count: int, days: range) -> dict[str, int]:
    """Commit days to the lake, one commit each; rows by table. Day 0 is the last of `day_count` days."""
    lake, counts = Lake(settings.lake_dir), dict.fromkeys(TABLE_NAMES, 0)
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(SETUP.format(accounts=account_count))
        for day in days:
            sequence, when = day_count + day, LAST_DAY + timedelta(days=day)
            files = []
            for name in TABLE_NAMES:
                found = connection.execute(_rows(name, day_count, day, day)).to_arrow_table()
                empty = {field.name: pa.nulls(found.num_rows, field.type) for field in TABLES[name]}
                table = pa.table({key: found[key] if key in found.column_names else empty[key] for key in empty})
                path = f"{name}/source=x_api/captured_date={when.date()}/new-{sequence}.parquet"
                files.append(lake.write_file(name, [table.cast(TABLES[name])], path))
                counts[name] += found.num_rows
            append_entry(settings.lake_dir, Commit(sequence, "new", "x_api", when.isoformat(), tuple(files)))
    return counts


def new_day_files(settings: Settings, sequence: int) -> list[Path]:
    """Parquet files of the new day with that commit."""
    return sorted(settings.lake_dir.rglob(f"new-{sequence}.parquet"))


def _rows(table: str, day_count: int, first: int, last: int) -> str:
    return ROWS[table].format(days=day_count, first=first, last=last)
