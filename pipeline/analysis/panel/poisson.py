"""Poisson regression of counts with unit and time effects: pseudo maximum likelihood, errors clustered by unit.

For outcomes that are counts with an exposure, such as new follows given followers. Linear models are in `panel`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.special import stdtr, stdtrit

from pipeline.analysis.panel.data import InsufficientDataError, PanelSample, close_gaps, read_sample
from pipeline.analysis.panel.inference import FEWEST_CLUSTERS, MANY_CLUSTERS, Method

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
MOST_STEPS = 200
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
    y: FloatArray  # (n,)
    x: FloatArray  # (n, k)
    offset: FloatArray  # (n,)
    units: IntArray  # (n,) from 0 without holes
    times: IntArray  # (n,)


def fit_poisson_panel(
    table: pa.Table, *, outcome: str, regressors: Sequence[str], offset: str, unit: str, time: str
) -> PoissonFit:
    """Expected count = exp(offset + unit effect + time effect + regressors), by iterated weighted least squares.

    Errors are clustered by unit: CRV1 from 50 units on, the jackknife over units from 10, no test below. Units and
    times whose counts are all 0 fit themselves perfectly and are dropped and counted.
    Raises ValueError for negative counts, terms without variance and models that do not converge;
    InsufficientDataError if too few rows are left. Sources: Santos Silva and Tenreyro 2006; Correia et al. 2020.
    """
    terms = list(regressors)
    sample = read_sample(table, outcome=outcome, regressors=[*terms, offset], unit=unit, time=time)
    if (sample.outcome < 0).any():
        raise ValueError(f"column {outcome!r} holds negative counts")
    counts = _drop_empty(sample)
    units, times = _size(counts.units), _size(counts.times)
    if len(counts.y) <= units + times + len(terms) or units < 2:
        raise InsufficientDataError(f"{len(counts.y)} rows with counts cannot carry {units} units and {times} times")
    coefficients, bread, x_within, mean = _solve(counts, terms)
    method: Method = "none" if units < FEWEST_CLUSTERS else "crv1" if units >= MANY_CLUSTERS else "crv3"
    if method == "crv3":
        covariance = _jackknife(counts, terms, coefficients)
    else:
        scores = np.zeros((units, len(terms)))
        np.add.at(scores, counts.units, x_within * (counts.y - mean)[:, None])
        rows = len(counts.y)
        correction = units / (units - 1) * (rows - 1) / (rows - len(terms) - times)
        covariance = correction * (bread @ (scores.T @ scores) @ bread)
    errors = np.sqrt(np.diag(covariance))
    plain = _demean(counts, np.ones(len(counts.y)), counts.x)
    within_sds = np.sqrt((plain**2).sum(axis=0) / (len(counts.y) - 1))
    return PoissonFit(
        estimates={
            term: _judge(float(b), float(se), float(sd), units - 1, is_tested=method != "none")
            for term, b, se, sd in zip(terms, coefficients, errors, within_sds, strict=True)
        },
        method=method,
        n_obs=len(counts.y),
        n_units=units,
        n_times=times,
        n_dropped=table.num_rows - len(counts.y),
        covariance=covariance,
    )


def _judge(estimate: float, error: float, within_sd: float, df: int, *, is_tested: bool) -> PoissonEstimate:
    if not is_tested or not error > 0:
        return PoissonEstimate(estimate, error, None, None, None, within_sd)
    width = float(stdtrit(df, 0.5 + CONFIDENCE / 2)) * error
    p_value = 2 * float(stdtr(df, -abs(estimate) / error))
    return PoissonEstimate(estimate, error, p_value, estimate - width, estimate + width, within_sd)


def _size(codes: IntArray) -> int:
    return int(codes.max()) + 1 if len(codes) else 0


def _select(counts: _Counts, keep: npt.NDArray[np.bool_]) -> _Counts:
    units, times = close_gaps(counts.units[keep]), close_gaps(counts.times[keep])
    return _Counts(counts.y[keep], counts.x[keep], counts.offset[keep], units, times)


def _drop_empty(sample: PanelSample) -> _Counts:
    x, offset = sample.regressors[:, :-1], sample.regressors[:, -1]
    counts = _Counts(sample.outcome, x, offset, sample.unit_codes, sample.time_codes)
    while len(counts.y):
        keep = (np.bincount(counts.units, counts.y)[counts.units] > 0) & (
            np.bincount(counts.times, counts.y)[counts.times] > 0
        )
        if keep.all():
            break
        counts = _select(counts, keep)
    return counts


def _demean(counts: _Counts, weights: FloatArray, values: FloatArray) -> FloatArray:
    """Residuals (n, m) of a weighted regression on unit and time effects; exact, by the cross product of the times."""
    units, times = _size(counts.units), _size(counts.times)
    cells = np.zeros((units, times))
    np.add.at(cells, (counts.units, counts.times), weights)
    totals = cells.sum(axis=1)
    inverse = np.linalg.pinv(np.diag(cells.sum(axis=0)) - cells.T @ (cells / totals[:, None]), hermitian=True)

    def by_unit(columns: FloatArray) -> FloatArray:
        sums = np.zeros((units, columns.shape[1]))
        np.add.at(sums, counts.units, columns * weights[:, None])
        centred: FloatArray = columns - (sums / totals[:, None])[counts.units]
        return centred

    left = by_unit(values)
    sums = np.zeros((times, values.shape[1]))
    np.add.at(sums, counts.times, left * weights[:, None])
    residuals: FloatArray = left - by_unit((inverse @ sums)[counts.times])
    return residuals


def _solve(counts: _Counts, terms: Sequence[str]) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Coefficients, inverse of the weighted cross product, demeaned terms and fitted means."""
    fitted = np.log((counts.y + counts.y.mean()) / 2)
    coefficients = np.full(len(terms), np.inf)
    for _ in range(MOST_STEPS):
        mean = np.exp(fitted)
        working = fitted - counts.offset + (counts.y - mean) / mean
        demeaned = _demean(counts, mean, np.column_stack([counts.x, working]))
        x, z = demeaned[:, :-1], demeaned[:, -1]
        moments = x.T @ (x * mean[:, None])
        raw = ((counts.x**2) * mean[:, None]).sum(axis=0)
        for term, left, whole in zip(terms, np.diag(moments), raw, strict=True):
            if left <= 1e-12 * whole:
                raise ValueError(f"{term!r} does not vary beyond the effects of unit and time")
        bread = np.linalg.pinv(moments, hermitian=True)
        before, coefficients = coefficients, bread @ (x.T @ (z * mean))
        fitted = counts.offset + working - (z - x @ coefficients)
        if np.abs(coefficients - before).max() <= 1e-10 * (1 + np.abs(coefficients).max()):
            return coefficients, bread, x, mean
    raise ValueError(f"the count model did not settle within {MOST_STEPS} steps")


def _jackknife(counts: _Counts, terms: Sequence[str], coefficients: FloatArray) -> FloatArray:
    """(G-1)/G times the sum of outer products of the coefficients without a unit minus those with all."""
    units = _size(counts.units)
    changes = np.array(
        [_solve(_select(counts, counts.units != unit), terms)[0] - coefficients for unit in range(units)]
    )
    covariance: FloatArray = (units - 1) / units * (changes.T @ changes)
    return covariance
