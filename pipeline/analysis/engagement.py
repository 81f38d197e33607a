"""Engagement rates of accounts, shrunk so that a handful of posts does not put a small account first.

Rates of events (reactions) per trial (times shown, or followers at the time of the post). What counts as an event and
at which age of a post is decided in the dbt models.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.optimize import minimize
from scipy.special import betaincinv, digamma, expit, gammaln, logit

FloatArray = npt.NDArray[np.float64]

# A prior of fewer accounts would be these accounts, not their kind.
PRIOR_ACCOUNTS_FROM = 10
LARGEST_PRIOR = 1e7  # trials; stands for accounts that do not differ at all
SMALLEST_PRIOR = 1e-5
STARTS = 24  # strengths tried before the search, so that it begins at the highest of several hills
GAIN_FROM = 1e-6  # of log likelihood over accounts that do not differ: less is rounding
SUMS = ("post_count", "event_count", "trial_count", "event_square_sum", "cross_sum", "trial_square_sum")
SCHEMA = pa.schema(
    [
        ("account_key", pa.string()),
        ("basis", pa.string()),
        ("prior_group", pa.string()),
        ("post_count", pa.int64()),
        ("raw_rate", pa.float64()),
        ("rate", pa.float64()),
        ("conf_low", pa.float64()),
        ("conf_high", pa.float64()),
        ("prior_rate", pa.float64()),
        ("effective_trial_count", pa.float64()),
        ("status", pa.string()),
        ("status_reason", pa.string()),
    ]
)


@dataclass(frozen=True)
class Prior:
    """Beta distribution of the rates of a group of accounts, and how alike the posts of one account are."""

    rate: float
    strength: float  # alpha + beta
    within_correlation: float  # of two trials in the same post


def shrink_engagement(table: pa.Table, *, confidence: float = 0.95) -> pa.Table:
    """Shrunk rate with a credible interval per account and basis, in the order of the rows.

    `table` has account_key, basis, prior_group (null: none) and the sums over posts named in `SUMS`. An account is
    pulled towards the mean of its group, or of all accounts where the group is small, the more the fewer effective
    trials it has: posts differ, so a post of 10,000 impressions tells far less than 10,000 independent ones. Accounts
    of one platform say nothing of another's: groups, and all accounts, are those of a platform.
    Source: beta-binomial model, Skellam 1948; its prior is the one of the largest likelihood.
    """
    rows = table.to_pylist()
    sums = np.array([[float(row[name]) for name in SUMS] for row in rows], dtype=np.float64).reshape(len(rows), 6)
    kinds = [(row["account_key"].partition(":")[0], row["basis"]) for row in rows]
    priors: dict[tuple[tuple[str, str], str | None], Prior | None] = {}
    for kind in sorted(set(kinds)):
        of_kind = np.array([each == kind and _is_share(row) for each, row in zip(kinds, rows, strict=True)])
        priors[kind, None] = fit_prior(sums[of_kind])
        for group in sorted({row["prior_group"] for row in rows if row["prior_group"] is not None}):
            of_group = of_kind & np.array([row["prior_group"] == group for row in rows])
            priors[kind, group] = fit_prior(sums[of_group])
    estimates = [
        _estimate(row, line, priors.get((kind, row["prior_group"])), priors[kind, None], confidence)
        for row, line, kind in zip(rows, sums, kinds, strict=True)
    ]
    return pa.Table.from_pylist(estimates, schema=SCHEMA)


def fit_prior(sums: FloatArray) -> Prior | None:
    """Prior of a group from its accounts' sums, shape (accounts, 6) in the order of `SUMS`; None if too few."""
    sums = sums[sums[:, 2] > 0]
    if len(sums) < PRIOR_ACCOUNTS_FROM:
        return None
    _, events, trials, _, _, trial_squares = sums.T
    rates = events / trials
    correlation = _within_correlation(sums)
    pooled = float(events.sum() / trials.sum())
    if not 0 < pooled < 1:
        return Prior(pooled, LARGEST_PRIOR, correlation)
    effective = trials / (1 + (trial_squares / trials - 1) * correlation)
    return Prior(*_most_likely(rates * effective, effective), correlation)


