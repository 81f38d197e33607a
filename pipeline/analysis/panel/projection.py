"""Exact removal of unit and time effects from unbalanced panels.

Units are demeaned; what is left of the time dummies is a graph Laplacian over the times, small enough to invert. No
iteration to a tolerance, and panels that fall apart into unconnected parts need no special case. A long panel comes in
blocks of whole units: what they have in common are sums by time. No inference here.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
_BLOCK_UNITS = 1024


@dataclass(frozen=True)
class Times:
    """What all rows of a panel say about its T times."""

    sizes: IntArray  # (T,) rows of each time
    inverse: FloatArray  # (T, T) generalised inverse of the cross product of the unit-demeaned time dummies
    unit_count: int
    rank: int  # of all effects together: units + T - number of unconnected parts


@dataclass(frozen=True)
class TwoWay:
    """Unit and time effects of n rows that are sorted by unit: G units, T times; of a whole panel or of a block."""

    unit_codes: IntArray  # (n,), ascending from 0
    time_codes: IntArray  # (n,)
    unit_starts: IntArray  # (G,) first row of each unit
    unit_sizes: IntArray  # (G,) rows of each unit
    times: Times

    @property
    def unit_count(self) -> int:
        """G."""
        return len(self.unit_starts)

    @property
    def time_count(self) -> int:
        """T."""
        return len(self.times.sizes)

    @property
    def time_inverse(self) -> FloatArray:
        """The inverse (T, T) of the times of the whole panel."""
        return self.times.inverse

    @property
    def rank(self) -> int:
        """Rank of all effects of the whole panel together."""
        return self.times.rank

    @property
    def cell_counts(self) -> csr_array:
        """Rows per unit and time (G, T)."""
        return _count_cells(self.unit_codes, self.time_codes, self.time_count)


# Blocks of a panel, from the first on, with columns (n, m) to each.
ReadBlocks = Callable[[], Iterator[tuple[TwoWay, FloatArray]]]


def build_two_way(unit_codes: IntArray, time_codes: IntArray) -> TwoWay:
    """Prepare the projection; rows must be sorted by unit and codes must count from 0 without holes."""
    return place_rows(unit_codes, time_codes, add_up_times([(unit_codes, time_codes)], int(time_codes.max()) + 1))


def place_rows(unit_codes: IntArray, time_codes: IntArray, times: Times) -> TwoWay:
    """The effects of rows that are a block of the panel which `times` were added up over."""
    sizes = np.bincount(unit_codes)
    return TwoWay(unit_codes, time_codes, np.concatenate([[0], np.cumsum(sizes)[:-1]]), sizes, times)


def add_up_times(codes: Iterable[tuple[IntArray, IntArray]], time_count: int) -> Times:
    """The times of a panel from the codes of unit and time in each of its blocks; every time has a row."""
    sizes, unit_count = np.zeros(time_count, np.int64), 0
    laplacian = np.zeros((time_count, time_count))
    for unit_codes, time_codes in codes:
        counts = _count_cells(unit_codes, time_codes, time_count)
        averaging = counts.multiply(1.0 / np.sqrt(np.bincount(unit_codes))[:, None]).tocsr()
        # Most units have most times: full matrices, some units at once, are several times faster than sparse ones.
        for start in range(0, counts.shape[0], _BLOCK_UNITS):
            root = averaging[start : start + _BLOCK_UNITS].toarray()
            laplacian -= root.T @ root
        sizes += np.bincount(time_codes, minlength=time_count)
        unit_count += counts.shape[0]
    laplacian[np.diag_indices(time_count)] += sizes
    part_count, part_of = connected_components(csr_array(laplacian), directed=False)
    # The Laplacian is singular in one direction per unconnected part; filling exactly those makes it invertible and
    # changes no projection, because the unit-demeaned dummies of a part add up to zero.
    same_part = part_of[:, None] == part_of[None, :]
    filler = same_part / same_part.sum(axis=1) * (sizes.sum() / time_count)
    inverse = np.linalg.inv(laplacian + filler)
    return Times(
        sizes=sizes,
        inverse=(inverse + inverse.T) / 2,
        unit_count=unit_count,
        rank=unit_count + time_count - int(part_count),
    )


def _count_cells(unit_codes: IntArray, time_codes: IntArray, time_count: int) -> csr_array:
    shape = (int(unit_codes[-1]) + 1, time_count)
    counts = csr_array((np.ones(len(unit_codes)), (unit_codes, time_codes)), shape=shape)
    counts.sum_duplicates()
    return counts


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
    """Residuals of each column (n, m) of a whole panel on all unit and time effects, each column in one piece."""
    return subtract_effects(effects, values, find_time_effects(lambda: iter([(effects, values)])))


def find_time_effects(read: ReadBlocks) -> FloatArray:
    """Effects of the times on each column, next to those of units: (m, T). `read` starts the blocks from the first."""
    effects, values = next(read())
    found = np.zeros((values.shape[1], effects.time_count))
    # The second pass removes the rounding of the first, which matters for columns with a large mean.
    for _ in range(2):
        sums = np.zeros_like(found)
        for effects, values in read():
            for total, column, known in zip(sums, values.T, found, strict=True):
                total += sum_by_time(effects, _subtract(effects, column, known))
        found += sums @ effects.time_inverse
    return found


def subtract_effects(effects: TwoWay, values: FloatArray, time_effects: FloatArray) -> FloatArray:
    """Values (n, m) less their unit and time effects (m, T), each column in one piece."""
    columns = np.empty(values.shape[::-1])
    for left, column, known in zip(columns, values.T, time_effects, strict=True):
        left[:] = _subtract(effects, column, known)
    return columns.T


def _subtract(effects: TwoWay, column: FloatArray, time_effects: FloatArray) -> FloatArray:
    # The mean of a unit twice, for the rounding of the first time.
    return demean_by_unit(effects, demean_by_unit(effects, column) - time_effects[effects.time_codes])
