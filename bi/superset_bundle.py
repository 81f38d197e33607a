"""Writes the Superset dashboard as a bundle to import: `python bi/superset_bundle.py`.

The YAML in `bi/superset/` is generated from `superset_charts` and from the contracts of the marts, so that columns
carry their descriptions. `--check` changes nothing; `--zip` packs the bundle for one warehouse, whose address is a
placeholder otherwise.
"""

import argparse
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))

from superset_charts import CHARTS, DATASETS, Chart, Dataset  # noqa: E402
from superset_layout import dashboard, made_id  # noqa: E402

from tools.filled_marts import Contract, read_contracts  # noqa: E402

TARGET = FOLDER / "superset"
PLACEHOLDER = "duckdb:////path/to/data/published/current/warehouse.duckdb?access_mode=read_only"
VIZ_TYPES = {
    "table": "table",
    "bar": "echarts_timeseries_bar",
    "line": "echarts_timeseries_line",
    "bubble": "bubble_v2",
}
ROW_LIMIT = 5000
NUMBER_FORMATS = (("share", ".1%"), ("effect", ".5f"), ("value", ",.4~g"), ("median", ",.4~g"), ("percentile", ".0f"))
TABLE_LOOK = {"page_length": 20, "include_search": True}


def bundle_files(database: str = PLACEHOLDER) -> dict[str, dict[str, Any]]:
    """Every file of the bundle by path; ids follow from names, so an import updates what an earlier one made."""
    contracts = {contract.name: contract for contract in read_contracts()}
    files: dict[str, dict[str, Any]] = {
        "metadata.yaml": {"version": "1.0.0", "type": "Dashboard", "timestamp": "2026-11-22T00:00:00+00:00"},
        "databases/tweetbench.yaml": {
            "database_name": "tweetbench",
            "sqlalchemy_uri": database,
            "expose_in_sqllab": True,
            "allow_ctas": False,
            "allow_cvas": False,
            "allow_dml": False,
            "extra": {"allows_virtual_table_explore": True},
            "uuid": made_id("database"),
            "version": "1.0.0",
        },
        "dashboards/tweetbench.yaml": dashboard(),
    }
    for dataset in DATASETS:
        files[f"datasets/tweetbench/{dataset.name}.yaml"] = _dataset(dataset, contracts.get(dataset.name))
    for chart in CHARTS:
        files[f"charts/{_slug(chart.title)}.yaml"] = _chart(chart)
    return files


def _slug(title: str) -> str:
    return "_".join("".join(letter if letter.isalnum() else " " for letter in title.lower()).split())


def _dataset(dataset: Dataset, contract: Contract | None) -> dict[str, Any]:
    if contract is not None:
        columns = [
            _column(column["name"], column["data_type"].upper(), column["description"]) for column in contract.columns
        ]
    else:
        columns = [_column(name, "VARCHAR", "") for name in dataset.texts]
        columns += [_column(name, "DOUBLE", "") for name in dataset.numbers]
    return {
        "table_name": dataset.name,
        "schema": "marts",
        "sql": dataset.sql.strip() if dataset.sql else None,
        "description": contract.description if contract else None,
        "main_dttm_col": None,
        "uuid": made_id("dataset", dataset.name),
        "database_uuid": made_id("database"),
        "metrics": [{"metric_name": "count", "expression": "COUNT(*)", "verbose_name": "Rows"}],
        "columns": columns,
        "version": "1.0.0",
    }


def _column(name: str, kind: str, description: str) -> dict[str, Any]:
    return {
        "column_name": name,
        "type": {"TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE"}.get(kind, kind),
        "description": description or None,
        "is_dttm": kind in ("DATE", "TIMESTAMPTZ"),
        "groupby": True,
        "filterable": True,
        "is_active": True,
    }


def _metric(column: str) -> dict[str, Any]:
    # One row of a mart is one mark of a chart: MAX takes its value and adds nothing up.
    return {"expressionType": "SIMPLE", "aggregate": "MAX", "column": {"column_name": column}, "label": column}


def _number_format(column: str) -> str | None:
    return next((form for part, form in NUMBER_FORMATS if part in column), None)


