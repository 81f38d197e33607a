"""What is known of the chance in weekly quality: measured means, their sampling variances, and how both may be wrong.

The variance between posts of one week is an estimate itself. Here: how each week's mean and sampling variance move with
it, and how it moves when an account is left out; what is made of it is in `calibration`. The shrinkage that is
published as quality is SQL (int_account_week_quality); `shrink` repeats it, because the adjustment for the audience is
read from it, and a test holds the two together.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.analysis.growth.specifications import OFFSETS
from pipeline.analysis.panel.blocks import Spool
from pipeline.analysis.panel.data import read_labels

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
# Step of the central differences, relative to the variance; everything is smooth in it.
STEP = 1e-4
# By how much one unit of excess kurtosis of posts raises the log of the variance of a week's rate, each time that the
# posts which carry it double from two on. From draws of t distributions with 5 to 12 degrees and variances of 0.3 to 1.
TAIL_PULL = 0.065
# A kurtosis is mostly its few largest posts. Read beyond one it takes away more than it puts right, and costs one world
# in three its answer.
LARGEST_TAIL = 1.0
_CELL_NUMBERS = ("curvature", "binomial_variance", "concentration", "spread_beyond_chance", "spread_degrees")
CELL_COLUMNS = ("account_key", "week_start_date", "quality_basis", "cell_mean", "post_variance", *_CELL_NUMBERS)


@dataclass(frozen=True)
class Spread:
    """What chance of one measure is reckoned from, the variance between posts or how heavy their tails are.

    Derivatives of cells by it (m + 1,), and its change without an account.
    """

    mean_moved: FloatArray
    variance_moved: FloatArray
    changes: Mapping[str, float]


@dataclass(frozen=True)
class FirstStep:
    """Cells are account-weeks with a measure of quality, m in all; every array of theirs has a 0 at the end.

    `mean` is the measured quality in log points, `variance` its variance by chance, `shrunk` what SQL publishes.
    """

    accounts: pa.Array  # sorted
    addresses: IntArray  # (m,) ascending: account and week of each cell in one number
    mean: FloatArray  # (m + 1,)
    variance: FloatArray  # (m + 1,)
    shrunk: FloatArray  # (m + 1,)
    spreads: tuple[Spread, ...]  # of each measure whose posts differ beyond chance: the variance, for rates the tails

    def attach(self, panel: pa.Table) -> pa.Table:
        """The panel with the number of the cell behind each quality column next to it; m where there is none.

        Quality without a cell, of a measure whose chance nobody knows, is taken out.
        """
        codes, labels = read_labels(panel, "account_key")
        known = pc.fill_null(pc.index_in(labels.cast(self.accounts.type), value_set=self.accounts), -1)
        accounts, days = known.to_numpy(zero_copy_only=False).astype(np.int64)[codes], number_days(panel)
        # An address that no cell has, behind the last one.
        addresses = np.append(self.addresses, np.iinfo(np.int64).max)
        for column, offset in OFFSETS.items():
            sought = address(accounts, days + 7 * offset)
            found = np.searchsorted(self.addresses, sought)
            cells = np.where(addresses[found] == sought, found, len(self.addresses))
            known_quality = pc.if_else(pa.array(cells < len(self.addresses)), panel[column], None)
            panel = panel.set_column(panel.column_names.index(column), column, known_quality)
            panel = panel.append_column(name_cells(column), pa.array(cells, pa.int32()))
        return panel

    def without_changes(self) -> "FirstStep":
        """The same cells without the changes by account, which are those of all accounts."""
        return replace(self, spreads=tuple(replace(spread, changes={}) for spread in self.spreads))


def name_cells(column: str) -> str:
    """Name of the column that `attach` puts next to a quality column."""
    return f"cell of {column}"


def number_days(table: pa.Table) -> IntArray:
    """Days since 1970 of the rows' weeks."""
    return np.asarray(table["week_start_date"].cast(pa.int32()).to_numpy(), np.int64)


def address(accounts: IntArray, days: IntArray) -> IntArray:
    """Account and week in one number, ascending by account, then week."""
    # 2^20 days are 2,800 years.
    return (accounts << 20) + days


