"""Statuses as columns of `posts` and `post_metrics`. Pure."""

import json
from collections.abc import Sequence
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa
from msgspec import UNSET

from pipeline.sources.api.columns import joined as joined_texts
from pipeline.sources.api.columns import moments_of
from pipeline.sources.api.feeds.conversion import Block, PostColumns, converter
from pipeline.sources.api.json_values import fields_of, json_of, objects_in, payload_of
from pipeline.sources.mastodon import PLATFORM
from pipeline.sources.mastodon.content import read_contents
from pipeline.sources.mastodon.makers import mark_of, read_maker
from pipeline.sources.mastodon.names import joined, local_id_of
from pipeline.sources.mastodon.structs import Named, Status

# Lake columns of a status's counts, and the field of each.
POST_COUNTS = {
    "like_count": "favourites_count",
    "repost_count": "reblogs_count",
    "reply_count": "replies_count",
    "quote_count": "quotes_count",
}
MEDIA_TYPES = {"image": "photo", "video": "video", "gifv": "animated_gif", "audio": "audio"}
REFERENCE_COLUMNS = ("post_kind", "referenced_post_id", "in_reply_to_account_id")
MARKS = ("id", "acct", "uri", "url")
NOTHING = Status()
_TEXTS = msgspec.json.Decoder(list[msgspec.Raw])


def columns_of(block: Block[Status]) -> PostColumns:
    """The columns of statuses; a boost has no counts, because its reactions belong to the author of the status."""
    statuses = block.entries
    boosted = [status.reblog for status in statuses]
    shown = [status if boost is None else _shown(boost) for status, boost in zip(statuses, boosted, strict=True)]
    owners = _owners(block)
    contents = read_contents([status.content for status in shown])
    references = [_reference(status, owner) for status, owner in zip(statuses, owners, strict=True)]
    columns = {
        "account_id": [owner.account_id for owner in owners],
        "handle": [owner.handle for owner in owners],
        "post_id": [f"{owner.host}/{status.id}" for status, owner in zip(statuses, owners, strict=True)],
        "created_at": moments_of([status.created_at for status in statuses]),
        "text": contents.texts,
        "lang": [status.language or None for status in shown],
        "link_urls": list(map(_links, shown, contents.links, contents.quoted)),
        "hashtags": [_distinct([tag.name for tag in status.tags]) if status.tags else [] for status in shown],
        "mentioned_handles": [
            _distinct([_full_name(each.acct, owner.domain) for each in status.mentions]) if status.mentions else []
            for status, owner in zip(shown, owners, strict=True)
        ],
        "media_types": [_media(status.media_attachments) if status.media_attachments else [] for status in shown],
        **dict(zip(REFERENCE_COLUMNS, zip(*references, strict=True), strict=True)),
        "payload": joined_texts(_payloads(block, owners)),
    }
    counts = {
        column: pa.array(list(map(attrgetter(name), statuses)), pa.int64()) for column, name in POST_COUNTS.items()
    }
    return PostColumns(columns, counts, [boost is None for boost in boosted])


class Owner(NamedTuple):
    """Whose feed a status is in: the server, its account's id, handle and domain, whether the profile is cut out."""

    host: str
    account_id: str
    handle: str | None
    domain: str
    is_mark: bool


def _owners(block: Block[Status]) -> list[Owner]:
    """The owner of each status; next to each other stand those of one answer and one account."""
    owners: list[Owner] = []
    known: dict[bytes, tuple[str, bool]] = {}
    answer, last = None, b""
    for status, asked in zip(block.entries, block.answers, strict=True):
        account = bytes(status.account)
        if asked is not answer or account != last:
            answer, last, host = asked, account, asked.origin
            if account not in known:
                known[account] = local_id_of(read_maker(account).id) or "", mark_of(account) == account
            local_id, is_mark = known[account]
            account_id = joined(host, local_id)
            handle = asked.handles.get(account_id)
            owner = Owner(host, account_id, handle, handle.partition("@")[2] if handle else host, is_mark)
        owners.append(owner)
    return owners


def _shown(boosted: Status) -> Status:
    """Whoever asks not to be found is not shown by way of a boost either."""
    return NOTHING if read_maker(bytes(boosted.account)).noindex is True else boosted


def _reference(status: Status, owner: Owner) -> tuple[str, str | None, str | None]:
    """Kind of a status, the post and the account that it refers to; a reply that quotes is a reply."""
    host = owner.host
    if status.reblog is not None:
        return "repost", _here(host, status.reblog.id), None
    if status.in_reply_to_account_id or status.in_reply_to_id:
        answered, post_id = _here(host, status.in_reply_to_account_id), _here(host, status.in_reply_to_id)
        if answered or status.in_reply_to_id:
            return "self_reply" if answered == owner.account_id else "reply", post_id, answered
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


def _links(status: Status, given: Sequence[str], quoted: Sequence[str]) -> Sequence[str]:
    """Links of the text and of the card; those to people, hashtags and the quoted post are none of the post's."""
    card = status.card.url if status.card is not None else None
    links = [*given, card] if card and card not in given else given
    if not links or not (status.mentions or status.tags or quoted):
        return links
    people = {each.url for each in (*(status.mentions or ()), *(status.tags or ()))}
    return [link for link in links if link not in people and link not in quoted]


def _media(media: Sequence[Named]) -> list[str]:
    kinds = (MEDIA_TYPES.get(each.type or "") for each in media)
    return [kind for kind in kinds if kind]


def _full_name(acct: str | None, domain: str) -> str | None:
    return f"{acct}@{domain}" if acct and "@" not in acct else acct


def _distinct(texts: Sequence[str | None]) -> list[str]:
    return list(dict.fromkeys(filter(None, texts)))


def _payloads(block: Block[Status], owners: Sequence[Owner]) -> list[bytes | msgspec.Raw]:
    """The statuses as they were served, without the posts and profiles of others that came with them."""
    payloads: list[bytes | msgspec.Raw] = list(chain.from_iterable(map(_TEXTS.decode, block.lists)))
    for place, (status, owner) in enumerate(zip(block.entries, owners, strict=True)):
        has_others = status.reblog or status.quote or status.in_reply_to is not UNSET
        has_others = has_others or (status.card is not None and status.card.authors)
        if has_others or not owner.is_mark or fields_of(status.pleroma).get("quote"):
            payloads[place] = (payload_of(_without_others(json.loads(bytes(payloads[place])))) or "").encode()
    return payloads


def _without_others(record: dict[str, Any]) -> dict[str, Any]:
    kept = dict(record)
    if "account" in kept:
        kept["account"] = json.loads(mark_of(json_of(record["account"])))
    for name in kept.keys() & {"reblog", "in_reply_to"}:
        kept[name] = _marks(record[name])
    # Mastodon's own object says how the quote stands; elsewhere the quoted status itself is in its place.
    quote = fields_of(record.get("quote"))
    if "quoted_status" in quote:
        kept["quote"] = {**quote, "quoted_status": _marks(quote["quoted_status"])}
    elif "id" in quote:
        kept["quote"] = _marks(quote)
    own = fields_of(record.get("pleroma"))
    if own.get("quote"):
        kept["pleroma"] = {**own, "quote": _marks(own["quote"])}
    card = fields_of(record.get("card"))
    if card.get("authors"):
        authors = [{**author, "account": _marks(author.get("account"))} for author in objects_in(card["authors"])]
        kept["card"] = {**card, "authors": authors}
    return kept


def _marks(status: Any) -> dict[str, Any] | None:
    part = fields_of(status)
    return {key: part[key] for key in MARKS if key in part} or None


convert = converter(PLATFORM, Status, columns_of)