def _most_likely(events: FloatArray, trials: FloatArray) -> tuple[float, float]:
    """Mean and strength (alpha + beta) of the beta-binomial distribution of the largest likelihood.

    Numbers of effective trials may be fractions. Accounts that differ no more than chance would have it give
    `LARGEST_PRIOR` and the pooled rate.
    """
    pooled = float(events.sum() / trials.sum())
    chance = float(_log_likelihood(pooled, LARGEST_PRIOR, events, trials)[0])
    starts = []
    for strength in np.geomspace(SMALLEST_PRIOR, LARGEST_PRIOR, STARTS):
        weights = trials / (1 + (trials - 1) / (strength + 1))
        mean = float(np.clip((weights * events / trials).sum() / weights.sum(), 1e-12, 1 - 1e-12))
        starts.append((_log_likelihood(mean, strength, events, trials)[0], mean, strength))
    _, mean, strength = max(starts)

    def loss(place: FloatArray) -> tuple[float, FloatArray]:
        value, slope = _log_likelihood(float(expit(place[0])), float(np.exp(place[1])), events, trials)
        return -value, -slope

    found = minimize(
        loss,
        np.array([logit(mean), np.log(strength)]),
        jac=True,
        method="L-BFGS-B",
        bounds=[(None, None), (np.log(SMALLEST_PRIOR), np.log(LARGEST_PRIOR))],
        options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 500},
    )
    if -float(found.fun) < chance + GAIN_FROM:
        return pooled, LARGEST_PRIOR
    return float(expit(found.x[0])), float(np.exp(found.x[1]))


def _log_likelihood(mean: float, strength: float, events: FloatArray, trials: FloatArray) -> tuple[float, FloatArray]:
    """Log likelihood without its constant, and its slope in logit(mean) and log(strength)."""
    alpha, beta, others = mean * strength, (1 - mean) * strength, trials - events
    value = (
        (gammaln(alpha + events) - gammaln(alpha)).sum()
        + (gammaln(beta + others) - gammaln(beta)).sum()
        - (gammaln(strength + trials) - gammaln(strength)).sum()
    )
    of_alpha = float((digamma(alpha + events) - digamma(alpha)).sum())
    of_beta = float((digamma(beta + others) - digamma(beta)).sum())
    of_both = float((digamma(strength + trials) - digamma(strength)).sum())
    slope = [
        strength * mean * (1 - mean) * (of_alpha - of_beta),
        alpha * of_alpha + beta * of_beta - strength * of_both,
    ]
    return float(value), np.array(slope)


def _within_correlation(sums: FloatArray) -> float:
    """Pooled over accounts with at least three posts, weighted with their posts; 0 where posts vary as chance would."""
    posts, events, trials, event_squares, cross, trial_squares = sums[(sums[:, 0] >= 3) & (sums[:, 1] > 0)].T
    rates = events / trials
    # Variance of a ratio of two sums over posts, against that of independent trials.
    variance = (event_squares - 2 * rates * cross + rates**2 * trial_squares) * posts / (posts - 1) / trials**2
    inflation = variance * trials / (rates * (1 - rates))
    usual_size = trial_squares / trials - 1
    known = (usual_size > 0) & (rates < 1)
    if not known.any():
        return 0.0
    correlations = (inflation[known] - 1) / usual_size[known]
    return float(np.clip((correlations * posts[known]).sum() / posts[known].sum(), 0.0, 1.0))


def _is_share(row: dict[str, float]) -> bool:
    return 0 <= row["event_count"] <= row["trial_count"] and row["trial_count"] > 0


def _estimate(
    row: dict[str, float], sums: FloatArray, own: Prior | None, everybody: Prior | None, confidence: float
) -> dict[str, object]:
    prior = own or everybody
    trials = float(sums[2])
    raw = float(sums[1]) / trials if trials > 0 else None
    estimate: dict[str, object] = {
        "account_key": row["account_key"],
        "basis": row["basis"],
        "prior_group": (row["prior_group"] if own else "all") if prior else None,
        "post_count": row["post_count"],
        "raw_rate": raw,
        "status": "ok",
    }
    if not _is_share(row):
        reason = "more reactions than times shown or followers: not a share"
        return estimate | {"status": "not_testable", "status_reason": reason}
    if prior is None:
        reason = f"fewer than {PRIOR_ACCOUNTS_FROM} accounts of the platform to compare with"
        return estimate | {"status": "insufficient_data", "status_reason": reason}
    effective = trials / (1 + max(0.0, float(sums[5]) / trials - 1) * prior.within_correlation)
    alpha = prior.rate * prior.strength + (raw or 0.0) * effective
    beta = (1 - prior.rate) * prior.strength + (1 - (raw or 0.0)) * effective
    limits = _beta_limits(alpha, beta, confidence)
    return estimate | {
        "rate": _published(alpha / (alpha + beta)),
        "conf_low": _published(limits[0]),
        "conf_high": _published(limits[1]),
        "prior_rate": _published(prior.rate),
        "effective_trial_count": _published(effective),
    }


def _beta_limits(alpha: float, beta: float, confidence: float) -> Sequence[float]:
    if alpha <= 0 or beta <= 0:
        return (alpha / (alpha + beta),) * 2
    tail = (1 - confidence) / 2
    return float(betaincinv(alpha, beta, tail)), float(betaincinv(alpha, beta, 1 - tail))


def _published(value: float) -> float:
    """Nine significant digits: the last ones depend on the machine."""
    return 0.0 if value == 0 else round(value, 8 - math.floor(math.log10(abs(value))))
