"""Statuses as columns of `posts` and `post_metrics`. Pure."""

import json
from collections.abc import Sequence
from itertools import chain
from operator import attrgetter
from typing import Any

import msgspec
import pyarrow as pa
from msgspec import UNSET

from pipeline.sources.api.columns import joined as joined_texts
from pipeline.sources.api.columns import moments_of
from pipeline.sources.api.feeds.conversion import Block, PostColumns, converter
from pipeline.sources.api.json_values import fields_of, payload_of
from pipeline.sources.mastodon import PLATFORM
from pipeline.sources.mastodon.content import Content, read_contents
from pipeline.sources.mastodon.names import joined, local_id_of
from pipeline.sources.mastodon.structs import Maker, Mark, Named, Status

# Lake columns of a status's counts, and the field of each.
POST_COUNTS = {
    "like_count": "favourites_count",
    "repost_count": "reblogs_count",
    "reply_count": "replies_count",
    "quote_count": "quotes_count",
}
MEDIA_TYPES = {"image": "photo", "video": "video", "gifv": "animated_gif", "audio": "audio"}
REFERENCE_COLUMNS = ("post_kind", "referenced_post_id", "in_reply_to_account_id")
ACCOUNT = b'"account":'
MARKS = ("id", "acct", "uri", "url")
NOTHING, NO_CONTENT = Status(), Content("")
_TEXTS = msgspec.json.Decoder(list[msgspec.Raw])
_MAKER, _MARK, _ENCODER = msgspec.json.Decoder(Maker), msgspec.json.Decoder(Mark), msgspec.json.Encoder()


class Makers:
    """The accounts of statuses: all of a feed have the same one, which is read once."""

    def __init__(self) -> None:
        self._known: dict[bytes, tuple[str, bytes]] = {}
        self._last: tuple[bytes, tuple[str, bytes]] = (b"", ("", b"null"))

    def of(self, raw: bytes) -> tuple[str, bytes]:
        """Local id of an account, and what is kept of it."""
        if raw == self._last[0]:
            return self._last[1]
        known = self._known.get(raw)
        if known is None:
            mark = _ENCODER.encode(_MARK.decode(raw)) if raw[:1] == b"{" else b"{}"
            known = local_id_of(read_maker(raw).id) or "", b"null" if mark == b"{}" else mark
            self._known[raw] = known
        self._last = raw, known
        return known


def read_maker(raw: bytes) -> Maker:
    """The account of a status; an empty one where there is none."""
    try:
        return _MAKER.decode(raw)
    except msgspec.MsgspecError:
        return Maker()


def columns_of(block: Block[Status]) -> PostColumns:
    """The columns of statuses; a boost has no counts, because its reactions belong to the author of the status."""
    statuses, makers = block.entries, Makers()
    boosted = [status.reblog for status in statuses]
    shown = [status if boost is None else _shown(boost) for status, boost in zip(statuses, boosted, strict=True)]
    hosts = [answer.origin for answer in block.answers]
    accounts = [bytes(status.account) for status in statuses]
    account_ids = [joined(host, makers.of(raw)[0]) for raw, host in zip(accounts, hosts, strict=True)]
    handles = [answer.handles.get(name) for answer, name in zip(block.answers, account_ids, strict=True)]
    domains = [handle.partition("@")[2] if handle else host for handle, host in zip(handles, hosts, strict=True)]
    contents = read_contents([status.content for status in shown])
    texts = chain.from_iterable(map(_TEXTS.decode, block.lists))
    references = [
        _reference(status, boost, maker, host)
        for status, boost, maker, host in zip(statuses, boosted, account_ids, hosts, strict=True)
    ]
    columns = {
        "account_id": account_ids,
        "handle": handles,
        "post_id": [f"{host}/{status.id}" for status, host in zip(statuses, hosts, strict=True)],
        "created_at": moments_of([status.created_at for status in statuses]),
        "text": [
            None if status.content is None else content.text for status, content in zip(shown, contents, strict=True)
        ],
        "lang": [status.language for status in shown],
        "link_urls": [_links(status, content) for status, content in zip(shown, contents, strict=True)],
        "hashtags": [_distinct([tag.name for tag in status.tags]) if status.tags else [] for status in shown],
        "mentioned_handles": [
            _distinct([_full_name(each.acct, domain) for each in status.mentions]) if status.mentions else []
            for status, domain in zip(shown, domains, strict=True)
        ],
        "media_types": [_media(status.media_attachments) if status.media_attachments else [] for status in shown],
        **dict(zip(REFERENCE_COLUMNS, zip(*references, strict=True), strict=True)),
        "payload": joined_texts(
            [
                _kept(status, account, bytes(text), makers)
                for status, account, text in zip(statuses, accounts, texts, strict=True)
            ]
        ),
    }
    counts = {
        column: pa.array(list(map(attrgetter(name), statuses)), pa.int64()) for column, name in POST_COUNTS.items()
    }
    return PostColumns(columns, counts, [boost is None for boost in boosted])


