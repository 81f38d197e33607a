"""Regression of one series of daily counts, with errors that allow for days that resemble their neighbours.

Poisson pseudo maximum likelihood; long-run variance by equal-weighted cosines, whose t test keeps its level in short
and autocorrelated series. Which series and which terms is decided by the caller. Panels are in `panel`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr, stdtrit

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
CONFIDENCE = 0.95
MOST_STEPS = 100
# Terms that are left with less of their variance than this say the same as others.
SMALLEST_REST = 1e-8


@dataclass(frozen=True)
class Sum:
    """A figure with its error; `p_value` tests it against 0, two-sided, t with `df`."""

    estimate: float
    standard_error: float
    conf_low: float
    conf_high: float
    p_value: float


@dataclass(frozen=True)
class DailyFit:
    """Model of expected counts, log-linear, or of net gains, which add up: n days, k terms."""

    terms: tuple[str, ...]
    design: FloatArray  # (n, k)
    mean: FloatArray  # (n,) expected counts
    coefficients: FloatArray  # (k,)
    covariance: FloatArray  # (k, k)
    df: int  # cosines behind the covariance

    def estimate(self, term: str) -> Sum:
        """Change of the expected gain, or of the log of the expected count, for one unit of the term."""
        position = self.terms.index(term)
        return self.judge(float(self.coefficients[position]), np.eye(len(self.terms))[position])

    def judge(self, figure: float, gradient: FloatArray) -> Sum:
        """A figure whose gradient in the coefficients (k,) is known, by the delta method."""
        error = float(np.sqrt(gradient @ self.covariance @ gradient))
        width = float(stdtrit(self.df, 0.5 + CONFIDENCE / 2)) * error
        p_value = 2 * float(stdtr(self.df, -abs(figure) / error)) if error > 0 else 1.0
        return Sum(figure, error, figure - width, figure + width, p_value)


def fit_daily_counts(counts: FloatArray, design: FloatArray, days: IntArray, terms: Sequence[str]) -> DailyFit:
    """Expected count = exp(design @ b); `days` are day numbers, ascending, with gaps where days are missing.

    Raises ValueError where the counts do not add up to more than 0, for terms that repeat one another, and for models
    that do not settle. Source of the errors: Lazarus, Lewis, Stock and Watson 2018 (0.4 n^(2/3) cosines).
    """
    if counts.sum() <= 0:
        raise ValueError("no counts at all")
    _check_terms(design, terms)
    coefficients = np.zeros(design.shape[1])
    fitted = np.log((np.maximum(counts, 0) + counts.mean()) / 2)
    for _ in range(MOST_STEPS):
        mean = np.exp(np.clip(fitted, -30, 30))
        working = fitted + (counts - mean) / mean
        before = coefficients
        root = np.sqrt(mean)
        coefficients = np.linalg.lstsq(design * root[:, None], working * root, rcond=None)[0]
        fitted = design @ coefficients
        if np.abs(coefficients - before).max() <= 1e-9 * (1 + np.abs(coefficients).max()):
            break
    else:
        raise ValueError(f"the model did not settle within {MOST_STEPS} steps")
    mean = np.exp(fitted)
    covariance, df = _covariance(design, counts - mean, mean, days)
    return DailyFit(tuple(terms), design, mean, coefficients, covariance, df)


def fit_daily_gains(gains: FloatArray, design: FloatArray, days: IntArray, terms: Sequence[str]) -> DailyFit:
    """Expected gain = design @ b, by least squares: what is won and lost on some days may add up to nothing or less.

    A log-linear model of such days has no maximum. Errors are those of `fit_daily_counts`. Raises ValueError for terms
    that repeat one another and for gains that the terms fit exactly.
    """
    _check_terms(design, terms)
    coefficients = np.asarray(np.linalg.lstsq(design, gains, rcond=None)[0], np.float64)
    mean = design @ coefficients
    if np.abs(gains - mean).max() <= 1e-9 * max(float(np.abs(gains).max()), 1.0):
        raise ValueError("the model fits the outcome exactly, so nothing is left to estimate an error from")
    # Days around few posts pull the line to themselves: their errors are larger than what is left (HC3).
    leverage = np.clip(np.einsum("ij,ij->i", design @ np.linalg.inv(design.T @ design), design), 0, 1 - 1e-6)
    covariance, df = _covariance(design, (gains - mean) / (1 - leverage), np.ones(len(gains)), days)
    return DailyFit(tuple(terms), design, mean, coefficients, covariance, df)


def _check_terms(design: FloatArray, terms: Sequence[str]) -> None:
    basis = np.empty((len(design), 0))
    for name, column in zip(terms, design.T, strict=True):
        left = column - basis @ (basis.T @ column)
        left = left - basis @ (basis.T @ left)
        norm = float(np.linalg.norm(left))
        if norm <= SMALLEST_REST * max(float(np.linalg.norm(column)), 1e-300):
            raise ValueError(f"{name!r} does not vary, or only together with the terms before it")
        basis = np.column_stack([basis, left / norm])


def _covariance(design: FloatArray, errors: FloatArray, weights: FloatArray, days: IntArray) -> tuple[FloatArray, int]:
    """Sandwich with a long-run variance of the scores; a missing day has a score of 0."""
    rows, terms = design.shape
    length = int(days[-1] - days[0]) + 1
    cosine_count = max(4, int(0.4 * length ** (2 / 3)))
    place = (days - days[0] + 0.5) / length
    cosines = np.sqrt(2.0) * np.cos(np.pi * np.arange(1, cosine_count + 1)[:, None] * place)
    projected = cosines @ (design * errors[:, None])
    bread = np.linalg.inv(design.T @ (design * weights[:, None]))
    spread = projected.T @ projected / cosine_count * (rows / (rows - terms))
    covariance: FloatArray = bread @ spread @ bread
    return covariance, cosine_count
