"""Lists inside posts, in columns: members of all posts in one array beside the post that each belongs to.

Pure; which list means what belongs to `columns`, and the meaning of a link to `entities`.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.sources.x_api.entities import is_inner_link

Places = NDArray[np.int64]
# Which reference is the post's own, best first; a number so that one sort finds it.
RANKS = {"retweeted": 0, "replied_to": 1, "quoted": 2}


class NotUsual(Exception):  # noqa: N818 - a result that the caller handles
    """A post that the columns cannot hold exactly as the row-wise way would."""


def require(is_so: bool, what: str) -> None:
    """Refuse the block unless it is so."""
    if not is_so:
        raise NotUsual(f"not usual: {what}")


def require_ids(values: pa.Array, *, is_complete: bool) -> None:
    """Refuse the block unless all are ids as `values.id_of` takes them; where complete, none may be absent."""
    fits = pc.and_(pc.ascii_is_decimal(values), pc.less_equal(pc.binary_length(values), 20))
    require(pc.all(fits, min_count=0).as_py() and not (is_complete and values.null_count), "ids of up to 20 digits")


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
    lists = [note_entities.field(at).is_valid().to_numpy(zero_copy_only=False) for at in range(3)]
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
