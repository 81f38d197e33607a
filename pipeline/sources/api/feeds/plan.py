"""What the next run over feeds would request, before anything is called. Reads the lake only; it costs nothing."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from pipeline.lake import Lake
from pipeline.sources.api.config import FeedConfig
from pipeline.sources.api.due_posts import due_posts
from pipeline.sources.api.feeds.session import FeedPlatform
from pipeline.sources.api.source import Plan, PlanLine
from pipeline.sources.api.targets import Target

# Taken for accounts whose feed was never read; what is new of a known one fits into a page.
ASSUMED_POSTS_PER_DAY = 3.0
REQUEST_MINUTES = 0.3 / 60


@dataclass(frozen=True)
class FeedLoad:
    """What there is to read of some accounts: `new_count` feeds were never read, `due_count` posts are due again."""

    account_count: int
    new_count: int
    due_count: int
    backfill_days: int

    def further_pages(self, page_size: int) -> int:
        """Pages of feeds behind the first of each."""
        pages_of_new = ceil(ASSUMED_POSTS_PER_DAY * self.backfill_days / page_size) or 1
        return self.new_count * (pages_of_new - 1)

    @property
    def new_post_count(self) -> int:
        """Posts of the feeds that were never read."""
        return round(self.new_count * ASSUMED_POSTS_PER_DAY * self.backfill_days)


def measure_load(
    platform: FeedPlatform, config: FeedConfig, lake: Lake, targets: Iterable[Target], *, now: datetime
) -> dict[str, FeedLoad]:
    """What a run that starts now would find, by the group that requests belong to."""
    state = lake.state(platform.source)
    due = due_posts(lake, platform.source, now=now, ages_days=config.refresh_ages_days)["post_id"].to_pylist()
    posts = Counter(map(platform.group_of, due))
    accounts: Counter[str] = Counter()
    new: Counter[str] = Counter()
    for target in targets:
        account_id = platform.account_id_of(target, state)
        group = platform.group_of(account_id or f"{(target.handle or '').rpartition('@')[2]}/")
        accounts[group] += 1
        new[group] += f"timeline:{account_id}" not in state
    return {
        group: FeedLoad(accounts[group], new[group], posts[group], config.backfill_days)
        for group in sorted(accounts | posts)
    }


def line(endpoint: str, requests: int, resources: int, *, waits_minutes: float = 0.0) -> PlanLine:
    """One kind of request; `waits_minutes` are spent on the platform's limits."""
    return PlanLine(endpoint, requests, resources, 0.0, round(requests * REQUEST_MINUTES + waits_minutes, 2))


def add_lines(lines: Iterable[PlanLine]) -> Plan:
    """The plan that the lines come to."""
    every = tuple(lines)
    requests, resources = sum(each.request_count for each in every), sum(each.resource_count for each in every)
    minutes = sum(each.minutes for each in every)
    return Plan(every, (), requests, resources, 0.0, minutes, 0.0, fits=True)
