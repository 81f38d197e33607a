"""From the errors of earlier forecasts to prediction intervals, and how often such intervals held.

Errors are counted in units of the scale that each forecast expected. A limit is a quantile of errors that were known
when the forecast was made: the account's own, those of all accounts, and a reference. A back-test makes every earlier
forecast again from what was known then, so its coverage is that of the method as a reader meets it.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from pipeline.analysis.forecast.outlooks import GOOD, HORIZON, PRESENT, SCENARIOS, USUAL, Outlooks

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
CONFIDENCE = 0.90
TAILS = ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2)
# Real counts jump: errors of nine real histories have the tails of a t with 4 degrees of freedom; those of good weeks,
# which are read from few weeks, are a little wider.
REFERENCE_DF, REFERENCE_POINTS = 4, 39
REFERENCE_WIDTHS = {PRESENT: 0.95, USUAL: 0.9, GOOD: 1.1}
# In quarters of a year: 13 weeks of own forecasts, which overlap, count as one, and every other account as one.
REFERENCE_WEIGHT, LARGEST_POOL_WEIGHT = 5.0, 20.0
_REFERENCE = stdtrit(REFERENCE_DF, (np.arange(REFERENCE_POINTS) + 0.5) / REFERENCE_POINTS)


@dataclass(frozen=True)
class Errors:
    """Errors of the forecasts of one scenario, in units of their scale: A accounts, J weeks."""

    reference: FloatArray  # errors that stand for those that are not known yet
    weeks: IntArray  # (J,)
    errors: FloatArray  # (A, J) NaN where nothing is known
    known_at: FloatArray  # (A, J)
    weights: FloatArray  # (A, J) in quarters of a year, 0 where nothing is known

    def select(self, accounts: IntArray) -> "Errors":
        """Those of some accounts."""
        return Errors(
            self.reference, self.weeks, self.errors[accounts], self.known_at[accounts], self.weights[accounts]
        )

    @cached_property
    def ascending(self) -> IntArray:
        """Places of all known errors, in the order of their size: every week's own order is a part of it."""
        places = np.flatnonzero(np.isfinite(self.errors))
        return places[np.argsort(self.errors.ravel()[places], kind="stable")]

    def known_by(self, week: int) -> npt.NDArray[np.bool_]:
        """Which errors were known at that week (A, J)."""
        result: npt.NDArray[np.bool_] = self.known_at <= week
        return result


def collect_errors(outlooks: Outlooks, scenario: int) -> Errors:
    """The errors of one scenario."""
    errors = (outlooks.outcome[:, :, scenario] - outlooks.pace[:, :, scenario]) * HORIZON / outlooks.scale
    is_known = np.isfinite(errors)
    # Weeks since the last forecast that counts, at most a quarter: monthly readings count as much as weekly ones.
    places = np.where(is_known, outlooks.weeks, -np.inf)
    before = np.maximum.accumulate(places, axis=1)
    before = np.pad(before, ((0, 0), (1, 0)), constant_values=-np.inf)[:, :-1]
    passed = np.where(np.isfinite(before), outlooks.weeks - before, 1.0)
    weights = np.where(is_known, np.minimum(passed, HORIZON) / HORIZON, 0.0)
    known_at = np.where(is_known, outlooks.known_at, np.inf)
    reference = REFERENCE_WIDTHS[SCENARIOS[scenario]] * _REFERENCE
    return Errors(reference, outlooks.weeks, errors, known_at, weights)


def pool_errors(errors: Errors, week: int) -> tuple[FloatArray, float]:
    """Quantiles of all accounts' errors that were known at `week`, each account counting once, and their weight."""
    known = errors.known_by(week)
    counts = known.sum(axis=1)
    accounts = int((counts > 0).sum())
    if accounts < 2:
        return np.zeros(0), 0.0
    places = errors.ascending[known.ravel()[errors.ascending]]
    sizes = 1 / counts[places // known.shape[1]]
    shares = (np.arange(REFERENCE_POINTS) + 0.5) / REFERENCE_POINTS
    points = np.interp(shares * sizes.sum(), np.cumsum(sizes) - sizes / 2, errors.errors.ravel()[places])
    return points, min(LARGEST_POOL_WEIGHT, accounts - 1.0)


def find_limits(errors: Errors, week: int, pool: tuple[FloatArray, float]) -> FloatArray:
    """Limits (A, 2) of the errors of a forecast made at `week`, in units of its scale."""
    accounts = len(errors.errors)
    known = errors.known_by(week)
    points, weight = pool
    # Columns that no account knows yet would only be sorted.
    used = known.any(axis=0)
    values = [np.broadcast_to(part, (accounts, len(part))) for part in (errors.reference, points)]
    weights = [
        np.full((accounts, len(part)), whole / max(len(part), 1))
        for part, whole in ((errors.reference, REFERENCE_WEIGHT), (points, weight))
    ]
    own_weights = np.where(known, errors.weights, 0.0)[:, used]
    return weighted_quantiles(np.hstack([*values, errors.errors[:, used]]), np.hstack([*weights, own_weights]), TAILS)


def weighted_quantiles(values: FloatArray, weights: FloatArray, shares: tuple[float, ...]) -> FloatArray:
    """Quantiles (A, Q) of each row of `values` (A, N), in a straight line between neighbours.

    Values of weight 0 take no part.
    """
    counts = weights > 0
    # What takes no part repeats the largest value, where it cannot bend the line.
    largest = np.where(counts, values, -np.inf).max(axis=1, keepdims=True)
    filled = np.where(counts, values, largest)
    order = np.argsort(filled, axis=1, kind="stable")
    ordered, sizes = np.take_along_axis(filled, order, 1), np.take_along_axis(weights, order, 1)
    places = np.cumsum(sizes, axis=1) - sizes / 2
    total = sizes.sum(axis=1)
    found = np.empty((len(values), len(shares)))
    for column, share in enumerate(shares):
        aim = (share * total)[:, None]
        above = np.minimum((places < aim).sum(axis=1), places.shape[1] - 1)[:, None]
        below = np.maximum(above - 1, 0)
        low, high = (np.take_along_axis(places, at, 1) for at in (below, above))
        part = np.clip(np.divide(aim - low, high - low, out=np.ones_like(aim), where=high > low), 0.0, 1.0)
        first, second = (np.take_along_axis(ordered, at, 1) for at in (below, above))
        found[:, column] = (first + part * (second - first))[:, 0]
    return found


def check_forecasts(errors: Errors) -> npt.NDArray[np.bool_]:
    """Which known errors (A, J) lay within the limits that were made for them at the time."""
    held = np.zeros(errors.errors.shape, np.bool_)
    for column, week in enumerate(errors.weeks):
        asked = np.isfinite(errors.errors[:, column])
        if asked.any():
            limits = find_limits(errors.select(np.flatnonzero(asked)), int(week), pool_errors(errors, int(week)))
            made = errors.errors[asked, column]
            held[asked, column] = (limits[:, 0] <= made) & (made <= limits[:, 1])
    return held
