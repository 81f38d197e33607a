"""The within regression and its cluster-robust covariances, as sums over units, and the rule which of them counts.

Clusters are the units. The wild bootstrap is in `bootstrap`; reading tables is in `data`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_solve, solve_triangular

from pipeline.analysis.panel.blocks import Spool
from pipeline.analysis.panel.data import InsufficientDataError, PanelBlocks
from pipeline.analysis.panel.projection import (
    IntArray,
    Times,
    TwoWay,
    add_up_times,
    find_time_effects,
    place_rows,
    subtract_effects,
    sum_by_unit,
)

FloatArray = npt.NDArray[np.float64]
Method = Literal["crv1", "crv3", "none"]

FEWEST_CLUSTERS = 10
MANY_CLUSTERS = 50
# One unit with a tenth of all leverage makes many clusters behave like few.
LARGEST_LEVERAGE_SHARE = 0.10
# Least pivot of a matrix that is taken for regular: rounding leaves half of the digits.
_REGULAR = 1e-4
_UNITS_AT_ONCE = 128


# Regressors and, last, the outcome (k + 1, n); codes of unit and time (n,).
Demeaned = tuple[FloatArray, IntArray, IntArray]


@dataclass(frozen=True)
class WithinRows:
    """Rows of whole units of a regression, cleared of the effects of the whole panel: n rows, k regressors."""

    units: slice  # of all units of the regression
    effects: TwoWay
    x: FloatArray  # (n, k)
    y: FloatArray  # (n,)
    residuals: FloatArray  # (n,)
    bread: FloatArray  # (k, k) of the regression


@dataclass(frozen=True)
class WithinRegression:
    """Least squares on two-way demeaned data: N rows in blocks, G units, k regressors.

    Figures are sums over units and cross products; rows are read again, a block at a time, where they are needed.
    """

    times: Times
    row_count: int
    terms: FloatArray  # (k, k) the regressors as columns of the demeaned ones
    products: FloatArray  # (k + 1, k + 1) cross products of the regressors and, last, the outcome
    bread: FloatArray  # (k, k) inverse of x'x
    coefficients: FloatArray  # (k,)
    demeaned: Spool[Demeaned] = field(repr=False)

    @property
    def unit_count(self) -> int:
        """G."""
        return self.times.unit_count

    def blocks(self) -> Iterator[WithinRows]:
        """The rows, whole units at a time."""
        is_plain, first = bool((self.terms == np.eye(len(self.terms))).all()), 0
        for columns, unit_codes, time_codes in self.demeaned:
            effects = place_rows(unit_codes, time_codes, self.times)
            x, y = columns[:-1].T, columns[-1]
            x = x if is_plain else np.asarray(self.terms.T @ columns[:-1]).T
            units = slice(first, first + effects.unit_count)
            yield WithinRows(units, effects, x, y, y - x @ self.coefficients, self.bread)
            first = units.stop

    def mapped(self, terms: FloatArray, back: FloatArray) -> "WithinRegression":
        """The same regression on other regressors: `terms` (k, k) has them as columns of these, `back` inverts it."""
        whole = np.eye(len(terms) + 1)
        whole[:-1, :-1] = terms
        bread = back @ self.bread @ back.T
        return replace(
            self,
            terms=self.terms @ terms,
            products=whole.T @ self.products @ whole,
            bread=(bread + bread.T) / 2,
            coefficients=back @ self.coefficients,
        )

    @property
    def effects(self) -> TwoWay:
        """Effects of all rows at once, for panels that fit into memory."""
        blocks = [(rows.units.start + rows.effects.unit_codes, rows.effects.time_codes) for rows in self.blocks()]
        unit_codes, time_codes = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
        return place_rows(unit_codes, time_codes, self.times)

    @property
    def x(self) -> FloatArray:
        """Regressors (N, k) of all rows at once, for panels that fit into memory."""
        return np.hstack([rows.x.T for rows in self.blocks()]).T

    @property
    def y(self) -> FloatArray:
        """Outcome (N,) of all rows at once, for panels that fit into memory."""
        return np.concatenate([rows.y for rows in self.blocks()])

    @property
    def residuals(self) -> FloatArray:
        """Residuals (N,) of all rows at once, for panels that fit into memory."""
        return np.concatenate([rows.residuals for rows in self.blocks()])

    @cached_property
    def by_unit(self) -> "ByUnit":
        """What the units add to the covariances."""
        scores, leverage, square = np.empty((self.unit_count, len(self.bread))), np.empty(self.unit_count), 0.0
        for rows in self.blocks():
            scores[rows.units] = sum_by_unit(rows.effects, rows.x, rows.residuals)
            pull = np.einsum("ij,ij->i", rows.x @ self.bread, rows.x)
            leverage[rows.units] = sum_by_unit(rows.effects, pull[:, None])[:, 0]
            square += float(rows.residuals @ rows.residuals)
        return ByUnit(scores, leverage, square)

    @cached_property
    def jackknife_changes(self) -> FloatArray:
        """Coefficients without each unit minus those with all (G, k); NaN for a term that the unit alone identifies."""
        changes = np.empty((self.unit_count, len(self.bread)))
        for rows in self.blocks():
            own = changes[rows.units]
            for units in _by_times(rows.effects):
                together = _changes_without(rows, units) if len(units) > 1 else None
                own[units] = [_change_without(rows, unit) for unit in units] if together is None else together
        return changes


@dataclass(frozen=True)
class ByUnit:
    """Sums of a regression's rows over each of its G units."""

    scores: FloatArray  # (G, k) regressors times residuals
    leverage: FloatArray  # (G,) degrees of freedom of the terms that the unit holds
    residual_square: float  # of all units together


