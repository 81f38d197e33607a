"""Shrunk rates of engagement: luck of small accounts, honest limits, hostile sums."""

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.analysis.engagement import SUMS, fit_prior, shrink_engagement


def _row(key: str, reactions: list[int], trials: list[int], group: str = "mid") -> dict[str, object]:
    event, trial = np.array(reactions, dtype=np.float64), np.array(trials, dtype=np.float64)
    sums = (len(event), event.sum(), trial.sum(), (event**2).sum(), (event * trial).sum(), (trial**2).sum())
    return {"account_key": key, "basis": "impression", "prior_group": group, **dict(zip(SUMS, sums, strict=True))}


def _shrink(rows: list[dict[str, object]]) -> dict[str, dict[str, object]]:
    return {row["account_key"]: row for row in shrink_engagement(pa.Table.from_pylist(rows)).to_pylist()}


def _world(seed: int, accounts: int, dispersion: float) -> tuple[list[dict[str, object]], np.ndarray]:
    """Accounts with 3 to 40 posts whose rates vary between accounts (beta 8, 192) and between posts."""
    rng = np.random.default_rng(seed)
    rates = rng.beta(8, 192, accounts)
    rows = []
    for number, rate in enumerate(rates):
        trials = rng.integers(200, 2_000, int(rng.integers(3, 40)))
        post_rates = rng.beta(rate * dispersion, (1 - rate) * dispersion, len(trials))
        rows.append(_row(f"x:{number}", rng.binomial(trials, post_rates).tolist(), trials.tolist()))
    return rows, rates


def test_limits_hold_the_true_rate_in_about_95_per_cent_of_the_accounts() -> None:
    rows, rates = _world(seed=2, accounts=400, dispersion=60)
    shrunk = _shrink(rows)
    inside = [
        shrunk[f"x:{number}"]["conf_low"] <= rate <= shrunk[f"x:{number}"]["conf_high"]
        for number, rate in enumerate(rates)
    ]
    assert 0.92 <= np.mean(inside) <= 0.98


def test_shrunk_rates_are_nearer_to_the_truth_than_raw_ones() -> None:
    rows, rates = _world(seed=4, accounts=200, dispersion=60)
    shrunk = _shrink(rows)
    errors = {
        name: np.mean([(float(str(shrunk[f"x:{i}"][name])) - rate) ** 2 for i, rate in enumerate(rates)])
        for name in ("raw_rate", "rate")
    }
    assert errors["rate"] < 0.8 * errors["raw_rate"]


def test_one_lucky_post_does_not_put_a_small_account_first() -> None:
    rows, _ = _world(seed=6, accounts=50, dispersion=60)
    shrunk = _shrink([*rows, _row("x:lucky", [6], [40])])
    best_raw = max(shrunk.values(), key=lambda row: float(str(row["raw_rate"])))
    best = max(shrunk.values(), key=lambda row: float(str(row["rate"])))
    assert (best_raw["account_key"], best["account_key"] == "x:lucky") == ("x:lucky", False)
    assert float(str(shrunk["x:lucky"]["rate"])) < 0.06


def test_a_post_of_many_impressions_counts_as_one_post_and_not_as_many_trials() -> None:
    rows, _ = _world(seed=8, accounts=50, dispersion=60)
    shrunk = _shrink([*rows, _row("x:one_big_post", [40_000], [400_000])])
    assert float(str(shrunk["x:one_big_post"]["effective_trial_count"])) < 200


def test_an_account_without_reactions_has_a_rate_above_zero_and_limits() -> None:
    rows, _ = _world(seed=9, accounts=30, dispersion=60)
    row = _shrink([*rows, _row("x:silent", [0] * 5, [500] * 5)])["x:silent"]
    assert row["raw_rate"] == 0.0
    assert 0 < row["conf_low"] < row["rate"] < row["conf_high"] < 0.06


def test_a_small_tier_is_pulled_towards_all_accounts_and_nine_accounts_have_no_prior() -> None:
    rows, _ = _world(seed=10, accounts=30, dispersion=60)
    shrunk = _shrink([*rows, _row("x:pro", [9], [300], group="pro")])
    assert (shrunk["x:pro"]["prior_group"], shrunk["x:1"]["prior_group"]) == ("all", "mid")
    few = _shrink(rows[:9])
    assert few["x:1"]["status"] == "insufficient_data"
    assert few["x:1"]["status_reason"] == "fewer than 10 accounts of the platform to compare with"
    assert few["x:1"]["rate"] is None


def test_accounts_of_another_platform_change_no_rate() -> None:
    rows, _ = _world(seed=10, accounts=30, dispersion=60)
    others = [_row(f"bluesky:{number}", [60 + number] * 4, [100] * 4) for number in range(12)]
    alone, both = _shrink(rows), _shrink([*rows, *others])
    assert {key: both[key] for key in alone} == alone
    assert both["bluesky:3"]["prior_rate"] == _shrink(others)["bluesky:3"]["prior_rate"]
    few = _shrink([*rows, *others[:9]])
    assert few["bluesky:3"]["status"] == "insufficient_data"


