"""The parts of an AppView's answers that a run needs at once, as structs with every field optional.

Field names are the lexicon's, which a test compares. Counts and parts that a post can do without stay untyped here: one
odd value must cost a value, never a post. What a post says is read when it is committed: see `post_structs`.
"""

from typing import Any, TypeVar

import msgspec

REPOST, PIN = "app.bsky.feed.defs#reasonRepost", "app.bsky.feed.defs#reasonPin"
Part = TypeVar("Part")


class Label(msgspec.Struct, rename="camel"):
    """A mark on an account or a post; `src` is the DID that set it."""

    val: Any = None
    src: Any = None
    neg: Any = None
    exp: Any = None


class Verification(msgspec.Struct, rename="camel"):
    """Badge of an account: `valid`, `invalid` or `none` each."""

    verified_status: Any = None
    trusted_verifier_status: Any = None


class ProfileView(msgspec.Struct, rename="camel"):
    """`app.bsky.actor.defs#profileViewDetailed`."""

    did: str | None = None
    handle: Any = None
    display_name: Any = None
    description: Any = None
    website: Any = None
    created_at: Any = None
    followers_count: Any = None
    follows_count: Any = None
    posts_count: Any = None
    verification: Any = None  # Verification
    labels: Any = None  # a list of Label


class Maker(msgspec.Struct, rename="camel", gc=False):
    """Who made a post or a repost."""

    did: str | None = None


class PostView(msgspec.Struct, rename="camel", gc=False):
    """`app.bsky.feed.defs#postView`, without what the author's client wrote."""

    uri: str | None = None
    author: Maker | None = None
    indexed_at: Any = None
    like_count: Any = None
    repost_count: Any = None
    reply_count: Any = None
    quote_count: Any = None
    bookmark_count: Any = None


class Reason(msgspec.Struct, rename="camel"):
    """Why a post is in a feed: `#reasonRepost` with its maker, `#reasonPin`; none for the author's own post."""

    type: Any = msgspec.field(default=None, name="$type")
    by: Any = None  # Maker
    uri: Any = None
    indexed_at: Any = None


class FeedViewPost(msgspec.Struct, rename="camel"):
    """`app.bsky.feed.defs#feedViewPost`. `reply` is not read: the record names the parent, served or not."""

    post: PostView | None = None
    reason: Any = None  # Reason


def part_of(value: Any, kind: type[Part]) -> Part | None:
    """An untyped part of an answer as what it should be; None where it is something else."""
    try:
        return None if value is None else msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return None


class Profiles(msgspec.Struct):
    """Answer of `getProfiles`; each profile still text, so that one odd one harms no other."""

    profiles: list[msgspec.Raw]


class Feed(msgspec.Struct):
    """Answer of `getAuthorFeed`; an absent cursor is the end of the feed."""

    feed: list[msgspec.Raw]
    cursor: Any = None


class Posts(msgspec.Struct):
    """Answer of `getPosts`."""

    posts: list[msgspec.Raw]


class Resolved(msgspec.Struct):
    """Answer of `resolveHandle`."""

    did: str