@dataclass(frozen=True)
class Cells:
    """Account-weeks of one measure of quality; `accounts` counts from 0 in the order of `names`."""

    names: tuple[str, ...]
    accounts: IntArray
    log_mean: FloatArray
    curvature: FloatArray
    binomial_variance: FloatArray
    concentration: FloatArray
    spread_beyond_chance: FloatArray
    spread_degrees: FloatArray

    def by_account(self, values: FloatArray) -> FloatArray:
        """Sums per account."""
        return np.bincount(self.accounts, values, len(self.names)).astype(np.float64)

    @property
    def _tail_room(self) -> FloatArray:
        """How far tails move each cell: the number of posts that carry it in doublings from two on; 0 if no rate."""
        doublings = -np.log2(np.maximum(2 * self.concentration, 1e-12))
        return np.where(self.curvature > 0, np.maximum(doublings, 0.0), 0.0)

    def move_by_tails(self, variance: FloatArray) -> FloatArray:
        """Change of each cell's variance by chance for one unit of excess kurtosis."""
        return TAIL_PULL * self._tail_room * (variance - self.binomial_variance)

    def measure(self, post_variance: float, tails: float = 0.0) -> tuple[FloatArray, FloatArray]:
        """Mean of each cell in log points, cleared of the number of posts, and its variance by chance.

        A mean of logs varies by post variance times concentration. The log of a mean rate does so only while posts
        differ little: where single posts carry the mean it varies more. That formula is too low then and the one of
        Fenton and Wilkinson 1960 too high; between them, nearer to the first the fewer the posts, lies the truth
        within a few per cent for normal posts with a variance of up to 2. Posts with heavier tails, by their excess
        kurtosis `tails`, carry the mean more often.
        """
        plain = post_variance * self.concentration
        carried = np.log1p(np.expm1(post_variance) * self.concentration)
        share = np.sqrt(self.concentration)
        is_rate = self.curvature > 0
        bend = np.where(is_rate, (share * plain + (1 - share) * carried) / 2, 0.0)
        spread = np.where(is_rate, plain**share * carried ** (1 - share), plain)
        spread = spread * np.exp(TAIL_PULL * tails * self._tail_room)
        return self.log_mean + bend, self.binomial_variance + spread


@dataclass(frozen=True)
class Chance:
    """What is known of one measure over all accounts, with the change of each figure without an account."""

    post_variance: float
    tails: float
    within_variance: float  # that SQL shrinks with
    changes: Mapping[str, float]
    tail_changes: Mapping[str, float]  # empty where tails are as they are whatever account is left out


# By measure; those without a week of two posts are missing: without one nothing tells chance from quality.
Chances = Mapping[str, Chance]


def read_first_step(cells: pa.Table) -> FirstStep:
    """What the CELL_COLUMNS of int_account_week_quality_cells say, measure by measure."""
    return place_cells(cells, measure_chances([cells]))


def measure_chances(tables: Iterable[pa.Table]) -> Chances:
    """The chance of each measure from tables of cells (CELL_COLUMNS), every one with all cells of its accounts."""
    blocks: Spool[list[tuple[str, Cells]]] = Spool()
    for table in tables:
        blocks.append([(basis, read) for basis, _, read in _read_measures(table)])
    names: dict[str, list[str]] = {}
    for block in blocks:
        for basis, read in block:
            names.setdefault(basis, []).extend(read.names)
    spread = {basis: leave_out(*_add_up(blocks, basis, _post_variance_parts)) for basis in sorted(names)}
    degrees = {basis: _add_up(blocks, basis, _post_variance_parts)[1].sum() for basis in spread}
    found = {}
    for basis, (post_variance, changes) in spread.items():
        if not degrees[basis] > 0:
            continue
        tails, tail_changes = leave_out(*_add_up(blocks, basis, partial(_tail_parts, post_variance=post_variance)))
        if tails >= LARGEST_TAIL:
            tails, tail_changes = LARGEST_TAIL, np.zeros_like(tail_changes)
        within = leave_out(*_add_up(blocks, basis, partial(_within_parts, post_variance=post_variance)))[0]
        named = [dict(zip(names[basis], moved.tolist(), strict=True)) for moved in (changes, tail_changes)]
        found[basis] = Chance(post_variance, tails, within, named[0], named[1] if tail_changes.any() else {})
    return found


def place_cells(cells: pa.Table, chances: Chances) -> FirstStep:
    """The first step of some accounts, from all of their cells."""
    cells = cells.select(CELL_COLUMNS)
    cells = cells.filter(pc.is_in(cells["quality_basis"], value_set=pa.array(list(chances), pa.string())))
    accounts, names = read_labels(cells, "account_key")
    addresses = address(accounts, number_days(cells))
    known = np.unique(addresses)
    read_of = {basis: (np.searchsorted(known, addresses[rows]), read) for basis, rows, read in _read_measures(cells)}
    mean, variance, shrunk = (np.zeros(len(known) + 1) for _ in range(3))
    spreads = []
    for basis, chance in chances.items():
        post_variance, tails = chance.post_variance, chance.tails
        moved, by_tails = np.zeros((2, len(known) + 1)), np.zeros(len(known) + 1)
        if basis in read_of:
            at, read = read_of[basis]
            mean[at], variance[at] = read.measure(post_variance, tails)
            shrunk[at] = shrink(read, post_variance, chance.within_variance)
            step = post_variance * STEP
            if step > 0:
                above, below = (read.measure(post_variance + moved_by, tails) for moved_by in (step, -step))
                moved[:, at] = [(high - low) / (2 * step) for high, low in zip(above, below, strict=True)]
            by_tails[at] = read.move_by_tails(variance[at])
        if post_variance > 0:
            spreads.append(Spread(moved[0], moved[1], chance.changes))
            if chance.tail_changes:
                spreads.append(Spread(np.zeros_like(mean), by_tails, chance.tail_changes))
    return FirstStep(names, known, mean, variance, shrunk, tuple(spreads))


