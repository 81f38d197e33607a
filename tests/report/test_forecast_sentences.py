"""What the report says of followers to come: with limits, with how such limits fared, and why there is none."""

from datetime import date
from typing import Any

import pytest

from pipeline.publish.reader import open_published
from pipeline.report.brief import build_brief
from pipeline.report.catalogue import GERMAN, speaking
from pipeline.report.run_figures import query_figure
from pipeline.report.sections.forecast import FORECAST, draw_forecast, open_forecast, read_forecast, say_forecast
from pipeline.settings import Settings
from tests.conftest import NOW
from tests.report.stand import publish_rows, settings_for
from tests.report.world_ahead import forecast
from tests.report.world_names import LAST_DAY, key

ROW: dict[str, Any] = {
    "handle": "acme", "scenario": "present_pace", "as_of_date": date(2026, 10, 25), "follower_count": 1000,
    "forecast_date": date(2027, 1, 24), "change_per_week": 10.0, "expected_change": 130.0, "change_low": -20.4,
    "change_high": 300.0, "expected_follower_count": 1130, "follower_count_low": 979, "follower_count_high": 1300,
    "backtest_count": 19, "backtest_covered_count": 17, "all_backtest_count": 2592, "all_backtest_account_count": 157,
    "all_backtest_coverage": 0.916, "all_coverage_low": 0.884, "all_coverage_high": 0.94,
    "expected_answer_date": None, "reading_age": 1, "status": "ok", "status_reason": "",
}  # fmt: skip
NET = {**ROW, **dict.fromkeys(("follower_count", "expected_follower_count", "follower_count_low",
                               "follower_count_high"))}  # fmt: skip
FIGURES = dict.fromkeys([name for name, value in ROW.items() if isinstance(value, int | float)])
LACKING = {**ROW, **FIGURES, "status": "insufficient_data",
           "status_reason": "3 weeks of readings; a forecast needs 8; first answer about 2026-12-25"}  # fmt: skip


