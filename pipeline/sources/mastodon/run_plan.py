"""What the next run would request of each home server, before anything is called."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from math import ceil
from typing import Any

from pipeline.lake import Lake
from pipeline.sources.api.feeds.plan import add_lines, line, measure_load
from pipeline.sources.api.source import Plan
from pipeline.sources.mastodon.accounts import read_targets
from pipeline.sources.mastodon.config import MastodonConfig
from pipeline.sources.mastodon.dialect import ALL_REQUESTS, FURTHER_PAGES
from pipeline.sources.mastodon.feed_platform import BATCH, MASTODON, PROFILES
from pipeline.sources.mastodon.session import PAGE


def plan_run(config: MastodonConfig, lake: Lake, registry_rows: Iterable[Mapping[str, Any]], *, now: datetime) -> Plan:
    """The plan of a run that would start now: a line for each server, with the waits that its limits ask for.

    Until an account's home is known, the domain of its handle stands for it.
    """
    targets, refused = read_targets(registry_rows, at=now)
    lines = []
    for host, load in measure_load(MASTODON, config, lake, targets, now=now).items():
        # robots.txt; WebFinger and a profile for accounts that are new; the others' profiles and old posts in batches,
        # which a server before Mastodon 4.3 does not have; a page for each account, and further pages.
        further = load.further_pages(PAGE)
        known = ceil((load.account_count - load.new_count) / PROFILES)
        requests = 1 + 2 * load.new_count + known + load.account_count + further + ceil(load.due_count / BATCH)
        waits = max(ALL_REQUESTS.seconds_for(requests), FURTHER_PAGES.seconds_for(further))
        resources = load.account_count + load.post_count + load.due_count
        lines.append(line(host, requests, resources, waits_minutes=waits / 60))
    return add_lines(lines, refused)
