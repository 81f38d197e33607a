"""What an API source was read, as its own rows and runs in the lake tell: the ground on which gaps are found."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from pipeline.lake import Lake
from pipeline.sources.api.source import Gap
from pipeline.sources.api.targets import Target

DAY = timedelta(days=1)


def handle_key(handle: str | None) -> str:
    """What a snapshot is found by where the platform gave no id for the handle."""
    return f"@{(handle or '').casefold()}"


def read_snapshots(lake: Lake, source: str) -> dict[str, dict[datetime, str]]:
    """Status at each reading, by account id, or by handle where the platform knows none of that name."""
    seen: dict[str, dict[datetime, str]] = defaultdict(dict)
    for commit, file in lake.files("accounts"):
        if commit.source == source:
            rows = lake.read_file(file).select(["account_id", "handle", "captured_at", "status"])
            for account_id, handle, captured_at, status in zip(
                *(column.to_pylist() for column in rows.columns), strict=True
            ):
                seen[account_id or handle_key(handle)][captured_at] = status
    return seen


def whole_runs(lake: Lake, source: str) -> list[tuple[datetime, frozenset[str]]]:
    """When a run of the source came to its end, and the accounts whose posts it could not read all the same."""
    return [
        (datetime.fromisoformat(commit.committed_at), frozenset(commit.found.get("unread", ())))
        for commit in lake.commits()
        if commit.source == source and "request_count" in commit.found and not commit.found.get("partial_reason")
    ]


def last_reading(
    account_id: str | None, snapshots: Mapping[datetime, str], runs: Iterable[tuple[datetime, frozenset[str]]]
) -> datetime | None:
    """End of the last whole run that read the account: one with a snapshot of it on the day before its end.

    A quiet account's bookmark stays as it was, however often nothing new is found.
    """
    return max(
        (end for end, unread in runs if account_id not in unread and any(end - DAY <= at <= end for at in snapshots)),
        default=None,
    )


def account_gaps(
    lake: Lake,
    source: str,
    targets: Iterable[Target],
    account_id_of: Callable[[Target, Mapping[str, Any]], str | None],
    post_gaps: Callable[[str, Any, datetime | None, str], Iterable[Gap]],
    *,
    now: datetime,
) -> list[Gap]:
    """Gaps of the watched accounts: days without a snapshot, and what `post_gaps` finds.

    Args:
        lake: the lake.
        source: whose accounts.
        targets: accounts of the registry.
        account_id_of: id of a target, given or remembered in the source's state.
        post_gaps: gaps of an account's posts, from its name, bookmark, last reading and status (empty: none is known).
        now: UTC time.
    """
    state, seen, runs = lake.state(source), read_snapshots(lake, source), whole_runs(lake, source)
    gaps: list[Gap] = []
    for target in targets:
        account_id = account_id_of(target, state)
        name = target.handle or account_id or "?"
        snapshots = seen.get(account_id or handle_key(target.handle), {})
        gaps += snapshot_gaps(name, {moment.date() for moment in snapshots if account_id}, now.date())
        status = snapshots[max(snapshots)] if snapshots else ""
        read_at = last_reading(account_id, snapshots, runs)
        gaps += post_gaps(name, state.get(f"timeline:{account_id}"), read_at, status)
    return gaps


def in_order(gaps: Iterable[Gap]) -> list[Gap]:
    """By account, kind and day."""
    return sorted(gaps, key=lambda gap: (gap.account.casefold(), gap.kind, gap.first_day))


def snapshot_gaps(name: str, days: set[date], today: date) -> Iterator[Gap]:
    """Days between two snapshots, and up to yesterday: today can still be captured."""
    for before, after in pairwise(sorted({*days, today} if days else ())):
        if after - before > DAY:
            remedy = "follower counts of past days cannot be read: they stay missing and are shown as missing"
            yield Gap(name, "snapshots", before + DAY, after - DAY, is_recoverable=False, remedy=remedy)
