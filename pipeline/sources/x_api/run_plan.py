"""What the next run would request and cost, before anything is called, and what each setting would save.

Reads the lake only. Spending itself is guarded by `budget`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import ceil
from typing import Any

import pyarrow.parquet as pq

from pipeline.lake import Lake
from pipeline.sources.api.budget import (
    OWNED_READ,
    POST_READ,
    USER_READ,
    Budget,
    PriceTable,
    load_ledger,
    load_prices,
)
from pipeline.sources.api.due_posts import due_posts
from pipeline.sources.api.source import Plan, PlanLine, Saving
from pipeline.sources.api.targets import Target
from pipeline.sources.x_api import NAME
from pipeline.sources.x_api.accounts import account_id_of, read_targets
from pipeline.sources.x_api.bookmarks import open_window, read_bookmark
from pipeline.sources.x_api.config import XApiConfig
from pipeline.sources.x_api.session import BATCH

# Taken for accounts that X was never asked about; after the first run their own rates replace it.
ASSUMED_POSTS_PER_DAY = 3.0
RATE_DAYS = 14
# Requests in 15 minutes that X allows to an app, and one request's usual time.
WINDOW_REQUESTS = {"users_by": 300, "users": 300, "timelines": 10_000, "posts": 3_500, "own_posts": 900}
WINDOW_MINUTES, REQUEST_MINUTES = 15.0, 0.3 / 60


@dataclass(frozen=True)
class Load:
    """How much there is to read: accounts and posts by the way in which they are read."""

    new_account_count: int = 0
    known_account_count: int = 0
    timeline_count: int = 0
    new_post_count: int = 0
    overlap_post_count: int = 0
    due_post_count: int = 0
    own_post_count: int = 0
    own_account_count: int = 0
    posts_per_day: float = 0.0


def estimate(load: Load, config: XApiConfig, prices: PriceTable, day: date) -> Plan:
    """Requests, resources, US dollars and minutes by endpoint for a given load. Pure."""
    read_posts = load.new_post_count + load.overlap_post_count
    # A page holds 100 posts and every account takes a page of its own.
    pages = load.timeline_count + read_posts // BATCH
    own_requests = 2 * load.own_account_count + load.own_post_count // BATCH
    lines = (
        _line("users_by", ceil(load.new_account_count / BATCH), load.new_account_count, prices.usd(USER_READ, day)),
        _line("users", ceil(load.known_account_count / BATCH), load.known_account_count, prices.usd(USER_READ, day)),
        _line("timelines", pages, read_posts, prices.usd(POST_READ, day)),
        _line("posts", ceil(load.due_post_count / BATCH), load.due_post_count, prices.usd(POST_READ, day)),
        _line("own_posts", own_requests, load.own_post_count, prices.usd(OWNED_READ, day)),
    )
    usd = sum(line.usd for line in lines)
    return Plan(
        lines,
        _savings(load, config, prices, day),
        sum(line.request_count for line in lines),
        sum(line.resource_count for line in lines),
        round(usd, 6),
        sum(line.minutes for line in lines),
        config.max_usd,
        usd <= config.max_usd,
    )


def plan_run(config: XApiConfig, lake: Lake, registry_rows: Iterable[Mapping[str, Any]], *, now: datetime) -> Plan:
    """The plan of a run that would start now, from what the lake knows; nothing is called.

    Raises:
        TweetbenchError: the price table or a bookmark cannot be used.
    """
    prices = load_prices(config.prices_file)
    targets, refused = read_targets(registry_rows, at=now)
    load = measure_load(config, lake, targets, prices, now=now)
    return replace(estimate(load, config, prices, now.date()), refused=tuple(refused))


def measure_load(
    config: XApiConfig, lake: Lake, targets: Sequence[Target], prices: PriceTable, *, now: datetime
) -> Load:
    """What the next run would find: exact for posts already seen, by each account's recent rate for new ones."""
    state = lake.state(NAME)
    known = {account_id: target for target in targets if (account_id := account_id_of(target, state))}
    lifetime, lost = _recent_snapshots(lake, now=now)
    # A handle that X did not find is asked for again, but costs nothing unless it comes back.
    fresh = sum(
        account_id_of(target, state) is None and str(target.handle).casefold() not in lost for target in targets
    )
    budget = Budget(prices, config.max_usd)
    load_ledger(budget, lake, source=NAME, at=now)
    history = _recent_posts(lake, since=now - timedelta(days=max(RATE_DAYS, config.private_metrics_days)))
    recent_ids = Counter(account for account, moment in history.values() if moment >= now - timedelta(days=RATE_DAYS))
    starts = {account_id: _start(config, state, account_id, target, now) for account_id, target in known.items()}
    overlap = {
        post_id
        for post_id, (account, _) in history.items()
        if account in starts and int(post_id) > starts[account][0] and not budget.is_billed(POST_READ, post_id, now)
    }
    due = set(due_posts(lake, NAME, now=now, ages_days=config.refresh_ages_days)["post_id"].to_pylist()) - overlap
    # A quiet account's bookmark stays as it was, so the last run tells better how long it was not looked at.
    last_run = max((commit.committed_at for commit in lake.commits() if commit.source == NAME), default=None)
    since_run = (
        (now - datetime.fromisoformat(last_run)) / timedelta(days=1) if last_run else float(config.backfill_days)
    )
    days = {account: max(0.0, min(days, since_run)) for account, (_, days) in starts.items()}
    # The days that were watched: fewer in a young lake, and never the time since the last run.
    oldest = min((moment for _, moment in history.values()), default=now)
    rate_days = max(1.0, min(float(RATE_DAYS), (now - oldest) / timedelta(days=1)) - since_run)
    rates = {account: recent_ids[account] / rate_days for account in known}
    unread = [account for account in known if state.get(f"timeline:{account}") is None]
    rates |= {account: lifetime.get(account, ASSUMED_POSTS_PER_DAY) for account in unread}
    own = {account for account, target in known.items() if target.is_own} if config.user_token else set()
    return Load(
        new_account_count=fresh,
        known_account_count=sum(not budget.is_billed(USER_READ, account, now) for account in known),
        timeline_count=len(known) + fresh,
        new_post_count=round(
            sum(rates[account] * days[account] for account in known)
            + fresh * ASSUMED_POSTS_PER_DAY * config.backfill_days
        ),
        overlap_post_count=len(overlap),
        due_post_count=len(due),
        own_post_count=sum(account in own for account, _ in history.values()),
        own_account_count=len(own),
        posts_per_day=sum(rates.values()) + fresh * ASSUMED_POSTS_PER_DAY,
    )


