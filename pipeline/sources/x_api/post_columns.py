"""Many usual answers at once to Arrow tables of posts and their public metrics, five times as fast as post by post.

`normalise` defines what a post means; this gives the same rows or refuses. It refuses what it has no certain column
for, so that a refusal costs time and never a value. What is done about one belongs to `conversion`.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import json as arrow_json

from pipeline.schemas.columns import MOMENT, TEXT
from pipeline.sources.api.columns import joined, table_of
from pipeline.sources.api.responses import RawResponse
from pipeline.sources.snowflake import EPOCH_MS, FIRST_SNOWFLAKE
from pipeline.sources.x_api.entities import is_inner_link, media_kind
from pipeline.sources.x_api.normalise import POST_IDS, POST_LISTS, POST_TEXTS, PUBLIC_COUNTS, REQUIRED_POST_COUNTS
from pipeline.sources.x_api.responses import post_texts
from pipeline.sources.x_api.values import CLOCK_TOLERANCE

_LISTS = {"urls": ("url", "expanded_url", "unwound_url", "media_key"), **dict(POST_LISTS.values())}
_ENTITIES = pa.struct(
    [(listed, pa.list_(pa.struct([(name, TEXT) for name in names]))) for listed, names in _LISTS.items()]
)
_IDS = ("id", "author_id", *POST_IDS.values())
_POST = pa.struct(
    [
        *((name, TEXT) for name in (*_IDS, *POST_TEXTS.values(), "text", "created_at")),
        ("edit_history_tweet_ids", pa.list_(TEXT)),
        ("public_metrics", pa.struct([(name, pa.int64()) for name in PUBLIC_COUNTS.values()])),
        ("entities", _ENTITIES),
        ("note_tweet", pa.struct([("text", TEXT), ("entities", _ENTITIES)])),
        ("referenced_tweets", pa.list_(pa.struct([("type", TEXT), ("id", TEXT)]))),
        ("attachments", pa.struct([("media_keys", pa.list_(TEXT))])),
    ]
)
_PARSE = arrow_json.ParseOptions(
    explicit_schema=pa.schema([("data", pa.list_(_POST))]), unexpected_field_behavior="ignore"
)
_BLOCK_BYTES = 1 << 20
_KINDS = pa.array(["original", "unknown", "quote", "reply", "self_reply", "repost"])
Places = NDArray[np.int64]
# Which reference is the post's own, best first; a number so that one sort finds it.
RANKS = {"retweeted": 0, "replied_to": 1, "quoted": 2}


class NotUsual(Exception):  # noqa: N818 - a result that the caller handles
    """A post that the columns cannot hold exactly as the row-wise way would."""


@dataclass(frozen=True)
class Members:
    """Members of lists, in order: the post of each, its value, and how many posts there are."""

    parents: Places
    values: pa.Array
    size: int

    @classmethod
    def of(cls, lists: pa.ListArray) -> "Members":
        """The members of one list a post; a list that is null has none."""
        return cls(pc.list_parent_indices(lists).to_numpy(), pc.list_flatten(lists), len(lists))

    def where(self, is_kept: NDArray[np.bool_]) -> "Members":
        """Those that are kept."""
        return Members(self.parents[is_kept], self.values.filter(pa.array(is_kept)), self.size)

    def as_lists(self) -> pa.ListArray:
        """One list a post, empty where it has no member."""
        offsets = np.zeros(self.size + 1, np.int32)
        np.cumsum(np.bincount(self.parents, minlength=self.size), out=offsets[1:])
        return pa.ListArray.from_arrays(pa.array(offsets), self.values)


@dataclass(frozen=True)
class References:
    """What posts refer to: whether each has a reference of a kind (and `any`), and the post behind it."""

    kinds: dict[str, NDArray[np.bool_]]
    post_ids: pa.Array


class _Counts(msgspec.Struct):
    public_metrics: msgspec.Raw = msgspec.Raw(b"")


class _PostCounts(msgspec.Struct):
    data: list[_Counts]


_COUNTS = msgspec.json.Decoder(_PostCounts)


def convert_columns(answers: Sequence[RawResponse]) -> tuple[pa.Table, pa.Table]:
    """Tables of posts and of post_metrics, in the order of the answers; without `source` and `run_id`.

    Raises:
        NotUsual: at least one post of one answer needs the row-wise way.
    """
    try:
        return _convert(answers)
    except (pa.ArrowException, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise NotUsual(str(error)) from error


def _convert(answers: Sequence[RawResponse]) -> tuple[pa.Table, pa.Table]:
    items, answer_of = _read(answers)
    texts = [text for answer in answers for text in post_texts(answer.text)]
    require(len(texts) == len(items), "as many texts as posts")
    column = dict(zip(_POST.names, items.flatten(), strict=True))
    for name in _IDS:
        require_ids(column[name], is_complete=name in {"id", "author_id"})
    post_id, author = column["id"], column["author_id"]
    note, note_entities = column["note_tweet"].field("text"), column["note_tweet"].field("entities")
    members = {listed: members_of(column["entities"], note_entities, listed) for listed in _LISTS}
    references = find_references(column["referenced_tweets"])
    versions = column["edit_history_tweet_ids"]
    require_ids(pc.list_flatten(versions), is_complete=True)
    require(pc.min(pc.list_value_length(versions)).as_py() != 0, "no empty edit history")
    keys = Members.of(column["attachments"].field("media_keys"))
    media = pa.array([media_kind(key) for key in keys.values.to_pylist()], TEXT)
    kind = _kinds(references.kinds, column["in_reply_to_user_id"], author)
    shared: dict[str, pa.Array] = {
        "captured_at": pa.array([answer.at for answer in answers], MOMENT).take(answer_of),
        "account_id": author,
        "handle": _handles(answers, author),
        "post_id": post_id,
    }
    posts = {
        **shared,
        "created_at": _times(post_id, column["created_at"]),
        "text": pc.coalesce(without_empty(note), column["text"]),
        **{lake_column: column[name] for lake_column, name in {**POST_TEXTS, **POST_IDS}.items()},
        "post_kind": _KINDS.take(kind),
        "referenced_post_id": references.post_ids,
        "edit_root_id": pc.list_element(versions, 0),
        "edit_history_ids": versions,
        "link_urls": find_links(members["urls"], post_id, references.post_ids),
        **{lake_column: _first_texts(members[listed], names) for lake_column, (listed, names) in POST_LISTS.items()},
        "media_types": Members(keys.parents, media, keys.size).as_lists(),
        "availability": pa.repeat("available", len(items)),
        "payload": joined(texts),
    }
    own = pc.not_equal(pa.array(kind), 5)
    metrics = {**shared, **_metrics(column["public_metrics"], answers, own)}
    return (
        table_of("posts", posts, len(items), platform="x"),
        table_of("post_metrics", metrics, len(items), platform="x").filter(own),
    )


def _first_texts(members: Members, names: Sequence[str]) -> pa.ListArray:
    return text_lists(members, pc.coalesce(*(without_empty(members.values.field(name)) for name in names)))


def _read(answers: Sequence[RawResponse]) -> tuple[pa.StructArray, pa.Array]:
    """The posts of all answers, and for each of them which answer it came in."""
    for answer in answers:
        answer.text.decode()
    block = max(_BLOCK_BYTES, 2 * max(len(answer.text) for answer in answers))
    text = io.BytesIO(b"\n".join(answer.text for answer in answers))
    options = arrow_json.ReadOptions(block_size=block)
    data = arrow_json.read_json(text, read_options=options, parse_options=_PARSE)["data"].combine_chunks()
    data = data if isinstance(data, pa.Array) else pa.concat_arrays(data.chunks)
    counted = pc.list_value_length(data).to_pylist()
    require(counted == [answer.post_count for answer in answers], "as many posts as were counted on arrival")
    items = pc.list_flatten(data)
    require(not items.null_count, "only objects among the posts")
    return items, pc.list_parent_indices(data)


def _handles(answers: Sequence[RawResponse], author: pa.Array) -> pa.Array:
    known: dict[str, str | None] = {}
    for answer in answers:
        for account_id, handle in answer.handles.items():
            require(known.setdefault(account_id, handle) == handle, "one handle per account")
    return pa.array(list(known.values()), TEXT).take(pc.index_in(author, pa.array(list(known), TEXT)))


def _kinds(kinds: dict[str, NDArray[np.bool_]], answered: pa.Array, author: pa.Array) -> NDArray[np.int64]:
    """Index into `_KINDS` for each post; the strongest sign last."""
    is_answer = answered.is_valid().to_numpy(zero_copy_only=False)
    is_own = pc.fill_null(pc.equal(answered, author), fill_value=False).to_numpy(zero_copy_only=False)
    kind = np.where(kinds["any"], 1, 0)
    kind[kinds["quoted"]] = 2
    kind[kinds["replied_to"] | is_answer] = 3
    kind[(kinds["replied_to"] | is_answer) & is_own] = 4
    kind[kinds["retweeted"]] = 5
    return kind


def _times(post_id: pa.Array, stated: pa.Array) -> pa.Array:
    """As `values.post_time`; stated times have X's own form, 2026-11-21T12:01:00.000Z."""
    given = pc.drop_null(stated)
    usual = pc.and_(pc.equal(pc.binary_length(given), 24), pc.ends_with(given, "Z"))
    require(pc.all(usual, min_count=0).as_py(), "times in X's own form")
    stated_at, number = stated.cast(MOMENT), post_id.cast(pa.int64())
    milliseconds = pc.add(pc.shift_right(number, 22), EPOCH_MS)
    timed = pc.if_else(pc.greater_equal(number, FIRST_SNOWFLAKE), pc.multiply(milliseconds, 1_000), None).cast(MOMENT)
    apart = pc.abs(pc.subtract(timed.cast(pa.int64()), stated_at.cast(pa.int64())))
    is_near = pc.less_equal(apart, round(CLOCK_TOLERANCE.total_seconds() * 1e6))
    return pc.if_else(pc.fill_null(is_near, fill_value=False), timed, pc.coalesce(stated_at, timed))


