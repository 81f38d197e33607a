"""Unit and time effects leave no trace."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.analysis.panel.projection import build_two_way, demean_two_way, sum_by_cell, sum_by_time, sum_by_unit

CELLS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 5)), min_size=1, max_size=60)


def encode(cells: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    unit, time = (np.unique(values, return_inverse=True)[1] for values in zip(*sorted(cells), strict=True))
    return unit, time


@settings(deadline=None)
@given(CELLS, st.integers(0, 1000))
def test_what_is_left_equals_the_residual_of_a_regression_on_dummies(cells: list[tuple[int, int]], seed: int) -> None:
    unit, time = encode(cells)
    effects = build_two_way(unit, time)
    values = np.random.default_rng(seed).normal(size=(len(unit), 2)) + 1000
    design = np.hstack([np.eye(unit.max() + 1)[unit], np.eye(time.max() + 1)[time]])
    expected = values - design @ np.linalg.lstsq(design, values, rcond=1e-12)[0]
    assert demean_two_way(effects, values) == pytest.approx(expected, abs=1e-9)
    assert effects.rank == np.linalg.matrix_rank(design)


def test_unconnected_parts_keep_their_own_time_effects() -> None:
    unit, time = np.array([0, 0, 1, 1, 2, 2, 3, 3]), np.array([0, 1, 0, 1, 2, 3, 2, 3])
    effects = build_two_way(unit, time)
    assert effects.rank == 6
    step = np.array([0.0, 5, 0, 5, 0, -7, 0, -7])[:, None]
    assert demean_two_way(effects, step) == pytest.approx(np.zeros((8, 1)), abs=1e-12)


def test_sums_go_to_the_right_unit_time_and_cell() -> None:
    effects = build_two_way(np.array([0, 0, 0, 1, 1]), np.array([0, 1, 1, 0, 1]))
    values = np.array([1.0, 2, 4, 8, 16])
    assert sum_by_unit(effects, values[:, None]).tolist() == [[7], [24]]
    assert sum_by_time(effects, values).tolist() == [9, 22]
    assert sum_by_cell(effects, values).tolist() == [[1, 6], [8, 16]]
    assert effects.cell_counts.toarray().tolist() == [[1, 2], [1, 1]]
