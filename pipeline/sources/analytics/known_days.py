"""Days of an account that the lake holds already, against those of an export that names no account.

The figures of a past day do not fall, nor do they double. An export of another brand shows by days that do. Reading
the lake belongs to `ingest`.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from pipeline.errors import TweetbenchError
from pipeline.sources.files.protocol import Reading

FEWEST_DAYS = 3
FRESH_DAYS = 2  # the last days of an export are not over, or still counted
MOST_GROWTH = 2  # times what was known, and a few more, since small figures double easily
FEW = 20


def refuse_other_account(reading: Reading, known: Iterable[Mapping[str, Any]], *, file_name: str) -> tuple[str, ...]:
    """Compare the days of an export whose account was taken for granted with those that are known of it.

    Args:
        reading: of an export by day.
        known: earlier rows of `account_daily` of the same source and account, any order.
        file_name: shown in messages.

    Returns:
        A note where a few days differ.

    Raises:
        TweetbenchError: most days that are known have other figures now.
    """
    newest = _newest(known)
    rows = [row for row in reading.tables["account_daily"] if row["date"] in newest]
    compared = [(row, newest[row["date"]]) for row in rows if _count(row) is not None]
    lowered = [new for new, old in compared if _count(new) < _count(old)]
    raised = [new for new, old in compared if _is_settled(old) and _count(new) > MOST_GROWTH * _count(old) + FEW]
    if 2 * (len(lowered) + len(raised)) <= len(compared):
        return ()
    first = min([*lowered, *raised], key=lambda row: row["date"])
    what = (
        f"{len(lowered):,} of {len(compared):,} days that are known of @{reading.account} have fewer impressions in "
        f"this file, {len(raised):,} more than twice as many, e.g. {first['date']}: {_count(first):,} instead of "
        f"{_count(newest[first['date']]):,}"
    )
    if len(compared) < FEWEST_DAYS:
        return (f"{what}: is this the export of @{reading.account}?",)
    raise TweetbenchError(
        f"this does not look like an export of @{reading.account}",
        where=file_name,
        why=f"the file names no account, and the figures of a past day do not fall; {what}",
        next_step="give the account it belongs to: tweetbench ingest FILE --account HANDLE",
    )


def _newest(known: Iterable[Mapping[str, Any]]) -> dict[date, Mapping[str, Any]]:
    """The latest row of each day that has impressions, with the end of its export."""
    newest: dict[date, Mapping[str, Any]] = {}
    for row in known:
        earlier = newest.get(row["date"])
        if row["impression_count"] is not None and (earlier is None or row["captured_at"] >= earlier["captured_at"]):
            newest[row["date"]] = row
    return newest


def _is_settled(row: Mapping[str, Any]) -> bool:
    end: date = row["period_end_date"] or row["date"]
    return bool(row["date"] <= end - timedelta(days=FRESH_DAYS))


def _count(row: Mapping[str, Any]) -> Any:
    return row.get("impression_count")
