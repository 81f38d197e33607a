"""What the shrinkage of quality adds to the errors of a growth model.

Quality is drawn to the account's mean with two variances that are estimates themselves: that of posts within a week,
and that of true quality within accounts. Here: how each week's quality moves with them, and how they move when an
account is left out. The shrinkage itself is SQL (int_account_week_quality); this repeats its formulas to differentiate
them, and a test holds the two together.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
# Step of the central differences, relative to the variance; b is smooth in it.
STEP = 1e-4
# Weeks from a panel row to the week whose quality stands in the column.
OFFSETS = {"quality_same": 0, "quality_lag": -1, "quality_lead": 1}


@dataclass(frozen=True)
class FirstStep:
    """Two variances for each measure of quality.

    `derivatives[p]` maps an account and a Monday to the change of that week's quality for one unit of parameter p,
    `changes[p]` an account to the change of parameter p when the account is left out (the jackknife).
    """

    derivatives: tuple[Mapping[tuple[str, date], float], ...]
    changes: tuple[Mapping[str, float], ...]

    def attach(self, panel: pa.Table) -> pa.Table:
        """The panel with the change of each quality column for one unit of each parameter, as columns beside it."""
        keys, weeks = panel["account_key"].to_pylist(), panel["week_start_date"].to_pylist()
        for column, offset in OFFSETS.items():
            addresses = [(key, week + timedelta(weeks=offset)) for key, week in zip(keys, weeks, strict=True)]
            for parameter, found in enumerate(self.derivatives):
                values = pa.array([found.get(address, 0.0) for address in addresses], pa.float64())
                panel = panel.append_column(name_derivative(column, parameter), values)
        return panel


def name_derivative(column: str, parameter: int) -> str:
    """Name of the attached column of a quality column and a parameter."""
    return f"{column} by parameter {parameter}"


@dataclass(frozen=True)
class Cells:
    """Account-weeks of one measure of quality; `accounts` counts from 0 in the order of `names`."""

    names: tuple[str, ...]
    accounts: IntArray
    log_mean: FloatArray
    curvature: FloatArray
    binomial_variance: FloatArray
    concentration: FloatArray
    spread_beyond_chance: FloatArray
    spread_degrees: FloatArray

    def by_account(self, values: FloatArray) -> FloatArray:
        """Sums per account."""
        return np.bincount(self.accounts, values, len(self.names)).astype(np.float64)

    def mean(self, post_variance: float) -> FloatArray:
        """Mean of each cell in log points."""
        mean: FloatArray = self.log_mean + self.curvature * post_variance
        return mean

    def sampling_variance(self, post_variance: float) -> FloatArray:
        """Variance of each mean by chance."""
        variance: FloatArray = self.binomial_variance + post_variance * self.concentration
        return variance


def read_first_step(cells: pa.Table) -> FirstStep:
    """The step of each measure of quality, from rows of int_account_week_quality_cells."""
    derivatives: list[Mapping[tuple[str, date], float]] = []
    changes: list[Mapping[str, float]] = []
    bases = cells["quality_basis"].to_pylist()
    for basis in sorted(set(bases)):
        rows = cells.filter(pa.array([other == basis for other in bases], pa.bool_()))
        # One order for every process and database, so that sums come out the same.
        rows = rows.sort_by([("account_key", "ascending"), ("week_start_date", "ascending")])
        read = _read_cells(rows)
        weeks = list(zip(rows["account_key"].to_pylist(), rows["week_start_date"].to_pylist(), strict=True))
        for derivative, change in _differentiate_quality(read):
            derivatives.append(dict(zip(weeks, derivative.tolist(), strict=True)))
            changes.append(dict(zip(read.names, change.tolist(), strict=True)))
    return FirstStep(tuple(derivatives), tuple(changes))


def _differentiate_quality(cells: Cells) -> list[tuple[FloatArray, FloatArray]]:
    """For each variance: change of every quality per unit of it, and change (G,) of it without an account."""
    pooled, weights = _post_variance_parts(cells)
    post_variance, post_moved = _leave_out(pooled, weights)
    within_variance, within_moved = _leave_out(*_within_variance_parts(cells, post_variance))
    if post_variance <= 0 or within_variance <= 0:
        # At the edge nothing is drawn, or everything: quality no longer moves with the variances.
        return []
    by_post = _differentiate(lambda value: shrink(cells, value, within_variance), post_variance)
    by_within = _differentiate(lambda value: shrink(cells, post_variance, value), within_variance)
    response = _differentiate(lambda value: _within_variance(cells, value), post_variance)
    return [(by_post, post_moved), (by_within, within_moved + response * post_moved)]


def shrink(cells: Cells, post_variance: float, within_variance: float) -> FloatArray:
    """Quality of each cell drawn to its account's mean, in log points: what int_account_week_quality computes."""
    variance = cells.sampling_variance(post_variance)
    weight = 1 / (within_variance + variance)
    measured = cells.mean(post_variance)
    mean = (cells.by_account(weight * measured) / cells.by_account(weight))[cells.accounts]
    drawn: FloatArray = mean + within_variance * weight * (measured - mean)
    return drawn


