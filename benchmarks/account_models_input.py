"""Made-up raw tables for `account_models`: a year of daily readings, weekly posts, and their metrics at four ages.

Every value follows from a hash of account and day, so every size of world starts with the accounts of the smaller ones.
"""

import duckdb

FIRST_DAY = "date '2025-11-01'"
# Uniform on 0 to 1 from account, day and purpose.
DRAW = "create macro draw(a, b, c) as (hash(a, b, c) % 1000003) / 1000003.0"
ACCOUNTS = """
create temp table people as
select
    range as n,
    cast(1000000000000000000 + range as varchar) as account_id,
    exp(5 + 6 * draw(range, 0, 1)) as followers,
    -- A twentieth follows and culls in cycles of two to four weeks.
    draw(range, 0, 2) < 0.05 as is_churner,
    14 + cast(14 * draw(range, 0, 3) as integer) as cycle_days,
    exp(-1 + 3 * draw(range, 0, 4)) as ratio,
    0.001 * (draw(range, 0, 5) - 0.3) as growth
from range(?)
"""
REGISTRY = """
insert into raw.account_registry by name
select
    account_id, 'h' || n as handle, n = 0 as is_own, 'x' as platform, 'account_registry' as source,
    ['retail', 'software', 'media', 'health', 'travel'][1 + cast(n % 5 as integer)] as industry,
    ['1-9', '10-99', '100+'][1 + cast(n % 3 as integer)] as company_size,
    ['b2b', 'b2c'][1 + cast(n % 2 as integer)] as customer_focus,
    timestamptz '2026-10-31 06:00:00+00' as captured_at, 'run' as run_id, '{}' as payload, 1 as lake_sequence
from people
"""
# Three readings in a hundred are missing.
SNAPSHOTS = """
insert into raw.accounts by name
select
    people.account_id, 'h' || people.n as handle, 'name' as name, 'active' as status, 'x' as platform,
    timestamptz '2020-01-01 00:00:00+00' as created_at,
    cast(people.followers * exp(people.growth * days.day) + 3 * draw(people.n, days.day, 6) as bigint)
        as follower_count,
    cast(
        people.followers / people.ratio + 2 * draw(people.n, days.day, 7)
        + case when people.is_churner then 0.15 * people.followers / people.ratio
            * abs(2 * ((days.day % people.cycle_days) / people.cycle_days) - 1) else 0.2 * days.day end as bigint
    ) as following_count,
    1000 + days.day as post_count, 10 as listed_count,
    cast({first} + days.day as timestamptz) + interval 6 hour as captured_at,
    'x_api' as source, 'run' || days.day as run_id, '{{}}' as payload, days.day as lake_sequence
from people
cross join (select cast(range as integer) as day from range(365)) as days
where draw(people.n, days.day, 8) >= 0.03
order by days.day, people.n
"""
POSTS = """
create temp table written as
select
    people.n, people.account_id, people.followers, slots.slot,
    cast(2000000000000000000 + people.n * 1000 + slots.slot as varchar) as post_id,
    cast({first} as timestamptz)
    + to_seconds(cast(86400 * 365 * (slots.slot + draw(people.n, slots.slot, 9)) / ? as bigint)) as created_at
from people cross join (select range as slot from range(?)) as slots;
insert into raw.posts by name
select
    account_id, 'h' || n as handle, post_id, created_at, cast(created_at as date) as created_date,
    'A few words about the day. #news #topic' || (n + slot) % 7 as text, 'x' as platform,
    ['original', 'original', 'original', 'reply', 'repost'][1 + cast(hash(n, slot) % 5 as integer)] as post_kind,
    ['news', 'topic' || (n + slot) % 7] as hashtags, 'available' as availability,
    created_at + interval 8 hour as captured_at, 'x_api' as source, 'run' as run_id, '{{}}' as payload,
    1 as lake_sequence
from written order by created_at;
insert into raw.post_metrics by name
select
    account_id, 'h' || n as handle, post_id, 'public' as metric_scope, 'x' as platform, 'x_api' as source,
    cast(followers * (0.2 + 0.4 * draw(n, slot, 10)) * share as bigint) as impression_count,
    cast(followers * 0.01 * exp(2 * draw(n, slot, 11)) * share as bigint) as like_count,
    cast(followers * 0.002 * exp(2 * draw(n, slot, 12)) * share as bigint) as repost_count,
    cast(3 * draw(n, slot, 13) as bigint) as reply_count, 0 as quote_count,
    created_at + to_seconds(cast(86400 * (age + 0.4 * draw(n, slot, age)) as bigint)) as captured_at,
    'run' as run_id, '{{}}' as payload, 1 as lake_sequence
from written
cross join (select unnest([1, 3, 7, 30]) as age, unnest([0.5, 0.8, 0.95, 1.0]) as share) as ages
order by created_at, age
"""


def fill_raw_tables(connection: duckdb.DuckDBPyConnection, account_count: int, post_count: int) -> dict[str, int]:
    """Fill the raw tables with a year of `account_count` accounts that post `post_count` times each; rows by table."""
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(DRAW)
    connection.execute(ACCOUNTS, [account_count])
    connection.execute(REGISTRY)
    connection.execute(SNAPSHOTS.format(first=FIRST_DAY))
    written, *inserts = POSTS.format(first=FIRST_DAY).split(";\n")
    connection.execute(written, [post_count, post_count])
    for statement in inserts:
        connection.execute(statement)
    counts = {}
    for table in ("accounts", "posts", "post_metrics"):
        found = connection.execute(f"select count(*) from raw.{table}").fetchone()  # noqa: S608 - our names
        counts[table] = int(found[0]) if found else 0
    return counts
