"""Wild cluster bootstrap against refitted regressions, and its behaviour under a true null."""

import numpy as np
import pytest
from dummy_regression import draw_panel, read_arrays, wild_statistics

from pipeline.analysis.panel import fit_panel
from pipeline.analysis.panel.bootstrap import wild_p_value


def wild(table, weights: tuple[float, ...] = (1.0, 0.0), *, draws: int = 999, seed: int = 0) -> float:
    got = fit_panel(table, outcome="y", regressors=["x0", "x1"], unit="unit", time="time", wild_draws=0)
    return wild_p_value(got.inference.regression, np.array(weights), draws=draws, seed=seed)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_enumerated_p_equals_refitting_every_sign_vector(seed: int) -> None:
    table = draw_panel(seed, units=7, times=5, missing=0.2, effect=0.15)
    statistics = wild_statistics(*read_arrays(table, ["x0", "x1"]), j=0)
    expected = (statistics >= statistics[0] * (1 - 1e-9)).mean()
    assert 0.01 < expected < 1
    assert wild(table) == expected


def test_a_contrast_equals_the_same_test_on_rewritten_regressors() -> None:
    table = draw_panel(4, units=11, effect=0.1)
    total = table["x0"].to_numpy() + table["x1"].to_numpy()
    rewritten = table.set_column(table.column_names.index("x1"), "x1", [total])
    # b0 x0 + b1 x1 = (b0 - b1) x0 + b1 (x0 + x1)
    assert wild(table, (1.0, -1.0)) == wild(rewritten, (1.0, 0.0))
    assert wild(table, (1.0, -1.0)) == wild(table, (-250.0, 250.0))


def test_thirteen_units_are_enumerated_and_fourteen_are_drawn() -> None:
    thirteen, fourteen = draw_panel(5, units=13, effect=0.1), draw_panel(5, units=14, effect=0.1)
    assert wild(thirteen, seed=1) == wild(thirteen, seed=2)
    assert wild(thirteen) * 2**13 == int(wild(thirteen) * 2**13)
    assert wild(fourteen, seed=1) != wild(fourteen, seed=2)
    assert wild(fourteen, seed=1) == wild(fourteen, seed=1)
    assert wild(fourteen) * 1000 == pytest.approx(round(wild(fourteen) * 1000))


def test_random_draws_come_close_to_the_enumeration(monkeypatch: pytest.MonkeyPatch) -> None:
    table = draw_panel(6, units=12, effect=0.1)
    exact = wild(table)
    monkeypatch.setattr("pipeline.analysis.panel.bootstrap.MOST_ENUMERATED_UNITS", 2)
    assert 0.01 < exact < 0.95
    assert wild(table, draws=19_999) == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 19_999))


def test_blocks_do_not_change_what_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    table = draw_panel(6, units=20, effect=0.1)
    whole = wild(table, draws=1999)
    monkeypatch.setattr("pipeline.analysis.panel.bootstrap._BLOCK_ENTRIES", 1000)
    assert wild(table, draws=1999) == whole


def test_a_true_null_is_rejected_about_as_often_as_promised() -> None:
    p_values = [wild(draw_panel(seed, units=12, times=6, effect=0.0)) for seed in range(300)]
    assert 0.02 <= np.mean(np.array(p_values) <= 0.05) <= 0.09
    assert np.mean(p_values) == pytest.approx(0.5, abs=0.06)


def test_the_sample_is_a_tie_with_itself_however_little_its_error_is_beside_the_effect() -> None:
    # The sample and its mirror image, of 2^7.
    assert [wild(draw_panel(seed, units=7, times=5, missing=0.2, effect=1e4)) for seed in (1, 3, 7)] == [2 / 2**7] * 3


def test_p_is_never_zero() -> None:
    assert wild(draw_panel(8, units=30, effect=50.0), draws=99) == 0.01


def test_two_units_that_fit_exactly_prove_nothing() -> None:
    # Only rounding is left of the residuals, so rounding decided whether the sample ties with itself: p was 0 at times.
    for seed in range(20):
        table = draw_panel(seed, units=2, times=8, missing=0.0)
        x0, x1 = table["x0"].to_numpy(), table["x1"].to_numpy()
        level = 3.0 * (table["unit"].to_numpy() == table["unit"][0].as_py())
        exact = table.set_column(table.column_names.index("y"), "y", [0.7 * x0 - 0.3 * x1 + level])
        assert wild(exact) in (0.5, 1.0)
