"""Where a profile table keeps its values: canonical and common column spellings, and the layout made from them.

Knows names only. Mappings that a person wrote belong to `mapping`, the choice between them and these
spellings to `layout`, cells to `rows`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

# Field -> spellings, the surest first. `id` comes last: in tables of posts it is the id of the post.
SPELLINGS: dict[str, tuple[str, ...]] = {
    "platform": ("platform",),
    "account_id": ("account_id", "user_id", "author_id", "twitter_id", "user.id", "id_str", "id"),
    "handle": ("handle", "username", "screen_name", "user_name", "twitter_handle", "user.username", "user.screen_name"),
    "captured_at": (
        "captured_at",
        "snapshot_date",
        "retrieved_at",
        "__twarc.retrieved_at",
        "collected_at",
        "observed_at",
        "captured_date",
        "date",
    ),
    "follower_count": ("follower_count", "followers_count", "public_metrics.followers_count", "followers"),
    "following_count": (
        "following_count",
        "friends_count",
        "public_metrics.following_count",
        "followings",
        "friends",
        "following",
    ),
    "post_count": (
        "post_count",
        "tweet_count",
        "statuses_count",
        "public_metrics.tweet_count",
        "public_metrics.post_count",
        "posts_count",
        "tweets_count",
        "posts",
        "tweets",
    ),
    "listed_count": ("listed_count", "public_metrics.listed_count"),
    "liked_count": ("liked_count", "favourites_count", "public_metrics.like_count"),
    "media_count": ("media_count", "public_metrics.media_count"),
    "name": ("name", "display_name"),
    "created_at": ("created_at", "account_created_at"),
    "description": ("description", "bio"),
    "location": ("location",),
    "url": ("url",),
    "is_verified": ("is_verified", "verified"),
    "verified_type": ("verified_type",),
    "is_protected": ("is_protected", "protected"),
    "status": ("status",),
    "withheld": ("withheld", "withheld_countries", "withheld_in_countries", "withheld.country_codes"),
}
COUNTS = ("follower_count", "following_count", "post_count", "listed_count", "liked_count", "media_count")
# Columns of tables whose rows are posts or days: a follower column beside them describes something else.
OTHER_TABLES = {
    "text",
    "full_text",
    "tweet_text",
    "post_text",
    "tweet_id",
    "post_id",
    "conversation_id",
    "impressions",
    "engagements",
    "tweet_permalink",
    "new_follows",
}
PRIVATE = re.compile(r"e-?mail|phone|birth", re.IGNORECASE)


@dataclass(frozen=True)
class Layout:
    """Where each value stands in a table, and what is the same for all its rows."""

    dialect: str
    columns: Mapping[str, int]  # field -> position
    platform: str = "x"
    account_id: str | None = None
    handle: str | None = None
    captured_at: datetime | None = None
    date_format: str | None = None
    value: str = "follower_count"
    account_columns: Mapping[int, str] = field(default_factory=dict)  # position -> handle; wide tables only
    options: Mapping[str, str] = field(default_factory=dict)
    is_wide: bool = False


def column_key(name: str) -> str:
    """A column name for comparison: lower case, blanks and hyphens as underscores."""
    return "_".join(re.split(r"[\s-]+", name.strip().casefold()))


def find_columns(header: Sequence[str]) -> dict[str, int]:
    """Field -> position for every known spelling in a header."""
    position_of: dict[str, int] = {}
    for position, name in enumerate(header):
        position_of.setdefault(column_key(name), position)
    found = {}
    for field_name, spellings in SPELLINGS.items():
        spelled = next((name for name in spellings if name in position_of), None)
        if spelled is not None:
            found[field_name] = position_of[spelled]
    return found


def is_snapshot_header(header: Sequence[str]) -> bool:
    """True for a table of profiles: followers and an id or handle, and no columns of posts, days or contacts."""
    found = find_columns(header)
    keys = {column_key(name) for name in header}
    is_foreign = bool(keys & OTHER_TABLES) or any(PRIVATE.search(key) for key in keys)
    is_of_posts = "id" in keys and "author_id" in keys
    return "follower_count" in found and bool({"account_id", "handle"} & set(found)) and not (is_foreign or is_of_posts)
