"""Whether a distribution has one style or two: Hartigan's dip, and the three-band antimode test of the ratio styles.

Only tests. Where the bands come from is said in the seeds; who belongs to which style is decided in the dbt models.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import isotonic_regression
from scipy.special import betainc

FloatArray = npt.NDArray[np.float64]

SIGNIFICANCE = 0.05
# Fixed before the data were seen: followers per following around 1, the dead zone, and 5 and more.
INTERPERSONAL_BAND = (0.8, 1.25)
DEAD_ZONE = (1.25, 5.0)
MASS_BAND = (5.0, 20.0)


@dataclass(frozen=True)
class AntimodeTest:
    """Counts in the three bands and the p-values that each outer band is denser than the dead zone."""

    count: int  # values in the test, inside a band or not
    interpersonal_count: int
    dead_zone_count: int
    mass_count: int
    p_interpersonal: float
    p_mass: float
    p_value: float  # the larger of both: two styles need both

    @property
    def is_multimodal(self) -> bool:
        """Whether two styles with a dead zone between them are shown at 5 %."""
        return self.p_value < SIGNIFICANCE


def dip_statistic(values: npt.ArrayLike) -> float:
    """Largest distance between the empirical distribution and the unimodal one nearest to it, in 1/(2n)..1/4.

    `values` (n,) in any unit and order, ties allowed. Raises ValueError for no, missing or infinite values.
    Source: Hartigan and Hartigan 1985, computed from the definition; never below 1/(2n), as in the original.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or not len(array) or not np.isfinite(array).all():
        raise ValueError("the dip needs a list of finite values, at least one")
    points, counts = np.unique(array, return_counts=True)
    above = np.cumsum(counts).astype(np.float64)
    return _dip_in_counts(points, above - counts, above) / (2 * len(array))


def has_dip_of(values: FloatArray, least: float) -> bool:
    """Whether `dip_statistic` is at least `least`, mostly without computing it; `values` are distinct."""
    above = np.arange(1.0, len(values) + 1)
    bound = least * 2 * len(values)
    return _dip_in_counts(np.sort(values), above - 1, above, bound=bound) >= bound


def antimode_test(followers_per_following: Iterable[float | None]) -> AntimodeTest:
    """Test for a dead zone between ratio styles: density per log width in 0.8..1.25 and in 5..20 against 1.25..5.

    Exact one-sided binomial tests of each outer band against the dead zone; the p-value is the larger of both.
    None, NaN and infinite ratios (nobody followed) are left out. Raises ValueError for a negative ratio.
    Source: intersection-union principle, Berger 1982.
    """
    ratios = np.array(
        [math.nan if ratio is None else float(ratio) for ratio in followers_per_following], dtype=np.float64
    )
    ratios = ratios[np.isfinite(ratios)]
    if (ratios < 0).any():
        raise ValueError("followers per following is never negative")
    interpersonal = int(((ratios >= INTERPERSONAL_BAND[0]) & (ratios <= INTERPERSONAL_BAND[1])).sum())
    dead = int(((ratios > DEAD_ZONE[0]) & (ratios < DEAD_ZONE[1])).sum())
    mass = int(((ratios >= MASS_BAND[0]) & (ratios <= MASS_BAND[1])).sum())
    p_interpersonal = _denser(interpersonal, dead, INTERPERSONAL_BAND)
    p_mass = _denser(mass, dead, MASS_BAND)
    return AntimodeTest(
        count=len(ratios),
        interpersonal_count=interpersonal,
        dead_zone_count=dead,
        mass_count=mass,
        p_interpersonal=p_interpersonal,
        p_mass=p_mass,
        p_value=max(p_interpersonal, p_mass),
    )


def _denser(band_count: int, dead_count: int, band: tuple[float, float]) -> float:
    """P of at least `band_count` out of both if band and dead zone were equally dense per log width."""
    if band_count == 0:
        return 1.0
    width, dead_width = math.log(band[1] / band[0]), math.log(DEAD_ZONE[1] / DEAD_ZONE[0])
    # The upper tail of a binomial is an incomplete beta function.
    return float(betainc(band_count, dead_count + 1, width / (width + dead_width)))


def _dip_in_counts(points: FloatArray, below: FloatArray, above: FloatArray, *, bound: float | None = None) -> float:
    """Twice the dip in counts: `below` and `above` are the distribution just before and at each distinct point.

    The nearest unimodal distribution is convex before its modal interval and concave after it, so its left part is the
    greatest convex minorant of the lower corners and its right part the least concave majorant of the upper corners.
    The modal interval shrinks until the two curves are no further apart than the fit outside it is off. With a `bound`
    only the side of it on which the result lies is right: what was found does not shrink, and no dip is larger than the
    largest distance of the two curves.
    """
    low, high, dip = 0, len(points) - 1, 1.0
    while True:
        span = slice(low, high + 1)
        minorant, convex_touch = _hull(points[span], below[span], convex=True)
        majorant, concave_touch = _hull(points[span], above[span], convex=False)
        touches = np.union1d(convex_touch, concave_touch)
        widest = int(touches[np.argmax((majorant - minorant)[touches])])
        apart = float((majorant - minorant)[widest])
        if apart <= dip or (bound is not None and (dip >= bound or apart < bound)):
            return dip
        left = int(convex_touch[convex_touch <= widest].max())
        right = int(concave_touch[concave_touch >= widest].min())
        outside_left = (above[span] - minorant)[:left].max(initial=0.0)
        outside_right = (majorant - below[span])[right + 1 :].max(initial=0.0)
        dip = max(dip, float(outside_left), float(outside_right))
        if right - left == high - low:
            return dip
        low, high = low + left, low + right


def _hull(points: FloatArray, heights: FloatArray, *, convex: bool) -> tuple[FloatArray, npt.NDArray[np.int64]]:
    """Greatest convex minorant (or least concave majorant) at the points, and the positions where it touches.

    Its slopes are the isotonic regression of the slopes between neighbours, weighted with their widths.
    """
    if len(points) == 1:
        return heights, np.zeros(1, dtype=np.int64)
    widths = np.diff(points)
    fitted = isotonic_regression(np.diff(heights) / widths, weights=widths, increasing=convex)
    touch = fitted.blocks.astype(np.int64)
    return np.interp(points, points[touch], heights[touch]), touch
