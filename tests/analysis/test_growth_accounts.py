"""Accounts as codes give what accounts as text give, and a week finds its cell of quality."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
from growth_worlds import MONDAY, draw_panel, draw_segments

from pipeline.analysis.growth import PANEL_COLUMNS
from pipeline.analysis.growth.accounts import order_weeks, read_groups, select_segment
from pipeline.analysis.growth.fits import Effort, fit_rows
from pipeline.analysis.growth.shrinkage import FirstStep, name_cells
from pipeline.analysis.growth.specifications import OFFSETS, PRIMARY, find_specification


def shuffle(panel: pa.Table) -> pa.Table:
    return panel.take(np.random.default_rng(3).permutation(panel.num_rows))


def test_ordered_weeks_are_the_panel_by_account_and_week() -> None:
    panel = draw_panel(31)
    ordered = order_weeks(shuffle(panel), PANEL_COLUMNS)
    for name in PANEL_COLUMNS:
        assert ordered[name].to_pylist() == panel[name].to_pylist(), name


def test_a_segment_keeps_its_accounts_and_their_order() -> None:
    groups = read_groups(draw_segments())
    members = select_segment(order_weeks(shuffle(draw_panel(32)), PANEL_COLUMNS), groups["industry"], "software")
    assert members["account_key"].to_pylist() == [f"x:{number:03d}" for number in range(9) for _ in range(30)]


def test_estimates_from_codes_are_those_from_text() -> None:
    panel, effort = draw_panel(33, quality=0.02), Effort(99, 9, 1)
    specification = find_specification(PRIMARY)
    text = fit_rows(panel, specification, effort)
    assert fit_rows(order_weeks(shuffle(panel), PANEL_COLUMNS), specification, effort) == text
    assert text[0]["status"] == "ok"


def test_a_week_finds_the_cell_of_its_own_account_before_now_and_after() -> None:
    panel = draw_panel(34, accounts=3, weeks=4)
    day = (MONDAY - date(1970, 1, 1)).days
    # The second account has cells for its first three weeks; one has an account that the panel does not know.
    cells = [(0 << 20) + day, *((1 << 20) + day + 7 * week for week in range(3))]
    nothing = np.zeros(len(cells) + 1)
    step = FirstStep(pa.array(["somebody else", "x:001"]), np.array(cells), nothing, nothing, nothing, ())
    attached = step.attach(shuffle(panel)).sort_by([("account_key", "ascending"), ("week_start_date", "ascending")])
    found = {column: attached[name_cells(column)].to_pylist() for column in OFFSETS}
    # Four stands behind the last cell: there is none.
    nobody = [4] * 4
    assert attached["week_start_date"].to_pylist()[:2] == [MONDAY, MONDAY + timedelta(weeks=1)]
    assert found["quality_lag"] == [*nobody, 4, 1, 2, 3, *nobody]
    assert found["quality_same"] == [*nobody, 1, 2, 3, 4, *nobody]
    assert found["quality_lead"] == [*nobody, 2, 3, 4, 4, *nobody]


def test_a_surge_of_one_platform_is_no_effect_of_quality() -> None:
    """Nothing has an effect; on Bluesky growth and reactions rise and fall together by the week, on X they do not."""
    on_x, elsewhere = draw_panel(35), draw_panel(36)
    surge = np.random.default_rng(37).normal(0, 1, 30)
    week = np.array([(day - MONDAY).days // 7 for day in elsewhere["week_start_date"].to_pylist()])
    before = np.roll(surge, 1)
    moved = {"growth_rate": 0.02 * surge[week], "quality_same": surge[week], "quality_lag": before[week]}
    for name, shift in moved.items():
        values = pa.array(elsewhere[name].to_numpy(zero_copy_only=False) + shift)
        elsewhere = elsewhere.set_column(elsewhere.column_names.index(name), name, values)
    keys = pa.array([f"bluesky:{key}" for key in elsewhere["account_key"].to_pylist()])
    elsewhere = elsewhere.set_column(elsewhere.column_names.index("account_key"), "account_key", keys)
    effort, specification = Effort(0, 0, 1), find_specification(PRIMARY)
    (quality,) = (
        row for row in fit_rows(pa.concat_tables([on_x, elsewhere]), specification, effort) if row["term"] == "quality"
    )
    assert quality["conf_low"] < 0 < quality["conf_high"]
    assert (quality["account_count"], quality["week_count"]) == (48, 29)
    # The same rows as accounts of one platform: the surge passes for an effect.
    one = elsewhere.set_column(
        elsewhere.column_names.index("account_key"), "account_key", pa.array([f"x:{key}" for key in keys.to_pylist()])
    )
    (quality,) = (
        row for row in fit_rows(pa.concat_tables([on_x, one]), specification, effort) if row["term"] == "quality"
    )
    assert quality["conf_low"] > 0.005


def test_accounts_alone_on_their_platform_do_not_enter_a_model_beside_others() -> None:
    panel = draw_panel(38)
    alone = draw_panel(39, accounts=1)
    keys = pa.array(["mastodon:example.social/1"] * alone.num_rows)
    alone = alone.set_column(alone.column_names.index("account_key"), "account_key", keys)
    rows = fit_rows(pa.concat_tables([panel, alone]), find_specification(PRIMARY), Effort(0, 0, 1))
    expected = fit_rows(panel, find_specification(PRIMARY), Effort(0, 0, 1))
    assert {row["account_count"] for row in rows} == {24}
    assert [row["estimate"] for row in rows[:4]] == [row["estimate"] for row in expected[:4]]
    assert rows[0]["dropped_count"] == expected[0]["dropped_count"] + 29