def _metrics(counts: pa.StructArray, answers: Sequence[RawResponse], own: pa.Array) -> dict[str, pa.Array]:
    """The public counts with their text, which has to be theirs alone and as plain as X writes it."""
    texts = joined([post.public_metrics for answer in answers for post in _COUNTS.decode(answer.text).data])
    columns = {name: counts.field(field) for name, field in PUBLIC_COUNTS.items()}
    given = sum(column.is_valid().cast(pa.int32()).to_numpy() for column in columns.values())
    plain = pc.match_substring_regex(texts, r'^\{("[a-z_]+":[0-9]{1,19}(,|\}$))+$')
    usual = pc.and_(plain, pc.equal(pc.count_substring(texts, ":"), pa.array(given)))
    for name in REQUIRED_POST_COUNTS:
        usual = pc.and_(usual, columns[name].is_valid())
    require(pc.all(pc.or_(usual, pc.invert(own)), min_count=0).as_py(), "all required counts, and no odd one")
    return {"metric_scope": pa.repeat("public", len(texts)), **columns, "payload": texts}


def require(is_so: bool, what: str) -> None:
    """Refuse the block unless it is so."""
    if not is_so:
        raise NotUsual(f"not usual: {what}")


def require_ids(values: pa.Array, *, is_complete: bool) -> None:
    """Refuse the block unless all are ids as `values.id_of` takes them; where complete, none may be absent."""
    fits = pc.and_(pc.ascii_is_decimal(values), pc.less_equal(pc.binary_length(values), 20))
    require(pc.all(fits, min_count=0).as_py() and not (is_complete and values.null_count), "ids of up to 20 digits")


