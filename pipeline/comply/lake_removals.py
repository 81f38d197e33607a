"""What the lake itself knows to be taken back: posts and accounts whose newest reading says that they are gone.

Every run reads posts again at fixed ages and every account daily, so most removals are known here without a request.
"""

from collections.abc import Set
from datetime import datetime

from pipeline import sources
from pipeline.comply.request import Wanted
from pipeline.lake import Lake

# How a reading says it, and the reason that the receipt gives.
POST_REASONS = {"removed": "deleted", "withheld": "withheld", "unknown": "protected"}
ACCOUNT_REASONS = {
    "suspended": "suspended",
    "deactivated": "deactivated",
    "not_found": "not_found",
    "protected": "protected",
    "withheld": "withheld",
}
Latest = dict[str, tuple[datetime, str]]


def known_removals(lake: Lake) -> Wanted:
    """Posts and accounts of which a platform last said that they are removed, withheld or not public any more."""
    asked = {source.NAME for source in sources.API_SOURCES}
    posts = _latest(lake, asked, "posts", "post_id", "availability")
    accounts = _latest(lake, asked, "accounts", "account_id", "status")
    return Wanted(
        {key: POST_REASONS[state] for key, (_, state) in posts.items() if state in POST_REASONS},
        {key: ACCOUNT_REASONS[state] for key, (_, state) in accounts.items() if state in ACCOUNT_REASONS},
    )


def served_posts(lake: Lake, source: str) -> list[str]:
    """Posts of one API source whose newest reading says that they are public, newest first."""
    posts = _latest(lake, {source}, "posts", "post_id", "availability")
    served = [key for key, (_, state) in posts.items() if state == "available"]
    # What stands after the last slash grows with time, in length first, on every platform; X's ids are that alone.
    return sorted(served, key=lambda key: (len(tail := key.rpartition("/")[2]), tail), reverse=True)


def stored_accounts(lake: Lake, source: str) -> list[str]:
    """Accounts that one API source has read."""
    return sorted(_latest(lake, {source}, "accounts", "account_id", "status"))


def _latest(lake: Lake, asked: Set[str], table: str, key: str, state: str) -> Latest:
    """The newest reading of each id that says anything of its state."""
    latest: Latest = {}
    for commit, file in lake.files(table):
        if commit.source not in asked:  # an export says nothing of what the platform shows today
            continue
        rows = lake.read_file(file).select([key, "captured_at", state])
        for name, captured_at, value in zip(*(column.to_pylist() for column in rows.columns), strict=True):
            if name and value and (name not in latest or latest[name][0] <= captured_at):
                latest[name] = (captured_at, value)
    return latest
