"""What the Dagster UI shows of growth attribution: picture, verdict, diagnostics; also where there is nothing."""

import base64
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from pipeline.analysis.growth.tables import ESTIMATES, VERDICTS, build_table
from pipeline.orchestration.assets.growth_chart import describe_effects
from pipeline.orchestration.assets.growth_metadata import begin_effects, growth_metadata
from pipeline.report.painters import Painters

ADDRESS = {"segment_dimension": "all", "segment": "all"}
EFFECT = {"standardised_estimate": 0.004, "standardised_low": 0.003, "standardised_high": 0.005, "within_sd": 0.3}


def fill(connection: duckdb.DuckDBPyConnection, estimates: list[dict], verdicts: list[dict]) -> None:
    tables = {
        "int_growth_estimates": build_table(estimates, ESTIMATES),
        "int_growth_verdicts": build_table(verdicts, VERDICTS),
        "int_account_week_panel": pa.table(
            {
                "week_start_date": ["2026-01-05", "2026-01-05", "2026-01-12"],
                "exclusion_reason": ["purge_week", "purge_week", "no_quality_measure"],
            }
        ),
    }
    connection.execute("create schema intermediate")
    for name, table in tables.items():
        connection.register("given", table)
        connection.execute(f"create table intermediate.{name} as from given")


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def test_picture_verdict_and_diagnostics_stand_beside_the_asset(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    row = {**ADDRESS, "specification": "same_and_previous_week", "status": "ok", "method": "crv3", "dropped_count": 4}
    verdict = {
        **ADDRESS,
        "verdict": "quality_larger",
        "summary_text": "Quality is linked to more.",
        "account_count": 31,
    }
    verdict |= {"placebo_p_value": 0.0412, "within_r2": 0.123, "reliability": 0.25, "status": "ok"}
    rows = [{**row, **EFFECT, "explained_share": 0.5, "term": term} for term in ("quality", "volume")]
    # A single week of a sum is no bar of the picture.
    fill(connection, [*rows, {**row, **EFFECT, "term": "quality_same_week"}], [verdict])
    with Painters(1) as painters:
        effects = begin_effects(connection, painters, tmp_path, is_demo=True)
        shown = growth_metadata(connection, effects, is_demo=True)
    assert shown["verdict"].value == "quality_larger"
    assert shown["verdict_in_words"].value == "**Demo data.** Quality is linked to more."
    for line in (
        "accounts | 31",
        "within-R2 | 0.123",
        "placebo p (next week's quality) | 0.0412",
        "reliability of weekly quality | 0.25",
        "weeks dropped as purges of the platform | 1",
        "account-weeks left out: purge_week | 2",
        "complete rows left out as singletons | 4",
        "the same by wild bootstrap | not known",
    ):
        assert line in shown["diagnostics"].value
    assert "CRV3 (jackknife)" in shown["diagnostics"].value
    words, _, picture = shown["effects"].value.partition("](data:image/svg+xml;base64,")
    assert words == "![Quality is linked to more."
    drawn = base64.b64decode(picture.rstrip(")")).decode()
    assert "Quality of posts" in drawn
    assert "What is linked to follower growth (demo: all data is synthetic)" in drawn


def test_without_a_panel_the_asset_says_so_and_draws_nothing(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    fill(connection, [], [])
    with Painters(1) as painters:
        effects = begin_effects(connection, painters, tmp_path, is_demo=False)
    shown = growth_metadata(connection, effects, is_demo=False)
    assert shown["verdict"].value == "insufficient_data"
    assert shown["verdict_in_words"].value == "There is no panel yet."
    assert shown["effects"].value == "No picture: no effect has an interval."


def test_the_picture_is_in_per_cent_and_marks_demo_data() -> None:
    rows = [{"term": "quality", **EFFECT}, {"term": "growth_before", **dict.fromkeys(EFFECT)}]
    spec = describe_effects(rows, is_demo=True)
    assert spec["data"]["values"] == [
        {
            "term": "Quality of posts",
            "standardised_estimate": pytest.approx(0.4),
            "standardised_low": pytest.approx(0.3),
            "standardised_high": pytest.approx(0.5),
        }
    ]
    assert "demo" in spec["title"]["text"]
    with pytest.raises(ValueError, match="interval"):
        describe_effects([], is_demo=False)
