"""Written numbers: the cells of a column decide which mark is the decimal one; what nothing decides is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources.files import numbers

COUNTS = st.integers(0, numbers.BIGINT_MAX)


def read_counts(cells: list[str]) -> list[int | str | None]:
    """Each cell as a count by the marks of all of them, or the words of its refusal."""
    mark = numbers.choose_mark(numbers.decimal_marks(cells, whole=True))
    read: list[int | str | None] = []
    for cell in cells:
        try:
            read.append(numbers.parse_count(cell, mark))
        except ValueError as error:
            read.append(str(error))
    return read


@pytest.mark.parametrize(
    ("cells", "counts"),
    [
        (["12.000", "630.000", "980", "1.250"], [12_000, 630_000, 980, 1250]),
        (["12,000", "630,000", "980"], [12_000, 630_000, 980]),
        (["1203.0", "12.000"], [1203, 12]),
        (["1.203.400", "12.000"], [1_203_400, 12_000]),
        (["1,203.0", "12.000"], [1203, 12]),
        (["1 203", "1'203", "1\u202f203", "1’203"], [1203] * 4),
    ],
)
def test_the_column_decides_what_a_mark_before_three_digits_is(cells: list[str], counts: list[int]) -> None:
    assert read_counts(cells) == counts


@pytest.mark.parametrize("cells", [["12.000"], ["12,000", "1,000"], ["12.000", "1250"], ["0.5", "1203,0", "12.000"]])
def test_a_count_that_nothing_decides_is_refused_and_both_readings_are_named(cells: list[str]) -> None:
    doubtful = next(cell for cell in cells if cell.endswith(("12.000", "12,000")))
    assert read_counts(cells)[cells.index(doubtful)] == (
        f"{doubtful!r} can be 12 or 12,000, and nothing in the file shows which"
    )


def test_an_exponent_is_exact_where_it_has_the_digits_or_java_wrote_it() -> None:
    assert [numbers.parse_count(cell) for cell in ("1.2729541E7", "1.2E7", "1,2345E+4")] == [
        12_729_541,
        12 * 10**6,
        12_345,
    ]
    for cell in ("1.27E+07", "1.85E+18", "5E2"):
        with pytest.raises(ValueError, match="its last digits are lost"):
            numbers.parse_count(cell)


def test_fractions_of_one_column_tell_the_mark_of_all_its_cells() -> None:
    for cells, values in ((["0.875", "1.125"], [0.875, 1.125]), (["0,5", "1,250", "1.234,5"], [0.5, 1.25, 1234.5])):
        mark = numbers.choose_mark(numbers.decimal_marks(cells))
        assert [numbers.parse_number(cell, mark) for cell in cells] == values
    with pytest.raises(ValueError, match=r"'1.125' can be 1.125 or 1,125"):
        numbers.parse_number("1.125")


def test_the_first_evidence_counts_and_a_contradiction_decides_nothing() -> None:
    point, comma = frozenset({"."}), frozenset({","})
    assert numbers.choose_mark(frozenset(), comma, point) == ","
    assert numbers.choose_mark(point | comma, comma) is None
    assert numbers.choose_mark() is None


@given(st.lists(COUNTS, min_size=1), st.sampled_from([(",", "."), (".", ",")]), st.booleans())
def test_written_counts_come_back_or_are_refused(counts: list[int], marks: tuple[str, str], with_zero: bool) -> None:
    thousands, decimal = marks
    cells = [f"{count:,}".replace(",", thousands) + (f"{decimal}0" if with_zero else "") for count in counts]
    for count, read in zip(counts, read_counts(cells), strict=True):
        assert read == count or (isinstance(read, str) and read.endswith("shows which"))


@given(st.lists(st.text(max_size=12)))
def test_any_text_is_a_number_or_a_refusal_in_words(cells: list[str]) -> None:
    for read in read_counts(cells):
        assert read is None or isinstance(read, str) or 0 <= read <= numbers.BIGINT_MAX