def _where(chart: Chart) -> list[dict[str, Any]]:
    if not chart.where:
        return []
    return [{"expressionType": "SQL", "clause": "WHERE", "sqlExpression": chart.where}]


def _chart(chart: Chart) -> dict[str, Any]:
    metrics = [_metric(figure) for figure in chart.figures]
    split = [chart.split_by] if chart.split_by else []
    viz_type = VIZ_TYPES[chart.kind]
    params: dict[str, Any] = {
        "viz_type": viz_type,
        "adhoc_filters": _where(chart),
        "row_limit": ROW_LIMIT,
        **chart.look,
    }
    if chart.kind == "table":
        formats = {name: {"d3NumberFormat": _number_format(name)} for name in chart.columns if _number_format(name)}
        params |= {"query_mode": "raw", "all_columns": list(chart.columns), "show_cell_bars": False}
        params |= {"column_config": formats, "table_timestamp_format": "smart_date", **TABLE_LOOK, **chart.look}
    elif chart.kind == "bubble":
        x, y = metrics
        params |= {"entity": chart.columns[0], "series": chart.split_by, "x": x, "y": y, "size": y}
        params |= {"logXAxis": True, "logYAxis": True, "max_bubble_size": "10", "show_legend": True}
        params |= {"x_axis_label": chart.figures[0], "y_axis_label": chart.figures[1], "xAxisFormat": "SMART_NUMBER"}
        params |= {"x_axis_title_margin": 30, "y_axis_title_margin": 30, "opacity": 0.6}
    else:
        params |= {"x_axis": chart.columns[0], "xAxisForceCategorical": True, "metrics": metrics, "groupby": split}
        params |= {"x_axis_sort_asc": True, "x_axis_sort": chart.columns[0], "show_legend": True, "rich_tooltip": True}
        params |= {"sort_series_type": "name", "sort_series_ascending": True, "truncateYAxis": False}
    return {
        "slice_name": chart.title,
        "description": chart.note or None,
        "viz_type": viz_type,
        "params": params,
        "query_context": json.dumps(_query_context(chart, params, metrics, split)),
        "uuid": made_id("chart", chart.title),
        "dataset_uuid": made_id("dataset", chart.dataset),
        "version": "1.0.0",
    }


def _query_context(
    chart: Chart, params: dict[str, Any], metrics: list[dict[str, Any]], split: list[str]
) -> dict[str, Any]:
    query: dict[str, Any] = {
        "columns": [*chart.columns, *split],
        "metrics": metrics or None,
        "filters": [],
        "extras": {"where": f"({chart.where})" if chart.where else "", "having": ""},
        "row_limit": ROW_LIMIT,
        "orderby": [],
    }
    # The importer puts in the id that the dataset got.
    return {"datasource": {"id": 0, "type": "table"}, "queries": [query], "form_data": params, "result_type": "full"}


def render(content: dict[str, Any]) -> str:
    """A file of the bundle as YAML text."""
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110)


def write_zip(path: Path, database: str) -> None:
    """The bundle as one file that Superset imports, for the warehouse at a SQLAlchemy address."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in bundle_files(database).items():
            archive.writestr(f"tweetbench/{name}", render(content))


def main() -> int:
    """Write the bundle, or with --check say whether the files are current."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="say whether bi/superset is current and change nothing")
    parser.add_argument("--zip", type=Path, help="pack the bundle into this file")
    parser.add_argument("--database", default=PLACEHOLDER, help="SQLAlchemy address of the warehouse, for --zip")
    options = parser.parse_args()
    if options.zip:
        write_zip(options.zip, options.database)
        print(f"{options.zip}: superset import-dashboards -p {options.zip} -u admin")
        return 0
    texts = {name: render(content) for name, content in bundle_files().items()}
    found = {path.relative_to(TARGET).as_posix(): path.read_text("utf-8") for path in TARGET.rglob("*.yaml")}
    if options.check:
        print("bi/superset is current" if found == texts else "stale: run python bi/superset_bundle.py")
        return int(found != texts)
    for name in found.keys() - texts.keys():
        (TARGET / name).unlink()
    for name, text in texts.items():
        (TARGET / name).parent.mkdir(parents=True, exist_ok=True)
        (TARGET / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
