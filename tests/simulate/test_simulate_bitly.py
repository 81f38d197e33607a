"""Bitly over the demo world: the source reads to the click what the own company's posts were clicked."""

import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from pipeline.errors import TweetbenchError
from pipeline.lake import Lake
from pipeline.simulate.bitly_server import ShortLinks, clicks_before
from pipeline.simulate.demo import land_clicks
from pipeline.simulate.demo_clock import DemoClock
from pipeline.simulate.elsewhere import draw_elsewhere
from pipeline.simulate.metrics import METRICS
from pipeline.simulate.server import serve
from pipeline.simulate.world import World
from pipeline.sources.api.run import ApiRun
from pipeline.sources.bitly.config import BitlyConfig
from pipeline.sources.bitly.extraction import extract

TOKEN = "demo-token-of-loopback"
CLICKS = METRICS.index("link_click_count")


def test_history_and_live_days_add_up_to_what_the_posts_were_clicked(tmp_path: Path) -> None:
    world = World()
    sites = draw_elsewhere(world)
    links, lake = ShortLinks(sites), Lake(tmp_path / "lake")
    end = (world.end - timedelta(seconds=1)).replace(hour=6, minute=0, second=0, microsecond=0)
    live = end - timedelta(days=2)
    land_clicks(lake, links, live)
    with serve(world, elsewhere=sites, clock=DemoClock(end), token=TOKEN) as running:
        config = BitlyConfig(base_url=running.base_url, token=SecretStr(TOKEN))
        result = extract(config, lake, ApiRun("r", end, time.sleep, time.monotonic))
        wrong = BitlyConfig(base_url=running.base_url, token=SecretStr("x" * 40))
        with pytest.raises(TweetbenchError, match="does not accept TWEETBENCH_BITLY_TOKEN"):
            extract(wrong, lake, ApiRun("s", end, time.sleep, time.monotonic))
    assert (result.shortfalls, 30 < result.request_count < 100) == ((), True)
    read: dict[tuple[str, date], int] = {}
    for row in lake.read("link_clicks").to_pylist():
        read[row["link_id"], row["bucket_start_at"].date()] = row["click_count"]
    young = [link for link in links.posts if end - timedelta(days=40) < links.created(link) < end - timedelta(days=20)]
    assert len(young) > 5
    for link in young:
        finals = sum(int(site.world.finals[CLICKS, row]) for site, row in links.posts[link])
        stated = sum(count for (name, _), count in read.items() if name == link)
        assert abs(stated - finals) <= len(links.posts[link]), "but for what comes weeks after the post"
    recent = [link for link in links.posts if end - timedelta(days=9) < links.created(link) < end - timedelta(days=3)]
    assert recent
    for link in recent:
        day, yesterday = links.created(link).date(), end.date() - timedelta(days=1)
        while day <= yesterday:
            assert (link, day, read[link, day]) == (link, day, links.clicks(link, day))
            day += timedelta(days=1)


def test_the_past_is_landed_up_to_the_day_that_was_over() -> None:
    links = ShortLinks(draw_elsewhere(World()))
    last = date(2026, 3, 1)
    at = datetime(2026, 3, 2, 6, tzinfo=UTC)
    found = clicks_before(links, last - timedelta(days=20), last, captured_at=at)
    days = {row["bucket_start_at"].date() for row in found["rows"]}
    assert (min(days) >= last - timedelta(days=20), max(days)) == (True, last)
