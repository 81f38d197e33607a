"""Answers of Mastodon's API to rows of accounts, and to statuses that wait for the commit. Pure.

A record is any JSON object: servers of other make leave fields out and add their own.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from pipeline.sources.api.feeds import items
from pipeline.sources.api.feeds.items import Context, Item, Page, are_plain, missing_counts, read_page
from pipeline.sources.api.json_text import unescaped
from pipeline.sources.api.json_values import Record, count_of, fields_of, objects_in, payload_of, real_time_of, text_of
from pipeline.sources.lake_source import Row
from pipeline.sources.mastodon import PLATFORM
from pipeline.sources.mastodon.content import read_content
from pipeline.sources.mastodon.feed_platform import MASTODON
from pipeline.sources.mastodon.makers import mark_of, read_maker, without_profile
from pipeline.sources.mastodon.names import is_remote, joined, local_id_of
from pipeline.sources.mastodon.post_columns import POST_COUNTS
from pipeline.sources.mastodon.structs import Head, Maker

ACCOUNT_COUNTS = {
    "follower_count": "followers_count",
    "following_count": "following_count",
    "post_count": "statuses_count",
}
# What Pleroma and Akkoma say of counts that they give as 0 because the account hides them.
HIDING = {"follower_count": "hide_followers_count", "following_count": "hide_follows_count"}
HIDDEN = -1  # what glitch-soc gives for such a count
# Quotes came with Mastodon 4.5.
REQUIRED_POST_COUNTS = {name: POST_COUNTS[name] for name in ("like_count", "repost_count", "reply_count")}
NO_AUTHOR = "a status has no id, or no author"
SHOWN_TO_ALL = {"public", "unlisted", "public_unlisted", None}  # the third is kmyblue's


def account_row(record: Record, *, account_id: str, handle: str | None, at: datetime) -> Row:
    """Snapshot of an account that its home server shows."""
    verified = (field for field in objects_in(record.get("fields")) if field.get("verified_at"))
    links = [link for field in verified for link in _links_of(field)]
    moved = fields_of(record.get("moved"))
    target = next(filter(None, (text_of(moved.get(name)) for name in ("acct", "url", "uri"))), "another account")
    marks = [f"moved to {target}"] if moved else []
    marks += [name for name in ("limited", "memorial") if record.get(name) is True]
    return {
        "platform": PLATFORM,
        "captured_at": at,
        "account_id": account_id,
        "handle": handle,
        "name": text_of(record.get("display_name")),
        "created_at": real_time_of(record.get("created_at")),
        "description": text_of(read_content(text_of(record.get("note")) or "").text),
        "url": text_of(links[0]) if links else None,
        **account_counts(record),
        "status": "moved" if moved else "active",
        "status_detail": text_of(", ".join(marks)) or None,
        "payload": payload_of({**record, "moved": moved.get("url")} if moved else record),
    }


def account_counts(record: Record) -> dict[str, int | None]:
    """Counts by column; None for one that the account hides."""
    own = fields_of(record.get("pleroma"))
    counts = {column: count_of(record.get(name)) for column, name in ACCOUNT_COUNTS.items()}
    return {column: None if own.get(HIDING.get(column, "")) is True else count for column, count in counts.items()}


def odd_account_counts(record: Record, subject: str, at: datetime) -> list[Row]:
    """An issue where counts are none; a hidden one is not reported, which is its meaning."""
    given = {name: record.get(name) for name in ACCOUNT_COUNTS.values() if record.get(name) != HIDDEN}
    return items.odd_counts(subject, given, MASTODON.issue, at=at)


def read_statuses(
    texts: Sequence[msgspec.Raw],
    *,
    host: str,
    handles: Mapping[str, str],
    endpoint: str,
    at: datetime,
    account_id: str | None = None,
) -> Page:
    """Statuses of an answer of `host`; with `account_id` those of its feed, and nobody else's."""
    context = Context(at, endpoint, host, handles)
    last, known = b"", ("", b"")

    def item_of(head: Head, raw: bytes) -> Item:
        local_id = local_id_of(head.id)
        if local_id is None:
            raise ValueError(NO_AUTHOR)
        nonlocal last, known
        account = bytes(head.account)
        if account != last:  # all statuses of a feed have the same, which is judged once
            known = _owner_of(read_maker(account), context, account_id), mark_of(account)
            last = account
        made_by, mark = known
        if head.visibility not in SHOWN_TO_ALL:
            raise ValueError(f"a status is not for everybody ({head.visibility}): it is not kept")
        text = without_profile(raw, account, mark)
        return Item(made_by, f"{host}/{local_id}", real_time_of(head.created_at), text, context, not head.is_boost)

    page, heads = read_page(unescaped(texts), Head, item_of, MASTODON.issue, context)
    if are_plain(heads, POST_COUNTS.values()):
        return page
    own = [head for head in heads if not head.is_boost]
    for head in own:
        given = {name: getattr(head, name) for name in POST_COUNTS.values()}
        page.issues += items.odd_counts(f"post {joined(host, str(head.id))}", given, MASTODON.issue, at=at)
    counted = {item.post_id for item in page.items}
    own = [head for head in own if joined(host, local_id_of(head.id) or "") in counted]
    page.issues += missing_counts(own, REQUIRED_POST_COUNTS, MASTODON.issue, context)
    return page


def _owner_of(maker: Maker, context: Context, account_id: str | None) -> str:
    """Id of the account that made a status.

    Raises:
        ValueError: it is not an account of this server, or not the one whose feed is read.
    """
    host = context.origin
    author = local_id_of(maker.id)
    if author is None:
        raise ValueError(NO_AUTHOR)
    made_by = joined(host, author)
    if account_id not in {None, made_by}:
        raise ValueError(f"a status of {made_by} is in the feed of {account_id}")
    handle = context.handles.get(made_by)
    domain = handle.partition("@")[2] if handle else host
    if is_remote(maker.acct, host, domain):
        raise ValueError(f"a status of {maker.acct} is another server's: {host} holds a copy only")
    return made_by


def _links_of(field: Record) -> Iterable[str]:
    value = text_of(field.get("value")) or ""
    return read_content(value).links or [word for word in value.split() if word.startswith("https://")]
