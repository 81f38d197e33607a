"""What was missed: days without a snapshot, posts that may be missing, and which of it can still be had.

Follower counts of a past day cannot be read from anywhere: such a day is a gap and stays one. Posts can be read as
long as X serves them, which is the 3,200 newest of an account.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from pipeline.lake import Lake
from pipeline.sources import snowflake
from pipeline.sources.api.json_values import time_of
from pipeline.sources.api.readings import DAY, account_gaps, in_order
from pipeline.sources.api.source import Gap
from pipeline.sources.x_api import NAME
from pipeline.sources.x_api.accounts import account_id_of, read_targets

# Statuses under which X serves no posts, and what can be done.
NOT_SERVED = {
    "not_found": "X knows no such account: check it in accounts.csv; a renamed account needs its account_id there",
    "protected": "X shows the posts of a protected account to its approved followers only",
    "suspended": "X serves no posts of a suspended account; they are available once it is back",
    "deactivated": "X serves no posts of a deactivated account; they are available once it is back",
}


def find_gaps(
    lake: Lake, registry_rows: Iterable[Mapping[str, Any]], *, now: datetime, backfill_days: int
) -> list[Gap]:
    """Gaps of every registered account of X, unrecoverable ones included, ordered by account and day."""
    targets, _ = read_targets(registry_rows, at=now)
    post_gaps = partial(_post_gaps, now=now, backfill_days=backfill_days)
    gaps = account_gaps(lake, NAME, targets, account_id_of, post_gaps, now=now)
    return in_order([*gaps, *_capped(lake)])


def _post_gaps(
    name: str, bookmark: Any, read_at: datetime | None, status: str, *, now: datetime, backfill_days: int
) -> Iterator[Gap]:
    """Days since posts were last read, and a reading that was broken off.

    Nobody is served the posts of an account that is protected or gone: its days are shown and cannot be had.
    """
    fields = bookmark if isinstance(bookmark, dict) else {}
    known = [moment for moment in (time_of(fields.get("settled_at")), read_at) if moment]
    is_served = status not in NOT_SERVED
    settled = max(known, default=None) if is_served else time_of(fields.get("settled_at"))
    remedy = (
        "tweetbench backfill --missing   (posts are read as far back as X serves them)"
        if is_served
        else NOT_SERVED[status]
    )
    first = (settled.date() + DAY) if settled else (now - timedelta(days=backfill_days)).date()
    last = now.date() - DAY
    window = fields.get("window")
    if isinstance(window, dict) and window.get("low"):
        low = snowflake.created_at(window["low"])
        start = snowflake.created_at(window["since"]) if window.get("since") else None
        if low:
            yield Gap(name, "posts", min((start or low).date(), low.date()), low.date(), is_served, remedy)
    if first <= last:
        yield Gap(name, "posts", first, last, is_served, remedy)


def _capped(lake: Lake) -> Iterator[Gap]:
    """Stretches that lie behind the 3,200 newest posts, as the issues tell."""
    for _, file in lake.files("issues"):
        for row in lake.read_file(file).select(["subject", "problem", "captured_at"]).to_pylist():
            if row["problem"] == "timeline_gap":
                day = row["captured_at"].date()
                remedy = "for your own account: tweetbench ingest its X archive; others cannot be read any more"
                yield Gap(row["subject"], "posts behind X's limit", day, day, is_recoverable=False, remedy=remedy)
