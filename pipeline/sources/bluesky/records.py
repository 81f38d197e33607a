"""What a post's record says: kind, links, mentions, media, times. Pure; the record is whatever a client wrote."""

from collections.abc import Container, Sequence
from datetime import UTC, datetime

from pipeline.sources.bluesky.post_structs import ByteSlice, Embed, Media, Record

POST_COLLECTION = "/app.bsky.feed.post/"
LINK, MENTION, TAG = (f"app.bsky.richtext.facet#{kind}" for kind in ("link", "mention", "tag"))
QUOTE, QUOTE_WITH_MEDIA = "app.bsky.embed.record", "app.bsky.embed.recordWithMedia"
KEY_DIGITS, KEY_LENGTH = "234567abcdefghijklmnopqrstuvwxyz", 13
EXTERNAL = "app.bsky.embed.external"
NO_MARKS: tuple[list[str], list[str], list[str]] = ([], [], [])
MEDIA_TYPES = {
    "app.bsky.embed.images": "photo",
    "app.bsky.embed.gallery": "photo",
    "app.bsky.embed.video": "video",
}
# Where the app's own search for moving pictures finds them: a link card in form, whose address stays a link here.
GIFS = tuple(
    f"https://{host}/"
    for host in ("media.tenor.com", "t.gifs.bsky.app", "static.klipy.com", "k.gifs.bsky.app", "media.giphy.com")
)


# Kind of a post, its conversation, the account that it answers, the post that it refers to.
References = tuple[str, str | None, str | None, str | None]


def did_in(uri: str) -> str | None:
    """The account that an at-URI belongs to."""
    return uri.removeprefix("at://").split("/", 1)[0] or None if uri.startswith("at://") else None


def references_of(record: Record, uri: str, account_ids: Container[str | None]) -> References:
    """Kind and references of an account's own post; a reply that quotes is a reply.

    Args:
        record: what the client wrote.
        uri: the post itself.
        account_ids: DID of the author, and the handle, which old at-URIs hold.
    """
    reply = record.reply
    parent = reply.parent.uri if reply and reply.parent else None
    root = reply.root.uri if reply and reply.root else None
    if parent:
        answered = did_in(parent)
        kind = "self_reply" if answered and answered in account_ids else "reply"
        return kind, root or parent, answered, parent
    quoted = quoted_post(record) if record.embed is not None else None
    return "quote" if quoted else "original", root or uri, None, quoted


def quoted_post(record: Record) -> str | None:
    """At-URI of the post that is quoted; lists, feeds and starter packs are embedded the same way and are no quotes."""
    embed = record.embed
    if embed is None or embed.record is None:
        return None
    uri = None
    if embed.type == QUOTE:
        uri = embed.record.uri
    elif embed.type == QUOTE_WITH_MEDIA and embed.record.record is not None:
        uri = embed.record.record.uri
    return uri if uri and POST_COLLECTION in uri else None


# Links, hashtags without #, and handles: what a post points to, each once.
Marks = tuple[list[str], list[str], list[str]]


def marks_of(record: Record) -> Marks:
    """Links of the text, which holds them shortened, and of the link card; hashtags in the text and outside of it.

    Handles are as the text shows them; the DID stands where the facet points outside the text.
    """
    if not (record.facets or record.embed or record.tags):
        return NO_MARKS
    links: list[str | None] = []
    tags: list[str | None] = []
    handles: list[str | None] = []
    for facet in record.facets or ():
        for feature in facet.features or ():
            if feature.type == LINK:
                links.append(feature.uri)
            elif feature.type == TAG:
                tags.append(feature.tag)
            elif feature.type == MENTION:
                shown = _slice(record.text, facet.index)
                handles.append(shown[1:] if shown.startswith("@") and len(shown) > 1 else feature.did)
    if record.embed is not None:
        for card in (record.embed, record.embed.media):
            if card is not None and card.type == EXTERNAL and card.external is not None:
                links.append(card.external.uri)
    if record.tags:
        tags += record.tags
    return _distinct(links), _distinct([tag.lstrip("#＃") for tag in tags if tag]) if tags else [], _distinct(handles)


def media_types(record: Record) -> list[str]:
    """Kinds of attached media; an embed of a new kind gives none."""
    if record.embed is None:
        return []
    shown = [each for each in (record.embed, record.embed.media) if each is not None]
    kinds = (MEDIA_TYPES.get(each.type or "", "animated_gif" if is_gif(each) else "") for each in shown)
    return [kind for kind in kinds if kind]


def is_gif(card: Embed | Media) -> bool:
    """True for a link card that is a moving picture."""
    uri = card.external.uri if card.type == EXTERNAL and card.external is not None else None
    return uri is not None and uri.startswith(GIFS)


def key_time(uri: str) -> datetime | None:
    """The time in a record's key: 13 digits to the base 32, microseconds above ten bits that tell clocks apart."""
    key = uri.rpartition("/")[2]
    if len(key) != KEY_LENGTH or not set(key) <= set(KEY_DIGITS):
        return None
    number = 0
    for digit in key:
        number = number * len(KEY_DIGITS) + KEY_DIGITS.index(digit)
    return datetime.fromtimestamp((number >> 10) // 1_000_000, UTC)


def _distinct(texts: Sequence[str | None]) -> list[str]:
    return list(dict.fromkeys(filter(None, texts))) if texts else []


def _slice(text: str | None, index: ByteSlice | None) -> str:
    """The text between two offsets in UTF-8 bytes; empty where they lie outside or cut a character."""
    raw = (text or "").encode("utf-8", "replace")
    start, end = (index.byte_start, index.byte_end) if index else (None, None)
    if start is None or end is None or not 0 <= start < end <= len(raw):
        return ""
    try:
        return raw[start:end].decode()
    except UnicodeDecodeError:
        return ""
