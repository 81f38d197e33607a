"""How strong an unseen cause would have to be: the published formulas, and regressions with dummies."""

import math
from typing import Any

import numpy as np
import pytest

from pipeline.analysis.growth import PANEL_COLUMNS
from pipeline.analysis.sensitivity import DRIVERS, estimate_sensitivity, robustness_value
from tests.analysis.growth_worlds import draw_panel
from tests.analysis.sensitivity_worlds import sense_world


def test_a_cause_as_strong_as_the_robustness_value_leaves_nothing() -> None:
    # The Darfur example of Cinelli and Hazlett: t of 4.18 with 783 degrees of freedom.
    assert robustness_value(4.18445 / math.sqrt(783)) == pytest.approx(0.1388, abs=5e-5)
    for strength in (0.01, 0.3, 2.0):
        value = robustness_value(strength)
        assert value**2 / (1 - value) == pytest.approx(strength**2)
    assert robustness_value(0.0) == 0


def rest_of(columns: dict[str, np.ndarray], target: str, given: list[str], dummies: np.ndarray) -> float:
    """Sum of squares that a regression with dummies leaves."""
    design = np.column_stack([dummies, *(columns[name] for name in given)])
    left = columns[target] - design @ np.linalg.lstsq(design, columns[target], rcond=None)[0]
    return float(left @ left)


def test_shares_are_those_of_regressions_with_dummies() -> None:
    panel = draw_panel(3, quality=0.01, volume=0.004)
    rows = estimate_sensitivity(panel, None, PANEL_COLUMNS).to_pylist()
    driver = {row["driver"]: row for row in rows if row["benchmark"] is None}
    assert set(driver) == set(DRIVERS)
    used = panel.filter(panel["is_in_panel"])
    names = ("quality_same", "quality_lag", "volume_same", "volume_lag", "following_change_lag", "follower_level_lag")
    columns = {name: used[name].to_numpy() for name in (*names, "growth_rate")}
    units, weeks = (
        np.unique(used[name].to_pylist(), return_inverse=True)[1] for name in ("account_key", "week_start_date")
    )
    dummies = np.column_stack([np.eye(units.max() + 1)[units], np.eye(weeks.max() + 1)[weeks][:, 1:]])
    # The sum of both weeks is the coefficient of the one next to their difference.
    columns["difference"] = columns["quality_lag"] - columns["quality_same"]
    others = ["difference", *names[2:]]
    whole = rest_of(columns, "growth_rate", ["quality_same", *others], dummies)
    without = rest_of(columns, "growth_rate", others, dummies)
    assert driver["quality"]["partial_r2"] == pytest.approx(1 - whole / without, rel=1e-4)
    benchmark: dict[str, Any] = next(row for row in rows if (row["driver"], row["benchmark"]) == ("quality", "volume"))
    left = ["difference", "following_change_lag", "follower_level_lag"]
    with_growth = 1 - whole / rest_of(columns, "growth_rate", ["quality_same", *left], dummies)
    with_driver = 1 - rest_of(columns, "quality_same", others, dummies) / rest_of(
        columns, "quality_same", left, dummies
    )
    assert benchmark["benchmark_r2_with_growth"] == pytest.approx(with_growth, rel=1e-3)
    assert benchmark["benchmark_r2_with_driver"] == pytest.approx(with_driver, rel=1e-3)
    assert 0 < benchmark["adjusted_estimate"] < driver["quality"]["estimate"]


@pytest.mark.parametrize("effect", [0.0, 0.004])
@pytest.mark.parametrize("cause", [(0.3, 0.3), (1.2, 1.2), (1.2, 0.1)])
def test_a_known_cause_leaves_of_the_effect_what_the_formula_says(effect: float, cause: tuple[float, float]) -> None:
    worlds = [sense_world(seed, on_quality=cause[0], on_growth=cause[1], effect=effect) for seed in range(4)]
    for world in worlds:
        assert world.share_left == pytest.approx(world.share_left_by_formula, rel=1e-4, abs=1e-4)
        if world.is_strong and world.pushes_same_way:
            assert world.share_left <= 0
        if world.is_weak:
            assert world.share_left > 0
    # Without an effect all of the estimate is the cause's, so the limit asks for no more than the cause reaches.
    if not effect:
        assert sum(world.robustness_value_of_limit <= world.reached for world in worlds) >= 3


def test_an_interval_that_holds_zero_needs_no_cause() -> None:
    rows = estimate_sensitivity(draw_panel(5), None, PANEL_COLUMNS).to_pylist()
    quality = next(row for row in rows if row["driver"] == "quality" and row["benchmark"] is None)
    assert quality["conf_low"] < 0 < quality["conf_high"]
    assert quality["robustness_value_of_limit"] == 0


@pytest.mark.parametrize("accounts", [0, 1, 9])
def test_few_accounts_have_a_reason_instead_of_figures(accounts: int) -> None:
    panel = draw_panel(1, accounts=max(accounts, 1))
    rows = estimate_sensitivity(panel.slice(0, 0) if not accounts else panel, None, PANEL_COLUMNS).to_pylist()
    assert [(row["driver"], row["status"]) for row in rows] == [(name, "insufficient_data") for name in DRIVERS]
    assert f"{accounts} account" in rows[0]["status_reason"]
