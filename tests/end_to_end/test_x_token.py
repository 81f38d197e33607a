"""The job against the loopback platform with a wrong token: one clear message, and the token nowhere on the disk."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.simulate.demo_clock import DemoClock
from pipeline.simulate.server import DemoServer, serve
from pipeline.simulate.world import World
from tests.command import Tweetbench

CANARY = "canary-7f3a9c51e2d84b60"


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    world = World(account_count=20, day_count=30)
    with serve(world, clock=DemoClock(world.end), token="another-token") as running:
        yield running


def test_a_refused_token_ends_the_run_with_77_and_is_found_in_no_file_log_or_event_store(
    server: DemoServer, tmp_path: Path
) -> None:
    tweetbench = Tweetbench(tmp_path / "data")
    assert tweetbench("init").code == 0
    with (tweetbench.data_dir / "accounts.csv").open("a") as registry:
        registry.write("x,demo_somebody,,Somebody,,Tools,,b2b,,false,,\n")
    with_x = {"TWEETBENCH_X_BEARER_TOKEN": CANARY, "TWEETBENCH_X_API_BASE_URL": server.base_url}
    said = tweetbench("--debug", "run", **with_x)
    assert said.code == 77
    assert "TWEETBENCH_X_BEARER_TOKEN" in said.err
    assert CANARY not in said.out + said.err
    stored = [path for path in tmp_path.rglob("*") if path.is_file() and not path.is_symlink()]
    assert any(path.suffix == ".db" for path in stored), "Dagster's event store is among them"
    assert [path for path in stored if CANARY.encode() in path.read_bytes()] == []
