"""How sure the explained shares of a panel regression are: a bootstrap over whole units.

The shares themselves come from `relative_importance`; standard errors of coefficients from `inference`.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_solve

from pipeline.analysis.panel.inference import WithinRegression
from pipeline.analysis.panel.projection import sum_by_cell, sum_by_unit
from pipeline.analysis.relative_importance import lmg_shares

FloatArray = npt.NDArray[np.float64]
_BLOCK_ENTRIES = 2_000_000


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
    effects, units = fit.effects, fit.effects.unit_count
    generator = np.random.default_rng(seed)
    # Two-way demeaned data are unit-demeaned, which is all that a refit of the time effects starts from.
    data = np.array([column / np.linalg.norm(column) for column in (*fit.x.T, fit.y)]).T
    columns = data.shape[1]
    # Everything that a draw needs, as sums per unit: a draw is then a weighted sum over units.
    products = np.hstack([sum_by_unit(effects, data, column) for column in data.T])
    by_time = np.hstack([sum_by_cell(effects, column) for column in data.T])
    cells = effects.cell_counts.toarray()
    averaging = cells / np.sqrt(effects.unit_sizes)[:, None]
    moments = np.empty((draws, columns, columns))
    block = max(1, _BLOCK_ENTRIES // units)
    for start in range(0, draws, block):
        drawn = (generator.integers(0, units, size=units) for _ in range(start, min(start + block, draws)))
        copies = np.array([np.bincount(chosen, minlength=units) for chosen in drawn], dtype=np.float64)
        together = zip(copies, copies @ by_time, copies @ cells, copies @ products, strict=True)
        for draw, (count, by_column, row_counts, totals) in enumerate(together, start):
            with_times = by_column.reshape(columns, effects.time_count)
            # As a matrix times its own transpose, of the drawn units alone: a third of the work.
            taken = np.flatnonzero(count)
            root = averaging[taken] * np.sqrt(count[taken])[:, None]
            explained = with_times @ _solve_singular(np.diag(row_counts) - root.T @ root, with_times.T)
            moments[draw] = totals.reshape(columns, columns) - explained
    # Columns have norm 1 in the sample; what is left of a term that no longer varies is rounding.
    varies = (np.einsum("bii->bi", moments) > 1e-12).all(axis=1)
    blocks = np.array_split(
        moments[varies], max(1, int(varies.sum()) * 2 ** (len(groups) if groups else columns) // _BLOCK_ENTRIES)
    )
    shares = np.concatenate([lmg_shares(block, groups) for block in blocks])
    shares = shares[np.isfinite(shares).all(axis=1)]
    if not len(shares):
        return np.full((2, len(groups) if groups else fit.x.shape[1]), np.nan)
    limits: FloatArray = np.quantile(shares, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
    return limits


def _solve_singular(laplacian: FloatArray, right: FloatArray) -> FloatArray:
    """A solution of laplacian @ z = right for right sides in its range.

    A connected Laplacian is singular in the direction of ones only, and filling that changes nothing in the range.
    The slow way is for draws that leave a time empty or fall apart.
    """
    filled = laplacian + np.trace(laplacian) / len(laplacian) ** 2
    try:
        triangle = np.linalg.cholesky(filled)
        if np.diag(triangle).min() > 1e-5 * np.sqrt(np.trace(laplacian) / len(laplacian)):
            solution: FloatArray = cho_solve((triangle, True), right)
            return solution
    except np.linalg.LinAlgError:
        pass
    fallback: FloatArray = np.linalg.pinv(laplacian, hermitian=True, rcond=1e-12) @ right
    return fallback
