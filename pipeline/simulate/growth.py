"""How followers and followings move, day by day, from a written formula.

For account i, customer focus s(i) and ISO week w, the weekly log growth of followers is

    y[i,w] = account_effect[i] + week_effect[w]
           + b_quality[s(i)] * quality[i,w-1]      (0 where week w-1 has no original post)
           + b_volume[s(i)]  * ln(1 + original_posts[i,w-1])
           + follow_back * follow_back_share[i] * follows_started[i,w] / followers[i,w]   (acting day by day)
           + spike[i,w] + purge[i,w] + noise[i,w]

`spike` is positive in the week of a viral post. `purge` is ln(1 - purge_share - purge_fake_share * fake_share[i]) on
one Wednesday for every account. Weeks before the first have no quality and no volume. Growth accrues evenly over
the days that end a week's knots (06:00 UTC), so that daily captures at that hour see whole weeks from Sunday to Sunday.

Followings: interpersonal accounts follow back, so theirs trail their followers at a fixed ratio; the others start a
few follows and bursts; spam-and-cull accounts follow daily for some days and then cut those who did not follow back.
"""

from dataclasses import dataclass

import numpy as np

from pipeline.simulate.calendar import Calendar, Flags, Floats
from pipeline.simulate.cast import Cast
from pipeline.simulate.drivers import Drivers
from pipeline.simulate.effects import TrueEffects
from pipeline.simulate.posts import Posts, count_originals

INTERPERSONAL = 1


@dataclass(frozen=True)
class Growth:
    """Paths at the daily knots, shape (accounts, days), and the parts of the formula, shape (accounts, weeks)."""

    log_followers: Floats
    following: Floats
    week_effect: Floats
    quality: Floats  # 0 where the week has no original post
    volume: Floats  # ln(1 + original posts)
    has_spike: Flags
    purge_week: int  # -1: none
    started: Floats  # follows started, by day


def grow(
    rng: np.random.Generator, cast: Cast, calendar: Calendar, drivers: Drivers, posts: Posts, effects: TrueEffects
) -> Growth:
    """Follower and following paths of all accounts."""
    weeks, days = calendar.week_of_day, calendar.day_count
    originals = count_originals(posts, cast, calendar)
    quality, volume = np.where(originals > 0, drivers.quality, 0.0), np.log1p(originals)
    week_effect = rng.normal(0, effects.week_effect_sd, calendar.week_count)
    weekly = cast.account_effect[:, None] + week_effect + _lagged_effect(cast, quality, volume, effects)
    daily = weekly[:, weeks] / 7 + rng.normal(0, effects.noise_sd / np.sqrt(7), (cast.size, days))
    has_spike = _add_spikes(rng, daily, posts, calendar, effects)
    purge_day = _purge_day(calendar)
    if purge_day >= 0:
        daily[:, purge_day] += np.log(1 - effects.purge_share - effects.purge_fake_share * cast.fake_share)
    started, culled = _draw_follows(rng, cast, days)
    log_followers = np.empty((cast.size, days))
    log_followers[:, 0] = np.log(cast.follower_start)
    weight = effects.follow_back * cast.follow_back_share
    for day in range(1, days):
        before = log_followers[:, day - 1]
        step = daily[:, day] + weight * started[:, day] * np.exp(-before)
        log_followers[:, day] = before + np.where(day > cast.start_day, step, 0.0)
    return Growth(
        log_followers=log_followers,
        following=_following_paths(rng, cast, log_followers, started, culled),
        week_effect=week_effect,
        quality=quality,
        volume=volume,
        has_spike=has_spike,
        purge_week=int(weeks[purge_day]) if purge_day >= 0 else -1,
        started=started,
    )


def _lagged_effect(cast: Cast, quality: Floats, volume: Floats, effects: TrueEffects) -> Floats:
    slope_quality = np.array(effects.quality_slopes())[cast.focus][:, None]
    slope_volume = np.array(effects.volume_slopes())[cast.focus][:, None]
    effect = slope_quality * quality + slope_volume * volume
    return np.hstack([np.zeros((len(effect), 1)), effect[:, :-1]])


def _add_spikes(
    rng: np.random.Generator, daily: Floats, posts: Posts, calendar: Calendar, effects: TrueEffects
) -> Flags:
    """Adds the viral growth to the two days after each viral post, within its week; returns the account-weeks."""
    has_spike = np.zeros((len(daily), calendar.week_count), bool)
    rows = np.flatnonzero(posts.is_viral)
    day = np.minimum(calendar.day_of(posts.created_ms[rows]), calendar.day_count - 3)
    size = rng.uniform(effects.spike_low, effects.spike_high, len(rows))
    for ahead, share in ((1, 0.7), (2, 0.3)):
        np.add.at(daily, (posts.account[rows], day + ahead), share * size)
        has_spike[posts.account[rows], calendar.week_of_day[day + ahead]] = True
    return has_spike


def _purge_day(calendar: Calendar) -> int:
    """A Wednesday a little after the middle, or -1 in a world too short for one."""
    if calendar.week_count < 8:
        return -1
    days = np.flatnonzero(calendar.week_of_day == int(calendar.week_count * 0.55))
    return int(days[2])


def _draw_follows(rng: np.random.Generator, cast: Cast, days: int) -> tuple[Floats, Floats]:
    """Follows started and cut per day, shape (accounts, days)."""
    following = cast.follower_start / cast.ratio
    burst = (rng.random((cast.size, days)) < 0.012) * 0.015 * following[:, None]
    started = np.floor(burst + rng.poisson(0.3, (cast.size, days)))
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


def _following_paths(
    rng: np.random.Generator, cast: Cast, log_followers: Floats, started: Floats, culled: Floats
) -> Floats:
    followers = np.exp(log_followers)
    trailing = np.hstack([followers[:, :1], followers[:, :-1]])
    wobble = 1 + 0.0005 * rng.normal(size=followers.shape)
    mutual = trailing / cast.ratio[:, None] * wobble
    base = (cast.follower_start / cast.ratio)[:, None]
    chosen = base + np.cumsum(started - culled, axis=1)
    is_mutual = ((cast.style == INTERPERSONAL) & ~cast.with_role("spam"))[:, None]
    return np.maximum(np.where(is_mutual, mutual, chosen), 0.0)
