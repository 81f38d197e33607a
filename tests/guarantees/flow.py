"""A whole small flow that can be killed thousands of times: X pages and people's files -> lake -> warehouse -> marts ->
published version. Only dbt is replaced, by two short statements; everything else is the product itself.

What is done to the flow belongs to `crashing`, what must hold afterwards to the tests.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from pipeline import warehouse
from pipeline.ingest import build_request
from pipeline.ingest.inbox import ingest_inbox
from pipeline.lake import Lake
from pipeline.publish import publish
from pipeline.runtime.lease import hold_lease
from pipeline.settings import Settings
from pipeline.sources.api.run import ApiRun
from tests.conftest import NOW
from tests.sources.api.platform import platform_module
from tests.sources.api.scripted import serve
from tests.sources.x_api.stand import make_account, make_post
from tests.sources.x_api.tiny_server import TinyX

TABLES = ("accounts", "posts", "post_metrics", "handle_changes", "issues")
LOADED = ("accounts", "posts")
PAGE = 20
SURVEYED = "platform,account_id,handle,captured_at,follower_count,following_count\n"
# What two runs of the same input may differ in: who wrote it, and in how many portions.
NOT_COMPARED = ("run_id", "lake_sequence")
MARTS = """
create schema if not exists marts;
create or replace table marts.posts (post_id varchar primary key, account_id varchar, reading_count bigint);
insert into marts.posts select post_id, any_value(account_id), count(*) from raw.posts group by post_id;
create or replace table marts.accounts (account_id varchar primary key, reading_count bigint, followers bigint);
insert into marts.accounts
    select account_id, count(*), sum(follower_count)::bigint from raw.accounts
    where account_id is not null group by account_id;
"""


@dataclass(frozen=True)
class Order:
    """One run of the flow and what is done to it; JSON values only, because it crosses a pipe."""

    folder: str
    base_url: str
    run_id: str
    hours: float = 0.0
    threads: int = 1
    rows_in_memory: int = 30
    task: str = "flow"
    plan: str | None = None
    trace: str | None = None
    die_at: int | None = None
    full_from: int | None = None
    count_to: str | None = None
    # What a task that only reads an API reads, and with which limits.
    source: str = "x_api"
    registry: tuple[dict[str, Any], ...] = ({"handle": "firm1"}, {"handle": "firm2"})


def make_settings(folder: Path, threads: int = 1) -> Settings:
    """Settings of a small data folder with nothing taken from the machine; no file has to settle."""
    settings = Settings(_env_file=None, data_dir=folder, threads=threads, memory_limit="512MB", settle_seconds=0)
    settings.make_folders()
    return settings


def run_flow(order: Order) -> int:
    """Read everything that is new, load it, build the marts, publish; the number of the version.

    Raises:
        TweetbenchError: the lease is held, the disk is full, or whatever else the product says.
    """
    settings = make_settings(Path(order.folder), order.threads)
    now = NOW + timedelta(hours=order.hours)
    with hold_lease(settings, purpose=order.run_id, now=now):
        read_everything(settings, order, now)
        build_marts(settings)
        return publish(settings, run_id=order.run_id, now=now, basis=order.run_id).version


def run_reading(order: Order) -> None:
    """Read everything that is new of an API into the lake, and no more.

    Raises:
        TweetbenchError: the lease is held, or whatever else the product says.
    """
    settings, now = make_settings(Path(order.folder)), NOW + timedelta(hours=order.hours)
    with hold_lease(settings, purpose=order.run_id, now=now):
        read_api(Lake(settings.lake_dir), order, now)


def read_api(lake: Lake, order: Order, now: datetime) -> None:
    """Everything that is new of the order's source."""
    platform_module(order.source).read(
        order.base_url,
        lake,
        list(order.registry),
        # Time stops: what is captured does not depend on how fast this machine is.
        ApiRun(order.run_id, now, lambda _: None, lambda: 0.0),
        rows_in_memory=order.rows_in_memory,
    )


def read_everything(settings: Settings, order: Order, now: datetime) -> None:
    """X first, then the inbox; both into the lake. The caller holds the lease."""
    lake = Lake(settings.lake_dir)
    read_api(lake, order, now)
    for outcome in ingest_inbox(lake, settings, build_request(settings, now=now), run_id=order.run_id):
        del outcome


def build_marts(settings: Settings) -> None:
    """Load what the warehouse lacks and make two marts of it, all of them or none."""
    lake = Lake(settings.lake_dir)
    for table in LOADED:
        warehouse.load_table(settings, lake, table)
    with warehouse.connect(settings) as connection:
        connection.execute(f"begin; {MARTS} commit")


@dataclass
class World:
    """What X serves, and the files that wait for the next run: name and content."""

    tiny: TinyX
    files: dict[str, str] = field(default_factory=dict)

    def grow(self) -> None:
        """A day later: 45 new posts of one account, 5 of the other, one more file."""
        for number in range(45):
            self.tiny.posts["1001"].append(make_post(number, at=NOW + timedelta(hours=1, minutes=number)))
        for number in range(5):
            self.tiny.posts["1002"].append(
                make_post(number, author="1002", at=NOW + timedelta(hours=3, minutes=number))
            )
        self.tiny.date = "Mon, 23 Nov 2026 12:00:00 GMT"
        self.files = {
            "profiles.csv": SURVEYED + "".join(f"x,{n},b{n},2026-11-{n:02d},{100 + n},10\n" for n in range(1, 13)),
        }

    def drop(self, folder: Path) -> None:
        """Put the waiting files into the inbox of a data folder."""
        for name, text in self.files.items():
            (folder / "inbox" / name).write_text(text)


@contextmanager
def open_world(page_size: int = PAGE) -> Iterator[World]:
    """A running server with two accounts: 35 and 10 posts of the day before."""
    accounts = {str(1_000 + number): make_account(number) for number in (1, 2)}
    posts: dict[str, list[dict[str, Any]]] = {
        "1001": [make_post(number) for number in range(35)],
        "1002": [make_post(number, author="1002") for number in range(100, 110)],
    }
    with serve(TinyX(accounts=accounts, posts=posts, page_size=page_size)) as tiny:
        yield World(tiny, {"first.csv": SURVEYED + "x,501,other,2026-11-01,7,3\n"})


def copy_folder(source: Path, target: Path) -> Path:
    """A copy of a data folder with its links."""
    shutil.copytree(source, target, symlinks=True)
    return target


def published_contents(folder: Path) -> dict[str, Any] | None:
    """Every row of every published mart but the stamp; None before the first version. Opening it must not fail."""
    file = folder / "published/current/warehouse.duckdb"
    if not file.exists():
        return None
    with duckdb.connect(str(file), read_only=True) as connection:
        names = connection.execute("select table_name from duckdb_tables() where schema_name = 'marts'").fetchall()
        return {
            name: connection.execute(f'select * from marts."{name}" order by all').fetchall()  # noqa: S608
            for (name,) in sorted(names)
            if name != "published"
        }


def lake_contents(folder: Path) -> dict[str, list[str]]:
    """Every committed row of the lake as text, sorted, without what two runs of the same input may differ in."""
    lake = Lake(folder / "lake")
    return {
        table: sorted(
            repr({name: value for name, value in row.items() if name not in NOT_COMPARED})
            for row in lake.read(table).to_pylist()
        )
        for table in TABLES
    }
