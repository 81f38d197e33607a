"""What was missed of feeds: days without a snapshot, and days whose posts were not read.

Follower counts of a past day cannot be read from anywhere. Posts can, as far back as the account has them.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from pipeline.lake import Lake
from pipeline.sources.api.feeds.session import FeedPlatform
from pipeline.sources.api.json_values import time_of
from pipeline.sources.api.readings import DAY, account_gaps, in_order
from pipeline.sources.api.source import Gap
from pipeline.sources.api.targets import Target

REMEDY = "tweetbench backfill --missing   (posts are read as far back as the account has them)"


def find_gaps(
    platform: FeedPlatform, lake: Lake, targets: Iterable[Target], *, now: datetime, backfill_days: int
) -> list[Gap]:
    """Gaps of the watched accounts, unrecoverable ones included, ordered by account and day."""
    post_gaps = partial(_post_gaps, platform, now=now, backfill_days=backfill_days)
    return in_order(account_gaps(lake, platform.source, targets, platform.account_id_of, post_gaps, now=now))


def _post_gaps(
    platform: FeedPlatform,
    name: str,
    bookmark: Any,
    read_at: datetime | None,
    status: str,
    *,
    now: datetime,
    backfill_days: int,
) -> Iterator[Gap]:
    """Days since posts were last read, and a reading that was broken off."""
    fields = bookmark if isinstance(bookmark, dict) else {}
    settled, is_served = time_of(fields.get("settled_at")), status not in platform.not_served
    known = max(filter(None, (settled, read_at if is_served else None)), default=None)
    remedy = platform.not_served.get(status, REMEDY)
    window = fields.get("window")
    if isinstance(window, dict):
        low, start = time_of(window.get("low")), time_of(window.get("since"))
        if low:
            yield Gap(name, "posts", min(start or low, low).date(), low.date(), is_served, remedy)
    first = (known.date() + DAY) if known else (now - timedelta(days=backfill_days)).date()
    last = now.date() - DAY
    if first <= last:
        yield Gap(name, "posts", first, last, is_served, remedy)
