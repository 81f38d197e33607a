"""Bluesky's and Mastodon's sources against the demo's servers: real HTTP, several days, with faults."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.lake import Lake
from pipeline.settings import Settings
from pipeline.simulate.demo_clock import DemoClock
from pipeline.simulate.elsewhere import Elsewhere, draw_elsewhere
from pipeline.simulate.faults import Fault
from pipeline.simulate.posts import REPOST
from pipeline.simulate.server import DemoServer, serve
from pipeline.simulate.world import World
from pipeline.simulate.world_calendar import to_milliseconds
from pipeline.sources import API_SOURCES
from pipeline.sources.api.run import ApiRun
from pipeline.sources.api.source import ApiResult

from .stand import StillTime

DAY = datetime(2026, 10, 17, 6, 0, tzinfo=UTC)
FEEDS = {"bluesky": "author_feed", "mastodon": "statuses_of"}


@pytest.fixture(scope="module")
def world() -> World:
    return World(account_count=14)


@pytest.fixture(scope="module", params=list(FEEDS))
def site(world: World, request: pytest.FixtureRequest) -> Elsewhere:
    return next(site for site in draw_elsewhere(world) if site.platform == request.param)


@pytest.fixture
def server(world: World, site: Elsewhere) -> Iterator[DemoServer]:
    with serve(world, clock=DemoClock(DAY), elsewhere=(site,)) as running:
        yield running


class Reader:
    """One source with a lake of its own; every run has a name of its own."""

    def __init__(self, folder: Path, server: DemoServer, site: Elsewhere) -> None:
        self.lake, self.server, self.site, self.runs = Lake(folder / "lake"), server, site, 0
        addresses = dict.fromkeys(("bluesky_api_base_url", "mastodon_api_base_url"), server.base_url)
        self.settings = Settings(_env_file=None, data_dir=folder, **addresses)
        self.source = next(source for source in API_SOURCES if site.platform == source.PLATFORM)

    def run(self, day: int) -> ApiResult:
        now = DAY + timedelta(days=day)
        assert isinstance(self.server.clock, DemoClock)
        self.server.clock.set(now)
        self.runs += 1
        cast, time = self.site.world.cast, StillTime()
        registry = [
            {"platform": self.site.platform, "handle": self.site.world.handle(account, DAY), "account_id": account_id}
            for account, account_id in enumerate(cast.account_ids)
        ]
        run = ApiRun(f"run{self.runs}", now, time.sleep, time.monotonic, lambda: 0.5)
        return self.source.extract(self.settings, self.lake, registry, run)

    def rows(self, table: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.lake.read(table).to_pylist()
        return found

    def post_ids(self) -> set[str]:
        return {row["post_id"] for row in self.rows("posts") if row["availability"] == "available"}


def expected_posts(site: Elsewhere, first: datetime, *, days: list[datetime]) -> set[str]:
    """Ids of posts made since `first` that a reading of one of the days finds on the feeds that may be read."""
    found = set()
    for day in days:
        for account in range(site.world.cast.size):
            if site.world.status(account, day) not in {"active", "moved"} or site.is_hidden(account):
                continue
            for row in site.feed_rows(account, day):
                is_there = site.world.posts.kind[row] != REPOST or site.source_row(int(row), day) is not None
                made = site.world.posts.created_ms[site.world.posts.root[row]]
                if is_there and made > to_milliseconds(first):
                    found.add(site.post_ids[row])
    return found


def test_three_days_land_what_the_world_shows_and_no_more(tmp_path: Path, server: DemoServer, site: Elsewhere) -> None:
    reader = Reader(tmp_path, server, site)
    results = [reader.run(day) for day in range(3)]
    assert [(result.partial_reason, result.usd) for result in results] == [(None, 0.0)] * 3
    days = [DAY + timedelta(days=day) for day in range(3)]
    wanted = expected_posts(site, DAY - timedelta(days=30), days=days)
    assert len(wanted) > 60
    assert reader.post_ids() == wanted
    by_id = {row["post_id"]: row for row in reader.rows("posts") if row["availability"] == "available"}
    for row in reader.rows("post_metrics"):
        assert by_id[row["post_id"]]["post_kind"] != "repost"
        assert (row["impression_count"], row["link_click_count"]) == (None, None)
        number = site.find_row(row["post_id"], row["captured_at"])
        assert number is not None
        shown = site.world.metrics(number, row["captured_at"].replace(microsecond=0, second=0))
        assert (row["like_count"], row["repost_count"]) == (shown["like_count"], shown["repost_count"])
    linked = [row for row in by_id.values() if row["link_urls"]]
    assert linked
    assert all(url.startswith("https://demo-") for row in linked for url in row["link_urls"])
    assert {row["post_kind"] for row in by_id.values()} == {"original", "reply", "self_reply", "quote", "repost"}


def test_counts_and_statuses_are_the_world_s(tmp_path: Path, server: DemoServer, site: Elsewhere) -> None:
    reader = Reader(tmp_path, server, site)
    reader.run(0)
    reader.run(7)
    last = {row["account_id"]: row for row in reader.rows("accounts") if row["captured_at"] >= DAY + timedelta(days=7)}
    gone = {"not_found": "deactivated"}
    for account, account_id in enumerate(site.world.cast.account_ids):
        if site.is_hidden(account):
            assert account_id not in last
            continue
        state, row = site.world.account_state(account, DAY + timedelta(days=7)), last[account_id]
        assert row["status"] == gone.get(state.status, state.status)
        assert (row["follower_count"], row["following_count"]) == (state.follower_count, state.following_count)
        assert row["handle"] == state.handle
    changes = [(row["previous_handle"], row["handle"]) for row in reader.rows("handle_changes")]
    renamed = [naming.handle for naming in site.world.cast.namings if naming.start_ms]
    assert [new for _, new in changes] == (renamed if site.platform == "bluesky" else [])
    payloads = [json.loads(row["payload"]) for row in last.values() if row["payload"]]
    assert payloads


@pytest.mark.parametrize("kind", ["duplicate_page", "empty_page", "short_page", "out_of_order", "close", "html"])
def test_faults_on_a_feed_lose_nothing_by_the_next_run(
    tmp_path: Path, server: DemoServer, site: Elsewhere, kind: str
) -> None:
    reader = Reader(tmp_path, server, site)
    server.faults.add(Fault(FEEDS[site.platform], kind, times=3))
    reader.run(0)
    reader.run(0)
    assert reader.post_ids() == expected_posts(site, DAY - timedelta(days=30), days=[DAY])
