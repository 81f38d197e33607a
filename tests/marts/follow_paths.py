"""Counts of made-up accounts whose way of following is known: eleven classes, three of which follow and cull, and four
kinds of innocents whose following rises and falls in waves all the same.
"""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

Paths = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]
DAYS = 180
FIRST_DAY = date(2026, 1, 1)
PURGE_DAYS = (40, 90, 140)
MISSING_SHARE = 0.03
COUNTS = {
    "weekly_cycles": 15,
    "biweekly_cycles": 15,
    "monthly_cycles": 15,
    "auto_follow_back": 20,
    "one_off_clean_up": 20,
    "event_follows": 20,
    "steady_followers": 20,
    "slow_decline": 10,
    "dormant": 10,
    "purged": 25,
    "same_day_churn": 5,
}
CYCLERS = ("weekly_cycles", "biweekly_cycles", "monthly_cycles")
# Innocent waves, each read on all days and on one day of the week.
LOOKALIKES_EACH = 20


def draw_snapshots(seed: int) -> list[dict[str, object]]:
    """Snapshot rows of all accounts; the class is in the account key, purged ones live on a platform of their own."""
    rng = np.random.default_rng(seed)
    rows: list[dict[str, object]] = []
    for name, count in COUNTS.items():
        platform = "mastodon" if name == "purged" else "x"
        for number in range(count):
            paths = PATHS[name](rng)
            days = np.flatnonzero(rng.random(DAYS) >= MISSING_SHARE)
            rows += _readings(f"{platform}:{name}_{number}", paths, days)
    return rows


def draw_lookalikes(seed: int) -> list[dict[str, object]]:
    """Snapshot rows of the innocents: `x:<kind>_daily_<n>`, and `x:<kind>_weekly_<n>` read once a week, any weekday."""
    rng = np.random.default_rng(seed)
    rows: list[dict[str, object]] = []
    for name, draw in LOOKALIKES.items():
        for number in range(LOOKALIKES_EACH):
            rows += _readings(f"x:{name}_daily_{number}", draw(rng), np.arange(DAYS))
            rows += _readings(f"x:{name}_weekly_{number}", draw(rng), np.arange(number % 7, DAYS, 7))
    return rows


def _readings(key: str, paths: Paths, days: npt.NDArray[np.int64]) -> list[dict[str, object]]:
    followers, following = paths
    return [
        {
            "account_key": key,
            "platform": key.split(":")[0],
            "date": FIRST_DAY + timedelta(days=int(day)),
            "follower_count": max(0, round(float(followers[day]))),
            "following_count": max(0, round(float(following[day]))),
            "status": "active",
        }
        for day in days
    ]


def _start(rng: np.random.Generator) -> tuple[float, float]:
    """Followers and accounts followed at the beginning, 300 to 8,000 each."""
    return tuple(np.exp(rng.uniform(np.log(300), np.log(8_000), 2)))


def _organic(rng: np.random.Generator, start: float) -> npt.NDArray[np.float64]:
    return start + np.cumsum(rng.poisson(0.001 * start, DAYS) - rng.poisson(0.0005 * start, DAYS))


def _everyday(rng: np.random.Generator) -> npt.NDArray[np.float64]:
    return rng.poisson(0.4, DAYS) - rng.poisson(0.2, DAYS).astype(float)


def _cycles(length: int, up: int, down: int) -> Callable[[np.random.Generator], Paths]:
    def draw(rng: np.random.Generator) -> Paths:
        followers, following = _start(rng)
        volume, share = max(60.0, rng.uniform(0.08, 0.20) * following), rng.uniform(0.05, 0.50)
        started, culled = np.zeros(DAYS), np.zeros(DAYS)
        for first in range(int(rng.integers(0, 5)), DAYS, length):
            started[first : first + up] = rng.poisson(volume / up, len(started[first : first + up]))
            rest = first + length - down
            culled[rest : rest + down] = rng.poisson((1 - share) * volume / down, len(culled[rest : rest + down]))
        gained = np.cumsum(rng.binomial(started.astype(int), share))
        return _organic(rng, followers) + gained, following + np.cumsum(started - culled + _everyday(rng))

    return draw


def _auto_follow_back(rng: np.random.Generator) -> Paths:
    followers, _ = _start(rng)
    path = _organic(rng, followers) + np.cumsum((rng.random(DAYS) < 0.02) * rng.uniform(0.01, 0.05, DAYS) * followers)
    return path, np.concatenate([path[:1], path[:-1]]) * rng.uniform(0.9, 1.1) + rng.normal(0, 2, DAYS)


def _one_off_clean_up(rng: np.random.Generator) -> Paths:
    followers, following = _start(rng)
    change = _everyday(rng) + rng.poisson(0.002 * following, DAYS)
    day = int(rng.integers(30, 150))
    change[day : day + 4] -= rng.uniform(0.08, 0.15) * following
    return _organic(rng, followers), following + np.cumsum(change)


