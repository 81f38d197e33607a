"""What a post ends up with, and how much of it is there at an age.

Final counts are drawn once per post from its audience, the latent quality of its week and luck: luck in reach, which
wins followers too, and luck in reactions per impression, which does not. Most of them arrive within hours and the rest
over days (94 % after a day, 98 % after three, 99.7 % after seven), so a count never falls. A version that was edited
away keeps what it had when it was replaced.
"""

import numpy as np

from pipeline.simulate.cast import Cast
from pipeline.simulate.drivers import Drivers
from pipeline.simulate.effects import TrueEffects
from pipeline.simulate.growth import Growth
from pipeline.simulate.posts import REPLY, REPOST, SELF_REPLY, Posts, heavy_tailed
from pipeline.simulate.world_calendar import HOUR_MS, Calendar, Floats, Integers

METRICS = (
    "impression_count",
    "like_count",
    "repost_count",
    "reply_count",
    "quote_count",
    "bookmark_count",
    "link_click_count",
    "profile_click_count",
    "detail_expand_count",
    "new_follow_count",
)
# Parts of the platform's own engagement total.
ENGAGEMENTS = METRICS[1:9]
# Share and mean delay in hours of what arrives at once and of what arrives late.
ARRIVALS = ((0.90, 3.0), (0.10, 48.0))
_REACTION_SHARES = {"like_count": 0.70, "repost_count": 0.12, "reply_count": 0.07, "quote_count": 0.02}
_ENGAGEMENT_LEVEL = -3.4  # ln of reactions per impression at average quality, about 3.3 %


def draw_finals(
    rng: np.random.Generator,
    cast: Cast,
    calendar: Calendar,
    drivers: Drivers,
    posts: Posts,
    growth: Growth,
    effects: TrueEffects,
) -> Integers:
    """Final counts, shape (metrics, posts), in the order of METRICS; a repost has none of its own."""
    quality = drivers.quality[posts.account, posts.week]
    day = np.clip(calendar.day_of(posts.created_ms), 0, calendar.day_count - 1)
    audience = growth.log_followers[posts.account, day]
    count = posts.size
    reach = np.where(np.isin(posts.kind, [REPLY, SELF_REPLY]), 0.2, 1.0) * np.where(posts.is_viral, 25.0, 1.0)
    shocks, cell = growth.shocks, (posts.account, posts.week)
    # The luck in reach of a viral post is the viral reach.
    luck = np.where(posts.is_viral, 0.0, posts.reach) + shocks.reach[cell]
    impressions = np.floor(np.exp(0.85 * audience + 0.2 * quality + luck) * reach)
    level = _ENGAGEMENT_LEVEL + cast.like_level[posts.account] + effects.like_quality * quality + shocks.rate[cell]
    reactions = impressions * np.exp(level + effects.rate_sd * heavy_tailed(rng, count))
    clicks = np.exp(
        np.log(6.0)
        + cast.click_level[posts.account]
        + effects.click_elasticity * (audience - np.log(1000.0))
        + effects.click_quality * quality
        + effects.click_sd * heavy_tailed(rng, count)
    )
    expected = {name: reactions * share for name, share in _REACTION_SHARES.items()} | {
        "bookmark_count": reactions * 0.09,
        "link_click_count": clicks * posts.has_link,
        "profile_click_count": impressions * 0.008,
        "detail_expand_count": impressions * 0.012,
        "new_follow_count": impressions * 0.0004,
    }
    finals = np.stack([impressions, *(rng.poisson(expected[name]) for name in METRICS[1:])]).astype(np.int64)
    finals[1:9] = np.minimum(finals[1:9], finals[0])
    finals[:, posts.kind == REPOST] = 0
    return finals


def share_arrived(posts: Posts, rows: Integers, instant_ms: int | Integers) -> Floats:
    """Share of the final counts that has arrived at an instant, between 0 and 1, by row."""
    until = np.minimum(instant_ms, posts.superseded_ms[rows])
    age_hours = np.maximum(until - posts.created_ms[rows], 0) / HOUR_MS
    return np.asarray(-sum(share * np.expm1(-age_hours / delay) for share, delay in ARRIVALS))


def counts_at(posts: Posts, finals: Integers, rows: Integers, instant_ms: int | Integers) -> Integers:
    """Counts of rows at an instant, shape (metrics, rows)."""
    return np.rint(finals[:, rows] * share_arrived(posts, rows, instant_ms)).astype(np.int64)
