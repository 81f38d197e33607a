"""Which stored posts a source has to read again, so that metrics stand at fixed ages. From the lake alone."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from pipeline.lake import Lake
from pipeline.lake.query import query_files
from pipeline.sources.api.sharing import AccountShare

# A post that missed its last age by more than this is not asked for any more.
GRACE_AFTER_LAST_AGE = timedelta(days=7)
NOTHING_DUE = pa.schema(
    [("post_id", pa.string()), ("account_id", pa.string()), ("created_at", pa.timestamp("us", "UTC"))]
).empty_table()
# The last age that a post has passed decides; a post that came back was read after its tombstone.
DUE = """
    with
        recent as (
            select post_id, account_id, created_at, captured_at, availability, edit_history_ids
            from read_parquet($files, hive_partitioning = false)
            where created_at >= $oldest and post_kind is distinct from 'repost'
        ),
        latest as (
            select
                post_id, max(account_id) as account_id, max(created_at) as created_at, max(captured_at) as read_at,
                max(captured_at) filter (availability = 'removed') as removed_at
            from recent
            group by post_id
        ),
        superseded as (
            select distinct unnest(edit_history_ids[:-2]) as post_id
            from recent
            where len(edit_history_ids) > 1
        )
    select post_id, account_id, created_at
    from latest
    where
        case {cases} else false end
        and removed_at is distinct from read_at
        and post_id not in (select post_id from superseded)
    order by created_at, post_id
"""
PASSED = "when created_at <= $now - to_days({age}) then read_at < created_at + to_days({age})"


def own_due_posts(
    lake: Lake,
    source: str,
    *,
    now: datetime,
    ages_days: Sequence[int],
    share: AccountShare | None,
    state: Mapping[str, Any],
) -> pa.Table:
    """Of the posts that are due, those of the accounts that this run reads; `state` are the source's bookmarks."""
    due = due_posts(lake, source, now=now, ages_days=ages_days)
    return share.own_posts(due, state) if share else due


def due_posts(lake: Lake, source: str, *, now: datetime, ages_days: Sequence[int]) -> pa.Table:
    """Posts (post_id, account_id, created_at) that passed an age and were not read since, oldest first.

    A table and not objects: ten thousand accounts have a quarter of a million posts due on one day.
    """
    ages = sorted(ages_days, reverse=True)
    if not ages:
        return NOTHING_DUE
    oldest = now - timedelta(days=ages[0]) - GRACE_AFTER_LAST_AGE
    files = [
        str(lake.path(file))
        for commit, file in lake.files("posts")
        if commit.source == source and commit.committed_at[:10] >= oldest.date().isoformat()
    ]
    if not files:
        return NOTHING_DUE
    query = DUE.format(cases=" ".join(PASSED.format(age=int(age)) for age in ages))
    return query_files(query, {"files": files, "oldest": oldest, "now": now})
