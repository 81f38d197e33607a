"""G2, G3: what must not matter does not. Page size, order within a page, threads, portions and one run or two give the
same rows; and the marts say what an independent computation says.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.lake import Lake
from tests.guarantees.crashing import LATER
from tests.guarantees.flow import Order, World, lake_contents, make_settings, open_world, published_contents, run_flow
from tests.sources.api.scripted import Reply


def backwards(page: dict[str, Any]) -> dict[str, Any]:
    return {**page, "data": page["data"][::-1]} if "data" in page else page


def one_run(folder: Path, *, page_size: int = 20, is_shuffled: bool = False, **changes: Any) -> Path:
    """A data folder after a single run over everything that the world has a day later."""
    with open_world(page_size) as world:
        return run_over(world, folder, is_shuffled=is_shuffled, **changes)


def run_over(world: World, folder: Path, *, is_shuffled: bool = False, **changes: Any) -> Path:
    make_settings(folder)
    world.drop(folder)
    world.grow()
    world.drop(folder)
    if is_shuffled:
        for account in world.tiny.accounts:
            world.tiny.script[f"/2/users/{account}/tweets"] = [Reply(change=backwards) for _ in range(60)]
    run_flow(Order(str(folder), world.tiny.base_url, "only", hours=LATER, **changes))
    return folder


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return one_run(tmp_path_factory.mktemp("plain") / "data")


@pytest.mark.parametrize(
    "changed",
    [{"page_size": 5}, {"page_size": 100}, {"is_shuffled": True}, {"threads": 4}, {"rows_in_memory": 10_000}],
    ids=lambda changed: "-".join(map(str, *changed.items())),
)
def test_g02_what_must_not_matter_does_not(plain: Path, tmp_path: Path, changed: dict[str, Any]) -> None:
    other = one_run(tmp_path / "data", **changed)
    assert lake_contents(other) == lake_contents(plain)
    assert published_contents(other) == published_contents(plain)


def test_g02_g03_two_half_runs_know_the_posts_that_one_run_knows(plain: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with open_world() as world:
        make_settings(folder)
        run_flow(Order(str(folder), world.tiny.base_url, "first"))
        run_over(world, folder)
    columns = ("post_id", "account_id", "text", "created_at", "post_kind")

    def known(where: Path) -> set[tuple[Any, ...]]:
        return {tuple(row[name] for name in columns) for row in Lake(where / "lake").read("posts").to_pylist()}

    assert known(folder) == known(plain)
    assert len(known(plain)) == 95


def test_g03_the_marts_say_what_an_independent_computation_says(plain: Path) -> None:
    # Straight from the Parquet files, past manifest, warehouse and SQL.
    read: Callable[[str], pl.DataFrame] = lambda table: pl.read_parquet(  # noqa: E731
        sorted((plain / "lake" / table).rglob("*.parquet")), hive_partitioning=False
    )
    posts = read("posts").group_by("post_id").agg(pl.col("account_id").first(), pl.len().cast(pl.Int64))
    followers = pl.col("follower_count").sum().cast(pl.Int64)
    accounts = read("accounts").drop_nulls("account_id").group_by("account_id").agg(pl.len().cast(pl.Int64), followers)
    assert published_contents(plain) == {"accounts": sorted(accounts.rows()), "posts": sorted(posts.rows())}
