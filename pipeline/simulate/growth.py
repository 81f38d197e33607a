"""How followers move, day by day, from a written formula.

A day of growth d runs from its 06:00 UTC to the next, so that daily captures at that hour show whole days and whole
weeks. For account i, customer focus s(i) and day d of ISO week w, the expected log growth of followers is

    y[i,d] = (account_effect[i] + week_effect[w] + shock[i,w] - posted_growth[i]) / 7
           + sum over k of day_share[k] * response[i,d-k]
           + follow_back * follow_back_share[i] * follows_started[i,d] / followers[i,d]
           + spike[i,d] + purge[i,d] + noise[i,d]

    response[i,d] = sum over the originals and quotes p of day d of
        (posted_growth[i] * luck[p] + b_quality[s(i)] * quality[i,w] + b_volume[s(i)] * ln(1 + n[i,w])) / n[i,w]

with n the originals and quotes of the week and `luck` the luck of a post in reach, 1 on average. Over a week the luck
cancels, so that a week with posts gains b_quality * quality + b_volume * ln(1 + n), `day_share` of it on the day of the
posts; a week without posts has no response, and its posted_growth is not taken off. A share `next_week_share` of the
effects (not of posted_growth) can wait: it comes evenly over the week after.

`shock` is that of news and of paid reach, `spike` follows a viral post, `purge` is
ln(1 - purge_share - purge_fake_share * fake_share[i]) on one Wednesday for every account. New followers and lost ones
are whole numbers drawn around what y says, at least `unfollow_rate` of the followers lost a day: small accounts move by
chance more than large ones.
"""

from dataclasses import dataclass

import numpy as np

from pipeline.simulate.cast import Cast
from pipeline.simulate.drivers import Drivers
from pipeline.simulate.effects import TrueEffects
from pipeline.simulate.follows import draw_follows, following_paths
from pipeline.simulate.posts import Posts, count_originals, original_rows
from pipeline.simulate.shocks import Shocks
from pipeline.simulate.world_calendar import DAY_MS, HOUR_MS, KNOT_HOUR, Calendar, Flags, Floats, Integers

# Of the growth by a viral post, on its day and the days after.
SPIKE_SHARES = (0.63, 0.13, 0.15, 0.09)
# The logarithm of a whole number, and a hair more: whoever rounds its exponential down finds the number.
HAIR = 1e-12


@dataclass(frozen=True)
class Growth:
    """Paths at the daily knots, shape (accounts, days), and the parts of the formula, shape (accounts, weeks).

    `gained` and `lost` have a day more than the knots: column d is what moved between the knots d - 1 and d, the last
    what follows the last knot.
    """

    log_followers: Floats
    following: Floats
    gained: Floats
    lost: Floats
    week_effect: Floats
    shocks: Shocks
    quality: Floats  # 0 where the week has no original or quote
    volume: Floats  # ln(1 + originals and quotes)
    has_spike: Flags
    purge_week: int  # -1: none
    started: Floats  # follows started, by day


def grow(
    rng: np.random.Generator,
    cast: Cast,
    calendar: Calendar,
    drivers: Drivers,
    posts: Posts,
    shocks: Shocks,
    effects: TrueEffects,
) -> Growth:
    """Follower and following paths of all accounts."""
    days = calendar.day_count
    originals = count_originals(posts, cast, calendar)
    quality, volume = np.where(originals > 0, drivers.quality, 0.0), np.log1p(originals)
    week_effect = rng.normal(0, effects.week_effect_sd, calendar.week_count)
    # Column d ends at knot d: it is the day, and the week, that began at knot d - 1.
    week = calendar.week_of_day[np.maximum(np.arange(days + 1) - 1, 0)]
    posted = np.where(originals > 0, cast.posted_growth[:, None], 0.0)
    weekly = cast.account_effect[:, None] + week_effect + shocks.growth - posted
    effect = (
        np.array(effects.quality_slopes())[cast.focus][:, None] * quality
        + np.array(effects.volume_slopes())[cast.focus][:, None] * volume
    )
    weekly[:, 1:] += effects.next_week_share * effect[:, :-1]
    at_once = (1 - effects.next_week_share) * effect
    daily = weekly[:, week] / 7 + _responses(cast, calendar, posts, originals, at_once, effects)
    daily += rng.normal(0, effects.noise_sd / np.sqrt(7), (cast.size, days + 1))
    has_spike = _add_spikes(rng, daily, posts, calendar, effects)
    purge_day = _purge_day(calendar)
    purge = np.zeros((cast.size, days + 1))
    if purge_day >= 0:
        purge[:, purge_day] = effects.purge_share + effects.purge_fake_share * cast.fake_share
    started, culled = draw_follows(rng, cast, days)
    followers, gained, lost = _count(rng, cast, daily, purge, started, effects)
    log_followers = np.log(followers) + HAIR
    return Growth(
        log_followers=log_followers,
        following=following_paths(rng, cast, log_followers, started, culled),
        gained=gained,
        lost=lost,
        week_effect=week_effect,
        shocks=shocks,
        quality=quality,
        volume=volume,
        has_spike=has_spike,
        purge_week=int(week[purge_day]) if purge_day >= 0 else -1,
        started=started,
    )


