"""What the next run over feeds would request, before anything is called. Reads the lake only; it costs nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from pipeline.errors import TweetbenchError
from pipeline.lake import Lake
from pipeline.lake.query import query_files
from pipeline.sources.api.config import FeedConfig
from pipeline.sources.api.due_posts import due_posts
from pipeline.sources.api.feeds.bookmarks import open_window, read_bookmark
from pipeline.sources.api.feeds.session import FeedPlatform
from pipeline.sources.api.source import Plan, PlanLine
from pipeline.sources.api.targets import Target
from pipeline.sources.lake_source import Row

# Taken for accounts whose feed was never read; the others keep to the rate of the last days.
ASSUMED_POSTS_PER_DAY = 3.0
RATE_DAYS = 7
REQUEST_MINUTES = 0.3 / 60
# Posts of each account that the next run reads once more, and those of the last days.
RECENT = """
    select starts.account_id, count(*) filter (posts.created_at > since) as again_count, count(*) as recent_count
    from (
        select post_id, any_value(account_id) as account_id, max(created_at) as created_at
        from read_parquet($files, hive_partitioning = false)
        where created_at > $oldest
        group by post_id
    ) as posts
    inner join (select unnest($accounts) as account_id, unnest($starts) as since) as starts
        on posts.account_id = starts.account_id
    group by starts.account_id
"""


@dataclass
class FeedLoad:
    """What there is to read of some accounts: `new_count` feeds were never read, `due_count` posts are due again.

    `feeds` holds the posts, known and expected, behind the start of each window of the others.
    """

    backfill_days: int
    account_count: int = 0
    new_count: int = 0
    due_count: int = 0
    feeds: list[int] = field(default_factory=list)

    def further_pages(self, page_size: int) -> int:
        """Pages of feeds behind the first of each."""
        pages_of_new = ceil(ASSUMED_POSTS_PER_DAY * self.backfill_days / page_size) or 1
        return self.new_count * (pages_of_new - 1) + sum(count // page_size for count in self.feeds)

    @property
    def post_count(self) -> int:
        """Posts of all feeds."""
        return round(self.new_count * ASSUMED_POSTS_PER_DAY * self.backfill_days) + sum(self.feeds)


def measure_load(
    platform: FeedPlatform, config: FeedConfig, lake: Lake, targets: Iterable[Target], *, now: datetime
) -> dict[str, FeedLoad]:
    """What a run that starts now would find, by the group that requests belong to."""
    state = lake.state(platform.source)
    loads: dict[str, FeedLoad] = {}
    starts: dict[str, datetime] = {}
    for target in targets:
        account_id = platform.account_id_of(target, state)
        group = platform.group_of(account_id or f"{(target.handle or '').rpartition('@')[2]}/")
        load = loads.setdefault(group, FeedLoad(config.backfill_days))
        load.account_count += 1
        if account_id is None or f"timeline:{account_id}" not in state:
            load.new_count += 1
        else:
            starts[account_id] = _window_start(platform, config, state, account_id, now)
    for account_id, count in _expected_posts(platform, lake, starts, now=now).items():
        loads[platform.group_of(account_id)].feeds.append(count)
    due = due_posts(lake, platform.source, now=now, ages_days=config.refresh_ages_days)
    for post_id, account_id, created_at in zip(*(column.to_pylist() for column in due.columns), strict=True):
        # What the feed brings once more is read by then.
        if account_id not in starts or created_at <= starts[account_id]:
            loads.setdefault(platform.group_of(post_id), FeedLoad(config.backfill_days)).due_count += 1
    return dict(sorted(loads.items()))


def _window_start(
    platform: FeedPlatform, config: FeedConfig, state: Mapping[str, Any], account_id: str, now: datetime
) -> datetime:
    """Where the next window of an account starts; of one whose bookmark is refused nothing is read."""
    key = f"timeline:{account_id}"
    try:
        bookmark = read_bookmark(state[key], key=key, now=now, platform_name=platform.platform_name)
    except TweetbenchError:
        return now
    overlap, revisit = timedelta(hours=config.overlap_hours), timedelta(hours=config.revisit_hours)
    first = now - timedelta(days=config.backfill_days)
    return datetime.fromisoformat(open_window(bookmark, now=now, first=first, overlap=overlap, revisit=revisit).since)


def _expected_posts(
    platform: FeedPlatform, lake: Lake, starts: Mapping[str, datetime], *, now: datetime
) -> dict[str, int]:
    """Posts that each account's feed will hold behind the start of its window: the known ones, and new ones at the rate
    of the last days."""
    oldest = min([now - timedelta(days=RATE_DAYS), *starts.values()])
    commits = [commit.committed_at for commit in lake.commits() if commit.source == platform.source]
    files = [
        str(lake.path(file))
        for commit, file in lake.files("posts")
        if commit.source == platform.source and commit.committed_at[:10] >= oldest.date().isoformat()
    ]
    if not files or not starts:
        return dict.fromkeys(starts, 0)
    given = {"files": files, "oldest": oldest, "accounts": list(starts), "starts": list(starts.values())}
    found = {row["account_id"]: row for row in query_files(RECENT, given).to_pylist()}
    days = (now - datetime.fromisoformat(max(commits))) / timedelta(days=1)
    expected = dict.fromkeys(starts, 0)
    for account_id, row in found.items():
        expected[account_id] = row["again_count"] + round(days * row["recent_count"] / RATE_DAYS)
    return expected


def line(endpoint: str, requests: int, resources: int, *, waits_minutes: float = 0.0) -> PlanLine:
    """One kind of request; `waits_minutes` are spent on the platform's limits."""
    return PlanLine(endpoint, requests, resources, 0.0, round(requests * REQUEST_MINUTES + waits_minutes, 2))


def add_lines(lines: Iterable[PlanLine], refused: Iterable[Row] = ()) -> Plan:
    """The plan that the lines come to, with the issues of accounts that cannot be asked for."""
    every = tuple(lines)
    requests, resources = sum(each.request_count for each in every), sum(each.resource_count for each in every)
    minutes = sum(each.minutes for each in every)
    return Plan(every, (), requests, resources, 0.0, minutes, 0.0, fits=True, refused=tuple(refused))
