"""What was missed of Bluesky: days without a snapshot, and days whose posts were not read.

Follower counts of a past day cannot be read from anywhere. Posts can, as far back as the account has them.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from pipeline.lake import Lake
from pipeline.sources.api.json_values import time_of
from pipeline.sources.api.readings import DAY, account_gaps, in_order
from pipeline.sources.api.source import Gap
from pipeline.sources.bluesky import NAME
from pipeline.sources.bluesky.accounts import account_id_of, read_targets

NOT_SERVED = {
    "not_found": "Bluesky knows no such account: check it in accounts.csv",
    "suspended": "Bluesky shows no posts of a suspended account; they are available once it is back",
    "deactivated": "Bluesky shows no posts of a deactivated account; they are available once it is back",
}
REMEDY = "tweetbench backfill --missing   (posts are read as far back as the account has them)"


def find_gaps(
    lake: Lake, registry_rows: Iterable[Mapping[str, Any]], *, now: datetime, backfill_days: int
) -> list[Gap]:
    """Gaps of every registered account of Bluesky, unrecoverable ones included, ordered by account and day."""
    targets, _ = read_targets(registry_rows, at=now)
    post_gaps = partial(_post_gaps, now=now, backfill_days=backfill_days)
    gaps = account_gaps(lake, NAME, targets, account_id_of, post_gaps, now=now)
    return in_order(gaps)


def _post_gaps(
    name: str, bookmark: Any, read_at: datetime | None, status: str, *, now: datetime, backfill_days: int
) -> Iterator[Gap]:
    """Days since posts were last read, and a reading that was broken off."""
    fields = bookmark if isinstance(bookmark, dict) else {}
    settled, is_served = time_of(fields.get("settled_at")), status not in NOT_SERVED
    known = max(filter(None, (settled, read_at if is_served else None)), default=None)
    remedy = REMEDY if is_served else NOT_SERVED[status]
    window = fields.get("window")
    if isinstance(window, dict):
        low, start = time_of(window.get("low")), time_of(window.get("since"))
        if low:
            yield Gap(name, "posts", min(start or low, low).date(), low.date(), is_served, remedy)
    first = (known.date() + DAY) if known else (now - timedelta(days=backfill_days)).date()
    last = now.date() - DAY
    if first <= last:
        yield Gap(name, "posts", first, last, is_served, remedy)
