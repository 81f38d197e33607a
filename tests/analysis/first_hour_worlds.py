"""Posts read about an hour after posting, in worlds where what the first hour tells is known."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa

FIRST_MONDAY = date(2026, 1, 5)


def draw_first_hours(
    accounts: int,
    posts: int,
    seed: int,
    *,
    boost: float = 0.0,
    appeal: float = 0.0,
    drift: float = 0.0,
    usual: float = 8.0,
    shock: float = 0.1,
    weeks: int = 52,
    own: int = 0,
) -> pa.Table:
    """Counts of reactions in the first hour and after it.

    `boost` is added to the log of what comes later where the first hour was above the middle of account and quarter;
    `appeal` is the spread of what both hours share; `drift` the growth of every account over all weeks, in logarithms.
    `shock` is the spread of what all posts of a week share: 0.1 is that of real accounts, whose weeks differ little.
    Accounts differ ninefold around the `usual` reactions of a first hour, and weekends draw half.
    """
    rng = np.random.default_rng(seed)
    count = accounts * posts
    account = np.repeat(np.arange(accounts), posts)
    week = np.sort(rng.integers(0, weeks, (accounts, posts)), axis=1).reshape(-1)
    is_weekend = rng.random(count) < 2 / 7
    level = np.log(usual) + rng.uniform(-1.1, 1.1, accounts)[account] + drift * week / weeks
    level += shock * rng.normal(0, 1, weeks)[week] - np.log(2) * is_weekend + appeal * rng.normal(0, 1, count)
    hours = rng.uniform(0.5, 1.5, count)
    early = rng.poisson(np.exp(level) * hours)
    block = account * 10 + (week.max() - week) // 13
    middles = np.array([np.median(early[block == number]) for number in block])
    # Most of what comes later is not known from what both hours share.
    later = rng.poisson(np.exp(level + np.log(10) + boost * (early > middles) + rng.normal(0, 0.5, count)))
    return pa.table(
        {
            "account_key": [f"x:{number:03d}" for number in account],
            "platform": ["x"] * count,
            "is_own": (account < own).tolist(),
            "week_start_date": pa.array([FIRST_MONDAY + timedelta(weeks=int(number)) for number in week]),
            "basis": ["per_impression"] * count,
            "log_response": np.log(early + later + 0.5) - 8,
            "early_reaction_count": early,
            "early_hours": hours,
            "total_reaction_count": early + later,
            "time__weekend": is_weekend.astype(np.int64),
        }
    )
