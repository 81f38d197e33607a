"""One series of daily counts: what is found, how often a null is rejected, and what is refused."""

import numpy as np
import pytest

from pipeline.analysis.daily_counts import DailyFit, fit_daily_counts


def smooth(rng: np.random.Generator, days: int, persistence: float) -> np.ndarray:
    values = rng.normal(size=days)
    for day in range(1, days):
        values[day] = persistence * values[day - 1] + np.sqrt(1 - persistence**2) * values[day]
    return values


def fit(seed: int, *, days: int = 120, effect: float = 0.0, persistence: float = 0.5) -> DailyFit:
    rng = np.random.default_rng(seed)
    x, mood = smooth(rng, days, persistence), smooth(rng, days, persistence)
    counts = rng.poisson(np.exp(1.5 + effect * x + 0.3 * mood)).astype(float)
    return fit_daily_counts(counts, np.column_stack([np.ones(days), x]), np.arange(days), ["level", "x"])


def test_a_known_association_lies_in_its_interval() -> None:
    inside = [fit(seed, effect=0.4).estimate("x") for seed in range(60)]
    assert sum(each.conf_low < 0.4 < each.conf_high for each in inside) >= 52
    assert np.mean([each.estimate for each in inside]) == pytest.approx(0.4, abs=0.03)


def test_days_that_resemble_their_neighbours_do_not_make_a_finding() -> None:
    rejected = sum(fit(seed, persistence=0.7).estimate("x").p_value < 0.05 for seed in range(200))
    assert 3 <= rejected <= 20


def test_coefficients_solve_the_likelihood_equations() -> None:
    days, rng = 80, np.random.default_rng(1)
    design = np.column_stack([np.ones(days), rng.normal(size=days)])
    counts = rng.poisson(3.0, days).astype(float)
    got = fit_daily_counts(counts, design, np.arange(days), ["level", "x"])
    assert design.T @ (counts - got.mean) == pytest.approx(np.zeros(2), abs=1e-6)
    assert got.mean == pytest.approx(np.exp(design @ got.coefficients))


def test_missing_days_are_gaps_and_not_neighbours() -> None:
    days, rng = 100, np.random.default_rng(2)
    kept = np.flatnonzero(rng.random(days) < 0.7)
    design = np.column_stack([np.ones(days), smooth(rng, days, 0.5)])
    counts = rng.poisson(4.0, days).astype(float)
    gaps = fit_daily_counts(counts[kept], design[kept], kept, ["level", "x"])
    closed = fit_daily_counts(counts[kept], design[kept], np.arange(len(kept)), ["level", "x"])
    assert gaps.coefficients == pytest.approx(closed.coefficients)
    assert gaps.df > closed.df
    assert gaps.estimate("x").standard_error != closed.estimate("x").standard_error


def test_what_cannot_be_fitted_is_refused_in_words() -> None:
    ones, days = np.ones((20, 1)), np.arange(20)
    with pytest.raises(ValueError, match="no counts"):
        fit_daily_counts(np.zeros(20), ones, days, ["level"])
    with pytest.raises(ValueError, match="no counts"):
        fit_daily_counts(-np.ones(20), ones, days, ["level"])
    with pytest.raises(ValueError, match="'twin' does not vary"):
        fit_daily_counts(np.ones(20), np.hstack([ones, 2 * ones]), days, ["level", "twin"])
