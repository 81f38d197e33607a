"""What the next run would request, before anything is called. Reads the lake only; Bluesky costs nothing."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from math import ceil
from typing import Any

from pipeline.lake import Lake
from pipeline.sources.api.due_posts import due_posts
from pipeline.sources.api.source import Plan, PlanLine
from pipeline.sources.bluesky import NAME
from pipeline.sources.bluesky.accounts import account_id_of, read_targets
from pipeline.sources.bluesky.config import BlueskyConfig
from pipeline.sources.bluesky.session import BATCH, PAGE

# Taken for accounts whose feed was never read; what is new of a known one fits into a page.
ASSUMED_POSTS_PER_DAY = 3.0
REQUEST_MINUTES = 0.3 / 60


def plan_run(config: BlueskyConfig, lake: Lake, registry_rows: Iterable[Mapping[str, Any]], *, now: datetime) -> Plan:
    """The plan of a run that would start now."""
    state = lake.state(NAME)
    targets, _ = read_targets(registry_rows, at=now)
    read = sum(f"timeline:{account_id_of(target, state)}" in state for target in targets)
    new = len(targets) - read
    pages_of_new = ceil(ASSUMED_POSTS_PER_DAY * config.backfill_days / PAGE) or 1
    due = due_posts(lake, NAME, now=now, ages_days=config.refresh_ages_days).num_rows
    lines = (
        _line("profiles", ceil(len(targets) / BATCH), len(targets)),
        _line("feeds", read + new * pages_of_new, round(new * ASSUMED_POSTS_PER_DAY * config.backfill_days)),
        _line("posts", ceil(due / BATCH), due),
    )
    return Plan(
        lines,
        (),
        sum(line.request_count for line in lines),
        sum(line.resource_count for line in lines),
        0.0,
        sum(line.minutes for line in lines),
        0.0,
        fits=True,
    )


def _line(endpoint: str, requests: int, resources: int) -> PlanLine:
    return PlanLine(endpoint, requests, resources, 0.0, round(requests * REQUEST_MINUTES, 2))
