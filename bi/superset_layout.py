"""Where each chart stands on the Superset dashboard, and the filter next to them."""

import uuid
from typing import Any

from superset_charts import CHARTS

NAMESPACE = uuid.UUID("6f1d8a52-6c6e-4a7f-9d0c-1f7f54d5f0aa")
WELCOME = """## tweetbench
Every figure comes from the published version in the first table. Null means not reported. Shares and effects carry
their n and 95 % limits in the table next to them. Where the first table says DEMO, **all of this is invented**."""


def made_id(*names: str) -> str:
    """An id that follows from names: an import updates what an earlier one made."""
    return str(uuid.uuid5(NAMESPACE, "/".join(names)))


def dashboard() -> dict[str, Any]:
    """The dashboard: a welcome, then the charts in rows of twelve columns, and a filter for the survey question."""
    position: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"id": "ROOT_ID", "type": "ROOT", "children": ["GRID_ID"]},
        "GRID_ID": {"id": "GRID_ID", "type": "GRID", "children": [], "parents": ["ROOT_ID"]},
        "HEADER_ID": {"id": "HEADER_ID", "type": "HEADER", "meta": {"text": "tweetbench"}},
    }
    welcome = {"id": "MARKDOWN-welcome", "type": "MARKDOWN", "children": []}
    _add_row(position, [{**welcome, "meta": {"width": 12, "height": 18, "code": WELCOME}}])
    row: list[dict[str, Any]] = []
    for number, chart in enumerate(CHARTS, start=1):
        if sum(item["meta"]["width"] for item in row) + chart.width > 12:
            _add_row(position, row)
            row = []
        meta = {"chartId": number, "uuid": made_id("chart", chart.title), "sliceName": chart.title}
        meta |= {"width": chart.width, "height": chart.height}
        row.append({"id": f"CHART-{number}", "type": "CHART", "children": [], "meta": meta})
    _add_row(position, row)
    return {
        "dashboard_title": "tweetbench",
        "slug": "tweetbench",
        "published": True,
        "uuid": made_id("dashboard"),
        "position": position,
        "metadata": {"native_filter_configuration": [_question_filter()], "color_scheme": "supersetColors"},
        "version": "1.0.0",
    }


def _add_row(position: dict[str, Any], items: list[dict[str, Any]]) -> None:
    name = f"ROW-{len(position['GRID_ID']['children'])}"
    children = [item["id"] for item in items]
    parents = ["ROOT_ID", "GRID_ID"]
    background = {"background": "BACKGROUND_TRANSPARENT"}
    position[name] = {"id": name, "type": "ROW", "children": children, "parents": parents, "meta": background}
    position["GRID_ID"]["children"].append(name)
    for item in items:
        position[item["id"]] = {**item, "parents": [*parents, name]}


def _question_filter() -> dict[str, Any]:
    others = [number for number, chart in enumerate(CHARTS, start=1) if chart.dataset != "survey_segments"]
    return {
        "id": "NATIVE_FILTER-question",
        "name": "Survey question",
        "filterType": "filter_select",
        "type": "NATIVE_FILTER",
        "targets": [{"column": {"name": "question"}, "datasetUuid": made_id("dataset", "survey_segments")}],
        "controlValues": {"defaultToFirstItem": True, "enableEmptyFilter": True, "multiSelect": False},
        "requiredFirst": True,
        "defaultDataMask": {"extraFormData": {}, "filterState": {}, "ownState": {}},
        "cascadeParentIds": [],
        "scope": {"rootPath": ["ROOT_ID"], "excluded": others},
    }
