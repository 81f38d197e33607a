"""Means by segment, segments against the rest, and paired differences, with t limits from the design.

For counts of ticked options, numbers and positions on a scale, and for two answers of the same person. Shares and
their intervals belong to `shares`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import fdtrc, stdtr, stdtrit

from pipeline.analysis.survey.design import Design
from pipeline.analysis.survey.respondent_columns import FloatArray, IntArray


@dataclass(frozen=True)
class Estimate:
    """A mean or difference with its standard error, t limits and two-sided p of being zero; None without variance."""

    value: float
    standard_error: float
    low: float | None
    high: float | None
    p_value: float | None
    degrees: int


def estimate_mean(values: FloatArray, domain: IntArray, design: Design, confidence: float = 0.95) -> Estimate:
    """Weighted mean of `values` (one per respondent) over the rows of a domain whose weights exceed zero."""
    weight = design.weight[domain]
    total = float(weight.sum())
    mean = float(weight @ values[domain]) / total
    return _estimate(mean, weight * (values[domain] - mean) / total, domain, design, confidence)


def estimate_difference(
    values: FloatArray, member: IntArray, rest: IntArray, design: Design, confidence: float = 0.95
) -> Estimate:
    """Mean over `member` minus mean over `rest` (disjoint rows of one sample), with their joint variance."""
    scores, means = [], []
    for rows in (member, rest):
        weight = design.weight[rows]
        means.append(float(weight @ values[rows]) / float(weight.sum()))
        scores.append(weight * (values[rows] - means[-1]) / float(weight.sum()))
    joint = np.concatenate([scores[0], -scores[1]])
    return _estimate(means[0] - means[1], joint, np.concatenate([member, rest]), design, confidence)


def compare_means(
    values: FloatArray, groups: Sequence[IntArray], design: Design
) -> tuple[float, float, float, float] | str:
    """(F, df_num, df_den, p) of equal means in several groups (disjoint rows), or why it cannot be tested.

    Wald test with the joint covariance of the means and adjusted degrees of freedom. Source: Korn and Graubard 1990.
    """
    groups = [rows for rows in groups if len(rows)]
    if len(groups) < 2:
        return "fewer than two segments occur"
    domain = np.concatenate(groups)
    scores, means, start = np.zeros((len(domain), len(groups))), np.zeros(len(groups)), 0
    for at, rows in enumerate(groups):
        weight = design.weight[rows]
        means[at] = float(weight @ values[rows]) / float(weight.sum())
        scores[start : start + len(rows), at] = weight * (values[rows] - means[at]) / float(weight.sum())
        start += len(rows)
    covariance, degrees = design.covariance(scores, domain), design.degrees_of_freedom(domain)
    gaps = means[1:] - means[0]
    spread = covariance[1:, 1:] - covariance[1:, :1] - covariance[:1, 1:] + covariance[0, 0]
    df_num, df_den = len(gaps), degrees - len(gaps) + 1
    if df_den < 1:
        return "too few degrees of freedom for so many segments"
    scale = float(np.diag(spread).max(initial=0.0))
    if scale <= 1e-24 or np.linalg.matrix_rank(spread, tol=1e-12 * scale) < df_num:
        return "all answers of a segment are the same"
    statistic = df_den / (degrees * df_num) * float(gaps @ np.linalg.solve(spread, gaps))
    return statistic, float(df_num), float(df_den), float(fdtrc(df_num, df_den, statistic))


def _estimate(value: float, scores: FloatArray, rows: IntArray, design: Design, confidence: float) -> Estimate:
    error = float(np.sqrt(design.variances(scores[:, None], rows)[0]))
    degrees = design.degrees_of_freedom(rows)
    if degrees < 1 or error <= 1e-12 * max(1.0, abs(value)):
        return Estimate(value, error, None, None, None, degrees)
    reach = float(stdtrit(degrees, 0.5 + confidence / 2)) * error
    p_value = 2 * float(stdtr(degrees, -abs(value) / error))
    return Estimate(value, error, value - reach, value + reach, p_value, degrees)
