"""Answers of Mastodon's API to rows of accounts, posts and post_metrics. Pure.

A record is any JSON object: servers of other make leave fields out and add their own.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from pipeline.sources.api.feeds import items
from pipeline.sources.api.feeds.items import Item, Page, missing_counts, read_page
from pipeline.sources.api.json_values import Record, count_of, payload_of, real_time_of, text_of, texts_of
from pipeline.sources.lake_source import Row
from pipeline.sources.mastodon import PLATFORM
from pipeline.sources.mastodon.content import read_content
from pipeline.sources.mastodon.feed_platform import MASTODON
from pipeline.sources.mastodon.names import is_remote, joined, local_id_of

ACCOUNT_COUNTS = {
    "follower_count": "followers_count",
    "following_count": "following_count",
    "post_count": "statuses_count",
}
# What Pleroma and Akkoma say of counts that they give as 0 because the account hides them.
HIDING = {"follower_count": "hide_followers_count", "following_count": "hide_follows_count"}
HIDDEN = -1  # what glitch-soc gives for such a count
POST_COUNTS = {
    "like_count": "favourites_count",
    "repost_count": "reblogs_count",
    "reply_count": "replies_count",
    "quote_count": "quotes_count",
}
# Quotes came with Mastodon 4.5.
REQUIRED_POST_COUNTS = ("like_count", "repost_count", "reply_count")
MEDIA_TYPES = {"image": "photo", "video": "video", "gifv": "animated_gif", "audio": "audio"}
SHOWN_TO_ALL = {"public", "unlisted", None}


def fields_of(value: Any) -> Record:
    """The value if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def objects_in(value: Any) -> list[Record]:
    """The JSON objects of a list; empty where the value is none."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def account_row(record: Record, *, account_id: str, handle: str | None, at: datetime) -> Row:
    """Snapshot of an account that its home server shows."""
    verified = (field for field in objects_in(record.get("fields")) if field.get("verified_at"))
    links = [link for field in verified for link in _links_of(field)]
    moved = fields_of(record.get("moved"))
    marks = [f"moved to {moved.get('acct')}"] if moved else []
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
    page, records = read_page(
        texts,
        dict,
        lambda record: _item(record, host, account_id, handles, at),
        MASTODON.issue,
        endpoint=endpoint,
        at=at,
    )
    for record in records:
        given = {name: record.get(name) for name in POST_COUNTS.values()}
        subject = f"post {joined(host, str(record.get('id')))}"
        page.issues += [] if record.get("reblog") else items.odd_counts(subject, given, MASTODON.issue, at=at)
    metrics = [item.metrics for item in page.items if item.metrics]
    page.issues += missing_counts(metrics, REQUIRED_POST_COUNTS, MASTODON.issue, endpoint=endpoint, at=at)
    return page


def _item(record: Record, host: str, account_id: str | None, handles: Mapping[str, str], at: datetime) -> Item:
    account = fields_of(record.get("account"))
    local_id, author = local_id_of(record.get("id")), local_id_of(account.get("id"))
    if local_id is None or author is None:
        raise ValueError("a status has no id, or no author")
    maker = joined(host, author)
    if account_id not in {None, maker}:
        raise ValueError(f"a status of {maker} is in the feed of {account_id}")
    handle = handles.get(maker)
    domain = handle.partition("@")[2] if handle else host
    if is_remote(account.get("acct"), host, domain):
        raise ValueError(f"a status of {account.get('acct')} is another server's: {host} holds a copy only")
    if record.get("visibility") not in SHOWN_TO_ALL:
        raise ValueError(f"a status is not for everybody ({record.get('visibility')}): it is not kept")
    return _own_item(record, joined(host, local_id), maker, handle, host, domain, at)


def _own_item(
    record: Record, post_id: str, maker: str, handle: str | None, host: str, domain: str, at: datetime
) -> Item:
    boosted = fields_of(record.get("reblog"))
    shown = boosted or record
    # Whoever asks not to be found is not shown by way of a boost either.
    is_hidden = bool(boosted) and fields_of(boosted.get("account")).get("noindex") is True
    kind, referenced, answered = _reference(record, maker, host)
    moment = real_time_of(record.get("created_at"))
    common = {"platform": PLATFORM, "captured_at": at, "account_id": maker, "handle": handle, "post_id": post_id}
    post = {
        **common,
        **_words({} if is_hidden else shown, domain),
        "created_at": moment,
        "post_kind": kind,
        "in_reply_to_account_id": answered,
        "referenced_post_id": referenced,
        "availability": "available",
        "payload": payload_of(_kept(record)),
    }
    if boosted:  # its reactions belong to the author of the post
        return Item(post, None, moment)
    counts = {column: count_of(record.get(name)) for column, name in POST_COUNTS.items()}
    return Item(post, {**common, "metric_scope": "public", **counts, "payload": payload_of(counts)}, moment)


def _reference(record: Record, maker: str, host: str) -> tuple[str, str | None, str | None]:
    """Kind of a status, the post and the account that it refers to; a reply that quotes is a reply."""

    def here(value: Any) -> str | None:
        local_id = local_id_of(value)
        return joined(host, local_id) if local_id else None

    if boosted := fields_of(record.get("reblog")):
        return "repost", here(boosted.get("id")), None
    answered = here(record.get("in_reply_to_account_id"))
    if answered or record.get("in_reply_to_id"):
        return "self_reply" if answered == maker else "reply", here(record.get("in_reply_to_id")), answered
    own = fields_of(record.get("pleroma"))
    quote = fields_of(record.get("quote"))
    inner = fields_of(quote.get("quoted_status")) or quote
    quoted = inner.get("quoted_status_id") or inner.get("id") or record.get("quote_id") or own.get("quote_id")
    return ("quote" if quote or quoted else "original"), here(quoted), None


def _words(record: Record, domain: str) -> Row:
    """What a status says: text, links, names."""
    html = text_of(record.get("content"))
    content = read_content(html or "")
    mentions, tags = objects_in(record.get("mentions")), objects_in(record.get("tags"))
    people = {text_of(each.get("url")) for each in (*mentions, *tags)} | set(content.quoted)
    card = text_of(fields_of(record.get("card")).get("url"))
    links = [link for link in (*content.links, *([card] if card else [])) if link not in people]
    media = (MEDIA_TYPES.get(str(each.get("type"))) for each in objects_in(record.get("media_attachments")))
    names = (_full_name(each.get("acct"), domain) for each in mentions)
    return {
        "text": None if html is None else content.text,
        "lang": text_of(record.get("language")),
        "link_urls": texts_of(iter(links)),
        "hashtags": texts_of(each.get("name") for each in tags),
        "mentioned_handles": texts_of(names),
        "media_types": [kind for kind in media if kind],
    }


def _full_name(acct: Any, domain: str) -> str | None:
    text = text_of(acct)
    return f"{text}@{domain}" if text and "@" not in text else text


def _links_of(field: Record) -> Iterable[str]:
    value = text_of(field.get("value")) or ""
    return read_content(value).links or [word for word in value.split() if word.startswith("https://")]


def _kept(record: Record) -> dict[str, Any]:
    """The status as it was served, without the posts and profiles of others that came with it."""
    kept = dict(record)
    for name in ("account", "reblog", "in_reply_to"):
        part = fields_of(record.get(name))
        kept[name] = {key: part[key] for key in ("id", "acct", "uri", "url") if key in part} or None
    quote = fields_of(record.get("quote"))
    inner = fields_of(quote.get("quoted_status"))
    if inner:
        kept["quote"] = {**quote, "quoted_status": {key: inner[key] for key in ("id", "uri", "url") if key in inner}}
    return kept
