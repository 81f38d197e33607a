"""How sure the explained shares of a panel regression are: a bootstrap over whole units.

The shares themselves come from `relative_importance`; standard errors of coefficients from `inference`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.analysis.panel.inference import WithinRegression
from pipeline.analysis.panel.projection import TwoWay, sum_by_unit
from pipeline.analysis.relative_importance import lmg_shares

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
_BLOCK_ENTRIES = 2_000_000
# Of a time's mean rows: far above rounding, and its square far below what is published.
RIDGE = 1e-8


@dataclass(frozen=True)
class _Sums:
    """What B draws make of one part of the panel, whose T times no unit connects with others; c columns."""

    times: IntArray  # (T,)
    with_times: FloatArray  # (B, c, T)
    pairs: FloatArray  # (B, T (T + 1) / 2) half of the cross product of the times, which is symmetric
    rows: FloatArray  # (B, T)


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
    block = max(1, _BLOCK_ENTRIES // max(np.bincount(fit.times.part_of)) ** 2)
    for start in range(0, draws, block):
        count = min(block, draws - start)
        # One byte: the chance that a unit is drawn 256 times is below 10^-500.
        copies = np.empty((count, units), np.uint8)
        for drawn in copies:
            drawn[:] = np.bincount(generator.integers(0, units, size=units), minlength=units)
        moments[start : start + count] = _draw_moments(fit, copies)
    # Columns have norm 1 in the sample; what is left of a term that no longer varies is rounding.
    varies = (np.einsum("bii->bi", moments) > 1e-12).all(axis=1)
    blocks = np.array_split(
        moments[varies], max(1, int(varies.sum()) * 2 ** (len(groups) if groups else columns) // _BLOCK_ENTRIES)
    )
    shares = np.concatenate([lmg_shares(some, groups) for some in blocks])
    shares = shares[np.isfinite(shares).all(axis=1)]
    if not len(shares):
        return np.full((2, len(groups) if groups else columns - 1), np.nan)
    limits: FloatArray = np.quantile(shares, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
    return limits


def _draw_moments(fit: WithinRegression, copies: npt.NDArray[np.uint8]) -> FloatArray:
    """Cross products (B, c, c) of terms and outcome, cleared of the effects of each draw's own times."""
    count, columns = len(copies), len(fit.products)
    norms = np.sqrt(np.diag(fit.products))
    parts = []
    for number in range(int(fit.times.part_of.max()) + 1):
        times = np.flatnonzero(fit.times.part_of == number)
        shapes = ((columns, len(times)), (len(times) * (len(times) + 1) // 2,), (len(times),))
        parts.append(_Sums(times, *(np.zeros((count, *shape)) for shape in shapes)))
    totals = np.zeros((count, columns**2))
    for rows in fit.blocks():
        # Two-way demeaned data are unit-demeaned, which is all that a refit of the time effects starts from.
        data = np.column_stack([rows.x, rows.y]) / norms
        # Everything that a draw needs, as sums per unit: a draw is then a weighted sum over units.
        products = np.hstack([sum_by_unit(rows.effects, data, column) for column in data.T])
        drawn = copies[:, rows.units].astype(np.float64)
        totals += drawn @ products
        for part in parts:
            _add_units(part, rows.effects, data, drawn)
    explained = sum(_explain_by_times(part, int(fit.times.sizes[part.times].sum())) for part in parts)
    return totals.reshape(-1, columns, columns) - explained


def _add_units(part: _Sums, effects: TwoWay, data: FloatArray, copies: FloatArray) -> None:
    """Add the block's units of the part to its sums, few at a time; copies (B, G)."""
    numbers = np.full(effects.time_count, -1)
    numbers[part.times] = np.arange(len(part.times))
    # All rows of a unit belong to one part.
    units = np.flatnonzero(numbers[effects.time_codes[effects.unit_starts]] >= 0)
    ends, times = effects.unit_starts + effects.unit_sizes, len(part.times)
    pairs, others = np.triu_indices(times)
    size = max(1, _BLOCK_ENTRIES // len(pairs))
    for start in range(0, len(units), size):
        some = units[start : start + size]
        taken = np.concatenate([np.arange(effects.unit_starts[unit], ends[unit]) for unit in some])
        cells = np.repeat(np.arange(len(some)), effects.unit_sizes[some]) * times + numbers[effects.time_codes[taken]]
        drawn, shape = copies[:, some], (len(some), times)
        counts = np.bincount(cells, minlength=len(some) * times).reshape(shape).astype(np.float64)
        for column, sums in zip(data[taken].T, part.with_times.swapaxes(0, 1), strict=True):
            sums += drawn @ np.bincount(cells, column, len(some) * times).reshape(shape)
        root = counts / np.sqrt(effects.unit_sizes[some])[:, None]
        np.add(part.pairs, drawn @ (root[:, pairs] * root[:, others]), out=part.pairs)
        np.add(part.rows, drawn @ counts, out=part.rows)


def _explain_by_times(part: _Sums, row_count: int) -> FloatArray:
    """What the effects of the part's times explain of the cross products in each draw (B, c, c)."""
    times = len(part.times)
    rows, others = np.triu_indices(times)
    laplacian = np.empty((len(part.rows), times, times))
    laplacian[:, rows, others] = laplacian[:, others, rows] = -part.pairs
    # A draw may leave a time empty or fall apart further, so the rank is not known: a trace of ridge makes every system
    # regular, and the second term takes out what it changed, to its square.
    ridge = RIDGE * row_count / times
    diagonal = np.arange(times)
    laplacian[:, diagonal, diagonal] += part.rows + ridge
    solved = np.linalg.solve(laplacian, part.with_times.swapaxes(1, 2))
    return np.asarray(part.with_times @ solved + ridge * solved.swapaxes(1, 2) @ solved, np.float64)