def test_more_reactions_than_followers_is_no_share() -> None:
    rows, _ = _world(seed=12, accounts=30, dispersion=60)
    row = _shrink([*rows, _row("x:viral", [900], [30])])["x:viral"]
    assert (row["status"], row["rate"], row["raw_rate"]) == ("not_testable", None, 30.0)


def test_no_rows_give_no_rows() -> None:
    rows, _ = _world(seed=1, accounts=1, dispersion=60)
    assert shrink_engagement(pa.Table.from_pylist(rows).slice(0, 0)).num_rows == 0


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(50, 5_000)), min_size=12, max_size=30))
def test_any_posts_give_ordered_limits_between_0_and_1(posts: list[tuple[int, int]]) -> None:
    rows = [
        _row(f"x:{i}", [reactions] * 3, [trials, trials + 7, trials + 31])
        for i, (reactions, trials) in enumerate(posts)
    ]
    for row in _shrink(rows).values():
        assert row["status"] == "ok"
        assert 0 <= row["conf_low"] <= row["rate"] + 1e-9 <= row["conf_high"] + 2e-9 <= 1 + 2e-9


def test_the_estimate_of_an_account_does_not_depend_on_the_order_of_the_rows() -> None:
    rows, _ = _world(seed=14, accounts=40, dispersion=60)
    forward, backward = _shrink(rows), _shrink(rows[::-1])
    assert all(forward[key]["rate"] == pytest.approx(backward[key]["rate"], rel=1e-8) for key in forward)


def _log_likelihood(alpha: float, beta: float, events: list[int], trials: list[int]) -> float:
    """Of the beta-binomial distribution, factor by factor: no gamma function whose digits could be lost."""
    return math.fsum(
        math.fsum(math.log(alpha + k) for k in range(event))
        + math.fsum(math.log(beta + k) for k in range(trial - event))
        - math.fsum(math.log(alpha + beta + k) for k in range(trial))
        for event, trial in zip(events, trials, strict=True)
    )


@pytest.mark.parametrize(("mean", "strength"), [(0.1, 12.0), (0.3, 14.0), (0.5, 2.0), (0.3, 0.1)])
def test_the_prior_has_the_largest_likelihood(mean: float, strength: float) -> None:
    rng = np.random.default_rng(5)
    trials = rng.integers(5, 60, 40).tolist()
    events = [int(rng.binomial(n, rng.beta(mean * strength, (1 - mean) * strength))) for n in trials]
    prior = fit_prior(
        np.array([[1, x, n, x * x, x * n, n * n] for x, n in zip(events, trials, strict=True)], dtype=float)
    )
    assert prior is not None
    best = _log_likelihood(prior.rate * prior.strength, (1 - prior.rate) * prior.strength, events, trials)
    for rate, size in ((1.001, 1.0), (0.999, 1.0), (1.0, 1.01), (1.0, 0.99), (1.01, 1.05), (0.99, 0.95)):
        alpha = prior.rate * rate * prior.strength * size
        beta = (1 - prior.rate * rate) * prior.strength * size
        assert _log_likelihood(alpha, beta, events, trials) < best


def test_accounts_that_differ_no_more_than_chance_get_the_pooled_rate() -> None:
    same = np.array([[1, 5, 100, 25, 500, 10_000]] * 20, dtype=float)
    single = np.array([[1, x, 1, x, x, 1] for x in [1] * 5 + [0] * 15], dtype=float)
    silent = np.array([[1, 0, 100, 0, 0, 10_000]] * 20, dtype=float)
    found = [fit_prior(sums) for sums in (same, single, silent)]
    assert [(prior.rate, prior.strength) for prior in found if prior] == [
        (pytest.approx(0.05), 1e7), (pytest.approx(0.25), 1e7), (0.0, 1e7),
    ]  # fmt: skip


def test_accounts_that_are_all_or_nothing_keep_their_own_rates() -> None:
    """Their likelihood rises as the prior weakens: what stops it must not move a posterior mean by 1e-4."""
    trials = np.tile([5.0, 20.0, 60.0], 10)
    events = np.where(np.arange(30) % 5 < 2, trials, 0.0)
    sums = np.column_stack([np.ones(30), events, trials, events**2, events * trials, trials**2])
    sums[:, 0] = 2  # too few posts to measure how alike they are
    prior = fit_prior(sums)
    assert prior is not None
    posterior = (prior.rate * prior.strength + events) / (prior.strength + trials)
    assert np.abs(posterior - events / trials).max() < 1e-4
