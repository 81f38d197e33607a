"""AppView answers to rows of accounts, posts, post_metrics and issues. Pure.

Nothing here raises on odd data: what cannot be used becomes an issue, and the rest of the page lands.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from pipeline.sources.api.feeds import items
from pipeline.sources.api.feeds.items import Item, Page, missing_counts, read_objects, read_page
from pipeline.sources.api.json_values import count_of, payload_of, real_time_of, text_of
from pipeline.sources.bluesky import PLATFORM
from pipeline.sources.bluesky.feed_platform import BLUESKY
from pipeline.sources.bluesky.records import (
    created_at,
    fields_of,
    hashtags,
    link_urls,
    list_of,
    media_types,
    mentioned_handles,
    reference_of,
)
from pipeline.sources.bluesky.structs import FeedViewPost, Label, PostView, ProfileView, Reason, Verification, part_of
from pipeline.sources.lake_source import Row

NO_HANDLE = "handle.invalid"
HIDDEN = "!no-unauthenticated"
REPOST, PIN = "app.bsky.feed.defs#reasonRepost", "app.bsky.feed.defs#reasonPin"
ACCOUNT_COUNTS = {
    "follower_count": "followers_count",
    "following_count": "follows_count",
    "post_count": "posts_count",
}
POST_COUNTS = {
    "like_count": "like_count",
    "repost_count": "repost_count",
    "reply_count": "reply_count",
    "quote_count": "quote_count",
    "bookmark_count": "bookmark_count",
}
# `bookmarkCount` came in 2025 and quotes before it; without these three a page is not what it was.
REQUIRED_POST_COUNTS = ("like_count", "repost_count", "reply_count")

Kind = TypeVar("Kind")


def read_items(
    texts: Iterable[msgspec.Raw], kind: type[Kind], *, endpoint: str, at: datetime
) -> tuple[list[tuple[Kind, bytes]], list[Row]]:
    """The objects of an answer, each with its text, and an issue for each that is none."""
    return read_objects(texts, kind, BLUESKY.issue, endpoint=endpoint, at=at)


def is_hidden(profile: ProfileView, *, at: datetime) -> bool:
    """True where the account asks, by a label on itself, not to be shown to readers without a login."""
    labels = (part_of(label, Label) for label in list_of(profile.labels))
    return any(_hides(label, profile.did, at) for label in labels if label)


def real_handle(handle: Any) -> str | None:
    """The handle, or None for the mark of one that does not resolve now."""
    text = text_of(handle)
    return None if not text or text.casefold() == NO_HANDLE else text


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
        "payload": text_of(raw.decode()),
    }


def read_feed(
    texts: Sequence[msgspec.Raw], *, account_id: str, handle: str | None, endpoint: str, at: datetime
) -> Page:
    """Entries of an account's own feed."""
    page, entries = read_page(
        texts,
        FeedViewPost,
        lambda entry: _feed_item(entry, account_id, handle, at),
        BLUESKY.issue,
        endpoint=endpoint,
        at=at,
    )
    return _with_count_issues(page, [entry.post for entry in entries if entry.post], endpoint, at)


def read_posts(texts: Sequence[msgspec.Raw], *, handles: Mapping[str, str | None], endpoint: str, at: datetime) -> Page:
    """Posts that were asked for by their at-URI."""

    def item_of(view: PostView) -> Item:
        account_id = _author_id(view)
        return _own_item(view, account_id, handles.get(account_id), at, is_pinned=False)

    page, views = read_page(texts, PostView, item_of, BLUESKY.issue, endpoint=endpoint, at=at)
    return _with_count_issues(page, views, endpoint, at)


def _with_count_issues(page: Page, views: Sequence[PostView], endpoint: str, at: datetime) -> Page:
    metrics = [item.metrics for item in page.items if item.metrics]
    page.issues += odd_counts(views, at)
    page.issues += missing_counts(metrics, REQUIRED_POST_COUNTS, BLUESKY.issue, endpoint=endpoint, at=at)
    return page


def odd_counts(views: Iterable[PostView | ProfileView], at: datetime) -> list[Row]:
    """An issue for each item with counts that are negative or no numbers; they are taken as not reported."""
    issues = []
    for view in views:
        names = POST_COUNTS.values() if isinstance(view, PostView) else ACCOUNT_COUNTS.values()
        subject = f"post {view.uri}" if isinstance(view, PostView) else f"account {view.did}"
        issues += items.odd_counts(subject, {name: getattr(view, name) for name in names}, BLUESKY.issue, at=at)
    return issues


def _feed_item(entry: FeedViewPost, account_id: str, handle: str | None, at: datetime) -> Item:
    view, reason = entry.post, part_of(entry.reason, Reason)
    if view is None or not view.uri:
        raise ValueError("an entry of the feed holds no post")
    if reason is not None and reason.type == REPOST:
        return _repost_item(view, reason, account_id, handle, at)
    author = _author_id(view)
    if author != account_id:
        raise ValueError(f"a post of {author} is in the feed of {account_id} and is no repost")
    return _own_item(view, account_id, handle, at, is_pinned=reason is not None and reason.type == PIN)


