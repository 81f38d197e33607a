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
    regressors: FloatArray  # (n, k)
    unit_codes: IntArray  # (n,)
    time_codes: IntArray  # (n,)
    incomplete_count: int
    singleton_count: int


def read_sample(table: pa.Table, *, outcome: str, regressors: Sequence[str], unit: str, time: str) -> PanelSample:
    """Complete rows of `table` without units or times that are seen only once, in an order of their own.

    Rows with a null or NaN in a used column count as incomplete. A unit or time with one row is fitted by its own
    effect and says nothing; dropping one can leave another, so it is repeated until none is left. The sort ends with
    the values themselves, so that sums do not depend on the order of the input.
    Raises ValueError for missing, repeated or non-numeric columns and infinite values, InsufficientDataError if no rows
    are left.
    """
    _check_columns(table, [outcome, *regressors, unit, time], regressors)
    values = np.column_stack([_read_numbers(table, name) for name in (outcome, *regressors)])
    units, times = _read_codes(table, unit), _read_codes(table, time)
    complete = np.flatnonzero((units >= 0) & (times >= 0) & ~np.isnan(values).any(axis=1))
    kept = complete[_find_repeated(units[complete], times[complete])]
    if not len(kept):
        raise InsufficientDataError(
            f"no rows are left: of {table.num_rows} rows {table.num_rows - len(complete)} are incomplete and "
            f"{len(complete)} belong to a {unit} or {time} that is seen only once"
        )
    order = kept[np.lexsort((*values[kept].T, times[kept], units[kept]))]
    return PanelSample(
        outcome=values[order, 0],
        regressors=values[order, 1:],
        unit_codes=np.unique(units[order], return_inverse=True)[1].astype(np.int64),
        time_codes=np.unique(times[order], return_inverse=True)[1].astype(np.int64),
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


def _read_codes(table: pa.Table, name: str) -> IntArray:
    """Rank of each row's label among the sorted distinct labels; -1 where it is null or NaN."""
    column = table.column(name).combine_chunks()
    if pa.types.is_null(column.type):
        return np.full(len(column), -1, dtype=np.int64)
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_string_view(column.type):
        column = column.cast(pa.large_string())
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
    encoded = column.dictionary_encode()
    rank = np.empty(len(encoded.dictionary), dtype=np.int64)
    rank[pc.array_sort_indices(encoded.dictionary).to_numpy()] = np.arange(len(rank))
    codes = np.asarray(pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False), dtype=np.int64)
    return np.where(codes < 0, -1, rank[codes] if len(rank) else -1)


def _find_repeated(units: IntArray, times: IntArray) -> IntArray:
    """Positions of the rows whose unit and time both keep at least two rows, after iterating to the end."""
    kept = np.arange(len(units))
    while len(kept):
        repeated = (np.bincount(units[kept])[units[kept]] > 1) & (np.bincount(times[kept])[times[kept]] > 1)
        if repeated.all():
            break
        kept = kept[repeated]
    return kept
