"""Wild cluster bootstrap: a p-value that survives few and unequal clusters.

Everything is expressed in sums per unit, so that a draw costs a few small matrix products and no regression.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from pipeline.analysis.panel.inference import WithinRegression
from pipeline.analysis.panel.projection import sum_by_cell, sum_by_unit

FloatArray = npt.NDArray[np.float64]
# From sign vectors (G, m): squared estimates (m,) and their squared uncorrected standard errors.
Squares = Callable[[FloatArray], tuple[FloatArray, FloatArray]]

# 2^13 sign vectors are fewer than the usual 9,999 random ones: take them all, and the p-value has no random part.
MOST_ENUMERATED_UNITS = 13
# Statistics that differ by rounding are ties.
TIE = 1e-9
_BLOCK_ENTRIES = 2_000_000


def wild_p_value(fit: WithinRegression, weights: FloatArray, *, draws: int, seed: int) -> float | None:
    """Two-sided p of "the weighted sum of the coefficients is 0", with that null imposed (WCR, type 11).

    `weights` (k,) as in R'b. Rademacher signs per unit: all 2^G of them if G <= 13, else `draws` random ones from
    `seed`. Ties count as at least as extreme and the sample itself counts as one draw, so p is never 0. None if
    `draws` is 0. Sources: Cameron, Gelbach and Miller 2008; Roodman et al. 2019.
    """
    if draws <= 0:
        return None
    direction = fit.bread @ weights
    variance = float(weights @ direction)
    estimate = float(weights @ fit.coefficients)
    # Per unit: score of the constraint, what it shares with the times, and with the terms; and its score in the sample.
    parts = []
    for rows in fit.blocks():
        effects, loading = rows.effects, rows.x @ direction
        # Least squares under the null: the full fit moved along the direction that the constraint gives.
        residuals = rows.residuals + loading * (estimate / variance)
        scores = [sum_by_unit(effects, (loading * left_over)[:, None]) for left_over in (residuals, rows.residuals)]
        times = sum_by_cell(effects, loading) @ effects.time_inverse, sum_by_cell(effects, residuals)
        terms = sum_by_unit(effects, rows.x, loading) @ fit.bread, sum_by_unit(effects, rows.x, residuals)
        left, right = (np.hstack(pair) for pair in zip(times, terms, strict=True))
        parts.append((scores[0][:, 0], scores[1][:, 0], left, right))
    own, observed_scores, left, right = (np.concatenate(blocks) for blocks in zip(*parts, strict=True))
    unit_count = fit.unit_count
    squares = _by_units if unit_count <= 2 * left.shape[1] else _by_sums
    find_squares = squares(own, left, right)
    observed_square, observed_error = estimate**2, float((observed_scores**2).sum())
    enumerated = unit_count <= MOST_ENUMERATED_UNITS
    blocks = _all_signs(unit_count) if enumerated else _random_signs(unit_count, draws, seed)
    extreme = 0
    for signs in blocks:
        estimate_square, error_square = find_squares(signs)
        # Compared crosswise: an error of zero needs no division, and 0/0 counts as a tie.
        extreme += int((estimate_square * observed_error >= observed_square * error_square * (1 - TIE)).sum())
    # All signs alike give the sample itself, also where the fit is exact and rounding would decide.
    return max(extreme, 2) / 2**unit_count if enumerated else (1 + extreme) / (1 + draws)


def _by_units(own: FloatArray, left: FloatArray, right: FloatArray) -> Squares:
    """Squared estimates and errors, the sums over units of (sign * own - left @ right' @ signs)^2.

    As one product with a matrix of units by units, which is the smaller one for fewer units than twice the times.
    """
    root = np.vstack([np.diag(own) - left @ right.T, own])

    def find(signs: FloatArray) -> tuple[FloatArray, FloatArray]:
        scores = root @ signs
        return scores[-1] ** 2, np.einsum("ij,ij->j", scores[:-1], scores[:-1])

    return find


def _by_sums(own: FloatArray, left: FloatArray, right: FloatArray) -> Squares:
    """The same as `_by_units`, multiplied out, so that no array of units by units is needed."""
    size, whole, pairs = left.shape[1], float(own @ own), left.T @ left
    by_sign = np.vstack([right.T, (left * own[:, None]).T, own])

    def find(signs: FloatArray) -> tuple[FloatArray, FloatArray]:
        sums = by_sign @ signs
        shared, crossed, estimates = sums[:size], sums[size:-1], sums[-1]
        errors = whole + np.einsum("ij,ij->j", shared, pairs @ shared - 2 * crossed)
        # A small rest of large sums is mostly rounding, and even the sample would no longer tie with itself.
        small = np.flatnonzero(errors < 1e-4 * whole)
        errors[small] = ((signs[:, small] * own[:, None] - left @ shared[:, small]) ** 2).sum(axis=0)
        return estimates**2, errors

    return find


def _all_signs(unit_count: int) -> Iterator[FloatArray]:
    vectors = np.arange(2**unit_count)
    yield ((vectors[None, :] >> np.arange(unit_count)[:, None]) & 1).astype(np.float64) * 2 - 1


def _random_signs(unit_count: int, draws: int, seed: int) -> Iterator[FloatArray]:
    """Blocks of sign vectors (G, m); the stream depends on the seed and the number of units alone."""
    for signs in _draw_signs(unit_count, draws, seed):
        yield signs.astype(np.float64)


# All tests of a model have the same signs.
@lru_cache(maxsize=1)
def _draw_signs(unit_count: int, draws: int, seed: int) -> list[npt.NDArray[np.int8]]:
    generator = np.random.default_rng(seed)
    block = max(1, _BLOCK_ENTRIES // unit_count)
    sizes = [min(block, draws - start) for start in range(0, draws, block)]
    return [(generator.integers(0, 2, size=(size, unit_count), dtype=np.int8) * 2 - 1).T for size in sizes]
