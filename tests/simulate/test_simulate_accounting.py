"""Rate windows, billing, and the server as a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from pipeline.simulate.demo_clock import DemoClock
from pipeline.simulate.responses import Options
from pipeline.simulate.server import DemoServer, serve
from pipeline.simulate.world import World

Ask = Callable[..., requests.Response]
HEADERS = {"Authorization": "Bearer demo-token-of-loopback"}


def test_rate_headers_count_down_and_a_new_window_opens_after_fifteen_minutes(ask: Ask, clock: DemoClock) -> None:
    first, second = (ask("/2/users", {"ids": "1"}).headers for _ in range(2))
    assert (first["x-rate-limit-limit"], first["x-rate-limit-remaining"]) == ("300", "299")
    assert second["x-rate-limit-remaining"] == "298"
    assert int(first["x-rate-limit-reset"]) == int((clock() + timedelta(minutes=15)).timestamp())
    clock.advance(timedelta(minutes=15))
    assert ask("/2/users", {"ids": "1"}).headers["x-rate-limit-remaining"] == "299"


def test_app_and_user_have_the_documented_limits(ask: Ask, world: World) -> None:
    path = f"/2/users/{world.own_account_id}/tweets"
    assert ask(path).headers["x-rate-limit-limit"] == "10000"
    assert ask(path, user=True).headers["x-rate-limit-limit"] == "900"
    assert ask("/2/tweets", {"ids": "1"}).headers["x-rate-limit-limit"] == "3500"


def test_beyond_the_window_there_is_429_with_nothing_remaining(world: World, clock: DemoClock) -> None:
    with serve(world, clock=clock, options=Options(rate_limits={"users": 2})) as server:
        url = f"{server.base_url}/2/users?ids={world.own_account_id}"
        codes = [requests.get(url, headers=HEADERS, timeout=5).status_code for _ in range(2)]
        refused = requests.get(url, headers=HEADERS, timeout=5)
        others = requests.get(f"{server.base_url}/2/tweets?ids=1", headers=HEADERS, timeout=5)
    assert codes == [200, 200]
    assert refused.status_code == 429
    assert refused.json()["title"] == "Too Many Requests"
    assert refused.headers["x-rate-limit-remaining"] == "0"
    assert others.status_code == 200


def test_a_resource_is_billed_once_per_utc_day_and_again_the_next(
    ask: Ask, server: DemoServer, world: World, clock: DemoClock
) -> None:
    path = f"/2/users/{world.own_account_id}/tweets"
    for _ in range(3):
        ask(path, {"max_results": 10})
        ask("/2/users", {"ids": world.own_account_id})
    clock.set(datetime(2026, 10, 24, 0, 0, tzinfo=UTC))
    ask("/2/users", {"ids": world.own_account_id})
    assert server.admin.billing() == {
        "2026-10-23": {"post": 10, "user": 1, "owned": 0, "usd": 0.06},
        "2026-10-24": {"post": 0, "user": 1, "owned": 0, "usd": 0.01},
    }
    assert len(server.admin.served_ids("timeline")) == 30
    assert server.admin.usd() == pytest.approx(0.07)


def test_own_posts_cost_their_owner_a_fifth(ask: Ask, server: DemoServer, world: World) -> None:
    path = f"/2/users/{world.own_account_id}/tweets"
    ask(path, {"max_results": 5}, user=True)
    assert server.admin.billing()["2026-10-23"] == {"post": 0, "user": 0, "owned": 5, "usd": 0.005}


def test_errors_and_empty_answers_cost_nothing(ask: Ask, server: DemoServer) -> None:
    ask("/2/users", {"ids": "1,2"})
    ask("/2/users/by", {"usernames": "x-y"})
    assert server.admin.billing() == {}


def test_the_log_names_route_parameters_status_and_caller(ask: Ask, server: DemoServer) -> None:
    ask("/2/users", {"ids": "1", "user.fields": "created_at"})
    ask("/2/nothing/here")
    entry, unknown = server.admin.requests()
    assert (entry.method, entry.path, entry.route, entry.status) == ("GET", "/2/users", "users", 200)
    assert entry.params == {"ids": "1", "user.fields": "created_at"}
    assert (entry.caller, entry.is_authorised, entry.dialect) == ("app", True, "tweet")
    assert (unknown.route, unknown.status) == ("unknown", 404)


def test_many_threads_at_once_lose_no_count_and_bill_nothing_twice(server: DemoServer, world: World) -> None:
    url = f"{server.base_url}/2/users/{world.own_account_id}/tweets?max_results=20"

    def read(_number: int) -> int:
        return int(requests.get(url, headers=HEADERS, timeout=10).headers["x-rate-limit-remaining"])

    with ThreadPoolExecutor(8) as pool:
        remaining = list(pool.map(read, range(64)))
    assert sorted(remaining, reverse=True) == list(range(9_999, 9_999 - 64, -1))
    assert server.admin.billing()["2026-10-23"]["post"] == server.admin.post_read_count() == 20
    assert [entry.number for entry in server.admin.requests()] == list(range(64))


def test_the_date_header_tells_the_platform_s_time(ask: Ask) -> None:
    assert ask("/2/users", {"ids": "1"}).headers["Date"] == "Fri, 23 Oct 2026 12:00:00 GMT"


def test_the_server_runs_as_a_process_and_is_steered_over_http() -> None:
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-m", "pipeline.simulate.command", "--accounts", "20", "--days", "60", "--token", "own"]
    with subprocess.Popen(
        [*command, "--now", "2025-10-04T06:00:00Z"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    ) as process:
        try:
            assert process.stdout is not None
            base = process.stdout.readline().strip()
            clock = f"{base}/__admin/clock"
            assert requests.get(clock, timeout=5).json() == {"now": "2025-10-04T06:00:00+00:00"}
            requests.post(clock, json={"now": "2025-10-05T06:00:00Z", "advance_seconds": 60}, timeout=5)
            assert requests.get(clock, timeout=5).json() == {"now": "2025-10-05T06:01:00+00:00"}
            own = {"Authorization": "Bearer own"}
            account_id = World(account_count=20, day_count=60).own_account_id
            assert requests.get(f"{base}/2/users?ids={account_id}", headers=own, timeout=5).status_code == 200
            log = requests.get(f"{base}/__admin/log", timeout=5).json()
            assert [entry["fault"] for entry in log] == [None]
            billing = requests.get(f"{base}/__admin/billing", timeout=5).json()
            assert billing == {"2025-10-05": {"post": 0, "user": 1, "owned": 0, "usd": 0.01}}
        finally:
            process.kill()  # whoever started the tests may have made them ignore SIGTERM, and children inherit that
