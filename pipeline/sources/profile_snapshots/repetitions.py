"""Which lines of a profile table are the same snapshot, and what it means if they contradict one another."""

import json
from datetime import datetime

from pipeline.errors import TweetbenchError
from pipeline.sources.files.issue_list import IssueList
from pipeline.sources.files.profile_columns import Layout
from pipeline.sources.profile_snapshots.lines import Snapshot

FARTHEST_APART = 1.2  # two readings of one account on one day differ by a few per cent at most
Key = tuple[tuple[str, str], datetime]


def once_each(found: list[Snapshot], layout: Layout, issues: IssueList) -> tuple[list[Snapshot], int]:
    """One snapshot per account and time, the last in the file; and how many identical repetitions there were.

    Raises:
        TweetbenchError: most of them contradict one another: the account or the day of each line was not read.
    """
    kept: dict[Key, Snapshot] = {}
    other_levels: set[Key] = set()
    other_accounts: set[Key] = set()
    identical = 0
    for snapshot in found:
        key = (snapshot.account.key, snapshot.row["captured_at"])
        earlier, kept[key] = kept.get(key), snapshot
        if earlier is None:
            continue
        differing = [name for name, value in snapshot.row.items() if name != "payload" and earlier.row[name] != value]
        if not differing:
            identical += 1
            continue
        if "follower_count" in differing:
            other_levels.add(key)
        if _are_of_two(earlier, snapshot):
            other_accounts.add(key)
        changes = ", ".join(f"{name} {earlier.row[name]!r} there, {snapshot.row[name]!r} here" for name in differing)
        issues.add(
            f"line {earlier.line}",
            "contradicting_lines",
            f"line {snapshot.line} says otherwise about the same account and time and is used instead: {changes}",
            "keep the right one of the two lines, then ingest the file again",
            json.loads(earlier.row["payload"]),
        )
    if "captured_at" not in layout.columns and len(other_levels) * 2 > len(kept):
        raise _without_days(len(other_levels), len(kept), issues.file_name)
    account = layout.handle or layout.account_id
    is_told = account and not {"handle", "account_id"} & set(layout.columns)
    if is_told and len(other_accounts) * 2 > len(kept):
        raise _of_several_accounts(str(account), len(other_accounts), len(kept), issues.file_name)
    return list(kept.values()), identical


def _are_of_two(one: Snapshot, other: Snapshot) -> bool:
    """True if two follower counts of one time are too far apart to be two readings of one account."""
    counts = [each.row.get("follower_count") or 0 for each in (one, other)]
    return max(counts) > FARTHEST_APART * min(counts)


def _without_days(contradicted: int, accounts: int, file_name: str) -> TweetbenchError:
    return TweetbenchError(
        "the file has several lines for one account, and no day that distinguishes them",
        where=file_name,
        why=f"{contradicted} of {accounts} accounts have lines with different counts, and all lines are of one day",
        next_step="name the column with the day in a mapping (columns: {captured_at: COLUMN}), or keep one line per "
        "account; then run: tweetbench ingest FILE",
    )


def _of_several_accounts(account: str, contradicted: int, times: int, file_name: str) -> TweetbenchError:
    return TweetbenchError(
        f"the file says different things about @{account} at the same time",
        where=file_name,
        why=f"{contradicted} of {times} times have several lines with different counts, so the file holds several "
        "accounts and none of its columns is read as their handle",
        next_step="name the column with the accounts in a mapping (columns: {handle: COLUMN}), or remove the lines of "
        "the other accounts; then run: tweetbench ingest FILE",
    )
