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
    targets, refused = read_targets(registry_rows, at=now)
    lines = []
    for load in measure_load(BLUESKY, config, lake, targets, now=now).values():
        lines += [
            line("profiles", ceil(load.account_count / BATCH), load.account_count),
            line("feeds", load.account_count + load.further_pages(PAGE), load.post_count),
            line("posts", ceil(load.due_count / BATCH), load.due_count),
        ]
    return add_lines(lines, refused)
