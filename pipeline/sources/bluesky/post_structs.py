"""A post as it is read for the lake, as strict structs: what does not fit them is fitted value by value.

Field names are the lexicon's, which a test compares.
"""

from typing import Annotated, Any

import msgspec
from msgspec import Raw

from pipeline.sources.lake_source import BIGINT_MAX

Count = Annotated[int, msgspec.Meta(ge=0, le=BIGINT_MAX)]
NULL = Raw(b"null")


class Reference(msgspec.Struct, gc=False):
    """`com.atproto.repo.strongRef`."""

    uri: str | None = None


class Reply(msgspec.Struct, gc=False):
    """What a post answers, and where the conversation began."""

    root: Reference | None = None
    parent: Reference | None = None


class ByteSlice(msgspec.Struct, rename="camel", gc=False):
    """A stretch of the text in UTF-8 bytes."""

    byte_start: int | None = None
    byte_end: int | None = None


class Feature(msgspec.Struct, gc=False):
    """A link, a mention or a hashtag, by `type`."""

    type: str | None = msgspec.field(default=None, name="$type")
    uri: str | None = None
    did: str | None = None
    tag: str | None = None


class Facet(msgspec.Struct, gc=False):
    """What a stretch of the text is."""

    index: ByteSlice | None = None
    features: list[Feature] | None = None


class External(msgspec.Struct, gc=False):
    """A link card."""

    uri: str | None = None


class Media(msgspec.Struct, gc=False):
    """What a quoting post shows besides."""

    type: str | None = msgspec.field(default=None, name="$type")
    external: External | None = None


class Quoted(msgspec.Struct, gc=False):
    """What is quoted: by `uri`, or, where media come with it, by `record`."""

    uri: str | None = None
    record: Reference | None = None


class Embed(msgspec.Struct, gc=False):
    """What hangs on a post, by `type`."""

    type: str | None = msgspec.field(default=None, name="$type")
    external: External | None = None
    record: Quoted | None = None
    media: Media | None = None


class Record(msgspec.Struct, rename="camel", gc=False):
    """`app.bsky.feed.post`: what the author's client wrote."""

    type: str | None = msgspec.field(default=None, name="$type")
    text: str | None = None
    created_at: str | None = None
    langs: list[str] | None = None
    tags: list[str] | None = None
    facets: list[Facet] | None = None
    reply: Reply | None = None
    embed: Embed | None = None


class Author(msgspec.Struct, gc=False):
    """Who wrote a post or made a repost."""

    did: str | None = None
    handle: str | None = None
    labels: Any = None


class Post(msgspec.Struct, rename="camel", gc=False):
    """`app.bsky.feed.defs#postView`."""

    uri: str = ""
    author: Author = msgspec.field(default_factory=Author)
    record: Record | None = None
    indexed_at: str | None = None
    like_count: Count | None = None
    repost_count: Count | None = None
    reply_count: Count | None = None
    quote_count: Count | None = None
    bookmark_count: Count | None = None


class Why(msgspec.Struct, rename="camel", gc=False):
    """`app.bsky.feed.defs#reasonRepost`, or another reason."""

    type: str | None = msgspec.field(default=None, name="$type")
    by: Author | None = None
    uri: str | None = None
    indexed_at: str | None = None


class Entry(msgspec.Struct, gc=False):
    """`app.bsky.feed.defs#feedViewPost`; a post that was asked for by its address has no reason."""

    post: Post = msgspec.field(default_factory=Post)
    reason: Why | None = None


class _KeptAuthor(msgspec.Struct, gc=False):
    did: Raw = NULL
    handle: Raw = NULL


class KeptPost(msgspec.Struct, rename="camel", gc=False):
    """The post as it was served, without the posts of others that came with it."""

    uri: Raw = NULL
    cid: Raw = NULL
    author: _KeptAuthor | None = None
    record: Raw = NULL
    indexed_at: Raw = NULL
    labels: Raw = NULL
    like_count: Raw = NULL
    repost_count: Raw = NULL
    reply_count: Raw = NULL
    quote_count: Raw = NULL
    bookmark_count: Raw = NULL


class KeptEntry(msgspec.Struct, gc=False):
    """An entry as far as it is kept as it was."""

    post: KeptPost
