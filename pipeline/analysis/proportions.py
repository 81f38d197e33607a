"""Intervals for one proportion, p-values adjusted for several tests, and the strength of a two-way table.

Everything here is for simple counts. Estimates that need survey weights or clusters belong to `survey`.
"""

import math
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv, ndtri

FloatArray = npt.NDArray[np.float64]


def wilson(successes: float, n: float, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson score interval (low, high) of a share, without continuity correction.

    `successes` and `n` may be fractional (effective sample sizes); n = 0 knows nothing and gives (0, 1).
    Raises ValueError unless 0 <= successes <= n and 0 < confidence < 1. Source: Wilson 1927.
    """
    _check_counts(successes, n, confidence)
    if n == 0:
        return 0.0, 1.0
    square = float(ndtri(0.5 + confidence / 2)) ** 2
    # The limits are the roots of (n+z2) p2 - (2x+z2) p + x2/n; the small root comes from the product of both, because
    # the usual difference loses all digits for one success in millions.
    spread = math.sqrt(square * (square + 4 * successes * (n - successes) / n))
    high = (2 * successes + square + spread) / (2 * (n + square))
    low = successes / n * successes / (n + square) / high
    return low, 1.0 if successes == n else min(high, 1.0)


def clopper_pearson(successes: float, n: float, confidence: float = 0.95) -> tuple[float, float]:
    """Exact binomial interval (low, high) of a share; fractional counts go through the beta quantile.

    n = 0 gives (0, 1). Raises ValueError unless 0 <= successes <= n and 0 < confidence < 1.
    Source: Clopper and Pearson 1934.
    """
    _check_counts(successes, n, confidence)
    tail = (1 - confidence) / 2
    low = 0.0 if successes == 0 else float(betaincinv(successes, n - successes + 1, tail))
    high = 1.0 if successes == n else float(betaincinv(successes + 1, n - successes, 1 - tail))
    return low, high


def holm(p_values: Iterable[float | None]) -> list[float | None]:
    """P-values adjusted by Holm's step-down method, in the order given.

    None and NaN mean "not tested": they come back as None and do not count as tests.
    Raises ValueError for a value outside 0..1. Source: Holm 1979.
    """
    return _adjust(p_values, _step_down)


def benjamini_hochberg(p_values: Iterable[float | None]) -> list[float | None]:
    """P-values adjusted for the false discovery rate, in the order given.

    None and NaN mean "not tested": they come back as None and do not count as tests.
    Raises ValueError for a value outside 0..1. Source: Benjamini and Hochberg 1995.
    """
    return _adjust(p_values, _step_up)


def cramers_v(
    table: Sequence[Sequence[float]] | FloatArray, *, bias_corrected: bool = True, sample_size: float | None = None
) -> float | None:
    """Strength of association in a two-way table of counts or weighted counts: 0 none, 1 perfect.

    `sample_size` is the number of respondents behind weighted counts (default: the table's total) and matters for the
    bias correction only. Rows and columns without any count are left out; None if fewer than two rows or columns are
    left or the sample is too small for the correction. Raises ValueError for a table that is not two-dimensional or
    holds negative or missing counts. Sources: Cramer 1946; correction Bergsma 2013.
    """
    counts = np.asarray(table, dtype=np.float64)
    if counts.ndim != 2 or not np.isfinite(counts).all() or (counts < 0).any():
        raise ValueError("cramers_v needs a two-dimensional table of counts, none of them negative or missing")
    counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    rows, columns = counts.shape
    if min(rows, columns) < 2:
        return None
    shares = counts / counts.sum()
    expected = np.outer(shares.sum(axis=1), shares.sum(axis=0))
    phi_square = float(((shares - expected) ** 2 / expected).sum())
    if not bias_corrected:
        return min(1.0, math.sqrt(phi_square / (min(rows, columns) - 1)))
    n = float(counts.sum()) if sample_size is None else float(sample_size)
    if n <= 1:
        return None
    corrected_rows = rows - (rows - 1) ** 2 / (n - 1)
    corrected_columns = columns - (columns - 1) ** 2 / (n - 1)
    room = min(corrected_rows, corrected_columns) - 1
    if room <= 0:
        return None
    corrected = max(0.0, phi_square - (rows - 1) * (columns - 1) / (n - 1))
    return min(1.0, math.sqrt(corrected / room))


def _check_counts(successes: float, n: float, confidence: float) -> None:
    if not (math.isfinite(n) and 0 <= successes <= n):
        raise ValueError(f"a share needs 0 <= successes <= n, got successes={successes} and n={n}")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence lies between 0 and 1, got {confidence}")


def _adjust(p_values: Iterable[float | None], method: Callable[[FloatArray], FloatArray]) -> list[float | None]:
    """Apply `method` (ascending p-values to ascending adjusted ones) to the values that are not missing."""
    values = np.array([math.nan if value is None else float(value) for value in p_values], dtype=np.float64)
    tested = np.flatnonzero(~np.isnan(values))
    present = values[tested]
    if ((present < 0) | (present > 1)).any():
        raise ValueError("p-values lie between 0 and 1")
    order = tested[np.argsort(present, kind="stable")]
    adjusted: list[float | None] = [None] * len(values)
    for position, value in zip(order, method(values[order]), strict=True):
        adjusted[position] = float(value)
    return adjusted


def _step_down(ascending: FloatArray) -> FloatArray:
    count = len(ascending)
    return np.minimum(1.0, np.maximum.accumulate(ascending * np.arange(count, 0, -1)))


def _step_up(ascending: FloatArray) -> FloatArray:
    count = len(ascending)
    scaled = ascending * (count / np.arange(1, count + 1))
    return np.minimum(1.0, np.minimum.accumulate(scaled[::-1])[::-1])
