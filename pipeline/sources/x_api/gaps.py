"""What was missed: days without a snapshot, posts that may be missing, and which of it can still be had.

Follower counts of a past day cannot be read from anywhere: such a day is a gap and stays one. Posts can be read as
long as X serves them, which is the 3,200 newest of an account.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from pipeline.lake import Lake
from pipeline.sources import snowflake
from pipeline.sources.api.json_values import time_of
from pipeline.sources.api.source import Gap
from pipeline.sources.x_api import NAME
from pipeline.sources.x_api.accounts import account_id_of, read_targets

DAY = timedelta(days=1)
# Statuses under which X serves no posts, and what can be done.
NOT_SERVED = {
    "not_found": "X knows no such account: check it in accounts.csv; a renamed account needs its account_id there",
    "protected": "X shows the posts of a protected account to its approved followers only",
    "suspended": "X serves no posts of a suspended account; they can be had once it is back",
    "deactivated": "X serves no posts of a deactivated account; they can be had once it is back",
}


def find_gaps(
    lake: Lake, registry_rows: Iterable[Mapping[str, Any]], *, now: datetime, backfill_days: int
) -> list[Gap]:
    """Gaps of every registered account of X, unrecoverable ones included, ordered by account and day."""
    state = lake.state(NAME)
    targets, _ = read_targets(registry_rows, at=now)
    seen, runs = _snapshots(lake), _whole_runs(lake)
    gaps: list[Gap] = []
    for target in targets:
        account_id = account_id_of(target, state)
        name = target.handle or account_id or "?"
        snapshots = seen.get(account_id or _handle_key(target.handle), {})
        days = {moment.date() for moment in snapshots if account_id}
        gaps += _snapshot_gaps(name, days, now.date())
        status = snapshots[max(snapshots)] if snapshots else ""
        read_at = _last_reading(account_id, snapshots, runs)
        gaps += _post_gaps(name, state.get(f"timeline:{account_id}"), read_at, status, now, backfill_days)
    gaps += _capped(lake)
    return sorted(gaps, key=lambda gap: (gap.account.casefold(), gap.kind, gap.first_day))


def _handle_key(handle: str | None) -> str:
    """What a snapshot is found by where X gave no id for the handle."""
    return f"@{(handle or '').casefold()}"


def _snapshots(lake: Lake) -> dict[str, dict[datetime, str]]:
    """Status at each reading, by account id, or by handle where X knows none of that name."""
    seen: dict[str, dict[datetime, str]] = defaultdict(dict)
    for commit, file in lake.files("accounts"):
        if commit.source == NAME:
            rows = lake.read_file(file).select(["account_id", "handle", "captured_at", "status"])
            for account_id, handle, captured_at, status in zip(
                *(column.to_pylist() for column in rows.columns), strict=True
            ):
                seen[account_id or _handle_key(handle)][captured_at] = status
    return seen


def _whole_runs(lake: Lake) -> list[tuple[datetime, frozenset[str]]]:
    """When a run of the X source came to its end, and the accounts whose posts it could not read all the same."""
    return [
        (datetime.fromisoformat(commit.committed_at), frozenset(commit.found.get("unread", ())))
        for commit in lake.commits()
        if commit.source == NAME and "request_count" in commit.found and not commit.found.get("partial_reason")
    ]


def _last_reading(
    account_id: str | None, snapshots: Mapping[datetime, str], runs: Iterable[tuple[datetime, frozenset[str]]]
) -> datetime | None:
    """End of the last whole run that read the account: one with a snapshot of it on the day before its end.

    A quiet account's bookmark stays as it was, however often nothing new is found.
    """
    return max(
        (end for end, unread in runs if account_id not in unread and any(end - DAY <= at <= end for at in snapshots)),
        default=None,
    )


def _snapshot_gaps(name: str, days: set[date], today: date) -> Iterator[Gap]:
    """Days between two snapshots, and up to yesterday: today can still be captured."""
    for before, after in pairwise(sorted({*days, today} if days else ())):
        if after - before > DAY:
            remedy = "follower counts of past days cannot be read: they stay missing and are shown as missing"
            yield Gap(name, "snapshots", before + DAY, after - DAY, is_recoverable=False, remedy=remedy)


def _post_gaps(
    name: str, bookmark: Any, read_at: datetime | None, status: str, now: datetime, backfill_days: int
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
