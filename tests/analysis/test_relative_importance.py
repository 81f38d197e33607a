"""Shapley split of R2."""

import csv
import json
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.analysis.relative_importance import lmg, relative_importance


def draw_data(seed: int, n: int = 40, p: int = 4) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(n, p)) @ generator.normal(size=(p, p)) + generator.normal(size=p) * 10
    return x, x @ generator.normal(size=p) + 2 * generator.normal(size=n)


def r2_of(x: np.ndarray, y: np.ndarray) -> float:
    design = np.column_stack([np.ones(len(y)), x])
    left = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    return 1 - left @ left / ((y - y.mean()) @ (y - y.mean()))


def test_split_equals_the_reference(oracles: Path) -> None:
    folder = oracles / "04a_lmg_swiss"
    with (folder / "input.csv").open(newline="") as stream:
        header, *rows = csv.reader(stream)
    values = np.array(rows, dtype=float)
    expected = json.loads((folder / "expected.json").read_text())
    got = relative_importance(values[:, 1:], values[:, 0])
    assert got.r2 == pytest.approx(expected["r2"], abs=1e-9)
    for name in ("lmg", "lmg_share", "first", "last", "pratt"):
        assert getattr(got, name) == pytest.approx([expected[name][column] for column in header[1:]], abs=1e-9)
    assert lmg(values[:, 1:], values[:, 0]) == pytest.approx(got.lmg, abs=0)


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_split_is_the_mean_gain_over_all_orders(seed: int) -> None:
    x, y = draw_data(seed)
    gains = np.zeros(4)
    for order in permutations(range(4)):
        for position, j in enumerate(order):
            before, after = list(order[:position]), list(order[: position + 1])
            gains[j] += (r2_of(x[:, after], y) - r2_of(x[:, before], y)) / 24
    assert lmg(x, y) == pytest.approx(gains, abs=1e-9)
    assert lmg(x, y).sum() == pytest.approx(r2_of(x, y), abs=1e-9)


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.permutations(range(4)), st.floats(0.001, 1000))
def test_split_follows_its_columns_and_ignores_units(seed: int, order: list[int], factor: float) -> None:
    x, y = draw_data(seed)
    assert lmg(x[:, order] * factor + 3, y * factor) == pytest.approx(lmg(x, y)[order], abs=1e-8)


def test_a_single_regressor_takes_all_of_r2() -> None:
    x, y = draw_data(1, p=1)
    assert lmg(x, y) == pytest.approx([r2_of(x, y)])


def test_a_duplicated_column_shares_with_its_twin() -> None:
    x, y = draw_data(2, p=2)
    alone, twins = lmg(x, y), lmg(np.column_stack([x, x[:, 0]]), y)
    assert twins[0] == pytest.approx(twins[2], abs=1e-9)
    assert twins.sum() == pytest.approx(alone.sum(), abs=1e-9)


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        ([[0.1], [0.1], [0.1]], [1, 2, 3], "column 0 of x is constant"),
        ([[1], [2], [3]], [2, 2, 2], "y is constant"),
        ([[1], [np.nan], [3]], [1, 2, 3], "missing or infinite"),
        ([[1], [2]], [1, 2, 3], "shape"),
        (np.eye(20, 17), np.arange(20), "1 to 16 regressors, got 17"),
        (np.empty((3, 0)), [1, 2, 3], "1 to 16 regressors, got 0"),
    ],
)
def test_unusable_input_says_what_is_wrong(x, y, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        lmg(x, y)


def test_independent_regressors_get_their_true_shares() -> None:
    generator = np.random.default_rng(3)
    x = generator.normal(size=(20_000, 3))
    y = x @ np.array([1.0, 2.0, 0.0]) + np.sqrt(5) * generator.normal(size=20_000)
    assert lmg(x, y) == pytest.approx([0.1, 0.4, 0.0], abs=0.015)
