"""The within regression and its cluster-robust covariances, as sums over units, and the rule which of them counts.

Clusters are the units. The wild bootstrap is in `bootstrap`; reading tables is in `data`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_solve, solve_triangular

from pipeline.analysis.panel.data import InsufficientDataError, PanelSample
from pipeline.analysis.panel.projection import IntArray, TwoWay, build_two_way, demean_two_way, sum_by_unit

FloatArray = npt.NDArray[np.float64]
Method = Literal["crv1", "crv3", "none"]

FEWEST_CLUSTERS = 10
MANY_CLUSTERS = 50
# One unit with a tenth of all leverage makes many clusters behave like few.
LARGEST_LEVERAGE_SHARE = 0.10
# Least pivot of a matrix that is taken for regular: rounding leaves half of the digits.
_REGULAR = 1e-4
_UNITS_AT_ONCE = 128


@dataclass(frozen=True)
class WithinRegression:
    """Least squares on two-way demeaned data: n rows, k regressors."""

    effects: TwoWay
    x: FloatArray  # (n, k) two-way demeaned
    y: FloatArray  # (n,) two-way demeaned
    bread: FloatArray  # (k, k) inverse of x'x
    coefficients: FloatArray  # (k,)
    residuals: FloatArray  # (n,)

    @cached_property
    def jackknife_changes(self) -> FloatArray:
        """Coefficients without each unit minus those with all (G, k); NaN for a term that the unit alone identifies."""
        changes = np.empty((self.effects.unit_count, self.x.shape[1]))
        for units in _by_times(self.effects):
            together = _changes_without(self, units) if len(units) > 1 else None
            changes[units] = [_change_without(self, unit) for unit in units] if together is None else together
        return changes


def regress_within(sample: PanelSample, *, outcome: str, terms: Sequence[str]) -> WithinRegression:
    """Fit the sample with unit and time effects; exact on unbalanced panels.

    Raises ValueError naming a term that the effects or the terms before it explain completely, or an outcome that does
    not vary within units and times; InsufficientDataError if there are no more rows than effects and terms.
    """
    effects = build_two_way(sample.unit_codes, sample.time_codes)
    x = demean_two_way(effects, sample.regressors)
    y = demean_two_way(effects, sample.outcome[:, None])[:, 0]
    raw = [*sample.regressors.T, sample.outcome]
    for name, column, demeaned in zip([*terms, outcome], raw, [*x.T, y], strict=True):
        if np.linalg.norm(demeaned) <= 1e-10 * np.linalg.norm(column):
            advice = "nothing is left to explain" if name == outcome else "leave it out of the model"
            raise ValueError(f"{name!r} does not vary beyond the effects of unit and time; {advice}")
    scale = np.array([np.linalg.norm(column) for column in x.T])
    correlation = (x.T @ x) / np.outer(scale, scale)
    if _is_in_doubt(correlation):
        _check_collinear(x / scale, terms)
    if len(y) <= effects.rank + len(terms):
        raise InsufficientDataError(
            f"{len(y)} rows cannot carry {effects.unit_count} units, {effects.time_count} times and {len(terms)} terms"
        )
    bread = np.linalg.inv(correlation) / np.outer(scale, scale)
    coefficients = bread @ (x.T @ y)
    coefficients = coefficients + bread @ (x.T @ (y - x @ coefficients))
    return WithinRegression(effects, x, y, (bread + bread.T) / 2, coefficients, y - x @ coefficients)


def crv1_covariance(fit: WithinRegression) -> FloatArray:
    """Sandwich clustered by unit (k, k), times G/(G-1) (N-1)/(N-K) with K = k + T.

    Unit effects are nested in the clusters and do not count in K; time effects do. Source: Cameron and Miller 2015.
    """
    scores = sum_by_unit(fit.effects, fit.x, fit.residuals)
    covariance: FloatArray = crv1_correction(fit) * (fit.bread @ (scores.T @ scores) @ fit.bread)
    return covariance


def crv1_correction(fit: WithinRegression) -> float:
    """G/(G-1) (N-1)/(N-K) with K = k + T."""
    rows, terms = fit.x.shape
    units = fit.effects.unit_count
    return float(units / (units - 1) * (rows - 1) / (rows - terms - fit.effects.time_count))


def crv3_covariance(fit: WithinRegression) -> FloatArray:
    """Jackknife over units (k, k): (G-1)/G times the sum of outer products of b without a unit minus b.

    Each refit has its own time effects. NaN in the rows and columns of a term that one unit alone identifies.
    Source: MacKinnon, Nielsen and Webb 2023.
    """
    units, changes = fit.effects.unit_count, fit.jackknife_changes
    covariance: FloatArray = (units - 1) / units * (changes.T @ changes)
    return covariance


def largest_leverage_share(fit: WithinRegression) -> float:
    """Largest part of the k degrees of freedom of the terms that one unit holds, 0..1."""
    rows = np.einsum("ij,ij->i", fit.x @ fit.bread, fit.x)
    return float(sum_by_unit(fit.effects, rows[:, None]).max() / fit.x.shape[1])


def choose_method(unit_count: int, leverage_share: float) -> Method:
    """Which covariance counts: none below 10 units; the jackknife below 50 or under one dominating unit; else CRV1."""
    if unit_count < FEWEST_CLUSTERS:
        return "none"
    return "crv1" if unit_count >= MANY_CLUSTERS and leverage_share < LARGEST_LEVERAGE_SHARE else "crv3"


def is_exact(fit: WithinRegression) -> bool:
    """Whether nothing but rounding is left over, so that no error can be estimated."""
    return bool(np.linalg.norm(fit.residuals) <= 1e-10 * np.linalg.norm(fit.y))


def _is_in_doubt(correlation: FloatArray) -> bool:
    """Whether some term may be explained by the others: sums of squares alone cannot tell a distance below 1e-4."""
    try:
        return bool(np.diag(np.linalg.cholesky(correlation)).min() < 1e-4)
    except np.linalg.LinAlgError:
        return True


def _check_collinear(scaled: FloatArray, terms: Sequence[str]) -> None:
    """Take the terms in order and name the first that the ones before it explain; columns have norm 1."""
    basis = np.empty((len(scaled), 0))
    for name, column in zip(terms, scaled.T, strict=True):
        left = column - basis @ (basis.T @ column)
        left = left - basis @ (basis.T @ left)
        norm = float(np.linalg.norm(left))
        if norm <= 1e-8:
            raise ValueError(f"{name!r} is a combination of the terms before it and the effects; leave one of them out")
        basis = np.column_stack([basis, left / norm])


def _by_times(effects: TwoWay) -> Iterator[list[int]]:
    """Units that were seen at the same times, in the same order, in groups that bound the memory of their arrays."""
    groups: dict[bytes, list[int]] = {}
    for unit, times in enumerate(np.split(effects.time_codes, effects.unit_starts[1:])):
        groups.setdefault(times.tobytes(), []).append(unit)
    for units in groups.values():
        yield from (units[start : start + _UNITS_AT_ONCE] for start in range(0, len(units), _UNITS_AT_ONCE))


def _changes_without(fit: WithinRegression, units: Sequence[int]) -> FloatArray | None:
    """`_change_without` for units of equal times, their effects factored once; None where one is not regular.

    With A = I - (H of the effects): b without the unit minus b = - (X'X - X_u' A^-1 X_u)^-1 X_u' A^-1 e_u.
    """
    effects = fit.effects
    rows = effects.unit_starts[units][:, None] + np.arange(effects.unit_sizes[units[0]])
    times = effects.time_codes[rows[0]]
    if len(times) > effects.time_count + fit.x.shape[1]:
        return None
    right = np.dstack([fit.x[rows], fit.residuals[rows]])  # (units, times, k + 1)
    try:
        root = np.linalg.cholesky(fit.bread)
        triangle = np.linalg.cholesky(_left_by_effects(effects, times))
        solved = solve_triangular(triangle, np.hstack(list(right)), lower=True, check_finite=False)
        parts = solved.reshape(len(times), *right.shape[::2]).transpose(1, 0, 2)
        inner = root.T @ (parts[:, :, :-1].transpose(0, 2, 1) @ parts)  # per unit: root' X' A^-1 (X, e)
        kept = np.eye(len(root)) - inner[:, :, :-1] @ root
        if min(np.diag(triangle).min(), np.linalg.cholesky(kept).diagonal(axis1=1, axis2=2).min()) <= _REGULAR:
            return None
    except np.linalg.LinAlgError:
        return None
    changes: FloatArray = -(np.linalg.solve(kept, inner[:, :, -1:])[:, :, 0] @ root.T)
    return changes


def _left_by_effects(effects: TwoWay, times: IntArray) -> FloatArray:
    """I - H of the effects of unit and time among the rows of one unit, which was seen at these times.

    In one array: a unit of a year of days has many entries, and moving them costs as much as factoring them.
    """
    left = effects.time_inverse[times[:, None], times]
    means = left.mean(axis=0)
    left -= means - means.mean()
    left -= means[:, None]
    np.negative(left, out=left)
    left[np.diag_indices(len(left))] += 1.0
    return left


def _change_without(fit: WithinRegression, unit: int) -> FloatArray:
    """b without the unit minus b, from the unit's own rows: - bread X'(I - H)^-1 e."""
    effects = fit.effects
    start = int(effects.unit_starts[unit])
    rows = slice(start, start + int(effects.unit_sizes[unit]))
    times, x, residuals = effects.time_codes[rows], fit.x[rows], fit.residuals[rows]
    if len(times) <= effects.time_count + x.shape[1]:
        right, pull = residuals, x @ fit.bread
        kept = _left_by_effects(effects, times)
        kept -= pull @ x.T
    else:
        # H = V V' and V'(I - V V')^-1 = (I - V'V)^-1 V': no array of a unit's rows by its rows, of which it may have
        # thousands.
        by_time = np.linalg.cholesky(effects.time_inverse)[times]
        root = np.linalg.cholesky(fit.bread)
        hat = np.hstack([by_time - by_time.mean(axis=0), x @ root])
        right, kept = hat.T @ residuals, np.eye(hat.shape[1]) - hat.T @ hat
        pull = np.vstack([np.zeros((effects.time_count, len(root))), root.T])
    try:
        triangle = np.linalg.cholesky(kept)
        if np.diag(triangle).min() > _REGULAR:
            solved: FloatArray = cho_solve((triangle, True), right, check_finite=False)
            return -(pull.T @ solved)
    except np.linalg.LinAlgError:
        pass
    # Without this unit some effect or term is no longer identified. Effects do not matter (the residuals have no part
    # in that direction); a term that does is lost.
    values, vectors = np.linalg.eigh(kept)
    regular = values > 1e-8
    change: FloatArray = -(pull.T @ (vectors[:, regular] @ ((vectors[:, regular].T @ right) / values[regular])))
    lost = np.abs(pull.T @ vectors[:, ~regular]).max(axis=1, initial=0.0) > 1e-6 * np.sqrt(np.diag(fit.bread))
    return np.where(lost, np.nan, change)
