"""Quality cleared of chance over exactly the weeks that a model explains growth by.

A week's measured quality is true quality plus chance whose variance is known. Drawn to the mean week by week, two weeks
of persistent quality would count part of it twice, and a placebo week would pick up what a noisy week leaves. So:
1. each row's weeks are predicted together, from nothing but themselves, given how true quality varies and persists;
2. a linear map is added that makes the cross products of the prediction with quality what they are with true quality:
   the measured ones less what chance puts into them. Least squares on the result is then consistent whatever was
   assumed in 1, and for terms that are correlated with quality too; the errors carry what the map is known from.
Weeks outside the row are not used, for growth may move later quality. A week without a post stands at the account's
mean and has a dummy. Sources: Carroll et al. 2006 (regression calibration); Fuller 1987 (corrected cross products).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.analysis.growth.shrinkage import FirstStep, address, leave_out, name_cells, number_days
from pipeline.analysis.growth.specifications import OFFSETS, SILENCE, Specification
from pipeline.analysis.panel.data import close_gaps, read_labels
from pipeline.analysis.panel.projection import TwoWay

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
# Rounds in which the weights of the variance settle, and passes that clear both effects.
ROUNDS, PASSES = 8, 4
MOST_PERSISTENT = 0.9
# Below two errors a variance is hardly distinguished from none, and everything divided by it is at the mercy of chance.
CLEAR_ERRORS = 2.0


@dataclass(frozen=True)
class Quality:
    """Quality of n rows in L weeks each. Cells count from 0; a silent week has the number behind the last one."""

    terms: tuple[str, ...]  # (L,)
    units: IntArray  # (n,) from 0 without holes
    cells: IntArray  # (n, L)
    measured: FloatArray  # (n, L) less the account's mean; 0 in silent weeks
    variance: FloatArray  # (cells + 1,) by chance
    weights: FloatArray  # (n, L, L) of the prediction
    spreads: tuple[
        tuple[FloatArray, FloatArray, FloatArray], ...
    ]  # moved means (n, L), variances, changes (G + others,)
    names: tuple[str, ...]  # of accounts: those of the units, then those that only the first step has
    swing: float  # SD of true quality within accounts and weeks
    swing_changes: FloatArray  # (G + others,) of its logarithm
    reliability: float
    is_silent: npt.NDArray[np.bool_]  # (n, L)

    @property
    def predicted(self) -> FloatArray:
        """Prediction of the weeks of each row (n, L)."""
        return np.asarray(np.einsum("njl,nl->nj", self.weights, self.measured), np.float64)

    def chance(self, effects: TwoWay, variance: FloatArray) -> FloatArray:
        """What chance adds to the cross products of prediction and measurement, both cleared of effects: (G, L, L)."""
        count, size = self.measured.shape[1], len(variance)
        # A mean over the accounts of a week takes out its share of every one's chance.
        kept = 1 - 1 / np.bincount(effects.time_codes)[effects.time_codes]
        owners = np.zeros(size, np.int64)
        for column in range(count):
            owners[self.cells[:, column]] = self.units
        known = np.where(np.arange(size) < size - 1, variance, 0.0)
        found = np.zeros((effects.unit_count, count, count))
        for j in range(count):
            pull = sum(np.bincount(self.cells[:, k], self.weights[:, j, k], size) for k in range(count))
            for k in range(count):
                direct = self.weights[:, j, k] * known[self.cells[:, k]] * kept
                shared = pull * np.bincount(self.cells[:, k], minlength=size) * known
                of_unit = np.bincount(owners, shared, effects.unit_count)
                found[:, j, k] = np.bincount(self.units, direct, effects.unit_count) - of_unit / effects.unit_sizes
        return found


def read_quality(weeks: pa.Table, specification: Specification, first_step: FirstStep | None) -> Quality:
    """Measured quality of the rows and its prediction; rows are sorted by account and week, and complete.

    Without a first step quality is taken as given. Raises ValueError where quality does not vary, or varies no more
    than chance would make it.
    """
    terms, columns = tuple(specification.quality), tuple(specification.quality.values())
    labels_of, labels = read_labels(weeks, "account_key")
    units, days = close_gaps(labels_of), number_days(weeks)
    names = labels.take(pa.array(np.unique(labels_of))).to_pylist()
    is_silent = np.array([_flags(weeks, column) for column in columns]).T
    given = np.array([_numbers(weeks, column) for column in columns]).T
    times = np.array([days + 7 * OFFSETS[column] for column in columns]).T
    if first_step:
        found = np.array([weeks[name_cells(column)].to_numpy() for column in columns], dtype=np.int64).T
        # What SQL took off for the audience, taken off the measured mean too.
        values = first_step.mean[found] + (given - first_step.shrunk[found])
        is_silent = is_silent | (found == len(first_step.addresses))
        kept, cells = np.unique(found[~is_silent], return_inverse=True)
        variance = np.append(first_step.variance[kept], 0.0)
    else:
        values, keys = given, address(np.repeat(units[:, None], len(terms), axis=1), times)
        kept, cells = np.unique(keys[~is_silent], return_inverse=True)
        variance = np.zeros(len(kept) + 1)
    numbers = np.full(given.shape, len(kept))
    numbers[~is_silent] = cells
    if not len(kept):
        raise ValueError("no week has a measure of quality")
    by_cell, unit_of, day_of = np.zeros(len(kept)), np.zeros(len(kept), np.int64), np.zeros(len(kept), np.int64)
    by_cell[cells], day_of[cells] = values[~is_silent], times[~is_silent]
    unit_of[cells] = np.repeat(units[:, None], len(terms), axis=1)[~is_silent]
    spreads = []
    everybody = [*names]
    if first_step:
        used = set(names)
        everybody += sorted({key for spread in first_step.spreads for key in spread.changes} - used)
        for spread in first_step.spreads:
            moved = np.where(is_silent, 0.0, spread.mean_moved[np.append(kept, -1)][numbers])
            change = np.array([spread.changes.get(name, 0.0) for name in everybody])
            spreads.append((moved, np.append(spread.variance_moved[kept], 0.0), change))
    variation = _measure_variation(by_cell, variance[:-1], unit_of, day_of, spreads, numbers, len(everybody))
    weight = 1 / (variation.variance + variance[:-1])
    sums, totals = (np.bincount(unit_of, part, len(names)) for part in (weight * by_cell, weight))
    mean = np.divide(sums, totals, out=np.zeros_like(sums), where=totals > 0)
    measured = np.where(is_silent, 0.0, np.append(by_cell, 0.0)[numbers] - mean[units][:, None])
    same = numbers[:, 0][~is_silent[:, 0]]
    return Quality(
        terms=terms,
        units=units,
        cells=numbers,
        measured=measured,
        variance=variance,
        weights=_predict(variation, np.array([OFFSETS[column] for column in columns]), variance[numbers], is_silent),
        spreads=tuple(spreads),
        names=tuple(everybody),
        swing=variation.swing,
        # Without a first step the swing is a scale, like that of any other term.
        swing_changes=variation.changes if first_step else np.zeros(len(everybody)),
        reliability=float(np.mean(variation.variance / (variation.variance + variance[same]))),
        is_silent=is_silent,
    )


def _flags(weeks: pa.Table, column: str) -> npt.NDArray[np.bool_]:
    return np.asarray(pc.fill_null(weeks[SILENCE[column]], False).to_numpy(), bool)


def _numbers(weeks: pa.Table, column: str) -> FloatArray:
    return np.asarray(pc.fill_null(weeks[column].cast(pa.float64()), 0.0).to_numpy(), np.float64)


@dataclass(frozen=True)
class _Variation:
    variance: float  # of true quality within accounts and weeks
    persistence: float  # its correlation from week to week
    swing: float
    changes: FloatArray  # of the log of the swing, when an account is left out


def _measure_variation(
    values: FloatArray,
    variance: FloatArray,
    units: IntArray,
    days: IntArray,
    spreads: list[tuple[FloatArray, FloatArray, FloatArray]],
    numbers: IntArray,
    account_count: int,
) -> _Variation:
    """How true quality varies and persists: moments of the cells, less what chance puts into them."""
    times = (days - days.min()) // 7
    total = float(np.var(values))
    if np.ptp(values) <= 1e-12 * float(np.abs(values).max()):
        raise ValueError("quality is the same in every week")
    guess, floor = total, 1e-3 * float(np.mean(variance)) + 1e-12 * total
    for _ in range(ROUNDS):
        weight = 1 / (guess + variance)
        left, lost = _clear_effects(values, weight, units, times)
        excess, room = weight * left**2 - weight * variance * (1 - lost), weight * (1 - lost)
        parts, rooms = (np.bincount(units, part, account_count).astype(np.float64) for part in (excess, room))
        found, change = leave_out(parts, rooms)
        guess = max(found, floor)
    for moved, variance_moved, changes in spreads:
        by_cell = np.zeros(len(values) + 1)
        by_cell[numbers] = moved
        shift, _ = _clear_effects(by_cell[:-1], weight, units, times)
        slope = (2 * weight * left * shift - weight * variance_moved[:-1] * (1 - lost)).sum() / room.sum()
        change = change + slope * changes
    error = float(np.sqrt((change**2).sum()))
    if found <= 1e-9 * total:
        raise ValueError("quality does not vary within accounts and weeks beyond chance")
    if variance.any() and found < CLEAR_ERRORS * error:
        raise ValueError(
            "the quality of a week cannot be distinguished from chance: its posts are too few or too uneven for the "
            f"variation of true quality (reliability {np.mean(found / (found + variance)):.2f})"
        )
    pairs = np.flatnonzero((np.diff(units) == 0) & (np.diff(times) == 1))
    together = weight[pairs] * weight[pairs + 1]
    along = float((together * left[pairs] * left[pairs + 1]).sum() / together.sum()) / found if len(pairs) else 0.0
    # Residuals of few weeks lean against each other.
    persistence = float(np.clip(along + 1 / (times.max() + 1), 0.0, MOST_PERSISTENT))
    # As the SD of any other term: what is left in the rows, the mean over weeks taken out.
    swing = float(np.sqrt(found * (1 - lost.mean())))
    return _Variation(found, persistence, swing, change / (2 * found))


def _clear_effects(
    values: FloatArray, weight: FloatArray, units: IntArray, times: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Values less weighted means by account and week, and the share of each that these means take up."""
    by_unit, by_time = np.bincount(units, weight), np.bincount(times, weight)
    left = values.copy()
    for _ in range(PASSES):
        for codes, sums in ((units, by_unit), (times, by_time)):
            left = left - (np.bincount(codes, weight * left) / np.where(sums > 0, sums, 1.0))[codes]
    return left, np.minimum(weight / by_unit[units] + weight / by_time[times], 1.0)


def _predict(
    variation: _Variation, offsets: IntArray, variance: FloatArray, is_silent: npt.NDArray[np.bool_]
) -> FloatArray:
    """Weights (n, L, L) of the measured weeks in the best linear prediction of the true ones."""
    truth = variation.variance * variation.persistence ** np.abs(offsets[:, None] - offsets[None, :])
    known = ~is_silent
    truths = np.where(known[:, :, None] & known[:, None, :], truth, 0.0)
    measured = truths + np.eye(len(offsets)) * np.where(known, variance, 1.0)[:, None, :]
    return np.asarray(np.linalg.solve(measured, truths).transpose(0, 2, 1), np.float64)
