"""Intervals of one share, adjusted p-values and Cramer's V."""

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.analysis.proportions import benjamini_hochberg, clopper_pearson, cramers_v, holm, wilson

COUNTS = st.integers(0, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def read_oracle(folder: Path) -> tuple[list[dict[str, str]], dict]:
    with (folder / "input.csv").open(newline="") as stream:
        return list(csv.DictReader(stream)), json.loads((folder / "expected.json").read_text())


def test_intervals_equal_the_reference_at_and_between_the_boundaries(oracles: Path) -> None:
    rows, expected = read_oracle(oracles / "05a_proportion_intervals")
    assert len(rows) == len(expected["rows"])
    for row, reference in zip(rows, expected["rows"], strict=True):
        x, n = int(row["x"]), int(row["n"])
        assert wilson(x, n) == pytest.approx(reference["wilson"], abs=1e-9)
        assert clopper_pearson(x, n) == pytest.approx(reference["clopper_pearson"], abs=1e-9)


def test_adjusted_p_values_equal_the_reference_with_a_tie_and_a_missing_value(oracles: Path) -> None:
    rows, expected = read_oracle(oracles / "05b_multiple_testing")
    p_values = [float(row["p"]) if row["p"] not in ("", "NA") else None for row in rows]
    for adjusted, reference in [(holm(p_values), expected["holm"]), (benjamini_hochberg(p_values), expected["bh"])]:
        assert [value is None for value in adjusted] == [value is None for value in reference]
        present = [(got, want) for got, want in zip(adjusted, reference, strict=True) if want is not None]
        assert all(got == pytest.approx(want, abs=1e-12) for got, want in present)


def test_known_intervals_of_small_counts() -> None:
    assert wilson(0, 10) == pytest.approx((0.0, 0.27753279986288915), abs=1e-12)
    assert clopper_pearson(10, 10) == pytest.approx((0.6915028921812392, 1.0), abs=1e-12)


def test_one_success_in_billions_keeps_its_digits() -> None:
    low, high = wilson(1, 10**12)
    assert low == pytest.approx(1.7652676e-13, rel=1e-6)
    assert high == pytest.approx(5.6648867e-12, rel=1e-6)


def test_no_observations_leave_the_share_open() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert clopper_pearson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(("x", "n"), [(-1, 5), (6, 5), (math.nan, 5), (1, math.inf), (0, -1)])
def test_impossible_counts_are_refused(x: float, n: float) -> None:
    for interval in (wilson, clopper_pearson):
        with pytest.raises(ValueError, match="0 <= successes <= n"):
            interval(x, n)


def test_confidence_is_a_share_and_not_a_percentage() -> None:
    with pytest.raises(ValueError, match="between 0 and 1, got 95"):
        wilson(1, 2, 95)


@given(COUNTS, st.floats(0.5, 0.999))
def test_intervals_hold_the_share_and_stay_within_zero_and_one(counts: tuple[int, int], confidence: float) -> None:
    x, n = counts
    for low, high in (wilson(x, n, confidence), clopper_pearson(x, n, confidence)):
        assert 0 <= low <= high <= 1
        if n:
            assert low <= x / n + 1e-15
            assert x / n <= high + 1e-15


@given(st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.just(n))))
def test_intervals_rise_with_the_count_and_mirror_its_complement(counts: tuple[int, int]) -> None:
    x, n = counts
    for interval in (wilson, clopper_pearson):
        low, high = interval(x, n)
        next_low, next_high = interval(x + 1, n)
        assert low < next_low
        assert high < next_high or high == next_high == 1
        mirrored_low, mirrored_high = interval(n - x, n)
        assert (1 - mirrored_high, 1 - mirrored_low) == pytest.approx((low, high), abs=1e-9)


@given(COUNTS, st.floats(0.5, 0.98))
def test_more_confidence_never_narrows_an_interval(counts: tuple[int, int], confidence: float) -> None:
    for interval in (wilson, clopper_pearson):
        (low, high), (wide_low, wide_high) = interval(*counts, confidence), interval(*counts, confidence + 0.01)
        assert wide_low <= low + 1e-15
        assert high <= wide_high + 1e-15


def test_missing_p_values_stay_missing_and_do_not_count() -> None:
    assert holm([0.01, None, 0.04, math.nan]) == [0.02, None, 0.04, None]
    assert benjamini_hochberg([None, 0.03, 0.01]) == [None, 0.03, 0.02]
    assert holm([]) == []
    assert benjamini_hochberg([None]) == [None]


def test_a_p_value_above_one_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        holm([0.5, 1.5])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_adjusting_keeps_order_and_lies_between_p_and_bonferroni(p_values: list[float], random) -> None:
    shuffled = list(range(len(p_values)))
    random.shuffle(shuffled)
    for method in (holm, benjamini_hochberg):
        adjusted = method(p_values)
        for p, value in zip(p_values, adjusted, strict=True):
            assert p - 1e-15 <= value <= min(1, p * len(p_values)) + 1e-15
        assert method([p_values[i] for i in shuffled]) == [adjusted[i] for i in shuffled]
    assert all(bh <= h + 1e-12 for bh, h in zip(benjamini_hochberg(p_values), holm(p_values), strict=True))


def test_cramers_v_of_perfect_and_absent_association() -> None:
    assert cramers_v([[30, 0], [0, 30]], bias_corrected=False) == pytest.approx(1)
    assert cramers_v([[10, 20], [20, 40]], bias_corrected=False) == pytest.approx(0)
    assert cramers_v([[10, 20], [20, 40]]) == 0


def test_cramers_v_by_hand() -> None:
    table = [[25, 5], [10, 20]]
    phi_square = (25 * 20 - 5 * 10) ** 2 / (30 * 30 * 35 * 25)
    assert cramers_v(table, bias_corrected=False) == pytest.approx(math.sqrt(phi_square))
    corrected = math.sqrt((phi_square - 1 / 59) / (2 - 1 / 59 - 1))
    assert cramers_v(table) == pytest.approx(corrected)


def test_the_correction_counts_rows_and_columns_separately() -> None:
    table = np.array([[30, 10, 5, 5], [10, 30, 5, 5], [5, 5, 30, 10]])
    phi_square = cramers_v(table, bias_corrected=False) ** 2 * 2
    room = min(3 - 4 / 149, 4 - 9 / 149) - 1
    assert cramers_v(table) == pytest.approx(math.sqrt((phi_square - 6 / 149) / room))


def test_weights_change_the_correction_only_through_the_sample_size() -> None:
    table = np.array([[25, 5, 9], [10, 20, 8]], dtype=float)
    assert cramers_v(table * 1000, sample_size=77) == pytest.approx(cramers_v(table), rel=1e-12)
    assert cramers_v(table * 1000) > cramers_v(table)


def test_an_option_that_nobody_chose_does_not_count_as_a_column() -> None:
    assert cramers_v([[25, 0, 5], [10, 0, 20]]) == pytest.approx(cramers_v([[25, 5], [10, 20]]))
    assert cramers_v([[25, 0], [10, 0]]) is None
    assert cramers_v([[1, 0], [0, 1]]) is None


def test_bias_correction_removes_the_strength_that_chance_alone_shows() -> None:
    generator = np.random.default_rng(5)
    tables = [generator.multinomial(60, np.full(20, 1 / 20)).reshape(4, 5) for _ in range(300)]
    plain = np.mean([cramers_v(table, bias_corrected=False) for table in tables])
    corrected = np.mean([cramers_v(table) for table in tables])
    assert plain > 0.24
    assert corrected < 0.09
