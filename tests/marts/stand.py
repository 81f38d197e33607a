"""Runs chosen dbt models, as they are, on a warehouse that holds made-up tables in place of their parents."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from pipeline import warehouse
from pipeline.schemas import TABLES
from pipeline.settings import Settings
from pipeline.transform.dbt import invoke_dbt
from pipeline.transform.project import dbt_environment, dbt_locations, read_manifest
from pipeline.warehouse.raw_tables import create_raw_tables
from tests.parsed import share_parsed_project

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
SNAPSHOT_SCHEMA = pa.schema(
    [
        ("account_key", pa.string()),
        ("platform", pa.string()),
        ("date", pa.date32()),
        ("created_at", pa.timestamp("us", tz="UTC")),
        ("follower_count", pa.int64()),
        ("following_count", pa.int64()),
        ("status", pa.string()),
    ]
)


def build_models(data_dir: Path, parents: Mapping[str, pa.Table], selection: list[str]) -> Path:
    """Path of the warehouse after `dbt run` of the selection and of all seeds; fails with what dbt said.

    Parents are intermediate models, or marts by their full name.
    """
    file = data_dir / "warehouse" / "build.duckdb"
    file.parent.mkdir(parents=True)
    with duckdb.connect(str(file)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("create schema intermediate")
        connection.execute("create schema marts")
        for name, table in parents.items():
            place = name if "." in name else f"intermediate.{name}"
            connection.register("parent", table)
            connection.execute(f"create table {place} as select * from parent")  # noqa: S608 - our names
    run_models(data_dir, selection)
    return file


def build_from_raw(data_dir: Path, rows: Mapping[str, Iterable[Mapping[str, object]]], selection: list[str]) -> Path:
    """Path of the warehouse after `dbt run` of the selection on raw tables with these rows; the others are empty.

    A row may name the commit that it came with as `lake_sequence`.
    """
    settings = Settings(_env_file=None, data_dir=data_dir)
    settings.make_folders()
    with warehouse.connect(settings) as connection:
        create_raw_tables(connection)
        for name, records in rows.items():
            complete = [{"source": "x_api", "run_id": "r1", "lake_sequence": 1, **record} for record in records]
            schema = TABLES[name].append(pa.field("lake_sequence", pa.int64()))
            connection.register("records", pa.Table.from_pylist(complete, schema=schema))
            connection.execute(f"insert into raw.{name} by name select * from records")  # noqa: S608
    run_models(data_dir, selection)
    return settings.warehouse_file


def run_models(data_dir: Path, selection: list[str]) -> None:
    """Run all seeds and the selected models on the warehouse of a data folder; fails with what dbt said."""
    settings = share_parsed_project(data_dir)
    only_tables = ["--exclude-resource-types", "test", "unit_test", "--select", "resource_type:seed"]
    with pytest.MonkeyPatch.context() as patch:
        for name, value in dbt_environment(settings).items():
            patch.setenv(name, value)
        words = ["--quiet", "--no-write-json", "build", "--full-refresh", *dbt_locations(settings)]
        results = invoke_dbt([*words, *only_tables, *selection], read_manifest(settings))
    wrong = {result.node.name: result.message for result in results if result.status in {"error", "fail", "skipped"}}
    assert wrong == {}, wrong


def compile_models(data_dir: Path, selection: list[str]) -> tuple[dict[str, str], dict[str, str]]:
    """The statements of the selected models by name, and the schema of each and of the seeds that they read.

    Nothing is run, which takes a fifth of the time of a build. dbt prints the last of them.
    """
    settings = share_parsed_project(data_dir)
    settings.make_folders()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in dbt_environment(settings).items():
            patch.setenv(name, value)
        words = ["--quiet", "--no-write-json", "compile", *dbt_locations(settings), "--select", *selection]
        results = invoke_dbt(words, read_manifest(settings))
    nodes = [result.node for result in results if result.node.resource_type in ("model", "seed")]
    texts = {node.name: node.compiled_code for node in nodes if node.resource_type == "model"}
    return texts, {node.name: node.schema for node in nodes}


def read_rows(warehouse: Path, query: str) -> list[dict[str, object]]:
    """Rows of a query as dictionaries."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.sql(query).to_arrow_table().to_pylist()


def compiled_model(folder: Path, name: str) -> str:
    """The code of a model as dbt compiled it in the data folder of `build_models`."""
    target = Settings(_env_file=None, data_dir=folder).dbt_target_dir
    (path,) = (target / "compiled").glob(f"*/models/**/{name}.*")
    return path.read_text()
