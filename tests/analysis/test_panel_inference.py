"""Coefficients and cluster-robust errors against least squares with explicit dummies."""

import numpy as np
import pyarrow as pa
import pytest
from dummy_regression import draw_panel, fit_with_dummies, read_arrays, scores_by_unit
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.analysis.panel import PanelFit, fit_panel, inference
from pipeline.analysis.panel.inference import choose_method

TERMS = ["x0", "x1"]
SEEDS = st.integers(0, 100_000)


def fit(table: pa.Table, terms: list[str] = TERMS) -> PanelFit:
    return fit_panel(table, outcome="y", regressors=terms, unit="unit", time="time", wild_draws=0)


def figures(got: PanelFit) -> list[float]:
    return [f for e in got.estimates.values() for f in (e.estimate, e.se_crv1, e.se_crv3)]


def replace(table: pa.Table, name: str, values: np.ndarray | list) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, pa.array(values))


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.floats(0, 0.5))
def test_unbalanced_panel_equals_a_regression_with_dummies(seed: int, missing: float) -> None:
    table = draw_panel(seed, missing=missing)
    got = fit(table)
    regression = got.inference.regression
    y, x, units, times = read_arrays(table, TERMS)
    assume(got.n_dropped == 0)
    b, residuals, demeaned = fit_with_dummies(y, x, units, times)
    bread = np.linalg.inv(demeaned.T @ demeaned)
    scores = scores_by_unit(demeaned, residuals, units)
    g, n, k = got.n_units, got.n_obs, 2 + got.n_times
    crv1 = bread @ scores.T @ scores @ bread * g / (g - 1) * (n - 1) / (n - k)
    changes = [fit_with_dummies(y[m], x[m], units[m], times[m])[0] - b for m in (units != u for u in np.unique(units))]
    crv3 = (g - 1) / g * np.array(changes).T @ np.array(changes)
    assert regression.coefficients == pytest.approx(b, rel=1e-8)
    assert got.inference.covariance_crv1 == pytest.approx(crv1, rel=1e-7)
    assert got.inference.covariance_crv3 == pytest.approx(crv3, rel=1e-7)


@settings(max_examples=15, deadline=None)
@given(SEEDS, st.randoms(use_true_random=False))
def test_row_order_changes_no_digit(seed: int, random) -> None:
    table = draw_panel(seed)
    order = list(range(table.num_rows))
    random.shuffle(order)
    assert fit(table.take(order)).estimates == fit(table).estimates


@settings(max_examples=15, deadline=None)
@given(SEEDS, st.randoms(use_true_random=False))
def test_names_of_units_and_times_do_not_matter(seed: int, random) -> None:
    table = draw_panel(seed)
    labels = sorted(set(table["unit"].to_pylist()))
    renamed = dict(zip(labels, random.sample(range(1000), len(labels)), strict=True))
    other = replace(table, "unit", [str(renamed[label]) for label in table["unit"].to_pylist()])
    other = replace(other, "time", [-week for week in table["time"].to_pylist()])
    assert figures(fit(other)) == pytest.approx(figures(fit(table)), rel=1e-9)


@settings(max_examples=15, deadline=None)
@given(SEEDS)
def test_constants_per_unit_and_time_leave_every_figure(seed: int) -> None:
    table = draw_panel(seed)
    generator = np.random.default_rng(seed)
    units = np.array([int(label[2:]) for label in table["unit"].to_pylist()])
    shift = generator.normal(size=1000)[units] * 100 + generator.normal(size=1000)[table["time"].to_numpy()] * 100
    other = replace(replace(table, "y", table["y"].to_numpy() + shift), "x0", table["x0"].to_numpy() - 3 * shift)
    assert figures(fit(other)) == pytest.approx(figures(fit(table)), rel=1e-7)


def test_units_of_measurement_scale_estimates_and_errors_alike() -> None:
    table = draw_panel(6)
    large = replace(replace(table, "x0", table["x0"].to_numpy() * 1e-6), "x1", table["x1"].to_numpy() * 1e6)
    expected = [f * factor for f, factor in zip(figures(fit(table)), [1e6] * 3 + [1e-6] * 3, strict=True)]
    assert figures(fit(large)) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda t: np.full(t.num_rows, 7.3), "'extra' does not vary beyond the effects"),
        (lambda t: t["time"].to_numpy() * 1.1 + 5, "'extra' does not vary beyond the effects"),
        (lambda t: [len(u) + int(u[2:]) for u in t["unit"].to_pylist()], "'extra' does not vary beyond the effects"),
        (lambda t: t["x0"].to_numpy() * 3 - t["x1"].to_numpy() + t["time"].to_numpy(), "'extra' is a combination"),
    ],
)
def test_a_term_without_information_is_refused_by_name(make, words: str) -> None:
    table = draw_panel(7)
    with pytest.raises(ValueError, match=words):
        fit(table.append_column("extra", pa.array(make(table))), ["x0", "x1", "extra"])


