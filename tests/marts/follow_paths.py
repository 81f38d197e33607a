"""Daily counts of made-up accounts whose way of following is known: ten classes, three of which follow and cull."""

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


def draw_snapshots(seed: int) -> list[dict[str, object]]:
    """Snapshot rows of all accounts; the class is in the account key, purged ones live on a platform of their own."""
    rng = np.random.default_rng(seed)
    rows = []
    for name, count in COUNTS.items():
        platform = "mastodon" if name == "purged" else "x"
        for number in range(count):
            followers, following = PATHS[name](rng)
            kept = rng.random(DAYS) >= MISSING_SHARE
            for day in np.flatnonzero(kept):
                rows.append(
                    {
                        "account_key": f"{platform}:{name}_{number}",
                        "platform": platform,
                        "date": FIRST_DAY + timedelta(days=int(day)),
                        "follower_count": max(0, round(float(followers[day]))),
                        "following_count": max(0, round(float(following[day]))),
                        "status": "active",
                    }
                )
    return rows


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
