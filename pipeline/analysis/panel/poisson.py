"""Poisson regression of counts with unit and time effects: pseudo maximum likelihood, errors clustered by unit.

For outcomes that are counts with an exposure, such as new follows given followers. Linear models are in `panel`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.special import stdtr, stdtrit

from pipeline.analysis.panel.blocks import Spool
from pipeline.analysis.panel.data import InsufficientDataError, PanelBlocks, close_gaps, read_blocks
from pipeline.analysis.panel.inference import FEWEST_CLUSTERS, MANY_CLUSTERS, Method

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
MOST_STEPS = 200
# Rounding leaves of a singular direction about 1e-14 of the largest one.
_SINGULAR = 1e-12
CONFIDENCE = 0.95


@dataclass(frozen=True)
class PoissonEstimate:
    """A coefficient: change in the log of the expected count for one unit of the term; None where it is not tested."""

    estimate: float
    standard_error: float
    p_value: float | None
    conf_low: float | None
    conf_high: float | None
    within_sd: float


@dataclass(frozen=True)
class PoissonFit:
    """A fitted count regression."""

    estimates: dict[str, PoissonEstimate]
    method: Method
    n_obs: int
    n_units: int
    n_times: int
    n_dropped: int  # incomplete rows, singletons, and units or times without any count
    covariance: FloatArray  # (k, k), in the order of the estimates

    def add_up(self, terms: Sequence[str]) -> PoissonEstimate:
        """The sum of the coefficients of the terms; its `within_sd` is the root of their mean square."""
        chosen = [list(self.estimates).index(term) for term in terms]
        total = sum(self.estimates[term].estimate for term in terms)
        error = float(np.sqrt(self.covariance[np.ix_(chosen, chosen)].sum()))
        swing = float(np.sqrt(np.mean([self.estimates[term].within_sd ** 2 for term in terms])))
        return _judge(total, error, swing, self.n_units - 1, is_tested=self.method != "none")


@dataclass(frozen=True)
class _Counts:
    """Rows of whole units; codes of units from 0 without holes."""

    y: FloatArray  # (n,)
    x: FloatArray  # (n, k)
    offset: FloatArray  # (n,)
    units: IntArray  # (n,), ascending
    times: IntArray  # (n,) of all blocks

    @property
    def unit_count(self) -> int:
        """Units of the block."""
        return int(self.units[-1]) + 1


@dataclass(frozen=True)
class _Sample:
    """Blocks of rows, and their numbers over all blocks."""

    blocks: Spool[_Counts]
    time_count: int

    @property
    def row_count(self) -> int:
        """Rows of all blocks."""
        return sum(len(block.y) for block in self.blocks)

    @property
    def unit_count(self) -> int:
        """Units of all blocks."""
        return sum(block.unit_count for block in self.blocks)


# Blocks with weights (n,) and columns (n, m) to each, from the first on.
_Read = Callable[[], Iterator[tuple[_Counts, FloatArray, FloatArray]]]


@dataclass(frozen=True)
class _Solution:
    """Coefficients (k,) and inverse of the weighted cross product (k, k); blocks with fitted means and demeaned terms.

    Behind the terms stands what they explain, demeaned like them.
    """

    coefficients: FloatArray
    bread: FloatArray
    read: _Read


def fit_poisson_panel(
    table: pa.Table | Iterable[pa.Table],
    *,
    outcome: str,
    regressors: Sequence[str],
    offset: str,
    unit: str,
    time: str,
) -> PoissonFit:
    """Expected count = exp(offset + unit effect + time effect + regressors), by iterated weighted least squares.

    A long panel comes as tables of whole units in ascending order, as in `fit_panel`. Errors are clustered by unit:
    CRV1 from 50 units on, the jackknife over units from 10, no test below. Units and times whose counts are all 0 fit
    themselves perfectly and are dropped and counted.
    Raises ValueError for negative counts, terms without variance and models that do not converge;
    InsufficientDataError if too few rows are left. Sources: Santos Silva and Tenreyro 2006; Correia et al. 2020.
    """
    terms = list(regressors)
    rows = read_blocks(table, outcome=outcome, regressors=[*terms, offset], unit=unit, time=time)
    if any((block.outcome < 0).any() for block in rows):
        raise ValueError(f"column {outcome!r} holds negative counts")
    sample = _drop_empty(rows)
    row_count, units, times = sample.row_count, sample.unit_count, sample.time_count
    if row_count <= units + times + len(terms) or units < 2:
        raise InsufficientDataError(f"{row_count} rows with counts cannot carry {units} units and {times} times")
    solution = _solve(sample, terms)
    method: Method = "none" if units < FEWEST_CLUSTERS else "crv1" if units >= MANY_CLUSTERS else "crv3"
    if method == "crv3":
        covariance = _jackknife(sample, terms, solution.coefficients)
    else:
        scores = np.vstack(
            [
                _sum_by(block.units, left[:, :-1] * (block.y - mean)[:, None], block.unit_count)
                for block, mean, left in solution.read()
            ]
        )
        correction = units / (units - 1) * (row_count - 1) / (row_count - len(terms) - times)
        covariance = correction * (solution.bread @ (scores.T @ scores) @ solution.bread)
    errors = np.sqrt(np.diag(covariance))
    plain = _demean(lambda: ((block, np.ones(len(block.y)), block.x) for block in sample.blocks), times)
    squares = sum(np.einsum("ij,ij->j", x, x) for _, _, x in plain())
    within_sds = np.sqrt(np.asarray(squares) / (row_count - 1))
    return PoissonFit(
        estimates={
            term: _judge(float(b), float(se), float(sd), units - 1, is_tested=method != "none")
            for term, b, se, sd in zip(terms, solution.coefficients, errors, within_sds, strict=True)
        },
        method=method,
        n_obs=row_count,
        n_units=units,
        n_times=times,
        n_dropped=rows.row_count + rows.incomplete_count + rows.singleton_count - row_count,
        covariance=covariance,
    )


def _judge(estimate: float, error: float, within_sd: float, df: int, *, is_tested: bool) -> PoissonEstimate:
    if not is_tested or not error > 0:
        return PoissonEstimate(estimate, error, None, None, None, within_sd)
    width = float(stdtrit(df, 0.5 + CONFIDENCE / 2)) * error
    p_value = 2 * float(stdtr(df, -abs(estimate) / error))
    return PoissonEstimate(estimate, error, p_value, estimate - width, estimate + width, within_sd)


def _sum_by(codes: IntArray, columns: FloatArray, size: int) -> FloatArray:
    """Sums of each column by code: (n, m) to (size, m)."""
    return np.column_stack([np.bincount(codes, column, size) for column in columns.T])


def _drop_empty(rows: PanelBlocks) -> _Sample:
    """The rows of units and times with a count; dropping the others takes no count from any."""
    totals = sum(np.bincount(block.time_codes, block.outcome, rows.time_count) for block in rows)
    is_time_kept = np.asarray(totals) > 0
    numbers = np.cumsum(is_time_kept) - 1
    kept_blocks: Spool[_Counts] = Spool()
    for block in rows:
        kept = (np.bincount(block.unit_codes, block.outcome)[block.unit_codes] > 0) & is_time_kept[block.time_codes]
        if kept.any():
            x, offset = block.regressors[kept, :-1], block.regressors[kept, -1]
            units, times = close_gaps(block.unit_codes[kept]), numbers[block.time_codes[kept]]
            kept_blocks.append(_Counts(block.outcome[kept], x, offset, units, times))
    return _Sample(kept_blocks, int(is_time_kept.sum()))


def _centre(block: _Counts, weights: FloatArray, columns: FloatArray) -> FloatArray:
    """Columns (n, m) less their weighted mean by unit."""
    sums = _sum_by(block.units, np.column_stack([columns * weights[:, None], weights]), block.unit_count)
    return np.asarray(columns - (sums[:, :-1] / sums[:, -1:])[block.units], np.float64)


def _demean(read: _Read, time_count: int) -> _Read:
    """Residuals (n, m) of a weighted regression on unit and time effects; exact, by the cross product of the times."""
    laplacian, sums = np.zeros((time_count, time_count)), np.zeros((time_count, 0))
    for block, weights, columns in read():
        cells = np.bincount(block.units * time_count + block.times, weights, block.unit_count * time_count)
        cells = cells.reshape(block.unit_count, time_count)
        laplacian += np.diag(cells.sum(axis=0)) - cells.T @ (cells / cells.sum(axis=1)[:, None])
        by_time = _sum_by(block.times, _centre(block, weights, columns) * weights[:, None], time_count)
        sums = sums + by_time if sums.size else by_time
    # The matrix is singular in one direction per unconnected part. With the usual limit their rounding can pass for
    # information, which costs the residuals nine of their digits.
    time_effects = np.linalg.pinv(laplacian, rcond=_SINGULAR, hermitian=True) @ sums

    def read_residuals() -> Iterator[tuple[_Counts, FloatArray, FloatArray]]:
        for block, weights, columns in read():
            explained = _centre(block, weights, time_effects[block.times])
            yield block, weights, _centre(block, weights, columns) - explained

    return read_residuals


def _solve(sample: _Sample, terms: Sequence[str]) -> _Solution:
    """The coefficients, from the fitted means of the step before; these lie in blocks of their own."""
    average = sum(float(block.y.sum()) for block in sample.blocks) / sample.row_count
    fitted: Spool[FloatArray] = Spool()
    for block in sample.blocks:
        fitted.append(np.log((block.y + average) / 2))
    coefficients = np.full(len(terms), np.inf)
    for _ in range(MOST_STEPS):

        def read(fitted: Spool[FloatArray] = fitted) -> Iterator[tuple[_Counts, FloatArray, FloatArray]]:
            for block, linear in zip(sample.blocks, fitted, strict=True):
                mean = np.exp(linear)
                working = linear - block.offset + (block.y - mean) / mean
                yield block, mean, np.column_stack([block.x, working])

        demeaned = _demean(read, sample.time_count)
        moments, raw = np.zeros((len(terms) + 1,) * 2), np.zeros(len(terms))
        for block, mean, columns in demeaned():
            moments += columns.T @ (columns * mean[:, None])
            raw += ((block.x**2) * mean[:, None]).sum(axis=0)
        for term, varies, whole in zip(terms, np.diag(moments), raw, strict=False):
            if varies <= 1e-12 * whole:
                raise ValueError(f"{term!r} does not vary beyond the effects of unit and time")
        bread = np.asarray(np.linalg.pinv(moments[:-1, :-1], hermitian=True), np.float64)
        before, coefficients = coefficients, bread @ moments[:-1, -1]
        if np.abs(coefficients - before).max() <= 1e-10 * (1 + np.abs(coefficients).max()):
            return _Solution(coefficients, bread, demeaned)
        following: Spool[FloatArray] = Spool()
        for (block, _, columns), (_, _, left) in zip(read(), demeaned(), strict=True):
            following.append(block.offset + columns[:, -1] - (left[:, -1] - left[:, :-1] @ coefficients))
        fitted = following
    raise ValueError(f"the count model did not settle within {MOST_STEPS} steps")


def _jackknife(sample: _Sample, terms: Sequence[str], coefficients: FloatArray) -> FloatArray:
    """(G-1)/G times the sum of outer products of the coefficients without a unit minus those with all."""
    units = sample.unit_count
    changes = np.array(
        [_solve(_leave_unit_out(sample, unit), terms).coefficients - coefficients for unit in range(units)]
    )
    covariance: FloatArray = (units - 1) / units * (changes.T @ changes)
    return covariance


def _leave_unit_out(sample: _Sample, unit: int) -> _Sample:
    kept_blocks: Spool[_Counts] = Spool()
    for block in sample.blocks:
        kept = block.units != unit
        unit -= block.unit_count
        if kept.any():
            units = close_gaps(block.units[kept])
            kept_blocks.append(_Counts(block.y[kept], block.x[kept], block.offset[kept], units, block.times[kept]))
    return _Sample(kept_blocks, sample.time_count)