def _differentiate(function: Callable[[float], FloatArray], at: float) -> FloatArray:
    """Central difference of a smooth function of a positive number."""
    step = at * STEP
    return (function(at + step) - function(at - step)) / (2 * step)


def _read_cells(rows: pa.Table) -> Cells:
    names, accounts = np.unique(np.array(rows["account_key"].to_pylist(), dtype=str), return_inverse=True)
    columns = ("curvature", "binomial_variance", "concentration", "spread_beyond_chance", "spread_degrees")
    numbers = [np.asarray(rows[name].to_numpy(), np.float64) for name in columns]
    log_mean = rows["cell_mean"].to_numpy() - numbers[0] * rows["post_variance"].to_numpy()
    return Cells(tuple(map(str, names)), accounts.astype(np.int64), log_mean, *numbers)


def _post_variance_parts(cells: Cells) -> tuple[FloatArray, FloatArray]:
    """Numerator and denominator of the pooled variance between posts, per account."""
    return cells.by_account(cells.spread_beyond_chance), cells.by_account(cells.spread_degrees)


def _within_variance_parts(cells: Cells, post_variance: float) -> tuple[FloatArray, FloatArray]:
    """Numerator and denominator of the moment estimate of the variance within accounts, per account."""
    variance = cells.sampling_variance(post_variance)
    precision = np.divide(1.0, variance, out=np.zeros_like(variance), where=variance > 0)
    total = cells.by_account(precision)
    shares = np.divide(1.0, total, out=np.zeros_like(total), where=total > 0)
    measured = cells.mean(post_variance)
    mean = (cells.by_account(precision * measured) * shares)[cells.accounts]
    deviation = cells.by_account(precision * (measured - mean) ** 2)
    counts = cells.by_account(np.ones_like(variance))
    return deviation - (counts - 1), total - cells.by_account(precision**2) * shares


def _within_variance(cells: Cells, post_variance: float) -> FloatArray:
    return np.asarray(_leave_out(*_within_variance_parts(cells, post_variance))[0])


def _leave_out(parts: FloatArray, weights: FloatArray) -> tuple[float, FloatArray]:
    """Ratio of the sums, at least 0, and its change (G,) without each account; 0 where nothing would be left."""
    total, weight = float(parts.sum()), float(weights.sum())
    if weight <= 0:
        return 0.0, np.zeros_like(parts)
    ratio, left = total / weight, weight - weights
    without = np.divide(total - parts, left, out=np.full_like(parts, ratio), where=left > 1e-9 * weight)
    return max(ratio, 0.0), np.maximum(without, 0.0) - max(ratio, 0.0)