def _add_up(
    blocks: Iterable[list[tuple[str, Cells]]], basis: str, measure: Callable[[Cells], tuple[FloatArray, FloatArray]]
) -> tuple[FloatArray, FloatArray]:
    """Numerator and denominator per account of a figure of one measure."""
    parts = [measure(read) for block in blocks for name, read in block if name == basis]
    return np.concatenate([part for part, _ in parts]), np.concatenate([weight for _, weight in parts])


def _read_measures(cells: pa.Table) -> Iterator[tuple[str, IntArray, Cells]]:
    """Measures with their rows of the table, in one order for every process, so that sums come out the same."""
    cells = cells.select(CELL_COLUMNS)
    order = np.argsort(address(read_labels(cells, "account_key")[0], number_days(cells)))
    bases, labels = read_labels(cells, "quality_basis")
    for number, basis in enumerate(labels.to_pylist()):
        rows = order[bases[order] == number]
        if len(rows):
            yield str(basis), rows, _read_cells(cells.take(pa.array(rows)))


def shrink(cells: Cells, post_variance: float, within_variance: float) -> FloatArray:
    """Quality of each cell drawn to its account's mean, in log points: what int_account_week_quality computes."""
    measured = cells.log_mean + cells.curvature * post_variance
    total = within_variance + cells.binomial_variance + post_variance * cells.concentration
    # Without any variance the measured mean stands as it is.
    weight = np.divide(1.0, total, out=np.ones_like(total), where=total > 0)
    reliability = np.where(total > 0, within_variance * weight, 1.0)
    mean = (cells.by_account(weight * measured) / cells.by_account(weight))[cells.accounts]
    drawn: FloatArray = mean + reliability * (measured - mean)
    return drawn


def _read_cells(rows: pa.Table) -> Cells:
    accounts, names = read_labels(rows, "account_key")
    used = np.unique(accounts)
    numbers = [np.asarray(rows[name].to_numpy(), np.float64) for name in _CELL_NUMBERS]
    log_mean = rows["cell_mean"].to_numpy() - numbers[0] * rows["post_variance"].to_numpy()
    known = tuple(names.take(pa.array(used)).to_pylist())
    return Cells(known, np.searchsorted(used, accounts), log_mean, *numbers)


def _post_variance_parts(cells: Cells) -> tuple[FloatArray, FloatArray]:
    """Numerator and denominator of the pooled variance between posts, per account."""
    return cells.by_account(cells.spread_beyond_chance), cells.by_account(cells.spread_degrees)


def _tail_parts(cells: Cells, post_variance: float) -> tuple[FloatArray, FloatArray]:
    """Numerator and denominator of the excess kurtosis of a measure's posts, per account.

    The sample variances of weeks with few posts scatter the more, the heavier the tails of the posts are.
    """
    posts = cells.spread_degrees + 1
    # Chance of a post, from that of all its week's.
    total = post_variance + cells.binomial_variance * posts
    scatter = (cells.spread_beyond_chance - cells.spread_degrees * post_variance) ** 2
    expected = 2 * cells.spread_degrees * total**2
    known = np.where(cells.curvature > 0, cells.spread_degrees, 0)
    excess = cells.by_account(np.where(known > 0, scatter - expected, 0.0))
    return excess, cells.by_account(known**2 * post_variance**2 / posts)


def _within_parts(cells: Cells, post_variance: float) -> tuple[FloatArray, FloatArray]:
    """Numerator and denominator, per account, of the variance within accounts that SQL shrinks with: by moments."""
    measured = cells.log_mean + cells.curvature * post_variance
    variance = cells.binomial_variance + post_variance * cells.concentration
    precision = np.divide(1.0, variance, out=np.zeros_like(variance), where=variance > 0)
    total = cells.by_account(precision)
    shares = np.divide(1.0, total, out=np.zeros_like(total), where=total > 0)
    mean = (cells.by_account(precision * measured) * shares)[cells.accounts]
    deviation = cells.by_account(precision * (measured - mean) ** 2)
    counts = cells.by_account(np.ones_like(variance))
    return deviation - (counts - 1), total - cells.by_account(precision**2) * shares


def leave_out(parts: FloatArray, weights: FloatArray) -> tuple[float, FloatArray]:
    """Ratio of the sums, at least 0, and its change (G,) without each account; 0 where nothing would be left."""
    total, weight = float(parts.sum()), float(weights.sum())
    if weight <= 0:
        return 0.0, np.zeros_like(parts)
    ratio, left = total / weight, weight - weights
    without = np.divide(total - parts, left, out=np.full_like(parts, ratio), where=left > 1e-9 * weight)
    return max(ratio, 0.0), np.maximum(without, 0.0) - max(ratio, 0.0)
