"""A data folder in which dbt can build, and two dbt runs for all tests of the ratio models: made-up daily counts, and
raw records through every model."""

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from pipeline.settings import Settings
from pipeline.simulate.history import history_rows, post_rows
from pipeline.simulate.world import World
from pipeline.transform.project import dbt_environment
from tests.conftest import SHARED
from tests.marts.follow_paths import draw_lookalikes, draw_snapshots
from tests.marts.known_accounts import broken_rows, limit_rows
from tests.marts.stand import SNAPSHOT_SCHEMA, build_from_raw, build_models
from tests.parsed import share_parsed_project

ORACLE = SHARED / "oracles" / "07a_ratio_point_classes"
MODELS = [
    *("int_ratio_styles", "int_follow_purge_days", "int_follow_days", "int_follow_legs"),
    *("int_account_days_settled", "int_follow_days_settled", "int_follow_legs_settled", "int_follow_windows"),
]
BROKEN_DAY = date(2026, 3, 2)


def _oracle_rows() -> list[dict[str, object]]:
    if not ORACLE.is_dir():
        return []
    with (ORACLE / "input.csv").open(encoding="utf-8", newline="") as file:
        return [
            {
                "account_key": f"x:oracle_{row['id']}",
                "platform": "x",
                "date": date.fromisoformat(row["as_of"]),
                "follower_count": int(row["followers"]),
                "following_count": int(row["following"]),
            }
            for row in csv.DictReader(file)
        ]


def _broken_rows() -> list[dict[str, object]]:
    """One reading only, nobody on either side, missing counts: nothing that may end in a crash or an infinite ratio."""
    counts = {"single": (900, 300), "nobody": (0, 0), "no_followers": (0, 7000), "no_following": (7000, 0)}
    rows: list[dict[str, object]] = [
        {"account_key": f"x:{name}", "platform": "x", "date": BROKEN_DAY, "follower_count": f, "following_count": d}
        for name, (f, d) in counts.items()
    ]
    rows.append({"account_key": "x:half", "platform": "x", "date": BROKEN_DAY, "follower_count": 5000})
    return rows


@pytest.fixture(scope="session")
def ratio_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Warehouse with the ratio styles and follow windows of the oracle's, the made-up and the broken accounts."""
    rows = [*draw_snapshots(seed=1), *draw_lookalikes(seed=2), *_oracle_rows(), *_broken_rows()]
    snapshots = pa.Table.from_pylist(rows, schema=SNAPSHOT_SCHEMA)
    bridged = pa.table({"account_key": pa.array([], pa.string())})
    settled = pa.table({"last_settled_week_date": [max(row["date"] for row in rows)]})
    parents = {
        "int_account_snapshots_daily": snapshots,
        "int_accounts_bridged": bridged,
        "int_settled_weeks": settled,
    }
    models = [*MODELS, "follow_churn"]
    return build_models(tmp_path_factory.mktemp("ratios"), parents, models)


@pytest.fixture(scope="session")
def known_world() -> World:
    """The demo world, whose truth is known."""
    return World()


@pytest.fixture(scope="session")
def raw_warehouse(known_world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Warehouse with every model of ratios and engagement on the demo world's year, known limit and broken accounts."""
    calendar = known_world.calendar
    last_day = calendar.first_day + timedelta(days=calendar.day_count - 1)
    rows = {
        "accounts": [*history_rows(known_world, calendar.first_day, last_day), *limit_rows(), *broken_rows()],
        "posts": list(post_rows(known_world, calendar.first_day, last_day)),
    }
    subjects = ["marts.ratios", "marts.engagement", "account_retention", "account_retention_measures", "account_days"]
    return build_from_raw(tmp_path_factory.mktemp("raw"), rows, [f"+{name}" for name in subjects])


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    """A data folder in which dbt can build."""
    with pytest.MonkeyPatch.context() as patch:
        made = share_parsed_project(tmp_path / "data")
        made.make_folders()
        for name, value in dbt_environment(made).items():
            patch.setenv(name, value)
        yield made
