"""What is said about the gap between two styles: by hand, and over samples whose truth is known."""

import math
from collections import Counter

import numpy as np
import pytest

from pipeline.analysis.gap_density import GapDensity, gap_density
from pipeline.analysis.multimodality import antimode_test

# One ratio inside each band; the last is in none.
INSIDE = (1.0, 2.0, 8.0, 30.0)


def _gap(counts: tuple[int, ...]) -> GapDensity:
    return gap_density(antimode_test(np.repeat(INSIDE, counts)))


def _mixture(density: float, styles: float = 0.3) -> list[float]:
    """Shares of the bands with as many in the mass band as `styles` says and the gap as dense as asked against it."""
    return [styles, density * styles, styles, 1 - (2 + density) * styles]


def _draw(shares: list[float], count: int, samples: int) -> list[GapDensity]:
    rng = np.random.default_rng(7)
    return [_gap(tuple(rng.multinomial(count, shares))) for _ in range(samples)]


def test_density_and_limits_are_those_of_the_definition() -> None:
    """12 between 60 and 41: against the mass band (equal width) 12/41, against the other 12/60 x 0.446/1.386.

    Exact limits of 12 of 53: 0.1116 below at 98.75 %, 0.3621 above at 97.5 % (beta quantiles, computed apart).
    """
    gap = _gap((60, 12, 41, 37))
    assert gap.relative_density == pytest.approx(12 / 41)
    assert gap.conf_low == pytest.approx(0.1116 / (1 - 0.1116), abs=2e-4)
    assert gap.conf_high == pytest.approx(0.3621 / (1 - 0.3621), abs=2e-4)
    assert (gap.gap_class, gap.accounts_needed) == ("gap_shown", None)


def test_limits_are_exact_tails_of_the_binomial() -> None:
    """At the lower limit 3 or more of 10 come up in 1.25 % of samples, at the upper one 3 or fewer in 2.5 %."""
    gap = _gap((1000, 3, 7, 0))
    low, high = (limit / (1 + limit) for limit in (gap.conf_low, gap.conf_high or math.inf))

    def tail(share: float, up_to: int) -> float:
        return sum(math.comb(10, k) * share**k * (1 - share) ** (10 - k) for k in range(up_to + 1))

    assert 1 - tail(low, 2) == pytest.approx(0.0125, abs=1e-9)
    assert tail(high, 3) == pytest.approx(0.025, abs=1e-9)


def test_an_empty_gap_and_empty_styles_have_open_limits_and_no_infinite_figure() -> None:
    empty_gap = _gap((10, 0, 10, 0))
    assert (empty_gap.relative_density, empty_gap.conf_low, empty_gap.gap_class) == (0.0, 0.0, "gap_shown")
    no_style = _gap((0, 15, 40, 0))
    assert (no_style.relative_density, no_style.conf_high, no_style.gap_class) == (None, None, "no_gap_shown")
    nobody = _gap((0, 0, 0, 30))
    assert (nobody.relative_density, nobody.conf_low, nobody.conf_high) == (None, 0.0, None)
    assert (nobody.gap_class, nobody.accounts_needed) == ("cannot_tell_yet", None)


def test_120_accounts_with_a_shallow_gap_cannot_be_told_and_the_needed_number_is_said() -> None:
    """Two thirds as dense as the mass band. Variance of one account's log density: 120 (1/20 + 1/30) = 10.

    The gap would be shown by 10 (1.645 + 0.842)^2 / ln(2/3)^2 = 376 accounts, its absence by 1,148.
    """
    gap = _gap((40, 20, 30, 30))
    assert (gap.gap_class, gap.accounts_needed) == ("cannot_tell_yet", 380)
    assert gap.relative_density == pytest.approx(2 / 3)
    assert gap.conf_low < 0.5 < 1 < (gap.conf_high or 0)


@pytest.mark.parametrize(("count", "least_power"), [(20, 0.2), (30, 0.35), (50, 0.6), (80, 0.8), (150, 0.95)])
def test_a_gap_of_three_tenths_is_found_as_often_as_said_and_never_denied(count: int, least_power: float) -> None:
    answers = Counter(gap.gap_class for gap in _draw(_mixture(0.3), count, 200))
    assert answers["gap_shown"] / 200 >= least_power, answers
    assert answers["no_gap_shown"] <= 2, answers


@pytest.mark.parametrize("count", [20, 50, 150])
def test_a_zone_as_dense_as_both_styles_is_no_gap_in_95_of_100(count: int) -> None:
    flat = [math.log(1.25 / 0.8) / 4, math.log(4) / 4, math.log(4) / 4, 1 - math.log(1.5625 * 16) / 4]
    answers = Counter(gap.gap_class for gap in _draw(flat, count, 300))
    assert answers["gap_shown"] / 300 <= 0.05, answers
    assert answers["no_gap_shown"] / 300 >= {20: 0.08, 50: 0.3, 150: 0.85}[count], answers


@pytest.mark.parametrize("density", [0.2, 0.5, 1.0])
def test_the_interval_holds_the_true_density_in_95_of_100(density: float) -> None:
    gaps = _draw(_mixture(density), 60, 300)
    held = [gap.conf_low <= density <= (gap.conf_high or math.inf) for gap in gaps]
    assert np.mean(held) >= 0.95


def test_half_as_dense_is_denied_in_at_most_one_of_forty() -> None:
    answers = Counter(gap.gap_class for gap in _draw(_mixture(0.5), 150, 300))
    assert answers["no_gap_shown"] / 300 <= 0.025, answers
