"""Quality against volume: their difference, the test of twice as much, and their ratio with an honest interval.

All compare changes in growth for one typical within-account swing of each. The rules that turn them into a verdict are
in `verdict`.
"""

import math

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


def contrast_rows(fit: PanelFit) -> list[Row]:
    """Difference, difference from twice the volume, and ratio, of the standardised effects of quality and volume."""
    swings = {term: fit.estimates[term].within_sd or 0.0 for term in ("quality", "volume")}
    difference = fit.contrast({"quality": swings["quality"], "volume": -swings["volume"]})
    twice = fit.contrast({"quality": swings["quality"], "volume": -2 * swings["volume"]})
    return [_describe(DIFFERENCE, difference), _describe(TWICE, twice), _ratio_row(fit)]


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


def _ratio_row(fit: PanelFit) -> Row:
    quality, volume = fit.estimates["quality"], fit.estimates["volume"]
    inference = fit.inference
    covariance = inference.covariance
    names = list(fit.estimates)
    i, j = names.index("quality"), names.index("volume")
    sd_q, sd_v = quality.within_sd or 0.0, volume.within_sd or 0.0
    limits = fieller_interval(
        quality.estimate * sd_q,
        volume.estimate * sd_v,
        variances=(float(covariance[i, i]) * sd_q**2, float(covariance[j, j]) * sd_v**2),
        covariance=float(covariance[i, j]) * sd_q * sd_v,
        quantile=float(stdtrit(quality.df, 0.5 + CONFIDENCE / 2)),
    )
    row: dict[str, object] = {"term": RATIO, "method": inference.method}
    if quality.status != "ok" or volume.status != "ok" or limits is None:
        reason = fit.status_reason or "the effect of volume may be zero, and then no ratio can be excluded"
        return {**row, "status": "not_testable" if fit.status == "ok" else fit.status, "status_reason": reason}
    ratio = quality.estimate * sd_q / (volume.estimate * sd_v)
    return {
        **row,
        "estimate": ratio,
        "conf_low": limits[0],
        "conf_high": limits[1],
        "status": "ok",
        "status_reason": "",
    }
