"""The Superset bundle matches the marts: current, complete, and every query of a chart runs on the published file."""

import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.publish.reader import open_published
from pipeline.settings import PROJECT_DIR, Settings

sys.path.insert(0, str(PROJECT_DIR / "bi"))
from superset_bundle import TARGET, bundle_files, render, write_zip
from superset_charts import CHARTS, DATASETS


@pytest.fixture(scope="module")
def files() -> dict[str, dict[str, Any]]:
    return bundle_files()


def test_the_files_in_the_repository_are_current(files: dict[str, dict[str, Any]]) -> None:
    found = {path.relative_to(TARGET).as_posix(): path.read_text(encoding="utf-8") for path in TARGET.rglob("*.yaml")}
    assert found == {name: render(content) for name, content in files.items()}


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.title)
def test_what_a_chart_asks_for_is_in_the_published_file(filled: Settings, chart: Any) -> None:
    (dataset,) = [dataset for dataset in DATASETS if dataset.name == chart.dataset]
    source = f"({dataset.sql})" if dataset.sql else f"marts.{dataset.name}"
    columns = ", ".join([*chart.columns, *chart.figures, *([chart.split_by] if chart.split_by else [])])
    with open_published(filled) as connection:
        connection.execute(f"select {columns} from {source} where {chart.where or 'true'}").fetchall()  # noqa: S608


def test_every_reference_between_files_resolves_and_every_chart_is_placed(files: dict[str, dict[str, Any]]) -> None:
    ids = {kind: {content["uuid"] for name, content in files.items() if name.startswith(kind)} for kind in
           ("databases", "datasets", "charts")}  # fmt: skip
    for name, content in files.items():
        if name.startswith("datasets"):
            assert content["database_uuid"] in ids["databases"]
        if name.startswith("charts"):
            assert content["dataset_uuid"] in ids["datasets"]
            assert json.loads(content["query_context"])["queries"]
    position = files["dashboards/tweetbench.yaml"]["position"]
    placed = {item["meta"]["uuid"] for key, item in position.items() if key.startswith("CHART-")}
    assert placed == ids["charts"]
    rows = [item for key, item in position.items() if key.startswith("ROW-")]
    assert all(sum(position[child]["meta"]["width"] for child in row["children"]) <= 12 for row in rows)


def test_columns_of_datasets_carry_their_descriptions_and_nothing_may_be_written(files: dict[str, Any]) -> None:
    for name, content in files.items():
        if name.startswith("datasets") and content["sql"] is None:
            assert [column["column_name"] for column in content["columns"] if not column["description"]] == []
    database = files["databases/tweetbench.yaml"]
    assert database["sqlalchemy_uri"].endswith("warehouse.duckdb?access_mode=read_only")
    assert (database["allow_dml"], database["allow_ctas"], database["allow_cvas"]) == (False, False, False)


def test_the_packed_bundle_names_the_warehouse_it_was_packed_for(tmp_path: Path) -> None:
    write_zip(tmp_path / "bundle.zip", "duckdb:////srv/warehouse.duckdb?access_mode=read_only")
    with zipfile.ZipFile(tmp_path / "bundle.zip") as archive:
        database = yaml.safe_load(archive.read("tweetbench/databases/tweetbench.yaml"))
        assert len(archive.namelist()) == len(bundle_files())
    assert database["sqlalchemy_uri"] == "duckdb:////srv/warehouse.duckdb?access_mode=read_only"
