"""Which rows of a table enter a panel regression, and what is refused."""

import math

import pyarrow as pa
import pytest

from pipeline.analysis.panel.data import InsufficientDataError, PanelSample, read_labels, read_sample

GRID = [(unit, week) for unit in "abc" for week in (1, 2, 3)]


def make_table(rows: list[tuple], y: list, x: list) -> pa.Table:
    return pa.table({"unit": [row[0] for row in rows], "time": [row[1] for row in rows], "y": y, "x": x})


def read(table: pa.Table, regressors: tuple[str, ...] = ("x",)) -> PanelSample:
    return read_sample(table, outcome="y", regressors=list(regressors), unit="unit", time="time")


def test_nulls_and_nans_in_any_used_column_are_dropped_and_counted() -> None:
    rows = [*GRID, (None, 1), ("a", None), ("b", 2), ("c", 3)]
    y = [1.0] * 11 + [None, 1.0]
    x = [2.0] * 12 + [math.nan]
    sample = read(make_table(rows, y, x))
    assert (len(sample.outcome), sample.incomplete_count, sample.singleton_count) == (9, 4, 0)


def test_a_null_in_an_unused_column_costs_nothing() -> None:
    table = make_table(GRID, [1.0] * 9, [2.0] * 9).append_column("note", pa.nulls(9))
    assert read(table).incomplete_count == 0


def test_singletons_are_dropped_until_none_is_left() -> None:
    # Week 9 has d alone; without it d has week 8 alone; without that week 8 has e alone, and so on.
    chain = [("d", 9), ("d", 8), ("e", 8), ("e", 7)]
    sample = read(make_table([*GRID, *chain], [1.0] * 13, [2.0] * 13))
    assert sample.singleton_count == 4
    assert sorted(set(sample.unit_codes.tolist())) == [0, 1, 2]
    assert sorted(set(sample.time_codes.tolist())) == [0, 1, 2]


def test_rows_come_sorted_by_unit_time_and_value() -> None:
    rows = [("b", 2), ("a", 2), ("b", 1), ("a", 1), ("a", 1), ("b", 1)]
    sample = read(make_table(rows, [1.0, 2.0, 3.0, 5.0, 4.0, 6.0], [0.0] * 6))
    assert sample.unit_codes.tolist() == [0, 0, 0, 1, 1, 1]
    assert sample.time_codes.tolist() == [0, 0, 1, 0, 0, 1]
    assert sample.outcome.tolist() == [4.0, 5.0, 2.0, 3.0, 6.0, 1.0]


def test_integers_booleans_decimals_and_dictionaries_are_read_as_numbers_and_labels() -> None:
    table = make_table(GRID, list(range(9)), [True, False, True] * 3)
    table = table.append_column("z", pa.array([1.5] * 9, pa.float64()).cast(pa.decimal128(9, 3)))
    table = table.set_column(0, "unit", table["unit"].dictionary_encode())
    sample = read(table, ("x", "z"))
    assert sample.outcome.tolist() == list(range(9))
    assert sample.regressors[:3].tolist() == [[1.0, 1.5], [0.0, 1.5], [1.0, 1.5]]


def test_labels_of_every_text_type_are_alike() -> None:
    table = make_table(GRID, list(range(9)), [2.0] * 9)
    for kind in (pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())):
        other = table.set_column(0, "unit", table["unit"].cast(kind))
        assert read(other).unit_codes.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_rows_that_come_sorted_are_those_that_come_shuffled() -> None:
    y = [float(number) for number in range(9)]
    sample = read(make_table(GRID, y, y))
    # With a row more, the rows of its unit and time are distinguished by their values.
    twice = read(make_table([*GRID, ("b", 2)], [*y, 0.5], [*y, 0.5]))
    for order in ([4, 8, 0, 2, 6, 1, 3, 7, 5], list(range(9))[::-1]):
        shuffled = [y[place] for place in order]
        assert read(make_table([GRID[place] for place in order], shuffled, shuffled)).outcome.tolist() == y
        labels, values = [("b", 2), *(GRID[place] for place in order)], [0.5, *shuffled]
        assert read(make_table(labels, values, values)).outcome.tolist() == twice.outcome.tolist()
    assert sample.outcome.tolist() == y
    assert twice.outcome.tolist() == [0.0, 1.0, 2.0, 3.0, 0.5, 4.0, 5.0, 6.0, 7.0, 8.0]
    assert sample.regressors[:, 0].tolist() == y


def test_a_dictionary_may_hold_labels_in_any_order_twice_or_without_a_row() -> None:
    words = pa.DictionaryArray.from_arrays(pa.array([0, 3, None, 1, 0]), pa.array(["c", "a", "unused", "c"]))
    codes, labels = read_labels(pa.table({"unit": words}), "unit")
    assert (codes.tolist(), labels.to_pylist()) == ([1, 1, -1, 0, 1], ["a", "c", "unused"])
    units = pa.DictionaryArray.from_arrays(pa.array([3, 3, 3, 0, 0, 0]), pa.array(["c", "x", "y", "a"]))
    table = make_table(GRID[:6], [1.0] * 6, [2.0] * 6).set_column(0, "unit", units)
    assert read(table).unit_codes.tolist() == [0, 0, 0, 1, 1, 1]


def test_nothing_left_is_said_with_the_reasons_counted() -> None:
    table = make_table([("a", 1), ("a", 2), ("b", 3), ("c", 3)], [1.0, 2.0, None, 4.0], [1.0] * 4)
    with pytest.raises(InsufficientDataError, match="of 4 rows 1 are incomplete and 3 belong to a unit or time"):
        read(table)
    with pytest.raises(InsufficientDataError, match="no rows are left: of 0 rows"):
        read(table.slice(0, 0))
    with pytest.raises(InsufficientDataError, match="4 are incomplete"):
        read(table.set_column(0, "unit", pa.nulls(4)))


@pytest.mark.parametrize(
    ("regressors", "words"),
    [
        ((), "at least one regressor"),
        (("x", "volume"), "column 'volume' is missing"),
        (("x", "x"), "column 'x' is named twice"),
        (("y",), "column 'y' is named twice"),
        (("label",), "column 'label' holds string, not numbers"),
        (("zero",), "column 'zero' holds infinite values"),
    ],
)
def test_an_unusable_column_is_named(regressors: tuple[str, ...], words: str) -> None:
    table = make_table(GRID, [1.0] * 9, [2.0] * 9)
    table = table.append_column("label", [["t"] * 9]).append_column("zero", [[-math.inf] * 9])
    with pytest.raises(ValueError, match=words):
        read(table, regressors)
