"""Panel regression from the outside: reference figures, the few-cluster rule, what is refused."""

import datetime
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest
from dummy_regression import draw_panel, fit_with_dummies, read_arrays

from pipeline.analysis.panel import InsufficientDataError, PanelFit, fit_panel

TERMS = ["x0", "x1"]


def fit(table: pa.Table, terms: list[str] = TERMS, **options) -> PanelFit:
    return fit_panel(table, outcome="y", regressors=terms, unit="unit", time="time", **{"wild_draws": 199} | options)


@pytest.fixture(scope="module")
def reference(oracles: Path) -> tuple[PanelFit, dict]:
    folder = oracles / "01a_panel_grunfeld_balanced"
    table = pyarrow.csv.read_csv(folder / "input.csv")
    got = fit_panel(table, outcome="inv", regressors=["value", "capital"], unit="firm", time="year")
    return got, json.loads((folder / "expected.json").read_text())


def test_coefficients_and_errors_equal_the_reference(reference: tuple[PanelFit, dict]) -> None:
    got, expected = reference
    assert (got.n_obs, got.n_units, got.n_times, got.n_dropped) == (200, 10, 20, 0)
    assert got.within_r2 == pytest.approx(expected["r2_within"], rel=1e-6)
    for term, estimate in got.estimates.items():
        assert estimate.estimate == pytest.approx(expected["coef"][term], rel=1e-9)
        assert estimate.se_crv1 == pytest.approx(expected["se_crv1_nonnested"][term], rel=1e-9)
        assert estimate.se_crv1_nonnested == estimate.se_crv1
        assert estimate.se_crv3 == pytest.approx(expected["se_crv3"][term], rel=1e-9)
        assert estimate.within_sd == pytest.approx(expected["within_sd"][term], rel=1e-9)
        assert estimate.standardised_estimate == pytest.approx(expected["coef_std_within"][term], rel=1e-9)
        low, high = expected["ci95_crv1_t_Gminus1"][term]
        width = (high - low) / 2 / expected["se_crv1_nonnested"][term]
        assert estimate.conf_high - estimate.estimate == pytest.approx(width * expected["se_crv3"][term], rel=1e-8)


def test_enumerated_wild_p_values_equal_the_reference(reference: tuple[PanelFit, dict]) -> None:
    got, expected = reference
    wild = expected["wild_cluster_full_enumeration"]
    assert got.estimates["value"].p_wild == wild["H0_value_eq_0"]["p_weak"]
    assert got.estimates["capital"].p_wild == wild["H0_capital_eq_0"]["p_weak"]
    assert got.contrast({"value": 1, "capital": -1}).p_wild == wild["H0_first_eq_second"]["p_weak"]


def test_contrasts_equal_the_reference_raw_and_per_within_sd(reference: tuple[PanelFit, dict]) -> None:
    got, expected = reference
    swing = {term: estimate.within_sd for term, estimate in got.estimates.items()}
    for name, weights in [
        ("contrast_raw_first_minus_second", {"value": 1, "capital": -1}),
        ("contrast_within_sd_first_minus_second", {"value": swing["value"], "capital": -swing["capital"]}),
    ]:
        contrast, want = got.contrast(weights), expected[name]
        assert contrast.estimate == pytest.approx(want["crv3"]["estimate"], rel=1e-9)
        assert contrast.se_crv1 == pytest.approx(want["crv1"]["se"], rel=1e-9)
        assert contrast.p_crv1 == pytest.approx(want["crv1"]["p_two_sided"], rel=1e-8)
        assert contrast.method == "crv3"
        assert contrast.standard_error == pytest.approx(want["crv3"]["se"], rel=1e-9)
        assert contrast.df == want["crv3"]["df"]
        assert contrast.p_value == contrast.p_crv3 == pytest.approx(want["crv3"]["p_two_sided"], rel=1e-8)
        assert contrast.p_one_sided == pytest.approx(want["crv3"]["p_one_sided_greater"], rel=1e-8)
        assert (contrast.conf_low, contrast.conf_high) == pytest.approx(want["crv3"]["ci95"], rel=1e-8)


def test_explained_shares_equal_the_reference(reference: tuple[PanelFit, dict]) -> None:
    got, expected = reference
    assert got.explained_shares() == pytest.approx(expected["lmg_share_of_within_r2"], rel=1e-9)
    assert got.explained_r2() == pytest.approx(expected["lmg_within_r2"], rel=1e-9)


def test_ten_units_are_tested_with_the_jackknife_and_nine_not_at_all() -> None:
    ten, nine = fit(draw_panel(1, units=10)), fit(draw_panel(1, units=9))
    estimate = ten.estimates["x0"]
    assert (ten.status, estimate.method, estimate.df) == ("ok", "crv3", 9)
    assert (estimate.standard_error, estimate.p_value) == (estimate.se_crv3, estimate.p_crv3)
    assert (nine.status, nine.status_reason) == ("insufficient_data", "9 units; a test needs at least 10")
    estimate = nine.estimates["x0"]
    assert (estimate.p_crv1, estimate.p_crv3, estimate.p_value, estimate.conf_low) == (None, None, None, None)
    assert (estimate.status, estimate.method, estimate.standard_error) == ("insufficient_data", "none", None)
    assert estimate.se_crv3 > 0
    assert 0 < estimate.p_wild <= 1
    assert nine.contrast({"x0": 1, "x1": -1}).status == "insufficient_data"


