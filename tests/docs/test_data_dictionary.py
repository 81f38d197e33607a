"""The data dictionary is the manifest's, complete and current; the exposures name what reads the marts."""

import re
from typing import Any

import pytest

from tools.data_dictionary import TARGET, read_manifest, render, unit_of


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    return read_manifest()


def test_the_page_in_the_repository_is_current(manifest: dict[str, Any]) -> None:
    assert TARGET.read_text(encoding="utf-8") == render(manifest)


def test_every_mart_and_column_is_on_the_page_with_its_type(manifest: dict[str, Any]) -> None:
    page = render(manifest)
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model" and node["schema"] == "marts":
            section = re.search(rf"^### {node['name']}\n(.*?)(?=^##|\Z)", page, flags=re.MULTILINE | re.DOTALL)
            assert section, node["name"]
            for name, column in node["columns"].items():
                assert f"| `{name}` | {column['data_type'].lower()} |" in section[1], f"{node['name']}.{name}"


def test_keys_vocabularies_and_ranges_are_said_in_words(manifest: dict[str, Any]) -> None:
    page = render(manifest)
    assert (
        "| `post_key` | varchar | key, text | Key of the post: platform and id of its first version | primary key; "
        in page
    )
    assert "one of `original`, `reply`, `self_reply`, `quote`, `repost`, `unknown`" in page
    assert "is in accounts" in page


@pytest.mark.parametrize(
    ("name", "kind", "unit"),
    [
        ("follower_count", "bigint", "count"),
        ("following_change", "bigint", "count, signed"),
        ("account_share", "double", "share, 0 to 1"),
        ("engagement_per_1000_followers", "double", "engagement per 1000 followers"),
        ("minutes_per_day", "double", "minutes a day"),
        ("created_at", "timestamptz", "UTC time"),
        ("week_start_date", "date", "UTC day"),
        ("is_own", "boolean", "true or false"),
        ("metrics_age_hours", "double", "hours"),
        ("handle", "varchar", ""),
    ],
)
def test_units_follow_from_names(name: str, kind: str, unit: str) -> None:
    assert unit_of(name, kind) == unit


def test_exposures_name_what_reads_the_marts_and_who_answers_for_it(manifest: dict[str, Any]) -> None:
    exposures = {node["name"]: node for node in manifest["exposures"].values()}
    assert {"report", "superset_dashboard", "postgresql_copy"} <= exposures.keys()
    for node in exposures.values():
        assert node["description"]
        assert node["owner"]["name"]
        assert all(parent.startswith("model.tweetbench.") for parent in node["depends_on"]["nodes"])
        assert node["depends_on"]["nodes"], node["name"]
