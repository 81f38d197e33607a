"""What moves growth and reach besides the posts: weeks of news for many accounts at once, and paid reach for a few."""

from dataclasses import dataclass

import numpy as np

from pipeline.simulate.cast import OWN, Cast
from pipeline.simulate.effects import TrueEffects
from pipeline.simulate.words import INDUSTRIES
from pipeline.simulate.world_calendar import Calendar, Flags, Floats

# How much of the news of a week reaches the accounts outside the two industries that it is about.
ELSEWHERE = 0.3
CAMPAIGN_WEEKS = 2


@dataclass(frozen=True)
class Shocks:
    """Shape (accounts, weeks): added weekly log growth, added log reach of posts, and log reactions per impression."""

    growth: Floats
    reach: Floats
    rate: Floats
    is_boosted: Flags


def draw_shocks(rng: np.random.Generator, cast: Cast, calendar: Calendar, effects: TrueEffects) -> Shocks:
    """Weeks of news and campaigns of two weeks; the own account pays for nothing."""
    weeks = calendar.week_count
    is_news = rng.random(weeks) < effects.news_rate
    concerned = rng.integers(0, len(INDUSTRIES), (2, weeks))
    industry = np.array([INDUSTRIES.index(name) for name in cast.industries])[:, None]
    news = is_news * np.where((industry == concerned[0]) | (industry == concerned[1]), 1.0, ELSEWHERE)
    is_payer = rng.random(cast.size) < effects.boosted_share
    is_payer[OWN] = False
    starts = is_payer[:, None] & (rng.random((cast.size, weeks)) < 1 / 13)
    is_boosted = starts.copy()
    for later in range(1, min(CAMPAIGN_WEEKS, weeks)):
        is_boosted[:, later:] |= starts[:, :-later]
    return Shocks(
        growth=effects.news_growth * news + effects.boost_growth * is_boosted,
        reach=effects.news_reach * news + effects.boost_reach * is_boosted,
        rate=np.where(is_boosted, effects.boost_rate, 0.0),
        is_boosted=is_boosted,
    )