def _responses(
    cast: Cast, calendar: Calendar, posts: Posts, originals: Floats, at_once: Floats, effects: TrueEffects
) -> Floats:
    """Expected log growth by posts, shape (accounts, days + 1), in the columns of `gained`."""
    rows = original_rows(posts)
    account, week = posts.account[rows], posts.week[rows]
    luck = np.where(posts.is_viral[rows], 1.0, np.exp(posts.reach[rows]))
    luck /= luck.mean() if len(rows) else 1.0
    by_post = (cast.posted_growth[account] * luck + at_once[account, week]) / originals[account, week]
    return _spread(account, _column_of(posts, calendar, rows), by_post, effects.day_shares, cast, calendar)


def _column_of(posts: Posts, calendar: Calendar, rows: Integers) -> Integers:
    """Column of the day of growth in which each post was made."""
    return (posts.created_ms[rows] - calendar.start_ms - KNOT_HOUR * HOUR_MS) // DAY_MS + 1


def _spread(
    account: Integers, column: Integers, size: Floats, shares: tuple[float, ...], cast: Cast, calendar: Calendar
) -> Floats:
    """Sizes summed by account and day, each over its day and the days after it; what lies beyond the end is lost."""
    out = np.zeros((cast.size, calendar.day_count + 1 + len(shares)))
    for later, share in enumerate(shares):
        np.add.at(out, (account, column + later), share * size)
    return out[:, : calendar.day_count + 1]


def _add_spikes(
    rng: np.random.Generator, daily: Floats, posts: Posts, calendar: Calendar, effects: TrueEffects
) -> Flags:
    """Adds the viral growth to the day of each viral post and the days after; returns the account-weeks."""
    has_spike = np.zeros((len(daily), calendar.week_count), bool)
    rows = np.flatnonzero(posts.is_viral)
    column = _column_of(posts, calendar, rows)
    size = rng.uniform(effects.spike_low, effects.spike_high, len(rows))
    for later, share in enumerate(SPIKE_SHARES):
        is_inside = column + later < daily.shape[1]
        account, day = posts.account[rows][is_inside], (column + later)[is_inside]
        np.add.at(daily, (account, day), share * size[is_inside])
        has_spike[account, calendar.week_of_day[day - 1]] = True
    return has_spike


def _purge_day(calendar: Calendar) -> int:
    """A Wednesday a little after the middle, or -1 in a world too short for one."""
    if calendar.week_count < 8:
        return -1
    days = np.flatnonzero(calendar.week_of_day == int(calendar.week_count * 0.55))
    return int(days[2])


def _count(
    rng: np.random.Generator, cast: Cast, daily: Floats, purge: Floats, started: Floats, effects: TrueEffects
) -> tuple[Floats, Floats, Floats]:
    """Followers at the knots, and those won and lost between them, as whole numbers."""
    days = started.shape[1]
    followers, gained, lost = np.empty((cast.size, days)), np.zeros(daily.shape), np.zeros(daily.shape)
    now = np.maximum(np.rint(cast.follower_start), 1.0)
    weight = effects.follow_back * cast.follow_back_share
    followers[:, 0] = now
    for day in range(1, days + 1):
        growth = daily[:, day] + weight * started[:, min(day, days - 1)] / now
        change, leaving = now * np.expm1(growth), now * effects.unfollow_rate
        is_alive = day > cast.start_day
        won = rng.poisson(np.maximum(change + leaving, 0.0)) * is_alive
        gone = rng.poisson(np.maximum(leaving, -change)) * is_alive + np.floor(now * purge[:, day])
        gained[:, day], lost[:, day] = won, np.minimum(gone, now + won - 1)
        now = now + gained[:, day] - lost[:, day]
        if day < days:
            followers[:, day] = now
    return followers, gained, lost
