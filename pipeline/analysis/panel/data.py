"""From a table to the sample of a panel regression: complete rows, sorted, without singletons, with the losses counted.

No statistics here; the effects are taken out in `projection`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


class InsufficientDataError(ValueError):
    """The table is well formed but holds too few complete rows, units or times for the model."""


@dataclass(frozen=True)
class PanelSample:
    """Rows of the estimation sample, sorted by unit and time; codes count from 0 without holes."""

    outcome: FloatArray  # (n,)
    regressors: FloatArray  # (n, k), each column in one piece
    unit_codes: IntArray  # (n,)
    time_codes: IntArray  # (n,)
    incomplete_count: int
    singleton_count: int


def read_sample(table: pa.Table, *, outcome: str, regressors: Sequence[str], unit: str, time: str) -> PanelSample:
    """Complete rows of `table` without units or times that are seen only once, in an order of their own.

    Rows with a null or NaN in a used column count as incomplete. A unit or time with one row is fitted by its own
    effect and says nothing; dropping one can leave another, so it is repeated until none is left. Rows of the same unit
    and time are sorted by the values themselves, so that sums do not depend on the order of the input. Rows that come
    sorted are not sorted again.
    Raises ValueError for missing, repeated or non-numeric columns and infinite values, InsufficientDataError if no rows
    are left.
    """
    _check_columns(table, [outcome, *regressors, unit, time], regressors)
    units, times = read_labels(table, unit)[0], read_labels(table, time)[0]
    columns = np.empty((1 + len(regressors), table.num_rows))
    is_complete = (units >= 0) & (times >= 0)
    for column, name in zip(columns, (outcome, *regressors), strict=True):
        column[:] = _read_numbers(table, name)
        is_complete &= ~np.isnan(column)
    complete = np.flatnonzero(is_complete)
    kept = complete[_find_repeated(units[complete], times[complete])]
    if not len(kept):
        raise InsufficientDataError(
            f"no rows are left: of {table.num_rows} rows {table.num_rows - len(complete)} are incomplete and "
            f"{len(complete)} belong to a {unit} or {time} that is seen only once"
        )
    order = _find_order(units[kept], times[kept], columns, kept)
    if len(order) < table.num_rows or (np.diff(order) < 0).any():
        columns, units, times = columns[:, order], units[order], times[order]
    return PanelSample(
        outcome=columns[0],
        regressors=columns[1:].T,
        unit_codes=close_gaps(units),
        time_codes=close_gaps(times),
        incomplete_count=table.num_rows - len(complete),
        singleton_count=len(complete) - len(kept),
    )


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


def _find_repeated(units: IntArray, times: IntArray) -> IntArray:
    """Positions of the rows whose unit and time both keep at least two rows, after iterating to the end."""
    kept = np.arange(len(units))
    while len(kept):
        repeated = (np.bincount(units[kept])[units[kept]] > 1) & (np.bincount(times[kept])[times[kept]] > 1)
        if repeated.all():
            break
        kept = kept[repeated]
    return kept
