"""Forecasts of followers: worlds whose future is known, real histories, and histories that carry none."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from pipeline.analysis.forecast import forecast_followers
from pipeline.analysis.forecast.intervals import weighted_quantiles
from pipeline.analysis.forecast.outlooks import Histories, look_ahead
from tests.analysis.forecast_worlds import (
    FIRST_MONDAY,
    KINDS,
    SCHEMA,
    count_held,
    draw_levels,
    forecast_world,
    list_accounts,
    list_readings,
    read_real_histories,
)

Row = dict[str, object]


def forecast_one(levels: list[int], **more: object) -> dict[str, Row]:
    """Rows of one account by scenario."""
    readings = list_readings(np.array([levels]), keys=["x:1"], **more)  # type: ignore[arg-type]
    return {row["scenario"]: row for row in forecast_followers(readings, list_accounts(["x:1"])).to_pylist()}


@pytest.mark.parametrize("kind", KINDS)
def test_nine_in_ten_forecasts_hold_what_comes_and_their_back_test_says_so(kind: str) -> None:
    drawn = draw_levels(kind, 100, 57, np.random.default_rng(1))
    rows = forecast_world(drawn)
    for scenario in ("present_pace", "usual_weeks"):
        made, held = count_held(drawn, rows, scenario)
        assert made == 100
        # Shared shocks move all accounts of one world together.
        assert held >= (70 if kind == "shared_shocks" else 82)
    # Paces that drift for half a year are not foreseen until their errors are known: the back-test shows it.
    least = {"persistent": 0.82, "shared_shocks": 0.84}.get(kind, 0.85)
    for row in rows[:3]:
        assert least <= float(str(row["all_backtest_coverage"])) <= 0.98


def test_an_account_on_its_own_is_forecast_from_half_a_year_on() -> None:
    drawn = draw_levels("jumps", 1, 60, np.random.default_rng(3))
    (levels,) = drawn.levels.tolist()
    early = forecast_one(levels[:25])["present_pace"]
    assert early["status"] == "insufficient_data"
    assert early["expected_answer_date"] == FIRST_MONDAY + timedelta(weeks=26, days=6)
    assert f"first answer about {early['expected_answer_date']}" in str(early["status_reason"])
    later = forecast_one(levels[:27])["present_pace"]
    assert (later["status"], later["backtest_count"], later["needed_week_count"]) == ("ok", 6, 26)
    assert later["change_per_week"] == pytest.approx((levels[26] - levels[13]) / 13, rel=1e-5)
    assert later["forecast_date"] == FIRST_MONDAY + timedelta(weeks=26 + 13, days=6)


def test_ten_others_with_a_past_let_a_young_account_be_forecast() -> None:
    drawn = draw_levels("steady", 10, 40, np.random.default_rng(5))
    readings = list_readings(drawn.levels[:, :40])
    young = list_readings(np.array([[0] * 30 + [500 + 7 * week for week in range(10)]]), keys=["x:young"])
    readings = pa.concat_tables([readings, young.filter(pa.compute.greater(young["level"], 0))])
    keys = [*(f"x:{number}" for number in range(10)), "x:young"]
    rows = forecast_followers(readings, list_accounts(keys, own=["x:young"])).to_pylist()
    found = {row["scenario"]: row for row in rows if row["account_key"] == "x:young"}
    present = found["present_pace"]
    assert (present["status"], present["needed_week_count"], present["backtest_count"]) == ("ok", 8, 0)
    assert present["change_per_week"] == pytest.approx(7)
    assert present["follower_count_low"] < present["expected_follower_count"] < present["follower_count_high"]
    usual = found["usual_weeks"]
    assert "9 of the last 26 weeks were read at both ends; a usual week needs 13" in usual["status_reason"]


@pytest.mark.parametrize(("accounts", "weeks", "step"), [(50, 264, 1), (51, 260, 2), (51, 264, 3)])
def test_of_many_long_histories_forecasts_are_made_again_at_fewer_weeks(accounts: int, weeks: int, step: int) -> None:
    drawn = draw_levels("jumps", accounts, weeks, np.random.default_rng(6))
    keys = [f"x:{number:02d}" for number in range(accounts)]
    rows = forecast_followers(list_readings(drawn.levels[:, :weeks], keys=keys), list_accounts(keys)).to_pylist()
    # The newest week and every so many before it, from the first pace of eight weeks on, whose quarter ahead is over.
    made = [week for week in range(weeks - 1, 7, -step) if week + 13 < weeks]
    counts = {row["backtest_count"] for row in rows if row["scenario"] == "present_pace"}
    assert counts == {len(made)}


def test_pace_usual_and_good_weeks_are_what_their_names_say() -> None:
    # Four plain weeks of 10, then one of 50, again and again.
    changes = [50 if week % 5 == 4 else 10 for week in range(60)]
    found = forecast_one([1000, *(1000 + np.cumsum(changes)).tolist()])
    assert found["present_pace"]["change_per_week"] == pytest.approx(sum(changes[-13:]) / 13, rel=1e-5)
    assert found["usual_weeks"]["change_per_week"] == 10
    assert found["good_weeks"]["change_per_week"] == 50


@pytest.mark.parametrize(
    ("levels", "status", "words"),
    [
        ([100], "insufficient_data", "0 weeks of readings; a forecast needs "),
        ([100, 101], "insufficient_data", "1 week of readings; a forecast needs "),
        ([100] * 60, "not_testable", "followers did not change at all in the last 26 weeks"),
        ([0] * 60, "not_testable", "followers did not change at all in the last 26 weeks"),
        ([100] * 10, "not_testable", "followers did not change at all in 9 weeks"),
    ],
)
def test_a_history_that_carries_no_forecast_says_why(levels: list[int], status: str, words: str) -> None:
    for row in forecast_one(levels).values():
        assert row["status"] == status
        assert str(row["status_reason"]).startswith(words)
        assert row["expected_follower_count"] is None


def test_a_forecast_never_goes_below_nobody() -> None:
    found = forecast_one([max(600 - 10 * week, 0) for week in range(60)])
    assert found["present_pace"]["expected_follower_count"] == 0
    assert found["present_pace"]["follower_count_low"] == 0


def test_a_hole_of_half_a_year_needs_a_quarter_of_readings_after_it() -> None:
    levels = [1000 + 10 * week for week in range(80)]
    table = list_readings(np.array([levels]), keys=["x:1"])
    hole = pa.array([not 40 <= week < 75 for week in range(80)])
    rows = forecast_followers(table.filter(hole), list_accounts(["x:1"])).to_pylist()
    assert rows[0]["status_reason"].startswith("no reading between 13 and 26 weeks before the last one")
    assert rows[0]["expected_answer_date"] == FIRST_MONDAY + timedelta(weeks=75 + 13, days=6)


def test_monthly_readings_carry_a_pace_but_no_usual_week() -> None:
    drawn = draw_levels("steady", 1, 120, np.random.default_rng(8))
    found = forecast_one(drawn.levels[0, :120].tolist(), every=4)
    assert found["present_pace"]["status"] == "ok"
    assert str(found["usual_weeks"]["status_reason"]).startswith("0 of the last 26 weeks were read at both ends")


def test_accounts_that_ended_are_copies_or_were_never_read_are_named_as_such() -> None:
    drawn = draw_levels("steady", 1, 40, np.random.default_rng(2))
    levels = [*drawn.levels[0].tolist()]
    both = pa.concat_tables(
        [list_readings(np.array([levels]), keys=["x:1"]), list_readings(np.array([levels[:-8]]), keys=["x:ended"])]
    )
    accounts = list_accounts(["x:1", "x:ended", "x:copy", "x:new"], bridged=["x:copy"])
    rows = {row["account_key"]: row for row in forecast_followers(both, accounts).to_pylist()}
    assert "last read 8 weeks before the newest reading of all" in rows["x:ended"]["status_reason"]
    assert (rows["x:copy"]["status"], rows["x:new"]["status"]) == ("not_testable", "insufficient_data")
    assert rows["x:new"]["status_reason"].startswith("no reading of followers yet")


def test_without_accounts_or_readings_there_are_no_figures() -> None:
    assert forecast_followers(SCHEMA.empty_table(), list_accounts([])).num_rows == 0
    rows = forecast_followers(SCHEMA.empty_table(), list_accounts(["x:1"])).to_pylist()
    assert [row["status"] for row in rows] == ["insufficient_data"] * 3


def test_gains_without_a_total_are_forecast_as_a_change() -> None:
    found = forecast_one([9 * week + week % 3 for week in range(60)], basis="net_follows")
    row = found["present_pace"]
    assert (row["status"], row["follower_count"], row["expected_follower_count"]) == ("ok", None, None)
    assert row["expected_change"] == pytest.approx(117, abs=3)


def test_forecasts_depend_neither_on_the_order_of_rows_nor_on_names() -> None:
    drawn = draw_levels("jumps", 12, 50, np.random.default_rng(4))
    readings, accounts = list_readings(drawn.levels), list_accounts([f"x:{number}" for number in range(12)])
    shuffled = readings.take(pa.array(np.random.default_rng(0).permutation(readings.num_rows)))
    backwards = accounts.take(pa.array(range(11, -1, -1)))
    assert forecast_followers(shuffled, backwards).equals(forecast_followers(readings, accounts))


def test_weighted_quantiles_with_equal_weights_are_those_between_middles() -> None:
    values = np.array([[4.0, 1.0, 3.0, 2.0, 99.0]])
    weights = np.array([[1.0, 1.0, 1.0, 1.0, 0.0]])
    assert weighted_quantiles(values, weights, (0.125, 0.5, 0.99)).tolist() == [[1.0, 2.5, 4.0]]


def test_forecasts_of_real_histories_hold_nine_times_in_ten(shared_data: Path) -> None:
    readings = read_real_histories(shared_data)
    keys = sorted(set(readings["account_key"].to_pylist()))
    together = forecast_followers(readings, list_accounts(keys)).to_pylist()[0]
    assert together["all_backtest_account_count"] == len(keys) == 9
    assert together["all_backtest_count"] > 450
    assert 0.85 <= together["all_backtest_coverage"] <= 0.95
    usual = forecast_followers(readings, list_accounts(keys)).to_pylist()[1]
    # Of four accounts that were read weekly, over two years.
    assert usual["all_backtest_count"] > 90
    assert 0.85 <= usual["all_backtest_coverage"] <= 0.96
    made = held = 0
    for key in keys:
        one = readings.filter(pa.compute.equal(readings["account_key"], key))
        row = forecast_followers(one, list_accounts([key])).to_pylist()[0]
        made, held = made + row["backtest_count"], held + row["backtest_covered_count"]
    assert 0.85 <= held / made <= 0.95


def test_a_pace_that_wanders_widens_the_limits_and_one_that_is_steady_does_not() -> None:
    weeks = np.arange(60)
    # The same changes in another order: by turns, or half a year of many and half a year of few.
    by_turns = np.where(weeks % 2, 5, 15)
    in_spells = np.where(weeks // 15 % 2, 5, 15)
    spans = {}
    for name, changes in (("by_turns", by_turns), ("in_spells", in_spells)):
        row = forecast_one([1000, *(1000 + np.cumsum(changes)).tolist()])["present_pace"]
        spans[name] = float(str(row["change_high"])) - float(str(row["change_low"]))
    assert spans["in_spells"] > 2 * spans["by_turns"]


def test_what_comes_after_a_forecast_never_moves_it_even_across_weeks_without_a_reading() -> None:
    # A hole lies before the last reading that the forecast may see; the back-test crosses it.
    drawn = draw_levels("jumps", 1, 60, np.random.default_rng(9))
    table = list_readings(drawn.levels[:, :60], keys=["x:1"])
    seen = table.filter(pa.array([week < 40 and not 30 <= week < 38 for week in range(60)]))
    later = pa.concat_tables([seen, table.slice(50, 1)])
    histories = [Histories(*(np.full((1, 51), np.nan) for _ in range(2))) for _ in range(2)]
    for history, rows in zip(histories, (seen, later), strict=True):
        for row in rows.to_pylist():
            week = (row["week_start_date"] - FIRST_MONDAY).days // 7
            history.levels[0, week], history.days[0, week] = row["level"], 7 * week + 6
    before, after = (look_ahead(history, np.array([39])) for history in histories)
    assert np.isfinite(before.scale).all()
    assert before.scale.tolist() == after.scale.tolist()
    assert before.pace[0, 0, 0] == after.pace[0, 0, 0]
