"""Dip test against its definition, and the three-band antimode test."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from pipeline.analysis.multimodality import antimode_test, dip_statistic, has_dip_of
from pipeline.analysis.ratio_distribution import dip_p_value


def solve_dip(values: list[float]) -> float:
    """Dip by linear programming: for every mode, the nearest distribution convex before and concave after it."""
    x, counts = np.unique(np.array(values, dtype=float), return_counts=True)
    after = np.cumsum(counts) / counts.sum()
    before = after - counts / counts.sum()
    last, jump, distance = len(x) - 1, len(x), len(x) + 1
    best = 1.0
    for mode in range(len(x)):
        rows, limits = [], []

        def at_most(limit: float, rows: list = rows, limits: list = limits, **weights: tuple) -> None:
            row = np.zeros(len(x) + 2)
            for position, weight in weights["terms"]:
                row[position] += weight
            rows.append(row)
            limits.append(limit)

        for i in range(len(x)):
            top, bottom = (before[i], after[i]) if i != mode else (before[i], before[i])
            at_most(top, terms=[(i, 1), (distance, -1)])
            at_most(-bottom, terms=[(i, -1), (distance, -1)])
        at_most(after[mode], terms=[(jump, 1), (distance, -1)])
        at_most(-after[mode], terms=[(jump, -1), (distance, -1)])
        at_most(0, terms=[(mode, 1), (jump, -1)])
        for path, sign in [(list(range(mode + 1)), 1), ([jump, *range(mode + 1, last + 1)], -1)]:
            place = [x[mode] if i == jump else x[i] for i in path]
            for i, j in pairwise(path):
                at_most(0, terms=[(i, 1), (j, -1)])
            for n in range(len(path) - 2):
                first, second = place[n + 1] - place[n], place[n + 2] - place[n + 1]
                bend = [(path[n], -1 / first), (path[n + 1], 1 / first + 1 / second), (path[n + 2], -1 / second)]
                at_most(0, terms=[(i, sign * weight) for i, weight in bend])
        cost = np.eye(len(x) + 2)[distance]
        best = min(best, linprog(cost, A_ub=np.array(rows), b_ub=limits, bounds=(0, 1)).fun)
    return max(best, 1 / (2 * len(values)))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-20, 20), min_size=1, max_size=9))
def test_dip_equals_its_definition_with_ties(values: list[int]) -> None:
    assert dip_statistic(values) == pytest.approx(solve_dip(values), abs=1e-7)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_dip_equals_its_definition_on_two_clumps(seed: int) -> None:
    generator = np.random.default_rng(seed)
    values = np.concatenate([generator.normal(size=5), generator.normal(4, 1, size=6)])
    assert dip_statistic(values) == pytest.approx(solve_dip(values.tolist()), abs=1e-7)


@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=40), st.integers(1, 1000), st.integers(-500, 500))
def test_dip_ignores_order_scale_and_direction(values: list[int], scale: int, shift: int) -> None:
    dip = dip_statistic(values)
    assert 1 / (2 * len(values)) <= dip <= 0.25
    assert dip_statistic([-value * scale + shift for value in reversed(values)]) == pytest.approx(dip, abs=1e-12)


def test_known_dips() -> None:
    assert dip_statistic([0, 0, 1, 1]) == pytest.approx(0.25)
    assert dip_statistic([1, 2, 3, 4]) == pytest.approx(1 / 8)
    assert dip_statistic([5]) == 0.5


def test_two_far_groups_are_found_and_one_is_not() -> None:
    generator = np.random.default_rng(2)
    one, two = (
        generator.normal(size=200),
        np.concatenate([generator.normal(size=100), generator.normal(5, 1, size=100)]),
    )
    assert dip_p_value(dip_statistic(two), 200) == pytest.approx(1 / 1000)
    assert dip_p_value(dip_statistic(one), 200) > 0.3
    assert dip_p_value(dip_statistic(one), 200, seed=4) == dip_p_value(dip_statistic(one), 200, seed=4)


def test_a_uniform_sample_is_rejected_about_as_often_as_promised() -> None:
    generator = np.random.default_rng(7)
    p_values = np.array([dip_p_value(dip_statistic(generator.random(30)), 30, seed=seed) for seed in range(200)])
    assert 0.02 <= (p_values <= 0.05).mean() <= 0.09
    assert p_values.mean() == pytest.approx(0.5, abs=0.08)


@pytest.mark.parametrize("values", [[], [1, math.nan], [math.inf], [[1, 2], [3, 4]]])
def test_values_that_are_no_numbers_are_refused(values: list) -> None:
    with pytest.raises(ValueError, match="finite values"):
        dip_statistic(values)


def test_three_bands_give_the_published_p_values() -> None:
    ratios = [1.0] * 26 + [2.0] * 29 + [10.0] * 59 + [0.5, 100.0]
    got = antimode_test(ratios)
    assert (got.interpersonal_count, got.dead_zone_count, got.mass_count, got.count) == (26, 29, 59, 116)
    assert (got.p_interpersonal, got.p_mass) == pytest.approx((0.00018, 0.00091), abs=5e-6)
    assert got.p_value == got.p_mass
    assert got.is_multimodal


def test_band_edges_belong_to_the_outer_bands_and_ratios_without_following_are_left_out() -> None:
    got = antimode_test([0.8, 1.25, 5.0, 20.0, 0.79, 20.01, 1.26, 4.99, None, math.nan, math.inf, 0.0])
    assert (got.interpersonal_count, got.dead_zone_count, got.mass_count, got.count) == (2, 2, 2, 9)


def test_p_is_the_sum_of_the_binomial_tail() -> None:
    got = antimode_test([1.0] * 3 + [3.0] * 2 + [6.0] * 4)
    share = math.log(1.25 / 0.8) / (math.log(1.25 / 0.8) + math.log(4))
    tail = sum(math.comb(5, i) * share**i * (1 - share) ** (5 - i) for i in range(3, 6))
    assert got.p_interpersonal == pytest.approx(tail)
    assert got.p_mass == pytest.approx(sum(math.comb(6, i) for i in range(4, 7)) / 64)


def test_no_accounts_and_one_style_show_no_second_style() -> None:
    assert antimode_test([]).p_value == 1.0
    assert not antimode_test([10.0] * 500).is_multimodal
    with pytest.raises(ValueError, match="never negative"):
        antimode_test([-1.0])


def test_ratios_spread_evenly_on_the_log_scale_are_rarely_called_two_styles() -> None:
    generator = np.random.default_rng(9)
    calls = [antimode_test(np.exp(generator.uniform(-1, 3.2, size=200))).is_multimodal for _ in range(300)]
    assert np.mean(calls) <= 0.05


@given(st.integers(0, 100_000), st.integers(1, 60), st.sampled_from([0.5, 0.9, 0.999, 1.0, 1.001, 1.3, 2.0]))
def test_which_side_of_a_bound_the_dip_is_on_is_known_without_the_dip(seed: int, count: int, times: float) -> None:
    generator = np.random.default_rng(seed)
    values = np.concatenate([generator.random(count), generator.normal(3, 0.5, size=count)])
    dip = dip_statistic(values)
    assert has_dip_of(values, dip * times - 1e-12) == (times <= 1)
