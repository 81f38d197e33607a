"""How sure the explained shares of a panel regression are: a bootstrap over whole units.

The shares themselves come from `relative_importance`; standard errors of coefficients from `inference`.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipeline.analysis.panel.blocks import Spool
from pipeline.analysis.panel.inference import WithinRegression
from pipeline.analysis.panel.projection import sum_by_cell, sum_by_unit
from pipeline.analysis.relative_importance import lmg_shares

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
_BLOCK_ENTRIES = 2_000_000
# Of what the times explain in a draw, and the steps in which any panel comes near it: one that hangs together by a few
# units, many of which a draw leaves out, takes the most.
_ACCURACY = 1e-10
_MOST_STEPS = 200

# Some units: their number (U,), and the roots of what they take from the cross product of the times (U, T).
_Seen = tuple[IntArray, FloatArray]


def bootstrap_shares(
    fit: WithinRegression,
    *,
    draws: int,
    seed: int,
    confidence: float,
    groups: Sequence[Sequence[int]] | None = None,
) -> FloatArray:
    """Percentile limits (2, k) of each term's or group's share of the within R2; units are drawn with replacement.

    Each draw has its own time effects and counts a unit drawn twice as two. Draws in which a term does not vary are
    left out; NaN if that leaves none. Raises ValueError unless draws >= 1 and 0 < confidence < 1.
    """
    if draws < 1 or not 0 < confidence < 1:
        raise ValueError(f"a bootstrap needs draws >= 1 and 0 < confidence < 1, got {draws} and {confidence}")
    units, columns = fit.unit_count, len(fit.products)
    generator = np.random.default_rng(seed)
    moments = np.empty((draws, columns, columns))
    size = max(1, _BLOCK_ENTRIES // (columns * len(fit.times.sizes)))
    seen = _see_units(fit, at_once=max(1, _BLOCK_ENTRIES // max(len(fit.times.sizes), columns * min(size, draws))))
    for start in range(0, draws, size):
        count = min(size, draws - start)
        # One byte: the chance that a unit is drawn 256 times is below 10^-500.
        copies = np.empty((count, units), np.uint8)
        for drawn in copies:
            drawn[:] = np.bincount(generator.integers(0, units, size=units), minlength=units)
        moments[start : start + count] = _draw_moments(fit, seen, copies)
    # Columns have norm 1 in the sample; what is left of a term that no longer varies is what the steps left.
    varies = (np.einsum("bii->bi", moments) > 100 * _ACCURACY).all(axis=1)
    blocks = np.array_split(
        moments[varies], max(1, int(varies.sum()) * 2 ** (len(groups) if groups else columns) // _BLOCK_ENTRIES)
    )
    shares = np.concatenate([lmg_shares(some, groups) for some in blocks])
    shares = shares[np.isfinite(shares).all(axis=1)]
    if not len(shares):
        return np.full((2, len(groups) if groups else columns - 1), np.nan)
    limits: FloatArray = np.quantile(shares, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
    return limits


def _see_units(fit: WithinRegression, *, at_once: int) -> Spool[_Seen]:
    """All units of the panel, few at a time."""
    seen: Spool[_Seen] = Spool()
    for rows in fit.blocks():
        effects = rows.effects
        for start in range(0, effects.unit_count, at_once):
            sizes = effects.unit_sizes[start : start + at_once]
            first, shape = int(effects.unit_starts[start]), (len(sizes), effects.time_count)
            taken = slice(first, first + int(sizes.sum()))
            cells = (effects.unit_codes[taken] - start) * shape[1] + effects.time_codes[taken]
            counts = np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape)
            numbers = rows.units.start + start + np.arange(len(sizes))
            seen.append((numbers, counts / np.sqrt(sizes)[:, None]))
    return seen


def _draw_moments(fit: WithinRegression, seen: Spool[_Seen], copies: npt.NDArray[np.uint8]) -> FloatArray:
    """Cross products (B, c, c) of terms and outcome, cleared of the effects of each draw's own times."""
    count, columns, times = len(copies), len(fit.products), len(fit.times.sizes)
    norms = np.sqrt(np.diag(fit.products))
    totals, with_times = np.zeros((count, columns**2)), np.zeros((columns, times, count))
    for rows in fit.blocks():
        # Two-way demeaned data are unit-demeaned, which is all that a refit of the time effects starts from.
        data = np.column_stack([rows.x, rows.y]) / norms
        # Everything that a draw needs, as sums per unit: a draw is then a weighted sum over units.
        products = np.hstack([sum_by_unit(rows.effects, data, column) for column in data.T])
        drawn = copies[:, rows.units].astype(np.float64)
        totals += drawn @ products
        for sums, column in zip(with_times, data.T, strict=True):
            sums += sum_by_cell(rows.effects, column).T @ drawn.T
    explained = _explain_by_times(fit.times.inverse, seen, copies, with_times)
    return totals.reshape(-1, columns, columns) - explained


def _explain_by_times(
    near: FloatArray, seen: Spool[_Seen], copies: npt.NDArray[np.uint8], with_times: FloatArray
) -> FloatArray:
    """What the times explain of the cross products in each draw (B, c, c), from their sums with the times (c, T, B).

    By conjugate gradients: the matrix of a draw's times is never made. The inverse for the sample (T, T) comes near
    that of every draw, so that few steps lead there. A draw may fall apart or leave times empty: its sums have no part
    in the directions that are lost. Source: Hestenes and Stiefel 1952.
    """
    columns, times, count = with_times.shape
    row_counts = np.zeros((times, count))
    for units, root in seen:
        # The squares of a unit's roots add up to its rows over its rows: root times their sum is its count.
        row_counts += (root * root.sum(axis=1, keepdims=True)).T @ copies[:, units].T.astype(np.float64)

    def multiply(vectors: FloatArray) -> FloatArray:
        product = vectors * row_counts[:, :, None]
        for units, root in seen:
            shared = (root @ vectors.reshape(times, -1)).reshape(len(units), count, columns)
            shared *= copies[:, units].T[:, :, None]
            product -= (root.T @ shared.reshape(len(units), -1)).reshape(product.shape)
        return product

    sums = np.ascontiguousarray(with_times.transpose(1, 2, 0))  # (T, B, c)
    solved, left, direction = np.zeros_like(sums), sums.copy(), np.zeros_like(sums)
    before, start = np.ones((count, columns)), np.zeros((count, columns))
    for step in range(_MOST_STEPS):
        nearer = (near @ left.reshape(times, -1)).reshape(left.shape)
        open_square = np.einsum("tbc,tbc->bc", left, nearer)
        start = start if step else open_square
        if (open_square <= _ACCURACY * start).all():
            break
        direction = nearer + direction * np.divide(open_square, before, out=np.zeros_like(before), where=before > 0)
        moved = multiply(direction)
        curvature = np.einsum("tbc,tbc->bc", direction, moved)
        length = np.divide(open_square, curvature, out=np.zeros_like(curvature), where=curvature > 0)
        solved += length * direction
        left -= length * moved
        before = open_square
    # Together with what is left the error is that of both sides, multiplied.
    sums, solved, left = (each.transpose(1, 2, 0) for each in (sums, solved, left))
    return np.asarray(sums @ solved.swapaxes(1, 2) + solved @ left.swapaxes(1, 2), np.float64)
