"""Share of R2 that each regressor explains, averaged over all orders in which they may enter (LMG, Shapley).

Works on ordinary data or on cross products of data that were demeaned elsewhere; no fixed effects here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
# 2^16 regressions take about two seconds; beyond that the exact method is the wrong tool.
MOST_REGRESSORS = 16
# Of the systems that are solved at once.
MOST_ENTRIES = 2_000_000


@dataclass(frozen=True)
class RelativeImportance:
    """Decompositions of one R2; every array has one entry per regressor."""

    r2: float
    lmg: FloatArray
    lmg_share: FloatArray
    first: FloatArray
    last: FloatArray
    pratt: FloatArray


def lmg(x: npt.ArrayLike, y: npt.ArrayLike) -> FloatArray:
    """Part of R2 that each of the p columns of `x` (n, p) explains of `y` (n,) besides an intercept; sums to R2.

    Exact: all 2^p regressions. Raises ValueError for missing values, a constant column or outcome, p > 16.
    Source: Lindeman, Merenda and Gold 1980.
    """
    return relative_importance(x, y).lmg


def relative_importance(x: npt.ArrayLike, y: npt.ArrayLike) -> RelativeImportance:
    """`lmg` and three simpler measures: R2 alone (first), added R2 (last), beta times correlation (pratt).

    Shapes and errors as in `lmg`.
    """
    columns, outcome = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if columns.ndim != 2 or outcome.shape != columns.shape[:1] or not len(outcome):
        raise ValueError(f"lmg needs x of shape (n, p) and y of shape (n,), got {columns.shape} and {outcome.shape}")
    if not (np.isfinite(columns).all() and np.isfinite(outcome).all()):
        raise ValueError("lmg needs complete data: x or y holds missing or infinite values")
    # Rounding leaves a speck of variance in a constant column; a correlation with it would be noise.
    for label, values in [("y", outcome), *((f"column {j} of x", columns[:, j]) for j in range(columns.shape[1]))]:
        if np.ptp(values) <= 1e-12 * np.abs(values).max():
            raise ValueError(f"{label} is constant")
    columns, outcome = columns - columns.mean(axis=0), outcome - outcome.mean()
    return decompose_moments(columns.T @ columns, columns.T @ outcome, float(outcome @ outcome))


def decompose_moments(xx: FloatArray, xy: FloatArray, yy: float) -> RelativeImportance:
    """Decompose R2 from cross products of centred or demeaned data: X'X (p, p), X'y (p,), y'y.

    Raises ValueError for p = 0, p > 16, or a regressor or outcome without variance.
    """
    count = len(xy)
    if not 1 <= count <= MOST_REGRESSORS:
        raise ValueError(f"the exact split takes 1 to {MOST_REGRESSORS} regressors, got {count}")
    scale = np.sqrt(np.diag(xx))
    if yy <= 0 or (scale <= 0).any():
        raise ValueError("a regressor or the outcome has no variance to explain")
    correlation, with_outcome = xx / np.outer(scale, scale), xy / (scale * np.sqrt(yy))
    r2 = _r2_of_subsets(correlation[None], with_outcome[None])
    parts, r2 = _average_orders(r2)[0], r2[0]
    subsets = np.arange(2**count)
    full = float(r2[-1])
    last = np.array([full - r2[subsets[-1] ^ (1 << j)] for j in range(count)])
    pratt = (np.linalg.pinv(correlation, hermitian=True, rcond=1e-12) @ with_outcome) * with_outcome
    share = parts / full if full > 0 else np.full(count, np.nan)
    return RelativeImportance(r2=full, lmg=parts, lmg_share=share, first=with_outcome**2, last=last, pratt=pratt)


def lmg_shares(moments: FloatArray, groups: Sequence[Sequence[int]] | None = None) -> FloatArray:
    """Shares (B, p) of R2 for many sets of cross products (B, p+1, p+1), each with the outcome last.

    The same split as `decompose_moments`, all sets at once. With `groups`, which hold the numbers of regressors, it is
    groups that enter, all of their members at once: (B, groups). NaN in rows where nothing is explained or where a
    regressor or the outcome does not vary.
    """
    members = [list(group) for group in groups] if groups else [[j] for j in range(moments.shape[1] - 1)]
    scale = np.sqrt(np.maximum(np.einsum("bii->bi", moments), 0.0))
    varies = (scale > 0).all(axis=1)
    shares = np.full((len(moments), len(members)), np.nan)
    unit = moments[varies] / (scale[varies][:, :, None] * scale[varies][:, None, :])
    correlation, with_outcome = unit[:, :-1, :-1], unit[:, :-1, -1]
    r2 = _r2_of_groups(correlation, with_outcome, members) if groups else _r2_of_subsets(correlation, with_outcome)
    full = r2[:, -1:]
    shares[varies] = np.where(full > 0, _average_orders(r2) / np.where(full > 0, full, 1.0), np.nan)
    return shares


def _average_orders(r2: FloatArray) -> FloatArray:
    """What each regressor adds to R2 (B, 2^p), averaged over all orders of entry: (B, p)."""
    subsets = np.arange(r2.shape[1])
    count = int(subsets[-1]).bit_count()
    sizes = np.array([int(subset).bit_count() for subset in subsets])
    weights = np.array([1 / (count * comb(count - 1, size)) if size < count else 0.0 for size in range(count + 1)])
    parts = np.empty((len(r2), count))
    for j in range(count):
        without = subsets[(subsets >> j) & 1 == 0]
        parts[:, j] = (weights[sizes[without]] * (r2[:, without | (1 << j)] - r2[:, without])).sum(axis=1)
    return parts


def _r2_of_groups(correlation: FloatArray, with_outcome: FloatArray, members: Sequence[Sequence[int]]) -> FloatArray:
    """R2 of every subset of groups, (B, 2^groups); entry s has the groups of s's bits."""
    subsets = np.arange(2 ** len(members))
    is_in = np.zeros((len(subsets), with_outcome.shape[1]), bool)
    for number, group in enumerate(members):
        is_in[:, list(group)] = ((subsets >> number) & 1 == 1)[:, None]
    # Regressors that take no part stand for themselves, so that all subsets have systems of one size.
    together = is_in[:, :, None] & is_in[:, None, :]
    r2 = np.zeros((len(with_outcome), len(subsets)))
    is_regular = _find_regular(correlation)
    size = max(1, MOST_ENTRIES // (len(with_outcome) * is_in.shape[1] ** 2))
    for start in range(0, len(subsets), size):
        part = slice(start, start + size)
        alone = np.eye(is_in.shape[1]) * ~is_in[part][:, None, :]
        systems = correlation[:, None] * together[part] + alone
        targets = (with_outcome[:, None] * is_in[part])[..., None]
        solved = _solve(systems, targets, is_regular)
        r2[:, part] = (targets * solved).sum(axis=(2, 3))
    return r2


def _r2_of_subsets(correlation: FloatArray, with_outcome: FloatArray) -> FloatArray:
    """R2 of every subset of regressors, (B, 2^p) from (B, p, p) and (B, p); entry s has the regressors of s's bits."""
    count = with_outcome.shape[1]
    r2 = np.zeros((len(with_outcome), 2**count))
    is_regular = _find_regular(correlation)
    for size in range(1, count + 1):
        chosen = np.array(list(combinations(range(count), size)))
        systems = correlation[:, chosen[:, :, None], chosen[:, None, :]]
        targets = with_outcome[:, chosen][:, :, :, None]
        solved = _solve(systems, targets, is_regular)
        r2[:, (1 << chosen).sum(axis=1)] = (targets * solved).sum(axis=(2, 3))
    return r2


def _find_regular(correlation: FloatArray) -> npt.NDArray[np.bool_]:
    """Which sets (B,) of regressors are far from collinear; every subset of one is farther still (interlacing)."""
    return np.asarray(np.linalg.eigvalsh(correlation)[:, 0] > 1e-6, np.bool_)


def _solve(systems: FloatArray, targets: FloatArray, is_regular: npt.NDArray[np.bool_]) -> FloatArray:
    """Solutions (B, s, p, 1) of the systems (B, s, p, p) of subsets.

    The pseudo-inverse, ten times slower, gives collinear subsets the R2 of their span instead of an error.
    """
    solved = np.empty_like(targets)
    solved[is_regular] = np.linalg.solve(systems[is_regular], targets[is_regular])
    other = ~is_regular
    solved[other] = np.linalg.pinv(systems[other], hermitian=True, rcond=1e-12) @ targets[other]
    return solved
