"""Quality against volume: their difference, the test of twice as much, and their ratio with an honest interval.

All compare changes in growth for one typical within-account swing of each. The rules that turn them into a verdict are
in `verdict`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from scipy.special import stdtrit

from pipeline.analysis.growth.tables import Row
from pipeline.analysis.panel import Estimate, PanelFit
from pipeline.analysis.panel.estimates import CONFIDENCE

DIFFERENCE = "quality_minus_volume"
TWICE = "quality_minus_twice_volume"
RATIO = "quality_per_volume"
CONTRASTS = (DIFFERENCE, TWICE, RATIO)


def fieller_interval(
    numerator: float,
    denominator: float,
    *,
    variances: tuple[float, float],
    covariance: float,
    quantile: float,
) -> tuple[float, float] | None:
    """Limits of the ratio of two estimates; None where the denominator may be 0, for then no ratio is excluded.

    `variances` are those of numerator and denominator, `quantile` that of the t distribution. Source: Fieller 1954.
    """
    square = quantile**2
    a = denominator**2 - square * variances[1]
    b = numerator * denominator - square * covariance
    c = numerator**2 - square * variances[0]
    inside = b**2 - a * c
    if a <= 0 or inside < 0:
        return None
    return (b - math.sqrt(inside)) / a, (b + math.sqrt(inside)) / a


def contrast_rows(fit: PanelFit, parts: Mapping[str, Sequence[str]], *, wild_draws: int = 0) -> list[Row]:
    """Difference, difference from twice the volume, and ratio, of the effects of quality and volume.

    `fit` has its terms in typical swings, `parts` the terms whose sum is the effect of either. The two differences have
    a wild p if there are `wild_draws`.
    """
    quality, volume = (dict.fromkeys(parts[name], 1.0) for name in ("quality", "volume"))
    drawn = replace(fit, inference=replace(fit.inference, wild_draws=wild_draws))
    return [
        _describe(DIFFERENCE, drawn.contrast(quality | dict.fromkeys(volume, -1.0))),
        _describe(TWICE, drawn.contrast(quality | dict.fromkeys(volume, -2.0))),
        _ratio_row(fit, fit.contrast(quality), fit.contrast(volume), (list(quality), list(volume))),
    ]


def _describe(term: str, contrast: Estimate) -> Row:
    return {
        "term": term,
        "estimate": contrast.estimate,
        "standard_error": contrast.standard_error,
        "conf_low": contrast.conf_low,
        "conf_high": contrast.conf_high,
        "p_value": contrast.p_value,
        "p_value_one_sided": contrast.p_one_sided,
        "p_value_wild": contrast.p_wild,
        "se_crv1": contrast.se_crv1,
        "se_crv3": contrast.se_crv3,
        "method": contrast.method,
        "standardised_estimate": contrast.estimate,
        "standardised_low": contrast.conf_low,
        "standardised_high": contrast.conf_high,
        "status": contrast.status,
        "status_reason": contrast.status_reason,
    }


def _ratio_row(fit: PanelFit, quality: Estimate, volume: Estimate, parts: tuple[list[str], list[str]]) -> Row:
    names = list(fit.estimates)
    weights = np.array([[float(name in terms) for name in names] for terms in parts])
    # Terms that take no part may have no error of their own.
    used = weights.any(axis=0)
    covariance = weights[:, used] @ fit.inference.covariance[np.ix_(used, used)] @ weights[:, used].T
    limits = fieller_interval(
        quality.estimate,
        volume.estimate,
        variances=(float(covariance[0, 0]), float(covariance[1, 1])),
        covariance=float(covariance[0, 1]),
        quantile=float(stdtrit(quality.df, 0.5 + CONFIDENCE / 2)),
    )
    row: dict[str, object] = {"term": RATIO, "method": fit.inference.method}
    if quality.status != "ok" or volume.status != "ok" or limits is None:
        reason = fit.status_reason or "the effect of volume may be zero, and then no ratio can be excluded"
        return {**row, "status": "not_testable" if fit.status == "ok" else fit.status, "status_reason": reason}
    return {
        **row,
        "estimate": quality.estimate / volume.estimate,
        "conf_low": limits[0],
        "conf_high": limits[1],
        "status": "ok",
        "status_reason": "",
    }
