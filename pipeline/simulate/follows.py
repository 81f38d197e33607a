"""Whom the accounts follow: bursts of the ordinary ones, waves and culls of the spam accounts, follows back."""

import numpy as np

from pipeline.simulate.cast import Cast
from pipeline.simulate.world_calendar import Floats

INTERPERSONAL = 1
# A day, of all that an account follows: about 12 % a year, so that neither small nor large accounts change their style.
STEADY_RATE = 0.0003
BURST_DAYS, BURST_SIZE = 0.012, 0.015


def draw_follows(rng: np.random.Generator, cast: Cast, days: int) -> tuple[Floats, Floats]:
    """Follows started and cut per day, shape (accounts, days)."""
    following = cast.follower_start / cast.ratio
    burst = (rng.random((cast.size, days)) < BURST_DAYS) * BURST_SIZE * following[:, None]
    started = np.floor(burst + rng.poisson(STEADY_RATE * following[:, None], (cast.size, days)))
    started[cast.style == INTERPERSONAL] = 0.0
    culled = np.zeros((cast.size, days))
    for account in np.flatnonzero(cast.with_role("spam")):
        started[account], culled[account] = _saw_tooth(rng, days, following[account], cast.follow_back_share[account])
    return started, culled


def _saw_tooth(rng: np.random.Generator, days: int, following: float, share: float) -> tuple[Floats, Floats]:
    """Daily follows and cuts: up for 6 to 14 days at 4 % a day (at most 350), rest, cut the silent ones in 3 days."""
    started, culled = np.zeros(days), np.zeros(days)
    day = int(rng.integers(0, 10))
    while day < days:
        length = int(rng.integers(6, 15))
        step = min(0.04 * following, 350.0)
        started[day : day + length] = np.floor(step * rng.uniform(0.8, 1.2, len(started[day : day + length])))
        cut = np.floor((1 - share) * started[day : day + length].sum() / 3)
        rest = day + length + int(rng.integers(1, 5))
        culled[rest : rest + 3] = cut
        day = rest + 3 + int(rng.integers(0, 4))
    return started, culled


def following_paths(
    rng: np.random.Generator, cast: Cast, log_followers: Floats, started: Floats, culled: Floats
) -> Floats:
    """Accounts followed at the daily knots, shape (accounts, days)."""
    followers = np.exp(log_followers)
    trailing = np.hstack([followers[:, :1], followers[:, :-1]])
    wobble = 1 + 0.0005 * rng.normal(size=followers.shape)
    mutual = trailing / cast.ratio[:, None] * wobble
    base = (cast.follower_start / cast.ratio)[:, None]
    chosen = base + np.cumsum(started - culled, axis=1)
    is_mutual = ((cast.style == INTERPERSONAL) & ~cast.with_role("spam"))[:, None]
    return np.maximum(np.where(is_mutual, mutual, chosen), 0.0)