def test_an_outcome_without_variation_is_refused_by_name() -> None:
    table = draw_panel(7)
    with pytest.raises(ValueError, match="'y' does not vary"):
        fit(replace(table, "y", np.ones(table.num_rows)))


def test_a_week_that_one_unit_alone_has_does_not_break_the_jackknife() -> None:
    table = draw_panel(9, missing=0.0, units=11)
    # Two rows of the same unit in a week of its own: no singleton, but the week goes when the unit goes.
    extra = pa.table({"unit": ["x:003"] * 2, "time": [99, 99], "y": [1.0, 4.0], "x0": [0.0, 1.0], "x1": [3.0, 1.0]})
    table = pa.concat_tables([table, extra])
    got = fit(table)
    y, x, units, times = read_arrays(table, TERMS)
    b = fit_with_dummies(y, x, units, times)[0]
    changes = [fit_with_dummies(y[m], x[m], units[m], times[m])[0] - b for m in (units != u for u in np.unique(units))]
    expected = np.sqrt(10 / 11 * (np.array(changes) ** 2).sum(axis=0))
    assert [e.se_crv3 for e in got.estimates.values()] == pytest.approx(expected, rel=1e-8)


def test_the_jackknife_of_units_with_many_rows_equals_refits() -> None:
    # Four rows per unit and time: more rows of a unit than times and terms. Unit 3 alone identifies the last term.
    table = pa.concat_tables([draw_panel(seed, missing=0.2, units=11, times=5) for seed in range(4)]).sort_by("unit")
    is_third = np.array([unit == "x:003" for unit in table["unit"].to_pylist()])
    alone = np.where(is_third, np.random.default_rng(1).normal(size=len(is_third)), 0.0)
    got = fit_panel(
        table.append_column("x2", pa.array(alone)), outcome="y", regressors=[*TERMS, "x2"], unit="unit", time="time"
    )
    assert got.inference.regression.effects.unit_sizes.min() > 5 + 3
    y, x, units, times = read_arrays(table, TERMS)
    b = fit_with_dummies(y, np.column_stack([x, alone]), units, times)[0][:2]
    changes = []
    for unit in np.unique(units):
        kept = units != unit
        terms = x if unit == "x:003" else np.column_stack([x, alone])
        changes.append(fit_with_dummies(y[kept], terms[kept], units[kept], times[kept])[0][:2] - b)
    expected = 10 / 11 * np.array(changes).T @ np.array(changes)
    assert got.inference.covariance_crv3[:2, :2] == pytest.approx(expected, rel=1e-8)
    assert np.isnan(got.inference.covariance_crv3[2]).all()


def test_few_or_dominated_clusters_choose_the_jackknife() -> None:
    assert [choose_method(units, 0.05) for units in (9, 10, 49, 50)] == ["none", "crv3", "crv3", "crv1"]
    assert choose_method(500, 0.10) == "crv3"


def test_intervals_cover_the_truth_and_estimates_centre_on_it() -> None:
    covered, estimates = 0, []
    for seed in range(200):
        estimate = fit(draw_panel(seed, units=25, times=10, effect=0.5)).estimates["x0"]
        covered += estimate.conf_low <= 0.5 <= estimate.conf_high
        estimates.append(estimate.estimate)
    assert np.mean(estimates) == pytest.approx(0.5, abs=4 * np.std(estimates) / np.sqrt(200))
    assert covered >= 184


@pytest.mark.parametrize("missing", [0.0, 0.15])
def test_units_of_equal_times_are_left_out_together_as_they_are_one_by_one(missing: float) -> None:
    table = draw_panel(11, units=40, times=4, missing=missing)
    regression = fit(table).inference.regression
    groups = list(inference._by_times(regression.effects))
    assert sorted(unit for units in groups for unit in units) == list(range(40))
    assert max(map(len, groups)) == (40 if missing == 0 else max(map(len, groups))) > 1
    one_by_one = np.array([inference._change_without(regression, unit) for unit in range(40)])
    assert regression.jackknife_changes == pytest.approx(one_by_one, rel=1e-9, abs=1e-12)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inference, "_UNITS_AT_ONCE", 3)
        assert fit(table).inference.regression.jackknife_changes == pytest.approx(one_by_one, rel=1e-9, abs=1e-12)
