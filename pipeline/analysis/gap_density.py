"""How empty the gap between two ratio styles is, with an exact interval, and what can be said about it.

The bands and the test that the gap is there are in `multimodality`; here is how deep it is, and whether enough accounts
were seen to deny it.
"""

import math
from dataclasses import dataclass

from scipy.special import ndtri

from pipeline.analysis.multimodality import DEAD_ZONE, INTERPERSONAL_BAND, MASS_BAND, SIGNIFICANCE, AntimodeTest
from pipeline.analysis.proportions import clopper_pearson

# A zone at least half as dense as the sparser style is no gap that parts two styles.
GAP_BELOW = 0.5
POWER = 0.8


@dataclass(frozen=True)
class GapDensity:
    """Accounts per log width between the styles for each one in the sparser style: 0 an empty gap, 1 no gap.

    `relative_density` is None where nobody is in the sparser style, `conf_high` where nothing bounds it. `gap_class` is
    gap_shown, no_gap_shown or cannot_tell_yet; `accounts_needed` is how many accounts of the same mixture would decide
    it in 80 of 100 samples, None where it is decided or a band is empty.
    """

    relative_density: float | None
    conf_low: float
    conf_high: float | None
    gap_class: str
    accounts_needed: int | None


def gap_density(test: AntimodeTest) -> GapDensity:
    """Density of the gap relative to the sparser style with an exact 95 % interval, from the counts of the test.

    Given both counts, the gap's share of gap and one style is binomial, so each of the two relative densities has a
    Clopper-Pearson interval. The larger density is the one asked for. It lies above the larger upper limit in at most
    2.5 % of samples (limits at 97.5 %), and below the larger lower limit in at most 2.5 % (limits at 98.75 % each).
    """
    dead = test.dead_zone_count
    sides = [
        (test.interpersonal_count, _log_width(INTERPERSONAL_BAND) / _log_width(DEAD_ZONE)),
        (test.mass_count, _log_width(MASS_BAND) / _log_width(DEAD_ZONE)),
    ]
    low = max(_relative(clopper_pearson(dead, dead + count, 0.975)[0], width) for count, width in sides)
    high = max(_relative(clopper_pearson(dead, dead + count, 0.95)[1], width) for count, width in sides)
    density = max(_relative(dead / (dead + count), width) if dead + count else math.inf for count, width in sides)
    if test.is_multimodal:
        gap_class = "gap_shown"
    elif low > GAP_BELOW:
        gap_class = "no_gap_shown"
    else:
        gap_class = "cannot_tell_yet"
    return GapDensity(
        relative_density=density if math.isfinite(density) else None,
        conf_low=low,
        conf_high=high if math.isfinite(high) else None,
        gap_class=gap_class,
        accounts_needed=_accounts_needed(test, sides) if gap_class == "cannot_tell_yet" else None,
    )


def _relative(share: float, width: float) -> float:
    """Density of the gap for each unit of a style's density, from the gap's share of both; `width` is style by gap."""
    return math.inf if share == 1 else share / (1 - share) * width


def _accounts_needed(test: AntimodeTest, sides: list[tuple[int, float]]) -> int | None:
    """Sample size at which the nearer of both answers comes out with the power; normal on the log of the density.

    A gap without any account counts as half a one, as usual for the log of a count.
    """
    dead = max(test.dead_zone_count, 0.5)
    if min(count for count, _ in sides) == 0:
        return None
    densities = [(math.log(dead / count * width), test.count * (1 / dead + 1 / count)) for count, width in sides]
    gap = [
        _sample_size(-log_density, variance, SIGNIFICANCE) if log_density < 0 else math.inf
        for log_density, variance in densities
    ]
    log_density, variance = max(densities)
    above = log_density - math.log(GAP_BELOW)
    no_gap = _sample_size(above, variance, 0.0125) if above > 0 else math.inf
    needed = min(max(gap), no_gap)
    if not math.isfinite(needed):
        return None
    # Two digits: the mixture itself is an estimate.
    step = int(10 ** max(0, math.floor(math.log10(needed)) - 1))
    return max(math.ceil(needed / step) * step, test.count + 1)


def _sample_size(distance: float, variance: float, error: float) -> float:
    """Accounts for a one-sided test at `error`; `variance` is that of one account's log density."""
    return variance * (float(ndtri(1 - error)) + float(ndtri(POWER))) ** 2 / distance**2


def _log_width(band: tuple[float, float]) -> float:
    return math.log(band[1] / band[0])
