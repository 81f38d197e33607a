"""Bootstrap limits of explained shares."""

import numpy as np
import pyarrow as pa
import pytest
from dummy_regression import draw_panel, read_arrays

from pipeline.analysis.panel import PanelFit, fit_panel
from pipeline.analysis.panel.shares import bootstrap_shares


def fit(table: pa.Table) -> PanelFit:
    return fit_panel(table, outcome="y", regressors=["x0", "x1"], unit="unit", time="time", wild_draws=0, seed=3)


def in_two_parts() -> pa.Table:
    """Two panels whose units and times have nothing in common."""
    one, other = draw_panel(4, units=9), draw_panel(5, units=8, missing=0.5)
    other = other.set_column(0, "unit", [[f"y{unit}" for unit in other["unit"].to_pylist()]])
    return pa.concat_tables([one, other.set_column(1, "time", [other["time"].to_numpy() + 100])])


def short_lives() -> pa.Table:
    """Units that were seen at four times in a row, so that a draw leaves times empty and falls apart."""
    table = draw_panel(6, units=20, times=23, missing=0.0)
    unit = np.array([int(label[2:]) for label in table["unit"].to_pylist()])
    age = table["time"].to_numpy() - unit
    return table.filter(pa.array((age >= 0) & (age < 4)))


def drawn_again(table: pa.Table, generator: np.random.Generator) -> pa.Table:
    """The rows of as many units as there are, drawn with replacement, each drawn one as a unit of its own."""
    y, x, units, times = read_arrays(table, ["x0", "x1"])
    names = np.unique(units)
    drawn = generator.integers(0, len(names), size=len(names))
    rows = [(np.flatnonzero(units == names[g]), copy) for copy, g in enumerate(drawn)]
    order = np.concatenate([positions for positions, _ in rows])
    labels = np.concatenate([np.full(len(positions), copy) for positions, copy in rows])
    return pa.table({"unit": labels, "time": times[order], "y": y[order], "x0": x[order, 0], "x1": x[order, 1]})


@pytest.mark.parametrize("table", [draw_panel(1, units=12), in_two_parts(), short_lives()], ids=["one", "two", "short"])
@pytest.mark.parametrize("seed", [3, 8])
def test_one_draw_equals_a_fit_to_the_drawn_units(table: pa.Table, seed: int) -> None:
    again = drawn_again(table, np.random.default_rng(seed))
    low, high = bootstrap_shares(fit(table).inference.regression, draws=1, seed=seed, confidence=0.95)
    assert low == pytest.approx(high)
    assert low == pytest.approx(list(fit(again).explained_shares().values()), rel=1e-7)


def test_draws_in_which_a_term_says_nothing_beyond_the_times_are_left_out() -> None:
    table = draw_panel(7, units=12, times=30)
    _, x, units, times = read_arrays(table, ["x0", "x1"])
    shared = np.where(units == units[0], x[:, 1], np.sin(times))
    table = table.set_column(table.column_names.index("x1"), "x1", [shared])
    generator, shares, left_out = np.random.default_rng(3), [], 0
    for _ in range(40):
        try:
            shares.append(list(fit(drawn_again(table, generator)).explained_shares().values()))
        except ValueError:
            left_out += 1
    limits = fit(table).explained_share_intervals(draws=40)
    assert 5 < left_out < 25
    assert list(limits.values()) == [pytest.approx(np.quantile(part, [0.025, 0.975])) for part in np.transpose(shares)]


def test_limits_hold_the_share_and_tighten_with_more_units() -> None:
    few, many = fit(draw_panel(2, units=15)), fit(draw_panel(2, units=120))
    widths = []
    for got in (few, many):
        low, high = got.explained_share_intervals(draws=200)["x0"]
        assert 0 <= low < got.explained_shares()["x0"] < high <= 1
        widths.append(high - low)
    assert widths[1] < widths[0] / 2


def test_shares_add_up_and_follow_the_size_of_the_effects() -> None:
    table = draw_panel(3, units=100, times=20, effect=0.0)
    y = table["y"].to_numpy() + 2 * table["x0"].to_numpy() + table["x1"].to_numpy()
    got = fit(table.set_column(table.column_names.index("y"), "y", [y]))
    assert sum(got.explained_shares().values()) == pytest.approx(1)
    assert sum(got.explained_r2().values()) == pytest.approx(got.within_r2)
    assert got.explained_shares() == pytest.approx({"x0": 0.8, "x1": 0.2}, abs=0.03)


def test_no_draws_are_refused() -> None:
    with pytest.raises(ValueError, match="draws >= 1"):
        fit(draw_panel(1)).explained_share_intervals(draws=0)
