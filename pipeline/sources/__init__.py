"""The sources that read files, in the order in which `ingest` tries them: this list is their registry."""

from pipeline.sources import (
    account_registry,
    profile_snapshots,
    survey,
    twitter_analytics_by_day,
    twitter_analytics_by_tweet,
    x_analytics_content,
    x_analytics_overview,
    x_api,
    x_archive,
)
from pipeline.sources.protocol import LakeSource, Source

# X's own files first: their headers leave no doubt. Then what a person's mapping describes, tables of profiles last,
# because any columns with a handle and a follower count look like one.
SOURCES: tuple[Source, ...] = (
    x_analytics_content,
    x_analytics_overview,
    twitter_analytics_by_tweet,
    twitter_analytics_by_day,
    x_archive,
    survey,
    account_registry,
    profile_snapshots,
)

# Everything that fills the lake: the files, and the X API.
ALL_SOURCES: tuple[LakeSource, ...] = (*SOURCES, x_api)
