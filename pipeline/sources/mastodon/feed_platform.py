"""Mastodon as the reading of feeds sees it. Pure."""

from pipeline.sources.api.feeds.bookmarks import Bookmark, Window
from pipeline.sources.api.feeds.session import FeedPlatform
from pipeline.sources.api.json_values import time_of
from pipeline.sources.api.outcomes import Outcome
from pipeline.sources.mastodon import NAME, PLATFORM, PLATFORM_NAME
from pipeline.sources.mastodon.names import ACCOUNT_ID, split
from pipeline.sources.mastodon.post_columns import convert

BATCH, PROFILES = 20, 40  # of statuses?id[]= and of accounts?id[]=


def _find_lacking(bookmark: Bookmark, window: Window, _post_count: int | None) -> str | None:
    """What a feed lacks that ended before posts which an earlier run has read.

    The count of the profile says nothing here: it holds the posts for followers only, which nobody else is shown.
    """
    high, low = time_of(bookmark.high), time_of(window.low)
    if high is None or (low is not None and low <= high):
        return None
    return f"posts up to {bookmark.high} were read before; those between may be missing, or all older ones are deleted"


MASTODON = FeedPlatform(
    source=NAME,
    platform=PLATFORM,
    platform_name=PLATFORM_NAME,
    account_id=ACCOUNT_ID,
    is_counted=lambda _item: True,  # the profile counts boosts too
    find_lacking=_find_lacking,
    convert=convert,
    is_bad_cursor=lambda _said: False,  # a post's id stays good
    batch_size=BATCH,
    group_of=lambda post_id: split(post_id)[0],
    next_steps={
        Outcome.MISSING: "check the handle in accounts.csv",
        Outcome.UNAUTHORISED: "the server answers only its own users: take the account out of accounts.csv, or load "
        "its counts from a table: tweetbench ingest FILE --as profile_snapshots",
        Outcome.FORBIDDEN: "take the account out of accounts.csv, or ask the server's administrators",
        Outcome.BAD_REQUEST: "the server does not speak Mastodon's API (Misskey and its kin do not): take the account "
        "out of accounts.csv",
        Outcome.REDIRECTED: "check the handle: the account may live at that address",
        Outcome.TRANSIENT: "nothing to do: the next run tries again; if it stays, check the server in accounts.csv",
        Outcome.BLOCKED: "nothing to do: nothing is said of the account, and the next run asks again",
    },
    not_served={
        "not_found": "the server knows no such account: check it in accounts.csv",
        "suspended": "the server shows no posts of a suspended account; they are available once it is back",
        "unknown": "the server shows its accounts only to its own users",
    },
)
