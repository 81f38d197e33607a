"""Panels with a common cause of quality and growth that the model does not see, and what is left once it does."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipeline.analysis.growth import PANEL_COLUMNS
from pipeline.analysis.panel import fit_panel
from pipeline.analysis.sensitivity import estimate_sensitivity, robustness_value
from tests.analysis.growth_worlds import draw_panel

SAME, LAG = "quality_same", "quality_lag"
TERMS = (SAME, LAG, "volume_same", "volume_lag", "following_change_lag", "follower_level_lag")


@dataclass(frozen=True)
class Sensed:
    """What the product says without the cause, and what regressions that hold it say."""

    robustness_value: float
    robustness_value_of_limit: float
    share_of_driver: float  # what the cause explains of what is left of quality
    share_of_growth: float  # and of growth, once quality is held
    share_left: float  # of the estimate, once the cause is held; below 0 it has turned
    share_left_by_formula: float
    reached: float  # robustness value of an estimate that is all due to this cause
    pushes_same_way: bool  # it makes the estimate larger, not smaller

    @property
    def is_strong(self) -> bool:
        """The cause explains at least the robustness value of both."""
        return min(self.share_of_driver, self.share_of_growth) >= self.robustness_value

    @property
    def is_weak(self) -> bool:
        """The cause explains less than the robustness value of both."""
        return max(self.share_of_driver, self.share_of_growth) < self.robustness_value


def sense_world(seed: int, *, on_quality: float, on_growth: float, effect: float = 0.0) -> Sensed:
    """A world whose cause adds to the quality of its week and, times 0.01, to growth in that week and the next.

    Raises ValueError where the product gives no figures.
    """
    panel = draw_panel(seed, quality=effect)
    weeks = len(set(panel["week_start_date"].to_pylist()))
    row, column = (part.ravel() for part in np.indices((panel.num_rows // weeks, weeks)))
    drawn = np.random.default_rng([seed, 77]).normal(0, 0.5, (panel.num_rows // weeks, weeks + 2))
    cause = drawn[row, column] + drawn[row, column + 1]
    for name, added in (
        (SAME, on_quality * drawn[row, column + 1]),
        (LAG, on_quality * drawn[row, column]),
        ("growth_rate", on_growth * 0.01 * cause),
    ):
        panel = panel.set_column(panel.column_names.index(name), name, pa.array(panel[name].to_numpy() + added))
    cause = cause[panel["is_in_panel"].to_numpy(zero_copy_only=False)]
    used = panel.filter(panel["is_in_panel"])
    rows = estimate_sensitivity(used, None, PANEL_COLUMNS).to_pylist()
    row = next(row for row in rows if row["driver"] == "quality" and row["benchmark"] is None)
    if row["status"] != "ok":
        raise ValueError(row["status_reason"])
    return _hold_cause(used, cause, row["robustness_value"], row["robustness_value_of_limit"])


def _hold_cause(used: pa.Table, cause: np.ndarray, value: float, of_limit: float) -> Sensed:
    terms = list(TERMS)
    fit = fit_panel(
        used.append_column("cause", pa.array(cause)),
        outcome="growth_rate",
        regressors=[*terms, "cause"],
        unit="account_key",
        time="week_start_date",
        wild_draws=0,
    )
    regression = fit.inference.regression
    columns = dict(zip([*terms, "cause"], regression.x.T, strict=True))
    growth = regression.y
    # The sum of both weeks is the coefficient of the one next to their difference.
    rest = np.column_stack(
        [columns[LAG] - columns[SAME], *(columns[name] for name in terms if name not in (SAME, LAG))]
    )
    driver = columns[SAME]
    both = np.column_stack([driver, rest])
    estimate = _solve(both, growth)[0]
    held = _solve(np.column_stack([both, columns["cause"]]), growth)[0]
    of_driver = 1 - _left(driver, np.column_stack([rest, columns["cause"]])) / _left(driver, rest)
    of_growth = 1 - _left(growth, np.column_stack([both, columns["cause"]])) / _left(growth, both)
    # The definition of Cinelli and Hazlett: the bias is f of the robustness value times what the cause reaches.
    needed = value / np.sqrt(1 - value)
    reached = np.sqrt(of_growth * of_driver / (1 - of_driver))
    is_same_way = bool((estimate - held) * estimate > 0)
    left = 1 - reached / needed if is_same_way else 1 + reached / needed
    return Sensed(
        value,
        of_limit,
        of_driver,
        of_growth,
        float(held / estimate),
        float(left),
        robustness_value(float(reached)),
        is_same_way,
    )


def _solve(design: np.ndarray, target: np.ndarray) -> np.ndarray:
    coefficients: np.ndarray = np.linalg.lstsq(design, target, rcond=None)[0]
    return coefficients


def _left(target: np.ndarray, given: np.ndarray) -> float:
    rest = target - given @ _solve(given, target)
    return float(rest @ rest)
