"""What is said about one coefficient or contrast: errors, tests and limits under the rule for few clusters.

The covariances come from `inference`, the wild p-value from `bootstrap`; `panel` puts the model together.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr, stdtrit

from pipeline.analysis.panel.bootstrap import wild_p_value
from pipeline.analysis.panel.inference import (
    FEWEST_CLUSTERS,
    Method,
    WithinRegression,
    choose_method,
    crv1_covariance,
    crv3_covariance,
    is_exact,
    largest_leverage_share,
)

FloatArray = npt.NDArray[np.float64]
Status = Literal["ok", "insufficient_data", "not_testable"]
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Estimate:
    """A coefficient or a weighted sum of coefficients; None where a figure cannot be given, with the reason.

    `standard_error`, `p_value`, `p_one_sided` (small if the estimate is above 0) and the 95 % limits follow `method`,
    and carry what earlier steps add (see `generated`); `se_crv1` and `se_crv3` do not.
    All tests are t tests with `df` = units - 1, except `p_wild`; all are two-sided, except `p_one_sided`.
    """

    term: str
    estimate: float
    se_crv1: float | None
    se_crv3: float | None
    df: int
    p_crv1: float | None
    p_crv3: float | None
    p_wild: float | None
    method: Method
    standard_error: float | None
    p_value: float | None
    p_one_sided: float | None
    conf_low: float | None
    conf_high: float | None
    within_sd: float | None  # SD of the two-way demeaned regressor; None for a contrast
    status: Status
    status_reason: str

    @property
    def se_crv1_nonnested(self) -> float | None:
        """`se_crv1` under the name of its convention: unit effects are nested in the clusters and cost no degrees."""
        return self.se_crv1

    @property
    def standardised_estimate(self) -> float | None:
        """Change in the outcome for one typical within-unit swing of the regressor; None for a contrast."""
        return None if self.within_sd is None else self.estimate * self.within_sd


@dataclass(frozen=True)
class Inference:
    """A regression with everything that a statement about its coefficients needs."""

    regression: WithinRegression
    covariance_crv1: FloatArray  # (k, k)
    covariance_crv3: FloatArray  # (k, k), NaN for terms that one unit alone identifies, and where it was left out
    covariance: FloatArray  # (k, k) the one that counts, with what earlier steps add to it; NaN below 10 units
    max_leverage_share: float  # largest part of the terms' leverage that one unit holds, 0..1
    method: Method
    status: Status
    status_reason: str
    wild_draws: int
    seed: int


def prepare_inference(regression: WithinRegression, *, wild_draws: int, seed: int, jackknife: bool = True) -> Inference:
    """Compute the covariances and decide which of them counts; without `jackknife` CRV3 only where it does."""
    units, leverage = regression.unit_count, largest_leverage_share(regression)
    method = choose_method(units, leverage)
    status: Status = "ok"
    reason = ""
    if method == "none":
        status, reason = "insufficient_data", f"{units} units; a test needs at least {FEWEST_CLUSTERS}"
    elif is_exact(regression):
        status, reason = (
            "not_testable",
            "the model fits the outcome exactly, so nothing is left to estimate an error from",
        )
    unknown = np.full_like(regression.bread, math.nan)
    crv1 = crv1_covariance(regression)
    crv3 = crv3_covariance(regression) if jackknife or method == "crv3" else unknown
    return Inference(
        regression=regression,
        covariance_crv1=crv1,
        covariance_crv3=crv3,
        covariance={"crv1": crv1, "crv3": crv3, "none": unknown}[method],
        max_leverage_share=leverage,
        method=method,
        status=status,
        status_reason=reason,
        wild_draws=wild_draws,
        seed=seed,
    )


def estimate_sum(inference: Inference, label: str, weights: FloatArray, *, within_sd: float | None) -> Estimate:
    """Estimate and test the sum of the coefficients with `weights` (k,)."""
    regression = inference.regression
    estimate = float(weights @ regression.coefficients)
    df = regression.unit_count - 1
    se_crv1 = _standard_error(inference.covariance_crv1, weights)
    se_crv3 = _standard_error(inference.covariance_crv3, weights)
    method, status, reason = inference.method, inference.status, inference.status_reason
    main = _standard_error(inference.covariance, weights)
    if status == "ok" and math.isnan(main):
        status, reason = "not_testable", "too few units identify the term, so its error over units is undefined"
    testable = status == "ok"
    width = float(stdtrit(df, 0.5 + CONFIDENCE / 2)) * main
    tested = inference.status != "not_testable"
    p_wild = wild_p_value(regression, weights, draws=inference.wild_draws, seed=inference.seed) if tested else None
    return Estimate(
        term=label,
        estimate=estimate,
        se_crv1=None if math.isnan(se_crv1) else se_crv1,
        se_crv3=None if math.isnan(se_crv3) else se_crv3,
        df=df,
        p_crv1=_two_sided(estimate, se_crv1, df) if inference.status == "ok" else None,
        p_crv3=_two_sided(estimate, se_crv3, df) if inference.status == "ok" else None,
        p_wild=p_wild,
        method=method,
        standard_error=None if math.isnan(main) else main,
        p_value=_two_sided(estimate, main, df) if testable else None,
        p_one_sided=float(stdtr(df, -estimate / main)) if testable else None,
        conf_low=estimate - width if testable else None,
        conf_high=estimate + width if testable else None,
        within_sd=within_sd,
        status=status,
        status_reason=reason,
    )


def _standard_error(covariance: FloatArray, weights: FloatArray) -> float:
    """NaN if a term that takes part has no variance estimate; terms with weight 0 do not take part."""
    used = np.flatnonzero(weights)
    variance = float(weights[used] @ covariance[used][:, used] @ weights[used])
    return math.sqrt(variance) if variance > 0 else math.nan


def _two_sided(estimate: float, standard_error: float, df: int) -> float | None:
    if math.isnan(standard_error):
        return None
    return 2 * float(stdtr(df, -abs(estimate) / standard_error))
