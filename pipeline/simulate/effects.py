"""The true effects of the demo world, so that a test or a reader can compare what the models find with what is so.

Constants only: how they act is written in `growth`, what they act on in `posts` and `metrics`.
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

    `b_quality` is growth per log point of last week's latent post quality, `b_volume` growth per unit of
    ln(1 + last week's original posts), both by customer focus. With the within-account spread of quality (about 0.5)
    and of volume (about 0.45) one typical swing of quality moves growth three to eight times as much as one of volume.
    """

    b_quality: Mapping[str, float] = field(default_factory=lambda: _constant(b2b=0.012, b2c=0.008, both=0.010))
    b_volume: Mapping[str, float] = field(default_factory=lambda: _constant(b2b=0.0015, b2c=0.0030, both=0.0022))
    follow_back: float = 1.0  # growth per (follow-back share x follows started / followers)
    account_effect_mean: float = 0.001
    account_effect_sd: float = 0.003
    newcomer_bonus: float = 0.025
    week_effect_sd: float = 0.002
    noise_sd: float = 0.006
    quality_sd: float = 0.5
    # At 0.4 next week's measured quality still tells of last week's: a lead placebo then rejects (t about 3) though
    # nothing runs backwards. At 0.1 it does not.
    quality_persistence: float = 0.1
    volume_sd: float = 0.35
    volume_persistence: float = 0.4
    purge_share: float = 0.02  # of every account's followers, plus the next share times its fake share
    purge_fake_share: float = 0.06
    spike_rate: float = 0.004  # share of account-weeks with a viral post
    spike_low: float = 0.06
    spike_high: float = 0.20
    click_elasticity: float = 0.6  # of link clicks in followers: clicks grow slower than the audience
    like_quality: float = 0.8  # of engagement per impression in latent quality
    click_quality: float = 1.0  # of link clicks in latent quality

    def quality_slopes(self) -> list[float]:
        """b_quality in the order of FOCUSES."""
        return [self.b_quality[focus] for focus in FOCUSES]

    def volume_slopes(self) -> list[float]:
        """b_volume in the order of FOCUSES."""
        return [self.b_volume[focus] for focus in FOCUSES]
