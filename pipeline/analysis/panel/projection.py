"""Exact removal of unit and time effects from unbalanced panels.

Units are demeaned; what is left of the time dummies is a graph Laplacian over the times, small enough to invert. No
iteration to a tolerance, and panels that fall apart into unconnected parts need no special case. No inference here.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
_BLOCK_UNITS = 1024


@dataclass(frozen=True)
class TwoWay:
    """Unit and time effects of n rows that are sorted by unit: G units, T times."""

    unit_codes: IntArray  # (n,), ascending from 0
    time_codes: IntArray  # (n,)
    unit_starts: IntArray  # (G,) first row of each unit
    unit_sizes: IntArray  # (G,) rows of each unit
    cell_counts: csr_array  # (G, T) rows per unit and time
    time_inverse: FloatArray  # (T, T) generalised inverse of the cross product of the unit-demeaned time dummies
    rank: int  # of all effects together: G + T - number of unconnected parts

    @property
    def unit_count(self) -> int:
        """G."""
        return len(self.unit_starts)

    @property
    def time_count(self) -> int:
        """T."""
        return len(self.time_inverse)


def build_two_way(unit_codes: IntArray, time_codes: IntArray) -> TwoWay:
    """Prepare the projection; rows must be sorted by unit and codes must count from 0 without holes."""
    unit_sizes = np.bincount(unit_codes)
    shape = (len(unit_sizes), int(time_codes.max()) + 1)
    ones = np.ones(len(unit_codes))
    counts = csr_array((ones, (unit_codes, time_codes)), shape=shape)
    counts.sum_duplicates()
    averaging = counts.multiply(1.0 / np.sqrt(unit_sizes)[:, None]).tocsr()
    laplacian = np.diag(np.bincount(time_codes).astype(np.float64))
    # Most units have most times: full matrices, a block of units at once, are several times faster than sparse ones.
    for start in range(0, shape[0], _BLOCK_UNITS):
        root = averaging[start : start + _BLOCK_UNITS].toarray()
        laplacian -= root.T @ root
    part_count, part = connected_components(csr_array(laplacian), directed=False)
    # The Laplacian is singular in one direction per unconnected part; filling exactly those makes it invertible and
    # changes no projection, because the unit-demeaned dummies of a part add up to zero.
    same_part = part[:, None] == part[None, :]
    filler = same_part / same_part.sum(axis=1) * (len(time_codes) / shape[1])
    inverse = np.linalg.inv(laplacian + filler)
    return TwoWay(
        unit_codes=unit_codes,
        time_codes=time_codes,
        unit_starts=np.concatenate([[0], np.cumsum(unit_sizes)[:-1]]),
        unit_sizes=unit_sizes,
        cell_counts=counts,
        time_inverse=(inverse + inverse.T) / 2,
        rank=sum(shape) - int(part_count),
    )


def sum_by_unit(effects: TwoWay, values: FloatArray, weights: FloatArray | None = None) -> FloatArray:
    """Sums per unit of each column, weighted if weights (n,) are given: (n, m) to (G, m)."""
    sums = np.empty((effects.unit_count, values.shape[1]))
    # Column by column, so that no second table of n rows is made.
    for j, column in enumerate(values.T):
        sums[:, j] = np.add.reduceat(column if weights is None else column * weights, effects.unit_starts)
    return sums


def sum_by_time(effects: TwoWay, column: FloatArray) -> FloatArray:
    """Sums of one column per time: (n,) to (T,)."""
    return np.bincount(effects.time_codes, weights=column, minlength=effects.time_count).astype(np.float64)


def sum_by_cell(effects: TwoWay, values: FloatArray) -> FloatArray:
    """Sums of one column per unit and time: (n,) to (G, T)."""
    cells = effects.unit_codes * effects.time_count + effects.time_codes
    shape = (effects.unit_count, effects.time_count)
    return np.bincount(cells, weights=values, minlength=shape[0] * shape[1]).astype(np.float64).reshape(shape)


def demean_by_unit(effects: TwoWay, column: FloatArray) -> FloatArray:
    """Subtract from a column (n,) its mean within the unit."""
    means = np.add.reduceat(column, effects.unit_starts) / effects.unit_sizes
    return column - np.repeat(means, effects.unit_sizes)


def demean_two_way(effects: TwoWay, values: FloatArray) -> FloatArray:
    """Residuals of each column (n, m) on all unit and time effects, each column in one piece."""
    columns = np.empty(values.shape[::-1])
    for left, column in zip(columns, values.T, strict=True):
        left[:] = column
        # The second pass removes the rounding of the first, which matters for columns with a large mean.
        for _ in range(2):
            left[:] = demean_by_unit(effects, left)
            time_effects = effects.time_inverse @ sum_by_time(effects, left)
            left -= demean_by_unit(effects, time_effects[effects.time_codes])
    return columns.T