def _shown(boosted: Status) -> Status:
    """Whoever asks not to be found is not shown by way of a boost either."""
    return NOTHING if read_maker(bytes(boosted.account)).noindex is True else boosted


def _reference(status: Status, boosted: Status | None, maker: str, host: str) -> tuple[str, str | None, str | None]:
    """Kind of a status, the post and the account that it refers to; a reply that quotes is a reply."""

    if boosted is not None:
        return "repost", _here(host, boosted.id), None
    if status.in_reply_to_account_id or status.in_reply_to_id:
        answered, post_id = _here(host, status.in_reply_to_account_id), _here(host, status.in_reply_to_id)
        if answered or status.in_reply_to_id:
            return "self_reply" if answered == maker else "reply", post_id, answered
    if not (status.quote or status.quote_id or status.pleroma):
        return "original", None, None
    own = fields_of(status.pleroma)
    quote = fields_of(status.quote)
    inner = fields_of(quote.get("quoted_status")) or quote
    quoted = inner.get("quoted_status_id") or inner.get("id") or status.quote_id or own.get("quote_id")
    return ("quote" if quote or quoted else "original"), _here(host, quoted), None


def _here(host: str, value: Any) -> str | None:
    local_id = local_id_of(value)
    return joined(host, local_id) if local_id else None


def _links(status: Status, content: Content) -> list[str]:
    """Links of the text and of the card; those to people, hashtags and the quoted post are none of the post's."""
    card = status.card.url if status.card is not None else None
    if not (content.links or card):
        return []
    people = {each.url for each in (*(status.mentions or ()), *(status.tags or ()))} | set(content.quoted)
    return _distinct([link for link in (*content.links, card) if link not in people])


def _media(media: Sequence[Named]) -> list[str]:
    kinds = (MEDIA_TYPES.get(each.type or "") for each in media)
    return [kind for kind in kinds if kind]


def _full_name(acct: str | None, domain: str) -> str | None:
    return f"{acct}@{domain}" if acct and "@" not in acct else acct


def _distinct(texts: Sequence[str | None]) -> list[str]:
    return list(dict.fromkeys(filter(None, texts)))


def _kept(status: Status, account: bytes, text: bytes, makers: Makers) -> bytes:
    """The status as it was served, without the posts and profiles of others that came with it."""
    if status.reblog is None and status.quote is None and status.in_reply_to is UNSET:
        start = text.find(ACCOUNT) + len(ACCOUNT)
        end = start + len(account)
        if text[start:end] == account and text.find(ACCOUNT, end) < 0:
            return b"".join((text[:start], makers.of(account)[1], text[end:]))
    return (payload_of(_without_others(json.loads(text))) or "").encode()


def _without_others(record: dict[str, Any]) -> dict[str, Any]:
    kept = dict(record)
    for name in kept.keys() & {"account", "reblog", "in_reply_to"}:
        part = fields_of(record[name])
        kept[name] = {key: part[key] for key in MARKS if key in part} or None
    quote = fields_of(record.get("quote"))
    inner = fields_of(quote.get("quoted_status"))
    if inner:
        kept["quote"] = {**quote, "quoted_status": {key: inner[key] for key in MARKS if key in inner}}
    return kept


convert = converter(PLATFORM, Status, columns_of)
