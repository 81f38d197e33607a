"""What the shrinkage of quality adds to the errors of a growth model.

Quality is drawn to the account's mean with two variances that are estimates themselves: that of posts within a week,
and that of true quality within accounts. Here: how each week's quality moves with them, and how they move when an
account is left out. The shrinkage itself is SQL (int_account_week_quality); this repeats its formulas to differentiate
them, and a test holds the two together.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.analysis.panel.data import read_labels

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
# Step of the central differences, relative to the variance; b is smooth in it.
STEP = 1e-4
_CELL_NUMBERS = ("curvature", "binomial_variance", "concentration", "spread_beyond_chance", "spread_degrees")
CELL_COLUMNS = ("account_key", "week_start_date", "quality_basis", "cell_mean", "post_variance", *_CELL_NUMBERS)
# Weeks from a panel row to the week whose quality stands in the column.
OFFSETS = {"quality_same": 0, "quality_lag": -1, "quality_lead": 1}


@dataclass(frozen=True)
class FirstStep:
    """Two variances for each measure of quality, whose cells are account-weeks: m in all.

    `derivatives[p]` holds the change of each cell's quality for one unit of parameter p and a 0 at the end,
    `changes[p]` maps an account to the change of parameter p when the account is left out (the jackknife).
    """

    accounts: pa.Array  # sorted
    addresses: IntArray  # (m,) ascending: account and week of each cell in one number
    derivatives: tuple[FloatArray, ...]  # each (m + 1,)
    changes: tuple[Mapping[str, float], ...]

    def attach(self, panel: pa.Table) -> pa.Table:
        """The panel with the number of the cell behind each quality column beside it; m where there is none."""
        codes, labels = read_labels(panel, "account_key")
        known = pc.fill_null(pc.index_in(labels.cast(self.accounts.type), value_set=self.accounts), -1)
        accounts, days = known.to_numpy(zero_copy_only=False).astype(np.int64)[codes], _number_days(panel)
        # An address that no cell has, behind the last one.
        addresses = np.append(self.addresses, np.iinfo(np.int64).max)
        for column, offset in OFFSETS.items():
            sought = _address(accounts, days + 7 * offset)
            found = np.searchsorted(self.addresses, sought)
            cells = np.where(addresses[found] == sought, found, len(self.addresses))
            panel = panel.append_column(_name_cells(column), pa.array(cells, pa.int32()))
        return panel

    def differentiate(self, weeks: pa.Table, column: str, parameter: int) -> pa.Array:
        """Change of the quality column for one unit of the parameter, in rows of the panel with cells attached."""
        return pa.array(self.derivatives[parameter][weeks[_name_cells(column)].to_numpy()])


def _name_cells(column: str) -> str:
    return f"cell of {column}"


def _number_days(table: pa.Table) -> IntArray:
    return np.asarray(table["week_start_date"].cast(pa.int32()).to_numpy(), np.int64)


def _address(accounts: IntArray, days: IntArray) -> IntArray:
    # 2^20 days are 2,800 years.
    return (accounts << 20) + days


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
    """The step of each measure of quality, from the CELL_COLUMNS of int_account_week_quality_cells."""
    cells = cells.select(CELL_COLUMNS)
    derivatives: list[FloatArray] = []
    changes: list[Mapping[str, float]] = []
    accounts, names = read_labels(cells, "account_key")
    addresses = _address(accounts, _number_days(cells))
    # One order for every process and database, so that sums come out the same.
    order, known = np.argsort(addresses), np.unique(addresses)
    bases, labels = read_labels(cells, "quality_basis")
    for basis in range(len(labels)):
        rows = order[bases[order] == basis]
        read = _read_cells(cells.take(pa.array(rows)))
        for by_cell, change in _differentiate_quality(read):
            derivative = np.zeros(len(known) + 1)
            derivative[np.searchsorted(known, addresses[rows])] = by_cell
            derivatives.append(derivative)
            changes.append(dict(zip(read.names, change.tolist(), strict=True)))
    return FirstStep(names, known, tuple(derivatives), tuple(changes))


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
    accounts, names = read_labels(rows, "account_key")
    numbers = [np.asarray(rows[name].to_numpy(), np.float64) for name in _CELL_NUMBERS]
    log_mean = rows["cell_mean"].to_numpy() - numbers[0] * rows["post_variance"].to_numpy()
    return Cells(tuple(names.to_pylist()), accounts, log_mean, *numbers)


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
