"""The sources that read files, in the order in which `ingest` tries them. One module each; this list is the registry."""

from pipeline.sources import (
    account_registry,
    profile_snapshots,
    survey,
    twitter_analytics_by_day,
    twitter_analytics_by_tweet,
    x_analytics_content,
    x_analytics_overview,
)
from pipeline.sources.protocol import Source

# Mapped files last but one another: a mapping that a person wrote says more than a guess about columns.
SOURCES: tuple[Source, ...] = (
    x_analytics_content,
    x_analytics_overview,
    twitter_analytics_by_tweet,
    twitter_analytics_by_day,
    survey,
    account_registry,
    profile_snapshots,
)
