"""The pictures that Dagster shows with a mart: drawn while its events are written, of the rows the mart has."""

import base64
from pathlib import Path

import duckdb

from pipeline.orchestration.assets.plots import begin_plots
from pipeline.report.painters import Painters


def test_the_plot_of_a_mart_shows_its_rows_and_says_what_is_synthetic(tmp_path: Path) -> None:
    marts = {"account_weeks", "ratio_styles", "coverage"}
    with duckdb.connect() as connection, Painters(1) as painters:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.account_weeks as select date '2026-03-02' + (7 * week)::integer as week_start_date, "
            "case when week < 3 then 0.01 * week end as growth_rate from range(4) as weeks(week)"
        )
        connection.execute(
            "create table marts.ratio_styles (account_key varchar, ratio_style varchar, follower_count bigint, "
            "following_count bigint)"
        )
        begun = begin_plots(connection, marts, painters, tmp_path, is_demo=True)
        assert list(begun) == ["account_weeks"], "one mart has no rows and one no plot"
        shown = str(begun["account_weeks"].markdown().value)
    title = "Median growth of an account, week by week (demo: all data is synthetic)"
    assert shown.startswith(f"![{title}](data:image/svg+xml;base64,")
    drawn = base64.b64decode(shown.partition("base64,")[2].removesuffix(")")).decode()
    assert title in drawn
    assert "0.0%" in drawn
    assert "2.0%" in drawn


def test_a_plot_that_cannot_be_drawn_says_so_and_the_mart_is_as_good_as_ever(tmp_path: Path) -> None:
    with duckdb.connect() as connection, Painters(1) as painters:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.account_weeks as select date '2026-03-02' as week_start_date, 0.01 as growth_rate"
        )
        begun = begin_plots(connection, {"account_weeks"}, painters, tmp_path / "gone", is_demo=False)
        assert begun["account_weeks"].markdown().value == "could not be drawn; the report has the full charts"