def test_fifty_even_units_are_tested_with_crv1() -> None:
    many = fit(draw_panel(2, units=50)).estimates["x0"]
    assert (many.method, many.standard_error, many.p_value) == ("crv1", many.se_crv1, many.p_crv1)
    assert fit(draw_panel(2, units=49)).estimates["x0"].method == "crv3"


def test_one_dominating_unit_brings_the_jackknife_back() -> None:
    table = draw_panel(2, units=60)
    factor = np.where(np.array(table["unit"].to_pylist()) == "x:000", 30.0, 1.0)
    table = table.set_column(table.column_names.index("x0"), "x0", pa.array(table["x0"].to_numpy() * factor))
    got = fit(table)
    assert got.inference.max_leverage_share > 0.4
    assert got.estimates["x0"].method == "crv3"


def test_a_term_that_one_unit_alone_identifies_is_not_tested() -> None:
    table = draw_panel(3, units=15)
    own = np.where(np.array(table["unit"].to_pylist()) == "x:004", np.random.default_rng(0).random(table.num_rows), 0)
    got = fit(table.append_column("own", pa.array(own)), [*TERMS, "own"])
    lost, kept = got.estimates["own"], got.estimates["x0"]
    assert (lost.status, lost.se_crv3, lost.p_value, lost.conf_low) == ("not_testable", None, None, None)
    assert "too few units identify" in lost.status_reason
    assert kept.status == "ok"
    assert kept.se_crv3 == pytest.approx(fit(table).estimates["x0"].se_crv3, rel=0.2)
    assert got.contrast({"x0": 1, "own": 1}).status == "not_testable"
    assert got.contrast({"x0": 1, "own": 0}).p_value == pytest.approx(kept.p_value)


def test_an_exact_fit_has_estimates_but_no_tests() -> None:
    table = draw_panel(4, units=12)
    exact = pa.array(2 * table["x0"].to_numpy() - table["x1"].to_numpy())
    got = fit(table.set_column(table.column_names.index("y"), "y", exact))
    assert got.status == "not_testable"
    assert [e.estimate for e in got.estimates.values()] == pytest.approx([2, -1])
    assert [(e.p_value, e.p_wild, e.conf_low) for e in got.estimates.values()] == [(None, None, None)] * 2


def test_a_contrast_of_unknown_or_no_terms_is_refused() -> None:
    got = fit(draw_panel(1), wild_draws=0)
    with pytest.raises(ValueError, match="no term 'x7' in the model; its terms are x0, x1"):
        got.contrast({"x7": 1})
    with pytest.raises(ValueError, match="at least one of them not 0"):
        got.contrast({"x0": 0})


def test_the_one_sided_p_is_small_for_effects_above_zero() -> None:
    got = fit(draw_panel(1, units=30, effect=2.0), wild_draws=0)
    above, below = got.contrast({"x0": 1, "x1": 1}), got.contrast({"x0": -1, "x1": -1})
    assert above.p_one_sided < 1e-6
    assert above.p_one_sided == pytest.approx(above.p_value / 2)
    assert below.p_one_sided == pytest.approx(1 - above.p_one_sided)


def test_within_sd_is_the_spread_that_the_effects_leave() -> None:
    table = draw_panel(5)
    y, x, units, times = read_arrays(table, TERMS)
    left = fit_with_dummies(y, x, units, times)[2]
    expected = left.std(axis=0, ddof=1)
    assert [e.within_sd for e in fit(table, wild_draws=0).estimates.values()] == pytest.approx(expected, rel=1e-9)


def test_no_draws_mean_no_wild_p() -> None:
    assert fit(draw_panel(1), wild_draws=0).estimates["x0"].p_wild is None


def test_time_may_be_a_date_and_unit_a_number() -> None:
    table = draw_panel(5)
    dates = [datetime.date(2025, 1, 6) + datetime.timedelta(weeks=week) for week in table["time"].to_pylist()]
    numbers = [int(unit[2:]) for unit in table["unit"].to_pylist()]
    other = table.drop_columns(["unit", "time"]).append_column("time", [dates]).append_column("unit", [numbers])
    assert fit(other).estimates == fit(table).estimates


def test_too_few_rows_are_an_error_of_their_own() -> None:
    table = pa.table({"unit": ["a", "a", "b", "b"], "time": [1, 2, 1, 2], "y": [1.0, 2, 4, 3], "x0": [1.0, 5, 2, 2]})
    with pytest.raises(InsufficientDataError, match="4 rows cannot carry 2 units, 2 times and 1 terms"):
        fit(table, ["x0"])


SCRIPT = """
import dataclasses
from dummy_regression import draw_panel
from pipeline.analysis.panel import fit_panel
got = fit_panel(draw_panel(8, units=20), outcome="y", regressors=["x0", "x1"], unit="unit", time="time", wild_draws=499)
print([dataclasses.astuple(e) for e in got.estimates.values()], got.explained_share_intervals(draws=20))
"""


def test_two_processes_with_different_hash_seeds_print_the_same_digits() -> None:
    folders = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[2])])
    printed = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": folders},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert printed[0].startswith("[('x0', ")
    assert printed[0] == printed[1]