def _repost_item(view: PostView, reason: Reason, account_id: str, handle: str | None, at: datetime) -> Item:
    """A repost: its reactions belong to the author of the post, so it has no metrics."""
    by = part_of(reason.by, ProfileView) or ProfileView()
    maker = by.did
    if maker not in {None, account_id}:
        raise ValueError(f"a repost of {maker} is in the feed of {account_id}")
    author = view.author or ProfileView()
    # Whoever asks not to be shown is not shown by way of a repost either.
    record = {} if is_hidden(author, at=at) else fields_of(view.record)
    # Answers before 2025 do not name the reposting record; an account has one repost of a post at a time.
    origin, _, record_key = str(view.uri).removeprefix("at://").partition("/app.bsky.feed.post/")
    post_id = text_of(reason.uri) or f"at://{account_id}/app.bsky.feed.repost/of:{origin}:{record_key}"
    moment = real_time_of(reason.indexed_at)
    post = {
        **_post_row(post_id, account_id, real_handle(by.handle) or handle, record, at),
        "created_at": moment,
        "post_kind": "repost",
        "conversation_id": None,
        "in_reply_to_account_id": None,
        "referenced_post_id": text_of(view.uri),
        "payload": payload_of({"reason": {"uri": reason.uri, "indexedAt": reason.indexed_at}, "uri": view.uri}),
    }
    return Item(post, None, moment, is_pinned=False)


def _own_item(view: PostView, account_id: str, handle: str | None, at: datetime, *, is_pinned: bool) -> Item:
    uri, author = text_of(view.uri) or "", view.author or ProfileView()
    shown = real_handle(author.handle) or handle
    record = fields_of(view.record)
    reference = reference_of(record, uri, {account_id, *filter(None, (text_of(author.handle), handle))})
    post = {
        **_post_row(uri, account_id, shown, record, at),
        "created_at": created_at(record, view.indexed_at, uri),
        "indexed_at": real_time_of(view.indexed_at),
        "post_kind": reference.kind if record else "unknown",
        "conversation_id": reference.conversation_id,
        "in_reply_to_account_id": reference.in_reply_to_account_id,
        "referenced_post_id": reference.referenced_post_id,
        "payload": payload_of(_kept(view)),
    }
    counts = {column: count_of(getattr(view, name)) for column, name in POST_COUNTS.items()}
    metrics = {
        "platform": PLATFORM,
        "captured_at": at,
        "account_id": account_id,
        "handle": shown,
        "post_id": uri,
        "metric_scope": "public",
        **counts,
        "payload": payload_of(counts),
    }
    return Item(post, metrics, real_time_of(view.indexed_at), is_pinned)


def _post_row(post_id: str, account_id: str, handle: str | None, record: Mapping[str, Any], at: datetime) -> Row:
    return {
        "platform": PLATFORM,
        "captured_at": at,
        "account_id": account_id,
        "handle": handle,
        "post_id": post_id,
        "text": text_of(record.get("text")),
        "lang": next((text for lang in list_of(record.get("langs")) if (text := text_of(lang))), None),
        "link_urls": link_urls(record),
        "hashtags": hashtags(record),
        "mentioned_handles": mentioned_handles(record),
        "media_types": media_types(record),
        "availability": "available",
    }


def _kept(view: PostView) -> dict[str, Any]:
    """The post as it was served, without the posts of others that came with it."""
    author = view.author or ProfileView()
    return {
        "uri": view.uri,
        "cid": view.cid,
        "author": {"did": author.did, "handle": author.handle},
        "record": view.record,
        "indexedAt": view.indexed_at,
        "labels": view.labels,
        **{name: getattr(view, attribute) for attribute, name in _COUNT_NAMES.items()},
    }


_COUNT_NAMES = {
    each.name: each.encode_name for each in msgspec.structs.fields(PostView) if each.name in POST_COUNTS.values()
}


def _author_id(view: PostView) -> str:
    """DID of the author.

    Raises:
        ValueError: there is none, or the post's address belongs to another account.
    """
    did = text_of(view.author.did) if view.author else None
    if not did or not view.uri or not view.uri.startswith("at://"):
        raise ValueError("a post has no author or no address")
    return did


def _hides(label: Label, did: str | None, at: datetime) -> bool:
    expires = real_time_of(label.exp)
    is_own = label.src in (None, did)
    return label.val == HIDDEN and is_own and label.neg is not True and not (expires and expires <= at)


def _badge(trusted_verifier: Any, verified: Any) -> str | None:
    if trusted_verifier == "valid":
        return "trusted_verifier"
    return "verified" if verified == "valid" else None
