"""What the next run would request of Bluesky, before anything is called."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from math import ceil
from typing import Any

from pipeline.lake import Lake
from pipeline.sources.api.feeds.plan import add_lines, line, measure_load
from pipeline.sources.api.source import Plan
from pipeline.sources.bluesky.accounts import read_targets
from pipeline.sources.bluesky.config import BlueskyConfig
from pipeline.sources.bluesky.feed_platform import BATCH, BLUESKY
from pipeline.sources.bluesky.session import PAGE


def plan_run(config: BlueskyConfig, lake: Lake, registry_rows: Iterable[Mapping[str, Any]], *, now: datetime) -> Plan:
    """The plan of a run that would start now."""
    load = measure_load(BLUESKY, config, lake, read_targets(registry_rows, at=now)[0], now=now)
    return add_lines(
        (
            line("profiles", ceil(len(load.accounts) / BATCH), len(load.accounts)),
            line("feeds", load.feed_requests(PAGE), load.new_post_count),
            line("posts", ceil(len(load.due) / BATCH), len(load.due)),
        )
    )
