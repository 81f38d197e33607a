"""How true quality varies and persists within accounts and weeks: moments of the measured cells, less their chance.

A cell is an account-week with a measure of quality. What a model makes of it is in `calibration`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.analysis.growth.shrinkage import FirstStep, address, leave_out, name_cells, number_days
from pipeline.analysis.growth.specifications import OFFSETS, SILENCE
from pipeline.analysis.growth.weeks import UNIT
from pipeline.analysis.panel.data import close_gaps, read_labels

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
# Rounds in which the weights of the variance settle, and passes that clear both effects.
ROUNDS, PASSES = 8, 4
MOST_PERSISTENT = 0.9
# Below two errors a variance is hardly distinguished from none, and everything divided by it is at the mercy of chance.
CLEAR_ERRORS = 2.0


@dataclass(frozen=True)
class QualityCells:
    """Cells of the rows of some accounts, m in all, in the order of account and week; arrays (m + 1,) end with a 0."""

    values: FloatArray  # (m,) measured quality
    variance: FloatArray  # (m + 1,) by chance
    units: IntArray  # (m,) account of the cell, from 0
    days: IntArray  # (m,) since 1970
    spreads: tuple[tuple[FloatArray, FloatArray], ...]  # by spread: moved means and variances (m + 1,)
    row_units: IntArray  # (n,) account of the row, from 0 without holes
    numbers: IntArray  # (n, L) cell of each week of the row; m where it is silent
    is_silent: npt.NDArray[np.bool_]  # (n, L)

    @property
    def unit_count(self) -> int:
        """Accounts of the rows."""
        return int(self.row_units[-1]) + 1


def read_cells(weeks: pa.Table, columns: Sequence[str], first_step: FirstStep | None) -> QualityCells:
    """Cells behind the quality columns of rows that are sorted by account and week."""
    units, days = close_gaps(read_labels(weeks, UNIT)[0]), number_days(weeks)
    is_silent = np.array([_flags(weeks, column) for column in columns]).T
    given = np.array([_numbers(weeks, column) for column in columns]).T
    times = np.array([days + 7 * OFFSETS[column] for column in columns]).T
    spreads: list[tuple[FloatArray, FloatArray]] = []
    if first_step:
        found = np.array([weeks[name_cells(column)].to_numpy() for column in columns], dtype=np.int64).T
        # What SQL took off for the audience, taken off the measured mean too.
        values = first_step.mean[found] + (given - first_step.shrunk[found])
        is_silent = is_silent | (found == len(first_step.addresses))
        kept, cells = np.unique(found[~is_silent], return_inverse=True)
        variance = np.append(first_step.variance[kept], 0.0)
        for spread in first_step.spreads:
            spreads.append((np.append(spread.mean_moved[kept], 0.0), np.append(spread.variance_moved[kept], 0.0)))
    else:
        values, keys = given, address(np.repeat(units[:, None], len(columns), axis=1), times)
        kept, cells = np.unique(keys[~is_silent], return_inverse=True)
        variance = np.zeros(len(kept) + 1)
    numbers = np.full(given.shape, len(kept))
    numbers[~is_silent] = cells
    by_cell, unit_of, day_of = np.zeros(len(kept)), np.zeros(len(kept), np.int64), np.zeros(len(kept), np.int64)
    by_cell[cells], day_of[cells] = values[~is_silent], times[~is_silent]
    unit_of[cells] = np.repeat(units[:, None], len(columns), axis=1)[~is_silent]
    return QualityCells(by_cell, variance, unit_of, day_of, tuple(spreads), units, numbers, is_silent)


def _flags(weeks: pa.Table, column: str) -> npt.NDArray[np.bool_]:
    return np.asarray(pc.fill_null(weeks[SILENCE[column]], False).to_numpy(), bool)


def _numbers(weeks: pa.Table, column: str) -> FloatArray:
    return np.asarray(pc.fill_null(weeks[column].cast(pa.float64()), 0.0).to_numpy(), np.float64)


@dataclass(frozen=True)
class Variation:
    """Moments of true quality."""

    variance: float  # of true quality within accounts and weeks
    persistence: float  # its correlation from week to week
    swing: float
    changes: FloatArray  # of the log of the swing, when an account is left out


@dataclass(frozen=True)
class _Weeks:
    """First and number of the weeks of the cells, and the guess of the variance that cells are weighted by."""

    first_day: int
    count: int
    guess: float

    def times(self, block: QualityCells) -> IntArray:
        """Week of each cell, from 0."""
        return (block.days - self.first_day) // 7

    def weight(self, block: QualityCells) -> FloatArray:
        """Weight of each cell."""
        return np.asarray(1 / (self.guess + block.variance[:-1]), np.float64)


@dataclass(frozen=True)
class _Means:
    """Weighted means by week that clear a value of the cells, next to those by account."""

    weeks: _Weeks
    before: FloatArray  # (T,) until the last pass
    last: FloatArray  # (T,) of the last pass
    totals: FloatArray  # (T,) weights

    def clear(self, block: QualityCells, values: FloatArray) -> FloatArray:
        """Values less weighted means by account and week."""
        times = self.weeks.times(block)
        return _clear_accounts(block, self.weeks.weight(block), values - self.before[times]) - self.last[times]

    def lost(self, block: QualityCells) -> FloatArray:
        """The share of each cell that these means take up."""
        weight = self.weeks.weight(block)
        by_unit = np.bincount(block.units, weight, block.unit_count)
        return np.minimum(weight / by_unit[block.units] + weight / self.totals[self.weeks.times(block)], 1.0)


def _clear_accounts(block: QualityCells, weight: FloatArray, values: FloatArray) -> FloatArray:
    sums, totals = (np.bincount(block.units, part, block.unit_count) for part in (weight * values, weight))
    return np.asarray(values - (sums / np.where(totals > 0, totals, 1.0))[block.units], np.float64)


def _find_means(cells: Iterable[QualityCells], weeks: _Weeks, read: Callable[[QualityCells], FloatArray]) -> _Means:
    """Means by week after PASSES over accounts and weeks; those by account follow from them."""
    known = np.zeros(weeks.count)
    for _ in range(PASSES):
        sums, totals = np.zeros(weeks.count), np.zeros(weeks.count)
        for block in cells:
            weight, times = weeks.weight(block), weeks.times(block)
            left = _clear_accounts(block, weight, read(block) - known[times])
            sums += np.bincount(times, weight * left, weeks.count)
            totals += np.bincount(times, weight, weeks.count)
        before, last = known, sums / np.where(totals > 0, totals, 1.0)
        known = known + last
    return _Means(weeks, before, last, totals)


def measure_variation(cells: Iterable[QualityCells], moves: Sequence[FloatArray], account_count: int) -> Variation:
    """How true quality varies and persists, from blocks of cells that are read many times.

    `moves` (accounts,) are the changes of each spread without an account; accounts without a cell come last.
    Raises ValueError where quality does not vary, or varies no more than chance would make it.
    """
    total, chance, weeks = _describe(cells)
    guess, floor = total, 1e-3 * chance + 1e-12 * total
    for _ in range(ROUNDS):
        weeks = replace(weeks, guess=guess)
        means = _find_means(cells, weeks, lambda block: block.values)
        parts, rooms = _weigh_excess(cells, means, account_count)
        found, change = leave_out(parts, rooms)
        guess = max(found, floor)
    room = float(rooms.sum())
    for number, moved_by in enumerate(moves):
        change = change + _respond(cells, means, number) / room * moved_by
    error = float(np.sqrt((change**2).sum()))
    if found <= 1e-9 * total:
        raise ValueError("quality does not vary within accounts and weeks beyond chance")
    if chance > 0 and found < CLEAR_ERRORS * error:
        reliable = np.concatenate([found / (found + block.variance[:-1]) for block in cells])
        raise ValueError(
            "the quality of a week cannot be distinguished from chance: its posts are too few or too uneven for the "
            f"variation of true quality (reliability {np.mean(reliable):.2f})"
        )
    along, lost = _measure_persistence(cells, means)
    # Residuals of few weeks lean against each other.
    persistence = float(np.clip(along / found + 1 / weeks.count, 0.0, MOST_PERSISTENT))
    # As the SD of any other term: what is left in the rows, the mean over weeks taken out.
    swing = float(np.sqrt(found * (1 - lost)))
    return Variation(found, persistence, swing, change / (2 * found))


def _respond(cells: Iterable[QualityCells], means: _Means, number: int) -> float:
    """How the variation beyond chance moves with one unit of a spread."""
    shifted = _find_means(cells, means.weeks, lambda block: block.spreads[number][0][:-1])
    found = 0.0
    for block in cells:
        weight, (moved, variance_moved) = means.weeks.weight(block), block.spreads[number]
        pulled = 2 * weight * means.clear(block, block.values) * shifted.clear(block, moved[:-1])
        found += float((pulled - weight * variance_moved[:-1] * (1 - means.lost(block))).sum())
    return found


def _describe(cells: Iterable[QualityCells]) -> tuple[float, float, _Weeks]:
    """Variance of the measured quality, mean variance by chance, and the weeks of the cells."""
    count, mean, square, chance = 0, 0.0, 0.0, 0.0
    low, high, first, last = np.inf, -np.inf, np.inf, -np.inf
    for block in cells:
        if not len(block.values):
            continue
        low, high = min(low, block.values.min()), max(high, block.values.max())
        first, last = min(first, block.days.min()), max(last, block.days.max())
        own, distance = len(block.values), float(block.values.mean()) - mean
        # Sums of squares of two sets, each about its own mean (Chan, Golub and LeVeque 1983).
        square += float(np.var(block.values)) * own + distance**2 * count * own / (count + own)
        mean += distance * own / (count + own)
        count += own
        chance += float(block.variance.sum())
    if high - low <= 1e-12 * max(abs(low), abs(high)):
        raise ValueError("quality is the same in every week")
    return square / count, chance / count, _Weeks(int(first), int(last - first) // 7 + 1, 0.0)


def _weigh_excess(cells: Iterable[QualityCells], means: _Means, account_count: int) -> tuple[FloatArray, FloatArray]:
    """Variation beyond chance and the room for it, by account."""
    parts, rooms, start = np.zeros(account_count), np.zeros(account_count), 0
    for block in cells:
        weight, lost, own = means.weeks.weight(block), means.lost(block), slice(start, start + block.unit_count)
        excess = weight * means.clear(block, block.values) ** 2 - weight * block.variance[:-1] * (1 - lost)
        parts[own] = np.bincount(block.units, excess, block.unit_count)
        rooms[own] = np.bincount(block.units, weight * (1 - lost), block.unit_count)
        start = own.stop
    return parts, rooms


def _measure_persistence(cells: Iterable[QualityCells], means: _Means) -> tuple[float, float]:
    """Covariance of the cells of two weeks in a row, and the mean share that the means take up."""
    together, along, lost, count = 0.0, 0.0, 0.0, 0
    for block in cells:
        weight, left = means.weeks.weight(block), means.clear(block, block.values)
        pairs = np.flatnonzero((np.diff(block.units) == 0) & (np.diff(means.weeks.times(block)) == 1))
        both = weight[pairs] * weight[pairs + 1]
        together += float(both.sum())
        along += float((both * left[pairs] * left[pairs + 1]).sum())
        lost += float(means.lost(block).sum())
        count += len(left)
    return along / together if together else 0.0, lost / count
