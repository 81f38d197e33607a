"""Whether two sets of marts say the same: keys and counts exactly, fractions to 1e-9, nulls alike.

Knows tables only, not the engines that made them: it reads one side from a DuckDB file, the other from Parquet files.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import yaml

RELATIVE = 1e-9
# Marts round fractions to nine decimals and more: a tie may fall to either side of the ninth.
LAST_PLACE = 1.01e-9
FRACTIONS = ("DOUBLE", "FLOAT")

# What cannot be equal between engines, by mart and column, with the reason; everything else is compared.
EXEMPT: dict[tuple[str, str], str] = {}


@dataclass(frozen=True)
class Outcome:
    """How one mart of the other engine compares. `differing`: rows by column; `tied`: last places that differ."""

    mart: str
    rows: int
    other_rows: int
    unmatched: int
    differing: dict[str, int]
    tied: int
    widest: float
    problem: str = ""

    @property
    def is_equal(self) -> bool:
        """True if every row has its like."""
        return not (self.problem or self.unmatched or self.differing or self.rows != self.other_rows)


def mart_keys(models: Path) -> dict[str, list[str]]:
    """The columns that name a row of each mart, by its constraints; empty where none says so."""
    keys: dict[str, list[str]] = {}
    for path in sorted((models / "marts").rglob("*.yml")):
        for model in yaml.safe_load(path.read_text()).get("models", []):
            single = [column["name"] for column in model["columns"] if _is_key(column)]
            together = [one["columns"] for one in model.get("constraints", []) if one["type"] == "unique"]
            keys[model["name"]] = single[:1] or (together[0] if together else [])
    return keys


def _is_key(column: dict[str, Any]) -> bool:
    return not {"unique", "primary_key"}.isdisjoint(one["type"] for one in column.get("constraints", []))


def compare_marts(warehouse: Path, tables: Path, models: Path) -> list[Outcome]:
    """Every mart of the project, compared; one that a side lacks is an outcome with a problem, not left out."""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"attach '{warehouse}' as build (read_only)")
        return [compare(connection, mart, keys, tables / mart) for mart, keys in mart_keys(models).items()]


def compare_warehouses(warehouse: Path, other: Path, models: Path) -> list[Outcome]:
    """The same for the marts of two DuckDB files, the second one's built with Spark."""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        for name, file in (("build", warehouse), ("engine", other)):
            quoted = str(file).replace("'", "''")
            connection.execute(f"attach '{quoted}' as {name} (read_only)")
        return [
            compare_rows(connection, mart, keys, f"engine.marts.{mart}") for mart, keys in mart_keys(models).items()
        ]


def compare(connection: duckdb.DuckDBPyConnection, mart: str, keys: list[str], folder: Path) -> Outcome:
    """One mart of DuckDB against Parquet files."""
    files = sorted(str(path) for path in folder.glob("*.parquet"))
    return compare_rows(connection, mart, keys, f"read_parquet({files}, hive_partitioning = false)" if files else "")


def compare_rows(connection: duckdb.DuckDBPyConnection, mart: str, keys: list[str], place: str) -> Outcome:
    """One mart: rows matched by key, then value by value; `place` is SQL for the other side's rows, if it has any."""
    columns = columns_of(connection, f"build.marts.{mart}")
    if not columns or not place or not columns_of(connection, f"(from {place})"):
        missing = "the DuckDB warehouse" if not columns else "Spark's warehouse"
        return Outcome(mart, 0, 0, 0, {}, 0, 0.0, f"not in {missing}")
    connection.execute(f"create or replace temp view other as from {place}")
    others = columns_of(connection, "other")
    # A contract puts columns in the order of the description, so only their names are looked at.
    if set(columns) != set(others):
        return Outcome(mart, 0, 0, 0, {}, 0, 0.0, f"columns differ: {sorted(set(columns) ^ set(others))}")
    compared = [name for name in columns if (mart, name) not in EXEMPT]
    exact = [name for name in compared if columns[name] not in FRACTIONS]
    names = keys or exact
    # Rows of the same key, or without one of the same exact values, are distinguished by their place.
    place = f"row_number() over (partition by {', '.join(names)} order by {', '.join(compared)}) as place"
    joined = " and ".join(f"a.{name} is not distinct from b.{name}" for name in [*names, "place"])
    measures = ["count(*)", "count(*) filter (where a.place is null or b.place is null)"]
    for name in compared:
        measures.append(f"count(*) filter (where a.place = b.place and {difference(name, columns[name])})")
    fractions = [name for name in compared if columns[name] in FRACTIONS]
    measures.append(" + ".join(f"count(*) filter (where {tie(name)})" for name in fractions) or "0")
    measures.append(f"greatest(0.0, {', '.join(f'max({distance(name)})' for name in fractions) or '0.0'})")
    query = (
        f"with a as (select *, {place} from build.marts.{mart}), b as (select *, {place} from other) "  # noqa: S608
        f"select {', '.join(measures)}, (select count(*) from a), (select count(*) from b) "
        f"from a full join b on {joined}"
    )
    found: tuple[Any, ...] = connection.execute(query).fetchall()[0]
    differing = {name: count for name, count in zip(compared, found[2:-4], strict=True) if count}
    return Outcome(mart, found[-2], found[-1], found[1], differing, found[-4], float(found[-3]))


def columns_of(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """Types by column; empty where there is no such table."""
    try:
        described = connection.execute(f"describe from {table}").fetchall()
    except duckdb.CatalogException:
        return {}
    return {row[0]: row[1] for row in described}


def distance(name: str) -> str:
    """SQL: relative distance of the two values of a fraction."""
    return f"coalesce(abs(a.{name} - b.{name}) / nullif(greatest(abs(a.{name}), abs(b.{name})), 0), 0.0)"


def tie(name: str) -> str:
    """SQL: true where two values of nine decimals differ in the ninth alone, and by more than the tolerance."""
    rounded = " and ".join(f"abs({side}.{name} - round({side}.{name}, 9)) < 1e-15" for side in "ab")
    return f"({distance(name)} > {RELATIVE} and abs(a.{name} - b.{name}) < {LAST_PLACE} and {rounded})"


def difference(name: str, kind: str) -> str:
    """SQL: true where the two values are not the same."""
    if kind not in FRACTIONS:
        return f"a.{name} is distinct from b.{name}"
    return (
        f"((a.{name} is null) <> (b.{name} is null) or isnan(a.{name}) <> isnan(b.{name}) "
        f"or ({distance(name)} > {RELATIVE} and not {tie(name)}))"
    )


def as_table(outcomes: list[Outcome]) -> str:
    """The outcomes as lines for a terminal."""
    lines = [f"{'mart':34} {'duckdb':>8} {'spark':>8} {'widest':>9} {'ties':>5}  result"]
    for one in sorted(outcomes, key=lambda one: one.mart):
        equal = "equal" if one.rows else "equal: no rows on either side"
        words = one.problem or (equal if one.is_equal else f"{one.unmatched} rows unmatched; {one.differing}")
        lines.append(f"{one.mart:34} {one.rows:>8} {one.other_rows:>8} {one.widest:>9.1e} {one.tied:>5}  {words}")
    lines += [f"not compared: {mart}.{column}: {reason}" for (mart, column), reason in EXEMPT.items()]
    count = sum(one.is_equal for one in outcomes)
    return "\n".join([*lines, f"{count} of {len(outcomes)} marts are equal"])
