"""How sure the explained shares of a panel regression are: a bootstrap over whole units.

The shares themselves come from `relative_importance`; standard errors of coefficients from `inference`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse.csgraph import connected_components

from pipeline.analysis.panel.inference import WithinRegression
from pipeline.analysis.panel.projection import TwoWay, sum_by_cell, sum_by_unit
from pipeline.analysis.relative_importance import lmg_shares

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
_BLOCK_ENTRIES = 2_000_000
# Of a time's mean rows: far above rounding, and its square far below what is published.
RIDGE = 1e-8


@dataclass(frozen=True)
class _Part:
    """Units of the panel that share times, directly or through others: G units, T times."""

    units: IntArray  # (G,)
    cells: FloatArray  # (G, T) rows
    by_time: FloatArray  # (G, c, T) sums of each column


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
    parts = list(_split(effects, data))
    moments = np.empty((draws, columns, columns))
    block = max(1, _BLOCK_ENTRIES // max(units, *(part.cells.shape[1] ** 2 for part in parts)))
    for start in range(0, draws, block):
        drawn = (generator.integers(0, units, size=units) for _ in range(start, min(start + block, draws)))
        copies = np.array([np.bincount(chosen, minlength=units) for chosen in drawn], dtype=np.float64)
        totals = (copies @ products).reshape(-1, columns, columns)
        moments[start : start + block] = totals - sum(_explain_by_times(part, copies) for part in parts)
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


def _split(effects: TwoWay, data: FloatArray) -> Iterator[_Part]:
    """The parts of the panel that no unit connects, such as platforms: each has a small system of its own."""
    cells = effects.cell_counts.toarray()
    by_time = np.array([sum_by_cell(effects, column) for column in data.T])
    count, part_of = connected_components(effects.cell_counts.T @ effects.cell_counts, directed=False)
    for number in range(count):
        times = np.flatnonzero(part_of == number)
        units = np.flatnonzero(cells[:, times].any(axis=1))
        yield _Part(units, cells[np.ix_(units, times)], by_time[:, units[:, None], times].swapaxes(0, 1))


def _explain_by_times(part: _Part, copies: FloatArray) -> FloatArray:
    """What the effects of the part's times explain of the cross products in each draw (B, c, c)."""
    copies = copies[:, part.units]
    units, columns, times = part.by_time.shape
    with_times = (copies @ part.by_time.reshape(units, -1)).reshape(-1, columns, times)
    averaging = part.cells / np.sqrt(part.cells.sum(axis=1, keepdims=True))
    # The cross product of the times is symmetric: half of it, as a weighted sum over units, for all draws at once.
    rows, others = np.triu_indices(times)
    half = np.zeros((len(copies), len(rows)))
    size = max(1, _BLOCK_ENTRIES // len(rows))
    for start in range(0, units, size):
        root = averaging[start : start + size]
        half -= copies[:, start : start + size] @ (root[:, rows] * root[:, others])
    laplacian = np.empty((len(copies), times, times))
    laplacian[:, rows, others] = laplacian[:, others, rows] = half
    # A draw may leave a time empty or fall apart further, so the rank is not known: a trace of ridge makes every system
    # regular, and the second term takes out what it changed, to its square.
    ridge = RIDGE * part.cells.sum() / times
    diagonal = np.arange(times)
    laplacian[:, diagonal, diagonal] += copies @ part.cells + ridge
    solved = np.linalg.solve(laplacian, with_times.swapaxes(1, 2))
    return np.asarray(with_times @ solved + ridge * solved.swapaxes(1, 2) @ solved, np.float64)
