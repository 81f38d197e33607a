"""Handles under which the lake knows an account, earlier ones included: exports name accounts by nothing else.

What becomes of the rows that bear them belongs to `tombstones`.
"""

from collections.abc import Collection, Iterator
from datetime import datetime

from pipeline.errors import TweetbenchError
from pipeline.lake import Lake
from pipeline.schemas import TABLES

# The marts ask the same tables which account a handle means (int_account_identities).
_TOLD_BY = ("account_registry", "accounts", "handle_changes", "posts")
_COLUMNS = ("handle", "previous_handle")


def handles_of(lake: Lake, accounts: Collection[str]) -> tuple[dict[str, set[str]], int]:
    """Handles of these accounts, casefolded, and how many of theirs another account was seen under more recently.

    Those are left out: a row that bears one without an id may be the other's.
    """
    seen: dict[str, tuple[datetime, str]] = {}
    borne: dict[str, set[str]] = {account: set() for account in accounts}
    for handle, account, at in _sightings(lake) if accounts else ():
        if account in borne:
            borne[account].add(handle)
        if handle not in seen or seen[handle][0] <= at:
            seen[handle] = (at, account)
    mine = {account: {name for name in names if seen[name][1] in borne} for account, names in borne.items()}
    lost = {name for names in borne.values() for name in names} - {name for names in mine.values() for name in names}
    return mine, len(lost)


def _sightings(lake: Lake) -> Iterator[tuple[str, str, datetime]]:
    for table in _TOLD_BY:
        names = [name for name in _COLUMNS if name in TABLES[table].names]
        for _, file in lake.files(table):
            try:
                rows = lake.read_file(file).select(["platform", "account_id", "captured_at", *names])
            except TweetbenchError:
                continue  # the receipt names damaged files
            for row in (
                rows.group_by(["platform", "account_id", *names]).aggregate([("captured_at", "max")]).to_pylist()
            ):
                if row["platform"] == "x" and row["account_id"]:
                    yield from (
                        (row[name].casefold(), row["account_id"], row["captured_at_max"]) for name in names if row[name]
                    )
