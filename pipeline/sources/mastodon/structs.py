"""A status as its answer is opened, and as it is read for the lake. Pure.

What a run needs at once (`Head`) is untyped, so that one odd value costs itself. What a status says (`Status`) is
strict: what does not fit is fitted value by value. Servers of other make leave fields out and add their own.
"""

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

from pipeline.sources.lake_source import BIGINT_MAX

Count = Annotated[int, msgspec.Meta(ge=0, le=BIGINT_MAX)]
NULL = Raw(b"null")


class Maker(msgspec.Struct, gc=False):
    """Who made a status, by the id of the server that shows it."""

    id: Any = None
    acct: Any = None
    noindex: Any = None


class Head(msgspec.Struct, gc=False):
    """A status as far as every run needs it."""

    id: Any = None
    account: Raw = NULL
    created_at: Any = None
    visibility: Any = None
    reblog: Raw = NULL
    favourites_count: Any = None
    reblogs_count: Any = None
    replies_count: Any = None
    quotes_count: Any = None

    @property
    def is_boost(self) -> bool:
        """True where another status is shown."""
        return len(self.reblog) > len(NULL) and bytes(self.reblog)[:1] == b"{"


class Named(msgspec.Struct, gc=False):
    """A mention, a hashtag or a medium."""

    url: str | None = None
    acct: str | None = None
    name: str | None = None
    type: str | None = None


class Card(msgspec.Struct, gc=False):
    """A link card; `authors` come with their profiles (Mastodon 4.3)."""

    url: str | None = None
    authors: Any = None


class Status(msgspec.Struct):
    """A status. Ids are text, or numbers in old answers, and are judged by `local_id_of`."""

    id: Any = None
    account: Raw = NULL
    created_at: str | None = None
    content: str | None = None
    language: str | None = None
    reblog: "Status | None" = None
    in_reply_to: Raw | UnsetType = UNSET  # with Pixelfed the status itself
    in_reply_to_id: Any = None
    in_reply_to_account_id: Any = None
    # A quote, the quoted status itself, or what Pleroma and Akkoma add: each server has its own form.
    quote: Any = None
    quote_id: Any = None
    pleroma: Any = None
    card: Card | None = None
    mentions: list[Named] | None = None
    tags: list[Named] | None = None
    media_attachments: list[Named] | None = None
    favourites_count: Count | None = None
    reblogs_count: Count | None = None
    replies_count: Count | None = None
    quotes_count: Count | None = None


class Mark(msgspec.Struct, gc=False):
    """What is kept of the account or the status of somebody else that came with a status."""

    id: Raw | UnsetType = UNSET
    acct: Raw | UnsetType = UNSET
    uri: Raw | UnsetType = UNSET
    url: Raw | UnsetType = UNSET
    noindex: Raw | UnsetType = UNSET