def without_empty(texts: pa.Array) -> pa.Array:
    """The texts with null in place of empty ones, which count as absent."""
    return pc.if_else(pc.equal(pc.binary_length(texts), 0), None, texts)


def members_of(entities: pa.StructArray, note_entities: pa.StructArray, name: str) -> Members:
    """Members of a list of entities; those of a long post's whole text count in place of those of its start."""
    plain, long = Members.of(entities.field(name)), Members.of(note_entities.field(name))
    is_long = note_entities.is_valid().to_numpy(zero_copy_only=False)
    if not is_long.any():
        return plain
    # Entities of other kinds alone: the row-wise way would see them, the columns cannot.
    lists = [note_entities.field(at).is_valid().to_numpy(zero_copy_only=False) for at in range(len(_LISTS))]
    require(bool(np.logical_or.reduce(lists)[is_long].all()), "links, tags or mentions in a long post's entities")
    short = plain.where(~is_long[plain.parents])
    parents = np.concatenate([short.parents, long.parents])
    order = np.argsort(parents, kind="stable")
    return Members(parents[order], pa.concat_arrays([short.values, long.values]).take(order), plain.size)


def text_lists(members: Members, texts: pa.Array) -> pa.ListArray:
    """One list of texts a post: in order, each once, no empty one."""
    given = without_empty(texts)
    kept = Members(members.parents, given, members.size).where(given.is_valid().to_numpy(zero_copy_only=False))
    codes = kept.values.dictionary_encode().indices.to_numpy().astype(np.int64)
    _, first = np.unique(kept.parents * (len(codes) + 1) + codes, return_index=True)
    if len(first) < len(codes):
        is_first = np.zeros(len(codes), np.bool_)
        is_first[first] = True
        kept = kept.where(is_first)
    return kept.as_lists()