def _event_follows(rng: np.random.Generator) -> Paths:
    """Follows of a hundred speakers at a conference now and then, hardly any unfollows."""
    followers, following = _start(rng)
    change = _everyday(rng)
    for day in rng.integers(5, 170, 4):
        change[day : day + 2] += rng.uniform(40, 120)
    return _organic(rng, followers), following + np.cumsum(change)


def _steady_followers(rng: np.random.Generator) -> Paths:
    followers, following = _start(rng)
    return _organic(rng, followers), following + np.cumsum(rng.poisson(0.004 * following, DAYS) + _everyday(rng))


def _slow_decline(rng: np.random.Generator) -> Paths:
    followers, following = _start(rng)
    return _organic(rng, followers), following - np.cumsum(rng.poisson(0.003 * following, DAYS))


def _dormant(rng: np.random.Generator) -> Paths:
    followers, following = _start(rng)
    return _organic(rng, followers), np.full(DAYS, following)


def _purged(rng: np.random.Generator) -> Paths:
    """Steady following; three times the platform removes 3 % of the followers and 8 % of the accounts followed."""
    followers, following = _start(rng)
    path, followed = _organic(rng, followers), following + np.cumsum(rng.poisson(0.003 * following, DAYS))
    for day in PURGE_DAYS:
        path[day:] *= 0.97
        followed[day:] *= 0.92
    return path, followed


def _same_day_churn(rng: np.random.Generator) -> Paths:
    """Follows and culls of equal size on every day: net counts hardly move."""
    followers, following = _start(rng)
    volume = 0.02 * following
    return _organic(rng, followers) + np.cumsum(rng.poisson(0.2 * volume, DAYS)), following + np.cumsum(
        rng.poisson(volume, DAYS) - rng.poisson(volume, DAYS).astype(float)
    )


def _giveaway_waves(rng: np.random.Generator) -> Paths:
    """Follows back by rule: four to seven giveaways bring followers in days, and most leave within three weeks.

    The following is that of the followers a day to a week before.
    """
    followers, _ = _start(rng)
    waves = np.zeros(DAYS)
    for first in rng.integers(3, DAYS - 15, int(rng.integers(4, 8))):
        size, kept, leaving = rng.uniform(0.08, 0.25) * followers + 60, rng.uniform(0.0, 0.3), int(rng.integers(4, 20))
        waves[first : first + 3] += size / 3
        start = first + 3 + int(rng.integers(2, 15))
        waves[start : start + leaving] -= size * (1 - kept) / leaving
    path, lag = _organic(rng, followers) + np.cumsum(waves), int(rng.integers(1, 8))
    return path, np.concatenate([np.full(lag, path[0]), path[:-lag]]) * rng.uniform(0.9, 1.1) + rng.normal(0, 2, DAYS)


def _two_clean_ups(rng: np.random.Generator) -> Paths:
    """Follows a little every day and drops a tenth to three tenths of the list, those who fell silent, twice."""
    followers, following = _start(rng)
    change = _everyday(rng) + rng.poisson(rng.uniform(0.002, 0.006) * following, DAYS)
    for day in rng.choice(np.arange(20, DAYS - 5), 2, replace=False):
        change[day : day + 4] -= rng.uniform(0.1, 0.3) * following / 4
    return _organic(rng, followers), following + np.cumsum(change)


def _conferences(count: int) -> Callable[[np.random.Generator], Paths]:
    """Follows 80 to 200 people of each conference, a fifth of whom follow back, and thins them out weeks later."""

    def draw(rng: np.random.Generator) -> Paths:
        followers, _ = _start(rng)
        following, change = rng.uniform(300, 1200), _everyday(rng)
        room = (DAYS - 15) // count
        for number in range(count):
            first = number * room + int(rng.integers(2, 15))
            size, thinned = rng.uniform(80, 200), first + int(rng.integers(8, room - 15))
            change[first : first + 3] += size / 3
            change[thinned : thinned + 4] -= rng.uniform(0.5, 0.9) * size / 4
        gained = np.cumsum(rng.binomial(np.maximum(change, 0).astype(int), 0.2))
        return _organic(rng, followers) + gained, following + np.cumsum(change)

    return draw


LOOKALIKES: dict[str, Callable[[np.random.Generator], Paths]] = {
    "giveaway_waves": _giveaway_waves,
    "two_clean_ups": _two_clean_ups,
    "two_conferences": _conferences(2),
    "three_conferences": _conferences(3),
}
PATHS: dict[str, Callable[[np.random.Generator], Paths]] = {
    "weekly_cycles": _cycles(7, 4, 2),
    "biweekly_cycles": _cycles(14, 8, 3),
    "monthly_cycles": _cycles(30, 14, 5),
    "auto_follow_back": _auto_follow_back,
    "one_off_clean_up": _one_off_clean_up,
    "event_follows": _event_follows,
    "steady_followers": _steady_followers,
    "slow_decline": _slow_decline,
    "dormant": _dormant,
    "purged": _purged,
    "same_day_churn": _same_day_churn,
}
