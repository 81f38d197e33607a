"""Both engines make the same marts, and either continues where the other stopped; for machines that have Spark.

Spark's Python is TWEETBENCH_SPARK_PYTHON, else this one.
"""

import sys
from pathlib import Path

import pytest

from pipeline import warehouse
from pipeline.errors import TweetbenchError
from pipeline.lake import Lake
from pipeline.maintain.rebuild import build_marts
from pipeline.schemas import TABLES
from pipeline.settings import PROJECT_DIR, Settings
from pipeline.transform.build_state import find_start
from pipeline.transform.spark.build import require_spark, spark_folder
from tests.marts.test_incremental import DAYS, contents

sys.path.insert(0, str(PROJECT_DIR / "spark"))
from spark_compare import compare_warehouses


@pytest.fixture
def spark_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A data folder whose path has a blank, a quote and a letter beyond ASCII, for a build by Spark."""
    import os

    python = os.environ.get("TWEETBENCH_SPARK_PYTHON")
    folder = tmp_path / "who's büro"
    made = Settings(_env_file=None, data_dir=folder, engine="spark", spark_python=python and Path(python))
    try:
        require_spark(made)
    except TweetbenchError as error:
        pytest.skip(f"{error.what}: {error.next_step}")
    monkeypatch.setenv("TZ", "America/Los_Angeles")
    return made


def land(settings: Settings, days: slice) -> None:
    settings.make_folders()
    lake = Lake(settings.lake_dir)
    for day in DAYS[days]:
        lake.commit(day, source="x_api", run_id="r", now=DAYS[0]["posts"][0]["captured_at"])
    warehouse.load_tables(settings, lake, list(TABLES))


def test_both_engines_make_the_same_marts_and_either_continues(spark_settings: Settings, tmp_path: Path) -> None:
    duck = Settings(_env_file=None, data_dir=tmp_path / "duck")
    for settings in (spark_settings, duck):
        land(settings, slice(0, 4))
        build_marts(settings)
    models = PROJECT_DIR / "dbt_project" / "models"
    outcomes = compare_warehouses(duck.warehouse_file, spark_settings.warehouse_file, models)
    assert len(outcomes) == 60
    assert [one for one in outcomes if not one.is_equal] == []
    assert {one.rows for one in outcomes if one.mart in {"posts", "post_ages"}} != {0}
    assert not spark_folder(spark_settings).exists()
    # Types of every table are those of DuckDB, and its next build is an incremental one.
    assert described(spark_settings) == described(duck)
    land(spark_settings, slice(4, None))
    assert find_start(spark_settings).watermark == 4
    assert contents(spark_settings).keys() == contents(duck).keys()


def described(settings: Settings) -> list[tuple[object, ...]]:
    """Every column of every table with its type, key and comment."""
    with warehouse.connect(settings, read_only=True) as connection:
        return connection.execute(
            "select schema_name, table_name, column_name, data_type, is_nullable, comment from duckdb_columns() "
            "where schema_name in ('intermediate', 'marts') order by all"
        ).fetchall()