def _start(
    config: XApiConfig, state: Mapping[str, Any], account_id: str, target: Target, now: datetime
) -> tuple[int, float]:
    """Id after which the account's timeline would be read, and the days since it was last read."""
    key = f"timeline:{account_id}"
    bookmark = read_bookmark(state.get(key), key=key, now=now)
    first = now - timedelta(days=config.backfill_days)
    if target.since:
        first = datetime.combine(target.since, time(), now.tzinfo)
    window = open_window(
        bookmark,
        now=now,
        first=first,
        overlap=timedelta(hours=config.overlap_hours),
        revisit=timedelta(hours=config.revisit_hours),
        post_count=None,
    )
    read_at = datetime.fromisoformat(bookmark.settled_at) if bookmark.settled_at else first
    return int(window.since or 0), max(0.0, (now - read_at) / timedelta(days=1))


def _recent_posts(lake: Lake, *, since: datetime) -> dict[str, tuple[str, datetime]]:
    """Account and creation time of each post that the X API delivered since a time."""
    found = {}
    for commit, file in lake.files("posts"):
        if commit.source == NAME and commit.committed_at[:10] >= since.date().isoformat():
            rows = pq.read_table(lake.path(file), columns=["post_id", "account_id", "created_at"])
            for post_id, account_id, created_at in zip(*(column.to_pylist() for column in rows.columns), strict=True):
                if account_id and created_at and created_at >= since:
                    found[post_id] = (account_id, created_at)
    return found


def _recent_snapshots(lake: Lake, *, now: datetime) -> tuple[dict[str, float], set[str]]:
    """Posts a day over each account's whole life, and the handles that X did not find, by the last days' snapshots."""
    rates, lost = {}, set()
    for commit, file in lake.files("accounts"):
        if commit.source == NAME and commit.committed_at[:10] >= (now - timedelta(days=RATE_DAYS)).date().isoformat():
            columns = ["account_id", "handle", "created_at", "post_count"]
            rows = pq.read_table(lake.path(file), columns=columns).to_pylist()
            for account_id, handle, created_at, count in (row.values() for row in rows):
                if account_id is None:
                    lost.add(str(handle).casefold())
                elif created_at and count is not None:
                    rates[account_id] = count / max(1.0, (now - created_at) / timedelta(days=1))
    return rates, lost


def _line(endpoint: str, requests: int, resources: int, price: Decimal) -> PlanLine:
    windows = max(0, ceil(requests / WINDOW_REQUESTS[endpoint]) - 1)
    minutes = windows * WINDOW_MINUTES + requests * REQUEST_MINUTES
    return PlanLine(endpoint, requests, resources, float(resources * price), round(minutes, 2))


def _savings(load: Load, config: XApiConfig, prices: PriceTable, day: date) -> tuple[Saving, ...]:
    daily_usd = load.posts_per_day * float(prices.usd(POST_READ, day))
    # The overlap reads a post again on each of its first days, so an age within it costs nothing more.
    covered_days = config.overlap_hours / 24 + 1
    ages = [age for age in config.refresh_ages_days if age >= covered_days]
    savings = [Saving(f"refresh_ages_days without {age}", daily_usd) for age in ages]
    if config.overlap_hours >= 24:
        savings.append(
            Saving(f"overlap_hours {config.overlap_hours - 24:g} instead of {config.overlap_hours:g}", daily_usd)
        )
    accounts = load.known_account_count + load.new_account_count
    savings.append(
        Saving("one account fewer", (daily_usd / accounts if accounts else 0) + float(prices.usd(USER_READ, day)))
    )
    return tuple(Saving(saving.setting, round(saving.usd_per_day, 6)) for saving in savings)
