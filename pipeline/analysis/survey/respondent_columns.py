"""Columns of a respondent-level table as numpy arrays: categories, answers and weights, checked.

One row is one respondent. Null means not answered, not asked or not known, and is never a category. Estimation does
not belong here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Answers:
    """Answers to one question. `selected` is respondents x options; rows that did not answer are all false."""

    options: tuple[str, ...]
    selected: BoolArray
    answered: BoolArray


def read_column(table: pa.Table, name: str) -> pa.Array:
    """One column in one piece, dictionaries decoded. Raises ValueError if the table has no such column."""
    if name not in table.column_names:
        raise ValueError(f"the table has no column {name!r}; it has {', '.join(table.column_names)}")
    column = table.column(name).combine_chunks()
    if isinstance(column, pa.ChunkedArray):  # an empty table
        column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def read_categories(column: pa.Array) -> tuple[IntArray, tuple[str, ...]]:
    """Code of every row (-1: null or NaN) and the labels in the order of their values, whatever the rows' order."""
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), None, column)
    values = pc.drop_null(pc.unique(column))
    ordered = values.take(pc.sort_indices(values))
    codes = pc.fill_null(pc.index_in(column, ordered), -1)
    return codes.to_numpy(zero_copy_only=False).astype(np.int64), tuple(_label(value) for value in ordered.to_pylist())


def read_numbers(table: pa.Table, name: str, meaning: str) -> FloatArray:
    """A numeric column without gaps. Raises ValueError for missing, infinite or negative values."""
    numbers = pc.cast(read_column(table, name), pa.float64()).to_numpy(zero_copy_only=False)
    bad = int((~np.isfinite(numbers) | (numbers < 0)).sum())
    if bad:
        raise ValueError(
            f"{bad:,} rows of {name!r} hold no {meaning} of at least 0; give them one, or leave those respondents out "
            "of the sample and say how many"
        )
    return np.asarray(numbers, dtype=np.float64)


def read_answers(table: pa.Table, question: str | Sequence[str], *, multi: bool) -> Answers:
    """Answers to a question in one of three shapes.

    Single choice: one column, null = not answered. Multi-select (`multi=True`): one list column, where null = block not
    answered and an empty list = answered, nothing ticked; or one column per option with 0/1 or false/true, where a
    blank next to a tick is a no and a block of blanks without any tick is not answered.
    """
    if isinstance(question, str) and not multi:
        return single_answers(*read_categories(read_column(table, question)))
    if isinstance(question, str):
        column = read_column(table, question)
        if not (pa.types.is_list(column.type) or pa.types.is_large_list(column.type)):
            raise ValueError(
                f"{question!r} is no list column; for a multi-select question give a list column or one 0/1 column "
                "per option"
            )
        codes, labels = read_categories(pc.list_flatten(column))
        rows = pc.list_parent_indices(column).to_numpy(zero_copy_only=False)
        selected = np.zeros((len(column), len(labels)), dtype=np.bool_)
        selected[rows[codes >= 0], codes[codes >= 0]] = True
        return Answers(labels, selected, pc.is_valid(column).to_numpy(zero_copy_only=False))
    if not multi:
        raise ValueError("several columns are the options of one multi-select question: say multi=True")
    ticks = np.column_stack([_read_ticks(read_column(table, name), name) for name in question])
    any_tick = (ticks == 1).any(axis=1)
    return Answers(tuple(question), ticks == 1, any_tick | (ticks >= 0).all(axis=1))


def single_answers(codes: IntArray, labels: tuple[str, ...]) -> Answers:
    """Answers to a single-choice question from category codes (-1: not answered)."""
    return Answers(labels, codes[:, None] == np.arange(len(labels))[None, :], codes >= 0)


def _read_ticks(column: pa.Array, name: str) -> IntArray:
    numbers = pc.cast(pc.cast(column, pa.int8()) if pa.types.is_boolean(column.type) else column, pa.float64())
    values = pc.fill_null(pc.if_else(pc.is_nan(numbers), None, numbers), -1.0).to_numpy(zero_copy_only=False)
    if not np.isin(values, (-1.0, 0.0, 1.0)).all():
        raise ValueError(f"{name!r} is no 0/1 column; an option of a multi-select question is ticked or not")
    return np.asarray(values, dtype=np.int64)


def _label(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).lower() if isinstance(value, bool) else str(value)
