"""What was missed: days without a snapshot, posts that may be missing, and which of it can still be had.

Follower counts of a past day cannot be read from anywhere: such a day is a gap and stays one. Posts can be read as
long as X serves them, which is the 3,200 newest of an account.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from pipeline.lake import Lake
from pipeline.sources import snowflake
from pipeline.sources.x_api.accounts import account_id_of, read_targets
from pipeline.sources.x_api.values import time_of

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Gap:
    """A stretch of days (UTC, both ends inside) of one account that was not captured."""

    account: str
    kind: str
    first_day: date
    last_day: date
    is_recoverable: bool
    remedy: str

    @property
    def day_count(self) -> int:
        """Days of the gap."""
        return (self.last_day - self.first_day).days + 1


def find_gaps(
    lake: Lake, registry_rows: Iterable[Mapping[str, Any]], *, now: datetime, backfill_days: int
) -> list[Gap]:
    """Gaps of every registered account of X, unrecoverable ones included, ordered by account and day."""
    state = lake.state("x_api")
    targets, _ = read_targets(registry_rows, at=now)
    days = _snapshot_days(lake)
    gaps: list[Gap] = []
    for target in targets:
        account_id = account_id_of(target, state)
        name = target.handle or account_id or "?"
        gaps += _snapshot_gaps(name, days.get(account_id or "", set()), now.date())
        gaps += _post_gaps(name, state.get(f"timeline:{account_id}"), now, backfill_days)
    gaps += _capped(lake)
    return sorted(gaps, key=lambda gap: (gap.account.casefold(), gap.kind, gap.first_day))


def _snapshot_days(lake: Lake) -> dict[str, set[date]]:
    days: dict[str, set[date]] = defaultdict(set)
    for commit, file in lake.files("accounts"):
        if commit.source == "x_api":
            rows = lake.read_file(file).select(["account_id", "captured_at"])
            for account_id, captured_at in zip(*(column.to_pylist() for column in rows.columns), strict=True):
                if account_id:
                    days[account_id].add(captured_at.date())
    return days


def _snapshot_gaps(name: str, days: set[date], today: date) -> Iterator[Gap]:
    """Days between two snapshots, and up to yesterday: today can still be captured."""
    for before, after in pairwise(sorted({*days, today} if days else ())):
        if after - before > DAY:
            remedy = "follower counts of past days cannot be read: they stay missing and are shown as missing"
            yield Gap(name, "snapshots", before + DAY, after - DAY, is_recoverable=False, remedy=remedy)


def _post_gaps(name: str, bookmark: Any, now: datetime, backfill_days: int) -> Iterator[Gap]:
    """Days since posts were last read, and a reading that was broken off."""
    fields = bookmark if isinstance(bookmark, dict) else {}
    settled = time_of(fields.get("settled_at"))
    remedy = "tweetbench backfill --missing   (posts are read as far back as X serves them)"
    first = (settled.date() + DAY) if settled else (now - timedelta(days=backfill_days)).date()
    last = now.date() - DAY
    window = fields.get("window")
    if isinstance(window, dict) and window.get("low"):
        low = snowflake.created_at(window["low"])
        start = snowflake.created_at(window["since"]) if window.get("since") else None
        if low:
            yield Gap(name, "posts", min((start or low).date(), low.date()), low.date(), True, remedy)
    if first <= last:
        yield Gap(name, "posts", first, last, is_recoverable=True, remedy=remedy)


def _capped(lake: Lake) -> Iterator[Gap]:
    """Stretches that lie behind the 3,200 newest posts, as the issues tell."""
    for _, file in lake.files("issues"):
        for row in lake.read_file(file).select(["subject", "problem", "captured_at"]).to_pylist():
            if row["problem"] == "timeline_gap":
                day = row["captured_at"].date()
                remedy = "for your own account: tweetbench ingest its X archive; others cannot be read any more"
                yield Gap(row["subject"], "posts behind X's limit", day, day, is_recoverable=False, remedy=remedy)
