"""Bluesky as the reading of feeds sees it. Pure."""

from pipeline.sources.api.feeds.bookmarks import Bookmark, Window
from pipeline.sources.api.feeds.session import FeedPlatform
from pipeline.sources.api.outcomes import Outcome
from pipeline.sources.bluesky import NAME, PLATFORM, PLATFORM_NAME
from pipeline.sources.bluesky.dialect import is_bad_cursor
from pipeline.sources.bluesky.post_columns import convert
from pipeline.sources.files.handles import DID

BATCH = 25  # of getProfiles and getPosts


def _find_lacking(_bookmark: Bookmark, window: Window, post_count: int | None) -> str | None:
    if post_count is None or window.post_count >= post_count:
        return None
    return f"the profile counts {post_count}; older posts may be missing, or the count holds deleted posts"


BLUESKY = FeedPlatform(
    source=NAME,
    platform=PLATFORM,
    platform_name=PLATFORM_NAME,
    account_id=DID,
    # The profile counts posts without reposts, and a feed that ended by itself holds all of them.
    is_counted=lambda item: item.is_own,
    find_lacking=_find_lacking,
    is_bad_cursor=is_bad_cursor,
    convert=convert,
    batch_size=BATCH,
    next_steps={
        Outcome.BAD_REQUEST: "check the handle or DID in accounts.csv, then run: tweetbench run --only bluesky",
        Outcome.BLOCKED: "nothing to do: nothing is said of the account; if it stays, set "
        "TWEETBENCH_BLUESKY_API_BASE_URL to https://api.bsky.app",
    },
    not_served={
        "not_found": "Bluesky knows no such account: check it in accounts.csv",
        "suspended": "Bluesky shows no posts of a suspended account; they are available once it is back",
        "deactivated": "Bluesky shows no posts of a deactivated account; they are available once it is back",
    },
)
