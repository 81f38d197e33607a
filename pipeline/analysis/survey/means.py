"""Means by segment, segments against the rest, and paired differences, with t limits from the design.

For counts of ticked options, numbers and positions on a scale, and for two answers of the same person. Shares and
their intervals belong to `shares`.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtrit

from pipeline.analysis.survey.columns import FloatArray, IntArray
from pipeline.analysis.survey.design import Design


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


def _estimate(value: float, scores: FloatArray, rows: IntArray, design: Design, confidence: float) -> Estimate:
    error = float(np.sqrt(design.variances(scores[:, None], rows)[0]))
    degrees = design.degrees_of_freedom(rows)
    if degrees < 1 or error <= 1e-12 * max(1.0, abs(value)):
        return Estimate(value, error, None, None, None, degrees)
    reach = float(stdtrit(degrees, 0.5 + confidence / 2)) * error
    p_value = 2 * float(stdtr(degrees, -abs(value) / error))
    return Estimate(value, error, value - reach, value + reach, p_value, degrees)
