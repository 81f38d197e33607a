"""The true effects of the demo world, so that a test or a reader can compare what the models find with what is so.

Constants only: how they act is written in `growth`, what they act on in `posts` and `metrics`. Sizes follow what real
accounts show: the follows that posts bring come on the day of the posts, quality lasts from week to week, and the
reactions to a handful of posts tell little of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

FOCUSES = ("b2b", "b2c", "both")


def _constant(**values: float) -> Mapping[str, float]:
    return MappingProxyType(values)


@dataclass(frozen=True)
class TrueEffects:
    """Every constant of the growth formula; growth is weekly log growth of followers.

    `b_quality` is growth per log point of a week's latent post quality, `b_volume` growth per unit of
    ln(1 + the week's originals and quotes), both by customer focus and over all the days on which the response comes.
    With the within-account spread of quality (about 0.3) and of volume (about 0.5) one typical swing of quality moves
    growth two to five times as much as one of volume.
    """

    b_quality: Mapping[str, float] = field(default_factory=lambda: _constant(b2b=0.014, b2c=0.010, both=0.012))
    b_volume: Mapping[str, float] = field(default_factory=lambda: _constant(b2b=0.0015, b2c=0.0030, both=0.0022))
    # Share of the response on the day of a post and on each day after it, days from 06:00 to 06:00 UTC.
    day_shares: tuple[float, ...] = (0.85, 0.08, 0.04, 0.03)
    next_week_share: float = 0.0  # of the response that waits, and comes evenly over the week after
    follow_back: float = 1.0  # growth per (follow-back share x follows started / followers)
    account_effect_mean: float = 0.001
    account_effect_sd: float = 0.003
    newcomer_bonus: float = 0.025
    unfollow_rate: float = 0.0004  # of all followers, a day
    posted_share: float = 0.7  # of an account's usual new followers, who come by its posts and with the luck of these
    week_effect_sd: float = 0.002
    noise_sd: float = 0.003  # besides the counting of single followers, which moves small accounts more
    quality_sd: float = 0.30
    quality_sd_spread: float = 0.2  # of its logarithm, from account to account
    quality_persistence: float = 0.5
    persistence_spread: float = 0.2  # accounts lie evenly within so much of it
    volume_sd: float = 0.35
    volume_persistence: float = 0.4
    reach_sd: float = 0.7  # of the luck of single posts in reach, in log points; heavy-tailed
    rate_sd: float = 0.55  # of the luck of single posts in reactions per impression; heavy-tailed
    click_sd: float = 0.6  # of the luck of single posts in link clicks
    news_rate: float = 0.08  # share of weeks in which news lift reach and growth, most of all in two industries
    news_growth: float = 0.006
    news_reach: float = 0.4
    boosted_share: float = 0.06  # of accounts that pay for reach in some weeks
    boost_growth: float = 0.008
    boost_reach: float = 1.1
    boost_rate: float = -0.3  # paid reach reacts less
    purge_share: float = 0.02  # of every account's followers, plus the next share times its fake share
    purge_fake_share: float = 0.06
    spike_rate: float = 0.004  # share of account-weeks with a viral post
    spike_low: float = 0.03
    spike_high: float = 0.12
    click_elasticity: float = 0.6  # of link clicks in followers: clicks grow slower than the audience
    like_quality: float = 0.8  # of engagement per impression in latent quality
    click_quality: float = 1.0  # of link clicks in latent quality

    def quality_slopes(self) -> list[float]:
        """b_quality in the order of FOCUSES."""
        return [self.b_quality[focus] for focus in FOCUSES]

    def volume_slopes(self) -> list[float]:
        """b_volume in the order of FOCUSES."""
        return [self.b_volume[focus] for focus in FOCUSES]
