"""What the comparison of marts between engines calls equal, tied and different; it needs no Spark."""

import sys
from pathlib import Path

import duckdb
import pytest

from pipeline.settings import PROJECT_DIR

sys.path.insert(0, str(PROJECT_DIR / "spark"))
from spark_compare import Outcome, as_table, compare, mart_keys

ROWS = [("a", 1, 0.123456789, None), ("b", None, 2.0, "x"), ("c", 3, 3e-12, "y")]


def outcome(tmp_path: Path, other: list[tuple[object, ...]], keys: list[str]) -> Outcome:
    """The mart `sample` of ROWS in DuckDB against other rows in Parquet."""
    (tmp_path / "sample").mkdir()
    types = "name varchar, number bigint, share double, note varchar"
    with duckdb.connect(str(tmp_path / "build.duckdb")) as connection:
        connection.execute(f"create schema marts; create table marts.sample ({types})")
        connection.executemany("insert into marts.sample values (?, ?, ?, ?)", ROWS)
    with duckdb.connect() as connection:
        connection.execute(f"create table sample ({types})")
        connection.executemany("insert into sample values (?, ?, ?, ?)", other)
        connection.execute(f"copy sample to '{tmp_path}/sample/part.parquet'")
        connection.execute(f"attach '{tmp_path}/build.duckdb' as build (read_only)")
        return compare(connection, "sample", keys, tmp_path / "sample")


@pytest.mark.parametrize("keys", [["name"], []])
def test_the_same_rows_in_another_order_are_equal(tmp_path: Path, keys: list[str]) -> None:
    found = outcome(tmp_path, ROWS[::-1], keys)
    assert found.is_equal
    assert (found.rows, found.other_rows, found.tied, found.widest) == (3, 3, 0, 0.0)


def test_fractions_may_differ_by_a_billionth_and_by_a_tie_in_the_ninth_decimal(tmp_path: Path) -> None:
    close = [("a", 1, 0.12345679, None), ("b", None, 2.0 + 1e-9, "x"), ("c", 3, 3e-12, "y")]
    found = outcome(tmp_path, close, ["name"])
    assert found.is_equal
    assert found.tied == 1


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (("a", 2, 0.123456789, None), "number"),
        (("a", None, 0.123456789, None), "number"),
        (("a", 1, 0.123456791, None), "share"),
        (("a", 1, None, None), "share"),
        (("a", 1, float("nan"), None), "share"),
        (("a", 1, 0.123456789, ""), "note"),
    ],
)
def test_one_other_value_is_named_with_its_column(tmp_path: Path, row: tuple[object, ...], column: str) -> None:
    found = outcome(tmp_path, [row, *ROWS[1:]], ["name"])
    assert not found.is_equal
    assert found.differing == {column: 1}


def test_a_small_fraction_is_judged_by_its_own_size(tmp_path: Path) -> None:
    found = outcome(tmp_path, [*ROWS[:2], ("c", 3, 4e-12, "y")], ["name"])
    assert found.differing == {"share": 1}


def test_rows_that_one_side_lacks_and_marts_that_were_not_built_are_not_equal(tmp_path: Path) -> None:
    found = outcome(tmp_path, [*ROWS[:2], ("d", 3, 3e-12, "y")], ["name"])
    assert (found.is_equal, found.unmatched) == (False, 2)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{tmp_path}/build.duckdb' as build (read_only)")
        absent = compare(connection, "sample", ["name"], tmp_path / "nowhere")
    assert (absent.is_equal, absent.problem) == (False, "not in Spark's warehouse")
    assert "0 of 2 marts are equal" in as_table([found, absent])


def test_every_mart_of_the_project_is_compared() -> None:
    models = PROJECT_DIR / "dbt_project" / "models"
    assert set(mart_keys(models)) == {path.stem for path in (models / "marts").rglob("*.sql")}
    assert mart_keys(models)["account_days"] == ["account_key", "date"]
