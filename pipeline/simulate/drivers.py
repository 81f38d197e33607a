"""The two weekly drivers of every account: latent post quality and the appetite to post. Both are AR(1) by account."""

from dataclasses import dataclass

import numpy as np

from pipeline.simulate.effects import TrueEffects
from pipeline.simulate.world_calendar import Floats


@dataclass(frozen=True)
class Drivers:
    """Shape (accounts, weeks): `quality` in log points around each account's own level, `appetite` likewise."""

    quality: Floats
    appetite: Floats


def draw_drivers(rng: np.random.Generator, account_count: int, week_count: int, effects: TrueEffects) -> Drivers:
    """Weekly quality and appetite, stationary from the first week; accounts differ in how much and how long."""
    shape = (account_count, week_count)
    shocks = rng.normal(size=shape), rng.normal(size=shape)
    spread, persistence = effects.quality_sd_spread, effects.quality_persistence
    # The mean of the squares stays what it is without a spread.
    swing = effects.quality_sd * np.exp(spread * rng.normal(size=account_count) - spread**2)
    lasting = persistence + effects.persistence_spread * rng.uniform(-1, 1, account_count)
    return Drivers(
        quality=_autoregress(shocks[0], lasting) * swing[:, None],
        appetite=_autoregress(shocks[1], np.full(account_count, effects.volume_persistence)) * effects.volume_sd,
    )


def _autoregress(shocks: Floats, persistence: Floats) -> Floats:
    """AR(1) with unit variance out of unit-variance shocks, along the second axis; persistence by account."""
    out = np.empty_like(shocks)
    out[:, 0] = shocks[:, 0]
    scale = np.sqrt(1 - persistence**2)
    for week in range(1, shocks.shape[1]):
        out[:, week] = persistence * out[:, week - 1] + scale * shocks[:, week]
    return out
