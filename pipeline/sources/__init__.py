"""The outside world: one module or package for each source; parsers are pure.

`SOURCES` is the registry of file sources, in the order in which they are tried, `API_SOURCES` that of APIs. What they
share lies in `files` and in `api`; a source knows no other source. Which one reads a file is decided in `reading`.
"""

from typing import TYPE_CHECKING

from pipeline.sources import account_registry, contacts, link_clicks, profile_snapshots, survey, x_archive
from pipeline.sources.analytics import (
    twitter_analytics_by_day,
    twitter_analytics_by_tweet,
    x_analytics_content,
    x_analytics_overview,
)
from pipeline.sources.contacts import followers
from pipeline.sources.files.protocol import Source
from pipeline.sources.lake_source import LakeSource
from pipeline.sources.linkedin.export import PAGE_EXPORTS

if TYPE_CHECKING:
    from pipeline.sources.api.source import ApiSource

    API_SOURCES: tuple[ApiSource, ...]
    ALL_SOURCES: tuple[LakeSource, ...]

# Files of X and LinkedIn first: their headers leave no doubt. Then what a person's mapping describes, tables of
# profiles last, because any columns with a handle and a follower count look like one.
SOURCES: tuple[Source, ...] = (
    x_analytics_content,
    x_analytics_overview,
    twitter_analytics_by_tweet,
    twitter_analytics_by_day,
    x_archive,
    *PAGE_EXPORTS,
    survey,
    contacts,
    followers,
    link_clicks,
    account_registry,
    profile_snapshots,
)


def __getattr__(name: str) -> "tuple[LakeSource, ...] | tuple[ApiSource, ...]":
    """`API_SOURCES`: every API that is asked. `ALL_SOURCES`: everything that fills the lake.

    Looked up when they are asked for: no reader of files, and no source itself, needs to know the APIs.
    """
    if name == "API_SOURCES":
        from pipeline.sources import bitly, bluesky, mastodon, x_api

        return (x_api, bluesky, mastodon, bitly)
    if name == "ALL_SOURCES":
        from pipeline.sources import API_SOURCES

        return (*SOURCES, *API_SOURCES)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
