"""From a table to the sample of a panel regression: complete rows, sorted, without singletons, with the losses counted.

No statistics here; the effects are taken out in `projection`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.analysis.panel.blocks import Spool

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


class InsufficientDataError(ValueError):
    """The table is well formed but holds too few complete rows, units or times for the model."""


@dataclass(frozen=True)
class PanelSample:
    """Rows of the estimation sample, sorted by unit and time; codes count from 0.

    Rows of a block have codes of units without holes, and those of times of the whole sample.
    """

    outcome: FloatArray  # (n,)
    regressors: FloatArray  # (n, k), each column in one piece
    unit_codes: IntArray  # (n,)
    time_codes: IntArray  # (n,)
    incomplete_count: int
    singleton_count: int


# Of a block's rows (n,) those of unit and time, and how many were left out as incomplete and as singletons.
Codes = tuple[IntArray, IntArray, int, int]


@dataclass(frozen=True)
class PanelBlocks:
    """The estimation sample, some whole units at a time, which can be read more than once."""

    time_count: int
    row_count: int
    incomplete_count: int
    singleton_count: int
    _columns: Spool[FloatArray]  # outcome and regressors (1 + k, n)
    _codes: Spool[Codes]

    def __iter__(self) -> Iterator[PanelSample]:
        for columns, codes in zip(self._columns, self._codes, strict=True):
            yield PanelSample(columns[0], columns[1:].T, *codes)


def read_sample(table: pa.Table, *, outcome: str, regressors: Sequence[str], unit: str, time: str) -> PanelSample:
    """The sample of `read_blocks` on one table, all of it in memory."""
    (sample,) = read_blocks(table, outcome=outcome, regressors=regressors, unit=unit, time=time)
    return sample


def read_blocks(
    tables: pa.Table | Iterable[pa.Table], *, outcome: str, regressors: Sequence[str], unit: str, time: str
) -> PanelBlocks:
    """Complete rows without units or times that are seen only once, in an order of their own.

    Of several tables, each read once, every one has whole units, with labels above those of the table before; each
    becomes a block. Rows with a null or NaN in a used column count as incomplete. A unit or time with one row is fitted
    by its own effect and says nothing; dropping one can leave another, so it is repeated until none is left. Rows of
    the same unit and time are sorted by the values themselves, so that sums do not depend on the order of the input.
    Rows that come sorted are not sorted again.
    Raises ValueError for missing, repeated or non-numeric columns, infinite values and units that come back,
    InsufficientDataError if no rows are left.
    """
    columns: Spool[FloatArray] = Spool()
    codes: Spool[Codes] = Spool()
    numbers: dict[object, int] = {}
    row_count, incomplete_count, last = 0, 0, None
    for table in [tables] if isinstance(tables, pa.Table) else tables:
        _check_columns(table, [outcome, *regressors, unit, time], regressors)
        block = _read_complete(table, (outcome, *regressors), unit, time)
        row_count += table.num_rows
        incomplete_count += table.num_rows - len(block.units)
        if not len(block.units):
            continue
        first, top = (block.unit_labels[int(block.units[place])].as_py() for place in (0, -1))
        if last is not None and not last < first:
            raise ValueError(f"{unit} {first!r} comes after {last!r}; tables must have whole units in ascending order")
        last = top
        number_of = np.array([numbers.setdefault(label, len(numbers)) for label in block.time_labels.to_pylist()])
        columns.append(block.columns)
        codes.append((close_gaps(block.units), number_of[block.times], table.num_rows - len(block.units), 0))
    ranks = np.empty(len(numbers), np.int64)
    ranks[[numbers[label] for label in sorted(numbers)]] = np.arange(len(numbers))  # type: ignore[type-var]
    is_time_kept, unit_masks, kept_count = _find_repeated(codes, len(numbers))
    complete_count = row_count - incomplete_count
    if not kept_count:
        raise InsufficientDataError(
            f"no rows are left: of {row_count} rows {incomplete_count} are incomplete and "
            f"{complete_count} belong to a {unit} or {time} that is seen only once"
        )
    # Numbers of the times in the order of their labels, without those that are gone.
    is_kept = np.zeros(len(numbers), bool)
    is_kept[ranks] = is_time_kept
    time_codes = (np.cumsum(is_kept) - 1)[ranks]
    kept_columns: Spool[FloatArray] = Spool()
    kept_codes: Spool[Codes] = Spool()
    for values, (units, times, incomplete, _), is_unit_kept in zip(columns, codes, unit_masks, strict=True):
        kept = is_unit_kept[units] & is_time_kept[times]
        if not kept.all():
            values, units, times = values[:, kept], units[kept], times[kept]
        if len(units):
            kept_columns.append(values)
            kept_codes.append((close_gaps(units), time_codes[times], incomplete, len(kept) - len(units)))
    return PanelBlocks(
        time_count=int(is_kept.sum()),
        row_count=kept_count,
        incomplete_count=incomplete_count,
        singleton_count=complete_count - kept_count,
        _columns=kept_columns,
        _codes=kept_codes,
    )


@dataclass(frozen=True)
class _Complete:
    """Complete rows of one table, sorted, with ranks of their labels."""

    columns: FloatArray  # (1 + k, n)
    units: IntArray  # (n,)
    times: IntArray  # (n,)
    unit_labels: pa.Array
    time_labels: pa.Array


def _read_complete(table: pa.Table, names: Sequence[str], unit: str, time: str) -> _Complete:
    units, unit_labels = read_labels(table, unit)
    times, time_labels = read_labels(table, time)
    columns = np.empty((len(names), table.num_rows))
    is_complete = (units >= 0) & (times >= 0)
    for column, name in zip(columns, names, strict=True):
        column[:] = _read_numbers(table, name)
        is_complete &= ~np.isnan(column)
    complete = np.flatnonzero(is_complete)
    order = _find_order(units[complete], times[complete], columns, complete) if len(complete) else complete
    if len(order) < table.num_rows or (np.diff(order) < 0).any():
        columns, units, times = columns[:, order], units[order], times[order]
    return _Complete(columns, units, times, unit_labels, time_labels)


def _check_columns(table: pa.Table, used: Sequence[str], regressors: Sequence[str]) -> None:
    if not regressors:
        raise ValueError("a panel regression needs at least one regressor")
    for name in used:
        if table.column_names.count(name) != 1:
            raise ValueError(
                f"column {name!r} is {'repeated' if name in table.column_names else 'missing'} in the table"
            )
        if used.count(name) > 1:
            raise ValueError(f"column {name!r} is named twice among outcome, regressors, unit and time")


def _read_numbers(table: pa.Table, name: str) -> FloatArray:
    """Column as floats, NaN where it is null."""
    column = table.column(name)
    kind = column.type
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind) or _is_decimal(kind)):
        raise ValueError(f"column {name!r} holds {kind}, not numbers")
    # Unsafe only in that 64-bit integers beyond 2^53 lose their last digits, which no estimate can notice.
    floats = pc.cast(column, pa.float64(), safe=False).combine_chunks()
    numbers = np.asarray(floats.to_numpy(zero_copy_only=False), dtype=np.float64)
    if np.isinf(numbers).any():
        raise ValueError(f"column {name!r} holds infinite values; a logarithm of zero upstream is the usual cause")
    return numbers


def _is_decimal(kind: pa.DataType) -> bool:
    return bool(pa.types.is_decimal(kind))


def read_labels(table: pa.Table, name: str) -> tuple[IntArray, pa.Array]:
    """Rank of each row's label among the sorted distinct labels, -1 where it is null or NaN; and these labels.

    A column of a dictionary type costs no comparison of labels row by row, and its labels may have no row.
    """
    return _rank_labels(table.column(name).combine_chunks())


def _rank_labels(column: pa.Array) -> tuple[IntArray, pa.Array]:
    if pa.types.is_null(column.type):
        return np.full(len(column), -1, dtype=np.int64), column.slice(0, 0)
    if pa.types.is_dictionary(column.type):
        encoded = column
        ranks, labels = _rank_labels(column.dictionary)
    else:
        if pa.types.is_string_view(column.type):
            column = column.cast(pa.large_string())
        if pa.types.is_floating(column.type):
            column = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
        encoded = column.dictionary_encode()
        order = pc.array_sort_indices(encoded.dictionary)
        ranks, labels = np.argsort(order.to_numpy()), encoded.dictionary.take(order)
    codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)
    # The code -1 picks the last rank.
    return np.append(ranks, -1).astype(np.int64)[codes], labels


def close_gaps(codes: IntArray) -> IntArray:
    """The codes renumbered from 0, in the same order, without those that have no row."""
    renumbered: IntArray = (np.cumsum(np.bincount(codes) > 0) - 1)[codes]
    return renumbered


def _find_order(units: IntArray, times: IntArray, columns: FloatArray, kept: IntArray) -> IntArray:
    """The kept rows by unit, time and, where these repeat, value."""
    cells = units * (times.max() + 1) + times
    if (np.diff(cells) > 0).all():
        return kept
    order = np.argsort(cells)
    if (np.diff(cells[order]) == 0).any():
        order = np.lexsort((*columns[:, kept], cells))
    return kept[order]


def _find_repeated(codes: Spool[Codes], time_count: int) -> tuple[BoolArray, list[BoolArray], int]:
    """Times (T,) and, by block, units (G,) that keep at least two rows, after iterating to the end; rows left."""
    is_time_kept = np.ones(time_count, bool)
    unit_masks = [np.ones(int(units.max()) + 1, bool) for units, *_ in codes]
    while True:
        by_time, is_settled = np.zeros(time_count, np.int64), True
        for number, (units, times, *_) in enumerate(codes):
            before = unit_masks[number]
            kept = before[units] & is_time_kept[times]
            unit_masks[number] = np.bincount(units[kept], minlength=len(before)) > 1
            is_settled &= bool((unit_masks[number] == before).all())
            kept &= unit_masks[number][units]
            by_time += np.bincount(times[kept], minlength=time_count)
        is_settled &= bool(((by_time > 1) == is_time_kept).all())
        is_time_kept = by_time > 1
        if is_settled:
            return is_time_kept, unit_masks, int(by_time.sum())
