"""AppView answers to rows of accounts and issues, and to entries that wait for the commit. Pure.

Nothing here raises on odd data: what cannot be used becomes an issue, and the rest of the page lands.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from pipeline.sources.api.feeds import items
from pipeline.sources.api.feeds.items import Context, Item, Page, are_plain, missing_counts, read_objects, read_page
from pipeline.sources.api.json_values import count_of, real_time_of, text_of
from pipeline.sources.bluesky import PLATFORM
from pipeline.sources.bluesky.feed_platform import BLUESKY
from pipeline.sources.bluesky.labels import copy_of, real_handle
from pipeline.sources.bluesky.post_columns import POST_COUNTS, made_up_id
from pipeline.sources.bluesky.structs import (
    PIN,
    REPOST,
    FeedViewPost,
    Maker,
    PostView,
    ProfileView,
    Reason,
    Verification,
    part_of,
)
from pipeline.sources.lake_source import Row

ACCOUNT_COUNTS = {
    "follower_count": "followers_count",
    "following_count": "follows_count",
    "post_count": "posts_count",
}
# `bookmarkCount` came in 2025 and quotes before it; without these three a page is not what it was.
REQUIRED_POST_COUNTS = {name: POST_COUNTS[name] for name in ("like_count", "repost_count", "reply_count")}

Kind = TypeVar("Kind")


def read_items(
    texts: Iterable[msgspec.Raw], kind: type[Kind], *, endpoint: str, at: datetime
) -> tuple[list[tuple[Kind, bytes]], list[Row]]:
    """The objects of an answer, each with its text, and an issue for each that is none."""
    return read_objects(texts, kind, BLUESKY.issue, endpoint=endpoint, at=at)


def account_row(profile: ProfileView, raw: bytes, *, handle: str | None, at: datetime) -> Row:
    """Snapshot of an account; `handle` is the one last known, for a profile whose handle does not resolve."""
    verification = part_of(profile.verification, Verification)
    badge = _badge(verification.trusted_verifier_status, verification.verified_status) if verification else None
    return {
        "platform": PLATFORM,
        "captured_at": at,
        "account_id": profile.did,
        "handle": real_handle(profile.handle) or handle,
        "name": text_of(profile.display_name),
        "created_at": real_time_of(profile.created_at),
        "description": text_of(profile.description),
        "url": text_of(profile.website),
        "is_verified": None if verification is None else badge is not None,
        "verified_type": badge,
        **{column: count_of(getattr(profile, name)) for column, name in ACCOUNT_COUNTS.items()},
        "status": "active",
        "status_detail": copy_of(profile, at=at),
        "payload": text_of(raw.decode()),
    }


def read_feed(
    texts: Sequence[msgspec.Raw], *, account_id: str, handle: str | None, endpoint: str, at: datetime
) -> Page:
    """Entries of an account's own feed."""
    context = Context(at, endpoint, account_id, {account_id: handle})
    page, entries = read_page(
        texts, FeedViewPost, lambda entry, raw: _feed_item(entry, raw, context), BLUESKY.issue, context
    )
    return _with_count_issues(page, [entry.post for entry in entries if entry.post], context)


def read_posts(texts: Sequence[msgspec.Raw], *, handles: Mapping[str, str | None], endpoint: str, at: datetime) -> Page:
    """Posts that were asked for by their at-URI."""
    context = Context(at, endpoint, "", handles)

    def item_of(view: PostView, raw: bytes) -> Item:
        # As an entry of a feed, so that one struct reads both.
        return _own_item(view, b'{"post":%b}' % raw, context)

    page, views = read_page(texts, PostView, item_of, BLUESKY.issue, context)
    return _with_count_issues(page, views, context)


def _with_count_issues(page: Page, views: Sequence[PostView], context: Context) -> Page:
    if are_plain(views, POST_COUNTS.values()):
        return page
    page.issues += odd_counts(views, context.at)
    own = {item.post_id for item in page.items if item.is_own}
    counted = [view for view in views if view.uri in own]
    page.issues += missing_counts(counted, REQUIRED_POST_COUNTS, BLUESKY.issue, context)
    return page


def odd_counts(views: Iterable[PostView | ProfileView], at: datetime) -> list[Row]:
    """An issue for each item with counts that are negative or no numbers; they are taken as not reported."""
    issues = []
    for view in views:
        names = POST_COUNTS.values() if isinstance(view, PostView) else ACCOUNT_COUNTS.values()
        subject = f"post {view.uri}" if isinstance(view, PostView) else f"account {view.did}"
        issues += items.odd_counts(subject, {name: getattr(view, name) for name in names}, BLUESKY.issue, at=at)
    return issues


def _feed_item(entry: FeedViewPost, raw: bytes, context: Context) -> Item:
    view, reason = entry.post, part_of(entry.reason, Reason)
    if view is None or not view.uri:
        raise ValueError("an entry of the feed holds no post")
    if reason is not None and reason.type == REPOST:
        maker = (part_of(reason.by, Maker) or Maker()).did
        if maker not in {None, context.origin}:
            raise ValueError(f"a repost of {maker} is in the feed of {context.origin}")
        post_id = text_of(reason.uri) or made_up_id(view.uri, context.origin)
        return Item(context.origin, post_id, real_time_of(reason.indexed_at), raw, context, is_own=False)
    item = _own_item(view, raw, context)
    if item.account_id != context.origin:
        raise ValueError(f"a post of {item.account_id} is in the feed of {context.origin} and is no repost")
    return item._replace(is_pinned=True) if reason is not None and reason.type == PIN else item


def _own_item(view: PostView, raw: bytes, context: Context) -> Item:
    """A post of the account itself.

    Raises:
        ValueError: it has no author or no address.
    """
    did = view.author.did if view.author else None
    if not did or not view.uri or not view.uri.startswith("at://"):
        raise ValueError("a post has no author or no address")
    return Item(did, view.uri, real_time_of(view.indexed_at), raw, context)


def _badge(trusted_verifier: Any, verified: Any) -> str | None:
    if trusted_verifier == "valid":
        return "trusted_verifier"
    return "verified" if verified == "valid" else None