def regress_within(sample: PanelBlocks, *, outcome: str, terms: Sequence[str]) -> WithinRegression:
    """Fit the sample with unit and time effects; exact on unbalanced panels.

    Raises ValueError naming a term that the effects or the terms before it explain completely, or an outcome that does
    not vary within units and times; InsufficientDataError if there are no more rows than effects and terms.
    """
    times = add_up_times(((block.unit_codes, block.time_codes) for block in sample), sample.time_count)

    def read() -> Iterator[tuple[TwoWay, FloatArray]]:
        for block in sample:
            columns = np.vstack([block.regressors.T, block.outcome]).T
            yield place_rows(block.unit_codes, block.time_codes, times), columns

    time_effects = find_time_effects(read)
    demeaned: Spool[Demeaned] = Spool()
    raw, products = np.zeros(len(terms) + 1), np.zeros((len(terms) + 1,) * 2)
    for effects, columns in read():
        left = subtract_effects(effects, columns, time_effects)
        demeaned.append((left.T, effects.unit_codes, effects.time_codes))
        raw += np.einsum("ij,ij->j", columns, columns)
        products += left.T @ left
    norms = np.sqrt(np.diag(products))
    for name, whole, left_over in zip([*terms, outcome], np.sqrt(raw), norms, strict=True):
        if left_over <= 1e-10 * whole:
            advice = "nothing is left to explain" if name == outcome else "leave it out of the model"
            raise ValueError(f"{name!r} does not vary beyond the effects of unit and time; {advice}")
    scale = norms[:-1]
    correlation = products[:-1, :-1] / np.outer(scale, scale)
    if _is_in_doubt(correlation):
        _check_collinear(_triangle(columns[:-1].T / scale for columns, *_ in demeaned), terms)
    if sample.row_count <= times.rank + len(terms):
        raise InsufficientDataError(
            f"{sample.row_count} rows cannot carry {times.unit_count} units, {sample.time_count} times and "
            f"{len(terms)} terms"
        )
    bread = np.linalg.inv(correlation) / np.outer(scale, scale)
    coefficients = bread @ products[:-1, -1]
    rest = np.zeros(len(terms))
    for columns, *_ in demeaned:
        rest += columns[:-1] @ (columns[-1] - columns[:-1].T @ coefficients)
    coefficients = coefficients + bread @ rest
    return WithinRegression(
        times=times,
        row_count=sample.row_count,
        terms=np.eye(len(terms)),
        products=products,
        bread=(bread + bread.T) / 2,
        coefficients=coefficients,
        demeaned=demeaned,
    )


def crv1_covariance(fit: WithinRegression) -> FloatArray:
    """Sandwich clustered by unit (k, k), times G/(G-1) (N-1)/(N-K) with K = k + T.

    Unit effects are nested in the clusters and do not count in K; time effects do. Source: Cameron and Miller 2015.
    """
    scores = fit.by_unit.scores
    covariance: FloatArray = crv1_correction(fit) * (fit.bread @ (scores.T @ scores) @ fit.bread)
    return covariance


def crv1_correction(fit: WithinRegression) -> float:
    """G/(G-1) (N-1)/(N-K) with K = k + T."""
    rows, units = fit.row_count, fit.unit_count
    return float(units / (units - 1) * (rows - 1) / (rows - len(fit.bread) - len(fit.times.sizes)))


def crv3_covariance(fit: WithinRegression) -> FloatArray:
    """Jackknife over units (k, k): (G-1)/G times the sum of outer products of b without a unit minus b.

    Each refit has its own time effects. NaN in the rows and columns of a term that one unit alone identifies.
    Source: MacKinnon, Nielsen and Webb 2023.
    """
    units, changes = fit.unit_count, fit.jackknife_changes
    covariance: FloatArray = (units - 1) / units * (changes.T @ changes)
    return covariance


def largest_leverage_share(fit: WithinRegression) -> float:
    """Largest part of the k degrees of freedom of the terms that one unit holds, 0..1."""
    return float(fit.by_unit.leverage.max() / len(fit.bread))


def choose_method(unit_count: int, leverage_share: float) -> Method:
    """Which covariance counts: none below 10 units; the jackknife below 50 or under one dominating unit; else CRV1."""
    if unit_count < FEWEST_CLUSTERS:
        return "none"
    return "crv1" if unit_count >= MANY_CLUSTERS and leverage_share < LARGEST_LEVERAGE_SHARE else "crv3"


def is_exact(fit: WithinRegression) -> bool:
    """Whether nothing but rounding is left over, so that no error can be estimated."""
    return bool(np.sqrt(fit.by_unit.residual_square) <= 1e-10 * np.sqrt(fit.products[-1, -1]))


def _is_in_doubt(correlation: FloatArray) -> bool:
    """Whether some term may be explained by the others: sums of squares alone cannot tell a distance below 1e-4."""
    try:
        return bool(np.diag(np.linalg.cholesky(correlation)).min() < 1e-4)
    except np.linalg.LinAlgError:
        return True


def _triangle(blocks: Iterable[FloatArray]) -> FloatArray:
    """Columns of few rows with the cross products of all blocks (n, k), to the accuracy of the rows themselves."""
    roots: list[FloatArray] = []
    for block in blocks:
        roots = [np.asarray(np.linalg.qr(np.vstack([*roots, block]), mode="r"), np.float64)]
    return roots[0]


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


def _changes_without(fit: WithinRows, units: Sequence[int]) -> FloatArray | None:
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


def _change_without(fit: WithinRows, unit: int) -> FloatArray:
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
