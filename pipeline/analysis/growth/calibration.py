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

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.analysis.growth.accounts import AccountWeeks
from pipeline.analysis.growth.specifications import OFFSETS, Specification
from pipeline.analysis.growth.variation import QualityCells, Variation, measure_variation, read_cells
from pipeline.analysis.growth.weeks import UNIT
from pipeline.analysis.panel.blocks import Spool
from pipeline.analysis.panel.data import read_labels
from pipeline.analysis.panel.projection import TwoWay

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Quality:
    """What is known of quality over all rows of a model; L weeks each."""

    terms: tuple[str, ...]  # (L,)
    names: tuple[str, ...]  # of accounts: those of the rows (G), then those that only the first step has
    changes: tuple[FloatArray, ...]  # (G + others,) of each spread of the first step, when an account is left out
    swing: float  # SD of true quality within accounts and weeks
    swing_changes: FloatArray  # (G + others,) of its logarithm
    reliability: float
    has_chance: bool
    rows: "Spool[QualityRows]" = field(repr=False)


@dataclass(frozen=True)
class QualityRows:
    """Quality of n rows of whole accounts. Cells count from 0; a silent week has the number behind the last one."""

    units: IntArray  # (n,) from 0 without holes
    cells: IntArray  # (n, L)
    measured: FloatArray  # (n, L) less the account's mean; 0 in silent weeks
    variance: FloatArray  # (cells + 1,) by chance
    weights: FloatArray  # (n, L, L) of the prediction
    spreads: tuple[tuple[FloatArray, FloatArray], ...]  # moved means (n, L) and variances (cells + 1,)

    @property
    def predicted(self) -> FloatArray:
        """Prediction of the weeks of each row (n, L)."""
        return self.predict(self.measured)

    def predict(self, measured: FloatArray) -> FloatArray:
        """What the prediction makes of weeks (n, L)."""
        return np.asarray(np.einsum("njl,nl->nj", self.weights, measured), np.float64)

    def chance(self, effects: TwoWay, variance: FloatArray) -> FloatArray:
        """What chance adds to the cross products of prediction and measurement, both cleared of effects: (G, L, L)."""
        count, size = self.measured.shape[1], len(variance)
        # A mean over the accounts of a week takes out its share of every one's chance.
        kept = 1 - 1 / effects.times.sizes[effects.time_codes]
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


def read_quality(
    blocks: Iterable[AccountWeeks], specification: Specification, changes: Sequence[Mapping[str, float]] | None
) -> Quality:
    """Measured quality of the rows and its prediction; rows are sorted by account and week, and complete.

    `changes` are those of the first step's spreads by account; without a first step (None) quality is taken as given.
    Raises ValueError where quality does not vary, or varies no more than chance would make it.
    """
    columns = tuple(specification.quality.values())
    cells: Spool[QualityCells] = Spool()
    names: list[str] = []
    for weeks in blocks:
        labels_of, labels = read_labels(weeks.table, UNIT)
        names += labels.take(pa.array(np.unique(labels_of))).to_pylist()
        cells.append(read_cells(weeks.table, columns, weeks.first_step))
    if not any(len(block.values) for block in cells):
        raise ValueError("no week has a measure of quality")
    everybody = [*names]
    if changes is not None:
        used = set(names)
        everybody += sorted({key for change in changes for key in change} - used)
    moves = tuple(np.array([change.get(name, 0.0) for name in everybody]) for change in changes or ())
    variation = measure_variation(cells, moves, len(everybody))
    offsets = np.array([OFFSETS[column] for column in columns])
    rows: Spool[QualityRows] = Spool()
    reliable, same_count = 0.0, 0
    for block in cells:
        rows.append(_clear_rows(block, variation, offsets))
        same = block.numbers[:, 0][~block.is_silent[:, 0]]
        reliable += float((variation.variance / (variation.variance + block.variance[same])).sum())
        same_count += len(same)
    return Quality(
        terms=tuple(specification.quality),
        names=tuple(everybody),
        changes=moves,
        swing=variation.swing,
        # Without a first step the swing is a scale, like that of any other term.
        swing_changes=np.zeros(len(everybody)) if changes is None else variation.changes,
        reliability=reliable / same_count if same_count else math.nan,
        has_chance=any(bool(block.variance.any()) for block in cells),
        rows=rows,
    )


def _clear_rows(block: QualityCells, variation: Variation, offsets: IntArray) -> QualityRows:
    weight = 1 / (variation.variance + block.variance[:-1])
    sums, totals = (
        np.bincount(block.units, part, block.unit_count).astype(np.float64) for part in (weight * block.values, weight)
    )
    mean = np.divide(sums, totals, out=np.zeros_like(sums), where=totals > 0)
    values = np.append(block.values, 0.0)[block.numbers]
    return QualityRows(
        units=block.row_units,
        cells=block.numbers,
        measured=np.where(block.is_silent, 0.0, values - mean[block.row_units][:, None]),
        variance=block.variance,
        weights=_predict(variation, offsets, block.variance[block.numbers], block.is_silent),
        spreads=tuple((moved[block.numbers], variance_moved) for moved, variance_moved in block.spreads),
    )


def _predict(
    variation: Variation, offsets: IntArray, variance: FloatArray, is_silent: npt.NDArray[np.bool_]
) -> FloatArray:
    """Weights (n, L, L) of the measured weeks in the best linear prediction of the true ones."""
    truth = variation.variance * variation.persistence ** np.abs(offsets[:, None] - offsets[None, :])
    known = ~is_silent
    truths = np.where(known[:, :, None] & known[:, None, :], truth, 0.0)
    measured = truths + np.eye(len(offsets)) * np.where(known, variance, 1.0)[:, None, :]
    return np.asarray(np.linalg.solve(measured, truths).transpose(0, 2, 1), np.float64)