def find_references(lists: pa.ListArray) -> References:
    """Kinds and targets of references; as `entities.referenced_post_id`, the last of the best kind counts."""
    references = Members.of(lists)
    kinds, ids = references.values.field("type"), references.values.field("id")
    require(not kinds.null_count, "a kind of each reference")
    require_ids(ids, is_complete=True)
    require(not pc.any(pc.equal(kinds, "reposted"), min_count=0).as_py(), "the tweet vocabulary")
    found = {"any": _flags(references.parents, lists)}
    rank = np.full(len(kinds), len(RANKS))
    for kind, number in RANKS.items():
        is_kind = pc.equal(kinds, kind).to_numpy(zero_copy_only=False)
        rank[is_kind] = number
        found[kind] = _flags(references.parents[is_kind], lists)
    order = np.lexsort((-np.arange(len(rank)), rank, references.parents))
    order = order[rank[order] < len(RANKS)]
    posts, first = np.unique(references.parents[order], return_index=True)
    place = np.full(len(lists), -1)
    place[posts] = order[first]
    return References(found, ids.take(pa.array(place, mask=place < 0)))


def find_links(links: Members, post_id: pa.Array, referenced: pa.Array) -> pa.ListArray:
    """As `entities.link_urls`: full targets, without media, the post itself and the one that it refers to."""
    url, expanded, unwound, media_key = (
        links.values.field(name) for name in ("url", "expanded_url", "unwound_url", "media_key")
    )
    targets = pc.coalesce(without_empty(unwound), without_empty(expanded), url)
    is_kept = without_empty(media_key).is_null().to_numpy(zero_copy_only=False).copy()
    is_address = pc.fill_null(pc.match_substring(expanded, "/status/"), fill_value=False)
    # Only the few that look like a post's address are worth the exact look.
    for place in np.flatnonzero(is_address.to_numpy(zero_copy_only=False)):
        post = int(links.parents[place])
        inner = {post_id[post].as_py(), referenced[post].as_py()}
        is_kept[place] &= not is_inner_link(expanded[place].as_py(), inner)
    kept = Members(links.parents, targets, links.size).where(is_kept)
    return text_lists(kept, kept.values)


def _flags(posts: Places, lists: pa.ListArray) -> NDArray[np.bool_]:
    flags = np.zeros(len(lists), np.bool_)
    flags[posts] = True
    return flags