def values_of(spec: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """The rows of each layer."""
    return [spec["datasets"][layer["data"]["name"]] for layer in spec["layer"]]


def test_one_sentence_says_what_is_expected_its_limits_and_how_earlier_ones_fared() -> None:
    assert say_forecast(ROW) == (
        "In 13 weeks acme will probably have 1,130 followers (979 to 1,300; nine in ten such forecasts should hold, "
        "17 of 19 of its own earlier ones did)."
    )
    with speaking(GERMAN):
        assert say_forecast(ROW) == (
            "In 13 Wochen hat acme voraussichtlich 1.130 Follower (979 bis 1.300; neun von zehn solchen Prognosen "
            "sollten halten, von 19 eigenen früheren hielten 17)."
        )


@pytest.mark.parametrize("checked", [0, None])
def test_where_no_earlier_forecast_can_be_checked_none_is_claimed(checked: int | None) -> None:
    assert say_forecast({**ROW, "backtest_count": checked, "backtest_covered_count": checked}).endswith(
        "nine in ten such forecasts should hold, none of its own can be checked yet)."
    )


@pytest.mark.parametrize(("change", "written"), [(130.0, "+130"), (-130.0, "−130"), (0.2, "0")])
def test_where_no_total_is_known_the_change_is_forecast_with_its_sign(change: float, written: str) -> None:
    assert say_forecast({**NET, "expected_change": change}) == (
        f"In 13 weeks the followers of acme will probably have changed by {written} (−20 to 300; nine in ten such "
        "forecasts should hold, 17 of 19 of its own earlier ones did)."
    )


def test_thirteen_weeks_from_an_old_reading_are_not_thirteen_weeks_from_now() -> None:
    assert say_forecast({**ROW, "reading_age": 400}).startswith(
        "acme was last read on 2026-10-25. 13 weeks later, on 2027-01-24, 1,130 followers were to be expected ("
    )
    assert say_forecast({**NET, "reading_age": 15}).startswith("acme was last read on 2026-10-25. By 13 weeks later")
    assert say_forecast({**ROW, "reading_age": 14}).startswith("In 13 weeks acme")


def test_the_other_scenarios_the_coverage_of_all_and_the_limits_of_the_method_follow() -> None:
    good = {**ROW, "scenario": "good_weeks", "expected_follower_count": 1200}
    assert open_forecast([ROW, good]) == [say_forecast(ROW)]
    assert read_forecast([ROW, good]) == [
        "acme: in good weeks 1,200 (979 to 1,300).",
        "Of 2,592 earlier forecasts for 157 accounts, 91.6\u00a0% ended within their limits (95 % limits 88.4 to "
        "94.0\u00a0%); it should be about 90\u00a0%.",
        "It continues the past and knows of no plan: a campaign or a purge without precedent is in no limit.",
    ]


def test_without_limits_of_the_coverage_none_are_written() -> None:
    said = read_forecast([{**ROW, "all_coverage_low": None, "all_coverage_high": None}])
    assert said[0].endswith("91.6\u00a0% ended within their limits; it should be about 90\u00a0%.")


def test_an_account_without_a_forecast_has_its_reason_and_day_once() -> None:
    rows = [{**LACKING, "scenario": name} for name in ("present_pace", "usual_weeks", "good_weeks")]
    assert open_forecast(rows) == []
    assert draw_forecast(rows) == []
    reason = "3 weeks of readings; a forecast needs 8; first answer about 2026-12-25"
    assert read_forecast(rows) == [f"Insufficient data for acme: {reason}."]
    with speaking(GERMAN):
        assert read_forecast(rows) == [
            "Zu wenig Daten für acme: Lesungen über 3 Wochen; eine Prognose braucht 8; erste Antwort etwa am "
            "25.12.2026."
        ]


def test_a_scenario_alone_that_is_missing_is_named() -> None:
    rows = [ROW, {**LACKING, "scenario": "usual_weeks"}]
    assert read_forecast(rows)[-1].startswith("Insufficient data for acme (Usual weeks): 3 weeks of readings")


def test_a_day_of_a_first_answer_that_went_by_is_not_promised() -> None:
    day = date(2026, 12, 25)
    for age, ends in ((10, "needs 8; first answer about 2026-12-25."), (400, "needs 8.")):
        (said,) = read_forecast([{**LACKING, "expected_answer_date": day, "reading_age": age}])
        assert said.endswith(ends)
    assert read_forecast([{**LACKING, "as_of_date": None, "reading_age": None}])[0].endswith("2026-12-25.")


def test_a_handle_is_never_read_as_a_word_of_a_vocabulary() -> None:
    assert read_forecast([{**LACKING, "handle": "good_weeks"}])[0].startswith("Insufficient data for good_weeks: ")


def test_the_picture_has_a_panel_an_account_with_three_lines_and_what_was_read() -> None:
    rows = [{**ROW, "scenario": name} for name in ("present_pace", "usual_weeks", "good_weeks")]
    read = [{**ROW, **FIGURES, "scenario": "read", "as_of_date": date(2026, 10, day), "follower_count": 990 + day}
            for day in (4, 11, 18)]  # fmt: skip
    (drawing,) = draw_forecast([*rows, *read, *({**row, "handle": "other"} for row in rows)])
    assert [(panel.title, panel.about) for panel in drawing.panels] == [("acme", "acme"), ("other", "other")]
    assert [text for _, text in drawing.key] == ["So far", "Present pace", "Usual weeks", "Good weeks"]
    values = values_of(drawing.panels[0].spec)
    assert [len(layer) for layer in values] == [6, 3, 3, 3]
    assert len(drawing.panels[1].spec["layer"]) == 3
    # Where only the change is known, it starts from none.
    (drawing,) = draw_forecast([NET])
    assert [row["level"] for row in values_of(drawing.panels[0].spec)[0]] == [0, 130.0]


def test_the_page_shows_the_readings_of_the_last_half_year_by_week(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    settings = settings_for(tmp_path_factory.mktemp("forecast") / "data")
    account = {"account_key": key(0), "handle": "we", "account_label": "we", "is_own": True, "follower_count": 450}
    days = [
        {"account_key": key(0), "date": date.fromordinal(LAST_DAY.toordinal() - back), "follower_count": 450 - back}
        for back in range(400)
    ]
    publish_rows(settings, {"accounts": [account], "account_days": days, "follower_forecast": forecast()}, now=NOW)
    with open_published(settings) as connection:
        answer = query_figure(connection, FORECAST.figures[0])
    read = [row for row in answer.rows if row["scenario"] == "read"]
    assert (len(read), read[-1]["as_of_date"], read[-1]["follower_count"]) == (27, LAST_DAY, 450)
    assert answer.opening_count == 1
    assert answer.words[0].startswith("In 13 weeks we will probably have 580 followers (540 to 640; nine in ten")
    assert any(text.startswith("Insufficient data for x:") for text in answer.words)


def test_the_brief_carries_the_forecast_of_its_account(filled: Settings) -> None:
    with open_published(filled) as connection:
        sentence = query_figure(connection, FORECAST.figures[0]).words[0]
    version = filled.published_dir / "current" / "warehouse.duckdb"
    page = build_brief(version, filled.reports_dir / "brief", settings=filled).read_text(encoding="utf-8")
    assert sentence in page
