"""Entries of feeds and posts as columns of `posts` and `post_metrics`. Pure."""

from itertools import chain
from operator import attrgetter

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.schemas.columns import MOMENT
from pipeline.sources.api.columns import joined, moments_of
from pipeline.sources.api.feeds.conversion import Block, PostColumns, converter
from pipeline.sources.api.json_values import payload_of
from pipeline.sources.bluesky import PLATFORM
from pipeline.sources.bluesky.labels import is_hidden, real_handle
from pipeline.sources.bluesky.post_structs import Author, Entry, KeptEntry, Post, Record, Why
from pipeline.sources.bluesky.records import key_time, marks_of, media_types, references_of
from pipeline.sources.bluesky.structs import REPOST

# Lake columns of a post's counts, and the field of each.
POST_COUNTS = {
    "like_count": "like_count",
    "repost_count": "repost_count",
    "reply_count": "reply_count",
    "quote_count": "quote_count",
    "bookmark_count": "bookmark_count",
}
MARK_COLUMNS = ("link_urls", "hashtags", "mentioned_handles")
REFERENCE_COLUMNS = ("post_kind", "conversation_id", "in_reply_to_account_id", "referenced_post_id")
ROW_COLUMNS = ("account_id", "handle", "post_id", *REFERENCE_COLUMNS)
NOTHING, NOBODY = Record(), Author()
_KEPT, _ENCODER = msgspec.json.Decoder(list[KeptEntry]), msgspec.json.Encoder()


def columns_of(block: Block[Entry]) -> PostColumns:
    """The columns of entries; a repost has no counts, because its reactions belong to the author of the post."""
    posts = [entry.post for entry in block.entries]
    reposts = [_repost_of(entry) for entry in block.entries]
    records, rows = [], []
    for post, repost, answer in zip(posts, reposts, block.answers, strict=True):
        author, record = post.author, post.record
        if repost is None:
            account_id = author.did or ""
            handle = answer.handles.get(account_id)
            found = references_of(record or NOTHING, post.uri, (account_id, author.handle, handle))
            if record is None or (found[0] == "original" and record == NOTHING):
                found = ("unknown", *found[1:])
            rows.append((account_id, real_handle(author.handle) or handle, post.uri, *found))
        else:
            handle = real_handle((repost.by or NOBODY).handle) or answer.handles.get(answer.origin)
            post_id = repost.uri or made_up_id(post.uri, answer.origin)
            # Whoever asks not to be shown is not shown by way of a repost either.
            record = NOTHING if is_hidden(author, at=answer.at) else record
            rows.append((answer.origin, handle, post_id, "repost", None, None, post.uri))
        records.append(record or NOTHING)
    own = [repost is None for repost in reposts]
    indexed = moments_of([post.indexed_at if is_own else None for post, is_own in zip(posts, own, strict=True)])
    columns = {
        **dict(zip(ROW_COLUMNS, zip(*rows, strict=True), strict=True)),
        "created_at": _created(posts, records, reposts, indexed),
        "indexed_at": indexed,
        "text": [record.text for record in records],
        "lang": [next(filter(None, record.langs), None) if record.langs else None for record in records],
        **dict(zip(MARK_COLUMNS, zip(*map(marks_of, records), strict=True), strict=True)),
        "media_types": [media_types(record) if record.embed else [] for record in records],
        "payload": joined(_payloads(block, reposts)),
    }
    counts = {column: pa.array(list(map(attrgetter(name), posts)), pa.int64()) for column, name in POST_COUNTS.items()}
    return PostColumns(columns, counts, own)


def _payloads(block: Block[Entry], reposts: list[Why | None]) -> list[bytes]:
    """Posts as they were served; of a repost, which is somebody else's post, its address alone."""
    kept = chain.from_iterable(map(_KEPT.decode, block.lists))
    payloads = _ENCODER.encode_lines([entry.post for entry in kept]).split(b"\n")[:-1]
    for place, repost in enumerate(reposts):
        if repost is not None:
            made = {"reason": {"uri": repost.uri, "indexedAt": repost.indexed_at}, "uri": block.entries[place].post.uri}
            payloads[place] = (payload_of(made) or "").encode()
    return payloads


def _repost_of(entry: Entry) -> Why | None:
    return entry.reason if entry.reason is not None and entry.reason.type == REPOST else None


def made_up_id(uri: str, account_id: str) -> str:
    """Answers before 2025 do not name the reposting record; an account has one repost of a post at a time."""
    origin, _, record_key = uri.removeprefix("at://").partition("/app.bsky.feed.post/")
    return f"at://{account_id}/app.bsky.feed.repost/of:{origin}:{record_key}"


def _created(posts: list[Post], records: list[Record], reposts: list[Why | None], indexed: pa.Array) -> pa.Array:
    """The earlier of what the client wrote and when the AppView first saw the post: clients import, and err.

    Where neither is a time (a year 0000 was seen), the time in the post's own key. A repost is made when it is indexed.
    """
    written = [
        record.created_at if repost is None else repost.indexed_at
        for record, repost in zip(records, reposts, strict=True)
    ]
    stated = moments_of(written)
    known = pc.coalesce(pc.if_else(pc.less(indexed, stated), indexed, stated), stated, indexed)
    if not known.null_count:
        return known
    keyed = [key_time(post.uri) if repost is None else None for post, repost in zip(posts, reposts, strict=True)]
    return pc.coalesce(known, pa.array(keyed, MOMENT))


convert = converter(PLATFORM, Entry, columns_of)
