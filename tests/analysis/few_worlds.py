"""Weeks of a few accounts with a known truth, in the shape of the rows that a model of growth may use."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from pipeline.analysis.growth.specifications import Specification

SPECIFICATION = Specification(
    "same_and_previous_week",
    "growth_rate",
    {
        "quality_same_week": "quality_same",
        "quality_previous_week": "quality_lag",
        "volume_same_week": "volume_same",
        "volume_previous_week": "volume_lag",
        "following_change_previous_week": "following_change_lag",
        "follower_level": "follower_level_lag",
    },
)
QUALITY, VOLUME = 0.01, 0.005


def persist(rng: np.random.Generator, shape: tuple[int, int], share: float) -> np.ndarray:
    """Series of unit variance, each value a share of the one before."""
    steps = rng.normal(0, 1, shape)
    values = steps.copy()
    for week in range(1, shape[1]):
        values[:, week] = share * values[:, week - 1] + np.sqrt(1 - share**2) * steps[:, week]
    return values


def draw_weeks(
    rng: np.random.Generator,
    accounts: int,
    weeks: int,
    *,
    shock: float = 0.004,
    common_quality: float = 0.5,
    unlike: float = 0.5,
    missed: float = 0.0,
    noise: float = 0.01,
) -> pa.Table:
    """Most of the response in the same week; a shock moves everybody's growth and, by `common_quality`, quality too.

    `unlike` is how far the accounts' own effects lie apart, as a share of their mean.
    """
    shape = (accounts, weeks + 1)
    common = persist(rng, (1, shape[1]), 0.3)
    quality = 0.5 * persist(rng, shape, 0.3) + common_quality * common
    volume, following = 0.5 * persist(rng, shape, 0.3), rng.normal(0, 0.01, shape)
    effects = QUALITY * (1 + unlike * rng.normal(0, 1, (accounts, 1)))
    growth = rng.normal(0, 0.004, (accounts, 1)) + shock * common + noise * rng.normal(0, 1, shape)
    growth[:, 1:] += effects * (0.8 * quality[:, 1:] + 0.2 * quality[:, :-1]) + VOLUME * volume[:, 1:]
    account, week = (part.ravel() for part in np.indices((accounts, weeks)))
    kept = rng.random(len(account)) >= missed
    account, week = account[kept], week[kept] + 1
    monday = date(2026, 1, 5)
    return pa.table(
        {
            "account_key": [f"x:{number}" for number in account],
            "week_start_date": [monday + timedelta(weeks=int(number)) for number in week],
            "growth_rate": growth[account, week],
            "quality_same": quality[account, week],
            "quality_lag": quality[account, week - 1],
            "volume_same": volume[account, week],
            "volume_lag": volume[account, week - 1],
            "following_change_lag": following[account, week - 1],
            "follower_level_lag": 8 + np.cumsum(growth, axis=1)[account, week - 1],
        }
    )
