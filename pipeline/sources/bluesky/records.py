"""What a post's record says: kind, links, mentions, media, times. Pure; the record is whatever a client wrote.

Every function takes any JSON value where the lexicon asks for an object, and reads what can be read of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pipeline.sources.api.json_values import Record, real_time_of, text_of, texts_of

POST_COLLECTION = "/app.bsky.feed.post/"
LINK, MENTION, TAG = (f"app.bsky.richtext.facet#{kind}" for kind in ("link", "mention", "tag"))
QUOTE, QUOTE_WITH_MEDIA = "app.bsky.embed.record", "app.bsky.embed.recordWithMedia"
KEY_DIGITS, KEY_LENGTH = "234567abcdefghijklmnopqrstuvwxyz", 13
EXTERNAL = "app.bsky.embed.external"
MEDIA_TYPES = {
    "app.bsky.embed.images": "photo",
    "app.bsky.embed.gallery": "photo",
    "app.bsky.embed.video": "video",
}


@dataclass(frozen=True)
class Reference:
    """Kind of a post and the posts that it refers to."""

    kind: str
    conversation_id: str
    in_reply_to_account_id: str | None
    referenced_post_id: str | None


def fields_of(value: Any) -> Record:
    """The value if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def list_of(value: Any) -> list[Any]:
    """The value if it is a JSON list, else an empty one."""
    return value if isinstance(value, list) else []


def did_in(uri: Any) -> str | None:
    """The account that an at-URI belongs to."""
    text = text_of(uri) or ""
    return text.removeprefix("at://").split("/", 1)[0] or None if text.startswith("at://") else None


def reference_of(record: Record, uri: str, account_ids: set[str]) -> Reference:
    """Kind and references of an account's own post; a reply that quotes is a reply.

    Args:
        record: what the client wrote.
        uri: the post itself.
        account_ids: DID of the author, and the handle, which old at-URIs hold.
    """
    reply = fields_of(record.get("reply"))
    parent = text_of(fields_of(reply.get("parent")).get("uri"))
    root = text_of(fields_of(reply.get("root")).get("uri"))
    if parent:
        answered = did_in(parent)
        kind = "self_reply" if answered in account_ids else "reply"
        return Reference(kind, root or parent, answered, parent)
    quoted = quoted_post(record)
    return Reference("quote" if quoted else "original", root or uri, None, quoted)


def quoted_post(record: Record) -> str | None:
    """At-URI of the post that is quoted; lists, feeds and starter packs are embedded the same way and are no quotes."""
    embed = fields_of(record.get("embed"))
    inner = fields_of(embed.get("record"))
    if embed.get("$type") == QUOTE_WITH_MEDIA:
        inner = fields_of(inner.get("record"))
    elif embed.get("$type") != QUOTE:
        return None
    uri = text_of(inner.get("uri"))
    return uri if uri and POST_COLLECTION in uri else None


def link_urls(record: Record) -> list[str]:
    """Targets of the links in the text and of the link card; the text itself holds them shortened."""
    targets = [feature.get("uri") for feature, _ in _features(record) if feature.get("$type") == LINK]
    embed = fields_of(record.get("embed"))
    for card in (embed, fields_of(embed.get("media"))):
        if card.get("$type") == EXTERNAL:
            targets.append(fields_of(card.get("external")).get("uri"))
    return [url for url in texts_of(iter(targets)) if url]


def hashtags(record: Record) -> list[str]:
    """Hashtags in the text and outside of it, without #."""
    marked = [feature.get("tag") for feature, _ in _features(record) if feature.get("$type") == TAG]
    listed = [*marked, *list_of(record.get("tags"))]
    return [tag for tag in texts_of(value.lstrip("#＃") for value in listed if isinstance(value, str)) if tag]


def mentioned_handles(record: Record) -> list[str]:
    """Handles as the text shows them; the DID where the facet points outside the text."""
    text = record.get("text")
    raw = text.encode("utf-8", "replace") if isinstance(text, str) else b""
    found = []
    for feature, index in _features(record):
        if feature.get("$type") == MENTION:
            shown = _slice(raw, index)
            found.append(shown[1:] if shown.startswith("@") and len(shown) > 1 else feature.get("did"))
    return [handle for handle in texts_of(iter(found)) if handle]


def media_types(record: Record) -> list[str]:
    """Kinds of attached media; an embed of a new kind gives none."""
    embed = fields_of(record.get("embed"))
    kinds = (MEDIA_TYPES.get(str(each.get("$type"))) for each in (embed, fields_of(embed.get("media"))))
    return [kind for kind in kinds if kind]


def created_at(record: Record, indexed_at: Any, uri: str = "") -> datetime | None:
    """The earlier of what the client wrote and when the AppView first saw the post: clients import, and err.

    Where neither is a time (a year 0000 was seen), the time that the post's own key holds.
    """
    known = [moment for value in (record.get("createdAt"), indexed_at) if (moment := real_time_of(value))]
    return min(known, default=None) or _key_time(uri.rpartition("/")[2])


def _key_time(key: str) -> datetime | None:
    """The time of a record key: 13 digits to the base 32, microseconds above ten bits that tell clocks apart."""
    if len(key) != KEY_LENGTH or not set(key) <= set(KEY_DIGITS):
        return None
    number = 0
    for digit in key:
        number = number * len(KEY_DIGITS) + KEY_DIGITS.index(digit)
    return datetime.fromtimestamp((number >> 10) // 1_000_000, UTC)


def _features(record: Record) -> Iterator[tuple[Record, Record]]:
    """Features of all facets, each with the facet's place in the text."""
    for facet in list_of(record.get("facets")):
        place = fields_of(fields_of(facet).get("index"))
        for feature in list_of(fields_of(facet).get("features")):
            yield fields_of(feature), place


def _slice(raw: bytes, index: Record) -> str:
    """The text between two offsets in UTF-8 bytes; empty where they lie outside or cut a character."""
    start, end = index.get("byteStart"), index.get("byteEnd")
    if not (type(start) is int and type(end) is int and 0 <= start < end <= len(raw)):
        return ""
    try:
        return raw[start:end].decode()
    except UnicodeDecodeError:
        return ""
