"""The source against the demo platform: real tweepy over HTTP, several days, with faults; rows, money and requests."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.simulate.demo_clock import DemoClock
from pipeline.simulate.faults import Fault
from pipeline.simulate.server import DemoServer, serve
from pipeline.simulate.world import World
from pipeline.sources.api.source import ApiResult
from pipeline.sources.x_api.run_plan import plan_run

from .stand import TOKEN, Stand
from .tiny_server import TinyX

DAY = datetime(2026, 10, 20, 6, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> World:
    return World(account_count=14)


@pytest.fixture
def platform(world: World) -> Iterator[DemoServer]:
    with serve(world, clock=DemoClock(DAY), token=TOKEN) as server:
        yield server


def run(stand: Stand, platform: DemoServer, day: int, **changes: Any) -> ApiResult:
    now = DAY + timedelta(days=day)
    platform.clock.set(now)
    return stand.run(registry(platform), now=now, **changes)


def registry(platform: DemoServer) -> list[dict[str, Any]]:
    return [{"handle": naming.handle} for naming in platform.world.cast.namings]


def test_three_days_land_everything_served_at_the_price_billed(tmp_path: Path, platform: DemoServer) -> None:
    stand = Stand(TinyX(base_url=platform.base_url), tmp_path)
    results = [run(stand, platform, day) for day in range(3)]
    assert [result.partial_reason for result in results] == [None] * 3
    served = set(platform.admin.served_ids("timeline")) | set(platform.admin.served_ids("posts"))
    assert stand.post_ids() == served
    assert len(served) > 100
    assert sum(result.usd for result in results) == pytest.approx(platform.admin.usd())
    assert all("exclude" not in entry.params for entry in platform.admin.requests("timeline"))
    reposts = {row["post_id"] for row in stand.rows("posts") if row["post_kind"] == "repost"}
    assert reposts
    assert not reposts & {row["post_id"] for row in stand.rows("post_metrics")}
    assert "missing_required_metric" not in stand.problems()


def test_the_plan_comes_near_the_bill(tmp_path: Path, platform: DemoServer) -> None:
    stand = Stand(TinyX(base_url=platform.base_url), tmp_path)
    for day in range(4):
        run(stand, platform, day)
    now = DAY + timedelta(days=4)
    plan = plan_run(stand.config(), stand.lake, registry(platform), now=now)
    assert plan.usd == pytest.approx(run(stand, platform, 4).usd, rel=0.1)


@pytest.mark.parametrize(
    "kind", ["dialect", "duplicate_page", "empty_page", "short_page", "out_of_order", "close", "truncated", "html"]
)
def test_faults_on_a_timeline_lose_nothing_by_the_next_run(tmp_path: Path, platform: DemoServer, kind: str) -> None:
    stand = Stand(TinyX(base_url=platform.base_url), tmp_path)
    fault = Fault("timeline", kind, times=3)
    platform.faults.add(fault)
    run(stand, platform, 0)
    run(stand, platform, 0)
    with_faults = stand.post_ids()
    clean = Stand(TinyX(base_url=platform.base_url), tmp_path / "clean")
    run(clean, platform, 0)
    assert with_faults == clean.post_ids()
    assert max(Counter((row["post_id"], row["captured_at"]) for row in stand.rows("posts")).values()) <= 2
