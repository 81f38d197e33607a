"""Many accounts at once: inside the API's windows, at the planned price, with bounded memory and a small manifest."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.lake import INLINE_STATE_KEYS, MANIFEST, Lake
from pipeline.simulate.demo_clock import DemoClock
from pipeline.simulate.limits import WINDOW
from pipeline.simulate.responses import Options
from pipeline.simulate.server import serve
from pipeline.simulate.world import World
from pipeline.sources.x_api.run_plan import plan_run

from .stand import NOW, TOKEN, Stand
from .tiny_server import TinyX

FIRST = datetime(2025, 9, 6, 6, tzinfo=UTC)
# A twentieth of the documented limits, as 500 accounts are a twentieth of ten thousand.
LIMITS = {"users": 15, "users_by": 15, "timeline": 500, "posts": 175}


def test_five_hundred_accounts_stay_in_the_windows_and_cost_what_the_plan_says(tmp_path: Path) -> None:
    world = World(3, 500, 9, date(2025, 9, 1), post_rate_scale=9.0)
    stand = Stand(TinyX(), tmp_path)
    clock = DemoClock(FIRST, stand.time.monotonic)
    options = Options(token=TOKEN, rate_limits=LIMITS)
    registry: list[dict[str, Any]] = [{"account_id": account_id} for account_id in world.cast.account_ids]
    settings: dict[str, Any] = {"rows_in_memory": 2_000, "backfill_days": 3, "time_budget_seconds": 86_400.0}
    with serve(world, clock=clock, options=options) as server:
        stand.tiny.base_url = server.base_url
        for day in range(2):
            now = FIRST + timedelta(days=day)
            clock.set(now)
            plan = plan_run(stand.config(**settings), stand.lake, registry, now=now)
            result = stand.run(registry, now=now, **settings)
            assert result.partial_reason is None
        log, billing = server.admin.requests(), server.admin.billing()
    assert stand.time.naps
    assert {entry.status for entry in log} == {200}
    assert {route: most for route, most in most_in_a_window(log).items() if most > LIMITS[route]} == {}
    assert most_in_a_window(log)["timeline"] == LIMITS["timeline"]
    assert result.usd == pytest.approx(billing["2025-09-07"]["usd"])
    assert plan.usd == pytest.approx(result.usd, rel=0.05)
    assert len(stand.rows("posts")) > 10_000
    sizes = [sum(commit.row_counts().values()) for commit in stand.lake.commits()]
    # One page of 100 posts brings at most two rows a post and a few issues.
    assert max(sizes) < 2_000 + 250


def most_in_a_window(log: list[Any]) -> dict[str, int]:
    """The most requests of a route in one of its windows, which open with a request."""
    opened: dict[str, datetime] = {}
    used: dict[str, int] = {}
    most: dict[str, int] = {}
    for entry in log:
        at = datetime.fromisoformat(entry.at)
        if entry.route not in opened or at >= opened[entry.route] + WINDOW:
            opened[entry.route], used[entry.route] = at, 0
        used[entry.route] += 1
        most[entry.route] = max(most.get(entry.route, 0), used[entry.route])
    return most


def test_many_bookmarks_lie_beside_the_manifest_and_are_merged_by_commit(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    many = {f"timeline:{number}": {"high": str(number)} for number in range(INLINE_STATE_KEYS + 1)}
    entry = lake.commit({}, source="x_api", run_id="a", now=NOW, state=many)
    lake.commit({}, source="x_api", run_id="b", now=NOW, state={"timeline:3": {"high": "9"}})
    assert entry.state == {}
    assert entry.state_file is not None
    assert lake.check(entry.state_file) is None
    assert lake.state("x_api") == {**many, "timeline:3": {"high": "9"}}
    assert lake.state("other") == {}
    assert max(path.stat().st_size for path in (tmp_path / MANIFEST).iterdir()) < 1_000
    assert next(iter(lake.commits())).state_file == entry.state_file
